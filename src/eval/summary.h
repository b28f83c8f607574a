/* eval/summary.h - rows of the playroom as a few numbers.
 *
 * Pure arithmetic. Counts are exact; shares of nothing are NaN. */
#ifndef ASK_EVAL_SUMMARY_H
#define ASK_EVAL_SUMMARY_H

#include "eval/playroom.h"

/* ---- finding ---- */

/* Queries of one kind that have a judged moment. */
typedef struct {
    int64_t n, n_hit;
    double hit;            // hit@1: n_hit / n
    double random, centre; // the same of a random time, and of the middle of the clip
} ask_hits;

/* Queries of one kind of things that are not there. */
typedef struct {
    int64_t n;
    double at_threshold; // share that is rejected at the given threshold
    double at_tenth;     // and at the one that rejects a tenth of what is there
} ask_rejections;

typedef struct {
    ask_hits hits[ASK_N_QUERY_KINDS];           // n 0 for FOREIGN and NEAR_MISS
    ask_rejections rejected[ASK_N_QUERY_KINDS]; // n 0 for the others
    int64_t n_there;        // queries of things that are there, judged or not
    double false_rejection; // share of them that is rejected at the given threshold
    double tenth;           // the threshold that rejects a tenth of them
} ask_found_summary;

ASK_API bool ask_found_summarise(ask_found_summary *out, const ask_found_rows *rows,
                                 double threshold, ask_error *err); // ASK_ERR_NOMEM

/* ---- answering ---- */

/* Some answers. */
typedef struct {
    int64_t n, n_right;
    int64_t verdicts[ASK_VERDICT_WEAK + 1]; // answers of each verdict
    int64_t n_right_grounded;               // right, and the verdict is grounded
    int64_t n_held; // right, grounded, and a frame of the evidence lies in the true moment
} ask_answers;

typedef struct {
    ask_answers types[ASK_N_QUESTION_TYPES];
    ask_answers visual; // questions that one frame can answer
    ask_answers judged; // of these, the ones with a judged moment
    ask_answers others; // all but judged ones
    ask_answers all;
} ask_answered_summary;

/* Verdicts are those of the terms; with NULL those that the rows have. */
ASK_API ask_answered_summary ask_answered_summarise(const ask_answered_rows *rows,
                                                    const ask_verdict_terms *terms);

/* part / whole; NaN of nothing. */
ASK_API double ask_share(int64_t part, int64_t whole);

#endif
