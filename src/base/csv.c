#include "base/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/number.h"
#include "base/utf8.h"

enum { MAX_BYTES = 1 << 30 }; // so that places in the text fit 32 bits

typedef struct {
    uint32_t *items;
    size_t n, capacity;
} place_list;

struct ask_csv {
    char *name;
    char *text; // the file's bytes; every cell was unquoted in place and ended by a NUL
    place_list cells; // where they begin, row after row; the names are row 0
    place_list lines; // the line on which each row begins
    int n_columns;
};

static bool push(place_list *list, size_t place)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        size_t bytes;
        if (!ask_mul_size(&bytes, capacity, sizeof *list->items)) return false;
        uint32_t *items = realloc(list->items, bytes);
        if (!items) return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->n++] = (uint32_t)place;
    return true;
}

/* ---- reading ---- */

/* A cell is written to where it was read, or before that: quotes only make it shorter. */
typedef struct {
    ask_csv *table;
    const char *at, *end; // what is still to be read
    char *write;          // where the next character of a cell goes
    char separator;
    size_t line;
} reader;

static bool fail_at(const reader *r, size_t line, const char *what, ask_error *err)
{
    return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: %s", r->table->name, line, what);
}

static bool at_line_end(const reader *r)
{
    return r->at < r->end && (*r->at == '\n' || *r->at == '\r');
}

static void skip_line_end(reader *r)
{
    bool is_crlf = *r->at == '\r' && r->end - r->at > 1 && r->at[1] == '\n';
    r->at += is_crlf ? 2 : 1;
    r->line++;
}

/* Takes the inside of a quoted cell; r->at stands behind the closing quote then. */
static bool take_quoted(reader *r, ask_error *err)
{
    size_t first_line = r->line;
    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at == '"') {
            if (r->end - r->at < 2 || r->at[1] != '"') {
                r->at++;
                return true;
            }
            r->at++;
        }
        if (*r->at == '\n') r->line++;
        *r->write++ = *r->at;
    }
    return fail_at(r, first_line, "a quote is opened here and never closed", err);
}

/* Takes one cell and what ends it. *last tells whether that was the end of the row. */
static bool take_cell(reader *r, bool *last, ask_error *err)
{
    char *cell = r->write;
    if (!push(&r->table->cells, (size_t)(cell - r->table->text)))
        return ask_fail_memory(err);
    size_t line = r->line;
    if (r->at < r->end && *r->at == '"') {
        if (!take_quoted(r, err)) return false;
    } else {
        while (r->at < r->end && *r->at != r->separator && !at_line_end(r))
            *r->write++ = *r->at++;
    }
    size_t bytes = (size_t)(r->write - cell);
    if (memchr(cell, '\0', bytes)) return fail_at(r, line, "a NUL byte in a cell", err);
    if (!ask_utf8_valid(cell, bytes))
        return fail_at(r, line, "not UTF-8 text; convert the file, with iconv for example",
                       err);

    *last = r->at == r->end || at_line_end(r);
    if (r->at == r->end) {
        // nothing to skip: the NUL goes to the byte behind the text
    } else if (*last) {
        skip_line_end(r);
    } else if (*r->at == r->separator) {
        r->at++;
    } else {
        const char *what = "text behind a closing quote; quotes inside a cell are doubled";
        return fail_at(r, r->line, what, err);
    }
    *r->write++ = '\0';
    return true;
}

static bool take_row(reader *r, ask_error *err)
{
    ask_csv *t = r->table;
    size_t line = r->line;
    size_t first = t->cells.n;
    if (!push(&t->lines, line)) return ask_fail_memory(err);
    for (bool last = false; !last;) {
        if (!take_cell(r, &last, err)) return false;
    }
    int n = (int)(t->cells.n - first); // fits: no more cells than bytes, and MAX_BYTES
    if (t->lines.n == 1) t->n_columns = n;
    if (n == t->n_columns) return true;
    return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: %d column%s, but the first row has %d",
                    t->name, line, n, n == 1 ? "" : "s", t->n_columns);
}

/* Cuts t->text, of so many bytes and a NUL, into rows and cells. */
static bool cut(ask_csv *t, size_t bytes, char separator, ask_error *err)
{
    reader r = {.table = t,
                .at = t->text,
                .end = t->text + bytes,
                .write = t->text,
                .separator = separator,
                .line = 1};
    if (bytes >= 3 && memcmp(t->text, "\xEF\xBB\xBF", 3) == 0) r.at += 3;
    while (r.at < r.end) {
        if (at_line_end(&r)) {
            skip_line_end(&r);
        } else if (!take_row(&r, err)) {
            return false;
        }
    }
    if (t->lines.n == 0)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: empty, a row of column names is needed",
                        t->name);
    return true;
}

/* Makes a table of text that it owns from now on, also when it fails. */
static ask_csv *adopt(char *text, size_t bytes, const char *name, char separator,
                      ask_error *err)
{
    ask_csv *t = calloc(1, sizeof *t);
    if (!t) {
        free(text);
        ask_fail_memory(err);
        return NULL;
    }
    t->text = text;
    t->name = ask_strdup(name, err);
    if (!t->name || !cut(t, bytes, separator, err)) {
        ask_csv_free(t);
        return NULL;
    }
    return t;
}

ask_csv *ask_csv_parse(const char *text, size_t bytes, const char *name, char separator,
                       ask_error *err)
{
    if (bytes > MAX_BYTES) {
        ask_fail(err, ASK_ERR_LIMIT, "%s: %zu bytes, at most %d are read", name, bytes,
                 MAX_BYTES);
        return NULL;
    }
    char *copy = malloc(bytes + 1);
    if (!copy) {
        ask_fail_memory(err);
        return NULL;
    }
    if (bytes > 0) memcpy(copy, text, bytes);
    return adopt(copy, bytes, name, separator, err);
}

ask_csv *ask_csv_read(const char *path, char separator, ask_error *err)
{
    char *text;
    size_t bytes;
    if (!ask_file_read(&text, &bytes, path, MAX_BYTES, err)) return NULL;
    return adopt(text, bytes, path, separator, err);
}

void ask_csv_free(ask_csv *t)
{
    if (!t) return;
    free(t->cells.items);
    free(t->lines.items);
    free(t->text);
    free(t->name);
    free(t);
}

/* ---- looking ---- */

int ask_csv_n_columns(const ask_csv *t)
{
    return t->n_columns;
}

size_t ask_csv_n_rows(const ask_csv *t)
{
    return t->lines.n - 1;
}

const char *ask_csv_column_name(const ask_csv *t, int column)
{
    return t->text + t->cells.items[column];
}

int ask_csv_column(const ask_csv *t, const char *name)
{
    for (int i = 0; i < t->n_columns; i++) {
        if (strcmp(ask_csv_column_name(t, i), name) == 0) return i;
    }
    return -1;
}

bool ask_csv_find_column(int *out, const ask_csv *t, const char *name, ask_error *err)
{
    int column = ask_csv_column(t, name);
    if (column >= 0) {
        *out = column;
        return true;
    }
    ask_str names = {0};
    for (int i = 0; i < t->n_columns; i++) {
        ask_str_printf(&names, "%s%s", i > 0 ? ", " : "", ask_csv_column_name(t, i));
    }
    ask_fail(err, ASK_ERR_FORMAT, "%s: no column \"%s\" (columns: %s)", t->name, name,
             ask_str_text(&names));
    ask_str_free(&names);
    return false;
}

const char *ask_csv_cell(const ask_csv *t, size_t row, int column)
{
    return t->text + t->cells.items[(row + 1) * (size_t)t->n_columns + (size_t)column];
}

size_t ask_csv_line(const ask_csv *t, size_t row)
{
    return t->lines.items[row + 1];
}

bool ask_csv_get_int(int64_t *out, const ask_csv *t, size_t row, int column, int64_t min,
                     int64_t max, ask_error *err)
{
    int64_t value;
    const char *text = ask_csv_cell(t, row, column);
    if (!ask_parse_i64(&value, text) || value < min || value > max) {
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s:%zu: column \"%s\": expected an integer from %lld to %lld, got "
                        "\"%s\"",
                        t->name, ask_csv_line(t, row), ask_csv_column_name(t, column),
                        (long long)min, (long long)max, text);
    }
    *out = value;
    return true;
}

bool ask_csv_get_double(double *out, const ask_csv *t, size_t row, int column,
                        ask_error *err)
{
    const char *text = ask_csv_cell(t, row, column);
    if (ask_parse_double(out, text)) return true;
    return ask_fail(err, ASK_ERR_FORMAT,
                    "%s:%zu: column \"%s\": expected a number, got \"%s\"", t->name,
                    ask_csv_line(t, row), ask_csv_column_name(t, column), text);
}

/* ---- writing ---- */

void ask_csv_put(ask_csv_writer *w, const char *text)
{
    if (w->n_cells++ == 0) {
        w->begin = w->out->length;
    } else {
        ask_str_append_char(w->out, w->separator);
    }
    bool is_plain = !strpbrk(text, "\"\r\n") && !strchr(text, w->separator);
    if (is_plain) {
        ask_str_append(w->out, text);
        return;
    }
    ask_str_append_char(w->out, '"');
    for (; *text; text++) {
        if (*text == '"') ask_str_append_char(w->out, '"');
        ask_str_append_char(w->out, *text);
    }
    ask_str_append_char(w->out, '"');
}

void ask_csv_put_int(ask_csv_writer *w, int64_t value)
{
    char digits[24];
    ask_format(digits, sizeof digits, "%lld", (long long)value);
    ask_csv_put(w, digits);
}

void ask_csv_put_double(ask_csv_writer *w, double value)
{
    char digits[ASK_DOUBLE_TEXT_BYTES];
    ask_csv_put(w, isnan(value) ? "" : ask_format_double(digits, value));
}

void ask_csv_end_row(ask_csv_writer *w)
{
    // A single empty cell would look like an empty line.
    if (w->n_cells == 1 && w->out->length == w->begin) ask_str_append(w->out, "\"\"");
    ask_str_append_char(w->out, '\n');
    w->n_cells = 0;
}
