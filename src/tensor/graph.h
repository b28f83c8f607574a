/* tensor/graph.h - computations as graphs: built lazily, planned once, run many times.
 *
 * Shapes are written outermost first, as in the papers: [B, T, C]. Building never needs
 * checking: the first mistake stays in the graph, later ops pass NULL along, and planning
 * reports it. Tensors belong to their graph and go with it; tensors of a store
 * (tensor/store.h) outlive it and may be used in any graph.
 *
 * What runs: the nodes that kept tensors and effects (writes into store tensors) need, in
 * the order in which they were built. */
#ifndef ASK_TENSOR_GRAPH_H
#define ASK_TENSOR_GRAPH_H

#include "base/error.h"
#include "base/log.h"
#include "tensor/backend.h"

typedef struct ask_graph ask_graph;
typedef struct ask_tensor ask_tensor;

/* NULL only when memory runs out. */
ASK_API ask_graph *ask_graph_new(ask_error *err);
ASK_API void ask_graph_free(ask_graph *g);

/* ---- leaves ---- */

/* A tensor that is written from outside before a run, and keeps its value between runs;
 * zeros until then. */
ASK_API ask_tensor *ask_input(ask_graph *g, ask_dtype type, int n_dims,
                              const int64_t *shape);

/* A tensor with fixed contents, row-major; the data are copied. */
ASK_API ask_tensor *ask_constant(ask_graph *g, ask_dtype type, int n_dims,
                                 const int64_t *shape, const void *data);

/* An f32 tensor of that shape, each element `value` (stored once). */
ASK_API ask_tensor *ask_full(ask_graph *g, int n_dims, const int64_t *shape, double value);

/* i64 [n]: 0, 1, ... n - 1 */
ASK_API ask_tensor *ask_range(ask_graph *g, int64_t n);

/* ---- traces ---- */

/* Says, before building, which traces the caller wants: a glob such as "vision.*.attn".
 * May be called several times. Names that match nothing are reported by
 * ask_graph_unmet_wish. */
ASK_API void ask_graph_want(ask_graph *g, const char *pattern);

/* Whether some pattern matches the name: a builder asks before it fuses that node away. */
ASK_API bool ask_graph_wants(const ask_graph *g, const char *name);

/* The first wanted pattern that no named tensor has matched so far, or NULL. */
ASK_API const char *ask_graph_unmet_wish(const ask_graph *g);

/* Names a tensor, and keeps it when its name is wanted. Returns t; or a view of all of it,
 * which then has the name, where t has one already or is of a store. */
ASK_API ask_tensor *ask_name(ask_graph *g, ask_tensor *t, const char *format, ...)
    ASK_PRINTF(3, 4);

/* Keeps a tensor's value until the next run, whatever its name. Returns t. */
ASK_API ask_tensor *ask_keep(ask_graph *g, ask_tensor *t);

/* The latest tensor of that name, or NULL. */
ASK_API ask_tensor *ask_graph_find(const ask_graph *g, const char *name);

/* The next kept tensor with a name, in the order in which they were built; from *i, which
 * begins with 0 and moves on. NULL past the last. */
ASK_API ask_tensor *ask_graph_next_trace(const ask_graph *g, int *i);

/* ---- gradients ---- */

/* Adds the nodes that compute d y / d x[i], with y a scalar (or summed if it is not), for
 * each i: only what those gradients need is built. x[i] may be a leaf, a store tensor or
 * any node on the way to y. grad[i] has the shape of x[i]; it is a tensor of zeros where y
 * does not depend on x[i]. */
ASK_API void ask_graph_gradients(ask_graph *g, ask_tensor *y, ask_tensor *const *x, int n_x,
                                 ask_tensor **grad);

/* ---- planning and running ---- */

typedef struct {
    size_t struct_size;
    ask_backend *const *backends; // in order of preference, borrowed while the graph lives
    int n_backends;
} ask_plan_options;

typedef struct {
    int n_nodes;         // nodes that run, copies between backends included
    int n_copies;        // of these, copies between backends
    size_t peak_bytes;   // arena that the nodes share, all backends
    size_t widest_bytes; // largest sum of tensors that are alive at the same time
    size_t leaf_bytes;   // inputs and constants
} ask_plan_info;

/* Fixes the order, the place of every tensor and the backend of every node. Once planned, a
 * graph takes no more nodes. Fails with the first building error, if there was one. */
ASK_API bool ask_graph_plan(ask_graph *g, const ask_plan_options *opt, ask_error *err);
ASK_API ask_plan_info ask_graph_info(const ask_graph *g);

/* Nodes in the graph so far, leaves and views not counted. */
ASK_API int ask_graph_n_ops(const ask_graph *g);

typedef struct {
    size_t struct_size;
    const ask_cancel *cancel;     // checked between nodes; may be NULL
    const ask_progress *progress; // nodes done of all nodes; may be NULL
    bool whole_effects;           // once an effect has begun, cancel is not looked at
} ask_run_options;

/* Runs every planned node. opt may be NULL. A cancelled or failed run leaves kept tensors
 * undefined; effects that came before stay done. With whole_effects a cancelled run has had
 * none. */
ASK_API bool ask_graph_run(ask_graph *g, const ask_run_options *opt, ask_error *err);

/* ---- tensors ---- */

ASK_API ask_dtype ask_tensor_type(const ask_tensor *t);
/* Of a tensor that could not be made, NULL, sizes are 0: what is built with it fails. */
ASK_API int ask_tensor_n_dims(const ask_tensor *t);
ASK_API int64_t ask_tensor_dim(const ask_tensor *t, int i); // negative i: from the end
ASK_API int64_t ask_tensor_count(const ask_tensor *t);      // elements
ASK_API size_t ask_tensor_bytes(const ask_tensor *t);       // elements times their size
ASK_API const char *ask_tensor_name(const ask_tensor *t);   // "" without one

/* Copies all elements, row-major, in or out. `bytes` must be ask_tensor_bytes(t).
 * write: inputs of a planned graph and store tensors that are not constant.
 * read:  inputs, kept tensors of a graph that has run, and store tensors. */
ASK_API bool ask_tensor_write(ask_tensor *t, const void *data, size_t bytes,
                              ask_error *err);
ASK_API bool ask_tensor_read(const ask_tensor *t, void *data, size_t bytes, ask_error *err);

#endif
