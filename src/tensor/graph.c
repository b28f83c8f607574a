/* Building graphs: nodes, leaves, names, and the first error. */
#include "tensor/graph_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tensor/real_priv.h"

ask_graph *ask_graph_new(ask_error *err)
{
    ask_graph *g = calloc(1, sizeof *g);
    if (g) g->arena = ask_arena_new(0);
    if (!g || !g->arena) {
        ask_fail_memory(err);
        free(g);
        return NULL;
    }
    return g;
}

void ask_graph_free(ask_graph *g)
{
    if (!g) return;
    ask_plan_free(g->plan);
    ask_arena_free(g->arena);
    free(g->tensors);
    free(g->wants);
    free(g);
}

/* ---- failing ---- */

bool ask_graph_failed(const ask_graph *g)
{
    return g->failed;
}

ask_tensor *ask_graph_fail(ask_graph *g, ask_error_code code, const char *format, ...)
{
    if (g->failed) return NULL;
    char message[ASK_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    ask_fail(&g->error, code, "%s", message);
    g->failed = true;
    return NULL;
}

void *ask_graph_alloc(ask_graph *g, size_t bytes)
{
    void *p = g->failed ? NULL : ask_arena_alloc64(g->arena, bytes);
    if (!p) ask_graph_fail(g, ASK_ERR_NOMEM, "out of memory while building a graph");
    return p;
}

/* ---- adding tensors ---- */

static bool list_append(ask_graph *g, ask_tensor *t)
{
    if (g->n_tensors == g->capacity) {
        int capacity = g->capacity ? 2 * g->capacity : 256;
        ask_tensor **bigger = realloc(g->tensors, (size_t)capacity * sizeof *bigger);
        if (!bigger) {
            ask_graph_fail(g, ASK_ERR_NOMEM, "out of memory while building a graph");
            return false;
        }
        g->tensors = bigger;
        g->capacity = capacity;
    }
    t->id = g->n_tensors;
    g->tensors[g->n_tensors++] = t;
    return true;
}

static ask_tensor *tensor_alloc(ask_graph *g, ask_op op)
{
    if (g->plan)
        return ask_graph_fail(g, ASK_ERR_BUG,
                              "%s: the graph is planned and takes no more nodes",
                              ask_op_rows[op]->name);
    ask_tensor *t = ask_graph_alloc(g, sizeof *t);
    if (!t) return NULL;
    t->op = op;
    t->graph = g;
    return t;
}

static bool check_size(ask_graph *g, const ask_tensor *t)
{
    if (ask_shape_is_possible(t->n_dims, t->shape)) return true;
    char text[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "%s: a tensor of %s is impossible",
                   ask_op_rows[t->op]->name, ask_shape_text(text, t));
    return false;
}

ask_tensor *ask_leaf_add(ask_graph *g, ask_dtype type, int n_dims, const int64_t *shape)
{
    if (g->failed) return NULL;
    if (!ask_dtype_computes(type))
        return ask_graph_fail(g, ASK_ERR_UNSUPPORTED, "graphs hold no tensors of type %s",
                              ask_dtype_name(type));
    if (n_dims < 0 || n_dims > ASK_MAX_DIMS)
        return ask_graph_fail(g, ASK_ERR_SHAPE, "a tensor has 0 to %d axes, not %d",
                              ASK_MAX_DIMS, n_dims);
    ask_tensor *t = tensor_alloc(g, OP_LEAF);
    if (!t) return NULL;
    ask_set_shape(t, type, n_dims, shape);
    return check_size(g, t) && list_append(g, t) ? t : NULL;
}

static bool source_ready(const ask_op_row *row, const ask_tensor *x, int i)
{
    return !x || row->strided & 1u << i || ask_is_contiguous(x) ||
           (row->takes && row->takes(x, i));
}

/* Sources must be of this graph or of a store, and laid out as the kernels take them. */
static bool take_sources(ask_graph *g, ask_tensor *t, int n_src, ask_tensor *const *src)
{
    const ask_op_row *row = ask_op_rows[t->op];
    for (int i = 0; i < n_src; i++) {
        ask_tensor *x = src[i];
        if (!x && i < row->n_required) {
            ask_graph_fail(g, ASK_ERR_BUG, "%s: source %d is missing", row->name, i);
            return false;
        }
        if (x && x->graph && x->graph != g) {
            ask_graph_fail(g, ASK_ERR_BUG, "%s: source %d is of another graph", row->name,
                           i);
            return false;
        }
        if (x && ask_dtype_is_coded(x->type) && !(row->coded & 1u << i)) {
            ask_graph_fail(g, ASK_ERR_SHAPE, "%s: takes no matrix of type %s", row->name,
                           ask_dtype_name(x->type));
            return false;
        }
        t->src[i] = row->view || source_ready(row, x, i) ? x : ask_contiguous(g, x);
        if (x && !t->src[i]) return false;
    }
    t->n_src = n_src;
    return true;
}

static bool check_targets(ask_graph *g, const ask_tensor *t)
{
    const ask_op_row *row = ask_op_rows[t->op];
    for (int i = 0; i < t->n_src; i++) {
        if (!(row->writes & 1u << i) || !t->src[i]) continue;
        const ask_tensor *owner = ask_owner(t->src[i]);
        if (!owner->graph && !owner->home->constant) continue;
        ask_graph_fail(g, ASK_ERR_BUG,
                       "%s: source %d is written, so it must be a store tensor "
                       "that is not constant",
                       row->name, i);
        return false;
    }
    return true;
}

/* An effect's result is its first source, seen after the write. */
static void become_view_of_target(ask_tensor *t)
{
    const ask_tensor *target = t->src[0];
    t->base = ask_owner(t->src[0]);
    t->offset = target->offset;
    memcpy(t->stride, target->stride, sizeof t->stride);
}

ask_tensor *ask_node_add(ask_graph *g, ask_op op, const ask_op_params *params, int n_src,
                         ask_tensor *const *src)
{
    const ask_op_row *row = ask_op_rows[op];
    if (g->failed) return NULL;
    ask_tensor *t = tensor_alloc(g, op);
    if (!t) return NULL;
    if (params) t->params = *params;
    if (!take_sources(g, t, n_src, src) || !row->infer(g, t)) return NULL;
    if (!check_size(g, t) || !check_targets(g, t)) return NULL;
    if (row->writes) become_view_of_target(t);
    return list_append(g, t) ? t : NULL;
}

ask_tensor *ask_input(ask_graph *g, ask_dtype type, int n_dims, const int64_t *shape)
{
    return ask_leaf_add(g, type, n_dims, shape);
}

ask_tensor *ask_constant(ask_graph *g, ask_dtype type, int n_dims, const int64_t *shape,
                         const void *data)
{
    ask_tensor *t = ask_leaf_add(g, type, n_dims, shape);
    if (!t) return NULL;
    size_t bytes = ask_tensor_bytes(t);
    void *copy = ask_graph_alloc(g, bytes ? bytes : 1);
    if (!copy) return NULL;
    if (bytes) memcpy(copy, data, bytes);
    t->data = copy;
    return t;
}

ask_tensor *ask_full(ask_graph *g, int n_dims, const int64_t *shape, double value)
{
    ask_real stored = (ask_real)value;
    return ask_expand(g, ask_constant(g, ASK_F32, 0, NULL, &stored), n_dims, shape);
}

ask_tensor *ask_range(ask_graph *g, int64_t n)
{
    if (!ask_shape_is_possible(1, &n))
        return ask_graph_fail(g, ASK_ERR_SHAPE,
                              "range: there is no tensor of %lld elements", (long long)n);
    int64_t *values = ask_graph_alloc(g, (size_t)n * sizeof *values + 1);
    for (int64_t i = 0; values && i < n; i++) values[i] = i;
    return values ? ask_constant(g, ASK_I64, 1, &n, values) : NULL;
}

/* ---- traces ---- */

void ask_graph_want(ask_graph *g, const char *pattern)
{
    void *bigger = realloc(g->wants, (size_t)(g->n_wants + 1) * sizeof *g->wants);
    char *copy = ask_arena_strdup(g->arena, pattern);
    if (bigger) g->wants = bigger;
    if (!bigger || !copy) {
        ask_graph_fail(g, ASK_ERR_NOMEM, "out of memory while building a graph");
        return;
    }
    g->wants[g->n_wants].pattern = copy;
    g->wants[g->n_wants++].met = false;
}

bool ask_graph_wants(const ask_graph *g, const char *name)
{
    for (int i = 0; i < g->n_wants; i++)
        if (ask_glob_match(g->wants[i].pattern, name)) return true;
    return false;
}

const char *ask_graph_unmet_wish(const ask_graph *g)
{
    for (int i = 0; i < g->n_wants; i++)
        if (!g->wants[i].met) return g->wants[i].pattern;
    return NULL;
}

ask_tensor *ask_name(ask_graph *g, ask_tensor *t, const char *format, ...)
{
    if (!t) return NULL;
    va_list args;
    va_start(args, format);
    char name[256];
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    if (t->graph != g || t->name) t = ask_reshape(g, t, t->n_dims, t->shape);
    if (!t) return NULL;
    t->name = ask_arena_strdup(g->arena, name);
    if (!t->name)
        return ask_graph_fail(g, ASK_ERR_NOMEM, "out of memory while building a graph");
    for (int i = 0; i < g->n_wants; i++) {
        if (!ask_glob_match(g->wants[i].pattern, name)) continue;
        g->wants[i].met = true;
        ask_keep(g, t);
    }
    return t;
}

ask_tensor *ask_keep(ask_graph *g, ask_tensor *t)
{
    if (!t || t->graph != g) return t; // what is in a store stays anyway
    t->kept = true;
    if (ask_owner(t)->graph) ask_owner(t)->kept = true;
    return t;
}

ask_tensor *ask_graph_find(const ask_graph *g, const char *name)
{
    for (int i = g->n_tensors - 1; i >= 0; i--)
        if (g->tensors[i]->name && strcmp(g->tensors[i]->name, name) == 0)
            return g->tensors[i];
    return NULL;
}

ask_tensor *ask_graph_next_trace(const ask_graph *g, int *i)
{
    while (*i < g->n_tensors) {
        ask_tensor *t = g->tensors[(*i)++];
        if (t->name && t->kept) return t;
    }
    return NULL;
}

int ask_graph_n_ops(const ask_graph *g)
{
    int n = 0;
    for (int i = 0; i < g->n_tensors; i++)
        n += g->tensors[i]->op != OP_LEAF && !ask_op_rows[g->tensors[i]->op]->view;
    return n;
}

/* ---- what a tensor is ---- */

ask_dtype ask_tensor_type(const ask_tensor *t)
{
    return t->type;
}

int ask_tensor_n_dims(const ask_tensor *t)
{
    return t ? t->n_dims : 0;
}

int64_t ask_tensor_dim(const ask_tensor *t, int i)
{
    if (!t) return 0;
    return t->shape[i < 0 ? i + t->n_dims : i];
}

int64_t ask_tensor_count(const ask_tensor *t)
{
    int64_t n = t ? 1 : 0;
    for (int i = 0; i < ask_tensor_n_dims(t); i++) n *= t->shape[i];
    return n;
}

size_t ask_tensor_bytes(const ask_tensor *t)
{
    size_t bytes = 0; // of a shape that was found to be possible
    ask_dtype_bytes_of(&bytes, t->type, t->n_dims, t->shape);
    return bytes;
}

const char *ask_tensor_name(const ask_tensor *t)
{
    return t->name ? t->name : "";
}
