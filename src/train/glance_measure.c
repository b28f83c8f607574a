#include "train/glance_measure.h"

#include <math.h>
#include <stdlib.h>

#include "eval/row.h"
#include "metric/span.h"
#include "train/glance_loss.h"

struct ask_glance_measure {
    ask_glance_measure_options opt;
    ask_graph *graph; // NULL before the first time
    ask_glance_inputs inputs;
    ask_tensor *answer, *spans, *order;
    ask_loss_part loss;
    ask_glance_batch *batch;
    float *answers, *span_values;
    int64_t *orders;
};

/* What was found so far. */
typedef struct {
    double loss, n_labels; // sum, and how many it is over
    double n, right;
    double error, iou; // sums
} tally;

ask_glance_measure *ask_glance_measure_open(const ask_glance_measure_options *opt,
                                            ask_error *err)
{
    ask_glance_measure *m = calloc(1, sizeof *m);
    if (!m) {
        ask_fail_memory(err);
        return NULL;
    }
    m->opt = *opt;
    m->opt.size.n_events = 0;
    m->batch = ask_glance_batch_new(&m->opt.size, err);
    if (m->batch) return m;
    ask_glance_measure_close(m);
    return NULL;
}

void ask_glance_measure_close(ask_glance_measure *m)
{
    if (!m) return;
    ask_graph_free(m->graph);
    ask_glance_batch_free(m->batch);
    free(m->answers);
    free(m->span_values);
    free(m->orders);
    free(m);
}

/* ---- the graph ---- */

static void build(ask_glance_measure *m, ask_graph *g)
{
    ask_glance_output out;
    ask_glance_inputs_add(&m->inputs, g, &m->opt.size);
    ask_glance_build_all(&out, g, m->opt.net, &m->inputs, NULL);
    ask_qa_loss(&m->loss, g, m->opt.net->config.head, out.focus.answer,
                ask_glance_labels(g, &out.glance, &m->inputs));
    m->answer = ask_keep(g, ask_contiguous(g, out.focus.answer));
    m->spans = ask_keep(g, ask_contiguous(g, out.glance.spans));
    m->order = ask_keep(g, ask_contiguous(g, out.glance.order));
    ask_keep(g, m->loss.sum);
    ask_keep(g, m->loss.count);
}

static bool plan(ask_glance_measure *m, ask_error *err)
{
    if (m->graph) return true;
    ask_graph *g = ask_graph_new(err);
    if (!g) return false;
    build(m, g);
    const ask_plan_options opt = {
        .struct_size = sizeof opt, .backends = &m->opt.backend, .n_backends = 1};
    if (!ask_graph_plan(g, &opt, err)) {
        ask_graph_free(g);
        return false;
    }
    m->graph = g;
    m->answers = malloc(ask_tensor_bytes(m->answer));
    m->span_values = malloc(ask_tensor_bytes(m->spans));
    m->orders = malloc(ask_tensor_bytes(m->order));
    return (m->answers && m->span_values && m->orders) || ask_fail_memory(err);
}

static bool read_tensor(void *out, const ask_tensor *t, ask_error *err)
{
    return ask_tensor_read(t, out, ask_tensor_bytes(t), err);
}

static bool run(ask_glance_measure *m, tally *t, ask_error *err)
{
    float sum, count;
    const ask_run_options opt = {.struct_size = sizeof opt, .cancel = m->opt.cancel};
    if (!ask_glance_inputs_write(&m->inputs, m->batch, err) ||
        !ask_graph_run(m->graph, &opt, err) || !read_tensor(m->answers, m->answer, err) ||
        !read_tensor(m->span_values, m->spans, err) ||
        !read_tensor(m->orders, m->order, err) || !read_tensor(&sum, m->loss.sum, err) ||
        !read_tensor(&count, m->loss.count, err))
        return false;
    t->loss += (double)sum;
    t->n_labels += (double)count;
    return true;
}

/* ---- grading ---- */

static int best_of(const float *scores, int64_t n)
{
    int best = 0;
    for (int i = 1; i < (int)n; i++)
        if (scores[i] > scores[best]) best = i;
    return best;
}

static int64_t n_scores(const ask_glance_measure *m)
{
    return ask_tensor_count(m->answer) / m->opt.size.n_questions;
}

static ask_eval_decision decision_of(const ask_glance_measure *m, int at)
{
    int64_t n = n_scores(m);
    const float *scores = m->answers + at * n;
    int best = best_of(scores, n);
    switch (m->opt.net->config.head) {
    case ASK_ANSWER_OPTIONS:
        return (ask_eval_decision){.choice = best};
    case ASK_ANSWER_VOCABULARY:
        return (ask_eval_decision){.choice = -1, .text = m->opt.answers[best]};
    default:
        return (ask_eval_decision){
            .choice = -1, .has_count = true, .count = (double)scores[0]};
    }
}

static bool grade_answer(const ask_glance_measure *m, int at, const ask_glance_sample *s,
                         tally *t, ask_error *err)
{
    const ask_eval_item item = {.record = *s->record, .counts = m->opt.counts};
    const ask_eval_decision decision = decision_of(m, at);
    ask_eval_mark mark;
    if (!ask_eval_mark_of(&mark, &item, &decision, err)) return false;
    if (mark.rule == ASK_RULE_NONE) return true;
    t->n++;
    t->right += mark.right;
    if (mark.rule == ASK_RULE_COUNT)
        t->error += fabs((double)(mark.count - s->record->count));
    return true;
}

static double part(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* The span of the slot that has the highest score. */
static ask_span chosen_span(const ask_glance_measure *m, int at)
{
    int64_t n = n_scores(m), slot = m->orders[at * n + best_of(m->answers + at * n, n)];
    const float *span = m->span_values + 2 * (at * n + slot);
    double first = (double)span[0], second = (double)span[1];
    if (m->opt.size.ends)
        return (ask_span){part(fmin(first, second)), part(fmax(first, second))};
    return (ask_span){part(first - second / 2), part(first + second / 2)};
}

static void grade_moment(const ask_glance_measure *m, int at, const ask_glance_sample *s,
                         tally *t)
{
    if (s->n_windows == 0) return;
    double best = 0;
    ask_span chosen = chosen_span(m, at);
    for (int k = 0; k < s->n_windows; k++) {
        const ask_span window = {s->windows[k].start_s, s->windows[k].end_s};
        best = fmax(best, ask_span_iou(chosen, window));
    }
    t->n++;
    t->right += best >= 0.5;
    t->iou += best;
}

static bool grade(const ask_glance_measure *m, int at, size_t question, tally *t,
                  ask_error *err)
{
    ask_glance_sample s;
    ask_glance_data_get(&s, m->opt.data, question);
    if (m->opt.net->config.head != ASK_ANSWER_MOMENT)
        return grade_answer(m, at, &s, t, err);
    grade_moment(m, at, &s, t);
    return true;
}

/* ---- all of it ---- */

/* Questions from `first` on, as many as there are in a batch. */
static bool measure_batch(ask_glance_measure *m, size_t first, size_t n, size_t *questions,
                          const ask_rng *streams, tally *t, ask_error *err)
{
    for (size_t i = 0; i < n; i++) questions[i] = first + i;
    if (!ask_glance_batch_fill(m->batch, m->opt.data, questions, streams, (int)n, err) ||
        !run(m, t, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) ok = grade(m, (int)i, first + i, t, err);
    return ok;
}

static bool put(ask_train_metrics *out, const ask_glance_measure *m, const tally *t,
                ask_error *err)
{
    double n = t->n > 0 ? t->n : NAN, n_labels = t->n_labels > 0 ? t->n_labels : NAN;
    ask_answer_head head = m->opt.net->config.head;
    return ask_train_metrics_add(out, "loss", t->loss / n_labels, err) &&
           ask_train_metrics_add(out, "accuracy", t->right / n, err) &&
           (head != ASK_ANSWER_COUNT ||
            ask_train_metrics_add(out, "mae", t->error / n, err)) &&
           (head != ASK_ANSWER_MOMENT ||
            ask_train_metrics_add(out, "iou", t->iou / n, err));
}

bool ask_glance_measure_run(ask_glance_measure *m, ask_train_metrics *out, ask_error *err)
{
    size_t n = ask_glance_data_info_of(m->opt.data).n,
           size = (size_t)m->opt.size.n_questions;
    tally t = {0};
    size_t *questions = calloc(size, sizeof *questions);
    ask_rng *streams = calloc(size, sizeof *streams);
    bool ok = ((questions && streams) || ask_fail_memory(err)) && plan(m, err);
    for (size_t first = 0; ok && first < n; first += size)
        ok = ask_cancel_check(m->opt.cancel, err) &&
             measure_batch(m, first, n - first < size ? n - first : size, questions,
                           streams, &t, err);
    free(questions);
    free(streams);
    return ok && put(out, m, &t, err);
}
