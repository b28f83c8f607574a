/* vqa/own_answers_priv.h - what is told of the many answers that a model has of its own.
 *
 * Pure arithmetic on log-probabilities. */
#ifndef ASK_VQA_OWN_ANSWERS_PRIV_H
#define ASK_VQA_OWN_ANSWERS_PRIV_H

#include "vqa/checks.h"

/* log (1 - P) - log P, where P is the probability of all answers that deny; false where
 * none does, or all do. */
bool own_presence(double *out, const double *scores, const bool *denies, int n);

/* Answers that are told: places among the scores. */
enum { OWN_BEST = 5 };
typedef struct {
    int items[ASK_MOST_CHOICES > OWN_BEST + ASK_N_CHECKS ? ASK_MOST_CHOICES
                                                         : OWN_BEST + ASK_N_CHECKS];
    int n;
} answer_list;

/* All of n choices, in their order. */
answer_list answer_list_of(int n);

/* The best OWN_BEST and what the checks answered, best first; these answers then become
 * places in the list. checks may be NULL. */
answer_list answer_list_best(const double *scores, int n, ask_checks *checks);

/* Where an answer stands in the list; its length: nowhere. */
int answer_list_find(const answer_list *l, int item);

#endif
