/* Writes into store tensors: bytes, whatever their type. A source may be a piece of the
 * target. */
#include <string.h>

#include "tensor/cpu/adaptors_priv.h"

bool cpu_assign(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)c;
    (void)err;
    size_t bytes = (size_t)view_count(&n->out) * ask_dtype_bytes(n->out.type);
    if (bytes) memmove(view_data(&n->out), view_data(&n->src[1]), bytes);
    return true;
}

bool cpu_write_rows(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)c;
    const ask_view *dst = &n->out, *x = &n->src[1];
    int rows = x->n_dims - 2;
    int64_t n_new = x->shape[rows], n_rows = dst->shape[rows];
    int64_t at = *(const int64_t *)view_data(&n->src[2]);
    if (at < 0 || at > n_rows - n_new)
        return ask_fail(err, ASK_ERR_SHAPE,
                        "write_rows: %lld rows from row %lld on do not fit into %lld",
                        (long long)n_new, (long long)at, (long long)n_rows);

    size_t row_bytes = (size_t)x->shape[rows + 1] * ask_dtype_bytes(x->type);
    size_t from_bytes = (size_t)n_new * row_bytes, to_bytes = (size_t)n_rows * row_bytes;
    if (!from_bytes) return true;
    int64_t n_blocks = view_count(x) / (n_new * x->shape[rows + 1]);
    const char *from = view_data(x);
    char *to = (char *)view_data(dst) + (size_t)at * row_bytes;
    for (int64_t i = 0; i < n_blocks; i++, from += from_bytes, to += to_bytes)
        memmove(to, from, from_bytes);
    return true;
}
