/* vqa/contest.h - how well frames fit the choices of a question, and what that answers.
 *
 * Pure arithmetic on cosines. Of any set of frames some are retrieved: the texts in turn
 * (the choices, then the question) take the frame that fits them best of those left, and
 * frames that show what a taken one shows are passed over. With x_oi the scaled cosine of
 * choice o with retrieved frame i,
 *
 *     logit_o = sum_i softmax_i(x_oi) x_oi       the frames that fit it, each as it fits
 *     s_o     = log softmax_o(logit_o)
 *
 * so a choice is worth what its best frames say, and how many frames there are adds
 * nothing. After: Radford et al. 2021 (CLIP), with attention in place of the mean over
 * time. */
#ifndef ASK_VQA_CONTEST_H
#define ASK_VQA_CONTEST_H

#include <stddef.h>

#include "base/api.h"

enum { ASK_MOST_CHOICES = 26, ASK_MOST_RETRIEVED = 64 };

/* All of it is borrowed. */
typedef struct {
    const double *cosine;    // [n_choices + 1, n_frames]; the last row is the question's
    const int *duplicate_of; // [n_frames], as focus/curve.h gives it
    int n_choices, n_frames; // at least 2 and 1
    double scale;            // what cosines are multiplied with
    int n_keep;              // frames to retrieve: 1 to ASK_MOST_RETRIEVED
} ask_contest;

/* The retrieved frames of a set (`set`: n_set frames, ascending); returns how many. kept:
 * [n_keep], ascending. */
ASK_API int ask_contest_retrieve(int *kept, const ask_contest *c, const int *set,
                                 int n_set);

/* s: [n_choices], log-probabilities from a set of at least one frame. */
ASK_API void ask_contest_score(double *s, const ask_contest *c, const int *set, int n_set);

/* The choice of the highest log-probability; the first of several. */
ASK_API int ask_contest_best(const double *s, int n_choices);

#endif
