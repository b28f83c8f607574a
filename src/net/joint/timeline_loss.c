#include "net/joint/timeline_loss_priv.h"

static ask_tensor *sum_all(ask_graph *g, ask_tensor *x)
{
    return ask_sum(g, x, 0, false);
}

ask_tensor *timeline_mean_of(ask_graph *g, ask_tensor *sum, ask_tensor *weight)
{
    const double LEAST = 1e-6;
    return ask_div(g, sum, ask_maximum(g, weight, ask_full(g, 0, NULL, LEAST)));
}

/* How much each label counts.  labels: i64 [R], weights: [n] or NULL -> [R] */
static ask_tensor *weights_of(ask_graph *g, ask_tensor *labels, ask_tensor *weights)
{
    const int64_t not_told = -1, some_class = 0;
    ask_tensor *is_told = ask_less(g, ask_constant(g, ASK_I64, 0, NULL, &not_told), labels);
    ask_tensor *counts = ask_cast(g, is_told, ASK_F32);
    if (!weights) return counts;
    labels = ask_where(g, is_told, labels, ask_constant(g, ASK_I64, 0, NULL, &some_class));
    return ask_mul(g, counts, ask_embedding(g, weights, labels));
}

ask_tensor *timeline_kind_loss(ask_graph *g, ask_tensor *logits, ask_tensor *labels,
                               ask_tensor *weights)
{
    const ask_cross_entropy_options opt = {
        .weight = weights, .ignore = true, .ignore_index = -1, .reduction = ASK_REDUCE_SUM};
    return timeline_mean_of(g, ask_cross_entropy(g, logits, labels, &opt),
                            sum_all(g, weights_of(g, labels, weights)));
}

ask_tensor *timeline_distance_loss(ask_graph *g, ask_tensor *x, ask_tensor *y,
                                   ask_tensor *counts)
{
    if (!x) return NULL;
    ask_tensor *miss = ask_sub(g, x, y);
    miss = ask_maximum(g, miss, ask_scale(g, miss, -1));
    ask_tensor *numbers =
        ask_scale(g, sum_all(g, counts), (double)ask_tensor_dim(x, -1)); // that count
    return timeline_mean_of(g, sum_all(g, ask_mul(g, miss, counts)), numbers);
}
