/* eval/learnt.h - baselines that learn from the answers to other questions and see nothing:
 * the commonest answer, and words alone (metric/words.h).
 *
 * They learn from the set's own training questions, or, where there are none, from the
 * questions themselves in five parts by video: each is answered with what the other four
 * say. */
#ifndef ASK_EVAL_LEARNT_H
#define ASK_EVAL_LEARNT_H

#include "eval/row.h"

typedef struct ask_eval_learnt ask_eval_learnt;

/* items: those that will be asked about. train: n_train = 0 means the items themselves.
 * Both are read now and not kept. Fails: ASK_ERR_NOMEM, ASK_ERR_CANCELLED. */
ASK_API ask_eval_learnt *ask_eval_learnt_new(const ask_eval_item *items, size_t n,
                                             const ask_eval_item *train, size_t n_train,
                                             const ask_cancel *cancel, ask_error *err);
ASK_API void ask_eval_learnt_free(ask_eval_learnt *l); // NULL is fine

/* MAJORITY or QUESTION_ONLY on an item; false, with *out untouched, where moments are asked
 * for. Texts are the item's or live as long as *l. */
ASK_API bool ask_eval_learnt_answer(ask_eval_decision *out, const ask_eval_learnt *l,
                                    const ask_eval_item *item, ask_eval_baseline b);

#endif
