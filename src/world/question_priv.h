/* world/question_priv.h - how a question is made: a draft with the right option first. */
#ifndef ASK_WORLD_QUESTION_PRIV_H
#define ASK_WORLD_QUESTION_PRIV_H

#include "world/question.h"

typedef struct {
    ask_world_seen seen;
    ask_rng rng;
    ask_arena *texts;
    bool failed; // memory ran out
} ask_asker;

/* A copy in the arena; frees *text. */
const char *ask_asker_keep(ask_asker *a, ask_str *text);

/* A question with no option yet, of no moment and in a random wording. */
ask_world_question ask_asker_begin(ask_asker *a, ask_question_type type);

/* Appends an option that is only text, which is freed. */
void ask_asker_add(ask_world_question *q, int *n, ask_asker *a, ask_str *text);

/* Makes a question: the right option first, then the wrong ones in any order. False: the
 * scene gives none of this type, or memory ran out. */
bool ask_draft_presence(ask_world_question *q, ask_asker *a);
bool ask_draft_attribute(ask_world_question *q, ask_asker *a, ask_question_type type);
bool ask_draft_absent(ask_world_question *q, ask_asker *a);
bool ask_draft_order(ask_world_question *q, ask_asker *a);
bool ask_draft_count(ask_world_question *q, ask_asker *a);

/* Appends a pattern with a text in the place of its "%s", if it has one. */
void ask_question_fill(ask_str *out, const char *pattern, const char *text);

/* Appends the words of a pattern, one a line; "%s" is none. */
void ask_question_add_words(ask_str *out, const char *pattern);

/* All words of a file's patterns. */
void ask_question_none_words(ask_str *out);
void ask_question_order_words(ask_str *out);
void ask_question_count_words(ask_str *out);

#endif
