#include "base/utf8.h"

#include <string.h>

#include "support/testing.h"

static void every_character_survives_being_bytes(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110400; c++) {
        char bytes[4];
        int n = ask_utf8_encode(bytes, c);
        bool is_character = c < 0x110000 && !(c >= 0xD800 && c < 0xE000);
        assert_int_equal(n > 0, is_character);
        if (n == 0) continue;
        uint32_t back = UINT32_MAX;
        assert_int_equal(ask_utf8_decode(&back, bytes, 4), n);
        assert_int_equal(back, c);
        assert_int_equal(n, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
        assert_int_equal(ask_utf8_decode(&back, bytes, (size_t)n - 1), 0);
    }
}

/* Every sequence of up to three bytes, against the table of well-formed sequences of the
 * Unicode standard (3.9, table 3-7), and the edges of the four-byte rows. */
static bool is_well_formed(const unsigned char *b, int n)
{
    static const struct {
        unsigned char low[4], high[4];
        int n;
    } rows[] = {
        {{0x00}, {0x7F}, 1},
        {{0xC2, 0x80}, {0xDF, 0xBF}, 2},
        {{0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}, 3},
        {{0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}, 3},
        {{0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}, 3},
        {{0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}, 3},
        {{0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}, 4},
        {{0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}, 4},
        {{0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}, 4},
    };
    for (size_t r = 0; r < TEST_COUNT(rows); r++) {
        bool fits = rows[r].n == n;
        for (int i = 0; fits && i < n; i++)
            fits = b[i] >= rows[r].low[i] && b[i] <= rows[r].high[i];
        if (fits) return true;
    }
    return false;
}

static void only_well_formed_sequences_are_read(void **state)
{
    (void)state;
    static const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                          0xA0, 0xBF, 0xC0, 0xC2, 0xFF};
    for (int first = 0; first < 256; first++)
        for (size_t i = 0; i < TEST_COUNT(edges); i++)
            for (size_t j = 0; j < TEST_COUNT(edges); j++)
                for (size_t k = 0; k < TEST_COUNT(edges); k++) {
                    unsigned char b[4] = {(unsigned char)first, edges[i], edges[j],
                                          edges[k]};
                    int expected = 0;
                    for (int n = 1; n <= 4; n++)
                        if (is_well_formed(b, n)) expected = n;
                    uint32_t c = 0;
                    assert_int_equal(ask_utf8_decode(&c, (char *)b, 4), expected);
                }
}

static void texts_are_counted_and_validated(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        size_t length;
    } cases[] = {
        {"", true, 0},
        {"cat", true, 3},
        {"caf\xc3\xa9", true, 4},
        {"\xe2\x82\xac\xf0\x9f\x90\xb1", true, 2},
        {"a\xff\xfe", false, 3},
        {"\xc0\xaf", false, 2},
        {"\xed\xa0\x80", false, 3},
        {"\xe2\x82", false, 2},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        size_t n = strlen(cases[i].text);
        CHECK_CASE(cases[i].text, ask_utf8_valid(cases[i].text, n) == cases[i].valid);
        CHECK_CASE(cases[i].text, ask_utf8_length(cases[i].text, n) == cases[i].length);
    }
}

static void a_line_is_safe_to_show_and_fits(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *line;
    } cases[] = {
        {"plain", "a ball", "a ball"},
        {"exact fit", "1234567", "1234567"},
        {"one too many", "12345678", "1234..."},
        {"no half characters", "123\xc3\xa9xyz", "123..."},
        {"wide fits", "12345\xc3\xa9", "12345\xc3\xa9"},
        {"escape", "\x1b[2J", "?[2J"},
        {"new lines", "a\r\nb", "a??b"},
        {"C1 control",
         "\xc2\x9b"
         "2J",
         "?2J"},
        {"override",
         "\xe2\x80\xae"
         "x",
         "?x"},
        {"separator", "\xe2\x80\xa8", "?"},
        {"malformed", "\xff\xc3", "??"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char line[8];
        ask_utf8_line(line, sizeof line, cases[i].text);
        CHECK_CASE(cases[i].name, strcmp(line, cases[i].line) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_survives_being_bytes),
        cmocka_unit_test(only_well_formed_sequences_are_read),
        cmocka_unit_test(texts_are_counted_and_validated),
        cmocka_unit_test(a_line_is_safe_to_show_and_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
