/* cli/lookup.h - which command is meant by the words of a command line.
 *
 * A command's name is one word ("find") or two ("model verify"). Commands that share their
 * first word are a group, unless that word is a command itself ("features", beside
 * "features info"). */
#ifndef ASK_CLI_LOOKUP_H
#define ASK_CLI_LOOKUP_H

#include "cli/command.h"

/* The command of the longest name that argv[0..argc) begins with, and its words. NULL with
 * ASK_ERR_USAGE, which tells the nearest name, or the group's names, when there is none. */
const cli_command *cli_lookup(const cli_command *commands, int argc, char *const *argv,
                              int *n_words, ask_error *err);

/* Whether the command is of the group of that word. */
bool cli_in_group(const cli_command *command, const char *group);

/* Whether the word is that of a group. */
bool cli_is_group(const cli_command *commands, const char *word);

#endif
