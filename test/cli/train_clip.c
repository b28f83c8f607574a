/* askance train clip: what it makes, what it tells, and what it refuses. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "model/model.h"
#include "support/checkpoint.h"
#include "support/color_model.h"
#include "support/command.h"
#include "support/testing.h"
#include "text/bpe_train.h"
#include "text/tokenizer.h"
#include "world/phrase.h"

static cli_command commands[2]; // filled by setup; ends with {0}
static char *dir;               // of all tests
static char *config, *tokenizer;

/* A network of the smallest size that the playroom can feed. */
static const char sizes[] =
    "{\"model_type\": \"clip\", \"projection_dim\": 8,\n"
    " \"text_config\": {\"hidden_size\": 8, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"vocab_size\": %d,\n"
    "  \"max_position_embeddings\": 32, \"eos_token_id\": %d},\n"
    " \"vision_config\": {\"hidden_size\": 8, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"image_size\": 16,\n"
    "  \"patch_size\": 8, \"num_channels\": 9}}\n";

static const char preprocess[] =
    "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"shortest_edge\": "
    "16},\n"
    " \"crop_size\": 16, \"frame_offsets_s\": [-0.1667, 0, 0.1667]}\n";

static bool next_line(void *user, const char **text, size_t *n_bytes, ask_error *err)
{
    const char **rest = user, *end = strchr(*rest, '\n');
    (void)err;
    *text = end ? *rest : NULL;
    if (!end) return true;
    *n_bytes = (size_t)(end - *rest);
    *rest = end + 1;
    return true;
}

static char *path_of(const char *name)
{
    ask_error err = {0};
    char *path = ask_strdup(test_path(dir, name), &err);
    CHECK_OK(path, &err);
    return path;
}

static int setup(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_str words = {0}, text = {0};
    ask_bpe_train_options bpe = ask_bpe_train_defaults();
    ask_bpe_train_result made;
    dir = test_temp_dir_make();
    config = path_of("begin/config.json");
    tokenizer = path_of("tokenizer");
    ask_world_words(&words);
    const char *rest = ask_str_text(&words);
    bpe.n_tokens = 2000;
    bpe.min_frequency = 1;
    CHECK_OK(
        ask_bpe_train(tokenizer, (ask_text_source){next_line, &rest}, &bpe, &made, &err),
        &err);
    ask_str_printf(&text, sizes, made.n_tokens, made.n_tokens - 1);
    test_write_text(config, ask_str_text(&text));
    test_write_text(test_path(dir, "begin/preprocessor_config.json"), preprocess);
    ask_str_free(&words);
    ask_str_free(&text);
    commands[0] = cli_train_clip_command;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(config);
    free(tokenizer);
    test_temp_dir_remove(dir);
    return 0;
}

/* Runs with small batches; more words end with NULL. */
static said run(const char *out, const char *const *more)
{
    const char *words[COMMAND_MAX_WORDS] = {"--out",      out,          "--batch=1",
                                            "--frames=2", "--texts=48", "--threads=1"};
    int n = 6;
    while (*more) words[n++] = *more++;
    return command_run(commands, "train clip", words);
}

static said begin(const char *out, const char *steps)
{
    return run(out, (const char *[]){"--config", config, "--tokenizer", tokenizer,
                                     "--stage=patches", steps, NULL});
}

static void check_status(const said *s, int status)
{
    if (s->status != status) fail_msg("status %d: %s%s", s->status, s->out, s->err);
}

static void a_training_makes_a_model_that_opens(void **state)
{
    (void)state;
    char *out = path_of("made");
    said s = begin(out, "--steps=3");
    check_status(&s, 0);
    check_holds(s.out, "steps 1 to 3, loss ");
    said_free(&s);
    static const char *const files[] = {
        "config.json",    "model.safetensors",      "preprocessor_config.json",
        "tokenizer.json", "checkpoint.safetensors", "log.jsonl",
    };
    for (size_t i = 0; i < TEST_COUNT(files); i++)
        CHECK_CASE(files[i], ask_file_exists(test_path(out, files[i])));
    ask_error err = {0};
    ask_model *m = ask_model_open(out, NULL, &err);
    CHECK_OK(m, &err);
    assert_int_equal(ask_model_info_of(m).n_views, 3);
    ask_model_close(m);
    free(out);
}

static void a_log_may_be_written_elsewhere_or_in_the_new_folder(void **state)
{
    (void)state;
    static const struct {
        const char *name, *log;
    } cases[] = {
        {"beside", "elsewhere.jsonl"},
        {"within", "within/other.jsonl"},
        {"of a longer name", "of a longer name.jsonl"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *out = path_of(cases[i].name), *log = path_of(cases[i].log);
        said s = run(out, (const char *[]){"--config", config, "--tokenizer", tokenizer,
                                           "--steps=1", "--log", log, NULL});
        check_status(&s, 0);
        CHECK_CASE(cases[i].name, ask_file_exists(log));
        CHECK_CASE(cases[i].name, !ask_file_exists(test_path(out, "log.jsonl")));
        said_free(&s);
        free(out);
        free(log);
    }
}

static void a_stage_begins_with_the_model_of_the_one_before(void **state)
{
    (void)state;
    char *first = path_of("first"), *second = path_of("second");
    said s = begin(first, "--steps=2");
    check_status(&s, 0);
    said_free(&s);
    s = run(second, (const char *[]){"--init", first, "--stage=frames", "--steps=2",
                                     "--json", NULL});
    check_status(&s, 0);
    ask_json *doc = said_json(&s);
    ask_error err = {0};
    const char *text;
    int64_t step;
    ask_json_value root = ask_json_root(doc);
    CHECK_OK(ask_json_get_string(&text, root, "schema", &err), &err);
    assert_string_equal(text, "askance.train.clip/1");
    CHECK_OK(ask_json_get_int(&step, root, "last_step", 2, 2, &err), &err);
    ask_json_free(doc);
    said_free(&s);
    free(first);
    free(second);
}

static void a_resumed_training_has_nothing_more_to_do_than_is_left(void **state)
{
    (void)state;
    char *out = path_of("resumed");
    said s = begin(out, "--steps=3");
    check_status(&s, 0);
    said_free(&s);
    s = run(out, (const char *[]){"--resume", "--stage=patches", "--steps=3", NULL});
    check_status(&s, 0);
    check_holds(s.out, "all steps are made");
    said_free(&s);
    s = run(out, (const char *[]){"--resume", "--stage=patches", "--steps=4", NULL});
    check_status(&s, 2);
    check_holds(s.err, "was made with steps 3, this is 4");
    said_free(&s);
    free(out);
}

/* Trains for three steps; until: in two runs of the same options. */
static char *train_with_neighbours(const char *name, const char *until, size_t *n_bytes)
{
    char *out = path_of(name), *bytes;
    said s = run(out, (const char *[]){"--config", config, "--tokenizer", tokenizer,
                                       "--stage=patches", "--neighbours", "--steps=3",
                                       until, NULL});
    check_status(&s, 0);
    said_free(&s);
    if (until) {
        s = run(out, (const char *[]){"--resume", "--stage=patches", "--neighbours",
                                      "--steps=3", NULL});
        check_status(&s, 0);
        said_free(&s);
    }
    bytes = test_read(test_path(out, "model.safetensors"), n_bytes);
    free(out);
    return bytes;
}

static void a_resumed_training_does_not_begin_again(void **state)
{
    (void)state;
    size_t n_whole, n_parts;
    char *whole = train_with_neighbours("whole", NULL, &n_whole);
    char *parts = train_with_neighbours("parts", "--until=2", &n_parts);
    assert_int_equal(n_parts, n_whole);
    assert_memory_equal(parts, whole, n_whole);
    free(whole);
    free(parts);
}

/* A model of which a tensor is missing. */
static void make_cut(const char *where)
{
    color_model_write(where, NULL);
    tensor_list list = tensors_read(test_path(where, "model.safetensors"));
    tensors_drop(&list, "logit_scale");
    tensors_write(&list, test_path(where, "model.safetensors"));
    tensors_free(&list);
}

/* What is wrong is told before anything is written. */
static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    char *broken = path_of("broken.json"), *file = path_of("file"), *cut = path_of("cut");
    char *out = path_of("refused"), *below = path_of("refused/logs/log.jsonl");
    char *beside = path_of("refused-logs/log.jsonl");
    const char *mute = test_fixture("golden/clip");
    make_cut(cut);
    test_write_text(broken, "{\"projection_dim\": -1}");
    test_write_text(file, "");
    const struct {
        const char *name;
        const char *words[9];
        int status;
        const char *message;
    } cases[] = {
        {"neither configuration nor model", {NULL}, 2, "begins with a configuration"},
        {"both", {"--config", config, "--init", tokenizer}, 2, "begins with a config"},
        {"no tokenizer", {"--config", config}, 2, "a configuration needs a tokenizer"},
        {"a tokenizer too many",
         {"--init", tokenizer, "--tokenizer", tokenizer},
         2,
         "a model brings its tokenizer"},
        {"no such stage",
         {"--config", config, "--tokenizer", tokenizer, "--stage=x"},
         2,
         "there is no stage \"x\"; there are: patches, frames"},
        {"no such configuration",
         {"--config", "/nowhere/config.json", "--tokenizer", tokenizer},
         4,
         "/nowhere/config.json"},
        {"a broken configuration",
         {"--config", broken, "--tokenizer", tokenizer},
         4,
         "projection_dim"},
        {"no such tokenizer",
         {"--config", config, "--tokenizer", "/nowhere"},
         4,
         "/nowhere"},
        {"no such model", {"--init", "/nowhere"}, 4, "/nowhere"},
        {"no such data",
         {"--config", config, "--tokenizer", tokenizer, "--data", "/nowhere"},
         3,
         "/nowhere"},
        {"more tokens than the network takes",
         {"--config", config, "--tokenizer", tokenizer, "--tokens=99"},
         2,
         "texts of 99 tokens, the network takes 32"},
        {"a warm-up beyond the end",
         {"--config", config, "--tokenizer", tokenizer, "--steps=3", "--warmup=4"},
         2,
         "a warm-up of 4 steps in a training of 3"},
        {"a log in no folder",
         {"--config", config, "--tokenizer", tokenizer, "--log=/nowhere/log"},
         3,
         "/nowhere/log: the folder /nowhere does not exist"},
        {"a folder for a log",
         {"--config", config, "--tokenizer", tokenizer, "--log", tokenizer},
         3,
         "tokenizer: is a folder, not a file"},
        {"a log in a folder that is called like the new one",
         {"--config", config, "--tokenizer", tokenizer, "--log", beside},
         3,
         "refused-logs does not exist"},
        {"a log below the new folder",
         {"--config", config, "--tokenizer", tokenizer, "--log", below},
         3,
         "refused/logs does not exist"},
        {"the new folder for a log",
         {"--config", config, "--tokenizer", tokenizer, "--log", out},
         2,
         "refused: the model's folder cannot be its log"},
        {"a model with a tensor less", {"--init", cut}, 4, "missing tensors: logit_scale"},
        {"a model without tokenizer", {"--init", mute}, 4, "tokenizer.json"},
        {"one frame", {"--frames=1"}, 2, "--frames"},
        {"few texts for the stage",
         {"--config", config, "--tokenizer", tokenizer, "--stage=patches", "--texts=8"},
         2,
         "more than 41"},
        {"neighbours of a model", {"--init", mute, "--neighbours"}, 2, "drawn at random"},
        {"no steps", {"--steps=0"}, 2, "--steps"},
        {"nothing to resume", {"--resume"}, 4, "config.json"},
        {"a configuration to resume with", {"--resume", "--config", config}, 2, "already"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run(out, cases[i].words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message))
            fail_msg("case \"%s\": status %d: %s", cases[i].name, s.status, s.err);
        CHECK_CASE(cases[i].name, !ask_file_exists(out));
        CHECK_CASE(cases[i].name, strchr(s.err, '\n') == s.err + strlen(s.err) - 1);
        said_free(&s);
    }
    said s = begin(file, "--steps=1");
    check_status(&s, 2);
    check_holds(s.err, "a file; give a new folder");
    said_free(&s);
    s = begin(tokenizer, "--steps=1");
    check_status(&s, 2);
    check_holds(s.err, "give a new folder");
    said_free(&s);
    s = command_run(commands, "train clip", (const char *[]){NULL});
    check_status(&s, 2);
    check_holds(s.err, "--out");
    said_free(&s);
    free(out);
    free(below);
    free(beside);
    free(broken);
    free(file);
    free(cut);
}

static void a_full_disk_leaves_no_folder(void **state)
{
    (void)state;
    char *out = path_of("full");
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){10000, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    said s = begin(out, "--steps=1");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    check_status(&s, 5);
    check_holds(s.err, "full/model.safetensors: cannot write: File too large\n");
    assert_false(ask_file_exists(out));
    said_free(&s);
    free(out);
}

/* Each attempt takes a while, so not every allocation has its turn: the first ones have,
 * then ever fewer. */
static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    int n_failed = 0;
    bool failed = true;
    for (long n = 1; failed; n += 1 + n / 4, n_failed++) {
        char *parent = test_temp_dir_make(), *out = strdup(test_path(parent, "out"));
        test_fail_alloc_at(n);
        said s = begin(out, "--steps=1");
        failed = test_alloc_has_failed();
        test_fail_alloc_at(0);
        if (s.status != 0 && (s.status != 5 || !strstr(s.err, "out of memory")))
            fail_msg("allocation %ld failing: %d %s", n, s.status, s.err);
        said_free(&s);
        free(out);
        test_temp_dir_remove(parent);
    }
    assert_true(n_failed > 20);
}

static void raise_soon(int signal)
{
    (void)signal;
    kill(getpid(), SIGINT);
}

static void an_interrupted_training_keeps_what_it_has(void **state)
{
    (void)state;
    char *out = path_of("interrupted");
    signal(SIGALRM, raise_soon);
    alarm(2);
    said s = begin(out, "--steps=1000000");
    check_status(&s, 130);
    check_holds(s.err, "the checkpoint is written");
    said_free(&s);
    assert_true(ask_file_exists(test_path(out, "checkpoint.safetensors")));
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_makes_a_model_that_opens),
        cmocka_unit_test(a_log_may_be_written_elsewhere_or_in_the_new_folder),
        cmocka_unit_test(a_stage_begins_with_the_model_of_the_one_before),
        cmocka_unit_test(a_resumed_training_has_nothing_more_to_do_than_is_left),
        cmocka_unit_test(a_resumed_training_does_not_begin_again),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_full_disk_leaves_no_folder),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(an_interrupted_training_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
