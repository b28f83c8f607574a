/* vqa/verdict.h - what an answer is worth, from presence, checks and calibration.
 *
 * In this order:
 *
 *     outside       the footage or the words lie outside what the calibration covers
 *     not_in_video  presence is under its threshold
 *     prior_only    the grey picture gives the same answer, and full - blind < tau_prior
 *     grounded      the evidence alone gives the same answer, full - evidence_only <
 *                   tau_suff, and random_removed - evidence_removed > tau_nec
 *     weak          all else; with the note "redundant" where the evidence is enough but
 *                   not needed
 *
 * where names of checks stand for their log-probabilities of the given answer. */
#ifndef ASK_VQA_VERDICT_H
#define ASK_VQA_VERDICT_H

#include "vqa/checks.h"

typedef enum {
    ASK_VERDICT_OUTSIDE,
    ASK_VERDICT_NOT_IN_VIDEO,
    ASK_VERDICT_PRIOR_ONLY,
    ASK_VERDICT_GROUNDED,
    ASK_VERDICT_WEAK,
} ask_verdict;

typedef struct {
    double tau_prior, tau_suff, tau_nec;
} ask_verdict_limits;

typedef struct {
    bool outside; // see vqa/standard.h
    bool present; // the presence score reaches its threshold
    int answer;   // the given choice
    const ask_checks *checks;
} ask_verdict_input;

/* *redundant: of a weak answer, the evidence is enough but not needed. Checks that were not
 * done count as not passed. */
ASK_API ask_verdict ask_verdict_of(bool *redundant, const ask_verdict_input *in,
                                   const ask_verdict_limits *limits);

#endif
