/* base/json_scan_priv.h - what is settled about a JSON text before jansson reads it.
 *
 * Nothing is assumed about the text: it may be no JSON at all, and then jansson says so. */
#ifndef ASK_BASE_JSON_SCAN_PRIV_H
#define ASK_BASE_JSON_SCAN_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The line on which objects and arrays are first nested deeper than max_depth; 0 when they
 * never are. (jansson recurses, up to a depth of its own.) */
int ask_json_line_too_deep(const char *text, size_t bytes, int max_depth);

/* jansson refuses a text with an integer beyond 64 bits. Makes a copy in which each of them
 * is a real number of the same length: its last two digits become an exponent, 17 and more
 * stay. *copy is for the caller to free; NULL when there is nothing to change. */
bool ask_json_widen_integers(char **copy, const char *text, size_t bytes, ask_error *err);

#endif
