#include "world/phrase.h"

ask_phrase ask_phrase_any(void)
{
    return (ask_phrase){ASK_ANY, ASK_ANY, ASK_ANY, ASK_ANY, ASK_ANY, ASK_ANY};
}

bool ask_phrase_is_held_out(ask_phrase p)
{
    if (p.shape == ASK_ANY) return false;
    ask_shape shape = (ask_shape)p.shape;
    if (p.color != ASK_ANY && ask_pair_is_held_out((ask_toy_color)p.color, shape))
        return true;
    return p.event != ASK_ANY && ask_pairing_is_held_out((ask_event_kind)p.event, shape);
}

bool ask_phrase_equal(ask_phrase a, ask_phrase b)
{
    return a.color == b.color && a.shape == b.shape && a.size == b.size &&
           a.texture == b.texture && a.place == b.place && a.event == b.event;
}

static bool fits(int demanded, int is)
{
    return demanded == ASK_ANY || demanded == is;
}

static bool looks_fit(const ask_scene *s, int toy, int frame, ask_phrase p)
{
    const ask_toy *t = &s->toys[toy];
    return fits(p.color, (int)ask_scene_color_of(s, toy, frame)) &&
           fits(p.shape, (int)t->shape) && fits(p.size, (int)t->size) &&
           fits(p.texture, (int)t->texture);
}

static ask_truth lesser(ask_truth a, ask_truth b)
{
    return a < b ? a : b;
}

// --- For training ------------------------------------------------------------------------

/* UNCLEAR in the frames on both sides of begin and end. */
static ask_truth event_holds(const ask_scene *s, int frame, int toy, int kind)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->toy != toy || (int)e->kind != kind) continue;
        if (e->begin < frame && frame < e->end - 1) return ASK_YES;
        if (e->begin - 1 <= frame && frame <= e->end) return ASK_UNCLEAR;
    }
    return ASK_NO;
}

/* Half or more is seen; a fifth or more is seen. */
static bool is_half_seen(const ask_toy_view *t)
{
    return t->n_px && t->n_px * 2 >= t->n_full_px;
}

static bool is_fifth_seen(const ask_toy_view *t)
{
    return t->n_px && t->n_px * 5 >= t->n_full_px;
}

static bool does(const ask_scene *s, int toy, int frame, ask_event_kind kind)
{
    int i = ask_scene_event_of(s, toy, frame);
    return i >= 0 && s->events[i].kind == kind;
}

static ask_truth is_seen(const ask_scene *s, const ask_scene_view *v, int toy)
{
    const ask_toy_view *t = &v->toys[toy];
    if (is_half_seen(t)) return ASK_YES;
    if (is_fifth_seen(t) || does(s, toy, v->frame, ASK_BLINK)) return ASK_UNCLEAR;
    return ASK_NO;
}

/* Enough of a toy is seen to tell what it does: coming, going and blinking is known by what
 * is not there, and so is hiding. */
static ask_truth is_seen_doing(const ask_scene *s, const ask_scene_view *v, int toy,
                               int kind)
{
    if (kind == ASK_BLINK || kind == ASK_HIDE) return ASK_YES;
    if (kind == ASK_ENTER || kind == ASK_LEAVE)
        return is_fifth_seen(&v->toys[toy]) ? ASK_YES : ASK_UNCLEAR;
    return is_seen(s, v, toy);
}

static ask_truth place_holds(const ask_scene_view *v, int toy, int place)
{
    int is = ask_view_place(v, toy);
    return is == place ? ASK_YES : is < 0 ? ASK_UNCLEAR : ASK_NO;
}

/* Whether in this frame the toy is of no clear colour for the phrase: while it changes,
 * only that it does so can be said of the one that it had. */
static bool is_of_two_colors(const ask_scene *s, int toy, int frame, ask_phrase p)
{
    if (p.color == ASK_ANY || !does(s, toy, frame, ASK_TURN)) return false;
    return p.event != ASK_TURN || !fits(p.color, (int)ask_scene_color_of(s, toy, frame));
}

ask_truth ask_phrase_holds_of(const ask_scene *s, const ask_scene_view *v, ask_phrase p,
                              int toy)
{
    ask_truth truth = ASK_YES;
    if (p.size != ASK_ANY && does(s, toy, v->frame, ASK_GROW)) {
        p.size = ASK_ANY;
        truth = ASK_UNCLEAR;
    }
    if (is_of_two_colors(s, toy, v->frame, p)) {
        p.color = ASK_ANY;
        truth = ASK_UNCLEAR;
    }
    if (!looks_fit(s, toy, v->frame, p)) return ASK_NO;
    if (p.event == ASK_ANY) {
        truth = lesser(truth, is_seen(s, v, toy));
    } else {
        truth = lesser(truth, event_holds(s, v->frame, toy, p.event));
        if (truth != ASK_NO) truth = lesser(truth, is_seen_doing(s, v, toy, p.event));
    }
    if (truth != ASK_NO && p.place != ASK_ANY)
        truth = lesser(truth, place_holds(v, toy, p.place));
    return truth;
}

ask_truth ask_phrase_holds(const ask_scene *s, const ask_scene_view *v, ask_phrase p,
                           int *toy)
{
    ask_truth best = ASK_NO;
    int of = -1;
    for (int i = 0; i < s->n_toys && best != ASK_YES; i++) {
        ask_truth truth = ask_phrase_holds_of(s, v, p, i);
        if (truth > best) best = truth;
        if (truth == ASK_YES) of = i;
    }
    if (toy) *toy = of;
    return best;
}

static bool ever_does(const ask_scene *s, int toy, ask_event_kind kind)
{
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].toy == toy && s->events[i].kind == kind) return true;
    }
    return false;
}

bool ask_phrase_may_hold_of(const ask_scene *s, ask_phrase p, int toy)
{
    const ask_toy *t = &s->toys[toy];
    if (!fits(p.shape, (int)t->shape) || !fits(p.texture, (int)t->texture)) return false;
    if (!fits(p.size, (int)t->size) && !ever_does(s, toy, ASK_GROW)) return false;
    if (!fits(p.color, (int)t->color) && !ever_does(s, toy, ASK_TURN)) return false;
    return p.event == ASK_ANY || ever_does(s, toy, (ask_event_kind)p.event);
}

// --- For files ---------------------------------------------------------------------------

bool ask_phrase_counts_of(const ask_scene *s, const ask_scene_view *v, ask_phrase p,
                          int toy)
{
    if (!looks_fit(s, toy, v->frame, p)) return false;
    if (!fits(p.place, ask_view_place(v, toy))) return false;
    return p.event == ASK_ANY ? is_half_seen(&v->toys[toy])
                              : does(s, toy, v->frame, (ask_event_kind)p.event);
}

bool ask_phrase_counts(const ask_scene *s, const ask_scene_view *v, ask_phrase p)
{
    for (int i = 0; i < s->n_toys; i++) {
        if (ask_phrase_counts_of(s, v, p, i)) return true;
    }
    return false;
}
