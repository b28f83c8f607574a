/* model/beams_priv.h - the best of several texts that are followed at once.
 *
 * What transformers 5.23 does with early_stopping off: of all continuations of the n_beams
 * texts the best (1 + end ids) * n_beams are looked at, twice as many at least; those of
 * the best n_beams that end are finished, with their sum of log-probabilities divided by
 * their length to the power of length_penalty, and the best n_beams that do not end go on.
 * It is over when n_beams are finished and the best that goes on would, if it ended now,
 * not be better than the worst of them. After: Lowerre 1976 (beam search); Wu et al. 2016
 * (length penalty). */
#ifndef ASK_MODEL_BEAMS_PRIV_H
#define ASK_MODEL_BEAMS_PRIV_H

#include "model/context.h"
#include "model/generation_config.h"

typedef struct {
    ask_context *context; // has read the prompt
    const ask_generation_config *generation;
    const int64_t *prompt; // [n_prompt] ids that a penalty is on
    int n_prompt;
    int n_rows; // places of the context that were read
    int64_t n_vocab;
    int n_beams, most; // tokens of a text
    int room;          // places of the context
    double length_penalty, repetition_penalty;
    const ask_cancel *cancel;
    void (*on_first)(void *user); // called when all first tokens are known
    void *user;
} beams_task;

typedef struct {
    int n;
    bool ended; // by a token
    double score;
} beams_result;

/* ids, logprobs: [most], filled with the result's n. logits: [n_beams, n_vocab], the first
 * row those behind the prompt; overwritten. The context has then read the prompt alone,
 * after a failure, too. A text ends early when the next tokens would not fit the room,
 * though places of texts that are followed no more are cleared for them. */
bool beams_run(beams_result *out, int64_t *ids, double *logprobs, float *logits,
               const beams_task *task, ask_error *err);

#endif
