/* Optimiser steps and gradient clipping.
 * Sources of Adam: p, m, v, grad, lr, step.  Of SGD: p, grad, lr, velocity?. */
#include "tensor/op/rows_priv.h"

static bool is_scalar(const ask_tensor *t, ask_dtype type)
{
    return t->type == type && ask_tensor_count(t) == 1;
}

static bool fail_step(ask_graph *g, const ask_tensor *t, const char *what,
                      const ask_tensor *x)
{
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "%s: %s of %s %s does not fit parameters of %s",
                   ask_op_rows[t->op]->name, what, ask_dtype_name(x->type),
                   ask_shape_text(text, x), ask_shape_text(other, t->src[0]));
    return false;
}

/* Optimiser state is like the parameters. */
static bool check_state(ask_graph *g, const ask_tensor *t, const char *what,
                        ask_tensor *state)
{
    if (state->type != ASK_F32 || !ask_same_shape(state, t->src[0]))
        return fail_step(g, t, what, state);
    return true;
}

static bool check_gradient(ask_graph *g, const ask_tensor *t, const ask_tensor *grad,
                           const ask_tensor *lr)
{
    const ask_tensor *p = t->src[0];
    if (p->type != ASK_F32) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "%s: parameters must be f32, not %s",
                       ask_op_rows[t->op]->name, ask_dtype_name(p->type));
        return false;
    }
    if (grad->type != ASK_F32 || !ask_same_shape(grad, p))
        return fail_step(g, t, "a gradient", grad);
    return is_scalar(lr, ASK_F32) || fail_step(g, t, "a learning rate", lr);
}

static bool adam_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *step = t->src[5];
    if (!check_gradient(g, t, t->src[3], t->src[4])) return false;
    if (!check_state(g, t, "the first moment", t->src[1]) ||
        !check_state(g, t, "the second moment", t->src[2]))
        return false;
    if (!is_scalar(step, ASK_I64)) return fail_step(g, t, "a step", step);
    return ask_infer_same(g, t);
}

static bool sgd_infer(ask_graph *g, ask_tensor *t)
{
    if (!check_gradient(g, t, t->src[1], t->src[2])) return false;
    if (t->src[3] && !check_state(g, t, "the velocity", t->src[3])) return false;
    return ask_infer_same(g, t);
}

ask_tensor *ask_adam_step(ask_graph *g, ask_tensor *p, ask_tensor *m, ask_tensor *v,
                          ask_tensor *grad, ask_tensor *lr, ask_tensor *step,
                          const ask_adam_options *opt)
{
    const ask_op_params params = {.adam = *opt};
    return ask_node_add(g, OP_ADAM, &params, 6, (ask_tensor *[]){p, m, v, grad, lr, step});
}

ask_tensor *ask_sgd_step(ask_graph *g, ask_tensor *p, ask_tensor *velocity,
                         ask_tensor *grad, ask_tensor *lr, const ask_sgd_options *opt)
{
    if (opt->momentum != 0 && !velocity)
        return ask_graph_fail(g, ASK_ERR_USAGE,
                              "sgd: a momentum of %g needs a velocity tensor",
                              opt->momentum);
    const ask_op_params params = {.sgd = *opt};
    return ask_node_add(g, OP_SGD, &params, 4, (ask_tensor *[]){p, grad, lr, velocity});
}

const ask_op_row ask_row_adam = {.name = "adam",
                                 .n_src = 6,
                                 .n_required = 6,
                                 .writes = 1u << 0 | 1u << 1 | 1u << 2,
                                 .infer = adam_infer};

const ask_op_row ask_row_sgd = {.name = "sgd",
                                .n_src = 4,
                                .n_required = 3,
                                .writes = 1u << 0 | 1u << 3,
                                .infer = sgd_infer};

/* The factor is min(1, max_norm / (norm + 1e-6)), as in PyTorch's clip_grad_norm_. */
void ask_clip_gradients(ask_graph *g, ask_tensor **grad, int n, double max_norm,
                        ask_tensor **norm)
{
    ask_tensor *square = ask_full(g, 0, NULL, 0);
    for (int i = 0; i < n; i++)
        square = ask_add(g, square, ask_sum(g, ask_mul(g, grad[i], grad[i]), 0, false));
    ask_tensor *length = ask_sqrt(g, square);
    ask_tensor *limit = ask_full(g, 0, NULL, max_norm);
    ask_tensor *factor = ask_minimum(g, ask_div(g, limit, ask_affine(g, length, 1, 1e-6)),
                                     ask_full(g, 0, NULL, 1));
    for (int i = 0; i < n; i++) grad[i] = ask_mul(g, grad[i], factor);
    if (norm) *norm = length;
}
