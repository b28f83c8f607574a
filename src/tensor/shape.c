/* Shapes: messages, broadcasting, strides. */
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "tensor/op_priv.h"

const char *ask_dims_text(char text[ASK_SHAPE_TEXT], int n_dims, const int64_t *shape)
{
    int used = snprintf(text, ASK_SHAPE_TEXT, "[");
    for (int i = 0; i < n_dims; i++)
        used += snprintf(text + used, ASK_SHAPE_TEXT - (size_t)used, "%s%lld",
                         i ? ", " : "", (long long)shape[i]);
    snprintf(text + used, ASK_SHAPE_TEXT - (size_t)used, "]");
    return text;
}

const char *ask_shape_text(char text[ASK_SHAPE_TEXT], const ask_tensor *t)
{
    return ask_dims_text(text, t->n_dims, t->shape);
}

bool ask_same_shape(const ask_tensor *a, const ask_tensor *b)
{
    return a->n_dims == b->n_dims &&
           memcmp(a->shape, b->shape, (size_t)a->n_dims * sizeof a->shape[0]) == 0;
}

bool ask_is_contiguous(const ask_tensor *t)
{
    int64_t expected = 1;
    for (int i = t->n_dims - 1; i >= 0; i--) {
        if (t->shape[i] == 0) return true;
        if (t->shape[i] != 1 && t->stride[i] != expected) return false;
        expected *= t->shape[i];
    }
    return true;
}

bool ask_shape_is_possible(int n_dims, const int64_t *shape)
{
    int64_t count = 1;
    for (int i = 0; i < n_dims; i++)
        if (shape[i] < 0 || !ask_mul_i64(&count, count, shape[i] ? shape[i] : 1))
            return false;
    return count <= INT64_MAX / 16; // the widest element has 8 bytes
}

void ask_set_shape(ask_tensor *t, ask_dtype type, int n_dims, const int64_t *shape)
{
    t->type = type;
    t->n_dims = n_dims;
    uint64_t stride = 1; // wraps for an impossible shape, which is refused afterwards
    for (int i = n_dims - 1; i >= 0; i--) {
        t->shape[i] = shape[i];
        t->stride[i] = (int64_t)stride;
        stride *= shape[i] ? (uint64_t)shape[i] : 1;
    }
}

int ask_axis(ask_graph *g, const ask_tensor *x, int axis, const char *op)
{
    if (!x) return -1;
    int resolved = axis < 0 ? axis + x->n_dims : axis;
    if (resolved >= 0 && resolved < x->n_dims) return resolved;
    char text[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "%s: %s has no axis %d", op, ask_shape_text(text, x),
                   axis);
    return -1;
}

bool ask_broadcast(int *n_dims, int64_t shape[ASK_MAX_DIMS], const ask_tensor *a,
                   const ask_tensor *b)
{
    int n = a->n_dims > b->n_dims ? a->n_dims : b->n_dims;
    for (int i = 0; i < n; i++) {
        int ia = a->n_dims - n + i, ib = b->n_dims - n + i;
        int64_t sa = ia < 0 ? 1 : a->shape[ia];
        int64_t sb = ib < 0 ? 1 : b->shape[ib];
        if (sa != sb && sa != 1 && sb != 1) return false;
        shape[i] = sa == 1 ? sb : sa;
    }
    *n_dims = n;
    return true;
}

bool ask_infer_same(ask_graph *g, ask_tensor *t)
{
    (void)g;
    ask_set_shape(t, t->src[0]->type, t->src[0]->n_dims, t->src[0]->shape);
    return true;
}
