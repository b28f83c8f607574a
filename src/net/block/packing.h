/* net/block/packing.h - sequences of different lengths without what fills them up.
 *
 * B sequences of up to L items are kept as N items, one behind the other: what looks at one
 * item at a time (linear maps, norms, MLPs) computes no padding. Attention looks at several
 * and has the items in rows of L, under a mask.
 *
 * N may be more than the items there are: the rest are fillers, whose values nothing reads.
 */
#ifndef ASK_NET_BLOCK_PACKING_H
#define ASK_NET_BLOCK_PACKING_H

#include "tensor/ops.h"

typedef struct {
    ask_tensor *rows; // i64 [B, L]: which item stands there; 0 where none does
    ask_tensor
        *places;       // i64 [N]: where among the B L an item stands; of a filler: anywhere
    ask_tensor *ranks; // i64 [N]: where in its sequence it stands, from 0
} ask_packing;

/* The packing of the items that a mask (bool [B, L], true = an item) says there are, into N
 * places or, where that is less, B L. It is worked out with every run, which fails when
 * there are more items than places. */
ASK_API void ask_packing_of(ask_packing *out, ask_graph *g, ask_tensor *mask, int64_t n);

/* x: [1, N, C] -> [B, L, C]. Where no item stands are the numbers of another one: a mask
 * must hide them. x itself without a packing (NULL). */
ASK_API ask_tensor *ask_unpack(ask_graph *g, ask_tensor *x, const ask_packing *p);

/* x: [B, L, C] -> [1, N, C]; x itself without a packing (NULL). */
ASK_API ask_tensor *ask_pack(ask_graph *g, ask_tensor *x, const ask_packing *p);

#endif
