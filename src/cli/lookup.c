#include "cli/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "cli/nearest.h"

bool cli_in_group(const cli_command *command, const char *group)
{
    size_t length = strlen(group);
    return strncmp(command->name, group, length) == 0 && command->name[length] == ' ';
}

bool cli_is_group(const cli_command *commands, const char *word)
{
    bool found = false;
    for (const cli_command *c = commands; c->name; c++) {
        if (strcmp(c->name, word) == 0) return false;
        found |= cli_in_group(c, word);
    }
    return found;
}

/* Words of the command's name if argv begins with them, else 0. */
static int match(const cli_command *command, int argc, char *const *argv)
{
    if (argc >= 1 && strcmp(command->name, argv[0]) == 0) return 1;
    bool both = argc >= 2 && cli_in_group(command, argv[0]) &&
                strcmp(command->name + strlen(argv[0]) + 1, argv[1]) == 0;
    return both ? 2 : 0;
}

static bool unknown_in_group(const cli_command *commands, const char *group, ask_error *err)
{
    ask_str names = {0};
    for (const cli_command *c = commands; c->name; c++) {
        if (!cli_in_group(c, group)) continue;
        ask_str_printf(&names, "%s%s", names.length ? ", " : "",
                       c->name + strlen(group) + 1);
    }
    char *list = ask_str_take(&names, err);
    if (list)
        ask_fail(err, ASK_ERR_USAGE, "%s takes one of: %s; see askance %s --help", group,
                 list, group);
    free(list);
    return false;
}

static bool unknown(const cli_command *commands, int argc, char *const *argv,
                    ask_error *err)
{
    if (argc == 1 && cli_is_group(commands, argv[0]))
        return unknown_in_group(commands, argv[0], err);
    char both[64];
    ask_format(both, sizeof both, "%s %s", argv[0], argc > 1 ? argv[1] : "");
    cli_nearest nearest = {.word = argv[0]}, nearest_two = {.word = both};
    for (const cli_command *c = commands; c->name; c++) {
        bool two_words = strchr(c->name, ' ') != NULL;
        cli_nearest_offer(two_words ? &nearest_two : &nearest, c->name);
    }
    const char *meant = nearest_two.name ? nearest_two.name : nearest.name;
    if (meant)
        return ask_fail(err, ASK_ERR_USAGE, "unknown command %s; did you mean %s?",
                        nearest_two.name ? both : argv[0], meant);
    if (cli_is_group(commands, argv[0])) return unknown_in_group(commands, argv[0], err);
    return ask_fail(err, ASK_ERR_USAGE, "unknown command %s; see askance --help", argv[0]);
}

const cli_command *cli_lookup(const cli_command *commands, int argc, char *const *argv,
                              int *n_words, ask_error *err)
{
    const cli_command *found = NULL;
    *n_words = 0;
    for (const cli_command *c = commands; c->name; c++) {
        int n = match(c, argc, argv);
        if (n <= *n_words) continue;
        found = c;
        *n_words = n;
    }
    if (!found) unknown(commands, argc, argv, err);
    return found;
}
