/* What the focus is taught: right answers, and where they are seen. */
#include "net/joint/timeline_loss_priv.h"

static const double FOCAL = 1.5;

void ask_focus_truth_inputs(ask_focus_truth *out, ask_graph *g, int64_t n_questions,
                            int64_t n_options, int64_t n_answers)
{
    const int64_t of_options[] = {n_questions, n_options},
                  of_answers[] = {n_questions, n_answers},
                  of_events[] = {n_questions, ASK_TIMELINE_SCENE_EVENTS};
    *out = (ask_focus_truth){
        .options = ask_input(g, ASK_I64, 2, of_options),
        .right = ask_input(g, ASK_I64, 1, &n_questions),
        .open = ask_input(g, ASK_I64, 1, &n_questions),
        .rivals = ask_input(g, ASK_F32, 2, of_answers),
        .weight = ask_input(g, ASK_F32, 1, &n_questions),
        .events = ask_input(g, ASK_F32, 2, of_events),
        .pair = ask_input(g, ASK_I64, 1, &n_questions),
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

/* Whether an event slot is evidence.  events: f32 [B, Q, events], which event a slot is:
 * i64 [B, E] -> f32 [B, Q, E] */
static ask_tensor *is_evidence(ask_graph *g, ask_tensor *events, ask_tensor *slots)
{
    if (!events || !slots) return NULL;
    int64_t all[3] = {ask_tensor_dim(events, 0), ask_tensor_dim(events, 1),
                      ask_tensor_dim(slots, 1)};
    slots = ask_reshape(g, slots, 3, (int64_t[]){all[0], 1, all[2]});
    ask_tensor *index = ask_expand(g, some_label(g, slots), 3, all);
    ask_tensor *hit = ask_gather(g, events, index, 2);
    return ask_mul(g, hit, ask_cast(g, is_told(g, slots), ASK_F32));
}

/* Whether a toy slot is the toy that is evidence.  wanted: i64 [B, Q, 1], slots: i64
 * [B, S - E] -> f32 [B, Q, S - E] */
static ask_tensor *is_wanted(ask_graph *g, ask_tensor *wanted, ask_tensor *slots)
{
    if (!wanted || !slots) return NULL;
    slots = ask_reshape(g, slots, 3,
                        (int64_t[]){ask_tensor_dim(slots, 0), 1, ask_tensor_dim(slots, 1)});
    ask_tensor *same = ask_cast(g, ask_equal(g, wanted, slots), ASK_F32);
    return ask_mul(g, same, ask_cast(g, is_told(g, wanted), ASK_F32));
}

/* What is to be pointed at, in even shares.  -> [B, Q, S + 1] */
static ask_tensor *shares_of(ask_graph *g, const ask_focus_truth *truth,
                             const ask_slot_truth *slots, const int64_t size[2])
{
    ask_tensor *events = ask_reshape(
        g, truth->events, 3, (int64_t[]){size[0], size[1], ASK_TIMELINE_SCENE_EVENTS});
    ask_tensor *pair = ask_reshape(g, truth->pair, 3, (int64_t[]){size[0], size[1], 1});
    ask_tensor *parts[] = {is_evidence(g, events, slots->events),
                           is_wanted(g, pair, slots->pairs)};
    ask_tensor *meant = ask_concat(g, parts, 2, 2); // [B, Q, S]
    ask_tensor *n = ask_sum(g, meant, 1u << 2, true);
    ask_tensor *none = ask_cast(g, ask_equal(g, n, number(g, 0)), ASK_F32);
    ask_tensor *all = ask_concat(g, (ask_tensor *[]){meant, none}, 2, 2);
    return ask_div(g, all, ask_maximum(g, n, number(g, 1)));
}

static ask_tensor *pointer_loss(ask_graph *g, ask_tensor *pointer,
                                const ask_focus_truth *truth, const ask_slot_truth *slots)
{
    if (!pointer) return NULL;
    int64_t size[2] = {ask_tensor_dim(pointer, 0), ask_tensor_dim(pointer, 1)};
    ask_tensor *shares = shares_of(g, truth, slots, size);
    ask_tensor *fit = ask_mul(g, shares, ask_log_softmax(g, pointer, NULL));
    ask_tensor *losses = ask_scale(g, ask_sum(g, fit, 1u << 2, false), -1); // [B, Q]
    losses = ask_reshape(g, losses, 1, (int64_t[]){-1});
    return weighted_mean(g, losses, ask_mul(g, truth->weight, truth->told));
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
    out->pointer = pointer_loss(g, answered->pointer, truth, slots);
}
