#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/reader_priv.h"

static bool fail(data_items *it, ask_error *err, const char *what)
{
    return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: %s", it->text.name, it->line, what);
}

static void forget_item(data_items *it)
{
    ask_json_free(it->doc);
    ask_json_free(it->key_doc);
    free(it->name);
    it->doc = it->key_doc = NULL;
    it->name = NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void step(data_items *it)
{
    if (it->text.text[it->at++] == '\n') it->line++;
}

static void skip_space(data_items *it)
{
    while (it->at < it->text.bytes && is_space(it->text.text[it->at])) step(it);
}

/* The next character, or 0 at the end. */
static char peek(const data_items *it)
{
    return it->at < it->text.bytes ? it->text.text[it->at] : '\0';
}

/* Goes behind the string that begins here. Its inside is the parser's to judge. */
static bool skip_string(data_items *it, ask_error *err)
{
    for (step(it); it->at < it->text.bytes; step(it)) {
        char c = it->text.text[it->at];
        if (c == '"') {
            step(it);
            return true;
        }
        if (c == '\\' && it->at + 1 < it->text.bytes) step(it);
    }
    return fail(it, err, "the text ends inside a string; the file may be cut off");
}

/* Goes to the comma or closing bracket that ends the value that begins here. */
static bool skip_value(data_items *it, ask_error *err)
{
    size_t depth = 0;
    while (it->at < it->text.bytes) {
        char c = it->text.text[it->at];
        bool closes = c == ']' || c == '}';
        if (depth == 0 && (c == ',' || closes)) return true;
        if (c == '"') {
            if (!skip_string(it, err)) return false;
            continue;
        }
        if (c == '[' || c == '{') depth++;
        if (closes) depth--;
        step(it);
    }
    return fail(it, err, "the text ends inside a value; the file may be cut off");
}

static bool parse(data_items *it, size_t begin, ask_error *err)
{
    if (!it->name) return ask_fail_memory(err);
    it->doc = ask_json_parse(it->text.text + begin, it->at - begin, it->name, NULL, err);
    if (!it->doc) return false;
    it->value = ask_json_root(it->doc);
    return true;
}

static char *name_of(const char *format, const char *file, size_t row)
{
    ask_str name = {0};
    ask_str_printf(&name, format, file, row);
    return ask_str_take(&name, NULL);
}

/* ---- lines ---- */

/* The parser counts lines from the item's first: "f:7" + ":1:3: what" is "f:7:3: what". */
static bool fail_in_line(const data_items *it, ask_error *err)
{
    size_t n = strlen(it->name);
    ask_error fault = *err;
    if (strncmp(fault.message, it->name, n) != 0 ||
        !ask_starts_with(fault.message + n, ":1:"))
        return false;
    return ask_fail(err, fault.code, "%s%s", it->name, fault.message + n + 2);
}

static bool next_line(data_items *it, ask_error *err)
{
    skip_space(it);
    if (it->at == it->text.bytes) {
        it->ended = true;
        return false;
    }
    size_t begin = it->at;
    const char *end = memchr(it->text.text + begin, '\n', it->text.bytes - begin);
    it->at = end ? (size_t)(end - it->text.text) : it->text.bytes;
    it->row = it->line;
    it->name = name_of("%s:%zu", it->text.name, it->line);
    if (parse(it, begin, err)) return true;
    if (err && err->code == ASK_ERR_FORMAT) fail_in_line(it, err);
    return false;
}

/* ---- items of an array, members of an object ---- */

static bool begin(data_items *it, ask_error *err)
{
    skip_space(it);
    bool is_object = it->layout == DATA_OBJECT;
    if (peek(it) != (is_object ? '{' : '['))
        return fail(it, err,
                    is_object ? "expected an object, \"{\"" : "expected an array, \"[\"");
    step(it);
    return true;
}

/* Goes behind the closing bracket; nothing may follow. */
static bool end(data_items *it, ask_error *err)
{
    step(it);
    skip_space(it);
    if (it->at < it->text.bytes) return fail(it, err, "text behind the end of the value");
    it->ended = true;
    return false;
}

static bool take_key(data_items *it, ask_error *err)
{
    size_t first = it->at;
    if (peek(it) != '"') return fail(it, err, "expected a key in quotes");
    if (!skip_string(it, err)) return false;
    it->key_doc =
        ask_json_parse(it->text.text + first, it->at - first, it->text.name, NULL, err);
    if (!it->key_doc ||
        !ask_json_get_string(&it->key, ask_json_root(it->key_doc), NULL, err))
        return false;
    skip_space(it);
    if (peek(it) != ':') return fail(it, err, "expected \":\" behind the key");
    step(it);
    skip_space(it);
    return true;
}

static bool next_inside(data_items *it, ask_error *err)
{
    char closing = it->layout == DATA_OBJECT ? '}' : ']';
    bool is_first = !it->begun;
    if (is_first && !begin(it, err)) return false;
    it->begun = true;
    skip_space(it);
    if (peek(it) == closing) return end(it, err);
    if (!is_first) {
        if (peek(it) != ',') return fail(it, err, "expected \",\" or the closing bracket");
        step(it);
        skip_space(it);
    }
    if (it->layout == DATA_OBJECT && !take_key(it, err)) return false;
    size_t first = it->at;
    if (!skip_value(it, err)) return false;
    if (it->at == first) return fail(it, err, "expected a value");
    it->row = it->index++;
    if (it->layout == DATA_OBJECT) {
        ask_str name = {0};
        ask_str_printf(&name, "%s[\"%.80s\"]", it->text.name, it->key);
        it->name = ask_str_take(&name, NULL);
    } else {
        it->name = name_of("%s[%zu]", it->text.name, it->row);
    }
    return parse(it, first, err);
}

bool data_items_next(data_items *it, ask_error *err)
{
    if (it->ended) return false;
    forget_item(it);
    if (it->line == 0) {
        it->line = 1;
        if (it->text.bytes >= 3 && memcmp(it->text.text, "\xEF\xBB\xBF", 3) == 0)
            it->at = 3;
    }
    return it->layout == DATA_LINES ? next_line(it, err) : next_inside(it, err);
}

bool data_items_end(data_items *it)
{
    forget_item(it);
    return it->ended;
}
