/* eval/submission.h - files for the servers that score sets of which answers are hidden.
 *
 *     star, star-lines   submission_star.json: {"Interaction": [{"question_id", "answer"},
 *                        ...], "Sequence": ..., "Prediction": ..., "Feasibility": ...},
 *                        answer being the number of the option; the first of rows with one
 *                        id counts. A question is of the type that its tag "type" tells
 *     qvhighlights       submission_qvhighlights.jsonl: {"qid", "query", "vid",
 *                        "pred_relevant_windows": [[start, end, score], ...] best first,
 *                        "pred_saliency_scores": [of each two seconds, ...]}
 *
 * Compact, as they are published. After: Wu et al. 2021 (STAR), Bai et al. 2023
 * (Glance-Focus), Lei et al. 2021 (QVHighlights). */
#ifndef ASK_EVAL_SUBMISSION_H
#define ASK_EVAL_SUBMISSION_H

#include "eval/samples.h"

/* The name of the file of a task; NULL: it has none. */
ASK_API const char *ask_eval_submission_name(const char *task);

/* Appends the text of that file. Rows without an answer are left out, and so are those
 * that have no place in the file, being of no type that it has: returns how many. Memory
 * shows as out->failed. */
ASK_API size_t ask_eval_submission_write(ask_str *out, const char *task,
                                         const ask_eval_rows *rows);

#endif
