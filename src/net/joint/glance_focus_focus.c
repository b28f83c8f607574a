/* The focus: from a text, frames and memory prompts to an answer. */
#include <math.h>

#include "net/joint/glance_focus_priv.h"

ask_tensor *ask_focus_text(ask_graph *g, const ask_glance_focus *net,
                           const ask_bert_input *in)
{
    ask_tensor *x = ask_bert_states(g, &net->text, in, "text.");
    x = ask_norm_build(g, &net->resize_norm, ask_dense_build(g, &net->resize, x));
    x = ask_drop(g, x, net->config.dropout, in->dropping);
    x = ask_unpack(g, x, in->packing);
    glance_focus_trace(g, x, "focus.text_memory_resized");
    return x;
}

/* What the encoder is given: frames, prompts, text. */
typedef struct {
    int64_t n_texts, n_frames, n_prompts, n_tokens;
    glance_focus_items all; // [R, T + Q + L, C]
} joined;

/* Each video as often as it has texts.  x: [B, ...] -> [R, ...] */
static ask_tensor *for_texts(ask_graph *g, ask_tensor *x, int64_t n_texts)
{
    if (!x) return NULL;
    int64_t n_videos = ask_tensor_dim(x, 0), each = n_videos ? n_texts / n_videos : 0;
    if (each == 1) return x;
    int n = ask_tensor_n_dims(x);
    int64_t apart[ASK_MAX_DIMS], repeated[ASK_MAX_DIMS], together[ASK_MAX_DIMS];
    apart[0] = repeated[0] = n_videos;
    apart[1] = 1;
    repeated[1] = each;
    together[0] = n_texts;
    for (int i = 1; i < n; i++)
        apart[i + 1] = repeated[i + 1] = together[i] = ask_tensor_dim(x, i);
    x = ask_expand(g, ask_reshape(g, x, n + 1, apart), n + 1, repeated);
    return ask_reshape(g, x, n, together);
}

/* [R, n] of one value */
static ask_tensor *flags(ask_graph *g, int64_t n_texts, int64_t n, double value)
{
    return ask_full(g, 2, (int64_t[]){n_texts, n}, value);
}

/* Which items may be looked at; NULL: all.  masks: bool [R, n] or NULL -> bool [R, N] */
static ask_tensor *join_masks(ask_graph *g, const joined *j, ask_tensor *frames,
                              ask_tensor *text)
{
    if (!frames && !text) return NULL;
    ask_tensor *parts[3] = {
        frames ? ask_cast(g, frames, ASK_F32) : flags(g, j->n_texts, j->n_frames, 1),
        flags(g, j->n_texts, j->n_prompts, 1),
        text ? ask_cast(g, text, ASK_F32) : flags(g, j->n_texts, j->n_tokens, 1),
    };
    return ask_cast(g, ask_concat(g, parts, 3, 1), ASK_BOOL);
}

/* The numbers of the authors' code: 1 for all but real tokens, which have 0. -> [R, N] */
static ask_tensor *join_added(ask_graph *g, const joined *j, ask_tensor *text)
{
    ask_tensor *parts[2] = {
        flags(g, j->n_texts, j->n_frames + j->n_prompts, 1),
        text ? ask_affine(g, ask_cast(g, text, ASK_F32), -1, 1)
             : flags(g, j->n_texts, j->n_tokens, 0),
    };
    return ask_concat(g, parts, 2, 1);
}

static joined join(const glance_focus_build *b, const ask_glance *glance, ask_tensor *text,
                   ask_tensor *text_mask)
{
    joined j = {.n_texts = ask_tensor_dim(text, 0),
                .n_frames = ask_tensor_dim(glance->frames, 1),
                .n_prompts = b->net->config.n_queries,
                .n_tokens = ask_tensor_dim(text, 1)};
    ask_tensor *prompts = ask_add(b->g, glance->prompts, b->net->slot_table); // [B, Q, C]
    ask_tensor *parts[3] = {for_texts(b->g, glance->frames, j.n_texts),
                            for_texts(b->g, prompts, j.n_texts), text};
    j.all.states = ask_concat(b->g, parts, 3, 1);
    if (b->net->config.compat.added_masks)
        j.all.added = join_added(b->g, &j, text_mask);
    else
        j.all.mask =
            join_masks(b->g, &j, for_texts(b->g, glance->mask, j.n_texts), text_mask);
    return j;
}

/* Which of the encoded items are taken for the memory of events and of frames. */
static void take_apart(glance_focus_items *events, glance_focus_items *frames, ask_graph *g,
                       const joined *j, const ask_glance_focus_compat *compat)
{
    int64_t n = j->n_frames + j->n_prompts + j->n_tokens;
    int64_t begin = compat->tail_memory ? n - j->n_prompts : j->n_frames;
    *events = glance_focus_part(g, &j->all, begin, begin + j->n_prompts);
    *frames = glance_focus_part(g, &j->all, 0, begin);
}

/* One layer of the decoder: from the text to the events, from there to the frames, and from
 * the queries to that. */
typedef struct {
    glance_focus_items text, events, frames;
} seen_items;

static void decode_layer(const glance_focus_build *b, glance_focus_asking *a,
                         const ask_glance_decoder_layer *l, const seen_items *seen,
                         bool is_last)
{
    ask_graph *g = b->g;
    double p = b->net->config.dropout;
    glance_focus_items through = seen->text; // [R, L, C]
    glance_focus_consult(b, a, l);
    ask_tensor *x = glance_focus_attend(b, &l->cross, seen->text.states, &seen->events,
                                        is_last ? "focus.event_attention" : NULL);
    through.states = ask_norm_build(g, &l->norm[1], ask_drop(g, x, p, b->dropping));
    x = glance_focus_attend(b, &l->cross, through.states, &seen->frames,
                            is_last ? "focus.frame_attention" : NULL);
    through.states = ask_norm_build(g, &l->norm[2], ask_drop(g, x, p, b->dropping));
    glance_focus_look(b, a, l, &through, &l->norm[4]);
    glance_focus_think(b, a, l);
}

/* The question's query behind the layer that is answered from.  -> [R, C] */
static ask_tensor *decode(const glance_focus_build *b, const seen_items *seen,
                          int64_t n_texts)
{
    const ask_glance_focus_config *c = &b->net->config;
    int n_layers = c->compat.first_layer ? 1 : c->n_layers;
    glance_focus_asking a = glance_focus_ask(b, n_texts);
    for (int i = 0; i < n_layers; i++)
        decode_layer(b, &a, &b->net->decoder[i], seen, i == n_layers - 1);
    ask_tensor *question = ask_slice(b->g, a.states, 1, c->n_queries, c->n_queries + 1);
    question = ask_norm_build(b->g, &b->net->decoder_norm, question);
    return ask_reshape(b->g, question, 2, (int64_t[]){n_texts, c->width});
}

/* ---- the answer ---- */

/* How well each prompt fits the question.  prompts: [B, Q, C] -> [R, Q] */
static ask_tensor *find_moment(const glance_focus_build *b, ask_tensor *question,
                               ask_tensor *prompts)
{
    if (!question) return NULL;
    int64_t n_texts = ask_tensor_dim(question, 0), width = b->net->config.width;
    ask_tensor *wanted = ask_dense_build(b->g, &b->net->head[0], question);
    wanted = ask_reshape(b->g, wanted, 3, (int64_t[]){n_texts, width, 1});
    prompts = for_texts(b->g, prompts, n_texts);
    ask_tensor *fit = ask_matmul(b->g, prompts, wanted); // [R, Q, 1]
    fit = ask_scale(b->g, fit, 1 / sqrt((double)width));
    return ask_reshape(b->g, fit, 2, (int64_t[]){n_texts, b->net->config.n_queries});
}

static ask_tensor *answer(const glance_focus_build *b, ask_tensor *question,
                          const ask_glance *glance)
{
    ask_graph *g = b->g;
    const ask_glance_focus_config *c = &b->net->config;
    const ask_dense *head = b->net->head;
    if (c->head == ASK_ANSWER_MOMENT) return find_moment(b, question, glance->prompts);
    ask_tensor *x = ask_dense_build(g, &head[0], question); // [R, n_answers] or [R, 2 C]
    if (c->head == ASK_ANSWER_VOCABULARY) return x;
    if (c->head == ASK_ANSWER_COUNT) return ask_reshape(g, x, 1, (int64_t[]){-1});
    x = ask_dense_build(g, &head[1], ask_relu(g, x)); // [R, 1]
    return ask_reshape(g, x, 2, (int64_t[]){-1, c->n_options});
}

void ask_focus_build(ask_focus *out, ask_graph *g, const ask_glance_focus *net,
                     const ask_glance *glance, ask_tensor *text, ask_tensor *text_mask,
                     ask_dropping *dropping)
{
    *out = (ask_focus){0};
    if (!text || !glance->prompts) return;
    const glance_focus_build b = {g, net, dropping};
    joined j = join(&b, glance, text, text_mask);
    j.all.states = glance_focus_encode(&b, &j.all); // [R, T + Q + L, C]
    glance_focus_trace(g, j.all.states, "focus.encoder_memory");

    seen_items seen = {.text = {.states = text, .mask = text_mask}};
    take_apart(&seen.events, &seen.frames, g, &j, &net->config.compat);
    out->question = decode(&b, &seen, j.n_texts); // [R, C]
    out->answer = ask_name(g, answer(&b, out->question, glance), "pred_answer");
    out->event_attention = ask_graph_find(g, "focus.event_attention");
    out->frame_attention = ask_graph_find(g, "focus.frame_attention");
}
