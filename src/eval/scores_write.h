/* eval/scores_write.h - numbers of a run as JSON, as a table (CSV), and for people
 * (Markdown): docs/formats.md, "Evaluation runs". */
#ifndef ASK_EVAL_SCORES_WRITE_H
#define ASK_EVAL_SCORES_WRITE_H

#include "base/json_write.h"
#include "eval/scores.h"

/* Puts "summary", "intervals", "n", "counts", "baselines" (whose notes say why one is not
 * there; [ASK_N_BASELINES], NULL where it was not asked for) and "official". */
ASK_API void ask_eval_scores_json(ask_json_writer *w, const ask_eval_scores *s,
                                  const char *const *notes);

/* who,group,score,value,low,high,n: a line for each number that is known. */
ASK_API void ask_eval_scores_csv(ask_str *out, const ask_eval_scores *s);

/* Tables without a title. */
ASK_API void ask_eval_scores_markdown(ask_str *out, const ask_eval_scores *s);

#endif
