#include "base/json_scan_priv.h"

#include <stdlib.h>
#include <string.h>

/* One past the string that begins with the quote at text[i]. */
static size_t string_end(const char *text, size_t bytes, size_t i)
{
    for (i++; i < bytes && text[i] != '"'; i++) {
        if (text[i] == '\\') i++;
    }
    return i < bytes ? i + 1 : bytes;
}

int ask_json_line_too_deep(const char *text, size_t bytes, int max_depth)
{
    int line = 1;
    int depth = 0;
    for (size_t i = 0; i < bytes; i++) {
        switch (text[i]) {
        case '\n':
            line++;
            break;
        case '"':
            i = string_end(text, bytes, i) - 1;
            break;
        case '{':
        case '[':
            if (++depth > max_depth) return line;
            break;
        case '}':
        case ']':
            depth--;
            break;
        default:
            break;
        }
    }
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One past the number that begins with the digit at text[i]. */
static size_t number_end(const char *text, size_t bytes, size_t i)
{
    while (i < bytes && (is_digit(text[i]) || (text[i] && strchr("+-.eE", text[i])))) i++;
    return i;
}

/* Whether these characters are a whole number too large for an int64_t. */
static bool is_wide_integer(const char *digits, size_t n, bool negative)
{
    const char *largest = negative ? "9223372036854775808" : "9223372036854775807";
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(digits[i])) return false;
    }
    return n > 19 || (n == 19 && memcmp(digits, largest, 19) > 0);
}

/* Finds the next wide integer from *at on: *at becomes its first digit, *n its length. */
static bool find_wide_integer(size_t *at, size_t *n, const char *text, size_t bytes)
{
    for (size_t i = *at; i < bytes;) {
        if (text[i] == '"') {
            i = string_end(text, bytes, i);
        } else if (is_digit(text[i])) {
            size_t end = number_end(text, bytes, i);
            if (is_wide_integer(text + i, end - i, i > 0 && text[i - 1] == '-')) {
                *at = i;
                *n = end - i;
                return true;
            }
            i = end;
        } else {
            i++;
        }
    }
    return false;
}

bool ask_json_widen_integers(char **copy, const char *text, size_t bytes, ask_error *err)
{
    char *changed = NULL;
    size_t at = 0;
    size_t n;
    while (find_wide_integer(&at, &n, text, bytes)) {
        if (!changed) {
            changed = malloc(bytes);
            if (!changed) return ask_fail_memory(err);
            memcpy(changed, text, bytes);
        }
        at += n;
        memcpy(changed + at - 2, "e2", 2);
    }
    *copy = changed;
    return true;
}
