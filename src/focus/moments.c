#include "focus/moments.h"

#include <math.h>
#include <stdlib.h>

/* A smoothed frame is 1/6 of each neighbour and 4/6 of itself: enough against the flicker
 * of single frames, while a moment of a single frame still stands out. */
static const double OWN_WEIGHT = 4;

/* Between the base of the curve (0) and its peak (1): what is above belongs to a moment.
 * Chosen on simulated curves, as the weight above: the middle finds events of 1 to 10
 * frames best. */
static const double LEVEL = 0.5;

/* In units of score. A curve whose peak is this close to its median hardly moves. */
static const double LEAST_RELIEF = 1;

typedef struct {
    int begin, end; // frames [begin, end)
    int best;
    float score;  // of the best frame
    int repeats;  // the place of a better run that shows the same; -1
    int position; // in the list that is given
} run;

static void smooth(double *out, const float *score, int n)
{
    for (int i = 0; i < n; i++) {
        double sum = OWN_WEIGHT * score[i], weight = OWN_WEIGHT;
        if (i > 0) sum += score[i - 1], weight++;
        if (i + 1 < n) sum += score[i + 1], weight++;
        out[i] = sum / weight;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Reorders its numbers. */
static double median_of(double *numbers, int n)
{
    qsort(numbers, (size_t)n, sizeof *numbers, ascending);
    return (numbers[(n - 1) / 2] + numbers[n / 2]) / 2;
}

/* The height above which a smoothed curve has its moments. sorted: room for n numbers. The
 * peak itself is never below it, so there always is a moment. */
static double level_of(const double *smoothed, double *sorted, int n)
{
    for (int i = 0; i < n; i++) sorted[i] = smoothed[i];
    double median = median_of(sorted, n), peak = sorted[n - 1];
    double base = peak - median < LEAST_RELIEF ? fmin(median, 0) : median;
    return fmin(base + LEVEL * (peak - base), peak);
}

static int best_of(const float *score, int begin, int end)
{
    int best = begin;
    for (int i = begin + 1; i < end; i++) {
        if (score[i] > score[best]) best = i;
    }
    return best;
}

/* Runs above the level, in time order; returns how many. */
static int find_runs(run *out, const double *smoothed, double level, const float *score,
                     int n)
{
    int n_runs = 0;
    for (int i = 0; i < n; i++) {
        if (smoothed[i] < level) continue;
        bool goes_on = n_runs > 0 && i - out[n_runs - 1].end <= 1; // over a gap of one
        if (!goes_on) out[n_runs++] = (run){.begin = i};
        out[n_runs - 1].end = i + 1;
    }
    for (int k = 0; k < n_runs; k++) {
        out[k].best = best_of(score, out[k].begin, out[k].end);
        out[k].score = score[out[k].best];
    }
    return n_runs;
}

/* Best first; of equal ones the earlier. */
static int better(const void *a, const void *b)
{
    const run *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* The frame that stands for all that show the same. */
static int original_of(const ask_moments_curve *c, int frame)
{
    return c->duplicate_of[frame] < 0 ? frame : c->duplicate_of[frame];
}

/* Finds runs whose best frame shows what a better run shows. shown_by: room for n. */
static void find_repeats(run *runs, int n_runs, int *shown_by, const ask_moments_curve *c)
{
    for (int i = 0; i < c->n; i++) shown_by[i] = -1;
    for (int k = 0; k < n_runs; k++) {
        runs[k].repeats = shown_by[original_of(c, runs[k].best)];
        for (int i = runs[k].begin; i < runs[k].end; i++) {
            int *by = &shown_by[original_of(c, i)];
            if (*by < 0) *by = k;
        }
    }
}

/* The runs that show something new, then the repeats. Returns how many are listed. */
static int list_runs(ask_find_moment *out, run *runs, int n_runs, int n_top,
                     const ask_moments_curve *c)
{
    int n = 0;
    for (int repeats = 0; repeats < 2; repeats++) {
        for (int k = 0; k < n_runs && n < n_top; k++) {
            run *r = &runs[k];
            if ((r->repeats >= 0) != repeats) continue;
            r->position = n;
            out[n++] = (ask_find_moment){
                .start_s = c->edge_s[r->begin],
                .end_s = c->edge_s[r->end],
                .best = r->best,
                .score = r->score,
                .repeats = repeats ? runs[r->repeats].position : -1,
            };
        }
    }
    return n;
}

bool ask_moments_find(ask_find_moment **out, int *n_out, const ask_moments_curve *curve,
                      int n_top, ask_error *err)
{
    bool ok = false;
    size_t n = (size_t)curve->n;
    double *smoothed = malloc(n * sizeof *smoothed);
    double *sorted = malloc(n * sizeof *sorted);
    run *runs = malloc(n * sizeof *runs);
    int *shown_by = malloc(n * sizeof *shown_by);
    ask_find_moment *moments = malloc(n * sizeof *moments);
    if (!smoothed || !sorted || !runs || !shown_by || !moments) {
        ask_fail_memory(err);
        goto end;
    }
    smooth(smoothed, curve->score, curve->n);
    double level = level_of(smoothed, sorted, curve->n);
    int n_runs = find_runs(runs, smoothed, level, curve->score, curve->n);
    qsort(runs, (size_t)n_runs, sizeof *runs, better);
    find_repeats(runs, n_runs, shown_by, curve);
    *n_out = list_runs(moments, runs, n_runs, n_top, curve);
    *out = moments;
    moments = NULL;
    ok = true;

end:
    free(smoothed);
    free(sorted);
    free(runs);
    free(shown_by);
    free(moments);
    return ok;
}
