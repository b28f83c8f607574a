/* Planning: which nodes run, on which backend, and where every tensor lies. */
#include "tensor/graph_priv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/options.h"
#include "tensor/place_priv.h"

enum { NO_SLOT = -1 };

/* A step whose buffers are slots still. */
typedef struct {
    plan_step step;
    int src_slot[ASK_MAX_SRC], out_slot, scratch_slot; // NO_SLOT: a store's, set already
} draft_step;

/* A copy of a tensor in the memory of another backend. */
typedef struct {
    const ask_tensor *owner;
    int memory, slot;
} replica;

typedef struct {
    ask_graph *g;
    const ask_plan_options *opt;
    ask_plan *plan;
    bool *needed; // [n_tensors]
    draft_step *steps;
    int n_steps, steps_capacity;
    plan_slot *slots;
    int n_slots, slots_capacity;
    size_t slots_bytes; // of all slots, at least
    replica *replicas;
    int n_replicas, replicas_capacity;
    bool out_of_memory;
} planner;

/* Makes room for one more item in a growing array; false without memory. */
static bool grow(planner *p, void *array, int n, int *capacity, size_t item_bytes)
{
    if (n < *capacity) return true;
    int bigger = *capacity ? 2 * *capacity : 64;
    void **items = array;
    void *moved = realloc(*items, (size_t)bigger * item_bytes);
    if (!moved) {
        p->out_of_memory = true;
        return false;
    }
    *items = moved;
    *capacity = bigger;
    return true;
}

/* NO_SLOT without memory. */
static int add_slot(planner *p, int memory, size_t bytes, bool lasting)
{
    if (!grow(p, &p->slots, p->n_slots, &p->slots_capacity, sizeof *p->slots))
        return NO_SLOT;
    // As long as all slots together can be counted, no placement of them overflows.
    if (!ask_add_size(&bytes, bytes, PLAN_ALIGNMENT - 1) ||
        !ask_add_size(&p->slots_bytes, p->slots_bytes, bytes)) {
        p->out_of_memory = true;
        return NO_SLOT;
    }
    p->slots[p->n_slots] = (plan_slot){.bytes = bytes / PLAN_ALIGNMENT * PLAN_ALIGNMENT,
                                       .first = p->n_steps,
                                       .last = p->n_steps,
                                       .memory = memory,
                                       .lasting = lasting};
    return p->n_slots++;
}

static draft_step *add_step(planner *p)
{
    if (!grow(p, &p->steps, p->n_steps, &p->steps_capacity, sizeof *p->steps)) return NULL;
    draft_step *d = &p->steps[p->n_steps++];
    memset(d, 0, sizeof *d);
    for (int i = 0; i < ASK_MAX_SRC; i++) d->src_slot[i] = NO_SLOT;
    d->out_slot = d->scratch_slot = NO_SLOT;
    return d;
}

static void touch(planner *p, int slot)
{
    if (slot != NO_SLOT) p->slots[slot].last = p->n_steps;
}

static int memory_of(const planner *p, const ask_backend *b)
{
    for (int i = 0; i < p->plan->n_memory; i++)
        if (p->plan->memory[i].backend == b) return i;
    return -1;
}

static bool add_memory(planner *p, ask_backend *b, ask_error *err)
{
    if (memory_of(p, b) >= 0) return true;
    if (p->plan->n_memory == PLAN_MAX_BACKENDS)
        return ask_fail(err, ASK_ERR_USAGE, "a graph runs on at most %d backends",
                        PLAN_MAX_BACKENDS);
    p->plan->memory[p->plan->n_memory++].backend = b;
    return true;
}

/* A tensor as a view into some buffer, which for a tensor of the graph is settled later. */
static ask_view view_of(const ask_tensor *t, ask_buffer *buffer)
{
    ask_view v = {.buffer = buffer, .type = t->type, .n_dims = t->n_dims};
    memcpy(v.shape, t->shape, sizeof v.shape);
    memcpy(v.stride, t->stride, sizeof v.stride);
    v.offset_bytes = (size_t)t->offset * ask_dtype_bytes(t->type);
    return v;
}

/* The memory of an owner, as one run of bytes. */
static ask_view bytes_of(const ask_tensor *owner)
{
    int64_t n = (int64_t)ask_tensor_bytes(owner);
    return (ask_view){.type = ASK_BOOL, .n_dims = 1, .shape = {n}, .stride = {1}};
}

/* ---- which nodes run ---- */

static void need(planner *p, const ask_tensor *t)
{
    if (!t || !t->graph) return;
    p->needed[t->id] = true;
    if (t->base && t->base->graph) p->needed[t->base->id] = true;
}

static void find_needed(planner *p)
{
    for (int i = p->g->n_tensors - 1; i >= 0; i--) {
        const ask_tensor *t = p->g->tensors[i];
        if (t->kept || ask_op_rows[t->op]->writes) need(p, t);
        if (!p->needed[i]) continue;
        for (int s = 0; s < t->n_src; s++) need(p, t->src[s]);
    }
}

/* ---- where a tensor is ---- */

static int home_memory(const planner *p, const ask_tensor *owner)
{
    return owner->graph ? p->slots[owner->plan].memory : memory_of(p, owner->home->backend);
}

static int find_replica(const planner *p, const ask_tensor *owner, int memory)
{
    for (int i = 0; i < p->n_replicas; i++)
        if (p->replicas[i].owner == owner && p->replicas[i].memory == memory)
            return p->replicas[i].slot;
    return NO_SLOT;
}

static void forget_replicas(planner *p, const ask_tensor *owner, int but_memory)
{
    int kept = 0;
    for (int i = 0; i < p->n_replicas; i++)
        if (p->replicas[i].owner != owner || p->replicas[i].memory == but_memory)
            p->replicas[kept++] = p->replicas[i];
    p->n_replicas = kept;
}

/* Adds a step that copies an owner between its home and a slot of another memory. */
static void add_copy(planner *p, const ask_tensor *owner, int slot, bool to_home)
{
    int home_slot = owner->graph ? owner->plan : NO_SLOT;
    touch(p, home_slot);
    touch(p, slot);
    draft_step *d = add_step(p);
    if (!d) return;
    ask_view home = bytes_of(owner), away = bytes_of(owner);
    home.buffer = owner->graph ? NULL : owner->home;
    home.offset_bytes = owner->graph ? 0 : owner->home_offset_bytes;
    d->step.tensor = owner;
    d->step.node.n_src = 1;
    d->step.node.src[0] = to_home ? away : home;
    d->step.node.out = to_home ? home : away;
    d->src_slot[0] = to_home ? slot : home_slot;
    d->out_slot = to_home ? home_slot : slot;
    p->plan->info.n_copies++;
    size_t bytes = ask_tensor_bytes(owner);
    if (bytes > p->plan->staging_bytes) p->plan->staging_bytes = bytes;
}

/* Brings a tensor's memory to a backend; afterwards *view and *slot tell where it is. */
static void bring(planner *p, const ask_tensor *t, int memory, ask_view *view, int *slot)
{
    const ask_tensor *owner = t->base ? t->base : t;
    *view = view_of(t, &p->plan->memory[memory].arena);
    if (home_memory(p, owner) == memory) {
        *slot = owner->graph ? owner->plan : NO_SLOT;
        if (!owner->graph) {
            view->buffer = owner->home;
            view->offset_bytes += owner->home_offset_bytes;
        }
        return;
    }
    *slot = find_replica(p, owner, memory);
    if (*slot != NO_SLOT) return;
    *slot = add_slot(p, memory, ask_tensor_bytes(owner), false);
    add_copy(p, owner, *slot, false);
    if (grow(p, &p->replicas, p->n_replicas, &p->replicas_capacity, sizeof *p->replicas))
        p->replicas[p->n_replicas++] = (replica){owner, memory, *slot};
}

/* After a write to an owner in some memory: that is its only true copy, unless it is at
 * home. */
static void bring_home(planner *p, const ask_tensor *owner, int memory, int slot)
{
    bool at_home = home_memory(p, owner) == memory;
    forget_replicas(p, owner, at_home ? -1 : memory);
    if (!at_home) add_copy(p, owner, slot, true);
}

/* ---- steps ---- */

static int choose_memory(planner *p, const ask_node *node, ask_error *err)
{
    for (int i = 0; i < p->opt->n_backends; i++) {
        ask_backend *b = p->opt->backends[i];
        if (b->supports(b, node)) return memory_of(p, b);
    }
    ask_fail(err, ASK_ERR_DEVICE, "%s: no backend supports it",
             ask_op_rows[node->op]->name);
    return -1;
}

/* The node as its backend is chosen by: nobody knows yet where its tensors lie. */
static ask_node node_of(const planner *p, const ask_tensor *t)
{
    ask_buffer *somewhere = &p->plan->memory[0].arena;
    ask_node n = {.op = (int)t->op,
                  .params = &t->params,
                  .n_src = t->n_src,
                  .out = view_of(t, somewhere)};
    for (int i = 0; i < t->n_src; i++)
        if (t->src[i]) n.src[i] = view_of(t->src[i], somewhere);
    return n;
}

static bool plan_node(planner *p, ask_tensor *t, ask_error *err)
{
    const ask_op_row *row = ask_op_rows[t->op];
    ask_node node = node_of(p, t);
    int memory = choose_memory(p, &node, err);
    if (memory < 0) return false;
    ask_backend *b = p->plan->memory[memory].backend;

    int src_slot[ASK_MAX_SRC];
    for (int i = 0; i < t->n_src; i++) {
        src_slot[i] = NO_SLOT;
        if (t->src[i]) bring(p, t->src[i], memory, &node.src[i], &src_slot[i]);
    }
    if (p->out_of_memory) return true;
    if (!row->writes) t->plan = add_slot(p, memory, ask_tensor_bytes(t), t->kept);
    int out_slot = row->writes ? src_slot[0] : t->plan;
    node.out = row->writes ? node.src[0] : view_of(t, &p->plan->memory[memory].arena);
    size_t scratch_bytes = b->scratch_bytes(b, &node);
    int scratch_slot = scratch_bytes ? add_slot(p, memory, scratch_bytes, false) : NO_SLOT;
    node.scratch = (ask_view){.type = ASK_BOOL, .n_dims = 1, .stride = {1}};
    node.scratch.shape[0] = (int64_t)scratch_bytes;

    for (int i = 0; i < t->n_src; i++) touch(p, src_slot[i]);
    draft_step *d = add_step(p);
    if (!d) return true;
    d->step = (plan_step){.backend = b, .node = node, .tensor = t};
    memcpy(d->src_slot, src_slot, (size_t)t->n_src * sizeof *src_slot);
    d->out_slot = out_slot;
    d->scratch_slot = scratch_slot;
    for (int i = 0; i < t->n_src; i++)
        if (row->writes & 1u << i && t->src[i])
            bring_home(p, ask_owner(t->src[i]), memory, src_slot[i]);
    return true;
}

/* Inputs and constants live with the first backend. */
static void plan_leaf(planner *p, ask_tensor *t)
{
    t->plan = add_slot(p, 0, ask_tensor_bytes(t), true);
    p->plan->info.leaf_bytes += ask_tensor_bytes(t);
}

static bool store_backend_known(planner *p, const ask_tensor *t, ask_error *err)
{
    for (int i = 0; i < t->n_src; i++) {
        const ask_tensor *owner = t->src[i] ? ask_owner(t->src[i]) : NULL;
        if (owner && !owner->graph && !add_memory(p, owner->home->backend, err))
            return false;
    }
    return true;
}

static bool plan_steps(planner *p, ask_error *err)
{
    for (int i = 0; i < p->opt->n_backends; i++)
        if (!add_memory(p, p->opt->backends[i], err)) return false;
    for (int i = 0; i < p->g->n_tensors; i++) {
        ask_tensor *t = p->g->tensors[i];
        if (!p->needed[i]) continue;
        if (!store_backend_known(p, t, err)) return false;
        if (t->op == OP_LEAF)
            plan_leaf(p, t);
        else if (!ask_op_rows[t->op]->view && !plan_node(p, t, err))
            return false;
        if (p->out_of_memory) return ask_fail_memory(err);
    }
    return true;
}

/* ---- memory ---- */

static size_t place_lasting(planner *p, int memory)
{
    size_t bytes = 0;
    for (int i = 0; i < p->n_slots; i++) {
        plan_slot *s = &p->slots[i];
        if (s->memory != memory || !s->lasting) continue;
        s->offset = bytes;
        bytes += s->bytes;
    }
    return bytes;
}

static bool allocate(planner *p, ask_error *err)
{
    ask_plan *plan = p->plan;
    for (int m = 0; m < plan->n_memory; m++) {
        plan_memory *mem = &plan->memory[m];
        size_t shared = ask_place_slots(p->slots, p->n_slots, m);
        size_t widest = ask_widest_bytes(p->slots, p->n_slots, p->n_steps, m);
        if (shared == SIZE_MAX || widest == SIZE_MAX) return ask_fail_memory(err);
        if (!mem->backend->alloc(mem->backend, shared, &mem->arena, err) ||
            !mem->backend->alloc(mem->backend, place_lasting(p, m), &mem->lasting, err))
            return false;
        plan->info.peak_bytes += shared;
        plan->info.widest_bytes += widest;
    }
    plan->staging = malloc(plan->staging_bytes ? plan->staging_bytes : 1);
    return plan->staging || ask_fail_memory(err);
}

static void settle(planner *p, ask_view *view, int slot)
{
    if (slot == NO_SLOT) return;
    const plan_slot *s = &p->slots[slot];
    plan_memory *mem = &p->plan->memory[s->memory];
    view->buffer = s->lasting ? &mem->lasting : &mem->arena;
    view->offset_bytes += s->offset;
}

static bool settle_all(planner *p, ask_error *err)
{
    ask_plan *plan = p->plan;
    plan->steps = malloc((size_t)(p->n_steps ? p->n_steps : 1) * sizeof *plan->steps);
    if (!plan->steps) return ask_fail_memory(err);
    for (int i = 0; i < p->n_steps; i++) {
        draft_step *d = &p->steps[i];
        for (int s = 0; s < d->step.node.n_src; s++)
            settle(p, &d->step.node.src[s], d->src_slot[s]);
        settle(p, &d->step.node.out, d->out_slot);
        settle(p, &d->step.node.scratch, d->scratch_slot);
        plan->steps[i] = d->step;
    }
    plan->n_steps = plan->info.n_nodes = p->n_steps;

    for (int i = 0; i < p->g->n_tensors; i++) {
        ask_tensor *t = p->g->tensors[i];
        if (!p->needed[i] || t->base) continue;
        const plan_slot *s = &p->slots[t->plan];
        t->home = s->lasting ? &plan->memory[s->memory].lasting : NULL;
        t->home_offset_bytes = s->offset;
    }
    return true;
}

static bool upload_leaf(const ask_tensor *t, const void *data, ask_error *err)
{
    return t->home->backend->upload(t->home, t->home_offset_bytes, data,
                                    ask_tensor_bytes(t), err);
}

static bool upload_zeros(const ask_tensor *t, ask_error *err)
{
    void *zeros = calloc(ask_tensor_bytes(t) + 1, 1);
    if (!zeros) return ask_fail_memory(err);
    bool ok = upload_leaf(t, zeros, err);
    free(zeros);
    return ok;
}

/* Constants get their contents; inputs are zeros until they are written. */
static bool upload_leaves(planner *p, ask_error *err)
{
    for (int i = 0; i < p->g->n_tensors; i++) {
        const ask_tensor *t = p->g->tensors[i];
        if (!p->needed[i] || t->op != OP_LEAF) continue;
        if (!(t->data ? upload_leaf(t, t->data, err) : upload_zeros(t, err))) return false;
    }
    return true;
}

void ask_plan_free(ask_plan *p)
{
    if (!p) return;
    for (int m = 0; m < p->n_memory; m++) {
        ask_backend *b = p->memory[m].backend;
        b->free(b, &p->memory[m].arena);
        b->free(b, &p->memory[m].lasting);
    }
    free(p->steps);
    free(p->staging);
    free(p);
}

bool ask_graph_plan(ask_graph *g, const ask_plan_options *opt, ask_error *err)
{
    if (g->failed) return ask_fail(err, g->error.code, "%s", g->error.message);
    if (g->plan) return true;
    ask_plan_options o = {0};
    ask_options_take(&o, sizeof o, opt);
    if (o.n_backends < 1) return ask_fail(err, ASK_ERR_USAGE, "a graph needs a backend");
    planner p = {.g = g, .opt = &o};
    p.plan = calloc(1, sizeof *p.plan);
    p.needed = calloc((size_t)g->n_tensors + 1, sizeof *p.needed);
    bool ok = p.plan && p.needed;
    if (!ok) ask_fail_memory(err);
    if (ok) {
        find_needed(&p);
        ok = plan_steps(&p, err) && allocate(&p, err) && settle_all(&p, err) &&
             upload_leaves(&p, err);
    }
    free(p.needed);
    free(p.steps);
    free(p.slots);
    free(p.replicas);
    if (ok)
        g->plan = p.plan;
    else
        ask_plan_free(p.plan);
    return ok;
}

ask_plan_info ask_graph_info(const ask_graph *g)
{
    return g->plan ? g->plan->info : (ask_plan_info){0};
}
