/* activitynet.c - ActivityNet-QA: questions in one array, their answers in another.
 *
 * After: Yu et al. 2019 (ActivityNet-QA). The two are joined by question_id; that they are
 * of one order, as published, is not relied upon. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "data/beside_priv.h"
#include "data/names_priv.h"

static bool read_question(data_build *b, const data_items *it, ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_OPEN, .row = it->row, .answer_index = -1};
    ask_json_value v = it->value;
    const char *name;
    if (!data_get_text(b, &r.id, v, "question_id", err) ||
        !data_get_text(b, &name, v, "video_name", err) ||
        !data_get_text(b, &r.question, v, "question", err))
        return false;
    r.video = data_printf(b, "v_%s", name); // as question ids and files have it
    return data_add(b, &r, err);
}

bool data_activitynet_read(data_build *b, data_text text, ask_error *err)
{
    b->in_array = true;
    data_items it = {.text = text, .layout = DATA_ARRAY};
    while (data_items_next(&it, err) && read_question(b, &it, err)) continue;
    return data_items_end(&it);
}

/* The questions by their ids; of those that have one id, the first. */
typedef struct {
    data_names ids;
    size_t *places; // in the records, of each id
} id_index;

static bool index_ids(id_index *out, const data_build *b, ask_error *err)
{
    out->places = calloc(b->n_records, sizeof *out->places);
    if (!out->places) return ask_fail_memory(err);
    for (size_t i = 0; i < b->n_records; i++) {
        size_t n = out->ids.n, index;
        if (!data_names_add(&out->ids, &index, b->records[i].id, err)) return false;
        if (out->ids.n > n) out->places[index] = i;
    }
    return true;
}

static bool read_answer(data_build *b, const id_index *questions, const data_items *it,
                        ask_error *err)
{
    static const char *const types[] = {"motion", "spatial",  "temporal", "yes_no", "color",
                                        "object", "location", "number",   "other"};
    const char *id, *answer;
    int64_t type;
    size_t index;
    ask_json_value v = it->value;
    if (!ask_json_get_string(&id, v, "question_id", err) ||
        !ask_json_get_string(&answer, v, "answer", err) ||
        !ask_json_get_int(&type, v, "type", 0, 8, err))
        return false;
    if (!data_names_find(&questions->ids, &index, id))
        return data_notice(b, ASK_DATA_MISMATCH, err,
                           "%s: an answer to \"%s\", which is no question", it->name, id);
    ask_data_record *r = &b->records[questions->places[index]];
    if (r->answer)
        return data_notice(b, ASK_DATA_DUPLICATE_ID, err, "%s: \"%s\" was answered before",
                           it->name, id);
    data_answer_word(b, r, answer);
    data_tag(b, r, "type", types[type]);
    return !b->no_memory || ask_fail_memory(err);
}

bool data_activitynet_read_answers(data_build *b, data_text text, ask_error *err)
{
    id_index questions = {0};
    bool ok = index_ids(&questions, b, err);
    data_items it = {.text = text, .layout = DATA_ARRAY};
    while (ok && data_items_next(&it, err)) ok = read_answer(b, &questions, &it, err);
    bool ended = data_items_end(&it);
    data_names_free(&questions.ids);
    free(questions.places);
    return ok && ended;
}

static bool read_file_of_answers(data_build *b, ask_error *err)
{
    static const char ending[] = "_q.json";
    if (!ask_ends_with(b->file, ending)) return true;
    size_t n = strlen(b->file) - strlen(ending);
    const char *file = data_printf(b, "%.*s_a.json", (int)n, b->file);
    if (b->no_memory) return ask_fail_memory(err);
    b->answers_told = ask_file_exists(file);
    return !b->answers_told || data_with_file(b, file, data_activitynet_read_answers, err);
}

bool data_activitynet_read_more(data_build *b, ask_error *err)
{
    if (!read_file_of_answers(b, err)) return false;
    for (size_t i = 0; i < b->n_records; i++)
        if (!b->records[i].answer && !data_answer_hidden(b, &b->records[i], err))
            return false;
    return true;
}
