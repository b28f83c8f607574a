#include "data/own_priv.h"

#include <string.h>

#include "base/number.h"

static bool parse_kind(ask_data_kind *out, const char *text)
{
    for (int k = ASK_DATA_CHOICE; k <= ASK_DATA_RETRIEVE; k++) {
        if (strcmp(ask_data_kind_name((ask_data_kind)k), text) != 0) continue;
        *out = (ask_data_kind)k;
        return true;
    }
    return false;
}

static ask_data_kind guess_kind(const ask_data_record *r, const char *answer)
{
    int64_t number;
    if (r->n_options > 0) return ASK_DATA_CHOICE;
    if (answer && ask_parse_i64(&number, answer)) return ASK_DATA_COUNT;
    return !answer && r->n_windows > 0 ? ASK_DATA_RETRIEVE : ASK_DATA_OPEN;
}

/* An integer is an index, unless it is an option itself ("How many?" "2", "3", "4"). */
static bool settle_choice(data_build *b, ask_data_record *r, const char *answer,
                          ask_error *err)
{
    int64_t index;
    bool is_option = false;
    for (int i = 0; i < r->n_options; i++) is_option |= strcmp(r->options[i], answer) == 0;
    if (is_option || !ask_parse_i64(&index, answer))
        return data_answer_text(b, r, answer, err);
    if (index < 0 || index >= r->n_options)
        return data_fail_at(b, r->row, err, "answer %s is not an index from 0 to %d",
                            answer, r->n_options - 1);
    data_answer_index(r, (int)index);
    return true;
}

static bool settle_count(data_build *b, ask_data_record *r, const char *answer,
                         ask_error *err)
{
    r->answer_index = -1;
    r->has_count = ask_parse_i64(&r->count, answer);
    return r->has_count ||
           data_fail_at(b, r->row, err, "a count is an integer, not \"%s\"", answer);
}

bool data_own_settle(data_build *b, ask_data_record *r, const char *kind,
                     const char *answer, ask_error *err)
{
    r->kind = guess_kind(r, answer);
    if (kind && !parse_kind(&r->kind, kind))
        return data_fail_at(b, r->row, err,
                            "kind is choice, open, count or retrieve, not \"%s\"", kind);
    if ((r->kind == ASK_DATA_CHOICE) != (r->n_options > 0))
        return data_fail_at(b, r->row, err, "kind \"%s\" with %d options",
                            ask_data_kind_name(r->kind), r->n_options);
    if (r->kind == ASK_DATA_RETRIEVE && (answer || r->n_windows > 0)) {
        r->answer_index = -1;
        r->answer = data_copy(b, answer);
        return true;
    }
    if (!answer) return data_answer_hidden(b, r, err);
    if (r->kind == ASK_DATA_CHOICE) return settle_choice(b, r, answer, err);
    if (r->kind == ASK_DATA_COUNT) return settle_count(b, r, answer, err);
    data_answer_word(b, r, answer);
    return true;
}
