#include "eval/fit.h"

#include <math.h>
#include <stdlib.h>

#include "eval/playroom_priv.h"
#include "eval/summary.h"

/* ---- presence ---- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double ask_quantile(double *numbers, int64_t n, double share)
{
    if (n <= 0) return NAN;
    qsort(numbers, (size_t)n, sizeof *numbers, compare);
    int64_t k = (int64_t)floor(share * (double)n);
    return numbers[k < n ? k : n - 1];
}

static double *room_for(int64_t n, ask_error *err)
{
    double *room = malloc(((size_t)n + 1) * sizeof *room);
    if (!room) ask_fail_memory(err);
    return room;
}

bool ask_fit_found_threshold(double *out, const ask_found_rows *rows, double share,
                             ask_error *err)
{
    double *presence = room_for(rows->n, err);
    if (!presence) return false;
    int64_t n = 0;
    for (int64_t i = 0; i < rows->n; i++) {
        const ask_found_row *r = &rows->rows[i];
        if (playroom_is_there(r->kind)) presence[n++] = r->presence;
    }
    *out = ask_quantile(presence, n, share);
    free(presence);
    return true;
}

bool ask_fit_answered_threshold(double *out, const ask_answered_rows *rows, double share,
                                ask_error *err)
{
    double *presence = room_for(rows->n, err);
    if (!presence) return false;
    int64_t n = 0;
    for (int64_t i = 0; i < rows->n; i++) {
        const ask_answered_row *r = &rows->rows[i];
        if (r->visual && r->right) presence[n++] = r->presence;
    }
    *out = ask_quantile(presence, n, share);
    free(presence);
    return true;
}

bool ask_fit_asked_threshold(double *out, const ask_answered_rows *rows, double share,
                             ask_error *err)
{
    double *presence = room_for(rows->n, err);
    if (!presence) return false;
    int64_t n = 0;
    for (int64_t i = 0; i < rows->n; i++)
        if (rows->rows[i].visual) presence[n++] = rows->rows[i].presence;
    *out = ask_quantile(presence, n, share);
    free(presence);
    return true;
}

/* ---- the scale ---- */

/* The log-probability of the right option, from all frames. all: 0, 1, 2, ... */
static double score_right(const ask_answered_row *r, double scale, int n_keep,
                          const int *all)
{
    const ask_contest contest = {
        .cosine = r->cosines,
        .duplicate_of = r->duplicate_of,
        .n_choices = ASK_N_OPTIONS,
        .n_frames = r->n_frames,
        .scale = scale,
        .n_keep = n_keep,
    };
    double s[ASK_N_OPTIONS];
    ask_contest_score(s, &contest, all, r->n_frames);
    return s[r->right_option];
}

static double mean_right(const ask_answered_rows *rows, double scale, int n_keep,
                         const int *all)
{
    double sum = 0;
    int64_t n = 0;
    for (int64_t i = 0; i < rows->n; i++) {
        if (!rows->rows[i].visual) continue;
        sum += score_right(&rows->rows[i], scale, n_keep, all);
        n++;
    }
    return n ? sum / (double)n : NAN;
}

static int most_frames(const ask_answered_rows *rows)
{
    int most = 1;
    for (int64_t i = 0; i < rows->n; i++)
        if (rows->rows[i].n_frames > most) most = rows->rows[i].n_frames;
    return most;
}

bool ask_fit_scale(double *out, double *mean_s, const ask_answered_rows *rows, int n_keep,
                   ask_error *err)
{
    enum { STEPS_PER_DOUBLING = 4, N_STEPS = 8 * STEPS_PER_DOUBLING };
    int n_frames = most_frames(rows);
    int *all = malloc((size_t)n_frames * sizeof *all);
    if (!all) return ask_fail_memory(err);
    for (int i = 0; i < n_frames; i++) all[i] = i;
    double best = NAN, best_s = NAN;
    for (int i = 0; i <= N_STEPS; i++) {
        double scale = exp2((double)i / STEPS_PER_DOUBLING);
        double s = mean_right(rows, scale, n_keep, all);
        if (isnan(s) || s <= best_s) continue;
        best = scale;
        best_s = s;
    }
    free(all);
    *out = best;
    *mean_s = best_s;
    return true;
}

/* ---- thresholds of the verdict ---- */

enum { N_PRIOR = 7, N_SUFF = 15, N_NEC = 20 };

static double prior_at(int i)
{
    return 3.2 / exp2(i);
}

static double suff_at(int i)
{
    return 0.05 * exp2(i / 2.0);
}

static double nec_at(int i)
{
    return i < N_NEC - 1 ? 6.4 / exp2(i / 2.0) : 0;
}

/* Grounded answers among some. */
typedef struct {
    int64_t n, n_grounded;
    int64_t n_right, n_right_grounded, n_held;
} counts;

static counts count(const ask_answered_rows *rows, bool judged_only,
                    const ask_verdict_terms *terms)
{
    counts c = {0};
    for (int64_t i = 0; i < rows->n; i++) {
        const ask_answered_row *r = &rows->rows[i];
        if (!r->visual || (judged_only && !r->judged)) continue;
        bool grounded = ask_answered_verdict(r, terms) == ASK_VERDICT_GROUNDED;
        c.n++;
        c.n_grounded += grounded;
        c.n_right += r->right;
        c.n_right_grounded += r->right && grounded;
        c.n_held += r->right && grounded && r->in_moment;
    }
    return c;
}

static double beyond(double value, double most)
{
    return value > most ? value - most : 0; // NaN: nothing is
}

/* Of nothing no share is held. */
static double held_of(const ask_fitted_limits *f)
{
    return f->held > 0 ? f->held : 0;
}

/* By how much the terms are missed, in all. */
static double misses(const ask_fitted_limits *f)
{
    return beyond(ASK_FIT_LEAST_HELD, held_of(f)) +
           beyond(ASK_FIT_LEAST_COVERED, f->covered) +
           beyond(f->other, ASK_FIT_MOST_CHEATS) + beyond(f->grey, ASK_FIT_MOST_CHEATS);
}

static ask_fitted_limits try_limits(const ask_answered_rows *own,
                                    const ask_answered_rows *other,
                                    const ask_answered_rows *grey, double threshold,
                                    const ask_verdict_limits *limits)
{
    ask_verdict_terms terms = {
        .threshold = threshold, .most_distance = INFINITY, .limits = *limits};
    counts of_own = count(own, true, &terms), of_other = count(other, false, &terms);
    terms.threshold = -INFINITY;
    counts of_grey = count(grey, false, &terms);
    ask_fitted_limits f = {
        .limits = *limits,
        .covered = ask_share(of_own.n_right_grounded, of_own.n_right),
        .held = ask_share(of_own.n_held, of_own.n_grounded),
        .other = ask_share(of_other.n_grounded, of_other.n),
        .grey = ask_share(of_grey.n_grounded, of_grey.n),
    };
    f.kept = misses(&f) == 0;
    return f;
}

bool ask_fit_is_better(const ask_fitted_limits *a, const ask_fitted_limits *b)
{
    double misses_a = misses(a), misses_b = misses(b);
    if (misses_a != misses_b) return misses_a < misses_b;
    return a->covered > b->covered;
}

ask_fitted_limits ask_fit_limits(const ask_answered_rows *own,
                                 const ask_answered_rows *other,
                                 const ask_answered_rows *grey, double threshold)
{
    ask_fitted_limits best = {0};
    for (int i = 0; i < N_PRIOR * N_SUFF * N_NEC; i++) {
        const ask_verdict_limits limits = {
            .tau_prior = prior_at(i / (N_SUFF * N_NEC)),
            .tau_suff = suff_at(i / N_NEC % N_SUFF),
            .tau_nec = nec_at(i % N_NEC),
        };
        ask_fitted_limits f = try_limits(own, other, grey, threshold, &limits);
        if (i == 0 || ask_fit_is_better(&f, &best)) best = f;
    }
    return best;
}
