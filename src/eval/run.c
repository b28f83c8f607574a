#include "eval/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/options.h"
#include "base/path.h"
#include "eval/learnt.h"
#include "eval/run_priv.h"
#include "eval/submission.h"

/* ---- the questions ---- */

/* All that is open while a run runs. */
typedef struct {
    const char *dir;
    const ask_eval_set *set;
    const ask_answerer *answerer;
    ask_eval_run_options opt;
    const ask_eval_item **items; // owned; those that are asked, in order
    size_t n;
    ask_eval_learnt *learnt; // NULL: no baseline learns
    ask_eval_run_result result;
    ask_eval_samples *samples;
} run;

/* Refuses a set of which nothing can be asked, with why. */
static bool check_some(const run *r, size_t n_all, ask_error *err)
{
    if (r->n > 0) return true;
    if (r->result.n_other_kind == n_all)
        return ask_fail(err, ASK_ERR_MODEL,
                        "the model (%s) answers no question of this kind: %s has %zu of "
                        "other kinds",
                        r->answerer->name, r->result.file, n_all);
    return ask_fail(err, ASK_ERR_IO,
                    "%s: no file of any video is there; say with --videos where they are",
                    r->result.file);
}

static bool leave_out(ask_eval_run_result *r, const ask_eval_item *item, ask_error *err)
{
    const ask_eval_row row = {.item = *item, .given.decision.choice = -1};
    r->n_no_video++;
    return !ask_eval_submission_wants_all(r->task) ||
           ask_eval_rows_add(&r->no_video, &row, err);
}

static bool choose_items(run *r, ask_error *err)
{
    size_t n_all;
    const ask_eval_item *all = ask_eval_set_items(r->set, &n_all);
    r->items = malloc((n_all + 1) * sizeof *r->items);
    if (!r->items) return ask_fail_memory(err);
    for (size_t i = 0; i < n_all; i++) {
        const ask_data_record *q = &all[i].record;
        if (!r->answerer->kinds[q->kind])
            r->result.n_other_kind++;
        else if (!r->answerer->needs_video || q->video_path)
            r->items[r->n++] = &all[i];
        else if (!leave_out(&r->result, &all[i], err))
            return false;
    }
    r->result.n_questions = r->n;
    return check_some(r, n_all, err);
}

static bool check_items(const run *r, ask_error *err)
{
    const ask_answerer *a = r->answerer;
    for (size_t i = 0; a->check && i < r->n; i++) {
        if (!ask_cancel_check(r->opt.cancel, err) || !a->check(a->user, r->items[i], err))
            return false;
        ask_progress_send(r->opt.progress, (int64_t)i + 1, (int64_t)r->n, "questions",
                          "checking");
    }
    return true;
}

/* ---- settings ---- */

/* Which questions these are, as a number. */
static uint64_t fingerprint(const run *r)
{
    uint64_t sum = r->n;
    for (size_t i = 0; i < r->n; i++) {
        const ask_data_record *q = &r->items[i]->record;
        sum = ask_hash64(q->id, strlen(q->id), sum);
        sum = ask_hash64(q->question, strlen(q->question), sum);
    }
    return sum;
}

static void list_baselines(char out[128], const bool wanted[ASK_N_BASELINES])
{
    size_t n = 0;
    out[0] = '\0';
    for (int b = 0; b < ASK_N_BASELINES; b++)
        if (wanted[b])
            n += (size_t)ask_format(out + n, 128 - n, "%s%s", n ? "," : "",
                                    ask_eval_baseline_name((ask_eval_baseline)b));
    if (n == 0) ask_format(out, 128, "none");
}

static bool add_settings(run *r, ask_error *err)
{
    char questions[32], seed[32], baselines[128];
    ask_format(questions, sizeof questions, "%016llx", (unsigned long long)fingerprint(r));
    ask_format(seed, sizeof seed, "%llu", (unsigned long long)r->opt.seed);
    list_baselines(baselines, r->opt.baselines);
    const ask_eval_run_result *of = &r->result;
    const ask_eval_setting known[] = {
        {"task", of->task},
        {"file", of->file},
        {"split", of->split ? of->split : "not known"},
        {"questions", questions},
        {"answerer", r->answerer->name},
        {"model", of->model ? of->model : "none"},
        {"baselines", baselines},
        {"seed", seed},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!run_settings_add(&r->result, known[i].key, known[i].value, err)) return false;
    for (int i = 0; i < r->opt.n_settings; i++)
        if (!run_settings_add(&r->result, r->opt.settings[i].key, r->opt.settings[i].value,
                              err))
            return false;
    return true;
}

static bool describe(run *r, ask_error *err)
{
    ask_eval_run_result *out = &r->result;
    ask_eval_set_noticed(out->n_noticed, r->set);
    return run_text(&out->task, out, r->opt.task, err) &&
           run_text(&out->file, out, ask_eval_set_file(r->set), err) &&
           run_text(&out->split, out, ask_eval_set_split(r->set), err) &&
           run_text(&out->model, out, r->answerer->model_id, err);
}

static bool note(run *r, ask_eval_baseline b, const char *text, ask_error *err)
{
    return !r->opt.baselines[b] || run_text(&r->result.notes[b], &r->result, text, err);
}

static bool note_baselines(run *r, ask_error *err)
{
    const char *from = r->opt.train
                           ? "learnt from the questions for training"
                           : "learnt from the same questions, in five parts by video: "
                             "each from the other four";
    return note(r, ASK_BASELINE_SHUFFLED, r->answerer->no_shuffle, err) &&
           note(r, ASK_BASELINE_MAJORITY, from, err) &&
           note(r, ASK_BASELINE_QUESTION_ONLY, from, err);
}

/* ---- the folder ---- */

/* Either the same run is in it, or none is. */
static bool take_folder(const run *r, const char *settings, const char *samples,
                        ask_error *err)
{
    if (!ask_dir_make(r->dir, err)) return false;
    if (!ask_file_exists(settings)) {
        if (ask_file_exists(samples))
            return ask_fail(err, ASK_ERR_USAGE,
                            "%s is there, but no run.json that says what it is of; name "
                            "another folder",
                            samples);
        return run_settings_write(settings, &r->result, err);
    }
    ask_eval_run_result there;
    if (!run_settings_read(&there, settings, err)) return false;
    bool same = run_settings_compare(&there, &r->result, r->dir, err);
    ask_eval_run_result_free(&there);
    return same;
}

/* The rows that are there are the first questions. */
static bool check_rows(const run *r, const char *samples, ask_error *err)
{
    const ask_eval_rows *rows = &r->result.rows;
    for (size_t i = 0; i < rows->n; i++) {
        const char *id = rows->rows[i].item.record.id;
        if (i < r->n && strcmp(id, r->items[i]->record.id) == 0) continue;
        return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: question \"%s\" does not come here",
                        samples, i + 1, id);
    }
    return true;
}

static bool open_folder(run *r, ask_error *err)
{
    char *settings = ask_path_join(r->dir, "run.json", err);
    char *samples = settings ? ask_path_join(r->dir, "samples.jsonl", err) : NULL;
    bool ok = samples && take_folder(r, settings, samples, err);
    if (ok) r->samples = ask_eval_samples_open(&r->result.rows, samples, err);
    ok = ok && r->samples && check_rows(r, samples, err);
    r->result.n_kept = r->result.rows.n;
    free(settings);
    free(samples);
    return ok;
}

/* ---- answering ---- */

/* What the question's own name adds to the seed, so that its order does not depend on which
 * questions came before. */
static uint64_t seed_of(const run *r, const ask_eval_item *item)
{
    return ask_hash64(item->record.id, strlen(item->record.id), r->opt.seed);
}

/* The same model shown something else. What it cannot answer then is left out. */
static bool answer_view(run *r, ask_eval_row *row, const ask_eval_item *item,
                        ask_eval_baseline b, ask_error *err)
{
    ask_eval_row other;
    ask_eval_view view = b == ASK_BASELINE_BLIND ? ASK_VIEW_BLIND : ASK_VIEW_SHUFFLED;
    if (!ask_eval_record(&other, r->answerer, item, view, seed_of(r, item),
                         r->result.rows.room, err))
        return false;
    row->has_baseline[b] = !other.error;
    row->baselines[b] = other.given.decision;
    return true;
}

static bool answer_learnt(run *r, ask_eval_row *row, const ask_eval_item *item,
                          ask_eval_baseline b, ask_error *err)
{
    ask_eval_decision *d = &row->baselines[b];
    row->has_baseline[b] = ask_eval_learnt_answer(d, r->learnt, item, b);
    // What was learnt ends before the rows do.
    if (row->has_baseline[b] && d->choice < 0 && d->text) {
        d->text = ask_arena_strdup(r->result.rows.room, d->text);
        if (!d->text) return ask_fail_memory(err);
    }
    return true;
}

static bool answer_baselines(run *r, ask_eval_row *row, const ask_eval_item *item,
                             ask_error *err)
{
    const bool *wanted = r->opt.baselines;
    for (int i = 0; i < ASK_N_BASELINES; i++) {
        ask_eval_baseline b = (ask_eval_baseline)i;
        bool learns = b == ASK_BASELINE_MAJORITY || b == ASK_BASELINE_QUESTION_ONLY;
        bool never = b == ASK_BASELINE_SHUFFLED && r->answerer->no_shuffle;
        if (!wanted[i] || never || (row->error && !learns)) continue;
        if (learns ? !answer_learnt(r, row, item, b, err)
                   : !answer_view(r, row, item, b, err))
            return false;
    }
    return true;
}

static bool answer_item(run *r, const ask_eval_item *item, ask_error *err)
{
    ask_eval_row row;
    return ask_eval_record(&row, r->answerer, item, ASK_VIEW_VIDEO, seed_of(r, item),
                           r->result.rows.room, err) &&
           answer_baselines(r, &row, item, err) &&
           ask_eval_samples_add(r->samples, &row, err) &&
           ask_eval_rows_add(&r->result.rows, &row, err);
}

static bool learn(run *r, ask_error *err)
{
    if (!r->opt.baselines[ASK_BASELINE_MAJORITY] &&
        !r->opt.baselines[ASK_BASELINE_QUESTION_ONLY])
        return true;
    size_t n, n_train = 0;
    const ask_eval_item *items = ask_eval_set_items(r->set, &n);
    const ask_eval_item *train =
        r->opt.train ? ask_eval_set_items(r->opt.train, &n_train) : NULL;
    r->learnt = ask_eval_learnt_new(items, n, train, n_train, r->opt.cancel, err);
    return r->learnt;
}

static bool answer_all(run *r, ask_error *err)
{
    if (r->result.rows.n == r->n) return true;
    if (!learn(r, err)) return false;
    for (size_t i = r->result.rows.n; i < r->n; i++) {
        if (!ask_cancel_check(r->opt.cancel, err) || !answer_item(r, r->items[i], err))
            return false;
        ask_progress_send(r->opt.progress, (int64_t)i + 1, (int64_t)r->n, "questions",
                          "asking");
    }
    return true;
}

/* ---- numbers ---- */

static uint64_t seed_of_settings(const ask_eval_run_result *r)
{
    for (int i = 0; i < r->n_settings; i++)
        if (strcmp(r->settings[i].key, "seed") == 0)
            return strtoull(r->settings[i].value, NULL, 10);
    return 1;
}

static bool finish(ask_eval_run_result *r, const char *dir, ask_error *err)
{
    ask_bootstrap_options o = ask_bootstrap_defaults();
    o.seed = seed_of_settings(r);
    return ask_eval_grade(&r->scores, r->rows.rows, r->rows.n, &o, err) &&
           run_files_write(r, dir, err);
}

bool ask_eval_run(ask_eval_run_result *out, const char *dir, const ask_eval_set *set,
                  const ask_answerer *a, const ask_eval_run_options *opt, ask_error *err)
{
    double begin_s = ask_clock_s();
    run r = {.dir = dir, .set = set, .answerer = a, .opt = {.task = "", .seed = 1}};
    ask_options_take(&r.opt, sizeof r.opt, opt);
    bool ok = describe(&r, err) && choose_items(&r, err) && check_items(&r, err) &&
              add_settings(&r, err) && note_baselines(&r, err) && open_folder(&r, err) &&
              answer_all(&r, err) && finish(&r.result, dir, err);
    if (!ok && r.samples && err && err->code == ASK_ERR_CANCELLED)
        ask_fail(err, ASK_ERR_CANCELLED,
                 "interrupted after %zu of %zu questions; %s keeps them, and the same "
                 "command goes on",
                 r.result.rows.n, r.n, dir);
    ask_eval_samples_close(r.samples);
    ask_eval_learnt_free(r.learnt);
    free(r.items);
    if (ok) {
        r.result.seconds = ask_clock_s() - begin_s;
        *out = r.result;
    } else {
        ask_eval_run_result_free(&r.result);
    }
    return ok;
}

static bool check_task(const ask_eval_run_result *r, const char *dir, const char *task,
                       ask_error *err)
{
    return !task || strcmp(r->task, task) == 0 ||
           ask_fail(err, ASK_ERR_USAGE, "%s is a run of %s, not of %s", dir, r->task, task);
}

bool ask_eval_regrade(ask_eval_run_result *out, const char *dir, const char *task,
                      ask_error *err)
{
    double begin_s = ask_clock_s();
    ask_eval_run_result r = {0};
    char *settings = ask_path_join(dir, "run.json", err);
    char *samples = settings ? ask_path_join(dir, "samples.jsonl", err) : NULL;
    bool ok = samples && run_settings_read(&r, settings, err) &&
              check_task(&r, dir, task, err) && ask_eval_rows_read(&r.rows, samples, err);
    free(settings);
    free(samples);
    if (ok) {
        r.n_kept = r.rows.n;
        ok = finish(&r, dir, err);
    }
    r.seconds = ask_clock_s() - begin_s;
    if (ok)
        *out = r;
    else
        ask_eval_run_result_free(&r);
    return ok;
}

void ask_eval_run_result_free(ask_eval_run_result *r)
{
    ask_eval_rows_free(&r->rows);
    ask_eval_rows_free(&r->no_video);
    ask_eval_scores_free(&r->scores);
    ask_arena_free(r->texts);
    *r = (ask_eval_run_result){0};
}
