/* cli/help.h - the help texts, made from the command table. */
#ifndef ASK_CLI_HELP_H
#define ASK_CLI_HELP_H

#include "base/str.h"
#include "cli/command.h"

/* The options that every command understands. */
typedef struct {
    bool help;
    bool json;
} cli_common;

extern const cli_option cli_common_options[];

/* All commands, or those of a group. */
void cli_help_program(ask_str *out, const cli_command *commands, const char *group);
void cli_help_command(ask_str *out, const cli_command *command);

#endif
