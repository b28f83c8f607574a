/* text/unigram_priv.h - Unigram: the tokens of a text whose scores together are best.
 *
 * After: Kudo 2018, "Subword Regularization"; the best way is found front to back (Viterbi
 * 1967). What ends at a place is reached in the best way, and of two that are as good by
 * the one that begins first. A character that is no token by itself may be an unknown one,
 * for the lowest score less ten; unknown neighbours are one token. */
#ifndef ASK_TEXT_UNIGRAM_PRIV_H
#define ASK_TEXT_UNIGRAM_PRIV_H

#include "base/json.h"
#include "text/trie_priv.h"
#include "text/vocab_priv.h"
#include "text/word_tokens_priv.h"

typedef struct {
    ask_vocab vocab;       // also of what is never found in a text
    ask_trie trie;         // ids of what is
    double *scores;        // by id
    double unknown_score;  // of a character
    int64_t unknown_id;    // -1: none
    bool byte_fallback;    // unknown characters become <0x00> ... <0xFF>
    bool as_sentencepiece; // sums are single precision, and what is unknown stays so even
                           // where it is a token as a whole
} ask_unigram;

/* Reads {"type": "Unigram", "vocab": [[text, score], ...], "unk_id": ..., ...}. */
bool ask_unigram_read(ask_unigram *out, ask_arena *arena, ask_json_value model,
                      ask_error *err);

/* What a character costs that is unknown, beyond the lowest score. */
#define ASK_UNIGRAM_PENALTY 10.0

/* The best way to a place of a text. */
typedef struct {
    double score;
    uint32_t begin; // of the token that ends here
    int32_t id;     // of it; -1: none ends here yet
} ask_unigram_way;

/* Memory that is used again from word to word; begin with {0}. */
typedef struct {
    ask_unigram_way *ways;
    size_t capacity;
} ask_unigram_scratch;

void ask_unigram_scratch_free(ask_unigram_scratch *s);

/* The tokens of a word, which is not empty. */
bool ask_unigram_encode(const ask_unigram *u, ask_unigram_scratch *s, ask_word_tokens *out,
                        const char *word, size_t n_bytes, ask_error *err);

#endif
