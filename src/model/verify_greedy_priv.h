/* model/verify_greedy_priv.h - how a language model goes on with the texts of a reference.
 *
 * Each text, without its padding, is read into a context and gone on with by the token that
 * is likeliest, until the end token. What is seen stands in the places of its mark, or
 * in each text behind its first tokens. */
#ifndef ASK_MODEL_VERIFY_GREEDY_PRIV_H
#define ASK_MODEL_VERIFY_GREEDY_PRIV_H

#include "model/network_priv.h"
#include "model/verify_priv.h"

#define VERIFY_GREEDY_IDS                                                                  \
    "generated_ids"                        // i64 [B, T + n], or with a lead [B, 1 + n],
                                           // or [B, n]: padding behind the end token
#define VERIFY_ANSWER_IDS "answer_ids"     // i64 [B, n]: of prompts
#define VERIFY_GREEDY_SCORES "step_scores" // f32 [B, n, V]: the logits of each choice

typedef struct {
    verify_numbers ids, scores;
    uint8_t *chosen; // [B, n]: whether a token was still being chosen
} verify_greedy;

typedef struct {
    int n_new;
    int64_t
        lead; // as in network_run; an encoder-decoder has the token from which it decodes
    bool has_mark; // rows stand in the places of `mark`, whatever the model says
    int64_t mark;
    int n_first; // tokens of a text before the rows that stand there without a mark
    const int64_t *n_prompt; // [B]: those of each text that are read; NULL: all
    const ask_cancel *cancel;
    const ask_progress *progress;
} verify_greedy_options;

/* in: in the order of LANGUAGE_IDS, ..., LANGUAGE_SEEN, LANGUAGE_TOLD, LANGUAGE_TOLD_MASK.
 * Fails: ASK_ERR_MODEL, ASK_ERR_LIMIT, ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
bool verify_greedy_run(verify_greedy *out, ask_model *m, const network_value *in,
                       const verify_greedy_options *opt, ask_error *err);
void verify_greedy_free(verify_greedy *g);

/* A copy of what has that name; nothing for another. Fails: ASK_ERR_NOMEM. */
bool verify_greedy_find(verify_numbers *out, const verify_greedy *g, const char *name,
                        ask_error *err);
verify_mask verify_greedy_mask(const verify_greedy *g, const char *name);

#endif
