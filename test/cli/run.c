#include "cli/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

typedef struct {
    const char *model;
    int64_t n_frames;
    cli_list choices;
} values;

static const values defaults = {.n_frames = 8};

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .at = offsetof(values, model),
     .argument = "DIR",
     .help = "use the model in DIR"},
    {.name = "frames",
     .kind = CLI_INT,
     .at = offsetof(values, n_frames),
     .argument = "N",
     .help = "look at N frames"},
    {.name = "choice",
     .kind = CLI_LIST,
     .at = offsetof(values, choices),
     .argument = "TEXT",
     .help = "one of the answers"},
    {0},
};

/* Says what it was given. */
static cli_outcome run_ask(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    ask_str text = {0};
    ask_str_printf(&text, "model=%s frames=%d", v->model ? v->model : "none",
                   (int)v->n_frames);
    for (int i = 0; i < v->choices.n; i++)
        ask_str_printf(&text, " or %s", v->choices.items[i]);
    for (int i = 0; i < call->arguments->n; i++)
        ask_str_printf(&text, " [%s]", call->arguments->items[i]);
    ask_str_append(&text, "\n");
    bool ok = cli_output_text(call->output, &text, err);
    ask_str_free(&text);
    return ok ? CLI_DONE : CLI_FAILED;
}

static cli_outcome run_find(const cli_call *call, const void *given, ask_error *err)
{
    (void)call, (void)given, (void)err;
    return CLI_NEGATIVE;
}

static cli_outcome run_open(const cli_call *call, const void *given, ask_error *err)
{
    (void)given;
    ask_fail(err, ASK_ERR_FORMAT, "%s: not a video", call->arguments->items[0]);
    return CLI_FAILED;
}

static const cli_command commands[] = {
    {.name = "ask",
     .summary = "Ask a question",
     .arguments = "VIDEO QUESTION",
     .min_arguments = 2,
     .max_arguments = 2,
     .description = "More words.",
     .options = options,
     .defaults = &defaults,
     .values_bytes = sizeof defaults,
     .run = run_ask},
    {.name = "find", .summary = "Find nothing", .run = run_find},
    {.name = "open",
     .summary = "Fail",
     .arguments = "VIDEO",
     .min_arguments = 1,
     .max_arguments = 1,
     .run = run_open},
    {.name = "model verify", .summary = "Compare", .run = run_find},
    {.name = "model info",
     .summary = "Tell",
     .arguments = "DIR",
     .min_arguments = 1,
     .max_arguments = 1,
     .run = run_open},
    {.name = "open all",
     .summary = "Fail twice",
     .arguments = "DIR",
     .min_arguments = 1,
     .max_arguments = 1,
     .run = run_open},
    {0},
};

enum { MAX_ARGS = 10 };

/* What a run said and how it ended. */
typedef struct {
    char *out, *err;
    int status;
} said;

static said run(char *const *args)
{
    char *argv[MAX_ARGS + 2] = {"askance"};
    int argc = 1;
    for (; *args; args++) argv[argc++] = *args;

    said s = {0};
    size_t n_out, n_err;
    FILE *out = open_memstream(&s.out, &n_out), *err = open_memstream(&s.err, &n_err);
    assert_true(out && err);
    s.status = cli_run(commands, argc, argv, out, err);
    fclose(out);
    fclose(err);
    return s;
}

static void forget(said *s)
{
    free(s->out);
    free(s->err);
}

static void commands_get_their_values_and_give_their_outcome(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        char *args[MAX_ARGS];
        const char *out, *err;
        int status;
    } cases[] = {
        {"defaults", {"ask", "v", "q"}, "model=none frames=8 [v] [q]\n", "", 0},
        {"options anywhere",
         {"ask", "--frames=2", "v", "--model", "d", "q"},
         "model=d frames=2 [v] [q]\n",
         "",
         0},
        {"a list",
         {"ask", "v", "q", "--choice=a", "--choice=b"},
         "model=none frames=8 or a or b [v] [q]\n",
         "",
         0},
        {"a negative outcome", {"find"}, "", "", 1},
        {"a failure", {"open", "a.txt"}, "", "askance: open: a.txt: not a video\n", 3},
        {"a failure as JSON",
         {"open", "a.txt", "--json"},
         "{\n  \"error\": {\n    \"code\": \"format\",\n    \"message\": \"a.txt: not a "
         "video\"\n  }\n}\n",
         "askance: open: a.txt: not a video\n",
         3},
        {"--json after the end of options is an argument",
         {"open", "--", "--json"},
         "",
         "askance: open: --json: not a video\n",
         3},
        {"one argument too few",
         {"ask", "v"},
         "",
         "askance: ask: expected VIDEO QUESTION, got 1 argument; see --help\n",
         2},
        {"one argument too many",
         {"ask", "v", "q", "r"},
         "",
         "askance: ask: expected VIDEO QUESTION, got 3 arguments; see --help\n",
         2},
        {"arguments where there are none",
         {"find", "it"},
         "",
         "askance: find: takes no arguments, got 1\n",
         2},
        {"an unknown command",
         {"fnid"},
         "",
         "askance: unknown command fnid; did you mean find?\n",
         2},
        {"a name of two words", {"model", "verify"}, "", "", 1},
        {"its arguments and its name in messages",
         {"model", "info", "dir"},
         "",
         "askance: model info: dir: not a video\n",
         3},
        {"a name that goes on where another ends",
         {"open", "all", "dir"},
         "",
         "askance: open all: dir: not a video\n",
         3},
        {"help of a name that another goes on from",
         {"open", "--help"},
         "Usage: askance open [OPTION]... VIDEO\nFail.\n\nOptions:\n"
         "      --json                print the result, or the error, as one JSON "
         "document\n"
         "  -h, --help                print this help\n",
         "",
         0},
        {"help of the longer name",
         {"help", "open", "all"},
         "Usage: askance open all [OPTION]... DIR\nFail twice.\n\nOptions:\n"
         "      --json                print the result, or the error, as one JSON "
         "document\n"
         "  -h, --help                print this help\n",
         "",
         0},
        {"a group alone",
         {"model"},
         "",
         "askance: model takes one of: verify, info; see askance model --help\n",
         2},
        {"an empty argument",
         {"ask", "v", ""},
         "",
         "askance: ask: argument 2 of VIDEO QUESTION is empty\n",
         2},
        {"help of two commands",
         {"help", "ask", "find"},
         "",
         "askance: help takes one command, got find too\n",
         2},
        {"a mistyped second word",
         {"model", "verfy"},
         "",
         "askance: unknown command model verfy; did you mean model verify?\n",
         2},
        {"a second word that is nothing",
         {"model", "paint"},
         "",
         "askance: model takes one of: verify, info; see askance model --help\n",
         2},
        {"help of one of a group",
         {"help", "model", "verify"},
         "Usage: askance model verify [OPTION]...\nCompare.\n\nOptions:\n"
         "      --json                print the result, or the error, as one JSON "
         "document\n"
         "  -h, --help                print this help\n",
         "",
         0},
        {"help wins over missing arguments",
         {"find", "-h"},
         "Usage: askance find [OPTION]...\nFind nothing.\n\nOptions:\n"
         "      --json                print the result, or the error, as one JSON "
         "document\n"
         "  -h, --help                print this help\n",
         "",
         0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run(cases[i].args);
        if (s.status != cases[i].status || strcmp(s.out, cases[i].out) != 0 ||
            strcmp(s.err, cases[i].err) != 0)
            fail_msg("case \"%s\": status %d, out \"%s\", err \"%s\"", cases[i].name,
                     s.status, s.out, s.err);
        forget(&s);
    }
}

static void the_help_of_a_command_tells_all_of_its_row(void **state)
{
    (void)state;
    said s = run((char *[]){"help", "ask", NULL});
    static const char *const parts[] = {
        "Usage: askance ask [OPTION]... VIDEO QUESTION\n",
        "Ask a question.\n",
        "More words.\n",
        "--model=DIR",
        "--choice=TEXT",
        "--json",
    };
    for (size_t i = 0; i < TEST_COUNT(parts); i++)
        CHECK_CASE(parts[i], strstr(s.out, parts[i]) != NULL);
    forget(&s);
}

static void the_help_of_a_group_lists_its_commands(void **state)
{
    (void)state;
    static char *const args[][MAX_ARGS] = {{"model", "--help"}, {"help", "model"}};
    for (size_t i = 0; i < TEST_COUNT(args); i++) {
        said s = run(args[i]);
        CHECK_CASE(args[i][0], s.status == 0 && strstr(s.out, "model verify") &&
                                   strstr(s.out, "model info") && !strstr(s.out, "find"));
        forget(&s);
    }
}

static void the_manual_page_is_made_from_the_same_rows(void **state)
{
    (void)state;
    said s = run((char *[]){"help", "--man", NULL});
    static const char *const parts[] = {
        ".TH ASKANCE 1 ",
        ".SS askance ask [\\fIOPTION\\fR]... \\fIVIDEO QUESTION\\fR\nAsk a question.\n",
        ".PP\nMore words.\n",
        ".TP\n\\fB\\-\\-model\\fR=\\fIDIR\\fR\nuse the model in DIR\n",
        ".SS askance model verify ",
        ".SH EXIT STATUS\n",
    };
    for (size_t i = 0; i < TEST_COUNT(parts); i++)
        CHECK_CASE(parts[i], strstr(s.out, parts[i]) != NULL);
    forget(&s);
}

static void memory_that_runs_out_is_told_or_not_needed(void **state)
{
    (void)state;
    static char *const args[][MAX_ARGS] = {
        {"ask", "v", "q", "--choice=a", "--choice=b"},
        {"ask", "v", "q", "--choice=a", "--json", "--nope"},
        {"help", "ask"},
        {"help", "--man"},
        {"--help"},
        {"--version"},
        {"model", "paint"},
    };
    for (size_t i = 0; i < TEST_COUNT(args); i++) {
        int n_failures = 0;
        bool failed = true;
        for (long n = 1; failed; n++) {
            test_fail_alloc_at(n);
            said s = run(args[i]);
            failed = test_alloc_has_failed();
            test_fail_alloc_at(0);
            if (failed && s.status == 5) {
                assert_non_null(strstr(s.err, "out of memory"));
                n_failures++;
            }
            CHECK_CASE(args[i][0], s.status == 0 || s.status == 2 || failed);
            forget(&s);
        }
        CHECK_CASE(args[i][0], n_failures > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_get_their_values_and_give_their_outcome),
        cmocka_unit_test(the_help_of_a_command_tells_all_of_its_row),
        cmocka_unit_test(the_help_of_a_group_lists_its_commands),
        cmocka_unit_test(the_manual_page_is_made_from_the_same_rows),
        cmocka_unit_test(memory_that_runs_out_is_told_or_not_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
