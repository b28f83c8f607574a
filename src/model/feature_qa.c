/* A question about features: made into tensors, put to one planned graph, and what comes of
 * it told. */
#include "model/feature_qa.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"
#include "model/feature_store.h"
#include "model/session_priv.h"

/* Inputs and outputs of the plan. */
enum { FEATURES, FRAME_MASK, IDS, TEXT_MASK, N_IN };
enum { ANSWER, CLASSES, SPANS, ORDER, EVENT_ATTENTION, FRAME_ATTENTION, N_OUT };
_Static_assert((int)N_IN <= SESSION_MAX_TENSORS && (int)N_OUT <= SESSION_MAX_TENSORS,
               "a plan has room for them");

/* Texts are filled up to a multiple of this, so that few plans serve all. */
enum { TOKEN_STEP = 16 };

/* One question on its way. */
typedef struct {
    const ask_feature_question *q;
    ask_model *model;
    network_qa_rules rules;
    int n_texts, n_tokens;          // R, L
    ask_tokens *tokens;             // [R]; owned
    void *in[SESSION_MAX_TENSORS];  // what the inputs are given; owned
    void *out[SESSION_MAX_TENSORS]; // what came out, f32 but for the order; owned
    int n_heads, n_classes;
    int64_t n_frames; // the columns of the attention
} asking;

static const network_qa *qa_of(const ask_model *m, ask_error *err)
{
    const network *n = m->network;
    if (!n->qa)
        ask_fail(err, ASK_ERR_UNSUPPORTED,
                 "%s: %s answers no questions about features; a network that does is "
                 "glance_focus",
                 m->dir, n->name);
    return n->qa;
}

bool ask_feature_qa_info_of(ask_feature_qa_info *out, const ask_model *m, ask_error *err)
{
    const network_qa *qa = qa_of(m, err);
    if (qa) *out = qa->rules(m->net).info;
    return qa;
}

/* ---- the question ---- */

static bool check_texts(const asking *a, ask_error *err)
{
    const ask_feature_question *q = a->q;
    int n = a->rules.info.n_options;
    if (!q->question || !*q->question)
        return ask_fail(err, ASK_ERR_USAGE, "there is no question");
    int given = q->options ? q->n_options : 0;
    return given == n ||
           ask_fail(err, ASK_ERR_USAGE, "%d options, but the model takes %d", given, n);
}

static bool check_features(const asking *a, ask_error *err)
{
    const ask_feature_question *q = a->q;
    if (q->blind) return true;
    if (q->width != a->rules.info.width)
        return ask_fail(err, ASK_ERR_SHAPE,
                        "features of %lld numbers, but the model takes %d",
                        (long long)q->width, a->rules.info.width);
    if (q->n_frames < 1) return ask_fail(err, ASK_ERR_SHAPE, "the video has no features");
    for (int64_t i = 0; i < q->n_frames * q->width; i++)
        if (!isfinite(q->features[i]))
            return ask_fail(err, ASK_ERR_FORMAT, "features: row %lld, column %lld is %s",
                            (long long)(i / q->width), (long long)(i % q->width),
                            isnan(q->features[i]) ? "NaN" : "infinite");
    return true;
}

/* The question, with the option behind it where there are options. */
static char *text_at(const asking *a, int i, ask_error *err)
{
    ask_str text = {0};
    ask_str_append(&text, a->q->question);
    if (a->rules.info.n_options) {
        ask_str_append(&text, a->rules.option_joint);
        ask_str_append(&text, a->q->options[i]);
    }
    return ask_str_take(&text, err);
}

/* All texts, and how many places they get. */
static bool read_texts(asking *a, const ask_session *s, ask_error *err)
{
    const ask_tokenizer *t = model_tokenizer(a->model, err);
    a->tokens = calloc((size_t)a->n_texts, sizeof *a->tokens);
    if (!t || !a->tokens) return t ? ask_fail_memory(err) : false;
    for (int i = 0; i < a->n_texts; i++) {
        char *text = text_at(a, i, err);
        bool ok = text && session_encode(s, t, text, &a->tokens[i], err);
        free(text);
        if (!ok) return false;
        if (a->tokens[i].n > a->n_tokens) a->n_tokens = a->tokens[i].n;
    }
    if (a->n_tokens == 0) return ask_fail(err, ASK_ERR_USAGE, "the question has no tokens");
    int most = a->rules.text.n_context;
    int wide = (a->n_tokens + TOKEN_STEP - 1) / TOKEN_STEP * TOKEN_STEP;
    if (!a->rules.sees_padding) a->n_tokens = wide < most ? wide : most;
    return true;
}

/* Ids [R, L] and which of them are tokens. */
static bool fill_texts(asking *a, ask_error *err)
{
    size_t length = (size_t)a->n_tokens, n = (size_t)a->n_texts * length;
    int64_t *ids = a->in[IDS] = malloc(n * sizeof *ids);
    uint8_t *mask = a->in[TEXT_MASK] = malloc(n);
    if (!ids || !mask) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        const ask_tokens *t = &a->tokens[i / length];
        mask[i] = i % length < (size_t)t->n;
        ids[i] = mask[i] ? t->tokens[i % length].id : a->rules.text.pad_id;
    }
    return true;
}

/* Features [1, T, width] and which of them are frames. */
static bool fill_frames(asking *a, ask_error *err)
{
    const ask_feature_qa_info *info = &a->rules.info;
    size_t bytes;
    if (!ask_bytes_of(&bytes, info->n_frames, (size_t)info->width * sizeof(float)))
        return ask_fail_memory(err);
    float *features = a->in[FEATURES] = calloc(1, bytes);
    uint8_t *mask = a->in[FRAME_MASK] = malloc((size_t)info->n_frames);
    if (!features || !mask) return ask_fail_memory(err);
    int64_t n_real = info->n_frames;
    if (!a->q->blind) {
        const ask_feature_rows rows = {.data = (float *)(uintptr_t)a->q->features,
                                       .n = a->q->n_frames,
                                       .width = a->q->width}; // only read
        n_real = ask_feature_rows_fit(features, info->n_frames, &rows);
    }
    for (int i = 0; i < info->n_frames; i++) mask[i] = i < n_real;
    return true;
}

/* ---- the graph ---- */

static void plan_question(session_plan *p, const ask_model *m)
{
    const network_qa *qa = m->network->qa;
    const network_qa_rules rules = qa->rules(m->net);
    const int64_t frames[3] = {1, rules.info.n_frames, rules.info.width};
    const int64_t texts[2] = {p->batch, p->length};
    ask_graph *g = p->graph;
    p->in[FEATURES] = ask_input(g, ASK_F32, 3, frames);
    if (!rules.sees_padding) p->in[FRAME_MASK] = ask_input(g, ASK_BOOL, 2, frames);
    p->in[IDS] = ask_input(g, ASK_I64, 2, texts);
    p->in[TEXT_MASK] = ask_input(g, ASK_BOOL, 2, texts);
    const network_qa_input in = {.features = p->in[FEATURES],
                                 .mask = p->in[FRAME_MASK],
                                 .ids = p->in[IDS],
                                 .text_mask = p->in[TEXT_MASK]};
    network_qa_output out = {0};
    qa->build(&out, g, m->net, &in);
    p->out[ANSWER] = out.answer;
    p->out[CLASSES] = out.class_logits;
    p->out[SPANS] = out.spans;
    p->out[ORDER] = out.order;
    p->out[EVENT_ATTENTION] = out.event_attention;
    p->out[FRAME_ATTENTION] = out.frame_attention;
}

static bool compute(asking *a, ask_session *s, const ask_cancel *cancel, ask_error *err)
{
    const session_plan *p = session_compute(a->out, s, plan_question, a->n_texts,
                                            a->n_tokens, a->in, cancel, err);
    if (!p) return false;
    a->n_classes = (int)ask_tensor_dim(p->out[CLASSES], 2);
    a->n_heads = (int)ask_tensor_dim(p->out[EVENT_ATTENTION], 1);
    a->n_frames = ask_tensor_dim(p->out[FRAME_ATTENTION], 3);
    return true;
}

/* ---- the answer ---- */

static int n_scores(const ask_feature_qa_info *info)
{
    switch (info->kind) {
    case ASK_QA_OPTIONS:
        return info->n_options;
    case ASK_QA_VOCABULARY:
        return info->n_answers;
    case ASK_QA_MOMENT:
        return info->n_events;
    case ASK_QA_COUNT:
        break;
    }
    return 1;
}

static void take_scores(ask_feature_answer *out, const asking *a)
{
    const float *logits = a->out[ANSWER];
    if (a->rules.info.kind == ASK_QA_COUNT) {
        double count = out->scores[0] = logits[0];
        out->best = count <= 0 ? 0 : count >= INT_MAX ? INT_MAX : (int)lround(count);
        return;
    }
    out->best = session_largest(logits, out->n_scores);
    double log_sum = session_log_sum(logits, out->n_scores);
    for (int i = 0; i < out->n_scores; i++) out->scores[i] = logits[i] - log_sum;
}

static double clip(double share)
{
    return fmin(fmax(share, 0), 1);
}

static ask_feature_event event_of(const asking *a, int64_t slot)
{
    const float *span = (const float *)a->out[SPANS] + 2 * slot;
    const float *logits = (const float *)a->out[CLASSES] + slot * a->n_classes;
    double start = a->rules.spans_are_ends ? span[0] : span[0] - span[1] / 2.0;
    double end = a->rules.spans_are_ends ? span[1] : span[0] + span[1] / 2.0;
    int best = session_largest(logits, a->n_classes);
    return (ask_feature_event){
        .start = clip(fmin(start, end)),
        .end = clip(fmax(start, end)),
        .class_index = best,
        .confidence = exp(logits[best] - session_log_sum(logits, a->n_classes))};
}

/* How much the tokens of a text look at a column of attention [R, H, L, n]. */
static double look_at(const asking *a, const float *attention, int text, int64_t n,
                      int64_t column)
{
    double sum = 0;
    for (int h = 0; h < a->n_heads; h++)
        for (int k = 0; k < a->tokens[text].n; k++)
            sum += attention[((int64_t)(text * a->n_heads + h) * a->n_tokens + k) * n +
                             column];
    return sum;
}

static void make_shares(double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    for (int64_t i = 0; i < n && sum > 0; i++) x[i] /= sum;
}

static void take_weights(ask_feature_answer *out, const asking *a)
{
    const float *events = a->out[EVENT_ATTENTION], *frames = a->out[FRAME_ATTENTION];
    int text = a->rules.info.n_options ? out->best : 0;
    for (int i = 0; i < out->n_events; i++)
        out->event_weights[i] = look_at(a, events, text, out->n_events, i);
    for (int64_t j = 0; j < a->n_frames; j++) {
        int64_t row = ask_feature_row_at(j, a->n_frames, out->n_frames);
        if (row >= 0 && !a->q->blind)
            out->frame_weights[row] += look_at(a, frames, text, a->n_frames, j);
    }
    for (int64_t i = 0; i < out->n_frames && a->q->blind; i++) out->frame_weights[i] = 1;
    make_shares(out->event_weights, out->n_events);
    make_shares(out->frame_weights, out->n_frames);
}

static bool take_answer(ask_feature_answer *out, const asking *a, ask_error *err)
{
    const ask_feature_qa_info *info = &a->rules.info;
    size_t n_events = (size_t)info->n_events;
    ask_feature_answer answer = {.n_scores = n_scores(info),
                                 .n_events = info->n_events,
                                 .n_frames = a->q->n_frames > 0 ? a->q->n_frames : 0};
    answer.scores = calloc((size_t)answer.n_scores, sizeof *answer.scores);
    answer.events = calloc(n_events, sizeof *answer.events);
    answer.event_weights = calloc(n_events, sizeof *answer.event_weights);
    answer.frame_weights =
        calloc((size_t)answer.n_frames + 1, sizeof *answer.frame_weights);
    if (!answer.scores || !answer.events || !answer.event_weights ||
        !answer.frame_weights) {
        ask_feature_answer_free(&answer);
        return ask_fail_memory(err);
    }
    take_scores(&answer, a);
    for (int i = 0; i < info->n_events; i++)
        answer.events[i] = event_of(a, ((const int64_t *)a->out[ORDER])[i]);
    take_weights(&answer, a);
    *out = answer;
    return true;
}

/* ---- all of it ---- */

static void asking_close(asking *a)
{
    for (int i = 0; i < a->n_texts && a->tokens; i++) ask_tokens_free(&a->tokens[i]);
    free(a->tokens);
    for (int i = 0; i < N_IN; i++) free(a->in[i]);
    session_outputs_free(a->out);
}

bool ask_answer_features(ask_feature_answer *out, ask_session *s,
                         const ask_feature_question *q, const ask_cancel *cancel,
                         ask_error *err)
{
    asking a = {.q = q, .model = s->model};
    const network_qa *qa = qa_of(a.model, err);
    if (!qa) return false;
    a.rules = qa->rules(a.model->net);
    a.n_texts = a.rules.info.n_options ? a.rules.info.n_options : 1;
    bool ok = check_texts(&a, err) && check_features(&a, err) && read_texts(&a, s, err) &&
              fill_texts(&a, err) && fill_frames(&a, err) && compute(&a, s, cancel, err) &&
              take_answer(out, &a, err);
    asking_close(&a);
    return ok;
}

void ask_feature_answer_free(ask_feature_answer *a)
{
    if (!a) return;
    free(a->scores);
    free(a->events);
    free(a->event_weights);
    free(a->frame_weights);
    *a = (ask_feature_answer){0};
}
