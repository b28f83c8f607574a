#include "base/utf8.h"

#include <string.h>

/* Smallest character that needs a sequence of this many bytes; anything below is overlong.
 */
static const uint32_t least_of_length[5] = {0, 0, 0x80, 0x800, 0x10000};

static bool is_character(uint32_t c)
{
    return c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
}

/* Length announced by a first byte; 0 when it cannot be first. */
static int announced_length(unsigned char first)
{
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first < 0xE0) return 2;
    if (first >= 0xE0 && first < 0xF0) return 3;
    if (first >= 0xF0 && first < 0xF5) return 4;
    return 0;
}

int ask_utf8_decode(uint32_t *out, const char *text, size_t n_bytes)
{
    if (n_bytes == 0) return 0;
    const unsigned char *bytes = (const unsigned char *)text;
    int length = announced_length(bytes[0]);
    if (length == 0 || (size_t)length > n_bytes) return 0;
    uint32_t c = length == 1 ? bytes[0] : bytes[0] & (0x7Fu >> length);
    for (int i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (bytes[i] & 0x3F);
    }
    if (c < least_of_length[length] || !is_character(c)) return 0;
    *out = c;
    return length;
}

int ask_utf8_encode(char out[4], uint32_t character)
{
    uint32_t c = character;
    if (!is_character(c)) return 0;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    int length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)((0xF00u >> length & 0xFF) | c);
    return length;
}

bool ask_utf8_valid(const char *text, size_t n_bytes)
{
    size_t at = 0;
    while (at < n_bytes) {
        uint32_t c;
        int length = ask_utf8_decode(&c, text + at, n_bytes - at);
        if (length == 0) return false;
        at += (size_t)length;
    }
    return true;
}

size_t ask_utf8_length(const char *text, size_t n_bytes)
{
    size_t n = 0;
    for (size_t at = 0; at < n_bytes; n++) {
        uint32_t c;
        int length = ask_utf8_decode(&c, text + at, n_bytes - at);
        at += length ? (size_t)length : 1;
    }
    return n;
}

/* Characters that could move the cursor, end the line or reorder it. */
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || // C0, DEL, C1
           c == 0x2028 || c == 0x2029 ||          // line and paragraph separator
           c == 0x200E || c == 0x200F ||          // direction marks
           (c >= 0x202A && c <= 0x202E) ||        // direction embeddings and overrides
           (c >= 0x2066 && c <= 0x2069);          // direction isolates
}

void ask_utf8_line(char *out, size_t size, const char *text)
{
    const size_t room = size - 1;
    size_t used = 0;
    size_t cut = 0; // the longest text so far that leaves room for "..."
    while (*text) {
        uint32_t c;
        size_t length = (size_t)ask_utf8_decode(&c, text, strnlen(text, 4));
        bool shown = length > 0 && !is_unsafe(c);
        size_t width = shown ? length : 1;
        if (used + width > room) {
            memcpy(out + cut, "...", 4);
            return;
        }
        if (shown)
            memcpy(out + used, text, length);
        else
            out[used] = '?';
        used += width;
        if (used + 3 <= room) cut = used;
        text += length ? length : 1;
    }
    out[used] = '\0';
}
