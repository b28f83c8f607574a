/* vocabulary.c - whether the answers are those that networks for the set choose from. */
#include <stdlib.h>

#include "data/reader_priv.h"

typedef struct {
    data_names answers; // that are not listed
    const ask_data_record **first;
    size_t *n; // questions of each
} unlisted;

static bool gather(unlisted *u, const data_build *b, const data_names *listed,
                   ask_error *err)
{
    for (size_t i = 0; i < b->n_records; i++) {
        const ask_data_record *r = &b->records[i];
        size_t index;
        if (!r->answer || data_names_find(listed, NULL, r->answer)) continue;
        if (!data_names_add(&u->answers, &index, r->answer, err)) return false;
        if (u->n[index]++ == 0) u->first[index] = r;
    }
    return true;
}

static bool notice(data_build *b, const unlisted *u, ask_error *err)
{
    for (size_t i = 0; i < u->answers.n; i++)
        if (!data_notice_at(b, ASK_DATA_UNLISTED_ANSWER, u->first[i], err,
                            "the answer \"%s\" is not in the vocabulary (questions: %zu)",
                            u->answers.texts[i], u->n[i]))
            return false;
    return true;
}

bool data_check_vocabulary(data_build *b, ask_error *err)
{
    if (b->answers.n == 0) return true;
    size_t index;
    data_names listed = {0};
    unlisted u = {.first = calloc(b->n_records, sizeof *u.first),
                  .n = calloc(b->n_records, sizeof *u.n)};
    bool ok = (u.first && u.n) || ask_fail_memory(err);
    for (int i = 0; i < b->answers.n && ok; i++)
        ok = data_names_add(&listed, &index, b->answers.texts[i], err);
    ok = ok && gather(&u, b, &listed, err) && notice(b, &u, err);
    data_names_free(&listed);
    data_names_free(&u.answers);
    free(u.first);
    free(u.n);
    return ok;
}
