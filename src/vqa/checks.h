/* vqa/checks.h - whether an answer rests on the frames that are shown for it.
 *
 * The question is asked again of other sets of frames, and what each says of the given
 * answer is compared (vqa/verdict.h). Here: pure arithmetic on cosines. */
#ifndef ASK_VQA_CHECKS_H
#define ASK_VQA_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "focus/moments.h"
#include "vqa/contest.h"

enum {
    ASK_N_CHECKS = 6,
    ASK_CHECK_SEEDS = 4, // draws of a check that draws at random
};

typedef struct {
    const char *why_not; // static; NULL: it was done, and the rest is valid
    double s;            // log-probability of the given answer; the mean over draws
    int answer;          // the choice that it would give
    int n;               // draws: 1, or ASK_CHECK_SEEDS
} ask_check;

typedef struct {
    ask_check full;             // all frames
    ask_check blind;            // a grey picture in place of the video
    ask_check shuffled;         // the frames in another order
    ask_check evidence_only;    // the evidence alone
    ask_check evidence_removed; // all but the evidence
    ask_check random_removed;   // all but as many other frames: the control of the last
} ask_checks;

/* The frames that choice o rests on: those of its moments, the best fitting first, at most
 * n_keep of the contest and no more than half of all. evidence: [n_keep]; ascending.
 * Returns how many: at least one. */
ASK_API int ask_checks_evidence(int *evidence, const ask_contest *contest, int o,
                                const ask_moments_curve *curve,
                                const ask_find_moment *moments, int n_moments);

/* Runs them all for choice o. blind: [n_choices], cosines with the grey picture. The same
 * seed draws the same frames. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_checks_run(ask_checks *out, const ask_contest *contest, int o,
                            const double *blind, const int *evidence, int n_evidence,
                            uint64_t seed, ask_error *err);

#endif
