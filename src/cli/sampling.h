/* cli/sampling.h - the options that say which frames are looked at: their values, and their
 * rows for the table of a command. */
#ifndef ASK_CLI_SAMPLING_H
#define ASK_CLI_SAMPLING_H

#include <math.h>

#include "cli/options.h"
#include "focus/sampling.h"

typedef struct {
    int64_t n_frames, max_frames; // 0: not asked
    double fps;                   // 0: not asked
    double start_s, end_s;        // end_s INFINITY: the end of the video
} cli_sampling_values;

/* Of a command's defaults. */
#define CLI_SAMPLING_DEFAULTS                                                              \
    {                                                                                      \
        .end_s = INFINITY                                                                  \
    }

/* The rows, without the last comma; `base`: where the values are in the command's struct;
 * `rate`: what the help says that the default rate is. */
#define CLI_SAMPLING_ROWS(base, rate)                                                      \
    {.name = "frames",                                                                     \
     .letter = 'n',                                                                        \
     .kind = CLI_INT,                                                                      \
     .at = (base) + offsetof(cli_sampling_values, n_frames),                               \
     .min = 1,                                                                             \
     .max = ASK_SAMPLING_MOST_FRAMES,                                                      \
     .argument = "N",                                                                      \
     .help = "look at N frames, spread evenly"},                                           \
        {.name = "fps",                                                                    \
         .kind = CLI_REAL,                                                                 \
         .at = (base) + offsetof(cli_sampling_values, fps),                                \
         .min = 1e-6,                                                                      \
         .max = 1e6,                                                                       \
         .argument = "RATE",                                                               \
         .help = "look at RATE frames a second (" rate ")"},                               \
        {.name = "max-frames",                                                             \
         .kind = CLI_INT,                                                                  \
         .at = (base) + offsetof(cli_sampling_values, max_frames),                         \
         .min = 1,                                                                         \
         .max = ASK_SAMPLING_MOST_FRAMES,                                                  \
         .argument = "N",                                                                  \
         .help = "look at no more than N frames (512 at the default rate)"},               \
        {.name = "start",                                                                  \
         .kind = CLI_TIME,                                                                 \
         .at = (base) + offsetof(cli_sampling_values, start_s),                            \
         .argument = "TIME",                                                               \
         .help = "look from TIME on (the beginning)"},                                     \
    {                                                                                      \
        .name = "end", .kind = CLI_TIME,                                                   \
        .at = (base) + offsetof(cli_sampling_values, end_s), .argument = "TIME",           \
        .help = "look until TIME (the end)"                                                \
    }

/* Refuses an end at the beginning. Fails: ASK_ERR_USAGE. */
bool cli_sampling_check(const cli_sampling_values *v, ask_error *err);

ask_sampling_options cli_sampling(const cli_sampling_values *v);

#endif
