#include "weights/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "support/testing.h"
#include "tensor/quant.h"

/* A file: the header's length, the header, and zeros for data. Freed by the caller. */
static char *make_file(const char *header, size_t data_bytes, size_t *n_bytes)
{
    size_t length = strlen(header);
    char *file = calloc(1, 8 + length + data_bytes);
    for (int i = 0; i < 8; i++) file[i] = (char)(length >> 8 * i & 0xff);
    memcpy(file + 8, header, length);
    *n_bytes = 8 + length + data_bytes;
    return file;
}

static void write_file(const char *path, const char *header, size_t data_bytes)
{
    size_t n_bytes;
    char *file = make_file(header, data_bytes, &n_bytes);
    test_write(path, file, n_bytes);
    free(file);
}

/* ---- what must be refused ---- */

#define F32_AT(shape, begin, end)                                                          \
    "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

#define U8_AT(shape, end)                                                                  \
    "{\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":[0," end "]}"

static void malformed_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *header;
        size_t data_bytes;
        const char *message;
    } cases[] = {
        {"no JSON", "hello", 0, "f: not a safetensors file: the header is no JSON object"},
        {"an array", "[1]", 0, "f: not a safetensors file: the header is no JSON object"},
        {"no header", "", 0, "f: not a safetensors file: the header is no JSON object"},
        {"broken JSON", "{\"a\": }", 0, "f:1:7: unexpected token near '}'"},
        {"text behind", "{} x", 0, "f:1:4: end of file expected near 'x'"},
        {"deep JSON", "{\"a\":[[[[[[[[1]]]]]]]]}", 0, "f:1: nested deeper than 8 levels"},
        {"a name twice",
         "{\"a\":" F32_AT("[1]", "0", "4") ",\"a\":" F32_AT("[1]", "4", "8") "}", 8,
         "f:1:57: duplicate object key near '\"a\"'"},
        {"no object", "{\"a\":1}", 0,
         "f: key \"a\": expected an object, got the integer 1"},
        {"no type", "{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4,
         "f: key \"a.dtype\" is missing"},
        {"type is a number", "{\"a\":{\"dtype\":3,\"shape\":[],\"data_offsets\":[0,4]}}", 4,
         "f: key \"a.dtype\": expected a string, got the integer 3"},
        {"unknown type", "{\"a\":{\"dtype\":\"C64\",\"shape\":[],\"data_offsets\":[0,8]}}",
         8, "f: tensor \"a\": elements of type C64 are not read"},
        {"type in lower case",
         "{\"a\":{\"dtype\":\"f32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4,
         "f: tensor \"a\": elements of type f32 are not read"},
        {"no shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4,
         "f: key \"a.shape\" is missing"},
        {"negative size", "{\"a\":" F32_AT("[2,-1]", "0", "4") "}", 4,
         "f: key \"a.shape[1]\": expected an integer from 0 to 9223372036854775807, got "
         "-1"},
        {"size with a fraction", "{\"a\":" F32_AT("[1.0]", "0", "4") "}", 4,
         "f: key \"a.shape[0]\": expected an integer, got the real number 1"},
        {"size beyond 64 bits", "{\"a\":" F32_AT("[9223372036854775808]", "0", "4") "}", 4,
         "f: key \"a.shape[0]\": expected an integer, got the real number "
         "9.223372036854776e+18"},
        {"elements overflow", "{\"a\":" F32_AT("[4294967296,4294967296]", "0", "0") "}", 0,
         "f: tensor \"a\": the shape overflows"},
        {"elements overflow before a zero",
         "{\"a\":" F32_AT("[9223372036854775807,2,0]", "0", "0") "}", 0,
         "f: tensor \"a\": the shape overflows"},
        {"bytes overflow", "{\"a\":" F32_AT("[9223372036854775807]", "0", "4") "}", 4,
         "f: tensor \"a\": the shape overflows"},
        {"bytes wrap to the right size",
         "{\"a\":" F32_AT("[4611686018427387905]", "0", "4") "}", 4,
         "f: tensor \"a\": the shape overflows"},
        {"seven dimensions", "{\"a\":" F32_AT("[1,1,1,1,1,1,1]", "0", "4") "}", 4,
         "f: tensor \"a\": 7 dimensions (at most 6)"},
        {"no offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 4,
         "f: key \"a.data_offsets\" is missing"},
        {"one offset", "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0]}}", 4,
         "f: key \"a.data_offsets\": expected a begin and an end"},
        {"three offsets",
         "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4,4]}}", 4,
         "f: key \"a.data_offsets\": expected a begin and an end"},
        {"end out of range", "{\"a\":" F32_AT("[2]", "0", "8") "}", 4,
         "f: key \"a.data_offsets[1]\": expected an integer from 0 to 4, got 8"},
        {"begin out of range", "{\"a\":" F32_AT("[0]", "5", "5") "}", 4,
         "f: key \"a.data_offsets[0]\": expected an integer from 0 to 4, got 5"},
        {"negative offset", "{\"a\":" F32_AT("[2]", "-4", "4") "}", 4,
         "f: key \"a.data_offsets[0]\": expected an integer from 0 to 4, got -4"},
        {"offset beyond 64 bits", "{\"a\":" F32_AT("[1]", "18446744073709551612", "4") "}",
         4,
         "f: key \"a.data_offsets[0]\": expected an integer, got the real number "
         "1.8446744073709552e+19"},
        {"backwards", "{\"a\":" F32_AT("[1]", "4", "0") "}", 4,
         "f: key \"a.data_offsets[1]\": expected an integer from 4 to 4, got 0"},
        {"too short for the shape", "{\"a\":" F32_AT("[2]", "0", "4") "}", 4,
         "f: tensor \"a\": type and shape need 8 bytes, data_offsets give 4"},
        {"overlap",
         "{\"b\":" F32_AT("[2]", "4", "12") ",\"a\":" F32_AT("[2]", "0", "8") "}", 12,
         "f: tensors \"a\" and \"b\" overlap at byte 4 of the data"},
        {"the same place",
         "{\"a\":" F32_AT("[2]", "0", "8") ",\"b\":" F32_AT("[2]", "0", "8") "}", 8,
         "f: tensors \"a\" and \"b\" overlap at byte 0 of the data"},
        {"hole", "{\"a\":" F32_AT("[1]", "0", "4") ",\"b\":" F32_AT("[1]", "8", "12") "}",
         12, "f: bytes 4 to 8 of the data, before tensor \"b\", belong to no tensor"},
        {"hole at the beginning", "{\"a\":" F32_AT("[1]", "4", "8") "}", 8,
         "f: bytes 0 to 4 of the data, before tensor \"a\", belong to no tensor"},
        {"bytes behind", "{\"a\":" F32_AT("[1]", "0", "4") "}", 7,
         "f: the last 3 bytes belong to no tensor"},
        {"panels of other sizes",
         "{\"__metadata__\":{\"a\":\"q8 1 32\"},\"a\":" U8_AT("[1,1024]", "1024") "}", 1024,
         "f: tensor \"a\": the note \"q8 1 32\" needs u8 [1, 1088], which the tensor is "
         "not"},
        {"panels of one size",
         "{\"__metadata__\":{\"a\":\"q8 32\"},\"a\":" U8_AT("[1,1088]", "1088") "}", 1088,
         "f: tensor \"a\": the note \"q8 32\" is not a type of few bits and two sizes"},
        {"panels of three sizes",
         "{\"__metadata__\":{\"a\":\"q8 1 32 1\"},\"a\":" U8_AT("[1,1088]", "1088") "}",
         1088,
         "f: tensor \"a\": the note \"q8 1 32 1\" is not a type of few bits and two sizes"},
        {"panels of a negative size",
         "{\"__metadata__\":{\"a\":\"q8 -1 32\"},\"a\":" U8_AT("[1,1088]", "1088") "}",
         1088,
         "f: tensor \"a\": the note \"q8 -1 32\" is not a type of few bits and two sizes"},
        {"panels whose sizes overflow",
         "{\"a\":" U8_AT("[1,1088]", "1088") ",\"__metadata__\":{\"a\":\"q4 "
                                             "9223372036854775807 32\"}}",
         1088,
         "f: tensor \"a\": the sizes of the note \"q4 9223372036854775807 32\" overflow"},
        {"panels of real numbers",
         "{\"__metadata__\":{\"a\":\"q8 1 32\"},\"a\":" F32_AT("[1,272]", "0", "1088") "}",
         1088,
         "f: tensor \"a\": the note \"q8 1 32\" needs u8 [1, 1088], which the tensor is "
         "not"},
        {"panels that are cut",
         "{\"__metadata__\":{\"a\":\"q8 1 32\"},\"a\":" U8_AT("[1,1088]", "1088") "}", 1087,
         "f: key \"a.data_offsets[1]\": expected an integer from 0 to 1087, got 1088"},
        {"note is a number", "{\"__metadata__\":{\"epoch\":3}}", 0,
         "f: key \"__metadata__.epoch\": expected a string, got the integer 3"},
        {"notes are a list", "{\"__metadata__\":[]}", 0,
         "f: key \"__metadata__\": expected an object, got an array"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        size_t n_bytes;
        char *file = make_file(cases[i].header, cases[i].data_bytes, &n_bytes);
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_weights_parse(file, n_bytes, "f", &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        free(file);
    }
}

static void a_wrong_length_of_the_header_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes;
        size_t n_bytes;
        const char *message;
    } cases[] = {
        {"zero bytes", "", 0, "f: not a safetensors file: only 0 bytes"},
        {"half a length", "\2\0\0\0", 4, "f: not a safetensors file: only 4 bytes"},
        {"no header", "\2\0\0\0\0\0\0\0", 8,
         "f: truncated: a header of 2 bytes in a file of 8 bytes"},
        {"truncated", "\3\0\0\0\0\0\0\0{}", 10,
         "f: truncated: a header of 3 bytes in a file of 10 bytes"},
        {"over the limit", "\1\xe1\xf5\5\0\0\0\0{}", 10,
         "f: not a safetensors file: a header of 100000001 bytes (at most 100000000)"},
        {"64 bits", "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10,
         "f: not a safetensors file: a header of 18446744073709551615 bytes (at most "
         "100000000)"},
        {"a text file", "Hello, this is no tensor", 24,
         "f: not a safetensors file: a header of 8367736964726416712 bytes (at most "
         "100000000)"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].name,
                   !ask_weights_parse(cases[i].bytes, cases[i].n_bytes, "f", &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void every_shortened_file_is_refused(void **state)
{
    (void)state;
    size_t n_bytes;
    char *file = test_read(test_fixture("safetensors/all_types.safetensors"), &n_bytes);
    for (size_t n = 0; n < n_bytes; n++) {
        char *part = malloc(n + 1); // exactly sized copies let the sanitizer see overreads
        memcpy(part, file, n);
        ask_error err = {0};
        if (ask_weights_parse(part, n, "f", &err)) fail_msg("%zu bytes were accepted", n);
        assert_int_equal(err.code, ASK_ERR_MODEL);
        free(part);
    }
    free(file);
}

/* ---- files that are well formed ---- */

static void odd_files_that_are_well_formed_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name, *header;
        size_t data_bytes, n_tensors;
    } cases[] = {
        {"no tensors", "{}", 0, 0},
        {"padded", "{}      ", 0, 0},
        {"notes only", "{\"__metadata__\":{\"format\":\"pt\"}}", 0, 0},
        {"no notes", "{\"__metadata__\":null}", 0, 0},
        {"a single value", "{\"a\":" F32_AT("[]", "0", "4") "}", 4, 1},
        {"six dimensions", "{\"a\":" F32_AT("[1,1,1,1,1,1]", "0", "4") "}", 4, 1},
        {"empty tensors between others",
         "{\"a\":" F32_AT("[1]", "0", "4") ",\"e\":" F32_AT(
             "[0]", "4", "4") ",\"f\":" F32_AT("[3,0]", "4",
                                               "4") ",\"b\":" F32_AT("[1]", "4", "8") "}",
         8, 4},
        {"against the order of the data",
         "{\"a\":" F32_AT("[1]", "4", "8") ",\"b\":" F32_AT("[1]", "0", "4") "}", 8, 2},
        {"names with dots and without anything",
         "{\"\":" F32_AT("[1]", "0", "4") ",\"a.0.b\":" F32_AT("[1]", "4", "8") "}", 8, 2},
        {"a note like that of panels without a tensor",
         "{\"__metadata__\":{\"b\":\"q8 1 32\"},\"a\":" U8_AT("[1]", "1") "}", 1, 1},
        {"a note of another kind with a tensor's name",
         "{\"__metadata__\":{\"a\":\"q8\"},\"a\":" U8_AT("[1]", "1") "}", 1, 1},
        {"a key that we do not know",
         "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":0}}", 1, 1},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        size_t n_bytes;
        char *file = make_file(cases[i].header, cases[i].data_bytes, &n_bytes);
        ask_error err;
        ask_weights *s = ask_weights_parse(file, n_bytes, "f", &err);
        if (!s) fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, ask_weights_count(s) == cases[i].n_tensors);
        const char *end = NULL;
        for (size_t k = 0; k < ask_weights_count(s); k++) {
            const ask_weights_entry *e = ask_weights_at(s, k);
            CHECK_CASE(cases[i].name, ask_weights_find(s, e->name) == e);
            CHECK_CASE(cases[i].name, !end || end == e->data);
            end = (const char *)e->data + e->bytes;
        }
        ask_weights_close(s);
        free(file);
    }
}

static const struct {
    ask_dtype type;
    const char *name;
    size_t bytes;
} all_types[] = {
    // as tools/golden/checkpoint.py numbers them
    {ASK_BOOL, "t.BOOL", 1},       {ASK_U8, "t.U8", 1},           {ASK_I8, "t.I8", 1},
    {ASK_F8_E5M2, "t.F8_E5M2", 1}, {ASK_F8_E4M3, "t.F8_E4M3", 1}, {ASK_I16, "t.I16", 2},
    {ASK_U16, "t.U16", 2},         {ASK_F16, "t.F16", 2},         {ASK_BF16, "t.BF16", 2},
    {ASK_I32, "t.I32", 4},         {ASK_U32, "t.U32", 4},         {ASK_F32, "t.F32", 4},
    {ASK_F64, "t.F64", 8},         {ASK_I64, "t.I64", 8},         {ASK_U64, "t.U64", 8},
};

static void all_types_of_a_reference_file_are_read(void **state)
{
    (void)state;
    ask_error err;
    ask_weights *s =
        ask_weights_open(test_fixture("safetensors/all_types.safetensors"), &err);
    CHECK_OK(s, &err);
    assert_int_equal(ask_weights_count(s), TEST_COUNT(all_types) + 3);
    for (size_t t = 0; t < TEST_COUNT(all_types); t++) {
        const char *name = all_types[t].name;
        const ask_weights_entry *e = ask_weights_find(s, name);
        CHECK_CASE(name, e && e->type == all_types[t].type);
        CHECK_CASE(name, e->n_dims == 2 && e->shape[0] == 2 && e->shape[1] == 3);
        CHECK_CASE(name, e->n_elements == 6 && e->bytes == 6 * all_types[t].bytes);
        for (size_t i = 0; i < e->bytes; i++)
            CHECK_CASE(name, ((const uint8_t *)e->data)[i] == t + i);
        float values[6];
        ask_dtype_to_f32(e->type, values, e->data, 6);
        CHECK_CASE(name, e->type == ASK_BOOL || !isnan(values[5]));
    }
    const ask_weights_entry *scalar = ask_weights_find(s, "scalar");
    float one;
    ask_dtype_to_f32(scalar->type, &one, scalar->data, 1);
    assert_true(scalar->n_dims == 0 && scalar->n_elements == 1 && one == 1);
    const ask_weights_entry *empty = ask_weights_find(s, "empty");
    assert_true(empty && empty->n_elements == 0 && empty->bytes == 0 && empty->data);
    const ask_weights_entry *quoted = ask_weights_find(s, "a \"quoted\"\né");
    assert_true(quoted && *(const uint8_t *)quoted->data == 7);
    assert_null(ask_weights_find(s, "t"));
    assert_int_equal(ask_weights_n_notes(s), 1);
    assert_string_equal(ask_weights_note_at(s, 0).key, "format");
    assert_string_equal(ask_weights_note_at(s, 0).value, "pt");
    ask_weights_release(s, quoted);
    assert_int_equal(*(const uint8_t *)quoted->data, 7);
    ask_weights_close(s);
}

/* ---- writing ---- */

static void the_file_is_that_of_the_reference_byte_for_byte(void **state)
{
    (void)state;
    const char *reference = test_fixture("safetensors/all_types.safetensors");
    ask_error err;
    ask_weights *s = ask_weights_open(reference, &err);
    CHECK_OK(s, &err);
    size_t n = ask_weights_count(s);
    ask_weights_entry tensors[32];
    for (size_t i = 0; i < n; i++) tensors[i] = *ask_weights_at(s, n - 1 - i);

    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "copy.safetensors");
    ask_weights_note note = {"format", "pt"};
    CHECK_OK(ask_safetensors_write(path, tensors, n, &note, 1, &err), &err);
    size_t ours_bytes, theirs_bytes;
    char *ours = test_read(path, &ours_bytes),
         *theirs = test_read(reference, &theirs_bytes);
    assert_int_equal(ours_bytes, theirs_bytes);
    assert_memory_equal(ours, theirs, ours_bytes);

    // In another order, tensor by tensor.
    for (size_t i = 0; i < n; i++) tensors[i] = *ask_weights_at(s, (i * 5 + 2) % n);
    ask_safetensors_writer *w =
        ask_safetensors_writer_open(path, tensors, n, &note, 1, &err);
    CHECK_OK(w, &err);
    for (size_t i = 0; i < n; i++) {
        size_t k = (i * 7) % n;
        CHECK_OK(ask_safetensors_writer_put(w, k, tensors[k].data, &err), &err);
    }
    CHECK_OK(ask_safetensors_writer_commit(w, &err), &err);
    free(ours);
    ours = test_read(path, &ours_bytes);
    assert_int_equal(ours_bytes, theirs_bytes);
    assert_memory_equal(ours, theirs, ours_bytes);

    // All tensors by turns, three bytes at a time.
    w = ask_safetensors_writer_open(path, tensors, n, &note, 1, &err);
    CHECK_OK(w, &err);
    size_t most = 0;
    for (size_t i = 0; i < n; i++) most = tensors[i].bytes > most ? tensors[i].bytes : most;
    for (size_t at = 0; at < most; at += 3)
        for (size_t i = 0; i < n; i++) {
            size_t left = tensors[i].bytes > at ? tensors[i].bytes - at : 0;
            CHECK_OK(ask_safetensors_writer_put_part(w, i,
                                                     (const char *)tensors[i].data + at,
                                                     left < 3 ? left : 3, &err),
                     &err);
        }
    CHECK_OK(ask_safetensors_writer_commit(w, &err), &err);
    free(ours);
    ours = test_read(path, &ours_bytes);
    assert_int_equal(ours_bytes, theirs_bytes);
    assert_memory_equal(ours, theirs, ours_bytes);

    free(ours);
    free(theirs);
    ask_weights_close(s);
    test_temp_dir_remove(dir);
}

/* Numbers of which each row has other ones. */
static void fill_rows(float *rows, int64_t n, int64_t k)
{
    for (int64_t i = 0; i < n * k; i++) rows[i] = (float)((i * 37 + 11) % 201 - 100) / 64;
}

/* The panels of [n, k]; freed by the caller. */
static uint8_t *make_panels(ask_dtype type, const float *rows, int64_t n, int64_t k)
{
    size_t bytes;
    assert_true(ask_quant_bytes(&bytes, type, n, k));
    uint8_t *panels = malloc(bytes + 1);
    for (int64_t r = 0; r < n; r += ASK_QUANT_ROWS) {
        int64_t here = n - r < ASK_QUANT_ROWS ? n - r : ASK_QUANT_ROWS, bad;
        uint8_t *panel =
            panels + (size_t)(r / ASK_QUANT_ROWS) * ask_quant_panel_bytes(type, k);
        assert_true(ask_quant_encode(type, panel, rows + r * k, here, k, &bad));
    }
    return panels;
}

static void matrices_of_few_bits_come_back_as_they_were(void **state)
{
    (void)state;
    enum { ROWS = 33, COLUMNS = 40 };
    float rows[ROWS * COLUMNS], one = 1;
    fill_rows(rows, ROWS, COLUMNS);
    uint8_t *q8 = make_panels(ASK_Q8, rows, ROWS, COLUMNS);
    uint8_t *q4 = make_panels(ASK_Q4, rows, ROWS, COLUMNS), byte = 7;
    const ask_weights_entry tensors[] = {
        {.name = "a.norm", .type = ASK_F32, .n_dims = 1, .shape = {1}, .data = &one},
        {.name = "byte", .type = ASK_U8, .n_dims = 1, .shape = {1}, .data = &byte},
        {.name = "q4", .type = ASK_Q4, .n_dims = 2, .shape = {ROWS, COLUMNS}, .data = q4},
        {.name = "q8", .type = ASK_Q8, .n_dims = 2, .shape = {ROWS, COLUMNS}, .data = q8},
        {.name = "none", .type = ASK_Q8, .n_dims = 2, .shape = {0, COLUMNS}, .data = q8},
    };
    const ask_weights_note note = {"format", "pt"};
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "few.safetensors");
    ask_error err;
    CHECK_OK(ask_safetensors_write(path, tensors, TEST_COUNT(tensors), &note, 1, &err),
             &err);
    ask_weights *w = ask_weights_open(path, &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_count(w), TEST_COUNT(tensors));
    for (size_t i = 0; i < TEST_COUNT(tensors); i++) {
        const ask_weights_entry *e = ask_weights_find(w, tensors[i].name);
        const char *name = tensors[i].name;
        CHECK_CASE(name, e && e->type == tensors[i].type);
        CHECK_CASE(name, e->n_dims == tensors[i].n_dims);
        CHECK_CASE(name, memcmp(e->shape, tensors[i].shape, sizeof e->shape) == 0);
        CHECK_CASE(name, memcmp(e->data, tensors[i].data, e->bytes) == 0);
        if (ask_dtype_is_coded(e->type)) {
            CHECK_CASE(name, (uintptr_t)e->data % 64 == 0);
            CHECK_CASE(name, e->n_elements == e->shape[0] * COLUMNS);
        }
    }
    assert_int_equal(ask_weights_n_notes(w), 1);
    assert_string_equal(ask_weights_note_at(w, 0).key, "format");
    float row[COLUMNS];
    const ask_weights_entry *e = ask_weights_find(w, "q8");
    ask_quant_decode(ASK_Q8, row, e->data, ROWS - 1, COLUMNS);
    for (int i = 0; i < COLUMNS; i++) // half a step of 1.6 / 127
        assert_true(fabsf(row[i] - rows[(ROWS - 1) * COLUMNS + i]) < 0.0065f);
    ask_weights_close(w);

    // A note may not tell another type than the tensor's.
    const ask_weights_note wrong[] = {{"q8", "q8 1 32"}, {"byte", "q8 1 32"}};
    for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
        assert_false(
            ask_safetensors_write(path, tensors, TEST_COUNT(tensors), &wrong[i], 1, &err));
        assert_int_equal(err.code, ASK_ERR_USAGE);
        assert_non_null(strstr(err.message, "would tell the type of the tensor"));
    }
    free(q8);
    free(q4);
    test_temp_dir_remove(dir);
}

static void bad_tensors_are_not_written(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_weights_entry tensors[2];
        size_t n;
        ask_weights_note notes[2];
        size_t n_notes;
        ask_error_code code;
        const char *message; // after the path
    } cases[] = {
        {"a name twice",
         {{.name = "a"}, {.name = "a"}},
         2,
         {{0}},
         0,
         ASK_ERR_USAGE,
         "two tensors are called \"a\""},
        {"the name of the notes",
         {{.name = "__metadata__"}},
         1,
         {{0}},
         0,
         ASK_ERR_USAGE,
         "no tensor can be called __metadata__"},
        {"not UTF-8",
         {{.name = "\xff"}},
         1,
         {{0}},
         0,
         ASK_ERR_USAGE,
         "the tensor name \"?\" is not UTF-8 text"},
        {"no name",
         {{.name = NULL}},
         1,
         {{0}},
         0,
         ASK_ERR_USAGE,
         "the tensor name \"\" is not UTF-8 text"},
        {"no type",
         {{.name = "a", .type = ASK_N_DTYPES}},
         1,
         {{0}},
         0,
         ASK_ERR_USAGE,
         "tensor \"a\": no such type"},
        {"negative size",
         {{.name = "a", .n_dims = 1, .shape = {-1}}},
         1,
         {{0}},
         0,
         ASK_ERR_SHAPE,
         "tensor \"a\": not a shape"},
        {"too many dimensions",
         {{.name = "a", .n_dims = 7}},
         1,
         {{0}},
         0,
         ASK_ERR_SHAPE,
         "tensor \"a\": not a shape"},
        {"too large",
         {{.name = "a", .n_dims = 2, .shape = {INT64_MAX, 2}}},
         1,
         {{0}},
         0,
         ASK_ERR_SHAPE,
         "tensor \"a\": not a shape"},
        {"together too large",
         {{.name = "a", .n_dims = 1, .shape = {INT64_MAX / 4}},
          {.name = "b", .n_dims = 1, .shape = {INT64_MAX / 4}}},
         2,
         {{0}},
         0,
         ASK_ERR_SHAPE,
         "the tensors are too large"},
        {"a note twice",
         {{.name = "a"}},
         1,
         {{"k", "1"}, {"k", "2"}},
         2,
         ASK_ERR_USAGE,
         "two notes are called \"k\""},
        {"a note without text",
         {{.name = "a"}},
         1,
         {{"k", NULL}},
         1,
         ASK_ERR_USAGE,
         "the note \"\" is not UTF-8 text"},
    };
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "a.safetensors");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].name,
                   !ask_safetensors_writer_open(path, cases[i].tensors, cases[i].n,
                                                cases[i].notes, cases[i].n_notes, &err));
        CHECK_CASE(cases[i].name, err.code == cases[i].code);
        const char *message = strstr(err.message, "a.safetensors: ");
        CHECK_CASE(cases[i].name, message);
        assert_string_equal(message + strlen("a.safetensors: "), cases[i].message);
        CHECK_CASE(cases[i].name, test_count_entries(dir) == 0);
    }
    test_temp_dir_remove(dir);
}

static void an_unfinished_file_is_not_left(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "a.safetensors");
    ask_weights_entry tensors[2] = {{.name = "a"}, {.name = "b"}};
    ask_error err;
    ask_safetensors_writer *w =
        ask_safetensors_writer_open(path, tensors, 2, NULL, 0, &err);
    CHECK_OK(w, &err);
    CHECK_OK(ask_safetensors_writer_put(w, 0, "1234", &err), &err);
    assert_false(ask_safetensors_writer_commit(w, &err));
    assert_int_equal(err.code, ASK_ERR_BUG);
    assert_non_null(strstr(err.message, "of tensor 1, 0 of 4 bytes came"));
    assert_int_equal(test_count_entries(dir), 0);

    w = ask_safetensors_writer_open(path, tensors, 2, NULL, 0, &err);
    CHECK_OK(w, &err);
    CHECK_OK(ask_safetensors_writer_put(w, 0, "1234", &err), &err);
    CHECK_OK(ask_safetensors_writer_put_part(w, 1, "12", 2, &err), &err);
    assert_false(ask_safetensors_writer_commit(w, &err));
    assert_int_equal(err.code, ASK_ERR_BUG);
    assert_non_null(strstr(err.message, "of tensor 1, 2 of 4 bytes came"));
    assert_int_equal(test_count_entries(dir), 0);

    w = ask_safetensors_writer_open(path, tensors, 2, NULL, 0, &err);
    CHECK_OK(w, &err);
    ask_safetensors_writer_abort(w);
    assert_int_equal(test_count_entries(dir), 0);

    assert_false(ask_safetensors_write(test_path(dir, "none/a.safetensors"), tensors, 2,
                                       NULL, 0, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    test_temp_dir_remove(dir);
}

/* ---- folders ---- */

/* A folder with two files: a in the first, b and c in the second. */
static char *make_sharded(const char *index)
{
    char *dir = test_temp_dir_make();
    write_file(test_path(dir, "m-1.safetensors"),
               "{\"__metadata__\":{\"format\":\"pt\"},\"a\":" F32_AT("[1]", "0", "4") "}",
               4);
    write_file(test_path(dir, "m-2.safetensors"),
               "{\"__metadata__\":{\"format\":\"pt\"},\"c\":" F32_AT(
                   "[1]", "4", "8") ",\"b\":" F32_AT("[1]", "0", "4") "}",
               8);
    test_write_text(test_path(dir, "model.safetensors.index.json"), index);
    return dir;
}

static void a_folder_of_several_files_is_one_checkpoint(void **state)
{
    (void)state;
    char *dir = make_sharded("{\"metadata\":{\"total_size\":12},\"weight_map\":"
                             "{\"b\":\"m-2.safetensors\",\"c\":\"m-2.safetensors\","
                             "\"a\":\"m-1.safetensors\"}}");
    ask_error err;
    ask_weights *s = ask_weights_open(dir, &err);
    CHECK_OK(s, &err);
    static const char *const names[] = {"a", "b", "c"};
    assert_int_equal(ask_weights_count(s), 3);
    for (size_t i = 0; i < 3; i++) {
        const ask_weights_entry *e = ask_weights_at(s, i);
        assert_string_equal(e->name, names[i]);
        assert_ptr_equal(ask_weights_find(s, names[i]), e);
        assert_non_null(
            strstr(ask_weights_file(s, e->file), i == 0 ? "/m-1.safe" : "/m-2.safe"));
    }
    assert_int_equal(ask_weights_n_notes(s), 2);
    ask_weights_close(s);
    test_temp_dir_remove(dir);
}

static void an_index_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *index, *message; // message: a part
    } cases[] = {
        {"broken", "{", "index.json:1:1: string or '}' expected near end of file"},
        {"no map", "{}", "index.json: key \"weight_map\" is missing"},
        {"no tensors", "{\"weight_map\":{}}",
         "index.json: key \"weight_map\": names no tensor"},
        {"not a name", "{\"weight_map\":{\"a\":1}}",
         "index.json: key \"weight_map.a\": expected a string, got the integer 1"},
        {"out of the folder", "{\"weight_map\":{\"a\":\"../m-1.safetensors\"}}",
         "\"../m-1.safetensors\" is not the name of a file in this folder"},
        {"absolute", "{\"weight_map\":{\"a\":\"/etc/passwd\"}}",
         "\"/etc/passwd\" is not the name of a file in this folder"},
        {"the folder above", "{\"weight_map\":{\"a\":\"..\"}}",
         "\"..\" is not the name of a file in this folder"},
        {"empty name", "{\"weight_map\":{\"a\":\"\"}}",
         "\"\" is not the name of a file in this folder"},
        {"missing file",
         "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"z\":\"m-3.safetensors\"}}",
         "/m-3.safetensors: missing, but "},
        {"missing tensor",
         "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"x\":\"m-2.safetensors\"}}",
         "key \"weight_map.x\": tensor \"x\" is not in m-2.safetensors"},
        {"tensor in another file",
         "{\"weight_map\":{\"a\":\"m-2.safetensors\",\"b\":\"m-1.safetensors\"}}",
         "key \"weight_map.a\": tensor \"a\" is not in m-2.safetensors"},
        {"the index itself", "{\"weight_map\":{\"a\":\"model.safetensors.index.json\"}}",
         "index.json: not a safetensors file"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_sharded(cases[i].index);
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_weights_open(dir, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        test_temp_dir_remove(dir);
    }
}

static void a_tensor_in_two_files_is_refused(void **state)
{
    (void)state;
    char *dir = make_sharded("{\"weight_map\":{\"a\":\"m-1.safetensors\","
                             "\"b\":\"m-2.safetensors\"}}");
    write_file(test_path(dir, "m-1.safetensors"), "{\"b\":" F32_AT("[1]", "0", "4") "}", 4);
    ask_error err = {0};
    assert_null(ask_weights_open(dir, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, ": tensor \"b\" is in "));
    assert_non_null(strstr(err.message, "m-1.safetensors"));
    assert_non_null(strstr(err.message, "m-2.safetensors"));
    test_temp_dir_remove(dir);
}

static void places_without_a_model_are_refused(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    assert_null(ask_weights_open(dir, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, ": neither model.safetensors nor "
                                        "pytorch_model.bin is there"));
    err = (ask_error){0};
    assert_null(ask_weights_open(test_path(dir, "none"), &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "/none: "));
    test_write_text(test_path(dir, "model.safetensors"), "");
    assert_null(ask_weights_open(dir, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(
        strstr(err.message, "/model.safetensors: not a safetensors file: only 0"));

    // The whole file is taken before the index.
    write_file(test_path(dir, "model.safetensors"), "{}", 0);
    test_write_text(test_path(dir, "model.safetensors.index.json"), "{");
    ask_weights *s = ask_weights_open(dir, &err);
    CHECK_OK(s, &err);
    ask_weights_close(s);
    test_temp_dir_remove(dir);
}

/* ---- large, golden, out of memory ---- */

/* A file of 8 GiB without blocks on the disk: copying its data would show. */
static void opening_does_not_read_the_data(void **state)
{
    (void)state;
    enum { N = 2048, TENSOR_BYTES = 4 << 20 };
    ask_str header = {0};
    ask_str_append_bytes(&header, "\0\0\0\0\0\0\0", 8);
    for (int64_t i = 0; i < N; i++) {
        ask_str_printf(&header,
                       "%c\"layer.%lld\":{\"dtype\":\"I8\",\"shape\":[1024,4096],"
                       "\"data_offsets\":[%lld,%lld]}",
                       i == 0 ? '{' : ',', (long long)i, (long long)(i * TENSOR_BYTES),
                       (long long)((i + 1) * TENSOR_BYTES));
    }
    ask_str_append_char(&header, '}');
    for (int i = 0; i < 8; i++)
        header.data[i] = (char)((header.length - 8) >> 8 * i & 0xff);
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "large.safetensors");
    test_write(path, header.data, header.length);
    assert_int_equal(truncate(path, (off_t)header.length + (off_t)N * TENSOR_BYTES), 0);

    ask_error err;
    ask_weights *s = ask_weights_open(path, &err);
    CHECK_OK(s, &err);
    assert_int_equal(ask_weights_count(s), N);
    const ask_weights_entry *last = ask_weights_find(s, "layer.2047");
    assert_int_equal(last->bytes, TENSOR_BYTES);
    assert_int_equal(((const char *)last->data)[TENSOR_BYTES - 1], 0);
    ask_weights_release(s, last);
    ask_weights_close(s);
    ask_str_free(&header);
    test_temp_dir_remove(dir);
}

static void golden_checkpoints_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *name, *file;
        ask_dtype type;
        int64_t shape[2];
    } cases[] = {
        {"golden/clip", "text_projection.weight", "model.safetensors", ASK_F32, {24, 40}},
        {"golden/llama_gqa",
         "lm_head.weight",
         "model-00003-of-00003.safetensors",
         ASK_F32,
         {0}},
        {"golden/llama_bf16", "lm_head.weight", "model.safetensors", ASK_BF16, {0}},
        {"golden/mistral_f16", "lm_head.weight", "model.safetensors", ASK_F16, {0}},
    };
    if (!test_shared("golden/clip")) {
        print_message("no ../shared/golden\n");
        skip();
    }
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err;
        ask_weights *s = ask_weights_open(test_shared(cases[i].dir), &err);
        CHECK_OK(s, &err);
        const ask_weights_entry *e = ask_weights_find(s, cases[i].name);
        CHECK_CASE(cases[i].dir, e && e->type == cases[i].type && e->n_dims == 2);
        CHECK_CASE(cases[i].dir, strstr(ask_weights_file(s, e->file), cases[i].file));
        if (cases[i].shape[0])
            CHECK_CASE(cases[i].dir,
                       memcmp(e->shape, cases[i].shape, sizeof cases[i].shape) == 0);
        for (size_t k = 0; k < ask_weights_count(s); k++) {
            e = ask_weights_at(s, k);
            float *values = malloc((size_t)e->n_elements * sizeof *values + 1);
            ask_dtype_to_f32(e->type, values, e->data, (size_t)e->n_elements);
            for (int64_t v = 0; v < e->n_elements; v++)
                if (!(fabsf(values[v]) < 1e6f))
                    fail_msg("%s: %g", e->name, (double)values[v]);
            free(values);
        }
        ask_weights_close(s);
    }
}

static bool open_and_close(void *user, ask_error *err)
{
    ask_weights *s = ask_weights_open(user, err);
    ask_weights_close(s);
    return s != NULL;
}

static bool write_two(void *user, ask_error *err)
{
    ask_weights_entry tensors[] = {{.name = "a", .data = "1234"},
                                   {.name = "b", .data = "5678"}};
    return ask_safetensors_write(user, tensors, 2, &(ask_weights_note){"k", "v"}, 1, err);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    char *dir = make_sharded("{\"weight_map\":{\"a\":\"m-1.safetensors\","
                             "\"b\":\"m-2.safetensors\"}}");
    assert_in_range(test_each_alloc_fails("open", open_and_close, dir), 10, 1000);
    char path[256];
    snprintf(path, sizeof path, "%s", test_path(dir, "w.safetensors"));
    assert_in_range(test_each_alloc_fails("write", write_two, path), 5, 1000);
    assert_int_equal(test_count_entries(dir), 4);
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_headers_are_refused),
        cmocka_unit_test(a_wrong_length_of_the_header_is_refused),
        cmocka_unit_test(every_shortened_file_is_refused),
        cmocka_unit_test(odd_files_that_are_well_formed_are_read),
        cmocka_unit_test(all_types_of_a_reference_file_are_read),
        cmocka_unit_test(the_file_is_that_of_the_reference_byte_for_byte),
        cmocka_unit_test(matrices_of_few_bits_come_back_as_they_were),
        cmocka_unit_test(bad_tensors_are_not_written),
        cmocka_unit_test(an_unfinished_file_is_not_left),
        cmocka_unit_test(a_folder_of_several_files_is_one_checkpoint),
        cmocka_unit_test(an_index_that_does_not_fit_is_refused),
        cmocka_unit_test(a_tensor_in_two_files_is_refused),
        cmocka_unit_test(places_without_a_model_are_refused),
        cmocka_unit_test(opening_does_not_read_the_data),
        cmocka_unit_test(golden_checkpoints_are_read),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
