/* world/caption.h - what a clip shows, in sentences. */
#ifndef ASK_WORLD_CAPTION_H
#define ASK_WORLD_CAPTION_H

#include "base/arena.h"
#include "world/moment.h"

typedef struct {
    const char *clip;                         // toys in order of appearance, then events
    const char *events[ASK_SCENE_MAX_EVENTS]; // of scene->events, in their order
} ask_world_captions;

/* Texts go to the arena. Fails: ASK_ERR_NOMEM; *out is then of no use. */
ASK_API bool ask_world_caption(ask_world_captions *out, const ask_scene *scene,
                               ask_arena *texts, ask_error *err);

#endif
