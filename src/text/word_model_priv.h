/* text/word_model_priv.h - the model of a tokenizer, whichever kind it is: a word to tokens
 * of a vocabulary. */
#ifndef ASK_TEXT_WORD_MODEL_PRIV_H
#define ASK_TEXT_WORD_MODEL_PRIV_H

#include "text/bpe_priv.h"
#include "text/unigram_priv.h"
#include "text/wordpiece_priv.h"

typedef enum {
    ASK_WORD_MODEL_BPE,
    ASK_WORD_MODEL_WORDPIECE,
    ASK_WORD_MODEL_UNIGRAM,
    ASK_N_WORD_MODELS,
} ask_word_model_kind;

typedef struct {
    ask_word_model_kind kind;
    union {
        ask_bpe bpe;
        ask_wordpiece wordpiece;
        ask_unigram unigram;
    };
} ask_word_model;

/* Reads tokenizer.json's "model"; strings go to the arena. */
bool ask_word_model_read(ask_word_model *out, ask_arena *arena, ask_json_value model,
                         ask_error *err);

/* Reads what is not its vocabulary, of a kind that is set and whose vocabulary is there. */
bool ask_word_model_read_options(ask_word_model *out, ask_arena *arena,
                                 ask_json_value model, ask_error *err);

const ask_vocab *ask_word_model_vocab(const ask_word_model *m);
int64_t ask_word_model_unknown(const ask_word_model *m); // an id; -1: none

/* Memory that is used again from word to word; begin with {0}. */
typedef struct {
    ask_bpe_scratch bpe;
    ask_unigram_scratch unigram;
    ask_word_tokens tokens; // the result of the last word
} ask_word_scratch;

void ask_word_scratch_free(ask_word_scratch *s);

/* The tokens of a word, which is not empty, into s->tokens. */
bool ask_word_model_encode(const ask_word_model *m, ask_word_scratch *s, const char *word,
                           size_t n_bytes, ask_error *err);

#endif
