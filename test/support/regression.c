#include "support/regression.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "support/testing.h"
#include "tensor/cpu/cpu.h"

enum { N_IN = 3, N_HIDDEN = 12, MOST_ROWS = 64 };

/* ---- data ---- */

typedef struct {
    float x[N_IN], y;
    bool is_labelled, is_other;
} row;

/* Labels become rarer along the data, so that batches count differently. */
static row row_at(int64_t at)
{
    ask_rng root = ask_rng_new(11), r = ask_rng_split_at(&root, (uint64_t)at);
    row out;
    for (int i = 0; i < N_IN; i++) out.x[i] = (float)ask_rng_normal(&r);
    double y = sin((double)out.x[0]) + 0.5 * (double)(out.x[1] * out.x[2]);
    out.y = (float)y;
    out.is_labelled = at % 12 < 5 || ask_rng_below(&r, 3) == 0;
    out.is_other = at % 5 == 0;
    return out;
}

static int n_rows(const regression_options *opt)
{
    return opt->n_rows ? opt->n_rows : 4;
}

/* ---- the task ---- */

static void build(void *user, ask_graph *g, ask_train_loss *out)
{
    regression *r = user;
    int64_t n = n_rows(&r->opt);
    ask_tensor *w1 = ask_store_find(r->store, "first.weight"),
               *b1 = ask_store_find(r->store, "first.bias"),
               *w2 = ask_store_find(r->store, "second.weight"),
               *b2 = ask_store_find(r->store, "second.bias");
    r->x = ask_input(g, ASK_F32, 2, (int64_t[]){n, N_IN});
    r->y = ask_input(g, ASK_F32, 2, (int64_t[]){n, 1});
    r->labelled = ask_input(g, ASK_F32, 2, (int64_t[]){n, 1});
    r->others = ask_input(g, ASK_F32, 2, (int64_t[]){n, 1});
    ask_name(g, r->x, "rows");
    ask_tensor *h = ask_tanh(g, ask_linear(g, r->x, w1, b1));
    if (r->opt.dropout > 0) h = ask_dropout(g, h, r->opt.dropout, 3, out->batch);
    ask_tensor *y = ask_linear(g, h, w2, b2);
    ask_tensor *error = ask_sub(g, y, r->y);
    ask_tensor *square = ask_mul(g, ask_mul(g, error, error), r->labelled);
    ask_tensor *size = ask_mul(g, ask_mul(g, y, y), r->others);
    double share = r->opt.means ? 1.0 / (double)n : 1;
    ask_train_loss_add(out, "square", 1, ask_scale(g, ask_sum(g, square, 0, false), share));
    ask_train_loss_add(out, "size", 0.01, ask_scale(g, ask_sum(g, size, 0, false), share));
}

static bool feed(void *user, int64_t batch, ask_error *err)
{
    regression *r = user;
    float x[MOST_ROWS * N_IN], y[MOST_ROWS], labelled[MOST_ROWS], others[MOST_ROWS];
    size_t n = (size_t)n_rows(&r->opt);
    int64_t number = r->opt.forgetful ? ++r->n_fed : batch;
    for (size_t i = 0; i < n; i++) {
        row at = row_at((number - 1) * (int64_t)n + (int64_t)i);
        for (int k = 0; k < N_IN; k++) x[i * N_IN + (size_t)k] = at.x[k];
        y[i] = at.y;
        labelled[i] = at.is_labelled;
        others[i] = at.is_other;
    }
    if (batch == r->opt.bad_batch) x[0] = NAN;
    return ask_tensor_write(r->x, x, n * N_IN * sizeof *x, err) &&
           ask_tensor_write(r->y, y, n * sizeof *y, err) &&
           ask_tensor_write(r->labelled, labelled, n * sizeof *labelled, err) &&
           ask_tensor_write(r->others, others, n * sizeof *others, err);
}

static bool count(void *user, int64_t first, int64_t n, double *counts, ask_error *err)
{
    const regression *r = user;
    int64_t each = n_rows(&r->opt);
    (void)err;
    for (int64_t at = (first - 1) * each; at < (first - 1 + n) * each; at++) {
        row is = row_at(at);
        counts[0] += is.is_labelled;
        counts[1] += is.is_other;
    }
    return true;
}

/* ---- opening ---- */

static bool add_param(regression *r, const char *name, int n_dims, const int64_t *shape,
                      ask_error *err)
{
    float values[N_IN * N_HIDDEN];
    ask_rng rng = ask_rng_new((uint64_t)name[0]);
    ask_tensor *t = ask_store_add(r->store, name, ASK_F32, n_dims, shape, err);
    if (!t) return false;
    size_t n = (size_t)ask_tensor_count(t);
    for (size_t i = 0; i < n; i++) values[i] = 0.5F * (float)ask_rng_normal(&rng);
    return ask_tensor_write(t, values, n * sizeof *values, err);
}

static bool add_params(regression *r, ask_error *err)
{
    return add_param(r, "first.weight", 2, (int64_t[]){N_HIDDEN, N_IN}, err) &&
           add_param(r, "first.bias", 1, (int64_t[]){N_HIDDEN}, err) &&
           add_param(r, "second.weight", 2, (int64_t[]){1, N_HIDDEN}, err) &&
           add_param(r, "second.bias", 1, (int64_t[]){1}, err);
}

bool regression_open(regression *r, const regression_options *opt, ask_error *err)
{
    *r = (regression){.opt = *opt};
    assert_true(n_rows(opt) <= MOST_ROWS);
    const ask_cpu_options cpu = {.n_threads = 1};
    r->backend = ask_cpu_open(&cpu, err);
    r->store = r->backend ? ask_store_new(r->backend, err) : NULL;
    if (!r->store || !add_params(r, err)) return false;
    const ask_train_task task = {.user = r,
                                 .build = build,
                                 .feed = feed,
                                 .frozen = opt->frozen,
                                 .count = opt->means ? NULL : count};
    ask_trainer_options o = ask_trainer_defaults();
    o.schedule = (ask_schedule){.n_steps = opt->n_steps,
                                .n_warmup = opt->n_steps > 2 ? 2 : 0,
                                .rate = opt->rate > 0 ? opt->rate : 0.01,
                                .last_rate = 1e-3};
    o.n_batches = opt->n_batches;
    o.one_batch = opt->one_batch;
    o.cancel = opt->cancel;
    r->trainer = ask_trainer_open(r->backend, r->store, &task, &o, err);
    return r->trainer;
}

void regression_close(regression *r)
{
    ask_trainer_close(r->trainer);
    ask_store_free(r->store);
    ask_backend_close(r->backend);
    *r = (regression){0};
}

/* ---- looking ---- */

char *regression_state(const regression *r, size_t *n_bytes)
{
    ask_error err = {0};
    size_t n = 0, at = 0;
    for (int i = 0; i < ask_store_count(r->store); i++)
        n += ask_tensor_bytes(ask_store_at(r->store, i));
    char *out = malloc(n);
    assert_non_null(out);
    for (int i = 0; i < ask_store_count(r->store); i++) {
        const ask_tensor *t = ask_store_at(r->store, i);
        CHECK_OK(ask_tensor_read(t, out + at, ask_tensor_bytes(t), &err), &err);
        at += ask_tensor_bytes(t);
    }
    *n_bytes = n;
    return out;
}

static void get(float *out, const regression *r, const char *name)
{
    ask_error err = {0};
    const ask_tensor *t = ask_store_find(r->store, name);
    CHECK_OK(ask_tensor_read(t, out, ask_tensor_bytes(t), &err), &err);
}

double regression_measure(const regression *r)
{
    enum { N = 50, FIRST = 1000000 };
    float w1[N_HIDDEN * N_IN], b1[N_HIDDEN], w2[N_HIDDEN], b2;
    double sum = 0;
    get(w1, r, "first.weight");
    get(b1, r, "first.bias");
    get(w2, r, "second.weight");
    get(&b2, r, "second.bias");
    for (int i = 0; i < N; i++) {
        row at = row_at(FIRST + i);
        double y = (double)b2;
        for (int h = 0; h < N_HIDDEN; h++) {
            double in = (double)b1[h];
            for (int k = 0; k < N_IN; k++) in += (double)(w1[h * N_IN + k] * at.x[k]);
            y += (double)w2[h] * tanh(in);
        }
        sum += (y - (double)at.y) * (y - (double)at.y);
    }
    return sum / N;
}
