/* eval/scores.h - rows of a run as numbers, with intervals (metric/bootstrap.h; a cluster
 * is a video) and baselines.
 *
 * Pure arithmetic on rows, so a run can be graded again without a model, and a training can
 * grade what it has in memory:
 *
 *     ask_eval_scores scores;
 *     if (!ask_eval_grade(&scores, rows, n, NULL, err)) goto fail;
 *     double accuracy = scores.numbers[ASK_SCORE_ACCURACY_MC].value;
 *     ask_eval_scores_free(&scores); */
#ifndef ASK_EVAL_SCORES_H
#define ASK_EVAL_SCORES_H

#include "eval/row.h"
#include "metric/bootstrap.h"

/* What docs/formats.md says of each ("Evaluation runs"); its value is NaN where a task has
 * nothing of it. */
typedef enum {
    ASK_SCORE_ACCURACY_MC,
    ASK_SCORE_ACCURACY_OPEN,
    ASK_SCORE_COUNT_MAE,
    ASK_SCORE_GROUNDED_ACCURACY,
    ASK_SCORE_GROUNDED_ACCURACY_IOU,
    ASK_SCORE_ABSENT_REJECTED,
    ASK_SCORE_FALSE_REJECTED,
    ASK_SCORE_POINTING,
    ASK_SCORE_SPAN_MAP50,
    ASK_SCORE_COUNT_ACCURACY, // what else is told
    ASK_SCORE_COUNT_MSE,
    ASK_SCORE_MOMENT_IOU,
    ASK_SCORE_MOMENT_IOP,
    ASK_SCORE_MOMENT_MAP,
    ASK_SCORE_MOMENT_R1_50,
    ASK_SCORE_MOMENT_R1_70,
    ASK_SCORE_GROUNDED_ACCURACY_IOU50,
    ASK_SCORE_ABSENT_REJECTED_AT05,
    ASK_N_SCORES,
} ask_eval_score;
ASK_API const char *ask_eval_score_name(ask_eval_score s); // "accuracy_mc", ...

typedef struct {
    double value; // NaN: there is nothing to tell
    ask_interval interval;
    size_t n; // questions that it is of; of SPAN_MAP50, events
} ask_eval_number;

/* Accuracy of the questions that a tag is of. */
typedef struct {
    char *group, *name; // owned
    ask_eval_number number;
} ask_eval_tagged;

/* A number of a set's own scorer, in percent, by its published name. */
typedef struct {
    char name[40];
    double value;
} ask_eval_official;

typedef struct {
    ask_eval_number numbers[ASK_N_SCORES];
    double types_mean;        // of by_type, each type the same; NaN
    ask_eval_tagged *by_type; // owned; by name
    size_t n_types;
    ask_eval_tagged *by_tag; // owned; of all groups but "type", by group, then name
    size_t n_tags;
    ask_eval_tagged *open_by_type, *open_by_tag; // owned; of ACCURACY_OPEN, where the
    size_t n_open_types, n_open_tags;            // others are of choices
    ask_eval_official *official;                 // owned; of moments of queries
    size_t n_official;
} ask_eval_table;

typedef struct {
    bool known; // some row has it
    ask_eval_table table;
    ask_eval_number better_mc; // accuracy_mc of the model less that of the baseline, over
                               // questions that both answered
} ask_eval_compared;

typedef struct {
    size_t n_rows, n_videos, n_errors, n_invalid; // n_invalid: answered, but with no answer
    ask_eval_table own;
    ask_eval_compared baselines[ASK_N_BASELINES];
} ask_eval_scores;

/* by_type is of choices, where there are any; else of open questions and counts. opt (may
 * be NULL) is of the intervals. *out is written on success. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_eval_grade(ask_eval_scores *out, const ask_eval_row *rows, size_t n,
                            const ask_bootstrap_options *opt, ask_error *err);
ASK_API void ask_eval_scores_free(ask_eval_scores *s); // leaves {0}; NULL is fine

#endif
