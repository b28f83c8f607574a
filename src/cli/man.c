#include "cli/man.h"

#include "base/version.h"
#include "cli/help.h"

/* Text in which nothing is taken for a request or an escape. */
static void append_plain(ask_str *out, const char *text)
{
    bool at_start = true;
    for (; *text; text++) {
        if (at_start && (*text == '.' || *text == '\'')) ask_str_append(out, "\\&");
        if (*text == '\\')
            ask_str_append(out, "\\e");
        else if (*text == '-')
            ask_str_append(out, "\\-");
        else
            ask_str_append_char(out, *text);
        at_start = *text == '\n';
    }
}

static void append_options(ask_str *out, const cli_option *options)
{
    for (const cli_option *o = options; o && o->name; o++) {
        ask_str_append(out, ".TP\n");
        if (o->letter) ask_str_printf(out, "\\fB\\-%c\\fR, ", o->letter);
        ask_str_append(out, "\\fB\\-\\-");
        append_plain(out, o->name);
        ask_str_append(out, "\\fR");
        if (o->argument) ask_str_printf(out, "=\\fI%s\\fR", o->argument);
        ask_str_append_char(out, '\n');
        append_plain(out, o->help);
        ask_str_append_char(out, '\n');
    }
}

/* A description's paragraphs are separated by empty lines. */
static void append_paragraphs(ask_str *out, const char *text)
{
    ask_str_append(out, ".PP\n");
    ask_str plain = {0};
    append_plain(&plain, text);
    for (const char *p = ask_str_text(&plain); *p; p++) {
        if (p[0] == '\n' && p[1] == '\n') {
            ask_str_append(out, "\n.PP");
            p++;
        }
        ask_str_append_char(out, *p);
    }
    ask_str_append_char(out, '\n');
    out->failed |= plain.failed;
    ask_str_free(&plain);
}

static void append_command(ask_str *out, const cli_command *c)
{
    ask_str_printf(out, ".SS askance %s", c->name);
    ask_str_append(out, " [\\fIOPTION\\fR]...");
    if (c->arguments) ask_str_printf(out, " \\fI%s\\fR", c->arguments);
    ask_str_append_char(out, '\n');
    append_plain(out, c->summary);
    ask_str_append(out, ".\n");
    if (c->description) append_paragraphs(out, c->description);
    append_options(out, c->options);
    append_options(out, c->shared);
}

static const struct {
    int status;
    const char *meaning;
} statuses[] = {
    {0, "Done."},
    {1, "It ran, and the answer is no (not found, verification failed)."},
    {2, "Wrong usage or configuration."},
    {3, "The input is unreadable or its kind unsupported."},
    {4, "The model is missing, corrupt or incompatible."},
    {5, "It does not fit (tokens, memory, limits, the disk)."},
    {6, "A device is unavailable."},
    {70, "A bug in askance."},
    {130, "Interrupted; 143 when terminated."},
};

void cli_man(ask_str *out, const cli_command *commands)
{
    ask_str_printf(out, ".TH ASKANCE 1 \"\" \"askance %s\"\n", ask_version());
    ask_str_append(out, ".SH NAME\naskance \\- ask a video a question\n.SH SYNOPSIS\n"
                        "\\fBaskance\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]... "
                        "[\\fIARGUMENT\\fR]...\n.SH DESCRIPTION\n"
                        "The answer, the evidence for it, and a test of whether the "
                        "evidence was used.\nEvery command takes these options:\n");
    append_options(out, cli_common_options);
    ask_str_append(out, ".SH COMMANDS\n");
    for (const cli_command *c = commands; c->name; c++) append_command(out, c);
    ask_str_append(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        ask_str_printf(out, ".TP\n%d\n%s\n", statuses[i].status, statuses[i].meaning);
}
