/* Assignment of least cost. Sources: cost, counts. */
#include "tensor/op/rows_priv.h"

static bool match_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *cost = t->src[0], *counts = t->src[1];
    if (cost->type == ASK_F32 && cost->n_dims == 3 && cost->shape[1] >= cost->shape[2] &&
        counts->type == ASK_I64 && counts->n_dims == 1 &&
        counts->shape[0] == cost->shape[0]) {
        ask_set_shape(t, ASK_I64, 2, (int64_t[]){cost->shape[0], cost->shape[2]});
        return true;
    }
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    ask_graph_fail(
        g, ASK_ERR_SHAPE,
        "match: needs f32 [B, N, M] with N of M or more and i64 [B], not %s %s and %s %s",
        ask_dtype_name(cost->type), ask_shape_text(text, cost),
        ask_dtype_name(counts->type), ask_shape_text(other, counts));
    return false;
}

const ask_op_row ask_row_match = {
    .name = "match", .n_src = 2, .n_required = 2, .infer = match_infer};

ask_tensor *ask_match_rows(ask_graph *g, ask_tensor *cost, ask_tensor *counts)
{
    return ask_node_add(g, OP_MATCH, NULL, 2, (ask_tensor *[]){cost, counts});
}
