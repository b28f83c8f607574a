/* lists.c - numbered texts beside questions: names of classes, answers of a vocabulary. */
#include <string.h>

#include "base/number.h"
#include "data/reader_priv.h"

/* ---- JSON: a list, an object of numbers by texts, or one of texts by numbers ---- */

typedef struct {
    const char **texts; // n of them; NULL: not told yet
    size_t n;
} numbered;

static bool put(data_build *b, numbered *l, const char *text, int64_t index)
{
    if (index < 0 || (uint64_t)index >= l->n || l->texts[index]) return false;
    l->texts[index] = data_copy(b, text);
    return true;
}

static bool put_member(data_build *b, numbered *l, const char *key, ask_json_value v)
{
    int64_t index;
    const char *text;
    ask_error err;
    if (ask_json_type_of(v) == ASK_JSON_INT)
        return ask_json_get_int(&index, v, NULL, 0, INT32_MAX, &err) &&
               put(b, l, key, index);
    return ask_json_type_of(v) == ASK_JSON_STRING && ask_parse_i64(&index, key) &&
           ask_json_get_string(&text, v, NULL, &err) && put(b, l, text, index);
}

static bool put_item(data_build *b, numbered *l, ask_json_value v, size_t i)
{
    const char *text;
    ask_error err;
    return ask_json_get_string(&text, v, NULL, &err) && put(b, l, text, (int64_t)i);
}

/* Whether every number from 0 on has one text. */
static bool put_all(data_build *b, numbered *l, ask_json_value v)
{
    bool is_array = ask_json_type_of(v) == ASK_JSON_ARRAY, ok = true;
    for (size_t i = 0; i < l->n && ok && is_array; i++)
        ok = put_item(b, l, ask_json_item(v, i), i);
    for (ask_json_walk m = {0}; ok && !is_array && ask_json_next(v, &m);)
        ok = put_member(b, l, m.key, m.value);
    for (size_t i = 0; i < l->n && ok; i++) ok = l->texts[i] != NULL;
    return ok;
}

static bool read_json(data_build *b, data_list *out, const char *path, ask_json_value v,
                      ask_error *err)
{
    numbered l = {.n = ask_json_count(v)};
    if (l.n > 0 && l.n <= INT32_MAX) l.texts = data_array(b, l.n, sizeof *l.texts);
    if (b->no_memory) return ask_fail_memory(err);
    if (!l.texts || !put_all(b, &l, v))
        return data_notice(b, ASK_DATA_MISMATCH, err,
                           "%s: not a list of texts, nor texts with their numbers from 0 "
                           "on; not used",
                           path);
    if (b->no_memory) return ask_fail_memory(err);
    *out = (data_list){.texts = l.texts, .n = (int)l.n};
    return true;
}

bool data_parse_json_list(data_build *b, data_list *out, const char *key, data_text text,
                          ask_error *err)
{
    ask_json *doc = ask_json_parse(text.text, text.bytes, text.name, NULL, err);
    bool ok =
        doc && read_json(b, out, text.name, ask_json_find(ask_json_root(doc), key), err);
    ask_json_free(doc);
    return ok;
}

bool data_read_json_list(data_build *b, data_list *out, const char *name, const char *key,
                         ask_error *err)
{
    data_file f;
    bool ok = data_open_beside(b, &f, name, err) &&
              (!f.text.name || data_parse_json_list(b, out, key, f.text, err));
    data_file_close(&f);
    return ok;
}

/* ---- lines ---- */

bool data_parse_line_list(data_build *b, data_list *out, data_text text, ask_error *err)
{
    size_t n = 0, i = 0;
    data_lines count = {.text = text}, it = {.text = text};
    while (data_lines_next(&count, err)) n++;
    if (!data_lines_end(&count)) return false;
    if (n == 0 || n > INT32_MAX)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: %s", text.name,
                        n ? "too many lines" : "no texts in it");
    const char **texts = data_array(b, n, sizeof *texts);
    size_t *rows = data_array(b, n, sizeof *rows);
    if (!texts || !rows) return ask_fail_memory(err);
    for (; data_lines_next(&it, err); i++) {
        texts[i] = data_copy(b, it.line);
        rows[i] = it.row;
    }
    if (!data_lines_end(&it)) return false;
    *out = (data_list){.texts = texts, .rows = rows, .n = (int)n};
    return !b->no_memory || ask_fail_memory(err);
}

bool data_read_line_list(data_build *b, data_list *out, const char *name, ask_error *err)
{
    data_file f;
    bool ok = data_open_beside(b, &f, name, err) &&
              (!f.text.name || data_parse_line_list(b, out, f.text, err));
    data_file_close(&f);
    return ok;
}
