/* Why and how a toy moves, and which toys hit and push which. */
#include <stdlib.h>

#include "world/family_priv.h"

// --- Who moves whom ----------------------------------------------------------------------

/* A toy that goes elsewhere once, and because of another: that one hits or pushes it, or it
 * goes to hit or push that one. A third toy does neither. */
typedef struct {
    const ask_event *event;
    int subject, partner, third;
} cause;

static bool is_always_there(const ask_scene *s, int toy)
{
    return s->toys[toy].begin == 0 && s->toys[toy].end == s->n_frames;
}

/* With any third toy. It and the partner are there all the time, so that who misses one of
 * them in a frame has learned nothing. False: there are none, or the subject moves again.
 */
static bool make_cause(cause *out, const ask_scene *s, const ask_some *toys,
                       const ask_event *e, int subject)
{
    *out = (cause){
        .event = e, .subject = subject, .partner = subject == e->toy ? e->other : e->toy};
    if (!ask_some_has(toys, e->toy) || !ask_some_has(toys, e->other) ||
        !is_always_there(s, out->partner) || ask_deed_n_moves(s, subject, 0) != 1)
        return false;
    for (int k = 0; k < toys->n; k++) {
        out->third = toys->items[k];
        if (out->third != e->toy && out->third != e->other &&
            is_always_there(s, out->third))
            return true;
    }
    return false;
}

enum { MOST_CAUSES = 2 * ASK_SCENE_MAX_EVENTS };

/* Of toys that move and are moved, or of the latter alone; in random order. but: toys that
 * are not spoken of. Returns how many. */
static int find_causes(cause out[MOST_CAUSES], ask_asker *a, unsigned but, bool moved_only)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = ask_some_toys(a, but);
    int n = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (!ask_event_moves_other(e)) continue;
        cause moved, moving;
        bool is_moved = make_cause(&moved, s, &toys, e, e->other);
        bool moves = !moved_only && make_cause(&moving, s, &toys, e, e->toy);
        // A visitor hits twice as often as it is hit: half of the former are left out.
        moves &= is_moved || ask_rng_below(&a->rng, 2) == 0;
        if (is_moved) out[n++] = moved;
        if (moves) out[n++] = moving;
    }
    ask_rng_shuffle(&a->rng, out, (size_t)n, sizeof *out);
    return n;
}

/* How it is said that a toy moves the subject, and that this one moves a toy. */
typedef struct {
    const char *is_moved, *moves;
} cause_words;

static ask_world_option cause_option(ask_asker *a, const cause_words *w, int toy,
                                     ask_event_kind kind, bool is_moved, int subject)
{
    const char *name = ask_draft_toy_text(a, ask_deed_name(a->seen.scene, toy));
    const char *does = ask_event_name(kind);
    ask_world_option o =
        ask_option_text(is_moved ? ask_draft_say(a, w->is_moved, name, does)
                                 : ask_draft_say(a, w->moves, does, name));
    o.deed = is_moved ? (ask_deed){(int8_t)toy, (int8_t)kind, (int8_t)subject}
                      : (ask_deed){(int8_t)subject, (int8_t)kind, (int8_t)toy};
    return o;
}

/* The subject moves the partner or the third toy, or either moves it; the truth first, the
 * others in random order. Who sees two toys touch does not know which moves which. */
static void cause_options(ask_world_option out[ASK_N_OPTIONS], ask_asker *a,
                          const cause_words *w, const cause *c)
{
    ask_event_kind kind = c->event->kind;
    bool is_moved = c->subject == c->event->other;
    out[0] = cause_option(a, w, c->partner, kind, is_moved, c->subject);
    out[1] = cause_option(a, w, c->partner, kind, !is_moved, c->subject);
    out[2] = cause_option(a, w, c->third, kind, is_moved, c->subject);
    out[3] = cause_option(a, w, c->third, kind, !is_moved, c->subject);
    ask_rng_shuffle(&a->rng, out + 1, ASK_N_OPTIONS - 1, sizeof *out);
}

/* Either toy hits or pushes the subject, whichever that is; the truth of the cause first.
 */
static void agent_options(ask_world_option out[ASK_N_OPTIONS], ask_asker *a,
                          const cause_words *w, const cause *c, int subject)
{
    ask_event_kind kind = c->event->kind, other = kind == ASK_HIT ? ASK_PUSH : ASK_HIT;
    out[0] = cause_option(a, w, c->partner, kind, true, subject);
    out[1] = cause_option(a, w, c->partner, other, true, subject);
    out[2] = cause_option(a, w, c->third, kind, true, subject);
    out[3] = cause_option(a, w, c->third, other, true, subject);
    ask_rng_shuffle(&a->rng, out + 1, ASK_N_OPTIONS - 1, sizeof *out);
}

static void add_wrong(ask_family_draft *d, const ask_world_option *options, int n)
{
    for (int i = 0; i < n; i++) d->wrong[d->n_wrong++] = options[i];
}

static unsigned toys_of(const cause *c)
{
    return 1u << c->subject | 1u << c->partner | 1u << c->third;
}

// --- Why ---------------------------------------------------------------------------------

static const char *const why_said[ASK_N_WORDINGS] = {
    "why does %s move to another place?", "why does %s change its place?",
    "what makes %s move to another place?", "for what reason does %s go elsewhere?"};
static const cause_words why_words = {"%s %s it", "it %s %s"};
static const char by_itself[] = "it moves by itself";
static const char cause_denial[] = "it does not do that"; // true of who is not there, too

/* A toy that slides and is not moved; -1: none. */
static int find_slider(ask_asker *a)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = ask_some_toys(a, 0);
    for (int i = 0; i < toys.n; i++) {
        const ask_deed slides = {(int8_t)toys.items[i], ASK_SLIDE, ASK_ANY};
        if (ask_deed_times(s, slides) > 0 && ask_deed_moves(s, toys.items[i]) < 0)
            return toys.items[i];
    }
    return -1;
}

/* Whether a toy that slides goes elsewhere in other ways, too. */
static bool moves_otherwise(const ask_scene *s, int slider)
{
    const ask_deed slides = {(int8_t)slider, ASK_SLIDE, ASK_ANY};
    return ask_deed_n_moves(s, slider, 0) > ask_deed_times(s, slides);
}

static ask_world_moment slide_of(const ask_scene *s, int toy)
{
    int i = 0;
    while (s->events[i].toy != toy || s->events[i].kind != ASK_SLIDE) i++;
    return (ask_world_moment){s->events[i].begin, s->events[i].end};
}

static ask_some still_toys(ask_asker *a, unsigned but)
{
    ask_some toys = ask_some_toys(a, but), out = {.n = 0};
    for (int i = 0; i < toys.n; i++)
        if (ask_deed_n_moves(a->seen.scene, toys.items[i], 0) == 0)
            ask_some_add(&out, toys.items[i]);
    return out;
}

/* With "by itself" among the options. */
static void draft_agents(ask_family_draft *d, ask_asker *a, const cause *c, int slider,
                         bool of_slider)
{
    ask_world_option options[ASK_N_OPTIONS];
    agent_options(options, a, &why_words, c, of_slider ? slider : c->subject);
    if (of_slider) {
        d->right = ask_option_text(by_itself);
        ask_rng_shuffle(&a->rng, options, ASK_N_OPTIONS, sizeof *options);
        add_wrong(d, options, ASK_N_OPTIONS);
        d->moment = slide_of(a->seen.scene, slider);
    } else {
        d->right = options[0];
        d->wrong[d->n_wrong++] = ask_option_text(by_itself);
        add_wrong(d, options + 1, ASK_N_OPTIONS - 1);
    }
}

static void draft_causes(ask_family_draft *d, ask_asker *a, const cause_words *w,
                         const cause *c)
{
    ask_world_option options[ASK_N_OPTIONS];
    cause_options(options, a, w, c);
    d->right = options[0];
    add_wrong(d, options + 1, ASK_N_OPTIONS - 1);
}

/* Where the clip has a toy that slides, "by itself" is an option in the half of the roles
 * that offers no denial, and right in one of these four. */
bool ask_draft_why(ask_family_draft *d, ask_asker *a, int role)
{
    const ask_scene *s = a->seen.scene;
    cause causes[MOST_CAUSES];
    int slider = role < ASK_N_ROLES / 2 ? -1 : find_slider(a);
    bool agents = slider >= 0, of_slider = agents && role == ASK_N_ROLES / 2;
    if (find_causes(causes, a, agents ? 1u << slider : 0, agents) == 0) return false;
    const cause *c = &causes[0];
    int subject = of_slider ? slider : c->subject;
    const char *pattern = why_said[d->wording];
    d->moment = (ask_world_moment){c->event->begin, c->event->end};
    if (agents)
        draft_agents(d, a, c, slider, of_slider);
    else
        draft_causes(d, a, &why_words, c);
    d->is = ask_draft_premise(a, pattern, ask_deed_name(s, subject), subject, NULL);
    d->is.ambiguous = of_slider && moves_otherwise(s, slider);
    d->denial = cause_denial;
    ask_some others = still_toys(a, toys_of(c) | 1u << subject);
    return ask_draft_twin(d, a, pattern, &others, NULL);
}

// --- How ---------------------------------------------------------------------------------

static const char *const how_said[ASK_N_WORDINGS] = {
    "how does %s get further %s?", "how does %s come further %s?",
    "in what way does %s get further %s?", "how is it that %s gets further %s?"};
static const cause_words how_words = {"%s %s it there", "it goes there and %s %s"};

/* Which way the event moves the subject: the same for both toys. */
static const char *way_of(const ask_scene *s, const cause *c)
{
    ask_pose before = ask_scene_pose(s, c->subject, c->event->begin - 1);
    ask_pose after = ask_scene_pose(s, c->subject, c->event->end);
    int dx = after.x - before.x, dy = after.y - before.y;
    if (abs(dx) > abs(dy)) return dx < 0 ? "to the left" : "to the right";
    return dy < 0 ? "up" : "down";
}

static bool draft_how(ask_family_draft *d, ask_asker *a, const cause *c)
{
    const ask_scene *s = a->seen.scene;
    const char *pattern = how_said[d->wording], *way = way_of(s, c);
    draft_causes(d, a, &how_words, c);
    d->moment = (ask_world_moment){c->event->begin, c->event->end};
    d->is = ask_draft_premise(a, pattern, ask_deed_name(s, c->subject), c->subject, way);
    d->denial = cause_denial;
    ask_some others = still_toys(a, toys_of(c));
    return ask_draft_twin(d, a, pattern, &others, way);
}

bool ask_draft_how(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    cause causes[MOST_CAUSES];
    int n = find_causes(causes, a, 0, false);
    for (int i = 0; i < n; i++) {
        d->n_wrong = 0;
        if (draft_how(d, a, &causes[i])) return true;
    }
    return false;
}

// --- What hits what ----------------------------------------------------------------------

static const char *const whom_said[ASK_N_WORDINGS] = {
    "which toy does %s %s?", "what does %s %s?", "which of these does %s %s?",
    "which is the toy that we see %s %s?"};
static const char *const who_said[ASK_N_WORDINGS] = {
    "by which toy is %s %s?", "by what is %s %s?", "by which of the toys is %s %s?",
    "by which of these is %s %s?"};
static const char hits_denial[] = "none of them";

static const char *word_for(int kind, bool passive)
{
    return kind == ASK_HIT ? "hit" : passive ? "pushed" : "push";
}

/* Whether a toy does so to another, or another does so to it. */
static bool is_party(const ask_scene *s, int toy, int kind, bool passive)
{
    const ask_deed active = {(int8_t)toy, (int8_t)kind, ASK_ANY};
    const ask_deed suffers = {ASK_ANY, (int8_t)kind, (int8_t)toy};
    return ask_deed_times(s, passive ? suffers : active) > 0;
}

static bool draft_hits(ask_family_draft *d, ask_asker *a, const ask_event *e, bool passive)
{
    const ask_scene *s = a->seen.scene;
    int asked = passive ? e->other : e->toy, right = passive ? e->toy : e->other;
    int kind = (int)e->kind;
    const ask_deed active = {(int8_t)e->toy, (int8_t)kind, ASK_ANY};
    const ask_deed suffers = {ASK_ANY, (int8_t)kind, (int8_t)e->other};
    if (ask_deed_times(s, passive ? suffers : active) != 1) return false;
    unsigned spoken_of = 1u << asked | 1u << right;
    ask_some toys = ask_some_toys(a, spoken_of);
    d->right = ask_option_toy(a, right);
    for (int i = 0; i < toys.n && d->n_wrong < ASK_N_OPTIONS - 1; i++) {
        d->wrong[d->n_wrong++] = ask_option_toy(a, toys.items[i]);
        spoken_of |= 1u << toys.items[i];
    }
    if (d->n_wrong < 2) return false;
    const char *pattern = passive ? who_said[d->wording] : whom_said[d->wording];
    const char *word = word_for(kind, passive);
    d->moment = (ask_world_moment){e->begin, e->end};
    d->is = ask_draft_premise(a, pattern, ask_deed_name(s, asked), asked, word);
    d->is.asked.kind = (int8_t)kind;
    d->denial = hits_denial;
    ask_some left = ask_some_toys(a, spoken_of), others = {.n = 0};
    for (int i = 0; i < left.n; i++)
        if (!is_party(s, left.items[i], kind, passive))
            ask_some_add(&others, left.items[i]);
    bool has_twin = ask_draft_twin(d, a, pattern, &others, word);
    d->is_not.asked.kind = (int8_t)kind;
    return has_twin;
}

bool ask_draft_hits(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    const ask_scene *s = a->seen.scene;
    bool passive = ask_rng_below(&a->rng, 2) == 0;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (!ask_event_moves_other(e) || !ask_deed_has_name(s, e->toy) ||
            !ask_deed_has_name(s, e->other))
            continue;
        d->n_wrong = 0;
        if (draft_hits(d, a, e, passive)) return true;
    }
    return false;
}

// --- Words -------------------------------------------------------------------------------

void ask_family_cause_words(ask_str *out)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) {
        ask_question_add_words(out, why_said[w]);
        ask_question_add_words(out, how_said[w]);
        ask_question_add_words(out, whom_said[w]);
        ask_question_add_words(out, who_said[w]);
    }
    ask_question_add_words(out, how_words.is_moved);
    ask_question_add_words(out, how_words.moves);
    ask_question_add_words(out, cause_denial);
    ask_question_add_words(out, hits_denial);
    ask_question_add_words(out, by_itself);
    ask_question_add_words(out, "hit push pushed hits pushes");
}

// --- Answers -----------------------------------------------------------------------------

static void add_causes(ask_str *out, const cause_words *w, ask_event_kind kind,
                       ask_phrase toy)
{
    ask_str name = {0}, half = {0};
    ask_deed_say_toy(&name, toy);
    ask_question_fill(&half, w->is_moved, ask_str_text(&name));
    ask_question_fill(out, ask_str_text(&half), ask_event_name(kind));
    ask_str_append_char(out, '\n');
    ask_str_clear(&half);
    ask_question_fill(&half, w->moves, ask_event_name(kind));
    ask_question_fill(out, ask_str_text(&half), ask_str_text(&name));
    ask_str_append_char(out, '\n');
    out->failed |= name.failed || half.failed;
    ask_str_free(&name);
    ask_str_free(&half);
}

void ask_family_cause_answers(ask_str *out)
{
    ask_phrase toy = ask_phrase_any();
    for (int i = 0; i < ASK_N_COLORS * ASK_N_SHAPES; i++) {
        toy.color = (int8_t)(i / ASK_N_SHAPES);
        toy.shape = (int8_t)(i % ASK_N_SHAPES);
        for (int kind = ASK_HIT; kind <= ASK_PUSH; kind++) {
            add_causes(out, &why_words, (ask_event_kind)kind, toy);
            add_causes(out, &how_words, (ask_event_kind)kind, toy);
        }
    }
    ask_str_printf(out, "%s\n%s\n", by_itself, cause_denial);
}

void ask_family_cause_denials(ask_str *out)
{
    ask_str_printf(out, "%s\n%s\n", cause_denial, hits_denial);
}
