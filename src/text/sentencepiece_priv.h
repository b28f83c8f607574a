/* text/sentencepiece_priv.h - the protobuf of sentencepiece, tokenizer.model: pieces with
 * scores, and what is done with a text before (Kudo and Richardson 2018). */
#ifndef ASK_TEXT_SENTENCEPIECE_PRIV_H
#define ASK_TEXT_SENTENCEPIECE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* The values are those of the files. */
typedef enum {
    ASK_PIECE_NORMAL = 1,
    ASK_PIECE_UNKNOWN,
    ASK_PIECE_CONTROL,      // never found in a text
    ASK_PIECE_USER_DEFINED, // always found in a text
    ASK_PIECE_UNUSED,
    ASK_PIECE_BYTE,
} ask_piece_type;

typedef enum {
    ASK_SENTENCEPIECE_UNIGRAM = 1,
    ASK_SENTENCEPIECE_BPE,
    ASK_SENTENCEPIECE_WORD,
    ASK_SENTENCEPIECE_CHAR,
} ask_sentencepiece_kind;

typedef struct {
    const char *text; // in the arena, UTF-8, not empty, ended by a NUL
    uint32_t n_bytes;
    float score; // a number
    ask_piece_type type;
} ask_scored_piece;

typedef struct {
    ask_scored_piece *pieces; // by id; two may have the same text
    size_t n;
    ask_sentencepiece_kind kind;
    size_t unknown; // the id of the one piece of that type
    bool byte_fallback;
    bool space_behind; // the dummy space goes behind the text
    bool dummy_space, remove_spaces, mark_spaces;
    bool symbols_are_added; // what the user defined is found in the text as it is, as an
                            // added token that is not special; else where spaces are marks
    const char *charsmap;   // in the arena
    size_t n_charsmap;
} ask_sentencepiece;

/* Fails: ASK_ERR_FORMAT for what is damaged, with the place; ASK_ERR_UNSUPPORTED for unused
 * pieces and denormalizers; ASK_ERR_LIMIT for very long pieces; ASK_ERR_NOMEM. All kinds
 * are read; name stands in messages. */
bool ask_sentencepiece_read(ask_sentencepiece *out, ask_arena *arena, const char *bytes,
                            size_t n_bytes, const char *name, ask_error *err);

#endif
