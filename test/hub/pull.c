/* Downloading from a hub on this machine, with all that may go wrong. */
#include "hub/pull.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/str.h"
#include "hub/cache.h"
#include "support/fake_hub.h"
#include "support/testing.h"

typedef struct {
    char *dir;
    fake_hub *hub;
    ask_hub_pull_options o; // into the cache
    char cache[256];
    char *giant; // owned: a listing that is sent as long as the hub is open
} place;

static int set_up(void **state)
{
    static place p;
    p = (place){.dir = test_temp_dir_make(), .hub = fake_hub_open()};
    ask_format(p.cache, sizeof p.cache, "%s/hub", p.dir);
    p.o = ask_hub_pull_defaults();
    p.o.endpoint = http_server_url(p.hub->server);
    p.o.cache_dir = p.cache;
    p.o.stall_s = 1;
    p.o.backoff_s = 0.001;
    *state = &p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    fake_hub_close(p->hub);
    free(p->giant);
    test_temp_dir_remove(p->dir);
    return 0;
}

static bool pull(const place *p, ask_error *err)
{
    ask_hub_pull *pull = ask_hub_pull_open("owner/name", &p->o, err);
    bool ok = pull && ask_hub_pull_run(pull, err);
    ask_hub_pull_close(pull);
    return ok;
}

static void check_pull(const place *p)
{
    ask_error err = {0};
    CHECK_OK(pull(p, &err), &err);
}

static void check_fails(const char *name, const place *p, ask_error_code code,
                        const char *part)
{
    ask_error err = {0};
    if (pull(p, &err) || err.code != code || !strstr(err.message, part))
        fail_msg("case \"%s\": expected \"%s\", got %s \"%s\"", name, part,
                 ask_error_name(err.code), err.message);
}

static const char *in_snapshot(const place *p, const char *path)
{
    char below[256];
    ask_format(below, sizeof below, "models--owner--name/snapshots/%s/%s", FAKE_COMMIT,
               path);
    return test_path(p->cache, below);
}

static const char *blob_of(const place *p, const char *path, const char *end)
{
    char below[256], hash[65];
    fake_hub_hash(hash, fake_hub_file(p->hub, path));
    ask_format(below, sizeof below, "models--owner--name/blobs/%s%s", hash, end);
    return test_path(p->cache, below);
}

static void check_bytes(const place *p, const char *file, const char *path)
{
    size_t n;
    const fake_file *f = fake_hub_file(p->hub, path);
    char *bytes = test_read(file, &n);
    CHECK_CASE(path, n == f->n_bytes && memcmp(bytes, f->bytes, n) == 0);
    free(bytes);
}

static void need_libcurl(void)
{
    ask_library library;
    if (ask_hub_library(&library)) return;
    print_message("this build has no libcurl\n");
    skip();
}

#define WEIGHTS "model.safetensors"
#define LISTING(files) "{\"sha\":\"" FAKE_COMMIT "\",\"siblings\":[" files "]}"

static void a_model_comes_into_the_cache(void **state)
{
    place *p = *state;
    need_libcurl();
    check_pull(p);
    check_bytes(p, in_snapshot(p, "config.json"), "config.json");
    check_bytes(p, in_snapshot(p, "tokenizer.json"), "tokenizer.json");
    check_bytes(p, in_snapshot(p, WEIGHTS), WEIGHTS);
    check_bytes(p, blob_of(p, WEIGHTS, ""), WEIGHTS);
    assert_int_equal(test_count_entries(in_snapshot(p, ".")), 3);
    size_t n;
    char *ref = test_read(test_path(p->cache, "models--owner--name/refs/main"), &n);
    assert_string_equal(ref, FAKE_COMMIT);
    free(ref);
    char link[256];
    ssize_t length = readlink(in_snapshot(p, "config.json"), link, sizeof link - 1);
    assert_true(length > 0);
    link[length] = '\0';
    assert_true(ask_starts_with(link, "../../blobs/"));
    ask_error err = {0};
    ask_hub_id id;
    char *dir;
    CHECK_OK(ask_hub_id_parse(&id, "owner/name", &err), &err);
    CHECK_OK(ask_hub_cache_find(&dir, p->cache, &id, &err), &err);
    assert_string_equal(dir,
                        test_path(p->cache, "models--owner--name/snapshots/" FAKE_COMMIT));
    free(dir);
}

static void what_is_there_is_not_asked_for_again(void **state)
{
    place *p = *state;
    need_libcurl();
    check_pull(p);
    int n = http_server_n_asked(p->hub->server),
        n_store = http_server_n_asked(p->hub->store);
    check_pull(p);
    assert_int_equal(http_server_n_asked(p->hub->server), n + 1); // the listing
    assert_int_equal(http_server_n_asked(p->hub->store), n_store);
}

static void a_model_comes_into_a_folder(void **state)
{
    place *p = *state;
    need_libcurl();
    p->o.dir = test_path(p->dir, "new/model");
    p->o.globs = (const char *const[]){"onnx/*"};
    p->o.n_globs = 1;
    check_pull(p);
    check_bytes(p, test_path(p->o.dir, WEIGHTS), WEIGHTS);
    check_bytes(p, test_path(p->o.dir, "onnx/model.onnx"), "onnx/model.onnx");
    assert_int_equal(test_count_entries(p->o.dir), 4);
    assert_false(ask_file_exists(p->cache));
    int n_store = http_server_n_asked(p->hub->store);
    test_write_text(test_path(p->o.dir, "config.json"), "no\n"); // of the same size
    check_pull(p);
    check_bytes(p, test_path(p->o.dir, "config.json"), "config.json");
    assert_int_equal(http_server_n_asked(p->hub->store), n_store);
}

static void a_plan_writes_nothing(void **state)
{
    place *p = *state;
    need_libcurl();
    ask_error err = {0};
    ask_hub_pull *pull = ask_hub_pull_open("owner/name@main", &p->o, &err);
    CHECK_OK(pull, &err);
    ask_hub_pull_info i = ask_hub_pull_info_of(pull);
    assert_string_equal(i.name, "owner/name");
    assert_string_equal(i.revision, "main");
    assert_string_equal(i.commit, FAKE_COMMIT);
    assert_int_equal(i.n_files, 3);
    assert_int_equal(i.n_bytes, 3 + 8 + 20000);
    assert_int_equal(i.n_missing_bytes, i.n_bytes);
    ask_hub_pull_file last = ask_hub_pull_file_at(pull, 2);
    assert_string_equal(last.path, WEIGHTS);
    assert_int_equal(strlen(last.hash), 64);
    assert_int_equal(last.n_there, 0);
    ask_hub_pull_close(pull);
    assert_false(ask_file_exists(p->cache));
}

/* The first half is here, under the name of what is not whole. */
static void leave_half(place *p)
{
    fake_file *f = fake_hub_file(p->hub, WEIGHTS);
    f->fault = FAKE_CUT;
    f->n_faults = 1;
    p->o.n_tries = 1;
    check_fails("cut", p, ASK_ERR_IO, "http://127.0.0.1:");
    p->o.n_tries = 5;
    assert_false(ask_file_exists(blob_of(p, WEIGHTS, "")));
    assert_false(ask_file_exists(in_snapshot(p, "config.json")));
    struct stat info;
    assert_int_equal(stat(blob_of(p, WEIGHTS, ".incomplete"), &info), 0);
    assert_int_equal(info.st_size, f->n_bytes / 2);
}

static void a_later_run_asks_for_the_rest_alone(void **state)
{
    place *p = *state;
    need_libcurl();
    leave_half(p);
    int64_t begin;
    check_pull(p);
    assert_int_equal(fake_hub_n_asked(p->hub->store, WEIGHTS, &begin), 2);
    assert_int_equal(begin, 10000);
    check_bytes(p, in_snapshot(p, WEIGHTS), WEIGHTS);
    assert_false(ask_file_exists(blob_of(p, WEIGHTS, ".incomplete")));
}

static void a_part_that_is_damaged_is_thrown_away(void **state)
{
    place *p = *state;
    need_libcurl();
    leave_half(p);
    size_t n;
    char *half = test_read(blob_of(p, WEIGHTS, ".incomplete"), &n);
    half[77] ^= 4;
    test_write(blob_of(p, WEIGHTS, ".incomplete"), half, n);
    free(half);
    check_pull(p);
    check_bytes(p, in_snapshot(p, WEIGHTS), WEIGHTS);
    half = calloc(1, 30000); // longer than the file
    test_write(blob_of(p, WEIGHTS, ".incomplete"), half, 30000);
    free(half);
    unlink(blob_of(p, WEIGHTS, ""));
    check_pull(p);
    check_bytes(p, in_snapshot(p, WEIGHTS), WEIGHTS);
}

/* Faults that pass, once or some times. */
static void what_passes_is_tried_again(void **state)
{
    place *p = *state;
    need_libcurl();
    static const struct {
        const char *name;
        fake_fault fault;
        int n_faults;
    } cases[] = {
        {"cut four times", FAKE_CUT, 4},
        {"a server that is not well", FAKE_500, 2},
        {"silence", FAKE_STALL, 1},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        fake_file *f = fake_hub_file(p->hub, WEIGHTS);
        f->fault = cases[i].fault;
        f->n_faults = cases[i].n_faults;
        check_pull(p);
        CHECK_CASE(cases[i].name, f->n_faults == 0);
        check_bytes(p, in_snapshot(p, WEIGHTS), WEIGHTS);
        unlink(blob_of(p, WEIGHTS, ""));
    }
    p->hub->n_500 = 3;
    check_pull(p);
    assert_int_equal(p->hub->n_500, 0);
}

static void what_does_not_pass_is_given_up(void **state)
{
    place *p = *state;
    need_libcurl();
    fake_file *f = fake_hub_file(p->hub, WEIGHTS);
    *f = (fake_file){f->path, f->bytes, f->n_bytes, true, FAKE_500, 100};
    check_fails("500", p, ASK_ERR_IO, WEIGHTS ": the server answers with status 503");
    assert_int_equal(f->n_faults, 95);
    f->fault = FAKE_STALL;
    p->o.n_tries = 1;
    check_fails("silence", p, ASK_ERR_IO, "nothing came for too long");
    p->hub->n_500 = 100;
    p->o.n_tries = 2;
    check_fails("listing", p, ASK_ERR_IO, "owner/name: the server answers with status 500");
    assert_int_equal(p->hub->n_500, 98);
}

static void a_server_without_ranges_sends_all_again(void **state)
{
    place *p = *state;
    need_libcurl();
    static const struct {
        const char *name;
        fake_fault fault;
    } cases[] = {
        {"all in place of the rest", FAKE_NO_RANGE},
        {"another part", FAKE_OTHER_RANGE},
        {"no such part", FAKE_416},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        leave_half(p);
        fake_file *f = fake_hub_file(p->hub, WEIGHTS);
        f->fault = cases[i].fault;
        f->n_faults = 100;
        check_pull(p);
        check_bytes(p, in_snapshot(p, WEIGHTS), WEIGHTS);
        ask_error err = {0};
        CHECK_OK(ask_dir_remove(p->cache, &err), &err);
    }
}

static void what_is_not_the_file_never_gets_its_name(void **state)
{
    place *p = *state;
    need_libcurl();
    static const struct {
        const char *name, *path;
        fake_fault fault;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"wrong SHA-256", WEIGHTS, FAKE_WRONG_BYTES, ASK_ERR_MODEL, "another hash"},
        {"wrong SHA-1", "tokenizer.json", FAKE_WRONG_BYTES, ASK_ERR_MODEL, "another hash"},
        {"a byte less", WEIGHTS, FAKE_SHORT, ASK_ERR_MODEL,
         "the hub says that it has 20000 bytes, and sends 19999"},
        {"a byte more", WEIGHTS, FAKE_LONG, ASK_ERR_MODEL, "and sends 20001"},
        {"not there", "config.json", FAKE_404, ASK_ERR_MODEL,
         "config.json: the model has no such file (404)"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        fake_file *f = fake_hub_file(p->hub, cases[i].path);
        ask_error err = {0};
        CHECK_OK(ask_dir_remove(p->cache, &err), &err);
        f->fault = cases[i].fault;
        f->n_faults = 100;
        check_fails(cases[i].name, p, cases[i].code, cases[i].message);
        CHECK_CASE(cases[i].name, !ask_file_exists(blob_of(p, cases[i].path, "")));
        CHECK_CASE(cases[i].name,
                   !ask_file_exists(blob_of(p, cases[i].path, ".incomplete")));
        CHECK_CASE(cases[i].name, !ask_file_exists(in_snapshot(p, ".")));
        f->n_faults = 0;
    }
}

static void the_token_goes_to_the_hub_alone(void **state)
{
    place *p = *state;
    need_libcurl();
    p->hub->token = "hf_secret";
    check_fails("no token", p, ASK_ERR_MODEL,
                "private or gated; then set HF_TOKEN (401: who are you)");
    p->o.token = "hf_other";
    check_fails("another token", p, ASK_ERR_MODEL, "HF_TOKEN may not read it (401");
    p->o.token = "hf_secret";
    check_pull(p);
    assert_true(http_server_n_asked(p->hub->store) > 0);
    for (int i = 0; i < http_server_n_asked(p->hub->store); i++)
        assert_string_equal(http_server_asked(p->hub->store, i).authorization, "");
}

static void models_that_cannot_be_had_say_why(void **state)
{
    place *p = *state;
    need_libcurl();
    ask_error err = {0};
    assert_null(ask_hub_pull_open("owner/other", &p->o, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "owner/other: there is no such model, or it is"));
    p->o.revision = "v2";
    assert_null(ask_hub_pull_open("owner/name", &p->o, &err));
    assert_non_null(
        strstr(err.message, "owner/name: the model has no such revision (404)"));
    p->o.revision = NULL;
    p->hub->gated = true;
    check_fails("gated", p, ASK_ERR_MODEL, "the model is gated: ask for access");
}

static void bad_options_are_told(void **state)
{
    place *p = *state;
    need_libcurl();
    ask_hub_pull_options good = p->o;
    p->o.endpoint = "ftp://127.0.0.1";
    check_fails("scheme", p, ASK_ERR_USAGE, "is not the address of a hub");
    static const struct {
        const char *endpoint, *shown;
    } secrets[] = {
        {"http://me:hidden@127.0.0.1/x",
         "\"http://127.0.0.1\" is not the address of a hub"},
        {"https://me:hid/den@h.co", "\"https://h.co\" is not"},
        {"me:hidden@h.co", "\"h.co\" is not"},
        {"https://h.co/?token=hidden", "\"https://h.co\" is not"},
    };
    for (size_t i = 0; i < TEST_COUNT(secrets); i++) {
        ask_error err = {0};
        p->o.endpoint = secrets[i].endpoint;
        check_fails(secrets[i].endpoint, p, ASK_ERR_USAGE, secrets[i].shown);
        assert_false(pull(p, &err));
        CHECK_CASE(secrets[i].endpoint, !strstr(err.message, "hid"));
    }
    p->o = good;
    p->o.token = "a b";
    check_fails("token", p, ASK_ERR_USAGE, "the token for the hub");
    p->o.token = "a\r\nHost: evil";
    check_fails("two lines", p, ASK_ERR_USAGE, "the token for the hub");
    p->o = good;
    p->o.cache_dir = NULL;
    check_fails("nowhere", p, ASK_ERR_USAGE, "nowhere to download to");
    p->o = good;
    p->o.endpoint = "http://127.0.0.1:1";
    check_fails("nobody there", p, ASK_ERR_IO, "http://127.0.0.1:1: ");
    char secure[64]; // what answers there does not speak TLS
    ask_format(secure, sizeof secure, "https%s", good.endpoint + 4);
    p->o.endpoint = secure;
    p->o.backoff_s = 60; // which nobody waits
    check_fails("no TLS", p, ASK_ERR_IO, secure);
    p->o = good;
    p->o.files = (const char *const[]){"model-q4.gguf"};
    p->o.n_files = 1;
    check_fails("no such file", p, ASK_ERR_MODEL, "owner/name has no file model-q4.gguf");
}

static void redirects_that_are_not_safe_are_not_followed(void **state)
{
    place *p = *state;
    need_libcurl();
    static const struct {
        const char *to, *message;
    } cases[] = {
        {"file:///etc/passwd", "which is not safe to follow"},
        {"http://a:b@127.0.0.1/?x", "sends us to http://127.0.0.1, which is not safe"},
        {"/owner/name/resolve/" FAKE_COMMIT "/model.safetensors", "from place to place"},
    };
    p->o.n_tries = 1;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        p->hub->redirect = cases[i].to;
        check_fails(cases[i].to, p, ASK_ERR_IO, cases[i].message);
    }
}

/* As some mirrors are. */
static void a_hub_without_revisions_is_asked_for_the_model(void **state)
{
    place *p = *state;
    need_libcurl();
    p->hub->no_revisions = true;
    check_pull(p);
    p->o.revision = "v1";
    ask_error err = {0};
    assert_false(pull(p, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
}

static void listings_that_cannot_be_are_refused(void **state)
{
    place *p = *state;
    need_libcurl();
    static const struct {
        const char *listing;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"", ASK_ERR_FORMAT, "what the hub says of owner/name"},
        {"<html>", ASK_ERR_FORMAT, "what the hub says of owner/name"},
        {LISTING("{\"rfilename\":\"../config.json\",\"size\":3}"), ASK_ERR_FORMAT,
         "\"../config.json\" is not the name of a file in a folder"},
        {LISTING("{\"rfilename\":\"model.safetensors\",\"size\":562949953421312,"
                 "\"blobId\":\"" FAKE_COMMIT "\"}"),
         ASK_ERR_LIMIT, "owner/name needs 562.9 TB more, and "},
        {LISTING("{\"rfilename\":\"README.md\",\"size\":1}"), ASK_ERR_MODEL,
         "has no weights that askance reads"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        p->hub->listing = cases[i].listing;
        p->hub->listing_bytes = strlen(cases[i].listing);
        check_fails(cases[i].listing, p, cases[i].code, cases[i].message);
    }
    size_t n_bytes = (size_t)40 << 20;
    p->giant = malloc(n_bytes);
    assert_non_null(p->giant);
    memset(p->giant, ' ', n_bytes);
    p->hub->listing = p->giant;
    p->hub->listing_bytes = n_bytes;
    check_fails("giant", p, ASK_ERR_FORMAT, "the hub's answer is longer than");
    assert_false(ask_file_exists(p->cache));
}

static void sizes_and_hashes_may_come_with_the_files(void **state)
{
    place *p = *state;
    need_libcurl();
    p->hub->no_sizes = true;
    check_pull(p);
    check_bytes(p, blob_of(p, "config.json", ""), "config.json");
    check_bytes(p, blob_of(p, WEIGHTS, ""), WEIGHTS);
}

static void a_file_without_a_hash_goes_into_a_folder_alone(void **state)
{
    place *p = *state;
    need_libcurl();
    p->hub->no_sizes = p->hub->no_hashes = true;
    fake_hub_file(p->hub, WEIGHTS)->lfs = false;
    check_fails("cache", p, ASK_ERR_MODEL, "the hub tells no hash of it");
    p->o.dir = test_path(p->dir, "folder");
    check_pull(p);
    check_bytes(p, test_path(p->o.dir, WEIGHTS), WEIGHTS);
}

/* A redirect has a size and a mark of its own. */
static void sizes_may_come_from_where_a_redirect_leads(void **state)
{
    place *p = *state;
    need_libcurl();
    p->hub->no_sizes = p->hub->no_hashes = true;
    check_fails("cache", p, ASK_ERR_MODEL, "the hub tells no hash of it");
    p->o.dir = test_path(p->dir, "folder");
    check_pull(p);
    check_bytes(p, test_path(p->o.dir, WEIGHTS), WEIGHTS);
}

static void hashes_alone_may_come_with_the_files(void **state)
{
    place *p = *state;
    need_libcurl();
    static const char listing[] = LISTING("{\"rfilename\":\"config.json\",\"size\":3},"
                                          "{\"rfilename\":\"" WEIGHTS "\",\"size\":20000}");
    p->hub->listing = listing;
    p->hub->listing_bytes = sizeof listing - 1;
    check_pull(p);
    check_bytes(p, blob_of(p, "config.json", ""), "config.json");
    check_bytes(p, blob_of(p, WEIGHTS, ""), WEIGHTS);
}

/* What came once and was thrown away is no progress when it comes again. */
static void a_server_that_never_ends_is_given_up(void **state)
{
    place *p = *state;
    need_libcurl();
    enum { BYTES = 5 << 20 };
    char *bytes = calloc(1, BYTES);
    assert_non_null(bytes);
    fake_file *f = fake_hub_put(p->hub, WEIGHTS, bytes, BYTES, true);
    f->fault = FAKE_416_CUT;
    f->n_faults = 100;
    check_fails("416 and cut", p, ASK_ERR_IO, "127.0.0.1");
    assert_true(f->n_faults > 90);
    f->n_faults = 0;
    check_pull(p);
    check_bytes(p, in_snapshot(p, WEIGHTS), WEIGHTS);
    free(bytes);
}

static void a_storage_that_refuses_is_no_gated_model(void **state)
{
    place *p = *state;
    need_libcurl();
    fake_file *f = fake_hub_file(p->hub, WEIGHTS);
    f->fault = FAKE_403;
    f->n_faults = 2;
    check_pull(p);
    assert_int_equal(f->n_faults, 0);
    unlink(blob_of(p, WEIGHTS, ""));
    f->n_faults = 100;
    check_fails("403", p, ASK_ERR_IO, "where the hub keeps it, refuses to send it (403)");
    char host[100];
    ask_format(host, sizeof host, WEIGHTS ": %s, ", http_server_url(p->hub->store));
    check_fails("its host", p, ASK_ERR_IO, host);
}

/* A file and a folder of one name cannot be shown both. */
static void half_a_snapshot_is_never_there(void **state)
{
    place *p = *state;
    need_libcurl();
    fake_hub_put(p->hub, "x", "abc", 3, false);
    fake_hub_put(p->hub, "x/y", "abcd", 4, false);
    p->o.globs = (const char *const[]){"x*"};
    p->o.n_globs = 1;
    check_fails("no snapshot", p, ASK_ERR_IO, "a file is in the way of the folder");
    assert_false(ask_file_exists(in_snapshot(p, ".")));
    assert_int_equal(
        test_count_entries(test_path(p->cache, "models--owner--name/snapshots")), 0);
    assert_false(ask_file_exists(test_path(p->cache, "models--owner--name/refs/main")));
}

static void a_snapshot_that_is_there_is_mended(void **state)
{
    place *p = *state;
    need_libcurl();
    test_write_text(in_snapshot(p, "config.json"), "of another program");
    test_write_text(in_snapshot(p, "other.txt"), "kept");
    assert_int_equal(symlink("../../blobs/gone", in_snapshot(p, WEIGHTS)), 0);
    check_pull(p);
    check_bytes(p, in_snapshot(p, "config.json"), "config.json");
    check_bytes(p, in_snapshot(p, WEIGHTS), WEIGHTS);
    assert_int_equal(test_count_entries(in_snapshot(p, ".")), 4);
    assert_int_equal(
        test_count_entries(test_path(p->cache, "models--owner--name/snapshots")), 1);
}

static void the_lock_of_a_folder_is_no_file_of_the_model(void **state)
{
    place *p = *state;
    need_libcurl();
    fake_hub_put(p->hub, ".askance.lock", "abc", 3, false);
    p->o.globs = (const char *const[]){"*"};
    p->o.n_globs = 1;
    check_pull(p); // into the cache
    p->o.dir = test_path(p->dir, "folder");
    check_fails("lock", p, ASK_ERR_MODEL, ".askance.lock: the folder's lock is called so");
    assert_false(ask_file_exists(p->o.dir));
}

/* Stops when half of the weights is here. */
static void stop_in_the_middle(void *user, int64_t done, int64_t total, const char *unit,
                               const char *label)
{
    (void)unit;
    assert_true(done >= 0 && done <= total && label[0]);
    if (done >= 10000) ask_cancel_raise(user, SIGINT);
}

static void a_stop_keeps_what_came(void **state)
{
    place *p = *state;
    need_libcurl();
    fake_file *f = fake_hub_file(p->hub, WEIGHTS);
    *f = (fake_file){f->path, f->bytes, f->n_bytes, true, FAKE_STALL, 1};
    ask_cancel cancel = {0};
    const ask_progress progress = {stop_in_the_middle, &cancel};
    p->o.cancel = &cancel;
    p->o.progress = &progress;
    p->o.stall_s = 60;
    check_fails("stop", p, ASK_ERR_CANCELLED, "");
    assert_true(ask_file_exists(blob_of(p, WEIGHTS, ".incomplete")));
    p->o.cancel = NULL;
    p->o.progress = NULL;
    int64_t begin;
    check_pull(p);
    assert_int_equal(fake_hub_n_asked(p->hub->store, WEIGHTS, &begin), 2);
    assert_int_equal(begin, 10000);
}

static void nobody_else_may_download_the_same_file(void **state)
{
    place *p = *state;
    need_libcurl();
    char hash[65], below[256];
    fake_hub_hash(hash, fake_hub_file(p->hub, WEIGHTS));
    ask_format(below, sizeof below, ".locks/models--owner--name/%s.lock", hash);
    ask_error err = {0};
    ask_lock *lock = ask_lock_take(test_path(p->cache, below), &err);
    CHECK_OK(lock, &err);
    check_fails("lock", p, ASK_ERR_IO, "another program has this lock");
    ask_lock_drop(lock);
    check_pull(p);
}

static bool attempt(void *user, ask_error *err)
{
    const place *p = user;
    ask_dir_remove(p->cache, NULL);
    return pull(p, err);
}

static void memory_may_run_out(void **state)
{
    place *p = *state;
    need_libcurl();
    test_some_allocs_fail("pull", attempt, p);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(a_model_comes_into_the_cache),
        IN_PLACE(what_is_there_is_not_asked_for_again),
        IN_PLACE(a_model_comes_into_a_folder),
        IN_PLACE(a_plan_writes_nothing),
        IN_PLACE(a_later_run_asks_for_the_rest_alone),
        IN_PLACE(a_part_that_is_damaged_is_thrown_away),
        IN_PLACE(what_passes_is_tried_again),
        IN_PLACE(what_does_not_pass_is_given_up),
        IN_PLACE(a_server_without_ranges_sends_all_again),
        IN_PLACE(what_is_not_the_file_never_gets_its_name),
        IN_PLACE(the_token_goes_to_the_hub_alone),
        IN_PLACE(models_that_cannot_be_had_say_why),
        IN_PLACE(bad_options_are_told),
        IN_PLACE(redirects_that_are_not_safe_are_not_followed),
        IN_PLACE(a_hub_without_revisions_is_asked_for_the_model),
        IN_PLACE(listings_that_cannot_be_are_refused),
        IN_PLACE(sizes_and_hashes_may_come_with_the_files),
        IN_PLACE(a_file_without_a_hash_goes_into_a_folder_alone),
        IN_PLACE(sizes_may_come_from_where_a_redirect_leads),
        IN_PLACE(hashes_alone_may_come_with_the_files),
        IN_PLACE(a_server_that_never_ends_is_given_up),
        IN_PLACE(a_storage_that_refuses_is_no_gated_model),
        IN_PLACE(half_a_snapshot_is_never_there),
        IN_PLACE(a_snapshot_that_is_there_is_mended),
        IN_PLACE(the_lock_of_a_folder_is_no_file_of_the_model),
        IN_PLACE(a_stop_keeps_what_came),
        IN_PLACE(nobody_else_may_download_the_same_file),
        IN_PLACE(memory_may_run_out),
    };
    unsetenv("http_proxy"); // libcurl would ask it
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
