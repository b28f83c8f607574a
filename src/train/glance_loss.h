/* train/glance_loss.h - the losses of Glance-Focus for a batch. */
#ifndef ASK_TRAIN_GLANCE_LOSS_H
#define ASK_TRAIN_GLANCE_LOSS_H

#include "train/glance_batch.h"
#include "train/glance_task.h"

/* The network on a batch. */
typedef struct {
    ask_glance glance;
    ask_focus focus;
} ask_glance_output;

ASK_API void ask_glance_build_all(ask_glance_output *out, ask_graph *g,
                                  const ask_glance_focus *net, const ask_glance_inputs *in,
                                  ask_dropping *dropping);

/* Labels of the answers: those of the batch; of moments the place, in the order of slots,
 * of the slot that has the greatest IoU with a true moment, -1 where there is none. */
ASK_API ask_tensor *ask_glance_labels(ask_graph *g, const ask_glance *glance,
                                      const ask_glance_inputs *in);

/* Adds the parts "qa", "cls" and "l1", or "qa", "cls", "giou" and "cert", as sums; with
 * moments as answers, "l1" of their spans behind "cls" in either case. */
ASK_API void ask_glance_loss_build(ask_train_loss *out, ask_graph *g,
                                   const ask_glance_output *of, const ask_glance_inputs *in,
                                   const ask_glance_task_options *how);

#endif
