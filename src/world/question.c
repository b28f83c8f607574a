#include "world/question_priv.h"

#include <string.h>

#include "world/pick_priv.h"

const char *ask_question_type_name(ask_question_type type)
{
    static const char *const names[ASK_N_QUESTION_TYPES] = {
        [ASK_QUESTION_PRESENCE] = "presence", [ASK_QUESTION_COLOR] = "color",
        [ASK_QUESTION_SHAPE] = "shape",       [ASK_QUESTION_SIZE] = "size",
        [ASK_QUESTION_LOCATION] = "location", [ASK_QUESTION_ACTION] = "action",
        [ASK_QUESTION_ORDER] = "order",       [ASK_QUESTION_COUNT] = "count",
        [ASK_QUESTION_ABSENT] = "absent",
    };
    return names[type];
}

/* ---- drafts ---- */

const char *ask_asker_keep(ask_asker *a, ask_str *text)
{
    char *kept = text->failed ? NULL : ask_arena_strdup(a->texts, ask_str_text(text));
    if (!kept) a->failed = true;
    ask_str_free(text);
    return kept;
}

ask_world_question ask_asker_begin(ask_asker *a, ask_question_type type)
{
    ask_world_question q = {.type = type, .subject = ask_phrase_any()};
    q.wording = (int)ask_rng_below(&a->rng, ASK_N_WORDINGS);
    for (int i = 0; i < ASK_N_OPTIONS; i++) q.options[i].phrase = ask_phrase_any();
    return q;
}

void ask_asker_add(ask_world_question *q, int *n, ask_asker *a, ask_str *text)
{
    q->options[(*n)++] =
        (ask_world_option){.text = ask_asker_keep(a, text), .phrase = ask_phrase_any()};
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

/* Where the right option of a type stands in a clip: within four clips, each place once. */
static int place_of(const ask_scene *s, ask_question_type type)
{
    ask_scene four = *s;
    four.index = s->index / ASK_N_OPTIONS;
    ask_rng rng = ask_pick_rng(&four, ask_question_type_name(type));
    int places[ASK_N_OPTIONS] = {0, 1, 2, 3};
    ask_rng_shuffle(&rng, places, ASK_N_OPTIONS, sizeof *places);
    return places[s->index % ASK_N_OPTIONS];
}

static void put_in_place(ask_world_question *q, int place, ask_rng *rng)
{
    ask_rng_shuffle(rng, q->options + 1, ASK_N_OPTIONS - 1, sizeof *q->options);
    ask_world_option right = q->options[0];
    q->options[0] = q->options[place];
    q->options[place] = right;
    q->answer = place;
}

/* ---- the questions of a clip ---- */

bool ask_world_ask(ask_world_question out[ASK_N_QUESTION_TYPES], int *n,
                   ask_world_seen seen, ask_arena *texts, ask_error *err)
{
    ask_asker a = {
        .seen = seen, .rng = ask_pick_rng(seen.scene, "questions"), .texts = texts};
    *n = 0;
    for (int type = 0; type < ASK_N_QUESTION_TYPES; type++) {
        ask_world_question *q = &out[*n];
        if (!draft(q, &a, (ask_question_type)type)) continue;
        q->judged = ask_world_is_judged(q->moment, seen.scene->n_frames);
        put_in_place(q, place_of(seen.scene, q->type), &a.rng);
        (*n)++;
    }
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
