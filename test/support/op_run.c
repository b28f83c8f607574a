/* op_run.c - fills, runs and compares the cases of op_cases.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/op_cases.h"

/* ---- layouts ---- */

const char *case_layout_name(case_layout layout)
{
    static const char *const names[N_LAYOUTS] = {"plain", "transposed", "reversed",
                                                 "sliced", "expanded"};
    return names[layout];
}

static bool changes(const case_input *in, case_layout layout)
{
    if (!in->present || in->store || in->lent) return false;
    switch (layout) {
    case LAYOUT_TRANSPOSED:
        return in->n_dims >= 2;
    case LAYOUT_REVERSED:
        return in->n_dims >= 3;
    case LAYOUT_SLICED:
        return in->n_dims >= 1;
    case LAYOUT_EXPANDED:
        return in->n_dims >= 1 && in->shape[0] > 1;
    default:
        return false;
    }
}

bool case_has_layout(const op_case *c, case_layout layout)
{
    bool any = layout == LAYOUT_PLAIN;
    for (int i = 0; i < CASE_MAX_INPUTS; i++) any |= changes(&c->in[i], layout);
    return any;
}

/* A window of an axis: elements begin .. begin + size of `whole`. */
typedef struct {
    int64_t begin, size, whole;
} window;

/* What a leaf shows of itself, in the order of its own axes. */
typedef struct {
    int n_dims;
    window axis[ASK_MAX_DIMS];
} leaf_shape;

static leaf_shape leaf_of(const case_input *in, case_layout layout)
{
    leaf_shape s = {.n_dims = in->n_dims};
    if (!changes(in, layout)) layout = LAYOUT_PLAIN;
    for (int i = 0; i < in->n_dims; i++) {
        int from = i;
        if (layout == LAYOUT_REVERSED) from = in->n_dims - 1 - i;
        if (layout == LAYOUT_TRANSPOSED && i >= in->n_dims - 2)
            from = 2 * in->n_dims - 3 - i;
        s.axis[i] = (window){.size = in->shape[from], .whole = in->shape[from]};
    }
    if (layout == LAYOUT_EXPANDED) s.axis[0] = (window){.size = 1, .whole = 1};
    if (layout == LAYOUT_SLICED) {
        s.axis[0].whole += 1;
        s.axis[in->n_dims - 1].begin = 1;
        s.axis[in->n_dims - 1].whole += 2;
    }
    return s;
}

/* The view of a leaf that an op gets. */
static ask_tensor *show(ask_graph *g, ask_tensor *leaf, const case_input *in,
                        const leaf_shape *s, case_layout layout)
{
    if (!changes(in, layout)) return leaf;
    int order[ASK_MAX_DIMS];
    ask_tensor *t = leaf;
    switch (layout) {
    case LAYOUT_TRANSPOSED:
        return ask_transpose(g, leaf, -1, -2);
    case LAYOUT_REVERSED:
        for (int i = 0; i < in->n_dims; i++) order[i] = in->n_dims - 1 - i;
        return ask_permute(g, leaf, order);
    case LAYOUT_SLICED:
        for (int i = 0; i < in->n_dims; i++)
            t = ask_slice(g, t, i, s->axis[i].begin, s->axis[i].begin + s->axis[i].size);
        return t;
    case LAYOUT_EXPANDED:
        return ask_expand(g, leaf, in->n_dims, in->shape);
    default:
        return leaf;
    }
}

/* ---- filling ---- */

static const double special_numbers[] = {
    0.0,    -0.0, 1.0,   -1.0, INFINITY, -INFINITY, NAN,   1e-40,
    -1e-40, 3e38, -3e38, 88.7, -103.0,   20.0,      -20.0, 1e-8,
};

static void put(void *data, ask_dtype type, int64_t i, double v)
{
    switch (type) {
    case ASK_F32:
        ((ask_real *)data)[i] = (ask_real)v;
        break;
    case ASK_F16:
        ((uint16_t *)data)[i] = ask_f32_to_f16((float)v);
        break;
    case ASK_BF16:
        ((uint16_t *)data)[i] = ask_f32_to_bf16((float)v);
        break;
    case ASK_I32:
        ((int32_t *)data)[i] = (int32_t)v;
        break;
    case ASK_I64:
        ((int64_t *)data)[i] = (int64_t)v;
        break;
    default:
        ((uint8_t *)data)[i] = v != 0;
    }
}

static double draw(ask_rng *rng, const case_input *in, int64_t i)
{
    if (in->special) return special_numbers[(size_t)i % 16];
    if (in->type == ASK_F32) return in->low + (in->high - in->low) * ask_rng_double(rng);
    return (double)ask_rng_between(rng, (int64_t)in->low, (int64_t)in->high);
}

/* What lies outside the window: nobody may use it. */
static double poison(ask_dtype type)
{
    return type == ASK_F32 || type == ASK_F16 || type == ASK_BF16 ? NAN : -1e6;
}

static bool is_shown(const leaf_shape *s, int64_t i)
{
    for (int axis = s->n_dims - 1; axis >= 0; axis--) {
        int64_t at = i % s->axis[axis].whole - s->axis[axis].begin;
        if (at < 0 || at >= s->axis[axis].size) return false;
        i /= s->axis[axis].whole;
    }
    return true;
}

/* The elements of a leaf; the caller frees them. */
static void *make_data(const case_input *in, const leaf_shape *s, ask_rng rng,
                       ask_error *err)
{
    int64_t n = 1;
    for (int i = 0; i < s->n_dims; i++) n *= s->axis[i].whole;
    void *data = malloc((size_t)n * ask_dtype_bytes(in->type) + 1);
    if (!data) {
        ask_fail(err, ASK_ERR_NOMEM, "out of memory");
        return NULL;
    }
    for (int64_t i = 0; i < n; i++)
        put(data, in->type, i, is_shown(s, i) ? draw(&rng, in, i) : poison(in->type));
    return data;
}

static bool fill(ask_tensor *leaf, const case_input *in, const leaf_shape *s, ask_rng rng,
                 ask_error *err)
{
    void *data = make_data(in, s, rng, err);
    bool ok = data && ask_tensor_write(leaf, data, ask_tensor_bytes(leaf), err);
    free(data);
    return ok;
}

/* The same numbers for the same input of the same case, wherever it runs. */
static ask_rng numbers_of(const op_case *c, int input)
{
    ask_rng seed = ask_rng_new(2024);
    ask_rng rng = ask_rng_split(&seed, c->name);
    return ask_rng_split_at(&rng, (uint64_t)input);
}

/* ---- opening ---- */

static ask_tensor *add_leaf(case_run *r, int i, const leaf_shape *s, ask_error *err)
{
    const case_input *x = &r->c->in[i];
    int64_t whole[ASK_MAX_DIMS];
    char name[16];
    snprintf(name, sizeof name, "in%d", i);
    for (int d = 0; d < s->n_dims; d++) whole[d] = s->axis[d].whole;
    if (x->store) return ask_store_add(r->store, name, x->type, s->n_dims, whole, err);
    if (!x->lent) return ask_input(r->graph, x->type, s->n_dims, whole);
    r->lent[i] = make_data(x, s, numbers_of(r->c, i), err);
    if (!r->lent[i]) return NULL;
    return ask_store_borrow(r->store, name, x->type, s->n_dims, whole, r->lent[i], false,
                            err);
}

static void add_leaves(case_run *r, ask_tensor **in, case_layout layout, ask_error *err)
{
    for (int i = 0; i < CASE_MAX_INPUTS; i++) {
        const case_input *x = &r->c->in[i];
        if (!x->present) continue;
        leaf_shape s = leaf_of(x, layout);
        r->leaf[i] = add_leaf(r, i, &s, err);
        in[i] = show(r->graph, r->leaf[i], x, &s, layout);
    }
}

static bool has_gradient(const op_case *c)
{
    for (int i = 0; i < CASE_MAX_INPUTS; i++)
        if (c->in[i].grad) return true;
    return false;
}

/* sum(out * weights): the weights are the last leaf that is filled. */
static ask_tensor *add_loss(case_run *r, ask_tensor **weights)
{
    int64_t shape[ASK_MAX_DIMS];
    int n_dims = ask_tensor_n_dims(r->out);
    for (int i = 0; i < n_dims; i++) shape[i] = ask_tensor_dim(r->out, i);
    *weights = ask_input(r->graph, ASK_F32, n_dims, shape);
    ask_tensor *loss = ask_sum(r->graph, ask_mul(r->graph, r->out, *weights), 0, false);
    return ask_keep(r->graph, loss);
}

static void add_gradients(case_run *r, unsigned asked)
{
    ask_tensor *x[CASE_MAX_INPUTS], *grad[CASE_MAX_INPUTS];
    int place[CASE_MAX_INPUTS], n = 0;
    for (int i = 0; i < CASE_MAX_INPUTS; i++) {
        if (!r->c->in[i].grad || !(asked & 1u << i)) continue;
        place[n] = i;
        x[n++] = r->leaf[i];
    }
    ask_graph_gradients(r->graph, r->loss, x, n, grad);
    for (int i = 0; i < n; i++) r->grad[place[i]] = ask_keep(r->graph, grad[i]);
}

static bool fill_all(case_run *r, ask_tensor *weights, case_layout layout, ask_error *err)
{
    for (int i = 0; i < CASE_MAX_INPUTS; i++) {
        leaf_shape s = leaf_of(&r->c->in[i], layout);
        if (r->leaf[i] && !r->lent[i] &&
            !fill(r->leaf[i], &r->c->in[i], &s, numbers_of(r->c, i), err))
            return false;
    }
    if (!weights) return true;
    const case_input w = {.type = ASK_F32, .low = -1, .high = 1};
    leaf_shape all = {.n_dims = 1,
                      .axis[0] = {0, ask_tensor_count(weights), ask_tensor_count(weights)}};
    return fill(weights, &w, &all, numbers_of(r->c, CASE_MAX_INPUTS), err);
}

bool case_open(case_run *r, const op_case *c, case_layout layout, const case_place *place,
               ask_error *err)
{
    ask_tensor *in[CASE_MAX_INPUTS + 1] = {NULL}, *weights = NULL;
    *r = (case_run){
        .c = c, .graph = ask_graph_new(err), .store = ask_store_new(place->store, err)};
    if (!r->graph || !r->store) return false;

    add_leaves(r, in, layout, err);
    r->out = ask_keep(r->graph, c->build(r->graph, in, c->arg));
    if (r->out && has_gradient(c)) {
        r->loss = add_loss(r, &weights);
        add_gradients(r, place->gradients);
    }
    ask_plan_options opt = {.struct_size = sizeof opt,
                            .backends = place->backends,
                            .n_backends = place->n_backends};
    return ask_graph_plan(r->graph, &opt, err) && fill_all(r, weights, layout, err);
}

void case_close(case_run *r)
{
    ask_graph_free(r->graph);
    ask_store_free(r->store);
    for (int i = 0; i < CASE_MAX_INPUTS; i++) free(r->lent[i]);
    *r = (case_run){0};
}

/* ---- results ---- */

static double get(const void *data, ask_dtype type, int64_t i)
{
    float widened;
    switch (type) {
    case ASK_F32:
        return (double)((const ask_real *)data)[i];
    case ASK_I64:
        return (double)((const int64_t *)data)[i];
    default:
        ask_dtype_to_f32(type, &widened,
                         (const char *)data + (size_t)i * ask_dtype_bytes(type), 1);
        return (double)widened;
    }
}

double *case_read(const ask_tensor *t, ask_error *err)
{
    int64_t n = ask_tensor_count(t);
    size_t bytes = ask_tensor_bytes(t);
    void *data = malloc(bytes + 1);
    double *v = malloc(((size_t)n + 1) * sizeof *v);
    if (!data || !v) {
        ask_fail(err, ASK_ERR_NOMEM, "out of memory");
        goto fail;
    }
    if (!ask_tensor_read(t, data, bytes, err)) goto fail;
    for (int64_t i = 0; i < n; i++) v[i] = get(data, ask_tensor_type(t), i);
    free(data);
    return v;

fail:
    free(data);
    free(v);
    return NULL;
}

static bool collect(case_values *v, const char *what, int i, const ask_tensor *t,
                    ask_error *err)
{
    double *values = case_read(t, err);
    if (!values) return false;
    snprintf(v->value[v->n].name, sizeof v->value[v->n].name, i < 0 ? "%s" : "%s %d", what,
             i);
    v->value[v->n].n = ask_tensor_count(t);
    v->value[v->n++].v = values;
    return true;
}

static bool collect_all(case_values *v, const case_run *r, ask_error *err)
{
    if (!collect(v, "out", -1, r->out, err)) return false;
    for (int i = 0; i < CASE_MAX_INPUTS; i++) {
        if (r->grad[i] && !collect(v, "grad", i, r->grad[i], err)) return false;
        if (r->c->in[i].store && !collect(v, "store", i, r->leaf[i], err)) return false;
    }
    return true;
}

bool case_compute(case_values *v, const op_case *c, case_layout layout,
                  const case_place *place, ask_error *err)
{
    case_run r;
    *v = (case_values){0};
    bool ok = case_open(&r, c, layout, place, err) && ask_graph_run(r.graph, NULL, err) &&
              collect_all(v, &r, err);
    case_close(&r);
    if (!ok) case_values_free(v);
    return ok;
}

void case_values_free(case_values *v)
{
    for (int i = 0; i < v->n; i++) free(v->value[i].v);
    *v = (case_values){0};
}

static bool agrees(double a, double b, double tol)
{
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= tol + tol * fabs(b);
}

bool case_values_agree(const case_values *a, const case_values *b, double tol,
                       char text[CASE_TEXT])
{
    if (a->n != b->n) {
        snprintf(text, CASE_TEXT, "%d results against %d", a->n, b->n);
        return false;
    }
    for (int i = 0; i < a->n; i++)
        for (int64_t j = 0; j < a->value[i].n; j++)
            if (!agrees(a->value[i].v[j], b->value[i].v[j], tol)) {
                snprintf(text, CASE_TEXT, "%s, element %lld of %lld: %.9g against %.9g",
                         a->value[i].name, (long long)j, (long long)a->value[i].n,
                         a->value[i].v[j], b->value[i].v[j]);
                return false;
            }
    return true;
}
