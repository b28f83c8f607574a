/* `askance features info`: what it says, in words and in JSON, and its exit statuses. */
#include <string.h>

#include "base/hdf5.h"
#include "base/npy.h"
#include "support/command.h"
#include "support/testing.h"

#define RUN(...)                                                                           \
    command_run((cli_command[]){cli_features_info_command, {0}}, "features",               \
                (const char *[COMMAND_MAX_WORDS]){"info", __VA_ARGS__})

static bool has_hdf5(void)
{
    ask_library library;
    return ask_hdf5_library(&library);
}

static void a_store_is_told_in_words(void **state)
{
    (void)state;
    said s = RUN(test_fixture("feature_stores/s3d.pth"));
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    check_holds(s.out,
                "/s3d.pth\nform        tensors\nwidth       1024\n"
                "keys        3: Interaction_T1_13, Sequence_T2_7, Feasibility_T6_0\n");
    assert_null(strstr(s.out, "shape"));
    said_free(&s);
    s = RUN(test_fixture("feature_stores/nextqa.pth"), "3238737531");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "width       differs, or is not known before reading\n");
    check_holds(s.out,
                "\nkey         3238737531\nshape       2 x 3 x 8\n"
                "rows        6 of 8\nnumbers     -1.95312 to 1.85938, mean -0.323568\n");
    assert_null(strstr(s.out, "times"));
    said_free(&s);
}

static void times_and_model_are_told_where_they_are_known(void **state)
{
    (void)state;
    said s = RUN(test_fixture("feature_stores/own"), "clip0");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "form        folder\n");
    check_holds(s.out, "shape       2 x 3 x 4\nrows        6 of 4\n");
    check_holds(s.out, "times       2, 0.5 s to 1.25 s\nmodel       1f1f1f");
    said_free(&s);
}

static void many_keys_are_cut(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    for (int i = 0; i < 7; i++) {
        char name[] = "v0.npy";
        name[1] = (char)('0' + i);
        CHECK_OK(ask_npy_write(test_path(dir, name), ASK_NPY_F4, 1, (const int64_t[]){1},
                               &(float){0.5f}, &err),
                 &err);
    }
    said s = RUN(dir, "v6");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "keys        7: v0, v1, v2, v3, v4 and 2 more\n");
    check_holds(s.out, "shape       1\nrows        1 of 1\nnumbers     0.5 to 0.5, mean "
                       "0.5\n");
    said_free(&s);
    // A video too short for a row.
    CHECK_OK(ask_npy_write(test_path(dir, "v0.npy"), ASK_NPY_F4, 2, (const int64_t[]){0, 4},
                           "", &err),
             &err);
    s = RUN(dir, "v0");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "shape       0 x 4\nrows        0 of 4\n");
    assert_null(strstr(s.out, "numbers"));
    said_free(&s);
    test_temp_dir_remove(dir);
}

/* A value of the result as text, by its path. */
static const char *value_of(const ask_json *doc, const char *path)
{
    static char text[64];
    ask_json_value v = ask_json_find(ask_json_root(doc), path);
    ask_error err = {0};
    double number = 0;
    const char *string = "absent";
    if (ask_json_type_of(v) == ASK_JSON_INT || ask_json_type_of(v) == ASK_JSON_REAL) {
        CHECK_OK(ask_json_get_double(&number, v, NULL, &err), &err);
        ask_format(text, sizeof text, "%.9g", number);
        return text;
    }
    CHECK_OK(ask_json_opt_string(&string, v, NULL, "absent", &err), &err);
    return string;
}

static void a_store_is_told_as_json(void **state)
{
    (void)state;
    said s = RUN(test_fixture("feature_stores/own"), "clip0", "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    static const char *const own[][2] = {
        {"schema", "askance.features.info/1"},
        {"form", "folder"},
        {"n_keys", "2"},
        {"first_keys.1", "clip1"},
        {"width", "absent"},
        {"notes.width", "keys differ, or only reading one tells"},
        {"notes.features", "absent"},
        {"features.key", "clip0"},
        {"features.shape.0", "2"},
        {"features.shape.2", "4"},
        {"features.n_rows", "6"},
        {"features.width", "4"},
        {"features.min", "-1.953125"},
        {"features.t_s.1", "1.25"},
        {"features.model_id",
         "1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f"},
    };
    for (size_t i = 0; i < TEST_COUNT(own); i++)
        CHECK_CASE(own[i][0], strcmp(value_of(doc, own[i][0]), own[i][1]) == 0);
    ask_json_free(doc);
    said_free(&s);
}

static void hdf5_is_told_as_json(void **state)
{
    (void)state;
    if (!has_hdf5()) {
        print_message("this build has no HDF5\n");
        skip();
    }
    said s = RUN(test_fixture("feature_stores/motion.h5"), "--id-map",
                 test_fixture("feature_stores/strID2numID.json"), "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    static const char *const values[][2] = {
        {"form", "hdf5"},          {"dataset", "resnext_features"},
        {"n_keys", "2"},           {"first_keys.0", "P2_9|7|12"},
        {"width", "2048"},         {"features", "absent"},
        {"notes.width", "absent"}, {"notes.features", "no KEY was named"},
    };
    for (size_t i = 0; i < TEST_COUNT(values); i++)
        CHECK_CASE(values[i][0], strcmp(value_of(doc, values[i][0]), values[i][1]) == 0);
    ask_json_free(doc);
    said_free(&s);
    s = RUN(test_fixture("feature_stores/several.h5"), "a", "--dataset", "resnet_features");
    check_holds(s.out, "data set    resnet_features\n");
    said_free(&s);
    s = RUN(test_fixture("feature_stores/mist_star.h5"), "Sequence_T2_7", "--keys",
            test_fixture("feature_stores/qids.txt"));
    check_holds(s.out, "shape       32 x 17 x 512\nrows        544 of 512\n");
    said_free(&s);
}

static void what_fails_has_its_status(void **state)
{
    (void)state;
    static const struct {
        const char *name, *store, *words[3], *says;
        int status;
    } cases[] = {
        {"no such key", "s3d.pth", {"x"}, "no features of \"x\"; it has 3 keys", 1},
        {"no such file", "gone", {NULL}, "gone: ", 3},
        {"text", "npy/notes.txt", {NULL}, "notes.txt: ", 3},
        {"a list for a folder", "npy", {"--keys=x"}, "takes no list of keys", 2},
        {"another width", "s3d.pth", {"--width=3"}, "but 3 are expected", 3},
        {"another model", "own", {"clip0", "--model-id=ab"}, "those of ab are expected", 3},
        {"a pickle that would run", "../pickle/refused_function.pkl", {NULL}, "pkl: ", 3},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char path[96];
        ask_format(path, sizeof path, "feature_stores/%s", cases[i].store);
        said s = RUN(test_fixture(path), cases[i].words[0], cases[i].words[1]);
        CHECK_CASE(cases[i].name, s.status == cases[i].status);
        assert_string_equal(s.out, "");
        check_holds(s.err, cases[i].says);
        said_free(&s);
    }
}

static void a_build_without_hdf5_says_so(void **state)
{
    (void)state;
    if (has_hdf5()) {
        print_message("this build has HDF5\n");
        skip();
    }
    said s = RUN(test_fixture("feature_stores/mist.h5"));
    check_holds(s.err, "mist.h5: this askance was built without HDF5");
    assert_int_equal(s.status, 2);
    said_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_is_told_in_words),
        cmocka_unit_test(times_and_model_are_told_where_they_are_known),
        cmocka_unit_test(many_keys_are_cut),
        cmocka_unit_test(a_store_is_told_as_json),
        cmocka_unit_test(hdf5_is_told_as_json),
        cmocka_unit_test(what_fails_has_its_status),
        cmocka_unit_test(a_build_without_hdf5_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
