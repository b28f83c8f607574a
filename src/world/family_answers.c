/* Every answer that needs no options. */
#include "world/family_priv.h"

/* ---- what a toy looks like, where it is, what it does ---- */

static void add_look(ask_str *out, ask_phrase p, ask_saying saying)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) {
        ask_str question = {0};
        ask_phrase_say(&question, out, p, saying, w);
        ask_str_append_char(out, '\n');
        out->failed |= question.failed;
        ask_str_free(&question);
    }
}

/* Of who is asked what it looks like and does. */
static void add_denials(ask_str *out)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) ask_str_printf(out, "%s\n", ask_denial(w));
}

static void add_looks(ask_str *out)
{
    ask_phrase p = ask_phrase_any();
    for (p.color = 0; p.color < ASK_N_COLORS; p.color++) add_look(out, p, ASK_ASK_COLOR);
    p = ask_phrase_any();
    for (p.shape = 0; p.shape < ASK_N_SHAPES; p.shape++) add_look(out, p, ASK_ASK_SHAPE);
    p = ask_phrase_any();
    for (p.size = 0; p.size < ASK_N_SIZES; p.size++) add_look(out, p, ASK_ASK_SIZE);
    p = ask_phrase_any();
    for (p.place = 0; p.place < ASK_N_PLACES; p.place++) add_look(out, p, ASK_ASK_PLACE);
    p = ask_phrase_any();
    for (p.event = 0; p.event < ASK_N_EVENTS; p.event++) add_look(out, p, ASK_ASK_ACTION);
    add_denials(out);
}

/* ---- who, and what happens ---- */

static bool is_ever_done(ask_event_kind kind, ask_shape shape)
{
    bool can = false;
    for (int size = 0; size < ASK_N_SIZES; size++)
        can |= ask_toy_can(kind, shape, (ask_size)size);
    return can && kind != ASK_HIT && kind != ASK_PUSH;
}

static void add_deeds_of(ask_str *out, ask_phrase toy)
{
    ask_deed_say_toy(out, toy);
    ask_str_append_char(out, '\n');
    for (int kind = 0; kind < ASK_N_EVENTS; kind++) {
        if (!is_ever_done((ask_event_kind)kind, (ask_shape)toy.shape)) continue;
        ask_deed_say(out, NULL, toy, (ask_deed){ASK_ANY, (int8_t)kind, ASK_ANY});
        ask_str_append_char(out, '\n');
    }
}

static void add_deeds(ask_str *out)
{
    ask_phrase toy = ask_phrase_any();
    for (toy.color = 0; toy.color < ASK_N_COLORS; toy.color++)
        for (toy.shape = 0; toy.shape < ASK_N_SHAPES; toy.shape++) add_deeds_of(out, toy);
    for (int kind = 0; kind < ASK_N_EVENTS; kind++) {
        ask_deed_say_it(out, (ask_event_kind)kind);
        ask_str_append_char(out, '\n');
    }
}

/* ---- all ---- */

void ask_family_answers(ask_str *out)
{
    for (int n = 0; n < ASK_N_COUNTED; n++) ask_str_printf(out, "%d\n", n);
    add_looks(out);
    add_deeds(out);
    ask_family_order_denials(out);
    ask_family_own_denials(out);
    ask_family_cause_answers(out);
}

void ask_family_denials(ask_str *out)
{
    add_denials(out);
    ask_family_order_denials(out);
    ask_family_own_denials(out);
    ask_family_cause_denials(out);
    ask_family_ahead_denials(out);
}
