/* eval/submission.h - files for the servers that score sets of which answers are hidden.
 *
 *     star, star-lines   submission_star.json: {"Interaction": [{"question_id", "answer"},
 *                        ...], "Sequence": ..., "Prediction": ..., "Feasibility": ...},
 *                        answer being the number of the option; the first of rows with one
 *                        id counts. A question is of the type that its tag "type" tells
 *     qvhighlights       submission_qvhighlights.jsonl: {"qid", "query", "vid",
 *                        "pred_relevant_windows": [[start, end, score], ...] best first,
 *                        "pred_saliency_scores": [of each two seconds, ...]}, a line for
 *                        each query. Without an answer the window is the whole video with
 *                        score 0; without scores of clips, a clip's is the highest of the
 *                        windows that cover it, of none the lowest of 0 and all windows
 *
 * Compact, as they are published. After: Wu et al. 2021 (STAR), Bai et al. 2023
 * (Glance-Focus), Lei et al. 2021 (QVHighlights). */
#ifndef ASK_EVAL_SUBMISSION_H
#define ASK_EVAL_SUBMISSION_H

#include "eval/samples.h"

/* The name of the file of a task; NULL: it has none. */
ASK_API const char *ask_eval_submission_name(const char *task);

/* Whether it has a line also for questions that could not be asked. */
ASK_API bool ask_eval_submission_wants_all(const char *task);

/* Appends the text of that file. Returns how many answers have no place in it, being of no
 * type that it has (star; rows without an answer are left out); or how many queries are in
 * it without an answer (qvhighlights). Memory shows as out->failed. */
ASK_API size_t ask_eval_submission_write(ask_str *out, const char *task,
                                         const ask_eval_rows *rows);

#endif
