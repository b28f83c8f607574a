/* op_build.h - every public op behind one signature, so that tests can list ops in tables.
 *
 * A builder takes its tensors in the order of the op's own arguments, NULL where an
 * optional one is absent, and what else the op needs in `arg`, whose type stands beside
 * each name. */
#ifndef TEST_OP_BUILD_H
#define TEST_OP_BUILD_H

#include "tensor/ops.h"

typedef ask_tensor *op_build(ask_graph *g, ask_tensor *const *in, const void *arg);

/* elementwise */
op_build build_add, build_sub, build_mul, build_div, build_maximum, build_minimum;
op_build build_affine; // double[2]: factor, offset
op_build build_exp, build_log, build_sqrt, build_relu, build_sigmoid, build_silu,
    build_tanh, build_sin, build_cos;
op_build build_pow;  // double
op_build build_gelu; // ask_gelu_kind
op_build build_less, build_equal, build_where;
op_build build_cast;         // ask_dtype
op_build build_cast_through; // ask_dtype: there and back to f32

/* shape */
typedef struct {
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
} shape_arg;
typedef struct {
    int axis;
    int64_t a, b; // slice: begin, end; pad: before, after; scatter_add: n in a
    double value; // pad
} axis_arg;
op_build build_reshape; // shape_arg
op_build build_expand;  // shape_arg
op_build build_permute; // int[]
op_build build_slice;   // axis_arg
op_build build_contiguous;
op_build build_concat; // axis_arg; all inputs up to the first NULL
op_build build_pad;    // axis_arg

/* reductions */
typedef struct {
    unsigned axes;
    bool keep_dims;
} reduce_arg;
op_build build_sum, build_mean; // reduce_arg
op_build build_max;             // reduce_arg, axes: the axis itself
op_build build_argmax;          // int
op_build build_top_k;           // int64_t

/* indexing */
op_build build_embedding;
op_build build_gather;      // axis_arg
op_build build_scatter_add; // axis_arg
op_build build_match;

/* products */
op_build build_matmul, build_matmul_t, build_linear;
op_build build_conv1d, build_conv2d, build_conv3d; // ask_conv_options
op_build build_attention; // ask_attention_options; in: q, k, v, mask, n_valid
op_build build_rope;      // ask_rope_kind; in: x, angles

/* normalisation */
op_build build_layer_norm, build_rms_norm, build_batch_norm; // double: eps
op_build build_batch_norm_train;                             // double[2]: momentum, eps
op_build build_weight_norm;
op_build build_l2_normalize; // double: eps
op_build build_softmax, build_log_softmax;

/* pictures */
typedef struct {
    int64_t height, width;
    ask_interpolate_options opt;
} interpolate_arg;
op_build build_interpolate;                                    // interpolate_arg
op_build build_max_pool2d, build_max_pool3d, build_avg_pool2d; // ask_pool_options
op_build build_adaptive_avg_pool2d;                            // int64_t[2]

/* losses */
op_build build_cross_entropy;   // ask_cross_entropy_options or NULL; in: x, labels, weight
op_build build_bce_with_logits; // ask_reduction, or NULL: mean; in: x, y, weight
op_build build_mse, build_clip_loss;
op_build build_cosine_similarity; // double: eps

/* training */
typedef struct {
    double p;
    uint64_t seed;
} dropout_arg;
op_build build_dropout; // dropout_arg
op_build build_assign, build_write_rows;
op_build build_adam_step;      // ask_adam_options; in: p, m, v, grad, lr, step
op_build build_sgd_step;       // ask_sgd_options; in: p, velocity, grad, lr
op_build build_clip_gradients; // double: max_norm; all results and the norm, flat

#endif
