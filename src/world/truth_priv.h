/* world/truth_priv.h - the words that stand for values in the truth of a clip. */
#ifndef ASK_WORLD_TRUTH_PRIV_H
#define ASK_WORLD_TRUTH_PRIV_H

#include "world/clip.h"

typedef enum {
    ASK_WORDS_COLOR, // the first six: what a phrase can demand
    ASK_WORDS_SHAPE,
    ASK_WORDS_SIZE,
    ASK_WORDS_TEXTURE,
    ASK_WORDS_PLACE,
    ASK_WORDS_EVENT,
    ASK_WORDS_SPLIT,
    ASK_WORDS_QUESTION,
    ASK_WORDS_SAYING,
    ASK_WORDS_QUERY,
} ask_truth_words;

enum { ASK_N_PHRASE_FIELDS = ASK_WORDS_EVENT + 1 };

/* How many values there are, and the word for each. */
int ask_truth_n_words(ask_truth_words of);
const char *ask_truth_word(ask_truth_words of, int value);

/* What a phrase demands of colour, shape, ...; its key in the file. */
int8_t *ask_truth_phrase_field(ask_phrase *p, ask_truth_words of);
const char *ask_truth_phrase_key(ask_truth_words of);

#endif
