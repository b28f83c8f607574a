/* A file of features: what is written, what is refused, and whose features it holds. */
#include "model/feature_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/version.h"
#include "support/testing.h"
#include "weights/safetensors.h"

enum { ROWS = 3, PARTS = 2, WIDTH = 4, N = ROWS * PARTS * WIDTH };

static char *dir;

static int make_all(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static const ask_feature_origin ORIGIN = {
    .model_id = "0123",
    .network = "clip",
    .layout = "mist",
    .video = "a \"red\" ball.mp4",
    .video_id = "cafe",
    .video_s = 2.5,
    .asked = "{}",
    .plan = "{\"n\":3}",
};
static const double TIMES[ROWS] = {0, 0.5, 1.25};

/* data: [N] */
static ask_feature_file file_of(float *data)
{
    for (int i = 0; i < N; i++) data[i] = (float)i / 8;
    return (ask_feature_file){.origin = ORIGIN,
                              .data = data,
                              .n_dims = 3,
                              .shape = {ROWS, PARTS, WIDTH},
                              .t_s = TIMES,
                              .n_times = ROWS};
}

static void check_note(const ask_weights *w, const char *key, const char *value)
{
    const char *is = ask_weights_find_note(w, key);
    if (!is || strcmp(is, value) != 0)
        fail_msg("note %s is %s, not %s", key, is ? is : "missing", value);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    ask_error err = {0};
    float data[N];
    const ask_feature_file f = file_of(data);
    const char *path = test_path(dir, "a.safetensors");
    CHECK_OK(ask_feature_file_write(path, &f, &err), &err);
    ask_weights *w = ask_weights_open(path, &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_count(w), 2);
    const ask_weights_entry *e = ask_weights_find(w, ASK_FEATURES_TENSOR);
    const ask_weights_entry *t = ask_weights_find(w, ASK_FEATURES_TIMES);
    assert_true(e && t && e->type == ASK_F32 && t->type == ASK_F64);
    assert_int_equal(e->n_dims, 3);
    assert_memory_equal(e->shape, f.shape, sizeof f.shape);
    assert_memory_equal(e->data, data, sizeof data);
    assert_memory_equal(t->data, TIMES, sizeof TIMES);
    check_note(w, "schema", "askance.features/1");
    check_note(w, "model_id", "0123");
    check_note(w, "network", "clip");
    check_note(w, "layout", "mist");
    check_note(w, "unit", "false");
    check_note(w, "video", "a \"red\" ball.mp4");
    check_note(w, "video_id", "cafe");
    check_note(w, "video_s", "2.5");
    check_note(w, "asked", "{}");
    check_note(w, "plan", "{\"n\":3}");
    check_note(w, "version", ask_version());
    assert_int_equal(ask_weights_n_notes(w), 11);
    ask_weights_close(w);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int at;
        float value;
        const char *message;
    } cases[] = {
        {"the first", 0, NAN, "row 0 of the features holds NaN"},
        {"the last", N - 1, INFINITY, "row 2 of the features holds infinity"},
        {"below all", PARTS * WIDTH, -INFINITY, "row 1 of the features holds infinity"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        float data[N];
        const ask_feature_file f = file_of(data);
        const char *path = test_path(dir, "broken.safetensors");
        data[cases[i].at] = cases[i].value;
        CHECK_CASE(cases[i].name, !ask_feature_file_write(path, &f, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].name, strstr(err.message, cases[i].message));
        CHECK_CASE(cases[i].name, !ask_file_exists(path));
    }
    ask_error err = {0};
    float data[N];
    ask_feature_file f = file_of(data);
    f.shape[1] = 0;
    assert_false(ask_feature_file_write(test_path(dir, "none.safetensors"), &f, &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
}

static void what_differs_is_named(void **state)
{
    (void)state;
    ask_error err = {0};
    float data[N];
    const ask_feature_file f = file_of(data);
    const char *path = test_path(dir, "own.safetensors");
    CHECK_OK(ask_feature_file_write(path, &f, &err), &err);
    ask_feature_origin model = ORIGIN, video = ORIGIN, plan = ORIGIN, moved = ORIGIN;
    ask_feature_origin rate = ORIGIN, asked = ORIGIN;
    model.model_id = "4567";
    video.video_id = "babe";
    plan.plan = "{}";
    rate.video_s = 2.25;
    asked.asked = "{\"fps\":2.0}";
    moved.video = "elsewhere.mp4";
    const struct {
        const char *name;
        ask_feature_origin origin;
        const char *other, *there, *wanted;
    } cases[] = {
        {"the same", ORIGIN, NULL, "", ""},
        {"the video has another name", moved, NULL, "", ""},
        {"another model", model, "model_id", "0123", "4567"},
        {"another video", video, "video_id", "cafe", "babe"},
        {"pictures at another rate", rate, "video_s", "2.5", "2.25"},
        {"another plan", plan, "plan", "{\"n\":3}", "{}"},
        {"the same plan, asked for in another way", asked, NULL, "", ""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_feature_find found;
        CHECK_OK(ask_feature_file_compare(&found, path, &cases[i].origin, &err), &err);
        CHECK_CASE(cases[i].name, !cases[i].other == !found.other);
        CHECK_CASE(cases[i].name, !found.other || !strcmp(found.other, cases[i].other));
        CHECK_CASE(cases[i].name, !strcmp(found.there, cases[i].there));
        CHECK_CASE(cases[i].name, !strcmp(found.wanted, cases[i].wanted));
        CHECK_CASE(cases[i].name, found.n_dims == 3 && found.shape[2] == WIDTH);
    }
    ask_feature_find found;
    test_write_text(path, "not a file of tensors");
    assert_false(ask_feature_file_compare(&found, path, &ORIGIN, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    const ask_weights_entry other = {.name = "weight", .type = ASK_F32, .data = data};
    CHECK_OK(ask_safetensors_write(path, &other, 1, NULL, 0, &err), &err);
    assert_false(ask_feature_file_compare(&found, path, &ORIGIN, &err));
    assert_non_null(strstr(err.message, "holds no tensor \"features\""));
}

static bool write_and_compare(void *user, ask_error *err)
{
    float data[N];
    const ask_feature_file f = file_of(data);
    ask_feature_find found;
    return ask_feature_file_write(user, &f, err) &&
           ask_feature_file_compare(&found, user, &f.origin, err);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    char *path = strdup(test_path(dir, "memory.safetensors"));
    assert_true(test_each_alloc_fails("feature file", write_and_compare, path) > 3);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(what_differs_is_named),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
