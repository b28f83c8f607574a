/* Teaching Timeline to find: what is trained and what stays, what is told, parts of other
 * models, and what is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "support/testing.h"
#include "support/timeline_start.h"
#include "train/timeline.h"
#include "weights/weights.h"

static char *dir, *begin, *mute; // where all goes; what trainings begin with; what cannot
                                 // find

/* The same folder without that part. */
static void write_mute(void)
{
    ask_str text = {0};
    ask_timeline_config c = timeline_start_config();
    assert_true(c.find.n_embed > 0);
    c.find.n_embed = 0;
    timeline_start_write(mute);
    ask_timeline_config_write(&text, &c);
    test_write_text(test_path(mute, "config.json"), ask_str_text(&text));
    ask_str_free(&text);
}

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    begin = test_temp_dir_make();
    mute = test_temp_dir_make();
    timeline_start_write(begin);
    write_mute();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    test_temp_dir_remove(begin);
    test_temp_dir_remove(mute);
    return 0;
}

/* Paths in the options hold until the next call. */
static ask_train_timeline_options tiny(ask_timeline_stage stage, const char *from)
{
    static char config[512];
    ask_train_timeline_options o = ask_train_timeline_defaults();
    snprintf(config, sizeof config, "%s/config.json", from);
    o.stage = stage;
    o.config = config;
    o.tokenizer = from;
    o.n_clips = 2;
    o.n_frames = 2;
    o.n_questions = 8; // texts
    o.n_steps = 2;
    o.n_eval = 0;
    o.n_threads = 1;
    o.report = "jsonl";
    return o;
}

/* A folder of the test; holds until it ends. */
static char *folder(const char *name)
{
    ask_str path = {0};
    ask_str_printf(&path, "%s/%s", dir, name);
    return ask_str_take(&path, NULL);
}

static ask_train_timeline_result trained(const char *out,
                                         const ask_train_timeline_options *o)
{
    ask_error err = {0};
    ask_train_timeline_result r;
    if (!ask_train_timeline(out, o, &r, &err)) fail_msg("%s: %s", out, err.message);
    return r;
}

static double metric(const ask_train_metrics *m, const char *name)
{
    for (int i = 0; i < m->n; i++)
        if (strcmp(m->items[i].name, name) == 0) return m->items[i].value;
    fail_msg("\"%s\" is not told", name);
    return 0;
}

/* How many tensors whose names begin so there are, and how many of them differ. */
static void compare(const char *before, const char *after, const char *prefix, int *n,
                    int *n_moved)
{
    ask_error err = {0};
    ask_weights *was = ask_weights_open(before, &err), *is = ask_weights_open(after, &err);
    CHECK_OK(was && is, &err);
    *n = *n_moved = 0;
    for (size_t i = 0; i < ask_weights_count(is); i++) {
        const ask_weights_entry *now = ask_weights_at(is, i);
        const ask_weights_entry *then = ask_weights_find(was, now->name);
        if (!ask_starts_with(now->name, prefix)) continue;
        CHECK_CASE(now->name, then && then->bytes == now->bytes);
        ++*n;
        *n_moved += memcmp(then->data, now->data, now->bytes) != 0;
    }
    ask_weights_close(was);
    ask_weights_close(is);
}

static void it_trains_what_is_found_by_and_nothing_else(void **state)
{
    (void)state;
    static const char *const others[] = {"cells.", "glance.", "focus.", "text.", "words."};
    char *first = folder("first"), *out = folder("out");
    ask_train_timeline_options o = tiny(ASK_TIMELINE_CELLS, begin);
    int n, n_moved;
    trained(first, &o);
    o = tiny(ASK_TIMELINE_FIND, begin);
    o.config = o.tokenizer = NULL;
    o.init = first;
    o.n_eval = 5;
    ask_train_timeline_result r = trained(out, &o);
    assert_true(isfinite(r.run.last_loss) && r.run.last_loss > 0 && r.arena_bytes > 0);
    for (size_t i = 0; i < TEST_COUNT(others); i++) {
        compare(first, out, others[i], &n, &n_moved);
        CHECK_CASE(others[i], n > 0 && n_moved == 0);
    }
    compare(first, out, "find.", &n, &n_moved);
    assert_true(n > 20 && n_moved > n * 3 / 4);
    double hit = metric(&r.run.metrics, "hit"), auc = metric(&r.run.metrics, "auc");
    assert_true(hit >= 0 && hit <= 1 && auc > 0.2 && auc < 1);
    metric(&r.run.metrics, "hit_event");
    metric(&r.run.metrics, "hit_thing");
    free(first);
    free(out);
}

static void the_log_tells_kinds_of_texts_apart(void **state)
{
    (void)state;
    char *out = folder("log");
    ask_train_timeline_options o = tiny(ASK_TIMELINE_FIND, begin);
    size_t n;
    trained(out, &o);
    char *log = test_read(test_path(out, "log.jsonl"), &n);
    static const char *const parts[] = {
        "\"frames\":", "\"patches\":", "\"fits\":", "\"accuracy\":", "\"color\":"};
    for (size_t i = 0; i < TEST_COUNT(parts); i++)
        CHECK_CASE(parts[i], strstr(log, parts[i]) != NULL);
    free(log);
    free(out);
}

static void it_is_put_into_other_models(void **state)
{
    (void)state;
    char *finder = folder("finder"), *both = folder("both");
    ask_train_timeline_options o = tiny(ASK_TIMELINE_FIND, begin);
    int n, n_moved;
    trained(finder, &o);
    o = tiny(ASK_TIMELINE_GLANCE, begin);
    o.seed = 2;
    o.find = finder;
    trained(both, &o);
    compare(finder, both, "find.", &n, &n_moved);
    assert_true(n > 20 && n_moved == 0);
    compare(finder, both, "focus.", &n, &n_moved);
    assert_true(n_moved > 0);
    free(finder);
    free(both);
}

static void a_network_without_the_part_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_train_timeline_result r;
    char *out = folder("refused");
    ask_train_timeline_options o = tiny(ASK_TIMELINE_FIND, mute);
    assert_false(ask_train_timeline(out, &o, &r, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "has no \"find\""));
    assert_false(ask_file_exists(test_path(out, "config.json")));
    o = tiny(ASK_TIMELINE_CELLS, mute); // but all else can be learnt
    trained(out, &o);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_trains_what_is_found_by_and_nothing_else),
        cmocka_unit_test(the_log_tells_kinds_of_texts_apart),
        cmocka_unit_test(it_is_put_into_other_models),
        cmocka_unit_test(a_network_without_the_part_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
