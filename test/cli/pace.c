#include "cli/pace.h"

#include <math.h>

#include "support/testing.h"

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* Of a video whose frames cost 0.01 s one after another, 25 a second, and 0.5 s when they
 * are sought. */
static const cli_pace_run sparse = {.n_frames = 8,
                                    .window_s = 600,
                                    .decode_s = 4,
                                    .gflop = 80,
                                    .encode_s = 2,
                                    .peak_mib = 100};
static const cli_pace_run dense = {.n_frames = 1200,
                                   .window_s = 600,
                                   .decode_s = 150,
                                   .gflop = 12000,
                                   .encode_s = 240,
                                   .peak_mib = 300};

static void decoding_costs_by_the_frame_or_by_the_second(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const cli_pace_run *runs[3];
        int64_t n_frames;
        double window_s, decode_s;
    } cases[] = {
        {"the same as the run", {&sparse}, 8, 600, 4},
        {"half of the window", {&dense}, 600, 300, 75},
        {"few of many, when both are known", {&dense, &sparse}, 10, 600, 5},
        {"many of many, when both are known", {&dense, &sparse}, 2000, 600, 150},
        {"in the other order", {&sparse, &dense}, 2000, 600, 150},
        {"few, in the other order", {&sparse, &dense}, 10, 600, 5},
        {"what is known stays known", {&sparse, &dense, &sparse}, 1200, 60, 15},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_model_info model = {.id = {(char)('a' + i)}, .isa = "avx2"};
        cli_pace pace;
        CHECK_CASE(cases[i].name, !cli_pace_read(&pace, dir, &model));
        for (int k = 0; k < 3 && cases[i].runs[k]; k++)
            cli_pace_add(cases[i].runs[k], dir, &model);
        CHECK_CASE(cases[i].name, cli_pace_read(&pace, dir, &model));
        double s = cli_pace_decode_s(&pace, cases[i].n_frames, cases[i].window_s);
        if (fabs(s - cases[i].decode_s) > 1e-9) fail_msg("%s: %g s", cases[i].name, s);
    }
}

static void the_rest_is_of_the_last_run(void **state)
{
    (void)state;
    const ask_model_info model = {.id = "rest", .isa = "avx2"};
    cli_pace_add(&sparse, dir, &model);
    cli_pace_add(&dense, dir, &model);
    cli_pace pace;
    assert_true(cli_pace_read(&pace, dir, &model));
    assert_true(pace.gflops == 50 && pace.peak_mib == 300);
}

static void each_model_number_of_threads_and_processor_has_its_own(void **state)
{
    (void)state;
    const ask_model_info model = {.id = "one", .isa = "avx2", .n_threads = 2};
    cli_pace_add(&dense, dir, &model);
    cli_pace pace;
    assert_true(cli_pace_read(&pace, dir, &model));
    const ask_model_info others[] = {
        {.id = "two", .isa = "avx2", .n_threads = 2},
        {.id = "one", .isa = "avx2", .n_threads = 4},
        {.id = "one", .isa = "avx512", .n_threads = 2},
    };
    for (size_t i = 0; i < TEST_COUNT(others); i++)
        assert_false(cli_pace_read(&pace, dir, &others[i]));
}

static void without_a_cache_nothing_is_known(void **state)
{
    (void)state;
    const ask_model_info model = {.id = "none", .isa = "avx2"};
    cli_pace pace;
    cli_pace_add(&dense, NULL, &model);
    assert_false(cli_pace_read(&pace, NULL, &model));
    cli_pace_add(&dense, test_path(dir, "no/such/folder"), &model);
    assert_false(cli_pace_read(&pace, test_path(dir, "no/such/folder"), &model));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_costs_by_the_frame_or_by_the_second),
        cmocka_unit_test(the_rest_is_of_the_last_run),
        cmocka_unit_test(each_model_number_of_threads_and_processor_has_its_own),
        cmocka_unit_test(without_a_cache_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
