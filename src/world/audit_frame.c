/* What one frame tells of a question, as a picture that nobody has labelled: it shows that
 * two toys touch, not that one hits the other. In doubt the frame tells more than it
 * should: a toy that is to grow and has another box than at rest is growing. */
#include <stdlib.h>
#include <string.h>

#include "world/audit_priv.h"
#include "world/deed_priv.h"

enum { SIDE = ASK_WORLD_SIDE_PX };

// --- What is seen of a toy ---------------------------------------------------------------

static const ask_toy_view *view_of(const ask_world_clip *c, int toy, int t)
{
    return &c->views[t].toys[toy];
}

static bool is_visible(const ask_world_clip *c, int toy, int t)
{
    return view_of(c, toy, t)->n_px > 0;
}

static bool is_cut(const ask_toy_view *v)
{
    return v->n_px > 0 && v->n_px < v->n_full_px;
}

static bool is_at_edge(const ask_toy_view *v)
{
    return v->x0 == 0 || v->y0 == 0 || v->x1 == SIDE || v->y1 == SIDE;
}

static bool are_near(const ask_toy_view *a, const ask_toy_view *b)
{
    enum { NEAR_PX = 2 };
    return a->n_px > 0 && b->n_px > 0 && a->x0 <= b->x1 + NEAR_PX &&
           b->x0 <= a->x1 + NEAR_PX && a->y0 <= b->y1 + NEAR_PX && b->y0 <= a->y1 + NEAR_PX;
}

/* Whether the box is another than when the toy stands still in full sight. */
static bool is_deformed(const ask_world_clip *c, int toy, int t)
{
    enum { SAME_PX = 2 };
    const ask_toy_view *v = view_of(c, toy, t);
    if (v->n_px == 0 || is_cut(v)) return false;
    for (int f = 0; f < c->scene.n_frames; f++) {
        const ask_toy_view *rest = view_of(c, toy, f);
        if (rest->n_px == 0 || is_cut(rest) || ask_scene_event_of(&c->scene, toy, f) >= 0)
            continue;
        return abs((v->x1 - v->x0) - (rest->x1 - rest->x0)) > SAME_PX ||
               abs((v->y1 - v->y0) - (rest->y1 - rest->y0)) > SAME_PX;
    }
    return false;
}

// --- What it says of a deed --------------------------------------------------------------

typedef enum { UNKNOWN, BEFORE, DURING, AFTER } state;

static state state_of_turn(const ask_world_clip *c, int toy, int t)
{
    ask_pose p = ask_scene_pose(&c->scene, toy, t);
    if (!is_visible(c, toy, t)) return UNKNOWN;
    if (p.turned > 0) return DURING;
    return p.color == c->scene.toys[toy].color ? BEFORE : AFTER;
}

/* Where the frame stands to a deed, for one who believes that it is done. */
static state state_of(const ask_world_clip *c, ask_deed d, int t)
{
    const ask_toy_view *v = view_of(c, d.toy, t);
    bool seen = v->n_px > 0, comes = d.kind == ASK_ENTER;
    switch (d.kind) {
    case ASK_ENTER:
    case ASK_LEAVE:
        if (is_cut(v) && is_at_edge(v)) return DURING;
        return seen == comes ? AFTER : BEFORE;
    case ASK_SPIN:
    case ASK_GROW:
        return is_deformed(c, d.toy, t) ? DURING : UNKNOWN;
    case ASK_HIT:
    case ASK_PUSH:
        if (d.other == ASK_ANY) {
            for (int other = 0; other < c->scene.n_toys; other++)
                if (other != d.toy && are_near(v, view_of(c, other, t))) return DURING;
            return UNKNOWN;
        }
        return are_near(v, view_of(c, d.other, t)) ? DURING : UNKNOWN;
    case ASK_HIDE:
        return !seen || (is_cut(v) && !is_at_edge(v)) ? DURING : UNKNOWN;
    case ASK_BLINK:
        return seen ? UNKNOWN : DURING;
    case ASK_TURN:
        return state_of_turn(c, d.toy, t);
    default:
        return UNKNOWN;
    }
}

static bool is_deed(ask_deed d)
{
    return d.toy != ASK_ANY && d.kind != ASK_ANY;
}

/* A toy of another colour than it is called by has changed it. */
static bool is_shown(const ask_world_clip *c, ask_deed d, int t)
{
    if (!is_deed(d)) return false;
    state s = state_of(c, d, t);
    return s == DURING || (s == AFTER && d.kind == ASK_TURN);
}

// --- Likelihoods -------------------------------------------------------------------------

/* Makes the sum 1; all alike where it is 0. */
static void even_out(double p[ASK_N_OPTIONS])
{
    double sum = 0;
    for (int i = 0; i < ASK_N_OPTIONS; i++) sum += p[i];
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        p[i] = sum > 0 ? p[i] / sum : 1.0 / ASK_N_OPTIONS;
}

/* A denial is right in one of four that offer it, unless the frame shows what is denied;
 * the rest is divided as p says. */
static void weigh_denial(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                         const ask_world_question *q, int t)
{
    int denial = -1;
    double sum = 0;
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        if (q->options[i].denies)
            denial = i;
        else
            sum += p[i];
    }
    if (denial < 0) return;
    bool refuted = is_shown(c, q->asked, t);
    p[denial] = refuted ? 0 : sum > 0 ? sum / (ASK_N_OPTIONS - 1) : 1;
}

// --- Orders ------------------------------------------------------------------------------

enum { MOST_ORDERED = ASK_N_OPTIONS + 1 };

/* Whether the deeds can have happened in this order: those that are over before those that
 * are under way, and these before those to come. */
static bool is_possible(const int order[], const state states[], int n)
{
    state latest = AFTER; // AFTER, DURING, BEFORE: they may only go on in this way
    for (int i = 0; i < n; i++) {
        state s = states[order[i]];
        if (s == UNKNOWN) continue;
        if (s > latest) return false;
        latest = s;
    }
    return true;
}

/* Which option an order makes right: the first or last, or the one beside the anchor (the
 * deed behind the options); -1: none. */
typedef struct {
    int n_options, anchor; // anchor < 0: none
    bool last;             // or before
} demand;

static int right_by_order(const int order[], int n, demand d)
{
    if (d.anchor < 0) return order[d.last ? n - 1 : 0];
    int at = 0;
    while (order[at] != d.anchor) at++;
    at += d.last ? -1 : 1;
    return at >= 0 && at < n ? order[at] : -1;
}

/* All orders of the numbers from `at` on. */
static void try_orders(double p[], int order[], int at, int n, const state states[],
                       demand d)
{
    if (at == n) {
        int right = is_possible(order, states, n) ? right_by_order(order, n, d) : -1;
        if (right >= 0) p[right]++;
        return;
    }
    for (int i = at; i < n; i++) {
        int was = order[at];
        order[at] = order[i];
        order[i] = was;
        try_orders(p, order, at + 1, n, states, d);
        order[i] = order[at];
        order[at] = was;
    }
}

static void look_at_order(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                          const ask_world_question *q, int t, bool last)
{
    state states[MOST_ORDERED];
    int order[MOST_ORDERED], option_of[MOST_ORDERED], n = 0;
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        if (!is_deed(q->options[i].deed)) continue;
        option_of[n] = i;
        order[n] = n;
        states[n++] = state_of(c, q->options[i].deed, t);
    }
    demand d = {.n_options = n, .anchor = -1, .last = last};
    if (q->asked.kind != ASK_ANY) {
        d.anchor = order[n] = n;
        states[n++] = q->asked.toy == ASK_ANY ? UNKNOWN : state_of(c, q->asked, t);
    }
    double by_order[MOST_ORDERED] = {0};
    try_orders(by_order, order, 0, n, states, d);
    for (int i = 0; i < d.n_options; i++) p[option_of[i]] = by_order[i];
}

// --- Other families ----------------------------------------------------------------------

/* What the frame shows is right: one of those that are shown. */
static void look_for_shown(double p[ASK_N_OPTIONS], const bool shown[ASK_N_OPTIONS])
{
    bool any = false;
    for (int i = 0; i < ASK_N_OPTIONS; i++) any |= shown[i];
    for (int i = 0; i < ASK_N_OPTIONS; i++) p[i] = !any || shown[i];
}

static void look_at_deeds(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                          const ask_world_question *q, int t)
{
    bool shown[ASK_N_OPTIONS];
    for (int i = 0; i < ASK_N_OPTIONS; i++) shown[i] = is_shown(c, q->options[i].deed, t);
    look_for_shown(p, shown);
}

/* Something under way is within the time that is asked about, or it is not. */
static void look_meanwhile(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                           const ask_world_question *q, int t)
{
    if (q->asked.toy == ASK_ANY) {
        for (int i = 0; i < ASK_N_OPTIONS; i++) p[i] = 1;
        return;
    }
    bool within = q->asked.kind == ASK_HIDE ? is_shown(c, q->asked, t)
                                            : is_visible(c, q->asked.toy, t);
    bool shown[ASK_N_OPTIONS];
    for (int i = 0; i < ASK_N_OPTIONS; i++) shown[i] = is_shown(c, q->options[i].deed, t);
    if (within)
        look_for_shown(p, shown);
    else
        for (int i = 0; i < ASK_N_OPTIONS; i++) p[i] = !shown[i];
}

/* The colour that a toy has is the one before or the one after: each is right as often. In
 * between it is neither and both. */
static void look_at_change(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                           const ask_world_question *q, int t)
{
    for (int i = 0; i < ASK_N_OPTIONS; i++) p[i] = 1;
    if (q->asked.toy == ASK_ANY || !is_visible(c, q->asked.toy, t)) return;
    ask_pose pose = ask_scene_pose(&c->scene, q->asked.toy, t);
    const char *color = ask_color_name(pose.color), *to = ask_color_name(pose.to_color);
    int n_others = 0;
    bool has[ASK_N_OPTIONS];
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        const char *text = q->options[i].text;
        has[i] = strcmp(text, color) == 0 || (pose.turned > 0 && strcmp(text, to) == 0);
        n_others += !has[i] && !q->options[i].denies;
    }
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        p[i] = has[i] ? 1 : pose.turned > 0 ? 0 : 1.0 / n_others;
}

static int count_seen(const ask_world_clip *c, ask_phrase p, int t)
{
    int n = 0;
    for (int toy = 0; toy < c->scene.n_toys; toy++)
        n += ask_phrase_counts_of(&c->scene, &c->views[t], p, toy);
    return n;
}

static int count_shown(const ask_world_clip *c, const ask_world_question *q, int t)
{
    if (q->family == ASK_FAMILY_TIMES) return is_shown(c, q->asked, t);
    int n = 0;
    for (int toy = 0; toy < c->scene.n_toys; toy++) {
        bool does = false;
        for (int kind = 0; kind < ASK_N_EVENTS; kind++)
            does |= strstr(q->text, ask_deed_infinitive((ask_event_kind)kind)) &&
                    kind != ASK_ENTER && kind != ASK_LEAVE && kind != ASK_TURN &&
                    is_shown(c, (ask_deed){(int8_t)toy, (int8_t)kind, ASK_ANY}, t);
        n += does && is_visible(c, toy, t);
    }
    return n;
}

/* There are as many as are seen; what is done as often at least as is seen now. */
static void look_at_number(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                           const ask_world_question *q, int t)
{
    bool of_toys = q->family == ASK_FAMILY_NUMBER || q->family == ASK_FAMILY_NONE;
    int n = of_toys ? count_seen(c, q->subject, t) : count_shown(c, q, t);
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        const char *word = ask_count_word(n);
        bool is_n = word && strcmp(word, q->options[i].text) == 0;
        p[i] = of_toys ? is_n : q->options[i].number >= n;
    }
}

static void look_at_phrases(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                            const ask_world_question *q, int t)
{
    bool shown[ASK_N_OPTIONS];
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        ask_phrase phrase = q->options[i].phrase;
        phrase.event = ASK_ANY;
        shown[i] =
            q->options[i].has_phrase && ask_phrase_counts(&c->scene, &c->views[t], phrase);
    }
    look_for_shown(p, shown);
}

static void look_at_touch(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                          const ask_world_question *q, int t)
{
    bool shown[ASK_N_OPTIONS];
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        int toy = q->options[i].deed.toy;
        shown[i] = toy != ASK_ANY && q->asked.toy != ASK_ANY &&
                   are_near(view_of(c, toy, t), view_of(c, q->asked.toy, t));
    }
    look_for_shown(p, shown);
}

// --- All ---------------------------------------------------------------------------------

static bool is_about_the_end(const ask_world_question *q)
{
    return strstr(q->text, "last") || strstr(q->text, "after the others");
}

static void look(double p[ASK_N_OPTIONS], const ask_world_clip *c,
                 const ask_world_question *q, int t)
{
    switch (q->family) {
    case ASK_FAMILY_FIRST_LAST:
        look_at_order(p, c, q, t, is_about_the_end(q));
        break;
    case ASK_FAMILY_NEXT:
    case ASK_FAMILY_BEFORE:
        look_at_order(p, c, q, t, q->family == ASK_FAMILY_BEFORE);
        break;
    case ASK_FAMILY_WHILE:
        look_meanwhile(p, c, q, t);
        break;
    case ASK_FAMILY_CHANGE:
        look_at_change(p, c, q, t);
        break;
    case ASK_FAMILY_NUMBER:
    case ASK_FAMILY_TIMES:
    case ASK_FAMILY_DOERS:
        look_at_number(p, c, q, t);
        break;
    case ASK_FAMILY_HITS:
        look_at_touch(p, c, q, t);
        break;
    case ASK_FAMILY_AFTER_OWN:
    case ASK_FAMILY_BEFORE_OWN:
    case ASK_FAMILY_REPEATED:
    case ASK_FAMILY_WHY:
    case ASK_FAMILY_HOW:
        look_at_deeds(p, c, q, t);
        break;
    default:
        if (q->type == ASK_QUESTION_COUNT)
            look_at_number(p, c, q, t);
        else
            look_at_phrases(p, c, q, t);
        break;
    }
}

void ask_audit_look(double out[ASK_N_OPTIONS], const ask_world_clip *c,
                    const ask_world_question *q, int t)
{
    for (int i = 0; i < ASK_N_OPTIONS; i++) out[i] = 0;
    look(out, c, q, t);
    weigh_denial(out, c, q, t);
    even_out(out);
}

// --- For one who learns ------------------------------------------------------------------

/* 0 not seen (there may be no such toy), 1 cut off, 2 whole. */
static uint32_t sight_of(const ask_world_clip *c, int toy, int t)
{
    if (toy == ASK_ANY) return 0;
    const ask_toy_view *v = view_of(c, toy, t);
    return v->n_px == 0 ? 0 : is_cut(v) ? 1 : 2;
}

uint32_t ask_audit_sight(const ask_world_clip *c, const ask_world_question *q, int i, int t)
{
    const ask_world_option *o = &q->options[i];
    int other = o->deed.other != ASK_ANY ? o->deed.other : q->asked.toy;
    bool has_toy = o->deed.toy != ASK_ANY;
    ask_phrase phrase = o->phrase;
    phrase.event = ASK_ANY;
    const uint32_t parts[] = {
        (uint32_t)(o->deed.kind + 1),
        sight_of(c, o->deed.toy, t),
        sight_of(c, q->asked.toy, t),
        is_deed(o->deed) ? (uint32_t)state_of(c, o->deed, t) : 0,
        has_toy ? (uint32_t)(ask_view_place(&c->views[t], o->deed.toy) + 1) : 0,
        has_toy && other != ASK_ANY && other != o->deed.toy &&
            are_near(view_of(c, o->deed.toy, t), view_of(c, other, t)),
        has_toy && is_deformed(c, o->deed.toy, t),
        (uint32_t)(o->number + 1),
        q->type == ASK_QUESTION_COUNT ? (uint32_t)count_seen(c, q->subject, t) : 0,
        o->has_phrase && ask_phrase_counts(&c->scene, &c->views[t], phrase),
        o->denies,
    };
    static const uint32_t sizes[] = {16, 4, 4, 4, 8, 2, 2, 8, 16, 2, 2};
    uint32_t code = 0;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        code = code * sizes[k] + parts[k];
    return code;
}
