/* own_table.c - our own questions as a table, and TinySocial's: docs/formats.md.
 *
 * After: Chen et al. 2020 (TinySocial), whose sets, crowd and in-house, and two rubrics,
 * difficulty and type of question, are published as a description; the columns are ours. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/str.h"
#include "data/own_priv.h"

enum { MOST_OPTIONS = 26 };

typedef struct {
    int id, video, question;
    int kind, answer, start, end, windows, language, subtitles; // -1: not there
    int options[MOST_OPTIONS];
    int n_options; // columns option_0, option_1, ... without a gap
    const char *const *rubrics;
} columns;

/* The columns of TinySocial's rubrics; a rubric is a tag. NULL ends them. */
static const char *const no_rubrics[] = {NULL};
static const char *const tinysocial_rubrics[] = {"difficulty", "question_type", NULL};

static bool is_rubric(const columns *c, const char *name)
{
    for (const char *const *r = c->rubrics; *r; r++)
        if (strcmp(*r, name) == 0) return true;
    return false;
}

static bool is_known(const ask_csv *t, const columns *c, int column)
{
    static const char *const known[] = {"id",       "video",    "question", "kind",
                                        "answer",   "start_s",  "end_s",    "windows",
                                        "language", "subtitles"};
    const char *name = ask_csv_column_name(t, column);
    if (ask_starts_with(name, "tag_") && name[4]) return true;
    if (is_rubric(c, name)) return true;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], name) == 0) return true;
    for (int i = 0; i < c->n_options; i++)
        if (c->options[i] == column) return true;
    return false;
}

static bool find_columns(columns *c, const ask_csv *t, const char *const *rubrics,
                         const char *file, ask_error *err)
{
    *c = (columns){
        .rubrics = rubrics,
        .kind = ask_csv_column(t, "kind"),
        .answer = ask_csv_column(t, "answer"),
        .start = ask_csv_column(t, "start_s"),
        .end = ask_csv_column(t, "end_s"),
        .windows = ask_csv_column(t, "windows"),
        .language = ask_csv_column(t, "language"),
        .subtitles = ask_csv_column(t, "subtitles"),
    };
    for (; c->n_options < MOST_OPTIONS; c->n_options++) {
        char name[32];
        ask_format(name, sizeof name, "option_%d", c->n_options);
        c->options[c->n_options] = ask_csv_column(t, name);
        if (c->options[c->n_options] < 0) break;
    }
    if (!ask_csv_find_column(&c->id, t, "id", err) ||
        !ask_csv_find_column(&c->video, t, "video", err) ||
        !ask_csv_find_column(&c->question, t, "question", err))
        return false;
    for (int column; *rubrics; rubrics++)
        if (!ask_csv_find_column(&column, t, *rubrics, err)) return false;
    if ((c->start < 0) != (c->end < 0))
        return ask_fail(err, ASK_ERR_FORMAT, "%s: start_s and end_s go together", file);
    for (int i = 0; i < ask_csv_n_columns(t); i++)
        if (!is_known(t, c, i))
            return ask_fail(err, ASK_ERR_FORMAT,
                            "%s: column \"%s\" is not one of this format", file,
                            ask_csv_column_name(t, i));
    return true;
}

/* The text of a cell; NULL when there is no such column or nothing in it. */
static const char *cell(const ask_csv *t, size_t row, int column)
{
    const char *text = column < 0 ? "" : ask_csv_cell(t, row, column);
    return *text ? text : NULL;
}

/* A question may have fewer options than the table has columns: the last are empty then. */
static bool read_options(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                         const columns *c, ask_error *err)
{
    int n = c->n_options;
    while (n > 0 && !cell(t, row, c->options[n - 1])) n--;
    return n == 0 || data_cells(b, r, t, row, c->options, n, err);
}

static bool read_clip(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                      const columns *c, ask_error *err)
{
    if (!cell(t, row, c->start) && !cell(t, row, c->end)) return true;
    if (!ask_csv_get_double(&r->clip.start_s, t, row, c->start, err) ||
        !ask_csv_get_double(&r->clip.end_s, t, row, c->end, err))
        return false;
    r->has_clip = r->clip.start_s <= r->clip.end_s;
    return r->has_clip || data_fail_at(b, r->row, err, "start_s %g is behind end_s %g",
                                       r->clip.start_s, r->clip.end_s);
}

/* Reads "start-end" and leaves *text behind it. */
static bool parse_window(ask_data_span *out, const char **text)
{
    char number[2][32];
    for (int i = 0; i < 2; i++) {
        size_t n = strspn(*text, "0123456789.");
        if (n >= sizeof number[i]) return false;
        memcpy(number[i], *text, n);
        number[i][n] = '\0';
        *text += n;
        if (i == 0 && **text != '-') return false;
        if (i == 0) ++*text;
    }
    return ask_parse_double(&out->start_s, number[0]) &&
           ask_parse_double(&out->end_s, number[1]) && out->start_s <= out->end_s;
}

/* "3.5-7;12-14" */
static bool read_windows(data_build *b, ask_data_record *r, const char *text,
                         ask_error *err)
{
    int n = 1;
    for (const char *at = text; (at = strchr(at, ';')); at++) n++;
    ask_data_span *windows = data_array(b, (size_t)n, sizeof *windows);
    if (!windows) return ask_fail_memory(err);
    const char *at = text;
    for (int i = 0; i < n; i++) {
        if (!parse_window(&windows[i], &at) || *at != (i + 1 < n ? ';' : '\0'))
            return data_fail_at(b, r->row, err,
                                "column \"windows\": expected start-end;start-end in "
                                "seconds, got \"%s\"",
                                text);
        at++;
    }
    r->windows = windows;
    r->n_windows = n;
    return true;
}

static void read_tags(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                      const columns *c)
{
    for (int i = 0; i < ask_csv_n_columns(t); i++) {
        const char *name = ask_csv_column_name(t, i);
        if (ask_starts_with(name, "tag_")) data_tag(b, r, name + 4, cell(t, row, i));
        if (is_rubric(c, name)) data_tag(b, r, name, cell(t, row, i));
    }
}

static bool read_row(data_build *b, const ask_csv *t, size_t row, const columns *c,
                     ask_error *err)
{
    ask_data_record r = {.row = ask_csv_line(t, row)};
    const char *windows = cell(t, row, c->windows);
    if (!data_cell(b, &r.id, t, row, c->id, err) ||
        !data_cell(b, &r.video, t, row, c->video, err) ||
        !data_cell(b, &r.question, t, row, c->question, err) ||
        !read_options(b, &r, t, row, c, err) || !read_clip(b, &r, t, row, c, err) ||
        (windows && !read_windows(b, &r, windows, err)))
        return false;
    read_tags(b, &r, t, row, c);
    r.language = data_copy(b, cell(t, row, c->language));
    r.subtitles = data_copy(b, cell(t, row, c->subtitles));
    return data_own_settle(b, &r, cell(t, row, c->kind), cell(t, row, c->answer), err) &&
           data_add(b, &r, err);
}

static bool read_table(data_build *b, data_text text, const char *const *rubrics,
                       ask_error *err)
{
    columns c;
    ask_csv *t = ask_csv_parse(text.text, text.bytes, text.name, ',', err);
    bool ok = t && find_columns(&c, t, rubrics, text.name, err);
    for (size_t row = 0; ok && row < ask_csv_n_rows(t); row++)
        ok = read_row(b, t, row, &c, err);
    ask_csv_free(t);
    return ok;
}

bool data_own_table_read(data_build *b, data_text text, ask_error *err)
{
    return read_table(b, text, no_rubrics, err);
}

bool data_tinysocial_read(data_build *b, data_text text, ask_error *err)
{
    return read_table(b, text, tinysocial_rubrics, err);
}
