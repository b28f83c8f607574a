/* cli/run.h - from argv to an exit status. */
#ifndef ASK_CLI_RUN_H
#define ASK_CLI_RUN_H

#include "cli/command.h"

/* Runs the command of the table that argv[1] names, with results to out and messages to
 * err. Returns the exit status: the outcome of the command, ask_error_exit_status of its
 * error, or 128 + the signal that interrupted it. Also answers --help, --version, help and
 * help COMMAND. Watches signals from now on (cli/interrupt.h). */
int cli_run(const cli_command *commands, int argc, char *const *argv, FILE *out, FILE *err);

#endif
