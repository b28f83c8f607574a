/* base/options.h - option structs that may grow.
 *
 * The first member of every public option struct is `size_t struct_size`: the sizeof of it
 * in the header that the caller was compiled with (0: in this one). Fields that a caller
 * does not have keep their defaults. */
#ifndef ASK_BASE_OPTIONS_H
#define ASK_BASE_OPTIONS_H

#include <stddef.h>
#include <string.h>

/* Copies what the caller gave over *out, which holds the defaults and has out_bytes. given
 * may be NULL. */
static inline void ask_options_take(void *out, size_t out_bytes, const void *given)
{
    if (!given) return;
    size_t bytes;
    memcpy(&bytes, given, sizeof bytes);
    if (bytes == 0 || bytes > out_bytes) bytes = out_bytes;
    memcpy(out, given, bytes);
}

#endif
