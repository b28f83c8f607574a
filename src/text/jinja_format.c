/* Strings with places for values: Python's "%" and str.format. */
#include <string.h>

#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text/jinja_call_priv.h"

enum { MAX_WIDTH = 10000 };

/* What stands between % (or the colon) and the letter. */
typedef struct {
    bool left, center, plus, space, alternate, comma;
    char fill;            // ' ' or '0'
    int width, precision; // precision -1: none
    char type;
} spec;

/* ---- values ---- */

/* Puts a text into its width; zeros stand behind the sign. */
static bool put_padded(ask_jinja *j, ask_jbuffer *b, const spec *s, const char *text,
                       size_t n_bytes)
{
    int64_t missing = s->width - (int64_t)ask_utf8_length(text, n_bytes);
    if (missing < 0) missing = 0;
    int64_t before = s->left ? 0 : s->center ? missing / 2 : missing;
    size_t sign = s->fill == '0' && n_bytes > 0 && strchr("+- ", text[0]) != NULL;
    if (!ask_jbuffer_add(j, b, text, sign)) return false;
    for (int64_t i = 0; i < before; i++)
        if (!ask_jbuffer_add(j, b, &s->fill, 1)) return false;
    if (!ask_jbuffer_add(j, b, text + sign, n_bytes - sign)) return false;
    for (int64_t i = before; i < missing; i++)
        if (!ask_jbuffer_add(j, b, &s->fill, 1)) return false;
    return true;
}

static bool put_string(ask_jinja *j, ask_jbuffer *b, const spec *s, ask_jvalue v)
{
    if (s->precision >= 0) {
        ask_jvalue bounds[3] = {{0}, ask_jv_int(s->precision)};
        if (!ask_jop_slice(j, &v, v, bounds)) return false;
    }
    return put_padded(j, b, s, v.text, v.n_bytes);
}

/* Commas between each three digits before the point. */
static void put_commas(char *out, size_t size, const char *digits)
{
    size_t whole = strspn(digits, "0123456789"), n = 0;
    for (size_t i = 0; digits[i] && n + 2 < size; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0) out[n++] = ',';
        out[n++] = digits[i];
    }
    out[n] = '\0';
}

static bool put_digits(ask_jinja *j, ask_jbuffer *b, const spec *s, bool negative,
                       const char *digits)
{
    char grouped[1024], text[1040];
    if (s->comma) put_commas(grouped, sizeof grouped, digits);
    const char *sign = negative ? "-" : s->plus ? "+" : s->space ? " " : "";
    ask_format(text, sizeof text, "%s%s", sign, s->comma ? grouped : digits);
    return put_padded(j, b, s, text, strlen(text));
}

static bool put_int(ask_jinja *j, ask_jbuffer *b, const spec *s, ask_jvalue v)
{
    int64_t whole;
    char digits[96];
    double real;
    if (!ask_jv_to_int(&whole, v)) {
        if (s->type != 'd' || !ask_jv_to_double(&real, v) ||
            !(real > -9.2e18 && real < 9.2e18))
            return ask_jinja_fail(j, ASK_ERR_FORMAT,
                                  "%%%c: expected a whole number, got a %s", s->type,
                                  ask_jv_type(v));
        whole = (int64_t)real;
    }
    unsigned long long magnitude =
        whole < 0 ? 0 - (unsigned long long)whole : (unsigned long long)whole;
    const char *form = s->type == 'x'   ? (s->alternate ? "0x%.*llx" : "%.*llx")
                       : s->type == 'X' ? (s->alternate ? "0X%.*llX" : "%.*llX")
                       : s->type == 'o' ? (s->alternate ? "0o%.*llo" : "%.*llo")
                                        : "%.*llu";
    ask_format(digits, sizeof digits, form,
               s->precision > 60  ? 60
               : s->precision < 1 ? 1
                                  : s->precision,
               magnitude);
    return put_digits(j, b, s, whole < 0, digits);
}

static bool put_real(ask_jinja *j, ask_jbuffer *b, const spec *s, ask_jvalue v)
{
    double real;
    char form[] = {'%', '.', '*', s->type, '\0'}, digits[512];
    if (!ask_jv_to_double(&real, v))
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "%%%c: expected a number, got a %s",
                              s->type, ask_jv_type(v));
    int precision = s->precision < 0 ? 6 : s->precision > 100 ? 100 : s->precision;
    ask_format(digits, sizeof digits, form, precision, __builtin_fabs(real));
    return put_digits(j, b, s, __builtin_signbit(real), digits);
}

static bool put_value(ask_jinja *j, ask_jbuffer *b, const spec *s, ask_jvalue v)
{
    ask_jvalue text;
    ask_jbuffer repr = {0};
    switch (s->type) {
    case 's':
        return ask_jv_str(j, &text, v) && put_string(j, b, s, text);
    case 'r':
        return ask_jv_repr(j, &repr, v) && put_string(j, b, s, ask_jbuffer_string(&repr));
    case 'd':
    case 'x':
    case 'X':
    case 'o':
        return put_int(j, b, s, v);
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
        return put_real(j, b, s, v);
    default:
        return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED,
                              "the format letter '%c' is not supported", s->type);
    }
}

/* ---- % ---- */

typedef struct {
    ask_jvalue format;
    size_t at;       // the next byte
    ask_jvalue args; // what stands behind the operator
    size_t n_used;   // of a tuple
} percent;

static char peek(const percent *p)
{
    return p->at < p->format.n_bytes ? p->format.text[p->at] : '\0';
}

static int read_number(const char *text, size_t n_bytes, size_t *at)
{
    int v = 0;
    while (*at < n_bytes && text[*at] >= '0' && text[*at] <= '9') {
        if (v <= MAX_WIDTH) v = v * 10 + (text[*at] - '0');
        ++*at;
    }
    return v;
}

static bool read_flags(percent *p, spec *s)
{
    *s = (spec){.fill = ' ', .precision = -1};
    for (;; p->at++) {
        char c = peek(p);
        s->left |= c == '-';
        s->plus |= c == '+';
        s->space |= c == ' ';
        s->alternate |= c == '#';
        if (c == '0') s->fill = '0';
        if (c == '\0' || !strchr("-+ #0", c)) break;
    }
    if (s->left) s->fill = ' ';
    s->width = read_number(p->format.text, p->format.n_bytes, &p->at);
    if (peek(p) == '.') {
        p->at++;
        s->precision = read_number(p->format.text, p->format.n_bytes, &p->at);
    }
    s->type = peek(p);
    if (s->type == 'i' || s->type == 'u') s->type = 'd';
    if (s->type) p->at++;
    return s->width <= MAX_WIDTH && s->precision <= MAX_WIDTH;
}

/* The value for %(name)s, or the next one. */
static bool next_value(ask_jinja *j, percent *p, ask_jvalue *out, ask_jvalue name)
{
    if (name.kind == ASK_JV_STRING) {
        ask_jvalue *found = NULL;
        if (p->args.kind == ASK_JV_DICT && !ask_jdict_find(j, &found, p->args.dict, name))
            return false;
        if (!found)
            return ask_jinja_fail(j, ASK_ERR_FORMAT, "%%: there is no value for %%(%.*s)",
                                  (int)name.n_bytes, name.text);
        *out = *found;
        return true;
    }
    bool is_tuple = p->args.kind == ASK_JV_TUPLE;
    if (p->n_used >= (is_tuple ? p->args.list->n : 1))
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "not enough arguments for format string");
    *out = is_tuple ? p->args.list->items[p->n_used] : p->args;
    p->n_used++;
    return true;
}

static bool place(ask_jinja *j, percent *p, ask_jbuffer *b)
{
    ask_jvalue name = {0}, v;
    spec s;
    if (peek(p) == '(') {
        const char *begin = p->format.text + p->at + 1;
        const char *close = memchr(begin, ')', p->format.n_bytes - p->at - 1);
        if (!close) return ask_jinja_fail(j, ASK_ERR_FORMAT, "%%: a ')' is missing");
        name = ask_jv_string(begin, (size_t)(close - begin));
        p->at = (size_t)(close - p->format.text) + 1;
    }
    if (!read_flags(p, &s))
        return ask_jinja_fail(j, ASK_ERR_LIMIT, "%%: a width is beyond %d", MAX_WIDTH);
    if (s.type == '%') return ask_jbuffer_puts(j, b, "%");
    if (s.type == '\0') return ask_jinja_fail(j, ASK_ERR_FORMAT, "%%: incomplete format");
    return next_value(j, p, &v, name) && put_value(j, b, &s, v);
}

bool ask_jformat_percent(ask_jinja *j, ask_jvalue *out, ask_jvalue format, ask_jvalue args)
{
    percent p = {.format = format, .args = args};
    ask_jbuffer b = {0};
    while (p.at < format.n_bytes) {
        const char *begin = format.text + p.at,
                   *mark = memchr(begin, '%', format.n_bytes - p.at);
        size_t n = mark ? (size_t)(mark - begin) : format.n_bytes - p.at;
        if (!ask_jbuffer_add(j, &b, begin, n)) return false;
        p.at += n + (mark != NULL);
        if (mark && (!ask_jinja_step(j) || !place(j, &p, &b))) return false;
    }
    // Python asks this of a tuple, and of values that have no items.
    bool is_single = args.kind >= ASK_JV_NONE && args.kind <= ASK_JV_STRING;
    size_t n_given = args.kind == ASK_JV_TUPLE ? args.list->n : is_single;
    if (p.n_used < n_given)
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "not all arguments converted during string formatting");
    *out = ask_jbuffer_string(&b);
    return true;
}

/* ---- str.format ---- */

/* [fill][<>^][+][#][0][width][,][.precision][type]; a fill is one byte. */
static bool read_spec(ask_jinja *j, spec *s, ask_jvalue text, ask_jvalue v)
{
    size_t at = 0, n = text.n_bytes;
    const char *c = text.text;
    bool is_number = v.kind == ASK_JV_INT || v.kind == ASK_JV_FLOAT;
    *s = (spec){.fill = ' ', .precision = -1, .left = !is_number};
    if (n >= 2 && strchr("<>^", c[1])) s->fill = c[at++];
    if (at < n && strchr("<>^", c[at])) {
        s->left = c[at] == '<';
        s->center = c[at++] == '^';
    }
    if (at < n && (c[at] == '+' || c[at] == '-' || c[at] == ' ')) {
        s->plus = c[at] == '+';
        s->space = c[at++] == ' ';
    }
    if (at < n && c[at] == '#') s->alternate = at++ < n;
    if (at < n && c[at] == '0') s->fill = c[at++], s->left = false;
    s->width = read_number(c, n, &at);
    if (at < n && c[at] == ',') s->comma = at++ < n;
    if (at < n && c[at] == '.') {
        at++;
        s->precision = read_number(c, n, &at);
    }
    bool is_plain = at == n;
    s->type = !is_plain                                     ? c[at++]
              : v.kind == ASK_JV_INT                        ? 'd'
              : v.kind == ASK_JV_FLOAT && s->precision >= 0 ? 'g'
                                                            : 's';
    if (s->width > MAX_WIDTH || s->precision > MAX_WIDTH)
        return ask_jinja_fail(j, ASK_ERR_LIMIT, "format: a width is beyond %d", MAX_WIDTH);
    return at == n ||
           ask_jinja_fail(j, ASK_ERR_UNSUPPORTED,
                          "format: the form \"%.*s\" is not supported", (int)n, c);
}

/* The value of a field: "", "0", "name", with ".attribute" behind. */
static bool field_value(ask_jinja *j, ask_jvalue *out, ask_jvalue field,
                        const ask_jargs *args, size_t *n_used)
{
    size_t n = 0;
    while (n < field.n_bytes && field.text[n] != '.' && field.text[n] != '[') n++;
    if (n < field.n_bytes)
        return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED,
                              "format: the field \"%.*s\" is not supported",
                              (int)field.n_bytes, field.text);
    size_t at = 0;
    int i = read_number(field.text, n, &at);
    if (at == n) {
        size_t k = n == 0 ? (*n_used)++ : (size_t)i;
        if (k >= args->n)
            return ask_jinja_fail(j, ASK_ERR_FORMAT, "format: there is no argument %zu", k);
        *out = args->items[k];
        return true;
    }
    for (size_t k = 0; k < args->n_named; k++) {
        ask_jvalue key = args->named[k].key;
        if (key.n_bytes != n || memcmp(key.text, field.text, n) != 0) continue;
        *out = args->named[k].value;
        return true;
    }
    return ask_jinja_fail(j, ASK_ERR_FORMAT, "format: there is no argument \"%.*s\"",
                          (int)n, field.text);
}

/* {field!r:form} without its braces. */
static bool put_field(ask_jinja *j, ask_jbuffer *b, ask_jvalue inner, const ask_jargs *args,
                      size_t *n_used)
{
    const char *colon = memchr(inner.text, ':', inner.n_bytes);
    ask_jvalue form = ask_jv_text(""), field = inner, v;
    if (colon) {
        field.n_bytes = (size_t)(colon - inner.text);
        form = ask_jv_string(colon + 1, inner.n_bytes - field.n_bytes - 1);
    }
    bool is_repr =
        field.n_bytes >= 2 && memcmp(field.text + field.n_bytes - 2, "!r", 2) == 0;
    bool is_str =
        field.n_bytes >= 2 && memcmp(field.text + field.n_bytes - 2, "!s", 2) == 0;
    if (is_repr || is_str) field.n_bytes -= 2;
    if (!field_value(j, &v, field, args, n_used)) return false;
    ask_jbuffer text = {0};
    if (is_repr || is_str) {
        if (is_repr ? !ask_jv_repr(j, &text, v) : !ask_jv_print(j, &text, v)) return false;
        v = ask_jbuffer_string(&text);
    }
    spec s;
    if (!read_spec(j, &s, form, v)) return false;
    return put_value(j, b, &s, v);
}

bool ask_jformat_braces(ask_jinja *j, ask_jvalue *out, ask_jvalue format,
                        const ask_jargs *args)
{
    ask_jbuffer b = {0};
    size_t n_used = 0;
    for (size_t at = 0; at < format.n_bytes;) {
        char c = format.text[at];
        bool is_double = at + 1 < format.n_bytes && format.text[at + 1] == c;
        if ((c != '{' && c != '}') || is_double) {
            if (!ask_jbuffer_add(j, &b, &format.text[at], 1)) return false;
            at += 1 + ((c == '{' || c == '}') && is_double);
            continue;
        }
        const char *begin = format.text + at + 1;
        const char *close = c == '{' ? memchr(begin, '}', format.n_bytes - at - 1) : NULL;
        if (!close) return ask_jinja_fail(j, ASK_ERR_FORMAT, "format: a brace is alone");
        ask_jvalue inner = ask_jv_string(begin, (size_t)(close - begin));
        if (!ask_jinja_step(j) || !put_field(j, &b, inner, args, &n_used)) return false;
        at = (size_t)(close - format.text) + 1;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}
