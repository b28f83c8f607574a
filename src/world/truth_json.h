/* world/truth_json.h - the truth of a clip as JSON: schema askance.world.clip/1 of
 * docs/formats.md. The same clip gives the same bytes on every machine. */
#ifndef ASK_WORLD_TRUTH_JSON_H
#define ASK_WORLD_TRUTH_JSON_H

#include "world/clip.h"

#define ASK_WORLD_CLIP_SCHEMA "askance.world.clip/1"

/* Appends the document and a line end. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_world_clip_write(ask_str *out, const ask_world_clip *clip, ask_error *err);

#endif
