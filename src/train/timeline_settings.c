/* What a training that is resumed must have in common with the one it continues. */
#include "base/hash.h"
#include "train/timeline_priv.h"

static void set(timeline_making *m, const char *key, const char *format, ...)
    ASK_PRINTF(3, 4);

static void set(timeline_making *m, const char *key, const char *format, ...)
{
    char *value = m->values[m->n_settings];
    va_list args;
    va_start(args, format);
    ask_vformat(value, TIMELINE_SETTING_BYTES, format, args);
    va_end(args);
    m->settings[m->n_settings++] = (ask_train_setting){key, value};
}

static uint64_t hash_of(const ask_train_files *files)
{
    uint64_t h = 0;
    for (size_t i = 0; i < files->n; i++)
        if (files->items[i].n_bytes)
            h = ask_hash64(files->items[i].bytes, files->items[i].n_bytes, h);
    return h;
}

static void set_network(timeline_making *m)
{
    const ask_timeline_config *c = &m->folder.config;
    const int *w = c->cells.widths;
    set(m, "cells", "%d channels, %d px, %d/%d/%d", c->cells.n_channels, c->cells.side_px,
        w[0], w[1], w[2]);
    set(m, "network", "%d/%d/%d, layers %d/%d/%d/%d, dropout %g", c->width, c->inner,
        c->n_heads, c->glance_layers, c->memory_layers, c->focus_layers, c->text_layers,
        c->dropout);
    set(m, "memory", "%s%d frames of %d, %d and %d slots, %d counters",
        c->has_memory ? "" : "none: ", c->n_frames, c->n_sights, c->n_event_slots,
        c->n_toy_slots, c->n_counters);
    set(m, "texts", "%d tokens of %d", c->n_tokens, c->n_vocab);
    if (c->find.n_embed)
        set(m, "find", "%d, layers %d", c->find.n_embed, c->find.text_layers);
}

static void set_steps(timeline_making *m)
{
    const ask_train_timeline_options *o = &m->opt;
    set(m, "steps", "%lld", (long long)m->schedule.n_steps);
    set(m, "warmup", "%lld", (long long)m->schedule.n_warmup);
    set(m, "rate", "%.17g", m->schedule.rate);
    set(m, "last_rate", "%.17g", m->schedule.last_rate);
    set(m, "decay", "%.17g", o->weight_decay);
    set(m, "batch", "%d clips, %d frames, %d questions", o->n_clips, o->n_frames,
        o->n_questions);
    set(m, "near misses", "%d", o->n_near);
    set(m, "seed", "%llu", (unsigned long long)o->seed);
}

void timeline_list_settings(timeline_making *m)
{
    const ask_scene_style *style = &m->opt.style;
    set(m, "stage", "%s%s", m->stage->name, m->opt.answers_only ? ", answers only" : "");
    set_network(m);
    set_steps(m);
    set(m, "style", "%s, clutter %d to %d", style->simple ? "simple" : "full",
        style->clutter_low, style->clutter_high);
    set(m, "noise", "%.17g", m->opt.noise);
    set(m, "tokenizer", "%016llx", (unsigned long long)hash_of(&m->folder.tokenizer));
    set(m, "preprocess", "%016llx", (unsigned long long)hash_of(&m->folder.preprocess));
}
