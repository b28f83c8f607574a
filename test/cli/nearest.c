#include "cli/nearest.h"

#include <limits.h>
#include <string.h>

#include "support/testing.h"

static void edits_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *name, *a, *b;
        int distance;
    } cases[] = {
        {"equal", "frames", "frames", 0},
        {"both empty", "", "", 0},
        {"from nothing", "", "ask", 3},
        {"insert", "fram", "frame", 1},
        {"delete", "frames", "frame", 1},
        {"replace", "frames", "flames", 1},
        {"swap of neighbours", "frmaes", "frames", 1},
        {"swap and insert", "vesrio", "version", 2},
        {"nothing in common", "abc", "xyz", 3},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        CHECK_CASE(cases[i].name,
                   cli_edit_distance(cases[i].a, cases[i].b) == cases[i].distance);
        CHECK_CASE(cases[i].name,
                   cli_edit_distance(cases[i].b, cases[i].a) == cases[i].distance);
    }
}

static void a_long_word_is_far_from_everything(void **state)
{
    (void)state;
    char word[200];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    assert_int_equal(cli_edit_distance(word, word), INT_MAX);
}

static void the_nearest_name_is_kept_when_it_is_near_enough(void **state)
{
    (void)state;
    static const char *const names[] = {"ask", "find", "inspect", "version"};
    static const struct {
        const char *name, *word, *nearest;
    } cases[] = {
        {"one letter off", "inspct", "inspect"},
        {"swapped", "fnid", "find"},
        {"first of equals stays", "as", "ask"},
        {"too far", "quit", NULL},
        {"a short name is not reached by replacing all of it", "xyz", NULL},
        {"nothing typed", "", NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        cli_nearest nearest = {.word = cases[i].word};
        for (size_t n = 0; n < TEST_COUNT(names); n++)
            cli_nearest_offer(&nearest, names[n]);
        CHECK_CASE(cases[i].name, nearest.name == NULL
                                      ? cases[i].nearest == NULL
                                      : cases[i].nearest != NULL &&
                                            strcmp(nearest.name, cases[i].nearest) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(a_long_word_is_far_from_everything),
        cmocka_unit_test(the_nearest_name_is_kept_when_it_is_near_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
