/* train/clip_scores.h - how often a dual encoder in training is right about frames, for
 * each kind of text apart. */
#ifndef ASK_TRAIN_CLIP_SCORES_H
#define ASK_TRAIN_CLIP_SCORES_H

#include "base/json_write.h"
#include "train/clip_batch.h"

/* Pairs of a text and a frame since the last clear: [which is true]. Start with {0}. */
typedef struct {
    int64_t n[ASK_N_CLIP_KINDS][2], n_right[ASK_N_CLIP_KINDS][2];
} ask_clip_scores;

/* logits: [F, T]; above 0 says that it is true. */
ASK_API void ask_clip_scores_add(ask_clip_scores *s, const ask_clip_batch *b,
                                 const float *logits);

/* Puts "accuracy": {"color": .., ..., "jumps": ..}: the mean of the shares that are right
 * of the true and of the other pairs, 0.5 for a guess; kinds that did not occur are absent.
 */
ASK_API void ask_clip_scores_put(ask_json_writer *w, const ask_clip_scores *s);

#endif
