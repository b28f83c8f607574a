/* A question about a memory: made into tokens, put to one planned graph with the vectors of
 * its answers, and what comes of it told. */
#include <math.h>
#include <stdlib.h>

#include "base/checked.h"
#include "model/memory_priv.h"

enum { RECORDS, SLOT_MASK, IDS, TEXT_MASK, ANSWERS }; // inputs of the plan
enum { SCORES, POINTER, FITS };                       // outputs

/* One question on its way. */
typedef struct {
    ask_session *session;
    const ask_memory *memory;
    const char *question;
    const char *const *options; // [n_options]
    int n_options;
    const ask_cancel *cancel;
    memory_rows row;      // the question
    float *own;           // vectors of the options; owned
    const float *answers; // [n_answers, vector]: those, or the model's
    int n_answers;
} asking;

/* ---- what is asked ---- */

static bool check(const asking *a, ask_error *err)
{
    if (!memory_of(a->session->model, err)) return false;
    const network_memory_sizes z = memory_sizes(a->session->model);
    if (a->memory->n_slots != z.info.n_slots)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a memory of %d slots, but those of the model have %d",
                        a->memory->n_slots, z.info.n_slots);
    if (a->n_options == 1 || a->n_options < 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%d option%s; there must be two at least, or none", a->n_options,
                        a->n_options == 1 ? "" : "s");
    return a->n_options > 0 || z.info.n_answers > 0 ||
           ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: there is no " MODEL_ANSWERS_FILE
                    ": without answers of its own the model needs options",
                    a->session->model->dir);
}

static bool read_question(asking *a, ask_error *err)
{
    ask_tokens tokens = {0};
    bool ok = memory_encode(&tokens, a->session, a->question, "question", 0, err) &&
              memory_rows_new(&a->row, a->session->model, 1, err);
    if (ok) memory_rows_put(&a->row, 0, &tokens);
    ask_tokens_free(&tokens);
    return ok;
}

static bool read_options(asking *a, ask_error *err)
{
    size_t bytes, width = (size_t)memory_sizes(a->session->model).vector;
    if (!ask_bytes_of(&bytes, a->n_options, width * sizeof *a->own) ||
        !(a->own = malloc(bytes)))
        return ask_fail_memory(err);
    a->answers = a->own;
    a->n_answers = a->n_options;
    return memory_embed(a->own, a->session, a->options, a->n_options, false, a->cancel,
                        err);
}

static bool read_answers(asking *a, ask_error *err)
{
    if (a->n_options > 0) return read_options(a, err);
    a->n_answers = memory_sizes(a->session->model).info.n_answers;
    return (a->answers = memory_own_answers(a->session, a->cancel, err));
}

/* ---- the graph ---- */

/* Of p->batch answers. */
static void plan_recall(session_plan *p, const ask_model *m)
{
    const network_memory_sizes z = memory_sizes(m);
    const int64_t n_slots = z.info.n_slots, text[] = {1, p->length};
    ask_graph *g = p->graph;
    p->in[RECORDS] = ask_input(g, ASK_F32, 3, (int64_t[]){1, n_slots, z.record});
    p->in[SLOT_MASK] = ask_input(g, ASK_BOOL, 2, (int64_t[]){1, n_slots});
    p->in[IDS] = ask_input(g, ASK_I64, 2, text);
    p->in[TEXT_MASK] = ask_input(g, ASK_BOOL, 2, text);
    p->in[ANSWERS] = ask_input(g, ASK_F32, 2, (int64_t[]){p->batch, z.vector});
    const network_recall_input in = {.records = p->in[RECORDS],
                                     .mask = p->in[SLOT_MASK],
                                     .ids = p->in[IDS],
                                     .text_mask = p->in[TEXT_MASK],
                                     .answers = p->in[ANSWERS]};
    network_recall_output out = {0};
    m->network->memory->recall(&out, g, m->net, &in);
    p->out[SCORES] = out.scores;
    p->out[POINTER] = out.pointer;
    p->out[FITS] = out.fits;
}

/* ---- the answer ---- */

/* Shares of places, from their logits and from how well each fits the answer (Bayes). */
static void point(double *shares, const float *logits, const float *fits, int n_places,
                  int answer, int n_answers)
{
    double most = -INFINITY, sum = 0;
    for (int i = 0; i < n_places; i++) {
        shares[i] = (double)logits[i] +
                    (double)fits[(size_t)i * (size_t)n_answers + (size_t)answer];
        most = fmax(most, shares[i]);
    }
    for (int i = 0; i < n_places; i++) sum += shares[i] = exp(shares[i] - most);
    for (int i = 0; i < n_places; i++) shares[i] /= sum;
}

static bool take(ask_recalled *out, const asking *a, void *const *seen, ask_error *err)
{
    const float *scores = seen[SCORES];
    const int n_places = a->memory->n_slots + 1;
    ask_recalled r = {
        .n_scores = a->n_answers,
        .best = session_largest(scores, a->n_answers),
        .scores = calloc((size_t)a->n_answers, sizeof *r.scores),
        .pointer = calloc((size_t)n_places, sizeof *r.pointer),
    };
    if (!r.scores || !r.pointer) {
        ask_recalled_free(&r);
        return ask_fail_memory(err);
    }
    double of_scores = session_log_sum(scores, r.n_scores);
    for (int i = 0; i < r.n_scores; i++) r.scores[i] = scores[i] - of_scores;
    point(r.pointer, seen[POINTER], seen[FITS], n_places, r.best, r.n_scores);
    *out = r;
    return true;
}

static bool compute(ask_recalled *out, asking *a, ask_error *err)
{
    void *in[SESSION_MAX_TENSORS] = {
        [RECORDS] = a->memory->records,
        [SLOT_MASK] = a->memory->is_there,
        [IDS] = a->row.ids,
        [TEXT_MASK] = a->row.mask,
        [ANSWERS] = (void *)(uintptr_t)a->answers, // only read
    };
    void *seen[SESSION_MAX_TENSORS] = {0};
    bool ok = session_compute(seen, a->session, plan_recall, a->n_answers, a->row.n_tokens,
                              in, a->cancel, err) &&
              take(out, a, seen, err);
    session_outputs_free(seen);
    return ok;
}

bool ask_memory_recall(ask_recalled *out, ask_session *s, const ask_memory *m,
                       const char *question, const char *const *options, int n_options,
                       const ask_cancel *cancel, ask_error *err)
{
    asking a = {.session = s,
                .memory = m,
                .question = question,
                .options = options,
                .n_options = n_options,
                .cancel = cancel};
    bool ok = check(&a, err) && read_question(&a, err) && read_answers(&a, err) &&
              compute(out, &a, err);
    memory_rows_free(&a.row);
    free(a.own);
    return ok;
}

void ask_recalled_free(ask_recalled *r)
{
    if (!r) return;
    free(r->scores);
    free(r->pointer);
    *r = (ask_recalled){0};
}
