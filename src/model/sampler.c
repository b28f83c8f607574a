#include "model/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/options.h"
#include "model/sampler_priv.h"

ask_sampler_options ask_sampler_defaults(void)
{
    return (ask_sampler_options){
        .struct_size = sizeof(ask_sampler_options), .top_p = 1, .repetition_penalty = 1};
}

static ask_sampler_options taken(const ask_sampler_options *opt)
{
    ask_sampler_options o = ask_sampler_defaults();
    ask_options_take(&o, sizeof o, opt);
    return o;
}

static bool check(const ask_sampler_options *o, ask_error *err)
{
    if (!(o->temperature >= 0 && o->temperature < INFINITY))
        return ask_fail(err, ASK_ERR_USAGE, "temperature %g: it is 0 or more",
                        o->temperature);
    if (o->top_k < 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "top-k %d: it is 1 or more, or 0 for all tokens", o->top_k);
    if (!(o->top_p >= 0 && o->top_p <= 1))
        return ask_fail(err, ASK_ERR_USAGE, "top-p %g: it is 0 to 1", o->top_p);
    if (!(o->min_p >= 0 && o->min_p <= 1))
        return ask_fail(err, ASK_ERR_USAGE, "min-p %g: it is 0 to 1", o->min_p);
    if (!(o->repetition_penalty > 0 && o->repetition_penalty < INFINITY))
        return ask_fail(err, ASK_ERR_USAGE,
                        "repetition penalty %g: it is more than 0, and 1 for none",
                        o->repetition_penalty);
    return true;
}

bool ask_sampler_check(const ask_sampler_options *opt, ask_error *err)
{
    const ask_sampler_options o = taken(opt);
    return check(&o, err);
}

/* ---- what is left of the tokens ---- */

typedef struct {
    float logit;
    int32_t id;
} candidate;

/* Those that are left are the first n, of which the first n_sorted are sorted, and before
 * all others: likeliest first, of equal ones the higher id, which top-p then keeps. */
typedef struct {
    candidate *c;
    int64_t n, n_sorted;
    float top; // the largest logit
    double temperature;
} ranking;

static int compare(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->logit != y->logit) return x->logit > y->logit ? -1 : 1;
    return (x->id < y->id) - (x->id > y->id);
}

static void swap(candidate *c, int64_t i, int64_t k)
{
    candidate kept = c[i];
    c[i] = c[k];
    c[k] = kept;
}

/* Brings the first k of the order before the others (Hoare 1961, "Find"). */
static void find(candidate *c, int64_t n, int64_t k)
{
    for (int64_t low = 0, high = n - 1; low < high;) {
        const candidate pivot = c[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (compare(&c[i], &pivot) < 0) i++;
            while (compare(&c[j], &pivot) > 0) j--;
            if (i <= j) swap(c, i++, j--);
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            return;
    }
}

/* A vocabulary is long, and what is likely short: only what is asked for is sorted. */
static void sort_first(ranking *r, int64_t n)
{
    if (n > r->n) n = r->n;
    if (n <= r->n_sorted) return;
    candidate *rest = r->c + r->n_sorted;
    if (n < r->n) find(rest, r->n - r->n_sorted, n - r->n_sorted);
    qsort(rest, (size_t)(n - r->n_sorted), sizeof *rest, compare);
    r->n_sorted = n;
}

static void keep_top_k(ranking *r, int top_k)
{
    if (top_k == 0 || top_k >= r->n) return;
    sort_first(r, top_k);
    int64_t kept = top_k;
    for (int64_t i = kept; i < r->n; i++)
        if (r->c[i].logit == r->c[top_k - 1].logit) swap(r->c, i, kept++);
    r->n = kept;
}

/* The probability of candidate i, divided by that of the likeliest. */
static double weight(const ranking *r, int64_t i)
{
    return exp(((double)r->c[i].logit - r->top) / r->temperature);
}

static double sum_weights(const ranking *r)
{
    double sum = 0;
    for (int64_t i = 0; i < r->n; i++) sum += weight(r, i);
    return sum;
}

/* Keeps the likeliest until all others have at most 1 - top_p. */
static void keep_top_p(ranking *r, double top_p)
{
    if (top_p >= 1) return;
    double sum = sum_weights(r), kept = 0;
    for (int64_t i = 0; i < r->n; i++) {
        if (i == r->n_sorted) sort_first(r, 8 * i + 64);
        kept += weight(r, i);
        if ((sum - kept) / sum <= 1 - top_p) r->n = i + 1;
    }
}

static void keep_min_p(ranking *r, double min_p)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < r->n; i++)
        if (weight(r, i) >= min_p) r->c[kept++] = r->c[i];
    r->n = kept;
}

/* ---- probabilities ---- */

void sampler_penalize(float *out, const float *logits, int64_t n_vocab, const int64_t *said,
                      int n_said, double penalty)
{
    float by = (float)penalty;
    for (int i = 0; i < n_said && penalty != 1; i++) {
        int64_t id = said[i];
        if (id < 0 || id >= n_vocab) continue;
        out[id] = logits[id] < 0 ? logits[id] * by : logits[id] / by;
    }
}

static int64_t largest(const float *x, int64_t n)
{
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

static bool check_scores(const float *scores, int64_t n_vocab, ask_error *err)
{
    bool ok = n_vocab > 0;
    for (int64_t i = 0; i < n_vocab && ok; i++) ok = scores[i] < INFINITY;
    if (ok && scores[largest(scores, n_vocab)] > -INFINITY) return true;
    return ask_fail(err, ASK_ERR_USAGE,
                    "logits that are no numbers, or rule all tokens out");
}

/* scores: [n_vocab], behind the penalty. probs: zeros. */
static bool rank(double *probs, const float *scores, int64_t n_vocab,
                 const ask_sampler_options *o, ask_error *err)
{
    size_t bytes;
    ranking r = {.n = n_vocab,
                 .top = scores[largest(scores, n_vocab)],
                 .temperature = o->temperature};
    bool fits = n_vocab < INT32_MAX && ask_bytes_of(&bytes, n_vocab, sizeof *r.c);
    r.c = fits ? malloc(bytes) : NULL;
    if (!r.c) return ask_fail_memory(err);
    for (int64_t i = 0; i < n_vocab; i++) r.c[i] = (candidate){scores[i], (int32_t)i};
    keep_top_k(&r, o->top_k);
    keep_top_p(&r, o->top_p);
    if (o->min_p > 0) keep_min_p(&r, o->min_p);
    double sum = sum_weights(&r);
    for (int64_t i = 0; i < r.n; i++) probs[r.c[i].id] = weight(&r, i) / sum;
    free(r.c);
    return true;
}

bool ask_sampler_probs(double *probs, const float *logits, int64_t n_vocab,
                       const int64_t *said, int n_said, const ask_sampler_options *opt,
                       ask_error *err)
{
    const ask_sampler_options o = taken(opt);
    size_t bytes;
    if (!check(&o, err)) return false;
    float *scores =
        ask_bytes_of(&bytes, n_vocab, sizeof *scores) ? malloc(bytes + 1) : NULL;
    if (!scores) return ask_fail_memory(err);
    memcpy(scores, logits, bytes);
    sampler_penalize(scores, logits, n_vocab, said, n_said, o.repetition_penalty);
    bool ok = check_scores(scores, n_vocab, err);
    if (ok) memset(probs, 0, (size_t)n_vocab * sizeof *probs);
    if (ok && o.temperature > 0)
        ok = rank(probs, scores, n_vocab, &o, err);
    else if (ok)
        probs[largest(scores, n_vocab)] = 1;
    free(scores);
    return ok;
}

/* ---- drawing ---- */

/* The token at which the sum of the probabilities passes u, in [0, 1). */
static int64_t draw(const double *probs, int64_t n, double u)
{
    int64_t last = 0;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        if (probs[i] <= 0) continue;
        last = i;
        sum += probs[i];
        if (u < sum) break;
    }
    return last; // of a sum that rounding has left below u, the last that can be
}

bool ask_sampler_choose(int64_t *out, const float *logits, int64_t n_vocab,
                        const int64_t *said, int n_said, const ask_sampler_options *opt,
                        ask_rng *rng, ask_error *err)
{
    const ask_sampler_options o = taken(opt);
    size_t bytes;
    double *probs = ask_bytes_of(&bytes, n_vocab, sizeof *probs) ? malloc(bytes + 1) : NULL;
    if (!probs) return ask_fail_memory(err);
    bool ok = ask_sampler_probs(probs, logits, n_vocab, said, n_said, &o, err);
    if (ok) *out = draw(probs, n_vocab, o.temperature > 0 ? ask_rng_double(rng) : 0);
    free(probs);
    return ok;
}
