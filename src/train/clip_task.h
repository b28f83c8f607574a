/* train/clip_task.h - a dual encoder as something to be trained: its batches, its loss, and
 * how well it does. */
#ifndef ASK_TRAIN_CLIP_TASK_H
#define ASK_TRAIN_CLIP_TASK_H

#include "train/clip_loss.h"
#include "train/loop.h"

typedef struct ask_clip_task ask_clip_task;

/* Where batches come from: fill is called on another thread, for one step after the other;
 * the same step always gets the same batch. */
typedef struct {
    bool (*fill)(void *user, ask_clip_batch *b, int64_t step, ask_error *err);
    void *user;
} ask_clip_source;

/* The network outlives the task. Adds the loss's own parameters to the store.
 */
ASK_API ask_clip_task *ask_clip_task_open(const ask_clip_towers *towers, ask_store *store,
                                          const ask_clip_batch_size *size,
                                          const ask_clip_loss_weights *weights,
                                          const ask_clip_source *source, ask_error *err);
ASK_API void ask_clip_task_close(ask_clip_task *t); // after its trainer; NULL is fine

/* For ask_trainer_open, and for ask_train_options. */
ASK_API ask_train_task ask_clip_task_of(ask_clip_task *t);
ASK_API ask_train_watch ask_clip_task_watch(ask_clip_task *t);

#endif
