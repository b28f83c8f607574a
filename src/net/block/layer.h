/* net/block/layer.h - one layer of a transformer, and a stack of them.
 *
 * The norm stands before what it feeds (pre-norm), or behind the sum (post-norm):
 *
 *     x -> + attention(norm1(x)) -> + mlp(norm2(x)) ->
 *     x -> norm1(x + attention(x)) -> norm2(x + mlp(x)) ->
 *
 * After: Vaswani et al. 2017; Xiong et al. 2020, "On Layer Normalization in the Transformer
 * Architecture". */
#ifndef ASK_NET_BLOCK_LAYER_H
#define ASK_NET_BLOCK_LAYER_H

#include "net/block/attention.h"
#include "net/block/mlp.h"

/* What the parts of a layer are called. */
typedef struct {
    ask_attention_names attention;
    const char *norm1;
    ask_mlp_names mlp;
    const char *norm2;
} ask_layer_names;

/* The sizes of a stack, and the deviations that its weights begin with. */
typedef struct {
    int width, inner, n_layers, n_heads; // inner: width of the MLP
    ask_activation activation;
    double eps; // of the norms
    bool post_norm;
    const ask_layer_names *names;      // borrowed, for good
    double dropout, attention_dropout; // of what is added to x; of probabilities
    struct {
        double attention_in, attention_out, mlp_in, mlp_out;
    } init;
} ask_stack_config;

typedef struct {
    ask_norm norm1, norm2;
    ask_self_attention attention;
    ask_mlp mlp;
} ask_layer;

typedef struct {
    ask_layer *layers; // n_layers, in the arena of the parameters
    int n_layers;
    bool post_norm;
    double dropout, attention_dropout;
} ask_stack;

/* "<name>.<i>.<a name of the parts>" */
ASK_API void ask_stack_bind(ask_stack *out, ask_params *p, const char *name,
                            const ask_stack_config *config);

/* How a stack is built. */
typedef struct {
    bool causal;
    ask_tensor *mask;           // bool [B, 1, 1 or T, T], true = may look; or NULL
    const char *trace;          // what its traces begin with
    ask_dropping *dropping;     // or NULL
    const ask_packing *packing; // of x, whose rows the mask is of; or NULL
} ask_stack_view;

/* x: [B, T, C] -> [B, T, C].  With `trace` "vision.", names "vision.hidden_states.i" (what
 * goes into layer i, and at i = n_layers what comes out of the last) and
 * "vision.attentions.i" [B, H, T, T]. */
ASK_API ask_tensor *ask_stack_build(ask_graph *g, const ask_stack *s, ask_tensor *x,
                                    const ask_stack_view *view);

/* Work for one sequence of n tokens, each of which looks at `seen` on average; multiply and
 * add are counted as two. */
ASK_API double ask_stack_flops(const ask_stack_config *c, double n, double seen);

#endif
