/* What one frame tells of a question: on frames that are set up by hand. */
#include "world/audit_priv.h"

#include <math.h>
#include <string.h>

#include "support/testing.h"

/* A clip of one frame: four toys in a row, none at an edge, none near another. */
static ask_scene_view view;
static ask_world_clip clip;

static int set_up(void **state)
{
    (void)state;
    clip = (ask_world_clip){.views = &view};
    view = (ask_scene_view){.frame = 0};
    clip.scene = (ask_scene){.full = true, .n_frames = 1, .n_toys = 4};
    for (int i = 0; i < 4; i++) {
        clip.scene.toys[i] = (ask_toy){.shape = (ask_shape)i,
                                       .color = (ask_toy_color)i,
                                       .size = ASK_SMALL,
                                       .begin = 0,
                                       .end = 1};
        view.toys[i] = (ask_toy_view){.n_px = 300,
                                      .n_full_px = 300,
                                      .x0 = 10 + 30 * i,
                                      .y0 = 50,
                                      .x1 = 30 + 30 * i,
                                      .y1 = 70};
    }
    return 0;
}

static void hide(int toy)
{
    view.toys[toy] = (ask_toy_view){.n_full_px = 300};
}

/* Two toys side by side. */
static void bring_near(int toy, int other)
{
    view.toys[toy].x0 = view.toys[other].x0 - 20;
    view.toys[toy].x1 = view.toys[other].x0;
}

static ask_world_question question(ask_family f)
{
    ask_world_question q = {.family = f,
                            .type = ask_family_of(f).type,
                            .text = "what happens?",
                            .subject = ask_phrase_any(),
                            .asked = ask_deed_none(),
                            .until = 1};
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        q.options[i] = (ask_world_option){.text = "?",
                                          .phrase = ask_phrase_any(),
                                          .deed = ask_deed_none(),
                                          .number = ASK_ANY};
    return q;
}

static void does(ask_world_question *q, int option, int toy, int kind, int other)
{
    q->options[option].deed = (ask_deed){(int8_t)toy, (int8_t)kind, (int8_t)other};
}

static void check_look(const ask_world_question *q, double a, double b, double c, double d)
{
    const double expected[] = {a, b, c, d};
    double got[ASK_N_OPTIONS];
    ask_audit_look(got, &clip, q, 0);
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        if (fabs(got[i] - expected[i]) > 1e-9)
            fail_msg("option %d: %g instead of %g", i, got[i], expected[i]);
}

/* A jumps, B slides, C shakes, D spins. */
static ask_world_question order_question(ask_family f)
{
    ask_world_question q = question(f);
    const int kinds[] = {ASK_JUMP, ASK_SLIDE, ASK_SHAKE, ASK_SPIN};
    for (int i = 0; i < ASK_N_OPTIONS; i++) does(&q, i, i, kinds[i], ASK_ANY);
    return q;
}

static void motions_that_no_frame_shows_leave_every_order_possible(void **state)
{
    (void)state;
    ask_world_question q = order_question(ASK_FAMILY_FIRST_LAST);
    check_look(&q, 0.25, 0.25, 0.25, 0.25);
}

static void who_has_come_came_before_who_has_not_gone(void **state)
{
    (void)state;
    ask_world_question q = order_question(ASK_FAMILY_FIRST_LAST);
    does(&q, 0, 0, ASK_ENTER, ASK_ANY);
    does(&q, 1, 1, ASK_LEAVE, ASK_ANY);
    check_look(&q, 0.5, 0, 0.25, 0.25); // of the 12 orders with A before B
    q.text = "what happens last?";
    check_look(&q, 0, 0.5, 0.25, 0.25);
    hide(0);
    hide(1); // B is over and A is to come
    check_look(&q, 0.5, 0, 0.25, 0.25);
}

static void what_follows_is_told_by_what_is_over(void **state)
{
    (void)state;
    ask_world_question q = order_question(ASK_FAMILY_NEXT);
    q.options[3] = (ask_world_option){.text = "that does not happen",
                                      .denies = true,
                                      .phrase = ask_phrase_any(),
                                      .deed = ask_deed_none(),
                                      .number = ASK_ANY};
    q.asked = (ask_deed){3, ASK_LEAVE, ASK_ANY};
    check_look(&q, 0.25, 0.25, 0.25, 0.25);
    does(&q, 0, 0, ASK_ENTER, ASK_ANY); // over, and D has not left
    check_look(&q, 0, 0.375, 0.375, 0.25);
}

static void a_toy_at_rest_is_not_growing_and_a_larger_one_is(void **state)
{
    (void)state;
    ask_scene_view views[2];
    views[0] = views[1] = view;
    views[1].frame = 1;
    views[1].toys[0].x0 -= 5;
    views[1].toys[0].y0 -= 5;
    clip.views = views;
    clip.scene.n_frames = 2;
    clip.scene.n_events = 1;
    clip.scene.events[0] = (ask_event){
        .kind = ASK_GROW, .toy = 0, .begin = 1, .end = 2, .other = -1, .screen = -1};
    ask_world_question q = question(ASK_FAMILY_AFTER_OWN);
    const int kinds[] = {ASK_GROW, ASK_JUMP, ASK_SHAKE, ASK_SLIDE};
    for (int i = 0; i < ASK_N_OPTIONS; i++) does(&q, i, 0, kinds[i], ASK_ANY);
    check_look(&q, 0.25, 0.25, 0.25, 0.25);
    double got[ASK_N_OPTIONS];
    ask_audit_look(got, &clip, &q, 1);
    assert_true(got[0] == 1);
}

static void touch_tells_the_toy_and_not_which_moves_which(void **state)
{
    (void)state;
    ask_world_question q = question(ASK_FAMILY_WHY);
    q.asked.toy = 3;
    does(&q, 0, 0, ASK_PUSH, 3);
    does(&q, 1, 3, ASK_PUSH, 0);
    does(&q, 2, 1, ASK_PUSH, 3);
    does(&q, 3, 3, ASK_PUSH, 1);
    check_look(&q, 0.25, 0.25, 0.25, 0.25);
    bring_near(0, 3);
    check_look(&q, 0.5, 0.5, 0, 0);
}

static void what_is_under_way_while_the_toy_is_there_is_meanwhile(void **state)
{
    (void)state;
    ask_world_question q = order_question(ASK_FAMILY_WHILE);
    does(&q, 0, 0, ASK_HIT, 1);
    q.asked.toy = 3;
    check_look(&q, 0.25, 0.25, 0.25, 0.25);
    bring_near(0, 1);
    check_look(&q, 1, 0, 0, 0);
    hide(3);
    check_look(&q, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0);
}

static void a_colour_is_the_one_before_or_the_one_after(void **state)
{
    (void)state;
    ask_world_question q = question(ASK_FAMILY_CHANGE);
    const char *const colors[] = {"blue", "red", "green", "cyan"};
    for (int i = 0; i < ASK_N_OPTIONS; i++) q.options[i].text = colors[i];
    q.asked = (ask_deed){0, ASK_TURN, ASK_ANY}; // toy 0 is red
    check_look(&q, 1 / 6.0, 0.5, 1 / 6.0, 1 / 6.0);
    hide(0);
    check_look(&q, 0.25, 0.25, 0.25, 0.25);
}

static void numbers_are_seen_or_at_least_what_is_seen(void **state)
{
    (void)state;
    ask_world_question q = question(ASK_FAMILY_NUMBER);
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        q.options[i].number = i;
        q.options[i].text = ask_count_word(i);
    }
    q.subject.shape = ASK_BALL; // toy 0
    check_look(&q, 0, 1, 0, 0);
    q.family = ASK_FAMILY_TIMES;
    q.asked = (ask_deed){0, ASK_BLINK, ASK_ANY};
    check_look(&q, 0.25, 0.25, 0.25, 0.25);
    hide(0);
    check_look(&q, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0);
}

static void a_phrase_that_holds_is_right(void **state)
{
    (void)state;
    ask_world_question q = question(ASK_FAMILY_SHAPE);
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        q.options[i].has_phrase = true;
        q.options[i].phrase.color = (int8_t)ASK_RED;
        q.options[i].phrase.shape = (int8_t)i;
    }
    check_look(&q, 1, 0, 0, 0);
    hide(0);
    check_look(&q, 0.25, 0.25, 0.25, 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(motions_that_no_frame_shows_leave_every_order_possible,
                               set_up),
        cmocka_unit_test_setup(who_has_come_came_before_who_has_not_gone, set_up),
        cmocka_unit_test_setup(what_follows_is_told_by_what_is_over, set_up),
        cmocka_unit_test_setup(a_toy_at_rest_is_not_growing_and_a_larger_one_is, set_up),
        cmocka_unit_test_setup(touch_tells_the_toy_and_not_which_moves_which, set_up),
        cmocka_unit_test_setup(what_is_under_way_while_the_toy_is_there_is_meanwhile,
                               set_up),
        cmocka_unit_test_setup(a_colour_is_the_one_before_or_the_one_after, set_up),
        cmocka_unit_test_setup(numbers_are_seen_or_at_least_what_is_seen, set_up),
        cmocka_unit_test_setup(a_phrase_that_holds_is_right, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
