/* What a hub says of a model, which of it is needed, and the heads of its answers. */
#include "hub/listing_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "hub/choose_priv.h"
#include "hub/client_priv.h"
#include "support/testing.h"
#include "weights/weights.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LISTING(files) "{\"sha\":\"" COMMIT "\",\"siblings\":[" files "]}"

static ask_arena *room;

static int open_room(void **state)
{
    (void)state;
    room = ask_arena_new(0);
    return !room;
}

static int close_room(void **state)
{
    (void)state;
    ask_arena_free(room);
    return 0;
}

static void a_listing_is_read(void **state)
{
    (void)state;
    static const char text[] = LISTING(
        "{\"rfilename\":\"a b/c\xc3\xa4.json\",\"size\":7,\"blobId\":\"" COMMIT "\"},"
        "{\"rfilename\":\"m\",\"size\":9,\"blobId\":\"" COMMIT
        "\",\"lfs\":{\"sha256\":\"" SHA256 "\",\"size\":9,\"pointerSize\":134}},"
        "{\"rfilename\":\"plain\",\"lfs\":null}");
    hub_listing l;
    ask_error err = {0};
    CHECK_OK(hub_listing_parse(&l, text, strlen(text), "x", room, &err), &err);
    assert_string_equal(l.commit, COMMIT);
    assert_int_equal(l.n, 3);
    assert_string_equal(l.files[0].path, "a b/c\xc3\xa4.json");
    assert_int_equal(l.files[0].n_bytes, 7);
    assert_string_equal(l.files[0].hash, COMMIT);
    assert_string_equal(l.files[1].hash, SHA256);
    assert_int_equal(l.files[2].n_bytes, -1);
    assert_string_equal(l.files[2].hash, "");
}

static void what_is_malformed_or_evil_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "x: "},
        {"{\"siblings\":[]}", "x: key \"sha\""},
        {"{\"sha\":\"main\",\"siblings\":[]}", "x: key \"sha\": is not a commit"},
        {"{\"sha\":\"" COMMIT "\"}", "x: key \"siblings\""},
        {LISTING("{}"), "siblings[0].rfilename"},
        {LISTING("{\"rfilename\":\"\"}"), "\"\" is not the name of a file"},
        {LISTING("{\"rfilename\":\"/etc/passwd\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"..\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"a/../../b\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"a//b\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"a/\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"./a\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"a\\\\b\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"a\\nb\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"a\\u001b[2J\"}"), "is not the name of a file"},
        {LISTING("{\"rfilename\":\"a\",\"size\":-1}"), "siblings[0].size"},
        {LISTING("{\"rfilename\":\"a\",\"size\":9223372036854775807}"), "siblings[0].size"},
        {LISTING("{\"rfilename\":\"a\",\"size\":1,\"lfs\":{\"size\":2}}"), "has two sizes"},
        {LISTING("{\"rfilename\":\"a\",\"blobId\":\"../x\"}"), "is not 40 hexadecimal"},
        {LISTING("{\"rfilename\":\"a\",\"lfs\":{\"sha256\":\"" COMMIT "\"}}"),
         "is not 64 hexadecimal digits"},
        {LISTING("{\"rfilename\":\"a\"},{\"rfilename\":\"b\"},{\"rfilename\":\"a\"}"),
         "x: a is listed twice"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        hub_listing l;
        ask_error err = {0};
        const char *text = cases[i].text;
        if (hub_listing_parse(&l, text, strlen(text), "x", room, &err) ||
            err.code != ASK_ERR_FORMAT || !strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", text, err.message);
    }
}

static bool parse(void *user, ask_error *err)
{
    (void)user;
    static const char text[] = LISTING("{\"rfilename\":\"a\"},{\"rfilename\":\"b\"}");
    hub_listing l;
    return hub_listing_parse(&l, text, strlen(text), "x", room, err);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    test_each_alloc_fails("listing", parse, NULL);
}

/* ---- choosing ---- */

enum { MOST = 12 };

/* Files that are larger the later they come. */
static hub_listing listing_of(hub_file files[MOST], const char *const paths[MOST])
{
    hub_listing l = {.files = files};
    for (; l.n < MOST && paths[l.n]; l.n++)
        files[l.n] = (hub_file){.path = paths[l.n], .n_bytes = (int64_t)l.n};
    return l;
}

static void join(ask_str *out, const hub_listing *l)
{
    for (size_t i = 0; i < l->n; i++)
        ask_str_printf(out, "%s%s", i ? " " : "", l->files[i].path);
}

static void what_a_folder_is_opened_with_is_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *paths[MOST];
        const char *files[2], *globs[2];
        const char *chosen; // or part of the message
        bool fails;
    } cases[] = {
        {"all kinds",
         {"flax_model.msgpack", "tf_model.h5", "pytorch_model.bin", "model.safetensors",
          "config.json", "vocab.txt", "README.md", "model.onnx", "sub/config.json",
          "model.fp16.safetensors"},
         .chosen = "model.safetensors config.json vocab.txt"},
        {"parts, and a copy of them",
         {"config.json", "model.safetensors.index.json", "consolidated.safetensors",
          "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
          "original/model-00001-of-00002.safetensors"},
         .chosen = "config.json model.safetensors.index.json "
                   "model-00001-of-00002.safetensors model-00002-of-00002.safetensors"},
        {"one of another name", {"a.safetensors", "b.bin"}, .chosen = "a.safetensors"},
        {"several of other names",
         {"a.safetensors", "b.safetensors"},
         .chosen = "o/n has several files that may be its weights (a.safetensors, "
                   "b.safetensors): name the one to take with --file",
         .fails = true},
        {"torch",
         {"pytorch_model.bin", "training_args.bin"},
         .chosen = "pytorch_model.bin"},
        {"torch, in parts",
         {"pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"},
         .chosen = "pytorch_model.bin.index.json pytorch_model-00001-of-00001.bin"},
        {"an index alone",
         {"model.safetensors.index.json", "pytorch_model.bin"},
         .chosen = "pytorch_model.bin"},
        {"an archive of another name", {"s3d.pth"}, .chosen = "s3d.pth"},
        {"one gguf", {"README.md", "x.gguf"}, .chosen = "x.gguf"},
        {"several gguf",
         {"x-q4.gguf", "x-q8.gguf"},
         .chosen = "several files",
         .fails = true},
        {"one of them named",
         {"config.json", "x-q4.gguf", "x-q8.gguf"},
         .files = {"x-q8.gguf"},
         .chosen = "config.json x-q8.gguf"},
        {"one that is not there",
         {"a.gguf"},
         .files = {"b.gguf"},
         .chosen = "no file b.gguf",
         .fails = true},
        {"more",
         {"LICENSE", "model.safetensors", "sub/x.json"},
         .globs = {"LICEN*", "sub/*"},
         .chosen = "LICENSE model.safetensors sub/x.json"},
        {"parts without their index",
         {"model-00001-of-00001.safetensors", "pytorch_model.bin"},
         .chosen = "pytorch_model.bin"},
        {"torch before another name",
         {"a.safetensors", "pytorch_model.bin", "x.gguf"},
         .chosen = "pytorch_model.bin"},
        {"several names, and a glob for something else",
         {"LICENSE", "x-q4.gguf", "x-q8.gguf"},
         .globs = {"LICEN*"},
         .chosen = "x-q8.gguf): name the one to take with --file",
         .fails = true},
        {"several names, and a glob for one",
         {"x-q4.gguf", "x-q8.gguf"},
         .globs = {"*q8*"},
         .chosen = "x-q8.gguf"},
        {"nothing but more",
         {"LICENSE", "x.onnx"},
         .globs = {"*.onnx"},
         .chosen = "x.onnx"},
        {"nothing that matches",
         {"x.onnx"},
         .globs = {"*.y"},
         .chosen = "none of the files",
         .fails = true},
        {"no weights", {"config.json"}, .chosen = "o/n has no weights", .fails = true},
        {"nothing", {NULL}, .chosen = "o/n has no weights", .fails = true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        hub_file files[MOST];
        hub_listing l = listing_of(files, cases[i].paths);
        hub_wish w = {cases[i].files, 0, cases[i].globs, 0};
        while (w.n_files < 2 && w.files[w.n_files]) w.n_files++;
        while (w.n_globs < 2 && w.globs[w.n_globs]) w.n_globs++;
        ask_error err = {0};
        ask_str chosen = {0};
        bool ok = hub_choose(&l, &w, "o/n", &err);
        if (ok) join(&chosen, &l);
        if (ok == cases[i].fails ||
            (ok ? strcmp(ask_str_text(&chosen), cases[i].chosen) != 0
                : !strstr(err.message, cases[i].chosen)))
            fail_msg("case \"%s\": %s%s", cases[i].name, ask_str_text(&chosen),
                     err.message);
        ask_str_free(&chosen);
    }
}

/* Bytes that are what a name says. */
static void write_weights(const char *dir, const char *name)
{
    static const char tensor[] = "{\"%s\":{\"dtype\":\"U8\",\"shape\":[1],"
                                 "\"data_offsets\":[0,1]}}";
    static const char index[] = "{\"weight_map\":{\"a\":\"model-1-of-1.safetensors\"}}";
    const char *from = ask_ends_with(name, ".gguf") ? "golden/gguf_llama/model.gguf"
                       : ask_ends_with(name, ".index.json")
                           ? "torch/shards/pytorch_model.bin."
                             "index.json"
                       : strstr(name, "-of-") ? "torch/shards"
                                              : "torch/state_2.pt";
    char bytes[200] = {0};
    if (strcmp(name, "model.safetensors.index.json") == 0) {
        test_write_text(test_path(dir, name), index);
    } else if (ask_ends_with(name, ".safetensors")) {
        int n = snprintf(bytes + 8, sizeof bytes - 9, tensor, "a");
        bytes[0] = (char)n;
        test_write(test_path(dir, name), bytes, (size_t)n + 9);
    } else {
        size_t n;
        bool is_part = strcmp(from, "torch/shards") == 0;
        char *copy = test_read(
            is_part ? test_path(test_fixture(from), name) : test_fixture(from), &n);
        test_write(test_path(dir, name), copy, n);
        free(copy);
    }
}

/* From a folder with all of the files, and from one with the chosen alone, the same is
 * opened. */
static void what_is_chosen_can_be_opened(void **state)
{
    (void)state;
    static const struct {
        const char *paths[MOST];
        const char *opened;
    } cases[] = {
        {{"model.safetensors", "pytorch_model.bin", "x.gguf"}, "model.safetensors"},
        {{"model-1-of-1.safetensors", "model.safetensors.index.json", "all.safetensors"},
         "model-1-of-1.safetensors"},
        {{"a.safetensors", "pytorch_model.bin", "b.safetensors"}, "pytorch_model.bin"},
        {{"pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
          "pytorch_model.bin.index.json", "a.safetensors"},
         "pytorch_model-00001-of-00002.bin"},
        {{"training.tar", "other.pt"}, "training.tar"},
        {{"x.gguf", "a.safetensors"}, "x.gguf"},
        {{"a.safetensors", "b.bin", "c.pt"}, "a.safetensors"},
        {{"model-1-of-1.safetensors"}, "model-1-of-1.safetensors"},
        {{"b.bin"}, "b.bin"},
        {{"b.pth"}, "b.pth"},
        {{"b.pt"}, "b.pt"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make();
        hub_file files[MOST];
        hub_listing l = listing_of(files, cases[i].paths);
        for (size_t k = 0; k < l.n; k++)
            write_weights(test_path(dir, "all"), l.files[k].path);
        ask_error err = {0};
        const hub_wish w = {0};
        CHECK_OK(hub_choose(&l, &w, "o/n", &err), &err);
        for (size_t k = 0; k < l.n; k++)
            write_weights(test_path(dir, "chosen"), l.files[k].path);
        static const char *const folders[] = {"all", "chosen"};
        for (size_t k = 0; k < TEST_COUNT(folders); k++) {
            ask_weights *weights = ask_weights_open(test_path(dir, folders[k]), &err);
            CHECK_OK(weights, &err);
            CHECK_CASE(cases[i].opened,
                       ask_ends_with(ask_weights_file(weights, 0), cases[i].opened));
            ask_weights_close(weights);
        }
        test_temp_dir_remove(dir);
    }
}

static void several_files_are_too_many_for_both(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a.gguf", "b.gguf"}, {"a.safetensors", "b.safetensors"}, {"a.bin", "b.pt"}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make();
        hub_file files[MOST];
        const char *const paths[MOST] = {cases[i][0], cases[i][1]};
        hub_listing l = listing_of(files, paths);
        const hub_wish w = {0};
        ask_error err = {0};
        CHECK_CASE(paths[0], !hub_choose(&l, &w, "o/n", &err));
        for (int k = 0; k < 2; k++) write_weights(dir, paths[k]);
        CHECK_CASE(paths[0], !ask_weights_open(dir, &err));
        CHECK_CASE(err.message, strstr(err.message, "keep one"));
        bool found;
        CHECK_CASE(paths[0], ask_weights_are_in(&found, dir, &err) && found);
        test_temp_dir_remove(dir);
    }
}

/* ---- heads ---- */

static hub_head head_of(const char *const *lines)
{
    hub_head h = {0};
    for (; *lines; lines++) hub_head_line(&h, *lines, strlen(*lines));
    return h;
}

static void heads_are_read(void **state)
{
    (void)state;
    hub_head h = head_of((const char *const[]){
        "HTTP/1.1 302 Found\r\n", "X-Linked-Size: 1\r\n", "HTTP/2 206 \r\n",
        "content-length:  12 \r\n", "Content-Range: bytes 5-16/17\r\n",
        "ETag: W/\"" COMMIT "\"\r\n", "X-Linked-ETag: \"" SHA256 "\"\r\n",
        "X-Error-Code: GatedRepo\r\n", "Retry-After: 7\r\n", "\r\n", NULL});
    assert_int_equal(h.status, 206);
    assert_int_equal(h.n_bytes, 12);
    assert_int_equal(h.begin, 5);
    assert_int_equal(h.total, 17);
    assert_int_equal(h.linked_bytes, -1);
    assert_int_equal(h.retry_after_s, 7);
    assert_string_equal(h.etag, COMMIT);
    assert_string_equal(h.linked_etag, SHA256);
    assert_string_equal(h.error_code, "GatedRepo");
    h = head_of((const char *const[]){"HTTP/1.1 200", "Content-Length: -5",
                                      "Content-Range: bytes */17", "ETag: \"../../x\"",
                                      "X-Linked-Size: 99999999999999999999", "no colon",
                                      "Retry-After: tomorrow", NULL});
    assert_int_equal(h.status, 200);
    assert_int_equal(h.n_bytes, -1);
    assert_int_equal(h.begin, -1);
    assert_int_equal(h.linked_bytes, -1);
    assert_int_equal(h.retry_after_s, 0);
    assert_string_equal(h.etag, "");
}

static void origins_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"https://h.co", "https://h.co/a?b", true},
        {"https://h.co", "HTTPS://H.CO/", true},
        {"https://h.co/path", "https://h.co#x", true},
        {"https://h.co", "http://h.co", false},
        {"https://h.co", "https://h.co:8443", false},
        {"https://h.co", "https://h.com", false},
        {"https://h.co", "https://cdn.h.co", false},
        {"https://h.co", "https://h.co@evil.net", false},
        {"https://h.co", "https://h.co\\@evil.net", false},
        {"https://h.co", "/a", false},
        {"https:///a", "https:///a", false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].b, hub_same_origin(cases[i].a, cases[i].b) == cases[i].same);
}

static void from_https_nothing_leads_to_http(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint, *url;
        bool follows;
    } cases[] = {
        {"https://h.co", "https://cdn.net/a?b", true},
        {"https://h.co", "HTTPS://h.co/a", true},
        {"https://h.co", "http://h.co/a", false},
        {"https://h.co", "HTTP://cdn.net/a", false},
        {"http://127.0.0.1:8000", "http://127.0.0.1:9000/a", true},
        {"http://127.0.0.1:8000", "https://cdn.net/a", true},
        {"HTTP://127.0.0.1", "http://cdn.net", true},
        {"https://h.co", "file:///etc/passwd", false},
        {"http://h.co", "ftp://h.co/a", false},
        {"https://h.co", "https://me@h.co/a", false},
        {"https://h.co", "https://h.co\\@evil.net/a", false},
        {"https://h.co", "https:///a", false},
        {"https://h.co", "/a", false},
        {"https://h.co", "", false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].url,
                   hub_may_follow(cases[i].endpoint, cases[i].url) == cases[i].follows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_is_read),
        cmocka_unit_test(what_is_malformed_or_evil_is_refused),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(what_a_folder_is_opened_with_is_chosen),
        cmocka_unit_test(what_is_chosen_can_be_opened),
        cmocka_unit_test(several_files_are_too_many_for_both),
        cmocka_unit_test(heads_are_read),
        cmocka_unit_test(origins_are_told_apart),
        cmocka_unit_test(from_https_nothing_leads_to_http),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
