/* egotaskqa.c - EgoTaskQA: arrays of questions about intervals of videos.
 *
 * After: Jia et al. 2022 (EgoTaskQA). A video is named by its interval, parts between
 * pipes; the last is its length, in which events are counted. Stores of features go by
 * video_id, a number for each interval. */
#include <string.h>

#include "base/number.h"
#include "data/beside_priv.h"

/* "descriptive$action$query$direct": a question counts under each. */
static bool read_tags(data_build *b, ask_data_record *r, ask_json_value v, ask_error *err)
{
    const char *at;
    if (!ask_json_get_string(&at, v, "reasoning_type", err)) return false;
    for (;;) {
        size_t n = strcspn(at, "$");
        data_tag(b, r, "reasoning", data_printf(b, "%.*s", (int)n, at));
        if (!at[n]) return true;
        at += n + 1;
    }
}

static bool read_id(data_build *b, ask_data_record *r, ask_json_value v, ask_error *err)
{
    if (ask_json_type_of(ask_json_member(v, "question_id")) != ASK_JSON_ABSENT)
        return data_get_id(b, &r->id, v, "question_id", err);
    r->id = data_printf(b, "%zu", r->row);
    return true;
}

/* A word, or else its number in the vocabulary. */
static bool read_answer(data_build *b, ask_data_record *r, ask_json_value v, ask_error *err)
{
    const char *answer;
    int64_t index = -1;
    const data_list *all = &b->answers;
    if (!ask_json_opt_string(&answer, v, "answer", NULL, err)) return false;
    if (!answer && all->n > 0 &&
        !ask_json_opt_int(&index, v, "answer_encode", 0, all->n - 1, -1, err))
        return false;
    return data_answer_word_if_any(b, r, index < 0 ? answer : all->texts[index], err);
}

static bool read_item(data_build *b, const data_items *it, ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_OPEN, .row = it->row};
    ask_json_value v = it->value;
    if (!data_get_text(b, &r.question, v, "question", err) ||
        !data_get_text(b, &r.video, v, "interval", err) ||
        !data_get_id(b, &r.features, v, "video_id", err) || !read_id(b, &r, v, err) ||
        !read_tags(b, &r, v, err) || !read_answer(b, &r, v, err))
        return false;
    return data_add(b, &r, err);
}

bool data_egotaskqa_read(data_build *b, data_text text, ask_error *err)
{
    b->in_array = true;
    if (!data_read_line_list(b, &b->answers, "answer_set.txt", err)) return false;
    data_items it = {.text = text, .layout = DATA_ARRAY};
    while (data_items_next(&it, err) && read_item(b, &it, err)) continue;
    return data_items_end(&it);
}

/* ---- events.json: interval -> {span: [[start, end], ...], hoi: [class, ...]} ---- */

static bool check_span(data_build *b, const data_items *it, ask_data_span s,
                       double length_s, ask_error *err)
{
    if (s.start_s >= 0 && s.end_s <= length_s) return true;
    return data_notice(b, ASK_DATA_OUTSIDE, err,
                       "%s: event %g to %g is not within the %g that there are", it->name,
                       s.start_s, s.end_s, length_s);
}

static bool read_hois(data_build *b, data_event_list *out, const data_items *it,
                      ask_error *err)
{
    ask_json_value spans, classes;
    const char *bar = strrchr(it->key, '|');
    if (!bar || !ask_parse_double(&out->duration_s, bar + 1) || out->duration_s <= 0)
        return ask_json_fail(it->value, err, "the interval does not end in \"|length\"");
    if (!ask_json_get_array(&spans, it->value, "span", err) ||
        !ask_json_get_array(&classes, it->value, "hoi", err))
        return false;
    size_t n = ask_json_count(spans);
    if (n != ask_json_count(classes) || n > INT32_MAX)
        return ask_json_fail(classes, err, "%zu classes for %zu spans",
                             ask_json_count(classes), n);
    out->n = (int)n;
    out->events = data_array(b, n, sizeof *out->events);
    if (n > 0 && !out->events) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        ask_data_event *e = &out->events[i];
        int64_t class;
        if (!data_get_span(&e->at, ask_json_item(spans, i), NULL, err) ||
            !ask_json_get_int(&class, ask_json_item(classes, i), NULL, 0, INT32_MAX, err) ||
            !check_span(b, it, e->at, out->duration_s, err))
            return false;
        e->class_index = (int)class;
        if (!data_check_class(b, it, e->class_index, "hois_full_trans.json", err))
            return false;
    }
    return true;
}

static const char *key_of_video(const ask_data_record *r)
{
    return r->video;
}

const data_event_format data_hois_format = {.keys = {key_of_video}, .read = read_hois};

/* ---- hois_full_trans.json: names of the classes, in a layout that is told nowhere ---- */

static bool read_class_names(data_build *b, ask_error *err)
{
    data_list names = {0};
    if (!data_read_json_list(b, &names, "hois_full_trans.json", NULL, err)) return false;
    b->classes = names.texts;
    b->n_classes = names.n;
    return true;
}

bool data_egotaskqa_read_more(data_build *b, ask_error *err)
{
    return read_class_names(b, err) &&
           data_read_events(b, "events.json", &data_hois_format, err);
}
