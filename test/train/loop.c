/* A training from its first step to its last: log, checkpoints, stopping, and going on to
 * the same bits, whatever ended it before. */
#include "train/loop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "support/checkpoint.h"
#include "support/testing.h"
#include "support/tiny_clip.h"
#include "weights/safetensors.h"

enum { N_STEPS = 120 };

static char *dir; // of the test that runs
static const char *program;

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

/* ---- a training in a folder ---- */

typedef struct {
    const char *dir;
    tiny_clip_options model;
    int64_t save_every, until;
    bool resume, allow_drift;
    const char *lr;   // what the settings say
    int cancel_at;    // the step after which a stop is asked for; 0: none
    bool within_step; // it is not the loop that hears it, but the next step
    ask_cancel cancel;
    ask_train_watch watch;
    void *task; // of the task's own watch
    bool (*look)(void *user, int64_t step, ask_error *err);
    void (*tell)(void *user, ask_json_writer *w);
    ask_train_result result;
    char *state; // of the store at the end, owned; NULL: not asked for
    size_t n_bytes;
} run_options;

static run_options plain(const char *in)
{
    return (run_options){
        .dir = in,
        .model = {.n_steps = N_STEPS, .rate = 2e-3},
        .save_every = 7,
        .lr = "0.002",
    };
}

static bool look(void *user, int64_t step, ask_error *err)
{
    run_options *r = user;
    if (step == r->cancel_at) ask_cancel_raise(&r->cancel, SIGINT);
    return r->look(r->task, step, err);
}

static void tell(void *user, ask_json_writer *w)
{
    run_options *r = user;
    r->tell(r->task, w);
}

static bool train(void *user, ask_error *err)
{
    run_options *r = user;
    tiny_clip t;
    if (r->within_step) r->model.cancel = &r->cancel;
    bool ok = tiny_clip_open(&t, &r->model, err);
    if (ok) {
        ask_train_watch own = ask_clip_task_watch(t.task);
        r->task = own.user;
        r->look = own.look;
        r->tell = own.tell;
        r->watch = (ask_train_watch){r, look, tell};
        const ask_train_setting lr = {"lr", r->lr};
        const ask_train_options opt = {
            .checkpoint = test_path(r->dir, "checkpoint.safetensors"),
            .save_every = r->save_every,
            .report = {.jsonl = test_path(r->dir, "log.jsonl")},
            .log_every = 10,
            .examples = 6,
            .until = r->until,
            .settings = {&lr, 1},
            .resume = r->resume,
            .allow_drift = r->allow_drift,
            .watch = &r->watch,
            .cancel = r->within_step ? NULL : &r->cancel,
        };
        ok = ask_train_run(t.trainer, t.store, t.backend, &opt, &r->result, err);
    }
    if (ok) r->state = tiny_clip_state(&t, &r->n_bytes);
    tiny_clip_close(&t);
    return ok;
}

static void train_or_fail(run_options *r)
{
    ask_error err = {0};
    CHECK_OK(train(r, &err), &err);
}

/* The state that a training without any interruption ends with. */
static char *undisturbed(size_t *n_bytes)
{
    char *elsewhere = test_temp_dir_make();
    run_options r = plain(elsewhere);
    train_or_fail(&r);
    test_temp_dir_remove(elsewhere);
    *n_bytes = r.n_bytes;
    return r.state;
}

static void check_same_end(run_options *r)
{
    size_t n_bytes;
    char *expected = undisturbed(&n_bytes);
    assert_int_equal(r->n_bytes, n_bytes);
    assert_memory_equal(r->state, expected, n_bytes);
    free(expected);
    free(r->state);
    r->state = NULL;
}

/* ---- the log ---- */

/* Steps of the log's lines, up to `most` of them; every line must be whole. */
static int log_steps(int64_t *out, int most)
{
    size_t n_bytes;
    int n = 0;
    char *text = test_read(test_path(dir, "log.jsonl"), &n_bytes);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        ask_error err = {0};
        ask_json *doc = ask_json_parse(line, (size_t)(end - line), "log", NULL, &err);
        CHECK_OK(doc, &err);
        ask_json_value root = ask_json_root(doc);
        double value;
        static const char *const keys[] = {"loss",      "frames",         "patches",
                                           "moments",   "learning_rate",  "seconds",
                                           "grad_norm", "examples_per_s", "accuracy.color"};
        for (size_t k = 0; k < TEST_COUNT(keys); k++)
            CHECK_OK(ask_json_get_double(&value, root, keys[k], &err), &err);
        assert_true(n < most);
        CHECK_OK(ask_json_get_int(&out[n++], root, "step", 1, N_STEPS, &err), &err);
        ask_json_free(doc);
    }
    free(text);
    return n;
}

static void check_log_is_whole(void)
{
    int64_t steps[N_STEPS];
    int n = log_steps(steps, N_STEPS);
    for (int i = 1; i < n; i++) assert_true(steps[i] > steps[i - 1]);
    assert_int_equal(steps[0], 1);
    assert_int_equal(steps[n - 1], N_STEPS);
}

static void a_training_tells_what_it_does(void **state)
{
    (void)state;
    run_options r = plain(dir);
    train_or_fail(&r);
    free(r.state);
    int64_t steps[N_STEPS];
    assert_int_equal(log_steps(steps, N_STEPS), 1 + N_STEPS / 10);
    check_log_is_whole();
    assert_int_equal(r.result.first_step, 1);
    assert_int_equal(r.result.last_step, N_STEPS);
    assert_true(r.result.first_loss > 0 && r.result.seconds > 0);
    assert_int_equal(test_count_entries(dir), 2);
}

/* ---- stopping, and going on ---- */

static void a_training_until_a_step_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    run_options r = plain(dir);
    r.until = 45;
    train_or_fail(&r);
    assert_int_equal(r.result.last_step, 45);
    int64_t steps[N_STEPS];
    int n = log_steps(steps, N_STEPS);
    assert_int_equal(steps[n - 1], 45);
    free(r.state);

    r.resume = true; // as far again: nothing is left
    train_or_fail(&r);
    assert_true(r.result.last_step < r.result.first_step);
    free(r.state);

    r.until = 2 * N_STEPS; // no further than the schedule goes
    train_or_fail(&r);
    assert_int_equal(r.result.first_step, 46);
    check_log_is_whole();
    check_same_end(&r);
}

static void check_interrupted(bool within_step)
{
    run_options r = plain(dir);
    ask_error err = {0};
    r.cancel_at = 45;
    r.within_step = within_step;
    assert_false(train(&r, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_string_equal(err.message,
                        "interrupted after step 45; the checkpoint is written");
    r = plain(dir);
    r.resume = true;
    train_or_fail(&r);
    assert_int_equal(r.result.first_step, 46);
    check_same_end(&r);
    check_log_is_whole();
}

static void an_interrupted_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    check_interrupted(false);
}

static void a_training_interrupted_within_a_step_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    check_interrupted(true);
}

static void a_training_that_is_done_has_nothing_left_to_do(void **state)
{
    (void)state;
    run_options r = plain(dir);
    train_or_fail(&r);
    free(r.state);
    r = plain(dir);
    r.resume = true;
    train_or_fail(&r);
    assert_true(r.result.last_step < r.result.first_step);
    check_same_end(&r);
}

/* Starts the same training in a process of its own, which is killed after a while. Returns
 * whether it had ended by itself. */
static bool train_in_a_child_that_is_killed(double after_s, bool resume)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl(program, program, "--train", dir, resume ? "resume" : "begin", (char *)NULL);
        _exit(127);
    }
    usleep((useconds_t)(1e6 * after_s));
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
    return WIFEXITED(status);
}

static void a_killed_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    run_options r = plain(dir);
    double begin_s = ask_clock_s();
    train_or_fail(&r); // how long it takes
    free(r.state);
    double whole_s = ask_clock_s() - begin_s;
    ask_rng rng = ask_rng_new((uint64_t)ask_clock_unix_s());
    for (int round = 0; round < 3; round++) {
        unlink(test_path(dir, "checkpoint.safetensors"));
        for (int part = 0; part < 3; part++) {
            bool resume = ask_file_exists(test_path(dir, "checkpoint.safetensors"));
            train_in_a_child_that_is_killed(whole_s * ask_rng_double(&rng), resume);
        }
        r = plain(dir);
        r.resume = ask_file_exists(test_path(dir, "checkpoint.safetensors"));
        train_or_fail(&r);
        print_message("killed three times; went on from step %d\n",
                      (int)r.result.first_step);
        check_same_end(&r);
        check_log_is_whole();
    }
}

static void a_step_that_goes_wrong_leaves_the_last_checkpoint(void **state)
{
    (void)state;
    run_options r = plain(dir);
    ask_error err = {0};
    r.model.bad_step = 40;
    assert_false(train(&r, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    r = plain(dir);
    r.resume = true;
    train_or_fail(&r);
    assert_int_equal(r.result.first_step, 36);
    check_same_end(&r);
}

/* ---- what is refused ---- */

static void make_checkpoint(void)
{
    run_options r = plain(dir);
    ask_error err = {0};
    r.cancel_at = 10;
    assert_false(train(&r, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

static void check_refused(const char *name, run_options *r, ask_error_code code,
                          const char *message)
{
    ask_error err = {0};
    r->resume = true;
    CHECK_CASE(name, !train(r, &err));
    if (err.code != code || !strstr(err.message, message))
        fail_msg("case \"%s\": \"%s\" lacks \"%s\"", name, err.message, message);
}

static void another_training_is_not_gone_on_with(void **state)
{
    (void)state;
    make_checkpoint();
    run_options r = plain(dir);
    r.lr = "0.1";
    check_refused("another rate", &r, ASK_ERR_USAGE, "was made with lr 0.002, this is 0.1");
    r = plain(dir);
    r.model.n_threads = 2;
    check_refused(
        "other threads", &r, ASK_ERR_USAGE,
        "was made with machine.threads 1, this is 2: other bits would come of it");
    r = plain(dir);
    r.model.n_threads = 2;
    r.resume = r.allow_drift = true;
    train_or_fail(&r);
    free(r.state);
}

typedef struct {
    const char *name;
    void (*change)(tensor_list *list);
    const char *message;
} damage;

static void drop_one(tensor_list *list)
{
    tensors_drop(list, "adam.m.logit_scale");
}

static void add_one(tensor_list *list)
{
    tensors_add(list, "another", ASK_F32, 1, (int64_t[]){2});
}

static void reshape_one(tensor_list *list)
{
    tensors_reshape(list, "train.frame_bias", ASK_F32, 1, (int64_t[]){2});
}

/* Tensors rewritten with the notes of a checkpoint. */
static void rewrite(const char *path, const damage *d)
{
    ask_error err = {0};
    ask_weights *file = ask_weights_open(path, &err);
    CHECK_OK(file, &err);
    ask_weights_note notes[16];
    char texts[32][64];
    size_t n = ask_weights_n_notes(file);
    for (size_t i = 0; i < n; i++) {
        ask_weights_note note = ask_weights_note_at(file, i);
        snprintf(texts[2 * i], sizeof texts[0], "%s", note.key);
        snprintf(texts[2 * i + 1], sizeof texts[0], "%s", note.value);
        notes[i] = (ask_weights_note){texts[2 * i], texts[2 * i + 1]};
    }
    ask_weights_close(file);
    tensor_list list = tensors_read(path);
    d->change(&list);
    CHECK_OK(ask_safetensors_write(path, list.entries, list.n, notes, n, &err), &err);
    tensors_free(&list);
}

static void a_checkpoint_of_something_else_is_refused(void **state)
{
    (void)state;
    static const damage cases[] = {
        {"a tensor less", drop_one, "tensor adam.m.logit_scale is missing"},
        {"a tensor more", add_one, "has 1 tensors that this training does not have"},
        {"another shape", reshape_one, "tensor train.frame_bias is of another shape"},
    };
    const char *path = test_path(dir, "checkpoint.safetensors");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        run_options r = plain(dir);
        make_checkpoint();
        rewrite(path, &cases[i]);
        check_refused(cases[i].name, &r, ASK_ERR_MODEL, cases[i].message);
    }
    run_options r = plain(dir);
    test_write_text(path, "not one");
    check_refused("not a file of tensors", &r, ASK_ERR_MODEL, "checkpoint.safetensors");
    tensor_list none = {0};
    tensors_add(&none, "x", ASK_F32, 1, (int64_t[]){1});
    tensors_write(&none, path);
    tensors_free(&none);
    check_refused("no checkpoint", &r, ASK_ERR_MODEL, "is no checkpoint of a training");
    unlink(path);
    check_refused("nothing", &r, ASK_ERR_MODEL, "checkpoint.safetensors");
}

static void what_cannot_be_written_fails(void **state)
{
    (void)state;
    run_options r = plain(test_path(dir, "missing"));
    ask_error err = {0};
    assert_false(train(&r, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "log.jsonl"));
}

static bool save_and_read(void *user, ask_error *err)
{
    const tiny_clip *t = user;
    const char *path = test_path(dir, "checkpoint.safetensors");
    const ask_train_setting lr = {"lr", "1"};
    const ask_train_settings settings = {&lr, 1};
    int64_t step = 0;
    bool ok = ask_checkpoint_write(path, t->store, t->backend, 12, &settings, err) &&
              ask_checkpoint_read(path, t->store, t->backend, &settings, NULL, &step, err);
    assert_true(!ok || step == 12);
    return ok;
}

static void memory_may_run_out_while_saving(void **state)
{
    (void)state;
    ask_error err = {0};
    const tiny_clip_options opt = {.n_steps = 1, .rate = 1};
    tiny_clip t;
    CHECK_OK(tiny_clip_open(&t, &opt, &err), &err);
    assert_true(test_each_alloc_fails("save and read", save_and_read, &t) > 10);
    assert_int_equal(test_count_entries(dir), 1);
    tiny_clip_close(&t);
}

/* As a child: "--train DIR begin|resume". */
static int child_main(char **argv)
{
    ask_error err = {0};
    run_options r = plain(argv[2]);
    r.save_every = 1; // so that many a kill meets a checkpoint that is being written
    r.resume = strcmp(argv[3], "resume") == 0;
    bool ok = train(&r, &err);
    if (!ok) fprintf(stderr, "child: %s\n", err.message);
    free(r.state);
    return !ok;
}

#define TEST_IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(int argc, char **argv)
{
    program = argv[0];
    if (argc == 4) return child_main(argv);
    const struct CMUnitTest tests[] = {
        TEST_IN_DIR(a_training_tells_what_it_does),
        TEST_IN_DIR(a_training_until_a_step_goes_on_to_the_same_bits),
        TEST_IN_DIR(an_interrupted_training_goes_on_to_the_same_bits),
        TEST_IN_DIR(a_training_interrupted_within_a_step_goes_on_to_the_same_bits),
        TEST_IN_DIR(a_training_that_is_done_has_nothing_left_to_do),
        TEST_IN_DIR(a_killed_training_goes_on_to_the_same_bits),
        TEST_IN_DIR(a_step_that_goes_wrong_leaves_the_last_checkpoint),
        TEST_IN_DIR(another_training_is_not_gone_on_with),
        TEST_IN_DIR(a_checkpoint_of_something_else_is_refused),
        TEST_IN_DIR(what_cannot_be_written_fails),
        TEST_IN_DIR(memory_may_run_out_while_saving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
