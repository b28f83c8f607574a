/* bench/open.c - opening a checkpoint of 1.7 GB, and what the first picture costs beyond
 * one of many: the weights are packed with the second. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/rng.h"
#include "model/model.h"
#include "support/clip.h"
#include "support/table.h"
#include "support/timing.h"

enum { WIDTH = 640, HEIGHT = 360, MOST_EMBED = 4096 };

static void give_up(const char *why)
{
    fprintf(stderr, "bench/open: %s\n", why);
    exit(1);
}

typedef struct {
    char dir[BENCH_MODEL_DIR_BYTES];
    ask_image picture;
    ask_model *model; // open all the time, and its session has seen two pictures
    ask_session *session;
} setup;

static void embed(ask_session *s, const ask_image *picture)
{
    float out[MOST_EMBED];
    ask_error err = {0};
    if (!s || !ask_embed_images(s, out, picture, 1, NULL, &err)) give_up(err.message);
}

static ask_model *open_model(const char *dir)
{
    ask_error err = {0};
    ask_model *m = ask_model_open(dir, NULL, &err);
    if (!m) give_up(err.message);
    const ask_model_info info = ask_model_info_of(m);
    if (info.n_vectors * info.n_embed > MOST_EMBED) give_up("embeddings are too long");
    return m;
}

/* ---- what is timed ---- */

static void run_open(void *user)
{
    const setup *s = user;
    ask_model_close(open_model(s->dir));
}

static void run_first(void *user)
{
    const setup *s = user;
    ask_error err = {0};
    ask_model *m = open_model(s->dir);
    ask_session *session = ask_session_open(m, &err);
    embed(session, &s->picture);
    ask_session_close(session);
    ask_model_close(m);
}

static void run_later(void *user)
{
    const setup *s = user;
    embed(s->session, &s->picture);
}

/* Reads the weights from the first byte to the last. */
static void run_read(void *user)
{
    enum { PIECE = 1 << 20 };
    static char piece[PIECE];
    const setup *s = user;
    char path[BENCH_MODEL_DIR_BYTES + 32];
    snprintf(path, sizeof path, "%s/model.safetensors", s->dir);
    int file = open(path, O_RDONLY);
    if (file < 0) give_up("the weights cannot be read");
    ssize_t n;
    do {
        n = read(file, piece, sizeof piece);
    } while (n > 0);
    close(file);
    if (n < 0) give_up("the weights cannot be read");
}

/* ---- */

static setup prepare(void)
{
    setup s = {0};
    ask_error err = {0};
    bench_clip_dir(s.dir, BENCH_CLIP_L14);
    if (!ask_image_new(&s.picture, WIDTH, HEIGHT, 3, &err)) give_up(err.message);
    ask_rng rng = ask_rng_new(1);
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        s.picture.pixels[i] = (uint8_t)ask_rng_below(&rng, 256);
    s.model = open_model(s.dir);
    s.session = ask_session_open(s.model, &err);
    embed(s.session, &s.picture);
    embed(s.session, &s.picture);
    return s;
}

int main(void)
{
    bench_machine machine = bench_machine_measure();
    setup s = prepare();
    bench_candidate c[] = {{.run = run_open, .user = &s},
                           {.run = run_first, .user = &s},
                           {.run = run_later, .user = &s},
                           {.run = run_read, .user = &s}};
    bench_time(c, 4);

    char title[96];
    ask_model_info info = ask_model_info_of(s.model);
    snprintf(title, sizeof title, "open: CLIP ViT-L/14, %.2f GB of weights, %d threads",
             (double)info.weight_bytes / 1e9, info.n_threads);
    bench_table_open(title, &machine);
    bench_table_row("opening", 1e3 * c[0].median_s, "ms", "target: under 50");
    bench_table_row("opening and the first picture", c[1].median_s, "s",
                    "%.2f of a later picture and a read (target: at most 1.3)",
                    c[1].median_s / (c[2].median_s + c[3].median_s));
    bench_table_row("  a later picture", c[2].median_s, "s", NULL);
    bench_table_row("  reading the file", c[3].median_s, "s", "%.1f GB/s",
                    (double)info.weight_bytes / c[3].median_s / 1e9);
    ask_session_close(s.session);
    ask_model_close(s.model);
    ask_image_free(&s.picture);
    return 0;
}
