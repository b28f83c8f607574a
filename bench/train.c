/* bench/train.c - a step of training: towers as in ViT-B at batch 32 against the machine's
 * peak, the memory that is planned for it, and the speed of a small dual encoder.
 *
 * Random pixels and ids: what is measured is arithmetic and memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "net/joint/clip.h"
#include "support/table.h"
#include "support/timing.h"
#include "tensor/cpu/cpu.h"
#include "train/trainer.h"

typedef struct {
    const char *name;
    const char *config; // what config.json would say; NULL: it is in file
    const char *file;
    int n_images, n_texts, n_tokens;
    int target; // share of the peak, in percent; 0: none
} training;

static const training trainings[] = {
    {.name = "ViT-B/32 and its text tower, batch 32",
     .config = "{}", // CLIPConfig's own sizes
     .n_images = 32,
     .n_texts = 32,
     .n_tokens = 77,
     .target = 60},
    {.name = "a small dual encoder, 24 frames and texts",
     .file = "models/dual/config.json",
     .n_images = 24,
     .n_texts = 24,
     .n_tokens = 24},
};

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/train: %s\n", err->message);
    exit(1);
}

/* ---- what is trained ---- */

typedef struct {
    const training *what;
    ask_backend *backend;
    ask_store *store;
    ask_arena *room;
    ask_clip clip;
    ask_trainer *trainer;
    ask_tensor *pixels, *ids;
    float *pixel_values;
    int64_t *id_values;
    int64_t step;
} setup;

static void build(void *user, ask_graph *g, ask_train_loss *out)
{
    setup *s = user;
    const ask_clip_config *c = &s->clip.config;
    int64_t side = c->vision.image_px;
    s->pixels = ask_input(g, ASK_F32, 4,
                          (int64_t[]){s->what->n_images, c->vision.n_channels, side, side});
    s->ids = ask_input(g, ASK_I64, 2, (int64_t[]){s->what->n_texts, s->what->n_tokens});
    ask_tensor *images = ask_clip_unit(g, ask_clip_image(g, &s->clip, s->pixels));
    ask_tensor *texts = ask_clip_unit(g, ask_clip_text_features(g, &s->clip, s->ids, NULL));
    *out = (ask_train_loss){
        .loss = ask_clip_loss(g, ask_clip_logits(g, &s->clip, images, texts))};
}

static bool feed(void *user, int64_t step, ask_error *err)
{
    setup *s = user;
    (void)step;
    return ask_tensor_write(s->pixels, s->pixel_values, ask_tensor_bytes(s->pixels), err) &&
           ask_tensor_write(s->ids, s->id_values, ask_tensor_bytes(s->ids), err);
}

static void fill(setup *s)
{
    ask_rng rng = ask_rng_new(1);
    const ask_clip_text_config *text = &s->clip.config.text;
    int64_t n_pixels = ask_tensor_count(s->pixels), n_ids = ask_tensor_count(s->ids);
    s->pixel_values = malloc((size_t)n_pixels * sizeof *s->pixel_values);
    s->id_values = malloc((size_t)n_ids * sizeof *s->id_values);
    if (!s->pixel_values || !s->id_values)
        give_up(&(ask_error){ASK_ERR_NOMEM, "out of memory"});
    for (int64_t i = 0; i < n_pixels; i++) s->pixel_values[i] = 4 * ask_rng_float(&rng) - 2;
    for (int64_t i = 0; i < n_ids; i++) {
        bool last = (i + 1) % s->what->n_tokens == 0;
        s->id_values[i] = last ? ask_clip_text_end_id(text)
                               : (int64_t)ask_rng_below(&rng, (uint64_t)text->n_vocab - 1);
    }
}

static void prepare(setup *s, const training *what, int n_threads)
{
    ask_error err = {0};
    *s = (setup){.what = what, .room = ask_arena_new(0)};
    const ask_cpu_options cpu = {.n_threads = n_threads};
    ask_clip_config config;
    ask_json *doc = what->file ? ask_json_read(what->file, NULL, &err)
                               : ask_json_parse(what->config, strlen(what->config),
                                                what->name, NULL, &err);
    if (!doc || !ask_clip_config_read(&config, ask_json_root(doc), &err)) give_up(&err);
    ask_json_free(doc);
    s->backend = ask_cpu_open(&cpu, &err);
    s->store = s->backend ? ask_store_new(s->backend, &err) : NULL;
    ask_params *p = s->store ? ask_params_random(s->store, 1, s->room, &err) : NULL;
    if (!p) give_up(&err);
    ask_clip_bind(&s->clip, p, &config);
    if (!ask_params_finish(p, NULL, &err)) give_up(&err);
    const ask_train_task task = {.user = s, .build = build, .feed = feed};
    ask_trainer_options opt = ask_trainer_defaults();
    opt.schedule = (ask_schedule){.n_steps = 1000, .rate = 1e-6};
    s->trainer = ask_trainer_open(s->backend, s->store, &task, &opt, &err);
    if (!s->trainer) give_up(&err);
    fill(s);
}

static void drop(setup *s)
{
    ask_trainer_close(s->trainer);
    ask_store_free(s->store);
    ask_backend_close(s->backend);
    ask_arena_free(s->room);
    free(s->pixel_values);
    free(s->id_values);
}

/* ---- measuring ---- */

static void run_step(void *user)
{
    setup *s = user;
    ask_error err = {0};
    ask_train_step step;
    if (!ask_trainer_step(s->trainer, ++s->step, &step, &err)) give_up(&err);
}

/* Of a step: forward, and twice as much for the gradients of weights and of what goes in.
 */
static double step_flops(const setup *s)
{
    const ask_clip_config *c = &s->clip.config;
    return 3 * (s->what->n_images * ask_clip_image_flops(c) +
                s->what->n_texts * ask_clip_text_flops(c, s->what->n_tokens));
}

static void bench_training(const training *what, int n_threads)
{
    setup s;
    prepare(&s, what, n_threads);
    ask_peak peak = ask_peak_of(s.backend);
    bench_candidate c[] = {{.run = run_step, .user = &s},
                           {.run = bench_peak_run, .user = &peak}};
    bench_time(c, 2);
    double flops = step_flops(&s), speed = flops / c[0].median_s;
    double limit = ask_peak_flops(&peak) / c[1].median_s;
    char name[96], target[32] = "";
    snprintf(name, sizeof name, "%s, %d thread%s", what->name, n_threads,
             n_threads == 1 ? "" : "s");
    if (what->target) snprintf(target, sizeof target, " (target: %d)", what->target);
    bench_table_row(name, what->n_images / c[0].median_s, "images/s",
                    "%.2f s a step; %.1f GFLOP/s of %.1f; %.0f %% of the peak%s",
                    c[0].median_s, speed / 1e9, limit / 1e9, 100 * speed / limit, target);
    ask_plan_info plan = ask_trainer_plan(s.trainer);
    bench_table_row("  planned memory", (double)plan.peak_bytes / (1 << 20), "MiB",
                    "%.2f times the widest set of live tensors%s",
                    (double)plan.peak_bytes / (double)plan.widest_bytes,
                    what->target ? " (target: 1.3)" : "");
    drop(&s);
}

int main(void)
{
    bench_machine m = bench_machine_measure();
    bench_table_open("train: steps of AdamW in f32", &m);
    for (size_t i = 0; i < sizeof trainings / sizeof *trainings; i++) {
        bench_training(&trainings[i], 1);
        if (m.n_threads > 1) bench_training(&trainings[i], m.n_threads);
    }
    return 0;
}
