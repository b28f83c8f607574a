/* `askance model pull`, and models that ids name: what they say, and their exit statuses.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/str.h"
#include "cli/run.h"
#include "hub/hub.h"
#include "support/command.h"
#include "support/fake_hub.h"
#include "support/testing.h"

/* A model of golden cases, on a hub of this machine; all variables of the hub are set. */
typedef struct {
    char *dir;
    fake_hub *hub;
    char *bytes[3];
} place;

static said run_command(const char *name, const char *const *words)
{
    const cli_command commands[] = {cli_model_pull_command,
                                    cli_model_info_command,
                                    cli_model_verify_command,
                                    cli_find_command,
                                    {0}};
    return command_run(commands, name, words);
}

static said run_words(const char *const *words)
{
    return run_command("model", words);
}

#define RUN(...) run_words((const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

static void put(place *p, int i, const char *path, bool lfs)
{
    size_t n;
    p->bytes[i] = test_read(test_path(test_fixture("golden/clip"), path), &n);
    fake_hub_put(p->hub, path, p->bytes[i], n, lfs);
}

static int set_up(void **state)
{
    static place p;
    static const char *const unset[] = {"HF_TOKEN",
                                        "HF_TOKEN_PATH",
                                        "HF_HUB_CACHE",
                                        "HF_HOME",
                                        "HF_HUB_OFFLINE",
                                        "XDG_CACHE_HOME",
                                        "http_proxy",
                                        "all_proxy",
                                        "ALL_PROXY",
                                        "ASKANCE_MODEL",
                                        "HUGGINGFACE_HUB_CACHE",
                                        "HUGGING_FACE_HUB_TOKEN",
                                        "HF_HUB_DISABLE_IMPLICIT_TOKEN"};
    p = (place){.dir = test_temp_dir_make(), .hub = fake_hub_open()};
    for (size_t i = 0; i < TEST_COUNT(unset); i++) unsetenv(unset[i]);
    put(&p, 0, "config.json", false);
    put(&p, 1, "model.safetensors", true);
    setenv("HF_ENDPOINT", http_server_url(p.hub->server), 1);
    setenv("HF_HUB_DOWNLOAD_TIMEOUT", "2", 1);
    setenv("HOME", p.dir, 1);
    *state = &p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    fake_hub_close(p->hub);
    for (int i = 0; i < 3; i++) free(p->bytes[i]);
    test_temp_dir_remove(p->dir);
    return 0;
}

static void need_libcurl(void)
{
    ask_library library;
    if (ask_hub_library(&library)) return;
    print_message("this build has no libcurl\n");
    skip();
}

#define SNAPSHOT "models--owner--name/snapshots/" FAKE_COMMIT

static void check_text_at(const ask_json *doc, const char *path, const char *expected)
{
    ask_error err = {0};
    const char *value = NULL;
    CHECK_OK(ask_json_get_string(&value, ask_json_root(doc), path, &err), &err);
    assert_string_equal(value, expected);
}

static int64_t int_at(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    int64_t value = 0;
    CHECK_OK(ask_json_get_int(&value, ask_json_root(doc), path, INT64_MIN, INT64_MAX, &err),
             &err);
    return value;
}

static void a_model_is_pulled_and_then_found_by_its_id(void **state)
{
    place *p = *state;
    need_libcurl();
    said s = RUN("pull", "owner/name");
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "/.cache/huggingface/hub/" SNAPSHOT ": 3 files, ");
    check_holds(s.out, " kB downloaded in ");
    said_free(&s);
    s = RUN("info", "owner/name", "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "network", "clip");
    check_text_at(doc, "dir", test_path(p->dir, ".cache/huggingface/hub/" SNAPSHOT));
    ask_json_free(doc);
    said_free(&s);
    s = RUN("info", "owner/name@main");
    assert_int_equal(s.status, 0);
    said_free(&s);
    s = RUN("info", "owner/name@" FAKE_COMMIT);
    assert_int_equal(s.status, 0);
    said_free(&s);
    // an option that names a model
    s = RUN("verify", "owner/name", "--against", "owner/name");
    check_holds(s.err, "has no matrices of few bits");
    said_free(&s);
}

static void what_is_no_path_and_not_in_the_cache_can_be_pulled(void **state)
{
    (void)state;
    static const struct {
        const char *words[COMMAND_MAX_WORDS], *message;
    } cases[] = {
        {{"info", "owner/name"}, "askance model pull owner/name downloads it"},
        {{"info", "owner/name@v1"}, "askance model pull owner/name@v1 downloads it"},
        {{"verify", "test", "--against", "x/y"}, "askance model pull x/y downloads it"},
        {{"info", "no_such_folder"}, "no_such_folder: no such folder"},
        {{"info", "./owner/name"}, "./owner/name: no such folder"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run_words(cases[i].words);
        if (s.status != 4 || !strstr(s.err, cases[i].message))
            fail_msg("case %zu: status %d: %s", i, s.status, s.err);
        said_free(&s);
    }
    setenv("ASKANCE_MODEL", "owner/name", 1);
    said s = run_command("find", (const char *const[]){"x.mp4", "a", NULL});
    assert_int_equal(s.status, 4);
    check_holds(s.err, "askance model pull owner/name downloads it");
    said_free(&s);
}

static void a_plan_is_told_and_nothing_is_written(void **state)
{
    place *p = *state;
    need_libcurl();
    said s = RUN("pull", "owner/name", "--plan");
    assert_int_equal(s.status, 0);
    check_holds(s.out, " kB  model.safetensors\n");
    check_holds(s.out, "owner/name at 0123456789ab: 3 files, ");
    said_free(&s);
    s = RUN("pull", "owner/name@main", "--plan", "--json", "--include", "*.onnx", "-o",
            test_path(p->dir, "out"));
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "schema", "askance.model.pull.plan/1");
    check_text_at(doc, "id", "owner/name");
    check_text_at(doc, "revision", "main");
    check_text_at(doc, "commit", FAKE_COMMIT);
    check_text_at(doc, "dir", test_path(p->dir, "out"));
    check_text_at(doc, "files.1.path", "config.json");
    assert_int_equal(int_at(doc, "files.1.bytes_there"), 0);
    assert_int_equal(int_at(doc, "bytes"), int_at(doc, "bytes_missing"));
    assert_int_equal(ask_json_count(ask_json_find(ask_json_root(doc), "files")), 4);
    ask_json_free(doc);
    said_free(&s);
    assert_int_equal(test_count_entries(p->dir), 0);
}

static void a_folder_gets_plain_files(void **state)
{
    place *p = *state;
    need_libcurl();
    const char *out = test_path(p->dir, "out");
    said s = RUN("pull", "owner/name", "-o", out, "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "schema", "askance.model.pull/1");
    assert_int_equal(int_at(doc, "bytes"), int_at(doc, "bytes_missing"));
    ask_json_free(doc);
    said_free(&s);
    assert_int_equal(test_count_entries(out), 3);
    s = RUN("info", out);
    assert_int_equal(s.status, 0);
    said_free(&s);
}

/* Where the environment says that the cache and the token are. */
static void the_environment_is_obeyed(void **state)
{
    place *p = *state;
    need_libcurl();
    p->hub->token = "hf_secret";
    said s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 4);
    check_holds(s.err, "set HF_TOKEN");
    said_free(&s);
    setenv("HF_HOME", test_path(p->dir, "home"), 1);
    test_write_text(test_path(p->dir, "home/token"), " hf_secret\n");
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "/home/hub/" SNAPSHOT);
    said_free(&s);
    setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1", 1); // the file is left alone
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 4);
    check_holds(s.err, "set HF_TOKEN");
    said_free(&s);
    setenv("HUGGING_FACE_HUB_TOKEN", "hf_secret", 1); // the old name
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 0);
    said_free(&s);
    unsetenv("HF_HUB_DISABLE_IMPLICIT_TOKEN");
    setenv("HF_HUB_CACHE", "~/elsewhere", 1);
    setenv("HF_TOKEN", "hf_wrong", 1); // goes before the file and the old name
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 4);
    said_free(&s);
    setenv("HF_TOKEN", "hf_secret", 1);
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 0);
    check_holds(s.out, test_path(p->dir, "elsewhere/" SNAPSHOT));
    said_free(&s);
    for (int i = 0; i < http_server_n_asked(p->hub->store); i++)
        assert_string_equal(http_server_asked(p->hub->store, i).authorization, "");
    setenv("HF_HUB_OFFLINE", "1", 1);
    int n = http_server_n_asked(p->hub->server);
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 2);
    check_holds(s.err, "HF_HUB_OFFLINE is set");
    said_free(&s);
    assert_int_equal(http_server_n_asked(p->hub->server), n);
    s = RUN("info", "owner/name"); // what is here is found
    assert_int_equal(s.status, 0);
    said_free(&s);
}

static void errors_have_their_exit_status(void **state)
{
    place *p = *state;
    need_libcurl();
    const struct {
        const char *words[COMMAND_MAX_WORDS];
        int status;
        const char *message;
    } cases[] = {
        {{"pull"}, 2, "expected ID, got 0 arguments"},
        {{"pull", "a/b/c"}, 2, "\"a/b/c\" is not the id of a model"},
        {{"pull", "owner/name@a", "--revision", "b"}, 2, "two revisions of owner/name"},
        {{"pull", "owner/name", "-o", ""}, 2, "--output is empty"},
        {{"pull", "owner/name", "--revision", "nope"}, 4, "no such revision"},
        {{"pull", "owner/none"}, 4, "there is no such model"},
        {{"pull", "owner/name", "--file", "x.gguf"}, 4, "has no file x.gguf"},
        {{"pull", "owner/name", "-o", "/dev/null/x"}, 3, "/dev/null"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run_words(cases[i].words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message) || s.out[0])
            fail_msg("case %zu: status %d: %s%s", i, s.status, s.err, s.out);
        said_free(&s);
    }
    fake_file *f = fake_hub_file(p->hub, "config.json");
    f->fault = FAKE_WRONG_BYTES;
    f->n_faults = 1;
    said s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 4);
    check_holds(s.err, "config.json: what came is not what the hub says it is");
    said_free(&s);
    setenv("HF_HUB_DOWNLOAD_TIMEOUT", "soon", 1);
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 2);
    said_free(&s);
    setenv("HF_HUB_DOWNLOAD_TIMEOUT", "2", 1);
    setenv("HF_ENDPOINT", "http://127.0.0.1:1", 1);
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 3);
    said_free(&s);
}

#define BLOBS ".cache/huggingface/hub/models--owner--name/blobs"

static void a_disk_without_room_is_status_5(void **state)
{
    place *p = *state;
    need_libcurl();
    static const char listing[] =
        "{\"sha\":\"" FAKE_COMMIT "\",\"siblings\":[{\"rfilename\":\"model.safetensors\","
        "\"size\":562949953421312,\"blobId\":\"" FAKE_COMMIT "\"}]}";
    p->hub->listing = listing;
    p->hub->listing_bytes = sizeof listing - 1;
    said s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 5);
    check_holds(s.err, "owner/name needs 562.9 TB more, and ");
    check_holds(s.err, "make room, or give another folder with --output\n");
    said_free(&s);
    assert_false(ask_file_exists(test_path(p->dir, ".cache")));
}

/* The disk has room at first: a file may not grow beyond half of the weights. */
static void a_disk_that_becomes_full_is_status_5(void **state)
{
    place *p = *state;
    need_libcurl();
    struct rlimit old, small;
    fake_file *f = fake_hub_file(p->hub, "model.safetensors");
    char hash[65], blob[200], needed[ASK_BYTES_TEXT_BYTES], message[200];
    fake_hub_hash(hash, f);
    ask_format(blob, sizeof blob, BLOBS "/%s", hash);
    ask_format(
        message, sizeof message,
        "model.safetensors: %s more are needed: make room, or give another folder with "
        "--output: ",
        ask_format_bytes(needed, (int64_t)(f->n_bytes - f->n_bytes / 2)));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){f->n_bytes / 2, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    said s = RUN("pull", "owner/name"); // which ignores SIGXFSZ
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(s.status, 5);
    check_holds(s.err, message);
    check_holds(s.err, ".incomplete: cannot write: File too large\n");
    said_free(&s);
    assert_false(ask_file_exists(test_path(p->dir, blob)));
    assert_false(ask_file_exists(test_path(p->dir, ".cache/huggingface/hub/" SNAPSHOT)));
    int64_t begin;
    s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 0);
    said_free(&s);
    fake_hub_n_asked(p->hub->store, "model.safetensors", &begin);
    assert_int_equal(begin, f->n_bytes / 2);
}

static void without_a_home_folder_it_is_told_what_to_give(void **state)
{
    (void)state;
    need_libcurl();
    unsetenv("HOME");
    said s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 2);
    check_holds(s.err, "give --output DIR, or set HF_HUB_CACHE");
    said_free(&s);
}

static void what_is_tried_again_is_told(void **state)
{
    place *p = *state;
    need_libcurl();
    p->hub->n_500 = 1;
    said s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 0);
    check_holds(s.err, "askance: model pull: warning: owner/name: the server answers with "
                       "status 500; trying again\n");
    said_free(&s);
}

/* The command in a process of its own, which is sent SIGINT while the hub is silent. */
static void an_interrupt_keeps_what_came(void **state)
{
    place *p = *state;
    need_libcurl();
    setenv("HF_HUB_DOWNLOAD_TIMEOUT", "60", 1);
    fake_file *f = fake_hub_file(p->hub, "model.safetensors");
    f->fault = FAKE_STALL;
    f->n_faults = 1;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const cli_command commands[] = {cli_model_pull_command, {0}};
        char *argv[] = {"askance", "model", "pull", "owner/name"};
        FILE *nowhere = fopen("/dev/null", "w");
        _exit(cli_run(commands, 4, argv, nowhere, nowhere));
    }
    char hash[65], half[300];
    fake_hub_hash(hash, f);
    ask_format(half, sizeof half, "%s/" BLOBS "/%s.incomplete", p->dir, hash);
    struct stat info = {0};
    double end_s = ask_clock_s() + 30;
    while ((stat(half, &info) != 0 || info.st_size < (off_t)(f->n_bytes / 2)) &&
           ask_clock_s() < end_s)
        usleep(10000);
    kill(child, SIGINT);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    int64_t begin = 0;
    said s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 0);
    said_free(&s);
    fake_hub_n_asked(p->hub->store, "model.safetensors", &begin);
    assert_int_equal(begin, f->n_bytes / 2);
}

static void a_build_without_libcurl_says_so(void **state)
{
    (void)state;
    ask_library library;
    if (ask_hub_library(&library)) {
        assert_string_equal(library.name, "libcurl");
        return;
    }
    said s = RUN("pull", "owner/name");
    assert_int_equal(s.status, 2);
    check_holds(s.err, "was built without libcurl");
    said_free(&s);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(a_model_is_pulled_and_then_found_by_its_id),
        IN_PLACE(what_is_no_path_and_not_in_the_cache_can_be_pulled),
        IN_PLACE(a_plan_is_told_and_nothing_is_written),
        IN_PLACE(a_folder_gets_plain_files),
        IN_PLACE(the_environment_is_obeyed),
        IN_PLACE(errors_have_their_exit_status),
        IN_PLACE(a_disk_without_room_is_status_5),
        IN_PLACE(a_disk_that_becomes_full_is_status_5),
        IN_PLACE(without_a_home_folder_it_is_told_what_to_give),
        IN_PLACE(what_is_tried_again_is_told),
        IN_PLACE(an_interrupt_keeps_what_came),
        IN_PLACE(a_build_without_libcurl_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
