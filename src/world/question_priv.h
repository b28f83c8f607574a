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

/* An option that is only text. */
ask_world_option ask_option_text(const char *text);

/* Appends an option that is only text, which is freed. */
void ask_asker_add(ask_world_question *q, int *n, ask_asker *a, ask_str *text);

/* Makes a question: the right option first, then the wrong ones in any order. False: the
 * scene gives none of this type, or memory ran out. */
bool ask_draft_presence(ask_world_question *q, ask_asker *a);
bool ask_draft_attribute(ask_world_question *q, ask_asker *a, ask_question_type type);
bool ask_draft_absent(ask_world_question *q, ask_asker *a);
bool ask_draft_order(ask_world_question *q, ask_asker *a);
bool ask_draft_count(ask_world_question *q, ask_asker *a);

/* Where a clip is among n that follow each other, in an order drawn for a purpose: each
 * number from 0 to n - 1 once. */
enum { ASK_QUESTION_MOST_CYCLE = 8 };
int ask_question_cycle(const ask_scene *s, const char *purpose, int n);

/* Moves the right option, which is the first, to its place, and shuffles the others. */
void ask_question_put_in_place(ask_world_question *q, int place, ask_rng *rng);

/* The questions of a full scene; a->failed without memory. */
void ask_families_ask(ask_world_question out[ASK_QUESTIONS_MOST], int *n, ask_asker *a);

/* Appends a pattern with a text in the place of its "%s", if it has one. */
void ask_question_fill(ask_str *out, const char *pattern, const char *text);

/* Appends the words of a pattern, one a line; "%s" is none. */
void ask_question_add_words(ask_str *out, const char *pattern);

/* All words of a file's patterns. */
void ask_question_none_words(ask_str *out);
void ask_question_order_words(ask_str *out);
void ask_question_count_words(ask_str *out);

#endif
