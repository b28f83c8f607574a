/* cli/pace.h - how fast a model was on this machine the last time, so that a plan can tell
 * what a run will take. */
#ifndef ASK_CLI_PACE_H
#define ASK_CLI_PACE_H

#include "model/model.h"

typedef struct {
    double frame_s;  // decoding one
    double gflops;   // GFLOP of a plan's work per second of encoding
    double peak_mib; // of the process
} cli_pace;

/* False when nothing is known of this model with as many threads on this processor.
 * cache_dir may be NULL. */
bool cli_pace_read(cli_pace *out, const char *cache_dir, const ask_model_info *model);

/* Keeps it for the next time. Not being able to is no failure. */
void cli_pace_write(const cli_pace *pace, const char *cache_dir,
                    const ask_model_info *model);

#endif
