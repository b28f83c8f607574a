/* tensor/graph_priv.h - the inside of a graph, shared by building, planning and running. */
#ifndef ASK_TENSOR_GRAPH_PRIV_H
#define ASK_TENSOR_GRAPH_PRIV_H

#include "base/arena.h"
#include "tensor/op_priv.h"

/* One thing to do in a run. */
typedef struct {
    ask_backend *backend; // who runs the node; NULL: a copy between two backends
    ask_node node;
    const ask_tensor *tensor; // for error messages
} plan_step;

/* Memory of one backend that a plan owns. */
typedef struct {
    ask_backend *backend;
    ask_buffer arena;   // shared by tensors that are not alive at the same time
    ask_buffer lasting; // inputs, constants, kept tensors
} plan_memory;

enum { PLAN_MAX_BACKENDS = 4 };

typedef struct {
    plan_step *steps;
    int n_steps;
    plan_memory memory[PLAN_MAX_BACKENDS];
    int n_memory;
    void *staging; // for copies between backends, in host memory
    size_t staging_bytes;
    ask_plan_info info;
} ask_plan;

struct ask_graph {
    ask_arena *arena;
    ask_tensor **tensors; // in the order they were built
    int n_tensors, capacity;
    struct {
        const char *pattern;
        bool met;
    } * wants;
    int n_wants;
    bool failed;
    ask_error error; // the first one
    ask_plan *plan;  // NULL before planning
    bool has_run;
};

/* Adds a tensor without sources; NULL makes the graph fail. */
ask_tensor *ask_leaf_add(ask_graph *g, ask_dtype type, int n_dims, const int64_t *shape);

void ask_plan_free(ask_plan *p);

/* The tensor that owns the memory of t. */
static inline ask_tensor *ask_owner(ask_tensor *t)
{
    return t->base ? t->base : t;
}

#endif
