#include "net/block/decoder.h"

#include "base/checked.h"
#include "base/str.h"
#include "net/block/heads.h"

size_t ask_decoder_cache_bytes(const ask_decoder_sizes *sizes, int64_t n_rows)
{
    size_t bytes = 2 * sizeof(float); // of a key and a value
    bool fits = ask_mul_size(&bytes, bytes, (size_t)sizes->n_layers) &&
                ask_mul_size(&bytes, bytes, (size_t)sizes->n_heads) &&
                ask_mul_size(&bytes, bytes, (size_t)sizes->head) &&
                ask_mul_size(&bytes, bytes, (size_t)n_rows);
    return fits ? bytes : SIZE_MAX;
}

static ask_tensor *add_rows(ask_store *store, const char *what, int layer,
                            const ask_decoder_sizes *sizes, int64_t n_rows, ask_error *err)
{
    char name[64];
    ask_format(name, sizeof name, "%s.%d", what, layer);
    return ask_store_add(store, name, ASK_F32, 4,
                         (int64_t[]){1, sizes->n_heads, n_rows, sizes->head}, err);
}

bool ask_decoder_cache_make(ask_decoder_cache *out, ask_store *store, ask_arena *room,
                            const ask_decoder_sizes *sizes, int64_t n_rows, ask_error *err)
{
    size_t n = (size_t)sizes->n_layers;
    ask_decoder_cache c = {.k = ask_arena_array(room, n, sizeof *c.k),
                           .v = ask_arena_array(room, n, sizeof *c.v),
                           .n_rows = n_rows};
    if (!c.k || !c.v) return ask_fail_memory(err);
    for (int i = 0; i < sizes->n_layers; i++) {
        if (!(c.k[i] = add_rows(store, "keys", i, sizes, n_rows, err)) ||
            !(c.v[i] = add_rows(store, "values", i, sizes, n_rows, err)))
            return false;
    }
    *out = c;
    return true;
}

ask_tensor *ask_decoder_attend(ask_graph *g, const ask_decoder_view *view, int i,
                               ask_tensor *q, ask_tensor *k, ask_tensor *v,
                               const ask_decoder_look *look)
{
    if (view->cache) { // [1, Hk, N, D]
        k = ask_write_rows(g, view->cache->k[i], k, view->at);
        v = ask_write_rows(g, view->cache->v[i], v, view->at);
    }
    char trace[256];
    ask_format(trace, sizeof trace, "%sattentions.%d", view->trace, i);
    const ask_attention_view how = {
        .scale = look->scale,
        .causal = !view->masked,
        .window = look->narrow && !view->masked ? look->window : 0,
        .n_valid = view->n_valid,
        .mask = look->narrow && view->masked ? view->narrow : view->mask,
        .trace = trace,
    };
    return ask_heads_join(g, ask_heads_attend(g, q, k, v, &how));
}

ask_tensor *ask_decoder_positions(ask_graph *g, ask_tensor *mask)
{
    if (!mask) return NULL;
    static const int64_t one = 1;
    int64_t n = ask_tensor_dim(mask, 1);
    ask_tensor *i = ask_range(g, n);
    ask_tensor *end = ask_add(g, ask_reshape(g, i, 2, (int64_t[]){1, n}),
                              ask_constant(g, ASK_I64, 0, NULL, &one));
    ask_tensor *before =
        ask_less(g, ask_reshape(g, i, 2, (int64_t[]){n, 1}), end); // [T, T]
    ask_tensor *kept = ask_cast(g, mask, ASK_F32);                 // [B, T]
    ask_tensor *count = ask_matmul(g, kept, ask_cast(g, before, ASK_F32));
    return ask_cast(g, ask_affine(g, ask_mul(g, count, kept), 1, -1), ASK_I64);
}

ask_tensor *ask_decoder_loss(ask_graph *g, ask_tensor *logits, ask_tensor *labels)
{
    if (!logits || !labels) return NULL;
    int64_t n_texts = ask_tensor_dim(logits, 0), n = ask_tensor_dim(logits, 1) - 1,
            n_vocab = ask_tensor_dim(logits, 2);
    const ask_cross_entropy_options opt = {.ignore = true, .ignore_index = -100};
    ask_tensor *said = ask_reshape(g, ask_contiguous(g, ask_slice(g, logits, 1, 0, n)), 2,
                                   (int64_t[]){n_texts * n, n_vocab});
    ask_tensor *next = ask_reshape(g, ask_contiguous(g, ask_slice(g, labels, 1, 1, n + 1)),
                                   1, (int64_t[]){n_texts * n});
    return ask_cross_entropy(g, said, next, &opt);
}
