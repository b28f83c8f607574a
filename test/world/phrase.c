#include "world/phrase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/testing.h"
#include "world/sample.h"

static ask_painter *new_painter(void)
{
    ask_error err = {0};
    ask_painter *p = ask_painter_new(&err);
    CHECK_OK(p, &err);
    return p;
}

// --- Truth -------------------------------------------------------------------------------

static ask_toy_color color_by_brute_force(const ask_scene *s, int toy, int frame)
{
    ask_toy_color c = s->toys[toy].color;
    for (int k = 0; k < s->n_events; k++) {
        const ask_event *e = &s->events[k];
        if (e->toy == toy && e->kind == ASK_TURN && frame >= e->end) c = e->to_color;
    }
    return c;
}

/* By what the header says, from the map of the view alone. */
static bool counts_by_brute_force(const ask_scene *s, const ask_scene_view *v, ask_phrase p)
{
    for (int i = 0; i < s->n_toys; i++) {
        const ask_toy *t = &s->toys[i];
        int n = 0, x0 = 999, y0 = 999, x1 = 0, y1 = 0;
        for (int y = 0; y < 128; y++) {
            for (int x = 0; x < 128; x++) {
                if (v->ids[y * 128 + x] != i + 1) continue;
                n++;
                x0 = x < x0 ? x : x0, x1 = x + 1 > x1 ? x + 1 : x1;
                y0 = y < y0 ? y : y0, y1 = y + 1 > y1 ? y + 1 : y1;
            }
        }
        if (p.color >= 0 && p.color != (int)color_by_brute_force(s, i, v->frame)) continue;
        if (p.shape >= 0 && p.shape != (int)t->shape) continue;
        if (p.size >= 0 && p.size != (int)t->size) continue;
        if (p.texture >= 0 && p.texture != (int)t->texture) continue;
        if (p.place >= 0) {
            bool right = p.place % 2 == 1, bottom = p.place / 2 == 1;
            double cx = (x0 + x1) / 2.0, cy = (y0 + y1) / 2.0;
            if (!n || (right ? cx < 70 : cx > 58) || (bottom ? cy < 70 : cy > 58)) continue;
        }
        if (p.event < 0) {
            if (n > 0 && 2 * n >= v->toys[i].n_full_px) return true;
            continue;
        }
        for (int k = 0; k < s->n_events; k++) {
            const ask_event *e = &s->events[k];
            if (e->toy == i && (int)e->kind == p.event && e->begin <= v->frame &&
                v->frame < e->end)
                return true;
        }
    }
    return false;
}

/* Half of the scenes are full. */
static ask_scene_style style_of(int index)
{
    return index % 2 ? ask_scene_full() : ask_scene_simple();
}

static ask_phrase random_phrase(ask_rng *r)
{
    ask_phrase p = ask_phrase_any();
    if (ask_rng_below(r, 2)) p.color = (int8_t)ask_rng_below(r, ASK_N_COLORS);
    if (ask_rng_below(r, 2)) p.shape = (int8_t)ask_rng_below(r, ASK_N_SHAPES);
    if (!ask_rng_below(r, 4)) p.size = (int8_t)ask_rng_below(r, ASK_N_SIZES);
    if (!ask_rng_below(r, 4)) p.texture = (int8_t)ask_rng_below(r, ASK_N_TEXTURES);
    if (!ask_rng_below(r, 4)) p.place = (int8_t)ask_rng_below(r, ASK_N_PLACES);
    if (!ask_rng_below(r, 4)) p.event = (int8_t)ask_rng_below(r, ASK_N_EVENTS);
    return p;
}

/* Random phrases are seldom so; those drawn for training often are. */
static void truth_is_that_of_brute_force(void **state)
{
    (void)state;
    ask_painter *painter = new_painter();
    ask_scene_view v;
    ask_rng r = ask_rng_new(4);
    int n_true = 0, n = 0;
    for (int index = 0; index < 100; index++) {
        ask_scene s;
        ask_scene_make(&s, 31, index, ASK_SPLIT_TEST, style_of(index));
        for (int frame = 0; frame < s.n_frames; frame += 6) {
            ask_paint(painter, &s, frame, NULL, &v);
            for (int k = 0; k < 12; k++, n++) {
                ask_phrase p = k % 2 ? random_phrase(&r) : ask_sample_phrase(&r, &s, &v);
                bool is = counts_by_brute_force(&s, &v, p);
                assert_true(ask_phrase_counts(&s, &v, p) == is);
                n_true += is;
            }
        }
    }
    assert_true(n_true * 5 > n && n_true * 5 < 4 * n);
    ask_painter_free(painter);
}

/* What is taught agrees with what counts; what is in doubt is not taught. */
static void what_is_taught_is_what_counts(void **state)
{
    (void)state;
    ask_painter *painter = new_painter();
    ask_scene_view v;
    ask_rng r = ask_rng_new(5);
    int n_of[3] = {0};
    for (int index = 0; index < 100; index++) {
        ask_scene s;
        ask_scene_make(&s, 32, index, ASK_SPLIT_TRAIN, style_of(index));
        for (int frame = 0; frame < s.n_frames; frame += 3) {
            ask_paint(painter, &s, frame, NULL, &v);
            for (int k = 0; k < 12; k++) {
                ask_phrase p = ask_sample_phrase(&r, &s, &v);
                int toy = 99;
                ask_truth truth = ask_phrase_holds(&s, &v, p, &toy);
                bool counts = ask_phrase_counts(&s, &v, p);
                n_of[truth]++;
                assert_true((truth == ASK_YES) == (toy >= 0));
                if (truth == ASK_YES) {
                    assert_true(counts);
                    assert_true(ask_phrase_holds_of(&s, &v, p, toy) == ASK_YES);
                }
                if (truth == ASK_NO) assert_false(counts);
            }
        }
    }
    int n = n_of[0] + n_of[1] + n_of[2];
    assert_true(n_of[ASK_YES] * 3 > n && n_of[ASK_NO] * 5 > n &&
                n_of[ASK_UNCLEAR] * 10 < n);
    ask_painter_free(painter);
}

/* A medium red ball at the upper left that does one thing in frames [20, 30). */
static ask_scene staged(ask_event_kind kind)
{
    return (ask_scene){.n_frames = 60,
                       .n_toys = 1,
                       .toys = {{.shape = ASK_BALL,
                                 .color = ASK_RED,
                                 .size = ASK_MEDIUM,
                                 .texture = ASK_DOTTED,
                                 .begin = kind == ASK_ENTER ? 20 : 0,
                                 .end = kind == ASK_LEAVE ? 30 : 60,
                                 .home_x = 480,
                                 .home_y = 480}},
                       .n_events = 1,
                       .events = {{.kind = kind,
                                   .begin = 20,
                                   .end = 30,
                                   .to_x = -224,
                                   .to_y = 480,
                                   .amount = kind == ASK_GROW ? 400 : 256}}};
}

static void doubt_is_where_it_is_said_to_be(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_event_kind event;
        int frame;
        ask_phrase phrase; // colour, shape, size, texture, place, event
        ask_truth truth;
        bool counts;
    } cases[] = {
        {"a red ball", ASK_JUMP, 5, {ASK_RED, ASK_BALL, -1, -1, -1, -1}, ASK_YES, true},
        {"a red star", ASK_JUMP, 5, {ASK_RED, ASK_STAR, -1, -1, -1, -1}, ASK_NO, false},
        {"a toy", ASK_JUMP, 5, {-1, -1, -1, -1, -1, -1}, ASK_YES, true},
        {"dotted", ASK_JUMP, 5, {-1, -1, -1, ASK_DOTTED, -1, -1}, ASK_YES, true},
        {"plain", ASK_JUMP, 5, {-1, -1, -1, ASK_PLAIN, -1, -1}, ASK_NO, false},
        {"at the top left", ASK_JUMP, 5, {-1, -1, -1, -1, ASK_TOP_LEFT, -1}, ASK_YES, true},
        {"elsewhere", ASK_JUMP, 5, {-1, -1, -1, -1, ASK_TOP_RIGHT, -1}, ASK_NO, false},
        {"long before", ASK_JUMP, 18, {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_NO, false},
        {"just before", ASK_JUMP, 19, {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_UNCLEAR, false},
        {"begins", ASK_JUMP, 20, {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_UNCLEAR, true},
        {"jumps", ASK_JUMP, 21, {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_YES, true},
        {"spins", ASK_JUMP, 21, {-1, -1, -1, -1, -1, ASK_SPIN}, ASK_NO, false},
        {"ends", ASK_JUMP, 29, {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_UNCLEAR, true},
        {"just after", ASK_JUMP, 30, {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_UNCLEAR, false},
        {"long after", ASK_JUMP, 31, {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_NO, false},
        {"medium", ASK_GROW, 5, {-1, -1, ASK_MEDIUM, -1, -1, -1}, ASK_YES, true},
        {"medium, growing",
         ASK_GROW,
         24,
         {-1, -1, ASK_MEDIUM, -1, -1, -1},
         ASK_UNCLEAR,
         true},
        {"large, growing",
         ASK_GROW,
         24,
         {-1, -1, ASK_LARGE, -1, -1, -1},
         ASK_UNCLEAR,
         false},
        {"blinked away", ASK_BLINK, 21, {ASK_RED, -1, -1, -1, -1, -1}, ASK_UNCLEAR, false},
        {"blinked back", ASK_BLINK, 22, {ASK_RED, -1, -1, -1, -1, -1}, ASK_YES, true},
        {"blinks, away", ASK_BLINK, 25, {-1, -1, -1, -1, -1, ASK_BLINK}, ASK_YES, true},
        {"not come yet", ASK_ENTER, 19, {ASK_RED, -1, -1, -1, -1, -1}, ASK_NO, false},
        {"a corner of it", ASK_ENTER, 20, {ASK_RED, -1, -1, -1, -1, -1}, ASK_NO, false},
        {"a third of it", ASK_ENTER, 22, {ASK_RED, -1, -1, -1, -1, -1}, ASK_UNCLEAR, false},
        {"most of it", ASK_ENTER, 25, {ASK_RED, -1, -1, -1, -1, -1}, ASK_YES, true},
        {"enters", ASK_ENTER, 23, {ASK_RED, -1, -1, -1, -1, ASK_ENTER}, ASK_YES, true},
        {"left", ASK_LEAVE, 32, {ASK_RED, -1, -1, -1, -1, -1}, ASK_NO, false},
        {"leaves", ASK_LEAVE, 26, {ASK_RED, -1, -1, -1, -1, ASK_LEAVE}, ASK_YES, true},
    };
    ask_painter *painter = new_painter();
    ask_scene_view v;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_scene s = staged(cases[i].event);
        ask_paint(painter, &s, cases[i].frame, NULL, &v);
        ask_truth is = ask_phrase_holds(&s, &v, cases[i].phrase, NULL);
        if (is != cases[i].truth) fail_msg("case \"%s\": %d", cases[i].name, (int)is);
        CHECK_CASE(cases[i].name,
                   ask_phrase_counts(&s, &v, cases[i].phrase) == cases[i].counts);
    }
    ask_painter_free(painter);
}

/* A red ball turns blue in frames [20, 30). */
static void a_colour_that_changes_is_in_doubt_meanwhile(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int frame;
        ask_phrase phrase; // colour, shape, size, texture, place, event
        ask_truth truth;
        bool counts;
    } cases[] = {
        {"red before", 19, {ASK_RED, -1, -1, -1, -1, -1}, ASK_YES, true},
        {"blue before", 19, {ASK_BLUE, -1, -1, -1, -1, -1}, ASK_NO, false},
        {"red meanwhile", 24, {ASK_RED, -1, -1, -1, -1, -1}, ASK_UNCLEAR, true},
        {"blue meanwhile", 24, {ASK_BLUE, -1, -1, -1, -1, -1}, ASK_UNCLEAR, false},
        {"green meanwhile", 24, {ASK_GREEN, -1, -1, -1, -1, -1}, ASK_UNCLEAR, false},
        {"a red star meanwhile", 24, {ASK_RED, ASK_STAR, -1, -1, -1, -1}, ASK_NO, false},
        {"a ball meanwhile", 24, {-1, ASK_BALL, -1, -1, -1, -1}, ASK_YES, true},
        {"red after", 30, {ASK_RED, -1, -1, -1, -1, -1}, ASK_NO, false},
        {"blue after", 30, {ASK_BLUE, -1, -1, -1, -1, -1}, ASK_YES, true},
        {"it changes", 24, {-1, ASK_BALL, -1, -1, -1, ASK_TURN}, ASK_YES, true},
        {"the red one changes", 24, {ASK_RED, -1, -1, -1, -1, ASK_TURN}, ASK_YES, true},
        {"the blue one changes",
         24,
         {ASK_BLUE, -1, -1, -1, -1, ASK_TURN},
         ASK_UNCLEAR,
         false},
        {"the blue one changed", 31, {ASK_BLUE, -1, -1, -1, -1, ASK_TURN}, ASK_NO, false},
    };
    ask_painter *painter = new_painter();
    ask_scene_view v;
    ask_scene s = staged(ASK_TURN);
    s.events[0].to_color = ASK_BLUE;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_paint(painter, &s, cases[i].frame, NULL, &v);
        ask_truth is = ask_phrase_holds(&s, &v, cases[i].phrase, NULL);
        if (is != cases[i].truth) fail_msg("case \"%s\": %d", cases[i].name, (int)is);
        CHECK_CASE(cases[i].name,
                   ask_phrase_counts(&s, &v, cases[i].phrase) == cases[i].counts);
    }
    ask_painter_free(painter);
}

/* Behind a screen a toy is not seen, but it is known to hide. */
static void a_hidden_toy_is_there_only_as_one_that_hides(void **state)
{
    (void)state;
    ask_painter *painter = new_painter();
    ask_scene_view v;
    ask_scene s = staged(ASK_HIDE);
    s.n_screens = 1;
    s.screens[0] = (ask_screen){1000, 1000};
    s.events[0].to_x = 480;
    s.events[0].end = 40;
    const ask_phrase red = {ASK_RED, -1, -1, -1, -1, -1};
    ask_phrase hides = red;
    hides.event = ASK_HIDE;
    ask_paint(painter, &s, 30, NULL, &v);
    assert_int_equal(ask_phrase_holds(&s, &v, red, NULL), ASK_NO);
    assert_false(ask_phrase_counts(&s, &v, red));
    assert_int_equal(ask_phrase_holds(&s, &v, hides, NULL), ASK_YES);
    assert_true(ask_phrase_counts(&s, &v, hides));
    ask_paint(painter, &s, 45, NULL, &v);
    assert_int_equal(ask_phrase_holds(&s, &v, red, NULL), ASK_YES);
    assert_int_equal(ask_phrase_holds(&s, &v, hides, NULL), ASK_NO);
    ask_painter_free(painter);
}

/* Phrases of all demands, most of them of no toy, in worlds where sizes and colours change.
 */
static void what_may_not_hold_never_counts_and_is_never_in_doubt(void **state)
{
    (void)state;
    static ask_scene_view v;
    ask_painter *painter = new_painter();
    ask_rng r = ask_rng_new(8);
    int n_ruled_out = 0, n_left = 0;
    for (int index = 0; index < 60; index++) {
        ask_scene s;
        ask_scene_make(&s, 5, index, ASK_SPLIT_TRAIN, ask_scene_full());
        for (int frame = 0; frame < s.n_frames; frame += 3) {
            ask_paint(painter, &s, frame, NULL, &v);
            ask_phrase p = ask_sample_phrase(&r, &s, &v);
            for (int toy = 0; toy < s.n_toys; toy++) {
                bool may = ask_phrase_may_hold_of(&s, p, toy);
                n_ruled_out += !may;
                n_left += may;
                if (may) continue;
                assert_int_equal(ask_phrase_holds_of(&s, &v, p, toy), ASK_NO);
                assert_false(ask_phrase_counts_of(&s, &v, p, toy));
            }
        }
    }
    assert_true(n_ruled_out > 2 * n_left && n_left > 500);
    ask_painter_free(painter);
}

/* Every clip has at least two pairs of colour and shape that are seen in one run of at most
 * 30 % of its frames. */
static void every_clip_has_two_brief_objects(void **state)
{
    (void)state;
    ask_painter *painter = new_painter();
    ask_scene_view v;
    for (int index = 0; index < 40; index++) {
        ask_scene s;
        ask_scene_make(&s, 33, index, ASK_SPLIT_TEST, ask_scene_simple());
        int n[ASK_SCENE_MAX_TOYS] = {0}, n_runs[ASK_SCENE_MAX_TOYS] = {0}, n_brief = 0;
        bool was[ASK_SCENE_MAX_TOYS] = {0};
        for (int frame = 0; frame < s.n_frames; frame++) {
            ask_paint(painter, &s, frame, NULL, &v);
            for (int i = 0; i < s.n_toys; i++) {
                ask_phrase p = ask_phrase_any();
                p.color = (int8_t)s.toys[i].color;
                p.shape = (int8_t)s.toys[i].shape;
                bool is = ask_phrase_counts(&s, &v, p);
                n[i] += is;
                n_runs[i] += is && !was[i];
                was[i] = is;
            }
        }
        for (int i = 0; i < s.n_toys; i++)
            n_brief += n_runs[i] == 1 && n[i] * 10 <= s.n_frames * 3;
        assert_true(n_brief >= 2);
    }
    ask_painter_free(painter);
}

// --- Words -------------------------------------------------------------------------------

static void phrases_are_said_in_plain_words(void **state)
{
    (void)state;
    static const struct {
        ask_phrase phrase; // colour, shape, size, texture, place, event
        ask_saying how;
        int wording;
        const char *question, *answer;
    } cases[] = {
        {{ASK_RED, ASK_BALL, ASK_SMALL, -1, -1, -1},
         ASK_SAY_CAPTION,
         0,
         "",
         "a small red ball"},
        {{ASK_ORANGE, -1, -1, -1, -1, -1},
         ASK_SAY_CAPTION,
         1,
         "",
         "there is an orange toy"},
        {{-1, ASK_ARROW, -1, -1, ASK_TOP_LEFT, -1},
         ASK_SAY_CAPTION,
         2,
         "",
         "an arrow can be seen at the top left"},
        {{ASK_BLUE, ASK_DROP, -1, ASK_DOTTED, -1, -1},
         ASK_SAY_CAPTION,
         3,
         "",
         "we see a blue dotted drop"},
        {{ASK_RED, ASK_BALL, -1, -1, -1, ASK_JUMP},
         ASK_SAY_CAPTION,
         0,
         "",
         "the red ball jumps"},
        {{ASK_RED, ASK_BALL, -1, -1, -1, ASK_LEAVE},
         ASK_SAY_CAPTION,
         1,
         "",
         "a red ball is leaving"},
        {{-1, ASK_STAR, -1, -1, ASK_BOTTOM_RIGHT, ASK_SPIN},
         ASK_SAY_CAPTION,
         2,
         "",
         "a star at the bottom right that spins"},
        {{ASK_RED, -1, -1, -1, -1, ASK_SHAKE},
         ASK_SAY_CAPTION,
         3,
         "",
         "we see a red toy shaking"},
        {{ASK_RED, ASK_BALL, -1, -1, -1, -1},
         ASK_ASK_PRESENCE,
         0,
         "which of these can be seen?",
         "a red ball"},
        {{ASK_RED, ASK_BALL, ASK_LARGE, -1, -1, -1},
         ASK_ASK_COLOR,
         0,
         "what colour is the large ball?",
         "red"},
        {{ASK_RED, -1, -1, -1, ASK_TOP_LEFT, -1},
         ASK_ASK_COLOR,
         1,
         "what color is the toy at the top left?",
         "red"},
        {{ASK_RED, ASK_BALL, -1, -1, -1, ASK_GROW},
         ASK_ASK_SHAPE,
         0,
         "what shape is the red toy that grows?",
         "ball"},
        {{ASK_RED, ASK_ARROW, -1, -1, -1, -1},
         ASK_ASK_SHAPE,
         3,
         "what kind of thing is the red toy?",
         "an arrow"},
        {{ASK_RED, ASK_BALL, ASK_LARGE, -1, -1, -1},
         ASK_ASK_SIZE,
         1,
         "how big is the red ball?",
         "large"},
        {{ASK_RED, ASK_BALL, -1, -1, ASK_TOP_RIGHT, -1},
         ASK_ASK_PLACE,
         0,
         "where is the red ball?",
         "at the top right"},
        {{ASK_RED, ASK_BALL, -1, -1, -1, ASK_ENTER},
         ASK_ASK_ACTION,
         0,
         "what does the red ball do?",
         "it enters"},
        {{ASK_RED, ASK_BALL, -1, -1, -1, ASK_ENTER},
         ASK_ASK_ACTION,
         1,
         "what is the red ball doing?",
         "entering"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_str question = {0}, answer = {0};
        assert_true(ask_phrase_fits(cases[i].phrase, cases[i].how));
        ask_phrase_say(&question, &answer, cases[i].phrase, cases[i].how, cases[i].wording);
        assert_string_equal(ask_str_text(&question), cases[i].question);
        assert_string_equal(ask_str_text(&answer), cases[i].answer);
        ask_str_free(&question);
        ask_str_free(&answer);
    }
}

static void only_what_fits_is_asked(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_phrase phrase;
        ask_saying how;
        bool fits;
    } cases[] = {
        {"nothing", {-1, -1, -1, -1, -1, -1}, ASK_SAY_CAPTION, false},
        {"a colour alone", {ASK_RED, -1, -1, -1, -1, -1}, ASK_ASK_COLOR, false},
        {"no colour", {-1, ASK_BALL, -1, -1, -1, -1}, ASK_ASK_COLOR, false},
        {"presence with a place", {-1, ASK_BALL, -1, -1, 0, -1}, ASK_ASK_PRESENCE, false},
        {"presence with an event", {-1, ASK_BALL, -1, -1, -1, 0}, ASK_ASK_PRESENCE, false},
        {"presence of a shape", {-1, ASK_BALL, -1, -1, -1, -1}, ASK_ASK_PRESENCE, true},
        {"an event alone", {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_ASK_ACTION, false},
        {"an event alone, told", {-1, -1, -1, -1, -1, ASK_JUMP}, ASK_SAY_CAPTION, true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].name,
                   ask_phrase_fits(cases[i].phrase, cases[i].how) == cases[i].fits);
}

static char *said(ask_phrase p, ask_saying how, int wording, bool the_answer)
{
    ask_str text[2] = {{0}, {0}};
    ask_phrase_say(&text[0], &text[1], p, how, wording);
    char *copy = strdup(ask_str_text(&text[the_answer]));
    ask_str_free(&text[0]);
    ask_str_free(&text[1]);
    return copy;
}

static void each_way_of_saying_has_four_wordings(void **state)
{
    (void)state;
    const ask_phrase plain = {ASK_RED, ASK_BALL, ASK_SMALL, ASK_DOTTED, -1, -1};
    const ask_phrase all = {ASK_RED,    ASK_BALL,     ASK_SMALL,
                            ASK_DOTTED, ASK_TOP_LEFT, ASK_JUMP};
    for (int how = 0; how < ASK_N_SAYINGS; how++) {
        const ask_phrase p = ask_phrase_fits(all, (ask_saying)how) ? all : plain;
        bool the_answer = how == ASK_SAY_CAPTION;
        for (int a = 0; a < ASK_N_WORDINGS; a++) {
            for (int b = 0; b < a; b++) {
                char *one = said(p, (ask_saying)how, a, the_answer);
                char *two = said(p, (ask_saying)how, b, the_answer);
                assert_string_not_equal(one, two);
                free(one);
                free(two);
            }
        }
    }
}

static void a_question_does_not_tell_its_answer(void **state)
{
    (void)state;
    const ask_phrase red = {ASK_RED,    ASK_BALL,     ASK_SMALL,
                            ASK_DOTTED, ASK_TOP_LEFT, ASK_JUMP};
    const ask_phrase blue = {ASK_BLUE,   ASK_STAR,         ASK_LARGE,
                             ASK_DOTTED, ASK_BOTTOM_RIGHT, ASK_GROW};
    for (int how = ASK_ASK_COLOR; how < ASK_N_SAYINGS; how++) {
        ask_phrase other = red;
        if (how == ASK_ASK_COLOR) other.color = blue.color;
        if (how == ASK_ASK_SHAPE) other.shape = blue.shape;
        if (how == ASK_ASK_SIZE) other.size = blue.size;
        if (how == ASK_ASK_PLACE) other.place = blue.place;
        if (how == ASK_ASK_ACTION) other.event = blue.event;
        for (int wording = 0; wording < ASK_N_WORDINGS; wording++) {
            char *one = said(red, (ask_saying)how, wording, false);
            char *two = said(other, (ask_saying)how, wording, false);
            assert_string_equal(one, two);
            free(one);
            free(two);
            one = said(red, (ask_saying)how, wording, true);
            two = said(other, (ask_saying)how, wording, true);
            assert_string_not_equal(one, two);
            free(one);
            free(two);
        }
    }
}

static void the_words_are_these(void **state)
{
    (void)state;
    static const char words[] =
        "a an arrow at ball be big blinking blinks blue bottom brown can checkered color "
        "colour corner cross cyan diamond do does doing dotted drop entering enters green "
        "growing grows happens have heart hexagon how in is it jumping jumps kind large "
        "leaves leaving left medium moon of orange part picture pink plain purple red "
        "right "
        "ring see seen shakes shaking shape size slides sliding small spinning spins "
        "square "
        "star striped that the there these thing to top toy triangle we what where which "
        "white yellow ";
    ask_str out = {0};
    ask_world_words(&out);
    assert_false(out.failed);
    for (char *c = out.data; *c; c++) {
        if (*c == '\n') *c = ' ';
    }
    assert_string_equal(out.data, words);
    ask_str_free(&out);
}

/* Every word of everything that is said for training is among them. */
static void all_that_is_said_is_in_the_words(void **state)
{
    (void)state;
    ask_painter *painter = new_painter();
    ask_scene_view v;
    ask_rng r = ask_rng_new(6);
    ask_str words = {0};
    ask_str_append(&words, "\n");
    ask_world_words(&words);
    for (int index = 0; index < 100; index++) {
        ask_scene s;
        ask_scene_make(&s, 34, index, ASK_SPLIT_TEST, ask_scene_simple());
        ask_paint(painter, &s, (int)ask_rng_below(&r, (uint64_t)s.n_frames), NULL, &v);
        for (int i = 0; i < 20; i++) {
            int wording;
            ask_phrase p = ask_sample_phrase(&r, &s, &v);
            ask_saying how = ask_sample_saying(&r, p, &wording);
            ask_str text = {0}, answer = {0};
            ask_phrase_say(&text, &answer, p, how, wording);
            ask_str_printf(&text, " %s", ask_str_text(&answer));
            char *rest = NULL;
            for (char *w = strtok_r(text.data, " ?", &rest); w;
                 w = strtok_r(NULL, " ?", &rest)) {
                char line[32];
                snprintf(line, sizeof line, "\n%s\n", w);
                CHECK_CASE(w, strstr(words.data, line));
            }
            ask_str_free(&text);
            ask_str_free(&answer);
        }
    }
    ask_str_free(&words);
    ask_painter_free(painter);
}

static bool list_words(void *user, ask_error *err)
{
    (void)user;
    ask_str out = {0};
    ask_world_words(&out);
    char *text = ask_str_take(&out, err);
    free(text);
    return text != NULL;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("words", list_words, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_is_that_of_brute_force),
        cmocka_unit_test(what_is_taught_is_what_counts),
        cmocka_unit_test(doubt_is_where_it_is_said_to_be),
        cmocka_unit_test(a_colour_that_changes_is_in_doubt_meanwhile),
        cmocka_unit_test(a_hidden_toy_is_there_only_as_one_that_hides),
        cmocka_unit_test(what_may_not_hold_never_counts_and_is_never_in_doubt),
        cmocka_unit_test(every_clip_has_two_brief_objects),
        cmocka_unit_test(phrases_are_said_in_plain_words),
        cmocka_unit_test(only_what_fits_is_asked),
        cmocka_unit_test(each_way_of_saying_has_four_wordings),
        cmocka_unit_test(a_question_does_not_tell_its_answer),
        cmocka_unit_test(the_words_are_these),
        cmocka_unit_test(all_that_is_said_is_in_the_words),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
