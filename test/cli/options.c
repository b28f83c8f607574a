#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#include "support/testing.h"

typedef struct {
    bool plan, plot;
    const char *model;
    int64_t n_frames;
    double start_s;
    int64_t max_size;
    cli_list choices;
    cli_args args;
} values;

static const values defaults = {.n_frames = 8};

static const cli_option table[] = {
    {.name = "plan",
     .letter = 'p',
     .kind = CLI_FLAG,
     .at = offsetof(values, plan),
     .help = "say what would be done"},
    {.name = "plot", .kind = CLI_FLAG, .at = offsetof(values, plot), .help = "draw it"},
    {.name = "model",
     .letter = 'm',
     .kind = CLI_TEXT,
     .at = offsetof(values, model),
     .argument = "DIR",
     .help = "use the model in DIR"},
    {.name = "frames",
     .kind = CLI_INT,
     .at = offsetof(values, n_frames),
     .min = 1,
     .max = 4096,
     .argument = "N",
     .help = "look at N frames"},
    {.name = "start",
     .kind = CLI_REAL,
     .at = offsetof(values, start_s),
     .argument = "S",
     .help = "begin at S seconds"},
    {.name = "max_size",
     .kind = CLI_INT,
     .at = offsetof(values, max_size),
     .argument = "N",
     .help = "at most N"},
    {.name = "args",
     .kind = CLI_ARGS,
     .at = offsetof(values, args),
     .argument = "FILE",
     .help = "read options in FILE"},
    {.name = "choice",
     .kind = CLI_LIST,
     .at = offsetof(values, choices),
     .argument = "TEXT",
     .help = "one of the answers"},
    {0},
};

static int count(char *const *argv)
{
    int n = 0;
    while (argv[n]) n++;
    return n;
}

typedef struct {
    values v;
    cli_arguments arguments;
    cli_target target;
} parsed;

static bool parse(parsed *p, char *const *argv, ask_error *err)
{
    p->v = defaults;
    p->target = (cli_target){table, &p->v};
    return cli_options_parse(&p->arguments, &p->target, 1, argv, count(argv), err);
}

static void drop(parsed *p)
{
    cli_options_free(&p->arguments, &p->target, 1);
}

/* The values, lists and arguments as one line, for tables. */
static void describe(char *out, size_t size, const parsed *p)
{
    ask_str text = {0};
    ask_str_printf(&text, "plan=%d plot=%d model=%s frames=%d start=%g", p->v.plan,
                   p->v.plot, p->v.model ? p->v.model : "none", (int)p->v.n_frames,
                   p->v.start_s);
    for (int i = 0; i < p->v.choices.n; i++)
        ask_str_printf(&text, " choice=%s", p->v.choices.items[i]);
    for (int i = 0; i < p->arguments.n; i++)
        ask_str_printf(&text, " [%s]", p->arguments.items[i]);
    snprintf(out, size, "%s", ask_str_text(&text));
    ask_str_free(&text);
}

static void accepted_forms_give_the_values_meant(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        char *argv[8];
        const char *expected;
    } cases[] = {
        {"nothing", {NULL}, "plan=0 plot=0 model=none frames=8 start=0"},
        {"name=value", {"--model=d", NULL}, "plan=0 plot=0 model=d frames=8 start=0"},
        {"name value", {"--model", "d", NULL}, "plan=0 plot=0 model=d frames=8 start=0"},
        {"letter value", {"-m", "d", NULL}, "plan=0 plot=0 model=d frames=8 start=0"},
        {"letter with value attached",
         {"-md", NULL},
         "plan=0 plot=0 model=d frames=8 start=0"},
        {"letters together", {"-pmd", NULL}, "plan=1 plot=0 model=d frames=8 start=0"},
        {"empty value", {"--model=", NULL}, "plan=0 plot=0 model= frames=8 start=0"},
        {"value with an equals sign",
         {"--model=a=b", NULL},
         "plan=0 plot=0 model=a=b frames=8 start=0"},
        {"value that looks like an option",
         {"--model", "--plan", NULL},
         "plan=0 plot=0 model=--plan frames=8 start=0"},
        {"negative number",
         {"--start", "-1.5", NULL},
         "plan=0 plot=0 model=none frames=8 start=-1.5"},
        {"the last one counts",
         {"--frames=2", "--frames=3", NULL},
         "plan=0 plot=0 model=none frames=3 start=0"},
        {"bounds belong to the range",
         {"--frames=4096", NULL},
         "plan=0 plot=0 model=none frames=4096 start=0"},
        {"a name cut short", {"--fr=5", NULL}, "plan=0 plot=0 model=none frames=5 start=0"},
        {"a list keeps its order",
         {"--choice", "a", "--choice=b", NULL},
         "plan=0 plot=0 model=none frames=8 start=0 choice=a choice=b"},
        {"options after arguments",
         {"clip.mp4", "--plan", "why?", NULL},
         "plan=1 plot=0 model=none frames=8 start=0 [clip.mp4] [why?]"},
        {"two dashes end the options",
         {"--plan", "--", "--plot", "-x", NULL},
         "plan=1 plot=0 model=none frames=8 start=0 [--plot] [-x]"},
        {"a dash is an argument",
         {"-", NULL},
         "plan=0 plot=0 model=none frames=8 start=0 [-]"},
        {"an empty argument is one",
         {"", NULL},
         "plan=0 plot=0 model=none frames=8 start=0 []"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        parsed p;
        ask_error err = {0};
        if (!parse(&p, cases[i].argv, &err))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        char got[256];
        describe(got, sizeof got, &p);
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, got);
        drop(&p);
    }
}

static void faults_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        char *argv[4];
        const char *message;
    } cases[] = {
        {"mistyped",
         {"--frmaes=3", NULL},
         "unknown option --frmaes; did you mean --frames?"},
        {"unknown", {"--colour", NULL}, "unknown option --colour; see --help"},
        {"no name", {"--=3", NULL}, "unknown option --; see --help"},
        {"unknown letter", {"-px", NULL}, "unknown option -x; see --help"},
        {"ambiguous",
         {"--pl", NULL},
         "option --pl is ambiguous: --plan or --plot; write it out"},
        {"no value", {"--model", NULL}, "option --model needs a value (DIR)"},
        {"no value for a letter", {"-m", NULL}, "option --model needs a value (DIR)"},
        {"a value too many", {"--plan=yes", NULL}, "option --plan takes no value"},
        {"not whole", {"--frames=2.5", NULL}, "option --frames: 2.5 is not a whole number"},
        {"empty number", {"--frames=", NULL}, "option --frames:  is not a whole number"},
        {"too many digits",
         {"--frames=99999999999999999999", NULL},
         "option --frames: 99999999999999999999 is not a whole number"},
        {"below", {"--frames=0", NULL}, "option --frames: 0 is outside 1 to 4096"},
        {"above", {"--frames=4097", NULL}, "option --frames: 4097 is outside 1 to 4096"},
        {"not a number", {"--start=soon", NULL}, "option --start: soon is not a number"},
        {"after a list",
         {"--choice=a", "--nope", NULL},
         "unknown option --nope; see --help"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        parsed p;
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !parse(&p, cases[i].argv, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
        if (strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, p.arguments.items == NULL && p.v.choices.items == NULL);
    }
}

static void the_first_table_that_knows_a_name_takes_it(void **state)
{
    (void)state;
    values first = {0}, second = {0};
    static const cli_option only_plan[] = {
        {.name = "plan", .kind = CLI_FLAG, .at = offsetof(values, plan), .help = ""},
        {0},
    };
    const cli_target targets[] = {{only_plan, &first}, {table, &second}};
    char *argv[] = {"--plan", "--plot", NULL};
    cli_arguments arguments;
    ask_error err = {0};
    CHECK_OK(cli_options_parse(&arguments, targets, 2, argv, 2, &err), &err);
    assert_true(first.plan);
    assert_false(second.plan);
    assert_true(second.plot);
    cli_options_free(&arguments, targets, 2);
}

static bool parse_a_list(void *user, ask_error *err)
{
    (void)user;
    char *argv[] = {"x", "--choice", "a", "--choice", "b", NULL};
    parsed p;
    if (!parse(&p, argv, err)) return false;
    drop(&p);
    return true;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_int_equal(test_each_alloc_fails("options", parse_a_list, NULL), 3);
}

static void dashes_and_underscores_are_the_same(void **state)
{
    (void)state;
    char *const names[] = {"--max_size=7", "--max-size=7", "--max-s=7"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        parsed p;
        ask_error err = {0};
        CHECK_OK(parse(&p, (char *[]){names[i], NULL}, &err), &err);
        CHECK_CASE(names[i], p.v.max_size == 7);
        drop(&p);
    }
}

/* ---- files of options ---- */

static const char *write_args(const char *dir, const char *text)
{
    static char option[600];
    snprintf(option, sizeof option, "--args=%s", test_path(dir, "args.txt"));
    test_write_text(test_path(dir, "args.txt"), text);
    return option;
}

static void a_file_of_options_stands_where_it_is_named(void **state)
{
    (void)state;
    ask_error err = {0};
    parsed p;
    char got[256], *dir = test_temp_dir_make();
    const char *file = write_args(dir, "# comment\n\n  frames = 3 \nplan\nplot=false\r\n"
                                       "model=a=b\nchoice=x\nchoice = y z\nmax-size=2");
    char *argv[] = {"--frames=2", "--plot", (char *)file, "--model=last", NULL};
    CHECK_OK(parse(&p, argv, &err), &err);
    describe(got, sizeof got, &p);
    assert_string_equal(got,
                        "plan=1 plot=0 model=last frames=3 start=0 choice=x choice=y z");
    assert_int_equal(p.v.max_size, 2);
    drop(&p);
    test_temp_dir_remove(dir);
}

static void faults_in_files_of_options_are_named(void **state)
{
    static const struct {
        const char *name, *text, *says;
    } cases[] = {
        {"unknown", "plan\n\nfrmaes=3\n",
         "args.txt:3: unknown option --frmaes; did you mean --frames?"},
        {"out of range", "frames=0", "args.txt:1: option --frames: 0 is outside 1 to 4096"},
        {"no value", "model", "args.txt:1: option --model needs a value (DIR)"},
        {"a flag", "plan=yes", "args.txt:1: option --plan is true or false, not yes"},
        {"another file", "args=x", "args.txt:1: a file of options names no other"},
    };
    (void)state;
    char *dir = test_temp_dir_make();
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        parsed p;
        ask_error err = {0};
        char *argv[] = {(char *)write_args(dir, cases[i].text), NULL};
        CHECK_CASE(cases[i].name, !parse(&p, argv, &err));
        if (err.code != ASK_ERR_USAGE || !strstr(err.message, cases[i].says))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
    parsed p;
    ask_error err = {0};
    assert_false(parse(&p, (char *[]){"--args=/nowhere/args.txt", NULL}, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    test_temp_dir_remove(dir);
}

static void help_has_a_line_per_option(void **state)
{
    (void)state;
    ask_str text = {0};
    cli_options_help(&text, table);
    assert_non_null(
        strstr(ask_str_text(&text), "  -p, --plan                say what would"));
    assert_non_null(strstr(ask_str_text(&text), "      --frames=N            look at N"));
    ask_str_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_forms_give_the_values_meant),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(the_first_table_that_knows_a_name_takes_it),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(dashes_and_underscores_are_the_same),
        cmocka_unit_test(a_file_of_options_stands_where_it_is_named),
        cmocka_unit_test(faults_in_files_of_options_are_named),
        cmocka_unit_test(help_has_a_line_per_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
