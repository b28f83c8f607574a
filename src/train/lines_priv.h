/* train/lines_priv.h - a file of lines about steps, which grows while a training runs. */
#ifndef ASK_TRAIN_LINES_PRIV_H
#define ASK_TRAIN_LINES_PRIV_H

#include <stdint.h>

#include "base/str.h"

typedef struct train_lines train_lines;

/* The step that a line is about: 0 for one that always stays (names of columns); false for
 * one that was cut off. */
typedef bool (*train_step_of_line)(int64_t *out, const char *line, size_t n_bytes);

/* Opens the file for the lines that follow step `after`: 0 begins an empty one; else those
 * of the file stay that are about at most that. Fails: ASK_ERR_IO, ASK_ERR_NOMEM. */
train_lines *train_lines_open(const char *path, int64_t after, train_step_of_line step_of,
                              ask_error *err);

/* Adds lines, the last of which ends with a newline. */
bool train_lines_add(train_lines *l, const ask_str *text, ask_error *err);

/* Sees to it that the first line is this one, with its newline: adds it to an empty file,
 * and fails with ASK_ERR_FORMAT where another one is. */
bool train_lines_head(train_lines *l, const ask_str *line, ask_error *err);
void train_lines_close(train_lines *l); // NULL is fine

#endif
