#include "text/jinja_space_priv.h"

#include "base/utf8.h"
#include "text/unicode_priv.h"

/* Unicode's white space, and the separators of ASCII. */
bool ask_py_is_space(uint32_t c)
{
    return ask_unicode_is_space(c) || (c >= 0x1C && c <= 0x1F);
}

size_t ask_py_leading_space(const char *text, size_t n_bytes)
{
    size_t at = 0;
    while (at < n_bytes) {
        uint32_t c;
        int n = ask_utf8_decode(&c, text + at, n_bytes - at);
        if (n == 0 || !ask_py_is_space(c)) break;
        at += (size_t)n;
    }
    return at;
}

size_t ask_py_last_bytes(const char *text, size_t n_bytes)
{
    size_t n = 1;
    while (n < 4 && n < n_bytes && ((unsigned char)text[n_bytes - n] & 0xC0) == 0x80) n++;
    return n;
}

size_t ask_py_trailing_space(const char *text, size_t n_bytes)
{
    size_t left = n_bytes;
    while (left > 0) {
        size_t n = ask_py_last_bytes(text, left);
        uint32_t c;
        if (ask_utf8_decode(&c, text + left - n, n) != (int)n || !ask_py_is_space(c)) break;
        left -= n;
    }
    return n_bytes - left;
}
