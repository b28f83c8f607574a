/* GGUF files: every value is walked, every tensor's blocks are decoded. */
#include <stdlib.h>
#include <string.h>

#include "tensor/widen.h"
#include "weights/gguf.h"

static void check(bool condition)
{
    if (!condition) abort();
}

static void walk(const ask_gguf_value *v)
{
    int64_t n;
    double d;
    bool b;
    ask_gguf_text t;
    ask_error err = {0};
    ask_gguf_to_int(&n, v, INT64_MIN, INT64_MAX, &err);
    ask_gguf_to_double(&d, v, &err);
    ask_gguf_to_bool(&b, v, &err);
    if (ask_gguf_to_text(&t, v, &err)) {
        volatile char last = t.n_bytes > 0 ? t.data[t.n_bytes - 1] : 0;
        (void)last;
    }
    uint64_t n_items = 0;
    for (ask_gguf_walk w = {0}; ask_gguf_next(v, &w); n_items++) walk(&w.item);
    check(v->type != ASK_GGUF_ARRAY || n_items == v->n_items);
}

static void decode(const ask_gguf_tensor *t)
{
    float values[256];
    int n_block = ask_dtype_block_elements(t->type);
    check(n_block > 0 && n_block <= 256 && t->n_elements % n_block == 0);
    int64_t n_blocks = t->n_elements / n_block;
    check((size_t)n_blocks * ask_dtype_block_bytes(t->type) == t->bytes);
    for (int64_t i = 0; i < n_blocks; i++)
        ask_widen_rows(t->type, values, t->data, i, 1, n_block);
}

static void use(const ask_gguf *g, const uint8_t *file, size_t size)
{
    for (size_t i = 0; i < ask_gguf_n_values(g); i++) {
        const ask_gguf_value *v = ask_gguf_value_at(g, i);
        check(ask_gguf_find(g, v->key) == v);
        walk(v);
    }
    for (size_t i = 0; i < ask_gguf_n_tensors(g); i++) {
        const ask_gguf_tensor *t = ask_gguf_tensor_at(g, i);
        check(ask_gguf_find_tensor(g, t->name) == t);
        const uint8_t *data = t->data;
        check(data >= file && data <= file + size);
        check(t->bytes <= (size_t)(file + size - data));
        decode(t);
        ask_gguf_release(g, t);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err = {0};
    ask_gguf *g = ask_gguf_parse(data, size, "fuzz", &err);
    check(g || (err.code == ASK_ERR_MODEL && err.message[0]));
    if (g) use(g, data, size);
    ask_gguf_close(g);
    return 0;
}
