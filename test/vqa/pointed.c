/* What an answer points at in memories that are written by hand. */
#include <math.h>
#include <string.h>

#include "support/testing.h"
#include "vqa/memory_asking_priv.h"
#include "vqa/pointed_priv.h"

/* 8 times of 3 sights; 3 events, 2 things. */
enum { N_TIMES = 8, N_SIGHTS = 3, N_EVENTS = 3, N_SLOTS = 5, N_ROW = N_TIMES * N_SIGHTS };

typedef struct {
    ask_memory_slot slots[N_SLOTS];
    bool is_there[N_SLOTS];
    float shares[N_SLOTS * N_ROW];
    double pointer[N_SLOTS + 1];
    int first[N_TIMES], last[N_TIMES];
    pointed p;
} by_hand;

/* The red ball jumps (times 2 and 3) and hits the blue star (time 6); a third event is
 * unsure. The ball is sight 0, later 1; the star is sight 2 from time 4 on. */
static void make(by_hand *h)
{
    *h = (by_hand){
        .slots =
            {
                {.what = "jumps",
                 .color = "red",
                 .shape = "ball",
                 .confidence = 0.7,
                 .start = 0.25,
                 .end = 0.5,
                 .from_x = 0.2,
                 .from_y = 0.5,
                 .to_x = 0.4,
                 .to_y = 0.5},
                {.what = "hits",
                 .color = "red",
                 .shape = "ball",
                 .other_color = "blue",
                 .other_shape = "star",
                 .confidence = 0.9,
                 .start = 0.77,
                 .end = 0.8},
                {.what = "spins",
                 .color = "red",
                 .shape = "ball",
                 .confidence = 0.1,
                 .start = 0,
                 .end = 1},
                {.color = "red", .shape = "ball", .confidence = 0.9, .start = 0, .end = 1},
                {.color = "blue",
                 .shape = "star",
                 .confidence = 0.8,
                 .start = 0.5,
                 .end = 1},
            },
        .is_there = {true, true, true, true, true},
        .pointer = {0.5, 0.25, 0.05, 0.1, 0.05, 0.05},
    };
    h->shares[0 * N_ROW + 2 * N_SIGHTS + 0] = 1;
    h->shares[1 * N_ROW + 6 * N_SIGHTS + 1] = 1;
    h->shares[2 * N_ROW + 0 * N_SIGHTS + 0] = 1;
    for (int t = 0; t < N_TIMES; t++) {
        h->shares[3 * N_ROW + t * N_SIGHTS + (t < 4 ? 0 : 1)] = 0.125f;
        if (t >= 4) h->shares[4 * N_ROW + t * N_SIGHTS + 2] = 0.25f;
        h->first[t] = h->last[t] = t;
    }
    h->p = (pointed){.slots = h->slots,
                     .is_there = h->is_there,
                     .shares = h->shares,
                     .pointer = h->pointer,
                     .n_slots = N_SLOTS,
                     .n_events = N_EVENTS,
                     .n_times = N_TIMES,
                     .n_sights = N_SIGHTS,
                     .first = h->first,
                     .last = h->last,
                     .n_frames = N_TIMES};
}

static void point_at(by_hand *h, const double *pointer)
{
    memcpy(h->pointer, pointer, sizeof h->pointer);
}

static void check_list(const char *name, const int *list, int n, const int *right,
                       int n_right)
{
    bool same = n == n_right;
    for (int i = 0; same && i < n; i++) same = list[i] == right[i];
    if (same) return;
    print_error("%s: %d of them:", name, n);
    for (int i = 0; i < n; i++) print_error(" %d", list[i]);
    fail_msg("%s", name);
}

/* ---- moments ---- */

static void moments_are_sure_events_and_what_is_pointed_at(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double pointer[N_SLOTS + 1];
        int slots[N_SLOTS], n;
    } cases[] = {
        {"an event is pointed at", {0.5, 0.25, 0.05, 0.1, 0.05, 0.05}, {0, 1}, 2},
        {"the other one is", {0.1, 0.6, 0.1, 0.1, 0.1, 0}, {1, 0}, 2},
        {"equals by how sure they are", {0.3, 0.3, 0.1, 0.1, 0.1, 0.1}, {1, 0}, 2},
        {"a thing is", {0.2, 0.1, 0, 0, 0.6, 0.1}, {4, 0, 1}, 3},
        {"a thing with a small share", {0.5, 0.2, 0.1, 0.1, 0.1, 0}, {0, 1}, 2},
        {"an unsure event is", {0.1, 0.1, 0.6, 0.1, 0.1, 0}, {2, 1, 0}, 3},
        {"none is: the surest first", {0.3, 0.1, 0, 0, 0.2, 0.4}, {1, 0}, 2},
        {"as much at none as at one", {0.4, 0.2, 0, 0, 0, 0.4}, {0, 1}, 2},
    };
    by_hand h;
    make(&h);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int slots[N_SLOTS];
        point_at(&h, cases[i].pointer);
        int n = pointed_moments(slots, &h.p);
        check_list(cases[i].name, slots, n, cases[i].slots, cases[i].n);
        bool none = strstr(cases[i].name, "none is") != NULL;
        CHECK_CASE(cases[i].name, pointed_at_none(&h.p) == none);
        for (int k = 0; k < n; k++)
            CHECK_CASE(cases[i].name, pointed_score(&h.p, slots[k]) ==
                                          (none ? 0 : cases[i].pointer[slots[k]]));
    }
    h.is_there[1] = false; // nothing there, whatever its record says
    int slots[N_SLOTS];
    assert_int_equal(pointed_moments(slots, &h.p), 1);
}

static void slots_are_told_as_sentences(void **state)
{
    (void)state;
    static const ask_memory_slot changes = {
        .what = "changes colour", .color = "red", .shape = "ring", .later_color = "green"};
    by_hand h;
    make(&h);
    const struct {
        const ask_memory_slot *slot;
        const char *text;
    } cases[] = {
        {&h.slots[0], "the red ball jumps"},
        {&h.slots[1], "the red ball hits the blue star"},
        {&h.slots[4], "the blue star"},
        {&changes, "the red ring changes colour to green"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_str text = {0};
        memory_tell(&text, cases[i].slot);
        assert_string_equal(ask_str_text(&text), cases[i].text);
        ask_str_free(&text);
    }
}

/* ---- frames ---- */

static void an_event_is_in_the_frames_of_its_span(void **state)
{
    (void)state;
    by_hand h;
    make(&h);
    point_at(&h, (const double[]){1, 0, 0, 0, 0, 0});
    for (int i = 0; i < N_TIMES; i++)
        assert_true(pointed_frame(&h.p, i) == (i == 2 || i == 3 ? 0.5 : 0));
    point_at(&h, (const double[]){0, 1, 0, 0, 0, 0}); // between two times
    for (int i = 0; i < N_TIMES; i++) assert_true(pointed_frame(&h.p, i) == (i == 6));
    point_at(&h, (const double[]){0, 0, 0, 0, 1, 0});
    for (int i = 0; i < N_TIMES; i++)
        assert_true(pointed_frame(&h.p, i) == (i >= 4 ? 0.25 : 0));
    make(&h);
    double sum = 0;
    for (int i = 0; i < N_TIMES; i++) sum += pointed_frame(&h.p, i);
    assert_true(fabs(sum - 0.95) < 1e-6); // all but what is seen in none
    assert_int_equal(pointed_best_frame(&h.p, 0), 2);
    assert_int_equal(pointed_best_frame(&h.p, 1), 6);
    assert_int_equal(pointed_best_frame(&h.p, 4), 4);
}

static void spans_at_the_edges_have_frames(void **state)
{
    (void)state;
    by_hand h;
    make(&h);
    point_at(&h, (const double[]){1, 0, 0, 0, 0, 0});
    static const struct {
        double start, end;
        int begin, stop;
    } cases[] = {
        {0, 1, 0, 8}, {0, 0, 0, 1}, {1, 1, 7, 8}, {0.99, 1, 7, 8}, {0.06, 0.07, 0, 1}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        h.slots[0].start = cases[i].start;
        h.slots[0].end = cases[i].end;
        for (int k = 0; k < N_TIMES; k++)
            assert_true((pointed_frame(&h.p, k) > 0) ==
                        (k >= cases[i].begin && k < cases[i].stop));
    }
}

static void times_on_one_frame_count_together(void **state)
{
    (void)state;
    by_hand h;
    make(&h);
    static const int first[] = {0, 3, 6}, last[] = {2, 5, 7};
    h.p.first = first;
    h.p.last = last;
    h.p.n_frames = 3;
    point_at(&h, (const double[]){0.5, 0.25, 0, 0, 0.25, 0});
    assert_true(fabs(pointed_frame(&h.p, 0) - 0.25) < 1e-9);
    assert_true(fabs(pointed_frame(&h.p, 1) - 0.375) < 1e-9);
    assert_true(fabs(pointed_frame(&h.p, 2) - 0.375) < 1e-9);
    assert_int_equal(pointed_best_frame(&h.p, 1), 2);
}

/* ---- the evidence ---- */

static void the_evidence_is_what_is_pointed_at(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double pointer[N_SLOTS + 1];
        int n_keep, most, evidence[N_TIMES], n;
    } cases[] = {
        {"two events", {0.5, 0.25, 0.05, 0.1, 0.05, 0.05}, 8, 64, {2, 3, 6}, 3},
        {"one event", {0.7, 0.1, 0, 0.1, 0.1, 0}, 8, 64, {2, 3}, 2},
        {"the best, however small", {0.19, 0.18, 0.17, 0.16, 0.15, 0.15}, 8, 64, {2, 3}, 2},
        {"a thing", {0, 0, 0, 0, 1, 0}, 8, 64, {4, 5, 6, 7}, 4},
        {"half of all at most", {0, 0, 1, 0, 0, 0}, 8, 64, {1, 3, 5, 7}, 4},
        {"and so many", {0, 0, 1, 0, 0, 0}, 8, 2, {2, 6}, 2},
        {"the best first", {0.3, 0, 0.6, 0, 0, 0.1}, 8, 3, {1, 4, 6}, 3},
        {"none: spread over all", {0.1, 0.1, 0, 0, 0, 0.8}, 3, 64, {1, 4, 6}, 3},
        {"none: half of all at most", {0.1, 0.1, 0, 0, 0, 0.8}, 8, 64, {1, 3, 5, 7}, 4},
    };
    by_hand h;
    make(&h);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int evidence[N_TIMES];
        point_at(&h, cases[i].pointer);
        int n = pointed_evidence(evidence, &h.p, cases[i].n_keep, cases[i].most);
        check_list(cases[i].name, evidence, n, cases[i].evidence, cases[i].n);
    }
    static const int first[] = {0}, last[] = {N_TIMES - 1};
    int evidence[1];
    h.p.first = first;
    h.p.last = last;
    h.p.n_frames = 1;
    assert_int_equal(pointed_evidence(evidence, &h.p, 8, 64), 1);
    assert_int_equal(evidence[0], 0);
}

/* ---- things ---- */

static const ask_sight sights[N_SIGHTS] = {
    {.seen = 0.9, .x = 0.1, .y = 0.4, .width = 0.2, .height = 0.2},
    {.seen = 0.9, .x = 0.3, .y = 0.4, .width = 0.2, .height = 0.2},
    {.seen = 0.9, .x = 0.7, .y = 0.1, .width = 0.2, .height = 0.4},
};

static void check_weights(const char *name, const by_hand *h, int frame,
                          const double *right)
{
    double weight[N_SIGHTS];
    pointed_sights(weight, &h->p, frame, sights);
    for (int k = 0; k < N_SIGHTS; k++)
        if (!(fabs(weight[k] - right[k]) < 1e-5))
            fail_msg("%s: thing %d has %g", name, k, weight[k]);
}

static void an_event_points_at_its_thing(void **state)
{
    (void)state;
    by_hand h;
    make(&h);
    point_at(&h, (const double[]){1, 0, 0, 0, 0, 0});
    check_weights("its own sight", &h, 2, (const double[]){1, 0, 0});
    check_weights("the thing's sight", &h, 3, (const double[]){1, 0, 0});
    check_weights("after its end", &h, 6, (const double[]){0, 0, 0});
    point_at(&h, (const double[]){0, 1, 0, 0, 0, 0});
    check_weights("and what it moves", &h, 6, (const double[]){0, 1, 0.5});
    point_at(&h, (const double[]){0, 0, 0, 0, 1, 0});
    check_weights("a thing", &h, 5, (const double[]){0, 0, 1});
    check_weights("a thing out of sight", &h, 1, (const double[]){0, 0, 0});
    point_at(&h, (const double[]){0.5, 0, 0, 0.25, 0.25, 0});
    check_weights("several slots", &h, 3, (const double[]){0.75, 0, 0});

    point_at(&h, (const double[]){1, 0, 0, 0, 0, 0}); // at the end of its way, (0.4, 0.5)
    h.is_there[3] = false;
    double weight[N_SIGHTS];
    pointed_sights(weight, &h.p, 3, sights);
    assert_true(weight[1] > 0.5 && weight[0] < 0.5 && weight[2] < 0.01);
    assert_true(fabs(weight[0] + weight[1] + weight[2] - 1) < 1e-9);
}

static void a_map_is_brightest_in_the_middle_of_the_thing(void **state)
{
    (void)state;
    enum { SIDE = 32 };
    static const struct {
        double weight[N_SIGHTS];
        int x, y; // of the brightest cell
    } cases[] = {
        {{0.2, 0.1, 0}, 6, 16}, {{0.1, 0.1, 0.3}, 25, 9}, {{0.3, 0.4, 0.35}, 12, 16}};
    float heat[SIDE * SIDE];
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        pointed_heat(heat, SIDE, sights, cases[i].weight, N_SIGHTS);
        float most = 0;
        int best = 0;
        for (int k = 0; k < SIDE * SIDE; k++) {
            assert_true(heat[k] >= 0 && heat[k] <= 1);
            if (heat[k] > most) most = heat[best = k];
        }
        assert_true(most == 1);
        assert_in_range(best % SIDE, cases[i].x - 1, cases[i].x);
        assert_in_range(best / SIDE, cases[i].y - 1, cases[i].y);
    }
    /* Narrow across, long along: the third is twice as high as wide. */
    pointed_heat(heat, SIDE, sights, cases[1].weight, N_SIGHTS);
    assert_true(heat[(9 + 4) * SIDE + 25] > heat[9 * SIDE + 25 + 4]);
    pointed_heat(heat, SIDE, sights, (const double[]){0, 0, 0}, N_SIGHTS);
    for (int k = 0; k < SIDE * SIDE; k++) assert_true(heat[k] == 0);
}

/* However small it is. */
static void a_point_is_seen_by_the_cells_around_it(void **state)
{
    (void)state;
    enum { SIDE = 4 };
    const ask_sight point = {.seen = 1, .x = 0.5, .y = 0.5};
    float heat[SIDE * SIDE];
    pointed_heat(heat, SIDE, &point, (const double[]){1}, 1);
    assert_true(heat[1 * SIDE + 1] == 1 && heat[2 * SIDE + 2] == 1);
    assert_true(heat[0] < 0.1f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_sure_events_and_what_is_pointed_at),
        cmocka_unit_test(slots_are_told_as_sentences),
        cmocka_unit_test(an_event_is_in_the_frames_of_its_span),
        cmocka_unit_test(spans_at_the_edges_have_frames),
        cmocka_unit_test(times_on_one_frame_count_together),
        cmocka_unit_test(the_evidence_is_what_is_pointed_at),
        cmocka_unit_test(an_event_points_at_its_thing),
        cmocka_unit_test(a_map_is_brightest_in_the_middle_of_the_thing),
        cmocka_unit_test(a_point_is_seen_by_the_cells_around_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
