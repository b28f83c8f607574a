#include "base/hdf5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/arrays.h"
#include "support/testing.h"

enum { ENOUGH = 1 << 20 };

/* Files in test/fixtures/hdf5 were written by h5py 3.16.0 (tools/golden/hdf5.py). */
static const char *fixture(const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "hdf5/%s.h5", name);
    return test_fixture(file);
}

static ask_hdf5 *open_fixture(const char *name)
{
    ask_error err;
    ask_hdf5 *f = ask_hdf5_open(fixture(name), &err);
    CHECK_OK(f, &err);
    return f;
}

static void need_hdf5(void)
{
    ask_library library;
    if (ask_hdf5_library(&library)) return;
    print_message("this build has no HDF5\n");
    skip();
}

/* Checks type and shape. */
static void check_form(const char *name, const ask_npy *a, ask_npy_type type, int n_dims,
                       const int64_t *shape)
{
    CHECK_CASE(name, a->type == type && a->n_dims == n_dims);
    size_t bytes = ask_npy_type_bytes(type);
    for (int d = 0; d < n_dims; d++) {
        CHECK_CASE(name, a->shape[d] == shape[d]);
        bytes *= (size_t)shape[d];
    }
    CHECK_CASE(name, a->bytes == bytes);
}

static void numbers_of_all_types_and_orders_are_read(void **state)
{
    (void)state;
    need_hdf5();
    static const struct {
        const char *name;
        ask_npy_type type;
        int n_dims;
        int64_t shape[2];
        int first; // the values count up from here
    } cases[] = {
        {"i1_little", ASK_NPY_I1, 2, {2, 3}, -3}, {"i2_little", ASK_NPY_I2, 2, {2, 3}, -3},
        {"i4_little", ASK_NPY_I4, 2, {2, 3}, -3}, {"i8_little", ASK_NPY_I8, 2, {2, 3}, -3},
        {"u1_little", ASK_NPY_U1, 2, {2, 3}, 0},  {"u2_little", ASK_NPY_U2, 2, {2, 3}, 0},
        {"u4_little", ASK_NPY_U4, 2, {2, 3}, 0},  {"u8_little", ASK_NPY_U8, 2, {2, 3}, 0},
        {"f2_little", ASK_NPY_F2, 2, {2, 3}, -3}, {"f4_little", ASK_NPY_F4, 2, {2, 3}, -3},
        {"f8_little", ASK_NPY_F8, 2, {2, 3}, -3}, {"i2_big", ASK_NPY_I2, 2, {2, 3}, -3},
        {"i4_big", ASK_NPY_I4, 2, {2, 3}, -3},    {"i8_big", ASK_NPY_I8, 2, {2, 3}, -3},
        {"u2_big", ASK_NPY_U2, 2, {2, 3}, 0},     {"u4_big", ASK_NPY_U4, 2, {2, 3}, 0},
        {"u8_big", ASK_NPY_U8, 2, {2, 3}, 0},     {"f2_big", ASK_NPY_F2, 2, {2, 3}, -3},
        {"f4_big", ASK_NPY_F4, 2, {2, 3}, -3},    {"f8_big", ASK_NPY_F8, 2, {2, 3}, -3},
        {"none", ASK_NPY_F4, 2, {0, 5}, 0},       {"i3", ASK_NPY_I4, 1, {6}, -3},
        {"bf16", ASK_NPY_F4, 1, {6}, -3},
    };
    ask_hdf5 *f = open_fixture("numbers");
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        const char *name = cases[c].name;
        ask_error err;
        ask_hdf5_info info;
        ask_npy a;
        CHECK_OK(ask_hdf5_describe(&info, f, name, &err), &err);
        CHECK_CASE(name, !info.is_text && info.type == cases[c].type);
        CHECK_CASE(name, info.n_dims == cases[c].n_dims);
        CHECK_OK(ask_hdf5_read(&a, f, name, ENOUGH, &err), &err);
        check_form(name, &a, cases[c].type, cases[c].n_dims, cases[c].shape);
        for (size_t i = 0; i < a.bytes / ask_npy_type_bytes(a.type); i++)
            CHECK_CASE(name, array_element(&a, i) == (double)i + cases[c].first);
        ask_npy_free(&a);
    }
    ask_hdf5_close(f);
}

static void bools_enumerations_and_values_never_written_are_read(void **state)
{
    (void)state;
    need_hdf5();
    int32_t sevens[] = {7, 7, 7, 7};
    float half_one = 0.5F;
    const struct {
        const char *name;
        ask_npy expected;
    } cases[] = {
        {"bool", {ASK_NPY_BOOL, 2, {2, 3}, "\1\0\1\0\0\1", 6}},
        {"enum", {ASK_NPY_U1, 1, {3}, "\2\0\1", 3}},
        {"never_written", {ASK_NPY_I4, 1, {4}, sevens, sizeof sevens}},
        {"single", {ASK_NPY_F4, 0, {0}, &half_one, sizeof half_one}},
    };
    ask_hdf5 *f = open_fixture("numbers");
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        const ask_npy *e = &cases[c].expected;
        ask_error err;
        ask_npy a;
        CHECK_OK(ask_hdf5_read(&a, f, cases[c].name, ENOUGH, &err), &err);
        check_form(cases[c].name, &a, e->type, e->n_dims, e->shape);
        CHECK_CASE(cases[c].name, memcmp(a.data, e->data, e->bytes) == 0);
        ask_npy_free(&a);
    }
    ask_hdf5_close(f);
}

static void rows_are_read_from_every_layout(void **state)
{
    (void)state;
    need_hdf5();
    static const char *const names[] = {"whole", "chunked", "deflated", "growing",
                                        "compact"};
    static const int64_t ranges[][2] = {{0, 50},  {0, 1},   {6, 8},
                                        {13, 29}, {49, 50}, {5, 5}};
    ask_hdf5 *f = open_fixture("layouts");
    for (size_t c = 0; c < TEST_COUNT(names); c++) {
        for (size_t r = 0; r < TEST_COUNT(ranges); r++) {
            int64_t begin = ranges[r][0], end = ranges[r][1];
            ask_error err;
            ask_npy a;
            CHECK_OK(ask_hdf5_read_rows(&a, f, names[c], begin, end, ENOUGH, &err), &err);
            check_form(names[c], &a, ASK_NPY_F4, 3, (int64_t[]){end - begin, 3, 2});
            for (int64_t i = 0; i < 6 * (end - begin); i++)
                CHECK_CASE(names[c], ((float *)a.data)[i] == (float)(i + 6 * begin - 3));
            ask_npy_free(&a);
        }
    }
    ask_hdf5_close(f);
}

static void texts_are_read_without_their_padding(void **state)
{
    (void)state;
    need_hdf5();
    static const struct {
        const char *path, *attribute;
        size_t n;
        const char *texts[4];
    } cases[] = {
        {"own_lengths", NULL, 4, {"one", "", "dr\xc3\xa9i", "a longer one"}},
        {"ascii", NULL, 2, {"one", "two"}},
        {"fixed", NULL, 4, {"ab", "c", "", "defg"}},
        {"spaces", NULL, 2, {"a b", "12345"}},
        {"single", NULL, 1, {"alone"}},
        {"never_written", NULL, 2, {"", ""}},
        {"no_texts", NULL, 0, {NULL}},
        {"/", "__attributes__", 1, {"[\"shapes\", \"size\"]"}},
        {"/", "names", 2, {"x", "y\xc3\xbc"}},
        {"", "fixed", 1, {"abc"}},
    };
    ask_hdf5 *f = open_fixture("texts");
    ask_arena *room = ask_arena_new(0);
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        const char *name = cases[c].attribute ? cases[c].attribute : cases[c].path;
        const char *const *texts;
        size_t n;
        ask_error err;
        bool ok =
            cases[c].attribute
                ? ask_hdf5_read_attribute_texts(&texts, &n, f, cases[c].path,
                                                cases[c].attribute, ENOUGH, room, &err)
                : ask_hdf5_read_texts(&texts, &n, f, cases[c].path, ENOUGH, room, &err);
        CHECK_OK(ok, &err);
        CHECK_CASE(name, n == cases[c].n);
        for (size_t i = 0; i < n; i++)
            if (strcmp(texts[i], cases[c].texts[i]) != 0)
                fail_msg("case \"%s\": \"%s\"", name, texts[i]);
    }
    ask_arena_free(room);
    ask_hdf5_close(f);
}

static void attributes_of_numbers_are_read(void **state)
{
    (void)state;
    need_hdf5();
    ask_hdf5 *f = open_fixture("texts");
    ask_error err;
    ask_npy a;
    CHECK_OK(ask_hdf5_read_attribute(&a, f, "fixed", "size", ENOUGH, &err), &err);
    check_form("size", &a, ASK_NPY_I4, 1, (int64_t[]){2});
    assert_memory_equal(a.data, ((int32_t[]){3, 4}), 8);
    ask_npy_free(&a);
    CHECK_OK(ask_hdf5_read_attribute(&a, f, "fixed", "scale", ENOUGH, &err), &err);
    check_form("scale", &a, ASK_NPY_F8, 0, NULL);
    assert_true(*(double *)a.data == 0.25);
    ask_npy_free(&a);
    ask_hdf5_close(f);
}

static void groups_are_listed_by_name(void **state)
{
    (void)state;
    need_hdf5();
    static const ask_hdf5_entry root[] = {
        {"by_another_name", ASK_HDF5_DATASET},
        {"dangling", ASK_HDF5_OTHER},
        {"nothing", ASK_HDF5_GROUP},
        {"outside", ASK_HDF5_OTHER},
        {"type", ASK_HDF5_OTHER},
        {"video10", ASK_HDF5_GROUP},
        {"video2", ASK_HDF5_GROUP},
    };
    static const ask_hdf5_entry video[] = {
        {"appearance", ASK_HDF5_DATASET},
        {"motion", ASK_HDF5_GROUP},
    };
    static const struct {
        const char *group;
        const ask_hdf5_entry *entries;
        size_t n;
    } cases[] = {
        {"/", root, TEST_COUNT(root)},
        {"", root, TEST_COUNT(root)},
        {"video2", video, TEST_COUNT(video)},
        {"/video2/", video, TEST_COUNT(video)},
        {"nothing", NULL, 0},
    };
    ask_hdf5 *f = open_fixture("groups");
    ask_arena *room = ask_arena_new(0);
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        const ask_hdf5_entry *entries;
        size_t n;
        ask_error err;
        CHECK_OK(ask_hdf5_list(&entries, &n, f, cases[c].group, room, &err), &err);
        CHECK_CASE(cases[c].group, n == cases[c].n);
        for (size_t i = 0; i < n; i++) {
            CHECK_CASE(cases[c].group,
                       strcmp(entries[i].name, cases[c].entries[i].name) == 0);
            CHECK_CASE(entries[i].name, entries[i].kind == cases[c].entries[i].kind);
        }
    }
    ask_hdf5_kind kind;
    ask_error err;
    CHECK_OK(ask_hdf5_find(&kind, f, "video2/motion/slow", &err), &err);
    assert_int_equal(kind, ASK_HDF5_DATASET);
    CHECK_OK(ask_hdf5_find(&kind, f, "/", &err), &err);
    assert_int_equal(kind, ASK_HDF5_GROUP);
    ask_arena_free(room);
    ask_hdf5_close(f);
}

/* Reads numbers and forgets them. */
static bool read_numbers(ask_hdf5 *f, const char *path, size_t max_bytes, ask_error *err)
{
    ask_npy a;
    if (!ask_hdf5_read(&a, f, path, max_bytes, err)) return false;
    ask_npy_free(&a);
    return true;
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    need_hdf5();
    static const struct {
        const char *file, *path;
        size_t max_bytes;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"refused", "records", ENOUGH, ASK_ERR_UNSUPPORTED,
         "refused.h5: records: holds records; numbers and texts are read"},
        {"refused", "lists", ENOUGH, ASK_ERR_UNSUPPORTED,
         "lists: holds lists of different lengths; numbers"},
        {"refused", "references", ENOUGH, ASK_ERR_UNSUPPORTED, "holds references"},
        {"refused", "empty", ENOUGH, ASK_ERR_UNSUPPORTED, "empty: holds no value"},
        {"refused", "elsewhere", ENOUGH, ASK_ERR_UNSUPPORTED,
         "elsewhere: holds data that lies in other files"},
        {"refused", "virtual", ENOUGH, ASK_ERR_UNSUPPORTED,
         "virtual: holds data that lies in other files"},
        {"refused", "dims9", ENOUGH, ASK_ERR_UNSUPPORTED, "holds more than 8 dimensions"},
        {"refused", "lzf", ENOUGH, ASK_ERR_FORMAT, "lzf: cannot be read (HDF5: "},
        {"groups", "video2", ENOUGH, ASK_ERR_FORMAT, "groups.h5: video2: is no data set"},
        {"groups", "video3/motion", ENOUGH, ASK_ERR_NOT_FOUND,
         "groups.h5: there is no \"video3\""},
        {"groups", "video2/x", ENOUGH, ASK_ERR_NOT_FOUND,
         "groups.h5: there is no \"video2/x\""},
        {"groups", "dangling", ENOUGH, ASK_ERR_FORMAT,
         "groups.h5: dangling: cannot be opened (HDF5: "},
        {"groups", "outside", ENOUGH, ASK_ERR_FORMAT,
         "groups.h5: outside: cannot be opened (HDF5: "},
        {"texts", "fixed", ENOUGH, ASK_ERR_FORMAT, "fixed: holds texts, not numbers"},
        {"layouts", "whole", 1199, ASK_ERR_LIMIT,
         "layouts.h5: whole: needs more than the 1199 bytes allowed"},
        {"layouts", "huge", SIZE_MAX, ASK_ERR_NOMEM, "out of memory"},
        {"layouts", "huge", ENOUGH, ASK_ERR_LIMIT, "huge: needs more than the 1048576"},
        {"layouts", "huge_chunks", 8 << 20, ASK_OK, NULL},
    };
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        ask_hdf5 *f = open_fixture(cases[c].file);
        ask_error err = {0};
        bool ok = read_numbers(f, cases[c].path, cases[c].max_bytes, &err);
        CHECK_CASE(cases[c].path, ok == !cases[c].message);
        if (!ok && !strstr(err.message, cases[c].message))
            fail_msg("case \"%s\": %s", cases[c].path, err.message);
        CHECK_CASE(cases[c].path, err.code == cases[c].code);
        ask_hdf5_close(f);
    }
}

static void bad_rows_texts_and_attributes_are_refused(void **state)
{
    (void)state;
    need_hdf5();
    static const int64_t rows[][2] = {{-1, 2}, {3, 2}, {0, 51}, {51, 51}};
    ask_hdf5 *f = open_fixture("layouts");
    ask_error err = {0};
    ask_npy a = {.bytes = 77};
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        assert_false(
            ask_hdf5_read_rows(&a, f, "whole", rows[i][0], rows[i][1], ENOUGH, &err));
        assert_int_equal(err.code, ASK_ERR_SHAPE);
    }
    assert_false(ask_hdf5_read_rows(&a, f, "huge_chunks", 0, 10, ENOUGH, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "huge_chunks: one of its chunks needs more than"));
    assert_int_equal(a.bytes, 77);
    ask_hdf5_close(f);

    f = open_fixture("texts");
    ask_arena *room = ask_arena_new(0);
    const char *const *texts = NULL;
    size_t n = 77;
    assert_false(ask_hdf5_read_rows(&a, f, "single", 0, 1, ENOUGH, &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
    // Four pointers take 32 bytes, the texts 23.
    assert_false(ask_hdf5_read_texts(&texts, &n, f, "own_lengths", 54, room, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_false(
        ask_hdf5_read_attribute_texts(&texts, &n, f, "/", "names", 20, room, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_false(
        ask_hdf5_read_attribute_texts(&texts, &n, f, "fixed", "size", ENOUGH, room, &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(strstr(err.message, "fixed, attribute size: holds numbers, not texts"));
    assert_false(ask_hdf5_read_attribute(&a, f, "fixed", "none", ENOUGH, &err));
    assert_int_equal(err.code, ASK_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "texts.h5: fixed has no attribute \"none\""));
    assert_null(texts);
    assert_int_equal(n, 77);
    ask_arena_free(room);
    ask_hdf5_close(f);
}

static void what_is_no_hdf5_file_is_refused(void **state)
{
    (void)state;
    need_hdf5();
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    assert_null(ask_hdf5_open(test_path(dir, "none.h5"), &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_null(ask_hdf5_open(test_fixture("npy/scalar.npy"), &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(strstr(err.message, "scalar.npy: not an HDF5 file"));

    size_t n_bytes;
    char *bytes = test_read(fixture("texts"), &n_bytes);
    const char *part = test_path(dir, "part.h5");
    test_write(part, bytes, n_bytes / 2);
    assert_null(ask_hdf5_open(part, &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(strstr(err.message, "part.h5: opening: damaged or cut off (HDF5: "));
    free(bytes);
    test_temp_dir_remove(dir);
}

static void damage_that_libhdf5_overlooks_is_told(void **state)
{
    (void)state;
    need_hdf5();
    static const struct {
        const char *file, *path, *bytes;
        size_t n_bytes, at; // of the one to change
        char value;
        const char *message;
    } cases[] = {
        {"numbers", "f4_little", "\x11\x20\x1f\0\4\0\0\0\0\0\x20\0\x17\x08\0\x17", 16, 2,
         0x7f, "damaged.h5: f4_little: its type of numbers is malformed"},
        {"numbers", "i4_little", "\x10\x08\0\0\4\0\0\0\0\0\x20\0", 12, 10, 0x40,
         "damaged.h5: i4_little: its type of numbers is malformed"},
        {"numbers", "u2_little", "\x10\0\0\0\2\0\0\0\0\0\x10\0", 12, 6, 1,
         "damaged.h5: u2_little: its type of numbers is malformed"},
        {"layouts", "compact", "\3\0\xb0\4", 4, 3, 3,
         "damaged.h5: compact: less data than its shape needs"},
    };
    char *dir = test_temp_dir_make();
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        size_t n_bytes;
        char *bytes = test_read(fixture(cases[c].file), &n_bytes);
        char *at = bytes;
        while ((at = memmem(at, n_bytes - (size_t)(at - bytes), cases[c].bytes,
                            cases[c].n_bytes)))
            at[cases[c].at] = cases[c].value;
        const char *path = test_path(dir, "damaged.h5");
        test_write(path, bytes, n_bytes);
        free(bytes);
        ask_error err = {0};
        ask_hdf5 *f = ask_hdf5_open(path, &err);
        CHECK_OK(f, &err);
        CHECK_CASE(cases[c].path, !read_numbers(f, cases[c].path, ENOUGH, &err));
        if (!strstr(err.message, cases[c].message))
            fail_msg("case \"%s\": %s", cases[c].path, err.message);
        CHECK_CASE(cases[c].path, err.code == ASK_ERR_FORMAT);
        ask_hdf5_close(f);
    }
    test_temp_dir_remove(dir);
}

static bool open_and_read(void *user, ask_error *err)
{
    ask_hdf5 *f = ask_hdf5_open(user, err);
    ask_arena *room = ask_arena_new(0);
    if (f && !room) ask_fail_memory(err);
    const char *const *texts;
    const ask_hdf5_entry *entries;
    size_t n;
    bool ok =
        f && room && ask_hdf5_read_texts(&texts, &n, f, "fixed", ENOUGH, room, err) &&
        ask_hdf5_read_texts(&texts, &n, f, "own_lengths", ENOUGH, room, err) &&
        ask_hdf5_read_attribute_texts(&texts, &n, f, "/", "names", ENOUGH, room, err) &&
        ask_hdf5_list(&entries, &n, f, "/", room, err);
    ask_npy a;
    if (ok && (ok = ask_hdf5_read_attribute(&a, f, "fixed", "size", ENOUGH, err)))
        ask_npy_free(&a);
    ask_arena_free(room);
    ask_hdf5_close(f);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    need_hdf5();
    char path[256];
    snprintf(path, sizeof path, "%s", fixture("texts"));
    assert_in_range(test_each_alloc_fails("hdf5", open_and_read, path), 8, 1000);
}

static void a_build_without_hdf5_says_what_to_install(void **state)
{
    (void)state;
    ask_library library;
    if (ask_hdf5_library(&library)) {
        print_message("this build has HDF5 %s\n", library.version);
        skip();
    }
    ask_error err = {0};
    assert_null(ask_hdf5_open(fixture("texts"), &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "texts.h5: this askance was built without HDF5; "
                                        "install libhdf5-dev and build it again"));
    ask_npy a = {.bytes = 77};
    assert_false(ask_hdf5_read(&a, NULL, "x", ENOUGH, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_int_equal(a.bytes, 77);
    ask_hdf5_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_all_types_and_orders_are_read),
        cmocka_unit_test(bools_enumerations_and_values_never_written_are_read),
        cmocka_unit_test(rows_are_read_from_every_layout),
        cmocka_unit_test(texts_are_read_without_their_padding),
        cmocka_unit_test(attributes_of_numbers_are_read),
        cmocka_unit_test(groups_are_listed_by_name),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(bad_rows_texts_and_attributes_are_refused),
        cmocka_unit_test(what_is_no_hdf5_file_is_refused),
        cmocka_unit_test(damage_that_libhdf5_overlooks_is_told),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(a_build_without_hdf5_says_what_to_install),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
