/* world/moment.h - when in a clip a phrase is so, as the files tell it.
 *
 * A file has no "unclear". A toy counts from the frame on in which at least half of it can
 * be seen; an event lasts from its first frame to its last. A toy that is gone for
 * a quarter of a second, as in a blink, was there all the time; an event that comes again
 * as soon is another one. */
#ifndef ASK_WORLD_MOMENT_H
#define ASK_WORLD_MOMENT_H

#include "world/phrase.h"

/* A scene and all its frames as they are seen; both borrowed. */
typedef struct {
    const ask_scene *scene;
    const ask_scene_view *views; // [scene->n_frames]
} ask_world_seen;

typedef struct {
    int begin, end; // frames [begin, end); equal: never
} ask_world_moment;

enum { ASK_MOMENT_BRIDGED_FRAMES = 3, ASK_MOMENT_JUDGED_PERCENT = 30 };

typedef struct {
    ask_world_moment moment; // from the first frame where it holds to the last
    int n_runs;              // 0: it never holds; 1: the moment is all of it
    bool is_clear;           // there is no frame in which it is neither so nor not so
} ask_world_when;

ASK_API ask_world_when ask_world_when_holds(ask_world_seen seen, ask_phrase p);

/* Whether a moment can tell looking from guessing: it is there, and at most
 * ASK_MOMENT_JUDGED_PERCENT of the clip. */
ASK_API bool ask_world_is_judged(ask_world_moment m, int n_frames);

#endif
