/* What the focus is taught: right answers, and where they are seen. */
#include "net/joint/timeline_loss_priv.h"

static const double FOCAL = 1.5;

void ask_focus_truth_inputs(ask_focus_truth *out, ask_graph *g, int64_t n_questions,
                            int64_t n_options, int64_t n_answers, int64_t n_pairs)
{
    const int64_t of_options[] = {n_questions, n_options},
                  of_answers[] = {n_questions, n_answers},
                  of_events[] = {n_questions, ASK_TIMELINE_SCENE_EVENTS},
                  of_pairs[] = {n_questions, n_pairs};
    *out = (ask_focus_truth){
        .options = ask_input(g, ASK_I64, 2, of_options),
        .right = ask_input(g, ASK_I64, 1, &n_questions),
        .open = ask_input(g, ASK_I64, 1, &n_questions),
        .rivals = ask_input(g, ASK_F32, 2, of_answers),
        .weight = ask_input(g, ASK_F32, 1, &n_questions),
        .events = ask_input(g, ASK_F32, 2, of_events),
        .pairs = ask_input(g, ASK_F32, 2, of_pairs),
        .told = ask_input(g, ASK_F32, 1, &n_questions),
    };
}

static ask_tensor *number(ask_graph *g, double value)
{
    return ask_full(g, 0, NULL, value);
}

static ask_tensor *index_constant(ask_graph *g, int64_t value)
{
    return ask_constant(g, ASK_I64, 0, NULL, &value);
}

/* Whether labels are told: bool. */
static ask_tensor *is_told(ask_graph *g, ask_tensor *labels)
{
    return ask_less(g, index_constant(g, -1), labels);
}

/* Labels with 0 where none is told. */
static ask_tensor *some_label(ask_graph *g, ask_tensor *labels)
{
    return ask_where(g, is_told(g, labels), labels, index_constant(g, 0));
}

/* x: [N, ...] -> the mean of x by its weights [N]; 0 where nothing weighs. */
static ask_tensor *weighted_mean(ask_graph *g, ask_tensor *x, ask_tensor *weight)
{
    ask_tensor *sum = ask_sum(g, ask_mul(g, x, weight), 0, false);
    return timeline_mean_of(g, sum, ask_sum(g, weight, 0, false));
}

/* ---- answers ---- */

/* Cross-entropy, less of it where the right answer is likely already. log_p: [N, n],
 * right: i64 [N] -> [N] */
static ask_tensor *focal(ask_graph *g, ask_tensor *log_p, ask_tensor *right)
{
    if (!log_p || !right) return NULL;
    int64_t n = ask_tensor_dim(log_p, 0);
    right = ask_reshape(g, right, 2, (int64_t[]){n, 1});
    log_p = ask_reshape(g, ask_gather(g, log_p, right, 1), 1, &n);
    // A probability that rounding lifts above 1 must not reach the power.
    ask_tensor *unlikely = ask_relu(g, ask_affine(g, ask_exp(g, log_p), -1, 1));
    return ask_scale(g, ask_mul(g, ask_pow(g, unlikely, FOCAL), log_p), -1);
}

/* Which answers an open question chooses from, the right one (i64 [N]) among them: bool
 * [N, U] */
static ask_tensor *choices_of(ask_graph *g, ask_tensor *rivals, ask_tensor *right)
{
    if (!rivals) return NULL;
    int64_t n = ask_tensor_dim(rivals, 0), n_answers = ask_tensor_dim(rivals, 1);
    right = ask_reshape(g, right, 2, (int64_t[]){n, 1});
    ask_tensor *is_right = ask_equal(g, ask_range(g, n_answers), right);
    return ask_cast(g, ask_add(g, rivals, ask_cast(g, is_right, ASK_F32)), ASK_BOOL);
}

/* logits: [N, U] */
static ask_tensor *open_loss(ask_graph *g, ask_tensor *logits, const ask_focus_truth *truth)
{
    ask_tensor *right = some_label(g, truth->open);
    ask_tensor *choices = choices_of(g, truth->rivals, right);
    ask_tensor *told = ask_cast(g, is_told(g, truth->open), ASK_F32);
    ask_tensor *losses = focal(g, ask_log_softmax(g, logits, choices), right);
    return weighted_mean(g, losses, ask_mul(g, truth->weight, told));
}

/* ---- where answers are seen ---- */

/* Whether slots are evidence.  marked: f32 [B Q, n], which events or toys are; is: i64 [B,
 * m], which of them each slot is, -1: none; size: B, Q -> f32 [B, Q, m] */
static ask_tensor *is_marked(ask_graph *g, ask_tensor *marked, ask_tensor *is,
                             const int64_t size[2])
{
    if (!marked || !is) return NULL;
    int64_t all[3] = {size[0], size[1], ask_tensor_dim(is, 1)};
    marked = ask_reshape(g, marked, 3, (int64_t[]){size[0], size[1], -1});
    is = ask_reshape(g, is, 3, (int64_t[]){all[0], 1, all[2]});
    ask_tensor *hit = ask_gather(g, marked, ask_expand(g, some_label(g, is), 3, all), 2);
    return ask_mul(g, hit, ask_cast(g, is_told(g, is), ASK_F32));
}

/* Of slots of events, then of toys; or of sights, which may be of either.  -> f32 [B, Q, S]
 */
static ask_tensor *evidence_of(ask_graph *g, const ask_focus_truth *truth,
                               const ask_slot_truth *slots, const int64_t size[3])
{
    ask_tensor *parts[] = {is_marked(g, truth->events, slots->events, size),
                           is_marked(g, truth->pairs, slots->pairs, size)};
    if (!parts[0] || !parts[1] ||
        ask_tensor_dim(parts[0], 2) + ask_tensor_dim(parts[1], 2) == size[2])
        return ask_concat(g, parts, 2, 2);
    return ask_maximum(g, parts[0], parts[1]);
}

/* What is to be pointed at, in even shares.  meant: [B, Q, S] -> [B, Q, S + 1] */
static ask_tensor *shares_of(ask_graph *g, ask_tensor *meant)
{
    ask_tensor *n = ask_sum(g, meant, 1u << 2, true);
    ask_tensor *none = ask_cast(g, ask_equal(g, n, number(g, 0)), ASK_F32);
    ask_tensor *all = ask_concat(g, (ask_tensor *[]){meant, none}, 2, 2);
    return ask_div(g, all, ask_maximum(g, n, number(g, 1)));
}

static ask_tensor *pointer_loss(ask_graph *g, ask_tensor *pointer, ask_tensor *meant,
                                const ask_focus_truth *truth)
{
    ask_tensor *fit = ask_mul(g, shares_of(g, meant), ask_log_softmax(g, pointer, NULL));
    ask_tensor *losses = ask_scale(g, ask_sum(g, fit, 1u << 2, false), -1); // [B, Q]
    losses = ask_reshape(g, losses, 1, (int64_t[]){-1});
    return weighted_mean(g, losses, ask_mul(g, truth->weight, truth->told));
}

/* Of a question, the sum over its slots.  logits: [B, Q, S] */
static ask_tensor *counted_loss(ask_graph *g, ask_tensor *logits, ask_tensor *meant,
                                const ask_focus_truth *truth)
{
    int64_t shape[3];
    for (int i = 0; i < 3; i++) shape[i] = ask_tensor_dim(logits, i);
    ask_tensor *weight = ask_mul(g, truth->weight, truth->told);
    ask_tensor *of_slots = ask_expand(
        g, ask_reshape(g, weight, 3, (int64_t[]){shape[0], shape[1], 1}), 3, shape);
    ask_tensor *sum = ask_bce_with_logits(g, logits, meant, of_slots, ASK_REDUCE_SUM);
    return timeline_mean_of(g, sum, ask_sum(g, weight, 0, false));
}

static void evidence_losses(ask_focus_losses *out, ask_graph *g,
                            const ask_timeline_answered *answered,
                            const ask_focus_truth *truth, const ask_slot_truth *slots)
{
    if (!answered->pointer) return;
    int64_t size[3] = {ask_tensor_dim(answered->pointer, 0),
                       ask_tensor_dim(answered->pointer, 1),
                       ask_tensor_dim(answered->pointer, 2) - 1};
    ask_tensor *meant = evidence_of(g, truth, slots, size); // [B, Q, S]
    out->pointer = pointer_loss(g, answered->pointer, meant, truth);
    out->counted = number(g, 0);
    for (int i = 0; i < ASK_TIMELINE_COUNTING_LAYERS; i++)
        if (answered->counted[i])
            out->counted = ask_add(g, out->counted,
                                   counted_loss(g, answered->counted[i], meant, truth));
}

void ask_timeline_focus_loss(ask_focus_losses *out, ask_graph *g,
                             const ask_timeline_answered *answered,
                             const ask_focus_truth *truth, const ask_slot_truth *slots)
{
    *out = (ask_focus_losses){0};
    if (!answered->logits || !truth->rivals) return;
    ask_tensor *logits = ask_reshape(g, answered->logits, 2,
                                     (int64_t[]){-1, ask_tensor_dim(truth->rivals, 1)});
    out->option_logits = ask_gather(g, logits, truth->options, 1);
    ask_tensor *losses =
        focal(g, ask_log_softmax(g, out->option_logits, NULL), truth->right);
    out->options = weighted_mean(g, losses, truth->weight);
    out->open = open_loss(g, logits, truth);
    evidence_losses(out, g, answered, truth, slots);
}
