/* lines.c - a text line by line. */
#include <string.h>

#include "base/utf8.h"
#include "data/reader_priv.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool fail(const data_lines *it, ask_error *err, const char *what)
{
    return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: %s", it->text.name, it->row, what);
}

bool data_lines_next(data_lines *it, ask_error *err)
{
    const char *text = it->text.text;
    if (it->row == 0 && it->text.bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        it->at = 3;
    while (!it->ended && it->at < it->text.bytes) {
        const char *begin = text + it->at;
        const char *end = memchr(begin, '\n', it->text.bytes - it->at);
        if (!end) end = text + it->text.bytes;
        it->at = (size_t)(end - text) + 1;
        it->row++;
        while (begin < end && is_space(*begin)) begin++;
        while (begin < end && is_space(end[-1])) end--;
        size_t n = (size_t)(end - begin);
        if (n == 0) continue;
        if (memchr(begin, '\0', n)) return fail(it, err, "holds a NUL");
        if (!ask_utf8_valid(begin, n))
            return fail(it, err, "not UTF-8; convert the file, for example with iconv");
        ask_str_clear(&it->buffer);
        ask_str_append_bytes(&it->buffer, begin, n);
        if (it->buffer.failed) return ask_fail_memory(err);
        it->line = ask_str_text(&it->buffer);
        return true;
    }
    it->ended = true;
    return false;
}

bool data_lines_end(data_lines *it)
{
    ask_str_free(&it->buffer);
    return it->ended;
}
