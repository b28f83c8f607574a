/* The focus: from questions and a memory to answers. */
#include <math.h>

#include "base/str.h"
#include "net/joint/timeline_focus_priv.h"

static const double FIRST_SCALE = 10;    // of products with answers
static const double FIRST_STRICT = 10;   // of their products with slots
static const double FIRST_TRUST = 0.5;   // in what is pointed at
static const double LEAST_FIT = 1e-6;    // that an answer has with what is pointed at
static const double NOT_THERE = -1e9;    // logit of a slot that is none
static const double LEAST_LENGTH = 1e-6; // of a vector that is divided by its own
static const double WORDS_SHARE = 0.5;   // of the words' sum that an answer begins with
static const double HEAD_SHARE = 0.2;    // of a matrix beside what it is added to

double timeline_added_deviation(int64_t n_in, int64_t n_out, int n_added)
{
    return ask_glorot(n_in, n_out) / sqrt((double)n_added);
}

/* ---- binding ---- */

static void bind_answering(ask_timeline_focus *out, ask_params *p)
{
    const int64_t width = out->config.width;
    const double square = ask_glorot(width, width);
    ask_norm_bind(&out->norm, p, "focus.norm", width, TIMELINE_NORM_EPS);
    ask_dense_bind(&out->head, p, "focus.head", width, width, HEAD_SHARE * square);
    ask_dense_bind(&out->pointer, p, "focus.pointer", width, width, square);
    out->no_slot =
        timeline_vectors_bind(p, "focus.no_slot", 1, width, TIMELINE_WORD_DEVIATION);
    out->scale = ask_param(p, ask_init_value(log(FIRST_SCALE)), 0, NULL, "focus.scale");
    ask_dense_bind(&out->meeting, p, "focus.meeting", width, width, HEAD_SHARE * square);
    out->strict = ask_param(p, ask_init_value(log(FIRST_STRICT)), 0, NULL, "focus.strict");
    ask_dense_bind(&out->trust, p, "focus.trust", width, 1, 0);
}

void ask_timeline_focus_bind(ask_timeline_focus *out, ask_params *p,
                             const ask_timeline_config *config)
{
    *out = (ask_timeline_focus){.config = *config};
    const ask_timeline_config *c = &out->config;
    const size_t n_layers = (size_t)c->focus_layers;
    out->words =
        timeline_vectors_bind(p, "words", c->n_vocab, c->width, TIMELINE_WORD_DEVIATION);
    out->places = timeline_vectors_bind(p, "focus.places", c->n_tokens + 1, c->width,
                                        TIMELINE_PLACE_DEVIATION);
    out->answer =
        timeline_vectors_bind(p, "focus.answer", 1, c->width, TIMELINE_WORD_DEVIATION);
    timeline_slots_bind(out, p);
    out->layers = ask_params_array(p, n_layers, sizeof *out->layers);
    for (int i = 0; out->layers && i < c->focus_layers; i++)
        timeline_focus_layer_bind(&out->layers[i], p, c, i);
    bind_answering(out, p);
    timeline_reader_bind(&out->text, p, "text", c, c->text_layers);
}

/* ---- what is asked ---- */

/* The sum of a text's words.  words: [N, L, C], mask: bool [N, L] -> [N, 1, C] */
static ask_tensor *sum_of_words(ask_graph *g, ask_tensor *words, ask_tensor *mask)
{
    int64_t shape[] = {ask_tensor_dim(mask, 0), ask_tensor_dim(mask, 1), 1};
    ask_tensor *there = ask_reshape(g, ask_cast(g, mask, ASK_F32), 3, shape);
    return ask_sum(g, ask_mul(g, words, there), 1u << 1, true);
}

/* Words and their places, and the answers' vectors behind them, which begin with the words
 * of the question.  ids: i64 [B Q, L], mask: bool [B Q, L] -> [B Q, L + 1, C] */
static ask_tensor *question_items(ask_graph *g, const ask_timeline_focus *net,
                                  ask_tensor *ids, ask_tensor *mask)
{
    const ask_timeline_config *c = &net->config;
    int64_t n_texts = ask_tensor_dim(ids, 0), n_tokens = ask_tensor_dim(ids, 1);
    ask_tensor *words = ask_embedding(g, net->words, ids);
    if (!words || !mask) return NULL;
    ask_tensor *asked = ask_scale(g, sum_of_words(g, words, mask), WORDS_SHARE);
    words = ask_add(g, words, ask_slice(g, net->places, 0, 0, n_tokens));
    ask_tensor *place = ask_slice(g, net->places, 0, c->n_tokens, c->n_tokens + 1);
    ask_tensor *answers =
        ask_expand(g, ask_add(g, net->answer, place), 3, (int64_t[]){n_texts, 1, c->width});
    answers = ask_add(g, answers, asked);
    return ask_concat(g, (ask_tensor *[]){words, answers}, 2, 1);
}

/* bool [N, n] -> bool [N, n + 1], true at the end */
static ask_tensor *with_one_more(ask_graph *g, ask_tensor *mask)
{
    if (!mask) return NULL;
    ask_tensor *one = ask_full(g, 2, (int64_t[]){ask_tensor_dim(mask, 0), 1}, 1);
    ask_tensor *parts[] = {ask_cast(g, mask, ASK_F32), one};
    return ask_cast(g, ask_concat(g, parts, 2, 1), ASK_BOOL);
}

/* [N, n] -> [N, 1, 1, n] */
static ask_tensor *of_all_queries(ask_graph *g, ask_tensor *x)
{
    if (!x) return NULL;
    return ask_reshape(g, x, 4,
                       (int64_t[]){ask_tensor_dim(x, 0), 1, 1, ask_tensor_dim(x, 1)});
}

/* How sure slots are.  -> [B, 1, 1, S] */
static ask_tensor *confidence_of(ask_graph *g, const ask_timeline_focus *net,
                                 const ask_timeline_asking *asking)
{
    int64_t batch = ask_tensor_dim(asking->records, 0);
    ask_timeline_field at = ask_record_field_of(&net->config.kinds, ASK_RECORD_CONFIDENCE);
    ask_tensor *x = timeline_field(g, asking->records, at);
    x = of_all_queries(g, ask_reshape(g, x, 2, (int64_t[]){batch, -1}));
    if (!asking->mask) return x;
    return ask_mul(g, x, of_all_queries(g, ask_cast(g, asking->mask, ASK_F32)));
}

/* Slots that know of one another.  slots: [B, S, C], mask: bool [B, S] or NULL */
static ask_tensor *remember(ask_graph *g, const ask_timeline_focus *net, ask_tensor *slots,
                            ask_tensor *mask, ask_dropping *dropping)
{
    const ask_stack_view view = {
        .mask = of_all_queries(g, mask), .trace = "memory.", .dropping = dropping};
    slots = ask_stack_build(g, &net->memory, slots, &view);
    return ask_norm_build(g, &net->memory_norm, slots);
}

/* All layers.  x: [B Q, L + 1, C] -> the answers' vectors, normed [B Q, C] */
static ask_tensor *read(ask_timeline_answered *out, const timeline_focusing *f,
                        const ask_timeline_focus *net, ask_tensor *x)
{
    const int last = net->config.focus_layers - 1;
    x = ask_pack(f->g, x, f->packing);
    for (int i = 0; i <= last; i++) {
        char trace[64];
        ask_tensor *counted;
        ask_format(trace, sizeof trace, "focus.attentions.%d", i);
        x = i < last
                ? timeline_focus_layer_build(f, &net->layers[i], x, &counted, trace)
                : timeline_focus_last_layer_build(f, &net->layers[i], x, &counted, trace);
        if (i > last - ASK_TIMELINE_COUNTING_LAYERS) out->counted[last - i] = counted;
    }
    x = ask_norm_build(f->g, &net->norm, x);
    return ask_reshape(f->g, x, 2, (int64_t[]){-1, net->config.width});
}

/* ---- what is answered ---- */

/* How well each answer fits the question's.  x: [B Q, C], answers: [U, C] -> [B Q, U] */
static ask_tensor *hold_against(ask_graph *g, const ask_timeline_focus *net, ask_tensor *x,
                                ask_tensor *answers)
{
    x = ask_add(g, x, ask_dense_build(g, &net->head, x));
    ask_tensor *said = ask_l2_normalize(g, x, LEAST_LENGTH);
    answers = ask_l2_normalize(g, answers, LEAST_LENGTH);
    return ask_mul(g, ask_matmul_t(g, said, answers), ask_exp(g, net->scale));
}

/* What can be pointed at: slots, and that there is none.  [B, S, C] -> [B, S + 1, C] */
static ask_tensor *with_none(ask_graph *g, const ask_timeline_focus *net,
                             ask_tensor *memory)
{
    int64_t shape[] = {ask_tensor_dim(memory, 0), 1, net->config.width};
    ask_tensor *none = ask_expand(g, net->no_slot, 3, shape);
    return ask_concat(g, (ask_tensor *[]){memory, none}, 2, 1);
}

/* x: [B, Q, C], places: [B, S + 1, C], mask: bool [B, S] or NULL -> [B, Q, S + 1] */
static ask_tensor *point(ask_graph *g, const ask_timeline_focus *net, ask_tensor *x,
                         ask_tensor *places, ask_tensor *mask)
{
    const int64_t n_videos = ask_tensor_dim(places, 0), width = net->config.width;
    ask_tensor *fit = ask_matmul_t(g, ask_dense_build(g, &net->pointer, x), places);
    fit = ask_scale(g, fit, 1 / sqrt((double)width));
    if (!mask) return fit;
    mask = ask_reshape(g, with_one_more(g, mask), 3, (int64_t[]){n_videos, 1, -1});
    return ask_where(g, mask, fit, ask_full(g, 0, NULL, NOT_THERE));
}

/* How well answers fit slots.  answers: [U, C], places: [B, S + 1, C] -> [B, S + 1, U] */
static ask_tensor *fit_slots(ask_graph *g, const ask_timeline_focus *net,
                             ask_tensor *answers, ask_tensor *places)
{
    answers = ask_add(g, answers, ask_dense_build(g, &net->meeting, answers));
    ask_tensor *alike =
        ask_matmul_t(g, ask_l2_normalize(g, places, LEAST_LENGTH),
                     ask_l2_normalize(g, answers, LEAST_LENGTH)); // at most 1
    return ask_mul(g, ask_affine(g, alike, 1, -1), ask_exp(g, net->strict));
}

/* How well answers fit what is pointed at, as far as that is trusted.  -> [B, Q, U] */
static ask_tensor *fit_pointed(ask_graph *g, const ask_timeline_focus *net,
                               const ask_timeline_answered *a)
{
    ask_tensor *shares = ask_softmax(g, a->pointer, NULL);
    ask_tensor *fit = ask_matmul(g, shares, ask_exp(g, a->fits));
    ask_tensor *trust =
        ask_affine(g, ask_dense_build(g, &net->trust, a->answer), 1, FIRST_TRUST);
    return ask_mul(g, ask_log(g, ask_affine(g, fit, 1, LEAST_FIT)), trust);
}

void ask_timeline_focus_build(ask_timeline_answered *out, ask_graph *g,
                              const ask_timeline_focus *net,
                              const ask_timeline_asking *asking, ask_dropping *dropping)
{
    *out = (ask_timeline_answered){0};
    const ask_timeline_texts *questions = &asking->questions;
    if (!asking->records || !questions->ids || !questions->mask) return;
    const ask_timeline_config *c = &net->config;
    int64_t n_videos = ask_tensor_dim(questions->ids, 0),
            n_questions = ask_tensor_dim(questions->ids, 1),
            n_tokens = ask_tensor_dim(questions->ids, 2);
    int64_t rows[2] = {n_videos * n_questions, n_tokens};
    ask_tensor *words_mask = ask_reshape(g, questions->mask, 2, rows);
    ask_tensor *mask = with_one_more(g, words_mask);
    ask_packing packing;
    if (questions->room) ask_packing_of(&packing, g, mask, questions->room);

    out->slots = timeline_slots_build(g, net, asking->records);
    const timeline_focusing f = {
        .g = g,
        .dropping = dropping,
        .dropout = c->dropout,
        .n_heads = c->n_heads,
        .n_counters = c->n_counters,
        .n_videos = n_videos,
        .n_tokens = n_tokens,
        .packing = questions->room ? &packing : NULL,
        .text_mask = of_all_queries(g, mask),
        .memory = remember(g, net, out->slots, asking->mask, dropping),
        .memory_mask = of_all_queries(g, asking->mask),
        .confidence = confidence_of(g, net, asking),
    };
    if (!f.memory) return;
    ask_tensor *ids = ask_reshape(g, questions->ids, 2, rows);
    ask_tensor *x = question_items(g, net, ids, words_mask);
    x = read(out, &f, net, x); // [B Q, C]
    out->answer = ask_reshape(g, x, 3, (int64_t[]){n_videos, n_questions, c->width});
    ask_tensor *logits = hold_against(g, net, x, asking->answers);
    logits = ask_reshape(g, logits, 3, (int64_t[]){n_videos, n_questions, -1});
    ask_tensor *places = with_none(g, net, f.memory);
    out->pointer = point(g, net, out->answer, places, asking->mask);
    out->fits = fit_slots(g, net, asking->answers, places);
    out->logits = ask_add(g, logits, fit_pointed(g, net, out));
}
