#include <math.h>
#include <stdlib.h>

#include "eval/scores_priv.h"
#include "metric/moments.h"

/* As the set's scorer adds them up. */
typedef struct {
    double ap[ASK_MOMENT_N_LENGTHS][ASK_MOMENT_N_THRESHOLDS];
    double r1[ASK_MOMENT_N_LENGTHS][ASK_MOMENT_N_THRESHOLDS];
    size_t n[ASK_MOMENT_N_LENGTHS]; // queries with such windows
    double map[ASK_HIGHLIGHT_N_LEVELS], hit1[ASK_HIGHLIGHT_N_LEVELS];
    size_t n_highlights;
} sums;

/* ---- one query ---- */

/* Predictions of a row. */
static ask_scored_span *predictions_of(const ask_eval_given *g, ask_error *err)
{
    ask_scored_span *out = calloc((size_t)g->n_moments + 1, sizeof *out);
    if (!out) {
        ask_fail_memory(err);
        return NULL;
    }
    for (int i = 0; i < g->n_moments; i++)
        out[i] = (ask_scored_span){{g->moments[i].start_s, g->moments[i].end_s},
                                   g->moments[i].score};
    return out;
}

static bool add_length(sums *s, const ask_data_record *r, const ask_scored_span *predicted,
                       size_t n, ask_moment_length length, ask_span *truths, ask_error *err)
{
    size_t n_truths = 0;
    for (int i = 0; i < r->n_windows; i++) {
        ask_span w = {r->windows[i].start_s, r->windows[i].end_s};
        if (ask_moment_has_length(w, length)) truths[n_truths++] = w;
    }
    if (n_truths == 0) return true;
    ask_moment_scores one;
    if (!ask_moment_score(&one, predicted, n, truths, n_truths, err)) return false;
    for (int t = 0; t < ASK_MOMENT_N_THRESHOLDS; t++) {
        s->ap[length][t] += one.ap[t];
        s->r1[length][t] += one.r1[t];
    }
    s->n[length]++;
    return true;
}

static bool add_moments(sums *s, const ask_eval_row *row, ask_error *err)
{
    const ask_data_record *r = &row->item.record;
    if (row->given.n_moments == 0 || r->n_windows == 0) return true;
    ask_scored_span *predicted = predictions_of(&row->given, err);
    ask_span *truths = calloc((size_t)r->n_windows, sizeof *truths);
    bool ok = predicted && (truths || ask_fail_memory(err));
    for (int k = 0; k < ASK_MOMENT_N_LENGTHS && ok; k++)
        ok = add_length(s, r, predicted, (size_t)row->given.n_moments, (ask_moment_length)k,
                        truths, err);
    free(predicted);
    free(truths);
    return ok;
}

static bool add_highlights(sums *s, const ask_eval_row *row, ask_error *err)
{
    const ask_data_record *r = &row->item.record;
    double length = r->clip_s > 0 ? floor(r->video_s / r->clip_s) : 0;
    if (row->given.n_clip_scores == 0 || r->n_saliency == 0 || !(length >= 1) ||
        length > 1e6)
        return true;
    size_t n = (size_t)length;
    int(*truth)[ASK_HIGHLIGHT_ANNOTATORS] = calloc(n, sizeof *truth);
    if (!truth) return ask_fail_memory(err);
    for (int i = 0; i < r->n_saliency; i++)
        for (int a = 0; a < ASK_HIGHLIGHT_ANNOTATORS; a++)
            if ((size_t)r->saliency[i].clip < n)
                truth[r->saliency[i].clip][a] = r->saliency[i].scores[a];
    ask_highlight_scores one;
    bool ok =
        ask_highlight_score(&one, row->given.clip_scores, (size_t)row->given.n_clip_scores,
                            (const int(*)[ASK_HIGHLIGHT_ANNOTATORS])truth, n, err);
    for (int k = 0; k < ASK_HIGHLIGHT_N_LEVELS && ok; k++) {
        s->map[k] += one.map[k];
        s->hit1[k] += one.hit1[k];
    }
    s->n_highlights += ok;
    free(truth);
    return ok;
}

bool scores_moment_map(double *out, const ask_eval_row *row, ask_error *err)
{
    sums s = {0};
    const ask_data_record *r = &row->item.record;
    *out = r->kind == ASK_DATA_RETRIEVE && r->n_windows > 0 ? 0 : NAN;
    if (isnan(*out) || row->given.n_moments == 0) return true;
    if (!add_moments(&s, row, err)) return false;
    for (int t = 0; t < ASK_MOMENT_N_THRESHOLDS; t++)
        *out += s.ap[ASK_MOMENT_FULL][t] / ASK_MOMENT_N_THRESHOLDS;
    return true;
}

/* ---- the table ---- */

/* In percent, to two digits. */
static void put(ask_eval_table *out, double sum, size_t n, const char *format,
                const char *word)
{
    ask_eval_official *o = &out->official[out->n_official++];
    ask_format(o->name, sizeof o->name, format, word);
    o->value = n > 0 ? floor(1e4 * sum / (double)n + 0.5) / 100 : NAN;
}

static void put_moments(ask_eval_table *out, const sums *s)
{
    for (int k = 0; k < ASK_MOMENT_N_LENGTHS; k++) {
        double sum = 0;
        for (int t = 0; t < ASK_MOMENT_N_THRESHOLDS; t++) sum += s->ap[k][t];
        put(out, sum / ASK_MOMENT_N_THRESHOLDS, s->n[k], "MR-%s-mAP",
            ask_moment_length_name((ask_moment_length)k));
    }
    const size_t n = s->n[ASK_MOMENT_FULL];
    put(out, s->ap[ASK_MOMENT_FULL][0], n, "MR-full-mAP@%s", "0.5");
    put(out, s->ap[ASK_MOMENT_FULL][5], n, "MR-full-mAP@%s", "0.75");
    put(out, s->r1[ASK_MOMENT_FULL][0], n, "MR-full-R1@%s", "0.5");
    put(out, s->r1[ASK_MOMENT_FULL][4], n, "MR-full-R1@%s", "0.7");
}

static void put_highlights(ask_eval_table *out, const sums *s)
{
    for (int k = 0; k < ASK_HIGHLIGHT_N_LEVELS && s->n_highlights > 0; k++) {
        const char *level = ask_highlight_level_name(k);
        put(out, s->map[k], s->n_highlights, "HL-min-%s-mAP", level);
        put(out, s->hit1[k], s->n_highlights, "HL-min-%s-Hit1", level);
    }
}

bool scores_official(ask_eval_table *out, const scores_views *all, ask_error *err)
{
    sums s = {0};
    if (!all->has_moments) return true;
    for (size_t i = 0; i < all->n; i++) {
        const ask_eval_row *row = all->views[i].row;
        if (row->item.record.kind != ASK_DATA_RETRIEVE) continue;
        if (!add_moments(&s, row, err) || !add_highlights(&s, row, err)) return false;
    }
    if (s.n[ASK_MOMENT_FULL] == 0) return true;
    enum { MOST = ASK_MOMENT_N_LENGTHS + 4 + 2 * ASK_HIGHLIGHT_N_LEVELS };
    out->official = calloc(MOST, sizeof *out->official);
    if (!out->official) return ask_fail_memory(err);
    put_moments(out, &s);
    put_highlights(out, &s);
    return true;
}
