#include "model/verify_greedy_priv.h"

#include <stdlib.h>
#include <string.h>

#include "model/language_priv.h"
#include "model/model_priv.h"
#include "model/rows_priv.h"

/* All that going on with the texts of one run holds. */
typedef struct {
    verify_greedy *out;
    const network_value *in;
    const verify_greedy_options *opt;
    ask_session *session;
    ask_context *context;
    ask_language_info info;
    float *rows;       // of all that is seen; NULL: nothing
    int64_t n_rows;    // in all
    int64_t mark;      // -1: rows stand in the texts without one
    int64_t n_taken;   // rows so far
    ask_place *places; // of one text
    float *logits;
    int64_t lead; // stands in place of each text in the ids; -1: the text stands there
} going;

static int64_t n_texts_of(const going *k)
{
    return k->in[LANGUAGE_IDS].shape[0];
}

/* Rows that stand in each text without a mark. */
static int64_t n_unmarked(const going *k)
{
    return k->rows && k->mark < 0 ? k->n_rows / n_texts_of(k) : 0;
}

/* ---- what is seen ---- */

static int64_t count_of(const network_value *v, int n_dims)
{
    int64_t n = 1;
    for (int i = 0; i < n_dims; i++) n *= v->shape[i];
    return n;
}

static bool make_rows(going *k, int64_t n_rows, ask_error *err)
{
    k->n_rows = n_rows;
    k->rows = calloc((size_t)n_rows * (size_t)k->info.width + 1, sizeof *k->rows);
    return k->rows || ask_fail_memory(err);
}

/* Each frame, or row of features, has rows of its own. */
static bool look_at_each(going *k, const ask_rows_info *info, int64_t n, ask_error *err)
{
    const float *seen = k->in[LANGUAGE_SEEN].reals;
    const ask_cancel *cancel = k->opt->cancel;
    if (!make_rows(k, info->sees_frames ? n * info->n_rows : n, err)) return false;
    return info->sees_frames
               ? ask_rows_of_frames(k->session, &(ask_rows_made){.rows = k->rows}, seen,
                                    (int)n, cancel, err)
               : ask_rows_of_features(k->session, k->rows, seen, (int)n, cancel, err);
}

/* The ids of what is told with text `item`, without padding. Returns how many. */
static int take_told(int64_t *out, const going *k, int64_t item)
{
    const network_value *ids = &k->in[LANGUAGE_TOLD], *mask = &k->in[LANGUAGE_TOLD_MASK];
    int n = 0;
    for (int64_t i = item * ids->shape[1]; i < (item + 1) * ids->shape[1]; i++)
        if (!mask->present || mask->flags[i]) out[n++] = ids->ids[i];
    return n;
}

/* Rows are made of what is kept of the n frames of a text, and of what is told with it. */
static bool show_scenes(going *k, const ask_rows_info *info, const float *kept, int64_t n,
                        ask_error *err)
{
    int64_t n_told = info->instructed ? k->in[LANGUAGE_TOLD].shape[1] : 0;
    int64_t n_rows = ask_rows_n_shown(ask_session_model(k->session), (int)n);
    int64_t *ids = calloc((size_t)n_told + 1, sizeof *ids);
    bool ok = ids ? make_rows(k, n_texts_of(k) * n_rows, err) : ask_fail_memory(err);
    for (int64_t i = 0; i < n_texts_of(k) && ok; i++) {
        const rows_scene scene = {.kept = kept + (size_t)(i * n) * info->n_kept,
                                  .n = (int)n,
                                  .ids = info->instructed ? ids : NULL,
                                  .n_ids = info->instructed ? take_told(ids, k, i) : 0};
        float *rows = k->rows + (size_t)(i * n_rows) * (size_t)k->info.width;
        ok = rows_show(k->session, &(ask_rows_made){.rows = rows}, &scene, k->opt->cancel,
                       err);
    }
    free(ids);
    return ok;
}

/* All n frames, or rows of features, that are shown with a text become rows together. */
static bool look_together(going *k, const ask_rows_info *info, int64_t n, ask_error *err)
{
    const float *seen = k->in[LANGUAGE_SEEN].reals;
    int64_t n_each = n / n_texts_of(k);
    if (!info->sees_frames) return show_scenes(k, info, seen, n_each, err);
    float *kept = calloc((size_t)n, info->n_kept * sizeof *kept);
    bool ok = (kept || ask_fail_memory(err)) &&
              ask_rows_look(k->session, kept, seen, (int)n, k->opt->cancel, err) &&
              show_scenes(k, info, kept, n_each, err);
    free(kept);
    return ok;
}

static bool look(going *k, ask_error *err)
{
    const network_value *seen = &k->in[LANGUAGE_SEEN];
    const ask_model *m = ask_session_model(k->session);
    ask_rows_info info;
    k->mark = -1;
    if (!m->network->visual || !seen->present) return true;
    if (!ask_rows_info_of(&info, m, err)) return false;
    k->mark = k->opt->has_mark ? k->opt->mark : info.mark;
    int64_t n = count_of(seen, seen->n_dims - (info.sees_frames ? 3 : 1));
    return info.together ? look_together(k, &info, n, err) : look_at_each(k, &info, n, err);
}

/* ---- one text ---- */

static ask_place next_row(going *k)
{
    int64_t at = k->n_taken++;
    return (ask_place){.id = k->mark,
                       .identity = (uint64_t)at + 1,
                       .row = k->rows + (size_t)at * (size_t)k->info.width};
}

/* The rows that stand in a text without a mark. Returns how many. */
static int take_rows(going *k, ask_place *out)
{
    int n = (int)n_unmarked(k);
    for (int i = 0; i < n; i++) out[i] = next_row(k);
    return n;
}

/* Its places without the padding. Returns how many. */
static int take_places(going *k, int64_t item)
{
    const network_value *ids = &k->in[LANGUAGE_IDS], *mask = &k->in[LANGUAGE_MASK];
    int64_t n_tokens = k->opt->n_prompt ? k->opt->n_prompt[item] : ids->shape[1];
    int n = 0;
    for (int64_t i = 0; i < n_tokens; i++) {
        int64_t at = item * ids->shape[1] + i;
        if (i == k->opt->n_first) n += take_rows(k, k->places + n);
        if (mask->present && !mask->flags[at]) continue;
        bool is_row = k->rows && k->mark >= 0 && ids->ids[at] == k->mark;
        k->places[n++] = is_row ? next_row(k) : (ask_place){.id = ids->ids[at]};
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
    if (n == 0)
        return ask_fail(err, ASK_ERR_MODEL, "input_ids: text %lld has no tokens",
                        (long long)item);
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

/* Ids that stand before the tokens that are chosen. */
static int64_t n_ahead(const going *k)
{
    if (k->opt->n_prompt || k->lead == NETWORK_NO_LEAD) return 0;
    return k->lead >= 0 ? 1 : k->in[LANGUAGE_IDS].shape[1];
}

static void put_texts(going *k)
{
    const network_value *ids = &k->in[LANGUAGE_IDS];
    double *out = k->out->ids.values;
    for (int64_t i = 0; i < ids->shape[0]; i++, out += k->out->ids.shape[1]) {
        if (k->lead >= 0) out[0] = (double)k->lead;
        for (int64_t j = 0; k->lead < 0 && j < n_ahead(k); j++)
            out[j] = (double)ids->ids[i * ids->shape[1] + j];
    }
}

static bool make_room(going *k, ask_error *err)
{
    verify_greedy *out = k->out;
    const network_value *ids = &k->in[LANGUAGE_IDS];
    int64_t n_items = ids->shape[0], n_new = k->opt->n_new;
    int64_t n_places = n_unmarked(k) + ids->shape[1];
    int64_t n_ids = n_new + n_ahead(k);
    out->ids = (verify_numbers){ASK_I64, 2, {n_items, n_ids}, NULL};
    out->scores = (verify_numbers){ASK_F32, 3, {n_items, n_new, k->info.n_vocab}, NULL};
    out->ids.values = calloc((size_t)(n_items * n_ids), sizeof *out->ids.values);
    out->scores.values =
        calloc((size_t)(n_items * n_new * k->info.n_vocab) + 1, sizeof *out->scores.values);
    out->chosen = calloc((size_t)(n_items * n_new) + 1, 1);
    k->places = calloc((size_t)n_places, sizeof *k->places);
    k->logits = calloc((size_t)k->info.n_vocab, sizeof *k->logits);
    if (!out->ids.values || !out->scores.values || !out->chosen || !k->places || !k->logits)
        return ask_fail_memory(err);
    put_texts(k);
    int n_rows = (int)(n_places + k->info.n_start + n_new);
    return (k->context = ask_context_open(k->session, n_rows, err));
}

static bool run(going *k, ask_error *err)
{
    const ask_generation_config *generation = &k->session->model->generation;
    k->lead = k->info.n_start > 0 ? generation->start_id : k->opt->lead;
    if (!look(k, err) || !make_room(k, err)) return false;
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
    const verify_numbers *found =
        strcmp(name, VERIFY_GREEDY_IDS) == 0 || strcmp(name, VERIFY_ANSWER_IDS) == 0
            ? &g->ids
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
    return (verify_mask){
        .flags = g->chosen, .rows = g->scores.shape[0], .n = g->scores.shape[1], .axis = 1};
}
