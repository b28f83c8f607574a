/* base/str.h - text that grows, and small questions about text.
 *
 * Texts are UTF-8 and end with a NUL. Formatting is that of the C locale whatever the
 * program's locale is: the decimal point is a point. */
#ifndef ASK_BASE_STR_H
#define ASK_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/api.h"
#include "base/error.h"

/* A growing text. Start with {0}; no call is needed before the first append. When memory
 * runs out, `failed` is set, what is there stays, and later appends do nothing: so a whole
 * document can be written and checked once, by ask_str_take. */
typedef struct {
    char *data;      // owned; NULL until something is appended; data[length] is NUL
    size_t length;   // bytes, without the NUL
    size_t capacity; // bytes allocated
    bool failed;     // memory ran out at some append
} ask_str;

ASK_API void ask_str_append(ask_str *s, const char *text);
ASK_API void ask_str_append_bytes(ask_str *s, const void *bytes, size_t n_bytes);
ASK_API void ask_str_append_char(ask_str *s, char c);
ASK_API void ask_str_printf(ask_str *s, const char *format, ...) ASK_PRINTF(2, 3);
ASK_API void ask_str_vprintf(ask_str *s, const char *format, va_list args) ASK_PRINTF(2, 0);

/* The text so far; "" when nothing was appended. Borrowed until the next append. */
ASK_API const char *ask_str_text(const ask_str *s);

/* Empties the text and the failed flag but keeps the memory. */
ASK_API void ask_str_clear(ask_str *s);

/* Hands the text over: the caller frees it with free(). NULL and ASK_ERR_NOMEM when an
 * append failed. Either way *s is {0} afterwards. */
ASK_API char *ask_str_take(ask_str *s, ask_error *err);

ASK_API void ask_str_free(ask_str *s);

/* A copy that the caller frees with free(); NULL and ASK_ERR_NOMEM without memory. */
ASK_API char *ask_strdup(const char *text, ask_error *err);

/* snprintf and vsnprintf in the C locale. */
ASK_API int ask_format(char *out, size_t size, const char *format, ...) ASK_PRINTF(3, 4);
ASK_API int ask_vformat(char *out, size_t size, const char *format, va_list args)
    ASK_PRINTF(3, 0);

ASK_API bool ask_starts_with(const char *text, const char *prefix);
ASK_API bool ask_ends_with(const char *text, const char *suffix);

/* Whether the whole text fits the pattern: '*' is any run of characters, also none and also
 * over '/'; '?' is one character; everything else is itself. */
ASK_API bool ask_glob_match(const char *pattern, const char *text);

/* Order in which people count: runs of digits compare as numbers (frame2 < frame10), the
 * rest as bytes. Less than, equal to or greater than 0; 0 only for equal texts. */
ASK_API int ask_compare_natural(const char *a, const char *b);

#endif
