/* metric/bootstrap.h - how far a number could lie from what was measured, had other videos
 * been asked about.
 *
 * Questions about one video are alike, so whole clusters (videos) are drawn, with
 * replacement, as many as there are; the number is computed anew of each draw, and the
 * interval is from the 2.5 % to the 97.5 % quantile of what comes out (linear between two
 * values). Draws of which there is nothing to compute are left out. Of fewer than two
 * clusters nothing is known: there is no interval. After: Efron 1979; Cameron et al. 2008,
 * on clusters.
 *
 * The same seed draws the same clusters. */
#ifndef ASK_METRIC_BOOTSTRAP_H
#define ASK_METRIC_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
    double low, high; // both NaN: there is none
} ask_interval;

typedef struct {
    size_t struct_size;
    int n_draws;   // 1000; at least 1
    uint64_t seed; // 1
    double level;  // 0.95; above 0, below 1
} ask_bootstrap_options;
ASK_API ask_bootstrap_options ask_bootstrap_defaults(void);

/* A number of a draw: weights [n_clusters] say how often each cluster is in it. NaN: there
 * is nothing to compute. */
typedef double ask_bootstrap_statistic(void *user, const double *weights);

/* opt may be NULL. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_bootstrap(ask_interval *out, ask_bootstrap_statistic *statistic,
                           void *user, size_t n_clusters, const ask_bootstrap_options *opt,
                           ask_error *err);

/* The mean of values with weights (NULL: all 1), NaN of none, and its interval. cluster:
 * [n], each below n_clusters. values that are NaN are left out. interval may be NULL. */
ASK_API bool ask_mean_of(double *mean, ask_interval *interval, const double *values,
                         const double *weights, const size_t *cluster, size_t n,
                         size_t n_clusters, const ask_bootstrap_options *opt,
                         ask_error *err);

/* The same of a - b over what has both: whether one of two ways to answer the same
 * questions is better. */
ASK_API bool ask_mean_difference(double *mean, ask_interval *interval, const double *a,
                                 const double *b, const size_t *cluster, size_t n,
                                 size_t n_clusters, const ask_bootstrap_options *opt,
                                 ask_error *err);

#endif
