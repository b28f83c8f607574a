#include "base/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/arrays.h"
#include "support/testing.h"

/* Files in test/fixtures/npy were written by NumPy 2.4.6 (tools/golden/npy.py). */
static const char *fixture(const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "npy/%s.npy", name);
    return test_fixture(file);
}

typedef struct {
    const char *name;
    ask_npy_type type;
    int n_dims;
    int64_t shape[3];
    int first; // the values count up from here in C order
    bool same; // written back by us, the file is the same
} fixture_case;

static void check_fixture(const fixture_case *c, const char *dir)
{
    ask_error err;
    ask_npy a;
    CHECK_OK(ask_npy_read(&a, fixture(c->name), &err), &err);
    CHECK_CASE(c->name, a.type == c->type && a.n_dims == c->n_dims);
    size_t n = 1;
    for (int d = 0; d < a.n_dims; d++) {
        CHECK_CASE(c->name, a.shape[d] == c->shape[d]);
        n *= (size_t)a.shape[d];
    }
    CHECK_CASE(c->name, a.bytes == n * ask_npy_type_bytes(a.type));
    for (size_t i = 0; i < n; i++)
        CHECK_CASE(c->name, array_element(&a, i) == (double)i + c->first);

    const char *copy = test_path(dir, "copy.npy");
    CHECK_OK(ask_npy_write(copy, a.type, a.n_dims, a.shape, a.data, &err), &err);
    if (c->same) {
        size_t ours_bytes, theirs_bytes;
        char *ours = test_read(copy, &ours_bytes);
        char *theirs = test_read(fixture(c->name), &theirs_bytes);
        CHECK_CASE(c->name, ours_bytes == theirs_bytes);
        CHECK_CASE(c->name, memcmp(ours, theirs, ours_bytes) == 0);
        free(ours);
        free(theirs);
    }
    ask_npy back;
    CHECK_OK(ask_npy_read(&back, copy, &err), &err);
    CHECK_CASE(c->name, back.type == a.type && back.bytes == a.bytes);
    CHECK_CASE(c->name, memcmp(back.shape, a.shape, sizeof a.shape) == 0);
    CHECK_CASE(c->name, memcmp(back.data, a.data, a.bytes) == 0);
    ask_npy_free(&back);
    ask_npy_free(&a);
}

static void arrays_of_numpy_are_read_and_written_alike(void **state)
{
    (void)state;
    static const fixture_case cases[] = {
        {"i1_little", ASK_NPY_I1, 2, {2, 3}, -3, true},
        {"i2_little", ASK_NPY_I2, 2, {2, 3}, -3, true},
        {"i4_little", ASK_NPY_I4, 2, {2, 3}, -3, true},
        {"i8_little", ASK_NPY_I8, 2, {2, 3}, -3, true},
        {"u1_little", ASK_NPY_U1, 2, {2, 3}, 0, true},
        {"u2_little", ASK_NPY_U2, 2, {2, 3}, 0, true},
        {"u4_little", ASK_NPY_U4, 2, {2, 3}, 0, true},
        {"u8_little", ASK_NPY_U8, 2, {2, 3}, 0, true},
        {"f2_little", ASK_NPY_F2, 2, {2, 3}, -3, true},
        {"f4_little", ASK_NPY_F4, 2, {2, 3}, -3, true},
        {"f8_little", ASK_NPY_F8, 2, {2, 3}, -3, true},
        {"i2_big", ASK_NPY_I2, 2, {2, 3}, -3, false},
        {"i4_big", ASK_NPY_I4, 2, {2, 3}, -3, false},
        {"i8_big", ASK_NPY_I8, 2, {2, 3}, -3, false},
        {"u2_big", ASK_NPY_U2, 2, {2, 3}, 0, false},
        {"u4_big", ASK_NPY_U4, 2, {2, 3}, 0, false},
        {"u8_big", ASK_NPY_U8, 2, {2, 3}, 0, false},
        {"f2_big", ASK_NPY_F2, 2, {2, 3}, -3, false},
        {"f4_big", ASK_NPY_F4, 2, {2, 3}, -3, false},
        {"f8_big", ASK_NPY_F8, 2, {2, 3}, -3, false},
        {"fortran", ASK_NPY_I4, 3, {2, 3, 4}, -3, false},
        {"fortran_big", ASK_NPY_F8, 2, {3, 2}, -3, false},
        {"scalar", ASK_NPY_I4, 0, {0}, 7, true},
        {"vector", ASK_NPY_F4, 1, {5}, -3, true},
        {"empty", ASK_NPY_F4, 2, {0, 5}, 0, true},
        {"long", ASK_NPY_U1, 2, {70, 1}, 0, true},
        {"version2", ASK_NPY_I2, 2, {2, 3}, -3, false},
        {"version3", ASK_NPY_I2, 2, {2, 3}, -3, false},
    };
    char *dir = test_temp_dir_make();
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_fixture(&cases[i], dir);
    test_temp_dir_remove(dir);
}

static void truth_values_are_0_and_1(void **state)
{
    (void)state;
    ask_error err;
    ask_npy a;
    CHECK_OK(ask_npy_read(&a, fixture("bool"), &err), &err);
    assert_int_equal(a.type, ASK_NPY_BOOL);
    assert_memory_equal(a.data, "\1\0\1\0\0\1", 6);
    ask_npy_free(&a);

    ask_str file = {0};
    ask_npy_append_header(&file, ASK_NPY_BOOL, 1, (int64_t[]){2});
    ask_str_append_bytes(&file, "\x00\x80", 2);
    CHECK_OK(ask_npy_parse(&a, file.data, file.length, "t", &err), &err);
    assert_memory_equal(a.data, "\0\1", 2);
    ask_npy_free(&a);
    ask_str_free(&file);
}

static void other_kinds_of_arrays_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *message;
    } cases[] = {
        {"records", "an array of records; save one field at a time"},
        {"text", "holds text (type '<U2'); numbers of 1 to 8 bytes and bool are read"},
        {"complex",
         "holds complex numbers (type '<c8'); numbers of 1 to 8 bytes and bool are read"},
        {"objects",
         "holds Python objects (type '|O'); numbers of 1 to 8 bytes and bool are "
         "read"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_npy a = {.bytes = 77};
        CHECK_CASE(cases[i].name, !ask_npy_read(&a, fixture(cases[i].name), &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_UNSUPPORTED && a.bytes == 77);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

/* A version 1 file with this dictionary and so many bytes of data. */
static char *make_file(const char *dictionary, size_t data_bytes, size_t *n_bytes)
{
    size_t length = strlen(dictionary);
    char *file = calloc(1, 10 + length + data_bytes);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = (char)(length & 0xff);
    file[9] = (char)(length >> 8);
    memcpy(file + 10, dictionary, length);
    *n_bytes = 10 + length + data_bytes;
    return file;
}

static void dictionaries_are_parsed_with_care(void **state)
{
    (void)state;
#define DESCR "'descr': '<i2', 'fortran_order': False, "
    static const struct {
        const char *dictionary;
        size_t data_bytes;
        ask_error_code code;
        const char *message; // NULL: accepted
    } cases[] = {
        {"{" DESCR "'shape': (3,)}", 6, ASK_OK, NULL},
        {" {\"shape\":(3),'descr':\"i2\",\n'fortran_order':True}  ", 6, ASK_OK, NULL},
        {"{" DESCR "'shape': (3L, 1L,)}", 6, ASK_OK, NULL},
        {"{" DESCR "'shape': (9223372036854775807, 0)}", 0, ASK_ERR_FORMAT,
         "t: truncated: the shape needs more than the 0 bytes of data"},
        {"{" DESCR "'shape': (3,)}", 5, ASK_ERR_FORMAT,
         "t: truncated: the shape needs more than the 5 bytes of data"},
        {"{" DESCR "'shape': (3,)}", 7, ASK_ERR_FORMAT,
         "t: 7 bytes of data, the shape needs 6"},
        {"{" DESCR "'shape': (4294967296, 4294967296)}", 0, ASK_ERR_FORMAT,
         "t: truncated: the shape needs more than the 0 bytes of data"},
        {"{" DESCR "'shape': (9223372036854775808,)}", 0, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected a size within 63 bits"},
        {"{" DESCR "'shape': (-1,)}", 0, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected a size within 63 bits"},
        {"{" DESCR "'shape': (1,1,1,1,1,1,1,1,3)}", 6, ASK_ERR_UNSUPPORTED,
         "t: more than 8 dimensions"},
        {"{" DESCR "'shape': (3", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected ',' or ')' in the shape"},
        {"{" DESCR "'shape': 3}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected a shape in parentheses"},
        {"{" DESCR "}", 6, ASK_ERR_FORMAT, "t: malformed .npy header: expected shape"},
        {"{'descr': '<i2', 'shape': (3,)}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected fortran_order"},
        {"{'fortran_order': False, 'shape': (3,)}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected descr"},
        {"{" DESCR "'shape': (3,), 'x': 1}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected descr, fortran_order or shape"},
        {"{" DESCR "'shape': (3, 1), 'shape': (3,)}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected each key once"},
        {"{" DESCR "'descr': '<i2', 'shape': (3,)}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected each key once"},
        {"{" DESCR "'fortran_order': True, 'shape': (3,)}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected each key once"},
        {"{" DESCR "'shape': (3,)} + f()", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected nothing behind '}'"},
        {"{'fortran_order': 1}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected True or False"},
        {"{'descr': '<i2}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected a type code in quotes"},
        {"{'descr': '\\x3ci2'}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected a type code in quotes"},
        {"{'descr': '<i16', 'fortran_order': False, 'shape': ()}", 16, ASK_ERR_UNSUPPORTED,
         "t: holds another type (type '<i16'); numbers of 1 to 8 bytes and bool are read"},
        {"{'descr': '', 'fortran_order': False, 'shape': ()}", 1, ASK_ERR_UNSUPPORTED,
         "t: holds another type (type ''); numbers of 1 to 8 bytes and bool are read"},
        {"", 6, ASK_ERR_FORMAT, "t: malformed .npy header: expected '{'"},
        {"{1: 2}", 6, ASK_ERR_FORMAT, "t: malformed .npy header: expected a key in quotes"},
        {"{'descr' '<i2'}", 6, ASK_ERR_FORMAT,
         "t: malformed .npy header: expected ':' behind a key"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        size_t n_bytes;
        char *file = make_file(cases[i].dictionary, cases[i].data_bytes, &n_bytes);
        ask_error err = {0};
        ask_npy a = {0};
        bool ok = ask_npy_parse(&a, file, n_bytes, "t", &err);
        CHECK_CASE(cases[i].dictionary, ok == !cases[i].message);
        if (!ok) {
            CHECK_CASE(cases[i].dictionary, err.code == cases[i].code);
            assert_string_equal(err.message, cases[i].message);
        }
        ask_npy_free(&a);
        free(file);
    }
}

static void every_shortened_file_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"f4_little", "version2"};
    for (size_t k = 0; k < TEST_COUNT(names); k++) {
        size_t n_bytes;
        char *file = test_read(fixture(names[k]), &n_bytes);
        for (size_t n = 0; n < n_bytes; n++) {
            char *part =
                malloc(n + 1); // exactly sized copies let the sanitizer see overreads
            memcpy(part, file, n);
            ask_error err = {0};
            ask_npy a;
            CHECK_CASE(names[k], !ask_npy_parse(&a, part, n, "t", &err));
            CHECK_CASE(names[k], err.code == ASK_ERR_FORMAT);
            free(part);
        }
        file[6] = 4;
        ask_error err = {0};
        ask_npy a;
        assert_false(ask_npy_parse(&a, file, n_bytes, "t", &err));
        assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
        assert_string_equal(err.message, "t: .npy version 4.0; 1 to 3 are read");
        free(file);
    }
}

static void bad_shapes_and_places_are_not_written(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err;
    const char *path = test_path(dir, "a.npy");
    assert_false(ask_npy_write(path, ASK_NPY_F4, 1, (int64_t[]){-1}, "", &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
    int64_t huge[] = {INT64_MAX, 2};
    assert_false(ask_npy_write(path, ASK_NPY_F4, 2, huge, "", &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
    assert_false(
        ask_npy_write(test_path(dir, "none/a.npy"), ASK_NPY_F4, 0, NULL, "1234", &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_int_equal(test_count_entries(dir), 0);
    ask_npy a;
    assert_false(ask_npy_read(&a, path, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    test_temp_dir_remove(dir);
}

static bool write_and_read(void *user, ask_error *err)
{
    const char *path = user;
    int64_t shape[] = {2, 2};
    if (!ask_npy_write(path, ASK_NPY_U1, 2, shape, "abcd", err)) return false;
    ask_npy a;
    if (!ask_npy_read(&a, path, err)) return false;
    bool same = memcmp(a.data, "abcd", 4) == 0;
    ask_npy_free(&a);
    return same;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    char path[256];
    snprintf(path, sizeof path, "%s", test_path(dir, "a.npy"));
    assert_in_range(test_each_alloc_fails("npy", write_and_read, path), 3, 1000);
    assert_int_equal(test_count_entries(dir), 1);
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_of_numpy_are_read_and_written_alike),
        cmocka_unit_test(truth_values_are_0_and_1),
        cmocka_unit_test(other_kinds_of_arrays_are_refused_by_name),
        cmocka_unit_test(dictionaries_are_parsed_with_care),
        cmocka_unit_test(every_shortened_file_is_refused),
        cmocka_unit_test(bad_shapes_and_places_are_not_written),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
