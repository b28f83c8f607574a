#include <string.h>

#include "base/rng.h"
#include "eval/language_priv.h"
#include "vqa/standard.h"
#include "world/phrase.h"
#include "world/scene.h"

const char *const language_background[LANGUAGE_N_BACKGROUND] = {
    "a toy",
    "there is a toy",
    "a toy can be seen",
    "we see a toy",
    "a thing",
    "part of the picture",
    "what is there",
    "what can be seen in the picture",
};

/* ---- sentences ---- */

static int8_t draw(ask_rng *r, int n)
{
    return (int8_t)ask_rng_below(r, (uint64_t)n);
}

/* One value in `often` demands something; the others do not. */
static int8_t maybe(ask_rng *r, int often, int n)
{
    return ask_rng_below(r, (uint64_t)often) == 0 ? draw(r, n) : (int8_t)ASK_ANY;
}

static ask_phrase draw_phrase(ask_rng *r)
{
    ask_phrase p = {
        .color = draw(r, ASK_N_COLORS),
        .shape = draw(r, ASK_N_SHAPES),
        .size = maybe(r, 4, ASK_N_SIZES),
        .texture = maybe(r, 5, ASK_N_TEXTURES),
        .place = maybe(r, 4, ASK_N_PLACES),
        .event = maybe(r, 3, ASK_N_SIMPLE_EVENTS),
    };
    switch (ask_rng_below(r, 8)) {
    case 0:
        p.color = ASK_ANY;
        break;
    case 1:
        p.shape = ASK_ANY;
        break;
    default:
        break;
    }
    return p;
}

/* Whether training may speak of it: it is not held out, and toys can do it. */
static bool is_said(ask_phrase p)
{
    if (ask_phrase_is_held_out(p)) return false;
    if (p.shape == ASK_ANY || p.event == ASK_ANY) return true;
    ask_size size = p.size == ASK_ANY ? ASK_SMALL : (ask_size)p.size;
    return ask_toy_can((ask_event_kind)p.event, (ask_shape)p.shape, size);
}

static const char *sentence(ask_arena *arena, ask_rng *r, ask_error *err)
{
    ask_phrase p = draw_phrase(r);
    while (!is_said(p)) p = draw_phrase(r);
    ask_str nothing = {0}, text = {0};
    ask_phrase_say(&nothing, &text, p, ASK_SAY_CAPTION, draw(r, ASK_N_WORDINGS));
    char *kept = text.failed ? NULL : ask_arena_strdup(arena, ask_str_text(&text));
    ask_str_free(&text);
    if (!kept) ask_fail_memory(err);
    return kept;
}

const char *const *language_sentences(ask_arena *arena, uint64_t seed, int n,
                                      ask_error *err)
{
    const ask_rng root = ask_rng_new(seed);
    const ask_rng source = ask_rng_split(&root, "sentences");
    const char **out = ask_arena_array(arena, (size_t)n, sizeof *out);
    if (!out) {
        ask_fail_memory(err);
        return NULL;
    }
    for (int i = 0; i < n; i++) {
        ask_rng r = ask_rng_split_at(&source, (uint64_t)i);
        out[i] = sentence(arena, &r, err);
        if (!out[i]) return NULL;
    }
    return out;
}

/* ---- words ---- */

static bool grow(language_words *w, ask_error *err)
{
    int room = w->room ? 2 * w->room : 256;
    const char **items = ask_arena_array(w->arena, (size_t)room, sizeof *items);
    if (!items) return ask_fail_memory(err);
    if (w->n) memcpy(items, w->items, (size_t)w->n * sizeof *items);
    w->items = items;
    w->room = room;
    return true;
}

static bool insert(language_words *w, const char *word, ask_error *err)
{
    if (w->n == w->room && !grow(w, err)) return false;
    const char *kept = ask_arena_strdup(w->arena, word);
    if (!kept) return ask_fail_memory(err);
    int at = w->n++;
    for (; at > 0 && strcmp(w->items[at - 1], word) > 0; at--)
        w->items[at] = w->items[at - 1];
    w->items[at] = kept;
    return true;
}

bool language_add(language_words *words, const char *text, ask_error *err)
{
    if (!words->room && !grow(words, err)) return false;
    for (;;) {
        char word[ASK_WORD_BYTES];
        const ask_standard known = {.words = words->items, .n_words = words->n};
        if (!ask_standard_new_word(word, &known, text)) return true;
        if (!insert(words, word, err)) return false;
    }
}

bool language_add_trained(language_words *words, bool full, ask_error *err)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++)
        if (!language_add(words, ask_denial(w), err)) return false;
    ask_str text = {0};
    ask_world_words(&text);
    if (full) {
        ask_question_words(&text);
        ask_family_words(&text);
    }
    bool ok =
        text.failed ? ask_fail_memory(err) : language_add(words, ask_str_text(&text), err);
    ask_str_free(&text);
    return ok;
}

bool language_add_question(language_words *words, const ask_world_question *q,
                           ask_error *err)
{
    if (!language_add(words, q->text, err)) return false;
    for (int o = 0; o < ASK_N_OPTIONS; o++)
        if (!language_add(words, q->options[o].text, err)) return false;
    return true;
}
