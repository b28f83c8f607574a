/* text/sentence_priv.h - what sentencepiece does with a text before its model sees it
 * (Kudo and Richardson 2018): characters are replaced, spaces become marks, one goes in
 * front.
 *
 * What the user defined as symbols stays as it is, and is a token by itself. */
#ifndef ASK_TEXT_SENTENCE_PRIV_H
#define ASK_TEXT_SENTENCE_PRIV_H

#include "text/charsmap_priv.h"
#include "text/piece_priv.h"
#include "text/tree_priv.h"

/* U+2581, the mark of a space. */
#define ASK_SENTENCE_MARK "\xE2\x96\x81"

/* Where the text's own space is put. */
typedef enum {
    ASK_DUMMY_NONE,
    ASK_DUMMY_ALWAYS,
    ASK_DUMMY_FIRST, // at the beginning of the whole text, unless it begins with a space
} ask_dummy_space;

typedef struct {
    ask_charsmap charsmap;
    ask_tree symbols; // their ids
    ask_dummy_space dummy;
    bool dummy_behind;  // the text's own space goes to its end
    bool remove_spaces; // runs of spaces become one, and those at the ends go
    bool keep_first;    // but of those in front one stays, as the text's own space
    bool mark_spaces;   // spaces become marks
} ask_sentence;

/* What the text of a piece becomes. */
bool ask_sentence_normalize(const ask_sentence *s, ask_piece *p, ask_arena *arena,
                            ask_error *err);

/* Adds the parts of a normalized piece; its symbols are tokens. */
bool ask_sentence_cut(const ask_sentence *s, ask_pieces *out, const ask_piece *p,
                      ask_error *err);

#endif
