/* train/log.h - the log of a training: a line of JSON a time.
 *
 * Lines are written as they come, so that a training can be watched. One that is resumed
 * takes away the lines of steps that will be made again. */
#ifndef ASK_TRAIN_LOG_H
#define ASK_TRAIN_LOG_H

#include <stdint.h>

#include "base/str.h"

typedef struct ask_train_log ask_train_log;

/* Opens the file for the lines that follow step `after`: 0 begins an empty one; else those
 * of the file stay that have a "step" of at most that. Fails: ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API ask_train_log *ask_train_log_open(const char *path, int64_t after, ask_error *err);

/* Adds a line, which must end with a newline. */
ASK_API bool ask_train_log_add(ask_train_log *log, const ask_str *line, ask_error *err);
ASK_API void ask_train_log_close(ask_train_log *log); // NULL is fine

#endif
