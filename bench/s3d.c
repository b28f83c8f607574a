/* bench/s3d.c - S3D on one second of video, against its convolutions alone: each by oneDNN
 * in the layouts that oneDNN is fastest with, weights and all already in them, and nothing
 * between one and the next. */
#include <oneapi/dnnl/dnnl.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "net/tower/s3d.h"
#include "support/table.h"
#include "support/timing.h"
#include "tensor/cpu/cpu.h"

enum { N_FRAMES = 16, SIDE_PX = 224, TARGET = 80 }; // percent

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/s3d: %s\n", err->message);
    exit(1);
}

/* ---- ours ---- */

typedef struct {
    ask_backend *cpu;
    ask_store *store;
    ask_arena *room;
    ask_s3d net; // of the published widths, with random weights
    ask_graph *graph;
} setup;

static void run_ours(void *user)
{
    ask_error err = {0};
    if (!ask_graph_run(((setup *)user)->graph, NULL, &err)) give_up(&err);
}

static void fill(ask_tensor *clip)
{
    ask_error err = {0};
    int64_t n = ask_tensor_count(clip);
    float *x = malloc((size_t)n * sizeof *x);
    if (!x) give_up(&(ask_error){ASK_ERR_NOMEM, "out of memory"});
    ask_rng rng = ask_rng_new(1);
    for (int64_t i = 0; i < n; i++) x[i] = ask_rng_float(&rng);
    if (!ask_tensor_write(clip, x, (size_t)n * sizeof *x, &err)) give_up(&err);
    free(x);
}

static setup prepare(int n_threads)
{
    ask_error err = {0};
    setup s = {0};
    const ask_cpu_options cpu = {.struct_size = sizeof cpu, .n_threads = n_threads};
    s.cpu = ask_cpu_open(&cpu, &err);
    s.store = s.cpu ? ask_store_new(s.cpu, &err) : NULL;
    s.room = ask_arena_new(0);
    s.graph = s.store && s.room ? ask_graph_new(&err) : NULL;
    ask_params *p = s.graph ? ask_params_random(s.store, 1, s.room, &err) : NULL;
    if (!p) give_up(&err);
    ask_s3d_bind(&s.net, p);
    if (!ask_params_finish(p, NULL, &err)) give_up(&err);

    ask_tensor *clip =
        ask_input(s.graph, ASK_F32, 5, (int64_t[]){1, 3, N_FRAMES, SIDE_PX, SIDE_PX});
    ask_keep(s.graph, ask_s3d_features(s.graph, &s.net, clip));
    const ask_plan_options plan = {sizeof plan, &s.cpu, 1};
    if (!ask_graph_plan(s.graph, &plan, &err)) give_up(&err);
    fill(clip);
    return s;
}

static void drop(setup *s)
{
    ask_graph_free(s->graph);
    ask_store_free(s->store);
    ask_arena_free(s->room);
    ask_backend_close(s->cpu);
}

/* ---- oneDNN alone ---- */

enum { MOST_CONVS = 80 };

typedef struct {
    dnnl_primitive_t primitive;
    dnnl_memory_t x, w, b, y;
} convolution;

typedef struct {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    convolution convs[MOST_CONVS];
    int n, n_threads;
} library;

static void check(dnnl_status_t status, const char *what)
{
    if (!status) return;
    fprintf(stderr, "bench/s3d: oneDNN: %s: status %d\n", what, (int)status);
    exit(1);
}

static dnnl_memory_desc_t describe(const dnnl_dims_t size)
{
    dnnl_memory_desc_t d;
    check(dnnl_memory_desc_init_by_tag(&d, 5, size, dnnl_f32, dnnl_format_tag_any),
          "describing a tensor");
    return d;
}

/* Memory of that layout, filled with a small number. */
static dnnl_memory_t memory_of(const library *l, const dnnl_memory_desc_t *d)
{
    enum { LINE = 64 };
    size_t bytes = dnnl_memory_desc_get_size(d) / LINE * LINE + LINE;
    float *data = aligned_alloc(LINE, bytes);
    if (!data) give_up(&(ask_error){ASK_ERR_NOMEM, "out of memory"});
    for (size_t i = 0; i < bytes / sizeof *data; i++) data[i] = 0.001f;
    dnnl_memory_t m;
    check(dnnl_memory_create(&m, d, l->engine, data), "making memory");
    return m;
}

static dnnl_memory_t wanted(const library *l, dnnl_primitive_desc_t desc, dnnl_query_t what)
{
    return memory_of(l, dnnl_primitive_desc_query_md(desc, what, 0));
}

static void add_convolution(void *user, const ask_conv_norm *conv, const int64_t size[3])
{
    library *l = user;
    if (l->n == MOST_CONVS) give_up(&(ask_error){ASK_ERR_BUG, "too many convolutions"});
    const ask_conv_options *o = &conv->opt;
    int64_t w_size[5];
    for (int i = 0; i < 5; i++) w_size[i] = ask_tensor_dim(conv->w, i);
    dnnl_memory_desc_t x = describe((dnnl_dims_t){1, w_size[1], size[0], size[1], size[2]});
    dnnl_memory_desc_t y = describe((dnnl_dims_t){1, w_size[0], size[0], size[1], size[2]});
    dnnl_memory_desc_t w =
        describe((dnnl_dims_t){w_size[0], w_size[1], w_size[2], w_size[3], w_size[4]});
    dnnl_memory_desc_t b;
    check(dnnl_memory_desc_init_by_tag(&b, 1, (dnnl_dims_t){w_size[0]}, dnnl_f32, dnnl_a),
          "describing a bias");
    dnnl_dims_t stride = {1, 1, 1}, before, after;
    for (int i = 0; i < 3; i++) {
        before[i] = o->pad[i];
        after[i] = o->pad[i] + o->pad_end[i];
    }
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t made;
    check(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference,
                                             dnnl_convolution_direct, &x, &w, &b, &y,
                                             stride, before, after),
          "describing a convolution");
    check(dnnl_primitive_desc_create(&made, &desc, NULL, l->engine, NULL), "choosing");
    convolution *c = &l->convs[l->n++];
    check(dnnl_primitive_create(&c->primitive, made), "preparing");
    c->x = wanted(l, made, dnnl_query_src_md);
    c->w = wanted(l, made, dnnl_query_weights_md);
    c->b = memory_of(l, &b);
    c->y = wanted(l, made, dnnl_query_dst_md);
    check(dnnl_primitive_desc_destroy(made), "closing");
}

static library open_library(const ask_s3d *net, int n_threads)
{
    library l = {.n_threads = n_threads};
#ifdef _OPENMP
    omp_set_num_threads(n_threads);
#endif
    check(dnnl_engine_create(&l.engine, dnnl_cpu, 0), "opening an engine");
    check(dnnl_stream_create(&l.stream, l.engine, dnnl_stream_default_flags),
          "opening a stream");
    ask_s3d_visit(net, N_FRAMES, SIDE_PX, SIDE_PX, add_convolution, &l);
    return l;
}

static void close_memory(dnnl_memory_t m)
{
    void *data;
    check(dnnl_memory_get_data_handle(m, &data), "closing");
    check(dnnl_memory_destroy(m), "closing");
    free(data);
}

static void close_library(library *l)
{
    for (int i = 0; i < l->n; i++) {
        convolution *c = &l->convs[i];
        close_memory(c->x);
        close_memory(c->w);
        close_memory(c->b);
        close_memory(c->y);
        check(dnnl_primitive_destroy(c->primitive), "closing");
    }
    check(dnnl_stream_destroy(l->stream), "closing");
    check(dnnl_engine_destroy(l->engine), "closing");
}

static void run_library(void *user)
{
    const library *l = user;
#ifdef _OPENMP
    omp_set_num_threads(l->n_threads);
#endif
    for (int i = 0; i < l->n; i++) {
        const convolution *c = &l->convs[i];
        const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, c->x},
                                        {DNNL_ARG_WEIGHTS, c->w},
                                        {DNNL_ARG_BIAS, c->b},
                                        {DNNL_ARG_DST, c->y}};
        check(dnnl_primitive_execute(c->primitive, l->stream, 4, args), "running");
    }
    check(dnnl_stream_wait(l->stream), "running");
}

/* ---- the table ---- */

static void bench_threads(int n_threads)
{
    setup s = prepare(n_threads);
    library l = open_library(&s.net, n_threads);
    bench_candidate c[] = {{.run = run_ours, .user = &s}, {.run = run_library, .user = &l}};
    bench_time(c, 2);

    char what[80];
    double flops = ask_s3d_flops(&s.net, N_FRAMES, SIDE_PX, SIDE_PX);
    snprintf(what, sizeof what, "S3D, a second of video, %d thread%s", n_threads,
             n_threads == 1 ? "" : "s");
    bench_table_row(what, 1000 * c[0].median_s, "ms",
                    "%.0f GFLOP/s; %.0f %% of the speed of its convolutions alone, %.1f ms "
                    "(target %d %%)",
                    flops / c[0].median_s / 1e9, 100 * c[1].median_s / c[0].median_s,
                    1000 * c[1].median_s, TARGET);
    close_library(&l);
    drop(&s);
}

int main(void)
{
    bench_machine m = bench_machine_measure();
    bench_table_open("s3d: 16 frames of 224 px in f32, weights prepacked", &m);
    bench_threads(1);
    if (m.n_threads > 1) bench_threads(m.n_threads);
    return 0;
}
