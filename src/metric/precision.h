/* metric/precision.h - average precision of a ranking, and of spans that are found.
 *
 * Precision at each recall is the best at that recall or a higher one, and the average is
 * over all recalls: the area under that staircase. After: Everingham et al. 2010 (PASCAL
 * VOC), Heilbron et al. 2015 (ActivityNet). */
#ifndef ASK_METRIC_PRECISION_H
#define ASK_METRIC_PRECISION_H

#include <stddef.h>

#include "base/error.h"
#include "metric/span.h"

/* hits: [n], best rank first, 1 for what is right and else 0; weights (may be NULL: all 1)
 * say how often each stands in the ranking. n_truth: how much right there is to find, each
 * as often as it is weighed. 0 where that is 0. */
ASK_API double ask_average_precision(const unsigned char *hits, const double *weights,
                                     size_t n, double n_truth);

/* A predicted span. */
typedef struct {
    ask_span at;
    double score;
} ask_scored_span;

/* Which predictions (best first, or in any order: *hits goes by place in the array) find a
 * truth: in order of score, of equals the first, each takes the truth of the highest IoU
 * that is not taken yet and reaches the threshold. hits: [n]. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_spans_find(unsigned char *hits, const ask_scored_span *predicted, size_t n,
                            const ask_span *truths, size_t n_truths, double threshold,
                            ask_error *err);

/* The places of the scores in falling order, of equals the first one first. order: [n]. */
ASK_API void ask_order_by_score(size_t *order, const double *scores, size_t n);

#endif
