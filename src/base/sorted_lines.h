/* base/sorted_lines.h - the lines of a text as a set. */
#ifndef ASK_BASE_SORTED_LINES_H
#define ASK_BASE_SORTED_LINES_H

#include <stddef.h>

#include "base/error.h"

/* Cuts a text (NULL: an empty one) up into its lines, in the order of bytes, each once,
 * without empty ones. They point into the text; the list is freed with free(). NULL and
 * ASK_ERR_NOMEM without memory. */
ASK_API const char **ask_sorted_lines(char *text, size_t *n, ask_error *err);

#endif
