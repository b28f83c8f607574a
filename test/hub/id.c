#include "hub/id.h"

#include <string.h>

#include "support/testing.h"

static void ids_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name, *revision; // name NULL: it is none
    } cases[] = {
        {"owner/name", "owner/name", ""},
        {"gpt2", "gpt2", ""},
        {"o/n-1.5_x@main", "o/n-1.5_x", "main"},
        {"o/n@refs/pr/1", "o/n", "refs/pr/1"},
        {"o/n@0123456789abcdef0123456789abcdef01234567", "o/n",
         "0123456789abcdef0123456789abcdef01234567"},
        {"__x__/n", "__x__/n", ""},
        {"", NULL, NULL},
        {"a/b/c", NULL, NULL},
        {"/name", NULL, NULL},
        {"owner/", NULL, NULL},
        {"../name", NULL, NULL},
        {"./name", NULL, NULL},
        {"owner/..", NULL, NULL},
        {"o--o/name", NULL, NULL},
        {"owner/na me", NULL, NULL},
        {"owner/name?x", NULL, NULL},
        {"owner/n\xc3\xa4me", NULL, NULL},
        {"owner/name@", NULL, NULL},
        {"owner/name@../x", NULL, NULL},
        {"owner/name@-x", NULL, NULL},
        {"owner/name@/x", NULL, NULL},
        {"owner/name@x//y", NULL, NULL},
        {"owner/name@x/.y", NULL, NULL},
        {"@main", NULL, NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_hub_id id;
        ask_error err = {0};
        bool ok = ask_hub_id_parse(&id, cases[i].text, &err);
        CHECK_CASE(cases[i].text, ok == !!cases[i].name);
        CHECK_CASE(cases[i].text, ok || err.code == ASK_ERR_USAGE);
        CHECK_CASE(cases[i].text, !ok || strcmp(id.name, cases[i].name) == 0);
        CHECK_CASE(cases[i].text, !ok || strcmp(id.revision, cases[i].revision) == 0);
    }
}

static void parts_that_are_too_long_are_none(void **state)
{
    (void)state;
    char text[400];
    ask_hub_id id;
    memset(text, 'a', sizeof text);
    text[96] = '\0';
    assert_true(ask_hub_id_parse(&id, text, NULL));
    text[96] = '/';
    text[193] = '\0';
    assert_true(ask_hub_id_parse(&id, text, NULL));
    text[193] = 'a';
    text[194] = '\0';
    assert_false(ask_hub_id_parse(&id, text, NULL));
    text[193] = '@';
    text[194] = 'a';
    text[399] = '\0';
    assert_false(ask_hub_id_parse(&id, text, NULL));
}

static void two_revisions_are_one_too_many(void **state)
{
    (void)state;
    ask_hub_id id;
    ask_error err = {0};
    assert_true(ask_hub_id_parse(&id, "o/n@v1", &err));
    assert_true(ask_hub_id_at(&id, "v1", &err));
    assert_false(ask_hub_id_at(&id, "v2", &err));
    assert_string_equal(err.message, "two revisions of o/n: v1 and v2; give one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_read),
        cmocka_unit_test(parts_that_are_too_long_are_none),
        cmocka_unit_test(two_revisions_are_one_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
