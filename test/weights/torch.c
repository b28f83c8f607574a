/* Torch archives and pickled arrays, read as torch.save and pickle wrote them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "support/testing.h"
#include "weights/weights.h"

static const char *fixture(const char *name)
{
    char path[64];
    ask_format(path, sizeof path, "torch/%s", name);
    return test_fixture(path);
}

static ask_weights *open_fixture(const char *name)
{
    ask_error err = {0};
    ask_weights *w = ask_weights_open(fixture(name), &err);
    if (!w) fail_msg("%s: %s", name, err.message);
    return w;
}

typedef struct {
    const char *name;
    ask_dtype type;
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    float values[24];
} expected_tensor;

static void check_tensor(const char *file, const ask_weights *w, const expected_tensor *x)
{
    const ask_weights_entry *e = ask_weights_find(w, x->name);
    if (!e) fail_msg("%s: %s is not there", file, x->name);
    CHECK_CASE(x->name, e->type == x->type);
    CHECK_CASE(x->name, e->n_dims == x->n_dims);
    int64_t n = 1;
    for (int i = 0; i < x->n_dims; i++) {
        CHECK_CASE(x->name, e->shape[i] == x->shape[i]);
        n *= x->shape[i];
    }
    CHECK_CASE(x->name, e->n_elements == n);
    CHECK_CASE(x->name, e->bytes == (size_t)n * ask_dtype_bytes(x->type));
    CHECK_CASE(x->name, strcmp(e->name, x->name) == 0 && e->data != NULL);
    float values[24];
    ask_dtype_to_f32(e->type, values, e->data, (size_t)n);
    for (int64_t i = 0; i < n; i++) {
        if (values[i] != x->values[i]) {
            fail_msg("%s: %s[%lld] is %g, not %g", file, x->name, (long long)i,
                     (double)values[i], (double)x->values[i]);
        }
    }
}

static void check_tensors(const char *file, const ask_weights *w,
                          const expected_tensor *expected, size_t n)
{
    if (ask_weights_count(w) != n)
        fail_msg("%s: %zu tensors, not %zu", file, ask_weights_count(w), n);
    for (size_t i = 0; i < n; i++) check_tensor(file, w, &expected[i]);
}

#define SIGNED(name, type)                                                                 \
    {                                                                                      \
        name, type, 2, {2, 3},                                                             \
        {                                                                                  \
            -3, -2, -1, 0, 1, 2                                                            \
        }                                                                                  \
    }
#define UNSIGNED(name, type)                                                               \
    {                                                                                      \
        name, type, 2, {2, 3},                                                             \
        {                                                                                  \
            0, 1, 2, 3, 4, 5                                                               \
        }                                                                                  \
    }

static const expected_tensor state_tensors[] = {
    SIGNED("bfloat16", ASK_BF16),
    {"bool", ASK_BOOL, 2, {2, 3}, {0, 1, 0, 1, 0, 1}},
    SIGNED("float16", ASK_F16),
    SIGNED("float32", ASK_F32),
    SIGNED("float64", ASK_F64),
    SIGNED("float8_e4m3fn", ASK_F8_E4M3),
    SIGNED("float8_e5m2", ASK_F8_E5M2),
    SIGNED("int16", ASK_I16),
    SIGNED("int32", ASK_I32),
    SIGNED("int64", ASK_I64),
    SIGNED("int8", ASK_I8),
    UNSIGNED("uint16", ASK_U16),
    UNSIGNED("uint32", ASK_U32),
    UNSIGNED("uint64", ASK_U64),
    UNSIGNED("uint8", ASK_U8),
    {"base", ASK_F32, 2, {4, 6}, {-3, -2, -1, 0,  1,  2,  3,  4,  5,  6,  7,  8,
                                  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}},
    {"row", ASK_F32, 1, {6}, {3, 4, 5, 6, 7, 8}},
    {"column", ASK_F32, 1, {4}, {-1, 5, 11, 17}},
    {"transposed", ASK_F32, 2, {6, 4}, {-3, 3, 9,  15, -2, 4, 10, 16, -1, 5, 11, 17,
                                        0,  6, 12, 18, 1,  7, 13, 19, 2,  8, 14, 20}},
    {"block", ASK_F32, 2, {2, 3}, {5, 6, 7, 11, 12, 13}},
    {"permuted", ASK_F16, 3, {4, 2, 3}, {-3, 1, 5, 9,  13, 17, -2, 2, 6, 10, 14, 18,
                                         -1, 3, 7, 11, 15, 19, 0,  4, 8, 12, 16, 20}},
    {"expanded", ASK_F32, 2, {2, 3}, {5, 5, 5, 6, 6, 6}},
    {"point", ASK_I64, 0, {0}, {7}},
    {"empty", ASK_F32, 2, {0, 5}, {0}},
    {"parameter", ASK_F32, 2, {2, 2}, {-3, -2, -1, 0}},
    {"array", ASK_I32, 1, {3}, {0, 1, 2}},
    {"tagged", ASK_F32, 2, {2, 2}, {-3, -2, -1, 0}},
    {"tagged_parameter", ASK_F32, 2, {2, 2}, {-3, -2, -1, 0}},
};

static void both_formats_give_every_tensor(void **state)
{
    (void)state;
    static const char *const files[] = {"state_2.pt", "state_4.pt", "state_deflated.pt",
                                        "state_old.pth"};
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        ask_weights *w = open_fixture(files[i]);
        check_tensors(files[i], w, state_tensors, TEST_COUNT(state_tensors));
        ask_weights_close(w);
    }
}

static void a_stride_of_one_element_says_nothing(void **state)
{
    (void)state;
    static const expected_tensor tensor = {
        "any_stride", ASK_F32, 3, {2, 2, 1}, {-3, -1, -2, 0}};
    ask_weights *w = open_fixture("strides.pt");
    check_tensors("strides.pt", w, &tensor, 1);
    ask_weights_close(w);
}

static void what_lies_in_order_is_not_copied(void **state)
{
    (void)state;
    static const char *const files[] = {"state_2.pt", "state_old.pth"};
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        size_t n_bytes;
        char *bytes = test_read(fixture(files[i]), &n_bytes);
        ask_error err = {0};
        ask_weights *w = ask_weights_parse(bytes, n_bytes, files[i], &err);
        CHECK_OK(w, &err);
        static const struct {
            const char *name;
            bool is_copy;
        } cases[] = {{"float32", false}, {"row", false},  {"parameter", false},
                     {"point", false},   {"block", true}, {"transposed", true}};
        for (size_t k = 0; k < TEST_COUNT(cases); k++) {
            const char *data = ask_weights_find(w, cases[k].name)->data;
            bool is_inside = data >= bytes && data < bytes + n_bytes;
            CHECK_CASE(cases[k].name, is_inside != cases[k].is_copy);
            ask_weights_release(w, ask_weights_find(w, cases[k].name));
        }
        const char *base = ask_weights_find(w, "base")->data;
        assert_ptr_equal(ask_weights_find(w, "row")->data, base + 6 * sizeof(float));
        ask_weights_close(w);
        free(bytes);
    }
}

/* ---- where the weights are ---- */

static const expected_tensor network_tensors[] = {
    {"0.weight", ASK_F32, 2, {3, 2}, {-3, -2, -1, 0, 1, 2}},
    {"0.bias", ASK_F32, 1, {3}, {-3, -2, -1}},
    {"1.weight", ASK_F32, 1, {3}, {-3, -2, -1}},
    {"1.bias", ASK_F32, 1, {3}, {-3, -2, -1}},
    {"1.running_mean", ASK_F32, 1, {3}, {-3, -2, -1}},
    {"1.running_var", ASK_F32, 1, {3}, {-3, -2, -1}},
    {"1.num_batches_tracked", ASK_I64, 0, {0}, {-3}},
};

static void the_weights_of_a_training_are_found(void **state)
{
    (void)state;
    static const char *const files[] = {"training.tar", "training_old.tar"};
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        ask_weights *w = open_fixture(files[i]);
        check_tensors(files[i], w, network_tensors, TEST_COUNT(network_tensors));
        ask_weights_close(w);
    }
}

static void any_part_of_a_tree_can_be_asked_for(void **state)
{
    (void)state;
    static const expected_tensor loss = {"loss", ASK_F32, 0, {0}, {0.5f}};
    ask_error err = {0};
    ask_weights *w = ask_weights_open_under(fixture("training.tar"), "", &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_count(w), TEST_COUNT(network_tensors) + 1 + 4 * 3);
    check_tensor("all", w, &loss);
    assert_non_null(ask_weights_find(w, "model_state_dict.0.weight"));
    assert_non_null(ask_weights_find(w, "optimizer_state_dict.state.3.exp_avg_sq"));
    ask_weights_close(w);

    static const char *const unders[] = {"optimizer_state_dict.state", "model_state_dict"};
    w = ask_weights_open_under(fixture("training_old.tar"), unders[0], &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_count(w), 4 * 3);
    assert_non_null(ask_weights_find(w, "0.step"));
    ask_weights_close(w);
    w = ask_weights_open_under(fixture("training.tar"), unders[1], &err);
    CHECK_OK(w, &err);
    check_tensors(unders[1], w, network_tensors, TEST_COUNT(network_tensors));
    ask_weights_close(w);

    assert_null(ask_weights_open_under(fixture("training.tar"), "ema", &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "training.tar: nothing lies under \"ema\""));
    assert_null(ask_weights_open_under(test_fixture("safetensors/all_types.safetensors"),
                                       "model", &err));
    assert_non_null(strstr(err.message, "only torch archives have \"model\" in them"));
}

static void features_are_tensors_by_name(void **state)
{
    (void)state;
    static const expected_tensor clips[] = {
        {"clip.0", ASK_F32, 2, {1, 4}, {-3, -2, -1, 0}},
        {"clip.1", ASK_F32, 2, {2, 4}, {-3, -2, -1, 0, 1, 2, 3, 4}},
        {"clip.2", ASK_F32, 2, {3, 4}, {-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8}},
    };
    // The second has a damaged storage, which is not unpacked: no tensor is in it.
    static const char *const files[] = {"features.pth", "unused.pt"};
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        ask_weights *w = open_fixture(files[i]);
        check_tensors(files[i], w, clips, TEST_COUNT(clips));
        ask_weights_close(w);
    }
    ask_error err = {0};
    ask_weights *w = ask_weights_open_under(fixture("features.pth"), "clip.1", &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_count(w), 1);
    assert_string_equal(ask_weights_at(w, 0)->name, "tensor");
    ask_weights_close(w);
}

static void a_tree_of_one_tensor_has_a_name(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        expected_tensor tensor;
    } cases[] = {
        {"one.pt", {"tensor", ASK_F32, 2, {3, 4}, {-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8}}},
        {"pooled.pkl",
         {"array", ASK_F16, 2, {3, 4}, {-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8}}},
        {"pooled_0.pkl",
         {"array", ASK_F16, 2, {3, 4}, {-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8}}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_weights *w = open_fixture(cases[i].file);
        check_tensors(cases[i].file, w, &cases[i].tensor, 1);
        ask_weights_close(w);
    }
}

/* ---- folders ---- */

static void shards_are_read_by_their_index(void **state)
{
    (void)state;
    static const expected_tensor tensors[] = {
        SIGNED("a.weight", ASK_F32),
        SIGNED("a.bias", ASK_F32),
        SIGNED("b.weight", ASK_F32),
    };
    ask_weights *w = open_fixture("shards");
    check_tensors("shards", w, tensors, TEST_COUNT(tensors));
    assert_int_equal(ask_weights_find(w, "b.weight")->file, 1);
    assert_non_null(strstr(ask_weights_file(w, 1), "/pytorch_model-00002-of-00002.bin"));
    ask_weights_close(w);
}

static void copy_file(const char *to, const char *from)
{
    size_t n_bytes;
    char *bytes = test_read(from, &n_bytes);
    test_write(to, bytes, n_bytes);
    free(bytes);
}

static void a_folder_prefers_safetensors(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    copy_file(test_path(dir, "pytorch_model.bin"), fixture("one.pt"));
    ask_weights *w = ask_weights_open(dir, &err);
    CHECK_OK(w, &err);
    assert_non_null(ask_weights_find(w, "tensor"));
    ask_weights_close(w);
    copy_file(test_path(dir, "model.safetensors"),
              test_fixture("safetensors/all_types.safetensors"));
    w = ask_weights_open(dir, &err);
    CHECK_OK(w, &err);
    assert_null(ask_weights_find(w, "tensor"));
    ask_weights_close(w);
    test_temp_dir_remove(dir);
}

static void an_index_that_lies_is_refused(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    copy_file(test_path(dir, "x.bin"), fixture("one.pt"));
    test_write_text(test_path(dir, "pytorch_model.bin.index.json"),
                    "{\"weight_map\": {\"gone\": \"x.bin\"}}");
    assert_null(ask_weights_open(dir, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "tensor \"gone\" is not in x.bin"));
    test_write_text(test_path(dir, "pytorch_model.bin.index.json"),
                    "{\"weight_map\": {\"tensor\": \"../x.bin\"}}");
    assert_null(ask_weights_open(dir, &err));
    assert_non_null(strstr(err.message, "is not the name of a file in this folder"));
    test_temp_dir_remove(dir);
}

/* ---- what must be refused ---- */

static void files_that_are_no_checkpoints_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *file, *message;
    } cases[] = {
        {"refused_module.pt",
         "it asks for torch.nn.modules.container.Sequential, which is not read "
         "(nothing is "
         "imported or executed); save the state_dict alone, or convert it to "
         "safetensors"},
        {"refused_empty.pt", "refused_empty.pt: no tensors are in it"},
        {"refused_complex.pt", "it asks for torch.ComplexFloatStorage, which is not read"},
        {"refused_dims.pt", "tensor \"a\": "},
        {"refused_no_tree.pt", "not a torch archive: there is no data.pkl in the zip"},
        {"refused_no_storage.pt", "tensor \"clip.1\": "},
        {"refused_short.pt", "storage \"2\" has 47 bytes, less than its 12 elements"},
        {"refused_order.pt", "written on a big-endian machine, which is not read"},
        {"refused_bomb.pt", "it unpacks to over 16 times its size: pack it uncompressed"},
        {"refused_cut_tree.pt", "truncated: it goes on"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].file, !ask_weights_open(fixture(cases[i].file), &err));
        CHECK_CASE(cases[i].file, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].file, err.message);
    }
}

/* One letter changed where nothing but the checksum tells. */
static void a_damaged_tree_is_told_by_its_checksum(void **state)
{
    (void)state;
    static const struct {
        const char *file, *right, *wrong;
    } cases[] = {
        {"features.pth", "clip.1", "clip.7"},
        {"features.pth", "little", "littlE"},
    };
    char *dir = test_temp_dir_make();
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        size_t n;
        char *bytes = test_read(fixture(cases[i].file), &n);
        char *at = memmem(bytes, n, cases[i].right, strlen(cases[i].right));
        assert_non_null(at);
        memcpy(at, cases[i].wrong, strlen(cases[i].wrong));
        test_write(test_path(dir, cases[i].file), bytes, n);
        free(bytes);
        CHECK_CASE(cases[i].wrong, !ask_weights_open(test_path(dir, cases[i].file), &err));
        CHECK_CASE(cases[i].wrong, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, "is damaged: its checksum differs"))
            fail_msg("%s: %s", cases[i].wrong, err.message);
    }
    test_temp_dir_remove(dir);
}

/* A file of the older format with one tensor "a" over a storage "0" of six
 * floats. All parts are pickled; NULL takes what is right. */
typedef struct {
    const char *name;
    const char *version, *machine, *reference, *tensor, *keys;
    int64_t n_stored; // 0: six
    const char *message;
} stream_case;

static void append_pickle(ask_str *s, const char *text)
{
    ask_str_append(s, text);
    ask_str_append_char(s, '.');
}

static void make_stream(ask_str *s, const stream_case *c)
{
    ask_str tree = {0};
    append_pickle(s, "\x8a\x0al\xfc\x9c\x46\xf9\x20j\xa8P\x19");
    append_pickle(s, c->version ? c->version : "I1001\n");
    append_pickle(s, c->machine ? c->machine : "}U\x0dlittle_endian\x88s");
    ask_str_printf(&tree, "}U\1a%s(%sQ%stRs", "ctorch._utils\n_rebuild_tensor_v2\n",
                   c->reference ? c->reference
                                : "(U\7storagectorch\nFloatStorage\nU\1"
                                  "0U\3cpuK\6Nt",
                   c->tensor ? c->tensor : "I0\nK\2K\3\x86K\3K\1\x86\x89}");
    append_pickle(s, ask_str_text(&tree));
    append_pickle(s, c->keys ? c->keys
                             : "]U\1"
                               "0a");
    int64_t n = c->n_stored ? c->n_stored : 6;
    for (int i = 0; i < 8; i++) ask_str_append_char(s, (char)(n >> 8 * i));
    for (int i = 0; i < 6; i++) {
        float value = (float)i;
        ask_str_append_bytes(s, &value, sizeof value);
    }
    ask_str_free(&tree);
}

#define STORAGE(key, n, view) "(U\7storagectorch\nFloatStorage\nU\1" key "U\3cpu" n view "t"

static const stream_case stream_cases[] = {
    {.name = "nothing wrong"},
    {.name = "a view",
     .reference = STORAGE("0", "K\6", "(U\1vK\2K\4t"),
     .tensor = "I0\nK\4\x85K\1\x85\x89}"},
    {.name = "another version",
     .version = "I1002\n",
     .message = "f: a version of torch's older format that is not read"},
    {.name = "big-endian",
     .machine = "}U\x0dlittle_endian\x89s",
     .message = "f: written on a big-endian machine"},
    {.name = "no machine", .machine = "]", .message = "f: written on a big-endian machine"},
    {.name = "runs a command",
     .machine = "cos\nsystem\n(U\4truetR",
     .message = "it asks for os.system, which is not read"},
    {.name = "keys are no list",
     .keys = "K\1",
     .message = "f: the list of its storages is none"},
    {.name = "a key is no string",
     .keys = "]K\1a",
     .message = "f: the key of a storage is no string"},
    {.name = "an unknown storage",
     .keys = "]U\1"
             "1a",
     .message = "f: storage \"1\" belongs to no tensor"},
    {.name = "a storage without data",
     .keys = "]",
     .message = "f: storage \"0\" is missing"},
    {.name = "a storage twice",
     .keys = "](U\1"
             "0U\1"
             "0e",
     .message = "f: truncated before storage \"0\""},
    {.name = "storage longer than the file",
     .n_stored = 7,
     .message = "f: truncated in storage \"0\" of 7 elements"},
    {.name = "storage that overflows",
     .n_stored = INT64_MAX,
     .message = "f: truncated in storage \"0\" of 9223372036854775807 elements"},
    {.name = "a negative storage",
     .n_stored = -1,
     .message = "f: truncated in storage \"0\" of 18446744073709551615 elements"},
    {.name = "storage shorter than its reference",
     .n_stored = 5,
     .message = "f: storage \"0\" has 20 bytes, less than its 6 elements"},
    {.name = "view beyond the storage",
     .reference = STORAGE("0", "K\6", "(U\1vK\3K\4t"),
     .message = "f: a view goes beyond storage \"0\""},
    {.name = "view before the storage",
     .reference = STORAGE("0", "K\6", "(U\1vI-1\nK\2t"),
     .message = "f: a view goes beyond storage \"0\""},
    {.name = "tensor beyond its view",
     .reference = STORAGE("0", "K\6", "(U\1vK\2K\4t"),
     .message = "f: it goes beyond its storage \"0\" of 16 bytes"},
    {.name = "another reference",
     .reference = "(U\6modulet",
     .message = "f: a storage is described in a way that is not read"},
    {.name = "a negative offset",
     .tensor = "I-1\nK\2\x85K\1\x85\x89}",
     .message = "f: it goes beyond its storage \"0\" of 24 bytes"},
    {.name = "an offset beyond",
     .tensor = "K\5K\2\x85K\1\x85\x89}",
     .message = "f: it goes beyond its storage \"0\" of 24 bytes"},
    {.name = "a stride beyond",
     .tensor = "I0\nK\2K\3\x86K\4K\1\x86\x89}",
     .message = "f: it goes beyond its storage \"0\" of 24 bytes"},
    {.name = "a stride that overflows",
     .tensor = "I0\nK\3\x85L2305843009213693952\n\x85\x89}",
     .message = "f: it goes beyond its storage \"0\" of 24 bytes"},
    {.name = "a stride along one element",
     .tensor = "I0\n(K\2K\2K\1t(K\1K\2L9223372036854775807\nt\x89}"},
    {.name = "strides that overflow",
     .tensor = "I0\nK\3\x85L9223372036854775807\n\x85\x89}",
     .message = "f: the shape overflows"},
    {.name = "a negative stride",
     .tensor = "K\5K\2\x85I-1\n\x85\x89}",
     .message = "f: a shape is not of sizes from 0 up"},
    {.name = "a negative size",
     .tensor = "I0\nI-2\n\x85K\1\x85\x89}",
     .message = "f: a shape is not of sizes from 0 up"},
    {.name = "a size that is no integer",
     .tensor = "I0\nU\1x\x85K\1\x85\x89}",
     .message = "f: a shape is not of sizes from 0 up"},
    {.name = "elements overflow",
     .tensor = "I0\nL4611686018427387904\nK\4\x86I0\nI0\n\x86\x89}",
     .message = "f: the shape overflows"},
    {.name = "an element repeated too often",
     .tensor = "I0\nI999999999\n\x85I0\n\x85\x89}",
     .message = "f: its views repeat elements too often"},
    {.name = "more sizes than strides",
     .tensor = "I0\nK\2K\3\x86K\3\x85\x89}",
     .message = "f: 2 sizes and 1 strides"},
    {.name = "too few arguments",
     .tensor = "I0\n",
     .message = "f: a tensor is described in a way that is not read"},
};

static void malformed_streams_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(stream_cases); i++) {
        const stream_case *c = &stream_cases[i];
        ask_str text = {0};
        // The mark and version of a pickle in front tell it from a safetensors
        // file.
        ask_str_append(&text, "\x80\2");
        make_stream(&text, c);
        ask_error err = {0};
        ask_weights *w = ask_weights_parse(text.data, text.length, "f", &err);
        if (!c->message && !w) fail_msg("%s: %s", c->name, err.message);
        if (c->message) {
            CHECK_CASE(c->name, !w && err.code == ASK_ERR_MODEL);
            const char *message =
                strstr(c->message, "f: ") == c->message ? c->message + 3 : c->message;
            if (!strstr(err.message, message)) fail_msg("%s: %s", c->name, err.message);
        }
        ask_weights_close(w);
        ask_str_free(&text);
    }
}

static void no_beginning_of_a_file_is_one(void **state)
{
    (void)state;
    static const char *const files[] = {"state_2.pt", "state_old.pth", "pooled.pkl"};
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        size_t n_bytes;
        char *bytes = test_read(fixture(files[i]), &n_bytes);
        for (size_t n = 0; n < n_bytes; n += 1 + n / 32) {
            char *part = malloc(n + 1); // of its own, for the sanitizer to guard its end
            memcpy(part, bytes, n);
            ask_error err = {0};
            CHECK_CASE(files[i], !ask_weights_parse(part, n, "f", &err));
            CHECK_CASE(files[i], err.code == ASK_ERR_MODEL);
            free(part);
        }
        free(bytes);
    }
}

static bool open_whole(void *user, ask_error *err)
{
    ask_weights *w = ask_weights_open(user, err);
    ask_weights_close(w);
    return w != NULL;
}

static void a_failing_allocation_is_told(void **state)
{
    (void)state;
    static const char *const files[] = {"state_2.pt", "state_deflated.pt", "state_old.pth",
                                        "shards", "pooled.pkl"};
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        char path[512];
        ask_format(path, sizeof path, "%s", fixture(files[i]));
        assert_true(test_each_alloc_fails(files[i], open_whole, path) > 5);
    }
}

/* The same weights four times, by torch 1.13 and the format's own library. */
static void the_archives_of_bert_hold_the_same(void **state)
{
    (void)state;
    const char *dir = test_fixture("golden/bert");
    static const char *const files[] = {"pytorch_model.bin", "legacy.pth", "nested.pth"};
    ask_error err = {0};
    ask_weights *reference = ask_weights_open(dir, &err);
    CHECK_OK(reference, &err);
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        ask_weights *w = ask_weights_open(test_path(dir, files[i]), &err);
        CHECK_OK(w, &err);
        CHECK_CASE(files[i], ask_weights_count(w) == ask_weights_count(reference));
        for (size_t k = 0; k < ask_weights_count(w); k++) {
            const ask_weights_entry *a = ask_weights_at(w, k);
            const ask_weights_entry *b = ask_weights_find(reference, a->name);
            CHECK_CASE(a->name, b && a->type == b->type && a->n_dims == b->n_dims);
            CHECK_CASE(a->name, memcmp(a->shape, b->shape, sizeof a->shape) == 0);
            CHECK_CASE(a->name, memcmp(a->data, b->data, a->bytes) == 0);
        }
        ask_weights_close(w);
    }
    ask_weights *all = ask_weights_open_under(test_path(dir, "nested.pth"), "half", &err);
    CHECK_OK(all, &err);
    assert_int_equal(ask_weights_at(all, 0)->type, ASK_F16);
    ask_weights_close(all);
    ask_weights_close(reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_formats_give_every_tensor),
        cmocka_unit_test(a_stride_of_one_element_says_nothing),
        cmocka_unit_test(what_lies_in_order_is_not_copied),
        cmocka_unit_test(the_weights_of_a_training_are_found),
        cmocka_unit_test(any_part_of_a_tree_can_be_asked_for),
        cmocka_unit_test(features_are_tensors_by_name),
        cmocka_unit_test(a_tree_of_one_tensor_has_a_name),
        cmocka_unit_test(shards_are_read_by_their_index),
        cmocka_unit_test(a_folder_prefers_safetensors),
        cmocka_unit_test(an_index_that_lies_is_refused),
        cmocka_unit_test(files_that_are_no_checkpoints_are_refused),
        cmocka_unit_test(a_damaged_tree_is_told_by_its_checksum),
        cmocka_unit_test(malformed_streams_are_refused),
        cmocka_unit_test(no_beginning_of_a_file_is_one),
        cmocka_unit_test(a_failing_allocation_is_told),
        cmocka_unit_test(the_archives_of_bert_hold_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
