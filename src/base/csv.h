/* base/csv.h - tables in comma-separated text (RFC 4180), in and out.
 *
 *     ask_csv *t = ask_csv_read("val.csv", ',', err);
 *     int question;
 *     if (!t || !ask_csv_find_column(&question, t, "question", err)) goto fail;
 *     for (size_t r = 0; r < ask_csv_n_rows(t); r++) use(ask_csv_cell(t, r, question));
 *
 * The first row names the columns. Rows end in LF, CRLF or CR; empty lines are skipped; a
 * byte order mark is skipped. A cell in quotes may hold separators, line ends and doubled
 * quotes; a quote in the middle of a cell without quotes is just a character. Text is
 * UTF-8. */
#ifndef ASK_BASE_CSV_H
#define ASK_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "base/str.h"

/* ---- reading ---- */

typedef struct ask_csv ask_csv;

/* Reads a table. separator is ',' or '\t' or whatever the file uses; a copy of name stands
 * in front of messages. Freed with ask_csv_free. Fails: ASK_ERR_FORMAT with "name:line:"
 * for a row that is not as wide as the first, a quote that is not closed or has text behind
 * it, a NUL, malformed UTF-8, an empty file; ASK_ERR_NOMEM. */
ASK_API ask_csv *ask_csv_parse(const char *text, size_t bytes, const char *name,
                               char separator, ask_error *err);

/* The same from a file of at most 1 GiB. Fails also with ASK_ERR_IO and ASK_ERR_LIMIT. */
ASK_API ask_csv *ask_csv_read(const char *path, char separator, ask_error *err);

ASK_API void ask_csv_free(ask_csv *t); // NULL is fine

ASK_API int ask_csv_n_columns(const ask_csv *t);
ASK_API size_t ask_csv_n_rows(const ask_csv *t); // without the row of names

/* The name of a column; borrowed from the table. */
ASK_API const char *ask_csv_column_name(const ask_csv *t, int column);

/* The first column of this name, or -1. */
ASK_API int ask_csv_column(const ask_csv *t, const char *name);

/* The same for a column that must be there. ASK_ERR_FORMAT names it and those that are. */
ASK_API bool ask_csv_find_column(int *out, const ask_csv *t, const char *name,
                                 ask_error *err);

/* The text of a cell; borrowed from the table. row < n_rows, column < n_columns. */
ASK_API const char *ask_csv_cell(const ask_csv *t, size_t row, int column);

/* A cell that must be an integer from min to max. ASK_ERR_FORMAT tells line and column. */
ASK_API bool ask_csv_get_int(int64_t *out, const ask_csv *t, size_t row, int column,
                             int64_t min, int64_t max, ask_error *err);

/* A cell that must be a finite number. */
ASK_API bool ask_csv_get_double(double *out, const ask_csv *t, size_t row, int column,
                                ask_error *err);

/* The line of the file on which a row begins, counted from 1. */
ASK_API size_t ask_csv_line(const ask_csv *t, size_t row);

/* ---- writing ---- */

/* Appends cells to a text, row by row; cells are put in quotes where that is needed. Rows
 * end in LF. ask_csv_writer w = {.out = &text, .separator = ','}; ask_csv_put(&w, "t_s"),
 * ask_csv_put(&w, "score"), ask_csv_end_row(&w); */
typedef struct {
    ask_str *out; // borrowed
    char separator;
    int n_cells;  // private: cells of the row so far
    size_t begin; // private: where the row begins in *out
} ask_csv_writer;

ASK_API void ask_csv_put(ask_csv_writer *w, const char *text);
ASK_API void ask_csv_put_int(ask_csv_writer *w, int64_t value);
ASK_API void ask_csv_put_double(ask_csv_writer *w,
                                double value); // fewest digits; NaN empty
ASK_API void ask_csv_end_row(ask_csv_writer *w);

#endif
