#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/locale_priv.h"
#include "base/utf8.h"

enum { FIRST_CAPACITY = 64 };

/* Makes room for n_bytes more and a NUL. */
static bool grow(ask_str *s, size_t n_bytes)
{
    if (s->failed) return false;
    size_t need;
    if (!ask_add_size(&need, s->length, n_bytes) || !ask_add_size(&need, need, 1)) {
        s->failed = true;
        return false;
    }
    if (need <= s->capacity) return true;
    size_t capacity = s->capacity ? s->capacity : FIRST_CAPACITY;
    while (capacity < need)
        if (!ask_mul_size(&capacity, capacity, 2)) capacity = need;
    char *data = realloc(s->data, capacity);
    if (!data) {
        s->failed = true;
        return false;
    }
    s->data = data;
    s->capacity = capacity;
    return true;
}

void ask_str_append_bytes(ask_str *s, const void *bytes, size_t n_bytes)
{
    if (!grow(s, n_bytes)) return;
    if (n_bytes) memcpy(s->data + s->length, bytes, n_bytes);
    s->length += n_bytes;
    s->data[s->length] = '\0';
}

void ask_str_append(ask_str *s, const char *text)
{
    ask_str_append_bytes(s, text, strlen(text));
}

void ask_str_append_char(ask_str *s, char c)
{
    ask_str_append_bytes(s, &c, 1);
}

void ask_str_vprintf(ask_str *s, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = ask_vformat(NULL, 0, format, args);
    if (n < 0)
        s->failed = true;
    else if (grow(s, (size_t)n)) {
        ask_vformat(s->data + s->length, (size_t)n + 1, format, again);
        s->length += (size_t)n;
    }
    va_end(again);
}

void ask_str_printf(ask_str *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ask_str_vprintf(s, format, args);
    va_end(args);
}

const char *ask_str_text(const ask_str *s)
{
    return s->data ? s->data : "";
}

void ask_str_clear(ask_str *s)
{
    s->length = 0;
    s->failed = false;
    if (s->data) s->data[0] = '\0';
}

char *ask_str_take(ask_str *s, ask_error *err)
{
    grow(s, 0);
    if (s->failed) {
        ask_str_free(s);
        ask_fail_memory(err);
        return NULL;
    }
    char *text = s->data;
    text[s->length] = '\0';
    *s = (ask_str){0};
    return text;
}

void ask_str_free(ask_str *s)
{
    free(s->data);
    *s = (ask_str){0};
}

char *ask_strdup(const char *text, ask_error *err)
{
    size_t n_bytes = strlen(text) + 1;
    char *copy = malloc(n_bytes);
    if (!copy) {
        ask_fail_memory(err);
        return NULL;
    }
    return memcpy(copy, text, n_bytes);
}

int ask_vformat(char *out, size_t size, const char *format, va_list args)
{
    locale_t c = ask_locale_c();
    locale_t before = uselocale(c);
    int n = vsnprintf(out, size, format, args);
    uselocale(before);
    freelocale(c);
    return n;
}

int ask_format(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = ask_vformat(out, size, format, args);
    va_end(args);
    return n;
}

bool ask_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool ask_ends_with(const char *text, const char *suffix)
{
    size_t n_text = strlen(text);
    size_t n_suffix = strlen(suffix);
    return n_suffix <= n_text && strcmp(text + n_text - n_suffix, suffix) == 0;
}

/* The text after its first character; a malformed byte counts as one. */
static const char *after_character(const char *text)
{
    uint32_t c;
    int n = ask_utf8_decode(&c, text, strnlen(text, 4));
    return text + (n ? n : 1);
}

bool ask_glob_match(const char *pattern, const char *text)
{
    const char *star = NULL;    // the last '*' seen in the pattern
    const char *swallow = NULL; // the text that this '*' has not swallowed yet
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            swallow = text;
        } else if (*pattern == '?') {
            pattern++;
            text = after_character(text);
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            swallow = after_character(swallow);
            text = swallow;
        } else {
            return false;
        }
    }
    while (*pattern == '*') pattern++;
    return *pattern == '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(const char *text)
{
    size_t n = 0;
    while (is_digit(text[n])) n++;
    return n;
}

/* Compares the numbers that both texts begin with, and steps over them. */
static int compare_numbers(const char **a, const char **b)
{
    while (**a == '0') ++*a;
    while (**b == '0') ++*b;
    size_t n_a = count_digits(*a);
    size_t n_b = count_digits(*b);
    if (n_a != n_b) return n_a < n_b ? -1 : 1;
    int order = memcmp(*a, *b, n_a);
    *a += n_a;
    *b += n_b;
    return order;
}

int ask_compare_natural(const char *a, const char *b)
{
    const char *p = a;
    const char *q = b;
    while (*p && *q) {
        int order;
        if (is_digit(*p) && is_digit(*q))
            order = compare_numbers(&p, &q);
        else
            order = (unsigned char)*p++ - (unsigned char)*q++;
        if (order != 0) return order;
    }
    if (*p || *q) return *p ? 1 : -1;
    return strcmp(a, b); // the same numbers with other zeros in front
}
