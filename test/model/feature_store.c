/* Stores of features, read as they are published. Files in test/fixtures/feature_stores
 * were written by torch, h5py, NumPy, pickle and safetensors; expected.json is what those
 * read from them (tools/golden/feature_stores.py). */
#include "model/feature_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hdf5.h"
#include "base/json.h"
#include "base/npy.h"
#include "base/str.h"
#include "model/feature_file.h"
#include "support/testing.h"
#include "weights/safetensors.h"

static const char *fixture(const char *name)
{
    char path[96];
    ask_format(path, sizeof path, "feature_stores/%s", name);
    return test_fixture(path);
}

static bool has_hdf5(void)
{
    ask_library library;
    return ask_hdf5_library(&library);
}

static ask_feature_store *open_store(const char *path, const ask_feature_store_options *opt)
{
    ask_error err = {0};
    ask_feature_store *s = ask_feature_store_open(path, opt, &err);
    if (!s) fail_msg("%s: %s", path, err.message);
    return s;
}

static ask_feature_rows read_rows(const ask_feature_store *s, const char *key)
{
    ask_error err = {0};
    ask_feature_rows r = {0};
    CHECK_OK(ask_feature_store_read(&r, s, key, &err), &err);
    return r;
}

/* ---- what published files hold ---- */

static const char *text_of(ask_json_value v, const char *key)
{
    const char *text;
    ask_error err = {0};
    CHECK_OK(ask_json_opt_string(&text, v, key, NULL, &err), &err);
    return text;
}

static int64_t int_of(ask_json_value v, const char *key)
{
    int64_t n;
    ask_error err = {0};
    CHECK_OK(ask_json_opt_int(&n, v, key, 0, INT64_MAX, 0, &err), &err);
    return n;
}

static double real_of(ask_json_value v, const char *key)
{
    double x;
    ask_error err = {0};
    CHECK_OK(ask_json_get_double(&x, v, key, &err), &err);
    return x;
}

/* All numbers are multiples of 1/64, so that their sum is exact in any order. */
static void check_rows(const char *name, const ask_feature_store *s, ask_json_value x)
{
    const char *key = text_of(x, "key");
    assert_true(ask_feature_store_has(s, key));
    ask_feature_rows r = read_rows(s, key);
    CHECK_CASE(name, r.n == int_of(x, "n") && r.width == int_of(x, "width"));
    int64_t n_elements = 1;
    for (int d = 0; d < r.n_dims; d++) n_elements *= r.shape[d];
    CHECK_CASE(name, n_elements == r.n * r.width);
    double sum = 0;
    for (int64_t i = 0; i < n_elements; i++) sum += (double)r.data[i];
    CHECK_CASE(name, sum == real_of(x, "sum"));
    CHECK_CASE(name, (double)r.data[n_elements - 1] == real_of(x, "last"));
    CHECK_CASE(name,
               (double)r.data[r.n / 2 * r.width + r.width / 3] == real_of(x, "middle"));
    ask_feature_rows_free(&r);
    assert_null(r.data);
}

static const char *fixture_or_null(const char *name)
{
    return name ? fixture(name) : NULL;
}

static void check_store(ask_json_value x)
{
    const char *name = text_of(x, "store"), *form = text_of(x, "form");
    if (strcmp(form, "hdf5") == 0 && !has_hdf5()) {
        print_message("%s: this build has no HDF5\n", name);
        return;
    }
    ask_feature_store_options opt = ask_feature_store_defaults();
    opt.width = int_of(x, "width");
    opt.dataset = text_of(x, "dataset");
    opt.list = fixture_or_null(text_of(x, "list"));
    opt.id_map = fixture_or_null(text_of(x, "id_map"));
    ask_feature_store *s = open_store(fixture(name), &opt);
    ask_feature_store_info info = ask_feature_store_info_of(s);
    CHECK_CASE(name, strcmp(info.form, form) == 0);
    CHECK_CASE(name, strcmp(info.path, fixture(name)) == 0);
    CHECK_CASE(name, (info.dataset != NULL) == (strcmp(form, "hdf5") == 0));
    ask_json_value keys = ask_json_find(x, "keys");
    CHECK_CASE(name, info.n_keys == ask_json_count(keys));
    for (size_t i = 0; i < info.n_keys; i++) {
        ask_json_value at = ask_json_item(keys, i);
        CHECK_CASE(name, strcmp(ask_feature_store_key_at(s, i), text_of(at, "key")) == 0);
        CHECK_CASE(name, info.width == 0 || info.width == int_of(at, "width"));
        check_rows(name, s, at);
    }
    assert_false(ask_feature_store_has(s, "no such key"));
    ask_feature_store_close(s);
}

static void published_stores_are_read_as_their_own_loaders_read_them(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_json *doc = ask_json_read(fixture("expected.json"), NULL, &err);
    CHECK_OK(doc, &err);
    size_t n = ask_json_count(ask_json_root(doc));
    assert_in_range(n, 20, 40);
    for (size_t i = 0; i < n; i++) check_store(ask_json_item(ask_json_root(doc), i));
    ask_json_free(doc);
}

static void a_width_is_known_where_all_rows_have_it(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t width;
    } cases[] = {
        {"s3d.pth", 1024}, {"nextqa.pth", 0}, {"many.safetensors", 4},
        {"npy", 0},        {"s3d.npz", 0},    {"mist.h5", 512},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        if (strstr(cases[i].name, ".h5") && !has_hdf5()) continue;
        ask_feature_store *s = open_store(fixture(cases[i].name), NULL);
        CHECK_CASE(cases[i].name, ask_feature_store_info_of(s).width == cases[i].width);
        ask_feature_store_close(s);
    }
    ask_feature_store_close(NULL);
}

enum { N_CHATGPT = 356, CHATGPT_WIDTH = 1024, CHATGPT_BYTES = 2 * 356 * 1024 };

/* As pickle, protocol 3, writes an array of NumPy. */
static void write_pickle(const char *path, const uint16_t *data)
{
    static const char before[] = "\x80\x03"
                                 "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
                                 "K\0\x85"
                                 "C\1b\x87R(K\1"
                                 "M\x64\1"
                                 "M\0\4\x86"
                                 "cnumpy\ndtype\nX\2\0\0\0f2\x89\x88\x87R(K\3X\1\0\0\0<NNN"
                                 "J\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"
                                 "B";
    const int32_t n_bytes = CHATGPT_BYTES;
    ask_str s = {0};
    ask_str_append_bytes(&s, before, sizeof before - 1);
    for (int i = 0; i < 4; i++) ask_str_append_char(&s, (char)(n_bytes >> 8 * i));
    ask_str_append_bytes(&s, data, CHATGPT_BYTES);
    ask_str_append(&s, "tb.");
    assert_false(s.failed);
    test_write(path, ask_str_text(&s), s.length);
    ask_str_free(&s);
}

static void check_chatgpt(const char *name, const char *path)
{
    ask_feature_store *s = open_store(path, NULL);
    ask_feature_rows r = read_rows(s, "v_1");
    CHECK_CASE(name, r.n == N_CHATGPT && r.width == CHATGPT_WIDTH);
    for (int i = 0; i < N_CHATGPT * CHATGPT_WIDTH; i++)
        if (r.data[i] != (float)(i % 1000) / 8)
            fail_msg("%s: number %d is %g", name, i, (double)r.data[i]);
    ask_feature_rows_free(&r);
    ask_feature_store_close(s);
}

/* f16 of the true shape, which is too large for a fixture: as it is published, a pickle for
 * each video, and as others keep it. */
static void features_of_video_chatgpt_are_356_rows_of_1024(void **state)
{
    (void)state;
    enum { N = N_CHATGPT * CHATGPT_WIDTH };
    uint16_t *data = malloc(N * sizeof *data);
    assert_non_null(data);
    for (int i = 0; i < N; i++) data[i] = ask_f32_to_f16((float)(i % 1000) / 8);
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    write_pickle(test_path(dir, "pkl/v_1.pkl"), data);
    check_chatgpt("a folder of .pkl", test_path(dir, "pkl"));
    check_chatgpt("a .pkl", test_path(dir, "pkl/v_1.pkl"));
    test_write_text(test_path(dir, "npy/v_1.npy"), "");
    CHECK_OK(ask_npy_write(test_path(dir, "npy/v_1.npy"), ASK_NPY_F2, 2,
                           (const int64_t[]){N_CHATGPT, CHATGPT_WIDTH}, data, &err),
             &err);
    check_chatgpt("a folder of .npy", test_path(dir, "npy"));
    test_temp_dir_remove(dir);
    free(data);
}

static void our_own_files_have_times_and_a_model(void **state)
{
    (void)state;
    ask_feature_store *s = open_store(fixture("own"), NULL);
    ask_feature_rows r = read_rows(s, "clip1");
    assert_int_equal(r.n_dims, 3);
    assert_int_equal(r.shape[1], 3);
    assert_int_equal(r.n_times, 2);
    assert_true(r.t_s[0] == 0.5 && r.t_s[1] == 1.25);
    assert_int_equal(strlen(r.model_id), 64);
    assert_memory_equal(r.model_id, "2e2e", 4);
    ask_feature_rows_free(&r);
    ask_feature_store_close(s);
    s = open_store(fixture("s3d.pth"), NULL);
    r = read_rows(s, "Sequence_T2_7");
    assert_null(r.t_s);
    assert_null(r.model_id);
    ask_feature_rows_free(&r);
    ask_feature_store_close(s);
}

/* The two ends of model/feature_file.h. */
static void what_we_write_is_what_we_read(void **state)
{
    (void)state;
    const float data[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const ask_feature_file f = {.origin = {.model_id = "1f",
                                           .network = "clip",
                                           .layout = "mist",
                                           .video = "a.mp4",
                                           .video_id = "id",
                                           .video_s = 2,
                                           .asked = "{}",
                                           .plan = "{}"},
                                .data = data,
                                .n_dims = 3,
                                .shape = {2, 2, 3},
                                .t_s = (const double[]){0, 1.5},
                                .n_times = 2};
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    CHECK_OK(ask_feature_file_write(test_path(dir, "a.safetensors"), &f, &err), &err);
    ask_feature_store_options opt = ask_feature_store_defaults();
    opt.model_id = "1f";
    opt.width = 3;
    ask_feature_store *s = open_store(dir, &opt);
    ask_feature_rows r = read_rows(s, "a");
    assert_int_equal(r.n, 4);
    assert_memory_equal(r.data, data, sizeof data);
    assert_memory_equal(r.t_s, f.t_s, 2 * sizeof *f.t_s);
    assert_int_equal(r.n_times, 2);
    assert_string_equal(r.model_id, "1f");
    ask_feature_rows_free(&r);
    ask_feature_store_close(s);
    test_temp_dir_remove(dir);
}

/* Only what was there before a field was added counts of an older caller's options. */
static void options_may_be_of_an_older_header(void **state)
{
    (void)state;
    ask_feature_store_options opt = ask_feature_store_defaults();
    opt.struct_size = offsetof(ask_feature_store_options, list);
    opt.list = "not there";
    opt.id_map = "not there";
    ask_feature_store *s = open_store(fixture("s3d.pth"), &opt);
    ask_feature_store_close(s);
}

/* ---- what is refused ---- */

typedef struct {
    const char *name, *store;
    ask_error_code code;
    const char *message;
    const char *key;               // read this one; NULL: opening fails
    ask_feature_store_options opt; // files are fixtures
} refused_case;

static void check_refused(const refused_case *c)
{
    ask_feature_store_options opt = c->opt;
    opt.struct_size = sizeof opt;
    opt.list = fixture_or_null(opt.list);
    opt.id_map = fixture_or_null(opt.id_map);
    ask_error err = {0};
    ask_feature_rows r = {.n = 77};
    ask_feature_store *s = ask_feature_store_open(fixture(c->store), &opt, &err);
    if (c->key) {
        if (!s) fail_msg("case \"%s\": %s", c->name, err.message);
        CHECK_CASE(c->name, !ask_feature_store_read(&r, s, c->key, &err));
        CHECK_CASE(c->name, r.n == 77 && r.data == NULL);
    } else {
        CHECK_CASE(c->name, s == NULL);
    }
    if (!strstr(err.message, c->message))
        fail_msg("case \"%s\": \"%s\" is not in \"%s\"", c->name, c->message, err.message);
    if (err.code != c->code)
        fail_msg("case \"%s\": code %s", c->name, ask_error_name(err.code));
    ask_feature_store_close(s);
}

static void bad_stores_are_refused_with_what_is_wrong(void **state)
{
    (void)state;
    static const refused_case cases[] = {
        {"no file", "gone.pth", ASK_ERR_IO, "gone.pth: cannot open", .key = NULL},
        {"a data set of a folder", "npy", ASK_ERR_USAGE,
         "npy: is no HDF5 file, so it takes no name of a data set", .opt.dataset = "x"},
        {"list for a torch archive", "s3d.pth", ASK_ERR_USAGE,
         "s3d.pth: is no HDF5 file, so it takes no list of keys", .opt.list = "qids.txt"},
        {"text", "npy/notes.txt", ASK_ERR_FORMAT, "notes.txt: ", .key = NULL},
        {"integers", "refused/integers.pth", ASK_ERR_UNSUPPORTED,
         "integers.pth: key \"a\": holds i64, but features are f32", .key = NULL},
        {"a number", "refused/number.pth", ASK_ERR_FORMAT,
         "number.pth: key \"a\": a single number is no row of features", .key = NULL},
        {"a function in a pickle", "../pickle/refused_function.pkl", ASK_ERR_FORMAT,
         "refused_function.pkl: ", .key = NULL},
        {"a module in an archive", "../torch/refused_module.pt", ASK_ERR_FORMAT,
         "refused_module.pt: ", .key = NULL},
        {"an archive with its end cut off", "../torch/refused_short.pt", ASK_ERR_FORMAT,
         "refused_short.pt: ", .key = NULL},
        {"objects in an npz", "../npz/objects.npz", ASK_ERR_UNSUPPORTED,
         "objects.npz: ", .key = "bad"},
        {"another width, told when opening", "s3d.pth", ASK_ERR_SHAPE,
         "s3d.pth: key \"Interaction_T1_13\": rows of 1024 numbers, but 512 are expected",
         .opt.width = 512},
        {"another width, told when reading", "npy", ASK_ERR_SHAPE,
         "npy: key \"video7\": rows of 1024 numbers, but 512 are expected", .key = "video7",
         .opt.width = 512},
        {"another model", "own", ASK_ERR_UNSUPPORTED,
         "own: key \"clip0\": features of model 1f1f1f1f1f1f, but those of "
         "2e2e2e2e2e2e are expected",
         .key = "clip0", .opt.model_id = "2e2e2e2e2e2e2e"},
        {"no such key", "s3d.pth", ASK_ERR_NOT_FOUND,
         "s3d.pth: no features of \"x\"; it has 3 keys, such as \"Interaction_T1_13\"",
         .key = "x"},
        {"no such key of one", "npy/video7.npy", ASK_ERR_NOT_FOUND,
         "it has 1 key, such as \"video7\"", .key = "video8"},
        {"a map to no key", "s3d.pth", ASK_ERR_FORMAT, "none of its numbers is a key of ",
         .opt.id_map = "strID2numID.json"},
        {"a map that is none", "s3d.pth", ASK_ERR_FORMAT,
         "expected.json: ", .opt.id_map = "expected.json"},
        {"a map that is not there", "s3d.pth", ASK_ERR_IO,
         "gone.json: ", .opt.id_map = "gone.json"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_refused(&cases[i]);
}

static void bad_hdf5_stores_are_refused_with_what_is_wrong(void **state)
{
    (void)state;
    if (!has_hdf5()) {
        print_message("this build has no HDF5\n");
        skip();
    }
    static const refused_case cases[] = {
        {"an id twice", "refused/twice.h5", ASK_ERR_FORMAT,
         "twice.h5: key \"a\" comes twice, at 0 and 2 (counted from 0)", .key = NULL},
        {"fewer ids", "refused/fewer_ids.h5", ASK_ERR_FORMAT,
         "fewer_ids.h5: 2 keys in ids, but 3 rows in features", .key = NULL},
        {"more ids", "refused/more_ids.h5", ASK_ERR_FORMAT,
         "more_ids.h5: 4 keys in ids, but 3 rows in features", .key = NULL},
        {"ids that are no integers", "refused/real_ids.h5", ASK_ERR_UNSUPPORTED,
         "real_ids.h5: ids: holds f8, but keys are texts or integers", .key = NULL},
        {"an empty id", "refused/empty_id.h5", ASK_ERR_FORMAT,
         "empty_id.h5: row 1 has an empty key", .key = NULL},
        {"no rows", "refused/no_rows.h5", ASK_ERR_FORMAT,
         "no_rows.h5: there are no features in it", .key = NULL},
        {"no features", "refused/no_features.h5", ASK_ERR_FORMAT,
         "no_features.h5: no data set holds rows of features", .key = NULL},
        {"integers", "refused/no_features.h5", ASK_ERR_FORMAT,
         "no_features.h5: features: holds no rows of features", .opt.dataset = "features"},
        {"two that can be meant", "several.h5", ASK_ERR_USAGE,
         "several.h5: resnet_features or resnext_features? Say which", .key = NULL},
        {"no such data set", "several.h5", ASK_ERR_USAGE,
         "several.h5: there is no data set \"gone\"", .opt.dataset = "gone"},
        {"another width", "mist.h5", ASK_ERR_SHAPE,
         "mist.h5: features: rows of 512 numbers, but 1024 are expected",
         .opt.width = 1024},
        {"no ids", "mist_star.h5", ASK_ERR_USAGE,
         "mist_star.h5: no data set \"ids\" tells whose rows these are; give a file",
         .key = NULL},
        {"a list that is not there", "mist_star.h5", ASK_ERR_IO,
         "gone.txt: ", .opt.list = "gone.txt"},
        {"a list of others", "mist_star.h5", ASK_ERR_FORMAT,
         "notes.txt, but 3 rows in features", .opt.list = "npy/notes.txt"},
        {"a list with a gap", "mist_star.h5", ASK_ERR_FORMAT, "gap.txt:2: an empty line",
         .opt.list = "refused/gap.txt"},
        {"a list that is no text", "mist_star.h5", ASK_ERR_FORMAT,
         "v__x.pkl: is no text: holds a NUL", .opt.list = "pkl/v__x.pkl"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_refused(&cases[i]);
}

/* A folder in which one file is written; what reading or opening it says. */
static void check_folder(const char *name, const char *says)
{
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    float data[6] = {1, 2, 3, 4, NAN, 6};
    const char *path = test_path(dir, "v.npy");
    if (strcmp(name, "infinite") == 0) data[4] = INFINITY;
    if (strcmp(name, "empty") != 0)
        CHECK_OK(ask_npy_write(path, ASK_NPY_F4, 2, (const int64_t[]){2, 3}, data, &err),
                 &err);
    if (strcmp(name, "twice") == 0) test_write_text(test_path(dir, "v.pkl"), "x");
    ask_feature_rows r;
    ask_feature_store *s = ask_feature_store_open(dir, NULL, &err);
    CHECK_CASE(name, !s || !ask_feature_store_read(&r, s, "v", &err));
    CHECK_CASE(name, err.code == ASK_ERR_FORMAT);
    if (!strstr(err.message, says)) fail_msg("case \"%s\": %s", name, err.message);
    ask_feature_store_close(s);
    test_temp_dir_remove(dir);
}

static void numbers_that_are_none_and_bad_folders_are_refused(void **state)
{
    (void)state;
    check_folder("NaN", ": key \"v\": row 1, column 1 is NaN; make these features again");
    check_folder("infinite", ": key \"v\": row 1, column 1 is infinite");
    check_folder("twice", ": key \"v\" comes twice, at 0 and 1");
    check_folder("empty", ": holds no .npy, .pkl, .pt, .pth or .safetensors files");
}

/* ---- our own files that are broken ---- */

typedef struct {
    const char *name, *schema, *times;
    ask_dtype times_type;
    double time_s;
    const char *says;
} own_case;

static void check_own(const own_case *c, const char *path)
{
    const double times[2] = {0, c->time_s};
    const float data[4] = {1, 2, 3, 4};
    const ask_weights_entry tensors[] = {
        {.name = "features", .type = ASK_F32, .n_dims = 2, .shape = {2, 2}, .data = data},
        {.name = c->times, .type = c->times_type, .n_dims = 1, .shape = {2}, .data = times},
    };
    const ask_weights_note notes[] = {{"schema", c->schema}, {"model_id", "1f"}};
    ask_error err = {0};
    CHECK_OK(ask_safetensors_write(path, tensors, 2, notes, 2, &err), &err);
    ask_feature_store *s = open_store(path, NULL);
    ask_feature_rows r;
    bool ok = ask_feature_store_read(&r, s, "a", &err);
    CHECK_CASE(c->name, ok == (c->says == NULL));
    if (ok) ask_feature_rows_free(&r);
    if (c->says && !strstr(err.message, c->says))
        fail_msg("case \"%s\": %s", c->name, err.message);
    ask_feature_store_close(s);
}

static void our_own_files_are_checked(void **state)
{
    (void)state;
    static const own_case cases[] = {
        {"right", "askance.features/1", "t_s", ASK_F64, 1, NULL},
        {"of later", "askance.features/2", "t_s", ASK_F64, 1,
         "a.safetensors: is askance.features/2, but only askance.features/1 is read"},
        {"no times", "askance.features/1", "t", ASK_F64, 1,
         "the note \"model_id\" or the tensor \"t_s\" (f64, one dimension) is missing"},
        {"times of another type", "askance.features/1", "t_s", ASK_I64, 1, "is missing"},
        {"a time that is none", "askance.features/1", "t_s", ASK_F64, NAN,
         "key \"a\": time 1 is no number of seconds"},
    };
    char *dir = test_temp_dir_make();
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        check_own(&cases[i], test_path(dir, "a.safetensors"));
    test_temp_dir_remove(dir);
}

/* ---- as many rows as a network takes ---- */

static void rows_are_cut_by_the_published_rule(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t n, n_rows, n_real, first[4]; // which row; -1: zeros
    } cases[] = {
        {"as many", 3, 3, 3, {0, 1, 2}}, {"fewer", 2, 4, 2, {0, 1, -1, -1}},
        {"none", 0, 2, 0, {-1, -1}},     {"twice as many", 8, 4, 4, {0, 2, 4, 6}},
        {"odd", 7, 4, 4, {0, 1, 3, 5}},  {"one more", 5, 4, 4, {0, 1, 2, 3}},
        {"one of many", 9, 1, 1, {0}},   {"a prime", 11, 3, 3, {0, 3, 7}},
    };
    float data[2 * 11], out[2 * 4];
    for (int i = 0; i < 22; i++) data[i] = (float)(i / 2 + 100 * (i % 2) + 1);
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        ask_feature_rows r = {.data = data, .n = cases[c].n, .width = 2};
        memset(out, 0x7f, sizeof out);
        CHECK_CASE(cases[c].name,
                   ask_feature_rows_fit(out, cases[c].n_rows, &r) == cases[c].n_real);
        for (int64_t j = 0; j < cases[c].n_rows; j++) {
            int64_t i = cases[c].first[j];
            CHECK_CASE(cases[c].name, out[2 * j] == (i < 0 ? 0.0f : (float)(i + 1)));
            CHECK_CASE(cases[c].name, out[2 * j + 1] == (i < 0 ? 0.0f : (float)(i + 101)));
        }
    }
}

/* ---- memory ---- */

typedef struct {
    const char *store, *key;
    ask_feature_store_options opt;
} attempt_case;

static bool open_and_read(void *user, ask_error *err)
{
    const attempt_case *c = user;
    ask_feature_store *s = ask_feature_store_open(c->store, &c->opt, err);
    ask_feature_rows r;
    bool ok = s && ask_feature_store_read(&r, s, c->key, err);
    if (ok) ask_feature_rows_free(&r);
    ask_feature_store_close(s);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *store, *key, *list, *id_map;
    } cases[] = {
        {"s3d.pth", "Sequence_T2_7", NULL, NULL},
        {"frcnn.pth", "0A8CF", NULL, NULL},
        {"own", "clip1", NULL, NULL},
        {"npy", "video7", NULL, NULL},
        {"pkl/v__x.pkl", "v__x", NULL, NULL},
        {"s3d.npz", "video10", NULL, NULL},
        {"unknown.h5", "y", NULL, NULL},
        {"motion.h5", "P2_9|7|12", NULL, "strID2numID.json"},
        {"mist_star.h5", "Sequence_T2_7", "qids.txt", NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        if (strstr(cases[i].store, ".h5") && !has_hdf5()) continue;
        attempt_case c = {.store = fixture(cases[i].store),
                          .key = cases[i].key,
                          .opt = {.list = fixture_or_null(cases[i].list),
                                  .id_map = fixture_or_null(cases[i].id_map)}};
        assert_in_range(test_each_alloc_fails(cases[i].store, open_and_read, &c), 8, 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_stores_are_read_as_their_own_loaders_read_them),
        cmocka_unit_test(a_width_is_known_where_all_rows_have_it),
        cmocka_unit_test(features_of_video_chatgpt_are_356_rows_of_1024),
        cmocka_unit_test(our_own_files_have_times_and_a_model),
        cmocka_unit_test(what_we_write_is_what_we_read),
        cmocka_unit_test(options_may_be_of_an_older_header),
        cmocka_unit_test(bad_stores_are_refused_with_what_is_wrong),
        cmocka_unit_test(bad_hdf5_stores_are_refused_with_what_is_wrong),
        cmocka_unit_test(numbers_that_are_none_and_bad_folders_are_refused),
        cmocka_unit_test(our_own_files_are_checked),
        cmocka_unit_test(rows_are_cut_by_the_published_rule),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
