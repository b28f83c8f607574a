/* support/tiny_clip.h - a dual encoder of a few thousand parameters, and batches for it
 * that are made of random numbers: for tests of training.
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef SUPPORT_TINY_CLIP_H
#define SUPPORT_TINY_CLIP_H

#include "train/clip_task.h"

typedef struct {
    ask_backend *backend;
    ask_store *store;
    ask_arena *room;
    ask_clip clip;
    ask_clip_batch_size size;
    ask_clip_task *task;
    ask_trainer *trainer;
} tiny_clip;

/* What config.json of it says: 9 channels of 8 x 8 pixels, patches of 4, texts of 6 tokens
 * out of 12. */
extern const char tiny_clip_config[];

typedef struct {
    int64_t n_steps;
    double rate;
    bool one_batch;           // all steps have the batch of step 1
    int64_t bad_step;         // whose pixels are not finite; 0: none
    int64_t fails_step;       // that cannot be loaded; 0: none
    int n_coded;              // of its 5 texts
    int n_threads;            // 0: one
    const ask_cancel *cancel; // of a step that is under way; may be NULL
} tiny_clip_options;

/* opt is borrowed until close. False, with *err, without memory; close is due anyway. */
bool tiny_clip_open(tiny_clip *t, const tiny_clip_options *opt, ask_error *err);
void tiny_clip_close(tiny_clip *t);

/* All values of the store, one after the other, and how many bytes; freed by the caller. */
char *tiny_clip_state(const tiny_clip *t, size_t *n_bytes);

/* Random numbers, labels and weights for a step: an ask_clip_source of which user is the
 * tiny_clip_options. */
bool tiny_clip_fill(void *user, ask_clip_batch *b, int64_t step, ask_error *err);

#endif
