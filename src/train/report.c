#include "train/report.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/number.h"
#include "train/report_priv.h"

bool ask_train_report_parse(ask_train_report_kinds *out, const char *list, ask_error *err)
{
    ask_train_report_kinds k = {0};
    const struct {
        const char *name;
        bool *kind;
    } kinds[] = {{"jsonl", &k.jsonl}, {"csv", &k.csv}, {"tensorboard", &k.tensorboard}};
    bool all = strcmp(list, "all") == 0, none = strcmp(list, "none") == 0;
    for (const char *at = list; !all && !none;) {
        size_t n = strcspn(at, ","), i = 0;
        while (i < 3 && (strlen(kinds[i].name) != n || strncmp(kinds[i].name, at, n) != 0))
            i++;
        if (i == 3)
            return ask_fail(err, ASK_ERR_USAGE,
                            "\"%.*s\" is nowhere to report to; there are: jsonl, csv, "
                            "tensorboard, all, none",
                            n < 60 ? (int)n : 60, at);
        *kinds[i].kind = true;
        if (!at[n]) break;
        at += n + 1;
    }
    if (all) k = (ask_train_report_kinds){true, true, true};
    *out = k;
    return true;
}

/* ---- lines of JSON ---- */

static bool step_of_json(int64_t *out, const char *line, size_t n_bytes)
{
    ask_json *doc = ask_json_parse(line, n_bytes, "log", NULL, NULL);
    bool ok = doc && ask_json_get_int(out, ask_json_root(doc), "step", 0, INT64_MAX, NULL);
    ask_json_free(doc);
    return ok;
}

static bool add_json(train_report *r, const train_entry *e,
                     void (*more)(void *user, ask_json_writer *w), void *user,
                     ask_error *err)
{
    ask_str line = {0};
    ask_json_writer w = {.out = &line};
    ask_json_open_object(&w, NULL);
    train_entry_put(&w, e);
    ask_json_put_double(&w, "seconds", e->seconds);
    if (!isnan(e->examples_per_s))
        ask_json_put_double(&w, "examples_per_s", e->examples_per_s);
    if (more) more(user, &w);
    ask_json_close(&w);
    ask_str_append_char(&line, '\n');
    bool ok = train_lines_add(r->jsonl, &line, err);
    ask_str_free(&line);
    return ok;
}

/* ---- tables ---- */

/* Rows begin with the step; the row of names does not. */
static bool step_of_row(int64_t *out, const char *line, size_t n_bytes)
{
    char digits[24] = "";
    size_t n = strcspn(line, ",\n");
    if (n >= n_bytes) return false;
    if (n < sizeof digits) memcpy(digits, line, n);
    if (!ask_parse_i64(out, digits)) *out = 0;
    return true;
}

static void put_names(ask_str *out, const train_entry *e)
{
    ask_csv_writer w = {.out = out, .separator = ','};
    char key[TRAIN_KEY_BYTES];
    ask_csv_put(&w, "step");
    ask_csv_put(&w, "epoch");
    for (int i = 0; i < e->n; i++) ask_csv_put(&w, train_entry_key(key, e, i));
    ask_csv_put(&w, "seconds");
    if (!e->is_evaluation) ask_csv_put(&w, "examples_per_s");
    ask_csv_end_row(&w);
}

static void put_row(ask_str *out, const train_entry *e)
{
    ask_csv_writer w = {.out = out, .separator = ','};
    ask_csv_put_int(&w, e->step);
    ask_csv_put_double(&w, e->epoch);
    for (int i = 0; i < e->n; i++) ask_csv_put_double(&w, e->values[i].value);
    ask_csv_put_double(&w, e->seconds);
    if (!e->is_evaluation) ask_csv_put_double(&w, e->examples_per_s);
    ask_csv_end_row(&w);
}

static bool add_row(train_lines *table, const train_entry *e, ask_error *err)
{
    ask_str names = {0}, row = {0};
    put_names(&names, e);
    put_row(&row, e);
    bool ok = train_lines_head(table, &names, err) && train_lines_add(table, &row, err);
    ask_str_free(&names);
    ask_str_free(&row);
    return ok;
}

/* ---- all of them ---- */

static bool open_lines(train_lines **out, const char *path, int64_t after,
                       train_step_of_line step_of, ask_error *err)
{
    if (!path) return true;
    *out = train_lines_open(path, after, step_of, err);
    return *out;
}

bool train_report_open(train_report *r, const ask_train_report_paths *paths, int64_t after,
                       ask_error *err)
{
    if (!open_lines(&r->jsonl, paths->jsonl, after, step_of_json, err) ||
        !open_lines(&r->steps, paths->csv, after, step_of_row, err) ||
        !open_lines(&r->evaluations, paths->eval_csv, after, step_of_row, err))
        return false;
    if (!paths->tensorboard) return true;
    r->tensorboard = train_tensorboard_open(paths->tensorboard, after, err);
    return r->tensorboard;
}

bool train_report_add(train_report *r, const train_entry *e,
                      void (*more)(void *user, ask_json_writer *w), void *user,
                      ask_error *err)
{
    train_lines *table = e->is_evaluation ? r->evaluations : r->steps;
    return (!r->jsonl || add_json(r, e, more, user, err)) &&
           (!table || add_row(table, e, err)) &&
           (!r->tensorboard || train_tensorboard_add(r->tensorboard, e, err));
}

void train_report_close(train_report *r)
{
    train_lines_close(r->jsonl);
    train_lines_close(r->steps);
    train_lines_close(r->evaluations);
    train_tensorboard_close(r->tensorboard);
    *r = (train_report){0};
}
