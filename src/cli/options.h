/* cli/options.h - command-line options from a table.
 *
 * One table per command drives parsing and --help. A row writes its value
 * into a struct of the command at a known offset:
 *
 *     typedef struct { const char *model; int64_t n_frames; bool plan; } find_values;
 *     static const cli_option options[] = {
 *         {.name = "model", .kind = CLI_TEXT, .at = offsetof(find_values, model),
 *          .argument = "DIR", .help = "use the model in DIR"},
 *         ...
 *         {0},
 *     };
 *
 * Accepted as GNU programs do: --name=value, --name value, -l value, -lvalue; options after
 * arguments; -- ends them; a name may be cut while it stays unambiguous; - is an argument.
 * Of names with several words, - and _ between them are the same.
 *
 * A file of options has one on a line, "name=value", or a flag's "name", "name=true" or
 * "name=false"; spaces around are left out, as are empty lines and what begins with '#'. Of
 * an option that comes twice, in a file or not, the later one counts. */
#ifndef ASK_CLI_OPTIONS_H
#define ASK_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

typedef enum {
    CLI_FLAG,  // bool: set to true
    CLI_TEXT,  // const char *, pointing into argv
    CLI_MODEL, // the same, of a model; cli/run.c puts the folder in the place of an id
    CLI_INT,   // int64_t within [min, max]
    CLI_REAL,  // double within [min, max]
    CLI_TIME,  // double, in seconds: "7.5", "1:07.5", "2:01:07.5"
    CLI_LIST,  // cli_list: every use adds one text
    CLI_ARGS,  // cli_args: the options of a file, in the place of this one
} cli_option_kind;

typedef struct {
    const char **items; // owned by the parse, pointing into argv
    int n;
} cli_list;

typedef struct {
    char **texts; // owned by the parse: what values from files point into
    int n;
} cli_args;

typedef struct {
    const char *name; // without the dashes; NULL ends a table
    char letter;      // its short form, or 0
    cli_option_kind kind;
    size_t at;            // offset of the value in the command's struct
    double min, max;      // of numbers; both 0: any
    const char *argument; // what the value is called in the help: "N"
    const char *help;     // what it does, one line; a default is told here
} cli_option;

/* A table and the struct that its values go to. */
typedef struct {
    const cli_option *options;
    void *values; // starts with the defaults
} cli_target;

typedef struct {
    const char **items; // what is no option, in order; owned, pointing into argv
    int n;
} cli_arguments;

/* Reads argv[0..argc) by the tables in turn (the first that knows a name takes it).
 *
 * On failure (ASK_ERR_USAGE with what was meant, ASK_ERR_IO, ASK_ERR_NOMEM) *arguments is
 * {0} and lists are empty, while other values may have been written. cli_options_free frees
 * both.
 */
bool cli_options_parse(cli_arguments *arguments, const cli_target *targets, int n_targets,
                       char *const *argv, int argc, ask_error *err);

void cli_options_free(cli_arguments *arguments, const cli_target *targets, int n_targets);

/* Adds one line per option, names to the left, help to the right. */
void cli_options_help(ask_str *out, const cli_option *options);

#endif
