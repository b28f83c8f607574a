/* Checkpoints as folders: what is in them, going on from them to the same bits whatever
 * ended a training, which of them are kept, and which model comes of it. */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/rng.h"
#include "support/regression.h"
#include "support/testing.h"
#include "train/keeper_priv.h"
#include "weights/weights.h"

enum { N_STEPS = 60 };

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
    const char *out;
    regression_options model;
    int64_t save_every, evaluate_every, until;
    int most;
    bool best_at_end, less_is_better, allow_drift;
    const char *best_by, *resume_from, *lr;
    double (*measure)(const regression *r, int64_t step);
    ask_cancel cancel;
    int64_t cancel_at;    // evaluation that is interrupted; 0: none
    int64_t cancel_after; // a step; 0: none
    const ask_logger *log;

    regression r; // while it runs
    ask_train_result result;
    char *state; // of the store at the end, owned
    size_t n_bytes;
} run_options;

static run_options plain(void)
{
    return (run_options){
        .out = test_path(dir, "out"),
        .model = {.n_steps = N_STEPS, .n_batches = 2, .dropout = 0.2},
        .save_every = 7,
        .lr = "0.01",
    };
}

static bool write_files(void *user, const char *to, ask_error *err)
{
    (void)user;
    char *path = ask_path_join(to, "config.json", err);
    bool ok = path && ask_file_write(path, "{}\n", 3, err);
    free(path);
    return ok;
}

static double true_measure(const regression *r, int64_t step)
{
    (void)step;
    return regression_measure(r);
}

static bool evaluate(void *user, int64_t step, ask_train_metrics *out, ask_error *err)
{
    run_options *o = user;
    if (step == o->cancel_at) {
        o->cancel_at = 0;
        return ask_fail(err, ASK_ERR_CANCELLED, "interrupted");
    }
    return ask_train_metrics_add(out, "error", o->measure(&o->r, step), err) &&
           ask_train_metrics_add(out, "nothing", NAN, err);
}

static bool look(void *user, int64_t step, ask_error *err)
{
    run_options *o = user;
    (void)err;
    if (step == o->cancel_after) ask_cancel_raise(&o->cancel, SIGINT);
    return true;
}

static bool train(run_options *o, ask_error *err)
{
    const ask_keeper_options keeper = {.dir = o->out,
                                       .write_files = write_files,
                                       .most = o->most,
                                       .best_at_end = o->best_at_end,
                                       .log = o->log};
    if (!o->measure) o->measure = true_measure;
    const ask_train_evaluation evaluation = {.user = o,
                                             .evaluate = evaluate,
                                             .every = o->evaluate_every,
                                             .best_by = o->best_by,
                                             .less_is_better = o->less_is_better};
    const ask_train_watch watch = {.user = o, .look = look};
    const ask_train_setting lr = {"lr", o->lr};
    const ask_train_options opt = {
        .keeper = &keeper,
        .save_every = o->save_every,
        .resume_from = o->resume_from,
        .allow_drift = o->allow_drift,
        .settings = {&lr, 1},
        .evaluation = o->evaluate_every ? &evaluation : NULL,
        .log_every = 5,
        .examples = 8,
        .steps_per_epoch = 12.5,
        .watch = &watch,
        .until = o->until,
        .cancel = &o->cancel,
    };
    bool ok = regression_open(&o->r, &o->model, err) &&
              ask_train_run(o->r.trainer, o->r.store, o->r.backend, &opt, &o->result, err);
    free(o->state);
    o->state = ok ? regression_state(&o->r, &o->n_bytes) : NULL;
    regression_close(&o->r);
    return ok;
}

static void train_or_fail(run_options *o)
{
    ask_error err = {0};
    CHECK_OK(train(o, &err), &err);
}

static void train_and_forget(run_options *o)
{
    train_or_fail(o);
    free(o->state);
    o->state = NULL;
}

static const char *in_out(const char *format, int64_t step)
{
    char name[128];
    snprintf(name, sizeof name, format, step);
    return test_path(test_path(dir, "out"), name);
}

static bool has_checkpoint(int64_t step)
{
    return ask_file_is_dir(in_out("checkpoint-%" PRId64, step));
}

/* The model and state of a training without any interruption, in another folder. */
static void check_same_end(run_options *o)
{
    run_options undisturbed = *o;
    undisturbed.out = test_path(dir, "undisturbed");
    undisturbed.resume_from = NULL;
    undisturbed.cancel = (ask_cancel){0};
    undisturbed.cancel_at = undisturbed.cancel_after = undisturbed.until = 0;
    undisturbed.state = NULL;
    train_or_fail(&undisturbed);
    assert_int_equal(o->n_bytes, undisturbed.n_bytes);
    assert_memory_equal(o->state, undisturbed.state, o->n_bytes);
    size_t n, n_other;
    char *model = test_read(in_out("model.safetensors", 0), &n);
    char *other = test_read(test_path(undisturbed.out, "model.safetensors"), &n_other);
    assert_int_equal(n, n_other);
    assert_memory_equal(model, other, n);
    free(model);
    free(other);
    free(undisturbed.state);
    free(o->state);
    o->state = NULL;
}

/* ---- what is in a folder ---- */

static void a_checkpoint_is_a_model_with_its_state(void **state)
{
    (void)state;
    run_options o = plain();
    o.evaluate_every = 20;
    o.best_by = "eval_error";
    o.less_is_better = true;
    train_and_forget(&o);
    const char *last = in_out("checkpoint-%" PRId64, N_STEPS);
    assert_int_equal(test_count_entries(last), 4);
    ask_error err = {0};
    CHECK_OK(ask_keeper_check(last, &err), &err);

    ask_weights *w = ask_weights_open(last, &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_count(w), 4);
    assert_non_null(ask_weights_find(w, "first.weight"));
    ask_weights_close(w);
    w = ask_weights_open(test_path(last, "optimizer.safetensors"), &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_count(w), 8);
    assert_non_null(ask_weights_find(w, "adam.v.second.bias"));
    ask_weights_close(w);

    ask_json *doc = ask_json_read(test_path(last, "trainer_state.json"), NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value root = ask_json_root(doc), history;
    int64_t n;
    double x;
    const char *text;
    CHECK_OK(ask_json_get_int(&n, root, "global_step", N_STEPS, N_STEPS, &err), &err);
    CHECK_OK(ask_json_get_int(&n, root, "max_steps", N_STEPS, N_STEPS, &err), &err);
    CHECK_OK(ask_json_get_int(&n, root, "num_train_epochs", 5, 5, &err), &err);
    CHECK_OK(ask_json_get_int(&n, root, "eval_steps", 20, 20, &err), &err);
    CHECK_OK(ask_json_get_int(&n, root, "save_steps", 7, 7, &err), &err);
    CHECK_OK(ask_json_get_double(&x, root, "epoch", &err), &err);
    assert_true(x == N_STEPS / 12.5);
    CHECK_OK(ask_json_get_double(&x, root, "best_metric", &err), &err);
    assert_true(x == o.result.best && o.result.best_step > 0);
    CHECK_OK(ask_json_get_string(&text, root, "best_model_checkpoint", &err), &err);
    char best[TRAIN_NAME_BYTES];
    assert_string_equal(text, train_checkpoint_name(best, o.result.best_step));
    CHECK_OK(ask_json_get_string(&text, root, "askance.settings.lr", &err), &err);
    assert_string_equal(text, "0.01");
    CHECK_OK(ask_json_get_string(&text, root, "askance.machine.threads", &err), &err);
    CHECK_OK(ask_json_get_array(&history, root, "log_history", &err), &err);
    assert_int_equal(ask_json_count(history), 1 + N_STEPS / 5 + 3);
    ask_json_value first = ask_json_item(history, 0), end = ask_json_item(history, 15);
    static const char *const keys[] = {"loss",      "square",        "size",
                                       "grad_norm", "learning_rate", "epoch"};
    for (size_t i = 0; i < TEST_COUNT(keys); i++)
        CHECK_OK(ask_json_get_double(&x, first, keys[i], &err), &err);
    CHECK_OK(ask_json_get_double(&x, end, "eval_error", &err), &err);
    CHECK_OK(ask_json_get_int(&n, end, "step", N_STEPS, N_STEPS, &err), &err);
    assert_int_equal(ask_json_type_of(ask_json_member(end, "eval_nothing")), ASK_JSON_NULL);
    ask_json_free(doc);
}

static void the_folder_becomes_a_model(void **state)
{
    (void)state;
    run_options o = plain();
    train_and_forget(&o);
    // Eight of every seventh step, the last, and two files.
    assert_int_equal(test_count_entries(o.out), 8 + 1 + 2);
    ask_error err = {0};
    ask_weights *w = ask_weights_open(o.out, &err);
    CHECK_OK(w, &err);
    assert_int_equal(ask_weights_count(w), 4);
    ask_weights_close(w);
}

/* ---- going on ---- */

static void a_training_goes_on_from_its_last_checkpoint_to_the_same_bits(void **state)
{
    (void)state;
    run_options o = plain();
    o.until = 25;
    train_and_forget(&o);
    assert_true(has_checkpoint(25));
    o.until = 0;
    o.resume_from = "last";
    train_or_fail(&o);
    assert_int_equal(o.result.first_step, 26);
    check_same_end(&o);
}

static void a_training_goes_on_from_the_checkpoint_that_is_named(void **state)
{
    (void)state;
    run_options o = plain();
    train_and_forget(&o);
    o.resume_from = in_out("checkpoint-%" PRId64, 14);
    train_or_fail(&o);
    assert_int_equal(o.result.first_step, 15);
    check_same_end(&o);
}

static void a_training_that_is_done_only_makes_its_model(void **state)
{
    (void)state;
    run_options o = plain();
    train_and_forget(&o);
    assert_int_equal(unlink(in_out("model.safetensors", 0)), 0);
    o.resume_from = "last";
    train_or_fail(&o);
    assert_true(o.result.last_step < o.result.first_step);
    check_same_end(&o);
}

static void an_interrupted_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    run_options o = plain();
    ask_error err = {0};
    o.cancel_after = 23;
    assert_false(train(&o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_string_equal(err.message,
                        "interrupted after step 23; the checkpoint is written");
    o = plain();
    o.resume_from = "last";
    train_or_fail(&o);
    assert_int_equal(o.result.first_step, 24);
    check_same_end(&o);
}

static void train_in_a_child_that_is_killed(double after_s)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl(program, program, "--train", dir, (char *)NULL);
        _exit(127);
    }
    usleep((useconds_t)(1e6 * after_s));
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
}

static run_options of_child(void)
{
    run_options o = plain();
    ask_error err = {0};
    o.save_every = 1; // so that many a kill meets a checkpoint that is being written
    o.evaluate_every = 10;
    o.most = 3;
    o.best_by = "error";
    o.less_is_better = o.best_at_end = true;
    char *last = ask_file_is_dir(o.out) ? ask_keeper_last(o.out, NULL, &err) : NULL;
    o.resume_from = last ? "last" : NULL;
    free(last);
    return o;
}

static void a_killed_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    run_options o = of_child();
    double begin_s = ask_clock_s();
    train_and_forget(&o); // how long it takes
    double whole_s = ask_clock_s() - begin_s;
    ask_rng rng = ask_rng_new((uint64_t)ask_clock_unix_s());
    for (int round = 0; round < 3; round++) {
        ask_error err = {0};
        CHECK_OK(ask_dir_remove(test_path(dir, "out"), &err), &err);
        CHECK_OK(ask_dir_remove(test_path(dir, "undisturbed"), &err), &err);
        for (int part = 0; part < 3; part++)
            train_in_a_child_that_is_killed(0.6 * whole_s * ask_rng_double(&rng));
        o = of_child();
        train_or_fail(&o);
        print_message("killed three times; went on from step %d\n",
                      (int)o.result.first_step);
        check_same_end(&o);
        ask_dir_names left;
        CHECK_OK(ask_dir_list(&left, o.out, ".*", &err), &err);
        assert_int_equal(left.n, 0);
        ask_dir_names_free(&left);
    }
}

/* ---- what is refused, and what is passed over ---- */

static void damage(const char *path, size_t at)
{
    size_t n;
    char *bytes = test_read(path, &n);
    bytes[at < n ? at : n - 1] ^= 1;
    test_write(path, bytes, n);
    free(bytes);
}

static char heard[512];

static void hear(void *user, ask_log_level level, const char *message)
{
    (void)user;
    (void)level;
    snprintf(heard, sizeof heard, "%s", message);
}

static void a_damaged_checkpoint_is_passed_over(void **state)
{
    static const struct {
        const char *name, *file, *message;
        size_t at;
        bool gone, cut;
    } cases[] = {
        {.name = "a bit of the weights",
         .file = "model.safetensors",
         .at = 1000,
         .message = "model.safetensors: is not as it was written: its content differs"},
        {.name = "a bit of the moments",
         .file = "optimizer.safetensors",
         .at = 2000,
         .message = "optimizer.safetensors: is not as it was written"},
        {.name = "a file less", .file = "config.json", .gone = true, .message = "config"},
        {.name = "a file that is cut off",
         .file = "model.safetensors",
         .cut = true,
         .message = "its size differs"},
        {.name = "no state",
         .file = "trainer_state.json",
         .gone = true,
         .message = "trainer_state.json"},
        {.name = "a state that is cut off",
         .file = "trainer_state.json",
         .cut = true,
         .message = "trainer_state.json"},
    };
    (void)state;
    const ask_logger log = {.fn = hear};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        run_options o = plain();
        CHECK_OK(ask_dir_remove(o.out, &err), &err);
        o.until = 21;
        train_and_forget(&o);
        const char *path = test_path(in_out("checkpoint-%" PRId64, 21), cases[i].file);
        if (cases[i].gone)
            unlink(path);
        else if (cases[i].cut)
            assert_int_equal(truncate(path, 100), 0);
        else
            damage(path, cases[i].at);

        o.resume_from = in_out("checkpoint-%" PRId64, 21);
        CHECK_CASE(cases[i].name, !train(&o, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);

        o.resume_from = "last";
        o.log = &log;
        train_and_forget(&o);
        CHECK_CASE(cases[i].name, o.result.first_step == 15);
        CHECK_CASE(cases[i].name, strstr(heard, "this checkpoint is passed over"));
    }
}

static void check_refused(const char *name, run_options *o, ask_error_code code,
                          const char *message)
{
    ask_error err = {0};
    CHECK_CASE(name, !train(o, &err));
    if (err.code != code || !strstr(err.message, message))
        fail_msg("case \"%s\": %d \"%s\" lacks \"%s\"", name, err.code, err.message,
                 message);
}

static void another_training_is_not_gone_on_with(void **state)
{
    (void)state;
    static const char *const frozen[] = {"first.bias", NULL};
    run_options o = plain();
    o.resume_from = "last";
    check_refused("nothing there", &o, ASK_ERR_MODEL, "has no checkpoint to go on from");
    o.until = 10;
    o.resume_from = NULL;
    train_and_forget(&o);
    check_refused("a second training", &o, ASK_ERR_USAGE, "has checkpoints of a training");
    o.resume_from = "last";
    o.lr = "0.1";
    check_refused("another rate", &o, ASK_ERR_USAGE, "was made with lr 0.01, this is 0.1");
    o.lr = "0.01";
    o.model.frozen = frozen;
    check_refused("other moments", &o, ASK_ERR_MODEL,
                  "optimizer.safetensors: has 2 tensors that this training does not have");
}

/* ---- which are kept ---- */

/* Best at step 20. */
static double made_up_measure(const regression *r, int64_t step)
{
    (void)r;
    return step == 10 ? NAN : fabs((double)step - 20);
}

static void the_best_and_the_last_are_kept(void **state)
{
    (void)state;
    run_options o = plain();
    o.save_every = 10;
    o.evaluate_every = 10;
    o.most = 2;
    o.measure = made_up_measure;
    o.best_by = "error";
    o.less_is_better = o.best_at_end = true;
    train_and_forget(&o);
    assert_int_equal(o.result.best_step, 20);
    assert_true(o.result.best == 0);
    assert_int_equal(o.result.metrics.n, 2);
    for (int64_t step = 10; step <= N_STEPS; step += 10)
        assert_true(has_checkpoint(step) == (step == 20 || step == N_STEPS));
    size_t n, n_best;
    char *model = test_read(in_out("model.safetensors", 0), &n);
    char *best = test_read(
        test_path(in_out("checkpoint-%" PRId64, 20), "model.safetensors"), &n_best);
    assert_int_equal(n, n_best);
    assert_memory_equal(model, best, n);
    free(model);
    free(best);
}

static void the_best_is_kept_where_nothing_else_is_saved(void **state)
{
    (void)state;
    run_options o = plain();
    o.save_every = 0;
    o.evaluate_every = 10;
    o.measure = made_up_measure;
    o.best_by = "error";
    o.less_is_better = true;
    train_and_forget(&o);
    for (int64_t step = 1; step <= N_STEPS; step++)
        assert_true(has_checkpoint(step) == (step == 20 || step == N_STEPS));
}

static void the_greatest_is_the_best_unless_less_is(void **state)
{
    (void)state;
    run_options o = plain();
    o.evaluate_every = 20;
    o.measure = made_up_measure;
    o.best_by = "eval_error";
    train_and_forget(&o);
    assert_int_equal(o.result.best_step, N_STEPS);
    assert_true(o.result.best == N_STEPS - 20);
}

/* ---- evaluations ---- */

static void evaluations_do_not_change_a_bit(void **state)
{
    (void)state;
    run_options o = plain();
    o.evaluate_every = 3;
    train_or_fail(&o);
    o.evaluate_every = 0;
    check_same_end(&o);
}

static void an_interrupted_evaluation_is_made_up_for(void **state)
{
    (void)state;
    run_options o = plain();
    ask_error err = {0};
    o.evaluate_every = 20;
    o.measure = made_up_measure;
    o.best_by = "error";
    o.less_is_better = o.best_at_end = true;
    o.cancel_at = 20;
    assert_false(train(&o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_true(has_checkpoint(20));
    o.resume_from = "last";
    train_or_fail(&o);
    assert_int_equal(o.result.first_step, 21);
    assert_int_equal(o.result.best_step, 20);
    check_same_end(&o);
}

static void a_metric_that_is_not_there_cannot_choose(void **state)
{
    (void)state;
    run_options o = plain();
    o.evaluate_every = 5;
    o.best_by = "accuracy";
    check_refused("no accuracy", &o, ASK_ERR_USAGE, "there is no such metric");
}

static void metrics_have_names_of_their_own(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "a b", "a.b", "a/b", "taken"};
    ask_train_metrics m = {0};
    ask_error err = {0};
    CHECK_OK(ask_train_metrics_add(&m, "taken", 1, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        CHECK_CASE(bad[i], !ask_train_metrics_add(&m, bad[i], 1, &err));
        CHECK_CASE(bad[i], err.code == ASK_ERR_BUG);
    }
    assert_int_equal(m.n, 1);
}

/* ---- when disk or memory run out ---- */

static void a_full_disk_leaves_the_last_checkpoint(void **state)
{
    (void)state;
    run_options o = plain();
    ask_error err = {0};
    o.until = 14;
    train_and_forget(&o);
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 600, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    o.until = 0;
    o.resume_from = "last";
    bool ok = train(&o, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(ok);
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    if (!strstr(err.message, "optimizer.safetensors: cannot write"))
        fail_msg("\"%s\"", err.message);
    // The checkpoints of before, and the model that was made at step 14.
    assert_int_equal(test_count_entries(o.out), 4);
    train_or_fail(&o);
    assert_int_equal(o.result.first_step, 15);
    check_same_end(&o);
}

static bool write_and_read(void *user, ask_error *err)
{
    regression *r = user;
    const ask_train_setting lr = {"lr", "1"};
    const train_keeper k = {.opt = {.dir = dir, .write_files = write_files, .most = 1},
                            .store = r->store,
                            .backend = r->backend,
                            .settings = {&lr, 1}};
    const train_value value = {"loss", 1.5};
    const train_entry entry = {.step = 12, .epoch = NAN, .n = 1, .values = &value};
    train_state s = {.step = 12, .n_steps = 20, .epoch = NAN}, back = {0};
    bool ok = train_history_add(&s.history, &entry, err) &&
              train_keeper_begin(&k, true, err) && train_keeper_write(&k, &s, err) &&
              train_keeper_read(&k, "last", false, &back, err);
    if (ok) {
        assert_int_equal(back.step, 12);
        assert_int_equal(back.history.n, 1);
        assert_true(back.history.items[0].values[0].value == 1.5);
    }
    train_history_free(&s.history);
    train_history_free(&back.history);
    ask_error damage = {0};
    if (!ok && !ask_keeper_check(test_path(dir, "checkpoint-12"), &damage))
        fail_msg("the checkpoint that was there: %s", damage.message);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    ask_error err = {0};
    regression r;
    CHECK_OK(regression_open(&r, &(regression_options){.n_steps = 1}, &err), &err);
    CHECK_OK(write_and_read(&r, &err), &err);
    assert_true(test_each_alloc_fails("write and read", write_and_read, &r) > 50);
    CHECK_OK(ask_keeper_check(test_path(dir, "checkpoint-12"), &err), &err);
    regression_close(&r);
}

/* As a child: "--train DIR". */
static int child_main(char **argv)
{
    ask_error err = {0};
    dir = argv[2];
    run_options o = of_child();
    bool ok = train(&o, &err);
    if (!ok) fprintf(stderr, "child: %s\n", err.message);
    free(o.state);
    return !ok;
}

#define TEST_IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(int argc, char **argv)
{
    program = argv[0];
    if (argc == 3) return child_main(argv);
    const struct CMUnitTest tests[] = {
        TEST_IN_DIR(a_checkpoint_is_a_model_with_its_state),
        TEST_IN_DIR(the_folder_becomes_a_model),
        TEST_IN_DIR(a_training_goes_on_from_its_last_checkpoint_to_the_same_bits),
        TEST_IN_DIR(a_training_goes_on_from_the_checkpoint_that_is_named),
        TEST_IN_DIR(a_training_that_is_done_only_makes_its_model),
        TEST_IN_DIR(an_interrupted_training_goes_on_to_the_same_bits),
        TEST_IN_DIR(a_killed_training_goes_on_to_the_same_bits),
        TEST_IN_DIR(a_damaged_checkpoint_is_passed_over),
        TEST_IN_DIR(another_training_is_not_gone_on_with),
        TEST_IN_DIR(the_best_and_the_last_are_kept),
        TEST_IN_DIR(the_best_is_kept_where_nothing_else_is_saved),
        TEST_IN_DIR(the_greatest_is_the_best_unless_less_is),
        TEST_IN_DIR(evaluations_do_not_change_a_bit),
        TEST_IN_DIR(an_interrupted_evaluation_is_made_up_for),
        TEST_IN_DIR(a_metric_that_is_not_there_cannot_choose),
        TEST_IN_DIR(metrics_have_names_of_their_own),
        TEST_IN_DIR(a_full_disk_leaves_the_last_checkpoint),
        TEST_IN_DIR(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
