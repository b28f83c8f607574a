/* vqa/question_priv.h - a question with choices as the texts that frames are held against.
 */
#ifndef ASK_VQA_QUESTION_PRIV_H
#define ASK_VQA_QUESTION_PRIV_H

#include "vqa/ask.h"

/* The rules of ask_ask_check but for those of options. */
bool question_check(const char *question, const char *const *choices, int n_choices,
                    ask_error *err);

/* One allocation: the question, then "question choice" for each choice; 1 + n_choices
 * texts. Freed with free(). NULL without memory. */
const char **question_texts(const char *question, const char *const *choices, int n_choices,
                            ask_error *err);

#endif
