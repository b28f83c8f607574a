/* bench/few_bits_vit.c - CLIP's ViT-L/14 in 8 bits: how fast beside f32, and how far its
 * embeddings turn: with random weights, and with some numbers that are much larger than the
 * others, as published networks have them. The same of the model in models/mini. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/str.h"
#include "model/model.h"
#include "model/quantize.h"
#include "support/clip.h"
#include "support/place.h"
#include "support/table.h"
#include "support/timing.h"
#include "weights/safetensors.h"

enum { MOST_IMAGES = 8 };

static void give_up(const char *why)
{
    fprintf(stderr, "bench/few_bits_vit: %s\n", why);
    exit(1);
}

static void *allocate(size_t count, size_t item_bytes)
{
    void *p = calloc(count + 1, item_bytes);
    if (!p) give_up("out of memory");
    return p;
}

/* ---- the models ---- */

static const int outlier_channels[] = {17, 133, 300, 512, 700, 1001};
enum { N_OUTLIERS = sizeof outlier_channels / sizeof *outlier_channels };

/* Whether rows of a tensor write into the residual stream. */
static bool writes_stream(const char *name)
{
    return ask_glob_match("vision_model.pre_layrnorm.*", name) ||
           ask_glob_match("vision_model.encoder.layers.*.self_attn.out_proj.*", name) ||
           ask_glob_match("vision_model.encoder.layers.*.mlp.fc2.*", name);
}

/* Six channels become 50 times as large, and the class token 200 times. */
static void *with_outliers(const ask_weights_entry *e)
{
    float *x = allocate(e->bytes, 1);
    memcpy(x, e->data, e->bytes);
    int64_t columns = e->n_dims == 2 ? e->shape[1] : 1;
    for (int i = 0; writes_stream(e->name) && i < N_OUTLIERS; i++)
        for (int64_t k = 0; k < columns; k++) x[outlier_channels[i] * columns + k] *= 50;
    if (strcmp(e->name, "vision_model.embeddings.class_embedding") == 0)
        for (int64_t i = 0; i < e->n_elements; i++) x[i] *= 200;
    return x;
}

static void write_outliers(const char *to, const char *from)
{
    ask_error err = {0};
    ask_weights *w = ask_weights_open(from, &err);
    if (!w || !ask_dir_make(to, &err)) give_up(err.message);
    size_t n = ask_weights_count(w);
    char *path = bench_path(to, "model.safetensors");
    ask_safetensors_writer *out =
        ask_safetensors_writer_open(path, ask_weights_at(w, 0), n, NULL, 0, &err);
    for (size_t i = 0; i < n && out; i++) {
        void *x = with_outliers(ask_weights_at(w, i));
        ask_safetensors_writer_put(out, i, x, &err);
        free(x);
    }
    if (!out || !ask_safetensors_writer_commit(out, &err)) give_up(err.message);
    free(path);
    ask_weights_close(w);
}

static void copy_config(const char *to, const char *from)
{
    ask_error err = {0};
    char *source = bench_path(from, "config.json"), *path = bench_path(to, "config.json");
    char *bytes;
    size_t n_bytes;
    if (!ask_file_read(&bytes, &n_bytes, source, 1 << 20, &err) ||
        !ask_file_write(path, bytes, n_bytes, &err))
        give_up(err.message);
    free(bytes);
    free(source);
    free(path);
}

static char *outlier_dir(const char *from)
{
    char *dir = bench_place("clip-vit-large-patch14-outliers");
    if (bench_model_is_there(dir)) return dir;
    write_outliers(dir, from);
    copy_config(dir, from);
    return dir;
}

static char *quantized_dir(const char *name, const char *from)
{
    ask_error err = {0};
    ask_weights_quantized sizes;
    char *dir = bench_place(name);
    if (!bench_model_is_there(dir) && !ask_model_quantize(&sizes, dir, from, NULL, &err))
        give_up(err.message);
    return dir;
}

/* ---- embeddings ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_model_info info;
    int n_images;
    size_t n_pixels, n_numbers; // of an image; of all embeddings
    float *pixels, *embeds;
} tower;

static tower tower_open(const char *dir, int n_images)
{
    tower t = {.n_images = n_images};
    ask_error err = {0};
    const ask_model_options opt = {.struct_size = sizeof opt, .n_threads = 1};
    t.model = ask_model_open(dir, &opt, &err);
    t.session = t.model ? ask_session_open(t.model, &err) : NULL;
    if (!t.session) give_up(err.message);
    t.info = ask_model_info_of(t.model);
    t.n_pixels = (size_t)t.info.n_channels * (size_t)(t.info.image_px * t.info.image_px);
    t.n_numbers = (size_t)n_images * (size_t)t.info.n_vectors * (size_t)t.info.n_embed;
    t.pixels = allocate((size_t)n_images * t.n_pixels, sizeof *t.pixels);
    t.embeds = allocate(t.n_numbers, sizeof *t.embeds);
    ask_rng rng = ask_rng_new(1);
    for (size_t i = 0; i < (size_t)n_images * t.n_pixels; i++)
        t.pixels[i] = 4 * ask_rng_float(&rng) - 2;
    return t;
}

static void tower_close(tower *t)
{
    ask_session_close(t->session);
    ask_model_close(t->model);
    free(t->pixels);
    free(t->embeds);
}

static void run(void *user)
{
    tower *t = user;
    ask_error err = {0};
    if (!ask_embed_pixels(t->session, t->embeds, t->pixels, t->n_images, NULL, &err))
        give_up(err.message);
}

/* The least cosine between the vectors of both. */
static double least_cosine(const tower *a, const tower *b)
{
    size_t width = (size_t)a->info.n_embed;
    double least = 1;
    for (size_t i = 0; i < a->n_numbers; i += width) {
        double ab = 0, aa = 0, bb = 0;
        for (size_t k = i; k < i + width; k++) {
            ab += (double)a->embeds[k] * b->embeds[k];
            aa += (double)a->embeds[k] * a->embeds[k];
            bb += (double)b->embeds[k] * b->embeds[k];
        }
        least = fmin(least, ab / sqrt(aa * bb));
    }
    return least;
}

/* ---- the table ---- */

static void bench_speed(const char *exact, const char *coded, int n_images)
{
    char what[64];
    tower t[2] = {tower_open(exact, n_images), tower_open(coded, n_images)};
    bench_candidate c[2] = {{.run = run, .user = &t[0]}, {.run = run, .user = &t[1]}};
    bench_time(c, 2);
    snprintf(what, sizeof what, "ViT-L/14, 8 bits, %d image%s", n_images,
             n_images == 1 ? "" : "s");
    bench_table_row(what, n_images / c[1].median_s, "images/s",
                    "%.0f GOP/s; %.2f times our f32 (target: 2.8)",
                    t[1].info.image_gflop * n_images / c[1].median_s,
                    c[0].median_s / c[1].median_s);
    tower_close(&t[0]);
    tower_close(&t[1]);
}

static void bench_cosine(const char *what, const char *exact, const char *coded,
                         double target)
{
    tower t[2] = {tower_open(exact, MOST_IMAGES), tower_open(coded, MOST_IMAGES)};
    run(&t[0]);
    run(&t[1]);
    bench_table_row(what, least_cosine(&t[0], &t[1]), "cosine", "(target: %.3f)", target);
    tower_close(&t[0]);
    tower_close(&t[1]);
}

int main(void)
{
    bench_machine m = bench_machine_measure();
    bench_table_open("few bits: ViT-L/14 at 224 px, 1 thread", &m);
    char plain[BENCH_MODEL_DIR_BYTES];
    bench_clip_dir(plain, BENCH_CLIP_L14);
    char *coded = quantized_dir("clip-vit-large-patch14-q8", plain);
    char *outliers = outlier_dir(plain);
    char *coded_outliers = quantized_dir("clip-vit-large-patch14-outliers-q8", outliers);
    char *mini = quantized_dir("mini-q8", "models/mini");
    bench_speed(plain, coded, 1);
    bench_speed(plain, coded, MOST_IMAGES);
    bench_cosine("random weights", plain, coded, 0.999);
    bench_cosine("models/mini", "models/mini", mini, 0.999);
    bench_cosine("six channels 50 times as large", outliers, coded_outliers, 0.995);
    free(coded);
    free(outliers);
    free(coded_outliers);
    free(mini);
    return 0;
}
