/* Protocol 0 writes values as lines of text. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/pickle_priv.h"
#include "base/str.h"
#include "base/utf8.h"

enum {
    MAX_DIGITS = 100, // of an integer; more take time that grows with their square
    MAX_NUMBER = 128, // bytes of any number
};

bool pickle_take_line(pickle_machine *m, const char **line, size_t *n_bytes)
{
    size_t left = (size_t)(m->end - m->at);
    const uint8_t *end = left > 0 ? memchr(m->at, '\n', left) : NULL;
    if (!end) return pickle_fail(m, ASK_ERR_FORMAT, "truncated: a line without an end");
    *line = (const char *)m->at;
    *n_bytes = (size_t)(end - m->at);
    m->at = end + 1;
    return true;
}

static ask_pickle_value *malformed(pickle_machine *m, const char *what)
{
    pickle_fail(m, ASK_ERR_FORMAT, "malformed %s", what);
    return NULL;
}

/* ---- numbers ---- */

static bool copy_number(char out[MAX_NUMBER], const char *line, size_t n)
{
    if (n == 0 || n >= MAX_NUMBER || memchr(line, '\0', n)) return false;
    memcpy(out, line, n);
    out[n] = '\0';
    return true;
}

bool pickle_line_index(pickle_machine *m, size_t *out, const char *line, size_t n)
{
    char text[MAX_NUMBER];
    uint64_t index;
    if (!copy_number(text, line, n) || !ask_parse_u64(&index, text))
        return pickle_fail(m, ASK_ERR_FORMAT, "malformed memo index");
    *out = (size_t)index;
    return true;
}

/* Multiplies a little-endian number by 10 and adds a digit. */
static void add_digit(uint8_t *number, size_t n_bytes, int digit)
{
    int carry = digit;
    for (size_t i = 0; i < n_bytes; i++) {
        carry += number[i] * 10;
        number[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void negate(uint8_t *number, size_t n_bytes)
{
    int carry = 1;
    for (size_t i = 0; i < n_bytes; i++) {
        carry += (uint8_t)~number[i];
        number[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static ask_pickle_value *decimal(pickle_machine *m, const char *text)
{
    uint8_t number[MAX_DIGITS / 2] = {0}; // a decimal digit takes less than half a byte
    bool is_negative = text[0] == '-';
    const char *digits = text + (is_negative || text[0] == '+');
    size_t n = strspn(digits, "0123456789");
    if (n == 0 || digits[n] != '\0') return malformed(m, "integer");
    if (n > MAX_DIGITS) {
        pickle_fail(m, ASK_ERR_LIMIT, "an integer of more than %d digits", MAX_DIGITS);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) add_digit(number, sizeof number, digits[i] - '0');
    if (is_negative) negate(number, sizeof number);
    return pickle_new_integer(m, number, sizeof number);
}

ask_pickle_value *pickle_line_integer(pickle_machine *m, const char *line, size_t n)
{
    if (n == 2 && line[0] == '0' && (line[1] == '0' || line[1] == '1')) {
        ask_pickle_value *v = pickle_new(m, ASK_PICKLE_BOOL);
        if (v) v->truth = line[1] == '1';
        return v;
    }
    char text[MAX_NUMBER];
    return copy_number(text, line, n) ? decimal(m, text) : malformed(m, "integer");
}

ask_pickle_value *pickle_line_long(pickle_machine *m, const char *line, size_t n)
{
    char text[MAX_NUMBER];
    if (n > 0 && line[n - 1] == 'L') n--;
    return copy_number(text, line, n) ? decimal(m, text) : malformed(m, "integer");
}

ask_pickle_value *pickle_line_float(pickle_machine *m, const char *line, size_t n)
{
    char text[MAX_NUMBER];
    double real;
    if (!copy_number(text, line, n)) return malformed(m, "float");
    if (strcmp(text, "inf") == 0)
        real = __builtin_inf();
    else if (strcmp(text, "-inf") == 0)
        real = -__builtin_inf();
    else if (strcmp(text, "nan") == 0 || strcmp(text, "-nan") == 0)
        real = __builtin_nan("");
    else if (!ask_parse_double(&real, text))
        return malformed(m, "float");
    ask_pickle_value *v = pickle_new(m, ASK_PICKLE_FLOAT);
    if (v) v->real = real;
    return v;
}

/* ---- texts with escapes ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The number of the n_digits behind an escape; false when they are not there. */
static bool hex(uint32_t *out, const char *at, const char *end, int n_digits)
{
    if (end - at < n_digits) return false;
    uint32_t number = 0;
    for (int i = 0; i < n_digits; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) return false;
        number = number << 4 | (uint32_t)digit;
    }
    *out = number;
    return true;
}

/* Undoes one escape of Python's repr, behind its backslash. Returns the bytes taken; 0 for
 * one that repr does not write. */
static int unescape(char *out, const char *at, const char *end)
{
    static const char plain[][2] = {{'\\', '\\'}, {'\'', '\''}, {'"', '"'},
                                    {'n', '\n'},  {'r', '\r'},  {'t', '\t'}};
    uint32_t code;
    if (at < end && *at == 'x' && hex(&code, at + 1, end, 2)) {
        *out = (char)code;
        return 3;
    }
    for (size_t i = 0; at < end && i < sizeof plain / sizeof *plain; i++) {
        if (plain[i][0] != *at) continue;
        *out = plain[i][1];
        return 1;
    }
    return 0;
}

/* Makes a value of a text that was put together, which is freed. */
static ask_pickle_value *take_text(pickle_machine *m, ask_str *text,
                                   ask_pickle_value *(*make)(pickle_machine *, const void *,
                                                             size_t))
{
    ask_pickle_value *v = NULL;
    if (text->failed)
        pickle_fail(m, ASK_ERR_NOMEM, "out of memory");
    else
        v = make(m, ask_str_text(text), text->length);
    ask_str_free(text);
    return v;
}

ask_pickle_value *pickle_line_string(pickle_machine *m, const char *line, size_t n)
{
    if (n < 2 || line[0] != line[n - 1] || (line[0] != '\'' && line[0] != '"'))
        return malformed(m, "string");
    const char *end = line + n - 1;
    ask_str text = {0};
    for (const char *at = line + 1; at < end;) {
        char c = *at++;
        int taken = c == '\\' ? unescape(&c, at, end) : 0;
        if (at[-1] == '\\' && taken == 0) {
            ask_str_free(&text);
            return malformed(m, "escape in a string");
        }
        ask_str_append_char(&text, c);
        at += taken;
    }
    return take_text(m, &text, pickle_new_string2);
}

/* Latin-1 with \uXXXX and \UXXXXXXXX for all other characters, and for '\\' and '\n'. */
ask_pickle_value *pickle_line_unicode(pickle_machine *m, const char *line, size_t n)
{
    const char *end = line + n;
    ask_str text = {0};
    for (const char *at = line; at < end;) {
        uint32_t character = (uint8_t)*at;
        int n_digits = 0;
        if (*at == '\\' && end - at > 1) n_digits = at[1] == 'u' ? 4 : at[1] == 'U' ? 8 : 0;
        char encoded[4];
        int bytes = 0;
        if (n_digits == 0 || hex(&character, at + 2, end, n_digits))
            bytes = ask_utf8_encode(encoded, character);
        if (bytes == 0) {
            ask_str_free(&text);
            return malformed(m, "character in a text");
        }
        ask_str_append_bytes(&text, encoded, (size_t)bytes);
        at += n_digits ? 2 + n_digits : 1;
    }
    return take_text(m, &text, pickle_new_string);
}
