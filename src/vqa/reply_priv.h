/* vqa/reply_priv.h - what the parts of a reply share. */
#ifndef ASK_VQA_REPLY_PRIV_H
#define ASK_VQA_REPLY_PRIV_H

#include "vqa/reply.h"
#include "vqa/talk_priv.h"

/* One answer as tokens behind a prompt. */
typedef struct {
    int64_t *ids; // owned
    int n;
    int n_common; // places of the prompt that stand before them
} reply_answer;

/* A question on its way. */
typedef struct {
    ask_talk *talk;
    const ask_reply_options *options;
    const char *question;
    const char *const *choices; // [n_choices]; none of words
    int n_choices;
    int64_t *said; // owned; [n_said]: words as tokens
    int n_said;
    int n_longest; // tokens of the longest answer, about
    float *logits; // owned; [n_vocab]: what reading wants to tell
} reply_job;

/* What the model thinks of the answers, shown one sight. */
typedef struct {
    double s[ASK_MOST_CHOICES]; // of choices: log-probability among them; of words [0] the
                                // mean of a token's
    int best;                   // choice; of words 0: it would say the same, -1: others
} reply_opinion;

/* The tokens of answer i behind a prompt that is read. Freed with reply_answer_free. */
bool reply_answer_make(reply_answer *out, const reply_job *j, const talk_prompt *p, int i,
                       ask_error *err);
void reply_answer_free(reply_answer *a);

/* Reads the prompt of a sight and scores all answers. */
bool reply_judge(reply_opinion *out, reply_job *j, const talk_sight *sight, ask_error *err);

/* Where the model looked when it said answer i, of all frames: tokens, their shares, the
 * frames' scores and the evidence, and maps. */
bool reply_look(ask_reply *r, reply_job *j, int i, ask_error *err);

/* full: with all frames. */
bool reply_check(ask_checks *out, reply_job *j, const reply_opinion *full, int answer,
                 const int *evidence, int n_evidence, ask_error *err);

#endif
