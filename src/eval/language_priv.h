/* eval/language_priv.h - texts in the language of the playroom, for a calibration. */
#ifndef ASK_EVAL_LANGUAGE_PRIV_H
#define ASK_EVAL_LANGUAGE_PRIV_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "world/question.h"

/* Texts that are true of any picture of toys. */
enum { LANGUAGE_N_BACKGROUND = 8 };
extern const char *const language_background[LANGUAGE_N_BACKGROUND];

/* n captions of toys drawn by seed, as training speaks of them: most have a colour and a
 * shape, some a size, a texture, a place, an event. None speaks of what only the test split
 * has. NULL: ASK_ERR_NOMEM. */
const char *const *language_sentences(ask_arena *arena, uint64_t seed, int n,
                                      ask_error *err);

/* Words in the order of bytes, each once. Start with {.arena = a}. */
typedef struct {
    ask_arena *arena;
    const char **items;
    int n, room;
} language_words;

/* Adds the words of a text (vqa/standard.h says what a word is). */
bool language_add(language_words *words, const char *text, ask_error *err);

/* Adds the words that training speaks with; of full worlds those of their questions too. */
bool language_add_trained(language_words *words, bool full, ask_error *err);

/* Adds those of a question and its options. */
bool language_add_question(language_words *words, const ask_world_question *q,
                           ask_error *err);

#endif
