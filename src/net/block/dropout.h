/* net/block/dropout.h - what is left out at random while a network is trained.
 *
 * A network that is built with a dropping adds a node for every place at which its paper
 * drops; each place draws from a stream of its own, a function of seed and step, so a
 * training that is resumed drops the same. Without one (NULL) nothing is dropped, as in
 * evaluation.
 * After: Srivastava et al. 2014, "Dropout". */
#ifndef ASK_NET_BLOCK_DROPOUT_H
#define ASK_NET_BLOCK_DROPOUT_H

#include "tensor/ops.h"

typedef struct {
    uint64_t seed;
    ask_tensor *step; // i64 [1], an input of the graph
    uint64_t n;       // places so far; begins with 0 for every graph
} ask_dropping;

/* The seed of the next place. */
ASK_API uint64_t ask_dropping_next(ask_dropping *d);

/* x with a share p of its elements left out; x itself without a dropping or with p = 0. */
ASK_API ask_tensor *ask_drop(ask_graph *g, ask_tensor *x, double p, ask_dropping *d);

#endif
