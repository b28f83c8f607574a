#include <math.h>
#include <string.h>

#include "eval/row.h"

/* Where what is read goes. */
typedef struct {
    ask_arena *room;
    ask_error *err;
} reader;

static const double FAR_S = 1e9; // no time of a video is beyond

/* ---- texts and lists ---- */

static bool copy(const char **out, const char *text, const reader *r)
{
    *out = ask_arena_strdup(r->room, text);
    return *out || ask_fail_memory(r->err);
}

static bool read_text(const char **out, ask_json_value v, const char *key, const reader *r)
{
    const char *text;
    return ask_json_get_string(&text, v, key, r->err) && copy(out, text, r);
}

/* NULL when it is not there. */
static bool read_maybe_text(const char **out, ask_json_value v, const char *key,
                            const reader *r)
{
    const char *text;
    *out = NULL;
    return ask_json_opt_string(&text, v, key, NULL, r->err) &&
           (!text || copy(out, text, r));
}

/* The list under a key, and room for its items; none when it is not there. */
static bool open_list(ask_json_value *list, void *out, int *n, ask_json_value v,
                      const char *key, size_t item_bytes, const reader *r)
{
    void **items = out;
    *items = NULL;
    *n = 0;
    if (ask_json_type_of(ask_json_member(v, key)) == ASK_JSON_ABSENT) return true;
    if (!ask_json_get_array(list, v, key, r->err)) return false;
    if (ask_json_count(*list) > INT32_MAX / 64)
        return ask_json_fail(*list, r->err, "too many items");
    *n = (int)ask_json_count(*list);
    *items = ask_arena_array(r->room, (size_t)*n, item_bytes);
    return *items || ask_fail_memory(r->err);
}

/* An item that is an array of n values. */
static bool is_row_of(ask_json_value item, size_t n, const reader *r)
{
    ask_json_value array;
    if (!ask_json_get_array(&array, item, NULL, r->err)) return false;
    return ask_json_count(item) == n ||
           ask_json_fail(item, r->err, "expected %zu values, got %zu", n,
                         ask_json_count(item));
}

static bool read_number(double *out, ask_json_value v, const reader *r)
{
    return ask_json_get_double(out, v, NULL, r->err);
}

static bool read_time(double *out, ask_json_value v, const char *key, const reader *r)
{
    if (!ask_json_get_double(out, v, key, r->err)) return false;
    return fabs(*out) <= FAR_S ||
           ask_json_fail(ask_json_find(v, key), r->err, "no video is so long");
}

/* Two items of an array, a begin and an end. */
static bool read_span(double *start, double *end, ask_json_value row, size_t at,
                      const reader *r)
{
    ask_json_value from = ask_json_item(row, at), to = ask_json_item(row, at + 1);
    if (!read_time(start, from, NULL, r) || !read_time(end, to, NULL, r)) return false;
    return *start <= *end || ask_json_fail(to, r->err, "it ends before it begins");
}

/* Numbers; null is NaN. */
static bool read_numbers(const double **out, int *n, ask_json_value v, const char *key,
                         const reader *r)
{
    ask_json_value list;
    double *values;
    if (!open_list(&list, &values, n, v, key, sizeof *values, r)) return false;
    for (int i = 0; i < *n; i++) {
        ask_json_value item = ask_json_item(list, (size_t)i);
        values[i] = NAN;
        if (ask_json_type_of(item) != ASK_JSON_NULL && !read_number(&values[i], item, r))
            return false;
    }
    *out = values;
    return true;
}

/* ---- what was asked ---- */

static bool read_kind(ask_data_kind *out, ask_json_value v, const reader *r)
{
    const char *name;
    if (!ask_json_get_string(&name, v, "kind", r->err)) return false;
    for (int k = 0; k < ASK_DATA_N_KINDS; k++) {
        *out = (ask_data_kind)k;
        if (strcmp(name, ask_data_kind_name(*out)) == 0) return true;
    }
    return ask_json_fail(ask_json_find(v, "kind"), r->err, "there is no kind \"%s\"", name);
}

static bool read_tags(ask_data_record *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_data_tag *tags;
    if (!open_list(&list, &tags, &out->n_tags, v, "tags", sizeof *tags, r)) return false;
    for (int i = 0; i < out->n_tags; i++) {
        ask_json_value tag = ask_json_item(list, (size_t)i);
        if (!is_row_of(tag, 2, r) ||
            !read_text(&tags[i].group, ask_json_item(tag, 0), NULL, r) ||
            !read_text(&tags[i].name, ask_json_item(tag, 1), NULL, r))
            return false;
    }
    out->tags = tags;
    return true;
}

static bool read_options(ask_data_record *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    const char **options;
    if (!open_list(&list, &options, &out->n_options, v, "options", sizeof *options, r))
        return false;
    for (int i = 0; i < out->n_options; i++)
        if (!read_text(&options[i], ask_json_item(list, (size_t)i), NULL, r)) return false;
    out->options = options;
    return out->kind != ASK_DATA_CHOICE || out->n_options > 0 ||
           ask_json_fail(v, r->err, "a choice needs options");
}

static bool read_clip(ask_data_record *out, ask_json_value v, const reader *r)
{
    ask_json_value clip = ask_json_member(v, "clip");
    out->has_clip = ask_json_type_of(clip) != ASK_JSON_ABSENT;
    return !out->has_clip || (is_row_of(clip, 2, r) &&
                              read_span(&out->clip.start_s, &out->clip.end_s, clip, 0, r));
}

static bool read_asked(ask_data_record *out, ask_json_value v, const reader *r)
{
    return read_text(&out->id, v, "id", r) && read_text(&out->video, v, "video", r) &&
           read_kind(&out->kind, v, r) && read_tags(out, v, r) && read_clip(out, v, r) &&
           ask_json_opt_double(&out->video_s, v, "video_s", 0, r->err) &&
           read_text(&out->question, v, "question", r) && read_options(out, v, r);
}

/* ---- what is true ---- */

static bool read_windows(ask_data_record *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_data_span *windows;
    if (!open_list(&list, &windows, &out->n_windows, v, "windows", sizeof *windows, r))
        return false;
    for (int i = 0; i < out->n_windows; i++) {
        ask_json_value window = ask_json_item(list, (size_t)i);
        if (!is_row_of(window, 2, r) ||
            !read_span(&windows[i].start_s, &windows[i].end_s, window, 0, r))
            return false;
    }
    out->windows = windows;
    return true;
}

static bool read_saliency(ask_data_record *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_data_saliency *clips;
    if (!ask_json_opt_double(&out->clip_s, v, "clip_s", 0, r->err) ||
        !open_list(&list, &clips, &out->n_saliency, v, "saliency", sizeof *clips, r))
        return false;
    for (int i = 0; i < out->n_saliency; i++) {
        ask_json_value clip = ask_json_item(list, (size_t)i);
        int64_t n;
        if (!is_row_of(clip, 4, r) ||
            !ask_json_get_int(&n, ask_json_item(clip, 0), NULL, 0, INT32_MAX, r->err))
            return false;
        clips[i].clip = (int)n;
        for (size_t k = 0; k < 3; k++) {
            if (!ask_json_get_int(&n, ask_json_item(clip, k + 1), NULL, 0, 4, r->err))
                return false;
            clips[i].scores[k] = (int)n;
        }
    }
    out->saliency = clips;
    return out->n_saliency == 0 || out->clip_s > 0 ||
           ask_json_fail(v, r->err, "saliency without clip_s");
}

static bool read_events(ask_eval_item *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_named_span *events;
    if (!open_list(&list, &events, &out->n_events, v, "events", sizeof *events, r))
        return false;
    for (int i = 0; i < out->n_events; i++) {
        ask_json_value event = ask_json_item(list, (size_t)i);
        if (!is_row_of(event, 3, r) ||
            !read_text(&events[i].label, ask_json_item(event, 0), NULL, r) ||
            !read_span(&events[i].at.start_s, &events[i].at.end_s, event, 1, r))
            return false;
    }
    out->events = events;
    return true;
}

static bool read_denials(ask_eval_item *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    out->knows_denials = ask_json_type_of(ask_json_member(v, "absent")) != ASK_JSON_ABSENT;
    if (!out->knows_denials) return true;
    if (!ask_json_get_bool(&out->absent, v, "absent", r->err) ||
        !ask_json_get_array(&list, v, "denies", r->err) ||
        !read_maybe_text(&out->denial, v, "denial", r))
        return false;
    for (size_t i = 0; i < ask_json_count(list); i++) {
        int64_t option;
        if (!ask_json_get_int(&option, ask_json_item(list, i), NULL, 0, 31, r->err))
            return false;
        out->denies |= UINT32_C(1) << option;
    }
    return true;
}

static bool read_counts(ask_eval_item *out, ask_json_value v, const reader *r)
{
    ask_json_value range = ask_json_member(v, "counts");
    out->counts = ask_count_any();
    if (ask_json_type_of(range) == ASK_JSON_ABSENT) return true;
    if (!is_row_of(range, 2, r) ||
        !ask_json_get_int(&out->counts.low, ask_json_item(range, 0), NULL, -INT32_MAX,
                          INT32_MAX, r->err))
        return false;
    return ask_json_get_int(&out->counts.high, ask_json_item(range, 1), NULL,
                            out->counts.low, INT32_MAX, r->err);
}

static bool read_answer(ask_data_record *out, ask_json_value v, const reader *r)
{
    int64_t index;
    if (!ask_json_opt_int(&index, v, "choice", 0, out->n_options - 1, -1, r->err) ||
        !read_maybe_text(&out->answer, v, "text", r) ||
        !read_maybe_text(&out->other_answer, v, "other_text", r))
        return false;
    out->answer_index = (int)index;
    out->has_count = ask_json_type_of(ask_json_member(v, "count")) != ASK_JSON_ABSENT;
    return !out->has_count ||
           ask_json_get_int(&out->count, v, "count", -INT32_MAX, INT32_MAX, r->err);
}

static bool read_truth(ask_eval_item *out, ask_json_value v, const reader *r)
{
    ask_json_value truth;
    return ask_json_get_object(&truth, v, "truth", r->err) &&
           read_answer(&out->record, truth, r) && read_counts(out, truth, r) &&
           read_windows(&out->record, truth, r) &&
           ask_json_opt_bool(&out->judged, truth, "judged", false, r->err) &&
           read_denials(out, truth, r) && read_events(out, truth, r) &&
           read_saliency(&out->record, truth, r) &&
           ask_json_opt_bool(&out->has_targets, truth, "targets", false, r->err);
}

/* ---- what was answered ---- */

static bool read_decision(ask_eval_decision *out, ask_json_value v, int n_options,
                          const reader *r)
{
    int64_t choice;
    if (!ask_json_opt_int(&choice, v, "choice", 0, n_options - 1, -1, r->err) ||
        !read_maybe_text(&out->text, v, "text", r) ||
        !ask_json_opt_bool(&out->rejects, v, "rejects", false, r->err))
        return false;
    out->choice = (int)choice;
    out->has_count = ask_json_type_of(ask_json_member(v, "count")) != ASK_JSON_ABSENT;
    return !out->has_count || ask_json_opt_double(&out->count, v, "count", NAN, r->err);
}

static bool read_guesses(ask_eval_given *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_eval_guess *guesses;
    if (!open_list(&list, &guesses, &out->n_guesses, v, "guesses", sizeof *guesses, r))
        return false;
    for (int i = 0; i < out->n_guesses; i++) {
        ask_json_value guess = ask_json_item(list, (size_t)i);
        if (!is_row_of(guess, 2, r) ||
            !read_text(&guesses[i].text, ask_json_item(guess, 0), NULL, r) ||
            !read_number(&guesses[i].score, ask_json_item(guess, 1), r))
            return false;
    }
    out->guesses = guesses;
    return true;
}

static bool read_moment(ask_eval_moment *out, ask_json_value v, const reader *r)
{
    int64_t slot;
    if (!read_time(&out->start_s, v, "start_s", r) ||
        !read_time(&out->end_s, v, "end_s", r) ||
        !ask_json_get_double(&out->score, v, "score", r->err) ||
        !read_maybe_text(&out->label, v, "label", r) ||
        !ask_json_opt_double(&out->confidence, v, "confidence", 0, r->err) ||
        !ask_json_opt_int(&slot, v, "slot", 0, INT32_MAX, -1, r->err))
        return false;
    out->slot = (int)slot;
    return out->start_s <= out->end_s ||
           ask_json_fail(v, r->err, "the moment ends before it begins");
}

static bool read_moments(ask_eval_given *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_eval_moment *moments;
    if (!open_list(&list, &moments, &out->n_moments, v, "moments", sizeof *moments, r))
        return false;
    for (int i = 0; i < out->n_moments; i++)
        if (!read_moment(&moments[i], ask_json_item(list, (size_t)i), r)) return false;
    out->moments = moments;
    return true;
}

static bool read_frames(ask_eval_given *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_eval_frame *frames;
    if (!open_list(&list, &frames, &out->n_frames, v, "frames", sizeof *frames, r))
        return false;
    for (int i = 0; i < out->n_frames; i++) {
        ask_json_value frame = ask_json_item(list, (size_t)i);
        if (!is_row_of(frame, 2, r) ||
            !read_time(&frames[i].t_s, ask_json_item(frame, 0), NULL, r) ||
            !read_number(&frames[i].score, ask_json_item(frame, 1), r))
            return false;
    }
    out->frames = frames;
    return true;
}

static bool read_box(ask_box *out, ask_json_value v, const reader *r)
{
    double *sides[] = {&out->left, &out->top, &out->right, &out->bottom};
    if (!is_row_of(v, 4, r)) return false;
    for (size_t i = 0; i < 4; i++)
        if (!read_number(sides[i], ask_json_item(v, i), r)) return false;
    return true;
}

static bool read_pointed(ask_eval_pointed *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_box *boxes;
    if (!read_time(&out->at.t_s, v, "t_s", r) ||
        !ask_json_get_double(&out->at.x, v, "x", r->err) ||
        !ask_json_get_double(&out->at.y, v, "y", r->err) ||
        !open_list(&list, &boxes, &out->n_boxes, v, "boxes", sizeof *boxes, r))
        return false;
    for (int i = 0; i < out->n_boxes; i++)
        if (!read_box(&boxes[i], ask_json_item(list, (size_t)i), r)) return false;
    out->boxes = boxes;
    return true;
}

static bool read_points(ask_eval_row *out, ask_json_value v, const reader *r)
{
    ask_json_value list;
    ask_eval_pointed *points;
    if (!open_list(&list, &points, &out->n_pointed, v, "points", sizeof *points, r))
        return false;
    for (int i = 0; i < out->n_pointed; i++)
        if (!read_pointed(&points[i], ask_json_item(list, (size_t)i), r)) return false;
    out->pointed = points;
    return true;
}

static bool read_presence(ask_eval_given *out, ask_json_value v, const reader *r)
{
    out->has_presence = ask_json_type_of(ask_json_member(v, "presence")) != ASK_JSON_ABSENT;
    return !out->has_presence || ask_json_get_double(&out->presence, v, "presence", r->err);
}

static bool read_given(ask_eval_row *out, ask_json_value v, const reader *r)
{
    ask_json_value given;
    ask_eval_given *g = &out->given;
    return ask_json_get_object(&given, v, "given", r->err) &&
           read_decision(&g->decision, given, out->item.record.n_options, r) &&
           read_numbers(&g->scores, &g->n_scores, given, "scores", r) &&
           read_guesses(g, given, r) && read_maybe_text(&g->verdict, given, "verdict", r) &&
           read_presence(g, given, r) && read_moments(g, given, r) &&
           read_frames(g, given, r) && read_points(out, given, r) &&
           read_numbers(&g->clip_scores, &g->n_clip_scores, given, "clip_scores", r) &&
           ask_json_opt_double(&g->look_s, v, "look_s", 0, r->err) &&
           ask_json_opt_double(&g->answer_s, v, "answer_s", 0, r->err) &&
           read_maybe_text(&out->error, v, "error", r);
}

static bool read_baselines(ask_eval_row *out, ask_json_value v, const reader *r)
{
    ask_json_value all;
    if (!ask_json_get_object(&all, v, "baselines", r->err)) return false;
    for (int b = 0; b < ASK_N_BASELINES; b++) {
        ask_json_value one =
            ask_json_member(all, ask_eval_baseline_name((ask_eval_baseline)b));
        out->has_baseline[b] = ask_json_type_of(one) != ASK_JSON_ABSENT;
        ask_json_value object;
        if (out->has_baseline[b] &&
            (!ask_json_get_object(&object, one, NULL, r->err) ||
             !read_decision(&out->baselines[b], one, out->item.record.n_options, r)))
            return false;
    }
    return true;
}

bool ask_eval_row_read(ask_eval_row *out, const char *text, size_t n_bytes,
                       const char *name, ask_arena *room, ask_error *err)
{
    ask_eval_row row = {0};
    const reader r = {room, err};
    ask_json *doc = ask_json_parse(text, n_bytes, name, NULL, err);
    ask_json_value v, root = doc ? ask_json_root(doc) : (ask_json_value){0};
    bool ok = doc && ask_json_get_object(&v, root, NULL, err) &&
              read_asked(&row.item.record, v, &r) && read_truth(&row.item, v, &r) &&
              read_given(&row, v, &r) && read_baselines(&row, v, &r) &&
              ask_eval_mark_of(&row.mark, &row.item, &row.given.decision, err);
    ask_json_free(doc);
    if (ok) *out = row;
    return ok;
}
