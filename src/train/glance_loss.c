#include "train/glance_loss.h"

void ask_glance_build_all(ask_glance_output *out, ask_graph *g, const ask_glance_focus *net,
                          const ask_glance_inputs *in, ask_dropping *dropping)
{
    ask_glance_build(&out->glance, g, net, in->features, in->frame_mask, dropping);
    const ask_bert_input tokens = {
        .ids = in->ids, .mask = in->token_mask, .dropping = dropping};
    ask_tensor *text = ask_focus_text(g, net, &tokens);
    ask_focus_build(&out->focus, g, net, &out->glance, text, in->token_mask, dropping);
}

/* ---- labels of moments ---- */

/* Ends of spans as columns, those of moments as rows: what is made of both is [B, Q, W]. */
typedef struct {
    ask_tensor *begin, *end;
} ends;

/* are_ends: spans are (start, end), whichever is the smaller; else (centre, width). */
static ends ends_of_slots(ask_graph *g, ask_tensor *spans, bool are_ends)
{
    ask_tensor *first = ask_slice(g, spans, 2, 0, 1); // [B, Q, 1]
    ask_tensor *second = ask_slice(g, spans, 2, 1, 2);
    if (are_ends)
        return (ends){ask_minimum(g, first, second), ask_maximum(g, first, second)};
    ask_tensor *half = ask_scale(g, second, 0.5);
    return (ends){ask_sub(g, first, half), ask_add(g, first, half)};
}

static ends ends_of_windows(ask_graph *g, ask_tensor *windows)
{
    return (ends){ask_transpose(g, ask_slice(g, windows, 2, 0, 1), 1, 2), // [B, 1, W]
                  ask_transpose(g, ask_slice(g, windows, 2, 1, 2), 1, 2)};
}

static ask_tensor *length(ask_graph *g, ends e)
{
    return ask_sub(g, e.end, e.begin);
}

/* The generalised IoU, which also tells near from far where nothing overlaps: [B, Q, W]. */
static ask_tensor *likeness(ask_graph *g, ends a, ends b)
{
    const ends inner = {ask_maximum(g, a.begin, b.begin), ask_minimum(g, a.end, b.end)};
    const ends outer = {ask_minimum(g, a.begin, b.begin), ask_maximum(g, a.end, b.end)};
    ask_tensor *least = ask_full(g, 0, NULL, 1e-6);
    ask_tensor *both = ask_relu(g, length(g, inner));
    ask_tensor *any = ask_sub(g, ask_add(g, length(g, a), length(g, b)), both);
    ask_tensor *hull = ask_maximum(g, length(g, outer), least);
    ask_tensor *iou = ask_div(g, both, ask_maximum(g, any, least));
    return ask_sub(g, iou, ask_div(g, ask_sub(g, hull, any), hull));
}

/* -> i64 [B], the place of the best slot; -1 without moments. */
static ask_tensor *label_moments(ask_graph *g, const ask_glance *glance,
                                 ask_tensor *windows, bool are_ends)
{
    enum { SLOTS = 1, WINDOWS = 2 };
    static const int64_t none = -1;
    if (!windows || !glance->spans) return NULL;
    int64_t n = ask_tensor_dim(windows, 0);
    ends moments = ends_of_windows(g, windows);
    ask_tensor *far = ask_full(g, 0, NULL, -2); // below all
    ask_tensor *is_told = ask_less(g, ask_full(g, 0, NULL, -0.5), moments.begin);
    ask_tensor *scores = likeness(g, ends_of_slots(g, glance->spans, are_ends), moments);
    scores = ask_max(g, ask_where(g, is_told, scores, far), WINDOWS, false); // [B, Q]
    ask_tensor *slot = ask_reshape(g, ask_argmax(g, scores, SLOTS), 2, (int64_t[]){n, 1});
    ask_tensor *place = ask_reshape(g, ask_gather(g, glance->rank, slot, SLOTS), 1, &n);
    ask_tensor *has_any = ask_contiguous(g, ask_slice(g, is_told, WINDOWS, 0, 1));
    return ask_where(g, ask_reshape(g, has_any, 1, &n), place,
                     ask_constant(g, ASK_I64, 0, NULL, &none));
}

ask_tensor *ask_glance_labels(ask_graph *g, const ask_glance *glance,
                              const ask_glance_inputs *in)
{
    return in->windows ? label_moments(g, glance, in->windows, in->ends) : in->labels;
}

/* ---- losses ---- */

static void add(ask_train_loss *out, const char *name, double weight,
                const ask_loss_part *part)
{
    ask_train_loss_add(out, name, weight, part->sum);
}

static void add_supervised(ask_train_loss *out, ask_graph *g, const ask_glance *glance,
                           const ask_event_targets *events,
                           const ask_glance_task_options *how)
{
    ask_loss_part part;
    ask_tensor *match = ask_match_events(g, glance, events, &how->matching);
    ask_event_class_loss(&part, g, glance, events, match, how->matching.background);
    add(out, "cls", how->weights.cls, &part);
    ask_event_span_loss(&part, g, glance, events, match);
    add(out, "l1", how->weights.l1, &part);
}

/* A moment that is asked for is an answer, so its span is taught in any setting: to the
 * slot that is nearest, whatever its class. */
static void add_moments(ask_train_loss *out, ask_graph *g, const ask_glance *glance,
                        const ask_event_targets *events, double weight)
{
    ask_loss_part part;
    const ask_matching nearest = {.cost_l1 = 1};
    ask_event_span_loss(&part, g, glance, events,
                        ask_match_events(g, glance, events, &nearest));
    add(out, "l1", weight, &part);
}

static void add_unsupervised(ask_train_loss *out, ask_graph *g, const ask_glance *glance,
                             const ask_event_targets *events,
                             const ask_glance_loss_weights *weights)
{
    ask_loss_part part;
    ask_diversity_loss(&part, g, glance);
    add(out, "cls", weights->cls, &part);
    if (events->spans) add_moments(out, g, glance, events, weights->l1);
    ask_overlap_loss(&part, g, glance);
    add(out, "giou", weights->giou, &part);
    ask_certainty_loss(&part, g, glance);
    add(out, "cert", weights->cert, &part);
}

void ask_glance_loss_build(ask_train_loss *out, ask_graph *g, const ask_glance_output *of,
                           const ask_glance_inputs *in, const ask_glance_task_options *how)
{
    ask_loss_part part;
    ask_qa_loss(&part, g, how->net->config.head, of->focus.answer,
                ask_glance_labels(g, &of->glance, in));
    add(out, "qa", how->weights.qa, &part);
    if (how->supervised)
        add_supervised(out, g, &of->glance, &in->events, how);
    else
        add_unsupervised(out, g, &of->glance, &in->events, &how->weights);
}
