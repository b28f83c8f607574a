/* text/match_priv.h - what a pattern finds in a text, and how a piece is cut by it.
 *
 * Matches cover the whole text, in order and without gaps: those parts that the pattern
 * found, and those between. */
#ifndef ASK_TEXT_MATCH_PRIV_H
#define ASK_TEXT_MATCH_PRIV_H

#include "text/piece_priv.h"
#include "text/regex_priv.h"

typedef struct {
    uint32_t begin, end; // bytes; may be equal where a pattern finds nothing between two
    bool found;
} ask_match;

typedef struct {
    ask_arena *arena; // borrowed
    ask_match *items; // in the arena
    size_t n, capacity;
} ask_matches;

/* Adds what an expression finds, from left to right and without overlap. */
bool ask_matches_of_regex(ask_matches *out, const ask_regex *re, const char *text,
                          uint32_t n_bytes, ask_error *err);

/* Adds each character of the set as a match of its own. */
bool ask_matches_of_characters(ask_matches *out, bool (*is_in_set)(uint32_t c),
                               const char *text, uint32_t n_bytes, ask_error *err);
bool ask_matches_of_character(ask_matches *out, uint32_t c, const char *text,
                              uint32_t n_bytes, ask_error *err);

/* What was found becomes what lies between, and the other way round. */
void ask_matches_invert(ask_matches *m);

/* What becomes of the matches when a piece is cut. */
typedef enum {
    ASK_SPLIT_REMOVED,              // they are left out
    ASK_SPLIT_ISOLATED,             // each is a piece
    ASK_SPLIT_MERGED_WITH_PREVIOUS, // each goes to what stands before it
    ASK_SPLIT_MERGED_WITH_NEXT,     // each goes to what stands behind it
    ASK_SPLIT_CONTIGUOUS,           // neighbouring ones are one piece
} ask_split_behavior;

/* Adds the parts of a piece, cut by its matches. */
bool ask_piece_split(ask_pieces *out, const ask_piece *p, const ask_matches *m,
                     ask_split_behavior behavior, ask_error *err);

#endif
