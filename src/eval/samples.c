#include "eval/samples.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/file.h"

/* ---- rows ---- */

enum { MOST_BYTES = INT32_MAX };

void ask_eval_rows_free(ask_eval_rows *r)
{
    free(r->rows);
    ask_arena_free(r->room);
    *r = (ask_eval_rows){0};
}

bool ask_eval_rows_add(ask_eval_rows *r, const ask_eval_row *row, ask_error *err)
{
    if (r->n == r->capacity) {
        size_t more = r->capacity ? 2 * r->capacity : 256, bytes;
        void *grown =
            ask_mul_size(&bytes, more, sizeof *r->rows) ? realloc(r->rows, bytes) : NULL;
        if (!grown) return ask_fail_memory(err);
        r->rows = grown;
        r->capacity = more;
    }
    r->rows[r->n++] = *row;
    return true;
}

static bool parse_line(ask_eval_rows *out, const char *text, size_t n_bytes,
                       const char *name, size_t line, ask_error *err)
{
    ask_eval_row row;
    char where[256];
    ask_format(where, sizeof where, "%s:%zu", name, line);
    return ask_eval_row_read(&row, text, n_bytes, where, out->room, err) &&
           ask_eval_rows_add(out, &row, err);
}

bool ask_eval_rows_parse(ask_eval_rows *out, size_t *n_whole, const char *text,
                         size_t n_bytes, const char *name, ask_error *err)
{
    ask_eval_rows rows = {.room = ask_arena_new(0)};
    bool ok = rows.room || ask_fail_memory(err);
    size_t at = 0;
    for (size_t line = 1; ok && at < n_bytes; line++) {
        const char *end = memchr(text + at, '\n', n_bytes - at);
        if (!end) break;
        size_t length = (size_t)(end - (text + at));
        ok = parse_line(&rows, text + at, length, name, line, err);
        at += length + 1;
    }
    if (ok) {
        *out = rows;
        if (n_whole) *n_whole = at;
    } else {
        ask_eval_rows_free(&rows);
        *out = rows;
    }
    return ok;
}

static bool read_file(ask_eval_rows *out, size_t *n_whole, const char *path, ask_error *err)
{
    char *text;
    size_t n_bytes;
    *out = (ask_eval_rows){0};
    if (!ask_file_read(&text, &n_bytes, path, MOST_BYTES, err)) return false;
    bool ok = ask_eval_rows_parse(out, n_whole, text, n_bytes, path, err);
    free(text);
    return ok;
}

bool ask_eval_rows_read(ask_eval_rows *out, const char *path, ask_error *err)
{
    return read_file(out, NULL, path, err);
}

/* ---- writing ---- */

struct ask_eval_samples {
    FILE *file;
    char *path;
};

static bool lock(const ask_eval_samples *s, ask_error *err)
{
    if (flock(fileno(s->file), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return true;
    return ask_fail(err, ASK_ERR_USAGE, "%s: another run is writing it", s->path);
}

/* What is there, without a line that was cut off. */
static bool take_over(ask_eval_rows *rows, const ask_eval_samples *s, ask_error *err)
{
    size_t n_whole;
    if (!read_file(rows, &n_whole, s->path, err)) return false;
    if (ftruncate(fileno(s->file), (off_t)n_whole) == 0) return true;
    ask_fail_errno(err, errno, "%s: cannot cut off the last line", s->path);
    ask_eval_rows_free(rows);
    return false;
}

ask_eval_samples *ask_eval_samples_open(ask_eval_rows *rows, const char *path,
                                        ask_error *err)
{
    ask_eval_samples *s = calloc(1, sizeof *s);
    bool ok = s || ask_fail_memory(err);
    if (ok) s->path = ask_strdup(path, err);
    ok = ok && s->path;
    if (ok) {
        s->file = fopen(path, "a");
        ok = s->file || ask_fail_errno(err, errno, "%s: cannot open", path);
    }
    if (ok && lock(s, err) && take_over(rows, s, err)) return s;
    ask_eval_samples_close(s);
    return NULL;
}

void ask_eval_samples_close(ask_eval_samples *s)
{
    if (!s) return;
    if (s->file) fclose(s->file);
    free(s->path);
    free(s);
}

bool ask_eval_samples_add(ask_eval_samples *s, const ask_eval_row *row, ask_error *err)
{
    ask_str line = {0};
    ask_eval_row_write(&line, row);
    bool ok = !line.failed || ask_fail_memory(err);
    if (ok &&
        (fwrite(line.data, 1, line.length, s->file) != line.length || fflush(s->file) != 0))
        ok = ask_fail_errno(err, errno, "%s: cannot write", s->path);
    ask_str_free(&line);
    return ok;
}
