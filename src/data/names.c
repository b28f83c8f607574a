#include "data/names_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/hash.h"

/* The slot of a text: its own, or the empty one where it belongs. */
static size_t *slot_of(const data_names *names, const char *text)
{
    size_t at = (size_t)ask_hash64(text, strlen(text), 0);
    for (;; at++) {
        size_t *slot = &names->slots[at & (names->n_slots - 1)];
        if (*slot == 0 || strcmp(names->texts[*slot - 1], text) == 0) return slot;
    }
}

static bool grow(data_names *names, ask_error *err)
{
    size_t n_slots = names->n_slots ? 2 * names->n_slots : 256, bytes;
    if (!ask_mul_size(&bytes, n_slots, sizeof(size_t))) return ask_fail_memory(err);
    const char **texts = realloc(names->texts, n_slots / 2 * sizeof *texts);
    if (!texts) return ask_fail_memory(err);
    names->texts = texts;
    size_t *slots = calloc(n_slots, sizeof *slots);
    if (!slots) return ask_fail_memory(err);
    free(names->slots);
    names->slots = slots;
    names->n_slots = n_slots;
    for (size_t i = 0; i < names->n; i++) *slot_of(names, texts[i]) = i + 1;
    return true;
}

bool data_names_add(data_names *names, size_t *index, const char *text, ask_error *err)
{
    if (names->n >= names->n_slots / 2 && !grow(names, err)) return false;
    size_t *slot = slot_of(names, text);
    if (*slot == 0) {
        names->texts[names->n++] = text;
        *slot = names->n;
    }
    *index = *slot - 1;
    return true;
}

bool data_names_find(const data_names *names, size_t *index, const char *text)
{
    if (names->n == 0) return false;
    size_t slot = *slot_of(names, text);
    if (slot > 0 && index) *index = slot - 1;
    return slot > 0;
}

void data_names_free(data_names *names)
{
    free(names->texts);
    free(names->slots);
    *names = (data_names){0};
}

/* ---- dictionaries ---- */

bool data_dictionary_put(data_dictionary *d, const char *key, const char *value,
                         ask_error *err)
{
    size_t n = d->keys.n, index, bytes;
    if (n == d->capacity) {
        size_t capacity = n ? 2 * n : 64;
        if (!ask_mul_size(&bytes, capacity, sizeof *d->values)) return ask_fail_memory(err);
        const char **values = realloc(d->values, bytes);
        if (!values) return ask_fail_memory(err);
        d->values = values;
        d->capacity = capacity;
    }
    if (!data_names_add(&d->keys, &index, key, err)) return false;
    if (d->keys.n > n) d->values[index] = value;
    return true;
}

const char *data_dictionary_get(const data_dictionary *d, const char *key)
{
    size_t index;
    return data_names_find(&d->keys, &index, key) ? d->values[index] : NULL;
}

void data_dictionary_free(data_dictionary *d)
{
    data_names_free(&d->keys);
    free(d->values);
    *d = (data_dictionary){0};
}
