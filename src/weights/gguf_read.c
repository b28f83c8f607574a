/* The header of a GGUF file, after docs/gguf.md of the ggml project:
 *
 *     "GGUF"  version u32  n_tensors u64  n_values u64
 *     n_values  times: key string, type u32, value
 *     n_tensors times: name string, n_dims u32, that many u64 (innermost first), type u32,
 *                      offset u64 (into the data)
 *     zeros up to a multiple of "general.alignment", then the data
 *
 * A string is its length (u64) and its bytes; an array is the type of its items (u32),
 * their number (u64) and the items. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "weights/gguf_priv.h"

enum {
    DEFAULT_ALIGNMENT = 32,
    MAX_COUNT = 1 << 20, // of values, of tensors; published models have some thousands
    MAX_NAME_BYTES = 65535,
    MAX_DIMS = 4,         // of the format
    MAX_DEPTH = 4,        // of arrays in arrays; published files have one level
    MIN_VALUE_BYTES = 13, // what the smallest of its kind takes in the file
    MIN_TENSOR_BYTES = 24,
};

/* Where reading stands, and in what, for messages. */
typedef struct {
    ask_gguf *g;
    size_t at;
    const char *kind, *name; // "key" or "tensor" and its name; NULL outside of both
} cursor;

ASK_PRINTF(3, 4)
static bool fail_at(const cursor *c, ask_error *err, const char *format, ...)
{
    char fault[256];
    va_list args;
    va_start(args, format);
    vsnprintf(fault, sizeof fault, format, args);
    va_end(args);
    if (!c->name) return ask_fail(err, ASK_ERR_MODEL, "%s: %s", c->g->path, fault);
    return ask_fail(err, ASK_ERR_MODEL, "%s: %s \"%s\": %s", c->g->path, c->kind, c->name,
                    fault);
}

/* ---- pieces ---- */

static bool take(const uint8_t **out, cursor *c, size_t n_bytes, const char *what,
                 ask_error *err)
{
    size_t left = c->g->n_bytes - c->at;
    if (n_bytes > left) {
        return fail_at(c, err, "truncated: %s at byte %zu needs %zu bytes, %zu are left",
                       what, c->at, n_bytes, left);
    }
    *out = c->g->bytes + c->at;
    c->at += n_bytes;
    return true;
}

static bool take_number(uint64_t *out, cursor *c, size_t n_bytes, const char *what,
                        ask_error *err)
{
    const uint8_t *at = NULL;
    if (!take(&at, c, n_bytes, what, err)) return false;
    *out = gguf_number(at, n_bytes);
    return true;
}

/* A key or a tensor's name, as C has texts. */
static bool take_name(const char **out, cursor *c, const char *what, ask_error *err)
{
    uint64_t length;
    const uint8_t *text = NULL;
    if (!take_number(&length, c, 8, what, err)) return false;
    if (length > MAX_NAME_BYTES) {
        return fail_at(c, err, "%s before byte %zu has %" PRIu64 " bytes (at most %d)",
                       what, c->at, length, MAX_NAME_BYTES);
    }
    if (!take(&text, c, (size_t)length, what, err)) return false;
    if (memchr(text, '\0', (size_t)length))
        return fail_at(c, err, "%s before byte %zu has a NUL in it", what, c->at);
    *out = ask_arena_strndup(c->g->arena, (const char *)text, (size_t)length);
    return *out || ask_fail_memory(err);
}

/* A count of things that take at least min_bytes each. */
static bool take_count(size_t *out, cursor *c, size_t min_bytes, const char *what,
                       ask_error *err)
{
    uint64_t n;
    if (!take_number(&n, c, 8, what, err)) return false;
    if (n > MAX_COUNT)
        return fail_at(c, err, "%s is %" PRIu64 " (at most %d)", what, n, MAX_COUNT);
    size_t left = c->g->n_bytes - c->at;
    if (n > left / min_bytes) {
        return fail_at(c, err, "truncated: %s is %" PRIu64 ", but only %zu bytes follow",
                       what, n, left);
    }
    *out = (size_t)n;
    return true;
}

/* ---- metadata ---- */

static bool take_type(ask_gguf_type *out, cursor *c, ask_error *err)
{
    uint64_t type;
    if (!take_number(&type, c, 4, "the type of the value", err)) return false;
    if (type >= ASK_GGUF_N_TYPES) {
        return fail_at(c, err, "a value of the unknown type %" PRIu64 " before byte %zu",
                       type, c->at);
    }
    *out = (ask_gguf_type)type;
    return true;
}

/* Passes n items of an array, or the one value of a key, which lies at depth 0. */
static bool pass_items(cursor *c, ask_gguf_type type, uint64_t n, int depth,
                       ask_error *err);

static bool pass_array(cursor *c, int depth, ask_error *err)
{
    ask_gguf_type type;
    uint64_t n;
    if (depth >= MAX_DEPTH)
        return fail_at(c, err, "arrays nested deeper than %d levels", MAX_DEPTH);
    return take_type(&type, c, err) && take_number(&n, c, 8, "the number of items", err) &&
           pass_items(c, type, n, depth + 1, err);
}

static bool pass_string(cursor *c, ask_error *err)
{
    uint64_t length;
    const uint8_t *text = NULL;
    return take_number(&length, c, 8, "the length of a text", err) &&
           take(&text, c, (size_t)length, "a text", err);
}

static bool check_bools(const cursor *c, const uint8_t *at, uint64_t n, ask_error *err)
{
    for (uint64_t i = 0; i < n; i++)
        if (at[i] > 1) return fail_at(c, err, "the truth value %d (0 or 1)", at[i]);
    return true;
}

static bool pass_items(cursor *c, ask_gguf_type type, uint64_t n, int depth, ask_error *err)
{
    size_t item_bytes = gguf_type_bytes(type);
    if (item_bytes > 0) {
        const uint8_t *at = NULL;
        size_t n_bytes;
        if (!ask_mul_size(&n_bytes, (size_t)n, item_bytes))
            return fail_at(c, err, "%" PRIu64 " items overflow", n);
        if (!take(&at, c, n_bytes, "the value", err)) return false;
        return type != ASK_GGUF_BOOL || check_bools(c, at, n, err);
    }
    for (uint64_t i = 0; i < n; i++) {
        bool ok = type == ASK_GGUF_STRING ? pass_string(c, err) : pass_array(c, depth, err);
        if (!ok) return false;
    }
    return true;
}

static bool read_value(ask_gguf_value *v, cursor *c, ask_error *err)
{
    *v = (ask_gguf_value){.file = c->g, .index = -1};
    if (!take_name(&v->key, c, "a key", err)) return false;
    c->kind = "key";
    c->name = v->key;
    if (!take_type(&v->type, c, err)) return false;
    v->at = c->g->bytes + c->at;
    if (!pass_items(c, v->type, 1, 0, err)) return false;
    if (v->type == ASK_GGUF_ARRAY) gguf_enter_array(v);
    c->name = NULL;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const ask_gguf_value *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static bool sort_values(ask_gguf *g, ask_error *err)
{
    g->values_by_key = ask_arena_array(g->arena, g->n_values, sizeof *g->values_by_key);
    if (!g->values_by_key) return ask_fail_memory(err);
    for (size_t i = 0; i < g->n_values; i++) g->values_by_key[i] = &g->values[i];
    qsort(g->values_by_key, g->n_values, sizeof *g->values_by_key, compare_keys);
    for (size_t i = 1; i < g->n_values; i++) {
        const char *key = g->values_by_key[i]->key;
        if (strcmp(g->values_by_key[i - 1]->key, key) == 0)
            return ask_fail(err, ASK_ERR_MODEL, "%s: key \"%s\" is there twice", g->path,
                            key);
    }
    return true;
}

const ask_gguf_value *ask_gguf_find(const ask_gguf *g, const char *key)
{
    ask_gguf_value wanted = {.key = key};
    const ask_gguf_value *probe = &wanted;
    const ask_gguf_value **found = bsearch(&probe, g->values_by_key, g->n_values,
                                           sizeof *g->values_by_key, compare_keys);
    return found ? *found : NULL;
}

static bool read_values(cursor *c, ask_error *err)
{
    ask_gguf *g = c->g;
    g->values = ask_arena_array(g->arena, g->n_values, sizeof *g->values);
    if (!g->values) return ask_fail_memory(err);
    for (size_t i = 0; i < g->n_values; i++)
        if (!read_value(&g->values[i], c, err)) return false;
    return sort_values(g, err);
}

/* ---- tensors ---- */

static bool read_type(ask_gguf_tensor *t, cursor *c, ask_error *err)
{
    uint64_t number;
    if (!take_number(&number, c, 4, "the type", err)) return false;
    const char *name = gguf_element_name(number);
    if (!name) return fail_at(c, err, "elements of the unknown type %" PRIu64, number);
    if (!gguf_element_type(&t->type, number)) {
        return fail_at(c, err,
                       "blocks of type %s are not read; take a file with Q8_0, Q4_0, Q4_1, "
                       "Q5_0, Q5_1 or one of Q2_K to Q6_K",
                       name);
    }
    return true;
}

static bool read_shape(ask_gguf_tensor *t, cursor *c, ask_error *err)
{
    uint64_t n_dims, size;
    if (!take_number(&n_dims, c, 4, "the number of dimensions", err)) return false;
    if (n_dims > MAX_DIMS)
        return fail_at(c, err, "%" PRIu64 " dimensions (at most %d)", n_dims, MAX_DIMS);
    t->n_dims = (int)n_dims;
    t->n_elements = 1;
    for (int i = t->n_dims - 1; i >= 0; i--) {
        if (!take_number(&size, c, 8, "a size", err)) return false;
        if (size > INT64_MAX || !ask_mul_i64(&t->n_elements, t->n_elements, (int64_t)size))
            return fail_at(c, err, "the shape overflows");
        t->shape[i] = (int64_t)size;
    }
    return true;
}

/* Blocks do not reach from one row into the next. */
static bool count_bytes(ask_gguf_tensor *t, const cursor *c, ask_error *err)
{
    int n_block = ask_dtype_block_elements(t->type);
    int64_t row = t->n_dims > 0 ? t->shape[t->n_dims - 1] : 1;
    if (row % n_block != 0) {
        return fail_at(c, err,
                       "rows of %" PRId64 " elements are no whole blocks of %s (%d)", row,
                       ask_dtype_name(t->type), n_block);
    }
    if (!ask_bytes_of(&t->bytes, t->n_elements / n_block, ask_dtype_block_bytes(t->type)))
        return fail_at(c, err, "the shape overflows");
    return true;
}

static bool read_tensor(ask_gguf_tensor *t, uint64_t *offset, cursor *c, ask_error *err)
{
    if (!take_name(&t->name, c, "a tensor's name", err)) return false;
    c->kind = "tensor";
    c->name = t->name;
    if (!read_shape(t, c, err) || !read_type(t, c, err) || !count_bytes(t, c, err) ||
        !take_number(offset, c, 8, "the offset", err))
        return false;
    c->name = NULL;
    return true;
}

static bool read_alignment(size_t *out, const ask_gguf *g, ask_error *err)
{
    int64_t alignment = DEFAULT_ALIGNMENT;
    const ask_gguf_value *v = ask_gguf_find(g, "general.alignment");
    if (v && !ask_gguf_to_int(&alignment, v, 1, 1 << 30, err)) return false;
    if ((alignment & (alignment - 1)) != 0) {
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: key \"general.alignment\": %" PRId64 " is no power of two",
                        g->path, alignment);
    }
    *out = (size_t)alignment;
    return true;
}

/* Finds the data of a tensor in the n_bytes of all data. */
static bool place_tensor(ask_gguf_tensor *t, const cursor *c, uint64_t offset,
                         const uint8_t *data, size_t n_bytes, size_t alignment,
                         ask_error *err)
{
    if (offset % alignment != 0) {
        return fail_at(c, err, "its offset %" PRIu64 " is no multiple of %zu", offset,
                       alignment);
    }
    if (offset > n_bytes || t->bytes > n_bytes - offset) {
        return fail_at(c, err,
                       "truncated: %zu bytes at offset %" PRIu64
                       " of the data, of which the file has %zu",
                       t->bytes, offset, n_bytes);
    }
    t->data = data + offset;
    return true;
}

/* Finds the data behind the header and checks that each tensor's lies in it. */
static bool place_tensors(cursor *c, const uint64_t *offsets, ask_error *err)
{
    ask_gguf *g = c->g;
    size_t alignment = DEFAULT_ALIGNMENT;
    if (!read_alignment(&alignment, g, err)) return false;
    size_t behind = c->at % alignment;
    g->header_bytes = c->at;
    size_t padding = behind ? alignment - behind : 0;
    size_t left = g->n_bytes - c->at;
    if (padding > left) padding = left; // a file without data may end without padding, too
    const uint8_t *data = g->bytes + c->at + padding;
    c->kind = "tensor";
    for (size_t i = 0; i < g->n_tensors; i++) {
        c->name = g->tensors[i].name;
        if (!place_tensor(&g->tensors[i], c, offsets[i], data, left - padding, alignment,
                          err))
            return false;
    }
    c->name = NULL;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const ask_gguf_tensor *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static bool sort_tensors(ask_gguf *g, ask_error *err)
{
    g->tensors_by_name =
        ask_arena_array(g->arena, g->n_tensors, sizeof *g->tensors_by_name);
    if (!g->tensors_by_name) return ask_fail_memory(err);
    for (size_t i = 0; i < g->n_tensors; i++) g->tensors_by_name[i] = &g->tensors[i];
    qsort(g->tensors_by_name, g->n_tensors, sizeof *g->tensors_by_name, compare_names);
    for (size_t i = 1; i < g->n_tensors; i++) {
        const char *name = g->tensors_by_name[i]->name;
        if (strcmp(g->tensors_by_name[i - 1]->name, name) == 0) {
            return ask_fail(err, ASK_ERR_MODEL, "%s: tensor \"%s\" is there twice", g->path,
                            name);
        }
    }
    return true;
}

const ask_gguf_tensor *ask_gguf_find_tensor(const ask_gguf *g, const char *name)
{
    ask_gguf_tensor wanted = {.name = name};
    const ask_gguf_tensor *probe = &wanted;
    const ask_gguf_tensor **found = bsearch(&probe, g->tensors_by_name, g->n_tensors,
                                            sizeof *g->tensors_by_name, compare_names);
    return found ? *found : NULL;
}

static bool read_tensors(cursor *c, ask_error *err)
{
    ask_gguf *g = c->g;
    uint64_t *offsets = ask_arena_array(g->arena, g->n_tensors, sizeof *offsets);
    g->tensors = ask_arena_array(g->arena, g->n_tensors, sizeof *g->tensors);
    if (!offsets || !g->tensors) return ask_fail_memory(err);
    for (size_t i = 0; i < g->n_tensors; i++)
        if (!read_tensor(&g->tensors[i], &offsets[i], c, err)) return false;
    return place_tensors(c, offsets, err) && sort_tensors(g, err);
}

/* ---- the whole ---- */

static bool read_version(cursor *c, ask_error *err)
{
    uint64_t version;
    const uint8_t *magic;
    if (c->g->n_bytes < 4 || memcmp(c->g->bytes, "GGUF", 4) != 0)
        return fail_at(c, err, "not a GGUF file: it does not begin with \"GGUF\"");
    if (!take(&magic, c, 4, "the magic", err) ||
        !take_number(&version, c, 4, "the version", err))
        return false;
    if (version != 0 && (version & 0xffff) == 0)
        return fail_at(c, err, "big-endian GGUF files are not read; convert it");
    if (version != 2 && version != 3) {
        return fail_at(c, err, "GGUF version %" PRIu64 " is not read (2 and 3 are)",
                       version);
    }
    c->g->version = (int)version;
    return true;
}

bool gguf_read(ask_gguf *g, ask_error *err)
{
    cursor c = {.g = g};
    return read_version(&c, err) &&
           take_count(&g->n_tensors, &c, MIN_TENSOR_BYTES, "the number of tensors", err) &&
           take_count(&g->n_values, &c, MIN_VALUE_BYTES, "the number of keys", err) &&
           read_values(&c, err) && read_tensors(&c, err);
}
