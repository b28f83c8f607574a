#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/str.h"
#include "data/reader_priv.h"

/* ---- memory ---- */

void *data_array(data_build *b, size_t n, size_t item_bytes)
{
    if (n == 0) return NULL;
    void *items = ask_arena_array(b->arena, n, item_bytes);
    if (!items) b->no_memory = true;
    return items;
}

const char *data_copy(data_build *b, const char *text)
{
    if (!text) return NULL;
    const char *copy = ask_arena_strdup(b->arena, text);
    if (!copy) b->no_memory = true;
    return copy ? copy : "";
}

static const char *copy_formatted(data_build *b, const char *format, va_list args)
{
    ask_str text = {0};
    ask_str_vprintf(&text, format, args);
    const char *copy = "";
    if (text.failed)
        b->no_memory = true;
    else
        copy = data_copy(b, ask_str_text(&text));
    ask_str_free(&text);
    return copy;
}

const char *data_printf(data_build *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = copy_formatted(b, format, args);
    va_end(args);
    return text;
}

const char *data_fill_in(data_build *b, const char *pattern, const char *word)
{
    const char *star = strchr(pattern, '*');
    if (!star) return pattern;
    return data_printf(b, "%.*s%s%s", (int)(star - pattern), pattern, word, star + 1);
}

void data_build_free(data_build *b)
{
    data_names_free(&b->unlisted);
    free(b->records);
    free(b->notices);
    ask_arena_free(b->arena);
    *b = (data_build){0};
}

/* Makes room for one more of n items. */
static bool grow(void **items, size_t *capacity, size_t n, size_t item_bytes,
                 ask_error *err)
{
    if (n < *capacity) return true;
    size_t more = *capacity ? 2 * *capacity : 64, bytes;
    void *grown = ask_mul_size(&bytes, more, item_bytes) ? realloc(*items, bytes) : NULL;
    if (!grown) return ask_fail_memory(err);
    *items = grown;
    *capacity = more;
    return true;
}

/* ---- records and notices ---- */

bool data_add(data_build *b, const ask_data_record *r, ask_error *err)
{
    if (b->no_memory) return ask_fail_memory(err);
    if (!ask_cancel_check(b->cancel, err)) return false;
    void *records = b->records;
    if (!grow(&records, &b->record_capacity, b->n_records, sizeof *r, err)) return false;
    b->records = records;
    b->records[b->n_records] = *r;
    ask_data_record *added = &b->records[b->n_records++];
    added->file = b->file;
    if (!added->language) added->language = "en";
    if (!added->features) added->features = added->video;
    return true;
}

static bool add_notice(data_build *b, ask_data_notice_kind kind, const char *text,
                       ask_error *err)
{
    if (b->no_memory) return ask_fail_memory(err);
    void *notices = b->notices;
    if (!grow(&notices, &b->notice_capacity, b->n_notices, sizeof *b->notices, err))
        return false;
    b->notices = notices;
    b->notices[b->n_notices++] = (ask_data_notice){.kind = kind, .text = text};
    return true;
}

bool data_notice(data_build *b, ask_data_notice_kind kind, ask_error *err,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = copy_formatted(b, format, args);
    va_end(args);
    return add_notice(b, kind, text, err);
}

static const char *at_row(data_build *b, const ask_data_record *r, const char *what)
{
    return data_printf(b, b->in_array ? "%s[%zu]: %s" : "%s:%zu: %s",
                       r->file ? r->file : b->file, r->row, what);
}

bool data_notice_at(data_build *b, ask_data_notice_kind kind, const ask_data_record *r,
                    ask_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *what = copy_formatted(b, format, args);
    va_end(args);
    return add_notice(b, kind, at_row(b, r, what), err);
}

bool data_fail_at(const data_build *b, size_t row, ask_error *err, const char *format, ...)
{
    ask_str what = {0};
    va_list args;
    va_start(args, format);
    ask_str_vprintf(&what, format, args);
    va_end(args);
    ask_fail(err, ASK_ERR_FORMAT, b->in_array ? "%s[%zu]: %s" : "%s:%zu: %s", b->file, row,
             ask_str_text(&what));
    ask_str_free(&what);
    return false;
}

/* ---- parts of a record ---- */

void data_tag(data_build *b, ask_data_record *r, const char *group, const char *name)
{
    if (!name || !*name) return;
    ask_data_tag *tags = data_array(b, (size_t)r->n_tags + 1, sizeof *tags);
    if (!tags) return;
    if (r->n_tags > 0) memcpy(tags, r->tags, (size_t)r->n_tags * sizeof *tags);
    tags[r->n_tags++] =
        (ask_data_tag){.group = data_copy(b, group), .name = data_copy(b, name)};
    r->tags = tags;
}

void data_answer_index(ask_data_record *r, int index)
{
    r->answer_index = index;
    r->answer = r->options[index];
}

void data_answer_word(data_build *b, ask_data_record *r, const char *word)
{
    r->answer_index = -1;
    r->answer = data_copy(b, word);
}

bool data_answer_text(data_build *b, ask_data_record *r, const char *text, ask_error *err)
{
    for (int i = 0; i < r->n_options; i++) {
        if (strcmp(r->options[i], text) == 0) {
            data_answer_index(r, i);
            return true;
        }
    }
    data_answer_word(b, r, text);
    return data_notice_at(b, ASK_DATA_UNKNOWN_ANSWER, r, err,
                          "the answer \"%s\" is none of the options", text);
}

bool data_is_test(const data_build *b)
{
    return b->split && strcmp(b->split, "test") == 0;
}

bool data_is_answered(const ask_data_record *r)
{
    return r->answer || r->has_count || (r->kind == ASK_DATA_RETRIEVE && r->n_windows > 0);
}

bool data_notice_unanswered(data_build *b, const ask_data_record *r, ask_error *err)
{
    return data_notice_at(b, ASK_DATA_NO_ANSWER, r, err, "question \"%s\" has no answer",
                          r->id);
}

bool data_answer_hidden(data_build *b, ask_data_record *r, ask_error *err)
{
    r->answer_index = -1;
    return data_is_test(b) || data_notice_unanswered(b, r, err);
}

bool data_answer_word_if_any(data_build *b, ask_data_record *r, const char *word,
                             ask_error *err)
{
    if (!word) return data_answer_hidden(b, r, err);
    data_answer_word(b, r, word);
    return true;
}

bool data_check_span(data_build *b, const ask_data_record *r, ask_data_span span,
                     double length_s, const char *what, ask_error *err)
{
    if (span.start_s >= 0 && span.end_s <= length_s) return true;
    return data_notice_at(b, ASK_DATA_OUTSIDE, r, err,
                          "%s %g s to %g s is not within the %g s that there are", what,
                          span.start_s, span.end_s, length_s);
}

/* ---- files ---- */

bool data_find_beside(data_build *b, const char **out, const char *name, ask_error *err)
{
    const char *path = data_printf(b, "%s/%s", b->dir, name);
    if (b->no_memory) return ask_fail_memory(err);
    *out = ask_file_exists(path) ? path : NULL;
    return true;
}

bool data_file_open(data_file *out, const char *path, ask_error *err)
{
    *out = (data_file){0};
    if (!ask_map_open(&out->map, path, err)) return false;
    out->text = (data_text){path, (const char *)out->map.data, out->map.n_bytes};
    return true;
}

void data_file_close(data_file *f)
{
    ask_map_close(&f->map);
    *f = (data_file){0};
}

bool data_open_beside(data_build *b, data_file *out, const char *name, ask_error *err)
{
    const char *path = NULL;
    *out = (data_file){0};
    return data_find_beside(b, &path, name, err) &&
           (!path || data_file_open(out, path, err));
}

bool data_with_file(data_build *b, const char *path,
                    bool (*read)(data_build *b, data_text text, ask_error *err),
                    ask_error *err)
{
    data_file f;
    bool ok = data_file_open(&f, path, err) && read(b, f.text, err);
    data_file_close(&f);
    return ok;
}

/* ---- of JSON items ---- */

bool data_get_text(data_build *b, const char **out, ask_json_value v, const char *path,
                   ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, path, err)) return false;
    if (!*text)
        return ask_json_fail(ask_json_find(v, path), err, "expected a text, got none");
    *out = data_copy(b, text);
    return true;
}

bool data_get_id(data_build *b, const char **out, ask_json_value v, const char *path,
                 ask_error *err)
{
    if (ask_json_type_of(ask_json_find(v, path)) != ASK_JSON_INT)
        return data_get_text(b, out, v, path, err);
    int64_t number;
    if (!ask_json_get_int(&number, v, path, INT64_MIN, INT64_MAX, err)) return false;
    *out = data_printf(b, "%lld", (long long)number);
    return true;
}

/* The items of an array at a path, of which there must be n; n < 0: at least one. */
static bool get_items(ask_json_value *array, size_t *n_items, ask_json_value v,
                      const char *path, int n, ask_error *err)
{
    if (!ask_json_get_array(array, v, path, err)) return false;
    *n_items = ask_json_count(*array);
    if (n >= 0 && *n_items != (size_t)n)
        return ask_json_fail(*array, err, "expected %d items, got %zu", n, *n_items);
    if (*n_items == 0) return ask_json_fail(*array, err, "expected items, got none");
    if (*n_items > INT32_MAX) return ask_json_fail(*array, err, "too many items");
    return true;
}

bool data_get_texts(data_build *b, const char *const **out, int *n_out, ask_json_value v,
                    const char *path, int n, ask_error *err)
{
    ask_json_value array;
    size_t n_items;
    if (!get_items(&array, &n_items, v, path, n, err)) return false;
    const char **texts = data_array(b, n_items, sizeof *texts);
    if (!texts) return ask_fail_memory(err);
    for (size_t i = 0; i < n_items; i++) {
        const char *text;
        if (!ask_json_get_string(&text, ask_json_item(array, i), NULL, err)) return false;
        texts[i] = data_copy(b, text);
    }
    *out = texts;
    *n_out = (int)n_items;
    return true;
}

bool data_get_span(ask_data_span *out, ask_json_value v, const char *path, ask_error *err)
{
    ask_json_value pair;
    size_t n_items;
    ask_data_span s;
    if (!get_items(&pair, &n_items, v, path, 2, err) ||
        !ask_json_get_double(&s.start_s, ask_json_item(pair, 0), NULL, err) ||
        !ask_json_get_double(&s.end_s, ask_json_item(pair, 1), NULL, err))
        return false;
    if (s.start_s > s.end_s)
        return ask_json_fail(pair, err, "begins at %g s, behind its end at %g s", s.start_s,
                             s.end_s);
    *out = s;
    return true;
}

bool data_get_spans(data_build *b, const ask_data_span **out, int *n_out, ask_json_value v,
                    const char *path, ask_error *err)
{
    ask_json_value array;
    size_t n_items;
    if (!get_items(&array, &n_items, v, path, -1, err)) return false;
    ask_data_span *spans = data_array(b, n_items, sizeof *spans);
    if (!spans) return ask_fail_memory(err);
    for (size_t i = 0; i < n_items; i++)
        if (!data_get_span(&spans[i], ask_json_item(array, i), NULL, err)) return false;
    *out = spans;
    *n_out = (int)n_items;
    return true;
}

/* ---- of tables ---- */

bool data_cell(data_build *b, const char **out, const ask_csv *t, size_t row, int column,
               ask_error *err)
{
    const char *text = ask_csv_cell(t, row, column);
    if (!*text)
        return data_fail_at(b, ask_csv_line(t, row), err,
                            "column \"%s\": expected a text, got none",
                            ask_csv_column_name(t, column));
    *out = data_copy(b, text);
    return true;
}

bool data_find_columns(int *columns, int n, const ask_csv *t, const char *prefix, int first,
                       ask_error *err)
{
    for (int i = 0; i < n; i++) {
        char name[32];
        ask_format(name, sizeof name, "%s%d", prefix, first + i);
        if (!ask_csv_find_column(&columns[i], t, name, err)) return false;
    }
    return true;
}

bool data_cells(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                const int *columns, int n, ask_error *err)
{
    const char **options = data_array(b, (size_t)n, sizeof *options);
    if (!options) return ask_fail_memory(err);
    for (int i = 0; i < n; i++)
        if (!data_cell(b, &options[i], t, row, columns[i], err)) return false;
    r->options = options;
    r->n_options = n;
    return true;
}
