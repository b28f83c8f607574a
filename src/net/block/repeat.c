#include "net/block/repeat.h"

ask_tensor *ask_repeat(ask_graph *g, ask_tensor *x, int64_t n)
{
    int64_t n_rows = x ? ask_tensor_dim(x, 0) : n;
    if (n_rows == n || n_rows < 1) return x;
    const int n_dims = ask_tensor_n_dims(x);
    int64_t one[ASK_MAX_DIMS + 1] = {n_rows, 1},
                               each[ASK_MAX_DIMS + 1] = {n_rows, n / n_rows};
    int64_t all[ASK_MAX_DIMS] = {n};
    for (int i = 1; i < n_dims; i++)
        one[i + 1] = each[i + 1] = all[i] = ask_tensor_dim(x, i);
    x = ask_expand(g, ask_reshape(g, x, n_dims + 1, one), n_dims + 1, each);
    return ask_reshape(g, ask_contiguous(g, x), n_dims, all);
}
