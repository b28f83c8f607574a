#include "support/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run.h"
#include "support/testing.h"

said command_run(const cli_command *commands, const char *name, const char *const *words)
{
    said s = {0};
    size_t n_out, n_err;
    FILE *out = open_memstream(&s.out, &n_out), *err = open_memstream(&s.err, &n_err);
    assert_non_null(out);
    assert_non_null(err);
    char *argv[COMMAND_MAX_WORDS + 3] = {"askance", (char *)name};
    int argc = 2;
    for (int i = 0; i < COMMAND_MAX_WORDS && words[i]; i++) argv[argc++] = (char *)words[i];
    s.status = cli_run(commands, argc, argv, out, err);
    fclose(out);
    fclose(err);
    return s;
}

void said_free(said *s)
{
    free(s->out);
    free(s->err);
}

void check_holds(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("\"%s\" is not in:\n%s", part, text);
}

ask_json *said_json(const said *s)
{
    ask_error err = {0};
    ask_json *doc = ask_json_parse(s->out, strlen(s->out), "stdout", NULL, &err);
    if (!doc) fail_msg("%s\n%s%s", err.message, s->out, s->err);
    return doc;
}
