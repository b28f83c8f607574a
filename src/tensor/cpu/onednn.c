/* Convolutions by oneDNN 2.x. */
#include "tensor/cpu/onednn_priv.h"

#ifdef _OPENMP
#include <omp.h>
#endif
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

#include "base/str.h"
#include "tensor/cpu/cpu.h"
#include "tensor/cpu/packed_priv.h"

enum { ALIGNMENT = 64 };

ask_library ask_cpu_library(void)
{
    ask_library library = {.name = "oneDNN"};
    const dnnl_version_t *v = dnnl_version();
    ask_format(library.version, sizeof library.version, "%d.%d.%d", v->major, v->minor,
               v->patch);
    return library;
}

/* ---- threads ---- */

/* Sets how many threads OpenMP gives the calling thread; returns the number before. */
static int resize_team(int n_threads)
{
#ifdef _OPENMP
    int before = omp_get_max_threads();
    omp_set_num_threads(n_threads);
    return before;
#else
    return n_threads;
#endif
}

/* ---- errors ---- */

static bool check(dnnl_status_t status, const char *what, ask_error *err)
{
    switch (status) {
    case dnnl_success:
        return true;
    case dnnl_out_of_memory:
        return ask_fail(err, ASK_ERR_NOMEM, "out of memory: oneDNN, %s", what);
    case dnnl_unimplemented:
        return ask_fail(err, ASK_ERR_DEVICE, "oneDNN has no kernel: %s", what);
    default:
        return ask_fail(err, ASK_ERR_DEVICE, "oneDNN failed with status %d: %s",
                        (int)status, what);
    }
}

/* ---- what is kept ---- */

enum { ROLE_X, ROLE_W, ROLE_Y, N_ROLES };

/* A tensor of a convolution: as the graph has it, and as the library wants it. */
typedef struct {
    dnnl_memory_t plain, wanted; // the same object where the layouts are equal
    dnnl_primitive_t reorder; // plain to wanted; of the result: back. NULL: equal layouts
    size_t wanted_bytes;
    size_t scratch_at; // of wanted, where there is a reorder
} conv_tensor;

/* A convolution that is ready to run for one shape. */
typedef struct {
    conv_shape shape;
    dnnl_primitive_t primitive;
    conv_tensor tensors[N_ROLES];
    dnnl_memory_t bias, scratchpad;
    size_t scratchpad_at, scratch_bytes;
    uint64_t last_use;
} conv_plan;

/* Constant weights in the layout that a plan wants. */
typedef struct {
    const void *from;
    dnnl_memory_desc_t layout;
    void *data;
} conv_weights;

enum { MAX_PLANS = 128 };

struct cpu_onednn {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    int n_threads;
    conv_plan *plans[MAX_PLANS]; // the first n_plans
    int n_plans;
    uint64_t n_uses;
    conv_weights *weights;
    int n_weights, weights_capacity;
};

bool cpu_onednn_open(cpu_onednn **out, int n_threads, ask_error *err)
{
    cpu_onednn *d = calloc(1, sizeof *d);
    if (!d) return ask_fail_memory(err);
    d->n_threads = n_threads;
    if (!check(dnnl_engine_create(&d->engine, dnnl_cpu, 0), "opening an engine", err) ||
        !check(dnnl_stream_create(&d->stream, d->engine, dnnl_stream_default_flags),
               "opening a stream", err)) {
        cpu_onednn_close(d);
        return false;
    }
    *out = d;
    return true;
}

static void plan_free(conv_plan *p)
{
    if (!p) return;
    for (int i = 0; i < N_ROLES; i++) {
        conv_tensor *t = &p->tensors[i];
        if (t->reorder) dnnl_primitive_destroy(t->reorder);
        if (t->wanted && t->wanted != t->plain) dnnl_memory_destroy(t->wanted);
        if (t->plain) dnnl_memory_destroy(t->plain);
    }
    if (p->bias) dnnl_memory_destroy(p->bias);
    if (p->scratchpad) dnnl_memory_destroy(p->scratchpad);
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    free(p);
}

void cpu_onednn_close(cpu_onednn *d)
{
    if (!d) return;
    for (int i = 0; i < d->n_plans; i++) plan_free(d->plans[i]);
    for (int i = 0; i < d->n_weights; i++) free(d->weights[i].data);
    free(d->weights);
    if (d->stream) dnnl_stream_destroy(d->stream);
    if (d->engine) dnnl_engine_destroy(d->engine);
    free(d);
}

void cpu_onednn_forget(cpu_onednn *d, const ask_buffer *buffer)
{
    uintptr_t begin = (uintptr_t)buffer->handle, end = begin + buffer->bytes;
    int kept = 0;
    for (int i = 0; i < d->n_weights; i++) {
        uintptr_t from = (uintptr_t)d->weights[i].from;
        if (from >= begin && from < end)
            free(d->weights[i].data);
        else
            d->weights[kept++] = d->weights[i];
    }
    d->n_weights = kept;
}

/* ---- planning a shape ---- */

typedef struct {
    dnnl_memory_desc_t layout[N_ROLES], bias;
} conv_layouts;

/* How many of the three axes the library is told of: the frames only if there are some. */
static int n_axes_of(const conv_shape *s)
{
    return s->in[0] == 1 && s->out[0] == 1 && s->kernel[0] == 1 ? 2 : 3;
}

/* The last n axes of `from`, as the library takes sizes: behind `at` others. */
static void put_axes(dnnl_dims_t dims, int at, const int64_t from[3], int n)
{
    for (int i = 0; i < n; i++) dims[at + i] = from[3 - n + i];
}

/* Sizes of the tensors, with the weights of groups as the library sees them, in one layout.
 */
static bool describe(const conv_shape *s, bool plain, conv_layouts *l)
{
    static const dnnl_format_tag_t plain_tag[] = {
        [4] = dnnl_abcd, [5] = dnnl_abcde, [6] = dnnl_abcdef};
    int n = n_axes_of(s), w_at = s->groups > 1 ? 3 : 2;
    dnnl_dims_t x = {s->n, s->c}, y = {s->n, s->o}, w = {s->o, s->c};
    if (s->groups > 1) {
        w[0] = s->groups;
        w[1] = s->o / s->groups;
        w[2] = s->c / s->groups;
    }
    put_axes(x, 2, s->in, n);
    put_axes(y, 2, s->out, n);
    put_axes(w, w_at, s->kernel, n);
    // The library's own choice for the weights' gradient of depthwise convolutions is slow.
    bool channels_last = s->form == CONV_W && s->groups == s->c && s->groups > 1;
    dnnl_format_tag_t last = n == 2 ? dnnl_nhwc : dnnl_ndhwc;
    dnnl_format_tag_t chosen = channels_last ? last : dnnl_format_tag_any;
    dnnl_format_tag_t data = plain ? plain_tag[2 + n] : chosen;
    dnnl_format_tag_t weights = plain ? plain_tag[w_at + n] : dnnl_format_tag_any;
    return !dnnl_memory_desc_init_by_tag(&l->layout[ROLE_X], 2 + n, x, dnnl_f32, data) &&
           !dnnl_memory_desc_init_by_tag(&l->layout[ROLE_Y], 2 + n, y, dnnl_f32, data) &&
           !dnnl_memory_desc_init_by_tag(&l->layout[ROLE_W], w_at + n, w, dnnl_f32,
                                         weights) &&
           !dnnl_memory_desc_init_by_tag(&l->bias, 1, (dnnl_dims_t){s->o}, dnnl_f32,
                                         dnnl_a);
}

/* Describes the convolution; the gradients need the forward one as a hint. */
static dnnl_status_t describe_primitive(const cpu_onednn *d, const conv_shape *s,
                                        const conv_layouts *l, dnnl_primitive_desc_t *out)
{
    int n = n_axes_of(s);
    dnnl_dims_t stride, pad, pad_after, gaps;
    put_axes(stride, 0, s->stride, n);
    put_axes(pad, 0, s->pad, n);
    put_axes(pad_after, 0, s->pad_end, n);
    put_axes(gaps, 0, s->dilation, n);
    for (int i = 0; i < n; i++) {
        pad_after[i] += pad[i];
        gaps[i]--;
    }
    const dnnl_memory_desc_t *x = &l->layout[ROLE_X], *w = &l->layout[ROLE_W];
    const dnnl_memory_desc_t *y = &l->layout[ROLE_Y];
    bool forward = s->form == CONV_Y;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_primitive_attr_create(&attr);
    if (!status)
        status = dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (!status)
        status = dnnl_dilated_convolution_forward_desc_init(
            &desc, forward ? dnnl_forward_inference : dnnl_forward_training,
            dnnl_convolution_direct, x, w, s->has_bias ? &l->bias : NULL, y, stride, gaps,
            pad, pad_after);
    if (!status)
        status =
            dnnl_primitive_desc_create(forward ? out : &hint, &desc, attr, d->engine, NULL);
    if (!status && s->form == CONV_X)
        status = dnnl_dilated_convolution_backward_data_desc_init(
            &desc, dnnl_convolution_direct, x, w, y, stride, gaps, pad, pad_after);
    if (!status && s->form == CONV_W)
        status = dnnl_dilated_convolution_backward_weights_desc_init(
            &desc, dnnl_convolution_direct, x, w, NULL, y, stride, gaps, pad, pad_after);
    if (!status && !forward)
        status = dnnl_primitive_desc_create(out, &desc, attr, d->engine, hint);
    if (hint) dnnl_primitive_desc_destroy(hint);
    if (attr) dnnl_primitive_attr_destroy(attr);
    return status;
}

static size_t take(size_t *at, size_t bytes)
{
    size_t begin = *at;
    *at += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return begin;
}

/* Prepares one tensor: its memory objects, without memory yet, and the reorder between
 * them. */
static dnnl_status_t prepare_tensor(const cpu_onednn *d, conv_plan *p, conv_tensor *t,
                                    const dnnl_memory_desc_t *plain,
                                    const dnnl_memory_desc_t *wanted, bool is_result)
{
    dnnl_status_t status =
        dnnl_memory_create(&t->plain, plain, d->engine, DNNL_MEMORY_NONE);
    if (status || dnnl_memory_desc_equal(plain, wanted)) {
        t->wanted = t->plain;
        return status;
    }
    t->wanted_bytes = dnnl_memory_desc_get_size(wanted);
    t->scratch_at = take(&p->scratch_bytes, t->wanted_bytes);
    status = dnnl_memory_create(&t->wanted, wanted, d->engine, DNNL_MEMORY_NONE);
    if (status) return status;
    dnnl_primitive_desc_t desc = NULL;
    status =
        dnnl_reorder_primitive_desc_create(&desc, is_result ? wanted : plain, d->engine,
                                           is_result ? plain : wanted, d->engine, NULL);
    if (!status) status = dnnl_primitive_create(&t->reorder, desc);
    if (desc) dnnl_primitive_desc_destroy(desc);
    return status;
}

static dnnl_query_t wanted_query(conv_form form, int role)
{
    static const dnnl_query_t queries[3][N_ROLES] = {
        [CONV_Y] = {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
        [CONV_X] = {dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md},
        [CONV_W] = {dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md}};
    return queries[form][role];
}

static int role_of_result(conv_form form)
{
    return form == CONV_Y ? ROLE_Y : form == CONV_X ? ROLE_X : ROLE_W;
}

static dnnl_status_t prepare_plan(const cpu_onednn *d, conv_plan *p)
{
    conv_layouts plain, chosen;
    if (!describe(&p->shape, true, &plain) || !describe(&p->shape, false, &chosen))
        return dnnl_invalid_arguments;
    dnnl_primitive_desc_t desc = NULL;
    dnnl_status_t status = describe_primitive(d, &p->shape, &chosen, &desc);
    if (!status) status = dnnl_primitive_create(&p->primitive, desc);
    for (int i = 0; i < N_ROLES && !status; i++)
        status = prepare_tensor(
            d, p, &p->tensors[i], &plain.layout[i],
            dnnl_primitive_desc_query_md(desc, wanted_query(p->shape.form, i), 0),
            i == role_of_result(p->shape.form));
    if (!status)
        status = dnnl_memory_create(&p->bias, &plain.bias, d->engine, DNNL_MEMORY_NONE);
    if (!status) {
        const dnnl_memory_desc_t *pad =
            dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
        p->scratchpad_at = take(&p->scratch_bytes, dnnl_memory_desc_get_size(pad));
        status = dnnl_memory_create(&p->scratchpad, pad, d->engine, DNNL_MEMORY_NONE);
    }
    if (desc) dnnl_primitive_desc_destroy(desc);
    return status;
}

/* ---- plans that are kept ---- */

static bool same_shape(const conv_shape *a, const conv_shape *b)
{
    bool same = a->form == b->form && a->n == b->n && a->c == b->c && a->o == b->o &&
                a->groups == b->groups && a->has_bias == b->has_bias;
    for (int i = 0; i < 3 && same; i++)
        same = a->in[i] == b->in[i] && a->kernel[i] == b->kernel[i] &&
               a->stride[i] == b->stride[i] && a->pad[i] == b->pad[i] &&
               a->pad_end[i] == b->pad_end[i] && a->dilation[i] == b->dilation[i];
    return same;
}

/* A place for one more plan: a new one, or that of the plan that was not used for longest.
 */
static int make_room(cpu_onednn *d)
{
    if (d->n_plans < MAX_PLANS) return d->n_plans++;
    int oldest = 0;
    for (int i = 1; i < d->n_plans; i++)
        if (d->plans[i]->last_use < d->plans[oldest]->last_use) oldest = i;
    plan_free(d->plans[oldest]);
    return oldest;
}

static conv_plan *find_plan(cpu_onednn *d, const conv_shape *shape, ask_error *err)
{
    for (int i = 0; i < d->n_plans; i++) {
        if (!same_shape(&d->plans[i]->shape, shape)) continue;
        d->plans[i]->last_use = ++d->n_uses;
        return d->plans[i];
    }
    conv_plan *p = calloc(1, sizeof *p);
    if (!p) {
        ask_fail_memory(err);
        return NULL;
    }
    p->shape = *shape;
    p->last_use = ++d->n_uses;
    int threads_before = resize_team(d->n_threads); // the library plans for that many
    dnnl_status_t status = prepare_plan(d, p);
    resize_team(threads_before);
    if (!check(status, "preparing a convolution", err)) {
        plan_free(p);
        return NULL;
    }
    d->plans[make_room(d)] = p;
    return p;
}

size_t cpu_onednn_conv_scratch(cpu_onednn *d, const conv_shape *shape)
{
    const conv_plan *p = find_plan(d, shape, NULL);
    return p ? p->scratch_bytes : 0;
}

/* ---- running ---- */

static dnnl_status_t run_reorder(cpu_onednn *d, const conv_tensor *t, bool is_result)
{
    dnnl_exec_arg_t args[2] = {{DNNL_ARG_FROM, is_result ? t->wanted : t->plain},
                               {DNNL_ARG_TO, is_result ? t->plain : t->wanted}};
    return dnnl_primitive_execute(t->reorder, d->stream, 2, args);
}

static const conv_weights *find_weights(const cpu_onednn *d, const void *from,
                                        const dnnl_memory_desc_t *layout)
{
    for (int i = 0; i < d->n_weights; i++)
        if (d->weights[i].from == from &&
            dnnl_memory_desc_equal(&d->weights[i].layout, layout))
            return &d->weights[i];
    return NULL;
}

static bool weights_append(cpu_onednn *d, const conv_weights *w)
{
    if (d->n_weights == d->weights_capacity) {
        int capacity = d->weights_capacity ? 2 * d->weights_capacity : 64;
        conv_weights *bigger = realloc(d->weights, (size_t)capacity * sizeof *bigger);
        if (!bigger) return false;
        d->weights = bigger;
        d->weights_capacity = capacity;
    }
    d->weights[d->n_weights++] = *w;
    return true;
}

/* Reorders constant weights once. *out: the kept ones. */
static bool keep_weights(cpu_onednn *d, const conv_tensor *t, const ask_view *view,
                         const void **out, ask_error *err)
{
    const dnnl_memory_desc_t *layout;
    if (!check(dnnl_memory_get_memory_desc(t->wanted, &layout), "asking for a layout", err))
        return false;
    const conv_weights *known = find_weights(d, view_data(view), layout);
    if (known) {
        *out = known->data;
        return true;
    }
    conv_weights w = {.from = view_data(view), .layout = *layout};
    if (posix_memalign(&w.data, ALIGNMENT, t->wanted_bytes) != 0 ||
        !weights_append(d, &w)) {
        free(w.data);
        return ask_fail(err, ASK_ERR_NOMEM,
                        "out of memory: %zu bytes for the weights of a "
                        "convolution",
                        t->wanted_bytes);
    }
    dnnl_status_t status = dnnl_memory_set_data_handle(t->wanted, w.data);
    if (!status) status = run_reorder(d, t, false);
    if (!check(status, "reordering weights", err)) {
        free(d->weights[--d->n_weights].data);
        return false;
    }
    cpu_drop_pages(view, view_count(view) * (int64_t)sizeof(float));
    *out = w.data;
    return true;
}

static dnnl_status_t execute(cpu_onednn *d, const conv_plan *p)
{
    static const int arg[3][N_ROLES] = {
        [CONV_Y] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
        [CONV_X] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
        [CONV_W] = {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
    dnnl_exec_arg_t args[N_ROLES + 2];
    int n = 0;
    for (int i = 0; i < N_ROLES; i++)
        args[n++] = (dnnl_exec_arg_t){arg[p->shape.form][i], p->tensors[i].wanted};
    args[n++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, p->scratchpad};
    if (p->shape.has_bias) args[n++] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, p->bias};
    return dnnl_primitive_execute(p->primitive, d->stream, n, args);
}

/* Tells the memory objects where the data are. */
static dnnl_status_t attach(const conv_plan *p, const conv_data *data, char *scratch)
{
    ask_real *const plain[N_ROLES] = {
        [ROLE_X] = data->x, [ROLE_W] = data->w, [ROLE_Y] = data->y};
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < N_ROLES && !status; i++) {
        const conv_tensor *t = &p->tensors[i];
        status = dnnl_memory_set_data_handle(t->plain, plain[i]);
        if (!status && t->reorder)
            status = dnnl_memory_set_data_handle(t->wanted, scratch + t->scratch_at);
    }
    if (!status)
        status = dnnl_memory_set_data_handle(p->bias, (void *)(uintptr_t)data->bias);
    if (!status)
        status = dnnl_memory_set_data_handle(p->scratchpad, scratch + p->scratchpad_at);
    return status;
}

static bool compute(cpu_onednn *d, conv_plan *p, const conv_data *data,
                    const ask_view *weights, char *scratch, ask_error *err)
{
    dnnl_status_t status = attach(p, data, scratch);
    int result = role_of_result(p->shape.form);
    for (int i = 0; i < N_ROLES && !status; i++) {
        const conv_tensor *t = &p->tensors[i];
        if (!t->reorder || i == result) continue;
        if (i == ROLE_W && weights->buffer->constant) {
            const void *kept;
            if (!keep_weights(d, t, weights, &kept, err)) return false;
            status = dnnl_memory_set_data_handle(t->wanted, (void *)(uintptr_t)kept);
        } else {
            status = run_reorder(d, t, false);
        }
    }
    if (!status) status = execute(d, p);
    if (!status && p->tensors[result].reorder)
        status = run_reorder(d, &p->tensors[result], true);
    if (!status) status = dnnl_stream_wait(d->stream);
    return check(status, "running a convolution", err);
}

bool cpu_onednn_conv(cpu_onednn *d, const conv_shape *shape, const conv_data *data,
                     const ask_view *weights, char *scratch, ask_error *err)
{
    conv_plan *p = find_plan(d, shape, err);
    if (!p) return false;
    int threads_before = resize_team(d->n_threads);
    bool ok = compute(d, p, data, weights, scratch, err);
    resize_team(threads_before);
    return ok;
}
