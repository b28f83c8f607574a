/* base/base64.h - bytes from text (RFC 4648, the alphabet with + and /). */
#ifndef ASK_BASE_BASE64_H
#define ASK_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/api.h"

/* The most bytes that a text of that length stands for. */
ASK_API size_t ask_base64_most(size_t n_text);

/* Writes them, and puts their number into *n. The text ends with padding where its length
 * wants it, and holds nothing else. False, with *n untouched, for what is no such text. */
ASK_API bool ask_base64_decode(void *out, size_t *n, const char *text, size_t n_text);

#endif
