#include "text/jinja_value_priv.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"
#include "base/utf8.h"

/* What calls itself takes up to 1 KiB of the stack for each level, and more when it is
 * watched by a sanitizer. */
enum { MAX_DEPTH = 600 };

/* ---- a rendering ---- */

bool ask_jinja_fail(ask_jinja *j, ask_error_code code, const char *format, ...)
{
    char message[ASK_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    ask_vformat(message, sizeof message, format, args);
    va_end(args);
    return ask_fail(j->err, code, "%s:%d: %s", j->name, j->line, message);
}

static bool within_memory(ask_jinja *j, size_t n_bytes)
{
    if (n_bytes <= j->max_bytes && ask_arena_used_bytes(j->arena) <= j->max_bytes - n_bytes)
        return true;
    return ask_jinja_fail(j, ASK_ERR_LIMIT, "the rendering takes more than %zu bytes",
                          j->max_bytes);
}

void *ask_jinja_alloc(ask_jinja *j, size_t count, size_t item_bytes)
{
    size_t n_bytes;
    if (!ask_mul_size(&n_bytes, count, item_bytes)) n_bytes = SIZE_MAX;
    if (!within_memory(j, n_bytes)) return NULL;
    void *memory = ask_arena_alloc(j->arena, n_bytes);
    if (!memory) ask_fail_memory(j->err);
    return memory;
}

bool ask_jinja_step(ask_jinja *j)
{
    if (j->steps_left-- > 0) return true;
    j->steps_left = 0;
    return ask_jinja_fail(j, ASK_ERR_LIMIT, "the rendering takes too many steps");
}

bool ask_jinja_enter(ask_jinja *j)
{
    if (j->depth >= MAX_DEPTH)
        return ask_jinja_fail(j, ASK_ERR_LIMIT, "nested deeper than %d levels", MAX_DEPTH);
    if (!ask_jinja_step(j)) return false;
    j->depth++;
    return true;
}

void ask_jinja_leave(ask_jinja *j)
{
    j->depth--;
}

/* Room for `need` items in all, of which the first n are kept; doubles, within the limit of
 * memory. Most lists and scopes are short, and none is freed before the end. */
static void *grow(ask_jinja *j, void *items, size_t n, size_t *capacity, size_t need,
                  size_t item_bytes)
{
    if (need <= *capacity) return items;
    size_t wanted = *capacity ? *capacity : item_bytes == 1 ? 64 : 4;
    while (wanted < need)
        if (!ask_mul_size(&wanted, wanted, 2)) wanted = SIZE_MAX;
    void *moved = ask_jinja_alloc(j, wanted, item_bytes);
    if (!moved) return NULL;
    if (n > 0) memcpy(moved, items, n * item_bytes);
    *capacity = wanted;
    return moved;
}

/* ---- text that grows ---- */

bool ask_jbuffer_add(ask_jinja *j, ask_jbuffer *b, const char *text, size_t n_bytes)
{
    if (n_bytes == 0) return true;
    size_t need;
    if (!ask_add_size(&need, b->n, n_bytes)) need = SIZE_MAX;
    char *data = grow(j, b->data, b->n, &b->capacity, need, 1);
    if (!data) return false;
    b->data = data;
    memcpy(data + b->n, text, n_bytes);
    b->n += n_bytes;
    return true;
}

bool ask_jbuffer_puts(ask_jinja *j, ask_jbuffer *b, const char *text)
{
    return ask_jbuffer_add(j, b, text, strlen(text));
}

ask_jvalue ask_jbuffer_string(const ask_jbuffer *b)
{
    return ask_jv_string(b->data ? b->data : "", b->n);
}

/* ---- making ---- */

ask_jvalue ask_jv_text(const char *text)
{
    return ask_jv_string(text, strlen(text));
}

bool ask_jv_undefined(ask_jinja *j, ask_jvalue *out, const char *format, ...)
{
    char why[256];
    va_list args;
    va_start(args, format);
    ask_vformat(why, sizeof why, format, args);
    va_end(args);
    size_t n_bytes = strlen(why) + 1;
    char *copy = ask_jinja_alloc(j, n_bytes, 1);
    if (!copy) return false;
    memcpy(copy, why, n_bytes);
    *out = (ask_jvalue){.kind = ASK_JV_UNDEFINED, .why = copy};
    return true;
}

bool ask_jv_list(ask_jinja *j, ask_jvalue *out, ask_jkind kind)
{
    ask_jlist *l = ask_jinja_alloc(j, 1, sizeof *l);
    if (!l) return false;
    *out = (ask_jvalue){.kind = kind, .list = l};
    return true;
}

bool ask_jlist_add(ask_jinja *j, ask_jlist *l, ask_jvalue v)
{
    ask_jvalue *items = grow(j, l->items, l->n, &l->capacity, l->n + 1, sizeof *items);
    if (!items) return false;
    l->items = items;
    items[l->n++] = v;
    return true;
}

bool ask_jv_pair(ask_jinja *j, ask_jvalue *out, ask_jvalue first, ask_jvalue second)
{
    ask_jvalue *items = ask_jinja_alloc(j, 2, sizeof *items);
    if (!items || !ask_jv_list(j, out, ASK_JV_TUPLE)) return false;
    items[0] = first;
    items[1] = second;
    *out->list = (ask_jlist){.items = items, .n = 2, .capacity = 2};
    return true;
}

bool ask_jv_dict(ask_jinja *j, ask_jvalue *out, ask_jkind kind)
{
    ask_jdict *d = ask_jinja_alloc(j, 1, sizeof *d);
    if (!d) return false;
    *out = (ask_jvalue){.kind = kind, .dict = d};
    return true;
}

static bool add_entry(ask_jinja *j, ask_jdict *d, ask_jvalue key, ask_jvalue value)
{
    ask_jentry *e = grow(j, d->entries, d->n, &d->capacity, d->n + 1, sizeof *e);
    if (!e) return false;
    d->entries = e;
    e[d->n++] = (ask_jentry){key, value};
    return true;
}

static bool can_be_key(ask_jinja *j, ask_jvalue v)
{
    if (v.kind == ASK_JV_LIST || v.kind == ASK_JV_DICT)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "unhashable type: '%s'", ask_jv_type(v));
    if (v.kind != ASK_JV_TUPLE) return true;
    if (!ask_jinja_enter(j)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < v.list->n; i++) ok = can_be_key(j, v.list->items[i]);
    ask_jinja_leave(j);
    return ok;
}

bool ask_jdict_find(ask_jinja *j, ask_jvalue **found, const ask_jdict *d, ask_jvalue key)
{
    *found = NULL;
    if (!can_be_key(j, key)) return false;
    for (size_t i = 0; i < d->n; i++) {
        bool equal;
        if (!ask_jv_equal(j, &equal, d->entries[i].key, key)) return false;
        if (!equal) continue;
        *found = &d->entries[i].value;
        return true;
    }
    return true;
}

ask_jvalue *ask_jdict_find_text(const ask_jdict *d, const char *key)
{
    for (size_t i = 0; i < d->n; i++)
        if (ask_jv_is_text(d->entries[i].key, key)) return &d->entries[i].value;
    return NULL;
}

bool ask_jdict_set(ask_jinja *j, ask_jdict *d, ask_jvalue key, ask_jvalue value)
{
    ask_jvalue *found;
    if (!ask_jdict_find(j, &found, d, key)) return false;
    if (!found) return add_entry(j, d, key, value);
    *found = value;
    return true;
}

bool ask_jdict_view(ask_jinja *j, ask_jvalue *out, const ask_jdict *d, const char *word,
                    ask_jkind kind)
{
    if (!ask_jv_list(j, out, kind)) return false;
    out->list->word = word;
    bool keys = strcmp(word, "dict_keys") == 0, values = strcmp(word, "dict_values") == 0;
    for (size_t i = 0; i < d->n; i++) {
        ask_jvalue v = keys ? d->entries[i].key : d->entries[i].value;
        if (!keys && !values && !ask_jv_pair(j, &v, d->entries[i].key, d->entries[i].value))
            return false;
        if (!ask_jinja_step(j) || !ask_jlist_add(j, out->list, v)) return false;
    }
    return true;
}

static bool of_json_array(ask_jinja *j, ask_jvalue *out, ask_json_value v)
{
    if (!ask_jv_list(j, out, ASK_JV_LIST)) return false;
    for (size_t i = 0; i < ask_json_count(v); i++) {
        ask_jvalue item;
        if (!ask_jv_of_json(j, &item, ask_json_item(v, i)) ||
            !ask_jlist_add(j, out->list, item))
            return false;
    }
    return true;
}

static bool of_json_object(ask_jinja *j, ask_jvalue *out, ask_json_value v)
{
    if (!ask_jv_dict(j, out, ASK_JV_DICT)) return false;
    for (ask_json_walk m = {0}; ask_json_next(v, &m);) {
        ask_jvalue member;
        if (!ask_jv_of_json(j, &member, m.value) ||
            !add_entry(j, out->dict, ask_jv_text(m.key), member))
            return false;
    }
    return true;
}

bool ask_jv_of_json(ask_jinja *j, ask_jvalue *out, ask_json_value v)
{
    const char *text = "";
    *out = ask_jv_none();
    switch (ask_json_type_of(v)) {
    case ASK_JSON_ARRAY:
        return of_json_array(j, out, v);
    case ASK_JSON_OBJECT:
        return of_json_object(j, out, v);
    case ASK_JSON_STRING:
        if (!ask_json_get_string(&text, v, NULL, j->err)) return false;
        *out = ask_jv_text(text);
        return true;
    case ASK_JSON_BOOL:
        out->kind = ASK_JV_BOOL;
        return ask_json_get_bool(&out->truth, v, NULL, j->err);
    case ASK_JSON_INT:
        out->kind = ASK_JV_INT;
        return ask_json_get_int(&out->whole, v, NULL, INT64_MIN, INT64_MAX, j->err);
    case ASK_JSON_REAL:
        out->kind = ASK_JV_FLOAT;
        return ask_json_get_double(&out->real, v, NULL, j->err);
    default:
        return true;
    }
}

/* ---- asking ---- */

const char *ask_jv_type(ask_jvalue v)
{
    static const char *const names[] = {
        [ASK_JV_MISSING] = "missing",   [ASK_JV_UNDEFINED] = "Undefined",
        [ASK_JV_NONE] = "NoneType",     [ASK_JV_BOOL] = "bool",
        [ASK_JV_INT] = "int",           [ASK_JV_FLOAT] = "float",
        [ASK_JV_STRING] = "str",        [ASK_JV_LIST] = "list",
        [ASK_JV_TUPLE] = "tuple",       [ASK_JV_RANGE] = "range",
        [ASK_JV_VIEW] = "dict view",    [ASK_JV_ITERATOR] = "generator",
        [ASK_JV_DICT] = "dict",         [ASK_JV_NAMESPACE] = "Namespace",
        [ASK_JV_LOOP] = "LoopContext",  [ASK_JV_MACRO] = "Macro",
        [ASK_JV_FUNCTION] = "function",
    };
    return names[v.kind];
}

bool ask_jv_is_text(ask_jvalue v, const char *text)
{
    return v.kind == ASK_JV_STRING && strlen(text) == v.n_bytes &&
           memcmp(v.text, text, v.n_bytes) == 0;
}

bool ask_jv_is_items(ask_jvalue v)
{
    return v.kind >= ASK_JV_LIST && v.kind <= ASK_JV_ITERATOR;
}

bool ask_jv_truth(ask_jvalue v)
{
    switch (v.kind) {
    case ASK_JV_MISSING:
    case ASK_JV_UNDEFINED:
    case ASK_JV_NONE:
        return false;
    case ASK_JV_BOOL:
        return v.truth;
    case ASK_JV_INT:
        return v.whole != 0;
    case ASK_JV_FLOAT:
        return v.real != 0;
    case ASK_JV_STRING:
        return v.n_bytes > 0;
    case ASK_JV_LIST:
    case ASK_JV_TUPLE:
    case ASK_JV_RANGE:
    case ASK_JV_VIEW:
        return v.list->n > 0;
    case ASK_JV_DICT:
        return v.dict->n > 0;
    default:
        return true;
    }
}

bool ask_jv_to_int(int64_t *out, ask_jvalue v)
{
    if (v.kind == ASK_JV_INT)
        *out = v.whole;
    else if (v.kind == ASK_JV_BOOL)
        *out = v.truth;
    return v.kind == ASK_JV_INT || v.kind == ASK_JV_BOOL;
}

bool ask_jv_to_double(double *out, ask_jvalue v)
{
    int64_t whole = 0;
    if (ask_jv_to_int(&whole, v)) {
        *out = (double)whole;
        return true;
    }
    if (v.kind == ASK_JV_FLOAT) *out = v.real;
    return v.kind == ASK_JV_FLOAT;
}

bool ask_jv_length(ask_jinja *j, int64_t *out, ask_jvalue v)
{
    switch (v.kind) {
    case ASK_JV_UNDEFINED:
        *out = 0;
        return true;
    case ASK_JV_STRING:
        *out = (int64_t)ask_utf8_length(v.text, v.n_bytes);
        return true;
    case ASK_JV_LIST:
    case ASK_JV_TUPLE:
    case ASK_JV_RANGE:
    case ASK_JV_VIEW:
        *out = (int64_t)v.list->n;
        return true;
    case ASK_JV_DICT:
        *out = (int64_t)v.dict->n;
        return true;
    case ASK_JV_LOOP:
        *out = (int64_t)v.loop->items->n;
        return true;
    default:
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "object of type '%s' has no len()",
                              ask_jv_type(v));
    }
}

bool ask_jv_is_iterable(ask_jvalue v)
{
    return ask_jv_is_items(v) || v.kind == ASK_JV_UNDEFINED || v.kind == ASK_JV_STRING ||
           v.kind == ASK_JV_DICT || v.kind == ASK_JV_LOOP;
}

static bool characters(ask_jinja *j, ask_jlist *out, ask_jvalue v)
{
    for (size_t at = 0; at < v.n_bytes;) {
        uint32_t c;
        int n = ask_utf8_decode(&c, v.text + at, v.n_bytes - at);
        if (n == 0) n = 1;
        if (!ask_jinja_step(j) ||
            !ask_jlist_add(j, out, ask_jv_string(v.text + at, (size_t)n)))
            return false;
        at += (size_t)n;
    }
    return true;
}

bool ask_jv_items(ask_jinja *j, ask_jlist *out, ask_jvalue v)
{
    *out = (ask_jlist){0};
    ask_jvalue keys;
    switch (v.kind) {
    case ASK_JV_UNDEFINED:
        return true;
    case ASK_JV_STRING:
        return characters(j, out, v);
    case ASK_JV_DICT:
        if (!ask_jdict_view(j, &keys, v.dict, "dict_keys", ASK_JV_LIST)) return false;
        *out = *keys.list;
        return true;
    case ASK_JV_LIST:
    case ASK_JV_TUPLE:
    case ASK_JV_RANGE:
    case ASK_JV_VIEW:
        *out = (ask_jlist){.items = v.list->items, .n = v.list->n};
        return true;
    case ASK_JV_ITERATOR:
        if (v.list->at < v.list->n)
            *out = (ask_jlist){.items = v.list->items + v.list->at,
                               .n = v.list->n - v.list->at};
        v.list->at = v.list->n;
        return true;
    default:
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "'%s' object is not iterable",
                              ask_jv_type(v));
    }
}

/* ---- equality and order ---- */

static bool is_number(ask_jvalue v)
{
    return v.kind == ASK_JV_BOOL || v.kind == ASK_JV_INT || v.kind == ASK_JV_FLOAT;
}

static int compare_numbers(ask_jvalue a, ask_jvalue b)
{
    int64_t i, k;
    if (ask_jv_to_int(&i, a) && ask_jv_to_int(&k, b)) return (i > k) - (i < k);
    double x = 0, y = 0;
    ask_jv_to_double(&x, a);
    ask_jv_to_double(&y, b);
    if (isnan(x) || isnan(y)) return 2;
    return (x > y) - (x < y);
}

/* UTF-8 has the order of its characters. */
static int compare_strings(ask_jvalue a, ask_jvalue b)
{
    size_t n = a.n_bytes < b.n_bytes ? a.n_bytes : b.n_bytes;
    int order = n > 0 ? memcmp(a.text, b.text, n) : 0;
    if (order != 0) return order < 0 ? -1 : 1;
    return (a.n_bytes > b.n_bytes) - (a.n_bytes < b.n_bytes);
}

static bool lists_equal(ask_jinja *j, bool *out, const ask_jlist *a, const ask_jlist *b)
{
    *out = a->n == b->n;
    for (size_t i = 0; *out && i < a->n; i++)
        if (!ask_jv_equal(j, out, a->items[i], b->items[i])) return false;
    return true;
}

static bool dicts_equal(ask_jinja *j, bool *out, const ask_jdict *a, const ask_jdict *b)
{
    *out = a->n == b->n;
    for (size_t i = 0; *out && i < a->n; i++) {
        ask_jvalue *other;
        if (!ask_jdict_find(j, &other, b, a->entries[i].key)) return false;
        *out = other != NULL;
        if (other && !ask_jv_equal(j, out, a->entries[i].value, *other)) return false;
    }
    return true;
}

static bool equal_inside(ask_jinja *j, bool *out, ask_jvalue a, ask_jvalue b)
{
    if (!ask_jinja_enter(j)) return false;
    bool ok = a.kind == ASK_JV_DICT ? dicts_equal(j, out, a.dict, b.dict)
                                    : lists_equal(j, out, a.list, b.list);
    ask_jinja_leave(j);
    return ok;
}

bool ask_jv_equal(ask_jinja *j, bool *out, ask_jvalue a, ask_jvalue b)
{
    *out = false;
    if (!ask_jinja_step(j)) return false;
    if (is_number(a) && is_number(b)) {
        *out = compare_numbers(a, b) == 0;
        return true;
    }
    if (a.kind != b.kind) return true;
    switch (a.kind) {
    case ASK_JV_UNDEFINED:
    case ASK_JV_NONE:
        *out = true;
        return true;
    case ASK_JV_STRING:
        *out = a.n_bytes == b.n_bytes && compare_strings(a, b) == 0;
        return true;
    case ASK_JV_LIST:
    case ASK_JV_TUPLE:
    case ASK_JV_RANGE:
    case ASK_JV_DICT:
        return equal_inside(j, out, a, b);
    default:
        *out = a.list == b.list; // the same object
        return true;
    }
}

static bool compare_lists(ask_jinja *j, int *out, const ask_jlist *a, const ask_jlist *b)
{
    *out = (a->n > b->n) - (a->n < b->n);
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        bool equal;
        if (!ask_jv_equal(j, &equal, a->items[i], b->items[i])) return false;
        if (!equal) return ask_jv_compare(j, out, a->items[i], b->items[i]);
    }
    return true;
}

bool ask_jv_compare(ask_jinja *j, int *out, ask_jvalue a, ask_jvalue b)
{
    if (a.kind == ASK_JV_UNDEFINED) return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", a.why);
    if (b.kind == ASK_JV_UNDEFINED) return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", b.why);
    if (!ask_jinja_enter(j)) return false;
    bool ok = true;
    if (is_number(a) && is_number(b))
        *out = compare_numbers(a, b);
    else if (a.kind == ASK_JV_STRING && b.kind == ASK_JV_STRING)
        *out = compare_strings(a, b);
    else if (a.kind == b.kind && (a.kind == ASK_JV_LIST || a.kind == ASK_JV_TUPLE))
        ok = compare_lists(j, out, a.list, b.list);
    else
        ok = ask_jinja_fail(j, ASK_ERR_FORMAT, "'%s' and '%s' have no order",
                            ask_jv_type(a), ask_jv_type(b));
    ask_jinja_leave(j);
    return ok;
}

bool ask_jv_contains(ask_jinja *j, bool *out, ask_jvalue container, ask_jvalue item)
{
    *out = false;
    if (container.kind == ASK_JV_STRING) {
        if (item.kind != ASK_JV_STRING)
            return ask_jinja_fail(j, ASK_ERR_FORMAT,
                                  "'in <string>' requires string as left operand, not %s",
                                  ask_jv_type(item));
        *out = memmem(container.text, container.n_bytes, item.text, item.n_bytes) != NULL;
        return true;
    }
    if (container.kind == ASK_JV_DICT) {
        ask_jvalue *found;
        if (!ask_jdict_find(j, &found, container.dict, item)) return false;
        *out = found != NULL;
        return true;
    }
    ask_jlist items;
    if (!ask_jv_items(j, &items, container)) return false;
    for (size_t i = 0; !*out && i < items.n; i++)
        if (!ask_jv_equal(j, out, items.items[i], item)) return false;
    return true;
}
