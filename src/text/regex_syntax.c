/* From Oniguruma's syntax (Ruby's) to that of PCRE2.
 *
 * Most of a pattern means the same to both and is copied. What differs:
 *   \s \w \d \b \h [:name:]   other sets of characters; written out as properties
 *   \v                        a vertical tab, not every line break
 *   \uHHHH                    a character by number
 *   (?m)                      lets . match a line feed: (?s) there
 *   {,n}                      from 0; X{a,b}+ repeats X{a,b}, where PCRE2 would not give
 * back [a[^b]] [a&&b]            unions and intersections, by alternatives and lookahead */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "text/regex_priv.h"

/* The characters of a word; \b and \w of PCRE2 know fewer. Sets begin and end with
 * a property, so that a hyphen beside one stays a hyphen. */
#define WORD "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"
/* Outside of [...], Oniguruma counts some numbers of Latin-1 too. */
#define LONE_WORD "\\p{Alphabetic}\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}\\p{M}\\p{Nd}\\p{Pc}"
#define SPACE "\\p{White_Space}"
#define HEX "\\p{AHex}"

enum { MAX_GROUPS = 100 }; // open at a time; and so many sets

typedef struct {
    ask_str *out;
    const char *at; // the rest of the pattern
    const char *pattern;
    size_t atom;               // where in *out the last item that can repeat begins
    size_t groups[MAX_GROUPS]; // where the open groups begin
    int n_groups;
} translation;

static bool refuse(const translation *t, const char *what, ask_error *err)
{
    return ask_fail(err, ASK_ERR_FORMAT, "%s in the regular expression %s is not supported",
                    what, t->pattern);
}

static void copy(translation *t, size_t n)
{
    ask_str_append_bytes(t->out, t->at, n);
    t->at += n;
}

/* Replaces n characters of the pattern. */
static void put(translation *t, size_t n, const char *text)
{
    ask_str_append(t->out, text);
    t->at += n;
}

/* ---- names of properties ---- */

typedef struct {
    const char *name, *items; // items as they stand in [...]
} named_set;

/* The names that PCRE2 does not know as properties, or knows as others. */
static const named_set properties[] = {
    {"Alnum", "\\p{Alphabetic}\\p{Nd}"},
    {"Blank", "\\p{Zs}\\t\\p{Zs}"},
    {"Cntrl", "\\p{Cc}"},
    {"Digit", "\\p{Nd}"},
    {"Lower", "\\p{Lowercase}"},
    {"Punct", "\\p{P}"},
    {"Space", SPACE},
    {"Upper", "\\p{Uppercase}"},
    {"Word", WORD},
    {"XDigit", HEX},
    {"Alpha", "\\p{Alphabetic}"},
    {"ASCII", "\\p{ASCII}"},
    {"Any", "\\p{Any}"},
    {"Alphabetic", "\\p{Alphabetic}"},
    {"Lowercase", "\\p{Lowercase}"},
    {"Uppercase", "\\p{Uppercase}"},
    {"White_Space", SPACE},
    {"Emoji", "\\p{Emoji}"},
    {"Extended_Pictographic", "\\p{ExtPict}"},
    {"Ideographic", "\\p{Ideographic}"},
    {"Letter", "\\p{L}"},
    {"Mark", "\\p{M}"},
    {"Number", "\\p{N}"},
    {"Punctuation", "\\p{P}"},
    {"Symbol", "\\p{S}"},
    {"Separator", "\\p{Z}"},
    {"Other", "\\p{C}"},
    {NULL, NULL},
};

static const char *find_set(const char *name, size_t n)
{
    for (const named_set *s = properties; s->name; s++)
        if (strlen(s->name) == n && strncasecmp(s->name, name, n) == 0) return s->items;
    return NULL;
}

/* ---- escapes ---- */

/* What an escape of one letter stands for, as items of [...]; NULL: it is like PCRE2's. */
static const char *set_of_letter(char letter)
{
    switch (letter) {
    case 's':
        return SPACE;
    case 'w':
        return WORD;
    case 'h':
        return HEX;
    case 'd':
        return "\\p{Nd}";
    default:
        return NULL;
    }
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* \uHHHH. */
static bool put_code_point(translation *t, ask_error *err)
{
    for (int i = 2; i < 6; i++)
        if (!is_hex(t->at[i])) return refuse(t, "\\u without four digits", err);
    ask_str_printf(t->out, "\\x{%.4s}", t->at + 2);
    t->at += 6;
    return true;
}

/* The set of \p{name} where the name is one of ours; *n is the length of the escape. */
static const char *find_property(const char *escape, size_t *n, bool *negated)
{
    if ((escape[1] != 'p' && escape[1] != 'P') || escape[2] != '{') return NULL;
    const char *name = escape + 3;
    const char *close = strchr(name, '}');
    if (!close) return NULL;
    *negated = (escape[1] == 'P') != (*name == '^');
    if (*name == '^') name++;
    *n = (size_t)(close + 1 - escape);
    return find_set(name, (size_t)(close - name));
}

/* \p{Name} of a script, which in PCRE2 also means what a script shares with others, unless
 * it is asked for by sc:. Categories have one or two letters. Returns whether it was one.
 */
static bool put_script(translation *t)
{
    if ((t->at[1] != 'p' && t->at[1] != 'P') || t->at[2] != '{') return false;
    size_t hat = t->at[3] == '^', n = strcspn(t->at + 3 + hat, "}=:");
    if (n <= 2 || t->at[3 + hat + n] != '}') return false;
    copy(t, 3 + hat);
    ask_str_append(t->out, "sc:");
    copy(t, n + 1);
    return true;
}

/* The set that an escape stands for: \s, \S, \p{Alpha} ...; NULL: it is like PCRE2's. */
static const char *find_escape(const char *escape, size_t *n, bool *negated)
{
    char letter = escape[1];
    bool capital = letter >= 'A' && letter <= 'Z';
    const char *set = set_of_letter(capital ? (char)(letter - 'A' + 'a') : letter);
    if (!set) return find_property(escape, n, negated);
    *n = 2;
    *negated = capital;
    return set;
}

/* The length of an escape with what belongs to it: \p{L}, \x{41}, \k<name>. */
static size_t escape_length(const char *escape)
{
    char letter = escape[1], close = '\0';
    if (escape[2] == '{' && strchr("pPxo", letter)) close = '}';
    if (escape[2] == '<' && strchr("kg", letter)) close = '>';
    const char *end = close ? strchr(escape, close) : NULL;
    return end ? (size_t)(end + 1 - escape) : 2;
}

#define AFTER_WORD "(?<=[" LONE_WORD "])"
#define NOT_AFTER_WORD "(?<![" LONE_WORD "])"
#define BEFORE_WORD "(?=[" LONE_WORD "])"
#define NOT_BEFORE_WORD "(?![" LONE_WORD "])"

/* An escape outside of [...]. */
static bool put_escape(translation *t, ask_error *err)
{
    size_t n;
    bool negated;
    const char *set = find_escape(t->at, &n, &negated);
    if (set && (t->at[1] == 'w' || t->at[1] == 'W')) set = LONE_WORD;
    if (set) {
        ask_str_printf(t->out, "[%s%s]", negated ? "^" : "", set);
        t->at += n;
        return true;
    }
    if (put_script(t)) return true;
    switch (t->at[1]) {
    case '\0':
        return refuse(t, "\\ at the end", err);
    case 'v':
        put(t, 2, "\\x0B");
        return true;
    case 'u':
        return put_code_point(t, err);
    case 'b':
        put(t, 2, "(?:" AFTER_WORD NOT_BEFORE_WORD "|" NOT_AFTER_WORD BEFORE_WORD ")");
        return true;
    case 'B':
        put(t, 2, "(?:" AFTER_WORD BEFORE_WORD "|" NOT_AFTER_WORD NOT_BEFORE_WORD ")");
        return true;
    default:
        copy(t, escape_length(t->at));
        return true;
    }
}

/* ---- [...] ---- */

/* One operand of a set: what PCRE2 can say as items of one class, and what it can only say
 * as alternatives to it. */
typedef struct {
    ask_str items;
    ask_str others; // "[^...]|(?:...)|"
} operand;

static void add_set(operand *o, const char *set, bool negated)
{
    if (negated)
        ask_str_printf(&o->others, "[^%s]|", set);
    else
        ask_str_append(&o->items, set);
}

static bool add_escape(translation *t, operand *o, ask_error *err)
{
    size_t n;
    bool negated;
    const char *set = find_escape(t->at, &n, &negated);
    if (set) {
        add_set(o, set, negated);
        t->at += n;
        return true;
    }
    if (t->at[1] == '\0') return refuse(t, "\\ at the end", err);
    ask_str *out = t->out;
    t->out = &o->items;
    bool ok = true;
    if (t->at[1] == 'u')
        ok = put_code_point(t, err);
    else if (t->at[1] == 'v')
        put(t, 2, "\\x0B");
    else if (!put_script(t))
        copy(t, escape_length(t->at));
    t->out = out;
    return ok;
}

/* [:name:] and [:^name:]; t->at is at the bracket. */
static bool add_posix(translation *t, operand *o, ask_error *err)
{
    const char *name = t->at + 2;
    bool negated = *name == '^';
    if (negated) name++;
    const char *close = strstr(name, ":]");
    const char *set = close ? find_set(name, (size_t)(close - name)) : NULL;
    if (ask_starts_with(name, "punct:")) set = "\\p{P}\\p{S}"; // \p{Punct} has no symbols
    if (!set) return refuse(t, "an unknown [:name:]", err);
    add_set(o, set, negated);
    t->at = close + 2;
    return true;
}

static bool put_set(translation *t, ask_str *out, int depth, ask_error *err);

static bool add_nested(translation *t, operand *o, int depth, ask_error *err)
{
    if (!put_set(t, &o->others, depth + 1, err)) return false;
    ask_str_append_char(&o->others, '|');
    return true;
}

/* Reads up to "&&" or the bracket that closes the set. */
static bool read_operand(translation *t, operand *o, bool first, int depth, ask_error *err)
{
    for (; first || (*t->at != ']' && strncmp(t->at, "&&", 2) != 0); first = false) {
        char c = *t->at;
        bool ok = true;
        if (c == '\0') {
            ok = refuse(t, "[ without ]", err);
        } else if (c == '\\') {
            ok = add_escape(t, o, err);
        } else if (strncmp(t->at, "[:", 2) == 0) {
            ok = add_posix(t, o, err);
        } else if (c == '[') {
            ok = add_nested(t, o, depth, err);
        } else {
            ask_str_append(&o->items, c == ']' ? "\\]" : (char[]){c, '\0'});
            t->at++;
        }
        if (!ok) return false;
    }
    return true;
}

/* Appends an operand as an expression for one character. */
static void write_operand(ask_str *out, const operand *o)
{
    const char *items = ask_str_text(&o->items), *others = ask_str_text(&o->others);
    if (!*others)
        ask_str_printf(out, *items ? "[%s]" : "(?!)%s", items);
    else if (*items)
        ask_str_printf(out, "(?:%s[%s])", others, items);
    else
        ask_str_printf(out, "(?:%.*s)", (int)strlen(others) - 1, others);
}

/* Appends what the rest of a set stands for: a&&b is what is a, and b too. */
static bool write_operands(translation *t, ask_str *out, int depth, ask_error *err)
{
    bool ok = true;
    for (bool first = true, more = true; ok && more; first = false) {
        operand o = {0};
        ok = read_operand(t, &o, first, depth, err);
        more = ok && *t->at == '&';
        if (more) ask_str_append(out, "(?=");
        if (ok) write_operand(out, &o);
        if (more) ask_str_append(out, ")");
        if (ok) t->at += more ? 2 : 1;
        out->failed |= o.items.failed || o.others.failed;
        ask_str_free(&o.items);
        ask_str_free(&o.others);
    }
    return ok;
}

/* A whole set; t->at is at its bracket. */
static bool put_set(translation *t, ask_str *out, int depth, ask_error *err)
{
    if (depth == MAX_GROUPS) return refuse(t, "so deep a nesting of sets", err);
    t->at++;
    bool negated = *t->at == '^';
    if (negated) t->at++;
    ask_str set = {0};
    bool ok = write_operands(t, &set, depth, err);
    bool plain =
        ask_starts_with(ask_str_text(&set), "[") && !strchr(ask_str_text(&set) + 1, '(');
    if (!negated)
        ask_str_printf(out, plain ? "%s" : "(?:%s)", ask_str_text(&set));
    else if (plain)
        ask_str_printf(out, "[^%s", ask_str_text(&set) + 1);
    else
        ask_str_printf(out, "(?:(?!%s)(?s:.))", ask_str_text(&set));
    out->failed |= set.failed;
    ask_str_free(&set);
    return ok;
}

/* ---- groups and repeats ---- */

/* The letters of (?imx-imx) and (?imx-imx:. */
static void put_group(translation *t)
{
    size_t n = 2 + strspn(t->at + 2, "imx-");
    if (t->at[n] != ')' && t->at[n] != ':') {
        copy(t, 2);
        return;
    }
    for (; n > 0; n--) {
        ask_str_append_char(t->out, *t->at == 'm' ? 's' : *t->at);
        t->at++;
    }
}

/* {n}, {n,}, {,m} or {n,m}; else a plain brace. */
static void put_braces(translation *t)
{
    size_t low = strspn(t->at + 1, "0123456789");
    size_t n = 1 + low;
    size_t high = 0;
    if (t->at[n] == ',') {
        high = strspn(t->at + n + 1, "0123456789");
        n += 1 + high;
    }
    if (t->at[n] != '}' || low + high == 0) {
        t->atom = t->out->length;
        copy(t, 1);
        return;
    }
    n++;
    if (low == 0) {
        ask_str_append(t->out, "{0");
        t->at++;
        n--;
    }
    copy(t, n);
    if (*t->at != '+') return;
    ask_str item = {0};
    ask_str_append(&item, ask_str_text(t->out) + t->atom);
    t->out->length = t->atom;
    ask_str_printf(t->out, "(?:%s)", ask_str_text(&item));
    t->out->failed |= item.failed;
    ask_str_free(&item);
}

static bool put_parenthesis(translation *t, ask_error *err)
{
    if (*t->at == ')') {
        if (t->n_groups > 0) t->atom = t->groups[--t->n_groups];
        copy(t, 1);
        return true;
    }
    if (t->n_groups == MAX_GROUPS) return refuse(t, "so deep a nesting of groups", err);
    t->groups[t->n_groups++] = t->out->length;
    if (t->at[1] == '?')
        put_group(t);
    else
        copy(t, 1);
    return true;
}

/* What repeats something belongs to the item before it. */
static bool is_repeat(char c)
{
    return c == '*' || c == '+' || c == '?';
}

static bool put_item(translation *t, ask_error *err)
{
    if (*t->at == '(' || *t->at == ')') return put_parenthesis(t, err);
    if (*t->at == '{') {
        put_braces(t);
        return true;
    }
    if (!is_repeat(*t->at)) t->atom = t->out->length;
    if (*t->at == '\\') return put_escape(t, err);
    if (*t->at == '[') return put_set(t, t->out, 0, err);
    uint32_t c;
    int n = ask_utf8_decode(&c, t->at, strnlen(t->at, 4));
    copy(t, n ? (size_t)n : 1);
    return true;
}

bool ask_regex_translate(ask_str *out, const char *pattern, ask_error *err)
{
    translation t = {.out = out, .at = pattern, .pattern = pattern};
    while (*t.at)
        if (!put_item(&t, err)) return false;
    return true;
}
