/* Losses and similarities, made of ops. */
#include "tensor/op_priv.h"

/* ---- cross-entropy ---- */

static bool check_labels(ask_graph *g, const ask_tensor *x, const ask_tensor *labels,
                         const ask_cross_entropy_options *opt)
{
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    const ask_tensor *w = opt->weight;
    if (x->type != ASK_F32 || x->n_dims != 2 || labels->type != ASK_I64 ||
        labels->n_dims != 1 || labels->shape[0] != x->shape[0]) {
        ask_graph_fail(g, ASK_ERR_SHAPE,
                       "cross_entropy: needs f32 [N, C] and i64 [N], not %s %s and %s %s",
                       ask_dtype_name(x->type), ask_shape_text(text, x),
                       ask_dtype_name(labels->type), ask_shape_text(other, labels));
        return false;
    }
    if (w && (w->type != ASK_F32 || w->n_dims != 1 || w->shape[0] != x->shape[1])) {
        ask_graph_fail(
            g, ASK_ERR_SHAPE, "cross_entropy: weights of %s %s do not fit classes of %s",
            ask_dtype_name(w->type), ask_shape_text(other, w), ask_shape_text(text, x));
        return false;
    }
    if (opt->label_smoothing >= 0 && opt->label_smoothing < 1) return true;
    ask_graph_fail(g, ASK_ERR_USAGE,
                   "cross_entropy: a label smoothing of %g is not in [0, 1)",
                   opt->label_smoothing);
    return false;
}

/* -w[label] log p[label]; with smoothing, the label keeps 1 - s and all classes share s.
 * [N] */
static ask_tensor *row_losses(ask_graph *g, ask_tensor *x, ask_tensor *labels,
                              ask_tensor *row_weight, const ask_cross_entropy_options *opt)
{
    double smoothing = opt->label_smoothing;
    int64_t n = x->shape[0], n_classes = x->shape[1];
    ask_tensor *log_p = ask_log_softmax(g, x, NULL); // [N, C]
    ask_tensor *column = ask_reshape(g, labels, 2, (int64_t[]){n, 1});
    ask_tensor *picked = ask_reshape(g, ask_gather(g, log_p, column, 1), 1, &n); // [N]
    if (row_weight) picked = ask_mul(g, picked, row_weight);
    if (smoothing == 0) return ask_scale(g, picked, -1);
    ask_tensor *weighted = opt->weight ? ask_mul(g, log_p, opt->weight) : log_p;
    ask_tensor *all = ask_sum(g, weighted, 1u << 1, false); // [N]
    return ask_add(g, ask_scale(g, picked, smoothing - 1),
                   ask_scale(g, all, -smoothing / (double)n_classes));
}

ask_tensor *ask_cross_entropy(ask_graph *g, ask_tensor *x, ask_tensor *labels,
                              const ask_cross_entropy_options *opt)
{
    const ask_cross_entropy_options plain = {0};
    if (!opt) opt = &plain;
    if (!x || !labels)
        return ask_graph_fail(g, ASK_ERR_BUG, "cross_entropy: a source is missing");
    if (!check_labels(g, x, labels, opt)) return NULL;

    ask_tensor *ignored = NULL; // [N]
    if (opt->ignore) {
        const int64_t some_class = 0; // stands in for labels that need not be classes
        ignored =
            ask_equal(g, labels, ask_constant(g, ASK_I64, 0, NULL, &opt->ignore_index));
        labels =
            ask_where(g, ignored, ask_constant(g, ASK_I64, 0, NULL, &some_class), labels);
    }
    ask_tensor *weight = opt->weight ? ask_embedding(g, opt->weight, labels) : NULL; // [N]
    ask_tensor *loss = row_losses(g, x, labels, weight, opt);                        // [N]
    if (ignored) {
        ask_tensor *zero = ask_full(g, 0, NULL, 0);
        loss = ask_where(g, ignored, zero, loss);
        weight = ask_where(g, ignored, zero, weight ? weight : ask_full(g, 0, NULL, 1));
    }
    if (opt->reduction == ASK_REDUCE_NONE) return loss;
    if (opt->reduction == ASK_REDUCE_MEAN && !weight) return ask_mean(g, loss, 0, false);
    ask_tensor *sum = ask_sum(g, loss, 0, false);
    return opt->reduction == ASK_REDUCE_SUM ? sum
                                            : ask_div(g, sum, ask_sum(g, weight, 0, false));
}

ask_tensor *ask_clip_loss(ask_graph *g, ask_tensor *logits)
{
    if (!logits) return ask_graph_fail(g, ASK_ERR_BUG, "clip_loss: the source is missing");
    char text[ASK_SHAPE_TEXT];
    if (logits->n_dims != 2 || logits->shape[0] != logits->shape[1])
        return ask_graph_fail(g, ASK_ERR_SHAPE, "clip_loss: needs logits [N, N], not %s",
                              ask_shape_text(text, logits));
    ask_tensor *labels = ask_range(g, logits->shape[0]);
    ask_tensor *rows = ask_cross_entropy(g, logits, labels, NULL);
    ask_tensor *cols = ask_cross_entropy(g, ask_transpose(g, logits, 0, 1), labels, NULL);
    return ask_scale(g, ask_add(g, rows, cols), 0.5);
}

/* log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). With maximum and minimum, which share the
 * gradient of equals, its slope is 1/2 at 0 too. */
static ask_tensor *softplus(ask_graph *g, ask_tensor *x)
{
    ask_tensor *above = ask_maximum(g, x, ask_full(g, 0, NULL, 0));
    ask_tensor *minus_size = ask_minimum(g, x, ask_scale(g, x, -1));
    return ask_add(g, above, ask_log(g, ask_affine(g, ask_exp(g, minus_size), 1, 1)));
}

ask_tensor *ask_bce_with_logits(ask_graph *g, ask_tensor *x, ask_tensor *y,
                                ask_tensor *weight, ask_reduction reduction)
{
    if (!x || !y)
        return ask_graph_fail(g, ASK_ERR_BUG, "bce_with_logits: a source is missing");
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    if (x->type != ASK_F32 || y->type != ASK_F32 || !ask_same_shape(x, y))
        return ask_graph_fail(
            g, ASK_ERR_SHAPE,
            "bce_with_logits: needs f32 of one shape, not %s %s and %s %s",
            ask_dtype_name(x->type), ask_shape_text(text, x), ask_dtype_name(y->type),
            ask_shape_text(other, y));
    ask_tensor *loss = ask_sub(g, softplus(g, x), ask_mul(g, x, y));
    if (weight) loss = ask_mul(g, loss, weight);
    if (loss && !ask_same_shape(loss, x))
        return ask_graph_fail(g, ASK_ERR_SHAPE,
                              "bce_with_logits: weights of %s do not fit logits of %s",
                              ask_shape_text(other, weight), ask_shape_text(text, x));
    if (reduction == ASK_REDUCE_NONE) return loss;
    return reduction == ASK_REDUCE_SUM ? ask_sum(g, loss, 0, false)
                                       : ask_mean(g, loss, 0, false);
}

/* ---- differences and angles ---- */

ask_tensor *ask_mse(ask_graph *g, ask_tensor *x, ask_tensor *y)
{
    if (!x || !y) return ask_graph_fail(g, ASK_ERR_BUG, "mse: a source is missing");
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    if (!ask_same_shape(x, y))
        return ask_graph_fail(g, ASK_ERR_SHAPE, "mse: %s and %s do not fit",
                              ask_shape_text(text, x), ask_shape_text(other, y));
    ask_tensor *difference = ask_sub(g, x, y);
    return ask_mean(g, ask_mul(g, difference, difference), 0, false);
}

ask_tensor *ask_cosine_similarity(ask_graph *g, ask_tensor *a, ask_tensor *b, double eps)
{
    ask_tensor *product =
        ask_mul(g, ask_l2_normalize(g, a, eps), ask_l2_normalize(g, b, eps));
    return product ? ask_sum(g, product, 1u << (product->n_dims - 1), false) : NULL;
}
