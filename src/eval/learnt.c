#include "eval/learnt.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/number.h"
#include "metric/words.h"

enum { N_PARTS = 5 };

struct ask_eval_learnt {
    ask_words *parts[N_PARTS]; // of training questions, only the first
    bool in_parts;
};

/* The part that a video is in. */
static int part_of(const ask_eval_item *item)
{
    const char *video = item->record.video;
    return (int)(ask_hash64(video, strlen(video), 5) % N_PARTS);
}

/* ---- questions ---- */

static uint64_t hash(const char *text)
{
    return ask_hash64(text, strlen(text), 0);
}

/* Questions are alike by how they are answered, their type, and their family where one is
 * told. */
static uint64_t kind_of(const ask_eval_item *item)
{
    const ask_data_record *r = &item->record;
    uint64_t kind = ask_words_key((uint64_t)r->kind, hash(ask_eval_type(item)));
    for (int i = 0; i < r->n_tags; i++)
        if (strcmp(r->tags[i].group, "family") == 0)
            kind = ask_words_key(kind, hash(r->tags[i].name));
    return kind;
}

static ask_words_question question_of(const ask_eval_item *item)
{
    const ask_data_record *r = &item->record;
    bool choice = r->kind == ASK_DATA_CHOICE;
    return (ask_words_question){.kind = kind_of(item),
                                .question = r->question,
                                .options = r->options,
                                .n_options = choice ? r->n_options : 0};
}

/* ---- learning ---- */

static bool learn(ask_words *w, const ask_eval_item *item, ask_error *err)
{
    const ask_data_record *r = &item->record;
    const ask_words_question q = question_of(item);
    char number[32];
    switch (r->kind) {
    case ASK_DATA_CHOICE:
        return r->answer_index < 0 || ask_words_learn(w, &q, r->answer_index, NULL, err);
    case ASK_DATA_OPEN:
        return !r->answer || ask_words_learn(w, &q, -1, r->answer, err);
    case ASK_DATA_COUNT:
        ask_format(number, sizeof number, "%lld", (long long)r->count);
        return !r->has_count || ask_words_learn(w, &q, -1, number, err);
    default:
        return true;
    }
}

/* From all items but those of a part; -1: from all. */
static bool learn_but(ask_words *w, const ask_eval_item *items, size_t n, int part,
                      const ask_cancel *cancel, ask_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!ask_cancel_check(cancel, err)) return false;
        if (part_of(&items[i]) != part && !learn(w, &items[i], err)) return false;
    }
    return true;
}

ask_eval_learnt *ask_eval_learnt_new(const ask_eval_item *items, size_t n,
                                     const ask_eval_item *train, size_t n_train,
                                     const ask_cancel *cancel, ask_error *err)
{
    ask_eval_learnt *l = calloc(1, sizeof *l);
    bool ok = l || ask_fail_memory(err);
    if (ok) l->in_parts = n_train == 0;
    for (int part = 0; ok && part < (l->in_parts ? N_PARTS : 1); part++) {
        l->parts[part] = ask_words_new(err);
        ok = l->parts[part] &&
             (l->in_parts ? learn_but(l->parts[part], items, n, part, cancel, err)
                          : learn_but(l->parts[part], train, n_train, -1, cancel, err));
    }
    if (ok) return l;
    ask_eval_learnt_free(l);
    return NULL;
}

void ask_eval_learnt_free(ask_eval_learnt *l)
{
    if (!l) return;
    for (int part = 0; part < N_PARTS; part++) ask_words_free(l->parts[part]);
    free(l);
}

/* ---- answering ---- */

static ask_eval_decision choose(const ask_words *w, const ask_words_question *q, bool words)
{
    int choice = words ? ask_words_choose(w, q) : ask_words_commonest_choice(w, q);
    return (ask_eval_decision){.choice = choice, .text = q->options[choice]};
}

static ask_eval_decision say(const ask_words *w, const ask_words_question *q, bool words,
                             ask_data_kind kind)
{
    ask_eval_decision d = {.choice = -1};
    d.text = words ? ask_words_answer(w, q) : ask_words_commonest_answer(w, q);
    if (kind == ASK_DATA_COUNT && d.text) d.has_count = ask_parse_double(&d.count, d.text);
    return d;
}

bool ask_eval_learnt_answer(ask_eval_decision *out, const ask_eval_learnt *l,
                            const ask_eval_item *item, ask_eval_baseline b)
{
    const ask_data_record *r = &item->record;
    if (r->kind == ASK_DATA_RETRIEVE) return false;
    const ask_words *w = l->parts[l->in_parts ? part_of(item) : 0];
    const ask_words_question q = question_of(item);
    bool words = b == ASK_BASELINE_QUESTION_ONLY;
    *out = q.n_options > 0 ? choose(w, &q, words) : say(w, &q, words, r->kind);
    return true;
}
