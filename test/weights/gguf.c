#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "support/gguf_file.h"
#include "support/golden.h"
#include "support/testing.h"
#include "weights/gguf_config.h"
#include "weights/gguf_priv.h"

#define MODEL "golden/gguf_llama/model.gguf"

enum { F32 = 0, Q4_0 = 2, Q8_0 = 8, I8 = 24 }; // types of elements, as files number them

/* Whether a type is the one that files name so. */
static bool is_element(ask_dtype type, const char *name)
{
    for (uint64_t i = 0; i < 100; i++) {
        const char *found = gguf_element_name(i);
        ask_dtype read;
        if (found && strcmp(found, name) == 0)
            return gguf_element_type(&read, i) && read == type;
    }
    return false;
}

static void elements_have_the_sizes_of_the_reference(void **state)
{
    (void)state;
    ask_error err;
    const char *path = test_fixture("golden/gguf_blocks/types.json");
    ask_json *doc = ask_json_read(path, NULL, &err);
    CHECK_OK(doc, &err);
    int n = 0;
    for (ask_json_walk m = {0}; ask_json_next(ask_json_root(doc), &m); n++) {
        int64_t number, n_elements, bytes;
        ask_dtype type = ASK_N_DTYPES;
        CHECK_OK(ask_json_get_int(&number, m.value, "type", 0, 100, &err), &err);
        CHECK_OK(ask_json_get_int(&n_elements, m.value, "block_elements", 0, 999, &err),
                 &err);
        CHECK_OK(ask_json_get_int(&bytes, m.value, "block_bytes", 0, 999, &err), &err);
        const char *name = gguf_element_name((uint64_t)number);
        CHECK_CASE(m.key, name && strcmp(name, m.key) == 0);
        CHECK_CASE(m.key, gguf_element_type(&type, (uint64_t)number));
        CHECK_CASE(m.key, ask_dtype_block_elements(type) == n_elements);
        CHECK_CASE(m.key, ask_dtype_block_bytes(type) == (size_t)bytes);
    }
    assert_int_equal(n, 13);
    ask_json_free(doc);
}

static void other_elements_have_a_name_at_most(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        const char *name;
    } cases[] = {
        {4, NULL},      {9, "Q8_1"},        {15, "Q8_K"},       {16, "IQ2_XXS"},
        {20, "IQ4_NL"}, {31, "Q4_0_4_4"},   {32, "Q4_0_4_8"},   {33, "Q4_0_8_8"},
        {34, "TQ1_0"},  {36, "IQ4_NL_4_4"}, {37, "IQ4_NL_4_8"}, {38, "IQ4_NL_8_8"},
        {39, "MXFP4"},  {40, "NVFP4"},      {41, "Q1_0"},       {42, "Q2_0"},
        {43, NULL},     {UINT64_MAX, NULL}, {1ull << 32, NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = gguf_element_name(cases[i].number);
        ask_dtype type;
        bool is_same = cases[i].name ? name && strcmp(name, cases[i].name) == 0 : !name;
        if (!is_same || gguf_element_type(&type, cases[i].number))
            fail_msg("type %d", (int)cases[i].number);
    }
}

static ask_gguf *open_model(void)
{
    ask_error err;
    ask_gguf *g = ask_gguf_open(test_fixture(MODEL), &err);
    CHECK_OK(g, &err);
    return g;
}

/* ---- the reference's file ---- */

static const char *name_of_item(const char *type)
{
    return strncmp(type, "arr:", 4) == 0 ? type + 4 : type;
}

static bool is_named(ask_gguf_type type, const char *name)
{
    const char *ours = type == ASK_GGUF_STRING ? "str" : ask_gguf_type_name(type);
    return strcmp(ours, name) == 0;
}

static void check_value(const char *key, const ask_gguf_value *v, ask_json_value expected)
{
    ask_error err;
    if (v->type == ASK_GGUF_STRING) {
        const char *text;
        ask_gguf_text ours;
        CHECK_OK(ask_json_get_string(&text, expected, NULL, &err), &err);
        CHECK_OK(ask_gguf_to_text(&ours, v, &err), &err);
        CHECK_CASE(key, strlen(text) == ours.n_bytes);
        CHECK_CASE(key, memcmp(text, ours.data, ours.n_bytes) == 0);
    } else if (v->type == ASK_GGUF_BOOL) {
        bool truth, ours;
        CHECK_OK(ask_json_get_bool(&truth, expected, NULL, &err), &err);
        CHECK_OK(ask_gguf_to_bool(&ours, v, &err), &err);
        CHECK_CASE(key, truth == ours);
    } else {
        double number, ours;
        CHECK_OK(ask_json_get_double(&number, expected, NULL, &err), &err);
        CHECK_OK(ask_gguf_to_double(&ours, v, &err), &err);
        if (v->type == ASK_GGUF_F32) number = (double)(float)number; // written as f32
        CHECK_CASE(key, number == ours);
        int64_t n;
        if (v->type != ASK_GGUF_F32 && v->type != ASK_GGUF_F64 &&
            ask_json_get_int(&n, expected, NULL, INT64_MIN, INT64_MAX, NULL)) {
            int64_t whole;
            CHECK_OK(ask_gguf_to_int(&whole, v, n, n, &err), &err);
        }
    }
}

static void check_key(const ask_gguf *g, ask_json_value row)
{
    ask_error err;
    const char *key, *type;
    CHECK_OK(ask_json_get_string(&key, row, "0", &err), &err);
    CHECK_OK(ask_json_get_string(&type, row, "1", &err), &err);
    const ask_gguf_value *v = ask_gguf_need(g, key, &err);
    CHECK_OK(v, &err);
    ask_json_value expected = ask_json_item(row, 2);
    if (v->type != ASK_GGUF_ARRAY) {
        CHECK_CASE(key, is_named(v->type, type));
        check_value(key, v, expected);
        return;
    }
    CHECK_CASE(key, strncmp(type, "arr:", 4) == 0);
    CHECK_CASE(key, is_named(v->item_type, name_of_item(type)));
    CHECK_CASE(key, v->n_items == ask_json_count(expected));
    size_t i = 0;
    for (ask_gguf_walk w = {0}; ask_gguf_next(v, &w); i++) {
        CHECK_CASE(key, w.item.index == (int64_t)i);
        check_value(key, &w.item, ask_json_item(expected, i));
    }
    CHECK_CASE(key, i == v->n_items);
}

static void metadata_are_those_of_the_reference(void **state)
{
    (void)state;
    ask_error err;
    ask_gguf *g = open_model();
    ask_json *doc =
        ask_json_read(test_fixture("golden/gguf_llama/metadata.json"), NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value rows;
    CHECK_OK(ask_json_get_array(&rows, ask_json_root(doc), "metadata", &err), &err);
    assert_int_equal(ask_gguf_version(g), 3);
    assert_non_null(ask_gguf_find(g, "general.alignment")); // stands apart in the list
    assert_int_equal(ask_gguf_n_values(g), ask_json_count(rows) + 1);
    for (size_t i = 0; i < ask_json_count(rows); i++) check_key(g, ask_json_item(rows, i));
    for (size_t i = 0; i < ask_gguf_n_values(g); i++) {
        const ask_gguf_value *v = ask_gguf_value_at(g, i);
        assert_ptr_equal(ask_gguf_find(g, v->key), v);
    }
    ask_json_free(doc);
    ask_gguf_close(g);
}

static void tensors_are_listed_as_in_the_reference(void **state)
{
    (void)state;
    ask_error err;
    ask_gguf *g = open_model();
    ask_json *doc =
        ask_json_read(test_fixture("golden/gguf_llama/metadata.json"), NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value rows;
    CHECK_OK(ask_json_get_array(&rows, ask_json_root(doc), "tensors", &err), &err);
    assert_int_equal(ask_gguf_n_tensors(g), ask_json_count(rows));
    for (size_t i = 0; i < ask_json_count(rows); i++) {
        ask_json_value row = ask_json_item(rows, i);
        const ask_gguf_tensor *t = ask_gguf_tensor_at(g, i);
        const char *name, *type;
        int64_t bytes;
        CHECK_OK(ask_json_get_string(&name, row, "0", &err), &err);
        CHECK_OK(ask_json_get_string(&type, row, "2", &err), &err);
        CHECK_OK(ask_json_get_int(&bytes, row, "3", 0, INT64_MAX, &err), &err);
        CHECK_CASE(name, strcmp(t->name, name) == 0);
        CHECK_CASE(name, is_element(t->type, type));
        CHECK_CASE(name, t->bytes == (size_t)bytes);
        CHECK_CASE(name, ask_gguf_find_tensor(g, name) == t);
        ask_json_value shape = ask_json_item(row, 1);
        CHECK_CASE(name, (size_t)t->n_dims == ask_json_count(shape));
        for (int k = 0; k < t->n_dims; k++) {
            int64_t size = t->shape[k];
            CHECK_OK(ask_json_get_int(&size, ask_json_item(shape, (size_t)k), NULL, size,
                                      size, &err),
                     &err);
        }
    }
    ask_json_free(doc);
    ask_gguf_close(g);
}

/* The row of the other file that is row `i` of this one: GGUF has the two numbers that are
 * turned together as neighbours, Hugging Face half a head apart. */
static int64_t other_row(int64_t i, int64_t head_dim)
{
    int64_t head = i / head_dim, in_head = i % head_dim;
    return head * head_dim + in_head % 2 * (head_dim / 2) + in_head / 2;
}

static void check_tensor(const ask_gguf *g, const char *name, golden *file,
                         const char *other_name, int64_t head_dim)
{
    const ask_gguf_tensor *t = ask_gguf_find_tensor(g, name);
    CHECK_CASE(name, t);
    const ask_weights_entry *e = golden_get(file, "%s", other_name);
    CHECK_CASE(name, t->n_elements == e->n_elements);
    float *values = malloc((size_t)t->n_elements * sizeof *values);
    ask_gguf_decode(values, t);
    int64_t width = t->shape[t->n_dims - 1];
    for (int64_t i = 0; i < t->n_elements / width; i++) {
        int64_t other = head_dim > 0 ? other_row(i, head_dim) : i;
        const char *row = (const char *)e->data + other * width * (int64_t)sizeof *values;
        // The reference decoded the same blocks, so the bits are the same.
        CHECK_CASE(name,
                   memcmp(values + i * width, row, (size_t)width * sizeof *values) == 0);
    }
    free(values);
    ask_gguf_release(g, t);
}

static void decoded_tensors_are_those_of_the_reference(void **state)
{
    (void)state;
    enum { N_LAYERS = 2, HEAD_DIM = 32 };
    static const struct {
        const char *name, *other;
        int64_t head_dim; // 0: rows in the same order
    } cases[] = {
        {"attn_norm", "input_layernorm", 0},
        {"attn_q", "self_attn.q_proj", HEAD_DIM},
        {"attn_k", "self_attn.k_proj", HEAD_DIM},
        {"attn_v", "self_attn.v_proj", 0},
        {"attn_output", "self_attn.o_proj", 0},
        {"ffn_norm", "post_attention_layernorm", 0},
        {"ffn_gate", "mlp.gate_proj", 0},
        {"ffn_up", "mlp.up_proj", 0},
        {"ffn_down", "mlp.down_proj", 0},
    };
    ask_gguf *g = open_model();
    golden file = golden_open_part("gguf_llama", "model");
    check_tensor(g, "token_embd.weight", &file, "model.embed_tokens.weight", 0);
    check_tensor(g, "output_norm.weight", &file, "model.norm.weight", 0);
    check_tensor(g, "output.weight", &file, "lm_head.weight", 0);
    for (int layer = 0; layer < N_LAYERS; layer++) {
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
            char name[64], other[64];
            snprintf(name, sizeof name, "blk.%d.%s.weight", layer, cases[i].name);
            snprintf(other, sizeof other, "model.layers.%d.%s.weight", layer,
                     cases[i].other);
            check_tensor(g, name, &file, other, cases[i].head_dim);
        }
    }
    const char *unused = golden_unused(&file);
    if (unused) fail_msg("%s was not compared", unused);
    golden_close(&file);
    ask_gguf_close(g);
}

static void values_of_another_type_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        char as;             // i, d, b, t
        const char *message; // behind the path
    } cases[] = {
        {"llama.block_count", 'b',
         "key \"llama.block_count\": expected a truth value, got a "
         "value of type u32"},
        {"general.name", 'i',
         "key \"general.name\": expected an integer, got a value of type "
         "string"},
        {"test.f64", 'i', "key \"test.f64\": expected an integer, got a value of type f64"},
        {"test.bools", 'd',
         "key \"test.bools\": expected a number, got a value of type "
         "array"},
        {"test.u8", 't', "key \"test.u8\": expected a text, got a value of type u8"},
        {"test.u8", 'i', "key \"test.u8\": expected an integer from 0 to 100, got 200"},
        {"test.i8", 'i', "key \"test.i8\": expected an integer from 0 to 100, got -100"},
        {"test.u64", 'i',
         "key \"test.u64\": expected an integer from 0 to 100, got "
         "9223372036854775813"},
        {"no.such", 'i', "key \"no.such\" is missing"},
    };
    ask_gguf *g = open_model();
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        int64_t n;
        double d;
        bool b;
        ask_gguf_text t;
        const ask_gguf_value *v = ask_gguf_need(g, cases[i].key, &err);
        bool ok = v && (cases[i].as == 'i'   ? ask_gguf_to_int(&n, v, 0, 100, &err)
                        : cases[i].as == 'd' ? ask_gguf_to_double(&d, v, &err)
                        : cases[i].as == 'b' ? ask_gguf_to_bool(&b, v, &err)
                                             : ask_gguf_to_text(&t, v, &err));
        CHECK_CASE(cases[i].message, !ok && err.code == ASK_ERR_MODEL);
        const char *behind = strstr(err.message, "model.gguf: ");
        if (!behind || strcmp(behind + 12, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].message, err.message);
    }
    ask_gguf_close(g);
}

/* ---- files made here ---- */

static void put(ask_str *s, uint64_t n, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++) ask_str_append_char(s, (char)(n >> 8 * i & 0xff));
}

static void put_text(ask_str *s, const char *text)
{
    put(s, strlen(text), 8);
    ask_str_append(s, text);
}

static void put_header(ask_str *s, uint64_t n_tensors, uint64_t n_values)
{
    ask_str_append(s, "GGUF");
    put(s, 3, 4);
    put(s, n_tensors, 8);
    put(s, n_values, 8);
}

static void put_u32(ask_str *s, const char *key, uint32_t n)
{
    put_text(s, key);
    put(s, ASK_GGUF_U32, 4);
    put(s, n, 4);
}

static void put_array(ask_str *s, const char *key, ask_gguf_type type, uint64_t n)
{
    put_text(s, key);
    put(s, ASK_GGUF_ARRAY, 4);
    put(s, type, 4);
    put(s, n, 8);
}

static void put_tensor(ask_str *s, const char *name, uint64_t rows, uint64_t width,
                       uint32_t type, uint64_t offset)
{
    put_text(s, name);
    put(s, 2, 4);
    put(s, width, 8);
    put(s, rows, 8);
    put(s, type, 4);
    put(s, offset, 8);
}

/* Zeros up to a multiple of 32, then n_bytes of data. */
static void put_data(ask_str *s, size_t n_bytes)
{
    while (s->length % 32 != 0) ask_str_append_char(s, 0);
    for (size_t i = 0; i < n_bytes; i++) ask_str_append_char(s, (char)i);
}

/* An array of arrays of integers, of texts, and of nothing. */
static void put_nested(ask_str *s)
{
    put_array(s, "nested", ASK_GGUF_ARRAY, 3);
    put(s, ASK_GGUF_I16, 4);
    put(s, 2, 8);
    put(s, 0xffff, 2);
    put(s, 7, 2);
    put(s, ASK_GGUF_STRING, 4);
    put(s, 1, 8);
    put_text(s, "hello");
    put(s, ASK_GGUF_F64, 4);
    put(s, 0, 8);
}

static void make_whole(ask_str *s)
{
    put_header(s, 2, 2);
    put_u32(s, "general.alignment", 16);
    put_nested(s);
    put_tensor(s, "a", 2, 32, Q8_0, 80);
    put_tensor(s, "b", 3, 5, I8, 0);
    while (s->length % 16 != 0) ask_str_append_char(s, 0);
    for (int i = 0; i < 80 + 68; i++) ask_str_append_char(s, (char)i);
}

static void nested_arrays_are_walked(void **state)
{
    (void)state;
    ask_str s = {0};
    make_whole(&s);
    ask_error err;
    ask_gguf *g = ask_gguf_parse(s.data, s.length, "f", &err);
    CHECK_OK(g, &err);
    ask_gguf_walk outer = {0}, inner = {0};
    const ask_gguf_value *nested = ask_gguf_find(g, "nested");
    int64_t n;
    ask_gguf_text text;

    assert_true(ask_gguf_next(nested, &outer));
    assert_int_equal(outer.item.n_items, 2);
    assert_true(ask_gguf_next(&outer.item, &inner));
    CHECK_OK(ask_gguf_to_int(&n, &inner.item, -1, -1, &err), &err);
    assert_true(ask_gguf_next(&outer.item, &inner));
    CHECK_OK(ask_gguf_to_int(&n, &inner.item, 7, 7, &err), &err);
    assert_false(ask_gguf_to_text(&text, &inner.item, &err));
    assert_string_equal(err.message,
                        "f: key \"nested\", item 1: expected a text, got a value "
                        "of type i16");
    assert_false(ask_gguf_next(&outer.item, &inner));

    assert_true(ask_gguf_next(nested, &outer));
    inner = (ask_gguf_walk){0};
    assert_true(ask_gguf_next(&outer.item, &inner));
    CHECK_OK(ask_gguf_to_text(&text, &inner.item, &err), &err);
    assert_int_equal(text.n_bytes, 5);
    assert_memory_equal(text.data, "hello", 5);

    assert_true(ask_gguf_next(nested, &outer));
    inner = (ask_gguf_walk){0};
    assert_false(ask_gguf_next(&outer.item, &inner));
    assert_false(ask_gguf_next(nested, &outer));
    inner = (ask_gguf_walk){0};
    assert_false(ask_gguf_next(ask_gguf_find(g, "general.alignment"), &inner));

    const ask_gguf_tensor *b = ask_gguf_find_tensor(g, "b");
    float values[15];
    ask_gguf_decode(values, b);
    assert_int_equal(b->shape[0], 3);
    assert_int_equal(b->shape[1], 5);
    for (int i = 0; i < 15; i++) assert_true(values[i] == (float)i);
    assert_int_equal(*(const char *)ask_gguf_find_tensor(g, "a")->data, 80);
    assert_null(ask_gguf_find_tensor(g, "c"));
    ask_gguf_close(g);
    ask_str_free(&s);
}

static void every_shortened_file_is_refused(void **state)
{
    (void)state;
    ask_str s = {0};
    make_whole(&s);
    for (size_t n = 0; n < s.length; n++) {
        char *part = malloc(n); // exactly sized copies let the sanitizer see overreads
        if (n > 0) memcpy(part, s.data, n);
        ask_error err = {0};
        if (ask_gguf_parse(part, n, "f", &err)) fail_msg("%zu bytes were accepted", n);
        if (err.code != ASK_ERR_MODEL || strncmp(err.message, "f: ", 3) != 0)
            fail_msg("%zu bytes: %s", n, err.message);
        free(part);
    }
    ask_str_free(&s);
}

static void make_big_endian(ask_str *s)
{
    ask_str_append_bytes(s, "GGUF\0\0\0\3", 8);
}

static void make_other_magic(ask_str *s)
{
    ask_str_append(s, "GGML    ");
}

static void make_version_1(ask_str *s)
{
    ask_str_append_bytes(s, "GGUF\1\0\0\0", 8);
}

static void make_many_tensors(ask_str *s)
{
    put_header(s, UINT64_MAX, 0);
}

static void make_many_keys(ask_str *s)
{
    put_header(s, 0, 1000);
}

static void make_long_key(ask_str *s)
{
    put_header(s, 0, 1);
    put(s, 1 << 20, 8);
    put_data(s, 64);
}

static void make_key_with_nul(ask_str *s)
{
    put_header(s, 0, 1);
    put(s, 3, 8);
    ask_str_append_bytes(s, "a\0b", 3);
    put(s, ASK_GGUF_U8, 4);
    put(s, 0, 1);
}

static void make_key_twice(ask_str *s)
{
    put_header(s, 0, 2);
    put_u32(s, "k", 1);
    put_u32(s, "k", 2);
}

static void make_unknown_value(ask_str *s)
{
    put_header(s, 0, 1);
    put_text(s, "k");
    put(s, 13, 4);
    put_data(s, 8);
}

static void make_bad_bool(ask_str *s)
{
    put_header(s, 0, 1);
    put_array(s, "k", ASK_GGUF_BOOL, 3);
    ask_str_append_bytes(s, "\0\1\2", 3);
}

static void make_long_array(ask_str *s)
{
    put_header(s, 0, 1);
    put_array(s, "k", ASK_GGUF_U64, UINT64_MAX / 4);
}

static void make_array_that_wraps(ask_str *s)
{
    put_header(s, 0, 1);
    put_array(s, "k", ASK_GGUF_U64, (UINT64_MAX >> 3) + 1);
}

static void make_long_list(ask_str *s)
{
    put_header(s, 0, 1);
    put_array(s, "k", ASK_GGUF_STRING, UINT64_MAX);
    put_text(s, "one");
}

static void make_deep(ask_str *s)
{
    put_header(s, 0, 1);
    put_array(s, "k", ASK_GGUF_ARRAY, 1);
    for (int i = 0; i < 3; i++) {
        put(s, ASK_GGUF_ARRAY, 4);
        put(s, 1, 8);
    }
    put(s, ASK_GGUF_U8, 4);
    put(s, 0, 8);
}

static void make_odd_alignment(ask_str *s)
{
    put_header(s, 0, 1);
    put_u32(s, "general.alignment", 48);
}

static void make_no_alignment(ask_str *s)
{
    put_header(s, 0, 1);
    put_u32(s, "general.alignment", 0);
}

static void make_many_dims(ask_str *s)
{
    put_header(s, 1, 0);
    put_text(s, "t");
    put(s, 5, 4);
    put_data(s, 64);
}

static void make_name_twice(ask_str *s)
{
    put_header(s, 2, 0);
    put_tensor(s, "t", 1, 8, F32, 0);
    put_tensor(s, "t", 1, 8, F32, 32);
    put_data(s, 64);
}

static void make_tensor(ask_str *s, uint64_t rows, uint64_t width, uint32_t type,
                        uint64_t offset)
{
    put_header(s, 1, 0);
    put_tensor(s, "t", rows, width, type, offset);
    put_data(s, 64);
}

static void malformed_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        void (*make)(ask_str *s);
        const char *message;
    } cases[] = {
        {make_other_magic, "f: not a GGUF file: it does not begin with \"GGUF\""},
        {make_big_endian, "f: big-endian GGUF files are not read; convert it"},
        {make_version_1, "f: GGUF version 1 is not read (2 and 3 are)"},
        {make_many_tensors,
         "f: the number of tensors is 18446744073709551615 (at most 1048576)"},
        {make_many_keys,
         "f: truncated: the number of keys is 1000, but only 0 bytes follow"},
        {make_long_key, "f: a key before byte 32 has 1048576 bytes (at most 65535)"},
        {make_key_with_nul, "f: a key before byte 35 has a NUL in it"},
        {make_key_twice, "f: key \"k\" is there twice"},
        {make_unknown_value, "f: key \"k\": a value of the unknown type 13 before byte 37"},
        {make_bad_bool, "f: key \"k\": the truth value 2 (0 or 1)"},
        {make_long_array, "f: key \"k\": 4611686018427387903 items overflow"},
        {make_array_that_wraps, "f: key \"k\": 2305843009213693952 items overflow"},
        {make_long_list, "f: key \"k\": truncated: the length of a text at byte 60 needs 8 "
                         "bytes, 0 are left"},
        {make_deep, "f: key \"k\": arrays nested deeper than 4 levels"},
        {make_odd_alignment, "f: key \"general.alignment\": 48 is no power of two"},
        {make_no_alignment, "f: key \"general.alignment\": expected an integer from 1 to "
                            "1073741824, got 0"},
        {make_many_dims, "f: tensor \"t\": 5 dimensions (at most 4)"},
        {make_name_twice, "f: tensor \"t\" is there twice"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_str s = {0};
        cases[i].make(&s);
        ask_error err = {0};
        CHECK_CASE(cases[i].message, !ask_gguf_parse(s.data, s.length, "f", &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].message, err.message);
        ask_str_free(&s);
    }
}

static void malformed_tensors_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint64_t rows, width;
        uint32_t type;
        uint64_t offset;
        const char *message;
    } cases[] = {
        {1, 8, 16, 0,
         "blocks of type IQ2_XXS are not read; take a file with Q8_0, Q4_0, Q4_1, Q5_0, "
         "Q5_1 or one of Q2_K to Q6_K"},
        {1, 8, 31, 0,
         "blocks of type Q4_0_4_4 are not read; take a file with Q8_0, Q4_0, Q4_1, Q5_0, "
         "Q5_1 or one of Q2_K to Q6_K"},
        {1, 8, 99, 0, "elements of the unknown type 99"},
        {1, 8, UINT32_MAX, 0, "elements of the unknown type 4294967295"},
        {2, 16, Q8_0, 0, "rows of 16 elements are no whole blocks of q8_0 (32)"},
        {UINT64_MAX, 1, F32, 0, "the shape overflows"},
        {1ull << 32, 1ull << 32, F32, 0, "the shape overflows"},
        {1ull << 62, 1, F32, 0, "the shape overflows"},
        {1, 8, F32, 31, "its offset 31 is no multiple of 32"},
        {1, 17, F32, 0,
         "truncated: 68 bytes at offset 0 of the data, of which the file has 64"},
        {1, 9, F32, 32,
         "truncated: 36 bytes at offset 32 of the data, of which the file has 64"},
        {1, 8, F32, UINT64_MAX - 31,
         "truncated: 32 bytes at offset 18446744073709551584 of the data, of which the "
         "file "
         "has 64"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_str s = {0};
        make_tensor(&s, cases[i].rows, cases[i].width, cases[i].type, cases[i].offset);
        ask_error err = {0};
        CHECK_CASE(cases[i].message, !ask_gguf_parse(s.data, s.length, "f", &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_MODEL);
        if (strncmp(err.message, "f: tensor \"t\": ", 15) != 0 ||
            strcmp(err.message + 15, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].message, err.message);
        ask_str_free(&s);
    }
}

static void odd_files_that_are_well_formed_are_read(void **state)
{
    (void)state;
    ask_str s = {0};
    ask_error err;
    put_header(&s, 0, 0);
    ask_gguf *g = ask_gguf_parse(s.data, s.length, "nothing", &err);
    CHECK_OK(g, &err);
    assert_int_equal(ask_gguf_n_values(g), 0);
    assert_int_equal(ask_gguf_n_tensors(g), 0);
    assert_null(ask_gguf_find(g, "k"));
    assert_null(ask_gguf_find_tensor(g, "t"));
    ask_gguf_close(g);

    ask_str_clear(&s);
    make_tensor(&s, 0, 32, Q4_0, 64);
    s.data[4] = 2; // the version before has the same form
    g = ask_gguf_parse(s.data, s.length, "no rows", &err);
    CHECK_OK(g, &err);
    assert_int_equal(ask_gguf_version(g), 2);
    assert_int_equal(ask_gguf_tensor_at(g, 0)->bytes, 0);
    ask_gguf_close(g);
    ask_str_free(&s);
}

static void a_file_that_is_missing_is_an_error_of_the_model(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    assert_null(ask_gguf_open(test_path(dir, "none.gguf"), &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "none.gguf: "));
    test_write(test_path(dir, "empty.gguf"), "", 0);
    assert_null(ask_gguf_open(test_path(dir, "empty.gguf"), &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "empty.gguf: not a GGUF file"));
    test_temp_dir_remove(dir);
    ask_gguf_close(NULL);
}

/* ---- as a checkpoint ---- */

/* Every tensor of the reference's file has its name and shape here. */
static void a_checkpoint_of_it_has_the_names_of_hugging_face(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_weights *w = ask_weights_open(test_fixture(MODEL), &err);
    CHECK_OK(w, &err);
    ask_weights *other =
        ask_weights_open(test_fixture("golden/gguf_llama/model.safetensors"), &err);
    CHECK_OK(other, &err);
    assert_int_equal(ask_weights_count(w), ask_weights_count(other));
    for (size_t i = 0; i < ask_weights_count(other); i++) {
        const ask_weights_entry *theirs = ask_weights_at(other, i);
        const ask_weights_entry *e = ask_weights_find(w, theirs->name);
        CHECK_CASE(theirs->name, e && e->n_dims == theirs->n_dims);
        for (int k = 0; k < e->n_dims; k++)
            CHECK_CASE(theirs->name, e->shape[k] == theirs->shape[k]);
        size_t bytes = 0;
        CHECK_CASE(theirs->name, ask_dtype_bytes_of(&bytes, e->type, e->n_dims, e->shape));
        CHECK_CASE(theirs->name, bytes == e->bytes);
        ask_weights_release(w, e);
    }
    assert_int_equal(ask_weights_find(w, "model.layers.0.self_attn.o_proj.weight")->type,
                     ASK_Q4_K);
    assert_non_null(ask_gguf_find(ask_weights_gguf(w), "llama.block_count"));
    assert_null(ask_weights_gguf(other));
    ask_weights_close(other);
    ask_weights_close(w);
}

static void names_lead_back_to_those_of_the_file(void **state)
{
    (void)state;
    static const char *const unknown[] = {"rope_freqs.weight",
                                          "model.layers.",
                                          "model.layers.0.weight",
                                          "model.layers..self_attn.q_proj.weight",
                                          "model.layers.0.mlp.weight",
                                          "model.layers.0.self_attn.q_proj.scale",
                                          "model.layers.0",
                                          "model.layers.x.self_attn.q_proj.weight",
                                          "lm_head",
                                          ""};
    ask_error err = {0};
    char own[64];
    ask_weights *w = ask_weights_open(test_fixture(MODEL), &err);
    CHECK_OK(w, &err);
    const ask_gguf *g = ask_weights_gguf(w);
    for (size_t i = 0; i < ask_weights_count(w); i++) {
        const ask_weights_entry *e = ask_weights_at(w, i);
        CHECK_CASE(e->name, ask_weights_own_name(own, sizeof own, w, e->name));
        const ask_gguf_tensor *t = ask_gguf_find_tensor(g, own);
        CHECK_CASE(e->name, t && t->data == e->data);
    }
    for (size_t i = 0; i < TEST_COUNT(unknown); i++)
        CHECK_CASE(unknown[i], !ask_weights_own_name(own, sizeof own, w, unknown[i]));
    ask_weights_close(w);
    w = ask_weights_open(test_fixture("golden/gguf_llama/model.safetensors"), &err);
    CHECK_OK(w, &err);
    assert_false(ask_weights_own_name(own, sizeof own, w, "lm_head.weight"));
    ask_weights_close(w);
}

static void a_tensor_that_is_not_known_keeps_its_name(void **state)
{
    (void)state;
    static const char *const names[] = {
        "blk.0.attn_q",      "blk..attn_q.weight", "blk.",
        "blk.0.weight",      "blk.0.attn_q.scale", "blk.x.attn_q.weight",
        "rope_freqs.weight", "output.bias",        "blk.0000000001.attn_q.weight",
        "blk.1.attn_q.bias"};
    ask_error err = {0};
    gguf_file f = {0};
    gguf_file_put_text(&f, "general.architecture", "qwen2");
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        gguf_file_add(&f, names[i], 1, (int64_t[]){1}, ASK_F32, "1234");
    size_t n;
    char *bytes = gguf_file_take(&f, &n);
    ask_weights *w = ask_weights_parse(bytes, n, "f", &err);
    CHECK_OK(w, &err);
    for (size_t i = 0; i + 1 < TEST_COUNT(names); i++)
        CHECK_CASE(names[i], ask_weights_find(w, names[i]));
    assert_non_null(ask_weights_find(w, "model.layers.1.self_attn.q_proj.bias"));
    ask_weights_close(w);
    free(bytes);
}

static void checkpoints_that_are_not_read_are_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    gguf_file f = {0};
    gguf_file_put_text(&f, "general.architecture", "llama");
    gguf_file_add(&f, "output.weight", 1, (int64_t[]){1}, ASK_F32, "1234");
    gguf_file_add(&f, "lm_head.weight", 1, (int64_t[]){1}, ASK_F32, "1234");
    gguf_file_write(&f, test_path(dir, "twice.gguf"));
    assert_null(ask_weights_open(dir, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "twice.gguf: tensor \"lm_head.weight\" is in "));

    gguf_file_put_text(&f, "general.architecture", "llama");
    gguf_file_write(&f, test_path(dir, "other.gguf"));
    assert_null(ask_weights_open(dir, &err));
    assert_non_null(strstr(err.message, "holds both other.gguf and twice.gguf; keep one"));
    assert_null(ask_weights_open_under(test_path(dir, "other.gguf"), "model", &err));
    assert_non_null(strstr(err.message, "other.gguf: a GGUF file has no \"model\""));
    test_temp_dir_remove(dir);
}

/* ---- as the files of a folder ---- */

static void the_configuration_is_that_of_hugging_face(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "model_type",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "head_dim",
        "vocab_size",
        "tie_word_embeddings",
        "num_key_value_heads",
        "rope_theta",
        "rms_norm_eps",
        "bos_token_id",
        "pad_token_id",
        "attention_bias",
        "mlp_bias",
        "max_position_embeddings",
    };
    ask_error err = {0};
    gguf_file f = {0};
    gguf_file_copy(&f, test_fixture(MODEL));
    gguf_file_put_int(&f, "tokenizer.ggml.padding_token_id", 0);
    size_t n;
    char *bytes = gguf_file_take(&f, &n);
    ask_gguf *g = ask_gguf_parse(bytes, n, "f", &err);
    CHECK_OK(g, &err);
    char *text = ask_gguf_config(g, &err);
    CHECK_OK(text, &err);
    ask_json *ours = ask_json_parse(text, strlen(text), "ours", NULL, &err);
    ask_json *theirs =
        ask_json_read(test_fixture("golden/gguf_llama/config.json"), NULL, &err);
    CHECK_OK(ours && theirs, &err);
    for (size_t i = 0; i < TEST_COUNT(keys); i++) {
        ask_json_value a = ask_json_member(ask_json_root(ours), keys[i]),
                       b = ask_json_member(ask_json_root(theirs), keys[i]);
        CHECK_CASE(keys[i], ask_json_type_of(a) == ask_json_type_of(b));
        double x, y;
        const char *s, *t;
        bool p, q;
        if (ask_json_get_double(&x, a, NULL, NULL) &&
            ask_json_get_double(&y, b, NULL, NULL))
            CHECK_CASE(keys[i], x == y);
        else if (ask_json_get_bool(&p, a, NULL, NULL) &&
                 ask_json_get_bool(&q, b, NULL, NULL))
            CHECK_CASE(keys[i], p == q);
        else
            CHECK_CASE(keys[i], ask_json_get_string(&s, a, NULL, NULL) &&
                                    ask_json_get_string(&t, b, NULL, NULL) &&
                                    strcmp(s, t) == 0);
    }
    ask_json_free(ours);
    ask_json_free(theirs);
    free(text);
    ask_gguf_close(g);
    free(bytes);
}

static void the_vocabulary_is_as_long_as_its_table(void **state)
{
    (void)state;
    static const char *const ones[] = {
        "llama.embedding_length", "llama.feed_forward_length", "llama.block_count",
        "llama.context_length", "llama.attention.head_count"};
    static const struct {
        int n_dims; // 0: no table
        int64_t rows;
        const char *is;
    } cases[] = {{0, 0, "missing"}, {1, 1, "none"}, {2, 0, "none"}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        gguf_file f = {0};
        gguf_file_put_text(&f, "general.architecture", "llama");
        for (size_t k = 0; k < TEST_COUNT(ones); k++) gguf_file_put_int(&f, ones[k], 1);
        gguf_file_put_int(&f, "llama.attention.key_length", 2);
        gguf_file_put_int(&f, "llama.attention.value_length", 2);
        gguf_file_put_float(&f, "llama.attention.layer_norm_rms_epsilon", 1e-6f);
        if (cases[i].n_dims > 0)
            gguf_file_add(&f, "token_embd.weight", cases[i].n_dims,
                          (int64_t[]){cases[i].rows, 1}, ASK_F32, "1234");
        char expected[200];
        snprintf(expected, sizeof expected,
                 "f: tensor \"token_embd.weight\" is %s; expected a matrix of 1 to "
                 "16777216 rows, one for each token",
                 cases[i].is);
        size_t n;
        char *bytes = gguf_file_take(&f, &n);
        ask_gguf *g = ask_gguf_parse(bytes, n, "f", &err);
        CHECK_OK(g, &err);
        assert_null(ask_gguf_config(g, &err));
        assert_string_equal(err.message, expected);
        ask_gguf_close(g);
        free(bytes);
    }
}

static bool open_and_close(void *user, ask_error *err)
{
    ask_gguf *g = ask_gguf_open(user, err);
    ask_gguf_close(g);
    return g != NULL;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s", test_fixture(MODEL));
    assert_in_range(test_each_alloc_fails("open", open_and_close, path), 2, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_have_the_sizes_of_the_reference),
        cmocka_unit_test(other_elements_have_a_name_at_most),
        cmocka_unit_test(metadata_are_those_of_the_reference),
        cmocka_unit_test(tensors_are_listed_as_in_the_reference),
        cmocka_unit_test(decoded_tensors_are_those_of_the_reference),
        cmocka_unit_test(values_of_another_type_are_refused),
        cmocka_unit_test(nested_arrays_are_walked),
        cmocka_unit_test(every_shortened_file_is_refused),
        cmocka_unit_test(malformed_headers_are_refused),
        cmocka_unit_test(malformed_tensors_are_refused),
        cmocka_unit_test(odd_files_that_are_well_formed_are_read),
        cmocka_unit_test(a_file_that_is_missing_is_an_error_of_the_model),
        cmocka_unit_test(a_checkpoint_of_it_has_the_names_of_hugging_face),
        cmocka_unit_test(names_lead_back_to_those_of_the_file),
        cmocka_unit_test(a_tensor_that_is_not_known_keeps_its_name),
        cmocka_unit_test(checkpoints_that_are_not_read_are_refused),
        cmocka_unit_test(the_configuration_is_that_of_hugging_face),
        cmocka_unit_test(the_vocabulary_is_as_long_as_its_table),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
