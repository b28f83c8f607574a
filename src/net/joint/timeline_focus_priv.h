/* net/joint/timeline_focus_priv.h - the parts of Timeline's focus.
 *
 * B videos, Q questions of each, L tokens and the answer's vector behind them, S slots, C
 * the width. */
#ifndef ASK_NET_JOINT_TIMELINE_FOCUS_PRIV_H
#define ASK_NET_JOINT_TIMELINE_FOCUS_PRIV_H

#include "net/joint/timeline_priv.h"

/* The deviation of a matrix whose product is added to a stream, in a network that adds
 * n_added times. */
double timeline_added_deviation(int64_t n_in, int64_t n_out, int n_added);

/* ---- slots ---- */

void timeline_slots_bind(ask_timeline_focus *out, ask_params *p);
/* records: [B, S, record] -> [B, S, C] */
ask_tensor *timeline_slots_build(ask_graph *g, const ask_timeline_focus *net,
                                 ask_tensor *records);

/* ---- layers ---- */

/* What all layers are given. */
typedef struct {
    ask_graph *g;
    ask_dropping *dropping; // or NULL
    double dropout;
    int n_heads, n_counters;
    int64_t n_videos, n_tokens;
    const ask_packing *packing; // of the B Q texts with their answers' vectors; or NULL
    ask_tensor *text_mask;      // bool [B Q, 1, 1, L + 1]
    ask_tensor *memory;         // [B, S, C], normed
    ask_tensor *memory_mask;    // bool [B, 1, 1, S], or NULL
    ask_tensor *confidence;     // [B, 1, 1, S]; 0 where there is no slot
} timeline_focusing;

void timeline_focus_layer_bind(ask_timeline_focus_layer *out, ask_params *p,
                               const ask_timeline_config *c, int i);

/* x: [B Q, L + 1, C], or as the packing has it -> the same; counted: [B, Q, S], logits, of
 * the first counter, or NULL where the layer has none */
ask_tensor *timeline_focus_layer_build(const timeline_focusing *f,
                                       const ask_timeline_focus_layer *l, ask_tensor *x,
                                       ask_tensor **counted, const char *trace);

/* The same, of the answers' vectors alone -> [B Q, 1, C] */
ask_tensor *timeline_focus_last_layer_build(const timeline_focusing *f,
                                            const ask_timeline_focus_layer *l,
                                            ask_tensor *x, ask_tensor **counted,
                                            const char *trace);

#endif
