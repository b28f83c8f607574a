/* socialiq2.c - Social-IQ 2.0: JSON lines in files that are called .json.
 *
 * After: Wilf et al. 2023 (Social-IQ 2.0). Times are a text, "0.00-60.02"; the right answer
 * is told three times (answer_idx, ans_corr, idx_types), and test files hide all three. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/str.h"
#include "data/reader_priv.h"

enum { N_OPTIONS = 4 };

/* The clip of "start-end". */
static bool parse_clip(ask_data_span *out, const char *text)
{
    char start[64];
    const char *dash = strchr(text, '-');
    if (!dash || (size_t)(dash - text) >= sizeof start) return false;
    memcpy(start, text, (size_t)(dash - text));
    start[dash - text] = '\0';
    return ask_parse_double(&out->start_s, start) &&
           ask_parse_double(&out->end_s, dash + 1) && out->start_s <= out->end_s;
}

static bool read_clip(ask_data_record *r, ask_json_value v, ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, "ts", err)) return false;
    r->has_clip = true;
    return parse_clip(&r->clip, text) ||
           ask_json_fail(ask_json_find(v, "ts"), err,
                         "expected \"start-end\" in seconds, got \"%s\"", text);
}

static bool read_options(data_build *b, ask_data_record *r, ask_json_value v,
                         ask_error *err)
{
    static const char *const keys[N_OPTIONS] = {"a0", "a1", "a2", "a3"};
    const char **options = data_array(b, N_OPTIONS, sizeof *options);
    if (!options) return ask_fail_memory(err);
    for (int i = 0; i < N_OPTIONS; i++)
        if (!data_get_text(b, &options[i], v, keys[i], err)) return false;
    r->options = options;
    r->n_options = N_OPTIONS;
    return true;
}

/* The other two places where the right answer is told. */
static bool check_answer(data_build *b, const ask_data_record *r, const char *text,
                         ask_error *err)
{
    if (text && strcmp(text, r->answer) != 0 &&
        !data_notice_at(b, ASK_DATA_MISMATCH, r, err,
                        "ans_corr is not a%d, which answer_idx says is right",
                        r->answer_index))
        return false;
    if (!r->option_tags || strcmp(r->option_tags[r->answer_index], "corr") == 0)
        return true;
    return data_notice_at(b, ASK_DATA_MISMATCH, r, err,
                          "idx_types calls a%d, which answer_idx says is right, \"%s\"",
                          r->answer_index, r->option_tags[r->answer_index]);
}

static bool read_answer(data_build *b, ask_data_record *r, ask_json_value v, ask_error *err)
{
    int64_t index;
    int n_tags;
    const char *text;
    if (!ask_json_opt_int(&index, v, "answer_idx", 0, N_OPTIONS - 1, -1, err) ||
        !ask_json_opt_string(&text, v, "ans_corr", NULL, err))
        return false;
    if (ask_json_type_of(ask_json_member(v, "idx_types")) != ASK_JSON_ABSENT &&
        !data_get_texts(b, &r->option_tags, &n_tags, v, "idx_types", N_OPTIONS, err))
        return false;
    if (index < 0) return data_answer_hidden(b, r, err);
    data_answer_index(r, (int)index);
    return check_answer(b, r, text, err);
}

static bool read_line(data_build *b, const data_items *it, ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_CHOICE, .row = it->row};
    ask_json_value v = it->value;
    return data_get_text(b, &r.id, v, "qid", err) &&
           data_get_text(b, &r.video, v, "vid_name", err) &&
           data_get_text(b, &r.question, v, "q", err) && read_clip(&r, v, err) &&
           read_options(b, &r, v, err) && read_answer(b, &r, v, err) &&
           data_add(b, &r, err);
}

bool data_socialiq2_read(data_build *b, data_text text, ask_error *err)
{
    data_items it = {.text = text, .layout = DATA_LINES};
    while (data_items_next(&it, err) && read_line(b, &it, err)) continue;
    return data_items_end(&it);
}
