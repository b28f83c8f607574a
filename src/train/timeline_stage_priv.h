/* train/timeline_stage_priv.h - the stages of a training of Timeline, each a row: what of a
 * clip it takes, what is trained, which losses there are.
 *
 *     pictures -> cells -> sights -> glance -> memory -> focus
 *
 * A stage begins where its inputs are, and goes as far as what it trains. */
#ifndef ASK_TRAIN_TIMELINE_STAGE_PRIV_H
#define ASK_TRAIN_TIMELINE_STAGE_PRIV_H

#include "train/timeline.h"
#include "train/timeline_batch_priv.h"

/* What a stage computes with its inputs; what it has none of is all NULL. */
typedef struct {
    ask_cells_seen cells;
    ask_timeline_memory memory; // of imagined ones the records alone
    ask_timeline_answered answered;
    ask_glimpse_truth glimpses; // of the sights
    ask_slot_truth slots;
} timeline_made;

typedef struct {
    const char *name;
    bool finds; // it is of train/timeline_finding_priv.h: no parts, no losses
    timeline_parts parts;
    ask_norm_use norms;
    const char *const *frozen; // NULL-ended
    double rate;
    int n_clips, n_frames; // of a batch; n_frames 0: those of the network
    const char *best_by;   // which metric says how good it is
    void (*losses)(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                   const timeline_inputs *in, const timeline_made *made);
} timeline_stage;

const timeline_stage *timeline_stage_of(ask_timeline_stage stage);

/* dropping: NULL in evaluation; then norms have their running statistics. */
void timeline_build(timeline_made *out, ask_graph *g, const ask_timeline *net,
                    const timeline_stage *stage, const timeline_inputs *in,
                    ask_dropping *dropping);

/* timeline_losses.c: the parts of the loss. */
void timeline_losses_cells(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                           const timeline_inputs *in, const timeline_made *made);
void timeline_losses_glance(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                            const timeline_inputs *in, const timeline_made *made);
void timeline_losses_focus(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                           const timeline_inputs *in, const timeline_made *made);
void timeline_losses_glance_focus(ask_train_loss *out, ask_graph *g,
                                  const ask_timeline_config *c, const timeline_inputs *in,
                                  const timeline_made *made);
/* Of an ablation: what happens is not told, and answers have to teach it. */
void timeline_losses_answers(ask_train_loss *out, ask_graph *g,
                             const ask_timeline_config *c, const timeline_inputs *in,
                             const timeline_made *made);
void timeline_losses_joint(ask_train_loss *out, ask_graph *g, const ask_timeline_config *c,
                           const timeline_inputs *in, const timeline_made *made);

#endif
