/* text/wordpiece_priv.h - WordPiece: a word to tokens, each the longest that the vocabulary
 * has for what is left of the word.
 *
 * After: Wu et al. 2016; Devlin et al. 2019 (BERT). Tokens within a word are those with a
 * prefix. A word that does not come out even, or is too long, is the unknown token. */
#ifndef ASK_TEXT_WORDPIECE_PRIV_H
#define ASK_TEXT_WORDPIECE_PRIV_H

#include "base/json.h"
#include "text/trie_priv.h"
#include "text/vocab_priv.h"
#include "text/word_tokens_priv.h"

typedef struct {
    ask_vocab vocab;
    const char *unknown;
    int32_t unknown_id; // -1: not in the vocabulary
    const char *prefix; // of tokens within a word
    int64_t max_characters;
    ask_trie trie;  // made by ask_wordpiece_prepare, as `within` is
    int64_t within; // the node where tokens within a word go on; -1: there are none
} ask_wordpiece;

/* Reads {"type": "WordPiece", "vocab": ..., ...}; strings go to the arena. */
bool ask_wordpiece_read(ask_wordpiece *out, ask_arena *arena, ask_json_value model,
                        ask_error *err);

/* The steps of it, for a vocabulary that stands elsewhere. */
bool ask_wordpiece_read_options(ask_wordpiece *out, ask_arena *arena, ask_json_value model,
                                ask_error *err);
bool ask_wordpiece_prepare(ask_wordpiece *w, ask_arena *arena, ask_error *err);

/* The tokens of a word, which is not empty. */
bool ask_wordpiece_encode(const ask_wordpiece *w, ask_word_tokens *out, const char *word,
                          size_t n_bytes, ask_error *err);

#endif
