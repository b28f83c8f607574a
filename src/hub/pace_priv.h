/* hub/pace_priv.h - how a download gets on, told as progress. */
#ifndef ASK_HUB_PACE_PRIV_H
#define ASK_HUB_PACE_PRIV_H

#include "base/log.h"

/* Start with the first three fields; total_bytes is of all files. */
typedef struct {
    const ask_progress *progress;
    const ask_cancel *cancel;
    int64_t total_bytes;
    int64_t done_bytes; // of files that are whole, and of what is there of the current one
    // the speed of late
    double since_s, speed;
    int64_t since_bytes;
} hub_pace;

/* n_bytes more are here, of a file; n_bytes may be negative, when some proved useless.
 * came: over the network; else they were there. */
void hub_pace_add(hub_pace *p, int64_t n_bytes, bool came, const char *file);

#endif
