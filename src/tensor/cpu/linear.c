/* Linear layers: one matrix product, with the weights packed once where they are constant.
 */
#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/packed_priv.h"
#include "tensor/cpu/quant_priv.h"

size_t cpu_linear_scratch(const cpu_backend *c, const ask_node *n)
{
    return ask_dtype_is_coded(n->src[1].type) ? cpu_quant_scratch(c, n)
                                              : cpu_product_scratch(c, n);
}

/* y = x w^T + b over the rows of x. */
bool cpu_linear(cpu_backend *c, const ask_node *n, ask_error *err)
{
    const ask_view *x = &n->src[0], *w = &n->src[1];
    if (ask_dtype_is_coded(w->type)) return cpu_quant_linear(c, n, err);
    int64_t n_out = w->shape[0], n_in = w->shape[1], n_rows = 1;
    for (int i = 0; i < x->n_dims - 1; i++) n_rows *= x->shape[i];
    cpu_gemm_batch batch = {.one = {.c = view_data(&n->out),
                                    .c_row = n_out,
                                    .a = view_data(x),
                                    .a_row = n_in,
                                    .a_col = 1,
                                    .b = view_data(w),
                                    .b_row = 1,
                                    .b_col = n_in,
                                    .bias = view_data(&n->src[2]),
                                    .scale = 1,
                                    .m = n_rows,
                                    .n = n_out,
                                    .k = n_in}};
    if (!cpu_packed_use(c, w, &batch.one, err)) return false;
    cpu_gemm_run(c, &batch, view_data(&n->scratch));
    return true;
}
