/* base/utf8.h - text as Unicode characters.
 *
 * Strict as in RFC 3629: overlong forms, surrogates, values above U+10FFFF and truncated
 * sequences are malformed. */
#ifndef ASK_BASE_UTF8_H
#define ASK_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"

/* Reads one character from the first n_bytes of text. Returns the bytes it takes (1 to 4);
 * 0, with *out untouched, when they are malformed or n_bytes is 0. */
ASK_API int ask_utf8_decode(uint32_t *out, const char *text, size_t n_bytes);

/* Writes one character, without a NUL. Returns the bytes written (1 to 4), or 0 for what is
 * not a character (surrogates, above U+10FFFF). */
ASK_API int ask_utf8_encode(char out[4], uint32_t character);

ASK_API bool ask_utf8_valid(const char *text, size_t n_bytes);

/* Characters in text; a malformed byte counts as one. */
ASK_API size_t ask_utf8_length(const char *text, size_t n_bytes);

/* Copies text as one line that is safe to show on a terminal: control characters, line and
 * paragraph separators, direction overrides and malformed bytes become '?'. What does not
 * fit is cut between characters, with "..." at the end. size is at least 4. */
ASK_API void ask_utf8_line(char *out, size_t size, const char *text);

#endif
