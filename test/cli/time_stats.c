#include "cli/time_stats.h"

#include <math.h>

#include "support/testing.h"

enum { MAX_FRAMES = 6 };

/* Durations and keys of frames that follow each other; what is to be told about them. */
typedef struct {
    const char *name;
    int n;
    double duration_s[MAX_FRAMES];
    bool key[MAX_FRAMES];
    cli_spread frame_s, key_distance_s;
    bool has_key_distance;
    double key_distance_frames;
} stats_case;

static const stats_case cases[] = {
    {.name = "one frame",
     .n = 1,
     .duration_s = {2},
     .key = {true},
     .frame_s = {2, 2, 2, 2}},
    {.name = "an even number of frames",
     .n = 4,
     .duration_s = {1, 4, 2, 3},
     .key = {true, false, true, false},
     .frame_s = {1, 2.5, 2.5, 4},
     .has_key_distance = true,
     .key_distance_s = {5, 5, 5, 5},
     .key_distance_frames = 2},
    {.name = "an odd number, uneven keys",
     .n = 5,
     .duration_s = {1, 1, 1, 5, 2},
     .key = {true, true, false, false, true},
     .frame_s = {1, 1, 2, 5},
     .has_key_distance = true,
     .key_distance_s = {1, 4, 4, 7},
     .key_distance_frames = 2},
    {.name = "no key frame", .n = 2, .duration_s = {1, 1}, .frame_s = {1, 1, 1, 1}},
};

static bool same(const cli_spread *a, const cli_spread *b)
{
    return fabs(a->min - b->min) < 1e-12 && fabs(a->median - b->median) < 1e-12 &&
           fabs(a->mean - b->mean) < 1e-12 && fabs(a->max - b->max) < 1e-12;
}

static ask_time_table table_of(ask_frame_time *frames, const stats_case *c)
{
    double t_s = 0;
    for (int i = 0; i < c->n; i++) {
        frames[i] =
            (ask_frame_time){.t_s = t_s, .duration_s = c->duration_s[i], .key = c->key[i]};
        t_s += c->duration_s[i];
    }
    return (ask_time_table){.full = true, .n_frames = c->n, .frames = frames};
}

static void spreads_are_of_durations_and_of_key_distances(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const stats_case *c = &cases[i];
        ask_frame_time frames[MAX_FRAMES];
        ask_time_table table = table_of(frames, c);
        cli_time_stats got;
        ask_error err = {0};
        CHECK_OK(cli_time_stats_of(&got, &table, &err), &err);
        CHECK_CASE(c->name, same(&got.frame_s, &c->frame_s));
        CHECK_CASE(c->name, got.has_key_distance == c->has_key_distance);
        CHECK_CASE(c->name, same(&got.key_distance_s, &c->key_distance_s));
        CHECK_CASE(c->name, got.key_distance_frames == c->key_distance_frames);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spreads_are_of_durations_and_of_key_distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
