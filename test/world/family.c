/* The questions of full worlds: every family's truth is found again, from the words of
 * question and options and from what toys do and where they are. */
#include "world/family.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "support/words.h"
#include "world/clip.h"

enum { N_CLIPS = 64, SEED = 23 }; // of each split; in eights

static ask_world_clip clips[ASK_N_SPLITS][N_CLIPS];

static int set_up(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *painter = ask_painter_new(&err);
    for (int s = 0; s < ASK_N_SPLITS; s++)
        for (int i = 0; i < N_CLIPS; i++)
            if (!ask_world_clip_make(&clips[s][i], painter, SEED, i, (ask_split)s,
                                     ask_scene_full(), &err))
                fail_msg("%s", err.message);
    ask_painter_free(painter);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int s = 0; s < ASK_N_SPLITS; s++)
        for (int i = 0; i < N_CLIPS; i++) ask_world_clip_free(&clips[s][i]);
    return 0;
}

/* ---- words ---- */

/* The toys that a text names, "red ball", in the order of the text. -1: a name that no toy
 * has. */
typedef struct {
    int toys[4], n;
} named;

static int toy_called(const ask_scene *s, ask_toy_color c, ask_shape shape)
{
    for (int i = 0; i < s->n_toys; i++)
        if (s->toys[i].color == c && s->toys[i].shape == shape) return i;
    return -1;
}

/* Whether a text begins with a space and a word; then *text is behind it. */
static bool take_word(const char **text, const char *word)
{
    size_t length = strlen(word);
    if (**text != ' ' || strncmp(*text + 1, word, length) != 0) return false;
    *text += 1 + length;
    return true;
}

/* Whether a text begins with " red ball". */
static bool begins_with_name(const char *text, ask_toy_color *color, ask_shape *shape)
{
    const char *at = text;
    for (int c = 0; c < ASK_N_COLORS; c++) {
        *color = (ask_toy_color)c;
        if (!take_word(&at, ask_color_name(*color))) continue;
        for (int k = 0; k < ASK_N_SHAPES; k++) {
            *shape = (ask_shape)k;
            if (take_word(&at, ask_shape_name(*shape))) return true;
        }
    }
    return false;
}

static named toys_in(const ask_scene *s, const char *text)
{
    named found = {.n = 0};
    ask_toy_color color;
    ask_shape shape;
    for (; *text; text++)
        if (begins_with_name(text, &color, &shape))
            found.toys[found.n++] = toy_called(s, color, shape);
    return found;
}

/* Kinds of deed that a text speaks of, as bits. */
static unsigned kinds_in(const char *text)
{
    static const char *const stems[ASK_N_EVENTS] = {"enter", "leave", "slide", "jump",
                                                    "spin",  "grow",  "shake", "blink",
                                                    " hit",  "push",  "hide",  "colour"};
    unsigned kinds = 0;
    for (int k = 0; k < ASK_N_EVENTS; k++)
        if (strstr(text, stems[k])) kinds |= 1u << k;
    return kinds;
}

static bool has(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

/* ---- deeds ---- */

static bool is_deed(const ask_event *e, int toy, unsigned kinds, int other)
{
    return e->toy == toy && (kinds >> e->kind & 1) && (other < 0 || e->other == other);
}

static int count_deeds(const ask_scene *s, int toy, unsigned kinds, int other)
{
    int n = 0;
    for (int i = 0; i < s->n_events; i++) n += is_deed(&s->events[i], toy, kinds, other);
    return n;
}

/* What an option like "the red ball hits the blue star" says. */
typedef struct {
    int toy, other;
    unsigned kinds;
} told;

static told told_by(const ask_scene *s, const char *text)
{
    char padded[160];
    snprintf(padded, sizeof padded, " %s", text);
    named toys = toys_in(s, padded);
    return (told){.toy = toys.n > 0 ? toys.toys[0] : -1,
                  .other = toys.n > 1 ? toys.toys[1] : -1,
                  .kinds = kinds_in(padded)};
}

static bool is_told(const ask_event *e, told t)
{
    return is_deed(e, t.toy, t.kinds, t.other);
}

static const ask_event *occurrence(const ask_scene *s, told t, bool last)
{
    const ask_event *found = NULL;
    for (int i = 0; i < s->n_events; i++)
        if (is_told(&s->events[i], t) && (!found || last)) found = &s->events[i];
    return found;
}

static bool is_moved(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_events; i++)
        if (s->events[i].other == toy) return true;
    return false;
}

/* ---- families: whether an option that does not deny is right ---- */

typedef struct {
    const ask_world_clip *c;
    const ask_scene *s;
    const ask_world_question *q;
    const char *text; // of the option
    told asked;       // by the question
} trial;

static bool counts_ever(const ask_world_clip *c, ask_phrase p)
{
    for (int t = 0; t < c->scene.n_frames; t++)
        if (ask_phrase_counts(&c->scene, &c->views[t], p)) return true;
    return false;
}

static bool right_look(const trial *t, const ask_world_option *o)
{
    return o->has_phrase && counts_ever(t->c, o->phrase);
}

static bool right_number(const trial *t)
{
    int n = 0;
    for (int toy = 0; toy < t->s->n_toys; toy++) {
        bool seen = false;
        for (int f = 0; f < t->s->n_frames; f++)
            seen |= ask_phrase_counts_of(t->s, &t->c->views[f], t->q->subject, toy);
        n += seen;
    }
    return strcmp(ask_count_word(n), t->text) == 0;
}

/* No other option happens before (after) it. */
static bool right_first_last(const trial *t)
{
    bool last = has(t->q->text, "last") || has(t->q->text, "after the others");
    const ask_event *mine = occurrence(t->s, told_by(t->s, t->text), last);
    for (int i = 0; mine && i < ASK_N_OPTIONS; i++) {
        const ask_event *e = occurrence(t->s, told_by(t->s, t->q->options[i].text), last);
        if (e && (last ? e->end > mine->end : e->begin < mine->begin)) return false;
    }
    return mine;
}

/* The option happens, and nothing between it and what the question names. */
static bool right_beside(const trial *t, bool before)
{
    const ask_event *anchor = occurrence(t->s, t->asked, false);
    const ask_event *best = NULL;
    for (int i = 0; anchor && i < t->s->n_events; i++) {
        const ask_event *e = &t->s->events[i];
        if (before ? e->end > anchor->begin : e->begin < anchor->end) continue;
        if (!best || (before ? e->begin > best->begin : e->begin < best->begin)) best = e;
    }
    return best && is_told(best, told_by(t->s, t->text));
}

/* It happens while the toy is seen, or wholly hidden, from its first frame to its last. */
static bool right_while(const trial *t)
{
    bool hidden = has(t->q->text, "hidden");
    for (int i = 0; t->asked.toy >= 0 && i < t->s->n_events; i++) {
        const ask_event *e = &t->s->events[i];
        if (!is_told(e, told_by(t->s, t->text))) continue;
        bool within = true;
        for (int f = e->begin; f < e->end; f++) {
            const ask_toy_view *v = &t->c->views[f].toys[t->asked.toy];
            within &= v->n_full_px > 0 && (!hidden || v->n_px == 0);
        }
        if (within) return true;
    }
    return false;
}

static bool right_who_first(const trial *t)
{
    bool last = has(t->q->text, "last") || has(t->q->text, "after the others");
    told mine = told_by(t->s, t->text);
    mine.kinds = ~0u;
    const ask_event *own = occurrence(t->s, mine, last);
    for (int i = 0; own && i < ASK_N_OPTIONS; i++) {
        told other = told_by(t->s, t->q->options[i].text);
        other.kinds = ~0u;
        const ask_event *e = occurrence(t->s, other, last);
        if (e && (last ? e->begin > own->begin : e->begin < own->begin)) return false;
    }
    return own;
}

/* The next (last) thing that the toy does after (before) what the question names. */
static bool right_own(const trial *t, bool before)
{
    int at = -1, best = -1;
    for (int i = 0; i < t->s->n_events; i++)
        if (is_told(&t->s->events[i], t->asked)) at = i;
    for (int i = 0; at >= 0 && i < t->s->n_events; i++) {
        if (t->s->events[i].toy != t->asked.toy || i == at) continue;
        if (before ? i < at : i > at && best < 0) best = i;
    }
    return best >= 0 && (kinds_in(t->text) >> t->s->events[best].kind & 1);
}

static bool right_change(const trial *t)
{
    bool before = has(t->q->text, "was") || has(t->q->text, "from") ||
                  has(t->q->text, "until") || has(t->q->text, "lose");
    for (int toy = 0; toy < t->s->n_toys; toy++) {
        const ask_toy *k = &t->s->toys[toy];
        ask_phrase p = t->q->subject;
        if ((p.shape != ASK_ANY && p.shape != (int)k->shape) ||
            (p.size != ASK_ANY && p.size != (int)k->size) ||
            (p.texture != ASK_ANY && p.texture != (int)k->texture))
            continue;
        ask_toy_color first = ask_scene_color_of(t->s, toy, 0);
        ask_toy_color last = ask_scene_color_of(t->s, toy, t->s->n_frames - 1);
        if (first != last)
            return strcmp(t->text, ask_color_name(before ? first : last)) == 0;
    }
    return false;
}

static bool right_repeated(const trial *t)
{
    int n = has(t->q->text, "twice")   ? 2
            : has(t->q->text, "three") ? 3
            : has(t->q->text, "four")  ? 4
            : has(t->q->text, "five")  ? 5
                                       : 6;
    return t->asked.toy >= 0 && count_deeds(t->s, t->asked.toy, kinds_in(t->text), -1) == n;
}

static bool right_times(const trial *t)
{
    int n = count_deeds(t->s, t->asked.toy, t->asked.kinds, -1);
    return strcmp(ask_count_word(n), t->text) == 0;
}

static bool right_doers(const trial *t)
{
    int n = 0;
    for (int toy = 0; toy < t->s->n_toys; toy++)
        n += count_deeds(t->s, toy, kinds_in(t->q->text), -1) > 0;
    return strcmp(ask_count_word(n), t->text) == 0;
}

/* "the red ball hits it", "it hits the red ball", "it moves by itself". */
static bool right_cause(const trial *t)
{
    if (t->asked.toy < 0) return false;
    if (has(t->text, "itself"))
        return count_deeds(t->s, t->asked.toy, 1u << ASK_SLIDE, -1) > 0 &&
               !is_moved(t->s, t->asked.toy);
    told by = told_by(t->s, t->text);
    bool active = strncmp(t->text, "it ", 3) == 0;
    return active ? count_deeds(t->s, t->asked.toy, by.kinds, by.toy) > 0
                  : count_deeds(t->s, by.toy, by.kinds, t->asked.toy) > 0;
}

static bool right_hits(const trial *t)
{
    int toy = told_by(t->s, t->text).toy;
    bool passive = strncmp(t->q->text, "by ", 3) == 0;
    return t->asked.toy >= 0 &&
           count_deeds(t->s, passive ? toy : t->asked.toy, t->asked.kinds,
                       passive ? t->asked.toy : toy) > 0;
}

static bool goes(int dx, int dy, const char *text)
{
    return has(text, "left")    ? dx < 0 && dy == 0
           : has(text, "right") ? dx > 0 && dy == 0
           : has(text, "up")    ? dy < 0 && dx == 0
                                : dy > 0 && dx == 0;
}

static bool right_prediction(const trial *t)
{
    if (t->asked.toy < 0) return false;
    ask_pose was = ask_scene_pose(t->s, t->asked.toy, t->q->until - 1);
    ask_pose is = ask_scene_pose(t->s, t->asked.toy, t->q->until + 1);
    return goes(is.x - was.x, is.y - was.y, t->text);
}

static int width_px(const ask_toy *t)
{
    static const int widths[ASK_N_SIZES] = {20, 28, 38};
    return widths[t->size];
}

/* The toy goes on, pixel by pixel, until its square meets another one. */
static bool right_feasibility(const trial *t)
{
    enum { PX = ASK_WORLD_UNITS_PER_PX };
    int last = t->s->n_frames - 1, me = t->asked.toy;
    if (me < 0) return false;
    ask_pose p = ask_scene_pose(t->s, me, last);
    int dx = has(t->q->text, "left") ? -1 : has(t->q->text, "right") ? 1 : 0;
    int dy = dx ? 0 : has(t->q->text, " up") ? -1 : 1;
    for (int way = 1; way < 3 * ASK_WORLD_SIDE_PX; way++) {
        for (int toy = 0; toy < t->s->n_toys; toy++) {
            ask_pose o = ask_scene_pose(t->s, toy, last);
            int reach = (width_px(&t->s->toys[me]) + width_px(&t->s->toys[toy])) / 2;
            if (toy == me || !o.there) continue;
            int ahead = dx ? (o.x - p.x) / PX * dx : (o.y - p.y) / PX * dy;
            int x = abs(o.x / PX - p.x / PX - way * dx),
                y = abs(o.y / PX - p.y / PX - way * dy);
            if (ahead > 0 && x < reach && y < reach)
                return toy == told_by(t->s, t->text).toy;
        }
    }
    return false;
}

static bool is_right(const ask_world_clip *c, const ask_world_question *q,
                     const ask_world_option *o)
{
    trial t = {c, &c->scene, q, o->text, told_by(&c->scene, q->text)};
    switch (q->family) {
    case ASK_FAMILY_NUMBER:
        return right_number(&t);
    case ASK_FAMILY_FIRST_LAST:
        return right_first_last(&t);
    case ASK_FAMILY_NEXT:
    case ASK_FAMILY_BEFORE:
        return right_beside(&t, q->family == ASK_FAMILY_BEFORE);
    case ASK_FAMILY_WHILE:
        return right_while(&t);
    case ASK_FAMILY_WHO_FIRST:
        return right_who_first(&t);
    case ASK_FAMILY_AFTER_OWN:
    case ASK_FAMILY_BEFORE_OWN:
        return right_own(&t, q->family == ASK_FAMILY_BEFORE_OWN);
    case ASK_FAMILY_CHANGE:
        return right_change(&t);
    case ASK_FAMILY_REPEATED:
        return right_repeated(&t);
    case ASK_FAMILY_TIMES:
        return right_times(&t);
    case ASK_FAMILY_DOERS:
        return right_doers(&t);
    case ASK_FAMILY_WHY:
    case ASK_FAMILY_HOW:
        return right_cause(&t);
    case ASK_FAMILY_HITS:
        return right_hits(&t);
    case ASK_FAMILY_PREDICTION:
        return right_prediction(&t);
    case ASK_FAMILY_FEASIBILITY:
        return right_feasibility(&t);
    default:
        return right_look(&t, o);
    }
}

/* ---- what a denial says ---- */

/* Whether the question's premise does not hold. */
static bool is_false_premise(const ask_world_clip *c, const ask_world_question *q)
{
    const ask_scene *s = &c->scene;
    told asked = told_by(s, q->text);
    switch (q->family) {
    case ASK_FAMILY_NEXT:
    case ASK_FAMILY_BEFORE:
    case ASK_FAMILY_AFTER_OWN:
    case ASK_FAMILY_BEFORE_OWN:
        return !occurrence(s, asked, false);
    case ASK_FAMILY_WHILE:
        return asked.toy < 0 || (has(q->text, "hidden") &&
                                 count_deeds(s, asked.toy, 1u << ASK_HIDE, -1) == 0);
    case ASK_FAMILY_WHY:
    case ASK_FAMILY_HOW: {
        if (asked.toy < 0) return true;
        const ask_toy *t = &s->toys[asked.toy];
        ask_pose first = ask_scene_pose(s, asked.toy, t->begin);
        ask_pose last = ask_scene_pose(s, asked.toy, t->end - 1);
        return first.x == last.x && first.y == last.y;
    }
    case ASK_FAMILY_PREDICTION: { // for all of the rest
        if (asked.toy < 0) return true;
        ask_pose was = ask_scene_pose(s, asked.toy, q->until - 1);
        ask_pose soon = ask_scene_pose(s, asked.toy, q->until + 1);
        ask_pose is = ask_scene_pose(s, asked.toy, s->n_frames - 1);
        return was.x == soon.x && was.y == soon.y && was.x == is.x && was.y == is.y;
    }
    default: // none of the options is right, nor any other
        for (int i = 0; i < ASK_N_OPTIONS; i++)
            if (!q->options[i].denies && is_right(c, q, &q->options[i])) return false;
        return true;
    }
}

static void check_question(const char *name, const ask_world_clip *c,
                           const ask_world_question *q)
{
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        const ask_world_option *o = &q->options[i];
        char where[256];
        snprintf(where, sizeof where, "%s, %s: %s -- %s", name,
                 ask_family_of(q->family).name, q->text, o->text);
        bool right = o->denies ? is_false_premise(c, q) : is_right(c, q, o);
        CHECK_CASE(where, right == (i == q->answer));
        for (int k = 0; k < i; k++)
            CHECK_CASE(where, strcmp(o->text, q->options[k].text) != 0);
        CHECK_CASE(where, !q->spare || strcmp(o->text, q->spare) != 0);
    }
    CHECK_CASE(name, q->type == ask_family_of(q->family).type);
    CHECK_CASE(name, q->until == c->scene.n_frames || q->family == ASK_FAMILY_PREDICTION);
    CHECK_CASE(name, q->moment.end <= q->until && q->moment.begin <= q->moment.end);
    CHECK_CASE(name, (q->moment.begin == q->moment.end) == q->options[q->answer].denies);
    if (q->family == ASK_FAMILY_PREDICTION && q->asked.toy != ASK_ANY) { // half is seen
        const ask_toy_view *v = &c->views[q->until - 1].toys[q->asked.toy];
        CHECK_CASE(name, v->n_px > 0 && 2 * v->n_px >= v->n_full_px);
    }
    for (int i = 0; i < q->n_objects; i++)
        CHECK_CASE(name, q->objects[i] >= 0 && q->objects[i] < c->scene.n_toys);
}

/* Calls a check with every question. */
static void with_each_question(void (*check)(const char *name, const ask_world_clip *c,
                                             const ask_world_question *q))
{
    for (int s = 0; s < ASK_N_SPLITS; s++) {
        for (int i = 0; i < N_CLIPS; i++) {
            char name[64];
            snprintf(name, sizeof name, "%s %d", ask_split_name((ask_split)s), i);
            for (int k = 0; k < clips[s][i].n_questions; k++)
                check(name, &clips[s][i], &clips[s][i].questions[k]);
        }
    }
}

static void one_option_is_right_and_the_others_are_wrong(void **state)
{
    (void)state;
    with_each_question(check_question);
}

static void check_spare(const char *name, const ask_world_clip *c,
                        const ask_world_question *q)
{
    bool looks = q->options[0].has_phrase || q->options[1].has_phrase;
    bool denies = false;
    for (int i = 0; i < ASK_N_OPTIONS; i++) denies |= q->options[i].denies;
    if (!q->spare || looks) return; // a look is told by its phrase
    const ask_world_option o = {.text = q->spare};
    char where[256];
    snprintf(where, sizeof where, "%s, %s: %s -- spare %s", name,
             ask_family_of(q->family).name, q->text, o.text);
    bool is_denial = has(o.text, "that does not") || has(o.text, "never is") ||
                     has(o.text, "nothing") || has(o.text, "it does not") ||
                     has(o.text, "none of") || has(o.text, "keeps") ||
                     has(o.text, "nowhere");
    CHECK_CASE(where, is_denial ? !denies && !is_false_premise(c, q) : !is_right(c, q, &o));
}

static void the_spare_option_is_wrong(void **state)
{
    (void)state;
    with_each_question(check_spare);
}

/* How far a toy's pixels go in the last frame until they meet another's; a toy that is not
 * wholly seen, or is not met, is far. */
static int way_to(const ask_world_clip *c, int toy, int other, int dx, int dy)
{
    enum { SIDE = ASK_WORLD_SIDE_PX, FAR = 1000 };
    const ask_scene_view *v = &c->views[c->scene.n_frames - 1];
    if (v->toys[other].n_px < v->toys[other].n_full_px) return FAR;
    for (int way = 1; way < SIDE; way++) {
        for (int i = 0; i < SIDE * SIDE; i++) {
            int x = i % SIDE + way * dx, y = i / SIDE + way * dy;
            if (v->ids[i] == toy + 1 && x >= 0 && x < SIDE && y >= 0 && y < SIDE &&
                v->ids[y * SIDE + x] == other + 1)
                return way;
        }
    }
    return FAR;
}

static void check_first(const char *name, const ask_world_clip *c,
                        const ask_world_question *q)
{
    if (q->family != ASK_FAMILY_FEASIBILITY || q->options[q->answer].denies) return;
    int me = q->asked.toy, right = q->options[q->answer].deed.toy;
    int dx = has(q->text, "left") ? -1 : has(q->text, "right") ? 1 : 0;
    int dy = dx ? 0 : has(q->text, " up") ? -1 : 1;
    const ask_toy_view *v = c->views[c->scene.n_frames - 1].toys;
    if (v[me].n_px < v[me].n_full_px || v[right].n_px < v[right].n_full_px) return;
    // Six px by the outlines; drawn ones differ from those by a pixel or two.
    for (int toy = 0; toy < c->scene.n_toys; toy++)
        if (toy != me && toy != right &&
            way_to(c, me, toy, dx, dy) < way_to(c, me, right, dx, dy) + 4)
            fail_msg("%s: %s -- toy %d is touched as soon as %d", name, q->text, toy,
                     right);
}

static void what_is_touched_first_is_so_by_several_pixels(void **state)
{
    (void)state;
    with_each_question(check_first);
}

/* Sizes are three, and with a denial all four options; other families have one more in a
 * good part of their questions, which are those that sets with five options get. */
static void every_family_but_size_has_fifth_options(void **state)
{
    (void)state;
    int n[ASK_N_FAMILIES] = {0}, n_with[ASK_N_FAMILIES] = {0};
    for (int i = 0; i < ASK_N_SPLITS * N_CLIPS; i++) {
        const ask_world_clip *c = &clips[i / N_CLIPS][i % N_CLIPS];
        for (int k = 0; k < c->n_questions; k++) {
            n[c->questions[k].family]++;
            n_with[c->questions[k].family] += c->questions[k].spare != NULL;
        }
    }
    for (int f = ASK_FAMILY_PRESENCE; f < ASK_N_FAMILIES; f++)
        if (f == ASK_FAMILY_SIZE ? n_with[f] > 0 : 3 * n_with[f] < n[f])
            fail_msg("%s: %d of %d have a spare option", ask_family_of((ask_family)f).name,
                     n_with[f], n[f]);
}

/* ---- balance ---- */

typedef struct {
    int n, n_offering, n_denied, numbers[ASK_N_COUNTED];
} tally;

static tally tally_of(ask_family f)
{
    tally t = {.n = 0};
    for (int i = 0; i < ASK_N_SPLITS * N_CLIPS; i++) {
        const ask_world_clip *c = &clips[i / N_CLIPS][i % N_CLIPS];
        for (int k = 0; k < c->n_questions; k++) {
            const ask_world_question *q = &c->questions[k];
            if (q->family != f) continue;
            t.n++;
            for (int o = 0; o < ASK_N_OPTIONS; o++) t.n_offering += q->options[o].denies;
            t.n_denied += q->options[q->answer].denies;
            int number = q->options[q->answer].number;
            if (number != ASK_ANY) t.numbers[number]++;
        }
    }
    return t;
}

static void every_family_is_asked_and_denials_are_right_one_time_of_four(void **state)
{
    (void)state;
    static const struct {
        ask_family family;
        int least_percent; // of clips
        bool denies;
    } cases[] = {
        {ASK_FAMILY_PRESENCE, 90, true},    {ASK_FAMILY_COLOR, 90, true},
        {ASK_FAMILY_SHAPE, 90, true},       {ASK_FAMILY_SIZE, 40, true},
        {ASK_FAMILY_LOCATION, 80, true},    {ASK_FAMILY_NUMBER, 25, false},
        {ASK_FAMILY_ACTION, 70, true},      {ASK_FAMILY_FIRST_LAST, 30, false},
        {ASK_FAMILY_NEXT, 30, true},        {ASK_FAMILY_BEFORE, 30, true},
        {ASK_FAMILY_WHILE, 10, true},       {ASK_FAMILY_WHO_FIRST, 40, false},
        {ASK_FAMILY_AFTER_OWN, 25, true},   {ASK_FAMILY_BEFORE_OWN, 25, true},
        {ASK_FAMILY_CHANGE, 20, true},      {ASK_FAMILY_REPEATED, 40, true},
        {ASK_FAMILY_TIMES, 50, false},      {ASK_FAMILY_DOERS, 50, false},
        {ASK_FAMILY_WHY, 25, true},         {ASK_FAMILY_HOW, 25, true},
        {ASK_FAMILY_HITS, 35, true},        {ASK_FAMILY_PREDICTION, 55, true},
        {ASK_FAMILY_FEASIBILITY, 60, true},
    };
    assert_int_equal(TEST_COUNT(cases), ASK_N_FAMILIES - 1);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = ask_family_of(cases[i].family).name;
        tally t = tally_of(cases[i].family);
        if (t.n * 100 < cases[i].least_percent * ASK_N_SPLITS * N_CLIPS)
            fail_msg("%s: only %d questions", name, t.n);
        CHECK_CASE(name, (t.n_offering > 0) == cases[i].denies);
        if (!cases[i].denies) continue;
        CHECK_CASE(name, 2 * t.n_offering >= t.n - t.n / 4);
        // four standard deviations of a share of 1/4
        double share = (double)t.n_denied / t.n_offering, spread = 1.73 / t.n_offering;
        if ((share - 0.25) * (share - 0.25) > spread * 1.73)
            fail_msg("%s: %d of %d denials are right", name, t.n_denied, t.n_offering);
    }
}

static void numbers_are_well_spread(void **state)
{
    (void)state;
    static const ask_family cases[] = {ASK_FAMILY_NUMBER, ASK_FAMILY_TIMES,
                                       ASK_FAMILY_DOERS};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = ask_family_of(cases[i]).name;
        tally t = tally_of(cases[i]);
        for (int n = 0; n < ASK_N_COUNTED; n++)
            if (t.numbers[n] * 100 > 38 * t.n ||
                (n < ASK_N_COUNTED - 1 && t.numbers[n] * 100 < 10 * t.n))
                fail_msg("%s: %d is right in %d of %d", name, n, t.numbers[n], t.n);
        CHECK_CASE(name, t.numbers[ASK_N_COUNTED - 1] > 0);
    }
}

static void within_four_clips_the_right_option_has_every_place(void **state)
{
    (void)state;
    for (int i = 0; i < ASK_N_SPLITS * N_CLIPS; i += 4) {
        unsigned places[ASK_N_FAMILIES] = {0};
        int n[ASK_N_FAMILIES] = {0};
        for (int k = 0; k < 4; k++) {
            const ask_world_clip *c = &clips[(i + k) / N_CLIPS][(i + k) % N_CLIPS];
            for (int j = 0; j < c->n_questions; j++) {
                places[c->questions[j].family] |= 1u << c->questions[j].answer;
                n[c->questions[j].family]++;
            }
        }
        for (int f = 0; f < ASK_N_FAMILIES; f++)
            CHECK_CASE(ask_family_of((ask_family)f).name,
                       __builtin_popcount(places[f]) == n[f]);
    }
}

/* ---- words and names ---- */

static void every_word_is_in_the_lists(void **state)
{
    (void)state;
    ask_str known = {0};
    ask_world_words(&known);
    ask_question_words(&known);
    ask_family_words(&known);
    for (int i = 0; i < ASK_N_SPLITS * N_CLIPS; i++) {
        const ask_world_clip *c = &clips[i / N_CLIPS][i % N_CLIPS];
        for (int k = 0; k < c->n_questions; k++) {
            words_check(known.data, c->questions[k].text);
            words_check(known.data, c->questions[k].spare);
            for (int o = 0; o < ASK_N_OPTIONS; o++)
                words_check(known.data, c->questions[k].options[o].text);
        }
    }
    ask_str_free(&known);
}

static bool names_held_out(const char *text)
{
    ask_toy_color color;
    ask_shape shape;
    for (; *text; text++)
        if (begins_with_name(text, &color, &shape) && ask_pair_is_held_out(color, shape))
            return true;
    return false;
}

static void only_the_test_split_names_what_is_held_out(void **state)
{
    (void)state;
    int n[ASK_N_SPLITS] = {0};
    for (int i = 0; i < ASK_N_SPLITS * N_CLIPS; i++) {
        const ask_world_clip *c = &clips[i / N_CLIPS][i % N_CLIPS];
        for (int k = 0; k < c->n_questions; k++) {
            n[i / N_CLIPS] += names_held_out(c->questions[k].text);
            for (int o = 0; o < ASK_N_OPTIONS; o++)
                n[i / N_CLIPS] += names_held_out(c->questions[k].options[o].text);
        }
    }
    assert_int_equal(n[ASK_SPLIT_TRAIN], 0);
    assert_int_equal(n[ASK_SPLIT_VAL], 0);
    assert_true(n[ASK_SPLIT_TEST] > N_CLIPS);
}

static void numbers_are_answered_with_digits(void **state)
{
    (void)state;
    static const char *const digits[ASK_N_COUNTED] = {"0", "1", "2", "3", "4"};
    for (int i = 0; i < N_CLIPS; i++) {
        for (int k = 0; k < clips[0][i].n_questions; k++) {
            const ask_world_question *q = &clips[0][i].questions[k];
            const ask_world_option *right = &q->options[q->answer];
            assert_string_equal(ask_question_open_answer(q), right->number == ASK_ANY
                                                                 ? right->text
                                                                 : digits[right->number]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_option_is_right_and_the_others_are_wrong),
        cmocka_unit_test(the_spare_option_is_wrong),
        cmocka_unit_test(what_is_touched_first_is_so_by_several_pixels),
        cmocka_unit_test(every_family_but_size_has_fifth_options),
        cmocka_unit_test(every_family_is_asked_and_denials_are_right_one_time_of_four),
        cmocka_unit_test(numbers_are_well_spread),
        cmocka_unit_test(within_four_clips_the_right_option_has_every_place),
        cmocka_unit_test(every_word_is_in_the_lists),
        cmocka_unit_test(only_the_test_split_names_what_is_held_out),
        cmocka_unit_test(numbers_are_answered_with_digits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
