#include <string.h>

#include "base/file.h"
#include "eval/run_priv.h"

static const char SCHEMA[] = "askance.eval.run/1";

bool run_text(const char **out, ask_eval_run_result *r, const char *text, ask_error *err)
{
    *out = NULL;
    if (!text) return true;
    if (!r->texts) r->texts = ask_arena_new(4096);
    if (r->texts) *out = ask_arena_strdup(r->texts, text);
    return *out || ask_fail_memory(err);
}

bool run_settings_add(ask_eval_run_result *r, const char *key, const char *value,
                      ask_error *err)
{
    if (r->n_settings == ASK_EVAL_MOST_SETTINGS)
        return ask_fail(err, ASK_ERR_LIMIT, "more than %d settings",
                        ASK_EVAL_MOST_SETTINGS);
    ask_eval_setting *s = &r->settings[r->n_settings++];
    return run_text(&s->key, r, key, err) && run_text(&s->value, r, value, err);
}

/* ---- writing ---- */

void run_put_noticed(ask_json_writer *w, const ask_eval_run_result *r)
{
    ask_json_open_object(w, "noticed");
    for (int k = 0; k < ASK_DATA_N_NOTICES; k++)
        if (r->n_noticed[k])
            ask_json_put_int(w, ask_data_notice_name((ask_data_notice_kind)k),
                             (int64_t)r->n_noticed[k]);
    ask_json_close(w);
}

/* What the submission says of queries that were not asked. */
static void put_no_video(ask_json_writer *w, const ask_eval_run_result *r)
{
    if (r->no_video.n == 0) return;
    ask_json_open_array(w, "no_video");
    for (size_t i = 0; i < r->no_video.n; i++) {
        const ask_data_record *q = &r->no_video.rows[i].item.record;
        ask_json_open_object(w, NULL);
        ask_json_put_string(w, "id", q->id);
        ask_json_put_string(w, "video", q->video);
        ask_json_put_double(w, "video_s", q->video_s);
        ask_json_put_string(w, "question", q->question);
        ask_json_close(w);
    }
    ask_json_close(w);
}

bool run_settings_write(const char *path, const ask_eval_run_result *r, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", SCHEMA);
    ask_json_put_string(&w, "task", r->task);
    ask_json_put_string(&w, "file", r->file);
    ask_json_put_string(&w, "split", r->split);
    ask_json_put_string(&w, "model", r->model);
    ask_json_open_object(&w, "settings");
    for (int i = 0; i < r->n_settings; i++)
        ask_json_put_string(&w, r->settings[i].key, r->settings[i].value);
    ask_json_close(&w);
    ask_json_open_object(&w, "notes");
    for (int b = 0; b < ASK_N_BASELINES; b++)
        if (r->notes[b])
            ask_json_put_string(&w, ask_eval_baseline_name((ask_eval_baseline)b),
                                r->notes[b]);
    ask_json_close(&w);
    ask_json_put_int(&w, "questions", (int64_t)r->n_questions);
    ask_json_open_object(&w, "left_out");
    ask_json_put_int(&w, "no_video", (int64_t)r->n_no_video);
    ask_json_put_int(&w, "other_kind", (int64_t)r->n_other_kind);
    ask_json_close(&w);
    run_put_noticed(&w, r);
    put_no_video(&w, r);
    ask_json_close(&w);
    ask_str_append_char(&text, '\n');
    bool ok = !text.failed || ask_fail_memory(err);
    ok = ok && ask_file_write(path, ask_str_text(&text), text.length, err);
    ask_str_free(&text);
    return ok;
}

/* ---- reading ---- */

static bool copy_text(const char **out, ask_eval_run_result *r, ask_json_value v,
                      const char *key, ask_error *err)
{
    const char *text;
    return ask_json_opt_string(&text, v, key, NULL, err) && run_text(out, r, text, err);
}

static bool read_settings(ask_eval_run_result *out, ask_json_value root, ask_error *err)
{
    ask_json_value settings;
    if (!ask_json_get_object(&settings, root, "settings", err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(settings, &m);) {
        const char *value;
        if (!ask_json_get_string(&value, m.value, NULL, err) ||
            !run_settings_add(out, m.key, value, err))
            return false;
    }
    return true;
}

static bool read_notes(ask_eval_run_result *out, ask_json_value root, ask_error *err)
{
    ask_json_value notes;
    if (!ask_json_get_object(&notes, root, "notes", err)) return false;
    for (int b = 0; b < ASK_N_BASELINES; b++)
        if (!copy_text(&out->notes[b], out, notes,
                       ask_eval_baseline_name((ask_eval_baseline)b), err))
            return false;
    return true;
}

static bool read_counts(ask_eval_run_result *out, ask_json_value root, ask_error *err)
{
    int64_t questions, no_video, other_kind;
    if (!ask_json_get_int(&questions, root, "questions", 0, INT64_MAX, err) ||
        !ask_json_get_int(&no_video, root, "left_out.no_video", 0, INT64_MAX, err) ||
        !ask_json_get_int(&other_kind, root, "left_out.other_kind", 0, INT64_MAX, err))
        return false;
    out->n_questions = (size_t)questions;
    out->n_no_video = (size_t)no_video;
    out->n_other_kind = (size_t)other_kind;
    return true;
}

/* A run of an earlier version tells none. */
static bool read_noticed(ask_eval_run_result *out, ask_json_value root, ask_error *err)
{
    for (int k = 0; k < ASK_DATA_N_NOTICES; k++) {
        int64_t n;
        char path[64];
        ask_format(path, sizeof path, "noticed.%s",
                   ask_data_notice_name((ask_data_notice_kind)k));
        if (!ask_json_opt_int(&n, root, path, 0, INT64_MAX, 0, err)) return false;
        out->n_noticed[k] = (size_t)n;
    }
    return true;
}

static bool read_query(ask_eval_run_result *out, ask_json_value v, ask_error *err)
{
    ask_eval_row row = {.given.decision.choice = -1};
    ask_data_record *q = &row.item.record;
    const char *id, *video, *question;
    return ask_json_get_string(&id, v, "id", err) &&
           ask_json_get_string(&video, v, "video", err) &&
           ask_json_get_double(&q->video_s, v, "video_s", err) &&
           ask_json_get_string(&question, v, "question", err) &&
           run_text(&q->id, out, id, err) && run_text(&q->video, out, video, err) &&
           run_text(&q->question, out, question, err) &&
           ask_eval_rows_add(&out->no_video, &row, err);
}

static bool read_no_video(ask_eval_run_result *out, ask_json_value root, ask_error *err)
{
    ask_json_value list = ask_json_member(root, "no_video");
    if (ask_json_type_of(list) == ASK_JSON_ABSENT) return true;
    if (!ask_json_get_array(&list, list, NULL, err)) return false;
    for (size_t i = 0; i < ask_json_count(list); i++)
        if (!read_query(out, ask_json_item(list, i), err)) return false;
    return true;
}

static bool read_root(ask_eval_run_result *out, ask_json_value root, ask_error *err)
{
    const char *schema, *task, *file;
    if (!ask_json_get_string(&schema, root, "schema", err)) return false;
    if (strcmp(schema, SCHEMA) != 0)
        return ask_json_fail(ask_json_find(root, "schema"), err,
                             "expected \"%s\", got \"%s\"", SCHEMA, schema);
    return ask_json_get_string(&task, root, "task", err) &&
           ask_json_get_string(&file, root, "file", err) &&
           copy_text(&out->task, out, root, "task", err) &&
           copy_text(&out->file, out, root, "file", err) &&
           copy_text(&out->split, out, root, "split", err) &&
           copy_text(&out->model, out, root, "model", err) &&
           read_settings(out, root, err) && read_notes(out, root, err) &&
           read_counts(out, root, err) && read_noticed(out, root, err) &&
           read_no_video(out, root, err);
}

bool run_settings_read(ask_eval_run_result *out, const char *path, ask_error *err)
{
    ask_eval_run_result r = {0};
    ask_json *doc = ask_json_read(path, NULL, err);
    bool ok = doc && read_root(&r, ask_json_root(doc), err);
    ask_json_free(doc);
    if (ok)
        *out = r;
    else
        ask_eval_run_result_free(&r);
    return ok;
}

/* ---- comparing ---- */

static const char *value_of(const ask_eval_run_result *r, const char *key)
{
    for (int i = 0; i < r->n_settings; i++)
        if (strcmp(r->settings[i].key, key) == 0) return r->settings[i].value;
    return NULL;
}

/* Appends what one side says otherwise than the other; what the other lacks only when
 * asked, so that it is told once. */
static void tell_difference(ask_str *out, const ask_eval_run_result *a,
                            const ask_eval_run_result *b, bool swapped)
{
    for (int i = 0; i < a->n_settings; i++) {
        const char *of_a = a->settings[i].value, *of_b = value_of(b, a->settings[i].key);
        if (of_b && (swapped || strcmp(of_a, of_b) == 0)) continue;
        const char *there = swapped ? of_b : of_a, *now = swapped ? of_a : of_b;
        ask_str_printf(out, "%s%s was %s and is %s", out->length ? "; " : "",
                       a->settings[i].key, there ? there : "not set",
                       now ? now : "not set");
    }
}

bool run_settings_compare(const ask_eval_run_result *there, const ask_eval_run_result *now,
                          const char *dir, ask_error *err)
{
    ask_str text = {0};
    tell_difference(&text, there, now, false);
    tell_difference(&text, now, there, true);
    bool same = text.length == 0 && !text.failed;
    if (text.failed)
        ask_fail_memory(err);
    else if (!same)
        ask_fail(err, ASK_ERR_USAGE, "%s holds another run: %s; name another folder", dir,
                 ask_str_text(&text));
    ask_str_free(&text);
    return same;
}
