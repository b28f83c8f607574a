/* Products of batches of matrices. */
#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/packed_priv.h"

/* The stride of x along axis i of the result, which may stretch x or have more axes. */
static int64_t step_along(const ask_view *x, const ask_view *out, int i)
{
    int own = i - (out->n_dims - x->n_dims);
    return own < 0 || x->shape[own] == 1 ? 0 : x->stride[own];
}

bool cpu_matmul(cpu_backend *c, const ask_node *n, ask_error *err)
{
    const ask_view *a = &n->src[0], *b = &n->src[1], *out = &n->out;
    int row_a = a->n_dims - 2, row_b = b->n_dims - 2;
    cpu_gemm_batch batch = {.one = {.c = view_data(out),
                                    .c_row = b->shape[row_b + 1],
                                    .a = view_data(a),
                                    .a_row = a->stride[row_a],
                                    .a_col = a->stride[row_a + 1],
                                    .b = view_data(b),
                                    .b_row = b->stride[row_b],
                                    .b_col = b->stride[row_b + 1],
                                    .scale = 1,
                                    .m = a->shape[row_a],
                                    .n = b->shape[row_b + 1],
                                    .k = a->shape[row_a + 1]},
                            .n_dims = out->n_dims - 2};
    bool one_b = true;
    for (int i = 0; i < batch.n_dims; i++) {
        batch.shape[i] = out->shape[i];
        batch.a_step[i] = step_along(a, out, i);
        batch.b_step[i] = step_along(b, out, i);
        one_b = one_b && batch.b_step[i] == 0;
    }
    if (one_b && !cpu_packed_use(c, b, &batch.one, err)) return false;
    cpu_gemm_run(c, &batch, view_data(&n->scratch));
    return true;
}

size_t cpu_product_scratch(const cpu_backend *c, const ask_node *n)
{
    (void)n;
    return cpu_gemm_scratch_bytes(c);
}
