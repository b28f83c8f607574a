/* train/timeline_task_priv.h - a stage of Timeline as something to be trained: its batches
 * and its losses. */
#ifndef ASK_TRAIN_TIMELINE_TASK_PRIV_H
#define ASK_TRAIN_TIMELINE_TASK_PRIV_H

#include "train/timeline_player_priv.h"
#include "train/timeline_stage_priv.h"

typedef struct timeline_task timeline_task;

/* What is given outlives the task. Batch b is of the clips (b - 1) B to b B - 1 of the
 * player's split: no clip ever comes again. Fails as timeline_player_open does. */
timeline_task *timeline_task_open(const ask_timeline *net, const timeline_stage *stage,
                                  const timeline_player_options *player, ask_error *err);
void timeline_task_close(timeline_task *t); // after its trainer; NULL is fine

/* For ask_trainer_open. */
ask_train_task timeline_task_of(timeline_task *t);

#endif
