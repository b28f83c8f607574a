/* Labels and weights of a batch against the truth that they stand for. */
#include "train/clip_labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "world/sample.h"

enum { N_CLIPS = 3, N_FRAMES = 5, N_TEXTS = 24, F = N_CLIPS * N_FRAMES };

static ask_clip_batch *batch;
static ask_scene scenes[N_CLIPS];
static ask_scene_view views[F];
static ask_phrase phrases[N_TEXTS];

static int make_batch(void **state)
{
    (void)state;
    const ask_clip_batch_size size = {.n_clips = N_CLIPS,
                                      .n_frames = N_FRAMES,
                                      .n_texts = N_TEXTS,
                                      .n_tokens = 4,
                                      .n_channels = 9,
                                      .side_px = 96,
                                      .patch_px = 8};
    ask_error err = {0};
    ask_rng r = ask_rng_new(4);
    ask_painter *painter = ask_painter_new(&err);
    CHECK_OK(painter, &err);
    for (int c = 0; c < N_CLIPS; c++)
        ask_scene_make(&scenes[c], 9, c, ASK_SPLIT_TRAIN, ask_scene_simple());
    for (int f = 0; f < F; f++) {
        const ask_scene *s = &scenes[f / N_FRAMES];
        ask_paint(painter, s, (f % N_FRAMES) * (s->n_frames - 1) / (N_FRAMES - 1), NULL,
                  &views[f]);
    }
    ask_painter_free(painter);
    for (int t = 0; t < N_TEXTS; t++)
        phrases[t] = ask_sample_phrase(&r, &scenes[t % N_CLIPS],
                                       &views[(t % N_CLIPS) * N_FRAMES + t % N_FRAMES]);
    CHECK_OK(batch = ask_clip_batch_new(&size, &err), &err);
    ask_clip_label(batch, &(ask_clip_truth){scenes, views, phrases});
    return 0;
}

static int free_batch(void **state)
{
    (void)state;
    ask_clip_batch_free(batch);
    return 0;
}

static ask_truth truth(int f, int t)
{
    return ask_phrase_holds(&scenes[f / N_FRAMES], &views[f], phrases[t], NULL);
}

static void frames_have_the_truth_and_unclear_ones_no_weight(void **state)
{
    (void)state;
    int count[3] = {0};
    for (int f = 0; f < F; f++)
        for (int t = 0; t < N_TEXTS; t++) {
            ask_truth is = truth(f, t);
            count[is]++;
            assert_true((batch->frame_labels[f * N_TEXTS + t] == 1) == (is == ASK_YES));
            assert_true((batch->frame_weights[f * N_TEXTS + t] > 0) == (is != ASK_UNCLEAR));
        }
    print_message("pairs: %d not so, %d unclear, %d so\n", count[0], count[1], count[2]);
    assert_true(count[ASK_NO] > 0 && count[ASK_YES] > 0);
}

/* Sums of weights of f32 numbers that are about 1 together. */
static const double TOL = 1e-6;

static void true_and_other_frames_weigh_the_same(void **state)
{
    (void)state;
    for (int t = 0; t < N_TEXTS; t++) {
        double sum[2] = {0};
        for (int f = 0; f < F; f++) {
            int at = f * N_TEXTS + t;
            sum[batch->frame_labels[at] > 0] += (double)batch->frame_weights[at];
        }
        for (int i = 0; i < 2; i++)
            assert_true(sum[i] == 0 || fabs(sum[i] - 0.5 / N_TEXTS) < TOL);
    }
}

/* What most of a patch's pixels show, counted in another way. */
static void patches_show_what_most_of_their_pixels_show(void **state)
{
    (void)state;
    const int side = 12;
    int n_toys = 0, n_unclear = 0;
    for (int f = 0; f < F; f++)
        for (int p = 0; p < side * side; p++) {
            int count[ASK_SCENE_MAX_TOYS + 1] = {0}, n = 0;
            for (int i = 0; i < ASK_WORLD_SIDE_PX * ASK_WORLD_SIDE_PX; i++) {
                int x = i % ASK_WORLD_SIDE_PX, y = i / ASK_WORLD_SIDE_PX;
                bool inside = x >= p % side * 128 / side &&
                              x < (p % side + 1) * 128 / side &&
                              y >= p / side * 128 / side && y < (p / side + 1) * 128 / side;
                if (!inside) continue;
                count[views[f].ids[i]]++;
                n++;
            }
            int64_t thing = batch->patch_things[f * side * side + p];
            assert_int_equal(thing / ASK_N_THINGS, f);
            thing %= ASK_N_THINGS;
            if (thing == ASK_THING_BACKGROUND) {
                assert_int_equal(count[0], n);
            } else if (thing == ASK_THING_UNCLEAR) {
                for (int k = 1; k <= ASK_SCENE_MAX_TOYS; k++) assert_true(4 * count[k] < n);
                n_unclear++;
            } else {
                int own = count[thing - ASK_THING_TOY + 1];
                assert_true(4 * own >= n);
                for (int k = 1; k <= ASK_SCENE_MAX_TOYS; k++) assert_true(count[k] <= own);
                n_toys++;
            }
        }
    print_message("%d patches of toys, %d unclear ones\n", n_toys, n_unclear);
    assert_true(n_toys > 0 && n_unclear > 0);
}

static bool is_a_third_seen(const ask_toy_view *v)
{
    return v->n_px > 0 && 3 * v->n_px >= v->n_full_px;
}

static bool middle_is_in(const ask_toy_view *v, int x0, int y0, int px)
{
    double x = (v->x0 + v->x1) / 2.0, y = (v->y0 + v->y1) / 2.0;
    return x >= x0 && x < x0 + px && y >= y0 && y < y0 + px;
}

/* Of a batch by_middle. */
static void a_patch_can_be_about_the_toy_whose_middle_is_in_it(void **state)
{
    (void)state;
    enum { SIDE = 8, PX = 16 };
    ask_clip_batch_size size = batch->size;
    size.side_px = 128;
    size.patch_px = PX;
    size.by_middle = true;
    ask_error err = {0};
    ask_clip_batch *b = ask_clip_batch_new(&size, &err);
    CHECK_OK(b, &err);
    ask_clip_label(b, &(ask_clip_truth){scenes, views, phrases});
    int n_toys = 0, n_unclear = 0;
    for (int at = 0; at < F * SIDE * SIDE; at++) {
        int f = at / (SIDE * SIDE), x0 = at % SIDE * PX, y0 = at / SIDE % SIDE * PX;
        int64_t thing = b->patch_things[at] % ASK_N_THINGS;
        bool is_free = true, has_middle = false;
        for (int k = 0; k < PX * PX; k++)
            is_free &= !views[f].ids[(y0 + k / PX) * ASK_WORLD_SIDE_PX + x0 + k % PX];
        for (int toy = 0; toy < scenes[f / N_FRAMES].n_toys; toy++) {
            const ask_toy_view *v = &views[f].toys[toy];
            has_middle |= v->n_px > 0 && middle_is_in(v, x0, y0, PX);
            if (thing != ASK_THING_TOY + toy) continue;
            assert_true(is_a_third_seen(v) && middle_is_in(v, x0, y0, PX));
            n_toys++;
        }
        assert_true((thing == ASK_THING_BACKGROUND) == (is_free && !has_middle));
        n_unclear += thing == ASK_THING_UNCLEAR;
    }
    assert_true(n_toys > 2 * F && n_unclear > n_toys);
    ask_clip_batch_free(b);
}

static void things_have_the_truth_of_their_toy(void **state)
{
    (void)state;
    for (int f = 0; f < F; f++)
        for (int k = 0; k < ASK_N_THINGS; k++)
            for (int t = 0; t < N_TEXTS; t++) {
                int row = f * ASK_N_THINGS + k, toy = k - ASK_THING_TOY;
                const ask_scene *s = &scenes[f / N_FRAMES];
                bool shown = batch->n_patches[row] > 0 && k != ASK_THING_UNCLEAR;
                ask_truth is = toy < 0 || toy >= s->n_toys
                                   ? ASK_NO
                                   : ask_phrase_holds_of(s, &views[f], phrases[t], toy);
                bool label = batch->thing_labels[row * N_TEXTS + t] == 1;
                bool weight = batch->thing_weights[row * N_TEXTS + t] > 0;
                assert_true(weight == (shown && is != ASK_UNCLEAR));
                assert_true(!weight || label == (is == ASK_YES));
            }
}

static void true_and_other_patches_weigh_the_same(void **state)
{
    (void)state;
    for (int t = 0; t < N_TEXTS; t++) {
        double sum[2] = {0};
        for (int i = 0; i < F * ASK_N_THINGS; i++) {
            int at = i * N_TEXTS + t;
            sum[batch->thing_labels[at] > 0] +=
                batch->n_patches[i] * (double)batch->thing_weights[at];
        }
        for (int i = 0; i < 2; i++)
            assert_true(sum[i] == 0 || fabs(sum[i] - 0.5 / N_TEXTS) < TOL);
    }
}

static void moments_share_what_is_true_within_a_clip(void **state)
{
    (void)state;
    double sum = 0;
    for (int c = 0; c < N_CLIPS; c++)
        for (int t = 0; t < N_TEXTS; t++) {
            bool has[3] = {0};
            for (int k = 0; k < N_FRAMES; k++) has[truth(c * N_FRAMES + k, t)] = true;
            for (int k = 0; k < N_FRAMES; k++) {
                int at = (c * N_TEXTS + t) * N_FRAMES + k;
                ask_truth is = truth(c * N_FRAMES + k, t);
                assert_true(batch->moment_mask[at] == (is != ASK_UNCLEAR));
                assert_true((batch->moment_targets[at] > 0) ==
                            (is == ASK_YES && has[ASK_NO]));
                sum += (double)batch->moment_targets[at];
            }
        }
    assert_true(fabs(sum - 1) < TOL);
}

static void kinds_are_what_a_phrase_demands(void **state)
{
    (void)state;
    for (int t = 0; t < N_TEXTS; t++) {
        const ask_phrase *p = &phrases[t];
        unsigned kinds = batch->kinds[t];
        assert_true((kinds >> ASK_KIND_COLOR & 1) == (p->color != ASK_ANY));
        assert_true((kinds >> ASK_KIND_PLACE & 1) == (p->place != ASK_ANY));
        assert_int_equal(kinds >> ASK_KIND_EVENT, p->event == ASK_ANY ? 0 : 1U << p->event);
    }
}

static void denials_are_false_where_their_phrase_holds(void **state)
{
    (void)state;
    enum { N_DENIED = 9 };
    ask_clip_batch_size size = batch->size;
    size.n_denied = N_DENIED;
    ask_error err = {0};
    ask_clip_batch *b = ask_clip_batch_new(&size, &err);
    CHECK_OK(b, &err);
    ask_clip_label(b, &(ask_clip_truth){scenes, views, phrases});
    int n_false = 0, n_toys = 0;
    for (int i = 0; i < F * N_TEXTS; i++) {
        bool denied = i % N_TEXTS >= N_TEXTS - N_DENIED;
        bool holds = truth(i / N_TEXTS, i % N_TEXTS) == ASK_YES;
        if (!denied) continue;
        assert_true(b->frame_labels[i] == 0);
        assert_true((b->frame_weights[i] > 0) == holds);
        n_false += holds;
    }
    for (int i = 0; i < F * ASK_N_THINGS * N_TEXTS; i++) {
        if (i % N_TEXTS < N_TEXTS - N_DENIED) continue;
        assert_true(b->thing_labels[i] == 0);
        assert_true((b->thing_weights[i] > 0) == (batch->thing_labels[i] > 0));
        n_toys += b->thing_weights[i] > 0;
    }
    assert_true(n_false > 0 && n_toys > 0);
    assert_int_equal(b->kinds[N_TEXTS - 1], 0);
    assert_int_equal(b->kinds[0], batch->kinds[0]);
    ask_clip_batch_free(b);
}

static void batches_of_impossible_sizes_are_refused(void **state)
{
    static const struct {
        const char *name;
        ask_clip_batch_size size;
        const char *message;
    } cases[] = {
        {"no clips", {0, 2, 1, 3, 0, 0, 3, 8, 4, 0}, "a batch of 0 clips"},
        {"one frame of a clip",
         {1, 1, 1, 3, 0, 0, 3, 8, 4, 0},
         "a batch of 1 frames of a clip"},
        {"no texts", {1, 2, 0, 3, 0, 0, 3, 8, 4, 0}, "a batch of 0 texts"},
        {"patches larger than frames",
         {1, 2, 1, 3, 0, 0, 3, 8, 9, 0},
         "patches of 9 pixels"},
        {"codes for all texts", {1, 2, 5, 3, 5, 0, 3, 8, 4, 0}, "needs more than 5"},
        {"absurdly large",
         {65536, 65536, 65536, 3, 0, 0, 65536, 65536, 4, 0},
         "a batch that large does not fit"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_clip_batch_new(&cases[i].size, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
        CHECK_CASE(cases[i].name, strstr(err.message, cases[i].message));
    }
}

static bool make_small(void *user, ask_error *err)
{
    (void)user;
    ask_clip_batch *b =
        ask_clip_batch_new(&(ask_clip_batch_size){1, 2, 1, 3, 0, 0, 3, 8, 4, 0}, err);
    bool ok = b;
    ask_clip_batch_free(b);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_int_equal(test_each_alloc_fails("batch", make_small, NULL), 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_have_the_truth_and_unclear_ones_no_weight),
        cmocka_unit_test(true_and_other_frames_weigh_the_same),
        cmocka_unit_test(patches_show_what_most_of_their_pixels_show),
        cmocka_unit_test(a_patch_can_be_about_the_toy_whose_middle_is_in_it),
        cmocka_unit_test(things_have_the_truth_of_their_toy),
        cmocka_unit_test(true_and_other_patches_weigh_the_same),
        cmocka_unit_test(moments_share_what_is_true_within_a_clip),
        cmocka_unit_test(kinds_are_what_a_phrase_demands),
        cmocka_unit_test(denials_are_false_where_their_phrase_holds),
        cmocka_unit_test(batches_of_impossible_sizes_are_refused),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, make_batch, free_batch);
}
