#include "model/verify_greedy_priv.h"

#include <stdlib.h>
#include <string.h>

#include "model/language_priv.h"
#include "model/model_priv.h"
#include "model/rows.h"
#include "model/session_priv.h"

/* All that going on with the texts of one run holds. */
typedef struct {
    verify_greedy *out;
    const network_value *in;
    const verify_greedy_options *opt;
    ask_session *session;
    ask_context *context;
    ask_language_info info;
    float *rows; // of all that is seen; NULL: nothing
    int64_t mark, n_rows_taken;
    ask_place *places; // [T], of one text
    float *logits;
} going;

/* ---- what is seen ---- */

static int64_t count_of(const network_value *v, int n_dims)
{
    int64_t n = 1;
    for (int i = 0; i < n_dims; i++) n *= v->shape[i];
    return n;
}

static bool look(going *k, ask_error *err)
{
    const network_value *seen = &k->in[LANGUAGE_SEEN];
    const ask_model *m = ask_session_model(k->session);
    ask_rows_info rows;
    k->mark = -1;
    if (!m->network->visual || !seen->present) return true;
    if (!ask_rows_info_of(&rows, m, err)) return false;
    k->mark = rows.mark;
    int64_t n = count_of(seen, seen->n_dims - (rows.sees_frames ? 3 : 1));
    int64_t n_rows = rows.sees_frames ? n * rows.n_rows : n;
    k->rows = calloc((size_t)n_rows * (size_t)k->info.width, sizeof *k->rows);
    if (!k->rows) return ask_fail_memory(err);
    return rows.sees_frames ? ask_rows_of_frames(k->session, k->rows, seen->reals, (int)n,
                                                 k->opt->cancel, err)
                            : ask_rows_of_features(k->session, k->rows, seen->reals, (int)n,
                                                   k->opt->cancel, err);
}

/* ---- one text ---- */

/* Its places without the padding. Returns how many. */
static int take_places(going *k, int64_t item)
{
    const network_value *ids = &k->in[LANGUAGE_IDS], *mask = &k->in[LANGUAGE_MASK];
    int64_t n_places = ids->shape[1];
    int n = 0;
    for (int64_t i = item * n_places; i < (item + 1) * n_places; i++) {
        if (mask->present && !mask->flags[i]) continue;
        ask_place *p = &k->places[n++];
        *p = (ask_place){.id = ids->ids[i]};
        if (!k->rows || p->id != k->mark) continue;
        p->identity = (uint64_t)++k->n_rows_taken;
        p->row = k->rows + (size_t)(k->n_rows_taken - 1) * (size_t)k->info.width;
    }
    return n;
}

static bool go_on(going *k, int64_t item, ask_error *err)
{
    verify_greedy *out = k->out;
    const ask_generation_config *generation = &k->session->model->generation;
    int n_new = k->opt->n_new, n = take_places(k, item);
    size_t n_vocab = (size_t)k->info.n_vocab;
    double *ids = out->ids.values + item * out->ids.shape[1] + (out->ids.shape[1] - n_new);
    if (!ask_context_read(k->context, k->places, n, k->logits, NULL, err)) return false;
    for (int i = 0; i < n_new; i++) ids[i] = (double)generation->pad_id;
    for (int i = 0; i < n_new; i++) {
        size_t step = (size_t)item * (size_t)n_new + (size_t)i;
        for (size_t v = 0; v < n_vocab; v++)
            out->scores.values[step * n_vocab + v] = k->logits[v];
        out->chosen[step] = 1;
        int64_t next = session_largest(k->logits, (int)n_vocab);
        ids[i] = (double)next;
        if (ask_generation_ends(generation, next)) break;
        if (i + 1 < n_new &&
            !ask_context_add(k->context, next, k->logits, k->opt->cancel, err))
            return false;
    }
    return true;
}

/* ---- all texts ---- */

static bool make_room(going *k, ask_error *err)
{
    verify_greedy *out = k->out;
    const network_value *ids = &k->in[LANGUAGE_IDS];
    int64_t n_items = ids->shape[0], n_places = ids->shape[1], n_new = k->opt->n_new;
    out->ids = (verify_numbers){ASK_I64, 2, {n_items, n_places + n_new}, NULL};
    out->scores = (verify_numbers){ASK_F32, 3, {n_items, n_new, k->info.n_vocab}, NULL};
    out->ids.values =
        calloc((size_t)(n_items * (n_places + n_new)), sizeof *out->ids.values);
    out->scores.values =
        calloc((size_t)(n_items * n_new * k->info.n_vocab) + 1, sizeof *out->scores.values);
    out->chosen = calloc((size_t)(n_items * n_new) + 1, 1);
    k->places = calloc((size_t)n_places, sizeof *k->places);
    k->logits = calloc((size_t)k->info.n_vocab, sizeof *k->logits);
    if (!out->ids.values || !out->scores.values || !out->chosen || !k->places || !k->logits)
        return ask_fail_memory(err);
    for (int64_t i = 0; i < n_items; i++)
        for (int64_t j = 0; j < n_places; j++)
            out->ids.values[i * (n_places + n_new) + j] =
                (double)ids->ids[i * n_places + j];
    return (k->context = ask_context_open(k->session, (int)(n_places + n_new), err));
}

static bool run(going *k, ask_error *err)
{
    if (!make_room(k, err) || !look(k, err)) return false;
    for (int64_t i = 0; i < k->in[LANGUAGE_IDS].shape[0]; i++) {
        ask_progress_send(k->opt->progress, i, k->in[LANGUAGE_IDS].shape[0], "texts",
                          "going on");
        if (!go_on(k, i, err)) return false;
    }
    return true;
}

bool verify_greedy_run(verify_greedy *out, ask_model *m, const network_value *in,
                       const verify_greedy_options *opt, ask_error *err)
{
    going k = {.out = out, .in = in, .opt = opt};
    *out = (verify_greedy){0};
    if (opt->n_new < 1) return true;
    bool ok = ask_language_info_of(&k.info, m, err) &&
              (k.session = ask_session_open(m, err)) && run(&k, err);
    ask_context_close(k.context);
    ask_session_close(k.session);
    free(k.rows);
    free(k.places);
    free(k.logits);
    return ok;
}

void verify_greedy_free(verify_greedy *g)
{
    verify_numbers_free(&g->ids);
    verify_numbers_free(&g->scores);
    free(g->chosen);
    *g = (verify_greedy){0};
}

/* ---- what came of it ---- */

bool verify_greedy_find(verify_numbers *out, const verify_greedy *g, const char *name,
                        ask_error *err)
{
    const verify_numbers *found = strcmp(name, VERIFY_GREEDY_IDS) == 0      ? &g->ids
                                  : strcmp(name, VERIFY_GREEDY_SCORES) == 0 ? &g->scores
                                                                            : NULL;
    if (!found || !found->values) return true;
    size_t n = sizeof *found->values;
    for (int i = 0; i < found->n_dims; i++) n *= (size_t)found->shape[i];
    double *copy = malloc(n + 1);
    if (!copy) return ask_fail_memory(err);
    memcpy(copy, found->values, n);
    *out = *found;
    out->values = copy;
    return true;
}

verify_mask verify_greedy_mask(const verify_greedy *g, const char *name)
{
    if (strcmp(name, VERIFY_GREEDY_SCORES) != 0) return (verify_mask){0};
    return (verify_mask){g->chosen, g->scores.shape[0], g->scores.shape[1], 1};
}
