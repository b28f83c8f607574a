#include <stdlib.h>

#include "base/file.h"
#include "base/path.h"
#include "base/version.h"
#include "eval/run_priv.h"
#include "eval/scores_write.h"
#include "eval/submission.h"

/* ---- summary.json ---- */

static void put_settings(ask_json_writer *w, const ask_eval_run_result *r)
{
    ask_json_open_object(w, "settings");
    for (int i = 0; i < r->n_settings; i++)
        ask_json_put_string(w, r->settings[i].key, r->settings[i].value);
    ask_json_close(w);
}

/* Of a run that was stopped. */
static size_t unasked(const ask_eval_run_result *r)
{
    return r->n_questions > r->rows.n ? r->n_questions - r->rows.n : 0;
}

void ask_eval_run_json(ask_str *out, const ask_eval_run_result *r, const char *dir)
{
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.eval/1");
    ask_json_put_string(&w, "task", r->task);
    ask_json_put_string(&w, "file", r->file);
    if (r->split) ask_json_put_string(&w, "split", r->split);
    if (r->model) ask_json_put_string(&w, "model_id", r->model);
    ask_json_put_string(&w, "out", dir);
    ask_eval_scores_json(&w, &r->scores, r->notes);
    ask_json_put_int(&w, "unasked", (int64_t)unasked(r));
    ask_json_open_object(&w, "left_out");
    ask_json_put_int(&w, "no_video", (int64_t)r->n_no_video);
    ask_json_put_int(&w, "other_kind", (int64_t)r->n_other_kind);
    if (ask_eval_submission_name(r->task))
        ask_json_put_int(&w, "submission", (int64_t)r->n_unplaced);
    ask_json_close(&w);
    run_put_noticed(&w, r);
    put_settings(&w, r);
    ask_json_put_string(&w, "version", ask_version());
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- summary.md ---- */

static void tell_noticed(ask_str *out, const ask_eval_run_result *r)
{
    const char *first = "\nNoticed in the questions: ", *between = first;
    for (int k = 0; k < ASK_DATA_N_NOTICES; k++) {
        if (r->n_noticed[k] == 0) continue;
        ask_str_printf(out, "%s%s %zu", between,
                       ask_data_notice_name((ask_data_notice_kind)k), r->n_noticed[k]);
        between = ", ";
    }
    if (between != first) ask_str_append(out, ".\n");
}

void ask_eval_run_markdown(ask_str *out, const ask_eval_run_result *r)
{
    const ask_eval_scores *s = &r->scores;
    ask_str_printf(out, "# %s%s%s\n\n%s: %zu questions of %zu videos", r->task,
                   r->split ? ", " : "", r->split ? r->split : "", r->file, s->n_rows,
                   s->n_videos);
    if (unasked(r)) ask_str_printf(out, ", %zu still to be asked", unasked(r));
    if (s->n_errors) ask_str_printf(out, ", %zu could not be asked", s->n_errors);
    if (s->n_invalid) ask_str_printf(out, ", %zu without an answer", s->n_invalid);
    if (r->n_no_video) ask_str_printf(out, ", %zu left out: no video", r->n_no_video);
    if (r->n_other_kind)
        ask_str_printf(out, ", %zu left out: not what the model answers", r->n_other_kind);
    if (r->n_unplaced)
        ask_str_printf(out,
                       ask_eval_submission_wants_all(r->task)
                           ? ", %zu in %s without an answer"
                           : ", %zu not in %s: of no type that it has",
                       r->n_unplaced, ask_eval_submission_name(r->task));
    ask_str_append(out, ".\nIn brackets: 95 % intervals by drawing videos.\n\n");
    ask_eval_scores_markdown(out, s);
    tell_noticed(out, r);
    for (int b = 0; b < ASK_N_BASELINES; b++)
        if (r->notes[b])
            ask_str_printf(out, "\n%s: %s.\n", ask_eval_baseline_name((ask_eval_baseline)b),
                           r->notes[b]);
}

/* ---- all ---- */

static bool write_text(const char *dir, const char *name, const ask_str *text,
                       ask_error *err)
{
    char *path = text->failed ? NULL : ask_path_join(dir, name, err);
    if (text->failed) ask_fail_memory(err);
    bool ok = path && ask_file_write(path, ask_str_text(text), text->length, err);
    free(path);
    return ok;
}

static bool write_submission(ask_eval_run_result *r, const char *dir, ask_error *err)
{
    const char *name = ask_eval_submission_name(r->task);
    ask_str text = {0};
    if (!name) return true;
    r->n_unplaced = ask_eval_submission_write(&text, r->task, &r->rows);
    if (r->no_video.n > 0) // lines behind the others
        r->n_unplaced += ask_eval_submission_write(&text, r->task, &r->no_video);
    bool ok = write_text(dir, name, &text, err);
    ask_str_free(&text);
    return ok;
}

bool run_files_write(ask_eval_run_result *r, const char *dir, ask_error *err)
{
    if (!write_submission(r, dir, err)) return false;
    ask_str json = {0}, csv = {0}, markdown = {0};
    ask_eval_run_json(&json, r, dir);
    ask_eval_scores_csv(&csv, &r->scores);
    ask_eval_run_markdown(&markdown, r);
    bool ok = write_text(dir, "summary.json", &json, err) &&
              write_text(dir, "summary.csv", &csv, err) &&
              write_text(dir, "summary.md", &markdown, err);
    ask_str_free(&json);
    ask_str_free(&csv);
    ask_str_free(&markdown);
    return ok;
}
