/* text/pre_tokenizer_priv.h - pre-tokenizers: texts cut into words, within which tokens
 * stay.
 *
 * Read from tokenizer.json's "pre_tokenizer"; a Sequence in it becomes the list. */
#ifndef ASK_TEXT_PRE_TOKENIZER_PRIV_H
#define ASK_TEXT_PRE_TOKENIZER_PRIV_H

#include "text/match_priv.h"
#include "text/parts_priv.h"
#include "text/sentence_priv.h"

/* Where a mark for spaces is put in front of a text that does not begin with one. */
typedef enum { ASK_PREPEND_ALWAYS, ASK_PREPEND_FIRST, ASK_PREPEND_NEVER } ask_prepend;

typedef struct ask_pre_tokenizer ask_pre_tokenizer;
struct ask_pre_tokenizer {
    /* Adds what one piece becomes. */
    bool (*apply)(const ask_pre_tokenizer *t, ask_pieces *out, ask_piece *p,
                  ask_error *err);
    const ask_regex *pattern;    // NULL: not cut by an expression
    ask_split_behavior behavior; // what becomes of what was found
    bool invert;                 // Split: cut at what the pattern does not find
    bool (*is_in_set)(uint32_t c);
    uint32_t character;           // Metaspace: the mark; CharDelimiterSplit
    const char *mark;             // Metaspace: the same as a text
    ask_prepend prepend;          // Metaspace
    bool split;                   // Metaspace: cut at marks
    bool add_prefix_space;        // ByteLevel
    const ask_sentence *sentence; // of a tokenizer.model
};

typedef struct {
    ask_pre_tokenizer *items;
    size_t n, capacity;
} ask_pre_tokenizers;

/* The expression that GPT-2 finds words with. */
extern const char ask_words_of_gpt2[];

/* v may be absent or null: then there are none. */
bool ask_pre_tokenizers_read(ask_pre_tokenizers *out, ask_parts *parts, ask_json_value v,
                             ask_error *err);

/* Cuts out the symbols of a tokenizer.model; s is borrowed. */
bool ask_pre_tokenizers_add_sentence(ask_pre_tokenizers *out, ask_arena *arena,
                                     const ask_sentence *s, ask_error *err);

/* Cuts all pieces that are no added tokens. */
bool ask_pre_tokenize(const ask_pre_tokenizers *t, ask_pieces *pieces, ask_error *err);

/* The fields of a Metaspace, which decoders have too. */
bool ask_metaspace_read(uint32_t *character, ask_prepend *prepend, ask_json_value v,
                        ask_error *err);

#endif
