/* What a training tells into files: lines, tables, and event files read back frame by
 * frame.
 */
#include "train/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/dir.h"
#include "base/hash.h"
#include "base/json.h"
#include "support/regression.h"
#include "support/testing.h"
#include "train/pace_priv.h"
#include "train/report_priv.h"

enum { N_STEPS = 30 };

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

/* ---- a training that tells everything ---- */

static bool evaluate(void *user, int64_t step, ask_train_metrics *out, ask_error *err)
{
    (void)user;
    return ask_train_metrics_add(out, "accuracy", (double)step / N_STEPS, err) &&
           ask_train_metrics_add(out, "nothing", NAN, err);
}

static int64_t n_paces;

static void on_pace(void *user, const ask_train_pace *p)
{
    n_paces++;
    assert_null(user);
    assert_true(p->step >= 1 && p->step <= p->n_steps && p->loss > 0 && p->rate > 0);
    assert_true(p->grad_norm > 0 && p->epoch == (double)p->step / 10);
    assert_true(p->examples_per_s > 0 && p->left_s >= 0);
    if (p->step == p->n_steps) assert_true(p->left_s == 0);
}

static bool train(int64_t until, bool resume, ask_error *err)
{
    const regression_options model = {.n_steps = N_STEPS};
    regression r;
    ask_train_result result;
    const ask_keeper_options keeper = {.dir = test_path(dir, "out")};
    const ask_train_evaluation evaluation = {.evaluate = evaluate, .every = 10};
    const ask_train_options opt = {
        .keeper = &keeper,
        .save_every = 6,
        .resume_from = resume ? test_path(dir, "out/checkpoint-12") : NULL,
        .evaluation = &evaluation,
        .report = {.jsonl = test_path(dir, "log.jsonl"),
                   .csv = test_path(dir, "log.csv"),
                   .eval_csv = test_path(dir, "eval.csv"),
                   .tensorboard = test_path(dir, "runs")},
        .log_every = 5,
        .examples = 4,
        .steps_per_epoch = 10,
        .pace = on_pace,
        .until = until,
    };
    bool ok = regression_open(&r, &model, err) &&
              ask_train_run(r.trainer, r.store, r.backend, &opt, &result, err);
    regression_close(&r);
    return ok;
}

/* Twenty steps; and the others from step 12 on. */
static void train_twice(void)
{
    ask_error err = {0};
    n_paces = 0;
    CHECK_OK(train(20, false, &err), &err);
    CHECK_OK(train(0, true, &err), &err);
    assert_int_equal(n_paces, 20 + 18);
}

static void lines_of_steps_that_are_made_again_go(void **state)
{
    (void)state;
    static const int64_t expected[] = {1, 5, 10, 10, 13, 15, 20, 20, 25, 30, 30};
    train_twice();
    size_t n_bytes, n = 0;
    char *text = test_read(test_path(dir, "log.jsonl"), &n_bytes);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        ask_error err = {0};
        int64_t step;
        double x;
        ask_json *doc = ask_json_parse(line, (size_t)(end - line), "log", NULL, &err);
        CHECK_OK(doc, &err);
        ask_json_value root = ask_json_root(doc);
        CHECK_OK(ask_json_get_int(&step, root, "step", 1, N_STEPS, &err), &err);
        assert_true(n < TEST_COUNT(expected) && step == expected[n]);
        bool evaluated = n > 0 && expected[n - 1] == step;
        CHECK_OK(ask_json_get_double(&x, root, evaluated ? "eval_accuracy" : "loss", &err),
                 &err);
        CHECK_OK(ask_json_get_double(&x, root, "epoch", &err), &err);
        assert_true(x == (double)step / 10);
        ask_json_free(doc);
        n++;
    }
    assert_int_equal(n, TEST_COUNT(expected));
    free(text);
}

static void check_table(const char *name, const char *const *columns, int n_columns,
                        const int64_t *steps, size_t n)
{
    ask_error err = {0};
    ask_csv *t = ask_csv_read(test_path(dir, name), ',', &err);
    CHECK_OK(t, &err);
    assert_int_equal(ask_csv_n_columns(t), n_columns);
    for (int i = 0; i < n_columns; i++)
        assert_string_equal(ask_csv_column_name(t, i), columns[i]);
    assert_int_equal(ask_csv_n_rows(t), n);
    for (size_t i = 0; i < n; i++) {
        int64_t step;
        double x;
        CHECK_OK(ask_csv_get_int(&step, t, i, 0, 1, N_STEPS, &err), &err);
        assert_int_equal(step, steps[i]);
        CHECK_OK(ask_csv_get_double(&x, t, i, 2, &err), &err);
    }
    ask_csv_free(t);
}

static void tables_have_a_row_for_each_logged_step(void **state)
{
    (void)state;
    static const char *const steps_of[] = {"step",          "epoch",   "loss",
                                           "square",        "size",    "grad_norm",
                                           "learning_rate", "seconds", "examples_per_s"};
    static const char *const evaluations_of[] = {"step", "epoch", "eval_accuracy",
                                                 "eval_nothing", "seconds"};
    static const int64_t steps[] = {1, 5, 10, 13, 15, 20, 25, 30};
    static const int64_t evaluations[] = {10, 20, 30};
    train_twice();
    check_table("log.csv", steps_of, TEST_COUNT(steps_of), steps, TEST_COUNT(steps));
    check_table("eval.csv", evaluations_of, TEST_COUNT(evaluations_of), evaluations,
                TEST_COUNT(evaluations));
}

static void a_table_of_something_else_is_not_added_to(void **state)
{
    (void)state;
    ask_error err = {0};
    train_twice();
    test_write_text(test_path(dir, "log.csv"), "step,other\n1,2\n");
    assert_false(train(0, true, &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(strstr(err.message, "log.csv: has the columns step,other"));
}

/* ---- event files ---- */

/* Reads what tensorboard.c writes, from the specification of the formats. */
typedef struct {
    const uint8_t *at, *end;
} reader;

static uint64_t get_fixed(reader *r, int n)
{
    uint64_t x = 0;
    assert_true(r->end - r->at >= n);
    for (int i = 0; i < n; i++) x |= (uint64_t)*r->at++ << 8 * i;
    return x;
}

static uint64_t get_varint(reader *r)
{
    uint64_t x = 0;
    for (int shift = 0;; shift += 7) {
        assert_true(r->at < r->end && shift < 64);
        uint8_t byte = *r->at++;
        x |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return x;
    }
}

static reader get_piece(reader *r, uint64_t n)
{
    assert_true((uint64_t)(r->end - r->at) >= n);
    reader piece = {r->at, r->at + n};
    r->at += n;
    return piece;
}

static void check_crc(reader *r, const uint8_t *bytes, size_t n)
{
    uint32_t masked = (uint32_t)get_fixed(r, 4) - 0xa282ead8;
    assert_int_equal(masked << 15 | masked >> 17, ask_crc32c(bytes, n));
}

typedef struct {
    double wall_time;
    int64_t step;
    char version[32];
    bool restarts;
    int n_values;
    struct {
        char tag[64];
        float value;
    } values[16];
} event;

static void get_text(char *out, size_t size, reader piece)
{
    size_t n = (size_t)(piece.end - piece.at);
    assert_true(n < size);
    memcpy(out, piece.at, n);
    out[n] = '\0';
}

static void get_value(event *e, reader r)
{
    assert_true(e->n_values < 16);
    while (r.at < r.end) {
        uint64_t key = get_varint(&r);
        if (key == (1 << 3 | 2)) {
            get_text(e->values[e->n_values].tag, 64, get_piece(&r, get_varint(&r)));
        } else {
            assert_int_equal(key, 2 << 3 | 5);
            uint32_t bits = (uint32_t)get_fixed(&r, 4);
            memcpy(&e->values[e->n_values].value, &bits, sizeof bits);
        }
    }
    e->n_values++;
}

static event get_event(reader r)
{
    event e = {0};
    while (r.at < r.end) {
        uint64_t key = get_varint(&r), bits;
        switch (key) {
        case 1 << 3 | 1:
            bits = get_fixed(&r, 8);
            memcpy(&e.wall_time, &bits, sizeof bits);
            break;
        case 2 << 3 | 0:
            e.step = (int64_t)get_varint(&r);
            break;
        case 3 << 3 | 2:
            get_text(e.version, sizeof e.version, get_piece(&r, get_varint(&r)));
            break;
        case 5 << 3 | 2:
            for (reader s = get_piece(&r, get_varint(&r)); s.at < s.end;) {
                assert_int_equal(get_varint(&s), 1 << 3 | 2);
                get_value(&e, get_piece(&s, get_varint(&s)));
            }
            break;
        case 7 << 3 | 2: {
            reader s = get_piece(&r, get_varint(&r));
            assert_int_equal(get_varint(&s), 1 << 3 | 0);
            e.restarts = get_varint(&s) == 1;
            break;
        }
        default:
            fail_msg("key %d in an event", (int)key);
        }
    }
    return e;
}

/* The events of a file, at most `most` of them. */
static int read_events(event *out, int most, const char *path)
{
    size_t n_bytes;
    int n = 0;
    char *bytes = test_read(path, &n_bytes);
    reader r = {(uint8_t *)bytes, (uint8_t *)bytes + n_bytes};
    while (r.at < r.end) {
        const uint8_t *begin = r.at;
        uint64_t length = get_fixed(&r, 8);
        check_crc(&r, begin, 8);
        reader data = get_piece(&r, length);
        check_crc(&r, data.at, length);
        assert_true(n < most);
        out[n++] = get_event(data);
    }
    free(bytes);
    return n;
}

static void an_event_file_tells_the_scalars(void **state)
{
    (void)state;
    static const char *const tags[] = {"train/loss", "train/square", "train/size",
                                       "train/grad_norm", "train/learning_rate"};
    enum { MOST = 32 };
    event events[MOST];
    ask_error err = {0};
    ask_dir_names files;
    train_twice();
    const char *runs = test_path(dir, "runs");
    CHECK_OK(ask_dir_list(&files, runs, "events.out.tfevents.*", &err), &err);
    assert_int_equal(files.n, 2);
    int n = read_events(events, MOST, test_path(runs, files.names[0]));
    assert_int_equal(n, 1 + 5 + 2); // steps 1, 5, 10, 15, 20; evaluations of 10, 20
    assert_string_equal(events[0].version, "brain.Event:2");
    assert_int_equal(events[1].step, 1);
    assert_true(events[1].wall_time > 1.5e9 && !events[1].restarts);
    assert_int_equal(events[1].n_values, TEST_COUNT(tags));
    for (size_t i = 0; i < TEST_COUNT(tags); i++)
        assert_string_equal(events[1].values[i].tag, tags[i]);
    assert_true(events[1].values[0].value > 0);
    assert_int_equal(events[4].step, 10);
    assert_int_equal(events[4].n_values, 1); // what is no number is left out
    assert_string_equal(events[4].values[0].tag, "eval/accuracy");
    assert_true(events[4].values[0].value == 10.0F / N_STEPS);

    n = read_events(events, MOST, test_path(runs, files.names[1]));
    assert_true(n > 2 && events[1].restarts && events[1].step == 13);
    assert_int_equal(events[n - 1].step, N_STEPS);
    ask_dir_names_free(&files);
}

/* ---- the rest ---- */

static void a_list_says_where_to_report_to(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        ask_train_report_kinds kinds;
    } cases[] = {
        {"none", {false, false, false}},       {"all", {true, true, true}},
        {"jsonl", {true, false, false}},       {"csv,jsonl", {true, true, false}},
        {"tensorboard", {false, false, true}},
    };
    static const char *const bad[] = {"", "wandb", "csv,", "csv,none", "CSV", "jsonl csv"};
    ask_error err = {0};
    ask_train_report_kinds k;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        CHECK_OK(ask_train_report_parse(&k, cases[i].list, &err), &err);
        CHECK_CASE(cases[i].list, memcmp(&k, &cases[i].kinds, sizeof k) == 0);
    }
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        CHECK_CASE(bad[i], !ask_train_report_parse(&k, bad[i], &err));
        CHECK_CASE(bad[i], err.code == ASK_ERR_USAGE);
    }
}

static void pace_is_told_in_a_few_words(void **state)
{
    (void)state;
    static const struct {
        ask_train_pace pace;
        const char *text;
    } cases[] = {
        {{.epoch = NAN, .loss = 1}, "loss 1"},
        {{.epoch = 2.5, .loss = 0.12345, .examples_per_s = 31.41, .left_s = 725},
         "loss 0.1235, epoch 2.50, 31.4/s, 12 min left"},
        {{.epoch = NAN, .loss = -3, .left_s = 9000}, "loss -3, 2.5 h left"},
        {{.epoch = NAN, .loss = 2, .left_s = 42}, "loss 2, 42 s left"},
    };
    char text[TRAIN_PACE_BYTES];
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        assert_string_equal(train_pace_text(text, &cases[i].pace), cases[i].text);
}

static bool open_and_add(void *user, ask_error *err)
{
    const ask_train_report_paths paths = {.jsonl = test_path(dir, "a.jsonl"),
                                          .csv = test_path(dir, "a.csv"),
                                          .tensorboard = test_path(dir, "runs")};
    const train_value value = {"loss", 1};
    const train_entry e = {.step = 4,
                           .epoch = 1,
                           .n = 1,
                           .values = &value,
                           .seconds = 2,
                           .examples_per_s = NAN};
    train_report r = {0};
    (void)user;
    bool ok =
        train_report_open(&r, &paths, 3, err) && train_report_add(&r, &e, NULL, NULL, err);
    train_report_close(&r);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("report", open_and_add, NULL) > 10);
}

#define TEST_IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_IN_DIR(lines_of_steps_that_are_made_again_go),
        TEST_IN_DIR(tables_have_a_row_for_each_logged_step),
        TEST_IN_DIR(a_table_of_something_else_is_not_added_to),
        TEST_IN_DIR(an_event_file_tells_the_scalars),
        TEST_IN_DIR(a_list_says_where_to_report_to),
        TEST_IN_DIR(pace_is_told_in_a_few_words),
        TEST_IN_DIR(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
