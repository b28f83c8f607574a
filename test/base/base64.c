#include "base/base64.h"

#include <string.h>

#include "support/testing.h"

static void texts_are_the_bytes_that_they_stand_for(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
    } cases[] = {
        // RFC 4648, section 10
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9vYmE=", "fooba"},
        {"Zm9vYmFy", "foobar"},
        {"+/+/", "\xFB\xFF\xBF"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char out[16];
        size_t n = 99;
        CHECK_CASE(cases[i].text,
                   ask_base64_decode(out, &n, cases[i].text, strlen(cases[i].text)));
        CHECK_CASE(cases[i].text, n == strlen(cases[i].bytes));
        CHECK_CASE(cases[i].text, n <= ask_base64_most(strlen(cases[i].text)));
        CHECK_CASE(cases[i].text, memcmp(out, cases[i].bytes, n) == 0);
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Zg",       "Zg=",   "Z===", "====", "Zm9v\n", "Zm 9",     "Zm-_",
        "Zg==Zg==", "Zm9=v", "Zh==", "Zm9=", "=Zm9v",  "Zm9v====", "\xC3\xA9\xC3\xA9"};
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        char out[16];
        size_t n = 99;
        CHECK_CASE(bad[i], !ask_base64_decode(out, &n, bad[i], strlen(bad[i])));
        CHECK_CASE(bad[i], n == 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_the_bytes_that_they_stand_for),
        cmocka_unit_test(other_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
