/* vqa/ask_priv.h - the two ways to an answer. */
#ifndef ASK_VQA_ASK_PRIV_H
#define ASK_VQA_ASK_PRIV_H

#include "focus/calibration.h"
#include "vqa/ask.h"

/* A call of ask_ask; borrowed. */
typedef struct {
    ask_video *video;
    ask_session *session;
    const char *question;
    const char *const *choices; // [n_choices]
    int n_choices;
    ask_ask_options options;
} ask_call;

/* With cosines of frames and texts. Fails: ASK_ERR_UNSUPPORTED for a model without them. */
bool by_frames_plan(ask_find_plan *out, const ask_call *call, ask_error *err);
bool by_frames_ask(ask_answer *out, const ask_call *call, ask_error *err);

/* From a memory. */
bool by_memory_plan(ask_find_plan *out, const ask_call *call, ask_error *err);
bool by_memory_ask(ask_answer *out, const ask_call *call, ask_error *err);

/* Of a model without answers of its own: fails without choices (ASK_ERR_USAGE). */
bool ask_check_choices(const ask_call *call, ask_error *err);

/* What the model was calibrated on, as the answer tells it. */
bool ask_tell_calibration(ask_answer *a, const ask_calibration *c, ask_error *err);

#endif
