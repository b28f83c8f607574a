/* msqa.c - MSVD-QA and MSRVTT-QA: arrays of questions made from captions.
 *
 * After: Xu et al. 2017. Videos are numbers here, and "vid7" or "video7" as files. */
#include <string.h>

#include "base/str.h"
#include "data/reader_priv.h"

/* The type is the first word, unless a color is asked for. */
static bool tell_type(data_build *b, ask_data_record *r, ask_error *err)
{
    static const char *const types[] = {"what", "how", "where", "who", "when"};
    if (strstr(r->question, "color")) {
        data_tag(b, r, "type", "color");
        return true;
    }
    size_t n = strcspn(r->question, " ");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strlen(types[i]) != n || strncmp(types[i], r->question, n) != 0) continue;
        data_tag(b, r, "type", types[i]);
        return true;
    }
    return data_notice_at(b, ASK_DATA_ODD_TYPE, r, err,
                          "the question begins with no word of a type: \"%s\"",
                          r->question);
}

static bool read_category(data_build *b, ask_data_record *r, ask_json_value v,
                          ask_error *err)
{
    int64_t category;
    if (!ask_json_opt_int(&category, v, "category_id", 0, INT32_MAX, -1, err)) return false;
    if (category >= 0) data_tag(b, r, "category", data_printf(b, "%d", (int)category));
    return true;
}

static bool read_item(data_build *b, const data_items *it, const char *prefix,
                      ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_OPEN, .row = it->row};
    ask_json_value v = it->value;
    int64_t video;
    const char *answer;
    if (!data_get_id(b, &r.id, v, "id", err) ||
        !ask_json_get_int(&video, v, "video_id", 0, INT32_MAX, err) ||
        !data_get_text(b, &r.question, v, "question", err) || !tell_type(b, &r, err) ||
        !read_category(b, &r, v, err) ||
        !ask_json_opt_string(&answer, v, "answer", NULL, err))
        return false;
    r.video = data_printf(b, "%s%d", prefix, (int)video);
    return data_answer_word_if_any(b, &r, answer, err) && data_add(b, &r, err);
}

static bool read_items(data_build *b, data_text text, const char *prefix, ask_error *err)
{
    b->in_array = true;
    data_items it = {.text = text, .layout = DATA_ARRAY};
    while (data_items_next(&it, err) && read_item(b, &it, prefix, err)) continue;
    return data_items_end(&it);
}

bool data_msvd_read(data_build *b, data_text text, ask_error *err)
{
    return read_items(b, text, "vid", err);
}

bool data_msrvtt_read(data_build *b, data_text text, ask_error *err)
{
    return read_items(b, text, "video", err);
}
