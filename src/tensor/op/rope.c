/* Rotary positions (Su et al. 2021). Sources: x, cos, sin. */
#include "tensor/op/rows_priv.h"

static bool angles_fit(const ask_tensor *x, const ask_tensor *angles)
{
    return angles->type == ASK_F32 && angles->n_dims == 3 &&
           (angles->shape[0] == 1 || angles->shape[0] == x->shape[0]) &&
           angles->shape[1] == x->shape[2] && 2 * angles->shape[2] == x->shape[3];
}

static bool rope_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0], *cos = t->src[1], *sin = t->src[2];
    bool fits = x->type == ASK_F32 && x->n_dims == 4 && angles_fit(x, cos) &&
                angles_fit(x, sin) && ask_same_shape(cos, sin);
    if (fits) return ask_infer_same(g, t);
    char text[ASK_SHAPE_TEXT], text_cos[ASK_SHAPE_TEXT], text_sin[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "rope: heads %s, cosines %s and sines %s do not fit",
                   ask_shape_text(text, x), ask_shape_text(text_cos, cos),
                   ask_shape_text(text_sin, sin));
    return false;
}

/* Turned back. */
static void rope_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                      const bool *need)
{
    if (!need[0]) return;
    ask_tensor *back = ask_scale(g, y->src[2], -1);
    dx[0] = ask_rope(g, dy, y->src[1], back, y->params.rope.kind);
}

ask_tensor *ask_rope(ask_graph *g, ask_tensor *x, ask_tensor *cos, ask_tensor *sin,
                     ask_rope_kind kind)
{
    ask_op_params params = {.rope.kind = kind};
    return ask_node_add(g, OP_ROPE, &params, 3, (ask_tensor *[]){x, cos, sin});
}

const ask_op_row ask_row_rope = {
    .name = "rope",
    .n_src = 3,
    .n_required = 3,
    .strided = 1u << 0,
    .infer = rope_infer,
    .grad = rope_grad,
};
