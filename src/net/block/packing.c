#include "net/block/packing.h"

/* Rows of x [.., C] by their numbers. */
static ask_tensor *take_rows(ask_graph *g, ask_tensor *x, ask_tensor *which)
{
    if (!x) return NULL;
    int64_t table[2] = {-1, ask_tensor_dim(x, -1)};
    return ask_embedding(g, ask_reshape(g, ask_contiguous(g, x), 2, table), which);
}

/* Zero, as [1], where at most n items are there; the run of more fails, for a table's row
 * that there is not. */
static ask_tensor *check_room(ask_graph *g, ask_tensor *is_item, int64_t n)
{
    ask_tensor *table = ask_full(g, 2, (int64_t[]){n + 1, 1}, 0);
    ask_tensor *count = ask_cast(g, ask_sum(g, is_item, 0, false), ASK_I64);
    return ask_embedding(g, table, count);
}

/* What stands where in a sequence: i64 [B, L], each row 0, 1, ... */
static ask_tensor *places_in_rows(ask_graph *g, int64_t n_rows, int64_t n_places)
{
    ask_tensor *row = ask_reshape(g, ask_range(g, n_places), 2, (int64_t[]){1, n_places});
    return ask_expand(g, row, 2, (int64_t[]){n_rows, n_places});
}

void ask_packing_of(ask_packing *out, ask_graph *g, ask_tensor *mask, int64_t n)
{
    *out = (ask_packing){0};
    if (!mask) return;
    int64_t n_rows = ask_tensor_dim(mask, 0), most = ask_tensor_dim(mask, 1),
            all = n_rows * most;
    if (n > all) n = all;
    ask_tensor *is_item =
        ask_reshape(g, ask_cast(g, ask_contiguous(g, mask), ASK_F32), 1, &all);
    out->places = ask_top_k(g, is_item, n);
    ask_tensor *items =
        ask_add(g, ask_cast(g, ask_range(g, n), ASK_F32), check_room(g, is_item, n));
    ask_tensor *rows = ask_scatter_add(g, items, out->places, 0, all); // [B L]
    out->rows = ask_reshape(g, ask_cast(g, rows, ASK_I64), 2, (int64_t[]){n_rows, most});
    ask_tensor *ranks = ask_contiguous(g, places_in_rows(g, n_rows, most));
    ranks = ask_reshape(g, ranks, 2, (int64_t[]){all, 1});
    out->ranks = ask_reshape(g, ask_embedding(g, ranks, out->places), 1, &n);
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
