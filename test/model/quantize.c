/* Models with matrices of few bits: which become so, what is refused, and that nothing is
 * left of what fails. */
#include "model/quantize.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "model/init.h"
#include "model/model.h"
#include "support/checkpoint.h"
#include "support/testing.h"
#include "tensor/quant.h"

static char *dir; // of the test that runs

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

static const char *in_dir(const char *name)
{
    return test_path(dir, name);
}

/* ---- models ---- */

typedef struct {
    int64_t width, inner, n_layers, n_vocab;
} llama_sizes;

enum { HEAD = 32 };

static const llama_sizes small = {.width = 64, .inner = 160, .n_layers = 2, .n_vocab = 80};

static void write_config(const char *path, const llama_sizes *s)
{
    ask_str text = {0};
    ask_str_printf(&text,
                   "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],"
                   "\"hidden_size\":%lld,\"intermediate_size\":%lld,"
                   "\"num_hidden_layers\":%lld,\"num_attention_heads\":%lld,"
                   "\"head_dim\":%d,\"vocab_size\":%lld,\"hidden_act\":\"silu\","
                   "\"max_position_embeddings\":64,\"tie_word_embeddings\":false}",
                   (long long)s->width, (long long)s->inner, (long long)s->n_layers,
                   (long long)(s->width / HEAD), HEAD, (long long)s->n_vocab);
    assert_false(text.failed);
    test_write_text(path, ask_str_text(&text));
    ask_str_free(&text);
}

/* A model of random weights, with files beside them. */
static void make_model(const char *name)
{
    ask_error err = {0};
    write_config(in_dir("small.json"), &small);
    CHECK_OK(ask_model_init(in_dir(name), in_dir("small.json"), NULL, &err), &err);
    test_write_text(test_path(in_dir(name), "tokenizer.model"), "a tokenizer");
    test_write_text(test_path(in_dir(name), "chat_template.jinja"), "{{ x }}");
    test_write_text(test_path(in_dir(name), "LICENSE"), "a licence");
    test_write_text(test_path(in_dir(name), "model.safetensors.index.json"), "{}");
    test_write_text(test_path(in_dir(name), "pytorch_model.bin"), "other weights");
    test_write_text(test_path(in_dir(name), "1_Pooling/config.json"), "{}");
}

static bool quantize(ask_weights_quantized *sizes, const char *to, const char *from,
                     ask_dtype type, int n_threads, ask_error *err)
{
    const ask_model_quantize_options opt = {.type = type, .n_threads = n_threads};
    return ask_model_quantize(sizes, in_dir(to), in_dir(from), &opt, err);
}

/* ---- what comes of it ---- */

/* The rows of a matrix are those that encoding its panels gives. */
static void check_matrix(const ask_weights_entry *e, const ask_weights_entry *from)
{
    int64_t n = e->shape[0], k = e->shape[1], bad;
    size_t panel_bytes = ask_quant_panel_bytes(e->type, k);
    float *rows = malloc(from->bytes);
    uint8_t *panel = malloc(panel_bytes);
    ask_dtype_to_f32(from->type, rows, from->data, (size_t)from->n_elements);
    for (int64_t r = 0; r < n; r += ASK_QUANT_ROWS) {
        int64_t here = n - r < ASK_QUANT_ROWS ? n - r : ASK_QUANT_ROWS;
        const uint8_t *ours = e->data;
        ours += (size_t)(r / ASK_QUANT_ROWS) * panel_bytes;
        assert_true(ask_quant_encode(e->type, panel, rows + r * k, here, k, &bad));
        assert_memory_equal(panel, ours, panel_bytes);
    }
    free(panel);
    free(rows);
}

static void matrices_get_few_bits_and_all_else_stays(void **state)
{
    (void)state;
    static const ask_dtype types[] = {ASK_Q8, ASK_Q4};
    make_model("a");
    for (size_t t = 0; t < TEST_COUNT(types); t++) {
        ask_error err = {0};
        ask_weights_quantized sizes;
        const char *name = ask_dtype_name(types[t]);
        CHECK_OK(quantize(&sizes, name, "a", types[t], 1, &err), &err);
        ask_weights *ours = ask_weights_open(in_dir(name), &err);
        CHECK_OK(ours, &err);
        ask_weights *theirs = ask_weights_open(in_dir("a"), &err);
        CHECK_OK(theirs, &err);
        assert_int_equal(ask_weights_count(ours), ask_weights_count(theirs));
        int n_matrices = 0;
        for (size_t i = 0; i < ask_weights_count(theirs); i++) {
            const ask_weights_entry *from = ask_weights_at(theirs, i);
            const ask_weights_entry *e = ask_weights_find(ours, from->name);
            CHECK_CASE(from->name, e);
            bool is_matrix = from->n_dims == 2; // a llama has no others
            CHECK_CASE(from->name, e->type == (is_matrix ? types[t] : ASK_F32));
            if (is_matrix)
                check_matrix(e, from);
            else
                assert_memory_equal(e->data, from->data, e->bytes);
            n_matrices += is_matrix;
        }
        assert_int_equal(n_matrices, 2 + 2 * 7);
        assert_int_equal(sizes.n_matrices, n_matrices);
        assert_string_equal(ask_weights_find_note(ours, "format"), "pt");
        ask_weights_close(ours);
        ask_weights_close(theirs);
    }
}

static void files_beside_the_weights_go_along(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool goes;
    } cases[] = {
        {"config.json", true},
        {"model.safetensors", true},
        {"tokenizer.model", true},
        {"chat_template.jinja", true},
        {"LICENSE", true},
        {"1_Pooling/config.json", true},
        {"model.safetensors.index.json", false},
        {"pytorch_model.bin", false},
    };
    ask_error err = {0};
    ask_weights_quantized sizes;
    make_model("a");
    CHECK_OK(quantize(&sizes, "new/b/", "a", ASK_Q8, 0, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].name, ask_file_exists(test_path(
                                      in_dir("new/b"), cases[i].name)) == cases[i].goes);
    assert_int_equal(test_count_entries(in_dir("new/b")), 6);
    assert_int_equal(test_count_entries(in_dir("new")), 1);
    // It is a model of its own, smaller, with as many numbers.
    unlink(test_path(in_dir("new/b"), "tokenizer.model"));
    unlink(test_path(in_dir("a"), "tokenizer.model"));
    ask_model *a = ask_model_open(in_dir("a"), NULL, &err);
    CHECK_OK(a, &err);
    ask_model *b = ask_model_open(in_dir("new/b"), NULL, &err);
    CHECK_OK(b, &err);
    ask_model_info of_a = ask_model_info_of(a), of_b = ask_model_info_of(b);
    assert_int_equal(of_a.n_params, of_b.n_params);
    assert_string_not_equal(of_a.id, of_b.id);
    assert_string_equal(of_b.dtype, "q8");
    assert_int_equal(of_a.weight_bytes, sizes.bytes_before);
    assert_int_equal(of_b.weight_bytes, sizes.bytes_after);
    ask_model_close(a);
    ask_model_close(b);
}

static void an_empty_folder_may_be_there(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_weights_quantized sizes;
    make_model("a");
    test_write_text(in_dir("b/x"), "");
    unlink(in_dir("b/x"));
    CHECK_OK(quantize(&sizes, "b", "a", ASK_Q8, 1, &err), &err);
    assert_true(ask_file_exists(in_dir("b/model.safetensors")));
}

static bool same_weights(const char *a, const char *b)
{
    size_t n_a, n_b;
    char *bytes_a = test_read(test_path(in_dir(a), "model.safetensors"), &n_a);
    char *bytes_b = test_read(test_path(in_dir(b), "model.safetensors"), &n_b);
    bool same = n_a == n_b && memcmp(bytes_a, bytes_b, n_a) == 0;
    free(bytes_a);
    free(bytes_b);
    return same;
}

static void threads_and_files_do_not_change_the_bytes(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_weights_quantized sizes;
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_write(&c, in_dir("one"));
    checkpoint_write_sharded(&c, in_dir("two"));
    checkpoint_free(&c);
    CHECK_OK(quantize(&sizes, "a", "one", ASK_Q4, 1, &err), &err);
    CHECK_OK(quantize(&sizes, "b", "one", ASK_Q4, 3, &err), &err);
    CHECK_OK(quantize(&sizes, "c", "two", ASK_Q4, 100, &err), &err);
    assert_true(same_weights("a", "b"));
    assert_true(same_weights("a", "c"));
}

static void weights_of_16_bits_are_as_good_a_source(void **state)
{
    (void)state;
    static const ask_dtype types[] = {ASK_F16, ASK_BF16};
    make_model("a");
    for (size_t t = 0; t < TEST_COUNT(types); t++) {
        ask_error err = {0};
        ask_weights_quantized sizes;
        const char *name = ask_dtype_name(types[t]);
        tensor_list list = tensors_read(in_dir("a/model.safetensors"));
        tensors_narrow(&list, types[t]);
        write_config(test_path(in_dir(name), "config.json"), &small);
        tensors_write(&list, test_path(in_dir(name), "model.safetensors"));
        tensors_free(&list);
        CHECK_OK(quantize(&sizes, "out", name, ASK_Q8, 1, &err), &err);
        ask_weights *ours = ask_weights_open(in_dir("out"), &err);
        CHECK_OK(ours, &err);
        ask_weights *theirs = ask_weights_open(in_dir(name), &err);
        CHECK_OK(theirs, &err);
        const ask_weights_entry *e = ask_weights_find(ours, "lm_head.weight");
        float rows[2][64];
        const ask_weights_entry *from = ask_weights_find(theirs, e->name);
        assert_int_equal(from->type, types[t]);
        ask_dtype_to_f32(from->type, rows[0], from->data, 64);
        ask_quant_decode(e->type, rows[1], e->data, 0, 64);
        for (int i = 0; i < 64; i++) // 0.02 wide: a step is about 0.06 / 127
            assert_true(fabsf(rows[0][i] - rows[1][i]) < 5e-4f);
        ask_weights_close(ours);
        ask_weights_close(theirs);
        test_temp_dir_remove(strdup(in_dir("out")));
    }
}

/* ---- what is refused ---- */

static void bad_requests_make_nothing(void **state)
{
    (void)state;
    make_model("a");
    test_write_text(in_dir("file"), "mine");
    test_write_text(in_dir("taken/notes"), "mine");
    ask_error err = {0};
    ask_weights_quantized sizes;
    CHECK_OK(quantize(&sizes, "small", "a", ASK_Q8, 1, &err), &err);
    static const struct {
        const char *name, *to, *from;
        ask_dtype type;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"a file", "file", "a", ASK_Q8, ASK_ERR_USAGE, "/file: a file; give a new folder"},
        {"a folder with something", "taken", "a", ASK_Q8, ASK_ERR_USAGE,
         "/taken: holds notes already; give a new folder"},
        {"the model's own folder", "a", "a", ASK_Q8, ASK_ERR_USAGE, "already; give a new"},
        {"the folder itself", "x/.", "a", ASK_Q8, ASK_ERR_USAGE, "/x/.\" is not the name"},
        {"the folder above", "x/../", "a", ASK_Q8, ASK_ERR_USAGE, "/x/..\" is not the"},
        {"a name before the model", "..", "nowhere", ASK_Q8, ASK_ERR_USAGE, "/..\" is not"},
        {"no such type", "b", "a", ASK_F16, ASK_ERR_USAGE,
         "matrices cannot become f16; the types are q8 and q4"},
        {"few bits already", "b", "small", ASK_Q4, ASK_ERR_MODEL,
         "is q8 already; give the model that it was made of"},
        {"no model", "b", "nowhere", ASK_Q8, ASK_ERR_MODEL, "/nowhere"},
        {"below a file", "file/b", "a", ASK_Q8, ASK_ERR_IO, "/file"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int before = test_count_entries(dir);
        CHECK_CASE(cases[i].name,
                   !quantize(&sizes, cases[i].to, cases[i].from, cases[i].type, 1, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s: %s", cases[i].name, ask_error_name(err.code),
                     err.message);
        CHECK_CASE(cases[i].name, test_count_entries(dir) == before);
        CHECK_CASE(cases[i].name, !ask_file_exists(in_dir("b")));
    }
}

/* A model with one number changed. */
static void spoil(const char *name, const char *tensor, int64_t at, float value)
{
    tensor_list list = tensors_read(in_dir("a/model.safetensors"));
    tensors_floats(&list, tensor)[at] = value;
    write_config(test_path(in_dir(name), "config.json"), &small);
    tensors_write(&list, test_path(in_dir(name), "model.safetensors"));
    tensors_free(&list);
}

static void numbers_that_have_no_code_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float value;
    } cases[] = {{"nan", NAN}, {"infinity", -INFINITY}, {"large", 1e9f}};
    make_model("a");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_weights_quantized sizes;
        spoil(cases[i].name, "model.layers.1.mlp.up_proj.weight", 133 * 64 + 7,
              cases[i].value);
        int before = test_count_entries(dir);
        CHECK_CASE(cases[i].name, !quantize(&sizes, "b", cases[i].name, ASK_Q4, 2, &err));
        CHECK_CASE(cases[i].name, test_count_entries(dir) == before);
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, "tensor \"model.layers.1.mlp.up_proj.weight\": the number "
                                 "in row 133, column 7 is not finite, or too large"))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, !ask_file_exists(in_dir("b")));
    }
}

static void a_tensor_that_is_missing_is_named(void **state)
{
    (void)state;
    make_model("a");
    tensor_list list = tensors_read(in_dir("a/model.safetensors"));
    tensors_drop(&list, "model.norm.weight");
    write_config(in_dir("less/config.json"), &small);
    tensors_write(&list, in_dir("less/model.safetensors"));
    tensors_free(&list);
    ask_error err = {0};
    ask_weights_quantized sizes;
    assert_false(quantize(&sizes, "b", "less", ASK_Q8, 1, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "the tensor model.norm.weight is missing"));
}

/* ---- models that are nothing but zeros, which take no room on the disk ---- */

static void put_zeros(ask_json_writer *w, int64_t *at, int64_t rows, int64_t columns,
                      const char *format, ...) ASK_PRINTF(5, 6);

/* columns 0: there is one dimension. */
static void put_zeros(ask_json_writer *w, int64_t *at, int64_t rows, int64_t columns,
                      const char *format, ...)
{
    char name[128];
    va_list args;
    va_start(args, format);
    ask_vformat(name, sizeof name, format, args);
    va_end(args);
    ask_json_open_object(w, name);
    ask_json_put_string(w, "dtype", "F32");
    ask_json_open_array(w, "shape");
    ask_json_put_int(w, NULL, rows);
    if (columns > 0) ask_json_put_int(w, NULL, columns);
    ask_json_close(w);
    ask_json_open_array(w, "data_offsets");
    ask_json_put_int(w, NULL, *at);
    *at += rows * (columns > 0 ? columns : 1) * (int64_t)sizeof(float);
    ask_json_put_int(w, NULL, *at);
    ask_json_close(w);
    ask_json_close(w);
}

static void put_layer(ask_json_writer *w, int64_t *at, int i, const llama_sizes *s)
{
    static const char *const heads[] = {"q", "k", "v", "o"};
    for (int h = 0; h < 4; h++)
        put_zeros(w, at, s->width, s->width, "model.layers.%d.self_attn.%s_proj.weight", i,
                  heads[h]);
    put_zeros(w, at, s->inner, s->width, "model.layers.%d.mlp.gate_proj.weight", i);
    put_zeros(w, at, s->inner, s->width, "model.layers.%d.mlp.up_proj.weight", i);
    put_zeros(w, at, s->width, s->inner, "model.layers.%d.mlp.down_proj.weight", i);
    put_zeros(w, at, s->width, 0, "model.layers.%d.input_layernorm.weight", i);
    put_zeros(w, at, s->width, 0, "model.layers.%d.post_attention_layernorm.weight", i);
}

/* False when the file system has no such files. */
static bool make_zeros(const char *name, const llama_sizes *s)
{
    ask_str header = {0};
    ask_json_writer w = {.out = &header};
    int64_t bytes = 0;
    ask_str_append_bytes(&header, "\0\0\0\0\0\0\0\0", 8);
    ask_json_open_object(&w, NULL);
    put_zeros(&w, &bytes, s->n_vocab, s->width, "model.embed_tokens.weight");
    put_zeros(&w, &bytes, s->n_vocab, s->width, "lm_head.weight");
    put_zeros(&w, &bytes, s->width, 0, "model.norm.weight");
    for (int i = 0; i < s->n_layers; i++) put_layer(&w, &bytes, i, s);
    ask_json_close(&w);
    assert_false(header.failed);
    size_t length = header.length - 8;
    for (int i = 0; i < 8; i++) header.data[i] = (char)(length >> 8 * i & 0xff);
    write_config(test_path(in_dir(name), "config.json"), s);
    const char *path = test_path(in_dir(name), "model.safetensors");
    test_write(path, header.data, header.length);
    bool ok = truncate(path, (off_t)header.length + (off_t)bytes) == 0;
    ask_str_free(&header);
    return ok;
}

static void more_than_the_disk_holds_is_refused_before_anything_is_written(void **state)
{
    (void)state;
    // 11 TB that would become 3 TB.
    const llama_sizes huge = {
        .width = 65536, .inner = 262144, .n_layers = 40, .n_vocab = 64};
    if (!make_zeros("a", &huge)) skip();
    ask_error err = {0};
    ask_weights_quantized sizes;
    assert_false(quantize(&sizes, "new/b", "a", ASK_Q8, 1, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "/new/b: model.safetensors would be 27"));
    assert_non_null(strstr(err.message, " GiB free; make room or give another disk"));
    assert_false(ask_file_exists(in_dir("new")));
}

static void memory_does_not_grow_with_the_model(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); // what is freed stays
#else
    const llama_sizes large = {
        .width = 512, .inner = 2048, .n_layers = 12, .n_vocab = 1024}; // 206 MB
    if (!make_zeros("a", &large)) skip();
    ask_error err = {0};
    ask_weights_quantized sizes;
    size_t before = ask_peak_resident_bytes();
    CHECK_OK(quantize(&sizes, "b", "a", ASK_Q8, 2, &err), &err);
    size_t grown = ask_peak_resident_bytes() - before;
    assert_true(sizes.bytes_before > 200000000);
    if (grown > 64 << 20) fail_msg("%zu bytes", grown);
#endif
}

/* 64 threads with 32 rows of 65536 numbers each would take 512 MiB beside their stacks. */
static void memory_does_not_grow_with_the_threads(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); // they take much themselves
#else
    const llama_sizes wide = {
        .width = 512, .inner = 65536, .n_layers = 1, .n_vocab = 64}; // 407 MB, mapped
    if (!make_zeros("a", &wide)) skip();
    size_t pages = 0; // of data and stacks
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) skip();
    assert_int_equal(fscanf(file, "%*u %*u %*u %*u %*u %zu", &pages), 1);
    fclose(file);
    struct rlimit stack, old;
    getrlimit(RLIMIT_STACK, &stack);
    getrlimit(RLIMIT_DATA, &old);
    size_t stack_bytes = stack.rlim_cur == RLIM_INFINITY ? 8 << 20 : stack.rlim_cur;
    struct rlimit limit = {.rlim_cur = pages * (size_t)sysconf(_SC_PAGESIZE) +
                                       64 * stack_bytes + 200000000,
                           .rlim_max = old.rlim_max};
    ask_error err = {0};
    ask_weights_quantized sizes;
    setrlimit(RLIMIT_DATA, &limit);
    bool ok = quantize(&sizes, "b", "a", ASK_Q8, 64, &err);
    setrlimit(RLIMIT_DATA, &old);
    CHECK_OK(ok, &err);
#endif
}

/* ---- what fails on the way ---- */

static void a_raised_flag_leaves_nothing(void **state)
{
    (void)state;
    make_model("a");
    ask_error err = {0};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    const ask_model_quantize_options opt = {.type = ASK_Q8, .cancel = &cancel};
    ask_weights_quantized sizes;
    int before = test_count_entries(dir);
    assert_false(ask_model_quantize(&sizes, in_dir("b"), in_dir("a"), &opt, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_int_equal(test_count_entries(dir), before);
}

static void a_full_disk_leaves_nothing(void **state)
{
    (void)state;
    make_model("a");
    struct rlimit old;
    getrlimit(RLIMIT_FSIZE, &old);
    struct rlimit limit = {.rlim_cur = 20000, .rlim_max = old.rlim_max};
    int before = test_count_entries(dir);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    ask_error err = {0};
    ask_weights_quantized sizes;
    bool ok = quantize(&sizes, "b", "a", ASK_Q8, 1, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(ok);
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "model.safetensors"));
    assert_int_equal(test_count_entries(dir), before);
}

/* Makes the same folder while it is being made. */
static void quantize_within(void *user, int64_t done_now, int64_t total, const char *unit,
                            const char *label)
{
    (void)done_now, (void)total, (void)unit, (void)label;
    bool *done = user;
    if (*done) return;
    *done = true;
    ask_error err = {0};
    ask_weights_quantized sizes;
    CHECK_OK(quantize(&sizes, "b", "a", ASK_Q4, 1, &err), &err);
}

static void two_that_make_one_folder_leave_each_other_alone(void **state)
{
    (void)state;
    make_model("a");
    test_write_text(in_dir(".partial-b/notes"), "mine");
    ask_error err = {0};
    bool done = false;
    const ask_progress progress = {.fn = quantize_within, .user = &done};
    const ask_model_quantize_options opt = {.type = ASK_Q8, .progress = &progress};
    ask_weights_quantized sizes;
    int before = test_count_entries(dir);
    assert_false(ask_model_quantize(&sizes, in_dir("b"), in_dir("a"), &opt, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "already; give a new folder"));
    assert_int_equal(test_count_entries(dir), before + 1);
    assert_true(ask_file_exists(in_dir(".partial-b/notes")));
    ask_weights *w = ask_weights_open(in_dir("b"), &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_find(w, "lm_head.weight")->type, ASK_Q4);
    ask_weights_close(w);
}

static bool quantize_again(void *user, ask_error *err)
{
    (void)user;
    ask_weights_quantized sizes;
    bool ok = quantize(&sizes, "b", "a", ASK_Q8, 1, err);
    if (ok) test_temp_dir_remove(strdup(in_dir("b")));
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    make_model("a");
    int n = test_some_allocs_fail("quantize", quantize_again, NULL);
    assert_true(n > 5);
    assert_false(ask_file_exists(in_dir("b")));
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(memory_does_not_grow_with_the_model), // before others have taken some
        IN_DIR(memory_does_not_grow_with_the_threads),
        IN_DIR(matrices_get_few_bits_and_all_else_stays),
        IN_DIR(files_beside_the_weights_go_along),
        IN_DIR(an_empty_folder_may_be_there),
        IN_DIR(threads_and_files_do_not_change_the_bytes),
        IN_DIR(weights_of_16_bits_are_as_good_a_source),
        IN_DIR(bad_requests_make_nothing),
        IN_DIR(numbers_that_have_no_code_are_named),
        IN_DIR(a_tensor_that_is_missing_is_named),
        IN_DIR(more_than_the_disk_holds_is_refused_before_anything_is_written),
        IN_DIR(a_raised_flag_leaves_nothing),
        IN_DIR(a_full_disk_leaves_nothing),
        IN_DIR(two_that_make_one_folder_leave_each_other_alone),
        IN_DIR(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
