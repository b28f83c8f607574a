/* What the ids of texts depend on is told. */
#include "text/libraries.h"

#include <ctype.h>
#include <string.h>

#include "support/testing.h"

static void libraries_are_told_with_their_versions(void **state)
{
    (void)state;
    static const char *const names[] = {"PCRE2", "utf8proc"};
    ask_library library;
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        CHECK_CASE(names[i], ask_text_library_at(&library, i));
        CHECK_CASE(names[i], strcmp(library.name, names[i]) == 0);
        CHECK_CASE(names[i], isdigit((unsigned char)library.version[0]));
        CHECK_CASE(names[i], strchr(library.version, '.') && !strchr(library.version, ' '));
    }
    assert_false(ask_text_library_at(&library, TEST_COUNT(names)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libraries_are_told_with_their_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
