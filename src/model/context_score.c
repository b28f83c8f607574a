/* What a model thinks of a text that goes on. */
#include <stdlib.h>
#include <string.h>

#include "model/context_priv.h"

/* Where the thoughts on n tokens go. */
typedef struct {
    double *logprobs;
    int64_t *likeliest; // NULL: not wanted
    float *looks;       // [n, look_row]; NULL: not wanted
    int look_row;
} thoughts;

static void take_thought(const thoughts *t, int at, void *const *out, int i, int64_t n_rows)
{
    t->logprobs[at] = ((const float *)out[0])[i];
    if (t->likeliest) t->likeliest[at] = ((const int64_t *)out[1])[i];
    if (t->looks)
        memcpy(t->looks + (size_t)at * (size_t)t->look_row,
               (const float *)out[2] + (size_t)i * (size_t)n_rows,
               (size_t)t->look_row * sizeof *t->looks);
}

/* Takes n places from `done` on, behind which ids[done] .. are said. */
static bool score_piece(ask_context *c, const ask_place *places, const int64_t *ids,
                        int done, int n, int length, const thoughts *t,
                        const ask_cancel *cancel, ask_error *err)
{
    void *out[SESSION_MAX_TENSORS] = {0};
    const context_piece piece = {t->looks ? CONTEXT_LOOK : CONTEXT_SCORE, length, c->n_read,
                                 n, 0};
    context_fill(c, places + done, n, context_lengths[length]);
    for (int i = 0; i < n; i++) c->targets[i] = ids[done + i];
    bool ok = context_run(out, c, &piece, cancel, err);
    for (int i = 0; i < n && ok; i++) take_thought(t, done + i, out, i, c->cache.n_rows);
    session_outputs_free(out);
    for (int i = 0; i < n && ok; i++) context_remember(c, &places[done + i], c->n_read - 1);
    return ok;
}

/* places: the last that was read, and all but the last of ids. */
static bool score(ask_context *c, const ask_place *places, const int64_t *ids, int n,
                  const thoughts *t, const ask_cancel *cancel, ask_error *err)
{
    int begin = c->n_read - 1;
    bool ok = true;
    c->n_read = begin;
    for (int done = 0; done < n && ok;) {
        // What is looked at is kept for all layers: short pieces bound it.
        int most = t->looks ? context_lengths[CONTEXT_N_LENGTHS - 3] : CONTEXT_LONGEST;
        int left = context_least(n - done, most),
            length = context_length_for(c, c->n_read, left);
        int taken = context_least(left, context_lengths[length]);
        ok = score_piece(c, places, ids, done, taken, length, t, cancel, err);
        done += taken;
    }
    c->n_read = begin + 1;
    return ok;
}

bool ask_context_score(ask_context *c, const int64_t *ids, int n, double *logprobs,
                       int64_t *likeliest, float *looks, const ask_cancel *cancel,
                       ask_error *err)
{
    const thoughts t = {logprobs, likeliest, looks, c->n_read + n - 1};
    if (n < 1 || c->n_read < 1 || c->rows[c->n_read - 1].identity)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a text is scored behind a token, and has tokens itself");
    if (!context_check_room(c, c->n_read + n - 1, err)) return false;
    ask_place *places = calloc((size_t)n, sizeof *places);
    if (!places) return ask_fail_memory(err);
    bool ok = true;
    for (int i = 0; i < n && ok; i++) {
        places[i].id = i == 0 ? c->rows[c->n_read - 1].id : ids[i - 1];
        const ask_place said = {.id = ids[i]};
        ok = context_check_place(c, &said, c->n_read + i, err);
    }
    ok = ok && score(c, places, ids, n, &t, cancel, err);
    if (!ok) context_clear(c);
    free(places);
    return ok;
}
