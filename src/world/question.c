#include "world/question_priv.h"

#include <string.h>

#include "world/pick_priv.h"

ask_deed ask_deed_none(void)
{
    return (ask_deed){ASK_ANY, ASK_ANY, ASK_ANY};
}

bool ask_question_is_open(const ask_world_question *q, int n_frames)
{
    return q->until == n_frames && !q->ambiguous && q->type != ASK_QUESTION_PRESENCE &&
           !strstr(q->text, "these");
}

const char *ask_question_open_answer(const ask_world_question *q)
{
    static const char *const digits[ASK_N_COUNTED] = {"0", "1", "2", "3", "4"};
    const ask_world_option *right = &q->options[q->answer];
    return right->number == ASK_ANY ? right->text : digits[right->number];
}

/* ---- drafts ---- */

ask_world_option ask_option_text(const char *text)
{
    return (ask_world_option){.text = text,
                              .phrase = ask_phrase_any(),
                              .deed = ask_deed_none(),
                              .number = ASK_ANY};
}

const char *ask_asker_keep(ask_asker *a, ask_str *text)
{
    char *kept = text->failed ? NULL : ask_arena_strdup(a->texts, ask_str_text(text));
    if (!kept) a->failed = true;
    ask_str_free(text);
    return kept;
}

ask_world_question ask_asker_begin(ask_asker *a, ask_question_type type)
{
    ask_world_question q = {.type = type,
                            .subject = ask_phrase_any(),
                            .asked = ask_deed_none(),
                            .until = a->seen.scene->n_frames};
    q.wording = (int)ask_rng_below(&a->rng, ASK_N_WORDINGS);
    for (int i = 0; i < ASK_N_OPTIONS; i++) q.options[i] = ask_option_text(NULL);
    return q;
}

void ask_asker_add(ask_world_question *q, int *n, ask_asker *a, ask_str *text)
{
    q->options[(*n)++] = ask_option_text(ask_asker_keep(a, text));
}

static bool draft(ask_world_question *q, ask_asker *a, ask_question_type type)
{
    switch (type) {
    case ASK_QUESTION_PRESENCE:
        return ask_draft_presence(q, a);
    case ASK_QUESTION_ORDER:
        return ask_draft_order(q, a);
    case ASK_QUESTION_COUNT:
        return ask_draft_count(q, a);
    case ASK_QUESTION_ABSENT:
        return ask_draft_absent(q, a);
    default:
        return ask_draft_attribute(q, a, type);
    }
}

/* ---- places of the right option ---- */

int ask_question_cycle(const ask_scene *s, const char *purpose, int n)
{
    ask_scene round = *s;
    round.index = s->index / n;
    ask_rng rng = ask_pick_rng(&round, purpose);
    int numbers[ASK_QUESTION_MOST_CYCLE];
    for (int i = 0; i < n; i++) numbers[i] = i;
    ask_rng_shuffle(&rng, numbers, (size_t)n, sizeof *numbers);
    return numbers[s->index % n];
}

void ask_question_put_in_place(ask_world_question *q, int place, ask_rng *rng)
{
    ask_rng_shuffle(rng, q->options + 1, ASK_N_OPTIONS - 1, sizeof *q->options);
    ask_world_option right = q->options[0];
    q->options[0] = q->options[place];
    q->options[place] = right;
    q->answer = place;
}

/* ---- the questions of a clip ---- */

static void ask_types(ask_world_question out[ASK_QUESTIONS_MOST], int *n, ask_asker *a)
{
    const ask_scene *s = a->seen.scene;
    for (int type = 0; type < ASK_N_SIMPLE_QUESTION_TYPES; type++) {
        ask_world_question *q = &out[*n];
        if (!draft(q, a, (ask_question_type)type)) continue;
        q->judged = ask_world_is_judged(q->moment, s->n_frames);
        const char *name = ask_question_type_name(q->type);
        ask_question_put_in_place(q, ask_question_cycle(s, name, ASK_N_OPTIONS), &a->rng);
        (*n)++;
    }
}

bool ask_world_ask(ask_world_question out[ASK_QUESTIONS_MOST], int *n, ask_world_seen seen,
                   ask_arena *texts, ask_error *err)
{
    ask_asker a = {
        .seen = seen, .rng = ask_pick_rng(seen.scene, "questions"), .texts = texts};
    *n = 0;
    if (seen.scene->full)
        ask_families_ask(out, n, &a);
    else
        ask_types(out, n, &a);
    return !a.failed || ask_fail_memory(err);
}

/* ---- words ---- */

void ask_question_fill(ask_str *out, const char *pattern, const char *text)
{
    const char *gap = strstr(pattern, "%s");
    if (!gap) {
        ask_str_append(out, pattern);
        return;
    }
    ask_str_append_bytes(out, pattern, (size_t)(gap - pattern));
    ask_str_append(out, text);
    ask_str_append(out, gap + strlen("%s"));
}

void ask_question_add_words(ask_str *out, const char *pattern)
{
    bool in_word = false;
    for (const char *c = pattern; *c; c++) {
        bool is_letter = *c >= 'a' && *c <= 'z' && !(c > pattern && c[-1] == '%');
        if (is_letter) ask_str_append_char(out, *c);
        if (in_word && !is_letter) ask_str_append_char(out, '\n');
        in_word = is_letter;
    }
    if (in_word) ask_str_append_char(out, '\n');
}

void ask_question_words(ask_str *out)
{
    ask_question_none_words(out);
    ask_question_order_words(out);
    ask_question_count_words(out);
    ask_question_add_words(out, "and then"); // of captions
}
