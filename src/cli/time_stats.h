/* cli/time_stats.h - the numbers that tell how regular a time table is. */
#ifndef ASK_CLI_TIME_STATS_H
#define ASK_CLI_TIME_STATS_H

#include "cli/spread.h"
#include "media/video.h"

typedef struct {
    cli_spread frame_s;    // durations of frames, seconds
    bool has_key_distance; // there are two key frames or more; else the next two are {0}
    cli_spread key_distance_s;  // from key frame to key frame, seconds
    double key_distance_frames; // mean
} cli_time_stats;

/* table is full and has frames. Fails: ASK_ERR_NOMEM. */
bool cli_time_stats_of(cli_time_stats *out, const ask_time_table *table, ask_error *err);

#endif
