/* Values: made, filled, looked at, and checked at the end. */
#include <string.h>

#include "base/checked.h"
#include "base/pickle_priv.h"
#include "base/utf8.h"

static const char *const kind_names[] = {
    [ASK_PICKLE_NONE] = "None",          [ASK_PICKLE_BOOL] = "a bool",
    [ASK_PICKLE_INT] = "an integer",     [ASK_PICKLE_BIG_INT] = "an integer beyond 64 bits",
    [ASK_PICKLE_FLOAT] = "a float",      [ASK_PICKLE_STRING] = "a string",
    [ASK_PICKLE_BYTES] = "bytes",        [ASK_PICKLE_TUPLE] = "a tuple",
    [ASK_PICKLE_LIST] = "a list",        [ASK_PICKLE_SET] = "a set",
    [ASK_PICKLE_DICT] = "a dictionary",  [ASK_PICKLE_ARRAY] = "an array",
    [ASK_PICKLE_DTYPE] = "a NumPy type", [ASK_PICKLE_NAME] = "a name",
    [ASK_PICKLE_CALL] = "a call",        [ASK_PICKLE_PERSISTENT] = "a persistent value",
};

const char *ask_pickle_kind_name(ask_pickle_kind kind)
{
    return kind_names[kind];
}

/* ---- making ---- */

void *pickle_alloc(pickle_machine *m, size_t count, size_t item_bytes)
{
    size_t bytes = 0, used = ask_arena_used_bytes(m->arena);
    if (!ask_mul_size(&bytes, count, item_bytes) || bytes > m->max_bytes ||
        used > m->max_bytes - bytes) {
        pickle_fail(m, ASK_ERR_LIMIT, "its values need more than %zu bytes", m->max_bytes);
        return NULL;
    }
    void *piece = ask_arena_alloc(m->arena, bytes);
    if (!piece) pickle_fail(m, ASK_ERR_NOMEM, "out of memory");
    return piece;
}

ask_pickle_value *pickle_new(pickle_machine *m, ask_pickle_kind kind)
{
    pickle_node *node = pickle_alloc(m, 1, sizeof *node);
    if (!node) return NULL;
    node->value.kind = kind;
    return &node->value;
}

ask_pickle_value *pickle_new_bytes(pickle_machine *m, const void *bytes, size_t n_bytes)
{
    ask_pickle_value *v = pickle_new(m, ASK_PICKLE_BYTES);
    if (!v) return NULL;
    v->text.data = bytes;
    v->text.n_bytes = n_bytes;
    return v;
}

ask_pickle_value *pickle_new_text(pickle_machine *m, ask_pickle_kind kind, const void *text,
                                  size_t n_bytes)
{
    ask_pickle_value *v = pickle_new(m, kind);
    char *copy =
        v ? pickle_alloc(m, n_bytes + 1, 1) : NULL; // n_bytes: of what is in memory
    if (!copy) return NULL;
    memcpy(copy, text, n_bytes);
    v->text.data = copy;
    v->text.n_bytes = n_bytes;
    return v;
}

ask_pickle_value *pickle_new_string(pickle_machine *m, const void *text, size_t n_bytes)
{
    if (!ask_utf8_valid(text, n_bytes)) {
        pickle_fail(m, ASK_ERR_FORMAT, "a text that is not UTF-8");
        return NULL;
    }
    return pickle_new_text(m, ASK_PICKLE_STRING, text, n_bytes);
}

ask_pickle_value *pickle_new_string2(pickle_machine *m, const void *text, size_t n_bytes)
{
    bool is_text = ask_utf8_valid(text, n_bytes);
    return pickle_new_text(m, is_text ? ASK_PICKLE_STRING : ASK_PICKLE_BYTES, text,
                           n_bytes);
}

ask_pickle_value *pickle_new_integer(pickle_machine *m, const uint8_t *bytes,
                                     size_t n_bytes)
{
    bool is_negative = n_bytes > 0 && bytes[n_bytes - 1] & 0x80;
    uint8_t sign = is_negative ? 0xff : 0;
    size_t n = n_bytes; // without bytes that only repeat the sign
    while (n > sizeof(int64_t) && bytes[n - 1] == sign && (bytes[n - 2] ^ sign) < 0x80) n--;
    if (n > sizeof(int64_t)) return pickle_new_text(m, ASK_PICKLE_BIG_INT, bytes, n);
    ask_pickle_value *v = pickle_new(m, ASK_PICKLE_INT);
    if (!v) return NULL;
    uint64_t bits = is_negative ? UINT64_MAX : 0;
    while (n-- > 0) bits = bits << 8 | bytes[n];
    v->integer = (int64_t)bits;
    return v;
}

static bool reserve(pickle_machine *m, ask_pickle_value *v, size_t n_more)
{
    pickle_node *node = (pickle_node *)v;
    size_t need = 0;
    if (!ask_add_size(&need, v->items.n, n_more))
        return pickle_fail(m, ASK_ERR_LIMIT, "a value of too many items");
    if (need <= node->capacity) return true;
    size_t capacity = 2 * node->capacity > need ? 2 * node->capacity : need;
    const ask_pickle_value **grown = pickle_alloc(m, capacity, sizeof *grown);
    if (!grown) return false;
    if (v->items.n > 0) memcpy(grown, v->items.at, v->items.n * sizeof *grown);
    v->items.at = grown;
    node->capacity = capacity;
    return true;
}

bool pickle_append(pickle_machine *m, ask_pickle_value *v, ask_pickle_value *const *items,
                   size_t n)
{
    if (!reserve(m, v, n)) return false;
    for (size_t i = 0; i < n; i++) v->items.at[v->items.n++] = items[i];
    return true;
}

static bool append_const(pickle_machine *m, ask_pickle_value *v,
                         const ask_pickle_value *const *items, size_t n)
{
    if (!reserve(m, v, n)) return false;
    for (size_t i = 0; i < n; i++) v->items.at[v->items.n++] = items[i];
    return true;
}

ask_pickle_value *pickle_new_items(pickle_machine *m, ask_pickle_kind kind,
                                   ask_pickle_value *const *items, size_t n)
{
    ask_pickle_value *v = pickle_new(m, kind);
    return v && pickle_append(m, v, items, n) ? v : NULL;
}

static bool is_sequence(const ask_pickle_value *v)
{
    return v->kind == ASK_PICKLE_LIST || v->kind == ASK_PICKLE_TUPLE;
}

bool pickle_append_members(pickle_machine *m, ask_pickle_value *dict,
                           const ask_pickle_value *members)
{
    if (members == dict)
        return pickle_fail(m, ASK_ERR_FORMAT, "a dictionary that is put into itself");
    if (members->kind == ASK_PICKLE_DICT)
        return append_const(m, dict, members->items.at, members->items.n);
    if (!is_sequence(members)) {
        return pickle_fail(m, ASK_ERR_FORMAT, "a dictionary made of %s",
                           ask_pickle_kind_name(members->kind));
    }
    for (size_t i = 0; i < members->items.n; i++) {
        const ask_pickle_value *pair = members->items.at[i];
        if (!is_sequence(pair) || pair->items.n != 2)
            return pickle_fail(m, ASK_ERR_FORMAT, "a dictionary made of what are no pairs");
        if (!append_const(m, dict, pair->items.at, 2)) return false;
    }
    return true;
}

/* ---- looking ---- */

static bool has_items(const ask_pickle_value *v)
{
    switch (v->kind) {
    case ASK_PICKLE_TUPLE:
    case ASK_PICKLE_LIST:
    case ASK_PICKLE_SET:
    case ASK_PICKLE_DICT:
    case ASK_PICKLE_CALL:
    case ASK_PICKLE_PERSISTENT:
        return true;
    default:
        return false;
    }
}

bool ask_pickle_is(const ask_pickle_value *v, ask_pickle_kind kind)
{
    return v && v->kind == kind;
}

bool ask_pickle_is_text(const ask_pickle_value *v, const char *text)
{
    bool is_text = ask_pickle_is(v, ASK_PICKLE_STRING) ||
                   ask_pickle_is(v, ASK_PICKLE_NAME) || ask_pickle_is(v, ASK_PICKLE_DTYPE);
    return is_text && v->text.n_bytes == strlen(text) &&
           memcmp(v->text.data, text, v->text.n_bytes) == 0;
}

const ask_pickle_value *ask_pickle_find(const ask_pickle_value *v, const char *key)
{
    if (!ask_pickle_is(v, ASK_PICKLE_DICT)) return NULL;
    for (size_t i = v->items.n; i > 0; i -= 2) {
        const ask_pickle_value *k = v->items.at[i - 2];
        if (k->kind == ASK_PICKLE_STRING && ask_pickle_is_text(k, key))
            return v->items.at[i - 1];
    }
    return NULL;
}

const ask_pickle_value *ask_pickle_item(const ask_pickle_value *v, size_t i)
{
    if (!v || !has_items(v) || v->kind == ASK_PICKLE_DICT || i >= v->items.n) return NULL;
    return v->items.at[i];
}

/* ---- checking ---- */

static bool measure(pickle_machine *m, const ask_pickle_value *v, int level);

/* Measures the items of a value: how many values they are, and how deep they go. */
static bool measure_items(pickle_machine *m, const ask_pickle_value *v, int level)
{
    pickle_node *node = (pickle_node *)v;
    size_t size = 1;
    int depth = 0;
    for (size_t i = 0; i < v->items.n; i++) {
        const pickle_node *item = (const pickle_node *)v->items.at[i];
        if (!measure(m, &item->value, level + 1)) return false;
        size += item->size;
        if (item->depth > depth) depth = item->depth;
        if (size > m->options.max_values) {
            return pickle_fail(m, ASK_ERR_LIMIT,
                               "more than %zu values, with each counted as often as it "
                               "occurs",
                               m->options.max_values);
        }
    }
    node->size = (uint32_t)size;
    node->depth = (uint16_t)(depth + 1);
    return true;
}

/* level: how deep the value itself stands. */
static bool measure(pickle_machine *m, const ask_pickle_value *v, int level)
{
    pickle_node *node = (pickle_node *)v; // the marks of the walk are not part of the value
    if (node->is_open)
        return pickle_fail(m, ASK_ERR_UNSUPPORTED, "%s that contains itself",
                           ask_pickle_kind_name(v->kind));
    if (level + (node->size > 0 ? node->depth - 1 : 0) > m->options.max_depth) {
        return pickle_fail(m, ASK_ERR_LIMIT, "values deeper in each other than %d levels",
                           m->options.max_depth);
    }
    if (node->size > 0) return true;
    if (v->kind == ASK_PICKLE_ARRAY && !v->array)
        return pickle_fail(m, ASK_ERR_FORMAT, "an array without its data");
    if (!has_items(v)) {
        node->size = node->depth = 1;
        return true;
    }
    node->is_open = true;
    bool ok = measure_items(m, v, level);
    node->is_open = false;
    return ok;
}

bool pickle_check(pickle_machine *m, const ask_pickle_value *root)
{
    if (!measure(m, root, 1)) return false;
    for (size_t i = 0; i < m->persistent.n; i++)
        if (!measure(m, m->persistent.at[i], 1)) return false;
    return true;
}
