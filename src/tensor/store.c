/* Store tensors: each with a buffer of its own. */
#include "tensor/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "tensor/op_priv.h"

typedef struct {
    ask_tensor tensor;
    ask_buffer buffer;
    char *name;
} store_entry;

struct ask_store {
    ask_backend *backend;
    store_entry **entries; // each of its own, as graphs point into them
    int n, capacity;
    int *slots; // open-addressed table of indices into entries; -1: free
    int n_slots;
};

ask_store *ask_store_new(ask_backend *backend, ask_error *err)
{
    ask_store *s = calloc(1, sizeof *s);
    if (!s) {
        ask_fail_memory(err);
        return NULL;
    }
    s->backend = backend;
    return s;
}

static void entry_free(ask_backend *b, store_entry *e)
{
    if (!e) return;
    if (e->buffer.backend) b->free(b, &e->buffer);
    free(e->name);
    free(e);
}

void ask_store_free(ask_store *s)
{
    if (!s) return;
    for (int i = 0; i < s->n; i++) entry_free(s->backend, s->entries[i]);
    free(s->entries);
    free(s->slots);
    free(s);
}

/* ---- names ---- */

/* The slot where a name is, or would be put. n_slots is a power of two, never full. */
static int *slot_of(const ask_store *s, const char *name)
{
    size_t i = (size_t)ask_hash64(name, strlen(name), 0) & (size_t)(s->n_slots - 1);
    while (s->slots[i] >= 0 && strcmp(s->entries[s->slots[i]]->name, name) != 0)
        i = (i + 1) & (size_t)(s->n_slots - 1);
    return &s->slots[i];
}

static bool reserve(ask_store *s)
{
    if (s->n < s->capacity) return true;
    int capacity = s->capacity ? 2 * s->capacity : 64;
    store_entry **entries = realloc(s->entries, (size_t)capacity * sizeof(store_entry *));
    if (!entries) return false;
    s->entries = entries;
    int *slots = malloc((size_t)capacity * 2 * sizeof *slots);
    if (!slots) return false;
    free(s->slots);
    s->slots = slots;
    s->capacity = capacity;
    s->n_slots = 2 * capacity;
    memset(slots, -1, (size_t)s->n_slots * sizeof *slots);
    for (int i = 0; i < s->n; i++) *slot_of(s, s->entries[i]->name) = i;
    return true;
}

ask_tensor *ask_store_find(const ask_store *s, const char *name)
{
    int i = s->n ? *slot_of(s, name) : -1;
    return i < 0 ? NULL : &s->entries[i]->tensor;
}

int ask_store_count(const ask_store *s)
{
    return s->n;
}

ask_tensor *ask_store_at(const ask_store *s, int i)
{
    return &s->entries[i]->tensor;
}

/* ---- adding ---- */

static bool check_new(const ask_store *s, const char *name, int n_dims,
                      const int64_t *shape, ask_error *err)
{
    if (ask_store_find(s, name))
        return ask_fail(err, ASK_ERR_BUG, "tensor %s: is in the store already", name);
    if (n_dims < 0 || n_dims > ASK_MAX_DIMS)
        return ask_fail(err, ASK_ERR_SHAPE, "tensor %s: %d axes, more than %d", name,
                        n_dims, ASK_MAX_DIMS);
    if (!ask_shape_is_possible(n_dims, shape))
        return ask_fail(err, ASK_ERR_SHAPE, "tensor %s: its shape is impossible", name);
    return true;
}

static bool check_computes(const char *name, ask_dtype type, ask_error *err)
{
    return ask_dtype_computes(type) ||
           ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "tensor %s: graphs hold no tensors of type %s", name,
                    ask_dtype_name(type));
}

/* Takes the entry over when it succeeds, frees it when not. */
static ask_tensor *append(ask_store *s, store_entry *e, const char *name, ask_error *err)
{
    size_t length = strlen(name) + 1;
    e->name = malloc(length);
    if (!e->name || !reserve(s)) {
        ask_fail_memory(err);
        entry_free(s->backend, e);
        return NULL;
    }
    memcpy(e->name, name, length);
    e->tensor.name = e->name;
    e->tensor.home = &e->buffer;
    *slot_of(s, name) = s->n;
    s->entries[s->n++] = e;
    return &e->tensor;
}

static store_entry *entry_new(ask_dtype type, int n_dims, const int64_t *shape,
                              ask_error *err)
{
    store_entry *e = calloc(1, sizeof *e);
    if (!e) {
        ask_fail_memory(err);
        return NULL;
    }
    ask_set_shape(&e->tensor, type, n_dims, shape);
    return e;
}

static bool fill_zeros(ask_buffer *b, size_t bytes, ask_error *err)
{
    void *zeros = calloc(1, bytes ? bytes : 1);
    if (!zeros) return ask_fail_memory(err);
    bool ok = b->backend->upload(b, 0, zeros, bytes, err);
    free(zeros);
    return ok;
}

ask_tensor *ask_store_add(ask_store *s, const char *name, ask_dtype type, int n_dims,
                          const int64_t *shape, ask_error *err)
{
    if (!check_computes(name, type, err) || !check_new(s, name, n_dims, shape, err))
        return NULL;
    store_entry *e = entry_new(type, n_dims, shape, err);
    if (!e) return NULL;
    size_t bytes = ask_tensor_bytes(&e->tensor);
    if (!s->backend->alloc(s->backend, bytes, &e->buffer, err) ||
        !fill_zeros(&e->buffer, bytes, err)) {
        entry_free(s->backend, e);
        return NULL;
    }
    return append(s, e, name, err);
}

static bool hold(ask_backend *b, const void *data, size_t bytes, bool mapped,
                 ask_buffer *out, ask_error *err)
{
    if (b->borrow) return b->borrow(b, data, bytes, mapped, out, err);
    if (!b->alloc(b, bytes, out, err) || !b->upload(out, 0, data, bytes, err)) return false;
    out->constant = true;
    return true;
}

ask_tensor *ask_store_borrow(ask_store *s, const char *name, ask_dtype type, int n_dims,
                             const int64_t *shape, const void *data, bool mapped,
                             ask_error *err)
{
    if (!ask_dtype_is_coded(type) && !check_computes(name, type, err)) return NULL;
    if (!check_new(s, name, n_dims, shape, err)) return NULL;
    size_t bytes;
    if (!ask_dtype_bytes_of(&bytes, type, n_dims, shape)) {
        char text[ASK_SHAPE_TEXT];
        ask_fail(err, ASK_ERR_SHAPE, "tensor %s: no %s is %s", name, ask_dtype_name(type),
                 ask_dims_text(text, n_dims, shape));
        return NULL;
    }
    store_entry *e = entry_new(type, n_dims, shape, err);
    if (!e) return NULL;
    if (!hold(s->backend, data, bytes, mapped, &e->buffer, err)) {
        entry_free(s->backend, e);
        return NULL;
    }
    return append(s, e, name, err);
}
