#include "tensor/op/separable_priv.h"

#include "base/checked.h"

axis_map ask_axis_map(ask_graph *g, int64_t n_in, int64_t n_out)
{
    axis_map m = {.n_in = n_in, .n_out = n_out};
    int64_t count;
    if (!ask_mul_i64(&count, n_in, n_out) || count > INT32_MAX) {
        ask_graph_fail(g, ASK_ERR_LIMIT, "resizing %lld to %lld places is too large",
                       (long long)n_in, (long long)n_out);
        return m;
    }
    m.weight = ask_graph_alloc(g, (size_t)count * sizeof *m.weight); // zeros
    return m;
}

static bool changes_nothing(const axis_map *m)
{
    if (m->n_in != m->n_out) return false;
    for (int64_t i = 0; i < m->n_out; i++)
        for (int64_t k = 0; k < m->n_in; k++)
            if (m->weight[i * m->n_in + k] != (i == k)) return false;
    return true;
}

static ask_tensor *matrix_of(ask_graph *g, const axis_map *m)
{
    return ask_constant(g, ASK_F32, 2, (int64_t[]){m->n_out, m->n_in}, m->weight);
}

static ask_tensor *map_rows(ask_graph *g, ask_tensor *x, const axis_map *m)
{
    return changes_nothing(m) ? x : ask_matmul(g, matrix_of(g, m), x);
}

static ask_tensor *map_cols(ask_graph *g, ask_tensor *x, const axis_map *m)
{
    return changes_nothing(m) ? x : ask_linear(g, x, matrix_of(g, m), NULL);
}

ask_tensor *ask_separable(ask_graph *g, ask_tensor *x, const axis_map *rows,
                          const axis_map *cols)
{
    if (!x || !rows->weight || !cols->weight) return NULL;
    double rows_first =
        (double)rows->n_out * (double)cols->n_in * (double)(rows->n_in + cols->n_out);
    double cols_first =
        (double)rows->n_in * (double)cols->n_out * (double)(cols->n_in + rows->n_out);
    if (rows_first < cols_first) return map_cols(g, map_rows(g, x, rows), cols);
    return map_rows(g, map_cols(g, x, cols), rows);
}

bool ask_check_resize(ask_graph *g, const ask_tensor *x, int64_t height, int64_t width,
                      const char *op)
{
    char text[ASK_SHAPE_TEXT];
    if (x->type != ASK_F32 || x->n_dims != 4 || x->shape[2] < 1 || x->shape[3] < 1) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "%s: needs pictures, f32 [N, C, H, W], not %s %s",
                       op, ask_dtype_name(x->type), ask_shape_text(text, x));
        return false;
    }
    if (height > 0 && width > 0) return true;
    ask_graph_fail(g, ASK_ERR_SHAPE, "%s: a size of %lld x %lld is impossible", op,
                   (long long)height, (long long)width);
    return false;
}
