#include "media/codecs.h"

#include <stdio.h>
#include <string.h>

#include "support/testing.h"

static void what_the_program_cannot_do_without_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *format;
        bool written;
    } needed[] = {
        {"h264", true}, {"gif", true}, {"png", true}, {"mjpeg", true}, {"webp", false}};
    for (size_t k = 0; k < TEST_COUNT(needed); k++) {
        bool found = false;
        ask_codec c;
        for (size_t i = 0; ask_codec_at(&c, i); i++) {
            if (strcmp(c.format, needed[k].format) != 0) continue;
            found = true;
            CHECK_CASE(needed[k].format, c.decoder);
            CHECK_CASE(needed[k].format, !c.encoder == !needed[k].written);
        }
        CHECK_CASE(needed[k].format, found);
    }
}

static void formats_are_listed_once_and_come_to_an_end(void **state)
{
    (void)state;
    ask_codec a, b;
    size_t n = 0;
    while (ask_codec_at(&a, n)) n++;
    assert_true(n > 5);
    assert_false(ask_codec_at(&a, n + 1));
    for (size_t i = 0; ask_codec_at(&a, i); i++) {
        for (size_t k = 0; k < i && ask_codec_at(&b, k); k++)
            assert_string_not_equal(a.format, b.format);
    }
}

static void libraries_are_told_with_their_versions(void **state)
{
    (void)state;
    static const char *const names[] = {"libavformat", "libavcodec", "libswscale"};
    ask_library library;
    size_t i = 0;
    for (; ask_media_library_at(&library, i); i++) {
        assert_true(i < TEST_COUNT(names));
        assert_string_equal(library.name, names[i]);
        unsigned major, minor, micro;
        char end;
        CHECK_CASE(names[i], sscanf(library.version, "%u.%u.%u%c", &major, &minor, &micro,
                                    &end) == 3 &&
                                 major > 0);
    }
    assert_int_equal(i, TEST_COUNT(names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_program_cannot_do_without_is_there),
        cmocka_unit_test(formats_are_listed_once_and_come_to_an_end),
        cmocka_unit_test(libraries_are_told_with_their_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
