#include "metric/precision.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

double ask_average_precision(const unsigned char *hits, const double *weights, size_t n,
                             double n_truth)
{
    if (!(n_truth > 0)) return 0;
    double found = 0, seen = 0;
    for (size_t i = 0; i < n; i++) {
        double w = weights ? weights[i] : 1;
        seen += w;
        found += hits[i] ? w : 0;
    }
    // From the last rank to the first: the best precision from there on is known.
    double sum = 0, best = 0;
    for (size_t i = n; i-- > 0;) {
        double w = weights ? weights[i] : 1;
        if (seen > 0) best = fmax(best, found / seen);
        if (hits[i]) {
            sum += w * best;
            found -= w;
        }
        seen -= w;
    }
    return sum / n_truth;
}

/* ---- order ---- */

static int compare(const void *a, const void *b, void *scores)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    double of_x = ((const double *)scores)[x], of_y = ((const double *)scores)[y];
    if (of_x != of_y) return of_x > of_y ? -1 : 1;
    return (x > y) - (x < y);
}

void ask_order_by_score(size_t *order, const double *scores, size_t n)
{
    for (size_t i = 0; i < n; i++) order[i] = i;
    qsort_r(order, n, sizeof *order, compare, (void *)(uintptr_t)scores);
}

/* ---- spans ---- */

/* The truth that a prediction takes; n_truths: none. */
static size_t best_free(ask_span predicted, const ask_span *truths, size_t n_truths,
                        const unsigned char *taken, double threshold)
{
    size_t best = n_truths;
    double best_iou = 0;
    for (size_t i = 0; i < n_truths; i++) {
        double iou = ask_span_iou(predicted, truths[i]);
        if (taken[i] || iou < threshold || iou <= best_iou) continue;
        best = i;
        best_iou = iou;
    }
    return best;
}

bool ask_spans_find(unsigned char *hits, const ask_scored_span *predicted, size_t n,
                    const ask_span *truths, size_t n_truths, double threshold,
                    ask_error *err)
{
    size_t *order = malloc((n + 1) * sizeof *order);
    double *scores = calloc(n + 1, sizeof *scores);
    unsigned char *taken = calloc(n_truths + 1, 1);
    bool ok = order && scores && taken;
    if (ok) {
        for (size_t i = 0; i < n; i++) scores[i] = predicted[i].score;
        ask_order_by_score(order, scores, n);
        for (size_t k = 0; k < n; k++) {
            size_t i = order[k];
            size_t t = best_free(predicted[i].at, truths, n_truths, taken, threshold);
            hits[i] = t < n_truths;
            if (hits[i]) taken[t] = 1;
        }
    }
    free(order);
    free(scores);
    free(taken);
    return ok || ask_fail_memory(err);
}
