/* Labels of cells and clips against the scenes that they tell of. */
#include "train/timeline_truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

enum { N_SCENES = 200, SIDE = 6, CELLS = SIDE * SIDE, T = 24, STEP = 2 };
enum { N_PAIRS = ASK_N_COLORS * ASK_N_SHAPES };

static const double CELL_PX = (double)ASK_WORLD_SIDE_PX / SIDE;

/* ---- labels of a clip ---- */

typedef struct {
    ask_scene scene;
    int until;
    int times[T], toys[T * CELLS];
    ask_scene_view views[T];
    float seen[T * CELLS], seen_weight[T * CELLS], box[T * CELLS * 4];
    float velocity[T * CELLS * 2], thing[T * CELLS];
    int64_t kinds[5][T * CELLS]; // colour, shape, size, texture, deed
    int64_t event[T * CELLS], number[T * CELLS], parts[9][T * CELLS];
    float span[T * CELLS * 2], end[T * CELLS * 2];
    float pairs[N_PAIRS], pairs_weight[N_PAIRS];
} labelled;

static labelled of; // of the scene that a test is at

static void label_cells(int t)
{
    int at = t * CELLS;
    const ask_cell_labels out = {.seen = of.seen + at,
                                 .seen_weight = of.seen_weight + at,
                                 .box = of.box + 4 * at,
                                 .velocity = of.velocity + 2 * at,
                                 .thing = of.thing + at,
                                 .color = of.kinds[0] + at,
                                 .shape = of.kinds[1] + at,
                                 .size = of.kinds[2] + at,
                                 .texture = of.kinds[3] + at,
                                 .deed = of.kinds[4] + at};
    ask_timeline_label_cells(&out, of.toys + at, &of.scene, &of.views[t], STEP, SIDE);
}

static void label_clip(void)
{
    const ask_glimpse_labels out = {.event = of.event,
                                    .number = of.number,
                                    .span = of.span,
                                    .end = of.end,
                                    .color = of.parts[0],
                                    .shape = of.parts[1],
                                    .size = of.parts[2],
                                    .texture = of.parts[3],
                                    .other_color = of.parts[4],
                                    .other_shape = of.parts[5],
                                    .later_color = of.parts[6],
                                    .way = of.parts[7],
                                    .deed = of.parts[8],
                                    .pairs = of.pairs,
                                    .pairs_weight = of.pairs_weight};
    ask_timeline_label_clip(&out, &of.scene, of.times, T, of.toys, CELLS, of.until);
}

/* Every third scene is cut off within an event. */
static void label_scene(ask_painter *painter, int i)
{
    ask_scene_make(&of.scene, 5, i, (ask_split)(i % ASK_N_SPLITS), ask_scene_full());
    const ask_event *middle = &of.scene.events[of.scene.n_events / 2];
    of.until = i % 3 == 2 ? middle->begin + 4 : of.scene.n_frames;
    ask_timeline_frames(of.times, T, of.until);
    for (int t = 0; t < T; t++) {
        ask_paint(painter, &of.scene, of.times[t], NULL, &of.views[t]);
        label_cells(t);
    }
    label_clip();
}

static void with_scenes(void (*check)(void))
{
    ask_error err = {0};
    ask_painter *painter = ask_painter_new(&err);
    CHECK_OK(painter, &err);
    for (int i = 0; i < N_SCENES; i++) {
        label_scene(painter, i);
        check();
    }
    ask_painter_free(painter);
}

/* ---- cells ---- */

static void check_cell(int at)
{
    const ask_scene_view *v = &of.views[at / CELLS];
    int toy = of.toys[at], cell = at % CELLS;
    if (toy < 0) {
        assert_true(of.seen[at] == 0 && of.thing[at] == 0 && of.kinds[0][at] == -1);
        return;
    }
    const ask_toy_view *seen = &v->toys[toy];
    const float *box = of.box + 4 * at;
    double x = (cell % SIDE + 0.5 + box[0]) * CELL_PX;
    double y = (cell / SIDE + 0.5 + box[1]) * CELL_PX;
    assert_true(of.seen[at] == 1 && of.seen_weight[at] == 1 && of.thing[at] == 1);
    assert_true(fabsf(box[0]) <= 0.5f && fabsf(box[1]) <= 0.5f);
    assert_true(fabs(x - box[2] * CELL_PX / 2 - seen->x0) < 1e-3);
    assert_true(fabs(x + box[2] * CELL_PX / 2 - seen->x1) < 1e-3);
    assert_true(fabs(y - box[3] * CELL_PX / 2 - seen->y0) < 1e-3);
    assert_true(fabs(y + box[3] * CELL_PX / 2 - seen->y1) < 1e-3);
    assert_true(3 * seen->n_px >= seen->n_full_px);
    assert_int_equal(of.kinds[1][at], of.scene.toys[toy].shape);
    assert_int_equal(of.kinds[3][at], of.scene.toys[toy].texture);
}

/* A toy of which a third is seen has its cell, or another one has it. */
static void check_toys_are_told(int t)
{
    for (int toy = 0; toy < of.scene.n_toys; toy++) {
        const ask_toy_view *v = &of.views[t].toys[toy];
        if (v->n_px == 0) continue;
        int column = (int)((v->x0 + v->x1) / 2.0 / CELL_PX);
        int row = (int)((v->y0 + v->y1) / 2.0 / CELL_PX);
        int at = t * CELLS + row * SIDE + column, other = of.toys[at];
        if (3 * v->n_px < v->n_full_px)
            assert_true(other != toy && (other >= 0 || of.seen_weight[at] == 0));
        else
            assert_true(other == toy ||
                        (other >= 0 && of.views[t].toys[other].n_px >= v->n_px));
    }
}

static void check_cells(void)
{
    for (int at = 0; at < T * CELLS; at++) check_cell(at);
    for (int t = 0; t < T; t++) check_toys_are_told(t);
}

static void cells_hold_the_toys_that_are_seen_there(void **state)
{
    (void)state;
    with_scenes(check_cells);
}

/* ---- a toy that slides, while the camera drifts the other way ---- */

static void velocity_is_as_seen(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *painter = ask_painter_new(&err);
    CHECK_OK(painter, &err);
    memset(&of, 0, sizeof of);
    of.scene = (ask_scene){
        .full = true,
        .n_frames = 60,
        .n_toys = 1,
        .n_events = 1,
        .toys = {{.shape = ASK_BALL,
                  .color = ASK_RED,
                  .size = ASK_MEDIUM,
                  .end = 60,
                  .home_x = 30 * ASK_WORLD_UNITS_PER_PX,
                  .home_y = 64 * ASK_WORLD_UNITS_PER_PX}},
        .events = {{.kind = ASK_SLIDE,
                    .begin = 20,
                    .end = 31, // 12 steps of 5 px
                    .to_x = 90 * ASK_WORLD_UNITS_PER_PX,
                    .to_y = 64 * ASK_WORLD_UNITS_PER_PX,
                    .other = -1,
                    .screen = -1}},
    };
    for (int t = 26; t < 60; t++) of.scene.camera[t] = (ask_offset){3, -1};
    ask_paint(painter, &of.scene, 25, NULL, &of.views[0]);
    label_cells(0);
    int at = 0;
    while (at < CELLS && of.toys[at] < 0) at++;
    assert_int_equal(at, 3 * SIDE + 2); // 60, 64 px
    assert_float_equal(of.velocity[2 * at] * CELL_PX, 4 * 5 - 3, 1e-3);
    assert_float_equal(of.velocity[2 * at + 1] * CELL_PX, 1, 1e-3);
    assert_int_equal(of.kinds[4][at], 1 + ASK_SLIDE);
    ask_painter_free(painter);
}

/* ---- events ---- */

/* Where a time is told to be, from the middle of a place's frame. */
static double frame_told(int at, int k)
{
    return (at / CELLS + 0.5 + of.span[2 * at + k]) / T * of.until;
}

static void check_event(int i, int at)
{
    const ask_event *e = &of.scene.events[i];
    int end = e->end < of.until ? e->end : of.until;
    assert_int_equal(of.toys[at], e->toy);
    assert_int_equal(of.event[at], 1 + e->kind);
    assert_true(fabs(frame_told(at, 0) - e->begin) < 1e-3);
    assert_true(fabs(frame_told(at, 1) - end) < 1e-3);
    assert_true(of.parts[0][at] == (int64_t)of.scene.toys[e->toy].color);
    bool touches = ask_event_moves_other(e) && ask_scene_contact(&of.scene, i) < of.until;
    const ask_toy *other = touches ? &of.scene.toys[e->other] : NULL;
    assert_true(of.parts[4][at] == (other ? (int64_t)other->color : -1));
    assert_true(of.parts[5][at] == (other ? (int64_t)other->shape : -1));
    assert_true(of.parts[6][at] == (e->kind == ASK_TURN ? (int64_t)e->to_color : -1));
    bool goes = e->kind == ASK_ENTER || e->kind == ASK_LEAVE || e->kind == ASK_SLIDE ||
                e->kind == ASK_HIT || e->kind == ASK_PUSH || e->kind == ASK_HIDE;
    assert_true(goes ? of.parts[7][at] >= 0 : of.parts[7][at] == -1);
    // No other place of its toy is nearer in time.
    int away = abs(of.times[at / CELLS] - e->begin);
    for (int k = 0; k < T * CELLS; k++)
        assert_true(of.toys[k] != e->toy || of.event[k] > 0 ||
                    abs(of.times[k / CELLS] - e->begin) >= away);
}

/* Places of its toy up to two frames away are of it, or of another event, and others are
 * not. */
static void check_neighbours(int i, int at)
{
    for (int k = 0; k < T * CELLS; k++) {
        bool is_near = abs(k / CELLS - at / CELLS) <= 2;
        if (of.toys[k] != of.scene.events[i].toy) continue;
        assert_true(is_near ? of.number[k] >= 0 : of.number[k] != i);
    }
}

static void check_events(void)
{
    for (int i = 0; i < of.scene.n_events; i++) {
        const ask_event *e = &of.scene.events[i];
        int n_places = 0;
        bool has_place = false;
        for (int at = 0; at < T * CELLS; at++) {
            has_place |= of.toys[at] == e->toy;
            if (of.number[at] != i) continue;
            assert_int_equal(of.toys[at], e->toy);
            if (of.event[at] <= 0) continue;
            n_places++;
            check_event(i, at);
            check_neighbours(i, at);
        }
        assert_int_equal(n_places, e->begin < of.until && has_place);
    }
    for (int at = 0; at < T * CELLS; at++)
        assert_true(of.event[at] <= 0 || of.number[at] >= 0);
}

static void every_event_begins_at_one_place(void **state)
{
    (void)state;
    with_scenes(check_events);
}

/* ---- pairs ---- */

static void check_pairs(void)
{
    for (int pair = 0; pair < N_PAIRS; pair++) {
        bool in_scene = false, seen = false;
        for (int toy = 0; toy < of.scene.n_toys; toy++) {
            const ask_toy *t = &of.scene.toys[toy];
            if ((int)t->color * ASK_N_SHAPES + (int)t->shape != pair) continue;
            in_scene |= t->begin < of.until;
            for (int at = 0; at < T * CELLS; at++) seen |= of.toys[at] == toy;
        }
        assert_true(of.pairs[pair] == seen);
        assert_true(of.pairs_weight[pair] == (seen || !in_scene));
    }
}

static void pairs_that_are_hardly_seen_do_not_count(void **state)
{
    (void)state;
    with_scenes(check_pairs);
}

/* ---- kinds and frames ---- */

static void kinds_have_names(void **state)
{
    (void)state;
    const ask_timeline_kinds k = ask_timeline_playroom_kinds();
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++)
        for (int i = 0; i < k.n_values[kind]; i++)
            for (int before = 0; before < i; before++)
                assert_string_not_equal(
                    ask_timeline_playroom_name((ask_timeline_kind)kind, i),
                    ask_timeline_playroom_name((ask_timeline_kind)kind, before));
    assert_string_equal(ask_timeline_playroom_name(ASK_KIND_OF_WAY, 2), "up");
    assert_string_equal(ask_timeline_playroom_name(ASK_KIND_OF_COLOR, ASK_CYAN), "cyan");
}

static void frames_are_in_the_middle_of_equal_parts(void **state)
{
    (void)state;
    static const int right[] = {7, 22, 37, 52};
    int times[T];
    ask_timeline_frames(times, TEST_COUNT(right), 60);
    assert_memory_equal(times, right, sizeof right);
    for (int until = 5; until <= ASK_SCENE_MAX_FRAMES; until++) {
        ask_timeline_frames(times, T, until);
        for (int i = 0; i < T; i++)
            assert_true(times[i] >= (i ? times[i - 1] : 0) && times[i] < until);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(frames_are_in_the_middle_of_equal_parts),
        cmocka_unit_test(velocity_is_as_seen),
        cmocka_unit_test(cells_hold_the_toys_that_are_seen_there),
        cmocka_unit_test(every_event_begins_at_one_place),
        cmocka_unit_test(pairs_that_are_hardly_seen_do_not_count),
    };
    return cmocka_run_group_tests_name("timeline truth", tests, NULL, NULL);
}
