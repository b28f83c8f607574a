/* eval/samples.h - samples.jsonl: the rows of a run, one a line, written as they come. */
#ifndef ASK_EVAL_SAMPLES_H
#define ASK_EVAL_SAMPLES_H

#include "eval/row.h"

typedef struct {
    ask_eval_row *rows; // owned; [n]
    size_t n, capacity;
    ask_arena *room; // owned; what the rows point to
} ask_eval_rows;

ASK_API void ask_eval_rows_free(ask_eval_rows *r); // leaves {0}; {0} is fine

/* Adds a row, which is copied; what it points to is not. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_eval_rows_add(ask_eval_rows *r, const ask_eval_row *row, ask_error *err);

/* Reads the whole lines of a text of n_bytes, which a file named name has. A line that was
 * cut off at the end of the text is left out; *n_whole (may be NULL) is the bytes of the
 * others. Fails: ASK_ERR_FORMAT with "name:line:", ASK_ERR_NOMEM; *out is {0}. */
ASK_API bool ask_eval_rows_parse(ask_eval_rows *out, size_t *n_whole, const char *text,
                                 size_t n_bytes, const char *name, ask_error *err);

/* The same of a file. Fails also: ASK_ERR_IO. */
ASK_API bool ask_eval_rows_read(ask_eval_rows *out, const char *path, ask_error *err);

/* ---- writing ---- */

typedef struct ask_eval_samples ask_eval_samples;

/* Opens a file to go on with, or begins one; *rows are those that are there. A line that
 * was cut off is taken away. Fails: ASK_ERR_USAGE when another process writes to it,
 * ASK_ERR_IO, or as ask_eval_rows_parse. */
ASK_API ask_eval_samples *ask_eval_samples_open(ask_eval_rows *rows, const char *path,
                                                ask_error *err);
ASK_API void ask_eval_samples_close(ask_eval_samples *s); // NULL is fine

/* Adds a line and hands it to the system. Fails: ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API bool ask_eval_samples_add(ask_eval_samples *s, const ask_eval_row *row,
                                  ask_error *err);

#endif
