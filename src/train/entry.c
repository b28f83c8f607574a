#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "train/entry_priv.h"

#define EVALUATION "eval_"

const char *train_entry_key(char out[TRAIN_KEY_BYTES], const train_entry *e, int i)
{
    ask_format(out, TRAIN_KEY_BYTES, "%s%s", e->is_evaluation ? EVALUATION : "",
               e->values[i].name);
    return out;
}

void train_entry_put(ask_json_writer *w, const train_entry *e)
{
    char key[TRAIN_KEY_BYTES];
    ask_json_put_int(w, "step", e->step);
    if (!isnan(e->epoch)) ask_json_put_double(w, "epoch", e->epoch);
    for (int i = 0; i < e->n; i++)
        ask_json_put_double(w, train_entry_key(key, e, i), e->values[i].value);
}

static bool reserve(train_history *h, ask_error *err)
{
    if (!h->room) h->room = ask_arena_new(0);
    if (!h->room) return ask_fail_memory(err);
    if (h->n < h->capacity) return true;
    size_t capacity = h->capacity ? 2 * h->capacity : 64;
    train_entry *items = realloc(h->items, capacity * sizeof *items);
    if (!items) return ask_fail_memory(err);
    h->items = items;
    h->capacity = capacity;
    return true;
}

bool train_history_add(train_history *h, const train_entry *e, ask_error *err)
{
    if (!reserve(h, err)) return false;
    train_value *values = ask_arena_array(h->room, (size_t)e->n, sizeof *values);
    if (!values) return ask_fail_memory(err);
    for (int i = 0; i < e->n; i++) {
        values[i] = e->values[i];
        values[i].name = ask_arena_strdup(h->room, e->values[i].name);
        if (!values[i].name) return ask_fail_memory(err);
    }
    train_entry *copy = &h->items[h->n++];
    *copy = *e;
    copy->values = values;
    copy->seconds = copy->examples_per_s = NAN;
    return true;
}

/* Members that are numbers, or null, and not part of every entry. */
static bool is_value(const ask_json_walk *m)
{
    ask_json_type type = ask_json_type_of(m->value);
    return strcmp(m->key, "step") != 0 && strcmp(m->key, "epoch") != 0 &&
           (type == ASK_JSON_INT || type == ASK_JSON_REAL || type == ASK_JSON_NULL);
}

bool train_history_read(train_history *h, ask_json_value object, ask_error *err)
{
    train_entry e = {0};
    if (!ask_json_get_int(&e.step, object, "step", 0, INT64_MAX, err) ||
        !ask_json_opt_double(&e.epoch, object, "epoch", NAN, err))
        return false;
    train_value *values = calloc(ask_json_count(object) + 1, sizeof *values);
    if (!values) return ask_fail_memory(err);
    bool ok = true;
    for (ask_json_walk m = {0}; ok && ask_json_next(object, &m);) {
        if (!is_value(&m)) continue;
        bool is_evaluation = ask_starts_with(m.key, EVALUATION);
        e.is_evaluation |= is_evaluation;
        values[e.n].name = m.key + (is_evaluation ? strlen(EVALUATION) : 0);
        ok = ask_json_opt_double(&values[e.n++].value, m.value, NULL, NAN, err);
    }
    e.values = values;
    ok = ok && train_history_add(h, &e, err);
    free(values);
    return ok;
}

void train_history_free(train_history *h)
{
    free(h->items);
    ask_arena_free(h->room);
    *h = (train_history){0};
}

int64_t train_history_evaluated(const train_history *h)
{
    for (size_t i = h->n; i > 0; i--)
        if (h->items[i - 1].is_evaluation) return h->items[i - 1].step;
    return 0;
}
