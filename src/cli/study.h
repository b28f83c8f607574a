/* cli/study.h - what find and ask have in common: a video, a model, a record, a report.
 *
 * Their options in one struct and in rows for their tables; opening in the order in which
 * mistakes are cheapest to find; the parts of the record that are no one's own. */
#ifndef ASK_CLI_STUDY_H
#define ASK_CLI_STUDY_H

#include "cli/command.h"
#include "cli/console.h"
#include "cli/outfile.h"
#include "focus/sampling.h"
#include "media/video.h"
#include "model/model.h"
#include "record/record.h"

typedef struct {
    const char *model, *arch;
    int64_t n_frames, max_frames, n_threads; // 0: not asked
    double fps;                              // 0: not asked
    double start_s, end_s;                   // end_s INFINITY: the end of the video
    double image_fps;
    const char *report;
    bool plan, hash, no_cache;
} cli_study_values;

/* Of a command's defaults. */
#define CLI_STUDY_DEFAULTS                                                                 \
    {                                                                                      \
        .end_s = INFINITY, .image_fps = 25                                                 \
    }

/* Rows for the option table of a command; `at` is the offset of the cli_study_values in the
 * command's struct. The first rows, which choose frames, and the last stand apart, so that
 * a command can have its own between them. */
#define CLI_STUDY_OPTION(struct_at, member)                                                \
    .at = (struct_at) + offsetof(cli_study_values, member)

#define CLI_STUDY_FRAME_OPTIONS(at_)                                                       \
    {.name = "model",                                                                      \
     .letter = 'm',                                                                        \
     .kind = CLI_TEXT,                                                                     \
     CLI_STUDY_OPTION(at_, model),                                                         \
     .argument = "DIR",                                                                    \
     .help = "use the model in DIR ($ASKANCE_MODEL)"},                                     \
        {.name = "arch",                                                                   \
         .kind = CLI_TEXT,                                                                 \
         CLI_STUDY_OPTION(at_, arch),                                                      \
         .argument = "NAME",                                                               \
         .help = "the network, when config.json does not tell it (clip)"},                 \
        {.name = "frames",                                                                 \
         .letter = 'n',                                                                    \
         .kind = CLI_INT,                                                                  \
         CLI_STUDY_OPTION(at_, n_frames),                                                  \
         .min = 1,                                                                         \
         .max = ASK_SAMPLING_MOST_FRAMES,                                                  \
         .argument = "N",                                                                  \
         .help = "look at N frames, spread evenly"},                                       \
        {.name = "fps",                                                                    \
         .kind = CLI_REAL,                                                                 \
         CLI_STUDY_OPTION(at_, fps),                                                       \
         .min = 1e-6,                                                                      \
         .max = 1e6,                                                                       \
         .argument = "RATE",                                                               \
         .help = "look at RATE frames a second (2)"},                                      \
        {.name = "max-frames",                                                             \
         .kind = CLI_INT,                                                                  \
         CLI_STUDY_OPTION(at_, max_frames),                                                \
         .min = 1,                                                                         \
         .max = ASK_SAMPLING_MOST_FRAMES,                                                  \
         .argument = "N",                                                                  \
         .help = "look at no more than N frames (512 at the default rate)"},               \
        {.name = "start",                                                                  \
         .kind = CLI_TIME,                                                                 \
         CLI_STUDY_OPTION(at_, start_s),                                                   \
         .argument = "TIME",                                                               \
         .help = "look from TIME on (the beginning)"},                                     \
    {                                                                                      \
        .name = "end", .kind = CLI_TIME, CLI_STUDY_OPTION(at_, end_s), .argument = "TIME", \
        .help = "look until TIME (the end)"                                                \
    }

#define CLI_STUDY_OUTPUT_OPTIONS(at_)                                                      \
    {.name = "report",                                                                     \
     .kind = CLI_TEXT,                                                                     \
     CLI_STUDY_OPTION(at_, report),                                                        \
     .argument = "FILE",                                                                   \
     .help = "write an HTML page that shows all of it; - is stdout"},                      \
        {.name = "plan",                                                                   \
         .kind = CLI_FLAG,                                                                 \
         CLI_STUDY_OPTION(at_, plan),                                                      \
         .help = "say what would be done and what it would take; do nothing"},             \
        {.name = "hash",                                                                   \
         .kind = CLI_FLAG,                                                                 \
         CLI_STUDY_OPTION(at_, hash),                                                      \
         .help = "put the SHA-256 of the whole video into the record"},                    \
        {.name = "threads",                                                                \
         .letter = 't',                                                                    \
         .kind = CLI_INT,                                                                  \
         CLI_STUDY_OPTION(at_, n_threads),                                                 \
         .min = 1,                                                                         \
         .max = 1024,                                                                      \
         .argument = "N",                                                                  \
         .help = "compute with N threads (one for each core)"},                            \
        {.name = "image-fps",                                                              \
         .kind = CLI_REAL,                                                                 \
         CLI_STUDY_OPTION(at_, image_fps),                                                 \
         .min = 0.001,                                                                     \
         .max = 1000,                                                                      \
         .argument = "RATE",                                                               \
         .help = "images of a folder are shown at RATE a second (25)"},                    \
    {                                                                                      \
        .name = "no-cache", .kind = CLI_FLAG, CLI_STUDY_OPTION(at_, no_cache),             \
        .help = "neither use nor keep anything in the cache"                               \
    }

/* All that is open while the command runs. */
typedef struct {
    const cli_call *call;
    const cli_study_values *v;
    const char *path, *dir; // of the video and of the model
    char *cache_dir;        // owned; NULL: none
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

/* The folder of the model is known; the video and the report are open; then the model. */
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
