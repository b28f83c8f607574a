/* Losses of the answer, and those that need no labels of events. */
#include "net/joint/glance_focus_loss.h"

enum { SLOTS = 1u << 1, CLASSES = 1u << 2 };
static const double LOG_OFFSET = 1e-6;    // within the logarithm of a probability
static const double LEAST_EXTENT = 1e-12; // that is divided by

static ask_tensor *number(ask_graph *g, double value)
{
    return ask_full(g, 0, NULL, value);
}

static ask_tensor *index_constant(ask_graph *g, int64_t value)
{
    return ask_constant(g, ASK_I64, 0, NULL, &value);
}

static ask_tensor *sum_all(ask_graph *g, ask_tensor *x)
{
    return ask_sum(g, x, 0, false);
}

/* How many are true, as f32. */
static ask_tensor *count_true(ask_graph *g, ask_tensor *condition)
{
    return sum_all(g, ask_cast(g, condition, ASK_F32));
}

ask_tensor *ask_loss_mean(ask_graph *g, const ask_loss_part *part)
{
    return ask_div(g, part->sum, ask_maximum(g, part->count, number(g, 1)));
}

/* ---- the answer ---- */

/* x: [n], labels: f32 [n], NaN = not known */
static void count_loss(ask_loss_part *out, ask_graph *g, ask_tensor *x, ask_tensor *labels)
{
    ask_tensor *is_known = ask_equal(g, labels, labels);
    ask_tensor *miss = ask_where(g, is_known, ask_sub(g, x, labels), number(g, 0));
    out->sum = sum_all(g, ask_mul(g, miss, miss));
    out->count = count_true(g, is_known);
}

void ask_qa_loss(ask_loss_part *out, ask_graph *g, ask_answer_head head, ask_tensor *answer,
                 ask_tensor *labels)
{
    enum { UNKNOWN = -1 };
    *out = (ask_loss_part){0};
    if (!answer || !labels) return;
    if (head == ASK_ANSWER_COUNT) {
        count_loss(out, g, answer, labels);
        return;
    }
    out->sum = ask_cross_entropy(g, answer, labels,
                                 &(ask_cross_entropy_options){.ignore = true,
                                                              .ignore_index = UNKNOWN,
                                                              .reduction = ASK_REDUCE_SUM});
    out->count = count_true(g, ask_less(g, index_constant(g, UNKNOWN), labels));
}

/* ---- without labels of events ---- */

/* A loss of every video, [B] -> their sum. */
static void over_videos(ask_loss_part *out, ask_graph *g, ask_tensor *losses)
{
    *out = (ask_loss_part){0};
    if (!losses) return;
    out->sum = sum_all(g, losses);
    out->count = number(g, (double)ask_tensor_dim(losses, 0));
}

/* p log(p + 1e-6) */
static ask_tensor *weighted_log(ask_graph *g, ask_tensor *p)
{
    return ask_mul(g, p, ask_log(g, ask_affine(g, p, 1, LOG_OFFSET)));
}

void ask_diversity_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance)
{
    ask_tensor *p = ask_softmax(g, glance->class_logits, NULL); // [B, Q, E]
    ask_tensor *of_all = ask_mean(g, p, SLOTS, false);          // [B, E]
    over_videos(out, g, ask_sum(g, weighted_log(g, of_all), 1u << 1, false));
}

void ask_certainty_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance)
{
    ask_tensor *p = ask_softmax(g, glance->class_logits, NULL);            // [B, Q, E]
    ask_tensor *of_slots = ask_sum(g, weighted_log(g, p), CLASSES, false); // [B, Q]
    over_videos(out, g, ask_scale(g, ask_mean(g, of_slots, SLOTS, false), -1));
}

/* The ends of spans: centre and a share of the width.  [B, Q, 2] -> [B, Q] */
static ask_tensor *ends_of(ask_graph *g, ask_tensor *spans, double share)
{
    int64_t shape[2] = {ask_tensor_dim(spans, 0), ask_tensor_dim(spans, 1)};
    ask_tensor *centre = ask_slice(g, spans, 2, 0, 1),
               *width = ask_slice(g, spans, 2, 1, 2);
    return ask_reshape(g, ask_add(g, centre, ask_scale(g, width, share)), 2, shape);
}

/* The smaller and the larger end of each pair.  x: [B, Q] -> [B, Q, Q] */
typedef struct {
    ask_tensor *low, *high;
} pair_ends;

static pair_ends pair_up(ask_graph *g, ask_tensor *x)
{
    if (!x) return (pair_ends){0};
    int64_t b = ask_tensor_dim(x, 0), q = ask_tensor_dim(x, 1);
    ask_tensor *one = ask_reshape(g, x, 3, (int64_t[]){b, q, 1});
    ask_tensor *other = ask_reshape(g, x, 3, (int64_t[]){b, 1, q});
    return (pair_ends){ask_minimum(g, one, other), ask_maximum(g, one, other)};
}

static ask_tensor *ratio(ask_graph *g, ask_tensor *part, ask_tensor *whole)
{
    return ask_div(g, part, ask_maximum(g, whole, number(g, LEAST_EXTENT)));
}

/* Intersection over union, less the share of the hull that neither covers.  spans:
 * [B, Q, 2] -> [B, Q, Q] */
static ask_tensor *generalised_iou(ask_graph *g, ask_tensor *spans)
{
    ask_tensor *begin = ends_of(g, spans, -0.5), *end = ends_of(g, spans, 0.5); // [B, Q]
    if (!begin || !end) return NULL;
    int64_t b = ask_tensor_dim(begin, 0), q = ask_tensor_dim(begin, 1);
    pair_ends begins = pair_up(g, begin), ends = pair_up(g, end); // [B, Q, Q]
    ask_tensor *width = ask_sub(g, end, begin);
    ask_tensor *both = ask_relu(g, ask_sub(g, ends.low, begins.high));
    ask_tensor *sum = ask_add(g, ask_reshape(g, width, 3, (int64_t[]){b, q, 1}),
                              ask_reshape(g, width, 3, (int64_t[]){b, 1, q}));
    ask_tensor *either = ask_sub(g, sum, both), *hull = ask_sub(g, ends.high, begins.low);
    return ask_sub(g, ratio(g, both, either), ratio(g, ask_sub(g, hull, either), hull));
}

void ask_overlap_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance)
{
    *out = (ask_loss_part){0};
    if (!glance->spans) return;
    int64_t q = ask_tensor_dim(glance->spans, 1);
    ask_tensor *first = ask_reshape(g, ask_range(g, q), 2, (int64_t[]){q, 1});
    ask_tensor *is_pair = ask_less(g, first, ask_range(g, q)); // [Q, Q]
    ask_tensor *iou = generalised_iou(g, glance->spans);       // [B, Q, Q]
    iou = ask_where(g, is_pair, iou, number(g, 0));
    ask_tensor *losses = ask_sum(g, iou, SLOTS | CLASSES, false); // [B]
    over_videos(out, g, ask_scale(g, losses, 1 / ((double)q * (double)q)));
}
