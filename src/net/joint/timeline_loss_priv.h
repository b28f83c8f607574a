/* net/joint/timeline_loss_priv.h - means over what is told. */
#ifndef ASK_NET_JOINT_TIMELINE_LOSS_PRIV_H
#define ASK_NET_JOINT_TIMELINE_LOSS_PRIV_H

#include "net/joint/timeline_loss.h"

/* sum / weight; 0 where nothing weighs, which the sum then is too. */
ask_tensor *timeline_mean_of(ask_graph *g, ask_tensor *sum, ask_tensor *weight);

/* Cross-entropy where labels are told. logits: [R, n], labels: i64 [R], -1: not told;
 * weights: [n], of classes, or NULL */
ask_tensor *timeline_kind_loss(ask_graph *g, ask_tensor *logits, ask_tensor *labels,
                               ask_tensor *weights);

/* Mean absolute difference of rows that count. x, y: [R, n], counts: f32 [R, 1] */
ask_tensor *timeline_distance_loss(ask_graph *g, ask_tensor *x, ask_tensor *y,
                                   ask_tensor *counts);

#endif
