/* eval/told_priv.h - what answers and searches (vqa/ask.h, focus/find.h) tell a run. All of
 * it is put into `room`; false without memory. */
#ifndef ASK_EVAL_TOLD_PRIV_H
#define ASK_EVAL_TOLD_PRIV_H

#include "eval/answerer.h"
#include "vqa/ask.h"

/* The log-probability of each choice. */
bool told_scores(ask_eval_given *out, const ask_answer *a, ask_arena *room);

/* events: [n], what the moments are, which the question calls as it does; NULL: nobody
 * says. */
bool told_moments(ask_eval_given *out, const ask_find_moment *moments,
                  const ask_answer_event *events, int n, const ask_eval_item *item,
                  ask_arena *room);

/* An event as the question calls it; NULL without memory. */
const char *told_label(const char *event, const ask_eval_item *item, ask_arena *room);

/* The frames that it rests on. */
bool told_evidence(ask_eval_given *out, const ask_answer *a, ask_arena *room);

/* The hottest place in the map of the frame that shows most of the answer. */
bool told_point(ask_eval_given *out, const ask_answer *a, ask_arena *room);

void told_presence(ask_eval_given *out, double presence);

const char *told_verdict(const ask_answer *a); // "grounded"; NULL: there is none

#endif
