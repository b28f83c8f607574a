/* text/encoding_priv.h - tokens of one text while post-processors work on them. */
#ifndef ASK_TEXT_ENCODING_PRIV_H
#define ASK_TEXT_ENCODING_PRIV_H

#include "base/arena.h"
#include "text/tokenizer.h"

typedef struct {
    ask_token token;
    const char
        *text; // what stands for it in the vocabulary; of an added one, what was found
    uint32_t n_bytes;
} ask_encoded;

typedef struct {
    ask_encoded *items; // in the arena of the call
    size_t n, capacity;
} ask_encoding;

/* One for each text at first; post-processors may make more. */
typedef struct {
    ask_arena *arena; // borrowed
    ask_encoding *items;
    size_t n, capacity;
} ask_encodings;

bool ask_encoding_add(ask_encoding *e, ask_arena *arena, ask_encoded t, ask_error *err);
bool ask_encodings_add(ask_encodings *list, ask_encoding e, ask_error *err);

#endif
