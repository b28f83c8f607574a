/* tensor/ops.h - the operations of graphs.
 *
 * Each adds a node and returns its result, or NULL once the graph has failed. Values are
 * f32 unless said otherwise. Axes may be negative (from the end). Elementwise ops broadcast
 * as in NumPy: shapes are aligned at the end and a size of 1 stretches. Every f32 result
 * has a gradient for its f32 sources unless said otherwise. */
#ifndef ASK_TENSOR_OPS_H
#define ASK_TENSOR_OPS_H

#include "tensor/graph.h"

/* ---- elementwise ---- */

ASK_API ask_tensor *ask_add(ask_graph *g, ask_tensor *a, ask_tensor *b);
ASK_API ask_tensor *ask_sub(ask_graph *g, ask_tensor *a, ask_tensor *b);
ASK_API ask_tensor *ask_mul(ask_graph *g, ask_tensor *a, ask_tensor *b);
ASK_API ask_tensor *ask_div(ask_graph *g, ask_tensor *a, ask_tensor *b);
ASK_API ask_tensor *ask_maximum(ask_graph *g, ask_tensor *a, ask_tensor *b);
ASK_API ask_tensor *ask_minimum(ask_graph *g, ask_tensor *a, ask_tensor *b);

/* factor * x + offset */
ASK_API ask_tensor *ask_affine(ask_graph *g, ask_tensor *x, double factor, double offset);
ASK_API ask_tensor *ask_scale(ask_graph *g, ask_tensor *x, double factor);

ASK_API ask_tensor *ask_exp(ask_graph *g, ask_tensor *x);
ASK_API ask_tensor *ask_log(ask_graph *g, ask_tensor *x); // natural
ASK_API ask_tensor *ask_sqrt(ask_graph *g, ask_tensor *x);
ASK_API ask_tensor *ask_pow(ask_graph *g, ask_tensor *x, double exponent);
ASK_API ask_tensor *ask_relu(ask_graph *g, ask_tensor *x);
ASK_API ask_tensor *ask_sigmoid(ask_graph *g, ask_tensor *x);
ASK_API ask_tensor *ask_silu(ask_graph *g, ask_tensor *x);
ASK_API ask_tensor *ask_tanh(ask_graph *g, ask_tensor *x);
ASK_API ask_tensor *ask_sin(ask_graph *g, ask_tensor *x); // x in radians
ASK_API ask_tensor *ask_cos(ask_graph *g, ask_tensor *x);

typedef enum {
    ASK_GELU_EXACT, // x * Phi(x); Hendrycks & Gimpel 2016
    ASK_GELU_TANH,  // the tanh approximation
    ASK_GELU_QUICK, // x * sigmoid(1.702 x)
} ask_gelu_kind;
ASK_API ask_tensor *ask_gelu(ask_graph *g, ask_tensor *x, ask_gelu_kind kind);

/* Comparisons of two tensors of one type (f32 or i64): bool results, no gradient. */
ASK_API ask_tensor *ask_less(ask_graph *g, ask_tensor *a, ask_tensor *b);
ASK_API ask_tensor *ask_equal(ask_graph *g, ask_tensor *a, ask_tensor *b);

/* condition (bool) ? a : b, all three broadcast. */
ASK_API ask_tensor *ask_where(ask_graph *g, ask_tensor *condition, ask_tensor *a,
                              ask_tensor *b);

/* Another type. From and to f32, f16, bf16, i32, i64, bool; to integers: towards zero; to
 * bool: not zero; from few bits to f32 only. Gradient only between the floating types. */
ASK_API ask_tensor *ask_cast(ask_graph *g, ask_tensor *x, ask_dtype type);

/* ---- shape: all but the last four are views, of any type ---- */

/* One size may be -1 and is then worked out. */
ASK_API ask_tensor *ask_reshape(ask_graph *g, ask_tensor *x, int n_dims,
                                const int64_t *shape);
ASK_API ask_tensor *ask_permute(ask_graph *g, ask_tensor *x,
                                const int *order); // n_dims of x
ASK_API ask_tensor *ask_transpose(ask_graph *g, ask_tensor *x, int axis_a, int axis_b);
ASK_API ask_tensor *ask_slice(ask_graph *g, ask_tensor *x, int axis, int64_t begin,
                              int64_t end);
/* Stretches sizes of 1, and adds axes in front. */
ASK_API ask_tensor *ask_expand(ask_graph *g, ask_tensor *x, int n_dims,
                               const int64_t *shape);

/* x, as if it were constant: no gradient goes through it. */
ASK_API ask_tensor *ask_stop(ask_graph *g, ask_tensor *x);

/* x itself when its elements lie row-major without gaps, else a copy that does. */
ASK_API ask_tensor *ask_contiguous(ask_graph *g, ask_tensor *x);
ASK_API ask_tensor *ask_concat(ask_graph *g, ask_tensor *const *x, int n, int axis);
/* Adds `before` and `after` elements of `value` along an axis (f32). */
ASK_API ask_tensor *ask_pad(ask_graph *g, ask_tensor *x, int axis, int64_t before,
                            int64_t after, double value);

/* ---- reductions: `axes` is a bit set (1u << axis); 0 means all. Reduced axes stay, as 1,
 *      with keep_dims ---- */

ASK_API ask_tensor *ask_sum(ask_graph *g, ask_tensor *x, unsigned axes, bool keep_dims);
ASK_API ask_tensor *ask_mean(ask_graph *g, ask_tensor *x, unsigned axes, bool keep_dims);
/* Largest element; the gradient goes to the first of equals. One axis. */
ASK_API ask_tensor *ask_max(ask_graph *g, ask_tensor *x, int axis, bool keep_dims);
/* Index (i64) of the first largest element along an axis, which goes away. No gradient. */
ASK_API ask_tensor *ask_argmax(ask_graph *g, ask_tensor *x, int axis);
/* Indices (i64) of the k largest elements along the last axis, the largest first, of equals
 * the first first: [..., N] -> [..., k], 1 <= k <= N. What is no number counts as the
 * least. No gradient. */
ASK_API ask_tensor *ask_top_k(ask_graph *g, ask_tensor *x, int64_t k);

/* ---- indexing: indices are i64; a run fails on one out of range ---- */

/* w: [V, ...], ids: [...ids] -> [...ids, ...]; w may be of few bits, the result is f32. */
ASK_API ask_tensor *ask_embedding(ask_graph *g, ask_tensor *w, ask_tensor *ids);
/* out[.., i, ..] = x[.., index[.., i, ..], ..] along an axis; index has the shape of out.
 */
ASK_API ask_tensor *ask_gather(ask_graph *g, ask_tensor *x, ask_tensor *index, int axis);
/* out = zeros with size n along an axis; out[.., index[.., i, ..], ..] += x[.., i, ..]. */
ASK_API ask_tensor *ask_scatter_add(ask_graph *g, ask_tensor *x, ask_tensor *index,
                                    int axis, int64_t n);

/* Assignment of least cost. cost: [B, N, M] with N >= M, counts: i64 [B], how many of the M
 * columns there are (a run fails on one outside 0 .. M) -> i64 [B, M]: the row of each, all
 * different, so that the sum of cost[b, row, column] is least; 0 for columns that are not
 * there. Where two columns that differ would cost as much with their rows exchanged, within
 * 1e-5, they have them in their order. Costs that are no numbers count as 1e30. No
 * gradient. Kuhn 1955; Jonker & Volgenant 1987. */
ASK_API ask_tensor *ask_match_rows(ask_graph *g, ask_tensor *cost, ask_tensor *counts);

/* ---- products ---- */

/* a: [..., M, K], b: [..., K, N] -> [..., M, N]; leading axes broadcast. */
ASK_API ask_tensor *ask_matmul(ask_graph *g, ask_tensor *a, ask_tensor *b);
/* a: [..., M, K], b: [..., N, K] -> [..., M, N] */
ASK_API ask_tensor *ask_matmul_t(ask_graph *g, ask_tensor *a, ask_tensor *b);
/* x: [..., K], w: [N, K], b: [N] or NULL -> [..., N]. w may be of few bits: then the rows
 * of x are rounded to 8 bits, group by group. */
ASK_API ask_tensor *ask_linear(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b);

/* Of the axes behind N and C, in their order: as many as the convolution has. */
typedef struct {
    int64_t stride[3], dilation[3]; // 0 means 1
    int64_t pad[3];                 // zeros before and after the axis
    int64_t pad_end[3];             // zeros after it, beside `pad`
    int64_t groups;                 // 0 means 1
    bool relu; // of the result, on its way to memory: nobody can name what was before it
} ask_conv_options;

/* x: [N, C, L], w: [O, C / groups, K], b: [O] or NULL -> [N, O, L'] */
ASK_API ask_tensor *ask_conv1d(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                               const ask_conv_options *opt);
/* x: [N, C, H, W], w: [O, C / groups, Kh, Kw], b: [O] or NULL -> [N, O, H', W'] */
ASK_API ask_tensor *ask_conv2d(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                               const ask_conv_options *opt);
/* x: [N, C, T, H, W], w: [O, C / groups, Kt, Kh, Kw], b: [O] or NULL -> [N, O, T', H', W']
 */
ASK_API ask_tensor *ask_conv3d(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                               const ask_conv_options *opt);

/* ---- attention (Vaswani et al. 2017) ---- */

typedef struct {
    double scale;        // of q k^T; 0 means 1 / sqrt(D)
    bool causal;         // query i of Tq sees keys up to Tk - Tq + i
    int64_t window;      // and of these the last so many (Beltagy et al. 2020); 0: all.
                         // Only with causal
    ask_tensor *mask;    // bool, broadcast to [B, H, Tq, Tk], true = may look; or NULL
    ask_tensor *n_valid; // i64 [1]: only that many keys exist yet, Tk of the rule above;
                         // or NULL: all
    const char *name;    // with it, "<name>.attn" [B, H, Tq, Tk] can be wanted; or NULL
    ask_tensor *added;   // f32, broadcast to [B, H, Tq, Tk], added to scale q k^T; or NULL
    struct {             // of the probabilities, as ask_dropout has it
        double p;
        uint64_t seed;
        ask_tensor *step;
    } dropout;
} ask_attention_options;

/* q: [B, H, Tq, D], k: [B, Hk, Tk, D], v: [B, Hk, Tk, Dv] -> [B, H, Tq, Dv], with H a
 * multiple of Hk: query head h uses key head h / (H / Hk). A query that may look at nothing
 * gives zeros. One fused node, unless the probabilities are wanted, something is added to
 * the scores, or something is dropped: then explicit ones. */
ASK_API ask_tensor *ask_attention(ask_graph *g, ask_tensor *q, ask_tensor *k, ask_tensor *v,
                                  const ask_attention_options *opt);

/* ---- rotary positions (Su et al. 2021) ---- */

/* Which two of the D numbers of a head are turned together. */
typedef enum {
    ASK_ROPE_HALVES, // i and i + D / 2: Hugging Face
    ASK_ROPE_PAIRS,  // 2 i and 2 i + 1: the paper, GGUF
} ask_rope_kind;

/* x: [B, H, T, D], D even; cos, sin: [B or 1, T, D / 2], of the angle by which pair i is
 * turned at each place -> [B, H, T, D]. No gradient for the angles. */
ASK_API ask_tensor *ask_rope(ask_graph *g, ask_tensor *x, ask_tensor *cos, ask_tensor *sin,
                             ask_rope_kind kind);

/* ---- normalisation, over the last axis unless said otherwise ---- */

/* w, b: [C], each may be NULL. Ba et al. 2016. */
ASK_API ask_tensor *ask_layer_norm(ask_graph *g, ask_tensor *x, ask_tensor *w,
                                   ask_tensor *b, double eps);
/* x / sqrt(mean(x^2) + eps) * w; w may be NULL. Zhang & Sennrich 2019. */
ASK_API ask_tensor *ask_rms_norm(ask_graph *g, ask_tensor *x, ask_tensor *w, double eps);
/* x: [N, C, ...]; w, b, mean, var: [C]; as in evaluation. Ioffe & Szegedy 2015. */
ASK_API ask_tensor *ask_batch_norm(ask_graph *g, ask_tensor *x, ask_tensor *w,
                                   ask_tensor *b, ask_tensor *mean, ask_tensor *var,
                                   double eps);
/* As in training: with the batch's own statistics (biased variance). running_mean and
 * running_var are store tensors, moved by `momentum` towards the batch's (unbiased
 * variance); both may be NULL. */
ASK_API ask_tensor *ask_batch_norm_train(ask_graph *g, ask_tensor *x, ask_tensor *w,
                                         ask_tensor *b, ask_tensor *running_mean,
                                         ask_tensor *running_var, double momentum,
                                         double eps);
/* Weight normalisation: v * (gain / |v|), norms over all axes but the first; gain: [O] or
 * [O, 1, ...]. Salimans & Kingma 2016. */
ASK_API ask_tensor *ask_weight_norm(ask_graph *g, ask_tensor *v, ask_tensor *gain);
/* x / max(|x|_2, eps) over the last axis. */
ASK_API ask_tensor *ask_l2_normalize(ask_graph *g, ask_tensor *x, double eps);

/* mask: bool, broadcast to x, true = counts; or NULL. Where nothing counts: zeros, and for
 * the logarithm -inf everywhere that is masked. */
ASK_API ask_tensor *ask_softmax(ask_graph *g, ask_tensor *x, ask_tensor *mask);
ASK_API ask_tensor *ask_log_softmax(ask_graph *g, ask_tensor *x, ask_tensor *mask);

/* ---- pictures: [N, C, H, W] ---- */

typedef enum { ASK_NEAREST, ASK_BILINEAR, ASK_BICUBIC } ask_interpolation;

typedef struct {
    ask_interpolation kind;
    bool align_corners;
    bool antialias;  // widen the filter when shrinking (cubic coefficient -0.5, not -0.75)
    double scale[2]; // rows, columns: the scale given by the user, where PyTorch would use
                     // it instead of the ratio of sizes; 0: the ratio
} ask_interpolate_options;

/* Resizes to [N, C, height, width] as PyTorch's interpolate does. */
ASK_API ask_tensor *ask_interpolate(ask_graph *g, ask_tensor *x, int64_t height,
                                    int64_t width, const ask_interpolate_options *opt);

/* Of the axes behind N and C, in their order: as many as the pooling has. */
typedef struct {
    int64_t kernel[3], stride[3]; // 0 stride means the kernel
    int64_t pad[3];               // before and after the axis
    int64_t pad_end[3];           // after it, beside `pad`
    bool ceil_mode;               // the last window may hang over the edge
} ask_pool_options;

/* Padding never wins. */
ASK_API ask_tensor *ask_max_pool2d(ask_graph *g, ask_tensor *x,
                                   const ask_pool_options *opt);
ASK_API ask_tensor *ask_max_pool3d(ask_graph *g, ask_tensor *x, // [N, C, T, H, W]
                                   const ask_pool_options *opt);
/* Padding counts as zeros, in the divisor too. */
ASK_API ask_tensor *ask_avg_pool2d(ask_graph *g, ask_tensor *x,
                                   const ask_pool_options *opt);
ASK_API ask_tensor *ask_adaptive_avg_pool2d(ask_graph *g, ask_tensor *x, int64_t height,
                                            int64_t width);

/* ---- losses ---- */

typedef enum { ASK_REDUCE_MEAN, ASK_REDUCE_SUM, ASK_REDUCE_NONE } ask_reduction;

typedef struct {
    ask_tensor *weight;      // [C], of each class; or NULL
    int64_t ignore_index;    // rows with this label count nothing
    bool ignore;             // whether ignore_index is set
    double label_smoothing;  // in [0, 1)
    ask_reduction reduction; // mean: divided by the weight of the rows that count
} ask_cross_entropy_options;

/* x: [N, C] logits, labels: i64 [N] -> scalar, or [N] without reduction. opt may be NULL.
 */
ASK_API ask_tensor *ask_cross_entropy(ask_graph *g, ask_tensor *x, ask_tensor *labels,
                                      const ask_cross_entropy_options *opt);
/* Binary cross-entropy: -y log p - (1 - y) log(1 - p) with p = sigmoid(x), computed without
 * overflow. x: logits; y: f32 of the same shape, in [0, 1]; weight: f32 that broadcasts to
 * x, or NULL. Each element's loss is multiplied with its weight; the mean is over the
 * elements, as in PyTorch. -> scalar, or the shape of x without reduction. */
ASK_API ask_tensor *ask_bce_with_logits(ask_graph *g, ask_tensor *x, ask_tensor *y,
                                        ask_tensor *weight, ask_reduction reduction);
ASK_API ask_tensor *ask_mse(ask_graph *g, ask_tensor *x, ask_tensor *y); // mean, scalar
/* Cosine along the last axis, which goes away; norms are at least eps. */
ASK_API ask_tensor *ask_cosine_similarity(ask_graph *g, ask_tensor *a, ask_tensor *b,
                                          double eps);
/* Symmetric contrastive loss of CLIP (Radford et al. 2021): logits [N, N], pairs on the
 * diagonal. */
ASK_API ask_tensor *ask_clip_loss(ask_graph *g, ask_tensor *logits);

/* ---- training ---- */

/* Zeroes elements with probability p and divides the others by 1 - p. The pattern is a
 * function of seed, *step (i64 [1]) and the element's index only: the same on every machine
 * and for every thread count. */
ASK_API ask_tensor *ask_dropout(ask_graph *g, ask_tensor *x, double p, uint64_t seed,
                                ask_tensor *step);

/* Effects: write into store tensors. Each returns the written tensor. */

/* dst = x, same shape and type. */
ASK_API ask_tensor *ask_assign(ask_graph *g, ask_tensor *dst, ask_tensor *x);
/* Writes x: [..., n, C] over rows at .. at+n of dst: [..., N, C]; at: i64 [1], read at run
 * time, which fails if the rows do not fit. */
ASK_API ask_tensor *ask_write_rows(ask_graph *g, ask_tensor *dst, ask_tensor *x,
                                   ask_tensor *at);

typedef struct {
    double beta1, beta2, eps; // 0.9, 0.999, 1e-8
    double weight_decay;
    bool decoupled; // decay the weight itself (AdamW, Loshchilov & Hutter 2019), not the
                    // gradient
} ask_adam_options;

/* One step of Adam (Kingma & Ba 2015) on p with its moments m, v; lr: f32 [1]; step: i64
 * [1], counted from 1. p, m, v are store tensors of one shape. A rate that is not finite
 * leaves all three as they were: so a step whose gradients went wrong can be withheld, by
 * adding 0 times their norm to the rate. */
ASK_API ask_tensor *ask_adam_step(ask_graph *g, ask_tensor *p, ask_tensor *m, ask_tensor *v,
                                  ask_tensor *grad, ask_tensor *lr, ask_tensor *step,
                                  const ask_adam_options *opt);

typedef struct {
    double momentum, weight_decay;
} ask_sgd_options;

/* One step of SGD; velocity: a store tensor of zeros at first, or NULL without momentum. */
ASK_API ask_tensor *ask_sgd_step(ask_graph *g, ask_tensor *p, ask_tensor *velocity,
                                 ask_tensor *grad, ask_tensor *lr,
                                 const ask_sgd_options *opt);

/* Scales n gradients together so that their joint norm is at most max_norm. *norm (may be
 * NULL) becomes the norm before, a scalar. Replaces grad[i]. */
ASK_API void ask_clip_gradients(ask_graph *g, ask_tensor **grad, int n, double max_norm,
                                ask_tensor **norm);

#endif
