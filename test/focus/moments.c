#include "focus/moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/testing.h"

enum { MOST_FRAMES = 256, MOST_MOMENTS = 8 };

/* A curve with half a second for each frame, from 10 s on. */
typedef struct {
    float score[MOST_FRAMES];
    double edge_s[MOST_FRAMES + 1];
    int duplicate_of[MOST_FRAMES];
    int n;
} curve;

static const double FRAME_S = 0.5, START_S = 10;

static void curve_init(curve *c, int n)
{
    *c = (curve){.n = n};
    for (int i = 0; i < n; i++) c->duplicate_of[i] = -1;
    for (int i = 0; i <= n; i++) c->edge_s[i] = START_S + i * FRAME_S;
}

static ask_find_moment *find(const char *name, const curve *c, int n_top, int *n)
{
    ask_error err = {0};
    ask_find_moment *moments = NULL;
    const ask_moments_curve in = {c->score, c->edge_s, c->duplicate_of, c->n};
    if (!ask_moments_find(&moments, n, &in, n_top, &err))
        fail_msg("%s: %s", name, err.message);
    return moments;
}

/* Frames [begin, end), and the best of them. */
typedef struct {
    int begin, end, best, repeats;
} expected;

static const struct {
    const char *name;
    int n, n_top;
    float score[24];
    int duplicate_of[24]; // 1 more than the frame; 0: none
    expected moments[MOST_MOMENTS];
    int n_moments;
} cases[] = {
    {"one frame", 1, 5, {3}, {0}, {{0, 1, 0, -1}}, 1},
    {"one frame that does not fit", 1, 5, {-3}, {0}, {{0, 1, 0, -1}}, 1},
    {"one of two frames", 2, 5, {0, 5}, {0}, {{1, 2, 1, -1}}, 1},
    {"a single frame stands out",
     9,
     5,
     {0, 0, 0, 0, 5, 0, 0, 0, 0},
     {0},
     {{4, 5, 4, -1}},
     1},
    {"a run", 9, 5, {0, 0, 0, 4, 5, 4, 0, 0, 0}, {0}, {{3, 6, 4, -1}}, 1},
    {"a run at the beginning", 8, 5, {4, 5, 4, 0, 0, 0, 0, 0}, {0}, {{0, 3, 1, -1}}, 1},
    {"a run at the end", 8, 5, {0, 0, 0, 0, 0, 4, 4, 5}, {0}, {{5, 8, 7, -1}}, 1},
    {"a gap of one is bridged",
     11,
     5,
     {0, 0, 0, 5, 5, 0, 5, 4, 0, 0, 0},
     {0},
     {{3, 8, 3, -1}},
     1},
    {"a gap of two is not",
     14,
     5,
     {0, 0, 0, 5, 5, 0, 0, 6, 5, 0, 0, 0, 0, 0},
     {0},
     {{7, 9, 7, -1}, {3, 5, 3, -1}},
     2},
    {"bumps below half of the peak do not count",
     12,
     5,
     {0, 0, 2, 2, 0, 0, 6, 6, 0, 0, 0, 0},
     {0},
     {{6, 8, 6, -1}},
     1},
    {"only as many as are asked for",
     16,
     2,
     {0, 5, 0, 0, 7, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0},
     {0},
     {{4, 5, 4, -1}, {7, 8, 7, -1}},
     2},
    {"of equal ones the earlier comes first",
     10,
     5,
     {0, 5, 0, 0, 5, 0, 0, 0, 0, 0},
     {0},
     {{1, 2, 1, -1}, {4, 5, 4, -1}},
     2},
    {"it is there all the time",
     8,
     5,
     {4.0f, 4.2f, 3.9f, 4.1f, 4.3f, 4.0f, 4.1f, 3.8f},
     {0},
     {{0, 8, 4, -1}},
     1},
    {"it is there all the time, more so at the end",
     8,
     5,
     {4, 4, 4, 4, 4, 8, 8, 8},
     {0},
     {{5, 8, 5, -1}},
     1},
    {"it is nowhere, and nothing moves",
     6,
     5,
     {-1, -1, -1, -1, -1, -1},
     {0},
     {{0, 6, 0, -1}},
     1},
    {"a repeat comes last and says of what",
     16,
     5,
     {0, 0, 9, 0, 0, 8, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0},
     {[5] = 3},
     {{2, 3, 2, -1}, {8, 9, 8, -1}, {5, 6, 5, 0}},
     3},
    {"a repeat is left out first",
     16,
     2,
     {0, 0, 9, 0, 0, 8, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0},
     {[5] = 3},
     {{2, 3, 2, -1}, {8, 9, 8, -1}},
     2},
    {"the first seen may be the lesser one",
     16,
     5,
     {0, 0, 7, 0, 0, 8, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0},
     {[8] = 3},
     {{8, 9, 8, -1}, {5, 6, 5, -1}, {2, 3, 2, 0}},
     3},
    {"a repeat of any frame of a better moment",
     16,
     5,
     {0, 0, 9, 8, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0},
     {[6] = 4},
     {{2, 4, 2, -1}, {6, 7, 6, 0}},
     2},
    {"within one moment nothing repeats",
     9,
     5,
     {0, 0, 0, 5, 5, 5, 0, 0, 0},
     {[4] = 4, [5] = 4},
     {{3, 6, 3, -1}},
     1},
};

static void moments_are_runs_that_stand_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        curve c;
        curve_init(&c, cases[i].n);
        memcpy(c.score, cases[i].score, sizeof cases[i].score);
        for (int k = 0; k < c.n; k++) c.duplicate_of[k] = cases[i].duplicate_of[k] - 1;
        int n;
        ask_find_moment *m = find(cases[i].name, &c, cases[i].n_top, &n);
        if (n != cases[i].n_moments)
            fail_msg("%s: %d moments, expected %d", cases[i].name, n, cases[i].n_moments);
        for (int k = 0; k < n; k++) {
            const expected *e = &cases[i].moments[k];
            if (m[k].start_s != c.edge_s[e->begin] || m[k].end_s != c.edge_s[e->end] ||
                m[k].best != e->best || m[k].repeats != e->repeats)
                fail_msg("%s: moment %d: %g-%g s, best %d, repeats %d", cases[i].name, k,
                         m[k].start_s, m[k].end_s, m[k].best, m[k].repeats);
            CHECK_CASE(cases[i].name, m[k].score == c.score[e->best]);
        }
        free(m);
    }
}

/* An event of some frames and height in noise whose neighbours resemble one another. */
typedef struct {
    int n, n_event;
    double height;
    double hits, overlap; // at least: share of best frames within, mean IoU of moments
} noisy_case;

static void draw_curve(curve *c, const noisy_case *k, int *begin, ask_rng *rng)
{
    curve_init(c, k->n);
    double noise = ask_rng_normal(rng);
    for (int i = 0; i < k->n; i++) {
        c->score[i] = (float)noise;
        noise = 0.3 * noise + sqrt(1 - 0.09) * ask_rng_normal(rng);
    }
    *begin = (int)ask_rng_below(rng, (uint64_t)(k->n - k->n_event + 1));
    for (int i = 0; i < k->n_event; i++) c->score[*begin + i] += (float)k->height;
}

static double overlap_of(const ask_find_moment *m, double start_s, double end_s)
{
    double both = fmax(0, fmin(m->end_s, end_s) - fmax(m->start_s, start_s));
    return both / (m->end_s - m->start_s + end_s - start_s - both);
}

/* What the numbers promise is a little below what 400 curves gave when this was written; a
 * choice of frames by chance would hit n_event / n. */
static void events_are_found_in_noise(void **state)
{
    (void)state;
    static const noisy_case noisy[] = {
        {16, 1, 3, 0.80, 0.60},  {16, 4, 2, 0.88, 0.65},  {16, 4, 3, 0.97, 0.83},
        {60, 2, 3, 0.82, 0.70},  {60, 4, 3, 0.95, 0.82},  {60, 10, 2, 0.90, 0.53},
        {60, 10, 3, 0.98, 0.78}, {200, 4, 5, 0.99, 0.95},
    };
    ask_rng rng = ask_rng_new(7);
    for (size_t i = 0; i < TEST_COUNT(noisy); i++) {
        enum { N_CURVES = 400 };
        const noisy_case *k = &noisy[i];
        double hits = 0, overlap = 0;
        for (int t = 0; t < N_CURVES; t++) {
            curve c;
            int begin, n;
            draw_curve(&c, k, &begin, &rng);
            ask_find_moment *m = find("noise", &c, 5, &n);
            hits += m[0].best >= begin && m[0].best < begin + k->n_event;
            overlap += overlap_of(&m[0], c.edge_s[begin], c.edge_s[begin + k->n_event]);
            free(m);
        }
        hits /= N_CURVES;
        overlap /= N_CURVES;
        if (hits < k->hits || overlap < k->overlap)
            fail_msg("%d of %d frames, %g high: hits %.3f, overlap %.3f", k->n_event, k->n,
                     k->height, hits, overlap);
    }
}

/* Whatever the curve is: one moment or more, within it, in order, apart. */
static void any_curve_has_moments_in_order(void **state)
{
    (void)state;
    ask_rng rng = ask_rng_new(3);
    for (int t = 0; t < 2000; t++) {
        curve c;
        curve_init(&c, 1 + (int)ask_rng_below(&rng, 40));
        for (int i = 0; i < c.n; i++) {
            c.score[i] = (float)ask_rng_below(&rng, 6);
            int earlier = (int)ask_rng_below(&rng, (uint64_t)i + 1);
            if (earlier < i && ask_rng_below(&rng, 3) == 0)
                c.duplicate_of[i] =
                    c.duplicate_of[earlier] < 0 ? earlier : c.duplicate_of[earlier];
        }
        int n;
        ask_find_moment *m = find("any", &c, MOST_MOMENTS, &n);
        assert_in_range(n, 1, MOST_MOMENTS);
        float most = c.score[0];
        for (int i = 1; i < c.n; i++) most = fmaxf(most, c.score[i]);
        assert_true(m[0].repeats == -1);
        for (int k = 0; k < n; k++) {
            double best_s = c.edge_s[m[k].best];
            assert_true(m[k].start_s <= best_s && best_s < m[k].end_s);
            assert_true(m[k].score == c.score[m[k].best] && m[k].score <= most);
            assert_in_range(m[k].repeats + 1, 0, k);
            if (k > 0 && (m[k].repeats < 0) == (m[k - 1].repeats < 0))
                assert_true(m[k].score <= m[k - 1].score);
            for (int o = 0; o < k; o++)
                assert_true(m[k].end_s <= m[o].start_s || m[o].end_s <= m[k].start_s);
        }
        free(m);
    }
}

static bool find_some(void *user, ask_error *err)
{
    const curve *c = user;
    const ask_moments_curve in = {c->score, c->edge_s, c->duplicate_of, c->n};
    ask_find_moment *moments;
    int n;
    if (!ask_moments_find(&moments, &n, &in, 5, err)) return false;
    free(moments);
    return true;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    curve c;
    curve_init(&c, 4);
    assert_in_range(test_each_alloc_fails("moments", find_some, &c), 1, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_runs_that_stand_out),
        cmocka_unit_test(events_are_found_in_noise),
        cmocka_unit_test(any_curve_has_moments_in_order),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
