#include "model/verify_against.h"

#include <math.h>
#include <stdlib.h>

#include "base/options.h"
#include "model/matrices_priv.h"
#include "model/verify_against_priv.h"
#include "tensor/cpu/cpu.h"

ask_verify_against_options ask_verify_against_defaults(void)
{
    return (ask_verify_against_options){.n_tokens = 32};
}

double ask_verify_ratio(ask_verify_error e)
{
    if (e.reference == 0) return e.ours == 0 ? 1 : INFINITY;
    return e.ours / e.reference;
}

/* All that a verification holds. */
typedef struct {
    ask_verify_against_options opt;
    const char *dir, *original_dir;
    ask_weights *weights, *original;
    ask_backend *backend;
    ask_arena *texts; // of the report
    ask_verify_against_report report;
} verification;

/* The matrix that one of few bits was made of. */
static const ask_weights_entry *original_of(const verification *v,
                                            const ask_weights_entry *e, ask_error *err)
{
    const ask_weights_entry *o = ask_weights_find(v->original, e->name);
    if (o && ask_dtype_is_real(o->type) && o->n_dims == 2 && o->shape[0] == e->shape[0] &&
        o->shape[1] == e->shape[1])
        return o;
    ask_fail(err, ASK_ERR_MODEL,
             "%s: has no real numbers [%lld, %lld] \"%s\"; give the model that %s was made "
             "of",
             v->original_dir, (long long)e->shape[0], (long long)e->shape[1], e->name,
             v->dir);
    return NULL;
}

/* A matrix of this model that has numbers. */
static bool counts(const ask_weights_entry *e)
{
    return (e->type == ASK_Q8 || e->type == ASK_Q4) && e->n_elements > 0;
}

static bool list_matrices(verification *v, ask_error *err)
{
    int n = 0;
    for (size_t i = 0; i < ask_weights_count(v->weights); i++)
        if (counts(ask_weights_at(v->weights, i))) n++;
    if (n == 0)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: has no matrices of few bits; make them with model quantize",
                        v->dir);
    v->report.matrices = calloc((size_t)n, sizeof *v->report.matrices);
    v->report.n_matrices = n;
    return v->report.matrices || ask_fail_memory(err);
}

static bool measure(verification *v, ask_verify_matrix *m, const ask_weights_entry *e,
                    ask_error *err)
{
    const ask_weights_entry *o = original_of(v, e, err);
    if (!o ||
        !verify_matrix_measure(m, v->backend, e, o, ask_weights_file(v->original, o->file),
                               v->opt.seed, err))
        return false;
    m->name = ask_arena_strdup(v->texts, e->name);
    ask_weights_release(v->weights, e);
    ask_weights_release(v->original, o);
    return m->name || ask_fail_memory(err);
}

static bool measure_matrices(verification *v, ask_error *err)
{
    int done = 0;
    for (size_t i = 0; i < ask_weights_count(v->weights); i++) {
        const ask_weights_entry *e = ask_weights_at(v->weights, i);
        if (!counts(e)) continue;
        if (!ask_cancel_check(v->opt.cancel, err) ||
            !measure(v, &v->report.matrices[done++], e, err))
            return false;
        ask_progress_send(v->opt.progress, done, v->report.n_matrices, "matrices",
                          "comparing");
    }
    return true;
}

/* Adds the error of a matrix of n numbers; the square of it, if it is not of sizes. */
static void add(ask_verify_error *sum, ask_verify_error e, double n, bool square)
{
    sum->ours += n * (square ? e.ours * e.ours : e.ours);
    sum->reference += n * (square ? e.reference * e.reference : e.reference);
}

static ask_verify_error root_of_mean(ask_verify_error sum, double n)
{
    return (ask_verify_error){sqrt(sum.ours / n), sqrt(sum.reference / n)};
}

/* Of the matrices that are judged. */
static void sum_up(ask_verify_against_report *r)
{
    double all = 0, ratios = 0;
    for (int i = 0; i < r->n_matrices; i++) {
        const ask_verify_matrix *m = &r->matrices[i];
        r->n_more_bits += m->has_more_bits;
        if (!m->judged) continue;
        r->n_judged++;
        double n = (double)m->n * (double)m->k;
        double plain = ask_verify_ratio(m->products);
        double outliers = ask_verify_ratio(m->outliers);
        add(&r->bits, m->bits, n, false);
        add(&r->weights, m->weights, n, true);
        add(&r->products, m->products, n, true);
        add(&r->outliers, m->outliers, n, true);
        r->worst_ratio = fmax(r->worst_ratio, fmax(plain, outliers));
        all += n;
        ratios += plain + outliers;
    }
    if (r->n_judged == 0) return;
    r->bits = (ask_verify_error){r->bits.ours / all, r->bits.reference / all};
    r->weights = root_of_mean(r->weights, all);
    r->products = root_of_mean(r->products, all);
    r->outliers = root_of_mean(r->outliers, all);
    r->mean_ratio = ratios / (2 * r->n_judged);
    r->passed = ask_verify_ratio(r->weights) <= ASK_VERIFY_MOST_RATIO &&
                ask_verify_ratio(r->products) <= ASK_VERIFY_MOST_RATIO &&
                ask_verify_ratio(r->outliers) <= ASK_VERIFY_MOST_RATIO;
}

/* A name that lives as long as the program. */
static bool find_network(verification *v, ask_error *err)
{
    model_matrices matrices = {0};
    bool ok = model_matrices_find(&matrices, v->dir, v->opt.network, v->weights, err);
    v->report.network = matrices.network;
    model_matrices_free(&matrices);
    return ok;
}

static bool verify(verification *v, ask_error *err)
{
    const ask_cpu_options cpu = {.n_threads = v->opt.n_threads};
    v->texts = ask_arena_new(0);
    v->report.memory = v->texts;
    if (!v->texts) return ask_fail_memory(err);
    if (!(v->weights = ask_weights_open(v->dir, err)) ||
        !(v->original = ask_weights_open(v->original_dir, err)) ||
        !model_matrices_check_file(v->weights, err) ||
        !model_matrices_check_file(v->original, err) || !find_network(v, err) ||
        !list_matrices(v, err) || !(v->backend = ask_cpu_open(&cpu, err)) ||
        !measure_matrices(v, err))
        return false;
    sum_up(&v->report);
    return v->opt.n_tokens == 0 ||
           verify_layers(&v->report, v->texts, v->dir, v->original_dir, &v->opt, err);
}

bool ask_model_verify_against(ask_verify_against_report *out, const char *dir,
                              const char *original, const ask_verify_against_options *opt,
                              ask_error *err)
{
    verification v = {
        .opt = ask_verify_against_defaults(), .dir = dir, .original_dir = original};
    ask_options_take(&v.opt, sizeof v.opt, opt);
    bool ok = verify(&v, err);
    ask_backend_close(v.backend);
    ask_weights_close(v.original);
    ask_weights_close(v.weights);
    if (ok)
        *out = v.report;
    else
        ask_verify_against_report_free(&v.report);
    return ok;
}

void ask_verify_against_report_free(ask_verify_against_report *r)
{
    if (!r) return;
    free(r->matrices);
    free(r->layers);
    ask_arena_free(r->memory);
    *r = (ask_verify_against_report){0};
}
