/* net/joint/gif_qa_loss.h - what GIF-QA learns: the answer, and to know what is masked.
 *
 * The authors publish a loss in words alone, and a program in which it is void; both
 * readings of the words are here.
 * After: Liu et al. 2024, "ST-LLM" (dynamic masking); "GIF-QA" (2024). */
#ifndef ASK_NET_JOINT_GIF_QA_LOSS_H
#define ASK_NET_JOINT_GIF_QA_LOSS_H

#include "net/joint/gif_qa.h"

/* The mean cross-entropy of the tokens that labels tell, of all texts.
 *
 * logits  [B, L + n, V], of a pass with n rows
 * labels  i64 [B, L], -100: does not count */
ASK_API ask_tensor *ask_gif_qa_answer_loss(ask_graph *g, const ask_gif_qa *m,
                                           ask_tensor *logits, ask_tensor *labels);

/* The same of each text as the authors' program counts: of all tokens that follow the first
 * of "answer ", but those of id 0.
 *
 * ids       i64 [B, L]
 * n_prompt  i64 [B], tokens before the answer
 * -> [B] */
ASK_API ask_tensor *ask_gif_qa_counted_loss(ask_graph *g, const ask_gif_qa *m,
                                            ask_tensor *logits, ask_tensor *ids,
                                            ask_tensor *n_prompt);

/* Rows whose index is in `keep`, i64 [B, K], each once.  rows: [B, Q, C].
 * kept: [B, K, C] those alone; cleared: [B, Q, C] with zeros in place of the others. */
ASK_API ask_tensor *ask_gif_qa_kept(ask_graph *g, ask_tensor *rows, ask_tensor *keep);
ASK_API ask_tensor *ask_gif_qa_cleared(ask_graph *g, ask_tensor *rows, ask_tensor *keep);

/* ST-LLM's: rows that are masked are left out. What becomes of those that stay is to point,
 * through a layer of its own, where it does when all are there; these do not learn from it.
 * states: [B, L + K, C] of a pass with the kept rows; all: [B, L + Q, C] of one with all.
 * Names "stllm.decoded" and "stllm.target" [B, K, C]; NULL for a checkpoint without that
 * layer. */
ASK_API ask_tensor *ask_gif_qa_guess_loss(ask_graph *g, const ask_gif_qa *m,
                                          ask_tensor *states, ask_tensor *all,
                                          ask_tensor *keep);

/* The other: rows that are masked are zeros. The root of the mean squared difference, at
 * the rows that stay, of what becomes of them and what does when all are there; the mean
 * over the texts. states, all: [B, L + Q, C] */
ASK_API ask_tensor *ask_gif_qa_distance_loss(ask_graph *g, const ask_gif_qa *m,
                                             ask_tensor *states, ask_tensor *all,
                                             ask_tensor *keep);

#endif
