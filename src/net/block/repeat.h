/* net/block/repeat.h - what is said once, for each that it is said of. */
#ifndef ASK_NET_BLOCK_REPEAT_H
#define ASK_NET_BLOCK_REPEAT_H

#include "tensor/ops.h"

/* Each row of axis 0 as often as makes n of all, one behind the other.  x: [B, ...] ->
 * [n, ...], n a multiple of B. NULL stays NULL. */
ASK_API ask_tensor *ask_repeat(ask_graph *g, ask_tensor *x, int64_t n);

#endif
