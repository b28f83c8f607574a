#include "base/base64.h"

#include <stdint.h>

size_t ask_base64_most(size_t n_text)
{
    return n_text / 4 * 3;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bits of four letters, of which the last n_padding are '='. */
static bool read_four(uint32_t *bits, const char *text, size_t n_padding)
{
    *bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - n_padding ? value_of(text[i]) : 0;
        if (value < 0) return false;
        *bits = *bits << 6 | (uint32_t)value;
    }
    return (*bits & ((UINT32_C(1) << 8 * n_padding) - 1)) == 0;
}

bool ask_base64_decode(void *out, size_t *n, const char *text, size_t n_text)
{
    unsigned char *bytes = out;
    size_t n_bytes = 0;
    if (n_text % 4 != 0) return false;
    for (size_t at = 0; at < n_text; at += 4) {
        bool is_last = at + 4 == n_text;
        size_t n_padding = !is_last || text[at + 3] != '=' ? 0
                           : text[at + 2] != '='           ? 1
                                                           : 2;
        uint32_t bits;
        if (!read_four(&bits, text + at, n_padding)) return false;
        for (size_t i = 0; i < 3 - n_padding; i++)
            bytes[n_bytes++] = (unsigned char)(bits >> (16 - 8 * i));
    }
    *n = n_bytes;
    return true;
}
