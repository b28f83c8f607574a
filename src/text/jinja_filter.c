/* Filters of single values; those of lists are in jinja_filter_list.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text/jinja_call_priv.h"
#include "text/jinja_space_priv.h"

/* ---- strings ---- */

/* The method of that name of the value's text. */
static bool as_method(ask_jinja *j, ask_jvalue *out, const char *name, ask_jvalue v,
                      const ask_jvalue *args)
{
    ask_jvalue s;
    const ask_jfunction *row =
        ask_jfunction_find(ask_jmethods_of_strings, name, strlen(name));
    return ask_jv_str(j, &s, v) && row->call(j, out, s, args, NULL);
}

static bool trim(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)all;
    return as_method(j, out, "strip", self, args);
}

static bool upper(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    return as_method(j, out, "upper", self, args);
}

static bool lower(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    return as_method(j, out, "lower", self, args);
}

static bool capitalize(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    return as_method(j, out, "capitalize", self, args);
}

static bool replace(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)all;
    ask_jvalue texts[3] = {
        {0}, {0}, args[2].kind == ASK_JV_NONE ? (ask_jvalue){0} : args[2]};
    return ask_jv_str(j, &texts[0], args[0]) && ask_jv_str(j, &texts[1], args[1]) &&
           as_method(j, out, "replace", self, texts);
}

static bool center(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    ask_jvalue width[2] = {args[0].kind == ASK_JV_MISSING ? ask_jv_int(80) : args[0]};
    return as_method(j, out, "center", self, width);
}

static bool starts_word(uint32_t c)
{
    return ask_py_is_space(c) || (c < 0x80 && c != 0 && strchr("-({[<", (int)c));
}

/* Jinja's own title case: a word begins behind white space and opening brackets. */
static bool title(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args, (void)all;
    ask_jvalue s, piece;
    ask_jbuffer b = {0};
    if (!ask_jv_str(j, &s, self)) return false;
    bool begins = true;
    for (size_t at = 0; at < s.n_bytes;) {
        uint32_t c = 0xFFFD;
        int n = ask_utf8_decode(&c, s.text + at, s.n_bytes - at);
        size_t end = at + (n > 0 ? (size_t)n : 1);
        bool parts = starts_word(c);
        while (!begins && !parts &&
               end < s.n_bytes) { // the rest of the word, for its last sigma
            int more = ask_utf8_decode(&c, s.text + end, s.n_bytes - end);
            if (starts_word(c)) break;
            end += more > 0 ? (size_t)more : 1;
        }
        if (!as_method(j, &piece, begins ? "upper" : "lower",
                       ask_jv_string(s.text + at, end - at), NULL) ||
            !ask_jbuffer_add(j, &b, piece.text, piece.n_bytes))
            return false;
        begins = parts;
        at = end;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}

static bool string(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)args, (void)all;
    return ask_jv_str(j, out, self);
}

static bool same(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = self;
    return true;
}

static bool escape(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)args, (void)all;
    static const char plain[] = "&<>'\"";
    static const char *const words[] = {"&amp;", "&lt;", "&gt;", "&#39;", "&#34;"};
    ask_jvalue s;
    ask_jbuffer b = {0};
    if (!ask_jv_str(j, &s, self)) return false;
    for (size_t i = 0; i < s.n_bytes; i++) {
        const char *found = s.text[i] ? strchr(plain, s.text[i]) : NULL;
        if (found ? !ask_jbuffer_puts(j, &b, words[found - plain])
                  : !ask_jbuffer_add(j, &b, s.text + i, 1))
            return false;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}

static bool put_indented(ask_jinja *j, ask_jbuffer *b, const ask_jlist *lines,
                         ask_jvalue indent, bool first, bool blank)
{
    for (size_t i = 0; i < lines->n; i++) {
        ask_jvalue line = lines->items[i];
        bool is_indented = i == 0 ? first : blank || line.n_bytes > 0;
        if ((i > 0 && !ask_jbuffer_puts(j, b, "\n")) ||
            (is_indented && !ask_jbuffer_add(j, b, indent.text, indent.n_bytes)) ||
            !ask_jbuffer_add(j, b, line.text, line.n_bytes))
            return false;
    }
    return true;
}

/* Spaces, so many; or the string that is given. */
static bool indent_text(ask_jinja *j, ask_jvalue *out, ask_jvalue v, int64_t fallback)
{
    *out = v;
    if (v.kind == ASK_JV_STRING) return true;
    int64_t n;
    ask_jbuffer b = {0};
    if (!ask_jarg_int(j, &n, v, fallback, "indent")) return false;
    for (int64_t i = 0; i < n; i++)
        if (!ask_jbuffer_puts(j, &b, " ")) return false;
    *out = ask_jbuffer_string(&b);
    return true;
}

static bool indent(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    ask_jvalue s, by, lines, keeps = {0};
    ask_jbuffer whole = {0}, b = {0};
    if (!ask_jarg_string(j, &s, self, "", "indent") || !indent_text(j, &by, args[0], 4) ||
        !ask_jbuffer_add(j, &whole, s.text, s.n_bytes) ||
        !ask_jbuffer_puts(j, &whole, "\n") ||
        !as_method(j, &lines, "splitlines", ask_jbuffer_string(&whole), &keeps) ||
        !put_indented(j, &b, lines.list, by, ask_jv_truth(args[1]), ask_jv_truth(args[2])))
        return false;
    *out = ask_jbuffer_string(&b);
    return true;
}

/* At most so many characters, cut between words. */
static bool truncate_(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                      const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    ask_jvalue s, end, bounds[3] = {{0}};
    int64_t length, leeway, n, n_end;
    if (!ask_jarg_int(j, &length, args[0], 255, "truncate") ||
        !ask_jarg_string(j, &end, args[2], "...", "truncate") ||
        !ask_jarg_int(j, &leeway, args[3].kind == ASK_JV_NONE ? (ask_jvalue){0} : args[3],
                      5, "truncate") ||
        !ask_jv_length(j, &n, self) || !ask_jv_length(j, &n_end, end))
        return false;
    if (length < n_end || leeway < 0 || leeway > INT64_MAX - length)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "truncate: the length is too small");
    *out = self;
    if (n <= length + leeway) return true;
    if (!ask_jarg_string(j, &s, self, "", "truncate")) return false;
    bounds[1] = ask_jv_int(length - n_end);
    if (!ask_jop_slice(j, &s, s, bounds)) return false;
    const char *space = memrchr(s.text, ' ', s.n_bytes);
    if (!ask_jv_truth(args[1]) && space) s.n_bytes = (size_t)(space - s.text);
    return ask_jop_binary(j, out, '+', s, end);
}

static bool format(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)args;
    ask_jvalue s, values;
    bool named = all->n_named > 0;
    if (named && all->n > 0)
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "format: arguments by place and by name are mixed");
    if (!ask_jv_str(j, &s, self)) return false;
    if (named ? !ask_jv_dict(j, &values, ASK_JV_DICT)
              : !ask_jv_list(j, &values, ASK_JV_TUPLE))
        return false;
    for (size_t i = 0; i < all->n; i++)
        if (!ask_jlist_add(j, values.list, all->items[i])) return false;
    for (size_t i = 0; i < all->n_named; i++)
        if (!ask_jdict_set(j, values.dict, all->named[i].key, all->named[i].value))
            return false;
    return ask_jformat_percent(j, out, s, values);
}

/* ---- JSON ---- */

/* separators: two strings, or what belongs to the indentation. */
static bool json_marks(ask_jinja *j, ask_jjson *how, ask_jvalue separators)
{
    how->item_mark = ask_jv_text(how->is_indented ? "," : ", ");
    how->key_mark = ask_jv_text(": ");
    if (separators.kind == ASK_JV_MISSING || separators.kind == ASK_JV_NONE) return true;
    ask_jlist two;
    if (!ask_jv_items(j, &two, separators)) return false;
    if (two.n != 2 || two.items[0].kind != ASK_JV_STRING ||
        two.items[1].kind != ASK_JV_STRING)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "tojson: separators are not two strings");
    how->item_mark = two.items[0];
    how->key_mark = two.items[1];
    return true;
}

static bool tojson(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    ask_jjson how = {.ensure_ascii = ask_jv_truth(args[0]),
                     .is_indented =
                         args[1].kind != ASK_JV_MISSING && args[1].kind != ASK_JV_NONE,
                     .sort_keys = ask_jv_truth(args[3])};
    ask_jbuffer b = {0};
    if ((how.is_indented && !indent_text(j, &how.indent, args[1], 0)) ||
        !json_marks(j, &how, args[2]) || !ask_jv_json(j, &b, &how, self))
        return false;
    *out = ask_jbuffer_string(&b);
    return true;
}

/* ---- numbers ---- */

/* The text without white space around it and without underscores between digits; what is
 * too long to be a number becomes "". */
static void number_text(char out[400], ask_jvalue s)
{
    size_t begin = ask_py_leading_space(s.text, s.n_bytes), n = 0;
    size_t end = s.n_bytes - ask_py_trailing_space(s.text + begin, s.n_bytes - begin);
    out[0] = '\0';
    if (end - begin >= 400) return;
    for (size_t i = begin; i < end; i++) {
        bool joins = s.text[i] == '_' && i > begin && i + 1 < end && s.text[i - 1] != '_' &&
                     s.text[i + 1] != '_';
        if (!joins) out[n++] = s.text[i];
    }
    out[n] = '\0';
}

static bool text_to_double(double *out, ask_jvalue s)
{
    char text[400];
    number_text(text, s);
    const char *word = text + (text[0] == '-' || text[0] == '+');
    if (strcasecmp(word, "nan") == 0) {
        *out = NAN;
        return true;
    }
    if (strcasecmp(word, "inf") == 0 || strcasecmp(word, "infinity") == 0) {
        *out = text[0] == '-' ? -INFINITY : INFINITY;
        return true;
    }
    return ask_parse_double(out, text);
}

static bool to_double(double *out, ask_jvalue v)
{
    return v.kind == ASK_JV_STRING ? text_to_double(out, v) : ask_jv_to_double(out, v);
}

static bool float_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    double v;
    if (self.kind == ASK_JV_UNDEFINED)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", self.why);
    if (to_double(&v, self))
        *out = ask_jv_float(v);
    else
        *out = args[0].kind == ASK_JV_MISSING ? ask_jv_float(0) : args[0];
    return true;
}

/* A whole number as a text in a base from 2 to 36, with its prefix; false: it is none. */
static bool text_to_int(int64_t *out, ask_jvalue s, int64_t base)
{
    char text[400];
    number_text(text, s);
    if (base == 10) return ask_parse_i64(out, text);
    const char *at = text + (text[0] == '-' || text[0] == '+');
    char *end;
    bool prefixed = at[0] == '0' && at[1] &&
                    strchr(base == 16  ? "xX"
                           : base == 8 ? "oO"
                           : base == 2 ? "bB"
                                       : "",
                           at[1]);
    if (prefixed) at += 2;
    int64_t v =
        *at && *at != '-' && *at != '+' && *at != ' ' ? strtoll(at, &end, (int)base) : 0;
    if (!*at || *at == '-' || *at == '+' || *at == ' ' || *end) return false;
    *out = text[0] == '-' ? -v : v;
    return true;
}

static bool int_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)all;
    int64_t base, whole;
    double v;
    if (self.kind == ASK_JV_UNDEFINED)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s", self.why);
    if (!ask_jarg_int(j, &base, args[1], 10, "int")) return false;
    if (base < 2 || base > 36)
        return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED, "int: the base %lld is not supported",
                              (long long)base);
    *out = args[0].kind == ASK_JV_MISSING ? ask_jv_int(0) : args[0];
    if (self.kind == ASK_JV_STRING ? text_to_int(&whole, self, base)
                                   : ask_jv_to_int(&whole, self)) {
        *out = ask_jv_int(whole);
        return true;
    }
    if (!to_double(&v, self) || !isfinite(v)) return true;
    if (fabs(v) >= 9.2e18)
        return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED,
                              "a whole number does not fit 64 bits");
    *out = ask_jv_int((int64_t)v);
    return true;
}

static bool abs_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)args, (void)all;
    double v;
    *out = self;
    if (!ask_jv_to_double(&v, self))
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "abs: expected a number, got a %s",
                              ask_jv_type(self));
    return v < 0 || self.kind == ASK_JV_BOOL ? ask_jop_sign(j, out, v < 0 ? '-' : '+', self)
                                             : true;
}

/* Rounds to so many decimals, ties to even, as Python does. */
static double round_decimals(double v, int64_t decimals)
{
    char text[512];
    double rounded = v;
    if (decimals < 0) {
        double scale = pow(10, (double)-decimals);
        return nearbyint(v / scale) * scale;
    }
    ask_format(text, sizeof text, "%.*f", (int)(decimals > 20 ? 20 : decimals), v);
    ask_parse_double(&rounded, text);
    return rounded;
}

static bool round_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    double v;
    int64_t decimals;
    ask_jvalue method;
    if (!ask_jarg_int(j, &decimals, args[0], 0, "round") ||
        !ask_jarg_string(j, &method, args[1], "common", "round"))
        return false;
    if (!ask_jv_to_double(&v, self))
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "round: expected a number, got a %s",
                              ask_jv_type(self));
    bool is_ceil = ask_jv_is_text(method, "ceil"),
         is_floor = ask_jv_is_text(method, "floor");
    if (!is_ceil && !is_floor && !ask_jv_is_text(method, "common"))
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "round: the method is not common, ceil or floor");
    double scale = pow(10, (double)decimals);
    *out = ask_jv_float(is_ceil    ? ceil(v * scale) / scale
                        : is_floor ? floor(v * scale) / scale
                                   : round_decimals(v, decimals));
    if (!is_ceil && !is_floor && self.kind != ASK_JV_FLOAT && decimals >= 0)
        *out = ask_jv_int((int64_t)v);
    return true;
}

/* ---- any value ---- */

static bool default_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)all;
    bool missing =
        self.kind == ASK_JV_UNDEFINED || (ask_jv_truth(args[1]) && !ask_jv_truth(self));
    *out = !missing ? self : args[0].kind == ASK_JV_MISSING ? ask_jv_text("") : args[0];
    return true;
}

const ask_jfunction ask_jfilters_of_values[] = {
    {"abs", "", 0, abs_},
    {"capitalize", "", 0, capitalize},
    {"center", "width", 0, center},
    {"d", "default_value boolean", 0, default_},
    {"default", "default_value boolean", 0, default_},
    {"e", "", 0, escape},
    {"escape", "", 0, escape},
    {"float", "default", 0, float_},
    {"forceescape", "", 0, escape},
    {"format", "*", 0, format},
    {"indent", "width first blank", 0, indent},
    {"int", "default base", 0, int_},
    {"lower", "", 0, lower},
    {"replace", "old new count", 2, replace},
    {"round", "precision method", 0, round_},
    {"safe", "", 0, same},
    {"string", "", 0, string},
    {"title", "", 0, title},
    {"tojson", "ensure_ascii indent separators sort_keys", 0, tojson},
    {"trim", "chars", 0, trim},
    {"truncate", "length killwords end leeway", 0, truncate_},
    {"upper", "", 0, upper},
    {0},
};
