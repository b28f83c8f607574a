/* Filters that go through items. */
#include <string.h>

#include "base/number.h"
#include "text/jinja_call_priv.h"

/* ---- what is looked at in an item ---- */

/* The value at a path of names and numbers ("function.name", "0"); the item itself where
 * path is missing or none. */
static bool look(ask_jinja *j, ask_jvalue *out, ask_jvalue item, ask_jvalue path)
{
    *out = item;
    if (path.kind == ASK_JV_MISSING || path.kind == ASK_JV_NONE) return true;
    if (path.kind != ASK_JV_STRING) return ask_jop_index(j, out, item, path);
    size_t at = 0;
    while (at <= path.n_bytes) {
        const char *begin = path.text + at, *dot = memchr(begin, '.', path.n_bytes - at);
        size_t n = dot ? (size_t)(dot - begin) : path.n_bytes - at;
        ask_jvalue key = ask_jv_string(begin, n);
        char digits[20];
        int64_t number;
        if (n < sizeof digits) {
            memcpy(digits, begin, n);
            digits[n] = '\0';
            bool is_number = digits[0] >= '0' && digits[0] <= '9';
            if (is_number && ask_parse_i64(&number, digits)) key = ask_jv_int(number);
        }
        if (!ask_jop_index(j, out, *out, key)) return false;
        at += n + 1;
    }
    return true;
}

/* The same in lower case where case does not count. */
static bool look_folded(ask_jinja *j, ask_jvalue *out, ask_jvalue item, ask_jvalue path,
                        bool cased)
{
    if (!look(j, out, item, path)) return false;
    if (cased || out->kind != ASK_JV_STRING) return true;
    const ask_jfunction *lower = ask_jfunction_find(ask_jmethods_of_strings, "lower", 5);
    return lower->call(j, out, *out, NULL, NULL);
}

/* ---- length, ends, joining ---- */

static bool length(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)args, (void)all;
    *out = ask_jv_int(0);
    return ask_jv_length(j, &out->whole, self);
}

static bool first(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args, (void)all;
    ask_jlist items;
    size_t at = self.kind == ASK_JV_ITERATOR ? self.list->at : 0;
    if (!ask_jv_items(j, &items, self)) return false;
    if (items.n == 0) return ask_jv_undefined(j, out, "No first item, sequence was empty.");
    if (self.kind == ASK_JV_ITERATOR) self.list->at = at + 1; // the rest is still to come
    *out = items.items[0];
    return true;
}

static bool last(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)args, (void)all;
    ask_jlist items;
    if (self.kind == ASK_JV_ITERATOR)
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "a generator cannot be gone through backwards");
    if (!ask_jv_items(j, &items, self)) return false;
    if (items.n == 0) return ask_jv_undefined(j, out, "No last item, sequence was empty.");
    *out = items.items[items.n - 1];
    return true;
}

static bool join(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)all;
    ask_jlist items;
    ask_jvalue mark = ask_jv_text("");
    ask_jbuffer b = {0};
    if (!ask_jv_items(j, &items, self)) return false;
    if (args[0].kind != ASK_JV_MISSING && !ask_jv_str(j, &mark, args[0])) return false;
    for (size_t i = 0; i < items.n; i++) {
        ask_jvalue v;
        if (!ask_jinja_step(j) || !look(j, &v, items.items[i], args[1]) ||
            (i > 0 && !ask_jbuffer_add(j, &b, mark.text, mark.n_bytes)) ||
            !ask_jv_print(j, &b, v))
            return false;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}

/* ---- other runs of the same items ---- */

static bool list(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)args, (void)all;
    ask_jlist items;
    if (!ask_jv_items(j, &items, self) || !ask_jv_list(j, out, ASK_JV_LIST)) return false;
    out->list->items = items.items;
    out->list->n = out->list->capacity = items.n;
    return true;
}

static bool items(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args, (void)all;
    if (self.kind == ASK_JV_UNDEFINED) return ask_jv_list(j, out, ASK_JV_ITERATOR);
    if (self.kind != ASK_JV_DICT)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "items: expected a mapping, got a %s",
                              ask_jv_type(self));
    return ask_jdict_view(j, out, self.dict, "dict_items", ASK_JV_ITERATOR);
}

static bool reverse(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)args, (void)all;
    const ask_jvalue backward[3] = {{0}, {0}, {.kind = ASK_JV_INT, .whole = -1}};
    ask_jlist all_items;
    if (self.kind == ASK_JV_STRING) return ask_jop_slice(j, out, self, backward);
    if (!ask_jv_items(j, &all_items, self) || !ask_jv_list(j, out, ASK_JV_ITERATOR))
        return false;
    for (size_t i = all_items.n; i-- > 0;)
        if (!ask_jinja_step(j) || !ask_jlist_add(j, out->list, all_items.items[i]))
            return false;
    return true;
}

static bool batch(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    ask_jlist from;
    int64_t n;
    ask_jvalue row = {0};
    if (!ask_jarg_int(j, &n, args[0], 0, "batch") || !ask_jv_items(j, &from, self) ||
        !ask_jv_list(j, out, ASK_JV_ITERATOR))
        return false;
    if (n < 1) return ask_jinja_fail(j, ASK_ERR_FORMAT, "batch: expected at least 1 item");
    for (size_t i = 0; i < from.n; i++) {
        bool begins = i % (size_t)n == 0;
        if (!ask_jinja_step(j) ||
            (begins &&
             (!ask_jv_list(j, &row, ASK_JV_LIST) || !ask_jlist_add(j, out->list, row))) ||
            !ask_jlist_add(j, row.list, from.items[i]))
            return false;
    }
    bool fills =
        args[1].kind != ASK_JV_MISSING && args[1].kind != ASK_JV_NONE && from.n > 0;
    while (fills && row.list->n < (size_t)n)
        if (!ask_jlist_add(j, row.list, args[1])) return false;
    return true;
}

/* So many lists of nearly the same length. */
static bool slice(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    ask_jlist from;
    int64_t n;
    if (!ask_jarg_int(j, &n, args[0], 0, "slice") || !ask_jv_items(j, &from, self) ||
        !ask_jv_list(j, out, ASK_JV_ITERATOR))
        return false;
    if (n < 1) return ask_jinja_fail(j, ASK_ERR_FORMAT, "slice: expected at least 1 slice");
    size_t each = from.n / (size_t)n, longer = from.n % (size_t)n, at = 0;
    bool fills = args[1].kind != ASK_JV_MISSING && args[1].kind != ASK_JV_NONE;
    for (size_t i = 0; i < (size_t)n; i++) {
        ask_jvalue row;
        if (!ask_jinja_step(j) || !ask_jv_list(j, &row, ASK_JV_LIST) ||
            !ask_jlist_add(j, out->list, row))
            return false;
        for (size_t end = at + each + (i < longer); at < end; at++)
            if (!ask_jlist_add(j, row.list, from.items[at])) return false;
        if (fills && i >= longer && !ask_jlist_add(j, row.list, args[1])) return false;
    }
    return true;
}

static bool unique(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    ask_jlist from;
    ask_jdict seen = {0};
    if (!ask_jv_items(j, &from, self) || !ask_jv_list(j, out, ASK_JV_ITERATOR))
        return false;
    for (size_t i = 0; i < from.n; i++) {
        ask_jvalue key, *found;
        if (!look_folded(j, &key, from.items[i], args[1], ask_jv_truth(args[0])) ||
            !ask_jdict_find(j, &found, &seen, key))
            return false;
        if (!found && (!ask_jdict_set(j, &seen, key, ask_jv_none()) ||
                       !ask_jlist_add(j, out->list, from.items[i])))
            return false;
    }
    return true;
}

/* ---- order ---- */

typedef struct {
    ask_jvalue key, item;
} keyed;

/* Merges two sorted halves; of equal keys the left comes first, also backwards. */
static bool merge(ask_jinja *j, keyed *out, const keyed *a, size_t n_a, const keyed *b,
                  size_t n_b, bool backward)
{
    while (n_a > 0 && n_b > 0) {
        int order;
        if (!ask_jv_compare(j, &order, b->key, a->key)) return false;
        bool takes_b = order == (backward ? 1 : -1);
        *out++ = takes_b ? *b : *a;
        if (takes_b)
            b++, n_b--;
        else
            a++, n_a--;
    }
    if (n_a > 0) memcpy(out, a, n_a * sizeof *a);
    if (n_b > 0) memcpy(out, b, n_b * sizeof *b);
    return true;
}

static bool sort_keyed(ask_jinja *j, keyed *v, keyed *room, size_t n, bool backward)
{
    if (n < 2) return true;
    size_t half = n / 2;
    if (!sort_keyed(j, v, room, half, backward) ||
        !sort_keyed(j, v + half, room, n - half, backward) ||
        !merge(j, room, v, half, v + half, n - half, backward))
        return false;
    memcpy(v, room, n * sizeof *v);
    return true;
}

/* The values at the paths of an attribute, which has commas between them, as one key. */
static bool sort_key(ask_jinja *j, ask_jvalue *out, ask_jvalue item, ask_jvalue attribute,
                     bool cased)
{
    if (attribute.kind != ASK_JV_STRING) return look_folded(j, out, item, attribute, cased);
    if (!ask_jv_list(j, out, ASK_JV_LIST)) return false;
    size_t at = 0;
    while (at <= attribute.n_bytes) {
        const char *begin = attribute.text + at,
                   *comma = memchr(begin, ',', attribute.n_bytes - at);
        size_t n = comma ? (size_t)(comma - begin) : attribute.n_bytes - at;
        ask_jvalue v;
        if (!look_folded(j, &v, item, ask_jv_string(begin, n), cased) ||
            !ask_jlist_add(j, out->list, v))
            return false;
        at += n + 1;
    }
    return true;
}

static bool sorted(ask_jinja *j, ask_jvalue *out, const ask_jlist *from,
                   ask_jvalue attribute, bool cased, bool backward)
{
    keyed *v = ask_jinja_alloc(j, from->n, sizeof *v),
          *room = ask_jinja_alloc(j, from->n, sizeof *room);
    if (!v || !room) return false;
    for (size_t i = 0; i < from->n; i++) {
        v[i].item = from->items[i];
        if (!sort_key(j, &v[i].key, v[i].item, attribute, cased)) return false;
    }
    if (!sort_keyed(j, v, room, from->n, backward) || !ask_jv_list(j, out, ASK_JV_LIST))
        return false;
    for (size_t i = 0; i < from->n; i++)
        if (!ask_jlist_add(j, out->list, v[i].item)) return false;
    return true;
}

static bool sort(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)all;
    ask_jlist from;
    return ask_jv_items(j, &from, self) &&
           sorted(j, out, &from, args[2], ask_jv_truth(args[1]), ask_jv_truth(args[0]));
}

static bool dictsort(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)all;
    ask_jvalue pairs, by;
    if (self.kind != ASK_JV_DICT)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "dictsort: expected a mapping, got a %s",
                              ask_jv_type(self));
    if (!ask_jarg_string(j, &by, args[1], "key", "dictsort") ||
        !ask_jdict_view(j, &pairs, self.dict, "dict_items", ASK_JV_LIST))
        return false;
    if (!ask_jv_is_text(by, "key") && !ask_jv_is_text(by, "value"))
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "dictsort: can sort by \"key\" or \"value\"");
    return sorted(j, out, pairs.list, ask_jv_int(ask_jv_is_text(by, "value")),
                  ask_jv_truth(args[0]), ask_jv_truth(args[2]));
}

/* Pairs of a value and the items that have it, in the order of the values. */
static bool groupby(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)all;
    ask_jlist from;
    ask_jvalue in_order, group = {0}, before = {0};
    bool cased = ask_jv_truth(args[2]);
    if (args[1].kind != ASK_JV_MISSING && args[1].kind != ASK_JV_NONE)
        return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED,
                              "groupby with a default is not supported");
    if (!ask_jv_items(j, &from, self) ||
        !sorted(j, &in_order, &from, args[0], cased, false) ||
        !ask_jv_list(j, out, ASK_JV_LIST))
        return false;
    for (size_t i = 0; i < in_order.list->n; i++) {
        ask_jvalue item = in_order.list->items[i], key, shown, pair;
        bool equal = false;
        if (!look_folded(j, &key, item, args[0], cased) ||
            (i > 0 && !ask_jv_equal(j, &equal, key, before)))
            return false;
        if (!equal &&
            (!look(j, &shown, item, args[0]) || !ask_jv_list(j, &group, ASK_JV_LIST) ||
             !ask_jv_pair(j, &pair, shown, group) || !ask_jlist_add(j, out->list, pair)))
            return false;
        if (!ask_jlist_add(j, group.list, item)) return false;
        before = key;
    }
    return true;
}

static bool extreme(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const ask_jvalue *args,
                    int wanted)
{
    ask_jlist from;
    ask_jvalue best = {0};
    if (!ask_jv_items(j, &from, v)) return false;
    if (from.n == 0)
        return ask_jv_undefined(j, out, "No aggregated item, sequence was empty.");
    for (size_t i = 0; i < from.n; i++) {
        ask_jvalue key;
        int order = wanted;
        if (!look_folded(j, &key, from.items[i], args[1], ask_jv_truth(args[0])) ||
            (i > 0 && !ask_jv_compare(j, &order, key, best)))
            return false;
        if (order != wanted) continue;
        best = key;
        *out = from.items[i];
    }
    return true;
}

static bool min(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                const ask_jargs *all)
{
    (void)all;
    return extreme(j, out, self, args, -1);
}

static bool max(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                const ask_jargs *all)
{
    (void)all;
    return extreme(j, out, self, args, 1);
}

static bool sum(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                const ask_jargs *all)
{
    (void)all;
    ask_jlist from;
    *out = args[1].kind == ASK_JV_MISSING ? ask_jv_int(0) : args[1];
    if (!ask_jv_items(j, &from, self)) return false;
    for (size_t i = 0; i < from.n; i++) {
        ask_jvalue v;
        if (!look(j, &v, from.items[i], args[0]) || !ask_jop_binary(j, out, '+', *out, v))
            return false;
    }
    return true;
}

/* ---- map, select, reject ---- */

static ask_jvalue named(const ask_jargs *args, const char *name)
{
    for (size_t i = 0; i < args->n_named; i++)
        if (ask_jv_is_text(args->named[i].key, name)) return args->named[i].value;
    return (ask_jvalue){0};
}

static bool map_attribute(ask_jinja *j, ask_jvalue *out, ask_jvalue item,
                          const ask_jargs *all)
{
    ask_jvalue fallback = named(all, "default");
    if (!look(j, out, item, named(all, "attribute"))) return false;
    if (out->kind == ASK_JV_UNDEFINED && fallback.kind > ASK_JV_NONE) *out = fallback;
    return true;
}

/* A filter or test given by its name, as an argument. */
static bool row_of(ask_jinja *j, const ask_jfunction **out, ask_jvalue name, bool is_test)
{
    *out = NULL;
    if (name.kind == ASK_JV_STRING)
        *out = is_test ? ask_jfunction_find(ask_jtests, name.text, name.n_bytes)
                       : ask_jfilter_find(name.text, name.n_bytes);
    if (*out) return true;
    bool is_text = name.kind == ASK_JV_STRING;
    return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED, "the %s \"%.*s\" is not known",
                          is_test ? "test" : "filter", is_text ? (int)name.n_bytes : 0,
                          is_text ? name.text : "");
}

static bool map(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                const ask_jargs *all)
{
    (void)args;
    ask_jlist from;
    const ask_jfunction *row = NULL;
    bool by_attribute = all->n == 0 && named(all, "attribute").kind != ASK_JV_MISSING;
    if (!ask_jv_list(j, out, ASK_JV_ITERATOR)) return false;
    if (!ask_jv_truth(self)) return true;
    if (!by_attribute && all->n == 0)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "map: a filter is missing");
    if (!ask_jv_items(j, &from, self) ||
        (!by_attribute && !row_of(j, &row, all->items[0], false)))
        return false;
    ask_jargs rest = *all;
    if (!by_attribute) rest.items++, rest.n--;
    for (size_t i = 0; i < from.n; i++) {
        ask_jvalue v;
        if (!ask_jinja_enter(j)) return false;
        bool ok = by_attribute ? map_attribute(j, &v, from.items[i], all)
                               : ask_jfunction_run(j, &v, row, from.items[i], &rest);
        ask_jinja_leave(j);
        if (!ok || !ask_jlist_add(j, out->list, v)) return false;
    }
    return true;
}

/* Whether an item (or its attribute) passes the test; without a test, whether it is true.
 */
static bool passes(ask_jinja *j, bool *out, ask_jvalue item, const ask_jargs *all,
                   bool by_attribute)
{
    size_t used = by_attribute;
    const ask_jfunction *row;
    ask_jvalue v;
    if (!ask_jinja_step(j) ||
        !look(j, &v, item, by_attribute ? all->items[0] : (ask_jvalue){0}))
        return false;
    *out = ask_jv_truth(v);
    if (all->n <= used) return true;
    ask_jargs rest = {all->items + used + 1, all->n - used - 1, all->named, all->n_named};
    ask_jvalue result;
    if (!row_of(j, &row, all->items[used], true) ||
        !ask_jfunction_run(j, &result, row, v, &rest))
        return false;
    *out = ask_jv_truth(result);
    return true;
}

static bool choose(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const ask_jargs *all,
                   bool by_attribute, bool wanted)
{
    ask_jlist from;
    if (!ask_jv_list(j, out, ASK_JV_ITERATOR)) return false;
    if (!ask_jv_truth(v)) return true;
    if (by_attribute && all->n == 0)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "selectattr: an attribute is missing");
    if (!ask_jv_items(j, &from, v)) return false;
    for (size_t i = 0; i < from.n; i++) {
        bool ok;
        if (!passes(j, &ok, from.items[i], all, by_attribute)) return false;
        if (ok == wanted && !ask_jlist_add(j, out->list, from.items[i])) return false;
    }
    return true;
}

static bool select_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)args;
    return choose(j, out, self, all, false, true);
}

static bool reject(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)args;
    return choose(j, out, self, all, false, false);
}

static bool selectattr(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)args;
    return choose(j, out, self, all, true, true);
}

static bool rejectattr(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)args;
    return choose(j, out, self, all, true, false);
}

const ask_jfunction ask_jfilters_of_lists[] = {
    {"batch", "linecount fill_with", 1, batch},
    {"count", "", 0, length},
    {"dictsort", "case_sensitive by reverse", 0, dictsort},
    {"first", "", 0, first},
    {"groupby", "attribute default case_sensitive", 1, groupby},
    {"items", "", 0, items},
    {"join", "d attribute", 0, join},
    {"last", "", 0, last},
    {"length", "", 0, length},
    {"list", "", 0, list},
    {"map", "*", 0, map},
    {"max", "case_sensitive attribute", 0, max},
    {"min", "case_sensitive attribute", 0, min},
    {"reject", "*", 0, reject},
    {"rejectattr", "*", 0, rejectattr},
    {"reverse", "", 0, reverse},
    {"select", "*", 0, select_},
    {"selectattr", "*", 0, selectattr},
    {"slice", "slices fill_with", 1, slice},
    {"sort", "reverse case_sensitive attribute", 0, sort},
    {"sum", "attribute start", 0, sum},
    {"unique", "case_sensitive attribute", 0, unique},
    {0},
};
