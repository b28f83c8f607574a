/* world/scene_cast.c - which toys there are, when, and who does what. */
#include "world/scene_priv.h"

enum { LEAST_IDLE = 2 };

static int longest_visit(const ask_scene *s)
{
    return s->n_frames * ASK_VISIT_MAX_PERCENT / 100;
}

/* Returns -1 when there are too many. */
static int add_toy(ask_scene *s, int begin, int end)
{
    if (s->n_toys == ASK_SCENE_MAX_TOYS) return -1;
    s->toys[s->n_toys] = (ask_toy){.begin = begin < 0 ? 0 : begin,
                                   .end = end > s->n_frames ? s->n_frames : end};
    return s->n_toys++;
}

/* Of two lengths the shorter: what is to be found should be brief. */
static int draw_visit(ask_scene_draft *d, int least, int most)
{
    int a = ask_draft_between(d, least, most), b = ask_draft_between(d, least, most);
    return a < b ? a : b;
}

/* Comes, and stays for a visit or for the rest of the clip. */
static int cast_comer(ask_scene_draft *d, const ask_event *e)
{
    int least = e->end - e->begin + ASK_FRAMES_AROUND_EVENT;
    int most = longest_visit(&d->scene);
    bool visit = most >= least && ask_draft_chance(d, 2, 3);
    int end = visit ? e->begin + draw_visit(d, least, most) : d->scene.n_frames;
    return add_toy(&d->scene, e->begin, end);
}

/* Has been there for a visit or from the first frame on, and goes. */
static int cast_goer(ask_scene_draft *d, const ask_event *e)
{
    int least = e->end - e->begin + ASK_FRAMES_AROUND_EVENT;
    int most = longest_visit(&d->scene);
    bool visit = most >= least && ask_draft_chance(d, 2, 3);
    int begin = visit ? e->end - draw_visit(d, least, most) : 0;
    return add_toy(&d->scene, begin, e->end);
}

/* How long a visit is at least in which a toy does something, and rests around it. */
static int visit_around(const ask_event *e)
{
    return e->end - e->begin + 2 * ASK_FRAMES_AROUND_EVENT;
}

static int cast_visitor_around(ask_scene_draft *d, const ask_event *e, int most)
{
    int least = visit_around(e);
    int spare = draw_visit(d, least, most) - least;
    int before = ask_draft_between(d, 0, spare);
    int begin = e->begin - ASK_FRAMES_AROUND_EVENT - before;
    return add_toy(&d->scene, begin, begin + least + spare);
}

static bool is_there_around(const ask_scene *s, const ask_toy *t, const ask_event *e)
{
    return (t->begin == 0 || t->begin + ASK_FRAMES_AROUND_EVENT <= e->begin) &&
           (t->end == s->n_frames || t->end >= e->end + ASK_FRAMES_AROUND_EVENT);
}

/* Toys to choose from. */
typedef struct {
    int toys[ASK_SCENE_MAX_TOYS], n;
} choice;

/* Those for whom it holds. */
static choice choose(const ask_scene *s, int event, const ask_event *span,
                     bool (*may)(const ask_scene *s, int event, int toy))
{
    choice c = {.n = 0};
    for (int i = 0; i < s->n_toys; i++) {
        if (is_there_around(s, &s->toys[i], span) && may(s, event, i)) c.toys[c.n++] = i;
    }
    return c;
}

static int draw_from(ask_scene_draft *d, const choice *c)
{
    return c->n ? c->toys[ask_draft_between(d, 0, c->n - 1)] : -1;
}

/* ---- who may do what ---- */

/* Whether a toy is hidden while an event happens. */
static bool is_away(const ask_scene *s, int event, int toy)
{
    for (int i = 0; i < event; i++) {
        const ask_event *e = &s->events[i];
        if (e->toy == toy && e->end > s->events[event].begin) return true;
    }
    return false;
}

static bool has_moved(const ask_scene *s, int event, int toy)
{
    for (int i = 0; i < event; i++) {
        const ask_event *e = &s->events[i];
        bool goes = e->kind == ASK_SLIDE || e->kind == ASK_HIDE || ask_event_moves_other(e);
        if (goes && (e->toy == toy || e->other == toy)) return true;
    }
    return false;
}

/* While it visits a toy's moment would fall into pieces. */
static bool may_stay(const ask_scene *s, int event, int toy)
{
    return !is_away(s, event, toy) && !ask_toy_is_visitor(s, toy);
}

static bool may_act(const ask_scene *s, int event, int toy)
{
    return s->events[event].kind == ASK_BLINK ? may_stay(s, event, toy)
                                              : !is_away(s, event, toy);
}

static bool may_turn(const ask_scene *s, int event, int toy)
{
    for (int i = 0; i < event; i++) {
        if (s->events[i].kind == ASK_TURN && s->events[i].toy == toy) return false;
    }
    return may_stay(s, event, toy);
}

/* Two toys that meet stand in line from the beginning (scene_stage.c). */
static bool may_meet(const ask_scene *s, int event, int toy)
{
    return !is_away(s, event, toy) && !has_moved(s, event, toy);
}

/* ---- who does ---- */

/* A toy that is there blinks only where others remain, and not while it visits: its moment
 * would fall into pieces. span: the event, and those that repeat it. */
static int cast_actor(ask_scene_draft *d, int event, const ask_event *span, int n_residents)
{
    const ask_scene *s = &d->scene;
    int most = longest_visit(s);
    bool blinks = span->kind == ASK_BLINK, room = most >= visit_around(span);
    if (blinks && n_residents <= ASK_SCENE_LEAST_AT_ONCE) return -1;
    if (!blinks && room && ask_draft_chance(d, 2, 5))
        return cast_visitor_around(d, span, most);
    choice c = choose(s, event, span, may_act);
    return draw_from(d, &c);
}

/* One of the two may be a visitor. */
static bool cast_pair(ask_scene_draft *d, int event)
{
    ask_scene *s = &d->scene;
    ask_event *e = &s->events[event];
    choice c = choose(s, event, e, may_meet);
    if (c.n < 2) return false;
    ask_rng_shuffle(&d->rng, c.toys, (size_t)c.n, sizeof *c.toys);
    int most = longest_visit(s), visitor = -1;
    if (most >= visit_around(e) && ask_draft_chance(d, 1, 2))
        visitor = cast_visitor_around(d, e, most);
    bool hits = ask_draft_chance(d, 2, 3); // the visitor, if there is one
    e->toy = visitor >= 0 && hits ? visitor : c.toys[0];
    e->other = visitor >= 0 && !hits ? visitor : c.toys[1];
    return true;
}

static int choose_one(ask_scene_draft *d, int event,
                      bool (*may)(const ask_scene *s, int event, int toy))
{
    choice c = choose(&d->scene, event, &d->scene.events[event], may);
    return draw_from(d, &c);
}

/* The event with those that repeat it. */
static ask_event span_of(const ask_scene_draft *d, int event)
{
    const ask_scene *s = &d->scene;
    ask_event span = s->events[event];
    for (int i = event + 1; i < s->n_events && d->again[i]; i++)
        span.end = s->events[i].end;
    return span;
}

static bool cast_event(ask_scene_draft *d, int event, int n_residents)
{
    ask_event *e = &d->scene.events[event];
    const ask_event span = span_of(d, event);
    switch (e->kind) {
    case ASK_ENTER:
        e->toy = cast_comer(d, e);
        break;
    case ASK_LEAVE:
        e->toy = cast_goer(d, e);
        break;
    case ASK_HIT:
    case ASK_PUSH:
        return cast_pair(d, event);
    case ASK_HIDE:
        e->toy = choose_one(d, event, may_stay);
        break;
    case ASK_TURN:
        e->toy = choose_one(d, event, may_turn);
        break;
    default:
        e->toy = d->again[event] ? e[-1].toy : cast_actor(d, event, &span, n_residents);
        break;
    }
    return e->toy >= 0;
}

/* ---- who does not ---- */

static bool is_idle(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].toy == toy || s->events[i].other == toy) return false;
    }
    return true;
}

/* Toys that are put down and taken away without an event. */
static bool cast_more_visitors(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    int n_visitors = 0, n_idle = 0, wanted = ask_draft_between(d, 2, 4);
    for (int i = 0; i < s->n_toys; i++) {
        n_visitors += ask_toy_is_visitor(s, i);
        n_idle += is_idle(s, i);
    }
    for (; n_visitors < wanted || (s->full && n_idle < LEAST_IDLE); n_visitors++) {
        int n = draw_visit(d, ASK_VISIT_MIN_FRAMES, longest_visit(s));
        int begin = ask_draft_between(d, 0, s->n_frames - n);
        if (add_toy(s, begin, begin + n) < 0) return false;
        n_idle++;
    }
    return true;
}

static bool numbers_at_once_hold(const ask_scene *s)
{
    for (int frame = 0; frame < s->n_frames; frame++) {
        int n = 0;
        for (int i = 0; i < s->n_toys; i++)
            n += s->toys[i].begin <= frame && frame < s->toys[i].end;
        if (n < ASK_SCENE_LEAST_AT_ONCE || n > ASK_SCENE_MOST_AT_ONCE) return false;
    }
    return true;
}

bool ask_draft_cast(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    int least = ASK_SCENE_LEAST_AT_ONCE + s->full; // one may be hidden
    int n_residents = ask_draft_between(d, least, 4);
    s->n_toys = 0;
    for (int i = 0; i < s->n_events; i++) s->events[i].toy = s->events[i].other = -1;
    for (int i = 0; i < n_residents; i++) add_toy(s, 0, s->n_frames);
    for (int i = 0; i < s->n_events; i++) {
        if (!cast_event(d, i, n_residents)) return false;
    }
    return cast_more_visitors(d) && numbers_at_once_hold(s);
}
