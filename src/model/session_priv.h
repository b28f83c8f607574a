/* model/session_priv.h - a session, and the planned graphs that it keeps. */
#ifndef ASK_MODEL_SESSION_PRIV_H
#define ASK_MODEL_SESSION_PRIV_H

#include "model/model_priv.h"

enum {
    SESSION_N_PLANS = 8, // that are kept
    SESSION_MAX_TENSORS = 11,
};

typedef struct session_plan session_plan;

/* Adds inputs and outputs to the plan's graph: for one computation of p->batch items of
 * p->length (0 where items have none). A function for each kind of computation. */
typedef void session_build(session_plan *p, const ask_model *m);

/* A planned graph for batches of one shape. */
struct session_plan {
    session_build *build;
    const void *user; // what the builder may need beside the model; NULL: nothing
    int batch, length;
    ask_graph *graph; // NULL: the place is free
    ask_tensor *in[SESSION_MAX_TENSORS], *out[SESSION_MAX_TENSORS]; // NULL behind the last
    uint64_t used;                                                  // when it was used last
};

struct ask_session {
    ask_model *model;
    session_plan plans[SESSION_N_PLANS];
    uint64_t now;          // counts uses
    float *answer_vectors; // of the model's own answers; owned; NULL before the first use
};

/* With the model's lock held. make: plans what p->build adds to a graph; on failure there
 * is none. run: as session_compute, of a plan. */
bool session_plan_make(session_plan *p, const ask_model *m, ask_error *err);
bool session_plan_run(void *out[SESSION_MAX_TENSORS], const ask_model *m, session_plan *p,
                      void *const *in, const ask_cancel *cancel, ask_error *err);

/* With the model's lock held. find: made where there is none, in the place of the one not
 * used for longest. */
session_plan *session_find_plan(ask_session *s, session_build *build, int batch, int length,
                                ask_error *err);
void session_plans_free(ask_session *s);

/* Computes one batch, in turn with other sessions: writes the inputs of the plan, runs it,
 * and copies what comes out, of which all reals must be numbers. in: those that the plan
 * has. out: zeros; filled with as many as the plan has, which session_outputs_free frees,
 * after a failure too. Without the lock. Returns the plan, which holds until the next one.
 * Fails: ASK_ERR_MODEL, ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
const session_plan *session_compute(void *out[SESSION_MAX_TENSORS], ask_session *s,
                                    session_build *build, int batch, int length,
                                    void *const *in, const ask_cancel *cancel,
                                    ask_error *err);
void session_outputs_free(void *out[SESSION_MAX_TENSORS]);

/* The tokens of a text, with what the network has around them. Fails: ASK_ERR_LIMIT for
 * more than the network takes, said with both numbers; or as ask_tokenizer_encode. */
bool session_encode(const ask_session *s, const ask_tokenizer *t, const char *text,
                    ask_tokens *tokens, ask_error *err);

/* ---- logits ---- */

/* Of several the first. */
int session_largest(const float *x, int n);

/* The logarithm of the sum of exp(x): less it, a logit is a log-probability. */
double session_log_sum(const float *x, int n);

#endif
