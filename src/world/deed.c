#include "world/deed_priv.h"

ask_deed ask_deed_of_toy(int toy)
{
    return (ask_deed){(int8_t)toy, ASK_ANY, ASK_ANY};
}

ask_deed ask_deed_of_event(const ask_event *e)
{
    return (ask_deed){(int8_t)e->toy, (int8_t)e->kind, (int8_t)e->other};
}

// --- By truth ----------------------------------------------------------------------------

ask_phrase ask_deed_name(const ask_scene *s, int toy)
{
    return ask_pick_toy(&s->toys[toy], ASK_PICK_COLOR | ASK_PICK_SHAPE);
}

bool ask_deed_has_name(const ask_scene *s, int toy)
{
    return ask_pick_n_toys(s, ask_deed_name(s, toy)) == 1;
}

static bool is_any_or(int8_t demanded, int value)
{
    return demanded == ASK_ANY || demanded == value;
}

int ask_deed_times(const ask_scene *s, ask_deed d)
{
    int n = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        n += is_any_or(d.toy, e->toy) && is_any_or(d.kind, (int)e->kind) &&
             is_any_or(d.other, e->other);
    }
    return n;
}

int ask_deed_moves(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_events; i++)
        if (s->events[i].other == toy) return i;
    return -1;
}

static bool changes_place(const ask_event *e)
{
    return e->kind == ASK_ENTER || e->kind == ASK_LEAVE || e->kind == ASK_SLIDE ||
           e->kind == ASK_HIDE || ask_event_moves_other(e);
}

int ask_deed_n_moves(const ask_scene *s, int toy, int frame)
{
    int n = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        n += e->end > frame && ((e->toy == toy && changes_place(e)) || e->other == toy);
    }
    return n;
}

bool ask_deed_is_idle(const ask_scene *s, int toy)
{
    return ask_deed_times(s, ask_deed_of_toy(toy)) == 0 && ask_deed_moves(s, toy) < 0;
}

bool ask_deed_could_be(const ask_scene *s, ask_phrase name, ask_size size,
                       ask_event_kind kind)
{
    name.event = (int8_t)kind;
    return ask_toy_can(kind, (ask_shape)name.shape, size) && ask_pick_is_allowed(s, name);
}

bool ask_deed_is_repeatable(ask_event_kind kind)
{
    return kind == ASK_SLIDE || kind == ASK_JUMP || kind == ASK_SPIN || kind == ASK_GROW ||
           kind == ASK_SHAKE || kind == ASK_BLINK;
}

// --- In words ----------------------------------------------------------------------------

static const char *const infinitives[ASK_N_EVENTS] = {
    [ASK_ENTER] = "enter",         [ASK_LEAVE] = "leave",
    [ASK_SLIDE] = "slide",         [ASK_JUMP] = "jump",
    [ASK_SPIN] = "spin",           [ASK_GROW] = "grow",
    [ASK_SHAKE] = "shake",         [ASK_BLINK] = "blink",
    [ASK_HIT] = "hit another toy", [ASK_PUSH] = "push another toy",
    [ASK_HIDE] = "hide",           [ASK_TURN] = "change colour",
};

const char *ask_deed_infinitive(ask_event_kind kind)
{
    return infinitives[kind];
}

void ask_deed_say_toy(ask_str *out, ask_phrase name)
{
    ask_str_append(out, "the ");
    ask_phrase_noun(out, name);
}

void ask_deed_say(ask_str *out, const ask_scene *s, ask_phrase name, ask_deed d)
{
    ask_deed_say_toy(out, name);
    ask_str_printf(out, " %s", ask_event_name((ask_event_kind)d.kind));
    if (d.other == ASK_ANY) return;
    ask_str_append_char(out, ' ');
    ask_deed_say_toy(out, ask_deed_name(s, d.other));
}

void ask_deed_say_it(ask_str *out, ask_event_kind kind)
{
    ask_str_printf(out, "it %s", ask_event_name(kind));
    if (ask_event_kind_moves_other(kind)) ask_str_append(out, " another toy");
}
