/* How the program was built is told as it was. */
#include "cli/build.h"

#include <string.h>

#include "support/testing.h"

/* There when the address sanitizer is. */
extern void __asan_init(void) __attribute__((weak));

static void a_build_with_the_sanitizer_says_so(void **state)
{
    (void)state;
    if (__asan_init) assert_true(cli_build_read().sanitizers);
    ask_str text = {0};
    cli_build_text(&text);
    bool says = strstr(ask_str_text(&text), ", with sanitizers") != NULL;
    assert_int_equal(says, cli_build_read().sanitizers);
    ask_str_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_with_the_sanitizer_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
