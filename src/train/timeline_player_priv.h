/* train/timeline_player_priv.h - plays clips of the playroom into batches of Timeline. */
#ifndef ASK_TRAIN_TIMELINE_PLAYER_PRIV_H
#define ASK_TRAIN_TIMELINE_PLAYER_PRIV_H

#include "model/preprocess.h"
#include "train/timeline_batch_priv.h"

typedef struct {
    timeline_size size; // of the batches
    ask_scene_style style;
    ask_split split;
    uint64_t seed;
    double noise; // of what is imagined, as a share of what is usual
    const ask_preprocess *preprocess;
    const ask_tokenizer *tokenizer;
} timeline_player_options;

/* One thread at a time. */
typedef struct timeline_player timeline_player;

/* What is given outlives it. Fails as ask_playroom_pictures_open does. */
timeline_player *timeline_player_open(const timeline_player_options *opt, ask_error *err);
void timeline_player_close(timeline_player *p); // NULL is fine

/* Clips of the split from `first` on. A clip is shown whole; but one of eight, where it is
 * told what happens, only up to where something has just begun. With questions, it is then
 * asked what comes next, if that can be asked, and nothing else. A seed and the clip decide
 * all that is drawn. */
bool timeline_player_fill(timeline_player *p, timeline_batch *b, int64_t first,
                          ask_error *err);

/* The scene of a clip of the batch that was filled last, and up to where it is shown. */
const ask_scene *timeline_player_scene(const timeline_player *p, int clip, int *until);

#endif
