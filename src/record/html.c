#include "record/html_priv.h"

#include <math.h>
#include <string.h>

#include "base/time_text.h"
#include "base/utf8.h"

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; // U+FFFD
static const char EN_DASH[] = "\xE2\x80\x93", MINUS[] = "\xE2\x88\x92";

/* What stands for a character; NULL: itself. */
static const char *escape_of(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
        return NULL;
    }
    bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    return control ? REPLACEMENT : NULL;
}

void html_text(ask_str *out, const char *text)
{
    size_t n_bytes = strlen(text);
    for (size_t i = 0; i < n_bytes;) {
        uint32_t c;
        int n = ask_utf8_decode(&c, text + i, n_bytes - i);
        const char *escape = n ? escape_of(c) : REPLACEMENT;
        if (escape)
            ask_str_append(out, escape);
        else
            ask_str_append_bytes(out, text + i, (size_t)n);
        i += n ? (size_t)n : 1;
    }
}

static void append_base64(ask_str *out, const uint8_t *bytes, size_t n_bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n_bytes; i += 3) {
        size_t n = n_bytes - i < 3 ? n_bytes - i : 3;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (n > 1) group |= (uint32_t)bytes[i + 1] << 8;
        if (n > 2) group |= bytes[i + 2];
        const char quad[4] = {
            digits[group >> 18],
            digits[group >> 12 & 63],
            n > 1 ? digits[group >> 6 & 63] : '=',
            n > 2 ? digits[group & 63] : '=',
        };
        ask_str_append_bytes(out, quad, sizeof quad);
    }
}

void html_png(ask_str *out, const void *bytes, size_t n_bytes)
{
    ask_str_append(out, "data:image/png;base64,");
    append_base64(out, bytes, n_bytes);
}

void html_number(ask_str *out, double value, int n_decimals)
{
    if (value < 0) ask_str_append(out, MINUS);
    ask_str_printf(out, "%.*f", n_decimals, fabs(value));
}

void html_time(ask_str *out, double t_s)
{
    char text[ASK_TIME_TEXT_BYTES];
    ask_str_printf(out, "%s%s", ask_format_time(text, t_s), ask_time_unit(t_s));
}

void html_span(ask_str *out, double start_s, double end_s)
{
    char start[ASK_TIME_TEXT_BYTES];
    ask_str_printf(out, "%s%s", ask_format_time(start, start_s), EN_DASH);
    html_time(out, end_s);
}

void html_shell_word(ask_str *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=./:,@%";
    size_t n = strlen(word);
    if (n > 0 && strspn(word, plain) == n) {
        ask_str_append(out, word);
        return;
    }
    ask_str_append_char(out, '\'');
    for (const char *c = word; *c; c++) {
        if (*c == '\'')
            ask_str_append(out, "'\\''");
        else
            ask_str_append_char(out, *c);
    }
    ask_str_append_char(out, '\'');
}
