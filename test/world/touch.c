#include "world/touch_priv.h"

#include "support/testing.h"

static int distance(ask_shape a, ask_size of_a, ask_shape b, ask_size of_b, ask_way way,
                    int across_px)
{
    ask_fronts fa, fb;
    ask_fronts_make(&fa, a, of_a);
    ask_fronts_make(&fb, b, of_b);
    return ask_fronts_distance_px(&fa, &fb, way, across_px);
}

static void toys_touch_with_their_outlines(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_shape a, b;
        ask_size of_a, of_b;
        ask_way way;
        int across_px, least, most;
    } cases[] = {
        // 0.83 of their width: 31.5 and 16.6 px
        {"squares", ASK_SQUARE, ASK_SQUARE, ASK_LARGE, ASK_SMALL, ASK_RIGHT, 0, 23, 26},
        {"squares aside", ASK_SQUARE, ASK_SQUARE, ASK_LARGE, ASK_SMALL, ASK_UP, 9, 23, 26},
        {"balls", ASK_BALL, ASK_BALL, ASK_MEDIUM, ASK_MEDIUM, ASK_DOWN, 0, 26, 28},
        {"balls aside", ASK_BALL, ASK_BALL, ASK_MEDIUM, ASK_MEDIUM, ASK_DOWN, 14, 22, 26},
        {"into a moon's hollow", ASK_DIAMOND, ASK_MOON, ASK_SMALL, ASK_LARGE, ASK_LEFT, 0,
         4, 10},
        {"against its back", ASK_DIAMOND, ASK_MOON, ASK_SMALL, ASK_LARGE, ASK_RIGHT, 0, 20,
         26},
        {"point to point", ASK_DIAMOND, ASK_DIAMOND, ASK_LARGE, ASK_LARGE, ASK_UP, 0, 36,
         38},
        {"past each other", ASK_SQUARE, ASK_SQUARE, ASK_SMALL, ASK_SMALL, ASK_RIGHT, 30, 0,
         0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int is = distance(cases[i].a, cases[i].of_a, cases[i].b, cases[i].of_b,
                          cases[i].way, cases[i].across_px);
        if (is < cases[i].least || is > cases[i].most)
            fail_msg("case \"%s\": %d px", cases[i].name, is);
    }
}

/* Seen from the other toy it is the opposite way, and the other side. */
static void touching_is_mutual(void **state)
{
    (void)state;
    for (int a = 0; a < ASK_N_SHAPES; a++) {
        for (int b = 0; b < ASK_N_SHAPES; b++) {
            for (int way = 0; way < ASK_N_WAYS; way++) {
                int there = distance((ask_shape)a, ASK_MEDIUM, (ask_shape)b, ASK_LARGE,
                                     (ask_way)way, 3);
                int back = distance((ask_shape)b, ASK_LARGE, (ask_shape)a, ASK_MEDIUM,
                                    (ask_way)((way + 2) % ASK_N_WAYS), -3);
                assert_int_equal(there, back);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toys_touch_with_their_outlines),
        cmocka_unit_test(touching_is_mutual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
