/* cli/man.h - the manual page, made from the command table that makes the help. */
#ifndef ASK_CLI_MAN_H
#define ASK_CLI_MAN_H

#include "base/str.h"
#include "cli/command.h"

/* All commands on one page of section 1, as source for man(7). */
void cli_man(ask_str *out, const cli_command *commands);

#endif
