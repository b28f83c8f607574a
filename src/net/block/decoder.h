/* net/block/decoder.h - reading a text token by token: what decoders have in common.
 *
 * A text is read whole, or in pieces that find what came before in a cache of keys and
 * values. */
#ifndef ASK_NET_BLOCK_DECODER_H
#define ASK_NET_BLOCK_DECODER_H

#include "base/arena.h"
#include "tensor/ops.h"
#include "tensor/store.h"

/* What the layers keep of a token that was read: keys and values. */
typedef struct {
    int n_layers, n_heads, head; // n_heads: of keys
} ask_decoder_sizes;

/* The keys and values of all that was read: store tensors. */
typedef struct {
    ask_tensor **k, **v; // [n_layers], each [1, n_heads, N, head]
    int64_t n_rows;      // N
} ask_decoder_cache;

/* N rows of zeros in a store; its arrays are in `room`. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_decoder_cache_make(ask_decoder_cache *out, ask_store *store,
                                    ask_arena *room, const ask_decoder_sizes *sizes,
                                    int64_t n_rows, ask_error *err);
/* SIZE_MAX for more than can be told. */
ASK_API size_t ask_decoder_cache_bytes(const ask_decoder_sizes *sizes, int64_t n_rows);

/* What an encoder made of S places, for a decoder that looks at them. */
typedef struct {
    ask_tensor *states; // [B, S, C]; NULL with a cache, which has what is seen of them
    ask_tensor *mask;   // bool [B, 1, 1, S], true = a place; NULL: all are
    ask_tensor *n;      // with a cache: i64 [1], its first so many rows are of places
    ask_tensor *depths; // with a cache: i64 [1, N], the positions of its rows
} ask_decoder_source;

/* How B texts of T tokens are read. */
typedef struct {
    ask_tensor *positions; // i64 [B, T]
    ask_tensor *mask;      // bool [B, 1, 1 or T, Tk], true = may look; NULL: everywhere
    bool masked;           // no causal rule: the mask tells all
    ask_tensor *narrow;    // with masked: the mask of layers that see only the last so many
    /* With a cache B is 1: what is read is written at row `at` (i64 [1]), and sees the
     * first n_valid (i64 [1]) rows, Tk = N. Without one Tk = T. */
    const ask_decoder_cache *cache; // or NULL
    ask_tensor *at, *n_valid;
    const ask_decoder_source *source; // of a decoder behind an encoder; else NULL
    const char *trace;                // prefix of the traces' names: ""
} ask_decoder_view;

/* The positions of tokens of which a mask keeps some: each is at the number of those before
 * it that are kept, what is not kept at -1.  mask: bool [B, T] -> i64 [B, T] */
ASK_API ask_tensor *ask_decoder_positions(ask_graph *g, ask_tensor *mask);

/* How the queries of a layer look at keys. */
typedef struct {
    bool narrow;    // they see only the last so many:
    int64_t window; // this many
    double scale;   // as in ask_attention_options
} ask_decoder_look;

/* Layer i attends.  q: [B, H, T, D]; k, v: [B, Hk, T, D], which are remembered where there
 * is a cache -> [B, T, H D].  Names "attentions.<i>" [B, H, T, Tk]. */
ASK_API ask_tensor *ask_decoder_attend(ask_graph *g, const ask_decoder_view *view, int i,
                                       ask_tensor *q, ask_tensor *k, ask_tensor *v,
                                       const ask_decoder_look *look);

/* The mean cross-entropy of each next token.  logits: [B, T, V], labels: i64 [B, T], -100:
 * does not count -> scalar. */
ASK_API ask_tensor *ask_decoder_loss(ask_graph *g, ask_tensor *logits, ask_tensor *labels);

#endif
