#include "base/json_write.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"

static void append_line(ask_json_writer *w)
{
    if (!w->pretty) return;
    ask_str_append_char(w->out, '\n');
    for (int i = 0; i < w->depth; i++) ask_str_append(w->out, "  ");
}

static void append_escaped(ask_str *out, unsigned char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letter[] = "\"\\bfnrt";
    const char *at = strchr(plain, c);
    if (at) {
        ask_str_append_char(out, '\\');
        ask_str_append_char(out, letter[at - plain]);
    } else {
        ask_str_printf(out, "\\u%04x", c);
    }
}

static void append_string(ask_str *out, const char *text)
{
    size_t bytes = strlen(text);
    ask_str_append_char(out, '"');
    for (size_t i = 0; i < bytes;) {
        uint32_t c;
        int n = ask_utf8_decode(&c, text + i, bytes - i);
        if (n == 0) {
            ask_str_append(out, "\xEF\xBF\xBD"); // U+FFFD
            i++;
            continue;
        }
        if (c < 0x20 || c == 0x7f || c == '"' || c == '\\') {
            append_escaped(out, (unsigned char)c);
        } else {
            ask_str_append_bytes(out, text + i, (size_t)n);
        }
        i += (size_t)n;
    }
    ask_str_append_char(out, '"');
}

/* Writes what stands before a value: comma, line and key. */
static void begin_value(ask_json_writer *w, const char *key)
{
    if (w->depth == 0) {
        assert(!key);
        return;
    }
    int top = w->depth - 1;
    assert(w->is_object[top] == (key != NULL));
    if (w->has_items[top]) ask_str_append_char(w->out, ',');
    w->has_items[top] = true;
    append_line(w);
    if (key) {
        append_string(w->out, key);
        ask_str_append(w->out, w->pretty ? ": " : ":");
    }
}

static void open_container(ask_json_writer *w, const char *key, bool is_object)
{
    assert(w->depth < ASK_JSON_WRITER_MAX_DEPTH);
    begin_value(w, key);
    ask_str_append_char(w->out, is_object ? '{' : '[');
    w->is_object[w->depth] = is_object;
    w->has_items[w->depth] = false;
    w->depth++;
}

void ask_json_open_object(ask_json_writer *w, const char *key)
{
    open_container(w, key, true);
}

void ask_json_open_array(ask_json_writer *w, const char *key)
{
    open_container(w, key, false);
}

void ask_json_close(ask_json_writer *w)
{
    assert(w->depth > 0);
    w->depth--;
    if (w->has_items[w->depth]) append_line(w);
    ask_str_append_char(w->out, w->is_object[w->depth] ? '}' : ']');
}

void ask_json_put_null(ask_json_writer *w, const char *key)
{
    begin_value(w, key);
    ask_str_append(w->out, "null");
}

void ask_json_put_bool(ask_json_writer *w, const char *key, bool value)
{
    begin_value(w, key);
    ask_str_append(w->out, value ? "true" : "false");
}

void ask_json_put_int(ask_json_writer *w, const char *key, int64_t value)
{
    begin_value(w, key);
    ask_str_printf(w->out, "%lld", (long long)value);
}

/* Writes a number's digits, with ".0" behind them if nothing tells that it is real. */
static void put_real(ask_json_writer *w, const char *key, const char *digits)
{
    begin_value(w, key);
    ask_str_append(w->out, digits);
    if (!strpbrk(digits, ".e")) ask_str_append(w->out, ".0");
}

void ask_json_put_double(ask_json_writer *w, const char *key, double value)
{
    if (!isfinite(value)) {
        ask_json_put_null(w, key);
        return;
    }
    char digits[ASK_DOUBLE_TEXT_BYTES];
    put_real(w, key, ask_format_double(digits, value));
}

void ask_json_put_float(ask_json_writer *w, const char *key, float value)
{
    if (!isfinite(value)) {
        ask_json_put_null(w, key);
        return;
    }
    char digits[ASK_DOUBLE_TEXT_BYTES];
    for (int n = 6; n <= 9; n++) { // 9 digits tell any two floats apart
        ask_format(digits, sizeof digits, "%.*g", n, value);
        double back;
        if (ask_parse_double(&back, digits) && (float)back == value) break;
    }
    put_real(w, key, digits);
}

void ask_json_put_string(ask_json_writer *w, const char *key, const char *value)
{
    if (!value) {
        ask_json_put_null(w, key);
        return;
    }
    begin_value(w, key);
    append_string(w->out, value);
}
