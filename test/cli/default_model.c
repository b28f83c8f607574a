/* The default model is found from where the program is. */
#include "cli/default_model.h"

#include <string.h>

#include "support/testing.h"

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

#define INSTALLED "share/askance/models/mini/"
#define BUILT "bin/models/mini/"

static void the_installed_model_comes_before_that_of_a_build(void **state)
{
    (void)state;
    static const struct {
        const char *name;     // also the prefix
        const char *files[4]; // below the prefix
        const char *found;    // below the prefix; NULL: none
    } cases[] = {
        {"nothing", {0}, NULL},
        {"installed",
         {INSTALLED "config.json", INSTALLED "model.safetensors"},
         "share/askance/models/mini"},
        {"built", {BUILT "config.json", BUILT "model.safetensors"}, "bin/models/mini"},
        {"both",
         {INSTALLED "config.json", INSTALLED "model.safetensors", BUILT "config.json",
          BUILT "model.safetensors"},
         "share/askance/models/mini"},
        {"no weights", {INSTALLED "config.json", BUILT "config.json"}, NULL},
        {"no configuration", {INSTALLED "model.safetensors"}, NULL},
        {"installed without weights",
         {INSTALLED "config.json", BUILT "config.json", BUILT "model.safetensors"},
         "bin/models/mini"},
        {"weights under another name",
         {INSTALLED "config.json", INSTALLED "weights.safetensors"},
         NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *prefix = test_path(dir, cases[i].name);
        for (int k = 0; k < 4 && cases[i].files[k]; k++)
            test_write_text(test_path(prefix, cases[i].files[k]), "{}");
        ask_error err = {0};
        cli_default_model m;
        CHECK_OK(cli_default_model_find_from(&m, test_path(prefix, "bin"), &err), &err);
        const char *found = cases[i].found ? test_path(prefix, cases[i].found) : NULL;
        CHECK_CASE(cases[i].name, !found == !m.dir);
        if (found) assert_string_equal(m.dir, found);
        cli_default_model_free(&m);
        CHECK_CASE(cases[i].name, !m.dir && !m.places[0] && !m.places[1]);
    }
}

static void the_places_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *program_dir, *places[CLI_MODEL_PLACES];
    } cases[] = {
        {"/usr/bin", {"/usr/share/askance/models/mini", "/usr/bin/models/mini"}},
        {"/bin", {"/share/askance/models/mini", "/bin/models/mini"}},
        {"/", {"/share/askance/models/mini", "/models/mini"}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        cli_default_model m;
        CHECK_OK(cli_default_model_find_from(&m, cases[i].program_dir, &err), &err);
        for (int k = 0; k < CLI_MODEL_PLACES; k++)
            assert_string_equal(m.places[k], cases[i].places[k]);
        cli_default_model_free(&m);
    }
}

static void a_program_knows_where_it_is(void **state)
{
    (void)state;
    ask_error err = {0};
    cli_default_model m;
    CHECK_OK(cli_default_model_find(&m, &err), &err);
    assert_true(m.places[0] && m.places[0][0] == '/');
    assert_non_null(strstr(m.places[1], "/test/cli/models/mini"));
    cli_default_model_free(&m);
}

static bool find(void *user, ask_error *err)
{
    cli_default_model m;
    if (!cli_default_model_find_from(&m, user, err)) return false;
    cli_default_model_free(&m);
    return true;
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("find", find, dir) > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_installed_model_comes_before_that_of_a_build),
        cmocka_unit_test(the_places_are_told),
        cmocka_unit_test(a_program_knows_where_it_is),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
