/* tensor/op_priv.h - what an op is, for those who write one.
 *
 * An op is a row: its name, its sources, its shape rule and its gradient, which is made of
 * ops. Its kernels are one adaptor per backend (cpu/adaptors_priv.h). Rows stand in
 * op/<stem>.c; op/table.c lists them. */
#ifndef ASK_TENSOR_OP_PRIV_H
#define ASK_TENSOR_OP_PRIV_H

#include "tensor/graph.h"
#include "tensor/ops.h"
#include "tensor/shape.h"

typedef enum {
    OP_LEAF = 0, // input, constant or store tensor: nothing to run
    // views: nothing to run either
    OP_RESHAPE,
    OP_PERMUTE,
    OP_SLICE,
    OP_EXPAND,
    OP_STOP,
    // elementwise
    OP_COPY, // any strides to row-major; also between types (cast)
    OP_BINARY,
    OP_COMPARE,
    OP_WHERE,
    OP_UNARY,
    OP_UNARY_GRAD,
    // shape
    OP_CONCAT,
    OP_PAD,
    // reductions
    OP_SUM,
    OP_ARGMAX,
    OP_TOP_K,
    // indexing
    OP_EMBEDDING,
    OP_EMBEDDING_GRAD,
    OP_GATHER,
    OP_SCATTER_ADD,
    OP_MATCH,
    // products
    OP_MATMUL,
    OP_LINEAR,
    OP_CONV,
    OP_CONV_GRAD_X,
    OP_CONV_GRAD_W,
    OP_ATTENTION,
    OP_ROPE,
    // normalisation
    OP_LAYER_NORM,
    OP_LAYER_NORM_GRAD,
    OP_RMS_NORM,
    OP_RMS_NORM_GRAD,
    OP_CHANNEL_MOMENTS,
    OP_BATCH_NORM, // with the moments of its own source
    OP_BATCH_NORM_SUMS,
    OP_BATCH_NORM_GRAD,
    OP_SOFTMAX,
    OP_SOFTMAX_GRAD,
    OP_LOG_SOFTMAX,
    OP_LOG_SOFTMAX_GRAD,
    // pictures
    OP_POOL,
    OP_POOL_GRAD,
    // training
    OP_DROPOUT, // keep-mask times x; its own gradient
    OP_ASSIGN,
    OP_WRITE_ROWS,
    OP_ADAM,
    OP_SGD,
    N_OPS,
} ask_op;

typedef enum {
    BINARY_ADD,
    BINARY_SUB,
    BINARY_MUL,
    BINARY_DIV,
    BINARY_MAX,
    BINARY_MIN
} binary_kind;
typedef enum { COMPARE_LESS, COMPARE_EQUAL } compare_kind;
typedef enum {
    UNARY_AFFINE,
    UNARY_EXP,
    UNARY_LOG,
    UNARY_SQRT,
    UNARY_POW,
    UNARY_RELU,
    UNARY_SIGMOID,
    UNARY_SILU,
    UNARY_TANH,
    UNARY_SIN,
    UNARY_COS,
    UNARY_GELU_EXACT,
    UNARY_GELU_TANH,
    UNARY_GELU_QUICK,
} unary_kind;

/* What a node knows beside its sources. One member per family of ops. */
typedef union {
    struct {
        binary_kind kind;
    } binary;
    struct {
        compare_kind kind;
    } compare;
    struct {
        unary_kind kind;
        double a, b; // affine: a x + b; pow: x^a
    } unary;
    struct {
        int n_dims;
        int64_t shape[ASK_MAX_DIMS];
    } shape; // reshape, expand
    struct {
        int order[ASK_MAX_DIMS];
    } permute;
    struct {
        int axis;
        int64_t begin, end;
    } slice;
    struct {
        int axis;
        int64_t before, after;
        double value;
    } pad;
    struct {
        ask_dtype type;
    } copy;
    struct {
        unsigned axes; // never 0
        bool keep_dims;
    } reduce;
    struct {
        int axis;
        int64_t n; // scatter_add: size of the axis; embedding_grad: rows of the table
    } index;
    struct {
        int64_t k;
    } top_k;
    struct {
        ask_conv_options opt;           // complete: no zeros left
        int n_axes;                     // 1 to 3, behind N and C
        int64_t x_shape[5], w_shape[5]; // of the forward convolution
    } conv;
    struct {
        double scale;
        bool causal;
        int64_t window; // 0: none
    } attention;        // src: q, k, v, mask?, n_valid?
    struct {
        ask_rope_kind kind;
    } rope;
    struct {
        double eps;
    } norm;
    struct {
        ask_pool_options opt; // complete
        int n_axes;           // 2 or 3, behind N and C
        bool max;
    } pool;
    struct {
        double p;
        uint64_t seed;
    } dropout;
    ask_adam_options adam;
    ask_sgd_options sgd;
} ask_op_params;

/* A tensor is a node's result, or a leaf. Memory is given by the plan (or the store). */
struct ask_tensor {
    ask_op op;
    ask_op_params params;
    ask_dtype type;
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    int64_t stride[ASK_MAX_DIMS]; // in elements
    int n_src;
    ask_tensor *src[ASK_MAX_SRC]; // NULL: absent
    ask_graph *graph;             // NULL: of a store
    ask_tensor *base;             // of a view: who owns the memory; never itself a view
    int64_t offset;               // of a view: first element, counted in base
    const char *name;             // or NULL
    const void *data;             // of a constant: its contents, in the arena
    bool kept;
    int id;           // place in the graph's list
    int plan;         // the plan's own index; -1 before
    ask_buffer *home; // where its memory is; NULL before planning
    size_t home_offset_bytes;
};

typedef struct {
    const char *name;
    int n_src;      // most sources it takes
    int n_required; // the first so many must be present
    unsigned
        strided;     // bit i: source i may have any strides; the others are made contiguous
    unsigned coded;  // bit i: source i may be a matrix of few bits
    bool view;       // runs nothing: base, offset and strides are set by infer
    unsigned writes; // bit i: writes into source i, a store tensor. With any, the op is an
                     // effect, source 0 is written, and the result is a view of it

    /* Sets type, n_dims and shape (views also stride, offset) of t from its sources.
     * Reports with ask_graph_fail and returns false if they do not fit. */
    bool (*infer)(ask_graph *g, ask_tensor *t);

    /* Adds, for each i with need[i], the gradient for source i to dx[i]. NULL: none exists.
     */
    void (*grad)(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                 const bool *need);

    /* Whether source i, which is not contiguous, is fine for the kernels nevertheless
     * (beyond the bits of `strided`). NULL: no. */
    bool (*takes)(const ask_tensor *x, int i);
} ask_op_row;

extern const ask_op_row *const ask_op_rows[N_OPS];

/* Adds a node. Returns NULL if the graph has failed, a required source is NULL, or the
 * shapes do not fit. params may be NULL. */
ask_tensor *ask_node_add(ask_graph *g, ask_op op, const ask_op_params *params, int n_src,
                         ask_tensor *const *src);

/* Makes the graph fail, once; later calls do nothing. Returns NULL. */
ask_tensor *ask_graph_fail(ask_graph *g, ask_error_code code, const char *format, ...)
    ASK_PRINTF(3, 4);
bool ask_graph_failed(const ask_graph *g);

/* Memory that lives as long as the graph; NULL makes the graph fail. */
void *ask_graph_alloc(ask_graph *g, size_t bytes);

/* ask_dims_text of a tensor's shape. */
const char *ask_shape_text(char text[ASK_SHAPE_TEXT], const ask_tensor *t);

/* Whether graphs hold real numbers in this type. */
static inline bool ask_is_floating(ask_dtype type)
{
    return type == ASK_F32 || type == ASK_F16 || type == ASK_BF16;
}

/* ---- helpers for shape rules ---- */

bool ask_same_shape(const ask_tensor *a, const ask_tensor *b);
bool ask_is_contiguous(const ask_tensor *t);
/* Whether there can be a tensor of these sizes: none is negative, and its elements, bytes
 * and strides can be counted, also when an empty axis is taken for one of 1. Asked of every
 * tensor that is added; a shape rule need not. */
bool ask_shape_is_possible(int n_dims, const int64_t *shape);
void ask_set_shape(ask_tensor *t, ask_dtype type, int n_dims,
                   const int64_t *shape); // + strides
/* Resolves a negative axis; makes the graph fail and returns -1 when it is out of range. */
int ask_axis(ask_graph *g, const ask_tensor *x, int axis, const char *op);
/* The shape that a and b broadcast to; false if they do not. */
bool ask_broadcast(int *n_dims, int64_t shape[ASK_MAX_DIMS], const ask_tensor *a,
                   const ask_tensor *b);
/* infer: the result is like source 0. */
bool ask_infer_same(ask_graph *g, ask_tensor *t);

/* ---- helpers for gradients ---- */

/* Sums dy down to the shape of x, undoing a broadcast. */
ask_tensor *ask_sum_to(ask_graph *g, ask_tensor *dy, const ask_tensor *x);
/* x expanded to the shape of `like`. */
ask_tensor *ask_expand_like(ask_graph *g, ask_tensor *x, const ask_tensor *like);

#endif
