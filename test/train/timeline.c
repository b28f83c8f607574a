/* Training Timeline, stage by stage: what is trained and what stays, from a checkpoint to
 * the same bits, parts of other models, and what is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "model/model.h"
#include "support/testing.h"
#include "support/timeline_start.h"
#include "train/timeline.h"
#include "weights/weights.h"

static char *dir, *begin; // where all goes; what trainings begin with

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    begin = test_temp_dir_make();
    timeline_start_write(begin);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    test_temp_dir_remove(begin);
    return 0;
}

/* Paths in the options hold until the next call. */
static ask_train_timeline_options tiny(ask_timeline_stage stage)
{
    static char config[512];
    ask_train_timeline_options o = ask_train_timeline_defaults();
    snprintf(config, sizeof config, "%s/config.json", begin);
    o.stage = stage;
    o.config = config;
    o.tokenizer = begin;
    o.n_clips = 2;
    o.n_questions = 3;
    o.n_steps = 3;
    o.n_eval = 3;
    o.n_threads = 1;
    o.report = "jsonl";
    return o;
}

/* A folder that is not there yet. */
static char *new_folder(void)
{
    static int n;
    ask_str path = {0};
    ask_str_printf(&path, "%s/out%d", dir, n++);
    return ask_str_take(&path, NULL);
}

static ask_train_timeline_result trained(const char *name, const char *out,
                                         const ask_train_timeline_options *o)
{
    ask_error err = {0};
    ask_train_timeline_result r;
    if (!ask_train_timeline(out, o, &r, &err)) fail_msg("%s: %s", name, err.message);
    return r;
}

/* ---- what is trained ---- */

enum { MOST_PARTS = 5, MOST_METRICS = 4 };

typedef struct {
    ask_timeline_stage stage;
    const char *parts[MOST_PARTS];     // prefixes of what it trains
    const char *metrics[MOST_METRICS]; // that it tells
} stage_case;

static const stage_case stage_cases[] = {
    {ASK_TIMELINE_CELLS, {"cells."}, {"recall", "color", "deed", "score"}},
    {ASK_TIMELINE_GLANCE, {"glance."}, {"map", "event_recall", "ap_hits"}},
    {ASK_TIMELINE_GLANCE_SEEN, {"glance."}, {"map", "toy_recall"}},
    {ASK_TIMELINE_FOCUS, {"focus.", "text.", "words."}, {"accuracy", "open", "pointer"}},
    {ASK_TIMELINE_FOCUS_SEEN, {"focus.", "text.", "words."}, {"map", "accuracy"}},
    {ASK_TIMELINE_GLANCE_FOCUS_SEEN,
     {"glance.", "focus.", "text.", "words."},
     {"map", "accuracy", "pointer"}},
    {ASK_TIMELINE_JOINT,
     {"cells.", "glance.", "focus.", "text.", "words."},
     {"recall", "map", "accuracy", "accuracy_color"}},
    {ASK_TIMELINE_FIND, {"find."}, {"hit"}},
};

static bool is_trained(const stage_case *c, const char *name)
{
    for (int i = 0; i < MOST_PARTS && c->parts[i]; i++)
        if (ask_starts_with(name, c->parts[i])) return true;
    return false;
}

static bool metric_of(const ask_train_metrics *m, const char *name, double *value)
{
    for (int i = 0; i < m->n; i++) {
        *value = m->items[i].value;
        if (strcmp(m->items[i].name, name) == 0) return true;
    }
    return false;
}

static bool tells(const ask_train_metrics *m, const char *name)
{
    double value;
    return metric_of(m, name, &value);
}

/* Of each part something has moved; of what is not trained, nothing. In a joint training
 * the statistics of norms stay, too. */
static void check_parts(const stage_case *c, const char *before, const char *after)
{
    ask_error err = {0};
    const char *name = ask_timeline_stage_name(c->stage);
    ask_weights *was = ask_weights_open(before, &err), *is = ask_weights_open(after, &err);
    CHECK_OK(was && is, &err);
    size_t n_moved = 0, n_of_parts = 0;
    assert_int_equal(ask_weights_count(was), ask_weights_count(is));
    for (size_t i = 0; i < ask_weights_count(is); i++) {
        const ask_weights_entry *now = ask_weights_at(is, i);
        const ask_weights_entry *then = ask_weights_find(was, now->name);
        CHECK_CASE(now->name, then && then->bytes == now->bytes);
        bool moved = memcmp(then->data, now->data, now->bytes) != 0;
        bool is_statistic = strstr(now->name, ".running_");
        bool may = is_statistic ? c->stage == ASK_TIMELINE_CELLS : is_trained(c, now->name);
        if (moved && !may) fail_msg("%s: %s has moved", name, now->name);
        n_of_parts += may;
        n_moved += moved;
    }
    CHECK_CASE(name, n_moved * 2 > n_of_parts);
    ask_weights_close(was);
    ask_weights_close(is);
}

/* The folder of the first stage is what the others begin with. */
static void each_stage_trains_its_part_alone(void **state)
{
    (void)state;
    char *first = new_folder();
    ask_train_timeline_options o = tiny(ASK_TIMELINE_CELLS);
    o.n_steps = 1;
    trained("begin", first, &o);
    for (size_t i = 0; i < TEST_COUNT(stage_cases); i++) {
        const stage_case *c = &stage_cases[i];
        const char *name = ask_timeline_stage_name(c->stage);
        char *out = new_folder();
        o = tiny(c->stage);
        o.config = o.tokenizer = NULL;
        o.init = first;
        ask_train_timeline_result r = trained(name, out, &o);
        CHECK_CASE(name, r.run.last_step == 3 && isfinite(r.run.last_loss));
        CHECK_CASE(name, r.run.last_loss > 0 && r.n_params > 100 && r.arena_bytes > 0);
        for (int k = 0; k < MOST_METRICS && c->metrics[k]; k++)
            CHECK_CASE(c->metrics[k], tells(&r.run.metrics, c->metrics[k]));
        check_parts(c, first, out);
        free(out);
    }
    free(first);
}

/* ---- without a memory ---- */

/* It has no ranks of slots, and cannot take the place of a model that has a memory. */
static void a_network_learns_without_a_memory(void **state)
{
    (void)state;
    char *out = new_folder();
    ask_error err = {0};
    ask_train_timeline_options o = tiny(ASK_TIMELINE_GLANCE_FOCUS_SEEN);
    o.no_memory = true;
    ask_train_timeline_result r = trained("no memory", out, &o);
    assert_true(tells(&r.run.metrics, "accuracy") && !tells(&r.run.metrics, "map"));
    ask_weights *w = ask_weights_open(out, &err);
    CHECK_OK(w, &err);
    assert_null(ask_weights_find(w, "focus.ranks.weight"));
    assert_non_null(ask_weights_find(w, "focus.no_slot.weight"));
    ask_weights_close(w);
    ask_model *m = ask_model_open(out, NULL, &err);
    assert_null(m);
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "memory"));

    char *first = new_folder(), *second = new_folder();
    o.no_memory = false;
    trained("memory", first, &o);
    o.no_memory = true;
    o.config = o.tokenizer = NULL;
    o.init = first;
    err = (ask_error){0};
    assert_false(ask_train_timeline(second, &o, &r, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    free(out);
    free(first);
    free(second);
}

/* ---- without being told ---- */

/* Of a text file. */
static bool says(const char *path, const char *what)
{
    size_t n;
    char *text = test_read(path, &n);
    bool found = strstr(text, what);
    free(text);
    return found;
}

/* Of glance and focus, all moves as it does where they are told. */
static void answers_alone_can_be_learnt_from(void **state)
{
    (void)state;
    char *first = new_folder(), *told = new_folder(), *untold = new_folder();
    ask_train_timeline_options o = tiny(ASK_TIMELINE_CELLS);
    o.n_steps = 1;
    trained("begin", first, &o);
    o = tiny(ASK_TIMELINE_GLANCE_FOCUS_SEEN);
    o.log_every = 1;
    o.config = o.tokenizer = NULL;
    o.init = first;
    trained("told", told, &o);
    o.answers_only = true;
    ask_train_timeline_result r = trained("untold", untold, &o);
    assert_true(tells(&r.run.metrics, "map") && tells(&r.run.metrics, "accuracy"));
    const char *log = test_path(untold, "log.jsonl");
    assert_true(says(log, "\"options\":") && says(log, "\"open\":"));
    assert_false(says(log, "\"event\":") || says(log, "\"pointer\":"));
    assert_true(says(test_path(told, "log.jsonl"), "\"event\":"));
    const stage_case parts = {
        ASK_TIMELINE_GLANCE_FOCUS_SEEN, {"glance.", "focus.", "text.", "words."}, {NULL}};
    check_parts(&parts, first, untold);
    free(first);
    free(told);
    free(untold);
}

/* ---- what it is measured on ---- */

static void it_is_measured_on_the_split_that_is_named(void **state)
{
    (void)state;
    double error[2];
    for (int i = 0; i < 2; i++) {
        char *out = new_folder();
        ask_train_timeline_options o = tiny(ASK_TIMELINE_CELLS);
        o.eval_split = i ? ASK_SPLIT_TEST : ASK_SPLIT_VAL;
        ask_train_timeline_result r = trained("split", out, &o);
        assert_true(metric_of(&r.run.metrics, "box_error", &error[i]));
        free(out);
    }
    assert_true(error[0] != error[1]); // the network is the same
}

/* ---- resuming ---- */

static void check_same_bits(const char *name, const char *one, const char *other)
{
    size_t n_one, n_other;
    char *a = test_read(test_path(one, "model.safetensors"), &n_one);
    char *b = test_read(test_path(other, "model.safetensors"), &n_other);
    CHECK_CASE(name, n_one == n_other && memcmp(a, b, n_one) == 0);
    free(a);
    free(b);
}

static void a_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    for (int stage = 0; stage < ASK_N_TIMELINE_STAGES; stage++) {
        const char *name = ask_timeline_stage_name((ask_timeline_stage)stage);
        char *whole = new_folder(), *halves = new_folder();
        ask_train_timeline_options o = tiny((ask_timeline_stage)stage);
        o.n_eval = 0;
        trained(name, whole, &o);
        o.until = 2;
        ask_train_timeline_result r = trained(name, halves, &o);
        CHECK_CASE(name, r.run.last_step == 2);
        o.until = 0;
        o.resume_from = "last";
        o.config = o.tokenizer = NULL; // the checkpoint has them
        r = trained(name, halves, &o);
        CHECK_CASE(name, r.run.first_step == 3 && r.run.last_step == 3);
        check_same_bits(name, whole, halves);
        free(whole);
        free(halves);
    }
}

/* ---- parts ---- */

static void a_model_is_put_together_from_parts_of_others(void **state)
{
    (void)state;
    static const stage_case kept = {ASK_TIMELINE_GLANCE, {"glance."}, {NULL}};
    char *one = new_folder(), *other = new_folder(), *both = new_folder();
    ask_train_timeline_options o = tiny(ASK_TIMELINE_CELLS);
    o.n_eval = 0;
    trained("one", one, &o);
    o.seed = 2;
    trained("other", other, &o);
    o = tiny(ASK_TIMELINE_GLANCE);
    o.n_eval = 0;
    o.config = o.tokenizer = NULL;
    o.init = one;
    o.cells = o.focus = o.find = other;
    trained("both", both, &o);
    check_parts(&kept, other, both); // all but the glance are those of the other
    free(one);
    free(other);
    free(both);
}

/* ---- what is refused ---- */

typedef struct {
    const char *name;
    void (*spoil)(ask_train_timeline_options *o);
    ask_error_code code;
    const char *says;
} refusal;

static void without_start(ask_train_timeline_options *o)
{
    o->config = o->tokenizer = NULL;
}

static void without_words(ask_train_timeline_options *o)
{
    o->tokenizer = NULL;
}

static void two_starts(ask_train_timeline_options *o)
{
    o->init = begin;
}

static void no_config(ask_train_timeline_options *o)
{
    o->config = test_path(dir, "none.json");
}

static void other_names(ask_train_timeline_options *o)
{
    size_t n;
    char *text = test_read(test_path(begin, "config.json"), &n);
    char *name = strstr(text, "\"pink\"");
    assert_non_null(name);
    memcpy(name, "\"grey\"", 6);
    test_write_text(test_path(dir, "names/config.json"), text);
    free(text);
    o->config = test_path(dir, "names/config.json");
}

static void other_pictures(ask_train_timeline_options *o)
{
    size_t n;
    char *text = test_read(test_path(begin, "config.json"), &n);
    char *size = strstr(text, "\"image_size\": 48");
    assert_non_null(size);
    memcpy(size, "\"image_size\": 64", 16);
    test_write_text(test_path(dir, "pictures/config.json"), text);
    free(text);
    text = test_read(test_path(begin, "preprocessor_config.json"), &n);
    test_write_text(test_path(dir, "pictures/preprocessor_config.json"), text);
    free(text);
    o->config = test_path(dir, "pictures/config.json");
}

static void no_clips(ask_train_timeline_options *o)
{
    o->n_clips = -1;
}

static void too_many_questions(ask_train_timeline_options *o)
{
    o->n_questions = 24;
}

static void no_split(ask_train_timeline_options *o)
{
    o->eval_split = ASK_N_SPLITS;
}

static void too_many_near_misses(ask_train_timeline_options *o)
{
    o->n_near = 17;
}

static void no_answers(ask_train_timeline_options *o)
{
    o->answers_only = true;
}

static void simple_world(ask_train_timeline_options *o)
{
    o->style = ask_scene_simple();
}

static void too_much_noise(ask_train_timeline_options *o)
{
    o->noise = NAN;
}

static void no_steps(ask_train_timeline_options *o)
{
    o->n_steps = 0;
}

static void no_part(ask_train_timeline_options *o)
{
    o->glance = test_path(dir, "none");
}

static void no_checkpoint(ask_train_timeline_options *o)
{
    o->resume_from = "last";
}

static void nothing_remembered(ask_train_timeline_options *o)
{
    o->stage = ASK_TIMELINE_GLANCE;
    o->no_memory = true;
}

static void nothing_imagined(ask_train_timeline_options *o)
{
    o->stage = ASK_TIMELINE_FOCUS;
    o->no_memory = true;
}

static const refusal refusals[] = {
    {"no start", without_start, ASK_ERR_USAGE, "give one of both"},
    {"a configuration without words", without_words, ASK_ERR_USAGE, "needs a tokenizer"},
    {"two starts", two_starts, ASK_ERR_USAGE, "give one of both"},
    {"no configuration", no_config, ASK_ERR_MODEL, "none.json"},
    {"a colour that is not played", other_names, ASK_ERR_MODEL,
     "\"grey\" stands where the playroom has \"pink\""},
    {"pictures of another size", other_pictures, ASK_ERR_MODEL, "64"},
    {"no clips", no_clips, ASK_ERR_USAGE, "a step of -1 clips"},
    {"too many questions", too_many_questions, ASK_ERR_USAGE, "24 questions"},
    {"no split", no_split, ASK_ERR_USAGE, "no split"},
    {"too many near misses", too_many_near_misses, ASK_ERR_USAGE, "nearly right"},
    {"answers to no questions", no_answers, ASK_ERR_USAGE, "asks no questions"},
    {"a simple world", simple_world, ASK_ERR_USAGE, "full worlds"},
    {"noise that is no number", too_much_noise, ASK_ERR_USAGE, "of the usual noise"},
    {"no steps", no_steps, ASK_ERR_USAGE, "step"},
    {"a part that is not there", no_part, ASK_ERR_MODEL, "none"},
    {"no checkpoint", no_checkpoint, ASK_ERR_MODEL, "checkpoint"},
    {"a glance without a memory", nothing_remembered, ASK_ERR_USAGE, "needs a memory"},
    {"a focus on no memory", nothing_imagined, ASK_ERR_USAGE, "needs a memory"},
};

static void what_cannot_be_is_refused_before_anything_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
        const refusal *c = &refusals[i];
        ask_error err = {0};
        ask_train_timeline_result r;
        char *out = new_folder();
        ask_train_timeline_options o = tiny(ASK_TIMELINE_CELLS);
        c->spoil(&o);
        CHECK_CASE(c->name, !ask_train_timeline(out, &o, &r, &err));
        if (err.code != c->code || !strstr(err.message, c->says))
            fail_msg("case \"%s\": %d, %s", c->name, (int)err.code, err.message);
        CHECK_CASE(c->name, !ask_file_exists(test_path(out, "config.json")));
        free(out);
    }
}

static void a_folder_that_is_taken_stays_as_it_is(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_train_timeline_result r;
    char *out = new_folder();
    ask_train_timeline_options o = tiny(ASK_TIMELINE_CELLS);
    o.n_steps = 1;
    o.n_eval = 0;
    trained("once", out, &o);
    assert_false(ask_train_timeline(out, &o, &r, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "holds config.json already"));
    free(out);
}

static void stages_are_found_by_name(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_timeline_stage stage;
    for (int i = 0; i < ASK_N_TIMELINE_STAGES; i++) {
        const char *name = ask_timeline_stage_name((ask_timeline_stage)i);
        CHECK_OK(ask_timeline_stage_find(&stage, name, &err), &err);
        assert_int_equal(stage, i);
    }
    assert_false(ask_timeline_stage_find(&stage, "glances", &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(
        strstr(err.message, "glance-seen, focus, focus-seen, glance-focus-seen"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_trains_its_part_alone),
        cmocka_unit_test(a_network_learns_without_a_memory),
        cmocka_unit_test(answers_alone_can_be_learnt_from),
        cmocka_unit_test(it_is_measured_on_the_split_that_is_named),
        cmocka_unit_test(a_training_goes_on_to_the_same_bits),
        cmocka_unit_test(a_model_is_put_together_from_parts_of_others),
        cmocka_unit_test(what_cannot_be_is_refused_before_anything_is_written),
        cmocka_unit_test(a_folder_that_is_taken_stays_as_it_is),
        cmocka_unit_test(stages_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
