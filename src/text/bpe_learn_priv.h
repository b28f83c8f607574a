/* text/bpe_learn_priv.h - which merges a set of counted words asks for. */
#ifndef ASK_TEXT_BPE_LEARN_PRIV_H
#define ASK_TEXT_BPE_LEARN_PRIV_H

#include "base/log.h"
#include "text/vocab_priv.h"

/* A word as tokens of the vocabulary. */
typedef struct {
    int32_t *tokens; // becomes fewer as pairs are merged
    uint32_t n;
    int64_t count;
} ask_bpe_word;

typedef struct {
    int32_t left, right; // their texts joined are the text of a token
} ask_bpe_pair;

typedef struct {
    ask_arena *arena; // for texts of new tokens
    ask_vocab *vocab; // holds the alphabet, and has room for all; merged tokens are added
    ask_bpe_word *words;
    size_t n_words;
    size_t n_tokens; // when the vocabulary has so many, it is done
    int64_t min_frequency;
    const ask_progress *progress;
    const ask_cancel *cancel;
} ask_bpe_learning;

/* Learns merges, in order, into *out, an array of *n that the caller frees with free(). */
bool ask_bpe_learn(ask_bpe_pair **out, size_t *n, const ask_bpe_learning *l,
                   ask_error *err);

#endif
