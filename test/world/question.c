/* Questions and queries: right by truth, balanced, and of the right world. */
#include "world/question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "support/words.h"
#include "world/clip.h"

enum { N_CLIPS = 48 }; // of each split

static ask_world_clip clips[ASK_N_SPLITS][N_CLIPS];

static int set_up(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *painter = ask_painter_new(&err);
    for (int s = 0; s < ASK_N_SPLITS; s++)
        for (int i = 0; i < N_CLIPS; i++)
            if (!ask_world_clip_make(&clips[s][i], painter, 11, i, (ask_split)s,
                                     ask_scene_simple(), &err))
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

/* Calls a check with every clip. */
static void with_each_clip(void (*check)(const char *name, const ask_world_clip *c))
{
    for (int s = 0; s < ASK_N_SPLITS; s++) {
        for (int i = 0; i < N_CLIPS; i++) {
            char name[64];
            snprintf(name, sizeof name, "%s %d", ask_split_name((ask_split)s), i);
            check(name, &clips[s][i]);
        }
    }
}

/* ---- one right option, and its moment ---- */

/* The moment by the words of the header: from the first frame to the last in which the
 * phrase counts, with no longer gap than a blink has. False: never. */
static bool moment_of(const char *name, ask_world_moment *out, const ask_world_clip *c,
                      ask_phrase p)
{
    int last = -1, most_missing = p.event == ASK_ANY ? 3 : 0;
    *out = (ask_world_moment){0};
    for (int t = 0; t < c->scene.n_frames; t++) {
        if (!ask_phrase_counts(&c->scene, &c->views[t], p)) continue;
        if (last < 0) out->begin = t;
        CHECK_CASE(name, last < 0 || t - last - 1 <= most_missing);
        last = t;
    }
    out->end = last + 1;
    return last >= 0;
}

static bool ever_holds(const ask_world_clip *c, ask_phrase p)
{
    for (int t = 0; t < c->scene.n_frames; t++) {
        const ask_scene_view *v = &c->views[t];
        if (ask_phrase_counts(&c->scene, v, p) ||
            ask_phrase_holds(&c->scene, v, p, NULL) != ASK_NO)
            return true;
    }
    return false;
}

static bool same_moment(ask_world_moment a, ask_world_moment b)
{
    return a.begin == b.begin && a.end == b.end;
}

static void check_by_frames(const char *name, const ask_world_clip *c,
                            const ask_world_question *q)
{
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        const ask_world_option *o = &q->options[i];
        bool is_right = i == q->answer;
        ask_world_moment m;
        if (!o->has_phrase) // "there is none"
            CHECK_CASE(name, is_right == !ever_holds(c, q->subject));
        else if (is_right)
            CHECK_CASE(name,
                       moment_of(name, &m, c, o->phrase) && same_moment(m, q->moment));
        else
            CHECK_CASE(name, !ever_holds(c, o->phrase));
    }
}

static int count_toys(const ask_world_clip *c, ask_phrase p)
{
    int n = 0;
    for (int toy = 0; toy < c->scene.n_toys; toy++) {
        bool seen = false;
        for (int t = 0; t < c->scene.n_frames; t++)
            seen |= ask_phrase_counts_of(&c->scene, &c->views[t], p, toy);
        n += seen;
    }
    return n;
}

static void check_count(const char *name, const ask_world_clip *c,
                        const ask_world_question *q)
{
    const char *right = ask_count_word(count_toys(c, q->subject));
    CHECK_CASE(name, right && strcmp(q->options[q->answer].text, right) == 0);
    CHECK_CASE(name, q->moment.begin == 0 && q->moment.end == c->scene.n_frames);
}

/* The event of the scene that the text tells of; NULL: none. */
static const ask_event *told_event(const ask_world_clip *c, const char *text)
{
    const ask_event *found = NULL;
    for (int i = 0; i < c->scene.n_events; i++) {
        const ask_event *e = &c->scene.events[i];
        ask_phrase p = ask_phrase_any();
        p.color = (int8_t)c->scene.toys[e->toy].color;
        p.shape = (int8_t)c->scene.toys[e->toy].shape;
        p.event = (int8_t)e->kind;
        for (int w = 0; w < ASK_N_WORDINGS; w++) {
            ask_str question = {0}, said = {0};
            ask_phrase_say(&question, &said, p, ASK_SAY_CAPTION, w);
            if (strstr(text, ask_str_text(&said))) found = e;
            ask_str_free(&said);
            ask_str_free(&question);
        }
    }
    return found;
}

/* Whether one event, told by an option, is the answer by the words of the question. */
static bool is_right_in_time(const ask_world_clip *c, const ask_world_question *q,
                             const ask_event *e)
{
    const ask_event *named = told_event(c, q->text);
    bool is_late =
        strstr(q->text, "after") || strstr(q->text, "last") || strstr(q->text, "then?");
    if (named) return is_late ? e->begin >= named->end : e->end <= named->begin;
    bool towards_end = strstr(q->text, "last") || strstr(q->text, "after the others");
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        const ask_event *other = told_event(c, q->options[i].text);
        if (!other || other == e) continue;
        if (towards_end ? other->begin > e->begin : other->begin < e->begin) return false;
    }
    return true;
}

static void check_order(const char *name, const ask_world_clip *c,
                        const ask_world_question *q)
{
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        const ask_event *e = told_event(c, q->options[i].text);
        bool is_right = e && is_right_in_time(c, q, e);
        CHECK_CASE(name, is_right == (i == q->answer));
        if (is_right)
            CHECK_CASE(name, q->moment.begin == e->begin && q->moment.end == e->end);
    }
}

static void check_questions(const char *name, const ask_world_clip *c)
{
    for (int k = 0; k < c->n_questions; k++) {
        const ask_world_question *q = &c->questions[k];
        char where[96];
        snprintf(where, sizeof where, "%s: %s", name, q->text);
        for (int i = 0; i < ASK_N_OPTIONS; i++)
            for (int j = 0; j < i; j++)
                CHECK_CASE(where, strcmp(q->options[i].text, q->options[j].text) != 0);
        if (q->type == ASK_QUESTION_COUNT)
            check_count(where, c, q);
        else if (q->type == ASK_QUESTION_ORDER)
            check_order(where, c, q);
        else
            check_by_frames(where, c, q);
        int percent = (q->moment.end - q->moment.begin) * 100 / c->scene.n_frames;
        CHECK_CASE(where, !q->judged || percent <= 30);
        CHECK_CASE(where, q->judged || percent >= 30 || q->type == ASK_QUESTION_ABSENT);
    }
}

static void exactly_one_option_is_right_in_one_moment(void **state)
{
    (void)state;
    with_each_clip(check_questions);
}

/* ---- queries ---- */

static void check_queries(const char *name, const ask_world_clip *c)
{
    for (int k = 0; k < c->n_queries; k++) {
        const ask_world_query *q = &c->queries[k];
        bool is_absent = q->kind == ASK_QUERY_FOREIGN || q->kind == ASK_QUERY_NEAR_MISS;
        ask_world_moment m;
        char where[96];
        snprintf(where, sizeof where, "%s: %s", name, q->text);
        CHECK_CASE(where, moment_of(where, &m, c, q->phrase) != is_absent);
        CHECK_CASE(where, same_moment(m, q->moment));
        CHECK_CASE(where, q->judged == ask_world_is_judged(m, c->scene.n_frames));
        CHECK_CASE(where, (q->phrase.event != ASK_ANY) == (q->kind == ASK_QUERY_EVENT));
        CHECK_CASE(where, (q->phrase.shape == ASK_ANY) == (q->kind == ASK_QUERY_ATTRIBUTE));
        if (!is_absent) continue;
        ask_phrase color = q->phrase, shape = q->phrase;
        color.shape = ASK_ANY;
        shape.color = ASK_ANY;
        bool near = q->kind == ASK_QUERY_NEAR_MISS;
        CHECK_CASE(where, ever_holds(c, color) == near && ever_holds(c, shape) == near);
    }
}

static void queries_hold_in_their_moment_or_never(void **state)
{
    (void)state;
    with_each_clip(check_queries);
}

/* ---- what there is of them ---- */

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void nearly_every_clip_has_every_type_and_short_moments(void **state)
{
    (void)state;
    int n[ASK_N_SIMPLE_QUESTION_TYPES] = {0}, n_judged = 0;
    static int permille[ASK_N_SPLITS * N_CLIPS * ASK_N_SIMPLE_QUESTION_TYPES];
    for (int s = 0; s < ASK_N_SPLITS; s++) {
        for (int i = 0; i < N_CLIPS; i++) {
            const ask_world_clip *c = &clips[s][i];
            for (int k = 0; k < c->n_questions; k++) {
                const ask_world_question *q = &c->questions[k];
                n[q->type]++;
                if (q->judged)
                    permille[n_judged++] =
                        (q->moment.end - q->moment.begin) * 1000 / c->scene.n_frames;
            }
        }
    }
    for (int type = 0; type < ASK_N_SIMPLE_QUESTION_TYPES; type++)
        CHECK_CASE(ask_question_type_name((ask_question_type)type),
                   n[type] * 100 >= 80 * ASK_N_SPLITS * N_CLIPS);
    assert_true(n_judged >= ASK_N_SPLITS * N_CLIPS * 5);
    qsort(permille, (size_t)n_judged, sizeof *permille, compare_ints);
    assert_in_range(permille[n_judged / 2], 1, 200);
}

static const ask_world_question *question_of(const ask_world_clip *c,
                                             ask_question_type type)
{
    for (int k = 0; k < c->n_questions; k++)
        if (c->questions[k].type == type) return &c->questions[k];
    return NULL;
}

static void within_four_clips_the_right_option_has_every_place(void **state)
{
    (void)state;
    int n_fours = 0;
    for (int s = 0; s < ASK_N_SPLITS; s++) {
        for (int i = 0; i + 4 <= N_CLIPS; i += 4) {
            for (int type = 0; type < ASK_N_SIMPLE_QUESTION_TYPES; type++) {
                unsigned places = 0;
                int n = 0;
                for (int k = 0; k < 4; k++) {
                    const ask_world_question *q =
                        question_of(&clips[s][i + k], (ask_question_type)type);
                    if (q) places |= 1u << q->answer;
                    n += q != NULL;
                }
                CHECK_CASE(ask_question_type_name((ask_question_type)type),
                           __builtin_popcount(places) == n);
                n_fours += n == 4;
            }
        }
    }
    assert_true(n_fours > ASK_N_SPLITS * N_CLIPS);
}

static void every_type_is_asked_in_four_wordings(void **state)
{
    (void)state;
    for (int type = 0; type < ASK_N_SIMPLE_QUESTION_TYPES; type++) {
        unsigned seen = 0;
        for (int i = 0; i < N_CLIPS; i++) {
            const ask_world_question *q =
                question_of(&clips[0][i], (ask_question_type)type);
            if (q) seen |= 1u << q->wording;
        }
        CHECK_CASE(ask_question_type_name((ask_question_type)type), seen == 0xf);
    }
}

/* Who always says "there is none" is right by chance alone. */
static void the_option_none_tells_nothing(void **state)
{
    (void)state;
    int n = 0, n_right = 0;
    for (int s = 0; s < ASK_N_SPLITS; s++) {
        for (int i = 0; i < N_CLIPS; i++) {
            for (int k = 0; k < clips[s][i].n_questions; k++) {
                const ask_world_question *q = &clips[s][i].questions[k];
                if (q->type == ASK_QUESTION_ORDER || q->type == ASK_QUESTION_COUNT)
                    continue;
                for (int o = 0; o < ASK_N_OPTIONS; o++) {
                    if (q->options[o].has_phrase) continue;
                    n++;
                    n_right += o == q->answer;
                }
            }
        }
    }
    assert_in_range(n_right * 100 / n, 20, 30);
}

/* ---- where wrong options come from ---- */

static bool scene_has(const ask_scene *s, ask_phrase p)
{
    for (int i = 0; i < s->n_toys; i++) {
        if ((p.color == ASK_ANY || p.color == (int)s->toys[i].color) &&
            (p.shape == ASK_ANY || p.shape == (int)s->toys[i].shape))
            return true;
    }
    return false;
}

/* Colour and shape of a wrong option, each taken alone, are those of toys in the clip. */
static bool is_from_clip(const ask_scene *s, ask_phrase p)
{
    ask_phrase color = p, shape = p;
    color.shape = ASK_ANY;
    shape.color = ASK_ANY;
    return scene_has(s, color) && scene_has(s, shape);
}

static void most_wrong_options_are_made_of_the_same_clip(void **state)
{
    (void)state;
    static const struct {
        ask_question_type type;
        int least_percent;
    } cases[] = {
        {ASK_QUESTION_PRESENCE, 70},
        {ASK_QUESTION_COLOR, 50},
        {ASK_QUESTION_SHAPE, 50},
    };
    for (size_t k = 0; k < TEST_COUNT(cases); k++) {
        int n = 0, n_from_clip = 0;
        for (int i = 0; i < ASK_N_SPLITS * N_CLIPS; i++) {
            const ask_world_clip *c = &clips[i / N_CLIPS][i % N_CLIPS];
            const ask_world_question *q = question_of(c, cases[k].type);
            for (int o = 0; q && o < ASK_N_OPTIONS; o++) {
                if (o == q->answer || !q->options[o].has_phrase) continue;
                n++;
                n_from_clip += is_from_clip(&c->scene, q->options[o].phrase);
            }
        }
        if (n_from_clip * 100 < cases[k].least_percent * n)
            fail_msg("%s: %d of %d wrong options are of the clip",
                     ask_question_type_name(cases[k].type), n_from_clip, n);
    }
}

/* ---- what only the test split has ---- */

static bool is_held_out(ask_phrase p)
{
    if (p.shape == ASK_ANY) return false;
    ask_shape shape = (ask_shape)p.shape;
    return (p.color != ASK_ANY && ask_pair_is_held_out((ask_toy_color)p.color, shape)) ||
           (p.event != ASK_ANY && ask_pairing_is_held_out((ask_event_kind)p.event, shape));
}

static int count_held_out(const ask_world_clip *c)
{
    int n = 0;
    for (int k = 0; k < c->n_questions; k++) {
        n += is_held_out(c->questions[k].subject);
        for (int i = 0; i < ASK_N_OPTIONS; i++)
            n += is_held_out(c->questions[k].options[i].phrase);
    }
    for (int k = 0; k < c->n_queries; k++) n += is_held_out(c->queries[k].phrase);
    return n;
}

static void only_the_test_split_speaks_of_what_is_held_out(void **state)
{
    (void)state;
    int n[ASK_N_SPLITS] = {0};
    for (int s = 0; s < ASK_N_SPLITS; s++)
        for (int i = 0; i < N_CLIPS; i++) n[s] += count_held_out(&clips[s][i]);
    assert_int_equal(n[ASK_SPLIT_TRAIN], 0);
    assert_int_equal(n[ASK_SPLIT_VAL], 0);
    assert_true(n[ASK_SPLIT_TEST] > N_CLIPS);
}

/* ---- words ---- */

static void every_word_is_in_the_lists(void **state)
{
    (void)state;
    ask_str known = {0};
    ask_world_words(&known);
    ask_question_words(&known);
    for (int i = 0; i < ASK_N_SPLITS * N_CLIPS; i++) {
        const ask_world_clip *c = &clips[i / N_CLIPS][i % N_CLIPS];
        words_check(known.data, c->captions.clip);
        for (int e = 0; e < c->scene.n_events; e++)
            words_check(known.data, c->captions.events[e]);
        for (int k = 0; k < c->n_queries; k++) words_check(known.data, c->queries[k].text);
        for (int k = 0; k < c->n_questions; k++) {
            words_check(known.data, c->questions[k].text);
            for (int o = 0; o < ASK_N_OPTIONS; o++)
                words_check(known.data, c->questions[k].options[o].text);
        }
    }
    ask_str_free(&known);
}

/* ---- moments ---- */

static void a_moment_is_judged_up_to_thirty_percent(void **state)
{
    (void)state;
    static const struct {
        ask_world_moment moment;
        int n_frames;
        bool judged;
    } cases[] = {
        {{0, 0}, 60, false},  {{5, 5}, 60, false},  {{0, 18}, 60, true},
        {{40, 58}, 60, true}, {{0, 19}, 60, false}, {{0, 60}, 60, false},
        {{3, 4}, 48, true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        assert_int_equal(ask_world_is_judged(cases[i].moment, cases[i].n_frames),
                         cases[i].judged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_one_option_is_right_in_one_moment),
        cmocka_unit_test(queries_hold_in_their_moment_or_never),
        cmocka_unit_test(nearly_every_clip_has_every_type_and_short_moments),
        cmocka_unit_test(within_four_clips_the_right_option_has_every_place),
        cmocka_unit_test(every_type_is_asked_in_four_wordings),
        cmocka_unit_test(the_option_none_tells_nothing),
        cmocka_unit_test(most_wrong_options_are_made_of_the_same_clip),
        cmocka_unit_test(only_the_test_split_speaks_of_what_is_held_out),
        cmocka_unit_test(every_word_is_in_the_lists),
        cmocka_unit_test(a_moment_is_judged_up_to_thirty_percent),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
