/* The graphs that read a piece of a text into a context. */
#include "base/str.h"
#include "model/context_priv.h"

const int context_lengths[CONTEXT_N_LENGTHS] = {CONTEXT_LONGEST, 64, 16, 4, 1};

enum {
    IDS,
    FEATURES,
    IS_ROW,
    POSITIONS,
    AT,
    N_VALID,
    ABOUT,
    MASK,
    NARROW,
    N_PROMPT,
    DEPTHS
};

static const ask_language *language_of(const ask_model *m)
{
    return m->network->language->of(m->net);
}

static ask_tensor *input(ask_graph *g, ask_dtype type, int64_t a, int64_t b, int64_t c)
{
    return ask_input(g, type, 3, (int64_t[]){a, b, c});
}

/* Tokens, and rows where there are some: [1, T, C]. */
static ask_tensor *embed(session_plan *p, const ask_model *m, int64_t width)
{
    ask_graph *g = p->graph;
    int64_t ids[2] = {1, p->length}, one = 1;
    p->in[IDS] = ask_input(g, ASK_I64, 2, ids);
    p->in[FEATURES] = input(g, ASK_F32, 1, p->length, width);
    p->in[IS_ROW] = input(g, ASK_BOOL, 1, p->length, 1);
    p->in[POSITIONS] = ask_input(g, ASK_I64, 2, ids);
    p->in[AT] = ask_input(g, ASK_I64, 1, &one);
    p->in[N_VALID] = ask_input(g, ASK_I64, 1, &one);
    ask_tensor *words = ask_language_embed(g, language_of(m), p->in[IDS]);
    return ask_where(g, p->in[IS_ROW], p->in[FEATURES], words);
}

/* The states of the places: [T, C]. */
static ask_tensor *read_piece(session_plan *p, const ask_model *m)
{
    const ask_context *c = p->user;
    ask_tensor *x = embed(p, m, c->info.width);
    const int64_t one = 1, depths[2] = {1, c->cache.n_rows};
    if (context_encodes(c)) {
        p->in[N_PROMPT] = ask_input(p->graph, ASK_I64, 1, &one);
        p->in[DEPTHS] = ask_input(p->graph, ASK_I64, 2, depths);
    }
    const ask_decoder_source source = {.n = p->in[N_PROMPT], .depths = p->in[DEPTHS]};
    ask_decoder_view view = {.positions = p->in[POSITIONS],
                             .mask = p->in[MASK],
                             .masked = p->in[MASK] != NULL,
                             .narrow = p->in[NARROW],
                             .cache = &c->cache,
                             .at = p->in[AT],
                             .n_valid = p->in[N_VALID],
                             .source = context_encodes(c) ? &source : NULL,
                             .trace = ""};
    x = ask_language_build(p->graph, language_of(m), x, &view); // [1, T, C]
    return ask_reshape(p->graph, x, 2, (int64_t[]){p->length, c->info.width});
}

static void build_next(session_plan *p, const ask_model *m)
{
    int64_t one = 1;
    ask_tensor *states = read_piece(p, m);
    p->in[ABOUT] = ask_input(p->graph, ASK_I64, 1, &one);
    ask_tensor *last = ask_embedding(p->graph, states, p->in[ABOUT]); // [1, C]
    p->out[0] = ask_language_logits(p->graph, language_of(m), last);
}

static void build_branch(session_plan *p, const ask_model *m)
{
    const ask_context *c = p->user;
    int64_t shape[4] = {1, 1, p->length, c->cache.n_rows};
    p->in[MASK] = ask_input(p->graph, ASK_BOOL, 4, shape);
    if (c->window) p->in[NARROW] = ask_input(p->graph, ASK_BOOL, 4, shape);
    p->out[0] = ask_language_logits(p->graph, language_of(m), read_piece(p, m));
}

static void build_score(session_plan *p, const ask_model *m)
{
    ask_graph *g = p->graph;
    int64_t column[2] = {p->length, 1};
    ask_tensor *logits = ask_language_logits(g, language_of(m), read_piece(p, m));
    p->in[ABOUT] = ask_input(g, ASK_I64, 2, column);
    p->out[0] = ask_gather(g, ask_log_softmax(g, logits, NULL), p->in[ABOUT], 1);
    p->out[1] = ask_argmax(g, logits, 1);
}

/* What is looked at that is not of the answer, where there is an encoder. */
static const char *look_of(const ask_context *c)
{
    return context_encodes(c) ? "cross_attentions" : "attentions";
}

/* The mean of what was kept of the attention: [T, N]. */
static ask_tensor *mean_look(ask_graph *g, const ask_context *c, int64_t n_places)
{
    const ask_language_sizes s = context_language_sizes(c->session->model);
    ask_tensor *sum = NULL;
    for (int i = 0; i < s.decoder.n_layers; i++) {
        char name[64];
        ask_format(name, sizeof name, "%s.%d", look_of(c), i);
        ask_tensor *probs = ask_graph_find(g, name);                     // [1, H, T, N]
        ask_tensor *mean = ask_mean(g, probs, 1u << 0 | 1u << 1, false); // [T, N]
        sum = sum ? ask_add(g, sum, mean) : mean;
    }
    ask_tensor *look = ask_scale(g, sum, 1.0 / s.decoder.n_layers);
    return ask_reshape(g, look, 2, (int64_t[]){n_places, c->cache.n_rows});
}

static void build_look(session_plan *p, const ask_model *m)
{
    char names[64];
    ask_format(names, sizeof names, "%s.*", look_of(p->user));
    ask_graph_want(p->graph, names);
    build_score(p, m);
    p->out[2] = mean_look(p->graph, p->user, p->length);
}

static session_build *const builders[CONTEXT_N_AIMS] = {
    [CONTEXT_NEXT] = build_next,
    [CONTEXT_SCORE] = build_score,
    [CONTEXT_LOOK] = build_look,
    [CONTEXT_BRANCH] = build_branch,
};

/* With the model's lock held. */
static session_plan *find_plan(ask_context *c, context_aim aim, int length, ask_error *err)
{
    session_plan *p = &c->plans[aim][length];
    if (p->graph) return p;
    *p = (session_plan){
        .build = builders[aim], .user = c, .batch = 1, .length = context_lengths[length]};
    return session_plan_make(p, c->session->model, err) ? p : NULL;
}

/* Of what was read, of the piece, and of what is free. */
static void fill_depths(ask_context *c, const context_piece *piece)
{
    int length = context_lengths[piece->length];
    for (int i = 0; i < (int)c->cache.n_rows; i++)
        c->depths[i] = i < piece->at            ? c->rows[i].depth
                       : i < piece->at + length ? c->positions[i - piece->at]
                                                : i;
}

bool context_run(void *out[SESSION_MAX_TENSORS], ask_context *c, const context_piece *piece,
                 const ask_cancel *cancel, ask_error *err)
{
    ask_model *m = c->session->model;
    int64_t at = piece->at, which = piece->which;
    int64_t n_valid = at + context_lengths[piece->length], n_prompt = c->n_prompt;
    void *const in[SESSION_MAX_TENSORS] = {
        [IDS] = c->ids,
        [FEATURES] = c->features,
        [IS_ROW] = c->is_row,
        [POSITIONS] = c->positions,
        [AT] = &at,
        [N_VALID] = &n_valid,
        [ABOUT] = piece->aim == CONTEXT_NEXT ? &which : c->targets,
        [MASK] = c->mask,
        [NARROW] = c->narrow,
        [N_PROMPT] = &n_prompt,
        [DEPTHS] = c->depths,
    };
    if (context_encodes(c)) fill_depths(c, piece);
    if (!ask_cancel_check(cancel, err)) return false;
    ask_mutex_lock(&m->lock);
    session_plan *p = find_plan(c, piece->aim, piece->length, err);
    bool ok = p && session_plan_run(out, m, p, in, cancel, err);
    ask_mutex_unlock(&m->lock);
    return ok;
}
