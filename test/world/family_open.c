/* Questions of full worlds whose options nobody sees: one answer is right among all that
 * could be given, and where several are, the question says that it is ambiguous. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "world/clip.h"

enum { N_CLIPS = 96, SEED = 31 };

static ask_world_clip clips[N_CLIPS];

static int set_up(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *painter = ask_painter_new(&err);
    for (int i = 0; i < N_CLIPS; i++)
        CHECK_OK(ask_world_clip_make(&clips[i], painter, SEED, i, ASK_SPLIT_TEST,
                                     ask_scene_full(), &err),
                 &err);
    ask_painter_free(painter);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < N_CLIPS; i++) ask_world_clip_free(&clips[i]);
    return 0;
}

/* ---- how many answers are right ---- */

/* Values of an attribute that the subject has in some frame. */
static int n_looks(const ask_world_clip *c, const ask_world_question *q, int n_values,
                   size_t field)
{
    int n = 0;
    for (int v = 0; v < n_values; v++) {
        ask_phrase p = q->subject;
        memcpy((char *)&p + field, &(int8_t){(int8_t)v}, 1);
        bool ever = false;
        for (int t = 0; t < c->scene.n_frames; t++)
            ever |= ask_phrase_counts(&c->scene, &c->views[t], p);
        n += ever;
    }
    return n;
}

/* Kinds of deed that a toy does after (before) an event, or in all. */
static int n_kinds(const ask_scene *s, int toy, int from, int to)
{
    unsigned kinds = 0;
    for (int i = from; i < to; i++)
        if (s->events[i].toy == toy) kinds |= 1u << s->events[i].kind;
    return __builtin_popcount(kinds);
}

static int event_of(const ask_scene *s, ask_deed d)
{
    for (int i = 0; i < s->n_events; i++)
        if (s->events[i].toy == d.toy && (int)s->events[i].kind == d.kind) return i;
    return -1;
}

/* Events that begin before all others end (end after all others begin): one of these is
 * the first (last). */
static int n_extreme(const ask_scene *s, bool last)
{
    int n = 0;
    for (int i = 0; i < s->n_events; i++) {
        bool could = true;
        for (int k = 0; k < s->n_events; k++)
            could &= last ? s->events[i].end > s->events[k].begin
                          : s->events[i].begin < s->events[k].end;
        n += could;
    }
    return n;
}

/* Whether the right option is that of the first (last) event. */
static bool is_extreme(const ask_world_clip *c, const ask_world_question *q)
{
    const ask_scene *s = &c->scene;
    bool last = strstr(q->text, "last") || strstr(q->text, "after the others");
    const ask_event *e = &s->events[last ? s->n_events - 1 : 0];
    const ask_deed d = q->options[q->answer].deed;
    return n_extreme(s, last) == 1 && d.toy == e->toy &&
           (d.kind == ASK_ANY || d.kind == (int)e->kind);
}

static bool is_alone(const ask_scene *s, int event)
{
    for (int i = 0; i < s->n_events; i++)
        if (i != event && s->events[i].begin < s->events[event].end &&
            s->events[event].begin < s->events[i].end)
            return false;
    return true;
}

/* Events while a toy is hidden or there, but for its own coming, going and hiding. */
static int n_meanwhile(const ask_world_clip *c, const ask_world_question *q)
{
    const ask_scene *s = &c->scene;
    int toy = q->asked.toy, begin = s->toys[toy].begin, end = s->toys[toy].end, n = 0;
    if (q->asked.kind == ASK_HIDE)
        ask_event_hidden(&s->events[event_of(s, q->asked)], &begin, &end);
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        bool own = e->toy == toy &&
                   (e->kind == ASK_ENTER || e->kind == ASK_LEAVE || e->kind == ASK_HIDE);
        n += !own && e->begin < end && begin < e->end;
    }
    return n;
}

static bool is_moved(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_events; i++)
        if (s->events[i].other == toy) return true;
    return false;
}

/* Whether nothing but the right option could be said. */
static bool is_the_only_one(const ask_world_clip *c, const ask_world_question *q)
{
    const ask_scene *s = &c->scene;
    int own = event_of(s, q->asked), toy = q->asked.toy;
    bool of_next = strstr(q->text, "next thing") || strstr(q->text, "last thing");
    switch (q->family) {
    case ASK_FAMILY_PRESENCE:
        return false;
    case ASK_FAMILY_COLOR:
        return n_looks(c, q, ASK_N_COLORS, offsetof(ask_phrase, color)) == 1;
    case ASK_FAMILY_SHAPE:
        return n_looks(c, q, ASK_N_SHAPES, offsetof(ask_phrase, shape)) == 1;
    case ASK_FAMILY_SIZE:
        return n_looks(c, q, ASK_N_SIZES, offsetof(ask_phrase, size)) == 1;
    case ASK_FAMILY_LOCATION:
        return n_looks(c, q, ASK_N_PLACES, offsetof(ask_phrase, place)) == 1;
    case ASK_FAMILY_ACTION:
        return n_kinds(s, toy, 0, s->n_events) == 1 && !is_moved(s, toy);
    case ASK_FAMILY_FIRST_LAST:
    case ASK_FAMILY_WHO_FIRST:
        return is_extreme(c, q);
    case ASK_FAMILY_NEXT:
    case ASK_FAMILY_BEFORE:
        return is_alone(s, own);
    case ASK_FAMILY_WHILE:
        return n_meanwhile(c, q) == 1;
    case ASK_FAMILY_AFTER_OWN:
        return of_next || n_kinds(s, toy, own + 1, s->n_events) == 1;
    case ASK_FAMILY_BEFORE_OWN:
        return of_next || n_kinds(s, toy, 0, own) == 1;
    default:
        return true;
    }
}

static void check(const ask_world_clip *c, const ask_world_question *q)
{
    char where[256];
    snprintf(where, sizeof where, "clip %d, %s: %s -- %s", (int)c->scene.index,
             ask_family_of(q->family).name, q->text, q->options[q->answer].text);
    if (q->options[q->answer].denies)
        CHECK_CASE(where, q->ambiguous == (q->family == ASK_FAMILY_PRESENCE));
    else if (!q->ambiguous)
        CHECK_CASE(where, is_the_only_one(c, q));
}

static void unambiguous_questions_have_one_answer(void **state)
{
    (void)state;
    for (int i = 0; i < N_CLIPS; i++)
        for (int k = 0; k < clips[i].n_questions; k++)
            check(&clips[i], &clips[i].questions[k]);
}

/* An event that is first among four options only is asked for among these. */
static void what_is_first_of_the_options_alone_is_asked_of_these(void **state)
{
    (void)state;
    int n = 0;
    for (int i = 0; i < N_CLIPS; i++) {
        for (int k = 0; k < clips[i].n_questions; k++) {
            const ask_world_question *q = &clips[i].questions[k];
            if (q->family != ASK_FAMILY_FIRST_LAST && q->family != ASK_FAMILY_WHO_FIRST)
                continue;
            CHECK_CASE(q->text, is_extreme(&clips[i], q) || strstr(q->text, "these"));
            n += !is_extreme(&clips[i], q);
        }
    }
    assert_true(n > 0);
}

/* Not too many are: who could be asked openly is. */
static void some_questions_of_each_family_are_open(void **state)
{
    (void)state;
    int n[ASK_N_FAMILIES] = {0}, n_open[ASK_N_FAMILIES] = {0};
    for (int i = 0; i < N_CLIPS; i++) {
        for (int k = 0; k < clips[i].n_questions; k++) {
            n[clips[i].questions[k].family]++;
            n_open[clips[i].questions[k].family] += !clips[i].questions[k].ambiguous;
        }
    }
    for (int f = ASK_FAMILY_COLOR; f < ASK_N_FAMILIES; f++)
        if (n_open[f] * 100 < (f == ASK_FAMILY_WHILE ? 30 : 50) * n[f])
            fail_msg("%s: %d of %d are open", ask_family_of((ask_family)f).name, n_open[f],
                     n[f]);
    assert_int_equal(n_open[ASK_FAMILY_PRESENCE], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unambiguous_questions_have_one_answer),
        cmocka_unit_test(what_is_first_of_the_options_alone_is_asked_of_these),
        cmocka_unit_test(some_questions_of_each_family_are_open),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
