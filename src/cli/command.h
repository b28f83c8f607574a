/* cli/command.h - what a command of the program is: one row of a table.
 *
 * The row drives parsing and help. --help and --json are understood by every
 * command and are not in its own options. */
#ifndef ASK_CLI_COMMAND_H
#define ASK_CLI_COMMAND_H

#include <stddef.h>

#include "base/error.h"
#include "base/log.h"
#include "cli/options.h"
#include "cli/output.h"

/* What a command returns: its outcome, or that *err tells why there is none. */
typedef enum {
    CLI_DONE = 0,
    CLI_NEGATIVE = 1, // it ran, and the answer is no; each command documents its own
    CLI_FAILED = -1,
    CLI_TOLD = -2, // some of it failed, and the result says so; *err gives the exit status
} cli_outcome;

/* What a running command is given besides its own options. */
typedef struct {
    const cli_output *output;
    const ask_cancel *cancel;       // raised by SIGINT and SIGTERM
    const cli_arguments *arguments; // what is no option
    int argc;                       // the command line as it was given, program and all
    char *const *argv;
} cli_call;

typedef struct {
    const char *name;      // one word or two ("model verify"); NULL ends a table
    const char *summary;   // one line, without a full stop
    const char *arguments; // "VIDEO QUESTION"; NULL when it takes none
    int min_arguments, max_arguments;
    int n_models; // so many arguments, the first ones, are models, which ids may name
    const char *description;   // paragraphs of 80 columns for --help; NULL when there is no
                               // more to say
    const cli_option *options; // ends with {0}; NULL for none
    const cli_option *shared;  // rows that other commands have too; as options
    size_t shared_at;          // where in the values the struct of these rows is
    const void *defaults; // the struct that the options are written into, before they are
    size_t values_bytes;  // its size; 0 for none
    cli_outcome (*run)(const cli_call *call, const void *values, ask_error *err);
} cli_command;

extern const cli_command cli_ask_command;
extern const cli_command cli_chat_command;
extern const cli_command cli_find_command;
extern const cli_command cli_eval_command;
extern const cli_command cli_inspect_command;
extern const cli_command cli_model_verify_command;
extern const cli_command cli_model_info_command;
extern const cli_command cli_model_bench_command;
extern const cli_command cli_model_init_command;
extern const cli_command cli_model_pull_command;
extern const cli_command cli_model_calibrate_command;
extern const cli_command cli_model_quantize_command;
extern const cli_command cli_train_bpe_command;
extern const cli_command cli_train_clip_command;
extern const cli_command cli_data_command;
extern const cli_command cli_features_command;
extern const cli_command cli_features_info_command;
extern const cli_command cli_world_command;
extern const cli_command cli_train_glance_focus_command;
extern const cli_command cli_train_timeline_command;
extern const cli_command cli_doctor_command;
extern const cli_command cli_version_command;

#endif
