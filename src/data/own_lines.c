/* own_lines.c - our own questions as JSON lines: docs/formats.md. */
#include <string.h>

#include "data/own_priv.h"

static bool check_keys(ask_json_value v, ask_error *err)
{
    static const char *const known[] = {"id",      "video",   "question", "kind",
                                        "options", "answer",  "tags",     "clip",
                                        "video_s", "windows", "language", "subtitles"};
    ask_json_value object;
    if (!ask_json_get_object(&object, v, NULL, err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(object, &m);) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known |= strcmp(known[i], m.key) == 0;
        if (!is_known) return ask_json_fail(m.value, err, "is not a key of this format");
    }
    return true;
}

static bool read_tag(data_build *b, ask_data_record *r, const char *group, ask_json_value v,
                     ask_error *err)
{
    const char *name;
    if (!ask_json_get_string(&name, v, NULL, err)) return false;
    data_tag(b, r, group, name);
    return true;
}

/* {"group": "name", "other": ["one", "two"]} */
static bool read_tags(data_build *b, ask_data_record *r, ask_json_value v, ask_error *err)
{
    ask_json_value tags = ask_json_member(v, "tags");
    if (!ask_json_type_of(tags)) return true;
    if (!ask_json_get_object(&tags, v, "tags", err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(tags, &m);) {
        if (ask_json_type_of(m.value) != ASK_JSON_ARRAY) {
            if (!read_tag(b, r, m.key, m.value, err)) return false;
            continue;
        }
        for (size_t i = 0; i < ask_json_count(m.value); i++)
            if (!read_tag(b, r, m.key, ask_json_item(m.value, i), err)) return false;
    }
    return true;
}

static bool read_times(data_build *b, ask_data_record *r, ask_json_value v, ask_error *err)
{
    r->has_clip = ask_json_type_of(ask_json_member(v, "clip")) != ASK_JSON_ABSENT;
    if (r->has_clip && !data_get_span(&r->clip, v, "clip", err)) return false;
    if (!ask_json_opt_double(&r->video_s, v, "video_s", 0, err)) return false;
    if (r->video_s < 0)
        return ask_json_fail(ask_json_find(v, "video_s"), err, "expected a time, got %g",
                             r->video_s);
    if (!ask_json_type_of(ask_json_member(v, "windows"))) return true;
    if (!data_get_spans(b, &r->windows, &r->n_windows, v, "windows", err)) return false;
    for (int i = 0; i < r->n_windows && r->video_s > 0; i++)
        if (!data_check_span(b, r, r->windows[i], r->video_s, "window", err)) return false;
    return true;
}

/* An answer may be a text or an integer; NULL when there is none. */
static bool get_answer(data_build *b, const char **out, ask_json_value v, ask_error *err)
{
    ask_json_type type = ask_json_type_of(ask_json_member(v, "answer"));
    *out = NULL;
    if (type == ASK_JSON_ABSENT || type == ASK_JSON_NULL) return true;
    return data_get_id(b, out, v, "answer", err);
}

static bool read_line(data_build *b, const data_items *it, ask_error *err)
{
    ask_data_record r = {.row = it->row};
    ask_json_value v = it->value;
    const char *kind, *answer, *language, *subtitles;
    if (!check_keys(v, err) || !data_get_id(b, &r.id, v, "id", err) ||
        !data_get_id(b, &r.video, v, "video", err) ||
        !data_get_text(b, &r.question, v, "question", err) || !read_tags(b, &r, v, err) ||
        !read_times(b, &r, v, err) || !ask_json_opt_string(&kind, v, "kind", NULL, err) ||
        !ask_json_opt_string(&language, v, "language", NULL, err) ||
        !ask_json_opt_string(&subtitles, v, "subtitles", NULL, err) ||
        !get_answer(b, &answer, v, err))
        return false;
    if (ask_json_type_of(ask_json_member(v, "options")) &&
        !data_get_texts(b, &r.options, &r.n_options, v, "options", -1, err))
        return false;
    r.language = data_copy(b, language);
    r.subtitles = data_copy(b, subtitles);
    return data_own_settle(b, &r, kind, answer, err) && data_add(b, &r, err);
}

bool data_own_lines_read(data_build *b, data_text text, ask_error *err)
{
    data_items it = {.text = text, .layout = DATA_LINES};
    while (data_items_next(&it, err) && read_line(b, &it, err)) continue;
    return data_items_end(&it);
}
