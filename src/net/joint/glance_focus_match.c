/* Slots and the events that are known: matching, and the losses of matched pairs. */
#include "net/joint/glance_focus_loss.h"

static ask_tensor *absolute(ask_graph *g, ask_tensor *x)
{
    return ask_maximum(g, x, ask_scale(g, x, -1));
}

/* -> bool [B, M], true = an event */
static ask_tensor *find_events(ask_graph *g, const ask_event_targets *targets)
{
    int64_t n_videos = ask_tensor_dim(targets->classes, 0);
    int64_t most = ask_tensor_dim(targets->classes, 1);
    ask_tensor *counts = ask_reshape(g, targets->counts, 2, (int64_t[]){n_videos, 1});
    return ask_less(g, ask_range(g, most), counts);
}

/* Classes, with `otherwise` for what is no event.  -> i64 [B, M] */
static ask_tensor *classes_or(ask_graph *g, const ask_event_targets *targets,
                              int64_t otherwise)
{
    return ask_where(g, find_events(g, targets), targets->classes,
                     ask_constant(g, ASK_I64, 0, NULL, &otherwise));
}

static ask_tensor *n_pairs(ask_graph *g, const ask_event_targets *targets)
{
    return ask_sum(g, ask_cast(g, targets->counts, ASK_F32), 0, false);
}

static bool is_complete(const ask_glance *glance, const ask_event_targets *targets)
{
    return glance->class_logits && glance->spans && targets->spans && targets->classes &&
           targets->counts;
}

/* ---- matching ---- */

/* The probability that each slot gives to the class of each event.  -> [B, Q, M] */
static ask_tensor *class_fit(ask_graph *g, const ask_glance *glance,
                             const ask_event_targets *targets)
{
    ask_tensor *p = ask_softmax(g, glance->class_logits, NULL); // [B, Q, E]
    int64_t n_videos = ask_tensor_dim(targets->classes, 0);
    int64_t most = ask_tensor_dim(targets->classes, 1);
    int64_t row[3] = {n_videos, 1, most};
    int64_t all[3] = {n_videos, ask_tensor_dim(glance->class_logits, 1), most};
    ask_tensor *classes = ask_reshape(g, classes_or(g, targets, 0), 3, row);
    return ask_gather(g, p, ask_expand(g, classes, 3, all), 2);
}

/* |span - target| of each slot and event, over both numbers.  -> [B, Q, M] */
static ask_tensor *span_distance(ask_graph *g, const ask_glance *glance,
                                 const ask_event_targets *targets)
{
    enum { NUMBERS = 1u << 3 };
    int64_t n_videos = ask_tensor_dim(targets->spans, 0);
    int64_t slots[4] = {n_videos, ask_tensor_dim(glance->spans, 1), 1, 2};
    int64_t events[4] = {n_videos, 1, ask_tensor_dim(targets->spans, 1), 2};
    ask_tensor *apart = ask_sub(g, ask_reshape(g, glance->spans, 4, slots),
                                ask_reshape(g, targets->spans, 4, events));
    return ask_sum(g, absolute(g, apart), NUMBERS, false);
}

ask_tensor *ask_match_events(ask_graph *g, const ask_glance *glance,
                             const ask_event_targets *targets, const ask_matching *how)
{
    if (!is_complete(glance, targets)) return NULL;
    ask_tensor *far = ask_scale(g, span_distance(g, glance, targets), how->cost_l1);
    ask_tensor *fit = ask_scale(g, class_fit(g, glance, targets), how->cost_class);
    return ask_match_rows(g, ask_sub(g, far, fit), targets->counts);
}

/* ---- losses ---- */

/* Those of the matched slots.  x: [B, Q, n], match: i64 [B, M] -> [B, M, n] */
static ask_tensor *of_matched(ask_graph *g, ask_tensor *x, ask_tensor *match)
{
    int64_t n_videos = ask_tensor_dim(match, 0), most = ask_tensor_dim(match, 1);
    int64_t column[3] = {n_videos, most, 1},
            all[3] = {n_videos, most, ask_tensor_dim(x, 2)};
    ask_tensor *index = ask_expand(g, ask_reshape(g, match, 3, column), 3, all);
    return ask_gather(g, x, index, 1);
}

/* 1 for all classes but the last. */
static ask_tensor *class_weights(ask_graph *g, int64_t n_classes, double background)
{
    int64_t one = 1, others = n_classes - 1;
    ask_tensor *parts[2] = {ask_full(g, 1, &others, 1), ask_full(g, 1, &one, background)};
    return ask_concat(g, parts, 2, 0);
}

void ask_event_class_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance,
                          const ask_event_targets *targets, ask_tensor *match,
                          double background)
{
    enum { NO_EVENT = -1 };
    *out = (ask_loss_part){0};
    if (!match || !is_complete(glance, targets)) return;
    int64_t n_classes = ask_tensor_dim(glance->class_logits, 2);
    int64_t n = ask_tensor_count(match);
    ask_tensor *logits = of_matched(g, glance->class_logits, match);
    logits = ask_reshape(g, logits, 2, (int64_t[]){n, n_classes}); // [B M, E]
    ask_tensor *labels = ask_reshape(g, classes_or(g, targets, NO_EVENT), 1, &n);
    out->sum = ask_cross_entropy(
        g, logits, labels,
        &(ask_cross_entropy_options){.weight = class_weights(g, n_classes, background),
                                     .ignore = true,
                                     .ignore_index = NO_EVENT,
                                     .reduction = ASK_REDUCE_SUM});
    out->count = n_pairs(g, targets);
}

void ask_event_span_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance,
                         const ask_event_targets *targets, ask_tensor *match)
{
    *out = (ask_loss_part){0};
    if (!match || !is_complete(glance, targets)) return;
    int64_t column[3] = {ask_tensor_dim(match, 0), ask_tensor_dim(match, 1), 1};
    ask_tensor *apart = ask_sub(g, of_matched(g, glance->spans, match), targets->spans);
    ask_tensor *is_event = ask_reshape(g, find_events(g, targets), 3, column);
    apart = ask_where(g, is_event, absolute(g, apart), ask_full(g, 0, NULL, 0));
    out->sum = ask_sum(g, apart, 0, false);
    out->count = ask_scale(g, n_pairs(g, targets), 2);
}
