/* Texts as a model with a memory takes them: questions as tokens, answers as vectors. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/memory_priv.h"

/* ---- tokens ---- */

bool memory_rows_new(memory_rows *out, const ask_model *m, int n_rows, ask_error *err)
{
    const network_text_sizes text = memory_sizes(m).text;
    size_t n, bytes;
    *out = (memory_rows){.n_tokens = text.n_context, .pad_id = text.pad_id};
    if (!ask_bytes_of(&n, n_rows, (size_t)text.n_context) ||
        !ask_mul_size(&bytes, n, sizeof *out->ids))
        return ask_fail_memory(err);
    out->ids = malloc(bytes);
    out->mask = malloc(n);
    if (!out->ids || !out->mask) return ask_fail_memory(err);
    memory_rows_clear(out, n_rows);
    return true;
}

void memory_rows_clear(memory_rows *rows, int n_rows)
{
    const size_t n = (size_t)n_rows * (size_t)rows->n_tokens;
    memset(rows->mask, 0, n);
    for (size_t i = 0; i < n; i++) rows->ids[i] = rows->pad_id;
}

void memory_rows_free(memory_rows *rows)
{
    free(rows->ids);
    free(rows->mask);
}

bool memory_encode(ask_tokens *out, ask_session *s, const char *text, const char *what,
                   int number, ask_error *err)
{
    const ask_tokenizer *t = model_tokenizer(s->model, err);
    if (!t || !session_encode(s, t, text ? text : "", out, err)) return false;
    if (out->n > 0) return true;
    return number ? ask_fail(err, ASK_ERR_USAGE, "%s %d has no words", what, number)
                  : ask_fail(err, ASK_ERR_USAGE, "the %s has no words", what);
}

void memory_rows_put(memory_rows *rows, int row, const ask_tokens *tokens)
{
    const size_t at = (size_t)row * (size_t)rows->n_tokens;
    for (int i = 0; i < tokens->n; i++) {
        rows->ids[at + (size_t)i] = tokens->tokens[i].id;
        rows->mask[at + (size_t)i] = 1;
    }
}

/* ---- vectors ---- */

/* Answers are short: a batch has room for a few tokens of each text, and takes fewer texts
 * where they are longer. */
enum {
    FEW_TEXTS = 8,
    MANY_TEXTS = 32,
    USUAL_TOKENS = 5, // of a text
    MOST_PLACES = 1 << 12,
};

enum { IDS, MASK }; // inputs of the plan
enum { VECTORS };   // outputs

static int room_of(int n_rows, int n_tokens)
{
    return n_rows * USUAL_TOKENS > n_tokens ? n_rows * USUAL_TOKENS : n_tokens;
}

static void plan_texts(session_plan *p, const ask_model *m)
{
    const int64_t shape[] = {p->batch, p->length};
    p->in[IDS] = ask_input(p->graph, ASK_I64, 2, shape);
    p->in[MASK] = ask_input(p->graph, ASK_BOOL, 2, shape);
    p->out[VECTORS] = m->network->memory->texts(p->graph, m->net, p->in[IDS], p->in[MASK],
                                                room_of(p->batch, p->length));
}

/* Texts on their way. */
typedef struct {
    ask_session *session;
    const ask_cancel *cancel;
    bool own; // the model's
    memory_rows rows;
    int n_rows;  // that there is room for
    int n, used; // rows that wait, and their tokens
    float *next; // where their vectors go
} embedding;

static bool flush(embedding *e, ask_error *err)
{
    const size_t width = (size_t)memory_sizes(e->session->model).vector;
    void *in[SESSION_MAX_TENSORS] = {[IDS] = e->rows.ids, [MASK] = e->rows.mask};
    void *out[SESSION_MAX_TENSORS] = {0};
    bool ok = session_compute(out, e->session, plan_texts, e->n_rows, e->rows.n_tokens, in,
                              e->cancel, err);
    if (ok) {
        memcpy(e->next, out[VECTORS], (size_t)e->n * width * sizeof(float));
        e->next += (size_t)e->n * width;
        e->n = e->used = 0;
        memory_rows_clear(&e->rows, e->n_rows);
    }
    session_outputs_free(out);
    return ok;
}

static bool add(embedding *e, const ask_tokens *tokens, ask_error *err)
{
    const int room = room_of(e->n_rows, e->rows.n_tokens);
    bool is_full = e->n == e->n_rows || e->used + tokens->n > room;
    if (is_full && !flush(e, err)) return false;
    memory_rows_put(&e->rows, e->n++, tokens);
    e->used += tokens->n;
    return true;
}

static int rows_for(int n_texts, int n_tokens)
{
    const int n = n_texts <= FEW_TEXTS ? FEW_TEXTS : MANY_TEXTS;
    const int most = n_tokens < MOST_PLACES ? MOST_PLACES / n_tokens : 1;
    return n < most ? n : most;
}

/* What is wrong with an answer of its own is the model's fault. */
static bool encode(ask_tokens *out, const embedding *e, const char *text, int number,
                   ask_error *err)
{
    const char *what = e->own ? "answer" : "option";
    if (memory_encode(out, e->session, text, what, number, err)) return true;
    if (!e->own) return false;
    ask_fail_in(err, "%s/%s", e->session->model->dir, MODEL_ANSWERS_FILE);
    return ask_fail_as(err, ASK_ERR_MODEL);
}

bool memory_embed(float *out, ask_session *s, const char *const *texts, int n, bool own,
                  const ask_cancel *cancel, ask_error *err)
{
    embedding e = {.session = s,
                   .cancel = cancel,
                   .own = own,
                   .n_rows = rows_for(n, memory_sizes(s->model).text.n_context),
                   .next = out};
    ask_tokens tokens = {0};
    bool ok = memory_rows_new(&e.rows, s->model, e.n_rows, err);
    for (int i = 0; i < n && ok; i++)
        ok = encode(&tokens, &e, texts[i], i + 1, err) && add(&e, &tokens, err);
    ok = ok && (e.n == 0 || flush(&e, err));
    ask_tokens_free(&tokens);
    memory_rows_free(&e.rows);
    return ok;
}

/* ---- the model's own answers ---- */

const float *memory_own_answers(ask_session *s, const ask_cancel *cancel, ask_error *err)
{
    const network_memory_sizes z = memory_sizes(s->model);
    size_t bytes;
    if (s->answer_vectors) return s->answer_vectors;
    float *vectors = NULL;
    if (ask_bytes_of(&bytes, z.info.n_answers, (size_t)z.vector * sizeof *vectors))
        vectors = malloc(bytes);
    if (!vectors) {
        ask_fail_memory(err);
        return NULL;
    }
    if (memory_embed(vectors, s, z.info.answers, z.info.n_answers, true, cancel, err))
        return s->answer_vectors = vectors;
    free(vectors);
    return NULL;
}
