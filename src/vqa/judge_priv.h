/* vqa/judge_priv.h - the verdict of an answer. */
#ifndef ASK_VQA_JUDGE_PRIV_H
#define ASK_VQA_JUDGE_PRIV_H

#include "vqa/ask.h"

typedef struct {
    const ask_standard *standard;
    const char *const *texts; // [n_texts]: all that was asked, whose words are judged
    int n_texts;
    double distance; // of the footage, where the standard has a mean
} judging;

/* Sets the verdict of an answer that has all else but maps. Fails: ASK_ERR_NOMEM. */
bool judge(ask_answer *a, const judging *j, ask_error *err);

#endif
