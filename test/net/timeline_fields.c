/* Rows of Timeline: its fields lie one after another, as wide as their kinds. */
#include "net/joint/timeline.h"
#include "support/testing.h"

static const ask_timeline_kinds kinds = {{
    [ASK_KIND_OF_COLOR] = 3,
    [ASK_KIND_OF_SHAPE] = 5,
    [ASK_KIND_OF_SIZE] = 2,
    [ASK_KIND_OF_TEXTURE] = 1,
    [ASK_KIND_OF_EVENT] = 7,
    [ASK_KIND_OF_WAY] = 4,
}};

static const int sight_widths[] = {1, 4, 2, 3, 5, 2, 1, 9};
static const int record_widths[] = {1, 8, 3, 5, 2, 1, 3, 5, 3, 4, 2, 4};
static const int glimpse_widths[] = {8, 2, 3, 5, 2, 1, 3, 5, 3, 4, 2, 9};

static ask_timeline_field sight_field(int i)
{
    return ask_sight_field_of(&kinds, (ask_sight_field)i);
}

static ask_timeline_field record_field(int i)
{
    return ask_record_field_of(&kinds, (ask_record_field)i);
}

static ask_timeline_field glimpse_field(int i)
{
    return ask_glimpse_field_of(&kinds, (ask_glimpse_field)i);
}

static const struct {
    const char *name;
    ask_timeline_field (*field)(int i);
    const int *widths;
    int n, n_fields;
    int (*width)(const ask_timeline_kinds *k);
} cases[] = {
    {"sight", sight_field, sight_widths, TEST_COUNT(sight_widths), ASK_N_SIGHT_FIELDS,
     ask_sight_width},
    {"record", record_field, record_widths, TEST_COUNT(record_widths), ASK_N_RECORD_FIELDS,
     ask_record_width},
    {"glimpse", glimpse_field, glimpse_widths, TEST_COUNT(glimpse_widths),
     ASK_N_GLIMPSE_FIELDS, ask_glimpse_width},
};

static void fields_follow_one_another_and_fill_the_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int at = 0;
        CHECK_CASE(cases[i].name, cases[i].n == cases[i].n_fields);
        for (int j = 0; j < cases[i].n; j++) {
            ask_timeline_field f = cases[i].field(j);
            if (f.begin != at || f.n != cases[i].widths[j])
                fail_msg("field %d of a %s: %d of them at %d, not %d at %d", j,
                         cases[i].name, f.n, f.begin, cases[i].widths[j], at);
            at += f.n;
        }
        CHECK_CASE(cases[i].name, cases[i].width(&kinds) == at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_follow_one_another_and_fill_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
