/* text/charsmap_priv.h - sentencepiece's "precompiled_charsmap": what texts are replaced
 * with before anything else is done with them.
 *
 * Four bytes that count those of the trie; the trie, a double array (Aoe 1989) of 32-bit
 * units as Darts-clone lays them out; and the replacements, each ended by a NUL. All
 * little-endian. */
#ifndef ASK_TEXT_CHARSMAP_PRIV_H
#define ASK_TEXT_CHARSMAP_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
    const char *units; // NULL: a map of nothing
    size_t n_units;
    const char *texts; // UTF-8
    size_t n_texts;    // bytes of them all
} ask_charsmap;

/* Borrows the bytes; none are a map of nothing. Fails: ASK_ERR_FORMAT, saying what is wrong
 * with them. */
bool ask_charsmap_read(ask_charsmap *out, const char *bytes, size_t n_bytes,
                       ask_error *err);

/* The longest beginning of a text that is replaced: its length, and what replaces it; or 0
 * for none. */
size_t ask_charsmap_find(const ask_charsmap *m, const char **with, size_t *n_with,
                         const char *text, size_t n_bytes);

/* Whether some beginning of a text is replaced, and what replaces the shortest of them. */
bool ask_charsmap_find_shortest(const ask_charsmap *m, const char **with, size_t *n_with,
                                const char *text, size_t n_bytes);

#endif
