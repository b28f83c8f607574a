#include "support/tiny_clip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/testing.h"
#include "tensor/cpu/cpu.h"

const char tiny_clip_config[] =
    "{\"model_type\": \"clip\", \"projection_dim\": 8,\n"
    " \"text_config\": {\"hidden_size\": 16, \"intermediate_size\": 32,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"vocab_size\": 12,\n"
    "  \"max_position_embeddings\": 6, \"eos_token_id\": 11},\n"
    " \"vision_config\": {\"hidden_size\": 16, \"intermediate_size\": 32,\n"
    "  \"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"image_size\": 8,\n"
    "  \"patch_size\": 4, \"num_channels\": 9}}\n";

enum { N_CLIPS = 2, N_FRAMES = 3, N_TEXTS = 5, N_TOKENS = 6, END = 11 };

/* ---- batches ---- */

static void fill_floats(float *out, size_t n, ask_rng *r)
{
    for (size_t i = 0; i < n; i++) out[i] = (float)ask_rng_normal(r);
}

static void fill_labels(float *labels, float *weights, size_t n, ask_rng *r)
{
    for (size_t i = 0; i < n; i++) {
        labels[i] = (float)ask_rng_below(r, 2);
        weights[i] = ask_rng_below(r, 4) ? 1.0F / (float)n : 0;
    }
}

bool tiny_clip_fill(void *user, ask_clip_batch *b, int64_t step, ask_error *err)
{
    const tiny_clip_options *opt = user;
    if (opt->fails_step && step == opt->fails_step)
        return ask_fail(err, ASK_ERR_IO, "no batch for step %lld", (long long)step);
    ask_rng root = ask_rng_new(7);
    ask_rng r = ask_rng_split_at(&root, opt->one_batch ? 1 : (uint64_t)step);
    const ask_clip_batch_size *s = &b->size;
    size_t frames = (size_t)s->n_clips * (size_t)s->n_frames, texts = (size_t)s->n_texts;
    size_t patches = frames * (size_t)ask_clip_batch_n_patches(s);
    fill_floats(b->pixels,
                frames * (size_t)s->n_channels * (size_t)s->side_px * (size_t)s->side_px,
                &r);
    if (step == opt->bad_step) b->pixels[3] = NAN;
    for (size_t i = 0; i < texts * (size_t)s->n_tokens; i++)
        b->ids[i] = (i + 1) % (size_t)s->n_tokens ? (int64_t)ask_rng_below(&r, END) : END;
    fill_labels(b->frame_labels, b->frame_weights, frames * texts, &r);
    fill_labels(b->thing_labels, b->thing_weights, frames * ASK_N_THINGS * texts, &r);
    for (size_t i = 0; i < patches; i++)
        b->patch_things[i] = (int64_t)ask_rng_below(&r, frames * ASK_N_THINGS);
    size_t each = (size_t)s->n_frames;
    for (size_t i = 0; i < frames * texts; i++) {
        b->moment_mask[i] = true;
        b->moment_targets[i] = i % each == (i / each) % each ? 0.1F : 0;
    }
    for (size_t t = 0; t < texts; t++) b->kinds[t] = 1U << ASK_KIND_COLOR;
    return true;
}

/* ---- the model ---- */

static bool bind(tiny_clip *t, ask_error *err)
{
    ask_clip_config config;
    ask_json *doc =
        ask_json_parse(tiny_clip_config, strlen(tiny_clip_config), "tiny", NULL, err);
    bool ok = doc && ask_clip_config_read(&config, ask_json_root(doc), err);
    ask_json_free(doc);
    if (!ok) return false;
    ask_params *p = ask_params_random(t->store, 3, t->room, err);
    if (p) ask_clip_bind(&t->clip, p, &config);
    return p && ask_params_finish(p, NULL, err);
}

bool tiny_clip_open(tiny_clip *t, const tiny_clip_options *opt, ask_error *err)
{
    static const ask_clip_loss_weights weights = {
        .frames = 1, .patches = 0.5, .moments = 0.5};
    const ask_cpu_options cpu = {.n_threads = opt->n_threads ? opt->n_threads : 1};
    *t = (tiny_clip){.size = {.n_clips = N_CLIPS,
                              .n_frames = N_FRAMES,
                              .n_texts = N_TEXTS,
                              .n_tokens = N_TOKENS,
                              .n_coded = opt->n_coded,
                              .n_channels = 9,
                              .side_px = 8,
                              .patch_px = 4}};
    t->room = ask_arena_new(0);
    if (!t->room) return ask_fail_memory(err);
    t->backend = ask_cpu_open(&cpu, err);
    t->store = t->backend ? ask_store_new(t->backend, err) : NULL;
    if (!t->store || !bind(t, err)) return false;
    const ask_clip_source source = {tiny_clip_fill, (void *)opt};
    const ask_clip_towers towers = ask_clip_towers_of(&t->clip);
    t->task = ask_clip_task_open(&towers, t->store, &t->size, &weights, &source, err);
    if (!t->task) return false;
    const ask_train_task task = ask_clip_task_of(t->task);
    ask_trainer_options trainer = ask_trainer_defaults();
    trainer.schedule = (ask_schedule){
        .n_steps = opt->n_steps, .n_warmup = 1, .rate = opt->rate, .last_rate = opt->rate};
    trainer.cancel = opt->cancel;
    t->trainer = ask_trainer_open(t->backend, t->store, &task, &trainer, err);
    return t->trainer;
}

void tiny_clip_close(tiny_clip *t)
{
    ask_trainer_close(t->trainer);
    ask_clip_task_close(t->task);
    ask_store_free(t->store);
    ask_backend_close(t->backend);
    ask_arena_free(t->room);
}

char *tiny_clip_state(const tiny_clip *t, size_t *n_bytes)
{
    ask_error err = {0};
    size_t n = 0, at = 0;
    for (int i = 0; i < ask_store_count(t->store); i++)
        n += ask_tensor_bytes(ask_store_at(t->store, i));
    char *out = malloc(n + 1);
    assert_non_null(out);
    for (int i = 0; i < ask_store_count(t->store); i++) {
        const ask_tensor *tensor = ask_store_at(t->store, i);
        CHECK_OK(ask_tensor_read(tensor, out + at, ask_tensor_bytes(tensor), &err), &err);
        at += ask_tensor_bytes(tensor);
    }
    *n_bytes = n;
    return out;
}
