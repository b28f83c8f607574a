/* The embedded font, and text drawn with it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "media/draw.h"
#include "media/font_priv.h"
#include "support/testing.h"

static const ask_color ink = {255, 255, 255};

static ask_image picture(int width, int height)
{
    ask_image image = {0};
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    return image;
}

static size_t bytes_of(const ask_image *image)
{
    return 3 * (size_t)image->width * (size_t)image->height;
}

static bool inked(const ask_image *image, int x, int y)
{
    return image->pixels[3 * ((size_t)y * (size_t)image->width + (size_t)x)] != 0;
}

static int count_ink(const ask_image *image)
{
    int n = 0;
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++) n += inked(image, x, y);
    return n;
}

/* ---- the font ---- */

static void the_font_is_sorted_and_has_what_it_promises(void **state)
{
    (void)state;
    static const char promised[] = "–—‘’‚“”„…•°×÷±←↑→↓↔−≈≠≤≥✓✗■□▶◀ŁłŐőŠšŽžŒœȘșαβΔΩ";
    for (int i = 1; i < ask_font_size; i++)
        assert_true(ask_font[i - 1].character < ask_font[i].character);
    assert_int_equal(ask_font_find(ASK_FONT_MISSING)->character, ASK_FONT_MISSING);
    for (uint32_t c = 0x20; c <= 0xff; c++) {
        bool control = c >= 0x7f && c <= 0x9f;
        uint32_t expected = control ? ASK_FONT_MISSING : c;
        if (ask_font_find(c)->character != expected) fail_msg("U+%04X", (unsigned)c);
    }
    for (const char *at = promised; *at;) {
        uint32_t c = 0;
        at += ask_utf8_decode(&c, at, strlen(at));
        if (ask_font_find(c)->character != c) fail_msg("U+%04X", (unsigned)c);
    }
}

/* Signs that people write alike. */
static bool may_look_alike(uint32_t a, uint32_t b)
{
    static const uint32_t pairs[][2] = {
        {' ', 0xa0}, {'-', 0xad}, {0xb5, 0x3bc}, {0xd0, 0x110}, // no-break, soft, mu, D
    };
    for (size_t i = 0; i < TEST_COUNT(pairs); i++)
        if (a == pairs[i][0] && b == pairs[i][1]) return true;
    return false;
}

static void no_two_characters_look_alike(void **state)
{
    (void)state;
    for (int i = 0; i < ask_font_size; i++) {
        for (int j = i + 1; j < ask_font_size; j++) {
            const ask_glyph *a = &ask_font[i], *b = &ask_font[j];
            if (a->upper == b->upper && a->lower == b->lower &&
                !may_look_alike(a->character, b->character))
                fail_msg("U+%04X and U+%04X", (unsigned)a->character,
                         (unsigned)b->character);
        }
    }
}

/* Letters leave the first column free, so that neighbours do not touch. */
static void letters_keep_apart(void **state)
{
    (void)state;
    for (int i = 0; i < ask_font_size && ask_font[i].character < 0x2500; i++)
        for (int row = 0; row < ASK_FONT_HEIGHT; row++)
            if (ask_glyph_row(&ask_font[i], row) & 0x80)
                fail_msg("U+%04X, row %d", (unsigned)ask_font[i].character, row);
}

/* ---- drawing ---- */

static void a_letter_looks_as_it_was_drawn(void **state)
{
    (void)state;
    static const char e_acute[] = "........"
                                  "........"
                                  "....#..."
                                  "...#...."
                                  "........"
                                  "..####.."
                                  ".#....#."
                                  ".#....#."
                                  ".######."
                                  ".#......"
                                  ".#......"
                                  "..#####."
                                  "........"
                                  "........"
                                  "........"
                                  "........";
    ask_image image = picture(8, 16);
    ask_draw_text(&image, 0, 0, "é", 1, ink);
    for (int i = 0; i < 8 * 16; i++)
        if (inked(&image, i % 8, i / 8) != (e_acute[i] == '#'))
            fail_msg("pixel (%d, %d)", i % 8, i / 8);
    ask_image_free(&image);
}

static void scales_are_enlargements(void **state)
{
    (void)state;
    static const char text[] = "Wy\nÅ?";
    ask_image small = picture(16, 32);
    ask_draw_text(&small, 0, 0, text, 1, ink);
    for (int scale = 2; scale <= 4; scale++) {
        ask_image large = picture(16 * scale, 32 * scale);
        ask_draw_text(&large, 0, 0, text, scale, ink);
        for (int y = 0; y < large.height; y++)
            for (int x = 0; x < large.width; x++)
                if (inked(&large, x, y) != inked(&small, x / scale, y / scale))
                    fail_msg("scale %d, pixel (%d, %d)", scale, x, y);
        ask_image_free(&large);
    }
    ask_image_free(&small);
}

static void text_is_cut_at_every_edge(void **state)
{
    (void)state;
    enum { WIDTH = 11, HEIGHT = 13, FAR = 60 };
    static const char text[] = "#@M\n&Q%";
    for (int scale = 1; scale <= 2; scale++) {
        ask_image all = picture(3 * FAR, 3 * FAR);
        ask_draw_text(&all, FAR, FAR, text, scale, ink);
        for (int top = -FAR; top < FAR; top += 3) {
            for (int left = -FAR; left < FAR; left += 3) {
                ask_image part = picture(WIDTH, HEIGHT);
                ask_draw_text(&part, -left, -top, text, scale, ink);
                for (int i = 0; i < WIDTH * HEIGHT; i++) {
                    int x = i % WIDTH, y = i / WIDTH;
                    if (inked(&part, x, y) != inked(&all, FAR + left + x, FAR + top + y))
                        fail_msg("at (%d, %d): pixel (%d, %d)", -left, -top, x, y);
                }
                ask_image_free(&part);
            }
        }
        ask_image_free(&all);
    }
}

static void text_far_outside_is_not_drawn(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int x, y, scale;
    } cases[] = {
        {"far right", INT_MAX, 0, 1},
        {"far left", INT_MIN, 0, 1},
        {"far below", 0, INT_MAX, 1},
        {"far above", 0, INT_MIN, 1},
        {"scale 0", 0, 0, 0},
        {"negative scale", 0, 0, -2},
        {"huge", INT_MAX, INT_MAX, INT_MAX},
    };
    ask_image image = picture(20, 20);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_draw_text(&image, cases[i].x, cases[i].y, "MM\nMM", cases[i].scale, ink);
        CHECK_CASE(cases[i].name, count_ink(&image) == 0);
    }
    // One pixel of ink can cover everything: M has some at (1, 2).
    ask_draw_text(&image, -1 * (1 << 20), -2 * (1 << 20), "M", 1 << 20, ink);
    assert_int_equal(count_ink(&image), 20 * 20);
    ask_image_free(&image);
}

static void what_is_no_character_is_a_box(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *like; // drawn the same
    } cases[] = {
        {"a byte that begins nothing",
         "a\xff"
         "b",
         "a\uFFFDb"},
        {"a sequence cut short", "\xe2\x82", "\uFFFD\uFFFD"},
        {"an overlong form", "\xc0\xaf", "\uFFFD\uFFFD"},
        {"a surrogate", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
        {"a character it lacks", "文x", "\uFFFDx"},
        {"a control character", "\x01\tx", "\uFFFD\uFFFDx"},
        {"nothing", "", ""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_image a = picture(40, 16), b = picture(40, 16);
        ask_draw_text(&a, 0, 0, cases[i].text, 1, ink);
        ask_draw_text(&b, 0, 0, cases[i].like, 1, ink);
        CHECK_CASE(cases[i].name, memcmp(a.pixels, b.pixels, bytes_of(&a)) == 0);
        CHECK_CASE(cases[i].name,
                   ask_text_width(cases[i].text, 1) == ask_text_width(cases[i].like, 1));
        ask_image_free(&a);
        ask_image_free(&b);
    }
}

static void lines_begin_below_each_other(void **state)
{
    (void)state;
    ask_image together = picture(30, 70), apart = picture(30, 70);
    ask_draw_text(&together, 3, 2, "ab\n\nc\n", 1, ink);
    ask_draw_text(&apart, 3, 2, "ab", 1, ink);
    ask_draw_text(&apart, 3, 2 + 32, "c", 1, ink);
    assert_memory_equal(together.pixels, apart.pixels, bytes_of(&apart));
    ask_image_free(&together);
    ask_image_free(&apart);
}

static void text_has_a_size(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int scale, width, height;
    } cases[] = {
        {"", 1, 0, 16},
        {"abc", 1, 24, 16},
        {"abc", 3, 72, 48},
        {"é→", 1, 16, 16},
        {"a\nlong\nb", 1, 32, 48},
        {"\n", 2, 0, 64},
        {"a\n", 1, 8, 32},
        {"\xff", 1, 8, 16},
        {"abc", 0, 0, 0},
        {"abc", -1, 0, 0},
        {"abc", INT_MAX, INT_MAX, INT_MAX},
        {"a", INT_MAX / 16, INT_MAX / 16 * 8, INT_MAX / 16 * 16},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        CHECK_CASE(cases[i].text,
                   ask_text_width(cases[i].text, cases[i].scale) == cases[i].width);
        CHECK_CASE(cases[i].text,
                   ask_text_height(cases[i].text, cases[i].scale) == cases[i].height);
    }
}

/* ---- everything at once ---- */

static void draw_characters(ask_image *sheet)
{
    enum { IN_A_LINE = 64 };
    for (int i = 0; i < ask_font_size; i++) {
        char text[5] = {0};
        ask_utf8_encode(text, ask_font[i].character);
        ask_draw_text(sheet, 8 + i % IN_A_LINE * 9, 8 + i / IN_A_LINE * 18, text, 1, ink);
    }
}

static void draw_scales(ask_image *sheet)
{
    ask_fill_box(sheet, 0, 140, sheet->width, 84, (ask_color){250, 250, 245}, 1);
    ask_draw_text(sheet, 8, 144, "a red ball (p=0.97) at 2.42–3.17 s ✓", 2,
                  (ask_color){20, 20, 20});
    ask_draw_text(sheet, 8, 176, "Łódź, Århus\n½ of “ok”…", 1, (ask_color){160, 30, 60});
    ask_draw_text(sheet, 130, 174, "Grounded?", 3, (ask_color){30, 60, 160});
}

static void draw_heats(ask_image *sheet)
{
    static const float heat[] = {0,    0.2f, 0.4f, 0.2f, 0.1f, 0.6f, 1,    0.5f,
                                 0.1f, 0.3f, 0.7f, 0.9f, 0,    0.1f, 0.3f, 0.6f};
    ask_error err = {0};
    for (int map = ASK_MAP_VIRIDIS; map <= ASK_MAP_GREY; map++) {
        ask_image part = {0};
        CHECK_OK(ask_image_new(&part, 100, 80, 3, &err), &err);
        ask_fill_box(&part, 0, 0, 100, 80, (ask_color){90, 110, 90}, 1);
        ask_fill_box(&part, 20, 20, 40, 40, (ask_color){200, 60, 60}, 1);
        ask_draw_heat(&part, heat, 4, 4, (ask_color_map)map, 0.8);
        for (int y = 0; y < part.height; y++)
            memcpy(sheet->pixels + 3 * ((240 + y) * sheet->width + 8 + 110 * map),
                   part.pixels + 3 * y * part.width, 3 * (size_t)part.width);
        ask_image_free(&part);
    }
}

static void draw_marks(ask_image *sheet)
{
    size_t n = (size_t)sheet->width * (size_t)sheet->height;
    uint8_t *mask = calloc(n, 1);
    assert_non_null(mask);
    for (int y = -30; y <= 30; y++)
        for (int x = -30; x <= 30; x++)
            if (x * x + y * y < 900 && x * x + y * y >= 200)
                mask[(365 + y) * sheet->width + 60 + x] = 1;
    ask_fill_box(sheet, 8, 330, 580, 70, (ask_color){60, 70, 80}, 1);
    ask_draw_mask(sheet, mask, (ask_color){255, 200, 0}, 0.4);
    ask_draw_mask_edge(sheet, mask, (ask_color){255, 200, 0});
    ask_draw_box(sheet, 26, 331, 68, 68, 1, (ask_color){255, 255, 255});
    ask_draw_box(sheet, 120, 340, 150, 50, 3, (ask_color){240, 80, 120});
    ask_fill_box(sheet, 300, 340, 150, 50, (ask_color){80, 120, 240}, 0.5);
    ask_draw_box(sheet, 480, 340, 300, 50, 2, (ask_color){80, 220, 120});
    free(mask);
}

/* Written to the file that ASKANCE_SHEET names, for eyes. After a change that is meant,
 * look at it and put in the new hash. */
static void the_sample_sheet_has_its_hash(void **state)
{
    (void)state;
    ask_image sheet = picture(600, 410);
    ask_error err = {0};
    draw_characters(&sheet);
    draw_scales(&sheet);
    draw_heats(&sheet);
    draw_marks(&sheet);
    const char *path = getenv("ASKANCE_SHEET");
    if (path) CHECK_OK(ask_image_write_png(&sheet, path, &err), &err);
    uint8_t digest[ASK_SHA256_BYTES];
    char hex[2 * ASK_SHA256_BYTES + 1];
    ask_sha256_of(digest, sheet.pixels, bytes_of(&sheet));
    ask_hex(hex, digest, sizeof digest);
    ask_image_free(&sheet);
    assert_string_equal(hex,
                        "a644e53818d28798154e051d833b7a08faaa9675895c69c65997a6c0226d7415");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_font_is_sorted_and_has_what_it_promises),
        cmocka_unit_test(no_two_characters_look_alike),
        cmocka_unit_test(letters_keep_apart),
        cmocka_unit_test(a_letter_looks_as_it_was_drawn),
        cmocka_unit_test(scales_are_enlargements),
        cmocka_unit_test(text_is_cut_at_every_edge),
        cmocka_unit_test(text_far_outside_is_not_drawn),
        cmocka_unit_test(what_is_no_character_is_a_box),
        cmocka_unit_test(lines_begin_below_each_other),
        cmocka_unit_test(text_has_a_size),
        cmocka_unit_test(the_sample_sheet_has_its_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
