#include "tensor/cpu/speed.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tensor/cpu/cpu.h"
#include "tensor/cpu/peak.h"
#include "tensor/ops.h"
#include "tensor/real_priv.h"
#include "tensor/store.h"

static const double TURN_S = 0.02;

typedef enum { PEAK, PRODUCT, READ, N_WORKS } work;

enum {
    ROUNDS = 5,
    N_ROWS = 128, // of the product: x [N_ROWS, WIDTH], w [WIDTH, WIDTH]
    WIDTH = 1024,
    READ_BYTES = 256 << 20,   // larger than any cache near the processor
    N_WORDS = READ_BYTES / 8, // of 64 bits
};

/* What all numbers of threads have in common. */
typedef struct {
    ask_real *weights; // [WIDTH, WIDTH]
    uint64_t *words;   // [N_WORDS]
    const ask_cancel *cancel;
} material;

/* One number of threads: what it works with, and how fast each turn was, in units of 1e9
 * each second. */
typedef struct {
    ask_backend *cpu;
    ask_store *store;
    ask_graph *product;
    ask_peak peak;
    double speeds[N_WORKS][ROUNDS];
} runner;

/* ---- the works ---- */

static bool do_work(const runner *r, work what, const material *m, ask_error *err)
{
    switch (what) {
    case PEAK:
        ask_peak_run(&r->peak);
        return true;
    case PRODUCT:
        return ask_graph_run(r->product, NULL, err);
    case READ:
    default:
        ask_cpu_read(r->cpu, m->words, READ_BYTES);
        return true;
    }
}

/* Operations, or bytes. */
static double amount_of(const runner *r, work what)
{
    switch (what) {
    case PEAK:
        return ask_peak_flops(&r->peak);
    case PRODUCT:
        return 2.0 * N_ROWS * WIDTH * WIDTH;
    case READ:
    default:
        return READ_BYTES;
    }
}

/* ---- a number of threads ---- */

static void runner_close(runner *r)
{
    ask_graph_free(r->product);
    ask_store_free(r->store);
    ask_backend_close(r->cpu);
}

/* What was opened is closed with runner_close, also after a failure. */
static bool runner_open(runner *r, int n_threads, const material *m, ask_error *err)
{
    const ask_cpu_options opt = {.struct_size = sizeof opt, .n_threads = n_threads};
    r->cpu = ask_cpu_open(&opt, err);
    r->store = r->cpu ? ask_store_new(r->cpu, err) : NULL;
    r->product = r->store ? ask_graph_new(err) : NULL;
    if (!r->product) return false;
    r->peak = ask_peak_of(r->cpu);
    ask_tensor *w = ask_store_borrow(r->store, "w", ASK_F32, 2, (int64_t[]){WIDTH, WIDTH},
                                     m->weights, false, err);
    if (!w) return false;
    ask_graph *g = r->product;
    ask_tensor *x = ask_input(g, ASK_F32, 2, (int64_t[]){N_ROWS, WIDTH});
    ask_keep(g, ask_linear(g, x, w, NULL));
    const ask_plan_options plan = {sizeof plan, &r->cpu, 1};
    return ask_graph_plan(g, &plan, err);
}

static bool take_turn(double *speed, const runner *r, work what, const material *m,
                      ask_error *err)
{
    double begin_s = ask_clock_s(), seconds, done = 0;
    do {
        if (!ask_cancel_check(m->cancel, err) || !do_work(r, what, m, err)) return false;
        done += amount_of(r, what);
        seconds = ask_clock_s() - begin_s;
    } while (seconds < TURN_S);
    *speed = done / seconds / 1e9;
    return true;
}

static bool take_turns(runner *r, int round, const material *m, ask_error *err)
{
    for (work what = 0; what < N_WORKS; what++)
        if (!take_turn(&r->speeds[what][round], r, what, m, err)) return false;
    return true;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(double speeds[ROUNDS])
{
    qsort(speeds, ROUNDS, sizeof *speeds, compare);
    return speeds[ROUNDS / 2];
}

/* ---- all of them ---- */

static bool material_make(material *m, ask_error *err)
{
    m->weights = malloc((size_t)WIDTH * WIDTH * sizeof *m->weights);
    m->words = malloc(READ_BYTES);
    if (!m->weights || !m->words) return ask_fail_memory(err);
    for (int i = 0; i < WIDTH * WIDTH; i++) m->weights[i] = (ask_real)0.01;
    return true;
}

/* The round before the first warms up: threads start, weights are packed. What is read is
 * written first: until then its pages are no memory. */
static bool measure(runner *runners, int n, const material *m, const ask_progress *progress,
                    ask_error *err)
{
    memset(m->words, 1, READ_BYTES);
    for (int round = -1; round < ROUNDS; round++) {
        ask_progress_send(progress, round + 1, ROUNDS + 1, "rounds", "measuring");
        for (int i = 0; i < n; i++)
            if (!take_turns(&runners[i], round < 0 ? 0 : round, m, err)) return false;
    }
    return true;
}

bool ask_cpu_measure(ask_cpu_speed *out, const int *n_threads, int n,
                     const ask_cancel *cancel, const ask_progress *progress, ask_error *err)
{
    material m = {.cancel = cancel};
    runner *runners = calloc((size_t)n, sizeof *runners);
    bool ok = runners ? material_make(&m, err) : ask_fail_memory(err);
    for (int i = 0; i < n && ok; i++) ok = runner_open(&runners[i], n_threads[i], &m, err);
    ok = ok && measure(runners, n, &m, progress, err);
    for (int i = 0; i < n && ok; i++)
        out[i] = (ask_cpu_speed){.n_threads = ask_cpu_n_threads(runners[i].cpu),
                                 .peak_gflops = median_of(runners[i].speeds[PEAK]),
                                 .product_gflops = median_of(runners[i].speeds[PRODUCT]),
                                 .read_gb_s = median_of(runners[i].speeds[READ])};
    for (int i = 0; i < n && runners; i++) runner_close(&runners[i]);
    free(runners);
    free(m.weights);
    free(m.words);
    return ok;
}
