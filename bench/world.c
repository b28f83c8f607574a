/* bench/world.c - the playroom as training meets it: 8 samples of a clip, each a frame with
 * its neighbours, with the noise of compression. */
#include <stdio.h>
#include <stdlib.h>

#include "support/table.h"
#include "support/timing.h"
#include "world/noise.h"
#include "world/sample.h"

enum { N_SAMPLES = 8, STEP = 2 };

typedef struct {
    ask_painter *painter;
    ask_image images[3];
    ask_rng rng;
    ask_scene_style style;
    ask_scene scene;
    ask_scene_view view;
    int64_t next_scene;
} setup;

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/world: %s\n", err->message);
    exit(1);
}

static void run_scene(void *user)
{
    setup *s = user;
    ask_scene_make(&s->scene, 1, s->next_scene++, ASK_SPLIT_TRAIN, s->style);
}

/* A new scene, so that its background and its toys are painted for the first time. */
static void paint_clip(setup *s, ask_rng *noise)
{
    run_scene(s);
    for (int i = 0; i < N_SAMPLES; i++) {
        int frame = (int)ask_rng_below(&s->rng, (uint64_t)s->scene.n_frames);
        ask_sample_paint(s->painter, &s->scene, frame, STEP, noise, s->images, &s->view);
    }
}

static void run_plain(void *user)
{
    paint_clip(user, NULL);
}

static void run_noisy(void *user)
{
    setup *s = user;
    paint_clip(s, &s->rng);
}

static void run_phrases(void *user)
{
    setup *s = user;
    for (int i = 0; i < 1000; i++) {
        ask_phrase p = ask_sample_phrase(&s->rng, &s->scene, &s->view);
        ask_phrase_holds(&s->scene, &s->view, p, NULL);
    }
}

static setup prepare(ask_scene_style style)
{
    ask_error err = {0};
    setup s = {.painter = ask_painter_new(&err), .rng = ask_rng_new(1), .style = style};
    if (!s.painter) give_up(&err);
    for (int i = 0; i < 3; i++) {
        if (!ask_image_new(&s.images[i], ASK_WORLD_SIDE_PX, ASK_WORLD_SIDE_PX, 3, &err))
            give_up(&err);
    }
    return s;
}

static void clear(setup *s)
{
    for (int i = 0; i < 3; i++) ask_image_free(&s->images[i]);
    ask_painter_free(s->painter);
}

int main(void)
{
    bench_machine machine = bench_machine_measure();
    setup s = prepare(ask_scene_simple()), f = prepare(ask_scene_full());
    bench_candidate c[] = {{.run = run_scene, .user = &s}, {.run = run_plain, .user = &s},
                           {.run = run_noisy, .user = &s}, {.run = run_phrases, .user = &s},
                           {.run = run_scene, .user = &f}, {.run = run_plain, .user = &f},
                           {.run = run_noisy, .user = &f}};
    bench_time(c, sizeof c / sizeof *c);
    bench_table_open("world: the playroom, one thread", &machine);
    bench_table_row("8 samples of a new clip, with noise", 1e3 * c[2].median_s, "ms",
                    "target: under 5");
    bench_table_row("  without noise", 1e3 * c[1].median_s, "ms", NULL);
    bench_table_row("  the scene alone", 1e3 * c[0].median_s, "ms", NULL);
    bench_table_row("a phrase drawn and judged", 1e3 * c[3].median_s, "us", NULL);
    bench_table_row("8 samples of a new full clip, with noise", 1e3 * c[6].median_s, "ms",
                    "target: under 5");
    bench_table_row("  without noise", 1e3 * c[5].median_s, "ms", NULL);
    bench_table_row("  the scene alone", 1e3 * c[4].median_s, "ms", NULL);
    clear(&s);
    clear(&f);
    return 0;
}
