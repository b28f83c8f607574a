#include "text/jinja_lex_priv.h"

#include <string.h>

#include "base/utf8.h"
#include "text/grow_priv.h"
#include "text/jinja_space_priv.h"

enum { MAX_OPEN = 256 }; // brackets within each other in one tag

typedef struct {
    ask_jtokens *out;
    ask_arena *arena;
    const char *name;
    const char *text; // lines end with \n
    size_t n, at;
    int line;
    char open[MAX_OPEN]; // the brackets that close what is open in this tag
    int n_open;
    ask_error *err;
} lexer;

static bool fail(lexer *l, const char *what)
{
    return ask_fail(l->err, ASK_ERR_FORMAT, "%s:%d: %s", l->name, l->line, what);
}

static bool add(lexer *l, ask_jtoken t)
{
    ask_jtokens *o = l->out;
    ask_jtoken *items =
        ask_grow(l->arena, o->items, o->n, &o->capacity, o->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(l->err);
    o->items = items;
    items[o->n++] = t;
    return true;
}

static bool looking_at(const lexer *l, size_t at, const char *word)
{
    size_t n = strlen(word);
    return n <= l->n - at && memcmp(l->text + at, word, n) == 0;
}

/* Goes on to a place and counts the lines on the way. */
static void move_to(lexer *l, size_t at)
{
    for (; l->at < at; l->at++) l->line += l->text[l->at] == '\n';
}

static size_t skip_space(const lexer *l, size_t at)
{
    return at + ask_py_leading_space(l->text + at, l->n - at);
}

/* ---- ends of tags ---- */

/* Whether a tag that begins at `at` ends there with `mark`; then *end is behind it and the
 * white space that goes with it. */
static bool tag_end(const lexer *l, size_t at, const char *mark, bool trims, size_t *end)
{
    bool has_sign = at < l->n && (l->text[at] == '-' || (trims && l->text[at] == '+'));
    if (has_sign && looking_at(l, at + 1, mark)) {
        *end = at + 3;
        if (l->text[at] == '-') *end = skip_space(l, *end);
        return true;
    }
    if (!looking_at(l, at, mark)) return false;
    *end = at + 2;
    if (trims && *end < l->n && l->text[*end] == '\n') ++*end;
    return true;
}

/* ---- text between tags ---- */

/* Adds the text from l->at up to a tag, without the white space that the tag takes. */
static bool add_data(lexer *l, size_t tag, char sign, bool strips_line)
{
    const char *text = l->text + l->at;
    size_t n = tag - l->at;
    if (sign == '-') {
        n -= ask_py_trailing_space(text, n);
    } else if (sign != '+' && strips_line) {
        size_t line = n;
        while (line > 0 && text[line - 1] != '\n') line--;
        bool at_line = line > 0 || l->at == 0 || text[-1] == '\n';
        if (at_line && ask_py_leading_space(text + line, n - line) == n - line) n = line;
    }
    bool ok =
        n == 0 ||
        add(l,
            (ask_jtoken){.type = ASK_JT_DATA, .line = l->line, .text = text, .n_bytes = n});
    move_to(l, tag);
    return ok;
}

static char sign_at(const lexer *l, size_t at)
{
    return at < l->n && (l->text[at] == '-' || l->text[at] == '+') ? l->text[at] : '\0';
}

/* Whether a tag {% word %} stands at `at`; then *end is behind it. */
static bool is_word_tag(const lexer *l, size_t at, const char *word, bool trims,
                        size_t *end)
{
    if (!looking_at(l, at, "{%")) return false;
    at += 2;
    at = skip_space(l, at + (sign_at(l, at) != '\0'));
    if (!looking_at(l, at, word)) return false;
    at = skip_space(l, at + strlen(word));
    bool plus = at < l->n && l->text[at] == '+';
    if (plus && !trims) return false;
    size_t whole;
    if (!tag_end(l, at, "%}", true, &whole)) return false;
    // Behind {% raw %} the end of the line stays.
    *end = !trims && l->text[at] == '%' ? at + 2 : whole;
    return true;
}

static bool raw_block(lexer *l, size_t begin)
{
    move_to(l, begin);
    for (size_t at = begin; at + 1 < l->n; at++) {
        size_t end;
        if (!is_word_tag(l, at, "endraw", true, &end)) continue;
        if (!add_data(l, at, sign_at(l, at + 2), true)) return false;
        move_to(l, end);
        return true;
    }
    return fail(l, "{% raw %} has no {% endraw %}");
}

static bool comment(lexer *l)
{
    for (size_t at = l->at + 2 + (sign_at(l, l->at + 2) != '\0'); at < l->n; at++) {
        size_t end;
        if (!tag_end(l, at, "#}", true, &end)) continue;
        move_to(l, end);
        return true;
    }
    return fail(l, "a comment has no end: #} is missing");
}

/* ---- tokens within tags ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool add_copy(lexer *l, ask_jtoken_type type, const char *text, size_t n)
{
    char *copy = ask_arena_strndup(l->arena, text, n);
    if (!copy) return ask_fail_memory(l->err);
    return add(
        l,
        (ask_jtoken){.type = type, .line = l->line, .text = copy, .n_bytes = strlen(copy)});
}

/* Digits with single underscores between them. */
static size_t digits_from(const lexer *l, size_t at)
{
    while (at < l->n && (is_digit(l->text[at]) ||
                         (l->text[at] == '_' && at + 1 < l->n &&
                          is_digit(l->text[at + 1]) && is_digit(l->text[at - 1]))))
        at++;
    return at;
}

static bool digit_at(const lexer *l, size_t at)
{
    return at < l->n && is_digit(l->text[at]);
}

/* A number without its underscores. */
static bool number(lexer *l)
{
    size_t end = digits_from(l, l->at);
    ask_jtoken_type type = ASK_JT_INT;
    bool behind_point = l->text[l->at - 1] == '.'; // a.0.1 is two steps
    if (!behind_point && end < l->n && l->text[end] == '.' && digit_at(l, end + 1)) {
        type = ASK_JT_FLOAT;
        end = digits_from(l, end + 1);
    }
    size_t exponent = end + 1;
    if (end < l->n && (l->text[end] == 'e' || l->text[end] == 'E')) {
        exponent += sign_at(l, exponent) != '\0';
        if (digit_at(l, exponent)) {
            type = ASK_JT_FLOAT;
            end = digits_from(l, exponent);
        }
    }
    char *copy = ask_arena_strndup(l->arena, l->text + l->at, end - l->at);
    if (!copy) return ask_fail_memory(l->err);
    size_t n = 0;
    for (const char *c = copy; *c; c++)
        if (*c != '_') copy[n++] = *c;
    copy[n] = '\0';
    if (type == ASK_JT_INT && n > 1 && copy[0] == '0' && strspn(copy, "0") < n)
        return fail(l, "a number begins with 0");
    l->at = end;
    return add(l, (ask_jtoken){.type = type, .line = l->line, .text = copy, .n_bytes = n});
}

static int hex_value(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The character of \xNN, \uNNNN, \UNNNNNNNN behind in[0]; the digits are passed over. */
static bool hex_escape(lexer *l, uint32_t *out, const char **in, const char *end)
{
    int n_digits = **in == 'x' ? 2 : **in == 'u' ? 4 : 8;
    uint32_t value = 0;
    ++*in;
    for (int i = 0; i < n_digits; i++, ++*in) {
        int digit = *in < end ? hex_value(**in) : -1;
        if (digit < 0 || value > 0xFFFFFF)
            return fail(l, "a string has a broken \\x, \\u or \\U");
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return true;
}

static uint32_t octal_escape(const char **in, const char *end)
{
    uint32_t value = 0;
    for (int i = 0; i < 3 && *in < end && **in >= '0' && **in <= '7'; i++, ++*in)
        value = value << 3 | (uint32_t)(**in - '0');
    return value;
}

/* What stands behind a backslash, written to *to: never longer than it was. */
static bool unescape(lexer *l, char **to, const char **in, const char *end)
{
    static const char letters[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
    char c = **in;
    const char *known = c ? strchr(letters, c) : NULL;
    uint32_t character = 0;
    if (c == '\n') {
        ++*in;
        return true;
    }
    if (known || c == '\\' || c == '\'' || c == '"') {
        *(*to)++ = known ? values[known - letters] : c;
        ++*in;
        return true;
    }
    if (c == 'N' && *in + 1 < end && (*in)[1] == '{')
        return ask_fail(l->err, ASK_ERR_UNSUPPORTED,
                        "%s:%d: \\N{} is not supported in strings", l->name, l->line);
    if (c == 'x' || c == 'u' || c == 'U') {
        if (!hex_escape(l, &character, in, end)) return false;
    } else if (c >= '0' && c <= '7') {
        character = octal_escape(in, end);
    } else {
        *(*to)++ = '\\';
        return true;
    }
    int n = character ? ask_utf8_encode(*to, character) : 0;
    *to += n;
    return n > 0 || fail(l, "a string has an escape for what is not a character");
}

static bool string(lexer *l)
{
    char quote = l->text[l->at];
    size_t end = l->at + 1;
    while (end < l->n && l->text[end] != quote) end += 1 + (l->text[end] == '\\');
    if (end >= l->n) return fail(l, "a string has no end");
    const char *in = l->text + l->at + 1, *last = l->text + end;
    char *copy = ask_arena_alloc(l->arena, (size_t)(last - in) + 1), *to = copy;
    if (!copy) return ask_fail_memory(l->err);
    while (in < last) {
        if (*in != '\\') {
            *to++ = *in++;
            continue;
        }
        in++;
        if (!unescape(l, &to, &in, last)) return false;
    }
    ask_jtoken t = {.type = ASK_JT_STRING,
                    .line = l->line,
                    .text = copy,
                    .n_bytes = (size_t)(to - copy)};
    move_to(l, end + 1);
    return add(l, t);
}

/* Keeps account of the brackets that are open. */
static bool balance(lexer *l, char c)
{
    static const char opening[] = "([{", closing[] = ")]}";
    const char *opens = strchr(opening, c), *closes = strchr(closing, c);
    if (opens) {
        if (l->n_open == MAX_OPEN)
            return ask_fail(l->err, ASK_ERR_LIMIT, "%s:%d: more than %d brackets are open",
                            l->name, l->line, MAX_OPEN);
        l->open[l->n_open++] = closing[opens - opening];
    }
    if (!closes) return true;
    if (l->n_open == 0 || l->open[l->n_open - 1] != c)
        return ask_fail(l->err, ASK_ERR_FORMAT, "%s:%d: unexpected '%c'", l->name, l->line,
                        c);
    l->n_open--;
    return true;
}

static bool operator_token(lexer *l)
{
    static const char *const pairs[] = {"//", "**", "==", "!=", ">=", "<="};
    char c = l->text[l->at];
    ask_jtoken t = {.type = ASK_JT_OPERATOR,
                    .line = l->line,
                    .op = c,
                    .text = l->text + l->at,
                    .n_bytes = 1};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (!looking_at(l, l->at, pairs[i])) continue;
        t.op = ASK_JOP(c, pairs[i][1]);
        t.n_bytes = 2;
    }
    if (t.n_bytes == 1 && (c == '\0' || !strchr("+-/*%~[](){}><=.:|,;", c))) {
        char shown[5] = {0};
        uint32_t whole;
        int n = ask_utf8_decode(&whole, l->text + l->at, l->n - l->at);
        memcpy(shown, l->text + l->at, n > 0 ? (size_t)n : 1);
        return ask_fail(l->err, ASK_ERR_FORMAT, "%s:%d: unexpected character '%s'", l->name,
                        l->line, shown);
    }
    if (t.n_bytes == 1 && !balance(l, c)) return false;
    l->at += t.n_bytes;
    return add(l, t);
}

static bool name_token(lexer *l)
{
    size_t end = l->at;
    while (end < l->n && is_name_char(l->text[end])) end++;
    size_t begin = l->at;
    l->at = end;
    return add_copy(l, ASK_JT_NAME, l->text + begin, end - begin);
}

static bool inner_token(lexer *l)
{
    char c = l->text[l->at];
    if (is_digit(c)) return number(l);
    if (is_name_char(c)) return name_token(l);
    if (c == '"' || c == '\'') return string(l);
    return operator_token(l);
}

/* From behind {% or {{ to behind the end of the tag. */
static bool tag(lexer *l, bool is_block)
{
    const char *mark = is_block ? "%}" : "}}";
    int line = l->line;
    l->n_open = 0;
    for (;;) {
        size_t end;
        if (l->n_open == 0 && tag_end(l, l->at, mark, is_block, &end)) {
            ask_jtoken_type type = is_block ? ASK_JT_BLOCK_END : ASK_JT_PRINT_END;
            if (!add(l, (ask_jtoken){.type = type, .line = l->line})) return false;
            move_to(l, end);
            return true;
        }
        size_t next = skip_space(l, l->at);
        if (next > l->at) {
            move_to(l, next);
            continue;
        }
        if (l->at >= l->n)
            return ask_fail(l->err, ASK_ERR_FORMAT,
                            "%s:%d: a tag has no end: %s is missing", l->name, line, mark);
        if (!inner_token(l)) return false;
    }
}

static size_t next_tag(const lexer *l)
{
    for (size_t at = l->at; at + 1 < l->n; at++)
        if (l->text[at] == '{' && strchr("{%#", l->text[at + 1]) && l->text[at + 1])
            return at;
    return l->n;
}

static bool one_tag(lexer *l, size_t at)
{
    size_t end;
    bool is_print = l->text[at + 1] == '{';
    char sign = sign_at(l, at + 2);
    if (!add_data(l, at, sign, !is_print)) return false;
    if (is_word_tag(l, at, "raw", false, &end)) return raw_block(l, end);
    if (l->text[at + 1] == '#') return comment(l);
    ask_jtoken_type type = is_print ? ASK_JT_PRINT : ASK_JT_BLOCK;
    l->at += 2 + (sign != '\0');
    return add(l, (ask_jtoken){.type = type, .line = l->line}) && tag(l, !is_print);
}

/* Lines end with \n, and the one end of line at the end of all goes. */
static char *normalize(ask_arena *arena, const char *text, size_t *n_bytes)
{
    char *copy = ask_arena_alloc(arena, *n_bytes + 1);
    size_t n = 0;
    for (size_t i = 0; copy && i < *n_bytes; i++) {
        bool is_pair = text[i] == '\r' && i + 1 < *n_bytes && text[i + 1] == '\n';
        if (!is_pair) copy[n++] = text[i] == '\r' ? '\n' : text[i];
    }
    *n_bytes = n - (n > 0 && copy[n - 1] == '\n');
    return copy;
}

bool ask_jinja_lex(ask_jtokens *out, ask_arena *arena, const char *text, size_t n_bytes,
                   const char *name, ask_error *err)
{
    lexer l = {.out = out, .arena = arena, .name = name, .line = 1, .err = err};
    l.n = n_bytes;
    l.text = normalize(arena, text, &l.n);
    if (!l.text) return ask_fail_memory(err);
    while (l.at < l.n) {
        size_t at = next_tag(&l);
        bool ok = at < l.n ? one_tag(&l, at) : add_data(&l, at, '\0', false);
        if (!ok) return false;
    }
    return add(&l, (ask_jtoken){.type = ASK_JT_END, .line = l.line});
}
