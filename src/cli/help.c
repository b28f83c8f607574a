#include "cli/help.h"

#include "cli/lookup.h"

const cli_option cli_common_options[] = {
    {.name = "json",
     .kind = CLI_FLAG,
     .at = offsetof(cli_common, json),
     .help = "print the result, or the error, as one JSON document"},
    {.name = "help",
     .letter = 'h',
     .kind = CLI_FLAG,
     .at = offsetof(cli_common, help),
     .help = "print this help"},
    {0},
};

void cli_help_program(ask_str *out, const cli_command *commands, const char *group)
{
    ask_str_append(out,
                   "Usage: askance COMMAND [OPTION]... [ARGUMENT]...\n"
                   "Ask a video a question: the answer, the evidence for it, and a test of "
                   "whether the\nevidence was used.\n\nCommands:\n");
    for (const cli_command *c = commands; c->name; c++) {
        if (!group || cli_in_group(c, group))
            ask_str_printf(out, "  %-12s  %s\n", c->name, c->summary);
    }
    ask_str_append(out, "\n`askance COMMAND --help` tells more about one of them.\n");
}

void cli_help_command(ask_str *out, const cli_command *command)
{
    ask_str_printf(out, "Usage: askance %s [OPTION]...", command->name);
    if (command->arguments) ask_str_printf(out, " %s", command->arguments);
    ask_str_printf(out, "\n%s.\n", command->summary);
    if (command->description) ask_str_printf(out, "\n%s\n", command->description);
    ask_str_append(out, "\nOptions:\n");
    if (command->options) cli_options_help(out, command->options);
    if (command->shared) cli_options_help(out, command->shared);
    cli_options_help(out, cli_common_options);
}
