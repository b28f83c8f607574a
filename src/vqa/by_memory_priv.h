/* vqa/by_memory_priv.h - what the parts of an answer from a memory share. */
#ifndef ASK_VQA_BY_MEMORY_PRIV_H
#define ASK_VQA_BY_MEMORY_PRIV_H

#include "focus/calibration.h"
#include "vqa/ask_priv.h"
#include "vqa/memory_asking_priv.h"
#include "vqa/pointed_priv.h"

/* What a call is about. */
typedef struct {
    const ask_call *call;
    const ask_ask_options *options;
    ask_memory_info memory;
    ask_model_info model;
    memory_asking asking;
    bool has_own;                  // answers to choose from
    const char *const *candidates; // what is scored: choices, or its own answers
    ask_calibration calibration;
    ask_standard own_standard; // {0} where the options bring one
    const ask_standard *standard;
} memory_job;

/* Closed with memory_job_close, also after a failure. *j must not move afterwards. */
bool memory_job_open(memory_job *j, const ask_call *call, ask_error *err);
void memory_job_close(memory_job *j);

bool memory_plan(ask_find_plan *out, const memory_job *j, ask_error *err);
/* The plan becomes what was seen: where frames had to be counted, other times were looked
 * at than were planned. */
bool memory_plan_follow(ask_find_plan *p, const memory_job *j, const ask_sightings *seen,
                        ask_error *err);

/* What comes of asking. */
typedef struct {
    const memory_job *job;
    const ask_sightings *seen;
    ask_memory memory;     // owned
    ask_recalled recalled; // owned
    pointed pointed;       // borrows from the rest
} memory_work;

/* Set where the answer is seen: frames, moments with their events, and the evidence; maps
 * of the best of these. */
bool memory_show(ask_answer *a, const memory_work *w, ask_error *err);
bool memory_show_maps(ask_answer *a, const memory_work *w, ask_error *err);

#endif
