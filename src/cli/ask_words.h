/* cli/ask_words.h - `ask` with a model that writes: the answer in words, or the choice that
 * it finds likeliest. */
#ifndef ASK_CLI_ASK_WORDS_H
#define ASK_CLI_ASK_WORDS_H

#include "cli/words.h"

typedef struct {
    cli_study *study; // its video and model are open
    const cli_words_values *words;
    const char *question;
    const cli_list *choices;
    int64_t seed;
    bool no_checks, stream;
} cli_ask_words;

/* Fills the record: what will be done, or what came of it. Fails as vqa/reply.h. */
bool cli_ask_words_plan(ask_record *r, const cli_ask_words *a, ask_error *err);
bool cli_ask_words_answer(ask_record *r, const cli_ask_words *a, ask_error *err);

#endif
