#include "world/family_priv.h"

// --- Texts -------------------------------------------------------------------------------

const char *ask_draft_say(ask_asker *a, const char *pattern, const char *first,
                          const char *second)
{
    ask_str once = {0}, text = {0};
    ask_question_fill(&once, pattern, first ? first : "");
    ask_question_fill(&text, ask_str_text(&once), second ? second : "");
    text.failed |= once.failed;
    ask_str_free(&once);
    return ask_asker_keep(a, &text);
}

const char *ask_draft_toy_text(ask_asker *a, ask_phrase name)
{
    ask_str text = {0};
    ask_deed_say_toy(&text, name);
    return ask_asker_keep(a, &text);
}

const char *ask_draft_deed_text(ask_asker *a, ask_phrase name, ask_deed d)
{
    ask_str text = {0};
    ask_deed_say(&text, a->seen.scene, name, d);
    return ask_asker_keep(a, &text);
}

// --- Options -----------------------------------------------------------------------------

ask_world_option ask_option_toy(ask_asker *a, int toy)
{
    ask_world_option o =
        ask_option_text(ask_draft_toy_text(a, ask_deed_name(a->seen.scene, toy)));
    o.deed = ask_deed_of_toy(toy);
    return o;
}

ask_world_option ask_option_deed(ask_asker *a, ask_deed d)
{
    ask_phrase name = ask_deed_name(a->seen.scene, d.toy);
    ask_world_option o = ask_option_text(ask_draft_deed_text(a, name, d));
    o.deed = d;
    return o;
}

ask_world_option ask_option_it(ask_asker *a, int toy, ask_event_kind kind)
{
    ask_str text = {0};
    ask_deed_say_it(&text, kind);
    ask_world_option o = ask_option_text(ask_asker_keep(a, &text));
    o.deed = (ask_deed){(int8_t)toy, (int8_t)kind, ASK_ANY};
    return o;
}

ask_world_option ask_option_number(int n)
{
    ask_world_option o = ask_option_text(ask_count_word(n));
    o.number = n;
    return o;
}

// --- Choices -----------------------------------------------------------------------------

void ask_some_add(ask_some *some, int item)
{
    some->items[some->n++] = item;
}

bool ask_some_has(const ask_some *some, int item)
{
    for (int i = 0; i < some->n; i++)
        if (some->items[i] == item) return true;
    return false;
}

void ask_some_shuffle(ask_some *some, ask_asker *a)
{
    ask_rng_shuffle(&a->rng, some->items, (size_t)some->n, sizeof *some->items);
}

int ask_some_draw(ask_asker *a, const ask_some *some, const int *weights)
{
    int sum = 0, i = 0;
    for (int k = 0; k < some->n; k++) sum += weights[some->items[k]];
    int at = (int)ask_rng_below(&a->rng, (uint64_t)sum);
    while (at >= weights[some->items[i]]) at -= weights[some->items[i++]];
    return some->items[i];
}

ask_some ask_some_toys(ask_asker *a, unsigned but)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = {.n = 0};
    for (int toy = 0; toy < s->n_toys; toy++)
        if (!(but >> toy & 1) && ask_deed_has_name(s, toy)) ask_some_add(&toys, toy);
    ask_some_shuffle(&toys, a);
    return toys;
}

void ask_draft_numbers(ask_family_draft *d, const ask_some *numbers)
{
    ask_some left = {.n = 0};
    for (int n = 0; n < ASK_N_COUNTED; n++) {
        bool is_option = false;
        for (int i = 0; i < ASK_N_OPTIONS; i++) is_option |= numbers->items[i] == n;
        if (!is_option) ask_some_add(&left, n);
    }
    d->right = ask_option_number(numbers->items[0]);
    for (int i = 1; i < ASK_N_OPTIONS; i++)
        d->wrong[d->n_wrong++] = ask_option_number(numbers->items[i]);
    d->wrong[d->n_wrong++] = ask_option_number(left.items[0]);
}

/* A pair that the scene does not have. */
static bool draw_absent(ask_phrase *name, ask_asker *a, int kind)
{
    const ask_scene *s = a->seen.scene;
    ask_phrase pairs[ASK_PICK_MOST_PAIRS];
    int n = ask_pick_absent_pairs(pairs, s, ASK_PICK_NEAR, &a->rng);
    for (int i = 0; i < n; i++) {
        if (kind != ASK_ANY &&
            !ask_deed_could_be(s, pairs[i], ASK_MEDIUM, (ask_event_kind)kind))
            continue;
        *name = pairs[i];
        return true;
    }
    return false;
}

bool ask_draft_other(ask_phrase *name, int *toy, ask_asker *a, const ask_some *toys,
                     int kind)
{
    bool absent = ask_rng_below(&a->rng, 4) == 0;
    const ask_scene *s = a->seen.scene;
    for (int i = 0; i < toys->n && !absent; i++) {
        *toy = toys->items[i];
        *name = ask_deed_name(s, *toy);
        if (kind == ASK_ANY ||
            ask_deed_could_be(s, *name, s->toys[*toy].size, (ask_event_kind)kind))
            return true;
    }
    *toy = ASK_ANY;
    return draw_absent(name, a, kind);
}

ask_premise ask_draft_premise(ask_asker *a, const char *pattern, ask_phrase name, int toy,
                              const char *second)
{
    return (ask_premise){.text =
                             ask_draft_say(a, pattern, ask_draft_toy_text(a, name), second),
                         .subject = name,
                         .asked = ask_deed_of_toy(toy)};
}

bool ask_draft_twin(ask_family_draft *d, ask_asker *a, const char *pattern,
                    const ask_some *toys, const char *second)
{
    ask_phrase name;
    int toy;
    if (!ask_draft_other(&name, &toy, a, toys, ASK_ANY)) return false;
    d->is_not = ask_draft_premise(a, pattern, name, toy, second);
    return true;
}
