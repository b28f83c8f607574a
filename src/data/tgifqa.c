/* tgifqa.c - TGIF-QA: four tasks, tables separated by tabs although they are called .csv.
 *
 * After: Jang et al. 2017 (TGIF-QA). A question's id is its vid_id ("ACTION1"), a GIF's
 * name is gif_name; stores of features go by key, the number of the GIF. */
#include "data/reader_priv.h"

enum { N_OPTIONS = 5 };

typedef struct {
    int gif, question, answer, id, key;
    int type;               // of the frame task
    int options[N_OPTIONS]; // of action and transition
} columns;

typedef bool read_row(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                      const columns *c, ask_error *err);

static bool find_columns(columns *c, const ask_csv *t, ask_error *err)
{
    return ask_csv_find_column(&c->gif, t, "gif_name", err) &&
           ask_csv_find_column(&c->question, t, "question", err) &&
           ask_csv_find_column(&c->answer, t, "answer", err) &&
           ask_csv_find_column(&c->id, t, "vid_id", err) &&
           ask_csv_find_column(&c->key, t, "key", err);
}

static bool read_common(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                        const columns *c, ask_error *err)
{
    r->row = ask_csv_line(t, row);
    r->answer_index = -1;
    return data_cell(b, &r->features, t, row, c->key, err) &&
           data_cell(b, &r->id, t, row, c->id, err) &&
           data_cell(b, &r->video, t, row, c->gif, err) &&
           data_cell(b, &r->question, t, row, c->question, err);
}

static bool read_choice(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                        const columns *c, ask_error *err)
{
    int64_t answer;
    r->kind = ASK_DATA_CHOICE;
    if (!data_cells(b, r, t, row, c->options, N_OPTIONS, err) ||
        !ask_csv_get_int(&answer, t, row, c->answer, 0, N_OPTIONS - 1, err))
        return false;
    data_answer_index(r, (int)answer);
    return true;
}

static bool read_count(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                       const columns *c, ask_error *err)
{
    (void)b;
    r->kind = ASK_DATA_COUNT;
    r->has_count = true;
    return ask_csv_get_int(&r->count, t, row, c->answer, 0, INT32_MAX, err);
}

static bool read_frame(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                       const columns *c, ask_error *err)
{
    static const char *const types[] = {"object", "number", "color", "location"};
    int64_t type;
    r->kind = ASK_DATA_OPEN;
    if (!ask_csv_get_int(&type, t, row, c->type, 0, 3, err)) return false;
    data_tag(b, r, "type", types[type]);
    return data_cell(b, &r->answer, t, row, c->answer, err);
}

static bool read_rows(data_build *b, const ask_csv *t, const columns *c, const char *task,
                      read_row *read, ask_error *err)
{
    for (size_t row = 0; row < ask_csv_n_rows(t); row++) {
        ask_data_record r = {0};
        data_tag(b, &r, "task", task);
        if (!read_common(b, &r, t, row, c, err) || !read(b, &r, t, row, c, err) ||
            !data_add(b, &r, err))
            return false;
    }
    return true;
}

static bool read_task(data_build *b, data_text text, const char *task, read_row *read,
                      ask_error *err)
{
    columns c;
    ask_csv *t = ask_csv_parse(text.text, text.bytes, text.name, '\t', err);
    bool ok = t && find_columns(&c, t, err);
    if (ok && read == read_choice)
        ok = data_find_columns(c.options, N_OPTIONS, t, "a", 1, err);
    if (ok && read == read_frame) ok = ask_csv_find_column(&c.type, t, "type", err);
    ok = ok && read_rows(b, t, &c, task, read, err);
    ask_csv_free(t);
    return ok;
}

bool data_tgif_action_read(data_build *b, data_text text, ask_error *err)
{
    return read_task(b, text, "action", read_choice, err);
}

bool data_tgif_transition_read(data_build *b, data_text text, ask_error *err)
{
    return read_task(b, text, "transition", read_choice, err);
}

bool data_tgif_count_read(data_build *b, data_text text, ask_error *err)
{
    return read_task(b, text, "count", read_count, err);
}

bool data_tgif_frame_read(data_build *b, data_text text, ask_error *err)
{
    return read_task(b, text, "frame", read_frame, err);
}
