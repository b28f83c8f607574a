/* cli/rows.h - short forms of rows of options, for a file that has them in a struct of its
 * own with the name `values`. */
#ifndef ASK_CLI_ROWS_H
#define ASK_CLI_ROWS_H

#include "cli/options.h"

#define TEXT(NAME, FIELD, ARGUMENT, HELP)                                                  \
    {                                                                                      \
        .name = NAME, .kind = CLI_TEXT, .at = offsetof(values, FIELD),                     \
        .argument = ARGUMENT, .help = HELP                                                 \
    }
#define MODEL(NAME, FIELD, HELP)                                                           \
    {                                                                                      \
        .name = NAME, .kind = CLI_MODEL, .at = offsetof(values, FIELD), .argument = "DIR", \
        .help = HELP                                                                       \
    }
#define FLAG(NAME, FIELD, HELP)                                                            \
    {                                                                                      \
        .name = NAME, .kind = CLI_FLAG, .at = offsetof(values, FIELD), .help = HELP        \
    }
#define INT(NAME, FIELD, MIN, MAX, HELP)                                                   \
    {                                                                                      \
        .name = NAME, .kind = CLI_INT, .at = offsetof(values, FIELD), .min = MIN,          \
        .max = MAX, .argument = "N", .help = HELP                                          \
    }
#define REAL(NAME, FIELD, MIN, MAX, HELP)                                                  \
    {                                                                                      \
        .name = NAME, .kind = CLI_REAL, .at = offsetof(values, FIELD), .min = MIN,         \
        .max = MAX, .argument = "X", .help = HELP                                          \
    }

#endif
