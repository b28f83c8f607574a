/* Elementwise ops. Two and three sources broadcast. */
#include "tensor/op/rows_priv.h"

/* ---- two sources ---- */

/* The types that arithmetic and comparisons take. */
static bool is_number(ask_dtype type)
{
    return type == ASK_F32 || type == ASK_I64;
}

/* Shape of a op b; the result's type is the caller's. */
static bool infer_pair(ask_graph *g, ask_tensor *t, const char *name, ask_dtype type)
{
    const ask_tensor *a = t->src[0], *b = t->src[1];
    if (a->type != b->type || !is_number(a->type)) {
        ask_graph_fail(g, ASK_ERR_SHAPE,
                       "%s: takes two of f32 or two of i64, not %s and %s", name,
                       ask_dtype_name(a->type), ask_dtype_name(b->type));
        return false;
    }
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    if (!ask_broadcast(&n_dims, shape, a, b)) {
        char text_a[ASK_SHAPE_TEXT], text_b[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "%s: %s and %s do not broadcast", name,
                       ask_shape_text(text_a, a), ask_shape_text(text_b, b));
        return false;
    }
    ask_set_shape(t, type, n_dims, shape);
    return true;
}

static const char *const binary_names[] = {
    [BINARY_ADD] = "add", [BINARY_SUB] = "sub",     [BINARY_MUL] = "mul",
    [BINARY_DIV] = "div", [BINARY_MAX] = "maximum", [BINARY_MIN] = "minimum",
};

static bool infer_binary(ask_graph *g, ask_tensor *t)
{
    binary_kind kind = t->params.binary.kind;
    ask_dtype type = t->src[0]->type;
    if (kind == BINARY_DIV && type == ASK_I64) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "div: takes f32, not i64: cast first");
        return false;
    }
    return infer_pair(g, t, binary_names[kind], type);
}

/* The gradient of the source that is chosen unless low < high: all of dy where it is
 * chosen, half where both are equal (as PyTorch), nothing elsewhere. */
static ask_tensor *winner_grad(ask_graph *g, ask_tensor *dy, ask_tensor *low,
                               ask_tensor *high)
{
    ask_tensor *zero = ask_full(g, 0, NULL, 0);
    ask_tensor *shared = ask_where(g, ask_equal(g, low, high), ask_scale(g, dy, 0.5), dy);
    return ask_where(g, ask_less(g, low, high), zero, shared);
}

static ask_tensor *first_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy)
{
    ask_tensor *a = y->src[0], *b = y->src[1];
    switch (y->params.binary.kind) {
    case BINARY_ADD:
    case BINARY_SUB:
        return dy;
    case BINARY_MUL:
        return ask_mul(g, dy, b);
    case BINARY_DIV:
        return ask_div(g, dy, b);
    case BINARY_MAX:
        return winner_grad(g, dy, a, b);
    case BINARY_MIN:
        return winner_grad(g, dy, b, a);
    }
    return NULL;
}

static ask_tensor *second_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy)
{
    ask_tensor *a = y->src[0], *b = y->src[1];
    switch (y->params.binary.kind) {
    case BINARY_ADD:
        return dy;
    case BINARY_SUB:
        return ask_scale(g, ask_sum_to(g, dy, b), -1);
    case BINARY_MUL:
        return ask_mul(g, dy, a);
    case BINARY_DIV: // y = a / b
        return ask_scale(g, ask_div(g, ask_mul(g, dy, y), b), -1);
    case BINARY_MAX:
        return winner_grad(g, dy, b, a);
    case BINARY_MIN:
        return winner_grad(g, dy, a, b);
    }
    return NULL;
}

static void binary_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    if (need[0]) dx[0] = ask_sum_to(g, first_grad(g, y, dy), y->src[0]);
    if (need[1]) dx[1] = ask_sum_to(g, second_grad(g, y, dy), y->src[1]);
}

const ask_op_row ask_row_binary = {.name = "binary",
                                   .n_src = 2,
                                   .n_required = 2,
                                   .strided = 1u << 0 | 1u << 1,
                                   .infer = infer_binary,
                                   .grad = binary_grad};

static ask_tensor *binary(ask_graph *g, binary_kind kind, ask_tensor *a, ask_tensor *b)
{
    ask_op_params p = {.binary.kind = kind};
    ask_tensor *src[] = {a, b};
    return ask_node_add(g, OP_BINARY, &p, 2, src);
}

ask_tensor *ask_add(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return binary(g, BINARY_ADD, a, b);
}

ask_tensor *ask_sub(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return binary(g, BINARY_SUB, a, b);
}

ask_tensor *ask_mul(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return binary(g, BINARY_MUL, a, b);
}

ask_tensor *ask_div(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return binary(g, BINARY_DIV, a, b);
}

ask_tensor *ask_maximum(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return binary(g, BINARY_MAX, a, b);
}

ask_tensor *ask_minimum(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return binary(g, BINARY_MIN, a, b);
}

/* ---- comparisons ---- */

static bool infer_compare(ask_graph *g, ask_tensor *t)
{
    return infer_pair(g, t, t->params.compare.kind == COMPARE_LESS ? "less" : "equal",
                      ASK_BOOL);
}

const ask_op_row ask_row_compare = {.name = "compare",
                                    .n_src = 2,
                                    .n_required = 2,
                                    .strided = 1u << 0 | 1u << 1,
                                    .infer = infer_compare};

static ask_tensor *compare(ask_graph *g, compare_kind kind, ask_tensor *a, ask_tensor *b)
{
    ask_op_params p = {.compare.kind = kind};
    ask_tensor *src[] = {a, b};
    return ask_node_add(g, OP_COMPARE, &p, 2, src);
}

ask_tensor *ask_less(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return compare(g, COMPARE_LESS, a, b);
}

ask_tensor *ask_equal(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return compare(g, COMPARE_EQUAL, a, b);
}

/* ---- choosing ---- */

static bool infer_where(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *condition = t->src[0], *a = t->src[1], *b = t->src[2];
    if (condition->type != ASK_BOOL || a->type != b->type) {
        ask_graph_fail(g, ASK_ERR_SHAPE,
                       "where: takes a bool and two of one type, not %s, %s and %s",
                       ask_dtype_name(condition->type), ask_dtype_name(a->type),
                       ask_dtype_name(b->type));
        return false;
    }
    ask_tensor both;
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    if (ask_broadcast(&n_dims, shape, a, b)) {
        ask_set_shape(&both, a->type, n_dims, shape);
        if (ask_broadcast(&n_dims, shape, condition, &both)) {
            ask_set_shape(t, a->type, n_dims, shape);
            return true;
        }
    }
    char text_c[ASK_SHAPE_TEXT], text_a[ASK_SHAPE_TEXT], text_b[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "where: %s, %s and %s do not broadcast",
                   ask_shape_text(text_c, condition), ask_shape_text(text_a, a),
                   ask_shape_text(text_b, b));
    return false;
}

static void where_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                       const bool *need)
{
    ask_tensor *condition = y->src[0], *zero = ask_full(g, 0, NULL, 0);
    if (need[1]) dx[1] = ask_sum_to(g, ask_where(g, condition, dy, zero), y->src[1]);
    if (need[2]) dx[2] = ask_sum_to(g, ask_where(g, condition, zero, dy), y->src[2]);
}

const ask_op_row ask_row_where = {.name = "where",
                                  .n_src = 3,
                                  .n_required = 3,
                                  .strided = 1u << 0 | 1u << 1 | 1u << 2,
                                  .infer = infer_where,
                                  .grad = where_grad};

ask_tensor *ask_where(ask_graph *g, ask_tensor *condition, ask_tensor *a, ask_tensor *b)
{
    ask_tensor *src[] = {condition, a, b};
    return ask_node_add(g, OP_WHERE, NULL, 3, src);
}

/* ---- functions of one number ---- */

static const char *const unary_names[] = {
    [UNARY_AFFINE] = "affine",
    [UNARY_EXP] = "exp",
    [UNARY_LOG] = "log",
    [UNARY_SQRT] = "sqrt",
    [UNARY_POW] = "pow",
    [UNARY_RELU] = "relu",
    [UNARY_SIGMOID] = "sigmoid",
    [UNARY_SILU] = "silu",
    [UNARY_TANH] = "tanh",
    [UNARY_SIN] = "sin",
    [UNARY_COS] = "cos",
    [UNARY_GELU_EXACT] = "gelu",
    [UNARY_GELU_TANH] = "gelu_tanh",
    [UNARY_GELU_QUICK] = "gelu_quick",
};

static bool infer_unary(ask_graph *g, ask_tensor *t)
{
    if (t->src[0]->type != ASK_F32) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "%s: takes f32, not %s",
                       unary_names[t->params.unary.kind], ask_dtype_name(t->src[0]->type));
        return false;
    }
    return ask_infer_same(g, t);
}

static void unary_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                       const bool *need)
{
    if (!need[0]) return;
    ask_tensor *src[] = {y->src[0], dy};
    switch (y->params.unary.kind) {
    case UNARY_AFFINE:
        dx[0] = ask_scale(g, dy, y->params.unary.a);
        break;
    case UNARY_EXP: // its own slope
        dx[0] = ask_mul(g, dy, y);
        break;
    default:
        dx[0] = ask_node_add(g, OP_UNARY_GRAD, &y->params, 2, src);
    }
}

const ask_op_row ask_row_unary = {.name = "unary",
                                  .n_src = 1,
                                  .n_required = 1,
                                  .strided = 1,
                                  .infer = infer_unary,
                                  .grad = unary_grad};

/* x, dy -> dy times the slope at x. */
const ask_op_row ask_row_unary_grad = {.name = "unary_grad",
                                       .n_src = 2,
                                       .n_required = 2,
                                       .strided = 1u << 0 | 1u << 1,
                                       .infer = ask_infer_same};

static ask_tensor *unary(ask_graph *g, unary_kind kind, ask_tensor *x, double a, double b)
{
    ask_op_params p = {.unary = {.kind = kind, .a = a, .b = b}};
    return ask_node_add(g, OP_UNARY, &p, 1, &x);
}

ask_tensor *ask_affine(ask_graph *g, ask_tensor *x, double factor, double offset)
{
    return unary(g, UNARY_AFFINE, x, factor, offset);
}

ask_tensor *ask_scale(ask_graph *g, ask_tensor *x, double factor)
{
    return unary(g, UNARY_AFFINE, x, factor, 0);
}

ask_tensor *ask_exp(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_EXP, x, 0, 0);
}

ask_tensor *ask_log(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_LOG, x, 0, 0);
}

ask_tensor *ask_sqrt(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_SQRT, x, 0, 0);
}

ask_tensor *ask_pow(ask_graph *g, ask_tensor *x, double exponent)
{
    return unary(g, UNARY_POW, x, exponent, 0);
}

ask_tensor *ask_relu(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_RELU, x, 0, 0);
}

ask_tensor *ask_sigmoid(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_SIGMOID, x, 0, 0);
}

ask_tensor *ask_silu(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_SILU, x, 0, 0);
}

ask_tensor *ask_tanh(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_TANH, x, 0, 0);
}

ask_tensor *ask_sin(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_SIN, x, 0, 0);
}

ask_tensor *ask_cos(ask_graph *g, ask_tensor *x)
{
    return unary(g, UNARY_COS, x, 0, 0);
}

ask_tensor *ask_gelu(ask_graph *g, ask_tensor *x, ask_gelu_kind kind)
{
    static const unary_kind kinds[] = {
        [ASK_GELU_EXACT] = UNARY_GELU_EXACT,
        [ASK_GELU_TANH] = UNARY_GELU_TANH,
        [ASK_GELU_QUICK] = UNARY_GELU_QUICK,
    };
    return unary(g, kinds[kind], x, 0, 0);
}
