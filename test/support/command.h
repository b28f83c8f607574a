/* support/command.h - commands run as from a command line, and what they said. */
#ifndef SUPPORT_COMMAND_H
#define SUPPORT_COMMAND_H

#include "base/json.h"
#include "cli/command.h"

typedef struct {
    int status;
    char *out, *err; // owned
} said;

enum { COMMAND_MAX_WORDS = 16 };

/* Runs "askance NAME WORDS..." with a table of these commands alone. The words end with
 * NULL, or there are as many as there may be. */
said command_run(const cli_command *commands, const char *name, const char *const *words);
void said_free(said *s);

/* Fails the test, showing the text, unless the part is in it. */
void check_holds(const char *text, const char *part);

/* What was printed, as JSON; freed with ask_json_free. */
ask_json *said_json(const said *s);

#endif
