/* nextqa.c - NExT-QA and NExT-GQA: tables with a row for each question.
 *
 * After: Xiao et al. 2021 (NExT-QA), Xiao et al. 2024 (NExT-GQA). Two generations of the
 * files differ in the name of the column of videos: "video", or "video_id". */
#include <stdlib.h>
#include <string.h>

#include "data/beside_priv.h"

enum { N_OPTIONS = 5 };

typedef struct {
    int video, question, qid;
    int type;         // -1: there is no such column
    int answer;       // -1
    int other_answer; // -1; of open questions
    int options[N_OPTIONS];
} columns;

static bool find_columns(columns *c, const ask_csv *t, ask_error *err)
{
    c->video = ask_csv_column(t, "video_id");
    c->type = ask_csv_column(t, "type");
    c->answer = ask_csv_column(t, "answer");
    c->other_answer = ask_csv_column(t, "additional_ref_answer");
    return (c->video >= 0 || ask_csv_find_column(&c->video, t, "video", err)) &&
           ask_csv_find_column(&c->question, t, "question", err) &&
           ask_csv_find_column(&c->qid, t, "qid", err);
}

/* "CW" is tagged as a type, and as causal. */
static bool tell_type(data_build *b, ask_data_record *r, const char *type, ask_error *err)
{
    static const struct {
        const char *type, *family;
    } types[] = {
        {"CW", "causal"},      {"CH", "causal"},      {"TN", "temporal"},
        {"TC", "temporal"},    {"TP", "temporal"},    {"DC", "descriptive"},
        {"DL", "descriptive"}, {"DO", "descriptive"}, {"DB", "descriptive"},
    };
    data_tag(b, r, "type", type);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].type, type) != 0) continue;
        data_tag(b, r, "family", types[i].family);
        return true;
    }
    return data_notice_at(b, ASK_DATA_ODD_TYPE, r, err, "type \"%s\" is none of NExT-QA",
                          type);
}

/* What both tasks have. The id is the one that result files use: "<video>_<qid>". */
static bool read_common(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                        const columns *c, ask_error *err)
{
    const char *qid;
    r->row = ask_csv_line(t, row);
    if (!data_cell(b, &r->video, t, row, c->video, err) ||
        !data_cell(b, &qid, t, row, c->qid, err) ||
        !data_cell(b, &r->question, t, row, c->question, err))
        return false;
    r->id = data_printf(b, "%s_%s", r->video, qid);
    return c->type < 0 || tell_type(b, r, ask_csv_cell(t, row, c->type), err);
}

static bool has_answer(const ask_csv *t, size_t row, const columns *c)
{
    return c->answer >= 0 && *ask_csv_cell(t, row, c->answer);
}

/* How the right option is told: by its index, or by its text. */
typedef bool answer_reader(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                           int column, ask_error *err);

static bool answer_by_index(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                            int column, ask_error *err)
{
    (void)b;
    int64_t answer;
    if (!ask_csv_get_int(&answer, t, row, column, 0, N_OPTIONS - 1, err)) return false;
    data_answer_index(r, (int)answer);
    return true;
}

static bool answer_by_text(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                           int column, ask_error *err)
{
    return data_answer_text(b, r, ask_csv_cell(t, row, column), err);
}

static bool read_choice(data_build *b, const ask_csv *t, size_t row, const columns *c,
                        answer_reader *read_answer, ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_CHOICE};
    if (!read_common(b, &r, t, row, c, err) ||
        !data_cells(b, &r, t, row, c->options, N_OPTIONS, err))
        return false;
    bool ok = has_answer(t, row, c) ? read_answer(b, &r, t, row, c->answer, err)
                                    : data_answer_hidden(b, &r, err);
    return ok && data_add(b, &r, err);
}

static bool read_open(data_build *b, const ask_csv *t, size_t row, const columns *c,
                      ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_OPEN};
    if (!read_common(b, &r, t, row, c, err)) return false;
    const char *answer = has_answer(t, row, c) ? ask_csv_cell(t, row, c->answer) : NULL;
    if (!data_answer_word_if_any(b, &r, answer, err)) return false;
    if (c->other_answer >= 0 && *ask_csv_cell(t, row, c->other_answer))
        r.other_answer = data_copy(b, ask_csv_cell(t, row, c->other_answer));
    return data_add(b, &r, err);
}

static bool read_choices(data_build *b, data_text text, answer_reader *read_answer,
                         ask_error *err)
{
    columns c;
    ask_csv *t = ask_csv_parse(text.text, text.bytes, text.name, ',', err);
    bool ok = t && find_columns(&c, t, err) &&
              data_find_columns(c.options, N_OPTIONS, t, "a", 0, err);
    for (size_t row = 0; ok && row < ask_csv_n_rows(t); row++)
        ok = read_choice(b, t, row, &c, read_answer, err);
    ask_csv_free(t);
    return ok;
}

bool data_nextqa_read(data_build *b, data_text text, ask_error *err)
{
    return read_choices(b, text, answer_by_index, err);
}

bool data_nextgqa_read(data_build *b, data_text text, ask_error *err)
{
    return read_choices(b, text, answer_by_text, err);
}

bool data_nextqa_open_read(data_build *b, data_text text, ask_error *err)
{
    columns c;
    ask_csv *t = ask_csv_parse(text.text, text.bytes, text.name, ',', err);
    bool ok = t && find_columns(&c, t, err);
    for (size_t row = 0; ok && row < ask_csv_n_rows(t); row++)
        ok = read_open(b, t, row, &c, err);
    ask_csv_free(t);
    return ok;
}

/* ---- files beside: video -> qid -> something ---- */

static const char *qid_of(const ask_data_record *r)
{
    return r->id + strlen(r->video) + 1;
}

typedef struct {
    const char *name;   // "gsub": the file is gsub_SPLIT.json
    const char *inside; // the key in a video's value of what goes by qid; NULL: the value
    bool (*give)(data_build *b, ask_data_record *r, ask_json_value videos, ask_error *err);
} beside;

/* Notices the questions of a video that the table does not have. */
static bool notice_questions(data_build *b, const char *file, const data_names *ids,
                             const char *video, ask_json_value questions, ask_error *err)
{
    bool ok = true;
    ask_str id = {0};
    for (ask_json_walk m = {0}; ok && ask_json_next(questions, &m);) {
        ask_str_clear(&id);
        ask_str_printf(&id, "%s_%s", video, m.key);
        if (id.failed)
            ok = ask_fail_memory(err);
        else if (!data_names_find(ids, NULL, ask_str_text(&id)))
            ok = data_notice(b, ASK_DATA_MISMATCH, err, "%s: there is no question \"%s\"",
                             file, ask_str_text(&id));
    }
    ask_str_free(&id);
    return ok;
}

/* Notices what a file tells of videos and questions that the table does not have. */
static bool notice_leftovers(data_build *b, const char *file, const char *inside,
                             ask_json_value videos, ask_error *err)
{
    data_names ids = {0}, asked = {0};
    bool ok = true;
    size_t index;
    for (size_t i = 0; ok && i < b->n_records; i++)
        ok = data_names_add(&ids, &index, b->records[i].id, err) &&
             data_names_add(&asked, &index, b->records[i].video, err);
    for (ask_json_walk m = {0}; ok && ask_json_next(videos, &m);) {
        ask_json_value questions;
        ok = !data_names_find(&asked, NULL, m.key)
                 ? data_notice(b, ASK_DATA_MISMATCH, err,
                               "%s: no question is about video \"%s\"", file, m.key)
                 : ask_json_get_object(&questions, m.value, inside, err) &&
                       notice_questions(b, file, &ids, m.key, questions, err);
    }
    data_names_free(&ids);
    data_names_free(&asked);
    return ok;
}

static bool give_all(data_build *b, const beside *f, const char *file, const ask_json *doc,
                     ask_error *err)
{
    ask_json_value videos;
    if (!ask_json_get_object(&videos, ask_json_root(doc), NULL, err)) return false;
    for (size_t i = 0; i < b->n_records; i++)
        if (!f->give(b, &b->records[i], videos, err)) return false;
    if (b->no_memory) return ask_fail_memory(err);
    return notice_leftovers(b, file, f->inside, videos, err);
}

/* Reads the file for the split, if it is there. */
static bool read_beside(data_build *b, const beside *f, bool *found, ask_error *err)
{
    const char *file = NULL;
    *found = false;
    if (!b->split) return true;
    const char *name = data_printf(b, "%s_%s.json", f->name, b->split);
    if (!data_find_beside(b, &file, name, err)) return false;
    *found = file;
    if (!file) return true;
    ask_json *doc = ask_json_read(file, NULL, err);
    bool ok = doc && give_all(b, f, file, doc, err);
    ask_json_free(doc);
    return ok;
}

/* ---- add_reference_answer_SPLIT.json: video -> qid -> another right answer ---- */

static bool give_other_answer(data_build *b, ask_data_record *r, ask_json_value videos,
                              ask_error *err)
{
    const char *answer;
    ask_json_value v = ask_json_member(ask_json_member(videos, r->video), qid_of(r));
    if (!ask_json_opt_string(&answer, v, NULL, NULL, err)) return false;
    if (answer && *answer) r->other_answer = data_copy(b, answer);
    return true;
}

static const beside other_answers = {.name = "add_reference_answer",
                                     .give = give_other_answer};

bool data_nextqa_give_answers(data_build *b, const char *file, const ask_json *doc,
                              ask_error *err)
{
    return give_all(b, &other_answers, file, doc, err);
}

bool data_nextqa_open_read_more(data_build *b, ask_error *err)
{
    bool found;
    return data_read_json_list(b, &b->answers, "vocab.json", NULL, err) &&
           read_beside(b, &other_answers, &found, err);
}

/* ---- gsub_SPLIT.json: video -> {duration, location: {qid: [[start, end], ...]}} ---- */

static bool give_windows_of(data_build *b, ask_data_record *r, ask_json_value video,
                            ask_error *err)
{
    ask_json_value places;
    if (!ask_json_get_double(&r->video_s, video, "duration", err) ||
        !ask_json_get_object(&places, video, "location", err))
        return false;
    if (r->video_s <= 0)
        return ask_json_fail(ask_json_find(video, "duration"), err,
                             "expected a time above 0, got %g", r->video_s);
    ask_json_value spans = ask_json_member(places, qid_of(r));
    if (!ask_json_type_of(spans))
        return data_notice_at(b, ASK_DATA_MISMATCH, r, err,
                              "gsub_%s.json tells no moments of question \"%s\"", b->split,
                              r->id);
    if (!data_get_spans(b, &r->windows, &r->n_windows, spans, NULL, err)) return false;
    for (int i = 0; i < r->n_windows; i++)
        if (!data_check_span(b, r, r->windows[i], r->video_s, "window", err)) return false;
    return true;
}

static bool give_windows(data_build *b, ask_data_record *r, ask_json_value videos,
                         ask_error *err)
{
    ask_json_value video = ask_json_member(videos, r->video);
    if (ask_json_type_of(video)) return give_windows_of(b, r, video, err);
    return data_notice_at(b, ASK_DATA_MISMATCH, r, err,
                          "gsub_%s.json does not have video \"%s\"", b->split, r->video);
}

static const beside gsub = {.name = "gsub", .inside = "location", .give = give_windows};

bool data_nextgqa_give_windows(data_build *b, const char *file, const ask_json *doc,
                               ask_error *err)
{
    return give_all(b, &gsub, file, doc, err);
}

/* Of val and test moments are published, of train they are not. */
bool data_nextgqa_read_more(data_build *b, ask_error *err)
{
    bool found;
    if (!read_beside(b, &gsub, &found, err)) return false;
    if (found || !b->split || strcmp(b->split, "train") == 0) return true;
    return data_notice(b, ASK_DATA_MISMATCH, err,
                       "%s: no gsub_%s.json beside it, which tells the moments", b->file,
                       b->split);
}
