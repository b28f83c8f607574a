/* Operators, attributes and items, as Python has them. */
#include <math.h>
#include <string.h>

#include "base/checked.h"
#include "base/utf8.h"
#include "text/jinja_call_priv.h"
#include "text/jinja_lex_priv.h"
#include "text/jinja_node_priv.h"

/* ---- arithmetic ---- */

static bool fail_operands(ask_jinja *j, ask_jvalue a, ask_jvalue b)
{
    if (a.kind == ASK_JV_UNDEFINED) return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", a.why);
    if (b.kind == ASK_JV_UNDEFINED) return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", b.why);
    return ask_jinja_fail(j, ASK_ERR_FORMAT, "unsupported operand types: '%s' and '%s'",
                          ask_jv_type(a), ask_jv_type(b));
}

static bool fail_zero(ask_jinja *j)
{
    return ask_jinja_fail(j, ASK_ERR_FORMAT, "division by zero");
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static bool power_of_ints(int64_t *out, int64_t base, int64_t exponent)
{
    int64_t result = 1;
    for (; exponent > 0; exponent >>= 1) {
        if ((exponent & 1) && !ask_mul_i64(&result, result, base)) return false;
        if (exponent > 1 && !ask_mul_i64(&base, base, base)) return false;
    }
    *out = result;
    return true;
}

/* What leaves the whole numbers ('/', a negative power) is told by *real. */
static bool of_ints(ask_jinja *j, ask_jvalue *out, int op, int64_t a, int64_t b, bool *real)
{
    int64_t r = 0;
    bool fits = true;
    *real = false;
    switch (op) {
    case '+':
        fits = ask_add_i64(&r, a, b);
        break;
    case '-':
        fits = !__builtin_sub_overflow(a, b, &r);
        break;
    case '*':
        fits = ask_mul_i64(&r, a, b);
        break;
    case '%':
    case ASK_JOP('/', '/'):
        if (b == 0) return fail_zero(j);
        fits = b != -1 || a != INT64_MIN;
        if (fits) r = op == '%' ? (b == -1 ? 0 : a - floor_div(a, b) * b) : floor_div(a, b);
        break;
    case ASK_JOP('*', '*'):
        *real = b < 0;
        fits = b < 0 || power_of_ints(&r, a, b);
        break;
    default:
        *real = true;
    }
    *out = ask_jv_int(r);
    return fits ||
           ask_jinja_fail(j, ASK_ERR_UNSUPPORTED, "a whole number does not fit 64 bits");
}

static double floored_mod(double a, double b)
{
    double m = fmod(a, b);
    if (m == 0) return copysign(0, b);
    return (m < 0) != (b < 0) ? m + b : m;
}

static bool of_doubles(ask_jinja *j, ask_jvalue *out, int op, double a, double b)
{
    bool divides = op == '/' || op == '%' || op == ASK_JOP('/', '/');
    if ((divides && b == 0) || (op == ASK_JOP('*', '*') && a == 0 && b < 0))
        return fail_zero(j);
    double r = a - b;
    if (op == '+') r = a + b;
    if (op == '*') r = a * b;
    if (op == '/') r = a / b;
    if (op == '%') r = floored_mod(a, b);
    if (op == ASK_JOP('/', '/')) r = floor((a - floored_mod(a, b)) / b + 0.5);
    if (op == ASK_JOP('*', '*')) r = pow(a, b);
    *out = ask_jv_float(r);
    return !isnan(r) || isnan(a) || isnan(b) || op != ASK_JOP('*', '*') ||
           ask_jinja_fail(j, ASK_ERR_UNSUPPORTED, "complex numbers are not supported");
}

/* A string or list so many times. */
static bool repeat(ask_jinja *j, ask_jvalue *out, ask_jvalue v, int64_t times)
{
    if (v.kind == ASK_JV_STRING) {
        ask_jbuffer b = {0};
        for (int64_t i = 0; i < times && v.n_bytes > 0; i++)
            if (!ask_jinja_step(j) || !ask_jbuffer_add(j, &b, v.text, v.n_bytes))
                return false;
        *out = ask_jbuffer_string(&b);
        return true;
    }
    ask_jlist from = *v.list;
    if (!ask_jv_list(j, out, v.kind)) return false;
    for (int64_t i = 0; i < times && from.n > 0; i++)
        for (size_t k = 0; k < from.n; k++)
            if (!ask_jinja_step(j) || !ask_jlist_add(j, out->list, from.items[k]))
                return false;
    return true;
}

static bool is_run(ask_jvalue v)
{
    return v.kind == ASK_JV_STRING || v.kind == ASK_JV_LIST || v.kind == ASK_JV_TUPLE;
}

static bool concatenate(ask_jinja *j, ask_jvalue *out, ask_jvalue a, ask_jvalue b)
{
    if (a.kind == ASK_JV_STRING) {
        ask_jbuffer joined = {0};
        if (!ask_jbuffer_add(j, &joined, a.text, a.n_bytes) ||
            !ask_jbuffer_add(j, &joined, b.text, b.n_bytes))
            return false;
        *out = ask_jbuffer_string(&joined);
        return true;
    }
    ask_jlist parts[2] = {*a.list, *b.list};
    if (!ask_jv_list(j, out, a.kind)) return false;
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; k < parts[i].n; k++)
            if (!ask_jinja_step(j) || !ask_jlist_add(j, out->list, parts[i].items[k]))
                return false;
    return true;
}

bool ask_jop_binary(ask_jinja *j, ask_jvalue *out, int op, ask_jvalue a, ask_jvalue b)
{
    int64_t i, k;
    double x, y;
    bool a_whole = ask_jv_to_int(&i, a), b_whole = ask_jv_to_int(&k, b), real = true;
    if (a_whole && b_whole && !of_ints(j, out, op, i, k, &real)) return false;
    if (a_whole && b_whole && !real) return true;
    if (ask_jv_to_double(&x, a) && ask_jv_to_double(&y, b))
        return of_doubles(j, out, op, x, y);
    if (op == '+' && is_run(a) && a.kind == b.kind) return concatenate(j, out, a, b);
    if (op == '*' && is_run(a) && b_whole) return repeat(j, out, a, k);
    if (op == '*' && is_run(b) && a_whole) return repeat(j, out, b, i);
    if (op == '%' && a.kind == ASK_JV_STRING) return ask_jformat_percent(j, out, a, b);
    return fail_operands(j, a, b);
}

bool ask_jop_sign(ask_jinja *j, ask_jvalue *out, int op, ask_jvalue v)
{
    int64_t whole;
    if (ask_jv_to_int(&whole, v))
        return op == '+' ? (*out = ask_jv_int(whole), true)
                         : ask_jop_binary(j, out, '-', ask_jv_int(0), v);
    *out = v;
    if (v.kind != ASK_JV_FLOAT)
        return v.kind == ASK_JV_UNDEFINED
                   ? ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", v.why)
                   : ask_jinja_fail(j, ASK_ERR_FORMAT, "a %s has no sign", ask_jv_type(v));
    if (op == '-') out->real = -v.real;
    return true;
}

bool ask_jop_compare(ask_jinja *j, bool *out, int op, ask_jvalue a, ask_jvalue b)
{
    if (op == ASK_JOP_IN || op == ASK_JOP_NOT_IN) {
        bool inside;
        if (!ask_jv_contains(j, &inside, b, a)) return false;
        *out = inside == (op == ASK_JOP_IN);
        return true;
    }
    if (op == ASK_JOP('=', '=') || op == ASK_JOP('!', '=')) {
        bool equal;
        if (!ask_jv_equal(j, &equal, a, b)) return false;
        *out = equal == (op == ASK_JOP('=', '='));
        return true;
    }
    int order;
    if (!ask_jv_compare(j, &order, a, b)) return false;
    bool less = op == '<' || op == ASK_JOP('<', '=');
    bool or_equal = op == ASK_JOP('<', '=') || op == ASK_JOP('>', '=');
    *out = order == (less ? -1 : 1) || (or_equal && order == 0);
    return true;
}

/* ---- attributes ---- */

static bool bind_method(ask_jinja *j, ask_jvalue *out, const ask_jfunction *row,
                        ask_jvalue v)
{
    ask_jbound *bound = ask_jinja_alloc(j, 1, sizeof *bound);
    if (!bound) return false;
    *bound = (ask_jbound){.row = row, .self = v};
    *out = (ask_jvalue){.kind = ASK_JV_FUNCTION, .bound = bound};
    return true;
}

static const ask_jfunction *methods_of(ask_jkind kind)
{
    switch (kind) {
    case ASK_JV_STRING:
        return ask_jmethods_of_strings;
    case ASK_JV_LIST:
    case ASK_JV_TUPLE:
    case ASK_JV_RANGE:
        return ask_jmethods_of_lists;
    case ASK_JV_DICT:
        return ask_jmethods_of_dicts;
    case ASK_JV_LOOP:
        return ask_jmethods_of_loops;
    default:
        return NULL;
    }
}

/* The neighbour of the loop's item; undefined at the ends. */
static bool neighbour(ask_jinja *j, ask_jvalue *out, const ask_jloop *l, bool next)
{
    size_t n = l->items->n, i = next ? l->index0 + 1 : l->index0 - 1;
    if (next ? i >= n : l->index0 == 0)
        return ask_jv_undefined(j, out, "there is no %s item", next ? "next" : "previous");
    *out = l->items->items[i];
    return true;
}

/* *found: whether a loop knows the name. */
static bool loop_attribute(ask_jinja *j, ask_jvalue *out, const ask_jloop *l,
                           const char *name, bool *found)
{
    int64_t i = (int64_t)l->index0, n = (int64_t)l->items->n;
    const struct {
        const char *name;
        ask_jvalue value;
    } known[] = {
        {"index", ask_jv_int(i + 1)},    {"index0", ask_jv_int(i)},
        {"revindex", ask_jv_int(n - i)}, {"revindex0", ask_jv_int(n - i - 1)},
        {"first", ask_jv_bool(i == 0)},  {"last", ask_jv_bool(i == n - 1)},
        {"length", ask_jv_int(n)},       {"depth", ask_jv_int(1)},
        {"depth0", ask_jv_int(0)},
    };
    *found = true;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(known[k].name, name) == 0) {
            *out = known[k].value;
            return true;
        }
    if (strcmp(name, "previtem") == 0) return neighbour(j, out, l, false);
    if (strcmp(name, "nextitem") == 0) return neighbour(j, out, l, true);
    *found = false;
    return true;
}

/* What Python's getattr gives; *found is false where there is none. */
static bool own_attribute(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const char *name,
                          size_t n_bytes, bool *found)
{
    const ask_jfunction *methods = methods_of(v.kind);
    const ask_jfunction *row = methods ? ask_jfunction_find(methods, name, n_bytes) : NULL;
    *found = true;
    if (row) return bind_method(j, out, row, v);
    if (v.kind == ASK_JV_LOOP) return loop_attribute(j, out, v.loop, name, found);
    ask_jvalue *member =
        v.kind == ASK_JV_NAMESPACE ? ask_jdict_find_text(v.dict, name) : NULL;
    if (member) *out = *member;
    if (v.kind == ASK_JV_MACRO && strcmp(name, "name") == 0) {
        *out = ask_jv_text(v.macro->node->name);
        return true;
    }
    *found = member != NULL;
    return true;
}

static bool no_attribute(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const char *name)
{
    if (v.kind == ASK_JV_NONE)
        return ask_jv_undefined(j, out, "'None' has no attribute '%s'", name);
    return ask_jv_undefined(j, out, "'%s object' has no attribute '%s'", ask_jv_type(v),
                            name);
}

bool ask_jop_attribute(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const char *name)
{
    if (v.kind == ASK_JV_UNDEFINED) return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", v.why);
    bool found;
    if (!own_attribute(j, out, v, name, strlen(name), &found)) return false;
    if (found) return true;
    ask_jvalue *member = v.kind == ASK_JV_DICT ? ask_jdict_find_text(v.dict, name) : NULL;
    if (!member) return no_attribute(j, out, v, name);
    *out = *member;
    return true;
}

/* ---- items ---- */

/* The i-th character; false where there is none. */
static bool character_at(ask_jvalue *out, ask_jvalue v, int64_t i)
{
    size_t at = 0;
    while (at < v.n_bytes) {
        uint32_t c;
        int n = ask_utf8_decode(&c, v.text + at, v.n_bytes - at);
        if (n == 0) n = 1;
        if (i-- == 0) {
            *out = ask_jv_string(v.text + at, (size_t)n);
            return true;
        }
        at += (size_t)n;
    }
    return false;
}

static bool item_at(ask_jinja *j, ask_jvalue *out, ask_jvalue v, int64_t i)
{
    int64_t n;
    if (!ask_jv_length(j, &n, v)) return false;
    int64_t k = i < 0 ? i + n : i;
    if (k < 0 || k >= n)
        return ask_jv_undefined(j, out, "%s object has no element %lld", ask_jv_type(v),
                                (long long)i);
    if (v.kind == ASK_JV_STRING) return character_at(out, v, k);
    *out = v.list->items[k];
    return true;
}

static bool by_name(ask_jinja *j, ask_jvalue *out, ask_jvalue v, ask_jvalue key)
{
    char *name = ask_jinja_alloc(j, key.n_bytes + 1, 1);
    bool found;
    if (!name) return false;
    memcpy(name, key.text, key.n_bytes);
    if (!own_attribute(j, out, v, name, key.n_bytes, &found)) return false;
    return found || no_attribute(j, out, v, name);
}

bool ask_jop_index(ask_jinja *j, ask_jvalue *out, ask_jvalue v, ask_jvalue key)
{
    int64_t i;
    if (v.kind == ASK_JV_UNDEFINED) return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", v.why);
    bool hashable = key.kind != ASK_JV_LIST && key.kind != ASK_JV_DICT;
    if (v.kind == ASK_JV_DICT && hashable) {
        ask_jvalue *found;
        if (!ask_jdict_find(j, &found, v.dict, key)) return false;
        if (found) {
            *out = *found;
            return true;
        }
    }
    bool is_run = v.kind == ASK_JV_STRING || v.kind == ASK_JV_LIST ||
                  v.kind == ASK_JV_TUPLE || v.kind == ASK_JV_RANGE;
    if (is_run && ask_jv_to_int(&i, key)) return item_at(j, out, v, i);
    if (key.kind == ASK_JV_STRING) return by_name(j, out, v, key);
    return ask_jv_undefined(j, out, "%s object has no such element", ask_jv_type(v));
}

/* Python's rules for where a slice begins and ends. */
static int64_t clamp_bound(int64_t i, int64_t n, int64_t step)
{
    if (i < 0) i = i < -n ? -1 : i + n;
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    return i < low ? low : i > high ? high : i;
}

static bool slice_bounds(ask_jinja *j, int64_t out[3], int64_t n,
                         const ask_jvalue bounds[3])
{
    int64_t given[3] = {0, 0, 1};
    bool has[3];
    for (int i = 0; i < 3; i++) {
        ask_jvalue b = bounds[i];
        has[i] = b.kind != ASK_JV_NONE && b.kind != ASK_JV_MISSING;
        if (has[i] && !ask_jv_to_int(&given[i], b))
            return ask_jinja_fail(j, ASK_ERR_FORMAT, "a slice has a %s for a bound",
                                  ask_jv_type(b));
    }
    if (given[2] == 0)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "a slice has a step of zero");
    if (given[2] == INT64_MIN) given[2]++;
    bool forward = given[2] > 0;
    out[0] = has[0] ? clamp_bound(given[0], n, given[2]) : forward ? 0 : n - 1;
    out[1] = has[1] ? clamp_bound(given[1], n, given[2]) : forward ? n : -1;
    out[2] = given[2];
    return true;
}

/* The sliced characters as a string. */
static bool slice_string(ask_jinja *j, ask_jvalue *out, const ask_jlist *characters,
                         const int64_t at[3])
{
    ask_jbuffer b = {0};
    for (int64_t i = at[0]; at[2] > 0 ? i < at[1] : i > at[1];) {
        ask_jvalue c = characters->items[i];
        if (!ask_jbuffer_add(j, &b, c.text, c.n_bytes)) return false;
        if (!ask_add_i64(&i, i, at[2])) break;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}

/* What a slice of a range tells of itself. */
static bool slice_range(ask_jinja *j, ask_jlist *out, const ask_jlist *from,
                        const int64_t at[3])
{
    int64_t begin, end;
    if (ask_mul_i64(&begin, at[0], from->step) &&
        ask_add_i64(&out->start, from->start, begin) &&
        ask_mul_i64(&end, at[1], from->step) && ask_add_i64(&out->stop, from->start, end) &&
        ask_mul_i64(&out->step, from->step, at[2]))
        return true;
    return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED, "a whole number does not fit 64 bits");
}

static bool slice_list(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const int64_t at[3])
{
    ask_jlist from = *v.list;
    if (!ask_jv_list(j, out, v.kind)) return false;
    if (v.kind == ASK_JV_RANGE && !slice_range(j, out->list, &from, at)) return false;
    for (int64_t i = at[0]; at[2] > 0 ? i < at[1] : i > at[1];) {
        if (!ask_jinja_step(j) || !ask_jlist_add(j, out->list, from.items[i])) return false;
        if (!ask_add_i64(&i, i, at[2])) break;
    }
    return true;
}

bool ask_jop_slice(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const ask_jvalue bounds[3])
{
    if (v.kind == ASK_JV_UNDEFINED) return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", v.why);
    bool is_list =
        v.kind == ASK_JV_LIST || v.kind == ASK_JV_TUPLE || v.kind == ASK_JV_RANGE;
    if (v.kind != ASK_JV_STRING && !is_list)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "a %s has no slices", ask_jv_type(v));
    ask_jlist characters = {0};
    if (!is_list && !ask_jv_items(j, &characters, v)) return false;
    int64_t at[3] = {0}, n = (int64_t)(is_list ? v.list->n : characters.n);
    if (!slice_bounds(j, at, n, bounds)) return false;
    return is_list ? slice_list(j, out, v, at) : slice_string(j, out, &characters, at);
}
