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
    const char *score; // of choices: "mean" or "sum"
    bool no_checks, stream;
} cli_ask_words;

/* Refuses a score that there is not. Fails: ASK_ERR_USAGE. */
bool cli_ask_words_check_score(const char *score, ask_error *err);

/* Fills the record: what will be done, or what came of it. Fails as vqa/reply.h. */
bool cli_ask_words_plan(ask_record *r, const cli_ask_words *a, ask_error *err);
bool cli_ask_words_answer(ask_record *r, const cli_ask_words *a, ask_error *err);

#endif
