/* eval/fit.h - thresholds from rows of the playroom.
 *
 * Every value is the best point of a fixed grid for a stated aim, the first of equals, so
 * the same rows give the same values. Pure arithmetic. */
#ifndef ASK_EVAL_FIT_H
#define ASK_EVAL_FIT_H

#include "eval/playroom.h"

/* Of what is there so much falls below a threshold of presence. It is asked of unseen clips
 * to be at most 0.10. */
#define ASK_FIT_FALSE_REJECTION 0.08

/* Of what is asked of a model with a memory, and has an answer, so much falls below its
 * threshold of presence. It is asked of unseen clips to be at most 0.05. */
#define ASK_FIT_ASKED_REJECTION 0.03

/* Of the grounded answers to questions with a judged moment, so many are right and show a
 * frame of the moment: at least. It is asked of unseen clips to be 0.90. */
#define ASK_FIT_LEAST_HELD 0.92

/* Of the right answers to them, so many are grounded: at least. A verdict that is never
 * given holds, and says nothing. It is asked of unseen clips to be 0.50. */
#define ASK_FIT_LEAST_COVERED 0.53

/* Of the answers of each cheat to visual questions so many are grounded: at most. It is
 * asked of unseen clips to be 0.05. */
#define ASK_FIT_MOST_CHEATS 0.03

/* The value below which a share (0 to 1) of n numbers lies: the k-th smallest with k = 1 +
 * floor(share n), so that at most that share is less. Sorts the numbers. NaN of none. */
ASK_API double ask_quantile(double *numbers, int64_t n, double share);

/* The presence that a share of the queries of what is there do not reach; NaN of none.
 * Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_fit_found_threshold(double *out, const ask_found_rows *rows, double share,
                                     ask_error *err);

/* The same of right answers to visual questions. */
ASK_API bool ask_fit_answered_threshold(double *out, const ask_answered_rows *rows,
                                        double share, ask_error *err);

/* The same of visual questions, whatever was answered. */
ASK_API bool ask_fit_asked_threshold(double *out, const ask_answered_rows *rows,
                                     double share, ask_error *err);

/* What cosines are to be multiplied with: of 1, 2^(1/4), 2^(2/4), ... 256 the scale under
 * which the right options of visual questions have the highest mean log-probability;
 * *mean_s is that. n_keep: frames to retrieve, as in ask_ask_options. Both are NaN without
 * visual questions. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_fit_scale(double *out, double *mean_s, const ask_answered_rows *rows,
                           int n_keep, ask_error *err);

typedef struct {
    ask_verdict_limits limits;
    bool kept;          // all terms are kept
    double covered;     // share of the right answers with a judged moment that is grounded
    double held;        // see ASK_FIT_LEAST_HELD; NaN: nothing is grounded
    double other, grey; // share of the answers of each cheat that is grounded
} ask_fitted_limits;

/* Thresholds of the verdict, where each answer has the given threshold of presence, but
 * grey ones count as present. own: rows with frames of their own; other, grey: those of the
 * cheats.
 *
 *     tau_prior  3.2, 1.6, 0.8, ... 0.05            7 values
 *     tau_suff   0.05, 0.05 2^(1/2), 0.1, ... 6.4   15
 *     tau_nec    6.4, 6.4 / 2^(1/2), 3.2, ... 0.0125, then 0   20
 *
 * Of the points of this grid that keep the terms above, the one that covers most; if none
 * keeps them, the one that misses them by least in all, and of these the one that covers
 * most. */
ASK_API ask_fitted_limits ask_fit_limits(const ask_answered_rows *own,
                                         const ask_answered_rows *other,
                                         const ask_answered_rows *grey, double threshold);

/* Whether a is chosen rather than b. */
ASK_API bool ask_fit_is_better(const ask_fitted_limits *a, const ask_fitted_limits *b);

#endif
