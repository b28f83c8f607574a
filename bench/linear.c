/* bench/linear.c - linear layers of the sizes that vision transformers have, against the
 * peak: what the matrix products of the engine leave unused. */
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "support/table.h"
#include "support/timing.h"
#include "tensor/cpu/cpu.h"
#include "tensor/ops.h"
#include "tensor/store.h"

typedef struct {
    const char *name;
    int64_t m, n, k; // x: [m, k], w: [n, k] -> [m, n]
} layer;

static const layer layers[] = {
    {"ViT-B/32, 1 image, MLP in", 50, 3072, 768},
    {"ViT-B/32, 8 images, MLP in", 400, 3072, 768},
    {"ViT-L/14, 1 image, attention out", 257, 1024, 1024},
    {"ViT-L/14, 1 image, MLP in", 257, 4096, 1024},
    {"ViT-L/14, 1 image, MLP out", 257, 1024, 4096},
    {"ViT-L/14, 8 images, MLP in", 2056, 4096, 1024},
    {"one row, 4096 x 4096", 1, 4096, 4096},
};

enum { N_LAYERS = sizeof layers / sizeof *layers };

/* One layer, ready to run on one backend. */
typedef struct {
    ask_backend *cpu;
    ask_store *store;
    ask_graph *graph;
    float *weight; // borrowed by the store, as a mapped file would be
} setup;

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/linear: %s\n", err->message);
    exit(1);
}

static float *random_floats(int64_t n)
{
    float *x = malloc((size_t)n * sizeof *x);
    if (!x) give_up(&(ask_error){ASK_ERR_NOMEM, "out of memory"});
    ask_rng rng = ask_rng_new(1);
    for (int64_t i = 0; i < n; i++) x[i] = ask_rng_float(&rng) - 0.5f;
    return x;
}

static setup prepare(const layer *l, int n_threads)
{
    ask_error err = {0};
    setup s = {0};
    const ask_cpu_options cpu = {.struct_size = sizeof cpu, .n_threads = n_threads};
    s.cpu = ask_cpu_open(&cpu, &err);
    s.store = s.cpu ? ask_store_new(s.cpu, &err) : NULL;
    s.graph = s.store ? ask_graph_new(&err) : NULL;
    if (!s.graph) give_up(&err);

    s.weight = random_floats(l->n * l->k);
    ask_tensor *w = ask_store_borrow(s.store, "w", ASK_F32, 2, (int64_t[]){l->n, l->k},
                                     s.weight, false, &err);
    if (!w) give_up(&err);
    ask_tensor *x = ask_input(s.graph, ASK_F32, 2, (int64_t[]){l->m, l->k});
    ask_keep(s.graph, ask_linear(s.graph, x, w, NULL));
    const ask_plan_options plan = {sizeof plan, &s.cpu, 1};
    if (!ask_graph_plan(s.graph, &plan, &err)) give_up(&err);

    float *values = random_floats(l->m * l->k);
    if (!ask_tensor_write(x, values, (size_t)(l->m * l->k) * sizeof *values, &err))
        give_up(&err);
    free(values);
    return s;
}

static void drop(setup *s)
{
    ask_graph_free(s->graph);
    ask_store_free(s->store);
    ask_backend_close(s->cpu);
    free(s->weight);
}

static void run(void *user)
{
    ask_error err = {0};
    const setup *s = user;
    if (!ask_graph_run(s->graph, NULL, &err)) give_up(&err);
}

/* Times a layer in turns with the peak of as many threads, and prints what of it is used.
 */
static void bench_layer(const layer *l, int n_threads)
{
    setup s = prepare(l, n_threads);
    ask_peak peak = ask_peak_of(s.cpu);
    bench_candidate c[] = {{.run = run, .user = &s},
                           {.run = bench_peak_run, .user = &peak}};
    bench_time(c, 2);

    char what[80];
    snprintf(what, sizeof what, "%s, %d thread%s", l->name, n_threads,
             n_threads == 1 ? "" : "s");
    double gflops = 2.0 * (double)(l->m * l->n * l->k) / c[0].median_s / 1e9;
    double peak_gflops = ask_peak_flops(&peak) / c[1].median_s / 1e9;
    double weight_gb_s = 4.0 * (double)(l->n * l->k) / c[0].median_s / 1e9;
    bench_table_row(what, gflops, "GFLOP/s",
                    "%3.0f %% of the peak; reads weights at %.1f GB/s",
                    100 * gflops / peak_gflops, weight_gb_s);
    drop(&s);
}

int main(void)
{
    bench_machine m = bench_machine_measure();
    bench_table_open("linear: f32 layers, weights prepacked", &m);
    for (int i = 0; i < N_LAYERS; i++) {
        bench_layer(&layers[i], 1);
        if (m.n_threads > 1) bench_layer(&layers[i], m.n_threads);
    }
    return 0;
}
