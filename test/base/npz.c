#include "base/npz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

enum { ENOUGH = 1 << 20 };

/* Archives in test/fixtures/npz were written by NumPy 2.4.6 (tools/golden/zip.py). */
static const char *fixture(const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "npz/%s.npz", name);
    return test_fixture(file);
}

static ask_npz *open_fixture(const char *name)
{
    ask_error err;
    ask_npz *npz = ask_npz_open(fixture(name), &err);
    CHECK_OK(npz, &err);
    return npz;
}

static void check_array(const char *where, ask_npz *npz, const char *name,
                        const ask_npy *expected)
{
    ask_error err;
    ask_npy a;
    CHECK_OK(ask_npz_read_named(&a, npz, name, ENOUGH, &err), &err);
    CHECK_CASE(where, a.type == expected->type && a.n_dims == expected->n_dims);
    CHECK_CASE(where, memcmp(a.shape, expected->shape, sizeof a.shape) == 0);
    CHECK_CASE(where, a.bytes == expected->bytes);
    CHECK_CASE(where, memcmp(a.data, expected->data, a.bytes) == 0);
    ask_npy_free(&a);
}

static void arrays_are_read_by_name_stored_and_deflated(void **state)
{
    (void)state;
    static const char *const names[] = {"features", "clip/ids", "masks", "scalar"};
    float counting[24];
    for (int i = 0; i < 24; i++) counting[i] = (float)i;
    int64_t ids[] = {7, 8, 9};
    static uint8_t masks[4 * 64 * 64];
    double half = 0.5;
    const ask_npy arrays[] = {
        {ASK_NPY_F4, 3, {2, 3, 4}, counting, sizeof counting},
        {ASK_NPY_I8, 1, {3}, ids, sizeof ids},
        {ASK_NPY_U1, 3, {4, 64, 64}, masks, sizeof masks},
        {ASK_NPY_F8, 0, {0}, &half, sizeof half},
    };
    static const char *const files[] = {"stored", "deflated"};
    for (size_t f = 0; f < TEST_COUNT(files); f++) {
        ask_npz *npz = open_fixture(files[f]);
        CHECK_CASE(files[f], ask_npz_count(npz) == TEST_COUNT(names));
        for (size_t i = 0; i < TEST_COUNT(names); i++) {
            CHECK_CASE(files[f], strcmp(ask_npz_name(npz, i), names[i]) == 0);
            check_array(names[i], npz, names[i], &arrays[i]);
        }
        size_t i = 77;
        CHECK_CASE(files[f], !ask_npz_find(&i, npz, "masks.npy") && i == 77);
        ask_npz_close(npz);
    }
}

static void arrays_without_a_name_are_numbered(void **state)
{
    (void)state;
    ask_npz *npz = open_fixture("unnamed");
    int16_t numbers[] = {1, 2};
    check_array("arr_0", npz, "arr_0", &(ask_npy){ASK_NPY_I2, 1, {2}, numbers, 4});
    check_array("arr_1", npz, "arr_1", &(ask_npy){ASK_NPY_BOOL, 1, {2}, "\1\0", 2});
    ask_npz_close(npz);
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *file, *array;
        size_t max_bytes;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"stored", "none", ENOUGH, ASK_ERR_NOT_FOUND, "stored.npz: no array \"none\""},
        {"deflated", "masks", 16000, ASK_ERR_LIMIT,
         "deflated.npz: an entry unpacks to 16512 bytes, more than the 16000 allowed: "
         "\"masks.npy\""},
        {"objects", "bad", ENOUGH, ASK_ERR_UNSUPPORTED,
         "objects.npz: bad: holds Python objects"},
    };
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        ask_npz *npz = open_fixture(cases[c].file);
        ask_npy a = {.bytes = 77};
        ask_error err = {0};
        CHECK_CASE(cases[c].array,
                   !ask_npz_read_named(&a, npz, cases[c].array, cases[c].max_bytes, &err));
        CHECK_CASE(cases[c].array, err.code == cases[c].code && a.bytes == 77);
        if (!strstr(err.message, cases[c].message))
            fail_msg("case \"%s\": %s", cases[c].array, err.message);
        ask_npz_close(npz);
    }
}

static void an_archive_of_other_files_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    assert_null(ask_npz_open(test_fixture("zip/two.zip"), &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(
        strstr(err.message, "two.zip: not a .npz file: holds what is no .npy: \"a.txt\""));
    assert_null(ask_npz_open(test_fixture("npy/scalar.npy"), &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(strstr(err.message, "scalar.npy: not a .zip archive, or cut off"));
}

static bool open_and_read(void *user, ask_error *err)
{
    (void)user;
    ask_npz *npz = ask_npz_open(fixture("deflated"), err);
    ask_npy a;
    bool ok = npz && ask_npz_read_named(&a, npz, "features", ENOUGH, err);
    if (ok) ask_npy_free(&a);
    ask_npz_close(npz);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_in_range(test_each_alloc_fails("npz", open_and_read, NULL), 6, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_read_by_name_stored_and_deflated),
        cmocka_unit_test(arrays_without_a_name_are_numbered),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(an_archive_of_other_files_is_refused),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
