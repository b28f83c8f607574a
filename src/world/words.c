/* world/words.c - all words that phrases are said with, found by saying them all. */
#include <string.h>

#include "world/phrase.h"

enum { MAX_WORDS = 256, MOST_VALUES = ASK_N_SHAPES };

/* Words in the order of bytes, each once; they stand in a text of somebody else. */
typedef struct {
    const char *words[MAX_WORDS];
    int n;
} word_set;

static void add_word(word_set *set, const char *word)
{
    int at = 0;
    while (at < set->n && strcmp(set->words[at], word) < 0) at++;
    if ((at < set->n && strcmp(set->words[at], word) == 0) || set->n == MAX_WORDS) return;
    memmove(set->words + at + 1, set->words + at,
            (size_t)(set->n - at) * sizeof *set->words);
    set->words[at] = word;
    set->n++;
}

/* The i-th value of everything. */
static ask_phrase all_at_once(int i)
{
    return (ask_phrase){.color = (int8_t)(i % ASK_N_COLORS),
                        .shape = (int8_t)(i % ASK_N_SHAPES),
                        .size = (int8_t)(i % ASK_N_SIZES),
                        .texture = (int8_t)(i % ASK_N_TEXTURES),
                        .place = (int8_t)(i % ASK_N_PLACES),
                        .event = (int8_t)(i % ASK_N_SIMPLE_EVENTS)};
}

/* In all ways and wordings, into one text. */
static void say_in_all_ways(ask_str *out, ask_phrase p)
{
    for (int how = 0; how < ASK_N_SAYINGS; how++) {
        if (!ask_phrase_fits(p, (ask_saying)how)) continue;
        for (int wording = 0; wording < ASK_N_WORDINGS; wording++) {
            ask_str answer = {0};
            ask_phrase_say(out, &answer, p, (ask_saying)how, wording);
            ask_str_printf(out, " %s ", ask_str_text(&answer));
            out->failed = out->failed || answer.failed;
            ask_str_free(&answer);
        }
    }
}

void ask_world_words(ask_str *out)
{
    ask_str said = {0};
    for (int i = 0; i < MOST_VALUES; i++) {
        ask_phrase p = all_at_once(i);
        say_in_all_ways(&said, p);
        p.event = p.place = ASK_ANY;
        say_in_all_ways(&said, p);
        p.shape = ASK_ANY; // "toy"
        p.size = ASK_ANY;  // "a red", "an orange"
        say_in_all_ways(&said, p);
    }
    word_set set = {.n = 0};
    char *rest = NULL;
    for (char *w = said.data ? strtok_r(said.data, " ?", &rest) : NULL; w;
         w = strtok_r(NULL, " ?", &rest))
        add_word(&set, w);
    for (int i = 0; i < set.n; i++) ask_str_printf(out, "%s\n", set.words[i]);
    out->failed = out->failed || said.failed;
    ask_str_free(&said);
}
