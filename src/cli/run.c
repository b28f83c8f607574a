#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/lookup.h"
#include "cli/man.h"
#include "cli/model_dir.h"

static const cli_option no_options[] = {{0}};

static cli_outcome print(const cli_output *output, ask_str *text, ask_error *err)
{
    bool ok = cli_output_text(output, text, err);
    ask_str_free(text);
    return ok ? CLI_DONE : CLI_FAILED;
}

static cli_outcome print_command_help(const cli_output *output, const cli_command *command,
                                      ask_error *err)
{
    ask_str text = {0};
    cli_help_command(&text, command);
    return print(output, &text, err);
}

/* `askance help`, `askance help COMMAND`, of a group `askance help model`, and
 * `askance help --man`. */
static cli_outcome print_help(const cli_output *output, const cli_command *commands,
                              int argc, char *const *argv, ask_error *err)
{
    bool is_group = argc == 1 && cli_is_group(commands, argv[0]);
    bool manual = argc == 1 && strcmp(argv[0], "--man") == 0;
    if (argc > 0 && !is_group && !manual) {
        int n_words;
        const cli_command *command = cli_lookup(commands, argc, argv, &n_words, err);
        if (command && argc > n_words) {
            ask_fail(err, ASK_ERR_USAGE, "help takes one command, got %s too",
                     argv[n_words]);
            command = NULL;
        }
        return command ? print_command_help(output, command, err) : CLI_FAILED;
    }
    ask_str text = {0};
    if (manual)
        cli_man(&text, commands);
    else
        cli_help_program(&text, commands, is_group ? argv[0] : NULL);
    return print(output, &text, err);
}

static bool fail_count(const cli_command *command, int n, ask_error *err)
{
    if (!command->arguments)
        return ask_fail(err, ASK_ERR_USAGE, "takes no arguments, got %d", n);
    return ask_fail(err, ASK_ERR_USAGE, "expected %s, got %d argument%s; see --help",
                    command->arguments, n, n == 1 ? "" : "s");
}

static bool check_arguments(const cli_command *command, const cli_arguments *arguments,
                            ask_error *err)
{
    int n = arguments->n;
    if (n < command->min_arguments || n > command->max_arguments)
        return fail_count(command, n, err);
    for (int i = 0; i < n; i++)
        if (!*arguments->items[i])
            return ask_fail(err, ASK_ERR_USAGE, "argument %d of %s is empty", i + 1,
                            command->arguments);
    return true;
}

/* The folders of models that ids name stand in for these while the command runs. */
static cli_outcome run_parsed(const cli_command *command, const cli_call *call,
                              const cli_target *targets, int n_targets,
                              cli_arguments *arguments, ask_error *err)
{
    if (!check_arguments(command, arguments, err)) return CLI_FAILED;
    cli_model_dirs dirs;
    bool ok =
        cli_model_dirs_put(&dirs, targets, n_targets, arguments, command->n_models, err);
    cli_outcome outcome = ok ? command->run(call, targets[0].values, err) : CLI_FAILED;
    cli_model_dirs_free(&dirs);
    return outcome;
}

/* argv: what stands behind the command's name. given: all of the call but its arguments. */
static cli_outcome run_command(const cli_command *command, int argc, char *const *argv,
                               const cli_call *given, ask_error *err)
{
    void *values = malloc(command->values_bytes + 1);
    if (!values) {
        ask_fail_memory(err);
        return CLI_FAILED;
    }
    if (command->values_bytes) memcpy(values, command->defaults, command->values_bytes);

    cli_common common = {0};
    const cli_target targets[] = {
        {command->options ? command->options : no_options, values},
        {command->shared ? command->shared : no_options,
         (char *)values + command->shared_at},
        {cli_common_options, &common},
    };
    enum { N_TARGETS = sizeof targets / sizeof *targets };
    cli_arguments arguments;
    cli_outcome outcome = CLI_FAILED;
    if (cli_options_parse(&arguments, targets, N_TARGETS, argv, argc, err)) {
        cli_call call = *given;
        call.arguments = &arguments;
        outcome = common.help
                      ? print_command_help(call.output, command, err)
                      : run_parsed(command, &call, targets, N_TARGETS, &arguments, err);
        cli_options_free(&arguments, targets, N_TARGETS);
    }
    free(values);
    return outcome;
}

/* Whether --json is asked for: known before parsing, so that a parsing error obeys it. */
static bool wants_json(int argc, char *const *argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) return true;
    }
    return false;
}

static bool is_any(const char *text, const char *a, const char *b)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

static cli_outcome run_program(const cli_command *commands, int argc, char *const *argv,
                               cli_output *output, const ask_cancel *cancel, ask_error *err)
{
    const cli_call call = {.output = output, .cancel = cancel, .argc = argc, .argv = argv};
    if (argc < 2) {
        ask_fail(err, ASK_ERR_USAGE, "no command; see askance --help");
        return CLI_FAILED;
    }
    if (argc > 2 && strcmp(argv[1], "--json") == 0) { // wants_json has seen it
        argc--;
        argv++;
    }
    const char *name = argv[1];
    if (is_any(name, "--help", "-h")) return print_help(output, commands, 0, NULL, err);
    if (strcmp(name, "help") == 0)
        return print_help(output, commands, argc - 2, argv + 2, err);
    if (argc > 2 && is_any(argv[2], "--help", "-h") && cli_is_group(commands, name))
        return print_help(output, commands, 1, argv + 1, err);
    if (strcmp(name, "--version") == 0) {
        ask_str text = {0};
        ask_str_printf(&text, "askance %s\n", ask_version());
        return print(output, &text, err);
    }
    int n_words;
    const cli_command *command = cli_lookup(commands, argc - 1, argv + 1, &n_words, err);
    if (!command) return CLI_FAILED;
    output->command = command->name;
    argc -= 1 + n_words;
    argv += 1 + n_words;
    return run_command(command, argc, argv, &call, err);
}

int cli_run(const cli_command *commands, int argc, char *const *argv, FILE *out, FILE *err)
{
    const ask_cancel *cancel = cli_interrupt_watch();
    cli_output output = {.out = out, .err = err, .json = wants_json(argc, argv)};
    ask_error error = {0};
    cli_outcome outcome = run_program(commands, argc, argv, &output, cancel, &error);
    if (outcome != CLI_FAILED && !cli_output_finish(&output, &error)) outcome = CLI_FAILED;
    if (outcome >= 0) return outcome;

    if (outcome == CLI_FAILED) cli_output_error(&output, &error);
    if (error.code == ASK_ERR_CANCELLED && ask_cancel_signal(cancel))
        return 128 + ask_cancel_signal(cancel);
    return ask_error_exit_status(error.code);
}
