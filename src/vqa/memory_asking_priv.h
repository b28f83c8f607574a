/* vqa/memory_asking_priv.h - a question put to memories of what was seen. */
#ifndef ASK_VQA_MEMORY_ASKING_PRIV_H
#define ASK_VQA_MEMORY_ASKING_PRIV_H

#include "base/str.h"
#include "vqa/checks.h"
#include "vqa/sightings.h"

/* All of it is borrowed. */
typedef struct {
    ask_session *session;
    const char *question;
    const char *const *choices; // [n_choices]; 0 of them: the model's own answers
    int n_choices;
    const ask_cancel *cancel; // may be NULL
} memory_asking;

/* Of the frames that are shown, [sampled.n]; NULL: all. *memory, when it is wanted, gets
 * the memory. */
bool memory_ask(ask_recalled *out, ask_memory *memory, const memory_asking *q,
                const ask_sightings *seen, const bool *shown, ask_error *err);

/* The checks of vqa/checks.h, each with a memory of its own. full: what all frames say;
 * answer: the given one. The answers of checks are places among the scores. */
bool memory_check(ask_checks *out, const memory_asking *q, const ask_sightings *seen,
                  const ask_recalled *full, int answer, const int *evidence, int n_evidence,
                  uint64_t seed, ask_error *err);

/* What a slot says as a sentence: "the red ball hits the blue star"; of a thing that does
 * nothing "the red ball". Appended. */
void memory_tell(ask_str *out, const ask_memory_slot *slot);

#endif
