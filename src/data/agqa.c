/* agqa.c - AGQA: one object of all questions, by their ids, in a file called .txt.
 *
 * After: Grunde-McLaughlin et al. 2022 (AGQA 2.0). There are no validation questions. */
#include "data/reader_priv.h"

/* The marks by which test questions make up the extra splits: 1 or true. */
static void tell_marks(data_build *b, ask_data_record *r, ask_json_value v)
{
    static const char *const marks[] = {
        "novel_comp", "more_steps", "nc_seq", "nc_sup", "nc_dur", "nc_objrel",
        "indirect",   "i_obj",      "i_rel",  "i_act",  "i_temp", "direct_equiv"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        ask_json_value mark = ask_json_member(v, marks[i]);
        int64_t number = 0;
        bool truth = false;
        ask_error err;
        if (ask_json_type_of(mark) == ASK_JSON_INT)
            (void)ask_json_get_int(&number, mark, NULL, INT64_MIN, INT64_MAX, &err);
        else if (ask_json_type_of(mark) == ASK_JSON_BOOL)
            (void)ask_json_get_bool(&truth, mark, NULL, &err);
        if (truth || number == 1) data_tag(b, r, "split", marks[i]);
    }
}

static bool read_tags(data_build *b, ask_data_record *r, ask_json_value v, ask_error *err)
{
    static const char *const groups[] = {"ans_type", "semantic", "structural"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        const char *name;
        if (!ask_json_get_string(&name, v, groups[i], err)) return false;
        data_tag(b, r, groups[i], name);
    }
    ask_json_value global;
    if (!ask_json_get_array(&global, v, "global", err)) return false;
    for (size_t i = 0; i < ask_json_count(global); i++) {
        const char *name;
        if (!ask_json_get_string(&name, ask_json_item(global, i), NULL, err)) return false;
        data_tag(b, r, "global", name);
    }
    tell_marks(b, r, v);
    return true;
}

static bool read_member(data_build *b, const data_items *it, ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_OPEN, .row = it->row};
    ask_json_value v = it->value;
    const char *answer;
    r.id = data_copy(b, it->key);
    if (!data_get_text(b, &r.question, v, "question", err) ||
        !data_get_text(b, &r.video, v, "video_id", err) || !read_tags(b, &r, v, err) ||
        !ask_json_opt_string(&answer, v, "answer", NULL, err))
        return false;
    return data_answer_word_if_any(b, &r, answer, err) && data_add(b, &r, err);
}

bool data_agqa_read(data_build *b, data_text text, ask_error *err)
{
    b->in_array = true;
    data_items it = {.text = text, .layout = DATA_OBJECT};
    while (data_items_next(&it, err) && read_member(b, &it, err)) continue;
    return data_items_end(&it);
}

bool data_agqa_read_more(data_build *b, ask_error *err)
{
    return data_read_classes(b, err) &&
           data_read_json_list(b, &b->answers, "agqa_balanced_txt_vocab.json",
                               "answer_token_to_idx", err) &&
           data_read_events(b, "charades.json", &data_actions_format, err);
}
