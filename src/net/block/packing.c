#include "net/block/packing.h"

/* Rows of x [.., C] by their numbers. */
static ask_tensor *take_rows(ask_graph *g, ask_tensor *x, ask_tensor *which)
{
    if (!x) return NULL;
    int64_t table[2] = {-1, ask_tensor_dim(x, -1)};
    return ask_embedding(g, ask_reshape(g, ask_contiguous(g, x), 2, table), which);
}

ask_tensor *ask_unpack(ask_graph *g, ask_tensor *x, const ask_packing *p)
{
    return p ? take_rows(g, x, p->rows) : x;
}

ask_tensor *ask_pack(ask_graph *g, ask_tensor *x, const ask_packing *p)
{
    if (!p || !x) return x;
    int64_t shape[3] = {1, ask_tensor_dim(p->places, 0), ask_tensor_dim(x, 2)};
    return ask_reshape(g, take_rows(g, x, p->places), 3, shape);
}
