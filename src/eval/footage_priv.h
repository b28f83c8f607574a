/* eval/footage_priv.h - which footage a calibration covers. */
#ifndef ASK_EVAL_FOOTAGE_PRIV_H
#define ASK_EVAL_FOOTAGE_PRIV_H

#include "base/arena.h"
#include "vqa/standard.h"

/* The frames of a clip as vectors of n_embed numbers; valid until the next call. */
typedef bool (*footage_fn)(void *user, ask_pictures *out, int64_t clip, ask_error *err);

typedef struct {
    void *user;
    footage_fn frames;
    int64_t n_clips;
    int n_embed;
} footage;

/* Sets mean, deviation (in the arena) and most_distance of a standard, as eval/calibrate.h
 * says; *median: of the distances of the clips. */
bool footage_cover(ask_standard *out, double *median, const footage *f, ask_arena *arena,
                   ask_error *err);

#endif
