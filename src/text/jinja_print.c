/* Values as text: what Python's str, repr and json.dumps make of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text/jinja_value_priv.h"
#include "text/unicode_priv.h"

enum { MAX_DIGITS = 17, NUMBER_BYTES = 64 };

/* The fewest digits that read back to the same number, as "d.ddde[+-]xx". */
static void shortest(char out[NUMBER_BYTES], double v)
{
    for (int digits = 0; digits < MAX_DIGITS; digits++) {
        double back;
        ask_format(out, NUMBER_BYTES, "%.*e", digits, v);
        if (ask_parse_double(&back, out) && back == v) return;
    }
}

/* Python's layout: an exponent only below 1e-4 and from 1e16 on, else a point. */
static void format_float(char out[NUMBER_BYTES], double v)
{
    if (!isfinite(v)) {
        ask_format(out, NUMBER_BYTES, "%s", isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
        return;
    }
    char text[NUMBER_BYTES];
    shortest(text, v);
    int exponent = atoi(strchr(text, 'e') + 1);
    int n_digits = (int)strcspn(text, "e") - (v < 0 || signbit(v));
    n_digits -= n_digits > 1; // the point
    if (exponent >= -4 && exponent < 16) {
        int decimals = n_digits - 1 - exponent;
        ask_format(out, NUMBER_BYTES, "%.*f", decimals > 0 ? decimals : 1, v);
        return;
    }
    ask_format(out, NUMBER_BYTES, "%.*s%+03d", (int)strcspn(text, "e") + 1, text, exponent);
}

static bool put_char(ask_jinja *j, ask_jbuffer *b, char c)
{
    return ask_jbuffer_add(j, b, &c, 1);
}

/* Characters as Python's repr has them. */
static bool put_escaped(ask_jinja *j, ask_jbuffer *b, uint32_t c, const char *text, int n,
                        char quote)
{
    char escape[16];
    if (c == '\n' || c == '\r' || c == '\t')
        return ask_jbuffer_puts(j, b, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    if (c == '\\' || c == (uint32_t)quote) {
        ask_format(escape, sizeof escape, "\\%c", (char)c);
        return ask_jbuffer_puts(j, b, escape);
    }
    if (ask_unicode_is_printable(c)) return ask_jbuffer_add(j, b, text, (size_t)n);
    ask_format(escape, sizeof escape,
               c < 0x100     ? "\\x%02x"
               : c < 0x10000 ? "\\u%04x"
                             : "\\U%08x",
               (unsigned)c);
    return ask_jbuffer_puts(j, b, escape);
}

static bool repr_string(ask_jinja *j, ask_jbuffer *b, ask_jvalue v)
{
    bool has_single = memchr(v.text, '\'', v.n_bytes),
         has_double = memchr(v.text, '"', v.n_bytes);
    char quote = has_single && !has_double ? '"' : '\'';
    if (!put_char(j, b, quote)) return false;
    for (size_t at = 0; at < v.n_bytes;) {
        uint32_t c = 0xFFFD;
        int n = ask_utf8_decode(&c, v.text + at, v.n_bytes - at);
        if (n == 0) n = 1;
        if (!put_escaped(j, b, c, v.text + at, n, quote)) return false;
        at += (size_t)n;
    }
    return put_char(j, b, quote);
}

static bool repr_items(ask_jinja *j, ask_jbuffer *b, const ask_jlist *l, const char *open,
                       const char *close)
{
    if (!ask_jbuffer_puts(j, b, open)) return false;
    for (size_t i = 0; i < l->n; i++) {
        if (i > 0 && !ask_jbuffer_puts(j, b, ", ")) return false;
        if (!ask_jv_repr(j, b, l->items[i])) return false;
    }
    return ask_jbuffer_puts(j, b, close);
}

static bool repr_dict(ask_jinja *j, ask_jbuffer *b, const ask_jdict *d)
{
    if (!put_char(j, b, '{')) return false;
    for (size_t i = 0; i < d->n; i++) {
        if (i > 0 && !ask_jbuffer_puts(j, b, ", ")) return false;
        if (!ask_jv_repr(j, b, d->entries[i].key) || !ask_jbuffer_puts(j, b, ": ") ||
            !ask_jv_repr(j, b, d->entries[i].value))
            return false;
    }
    return put_char(j, b, '}');
}

static bool repr_range(ask_jinja *j, ask_jbuffer *b, const ask_jlist *l)
{
    char text[96];
    ask_format(text, sizeof text,
               l->step == 1 ? "range(%lld, %lld)" : "range(%lld, %lld, %lld)",
               (long long)l->start, (long long)l->stop, (long long)l->step);
    return ask_jbuffer_puts(j, b, text);
}

static bool repr_view(ask_jinja *j, ask_jbuffer *b, const ask_jlist *l)
{
    return ask_jbuffer_puts(j, b, l->word) && repr_items(j, b, l, "([", "])");
}

static bool repr_namespace(ask_jinja *j, ask_jbuffer *b, const ask_jdict *d)
{
    return ask_jbuffer_puts(j, b, "<Namespace ") && repr_dict(j, b, d) &&
           put_char(j, b, '>');
}

static bool repr_number(ask_jinja *j, ask_jbuffer *b, ask_jvalue v)
{
    char text[NUMBER_BYTES];
    if (v.kind == ASK_JV_INT)
        ask_format(text, sizeof text, "%lld", (long long)v.whole);
    else
        format_float(text, v.real);
    return ask_jbuffer_puts(j, b, text);
}

static bool repr_inside(ask_jinja *j, ask_jbuffer *b, ask_jvalue v)
{
    switch (v.kind) {
    case ASK_JV_UNDEFINED:
        return ask_jbuffer_puts(j, b, "Undefined");
    case ASK_JV_NONE:
        return ask_jbuffer_puts(j, b, "None");
    case ASK_JV_BOOL:
        return ask_jbuffer_puts(j, b, v.truth ? "True" : "False");
    case ASK_JV_INT:
    case ASK_JV_FLOAT:
        return repr_number(j, b, v);
    case ASK_JV_STRING:
        return repr_string(j, b, v);
    case ASK_JV_LIST:
        return repr_items(j, b, v.list, "[", "]");
    case ASK_JV_TUPLE:
        return repr_items(j, b, v.list, "(", v.list->n == 1 ? ",)" : ")");
    case ASK_JV_RANGE:
        return repr_range(j, b, v.list);
    case ASK_JV_VIEW:
        return repr_view(j, b, v.list);
    case ASK_JV_DICT:
        return repr_dict(j, b, v.dict);
    case ASK_JV_NAMESPACE:
        return repr_namespace(j, b, v.dict);
    default: // in Python these have an address in them
        return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED, "a %s is printed", ask_jv_type(v));
    }
}

bool ask_jv_repr(ask_jinja *j, ask_jbuffer *b, ask_jvalue v)
{
    if (!ask_jinja_enter(j)) return false;
    bool ok = repr_inside(j, b, v);
    ask_jinja_leave(j);
    return ok;
}

bool ask_jv_print(ask_jinja *j, ask_jbuffer *b, ask_jvalue v)
{
    if (v.kind == ASK_JV_STRING) return ask_jbuffer_add(j, b, v.text, v.n_bytes);
    return v.kind == ASK_JV_UNDEFINED || ask_jv_repr(j, b, v);
}

bool ask_jv_str(ask_jinja *j, ask_jvalue *out, ask_jvalue v)
{
    *out = v;
    if (v.kind == ASK_JV_STRING) return true;
    ask_jbuffer b = {0};
    if (!ask_jv_print(j, &b, v)) return false;
    *out = ask_jbuffer_string(&b);
    return true;
}

/* ---- JSON ---- */

static bool json_escape(ask_jinja *j, ask_jbuffer *b, uint32_t c)
{
    static const char plain[] = "\"\\\n\r\t\f\b", words[] = "\"\\nrtfb";
    char text[16];
    const char *found = c != 0 && c < 0x80 ? strchr(plain, (int)c) : NULL;
    if (found)
        ask_format(text, sizeof text, "\\%c", words[found - plain]);
    else if (c < 0x10000)
        ask_format(text, sizeof text, "\\u%04x", (unsigned)c);
    else
        ask_format(text, sizeof text, "\\u%04x\\u%04x",
                   (unsigned)(0xD800 + ((c - 0x10000) >> 10)),
                   (unsigned)(0xDC00 + ((c - 0x10000) & 0x3FF)));
    return ask_jbuffer_puts(j, b, text);
}

static bool json_string(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, ask_jvalue v)
{
    if (!put_char(j, b, '"')) return false;
    for (size_t at = 0; at < v.n_bytes;) {
        uint32_t c = 0xFFFD;
        int n = ask_utf8_decode(&c, v.text + at, v.n_bytes - at);
        if (n == 0) n = 1;
        bool escaped = c < 0x20 || c == '"' || c == '\\' || (how->ensure_ascii && c > 0x7E);
        bool ok =
            escaped ? json_escape(j, b, c) : ask_jbuffer_add(j, b, v.text + at, (size_t)n);
        if (!ok) return false;
        at += (size_t)n;
    }
    return put_char(j, b, '"');
}

static bool json_float(ask_jinja *j, ask_jbuffer *b, double v)
{
    if (isnan(v)) return ask_jbuffer_puts(j, b, "NaN");
    if (isinf(v)) return ask_jbuffer_puts(j, b, v > 0 ? "Infinity" : "-Infinity");
    return repr_number(j, b, ask_jv_float(v));
}

static bool json_line(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, int level)
{
    if (!how->is_indented) return true;
    if (!put_char(j, b, '\n')) return false;
    for (int i = 0; i < level; i++)
        if (!ask_jbuffer_add(j, b, how->indent.text, how->indent.n_bytes)) return false;
    return true;
}

static bool json_value(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, ask_jvalue v,
                       int level);

/* What stands before the i-th item. */
static bool json_before(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, size_t i,
                        int level)
{
    return (i == 0 || ask_jbuffer_add(j, b, how->item_mark.text, how->item_mark.n_bytes)) &&
           json_line(j, b, how, level);
}

static bool json_items(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how,
                       const ask_jlist *l, int level)
{
    if (l->n == 0) return ask_jbuffer_puts(j, b, "[]");
    if (!put_char(j, b, '[')) return false;
    for (size_t i = 0; i < l->n; i++)
        if (!json_before(j, b, how, i, level + 1) ||
            !json_value(j, b, how, l->items[i], level + 1))
            return false;
    return json_line(j, b, how, level) && put_char(j, b, ']');
}

static bool json_key(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, ask_jvalue key)
{
    if (key.kind == ASK_JV_STRING) return json_string(j, b, how, key);
    if (key.kind < ASK_JV_NONE || key.kind > ASK_JV_FLOAT)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "a key of JSON must not be a %s",
                              ask_jv_type(key));
    return put_char(j, b, '"') && json_value(j, b, how, key, 0) && put_char(j, b, '"');
}

/* Sorts entries by key, in place; equal keys there are not. */
static bool sort_entries(ask_jinja *j, ask_jentry *e, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        ask_jentry moved = e[i];
        size_t k = i;
        for (; k > 0; k--) {
            int order;
            if (!ask_jv_compare(j, &order, e[k - 1].key, moved.key)) return false;
            if (order != 1) break;
            e[k] = e[k - 1];
        }
        e[k] = moved;
    }
    return true;
}

static bool json_dict(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how,
                      const ask_jdict *d, int level)
{
    if (d->n == 0) return ask_jbuffer_puts(j, b, "{}");
    const ask_jentry *entries = d->entries;
    if (how->sort_keys) {
        ask_jentry *sorted = ask_jinja_alloc(j, d->n, sizeof *sorted);
        if (!sorted) return false;
        memcpy(sorted, d->entries, d->n * sizeof *sorted);
        if (!sort_entries(j, sorted, d->n)) return false;
        entries = sorted;
    }
    if (!put_char(j, b, '{')) return false;
    for (size_t i = 0; i < d->n; i++)
        if (!json_before(j, b, how, i, level + 1) || !json_key(j, b, how, entries[i].key) ||
            !ask_jbuffer_add(j, b, how->key_mark.text, how->key_mark.n_bytes) ||
            !json_value(j, b, how, entries[i].value, level + 1))
            return false;
    return json_line(j, b, how, level) && put_char(j, b, '}');
}

static bool json_inside(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, ask_jvalue v,
                        int level)
{
    switch (v.kind) {
    case ASK_JV_NONE:
        return ask_jbuffer_puts(j, b, "null");
    case ASK_JV_BOOL:
        return ask_jbuffer_puts(j, b, v.truth ? "true" : "false");
    case ASK_JV_INT:
        return repr_number(j, b, v);
    case ASK_JV_FLOAT:
        return json_float(j, b, v.real);
    case ASK_JV_STRING:
        return json_string(j, b, how, v);
    case ASK_JV_LIST:
    case ASK_JV_TUPLE:
        return json_items(j, b, how, v.list, level);
    case ASK_JV_DICT:
        return json_dict(j, b, how, v.dict, level);
    default:
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "object of type %s is not JSON serializable", ask_jv_type(v));
    }
}

static bool json_value(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, ask_jvalue v,
                       int level)
{
    if (!ask_jinja_enter(j)) return false;
    bool ok = json_inside(j, b, how, v, level);
    ask_jinja_leave(j);
    return ok;
}

bool ask_jv_json(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, ask_jvalue v)
{
    return json_value(j, b, how, v, 0);
}
