#include "base/json_write.h"
#include "eval/row.h"

static void put_texts(ask_json_writer *w, const char *key, const char *const *texts, int n)
{
    if (n == 0) return;
    ask_json_open_array(w, key);
    for (int i = 0; i < n; i++) ask_json_put_string(w, NULL, texts[i]);
    ask_json_close(w);
}

static void put_text(ask_json_writer *w, const char *key, const char *text)
{
    if (text) ask_json_put_string(w, key, text);
}

static void put_pair(ask_json_writer *w, double a, double b)
{
    ask_json_open_array(w, NULL);
    ask_json_put_double(w, NULL, a);
    ask_json_put_double(w, NULL, b);
    ask_json_close(w);
}

/* ---- what was asked ---- */

static void put_tags(ask_json_writer *w, const ask_data_record *r)
{
    if (r->n_tags == 0) return;
    ask_json_open_array(w, "tags");
    for (int i = 0; i < r->n_tags; i++) {
        ask_json_open_array(w, NULL);
        ask_json_put_string(w, NULL, r->tags[i].group);
        ask_json_put_string(w, NULL, r->tags[i].name);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void put_asked(ask_json_writer *w, const ask_data_record *r)
{
    ask_json_put_string(w, "id", r->id);
    ask_json_put_string(w, "video", r->video);
    ask_json_put_string(w, "kind", ask_data_kind_name(r->kind));
    put_tags(w, r);
    if (r->has_clip) {
        ask_json_open_array(w, "clip");
        ask_json_put_double(w, NULL, r->clip.start_s);
        ask_json_put_double(w, NULL, r->clip.end_s);
        ask_json_close(w);
    }
    if (r->video_s > 0) ask_json_put_double(w, "video_s", r->video_s);
    ask_json_put_string(w, "question", r->question);
    put_texts(w, "options", r->options, r->n_options);
}

/* ---- what is true ---- */

static void put_windows(ask_json_writer *w, const ask_data_record *r)
{
    if (r->n_windows == 0) return;
    ask_json_open_array(w, "windows");
    for (int i = 0; i < r->n_windows; i++)
        put_pair(w, r->windows[i].start_s, r->windows[i].end_s);
    ask_json_close(w);
}

static void put_saliency(ask_json_writer *w, const ask_data_record *r)
{
    if (r->n_saliency == 0) return;
    ask_json_put_double(w, "clip_s", r->clip_s);
    ask_json_open_array(w, "saliency");
    for (int i = 0; i < r->n_saliency; i++) {
        ask_json_open_array(w, NULL);
        ask_json_put_int(w, NULL, r->saliency[i].clip);
        for (int k = 0; k < 3; k++) ask_json_put_int(w, NULL, r->saliency[i].scores[k]);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void put_events(ask_json_writer *w, const ask_eval_item *item)
{
    if (item->n_events == 0) return;
    ask_json_open_array(w, "events");
    for (int i = 0; i < item->n_events; i++) {
        ask_json_open_array(w, NULL);
        ask_json_put_string(w, NULL, item->events[i].label);
        ask_json_put_double(w, NULL, item->events[i].at.start_s);
        ask_json_put_double(w, NULL, item->events[i].at.end_s);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void put_denials(ask_json_writer *w, const ask_eval_item *item)
{
    if (!item->knows_denials) return;
    ask_json_put_bool(w, "absent", item->absent);
    ask_json_open_array(w, "denies");
    for (int i = 0; i < 32; i++)
        if (item->denies >> i & 1) ask_json_put_int(w, NULL, i);
    ask_json_close(w);
    put_text(w, "denial", item->denial);
}

static void put_truth(ask_json_writer *w, const ask_eval_item *item)
{
    const ask_data_record *r = &item->record;
    const ask_count_range any = ask_count_any();
    ask_json_open_object(w, "truth");
    if (r->answer_index >= 0) ask_json_put_int(w, "choice", r->answer_index);
    put_text(w, "text", r->answer);
    put_text(w, "other_text", r->other_answer);
    if (r->has_count) ask_json_put_int(w, "count", r->count);
    if (item->counts.low != any.low || item->counts.high != any.high) {
        ask_json_open_array(w, "counts");
        ask_json_put_int(w, NULL, item->counts.low);
        ask_json_put_int(w, NULL, item->counts.high);
        ask_json_close(w);
    }
    put_windows(w, r);
    if (item->judged) ask_json_put_bool(w, "judged", true);
    put_denials(w, item);
    put_events(w, item);
    put_saliency(w, r);
    if (item->has_targets) ask_json_put_bool(w, "targets", true);
    ask_json_close(w);
}

/* ---- what was answered ---- */

static void put_decision(ask_json_writer *w, const ask_eval_decision *d)
{
    if (d->choice >= 0) ask_json_put_int(w, "choice", d->choice);
    put_text(w, "text", d->text);
    if (d->has_count) ask_json_put_double(w, "count", d->count);
    if (d->rejects) ask_json_put_bool(w, "rejects", true);
}

static void put_numbers(ask_json_writer *w, const char *key, const double *values, int n)
{
    if (n == 0) return;
    ask_json_open_array(w, key);
    for (int i = 0; i < n; i++) ask_json_put_double(w, NULL, values[i]);
    ask_json_close(w);
}

static void put_guesses(ask_json_writer *w, const ask_eval_given *g)
{
    if (g->n_guesses == 0) return;
    ask_json_open_array(w, "guesses");
    for (int i = 0; i < g->n_guesses; i++) {
        ask_json_open_array(w, NULL);
        ask_json_put_string(w, NULL, g->guesses[i].text);
        ask_json_put_double(w, NULL, g->guesses[i].score);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void put_moments(ask_json_writer *w, const ask_eval_given *g)
{
    if (g->n_moments == 0) return;
    ask_json_open_array(w, "moments");
    for (int i = 0; i < g->n_moments; i++) {
        const ask_eval_moment *m = &g->moments[i];
        ask_json_open_object(w, NULL);
        ask_json_put_double(w, "start_s", m->start_s);
        ask_json_put_double(w, "end_s", m->end_s);
        ask_json_put_double(w, "score", m->score);
        put_text(w, "label", m->label);
        if (m->label) ask_json_put_double(w, "confidence", m->confidence);
        if (m->slot >= 0) ask_json_put_int(w, "slot", m->slot);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void put_frames(ask_json_writer *w, const ask_eval_given *g)
{
    if (g->n_frames == 0) return;
    ask_json_open_array(w, "frames");
    for (int i = 0; i < g->n_frames; i++) put_pair(w, g->frames[i].t_s, g->frames[i].score);
    ask_json_close(w);
}

static void put_boxes(ask_json_writer *w, const ask_eval_pointed *p)
{
    ask_json_open_array(w, "boxes");
    for (int i = 0; i < p->n_boxes; i++) {
        const ask_box *b = &p->boxes[i];
        const double sides[] = {b->left, b->top, b->right, b->bottom};
        put_numbers(w, NULL, sides, 4);
    }
    ask_json_close(w);
}

static void put_points(ask_json_writer *w, const ask_eval_row *row)
{
    if (row->n_pointed == 0) return;
    ask_json_open_array(w, "points");
    for (int i = 0; i < row->n_pointed; i++) {
        const ask_eval_pointed *p = &row->pointed[i];
        ask_json_open_object(w, NULL);
        ask_json_put_double(w, "t_s", p->at.t_s);
        ask_json_put_double(w, "x", p->at.x);
        ask_json_put_double(w, "y", p->at.y);
        put_boxes(w, p);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void put_given(ask_json_writer *w, const ask_eval_row *row)
{
    const ask_eval_given *g = &row->given;
    ask_json_open_object(w, "given");
    put_decision(w, &g->decision);
    put_numbers(w, "scores", g->scores, g->n_scores);
    put_guesses(w, g);
    put_text(w, "verdict", g->verdict);
    if (g->has_presence) ask_json_put_double(w, "presence", g->presence);
    put_moments(w, g);
    put_frames(w, g);
    put_points(w, row);
    put_numbers(w, "clip_scores", g->clip_scores, g->n_clip_scores);
    ask_json_close(w);
}

static void put_mark(ask_json_writer *w, const ask_eval_row *row)
{
    if (row->mark.rule == ASK_RULE_NONE)
        ask_json_put_null(w, "right");
    else
        ask_json_put_bool(w, "right", row->mark.right);
    ask_json_put_string(w, "match_rule", ask_eval_rule_name(row->mark.rule));
    put_text(w, "error", row->error);
}

static void put_baselines(ask_json_writer *w, const ask_eval_row *row)
{
    ask_json_open_object(w, "baselines");
    for (int b = 0; b < ASK_N_BASELINES; b++) {
        if (!row->has_baseline[b]) continue;
        ask_json_open_object(w, ask_eval_baseline_name((ask_eval_baseline)b));
        put_decision(w, &row->baselines[b]);
        ask_json_close(w);
    }
    ask_json_close(w);
}

void ask_eval_row_write(ask_str *out, const ask_eval_row *row)
{
    ask_json_writer w = {.out = out};
    ask_json_open_object(&w, NULL);
    put_asked(&w, &row->item.record);
    put_truth(&w, &row->item);
    put_given(&w, row);
    put_mark(&w, row);
    put_baselines(&w, row);
    ask_json_put_double(&w, "look_s", row->given.look_s);
    ask_json_put_double(&w, "answer_s", row->given.answer_s);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}
