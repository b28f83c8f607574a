/* text/lines.h - the lines of text files, one after the other.
 *
 * A line keeps its line feed. Files are UTF-8, with or without a byte order mark. */
#ifndef ASK_TEXT_LINES_H
#define ASK_TEXT_LINES_H

#include <stddef.h>

#include "base/log.h"

typedef struct ask_lines ask_lines;

/* paths and cancel are borrowed until it is closed; "-" is the standard input. A wish to
 * stop is heard while a pipe is waited for; cancel may be NULL. */
ASK_API ask_lines *ask_lines_open(const char *const *paths, int n_paths,
                                  const ask_cancel *cancel, ask_error *err);
ASK_API void ask_lines_close(ask_lines *l); // NULL is fine

/* The next line, borrowed until the next call; NULL after the last. It may hold zero bytes.
 * lines is an ask_lines: this is the `next` of an ask_text_source.
 * Fails: ASK_ERR_IO; ASK_ERR_FORMAT, with file and line, for what is not UTF-8;
 * ASK_ERR_LIMIT for a line beyond 16 MiB; ASK_ERR_CANCELLED, ASK_ERR_NOMEM. After a line
 * that is not UTF-8, and after a wish to stop, it goes on with the next. */
ASK_API bool ask_lines_next(void *lines, const char **text, size_t *n_bytes,
                            ask_error *err);

#endif
