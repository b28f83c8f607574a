#include "metric/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/rng.h"

ask_bootstrap_options ask_bootstrap_defaults(void)
{
    return (ask_bootstrap_options){
        .struct_size = sizeof(ask_bootstrap_options),
        .n_draws = 1000,
        .seed = 1,
        .level = 0.95,
    };
}

/* ---- draws ---- */

static void draw(double *weights, size_t n_clusters, ask_rng *rng)
{
    memset(weights, 0, n_clusters * sizeof *weights);
    for (size_t i = 0; i < n_clusters; i++) weights[ask_rng_below(rng, n_clusters)]++;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of sorted values, n >= 1. */
static double quantile(const double *values, size_t n, double share)
{
    double at = share * (double)(n - 1);
    size_t i = (size_t)at;
    if (i + 1 >= n) return values[n - 1];
    return values[i] + (at - (double)i) * (values[i + 1] - values[i]);
}

static ask_interval interval_of(double *values, size_t n, double level)
{
    if (n == 0) return (ask_interval){NAN, NAN};
    qsort(values, n, sizeof *values, compare);
    double tail = (1 - level) / 2;
    return (ask_interval){quantile(values, n, tail), quantile(values, n, 1 - tail)};
}

bool ask_bootstrap(ask_interval *out, ask_bootstrap_statistic *statistic, void *user,
                   size_t n_clusters, const ask_bootstrap_options *opt, ask_error *err)
{
    ask_bootstrap_options o = ask_bootstrap_defaults();
    ask_options_take(&o, sizeof o, opt);
    if (n_clusters < 2) {
        *out = (ask_interval){NAN, NAN};
        return true;
    }
    double *weights = malloc(n_clusters * sizeof *weights);
    double *values = malloc((size_t)o.n_draws * sizeof *values);
    bool ok = weights && values;
    if (ok) {
        ask_rng all = ask_rng_new(o.seed), rng = ask_rng_split(&all, "bootstrap");
        size_t n = 0;
        for (int i = 0; i < o.n_draws; i++) {
            draw(weights, n_clusters, &rng);
            double value = statistic(user, weights);
            if (!isnan(value)) values[n++] = value;
        }
        *out = interval_of(values, n, o.level);
    }
    free(weights);
    free(values);
    return ok || ask_fail_memory(err);
}

/* ---- means ---- */

typedef struct {
    double *sum, *weight; // owned; [n]
    size_t n;
} clusters;

static double mean_of_draw(void *user, const double *times)
{
    const clusters *c = user;
    double sum = 0, weight = 0;
    for (size_t i = 0; i < c->n; i++) {
        sum += times[i] * c->sum[i];
        weight += times[i] * c->weight[i];
    }
    return weight > 0 ? sum / weight : NAN;
}

static double mean_of_all(const clusters *c)
{
    double sum = 0, weight = 0;
    for (size_t i = 0; i < c->n; i++) {
        sum += c->sum[i];
        weight += c->weight[i];
    }
    return weight > 0 ? sum / weight : NAN;
}

static bool clusters_new(clusters *c, size_t n, ask_error *err)
{
    *c = (clusters){.sum = calloc(n + 1, sizeof *c->sum),
                    .weight = calloc(n + 1, sizeof *c->weight),
                    .n = n};
    return (c->sum && c->weight) || ask_fail_memory(err);
}

static void clusters_add(clusters *c, size_t i, double value, double weight)
{
    if (isnan(value)) return;
    c->sum[i] += weight * value;
    c->weight[i] += weight;
}

/* Those with nothing in them are left out: whether they are drawn is no news. */
static void clusters_pack(clusters *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (!(c->weight[i] > 0)) continue;
        c->sum[n] = c->sum[i];
        c->weight[n++] = c->weight[i];
    }
    c->n = n;
}

static bool tell(double *mean, ask_interval *interval, clusters *c,
                 const ask_bootstrap_options *opt, ask_error *err)
{
    clusters_pack(c);
    ask_interval i = {NAN, NAN};
    if (interval && !ask_bootstrap(&i, mean_of_draw, c, c->n, opt, err)) return false;
    *mean = mean_of_all(c);
    if (interval) *interval = i;
    return true;
}

static void clusters_free(clusters *c)
{
    free(c->sum);
    free(c->weight);
}

bool ask_mean_of(double *mean, ask_interval *interval, const double *values,
                 const double *weights, const size_t *cluster, size_t n, size_t n_clusters,
                 const ask_bootstrap_options *opt, ask_error *err)
{
    clusters c;
    bool ok = clusters_new(&c, n_clusters, err);
    for (size_t i = 0; ok && i < n; i++)
        clusters_add(&c, cluster[i], values[i], weights ? weights[i] : 1);
    ok = ok && tell(mean, interval, &c, opt, err);
    clusters_free(&c);
    return ok;
}

bool ask_mean_difference(double *mean, ask_interval *interval, const double *a,
                         const double *b, const size_t *cluster, size_t n,
                         size_t n_clusters, const ask_bootstrap_options *opt,
                         ask_error *err)
{
    clusters c;
    bool ok = clusters_new(&c, n_clusters, err);
    for (size_t i = 0; ok && i < n; i++) clusters_add(&c, cluster[i], a[i] - b[i], 1);
    ok = ok && tell(mean, interval, &c, opt, err);
    clusters_free(&c);
    return ok;
}
