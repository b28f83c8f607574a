/* tensor/op/separable_priv.h - linear maps of pictures that act on rows and columns apart.
 *
 * Resizing and adaptive pooling are y = R x C^T with two matrices that only the sizes
 * decide. So they are two matrix products, and their gradients come with these. */
#ifndef ASK_TENSOR_OP_SEPARABLE_PRIV_H
#define ASK_TENSOR_OP_SEPARABLE_PRIV_H

#include "tensor/op_priv.h"
#include "tensor/real_priv.h"

/* A matrix from n_in to n_out places along one axis, zeros at first. */
typedef struct {
    int64_t n_in, n_out;
    ask_real *weight; // [n_out, n_in], in the graph's memory; NULL after a failure
} axis_map;

axis_map ask_axis_map(ask_graph *g, int64_t n_in, int64_t n_out);

/* Adds to the weight with which place `in` counts for place `out`. */
static inline void ask_axis_map_add(axis_map *m, int64_t out, int64_t in, double weight)
{
    m->weight[out * m->n_in + in] += (ask_real)weight;
}

/* x: [N, C, H, W] -> [N, C, rows->n_out, cols->n_out]. Maps that change nothing cost
 * nothing. */
ask_tensor *ask_separable(ask_graph *g, ask_tensor *x, const axis_map *rows,
                          const axis_map *cols);

/* Whether x is a picture of at least 1 x 1 and the new sizes are positive; else the graph
 * fails. */
bool ask_check_resize(ask_graph *g, const ask_tensor *x, int64_t height, int64_t width,
                      const char *op);

#endif
