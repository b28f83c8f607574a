/* Training Glance-Focus on every layout of questions that a world is written in, with
 * events and without; and from a checkpoint, whatever ended the process, to the same bits.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/rng.h"
#include "model/feature_qa.h"
#include "model/init.h"
#include "support/color_model.h"
#include "support/glance_world.h"
#include "support/testing.h"
#include "train/glance_focus_priv.h"
#include "weights/weights.h"

static glance_world world;
static char *dir;

static int set_up(void **state)
{
    (void)state;
    glance_world_make(&world);
    dir = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    glance_world_free(&world);
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- options ---- */

/* A network of the smallest size that learns something. Texts and paths hold until the next
 * call. */
static ask_train_glance_focus_options tiny(const glance_world_set *s, bool supervised)
{
    static char data[512];
    ask_train_glance_focus_options o = ask_train_glance_focus_defaults();
    snprintf(data, sizeof data, "%s", glance_world_data(&world, s));
    o.data = data;
    o.set = s->set;
    o.eval_split = "train";
    o.supervised = supervised;
    o.events = supervised ? glance_world_events(&world, s) : NULL;
    o.features = world.features;
    o.width = 16;
    o.n_heads = 2;
    o.n_layers = 1;
    o.inner = 32;
    o.n_queries = 6;
    o.n_frames = 12;
    o.text_width = 16;
    o.text_layers = 1;
    o.text_tokens = 600;
    o.n_questions = 4;
    o.n_steps = 4;
    o.rate = 1e-3;
    o.n_threads = 1;
    o.report = "jsonl";
    return o;
}

static const glance_world_set *set_of(const char *name)
{
    for (int i = 0; i < n_glance_world_sets; i++)
        if (strcmp(glance_world_sets[i].set, name) == 0) return &glance_world_sets[i];
    fail_msg("no set %s", name);
    return NULL;
}

/* A folder that is not there yet; holds until the call after the next. */
static const char *new_folder(void)
{
    static char paths[2][512];
    static int n;
    char *path = paths[n % 2];
    snprintf(path, sizeof paths[0], "%s/out%d", dir, n++);
    return path;
}

static ask_train_glance_focus_result trained(const char *name, const char *out,
                                             const ask_train_glance_focus_options *o)
{
    ask_error err = {0};
    ask_train_glance_focus_result r;
    if (!ask_train_glance_focus(out, o, &r, &err)) fail_msg("%s: %s", name, err.message);
    return r;
}

static double metric(const ask_train_metrics *m, const char *name)
{
    for (int i = 0; i < m->n; i++)
        if (strcmp(m->items[i].name, name) == 0) return m->items[i].value;
    return NAN;
}

/* ---- every layout, both settings ---- */

static void check_model(const char *name, const char *out, const glance_world_set *s)
{
    static const ask_qa_kind kinds[] = {[ASK_ANSWER_OPTIONS] = ASK_QA_OPTIONS,
                                        [ASK_ANSWER_VOCABULARY] = ASK_QA_VOCABULARY,
                                        [ASK_ANSWER_COUNT] = ASK_QA_COUNT,
                                        [ASK_ANSWER_MOMENT] = ASK_QA_MOMENT};
    ask_error err = {0};
    ask_feature_qa_info info;
    ask_model *m = ask_model_open(out, NULL, &err);
    if (!m) fail_msg("%s: %s", name, err.message);
    CHECK_OK(ask_feature_qa_info_of(&info, m, &err), &err);
    CHECK_CASE(name, info.kind == kinds[s->head]);
    CHECK_CASE(name, info.width == GLANCE_WORLD_WIDTH && info.n_events == 6);
    ask_model_close(m);
}

static void check_training(const glance_world_set *s, bool supervised)
{
    char name[64];
    snprintf(name, sizeof name, "%s, %s", s->set,
             supervised ? "supervised" : "unsupervised");
    const char *out = new_folder();
    ask_train_glance_focus_options o = tiny(s, supervised);
    ask_train_glance_focus_result r = trained(name, out, &o);
    CHECK_CASE(name, r.head == s->head);
    CHECK_CASE(name, r.n_train > 0 && r.n_eval == r.n_train);
    CHECK_CASE(name, r.run.last_step == 4 && isfinite(r.run.last_loss));
    CHECK_CASE(name, isfinite(metric(&r.metrics, "loss")));
    CHECK_CASE(name, metric(&r.metrics, "accuracy") >= 0);
    CHECK_CASE(name, r.n_outside == 0);
    check_model(name, out, s);
}

static void both_settings_train_on_every_layout(void **state)
{
    (void)state;
    for (int i = 0; i < n_glance_world_sets; i++) {
        check_training(&glance_world_sets[i], true);
        check_training(&glance_world_sets[i], false);
    }
}

/* ---- learning ---- */

static void every_head_learns_a_batch_by_heart(void **state)
{
    static const char *const sets[] = {"star-lines", "nextqa-open", "tgifqa-count",
                                       "qvhighlights"};
    (void)state;
    for (size_t i = 0; i < 2 * TEST_COUNT(sets); i++) {
        ask_train_glance_focus_options o = tiny(set_of(sets[i / 2]), i % 2);
        o.mode = ASK_GLANCE_OVERFIT;
        o.n_steps = 500;
        o.width = o.text_width = 32;
        ask_train_glance_focus_result r = trained(sets[i / 2], NULL, &o);
        CHECK_CASE(sets[i / 2], r.overfit.last < 0.2 * r.overfit.first);
    }
}

/* Two batches of 2 are one of 4, but for rounding: nothing is dropped, so that only sums
 * differ. */
static void accumulated_batches_are_one(void **state)
{
    (void)state;
    for (int supervised = 0; supervised < 2; supervised++) {
        ask_train_glance_focus_options o = tiny(set_of("star-lines"), supervised);
        o.dropout = 0;
        ask_train_glance_focus_result whole = trained("one batch", new_folder(), &o);
        o.n_questions = 2;
        o.n_batches = 2;
        ask_train_glance_focus_result parts = trained("two batches", new_folder(), &o);
        assert_float_equal(whole.run.first_loss, parts.run.first_loss, 1e-4);
        assert_float_equal(whole.run.last_loss, parts.run.last_loss, 1e-3);
    }
}

/* One batch is learnt for as long as it takes, however few steps the epochs have. */
static void one_batch_has_no_epochs(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_train_glance_focus_result r = {0};
    ask_train_glance_focus_options o = tiny(set_of("star-lines"), false);
    o.mode = ASK_GLANCE_OVERFIT;
    o.n_steps = 0;
    o.n_epochs = 0.01;
    bool ok = ask_train_glance_focus(NULL, &o, &r, &err);
    assert_true(ok || err.code == ASK_ERR_NOT_FOUND);
    assert_true(r.overfit.n_steps > 10);
}

static void write_line(const char *file, const char *answer)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"id\":1,\"video\":\"%s\",\"question\":\"what colour\",\"answer\":\"%s\"}\n",
             layouts_video(&world.world, 0), answer);
    test_write_text(file, line);
}

/* The one answer that it knows is right in other words: askance eval says so, too. */
static void answers_are_graded_as_in_an_evaluation(void **state)
{
    (void)state;
    char data[512];
    snprintf(data, sizeof data, "%s/lines", dir);
    write_line(test_path(data, "train.jsonl"), "red");
    write_line(test_path(data, "val.jsonl"), "The red!");
    ask_train_glance_focus_options o = tiny(set_of("nextqa-open"), false);
    o.set = "lines";
    o.data = data;
    o.eval_split = NULL;
    ask_train_glance_focus_result r = trained("other words", new_folder(), &o);
    assert_true(metric(&r.metrics, "accuracy") == 1);
    write_line(test_path(data, "val.jsonl"), "blue");
    r = trained("another answer", new_folder(), &o);
    assert_true(metric(&r.metrics, "accuracy") == 0);
}

/* Keeps what is said; user is a buffer of 2048 bytes. */
static void keep_line(void *user, ask_log_level level, const char *message)
{
    size_t n = strlen(user);
    (void)level;
    snprintf((char *)user + n, 2048 - n, "%s\n", message);
}

/* Of a model that is trained on as of one that begins. */
static void answers_to_measure_that_the_model_lacks_are_told(void **state)
{
    (void)state;
    char data[512], out[512], lines[2048] = "";
    const ask_logger log = {keep_line, lines, ASK_LOG_WARNING};
    snprintf(data, sizeof data, "%s/lacking", dir);
    snprintf(out, sizeof out, "%s", new_folder());
    write_line(test_path(data, "train.jsonl"), "red");
    write_line(test_path(data, "val.jsonl"), "blue");
    ask_train_glance_focus_options o = tiny(set_of("nextqa-open"), false);
    o.set = "lines";
    o.data = data;
    o.eval_split = NULL;
    o.log = &log;
    for (int from_model = 0; from_model < 2; from_model++) {
        lines[0] = '\0';
        o.init = from_model ? out : NULL;
        trained("lacking", from_model ? new_folder() : out, &o);
        if (!strstr(lines, "val.jsonl: 1 of 1 questions have an answer outside of the "
                           "vocabulary of 1; the model does not have the word"))
            fail_msg("%d: %s", from_model, lines);
    }
}

/* The questions to measure on, looked for with nobody to be told why they cannot be read.
 */
static void damaged_questions_need_no_place_for_an_error(void **state)
{
    (void)state;
    char data[512];
    snprintf(data, sizeof data, "%s/damaged", dir);
    write_line(test_path(data, "train.jsonl"), "red");
    test_write_text(test_path(data, "val.jsonl"), "{");
    glance_making m = {.opt = tiny(set_of("nextqa-open"), false)};
    m.opt.set = "lines";
    m.opt.data = data;
    m.opt.eval_split = NULL;
    assert_false(glance_open_data(&m, NULL));
    assert_null(m.val);
    ask_glance_data_close(m.train);
    m = (glance_making){.opt = m.opt};
    m.opt.mode = ASK_GLANCE_TEST;
    assert_false(glance_open_data(&m, NULL));
}

/* A model that is measured after its training has the numbers that it had in it. */
static void a_test_measures_what_the_training_did(void **state)
{
    (void)state;
    const char *out = new_folder();
    ask_train_glance_focus_options o = tiny(set_of("qvhighlights"), true);
    ask_train_glance_focus_result r = trained("training", out, &o);
    o.mode = ASK_GLANCE_TEST;
    o.init = out;
    ask_train_glance_focus_result again = trained("test", NULL, &o);
    assert_int_equal(again.metrics.n, r.metrics.n);
    for (int i = 0; i < r.metrics.n; i++)
        assert_true(again.metrics.items[i].value == r.metrics.items[i].value);
}

static void a_frozen_text_tower_is_not_trained(void **state)
{
    (void)state;
    ask_train_glance_focus_options o = tiny(set_of("star-lines"), true);
    ask_train_glance_focus_result all = trained("all", new_folder(), &o);
    o.freeze_text = true;
    ask_train_glance_focus_result some = trained("frozen", new_folder(), &o);
    assert_true(some.n_params < all.n_params);
}

/* ---- where a network begins ---- */

/* A folder of a BERT drawn at random, that has words learned from the questions. */
static const char *text_tower(void)
{
    static char path[512];
    ask_error err = {0};
    ask_train_glance_focus_options o = tiny(set_of("star-lines"), false);
    const char *words = new_folder();
    trained("words", words, &o);
    const char *config = test_path(dir, "bert/config.json");
    test_write_text(config,
                    "{\"model_type\": \"bert\", \"hidden_size\": 24, \"vocab_size\": 640,"
                    "\"intermediate_size\": 32, \"num_hidden_layers\": 1,"
                    "\"num_attention_heads\": 2, \"max_position_embeddings\": 64}");
    snprintf(path, sizeof path, "%s/tower", dir);
    const ask_model_init_options init = {
        .struct_size = sizeof init, .seed = 3, .tokenizer = words};
    CHECK_OK(ask_model_init(path, test_path(dir, "bert/config.json"), &init, &err), &err);
    return path;
}

static float *values_of(const char *folder, const char *name, size_t *n)
{
    ask_error err = {0};
    ask_weights *w = ask_weights_open(folder, &err);
    CHECK_OK(w, &err);
    const ask_weights_entry *e = ask_weights_find(w, name);
    assert_non_null(e);
    *n = (size_t)e->n_elements;
    float *values = malloc(*n * sizeof *values);
    assert_non_null(values);
    ask_dtype_to_f32(e->type, values, e->data, *n);
    ask_weights_close(w);
    return values;
}

static void a_text_tower_is_taken_and_a_model_goes_on(void **state)
{
    static const char name[] = "embeddings.word_embeddings.weight";
    (void)state;
    char tower[512], out[512];
    size_t n, n_kept;
    snprintf(tower, sizeof tower, "%s", text_tower());
    snprintf(out, sizeof out, "%s", new_folder());
    ask_train_glance_focus_options o = tiny(set_of("star-lines"), true);
    o.text = tower;
    o.freeze_text = true;
    trained("with a tower", out, &o);
    float *given = values_of(tower, name, &n);
    float *kept = values_of(
        out, "transformer.text_encoder.embeddings.word_embeddings.weight", &n_kept);
    assert_int_equal(n, n_kept);
    assert_memory_equal(given, kept, n * sizeof *given);
    free(given);
    free(kept);
    o = tiny(set_of("star-lines"), true);
    o.init = out;
    ask_train_glance_focus_result r = trained("from a model", new_folder(), &o);
    assert_int_equal(r.run.last_step, 4);
    ask_error err = {0};
    o.set = "nextqa";
    o.data = layouts_path(&world.world, "nextqa");
    o.events = glance_world_events(&world, set_of("nextqa"));
    assert_false(ask_train_glance_focus(new_folder(), &o, &r, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL); // it takes four options, not five
    assert_non_null(strstr(err.message, "answers other questions"));
}

static void copy_files(const char *to, const char *from, const char *const *names, size_t n)
{
    ask_error err = {0};
    char path[600];
    CHECK_OK(ask_dir_make(to, &err), &err);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", from, names[i]);
        CHECK_OK(ask_dir_copy_in(to, path, &err), &err);
    }
}

/* The authors' checkpoint has weights alone: what it is beside follows from them. */
static void weights_without_a_configuration_are_the_authors(void **state)
{
    static const char *const files[] = {"model.safetensors", "tokenizer.json", "vocab.json",
                                        "merges.txt", "tokenizer_config.json"};
    (void)state;
    char bare[512], begun[512], out[512];
    size_t n_bytes;
    snprintf(bare, sizeof bare, "%s/bare", dir);
    snprintf(begun, sizeof begun, "%s", new_folder());
    ask_train_glance_focus_options o = tiny(set_of("star-lines"), true);
    trained("to begin with", begun, &o);
    copy_files(bare, begun, files, TEST_COUNT(files));
    snprintf(out, sizeof out, "%s", new_folder());
    o.init = bare;
    trained("from weights alone", out, &o);
    char *config = test_read(test_path(out, "config.json"), &n_bytes);
    assert_non_null(strstr(config, "\"compat\": \"released\""));
    assert_non_null(strstr(config, "\"spans\": \"start_end\""));
    assert_non_null(strstr(config, "\"d_model\": 16"));
    free(config);
}

/* What is not taught keeps its names, and where its features come from. */
static void what_a_model_knows_stays_known(void **state)
{
    static const char layout[] = "\"features\": {\"layout\": \"clips\"},\n  ";
    (void)state;
    char begun[512], out[512];
    size_t n_list, n_kept;
    snprintf(begun, sizeof begun, "%s", new_folder());
    ask_train_glance_focus_options o = tiny(set_of("star-lines"), true);
    trained("to begin with", begun, &o);
    char *list = test_read(test_path(begun, "action_mapping.txt"), &n_list);
    for (char *at = list; (at = strstr(at, "a0")); at++) at[0] = 'k';
    test_write(test_path(begun, "action_mapping.txt"), list, n_list);
    char *config = test_read(test_path(begun, "config.json"), &n_kept);
    char *more = malloc(n_kept + sizeof layout + 1), *at = strstr(config, "\"memory\"");
    assert_true(more && at);
    sprintf(more, "%.*s%s%s", (int)(at - config), config, layout, at);
    test_write_text(test_path(begun, "config.json"), more);
    free(config);
    free(more);

    snprintf(out, sizeof out, "%s", new_folder());
    o = tiny(set_of("star-lines"), false);
    o.init = begun;
    trained("goes on", out, &o);
    char *kept = test_read(test_path(out, "action_mapping.txt"), &n_kept);
    assert_true(n_kept == n_list && memcmp(kept, list, n_list) == 0);
    config = test_read(test_path(out, "config.json"), &n_kept);
    assert_non_null(strstr(config, "\"layout\": \"clips\""));
    free(config);
    free(kept);
    free(list);
}

static void features_are_made_of_the_videos_and_kept(void **state)
{
    (void)state;
    char vision[512], out[512], file[600];
    snprintf(vision, sizeof vision, "%s/vision", dir);
    snprintf(out, sizeof out, "%s", new_folder());
    color_model_write(vision, NULL);
    ask_train_glance_focus_options o = tiny(set_of("qvhighlights"), true);
    o.features = NULL;
    o.vision = vision;
    ask_train_glance_focus_result r = trained("from videos", out, &o);
    assert_int_equal(r.run.last_step, 4);
    snprintf(file, sizeof file, "%s/features/%s.safetensors", out,
             layouts_video(&world.world, 0));
    struct stat before, after;
    assert_int_equal(stat(file, &before), 0);
    o.resume_from = "last"; // they are there
    r = trained("again", out, &o);
    assert_true(r.run.last_step < r.run.first_step);
    assert_int_equal(stat(file, &after), 0);
    assert_true(before.st_ino == after.st_ino);
}

/* ---- memory ---- */

static bool train_a_step(void *user, ask_error *err)
{
    ask_train_glance_focus_result r;
    return ask_train_glance_focus(new_folder(), user, &r, err);
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    ask_train_glance_focus_options o = tiny(set_of("tgifqa-frame"), true);
    o.n_steps = 1;
    assert_true(test_some_allocs_fail("training", train_a_step, &o) > 50);
}

/* ---- the same bits ---- */

static void check_same_file(const char *a, const char *b, const char *name)
{
    size_t n_a, n_b;
    char path[600];
    snprintf(path, sizeof path, "%s/%s", a, name);
    char *bytes_a = test_read(path, &n_a);
    snprintf(path, sizeof path, "%s/%s", b, name);
    char *bytes_b = test_read(path, &n_b);
    CHECK_CASE(name, n_a == n_b && memcmp(bytes_a, bytes_b, n_a) == 0);
    free(bytes_a);
    free(bytes_b);
}

static ask_train_glance_focus_options resumable(void)
{
    ask_train_glance_focus_options o = tiny(set_of("star-lines"), true);
    o.n_steps = 24;
    o.n_batches = 2;
    o.save_every = 1;
    o.eval_every = 5;
    o.most_checkpoints = 2;
    return o;
}

/* The number of the last checkpoint in a folder, whole or not; -1: none. */
static int64_t last_checkpoint(const char *out)
{
    ask_dir_names names = {0};
    int64_t step = -1;
    if (ask_file_exists(out) && ask_dir_list(&names, out, "checkpoint-*", NULL) && names.n)
        step = atoll(strchr(names.names[names.n - 1], '-') + 1);
    ask_dir_names_free(&names);
    return step;
}

static void sleep_ms(double ms)
{
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e6 * ms)}, NULL);
}

/* Trains in a process of its own, which is killed some time after that step. */
static void train_and_kill(const char *out, int64_t step, double after_ms)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        ask_train_glance_focus_options o = resumable();
        ask_train_glance_focus_result r;
        ask_error err = {0};
        o.resume_from = last_checkpoint(out) >= 0 ? "last" : NULL;
        _exit(ask_train_glance_focus(out, &o, &r, &err) ? 0 : 1);
    }
    int status = 0;
    while (last_checkpoint(out) < step && waitpid(child, &status, WNOHANG) == 0)
        sleep_ms(1);
    sleep_ms(after_ms);
    kill(child, SIGKILL);
    if (waitpid(child, &status, 0) == child) assert_true(WIFSIGNALED(status));
}

static void killed_at_any_time_it_goes_on_to_the_same_bits(void **state)
{
    enum { KILLS = 3 };
    (void)state;
    ask_rng rng = ask_rng_new((uint64_t)time(NULL));
    const char *straight = new_folder(), *killed = new_folder();
    ask_train_glance_focus_options o = resumable();
    trained("in one go", straight, &o);
    for (int i = 0; i < KILLS; i++) {
        int64_t step = 6 * i + 1 + (int64_t)ask_rng_below(&rng, 6);
        train_and_kill(killed, step, 20 * ask_rng_double(&rng));
        assert_true(last_checkpoint(killed) >= step);
    }
    o.resume_from = "last";
    ask_train_glance_focus_result r = trained("resumed", killed, &o);
    assert_true(r.run.first_step > 6 * (KILLS - 1) + 1);
    check_same_file(straight, killed, "model.safetensors");
    check_same_file(straight, killed, "checkpoint-24/optimizer.safetensors");
}

/* No file may grow beyond this from then on. */
static void fill_disk(void *user, const ask_train_pace *pace)
{
    const struct rlimit *old = user;
    if (pace->step != 5) return;
    struct rlimit small = {.rlim_cur = 600, .rlim_max = old->rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
}

static void a_full_disk_leaves_the_last_checkpoint(void **state)
{
    (void)state;
    struct rlimit old;
    ask_error err = {0};
    ask_train_glance_focus_result r;
    const char *straight = new_folder(), *full = new_folder();
    ask_train_glance_focus_options o = resumable();
    o.report = "none";
    trained("with room", straight, &o);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    o.pace = fill_disk;
    o.pace_user = &old;
    bool ok = ask_train_glance_focus(full, &o, &r, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(ok);
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_int_equal(last_checkpoint(full), 5);
    o.pace = NULL;
    o.resume_from = "last";
    r = trained("with room again", full, &o);
    assert_int_equal(r.run.first_step, 6);
    check_same_file(straight, full, "model.safetensors");
}

static void resuming_is_verified(void **state)
{
    (void)state;
    ask_train_glance_focus_options o = tiny(set_of("nextqa-open"), false);
    o.mode = ASK_GLANCE_VERIFY_RESUME;
    ask_train_glance_focus_result r = trained("verified", NULL, &o);
    assert_true(r.verified.n_tensors > 50);
    assert_int_equal(r.verified.resumed_after, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_settings_train_on_every_layout),
        cmocka_unit_test(every_head_learns_a_batch_by_heart),
        cmocka_unit_test(accumulated_batches_are_one),
        cmocka_unit_test(one_batch_has_no_epochs),
        cmocka_unit_test(answers_are_graded_as_in_an_evaluation),
        cmocka_unit_test(answers_to_measure_that_the_model_lacks_are_told),
        cmocka_unit_test(damaged_questions_need_no_place_for_an_error),
        cmocka_unit_test(a_test_measures_what_the_training_did),
        cmocka_unit_test(a_frozen_text_tower_is_not_trained),
        cmocka_unit_test(a_text_tower_is_taken_and_a_model_goes_on),
        cmocka_unit_test(weights_without_a_configuration_are_the_authors),
        cmocka_unit_test(what_a_model_knows_stays_known),
        cmocka_unit_test(features_are_made_of_the_videos_and_kept),
        cmocka_unit_test(memory_that_runs_out_is_told),
        cmocka_unit_test(killed_at_any_time_it_goes_on_to_the_same_bits),
        cmocka_unit_test(a_full_disk_leaves_the_last_checkpoint),
        cmocka_unit_test(resuming_is_verified),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
