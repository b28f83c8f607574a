/* eval/calibrate_priv.h - the parts of a calibration. */
#ifndef ASK_EVAL_CALIBRATE_PRIV_H
#define ASK_EVAL_CALIBRATE_PRIV_H

#include "eval/calibrate.h"
#include "eval/playroom_priv.h"

/* What one call works with. */
typedef struct {
    const char *dir; // of the world
    ask_calibrate_options opt;
    ask_session *session;
    ask_playroom *playroom; // NULL: the model does not find
    ask_found_rows found;
    ask_calibrated out; // origin and find are there when answers are fitted
} calibrate_job;

/* Fit "ask": what answers of a dual encoder, or from a memory, are held against. */
bool calibrate_by_frames(calibrate_job *j, ask_error *err);
bool calibrate_by_memory(calibrate_job *j, ask_error *err);

#endif
