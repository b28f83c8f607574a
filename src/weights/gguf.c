#include "weights/gguf.h"

#include <stdlib.h>
#include <string.h>

#include "tensor/widen.h"
#include "weights/gguf_priv.h"

/* ---- opening ---- */

static ask_gguf *new_gguf(const char *path, ask_error *err)
{
    ask_gguf *g = calloc(1, sizeof *g);
    if (g) g->arena = ask_arena_new(0);
    if (g && g->arena) g->path = ask_arena_strdup(g->arena, path);
    if (g && g->path) return g;
    ask_gguf_close(g);
    ask_fail_memory(err);
    return NULL;
}

ask_gguf *ask_gguf_open(const char *path, ask_error *err)
{
    ask_gguf *g = new_gguf(path, err);
    if (!g) return NULL;
    if (!ask_map_open(&g->map, path, err)) goto fail;
    g->bytes = g->map.data;
    g->n_bytes = g->map.n_bytes;
    if (!gguf_read(g, err)) goto fail;
    return g;

fail:
    ask_fail_as(err, ASK_ERR_MODEL);
    ask_gguf_close(g);
    return NULL;
}

ask_gguf *ask_gguf_parse(const void *bytes, size_t n_bytes, const char *name,
                         ask_error *err)
{
    ask_gguf *g = new_gguf(name, err);
    if (!g) return NULL;
    g->bytes = bytes;
    g->n_bytes = n_bytes;
    if (gguf_read(g, err)) return g;
    ask_gguf_close(g);
    return NULL;
}

bool ask_gguf_sniff(bool *out, const char *path, ask_error *err)
{
    ask_map map;
    if (!ask_map_open(&map, path, err)) return false;
    *out = map.n_bytes >= 4 && memcmp(map.data, "GGUF", 4) == 0;
    ask_map_close(&map);
    return true;
}

void ask_gguf_close(ask_gguf *g)
{
    if (!g) return;
    ask_map_close(&g->map);
    ask_arena_free(g->arena);
    free(g);
}

/* ---- looking ---- */

const char *ask_gguf_path(const ask_gguf *g)
{
    return g->path;
}

int ask_gguf_version(const ask_gguf *g)
{
    return g->version;
}

const void *ask_gguf_header(const ask_gguf *g, size_t *n_bytes)
{
    *n_bytes = g->header_bytes;
    return g->bytes;
}

size_t ask_gguf_n_values(const ask_gguf *g)
{
    return g->n_values;
}

const ask_gguf_value *ask_gguf_value_at(const ask_gguf *g, size_t i)
{
    return &g->values[i];
}

const ask_gguf_value *ask_gguf_need(const ask_gguf *g, const char *key, ask_error *err)
{
    const ask_gguf_value *v = ask_gguf_find(g, key);
    if (!v) ask_fail(err, ASK_ERR_MODEL, "%s: key \"%s\" is missing", g->path, key);
    return v;
}

size_t ask_gguf_n_tensors(const ask_gguf *g)
{
    return g->n_tensors;
}

const ask_gguf_tensor *ask_gguf_tensor_at(const ask_gguf *g, size_t i)
{
    return &g->tensors[i];
}

void ask_gguf_decode(float *dst, const ask_gguf_tensor *tensor)
{
    ask_widen_rows(tensor->type, dst, tensor->data, 0, 1, tensor->n_elements);
}

void ask_gguf_release(const ask_gguf *g, const ask_gguf_tensor *tensor)
{
    if (!g->map.data) return; // borrowed
    size_t offset = (size_t)((const uint8_t *)tensor->data - g->bytes);
    ask_map_release(&g->map, offset, tensor->bytes);
}
