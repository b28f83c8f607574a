/* video_chatgpt.c - Video-ChatGPT: instructions, {"q", "a", "video_id"}, and the questions
 * of its benchmark, {"Q", "A", "video_name"}: arrays of questions without ids.
 *
 * After: Maaz et al. 2024 (Video-ChatGPT). */
#include "data/reader_priv.h"

static bool read_item(data_build *b, const data_items *it, ask_error *err)
{
    ask_json_value v = it->value;
    bool of_benchmark = ask_json_type_of(ask_json_member(v, "Q")) != ASK_JSON_ABSENT;
    ask_data_record r = {.kind = ASK_DATA_OPEN, .row = it->row};
    const char *answer;
    r.id = data_printf(b, "%zu", it->row);
    if (!data_get_text(b, &r.video, v, of_benchmark ? "video_name" : "video_id", err) ||
        !data_get_text(b, &r.question, v, of_benchmark ? "Q" : "q", err) ||
        !data_get_text(b, &answer, v, of_benchmark ? "A" : "a", err))
        return false;
    data_answer_word(b, &r, answer);
    return data_add(b, &r, err);
}

bool data_video_chatgpt_read(data_build *b, data_text text, ask_error *err)
{
    b->in_array = true;
    data_items it = {.text = text, .layout = DATA_ARRAY};
    while (data_items_next(&it, err) && read_item(b, &it, err)) continue;
    return data_items_end(&it);
}
