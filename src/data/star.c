/* star.c - STAR: as published, and in the files that Glance-Focus reads.
 *
 * After: Wu et al. 2021 (STAR), Bai et al. 2023 (Glance-Focus). */
#include <string.h>

#include "data/star_priv.h"

enum { N_CHOICES = 4 };

/* Stores of features go by question, as each has a clip of its own.
 *
 * The type is what stands before the first '_' of a question's id, the template is next:
 * "Interaction_T1_13". An id that begins with no type tells neither. */
static bool tell_id(data_build *b, ask_data_record *r, ask_error *err)
{
    static const char *const types[] = {"Interaction", "Sequence", "Prediction",
                                        "Feasibility"};
    size_t n = strcspn(r->id, "_");
    r->features = r->id;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strlen(types[i]) != n || strncmp(types[i], r->id, n) != 0) continue;
        const char *template = r->id + n + (r->id[n] == '_');
        data_tag(b, r, "type", types[i]);
        data_tag(b, r, "template",
                 data_printf(b, "%.*s", (int)strcspn(template, "_"), template));
        return true;
    }
    return data_notice_at(b, ASK_DATA_ODD_TYPE, r, err,
                          "question id \"%s\" begins with no type of STAR", r->id);
}

/* ---- as published: an array, answers as texts ---- */

/* Choices are put in the order of their ids, whatever that of the file is. */
static bool read_choices(data_build *b, ask_data_record *r, ask_json_value item,
                         ask_error *err)
{
    ask_json_value choices;
    if (!ask_json_get_array(&choices, item, "choices", err)) return false;
    if (ask_json_count(choices) != N_CHOICES)
        return ask_json_fail(choices, err, "expected %d choices, got %zu", N_CHOICES,
                             ask_json_count(choices));
    const char **options = data_array(b, N_CHOICES, sizeof *options);
    if (!options) return ask_fail_memory(err);
    for (size_t i = 0; i < N_CHOICES; i++) {
        ask_json_value choice = ask_json_item(choices, i);
        int64_t id;
        if (!ask_json_get_int(&id, choice, "choice_id", 0, N_CHOICES - 1, err))
            return false;
        if (options[id])
            return ask_json_fail(ask_json_find(choice, "choice_id"), err,
                                 "another choice has the id %d, too", (int)id);
        if (!data_get_text(b, &options[id], choice, "choice", err)) return false;
    }
    r->options = options;
    r->n_options = N_CHOICES;
    return true;
}

static bool read_clip(ask_data_record *r, ask_json_value item, ask_error *err)
{
    if (!ask_json_get_double(&r->clip.start_s, item, "start", err) ||
        !ask_json_get_double(&r->clip.end_s, item, "end", err))
        return false;
    if (r->clip.start_s < 0 || r->clip.start_s > r->clip.end_s)
        return ask_json_fail(ask_json_find(item, "start"), err,
                             "a clip from %g s to %g s is none", r->clip.start_s,
                             r->clip.end_s);
    r->has_clip = true;
    return true;
}

static bool read_item(data_build *b, const data_items *it, const star_lists *lists,
                      ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_CHOICE, .row = it->row};
    ask_json_value v = it->value;
    const char *answer;
    if (!data_get_text(b, &r.id, v, "question_id", err) ||
        !data_get_text(b, &r.video, v, "video_id", err) ||
        !data_get_text(b, &r.question, v, "question", err) || !read_clip(&r, v, err) ||
        !read_choices(b, &r, v, err) || !tell_id(b, &r, err) ||
        !star_read_situations(b, &r, v, lists, err) ||
        !ask_json_opt_string(&answer, v, "answer", NULL, err))
        return false;
    bool ok =
        answer ? data_answer_text(b, &r, answer, err) : data_answer_hidden(b, &r, err);
    return ok && data_add(b, &r, err);
}

bool data_star_read(data_build *b, data_text text, ask_error *err)
{
    b->in_array = true;
    star_lists lists;
    data_items it = {.text = text, .layout = DATA_ARRAY};
    bool ok = star_lists_read(&lists, b, err);
    while (ok && data_items_next(&it, err)) ok = read_item(b, &it, &lists, err);
    bool ended = data_items_end(&it);
    star_lists_free(&lists);
    return ok && ended;
}

/* ---- Glance-Focus: JSON lines, answers as indices ---- */

static bool read_line(data_build *b, const data_items *it, ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_CHOICE, .row = it->row};
    ask_json_value v = it->value;
    const char *video =
        ask_json_type_of(ask_json_member(v, "video_id")) ? "video_id" : "gif_name";
    int64_t answer;
    if (!data_get_text(b, &r.id, v, "question_id", err) ||
        !data_get_text(b, &r.video, v, video, err) ||
        !data_get_text(b, &r.question, v, "question", err) ||
        !data_get_texts(b, &r.options, &r.n_options, v, "options", N_CHOICES, err) ||
        !tell_id(b, &r, err) ||
        !ask_json_opt_int(&answer, v, "answer", 0, N_CHOICES - 1, -1, err))
        return false;
    if (answer >= 0)
        data_answer_index(&r, (int)answer);
    else if (!data_answer_hidden(b, &r, err))
        return false;
    return data_add(b, &r, err);
}

bool data_star_lines_read(data_build *b, data_text text, ask_error *err)
{
    data_items it = {.text = text, .layout = DATA_LINES};
    while (data_items_next(&it, err) && read_line(b, &it, err)) continue;
    return data_items_end(&it);
}

bool data_star_lines_read_more(data_build *b, ask_error *err)
{
    return data_read_classes(b, err) &&
           data_read_events(b, "events.json", &data_actions_format, err);
}
