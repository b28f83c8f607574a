/* bench/f32.c - CLIP's image towers in f32: what of the machine's peak they use, and how
 * they stand against ONNX Runtime.
 *
 * The peer is found through ASKANCE_PEERS, the folder of a Python virtual environment; see
 * tools/bench/clip_onnxruntime.py. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "model/model.h"
#include "support/clip.h"
#include "support/peer.h"
#include "support/table.h"
#include "support/timing.h"
#include "tensor/cpu/cpu.h"
#include "weights/weights.h"

typedef struct {
    const char *name;
    bench_clip clip;
    int batch;
    int target; // share of what bounds one thread, in percent
} tower;

static const tower towers[] = {
    {"ViT-L/14, 1 image", BENCH_CLIP_L14, 1, 70},
    {"ViT-L/14, 8 images", BENCH_CLIP_L14, 8, 75},
    {"ViT-B/32, 1 image", BENCH_CLIP_B32, 1, 70},
    {"ViT-B/32, 8 images", BENCH_CLIP_B32, 8, 75},
};

enum { N_TOWERS = sizeof towers / sizeof *towers };

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/f32: %s\n", err->message);
    exit(1);
}

static void *allocate(size_t count, size_t item_bytes)
{
    void *p = calloc(count, item_bytes);
    if (!p) give_up(&(ask_error){ASK_ERR_NOMEM, "out of memory"});
    return p;
}

/* ---- ours ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_model_info info;
    ask_backend *cpu; // for the peak, with as many threads
    int batch;
    size_t n_pixels, n_embeds; // floats
    float *pixels, *embeds;
} setup;

static void run_ours(void *user)
{
    setup *s = user;
    ask_error err = {0};
    if (!ask_embed_pixels(s->session, s->embeds, s->pixels, s->batch, NULL, &err))
        give_up(&err);
}

static setup prepare(const char *dir, int batch, int n_threads)
{
    setup s = {.batch = batch};
    ask_error err = {0};
    const ask_model_options opt = {.struct_size = sizeof opt, .n_threads = n_threads};
    s.model = ask_model_open(dir, &opt, &err);
    s.session = s.model ? ask_session_open(s.model, &err) : NULL;
    const ask_cpu_options cpu = {.struct_size = sizeof cpu, .n_threads = n_threads};
    s.cpu = s.session ? ask_cpu_open(&cpu, &err) : NULL;
    if (!s.cpu) give_up(&err);
    s.info = ask_model_info_of(s.model);
    s.n_pixels = (size_t)batch * 3 * (size_t)s.info.image_px * (size_t)s.info.image_px;
    s.n_embeds = (size_t)batch * (size_t)s.info.n_vectors * (size_t)s.info.n_embed;
    s.pixels = allocate(s.n_pixels, sizeof *s.pixels);
    s.embeds = allocate(s.n_embeds, sizeof *s.embeds);
    ask_rng rng = ask_rng_new(1);
    for (size_t i = 0; i < s.n_pixels; i++) s.pixels[i] = 4 * ask_rng_float(&rng) - 2;
    return s;
}

static void drop(setup *s)
{
    ask_backend_close(s->cpu);
    ask_session_close(s->session);
    ask_model_close(s->model);
    free(s->pixels);
    free(s->embeds);
}

/* Bytes of the image tower's weights. */
static double weight_bytes(const char *dir)
{
    ask_error err = {0};
    ask_weights *w = ask_weights_open(dir, &err);
    if (!w) give_up(&err);
    double bytes = 0;
    for (size_t i = 0; i < ask_weights_count(w); i++) {
        const ask_weights_entry *e = ask_weights_at(w, i);
        bool of_images = ask_starts_with(e->name, "vision_model.") ||
                         ask_starts_with(e->name, "visual_projection.");
        if (of_images) bytes += (double)e->bytes;
    }
    ask_weights_close(w);
    return bytes;
}

/* ---- the peer ---- */

/* Starts the peer on the same pixels; embeds: what it makes of them. */
static bool open_peer(bench_peer *peer, const char *dir, const setup *s, int n_threads,
                      float *embeds)
{
    const char *environment = getenv("ASKANCE_PEERS");
    if (!environment) return false;
    char python[512], batch[16], threads[16], script[] = "tools/bench/clip_onnxruntime.py";
    snprintf(python, sizeof python, "%s/bin/python", environment);
    snprintf(batch, sizeof batch, "%d", s->batch);
    snprintf(threads, sizeof threads, "%d", n_threads);
    char *argv[] = {python, script, (char *)dir, batch, threads, NULL};
    return bench_peer_open(peer, argv, s->pixels, s->n_pixels * sizeof *s->pixels, embeds,
                           s->n_embeds * sizeof *embeds);
}

static double greatest_difference(const float *a, const float *b, size_t n)
{
    double greatest = 0;
    for (size_t i = 0; i < n; i++) greatest = fmax(greatest, fabs((double)a[i] - b[i]));
    return greatest;
}

/* ---- one row ---- */

typedef enum { OURS, PEAK, PEER } candidate;

/* Seconds that one run takes at least: for the arithmetic, or for reading the weights. */
static double bound_s(const setup *s, const char *dir, const bench_machine *m,
                      int n_threads, double peak_flops)
{
    double arithmetic = 1e9 * s->info.image_gflop * s->batch / peak_flops;
    double gb_s = (n_threads == 1 ? m->one : m->all).read_gb_s;
    return fmax(arithmetic, weight_bytes(dir) / (1e9 * gb_s));
}

static void bench_tower(const tower *t, int n_threads, const bench_machine *m)
{
    char dir[BENCH_MODEL_DIR_BYTES], what[80], target[32] = "";
    bench_clip_dir(dir, t->clip);
    setup s = prepare(dir, t->batch, n_threads);
    float *embeds = allocate(s.n_embeds, sizeof *embeds);
    bench_peer peer;
    bool has_peer = open_peer(&peer, dir, &s, n_threads, embeds);
    ask_peak peak = ask_peak_of(s.cpu);
    bench_candidate c[] = {[OURS] = {.run = run_ours, .user = &s},
                           [PEAK] = {.run = bench_peak_run, .user = &peak},
                           [PEER] = {.run = bench_peer_run, .user = &peer}};
    bench_time(c, has_peer ? 3 : 2);

    double peak_flops = ask_peak_flops(&peak) / c[PEAK].median_s;
    double share = 100 * bound_s(&s, dir, m, n_threads, peak_flops) / c[OURS].median_s;
    snprintf(what, sizeof what, "%s, %d thread%s", t->name, n_threads,
             n_threads == 1 ? "" : "s");
    if (n_threads == 1) snprintf(target, sizeof target, " (target: %d)", t->target);
    bench_table_row(what, t->batch / c[OURS].median_s, "images/s",
                    "%5.1f GFLOP/s of %.1f; %.0f %% of the bound%s",
                    s.info.image_gflop * t->batch / c[OURS].median_s, peak_flops / 1e9,
                    share, target);
    if (has_peer) {
        bench_table_row(
            "  the peer", t->batch / c[PEER].median_s, "images/s",
            "ours is %.2f times as fast (target: 1.0); embeddings differ by %.1g",
            c[PEER].median_s / c[OURS].median_s,
            greatest_difference(s.embeds, embeds, s.n_embeds));
        printf("    %s\n", peer.name);
        bench_peer_close(&peer);
    } else {
        printf("    peer %s\n", getenv("ASKANCE_PEERS")
                                    ? "could not be run; its own words are above"
                                    : "not installed: set ASKANCE_PEERS");
    }
    free(embeds);
    drop(&s);
}

int main(void)
{
    bench_machine m = bench_machine_measure();
    bench_table_open("f32: CLIP's image towers at 224 px", &m);
    for (int i = 0; i < N_TOWERS; i++) {
        bench_tower(&towers[i], 1, &m);
        if (m.n_threads > 1) bench_tower(&towers[i], 2, &m);
    }
    return 0;
}
