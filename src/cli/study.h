/* cli/study.h - what find and ask have in common: a video, a model, a record, a report.
 *
 * Their options in one struct and one table; opening in the order in which
 * mistakes are cheapest to find; the parts of the record that are no one's own. */
#ifndef ASK_CLI_STUDY_H
#define ASK_CLI_STUDY_H

#include "cli/command.h"
#include "cli/console.h"
#include "cli/default_model.h"
#include "cli/outfile.h"
#include "cli/sampling.h"
#include "media/video.h"
#include "model/model.h"
#include "record/record.h"

typedef struct {
    const char *model, *arch, *over;
    cli_sampling_values sampling;
    int64_t n_threads; // 0: not asked
    double image_fps;
    const char *report;
    bool plan, hash, no_cache;
} cli_study_values;

/* Of a command's defaults. */
#define CLI_STUDY_DEFAULTS                                                                 \
    {                                                                                      \
        .sampling = CLI_SAMPLING_DEFAULTS, .image_fps = 25                                 \
    }

/* The rows that every command with a video and a model has, without the last comma; `base`:
 * where the values are in the command's struct; `rate`: what the help says that the default
 * rate is. */
#define CLI_STUDY_ROWS(base, rate)                                                         \
    {.name = "model",                                                                      \
     .letter = 'm',                                                                        \
     .kind = CLI_MODEL,                                                                    \
     .at = (base) + offsetof(cli_study_values, model),                                     \
     .argument = "DIR",                                                                    \
     .help =                                                                               \
         "use the model in DIR ($ASKANCE_MODEL, else the one that comes with askance)"},   \
        {.name = "arch",                                                                   \
         .kind = CLI_TEXT,                                                                 \
         .at = (base) + offsetof(cli_study_values, arch),                                  \
         .argument = "NAME",                                                               \
         .help = "the network, when config.json does not tell it (clip)"},                 \
        {.name = "weights-over",                                                           \
         .kind = CLI_TEXT,                                                                 \
         .at = (base) + offsetof(cli_study_values, over),                                  \
         .argument = "FILE",                                                               \
         .help = "tensors of FILE stand in for the model's (Video-ChatGPT's projector)"},  \
        CLI_SAMPLING_ROWS((base) + offsetof(cli_study_values, sampling), rate),            \
        {.name = "plan",                                                                   \
         .kind = CLI_FLAG,                                                                 \
         .at = (base) + offsetof(cli_study_values, plan),                                  \
         .help = "say what would be done and what it would take; do nothing"},             \
        {.name = "threads",                                                                \
         .letter = 't',                                                                    \
         .kind = CLI_INT,                                                                  \
         .at = (base) + offsetof(cli_study_values, n_threads),                             \
         .min = 1,                                                                         \
         .max = 1024,                                                                      \
         .argument = "N",                                                                  \
         .help = "compute with N threads (one for each core)"},                            \
        {.name = "image-fps",                                                              \
         .kind = CLI_REAL,                                                                 \
         .at = (base) + offsetof(cli_study_values, image_fps),                             \
         .min = 0.001,                                                                     \
         .max = 1000,                                                                      \
         .argument = "RATE",                                                               \
         .help = "images of a folder are shown at RATE a second (25)"},                    \
    {                                                                                      \
        .name = "no-cache", .kind = CLI_FLAG,                                              \
        .at = (base) + offsetof(cli_study_values, no_cache),                               \
        .help = "neither use nor keep anything in the cache"                               \
    }

/* The rows of cli_study_values, for cli_command.shared. */
extern const cli_option cli_study_options[];

/* All that is open while the command runs. */
typedef struct {
    const cli_call *call;
    const cli_study_values *v;
    const char *path, *dir;          // of the video and of the model
    char *cache_dir;                 // owned; NULL: none
    cli_default_model default_model; // looked for when no other is named
    cli_console console;
    cli_outfile report;
    ask_video *video;
    ask_model *model;
    ask_session *session;
} cli_study;

void cli_study_begin(cli_study *s, const cli_call *call, const cli_study_values *v,
                     const char *path);
void cli_study_close(cli_study *s);

/* As the options ask. */
ask_sampling_options cli_study_sampling(const cli_study *s);

/* Whether an output goes to standard output. */
bool cli_study_is_stdout(const char *path);

/* Refuses an output that would overwrite another, or the video. Fails: ASK_ERR_USAGE. */
bool cli_study_check_apart(const char *option, const char *path, const char *other_name,
                           const char *other, ask_error *err);

/* The report beside the video, and the window. Fails: ASK_ERR_USAGE. */
bool cli_study_check(const cli_study *s, ask_error *err);

/* The folder of the model is known (--model, $ASKANCE_MODEL, or the default); the video and
 * the report are open; then the model, whatever it can do. Fails also: ASK_ERR_MODEL, when
 * there is none. */
bool cli_study_open_video(cli_study *s, ask_error *err);
bool cli_study_open_model(cli_study *s, ask_error *err);

/* Adds video, reproduce and what the plan may expect to a record with a plan. counted: the
 * full time table was made; seed: {0} when nothing was drawn at random. */
bool cli_study_record(ask_record *r, const cli_study *s, bool counted, ask_maybe_int seed,
                      ask_error *err);

/* Lets later plans expect what this run took. */
void cli_study_remember(const ask_record *r, const cli_study *s);

/* Warns of unknown words, of what is not as asked, and of damage. */
void cli_study_warn(const cli_study *s, const ask_record *r);

/* Adds the record as JSON, or what `as_text` makes of it. */
bool cli_study_result(ask_str *out, const cli_study *s, const ask_record *r,
                      void (*as_text)(ask_str *out, const ask_record *r), ask_error *err);

/* Says the plan of a record that holds one. */
bool cli_study_say_plan(cli_study *s, const ask_record *r, ask_error *err);

#endif
