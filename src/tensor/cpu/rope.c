/* Rotary positions: pairs of a head's numbers turned by an angle of their place. */
#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/rows_priv.h"
#include "tensor/cpu/scalar_priv.h"

void rope__scalar(ask_real *y, const ask_real *x, int64_t step, const ask_real *cos,
                  const ask_real *sin, ask_rope_kind kind, int64_t n)
{
    bool halves = kind == ASK_ROPE_HALVES;
    for (int64_t i = 0; i < n; i++) {
        int64_t one = halves ? i : 2 * i, two = halves ? i + n : 2 * i + 1;
        double a = x[one * step], b = x[two * step];
        y[one] = (ask_real)(a * cos[i] - b * sin[i]);
        y[two] = (ask_real)(b * cos[i] + a * sin[i]);
    }
}

typedef struct {
    const cpu_kernels *kernels;
    const ask_node *node;
} rope_job;

/* Rows of [B, H, T, D]. */
static void rope_rows(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const rope_job *j = ctx;
    const ask_view *x = &j->node->src[0], *angles = &j->node->src[1];
    const ask_real *from = view_data(x), *cos = view_data(angles),
                   *sin = view_data(&j->node->src[2]);
    ask_real *to = view_data(&j->node->out);
    int64_t n_heads = x->shape[1], n_places = x->shape[2], d = x->shape[3];
    for (int64_t row = begin; row < end; row++) {
        int64_t place = row % n_places, head = row / n_places % n_heads;
        int64_t item = row / n_places / n_heads;
        int64_t at = ((angles->shape[0] > 1 ? item * n_places : 0) + place) * (d / 2);
        const ask_real *one =
            from + item * x->stride[0] + head * x->stride[1] + place * x->stride[2];
        j->kernels->rope(to + row * d, one, x->stride[3], cos + at, sin + at,
                         node_params(j->node)->rope.kind, d / 2);
    }
}

bool cpu_rope(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    rope_job j = {c->kernels, n};
    cpu_parallel_rows(c, view_rows(&n->out), rope_rows, &j);
    return true;
}
