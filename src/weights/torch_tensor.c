/* What torch's pickles say of a tensor. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"
#include "weights/torch_priv.h"

/* The classes of storages. */
static const struct {
    const char *name;
    ask_dtype type;
    bool is_untyped;
} storages[] = {
    {"torch.BFloat16Storage", ASK_BF16, false},     {"torch.BoolStorage", ASK_BOOL, false},
    {"torch.ByteStorage", ASK_U8, false},           {"torch.CharStorage", ASK_I8, false},
    {"torch.DoubleStorage", ASK_F64, false},        {"torch.FloatStorage", ASK_F32, false},
    {"torch.HalfStorage", ASK_F16, false},          {"torch.IntStorage", ASK_I32, false},
    {"torch.LongStorage", ASK_I64, false},          {"torch.ShortStorage", ASK_I16, false},
    {"torch.storage.UntypedStorage", ASK_U8, true},
};

static const struct {
    const char *name;
    ask_dtype type;
} types[] = {
    {"torch.bfloat16", ASK_BF16},
    {"torch.bool", ASK_BOOL},
    {"torch.float16", ASK_F16},
    {"torch.float32", ASK_F32},
    {"torch.float64", ASK_F64},
    {"torch.float8_e4m3fn", ASK_F8_E4M3},
    {"torch.float8_e5m2", ASK_F8_E5M2},
    {"torch.int16", ASK_I16},
    {"torch.int32", ASK_I32},
    {"torch.int64", ASK_I64},
    {"torch.int8", ASK_I8},
    {"torch.uint16", ASK_U16},
    {"torch.uint32", ASK_U32},
    {"torch.uint64", ASK_U64},
    {"torch.uint8", ASK_U8},
};

enum {
    N_STORAGES = sizeof storages / sizeof *storages,
    N_TYPES = sizeof types / sizeof *types,
};

#define REBUILD "torch._utils._rebuild_tensor"      // storage, offset, size, stride
#define REBUILD_2 "torch._utils._rebuild_tensor_v2" // ... and what training needs
#define REBUILD_3 "torch._utils._rebuild_tensor_v3" // ... and the type, at TYPE_ARG
#define PARAMETER "torch._utils._rebuild_parameter" // tensor, ...
#define PARAMETER_STATE "torch._utils._rebuild_parameter_with_state" // tensor, ...
#define FROM_TYPE "torch._tensor._rebuild_from_type_v2" // function, class, arguments, ...
#define SIZE "torch.Size"

enum { TYPE_ARG = 6 };

/* Functions and classes that have no type. */
static const char *const others[] = {
    REBUILD,
    REBUILD_2,
    REBUILD_3,
    PARAMETER,
    PARAMETER_STATE,
    FROM_TYPE,
    SIZE,
    "torch.Tensor",
    "torch.device",
    "torch.nn.parameter.Buffer",
    "torch.nn.parameter.Parameter",
};

/* Whether a pickle may have this name in it. */
static bool knows(const char *name)
{
    for (int i = 0; i < N_STORAGES; i++)
        if (strcmp(name, storages[i].name) == 0) return true;
    for (int i = 0; i < N_TYPES; i++)
        if (strcmp(name, types[i].name) == 0) return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0) return true;
    return false;
}

ask_pickle_options torch_pickle_options(void)
{
    ask_pickle_options o = ask_pickle_defaults();
    o.knows = knows;
    o.persistent = true;
    return o;
}

bool torch_fail(const torch_tree *t, const char *format, ...)
{
    char text[ASK_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    ask_vformat(text, sizeof text, format, args);
    va_end(args);
    return ask_fail(t->err, ASK_ERR_MODEL, "%s: %s", ask_weights_file(t->weights, t->file),
                    text);
}

static bool is_int(const ask_pickle_value *v)
{
    return ask_pickle_is(v, ASK_PICKLE_INT);
}

/* ---- storages ---- */

static bool find_storage_class(torch_reference *out, const ask_pickle_value *name)
{
    for (int i = 0; i < N_STORAGES; i++) {
        if (!ask_pickle_is_text(name, storages[i].name)) continue;
        out->type = storages[i].type;
        out->is_untyped = storages[i].is_untyped;
        return true;
    }
    return false;
}

static bool read_view(torch_reference *out, const ask_pickle_value *view)
{
    if (!view || view->kind == ASK_PICKLE_NONE) return true;
    const ask_pickle_value *begin = ask_pickle_item(view, 1), *n = ask_pickle_item(view, 2);
    if (!is_int(begin) || !is_int(n)) return false;
    out->is_view = true;
    out->view_begin = begin->integer;
    out->view_elements = n->integer;
    return true;
}

bool torch_read_reference(const torch_tree *t, torch_reference *out,
                          const ask_pickle_value *v)
{
    torch_reference r = {0};
    const ask_pickle_value *id = ask_pickle_item(v, 0), *key = ask_pickle_item(id, 2);
    const ask_pickle_value *n = ask_pickle_item(id, 4);
    if (!ask_pickle_is_text(ask_pickle_item(id, 0), "storage") ||
        !find_storage_class(&r, ask_pickle_item(id, 1)) ||
        !ask_pickle_is(key, ASK_PICKLE_STRING) || !is_int(n) || n->integer < 0 ||
        !read_view(&r, ask_pickle_item(id, 5)))
        return torch_fail(t, "a storage is described in a way that is not read");
    r.key = key->text.data;
    r.n_elements = n->integer;
    *out = r;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const torch_storage *x = a, *y = b;
    return strcmp(x->key, y->key);
}

bool torch_sort_storages(torch_tree *t)
{
    if (t->n_storages > 0)
        qsort(t->storages, t->n_storages, sizeof *t->storages, compare_keys);
    for (size_t i = 1; i < t->n_storages; i++) {
        if (compare_keys(&t->storages[i - 1], &t->storages[i]) == 0)
            return torch_fail(t, "storage \"%s\" is there twice", t->storages[i].key);
    }
    return true;
}

/* The bytes of a storage, or of the view of it; only a storage that a tensor has is
 * unpacked. */
static bool find_bytes(torch_tree *t, const uint8_t **bytes, size_t *n_bytes,
                       const torch_reference *r)
{
    torch_storage wanted = {.key = r->key};
    torch_storage *s = t->n_storages == 0 ? NULL
                                          : bsearch(&wanted, t->storages, t->n_storages,
                                                    sizeof *t->storages, compare_keys);
    if (!s) return torch_fail(t, "storage \"%s\" is missing", r->key);
    size_t element = ask_dtype_bytes(r->type), need;
    if (!ask_bytes_of(&need, r->n_elements, element) || need > s->n_bytes) {
        return torch_fail(t, "storage \"%s\" has %zu bytes, less than its %lld elements",
                          r->key, s->n_bytes, (long long)r->n_elements);
    }
    if (!s->bytes && !torch_unpack(t, &s->bytes, s->zip_entry)) return false;
    *bytes = s->bytes;
    *n_bytes = s->n_bytes;
    if (!r->is_view) return true;
    size_t begin, length;
    if (!ask_bytes_of(&begin, r->view_begin, element) ||
        !ask_bytes_of(&length, r->view_elements, element) || begin > s->n_bytes ||
        length > s->n_bytes - begin)
        return torch_fail(t, "a view goes beyond storage \"%s\"", r->key);
    *bytes += begin;
    *n_bytes = length;
    return true;
}

/* ---- tensors ---- */

typedef struct {
    const ask_pickle_value *function;
    const ask_pickle_value *const *args;
    size_t n;
} call;

/* The call behind wrappers such as parameters; function NULL when there is
 * none. */
static call unwrap(const ask_pickle_value *v)
{
    while (ask_pickle_is(v, ASK_PICKLE_CALL)) {
        call c = {v->items.at[0], v->items.at + 1, v->items.n - 1};
        if (ask_pickle_is_text(c.function, FROM_TYPE)) {
            const ask_pickle_value *args = ask_pickle_item(v, 3);
            if (!ask_pickle_is(args, ASK_PICKLE_TUPLE)) break;
            c = (call){ask_pickle_item(v, 1), args->items.at, args->items.n};
        }
        if (!ask_pickle_is_text(c.function, PARAMETER) &&
            !ask_pickle_is_text(c.function, PARAMETER_STATE))
            return c;
        v = c.n > 0 ? c.args[0] : NULL;
    }
    return (call){0};
}

static bool is_rebuild(const call *c)
{
    return ask_pickle_is_text(c->function, REBUILD) ||
           ask_pickle_is_text(c->function, REBUILD_2) ||
           ask_pickle_is_text(c->function, REBUILD_3);
}

bool torch_is_tensor(const ask_pickle_value *v)
{
    call c = unwrap(v);
    return is_rebuild(&c);
}

/* A tuple of integers, or torch.Size of one. */
static bool read_sizes(const torch_tree *t, int64_t out[ASK_MAX_DIMS], int *n_dims,
                       const ask_pickle_value *v)
{
    if (ask_pickle_is(v, ASK_PICKLE_CALL) &&
        ask_pickle_is_text(ask_pickle_item(v, 0), SIZE))
        v = ask_pickle_item(v, 1);
    if (!ask_pickle_is(v, ASK_PICKLE_TUPLE)) return torch_fail(t, "a shape is no tuple");
    if (v->items.n > ASK_MAX_DIMS)
        return torch_fail(t, "%zu dimensions (at most %d)", v->items.n, ASK_MAX_DIMS);
    for (size_t i = 0; i < v->items.n; i++) {
        if (!is_int(v->items.at[i]) || v->items.at[i]->integer < 0)
            return torch_fail(t, "a shape is not of sizes from 0 up");
        out[i] = v->items.at[i]->integer;
    }
    *n_dims = (int)v->items.n;
    return true;
}

static bool read_type(const torch_tree *t, ask_dtype *out, const call *c,
                      const torch_reference *r)
{
    if (!ask_pickle_is_text(c->function, REBUILD_3)) {
        *out = r->type;
        return !r->is_untyped || torch_fail(t, "the type of its elements is not told");
    }
    for (int i = 0; i < N_TYPES && c->n > TYPE_ARG; i++) {
        if (!ask_pickle_is_text(c->args[TYPE_ARG], types[i].name)) continue;
        *out = types[i].type;
        return true;
    }
    return torch_fail(t, "the type of its elements is not one that is read");
}

/* No step is ever taken along a side of one element, whatever its stride says. */
static void drop_unused_strides(const ask_weights_entry *e, int64_t *stride)
{
    for (int i = 0; i < e->n_dims; i++)
        if (e->shape[i] == 1) stride[i] = 0;
}

/* How many elements of a storage the view reaches, from its first on. */
static bool reach(int64_t *out, const ask_weights_entry *e, const int64_t *stride)
{
    int64_t last = 0;
    for (int i = 0; i < e->n_dims; i++) {
        int64_t step;
        if (e->shape[i] == 0) {
            *out = 0;
            return true;
        }
        if (!ask_mul_i64(&step, e->shape[i] - 1, stride[i]) ||
            !ask_add_i64(&last, last, step))
            return false;
    }
    return ask_add_i64(out, last, 1);
}

static bool is_in_order(const ask_weights_entry *e, const int64_t *stride)
{
    int64_t expected = 1;
    for (int i = e->n_dims; i-- > 0;) {
        if (e->shape[i] != 1 && stride[i] != expected) return false;
        expected *= e->shape[i]; // no more than all elements
    }
    return true;
}

/* Copies a view's elements into C order: counts through them, keeping the place
 * of each. */
static void gather(uint8_t *to, const uint8_t *from, const ask_weights_entry *e,
                   const int64_t *stride)
{
    size_t element = ask_dtype_bytes(e->type);
    int64_t index[ASK_MAX_DIMS] = {0}, at = 0;
    for (int64_t done = 0; done < e->n_elements; done++) {
        memcpy(to + (size_t)done * element, from + (size_t)at * element, element);
        for (int d = e->n_dims; d-- > 0;) {
            at += stride[d];
            if (++index[d] < e->shape[d]) break;
            at -= stride[d] * e->shape[d];
            index[d] = 0;
        }
    }
}

/* The data of a view in C order: where they lie, or a copy. A view can repeat
 * an element as often as it likes, so what may be copied is bounded by the size
 * of the file, and of what was unpacked from it. */
static bool take_data(torch_tree *t, ask_weights_entry *e, const uint8_t *first,
                      const int64_t *stride)
{
    enum { MORE_BYTES = 1 << 28 };
    e->data = first;
    if (e->n_elements == 0 || is_in_order(e, stride)) return true;
    size_t limit = t->weights->files[t->file].n_bytes + t->unpacked_bytes + MORE_BYTES;
    if (e->bytes > limit || t->copied_bytes > limit - e->bytes)
        return torch_fail(t, "its views repeat elements too often");
    t->copied_bytes += e->bytes;
    uint8_t *copy = ask_arena_alloc64(t->weights->arena, e->bytes);
    if (!copy) return ask_fail_memory(t->err);
    gather(copy, first, e, stride);
    e->data = copy;
    return true;
}

bool torch_read_tensor(torch_tree *t, ask_weights_entry *out, const ask_pickle_value *v)
{
    call c = unwrap(v);
    torch_reference r;
    ask_weights_entry e = *out;
    int64_t stride[ASK_MAX_DIMS], n_reached;
    int n_strides;
    const uint8_t *bytes = NULL;
    size_t n_bytes = 0, offset, length;
    if (!is_rebuild(&c) || c.n < 4 || !ask_pickle_is(c.args[0], ASK_PICKLE_PERSISTENT) ||
        !is_int(c.args[1]))
        return torch_fail(t, "a tensor is described in a way that is not read");
    if (!torch_read_reference(t, &r, c.args[0]) || !read_type(t, &e.type, &c, &r) ||
        !find_bytes(t, &bytes, &n_bytes, &r) ||
        !read_sizes(t, e.shape, &e.n_dims, c.args[2]) ||
        !read_sizes(t, stride, &n_strides, c.args[3]))
        return false;
    if (n_strides != e.n_dims)
        return torch_fail(t, "%d sizes and %d strides", e.n_dims, n_strides);
    drop_unused_strides(&e, stride);
    if (!weights_size(&e.n_elements, &e.bytes, e.type, e.n_dims, e.shape) ||
        !reach(&n_reached, &e, stride))
        return torch_fail(t, "the shape overflows");
    size_t element = ask_dtype_bytes(e.type);
    if (!ask_bytes_of(&offset, c.args[1]->integer, element) ||
        !ask_bytes_of(&length, n_reached, element) || offset > n_bytes ||
        length > n_bytes - offset) {
        return torch_fail(t, "it goes beyond its storage \"%s\" of %zu bytes", r.key,
                          n_bytes);
    }
    if (!take_data(t, &e, bytes + offset, stride)) return false;
    *out = e;
    return true;
}
