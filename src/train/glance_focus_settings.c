/* What a training that is resumed must have in common with the one it continues. */
#include <string.h>

#include "base/hash.h"
#include "base/str.h"
#include "train/glance_focus_priv.h"

static void set(glance_making *m, const char *key, const char *format, ...)
    ASK_PRINTF(3, 4);

static void set(glance_making *m, const char *key, const char *format, ...)
{
    char *value = m->values[m->n_settings];
    va_list args;
    va_start(args, format);
    ask_vformat(value, GLANCE_SETTING_BYTES, format, args);
    va_end(args);
    m->settings[m->n_settings++] = (ask_train_setting){key, value};
}

/* ---- data: everything that a batch is made of, but the features ---- */

static uint64_t hash_of(const void *bytes, size_t n, uint64_t h)
{
    return n ? ask_hash64(bytes, n, h) : h;
}

static uint64_t hash_sample(const ask_glance_sample *s, int n_texts, uint64_t h)
{
    h = hash_of(s->record->id, strlen(s->record->id), h);
    for (int k = 0; k < n_texts; k++)
        h = hash_of(s->ids[k], (size_t)s->lengths[k] * sizeof **s->ids, h);
    h = hash_of(&s->label, sizeof s->label, h);
    h = hash_of(&s->record->count, sizeof s->record->count, h);
    h = hash_of(s->windows, (size_t)s->n_windows * sizeof *s->windows, h);
    for (int k = 0; k < s->n_events; k++) {
        h = hash_of(&s->events[k].class_index, sizeof s->events[k].class_index, h);
        h = hash_of(&s->events[k].at, sizeof s->events[k].at, h);
    }
    return h;
}

static uint64_t hash_data(const ask_glance_data *d)
{
    const ask_glance_data_info info = ask_glance_data_info_of(d);
    uint64_t h = 0;
    for (size_t i = 0; i < info.n; i++) {
        ask_glance_sample s;
        ask_glance_data_get(&s, d, i);
        h = hash_sample(&s, info.n_options ? info.n_options : 1, h);
    }
    return h;
}

/* ---- the list ---- */

static void set_network(glance_making *m)
{
    const ask_glance_focus_config *c = &m->folder.config;
    const ask_stack_config *t = &c->text.stack;
    set(m, "network", "%d/%d/%d/%d, %d queries, %d frames of %d, %d classes, dropout %g",
        c->width, c->inner, c->n_layers, c->n_heads, c->n_queries, c->n_frames,
        c->n_features, c->n_classes, c->dropout);
    set(m, "text",
        "%d: %d/%d/%d/%d, %d tokens, %d places from %lld, act %d, dropout %g, %g",
        (int)c->text.kind, t->width, t->inner, t->n_layers, t->n_heads, c->text.n_vocab,
        c->text.n_positions, (long long)c->text.pad_id, (int)t->activation, t->dropout,
        t->attention_dropout);
    set(m, "head", "%d, %d answers, %d options", (int)c->head, c->n_answers, c->n_options);
    set(m, "variant", "%s%s%s%s%s%s", c->has_memory ? "" : "no memory ",
        c->places == ASK_FRAMES_WAVES ? "places " : "",
        c->compat.added_masks ? "added_masks " : "",
        c->compat.tail_memory ? "tail_memory " : "",
        c->compat.first_layer ? "first_layer " : "", m->folder.ends ? "ends" : "");
}

static void set_losses(glance_making *m)
{
    const ask_glance_loss_weights *w = &m->opt.weights;
    const ask_matching *h = &m->opt.matching;
    set(m, "setting", m->opt.supervised ? "supervised" : "unsupervised");
    set(m, "losses", "%.9g %.9g %.9g %.9g %.9g", w->qa, w->cls, w->l1, w->giou, w->cert);
    set(m, "matching", "%.9g %.9g %.9g", h->cost_l1, h->cost_class, h->background);
}

static void set_steps(glance_making *m)
{
    const ask_train_glance_focus_options *o = &m->opt;
    set(m, "steps", "%lld", (long long)m->n_steps);
    set(m, "warmup", "%lld", (long long)m->n_warmup);
    set(m, "schedule", "%s", ask_schedule_name(o->schedule));
    set(m, "rate", "%.17g", o->rate);
    set(m, "decay", "%.17g", o->weight_decay);
    set(m, "adam", "%.17g %.17g %.17g", o->beta1, o->beta2, o->eps);
    set(m, "max_norm", "%.17g", o->max_norm);
    set(m, "batch", "%d", o->n_questions);
    set(m, "accumulation", "%d", o->n_batches);
    set(m, "seed", "%llu", (unsigned long long)o->seed);
    set(m, "frozen", o->freeze_text ? "text" : "nothing");
}

void glance_list_settings(glance_making *m)
{
    set_network(m);
    set_losses(m);
    set_steps(m);
    set(m, "set", "%.90s", m->opt.set);
    set(m, "data", "%016llx", (unsigned long long)hash_data(m->train));
    set(m, "tokens", "%d", m->n_tokens);
    set(m, "features", "%.64s", m->folder.features_id ? m->folder.features_id : "");
}
