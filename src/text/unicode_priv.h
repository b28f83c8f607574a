/* text/unicode_priv.h - what Unicode says about a character. The only door to utf8proc.
 *
 * Characters are code points of valid UTF-8, so never surrogates. Questions about
 * characters newer than the library's Unicode are answered as for unassigned ones. */
#ifndef ASK_TEXT_UNICODE_PRIV_H
#define ASK_TEXT_UNICODE_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/version.h"

/* Sets of characters; all have the type that ask_matches_of_characters takes. */
bool ask_unicode_is_space(uint32_t c);  // the property White_Space
bool ask_unicode_is_word(uint32_t c);   // \w of UTS 18: letters, marks, digits, connectors
bool ask_unicode_is_number(uint32_t c); // the categories Nd, Nl, No
bool ask_unicode_is_punctuation(uint32_t c); // the categories P*, and all ASCII punctuation
bool ask_unicode_is_mark(uint32_t c);        // the categories Mn, Mc, Me
bool ask_unicode_is_nonspacing(uint32_t c);  // the category Mn
bool ask_unicode_is_control(uint32_t c);     // the categories Cc, Cf, Co

/* Writes the lower case of c, without regard to its surroundings. Returns 1 or 2. */
int ask_unicode_lower(uint32_t out[2], uint32_t c);

/* The same for the upper case, and for the case of a letter that begins a word. Returns 1
 * to 3. */
int ask_unicode_upper(uint32_t out[3], uint32_t c);
int ask_unicode_title(uint32_t out[3], uint32_t c);

bool ask_unicode_is_letter(uint32_t c);    // the categories L*
bool ask_unicode_is_digit(uint32_t c);     // the category Nd
bool ask_unicode_is_printable(uint32_t c); // assigned, visible, or the space of ASCII

typedef enum {
    ASK_UNICODE_NO_CASE,
    ASK_UNICODE_UPPER,
    ASK_UNICODE_LOWER,
    ASK_UNICODE_TITLE,
} ask_unicode_case;
ask_unicode_case ask_unicode_case_of(uint32_t c);

enum { ASK_UNICODE_MAX_DECOMPOSED = 18 }; // U+FDFA

/* The full decomposition of c, canonical or compatible (UAX 15). Returns how many. */
int ask_unicode_decompose(uint32_t out[ASK_UNICODE_MAX_DECOMPOSED], uint32_t c,
                          bool compatible);

/* The primary composite of two characters, Hangul included; 0 when there is none. */
uint32_t ask_unicode_compose(uint32_t first, uint32_t second);

uint8_t ask_unicode_combining_class(uint32_t c);

/* Whether a grapheme cluster (UAX 29, extended) ends between two neighbours. *state goes
 * through a cluster, from pair to pair; it begins with 0. */
bool ask_unicode_is_boundary(uint32_t before, uint32_t c, int32_t *state);

ask_library ask_unicode_library(void); // utf8proc

#endif
