/* net/joint/glance_focus_priv.h - what the glance and the focus share: the layers of
 * encoder and decoder. */
#ifndef ASK_NET_JOINT_GLANCE_FOCUS_PRIV_H
#define ASK_NET_JOINT_GLANCE_FOCUS_PRIV_H

#include "net/joint/glance_focus.h"

/* One building of the network. */
typedef struct {
    ask_graph *g;
    const ask_glance_focus *net;
    ask_dropping *dropping; // or NULL
} glance_focus_build;

/* Items that an attention looks at, and which of them it may. */
typedef struct {
    ask_tensor *states; // [B, N, C]
    ask_tensor *mask;   // bool [B, N], true = may be looked at; NULL: all
    ask_tensor *added;  // f32 [B, N], added to logits; NULL: nothing
} glance_focus_items;

/* Those at begin .. end. */
glance_focus_items glance_focus_part(ask_graph *g, const glance_focus_items *all,
                                     int64_t begin, int64_t end);

/* queries: [B, Tq, C] -> [B, Tq, C], from what is looked at; trace may be NULL. */
ask_tensor *glance_focus_attend(const glance_focus_build *b, const ask_packed_attention *a,
                                ask_tensor *queries, const glance_focus_items *seen,
                                const char *trace);

/* All layers of the encoder.  items->states -> [B, N, C] */
ask_tensor *glance_focus_encode(const glance_focus_build *b,
                                const glance_focus_items *items);

/* What the decoder works on: the slots' queries, then the question's. */
typedef struct {
    ask_tensor *states;  // [B, Q + 1, C]; zeros at first
    ask_tensor *queries; // [Q + 1, C], added wherever it asks, never to what it says
} glance_focus_asking;

glance_focus_asking glance_focus_ask(const glance_focus_build *b, int64_t batch);

/* The beginning of a decoder layer: the queries look at one another. */
void glance_focus_consult(const glance_focus_build *b, glance_focus_asking *a,
                          const ask_glance_decoder_layer *l);

/* They look at something; which norm stands behind it. */
void glance_focus_look(const glance_focus_build *b, glance_focus_asking *a,
                       const ask_glance_decoder_layer *l, const glance_focus_items *seen,
                       const ask_norm *norm);

/* The end of a decoder layer. */
void glance_focus_think(const glance_focus_build *b, glance_focus_asking *a,
                        const ask_glance_decoder_layer *l);

/* [B, N, ...] as the reference has it: [N, B, ...], under that name. */
void glance_focus_trace(ask_graph *g, ask_tensor *x, const char *name);

#endif
