/* net/joint/glance_focus_loss.h - what Glance-Focus is taught.
 *
 *     qa     the answer
 *     with event labels (supervised)
 *       cls    the class of the slot that is matched with an event
 *       l1     its span
 *     without (unsupervised)
 *       cls    slots together are of many classes
 *       cert   each slot is of one class
 *       giou   slots do not lie on one another
 *
 * Every loss is a scalar over what counts: questions, or videos, or matched pairs of the
 * batch. So that batches can be made of parts, each comes as a sum and how many there are;
 * the loss is sum / max(count, 1).
 * After: Bai et al. 2023; matching: Carion et al. 2020; Rezatofighi et al. 2019,
 * "Generalized Intersection over Union". */
#ifndef ASK_NET_JOINT_GLANCE_FOCUS_LOSS_H
#define ASK_NET_JOINT_GLANCE_FOCUS_LOSS_H

#include "net/joint/glance_focus.h"

typedef struct {
    ask_tensor *sum;   // a scalar
    ask_tensor *count; // a scalar of no gradient: how many the sum is over
} ask_loss_part;

/* sum / max(count, 1) */
ASK_API ask_tensor *ask_loss_mean(ask_graph *g, const ask_loss_part *part);

/* ---- the answer ---- */

/* answer: as ask_focus has it. labels: i64 [n], of options, answers, or places in the order
 * of slots (ask_gather of rank with what ask_match_events gives), with -1 where nothing is
 * known; with ASK_ANSWER_COUNT f32 [n] with NaN there. Cross-entropy; for counts
 * the squared difference. Counted: questions with a label. */
ASK_API void ask_qa_loss(ask_loss_part *out, ask_graph *g, ask_answer_head head,
                         ask_tensor *answer, ask_tensor *labels);

/* ---- with event labels ---- */

/* M events of each video at most, M <= Q; those from counts[b] on are none. */
typedef struct {
    ask_tensor *spans;   // [B, M, 2], in the same two numbers as the network's
    ask_tensor *classes; // i64 [B, M]
    ask_tensor *counts;  // i64 [B]
} ask_event_targets;

typedef struct {
    double cost_l1, cost_class; // of a pair, in matching: 1, 1
    double background;          // weight of the last class: 0.1
} ask_matching;

/* Which slot each event is matched with: the assignment of least sum of
 * cost_l1 |span - target| - cost_class p(class). -> i64 [B, M]; 0 for what is no event. No
 * gradient. */
ASK_API ask_tensor *ask_match_events(ask_graph *g, const ask_glance *glance,
                                     const ask_event_targets *targets,
                                     const ask_matching *how);

/* Cross-entropy of matched pairs, each with the weight of its class; counted: pairs, not
 * their weights. match: of ask_match_events. */
ASK_API void ask_event_class_loss(ask_loss_part *out, ask_graph *g,
                                  const ask_glance *glance,
                                  const ask_event_targets *targets, ask_tensor *match,
                                  double background);

/* |span - target|, summed over pairs and both numbers; counted: numbers. */
ASK_API void ask_event_span_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance,
                                 const ask_event_targets *targets, ask_tensor *match);

/* ---- without; all counted in videos ---- */

/* sum over classes of p log(p + 1e-6), with p the mean of a video's slots */
ASK_API void ask_diversity_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance);
/* the mean over slots of their entropy, with the same logarithm */
ASK_API void ask_certainty_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance);
/* the generalised IoU of pairs of slots, summed over pairs and divided by Q^2 */
ASK_API void ask_overlap_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance);

#endif
