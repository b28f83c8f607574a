/* Imagined sights and memories: what they tell without noise, and how often they err. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "support/timeline_memory.h"
#include "train/timeline_truth.h"

enum { E = 12, M = 10, T = 24, K = 7, SIDE = 6, STEP = 2, N_SCENES = 40 };
enum { MOST_WIDTH = 128, ROUNDS = 50 }; // rounds: clips of noise for each scene

static ask_scene scene;
static ask_scene_view *views; // of all frames, and of those that are looked at
static ask_scene_view *looks;
static ask_painter *painter;

static int open_views(void **state)
{
    (void)state;
    ask_error err = {0};
    CHECK_OK(painter = ask_painter_new(&err), &err);
    views = malloc((ASK_SCENE_MAX_FRAMES + T) * sizeof *views);
    assert_non_null(views);
    looks = views + ASK_SCENE_MAX_FRAMES;
    return 0;
}

static int close_views(void **state)
{
    (void)state;
    free(views);
    ask_painter_free(painter);
    return 0;
}

static void play(int i)
{
    int times[T];
    ask_scene_make(&scene, 31, i, (ask_split)(i % ASK_N_SPLITS), ask_scene_full());
    for (int t = 0; t < scene.n_frames; t++) ask_paint(painter, &scene, t, NULL, &views[t]);
    ask_timeline_frames(times, T, scene.n_frames);
    for (int t = 0; t < T; t++) looks[t] = views[times[t]];
}

/* ---- memories ---- */

typedef struct {
    float rows[(E + M) * MOST_WIDTH];
    int64_t events[E], pairs[M];
    told_record records[E + M];
} memory;

static void imagine(memory *m, int until, const ask_memory_noise *noise, uint64_t seed)
{
    const ask_timeline_config c = told_config(E, M);
    ask_rng r = ask_rng_new(seed);
    memset(m, 0, sizeof *m);
    ask_timeline_imagine_memory(m->rows, m->events, m->pairs, &scene, views, until, &c,
                                noise, &r);
    for (int i = 0; i < E + M; i++)
        m->records[i] = told_record_of(&c.kinds, m->rows + i * ask_record_width(&c.kinds));
}

static bool is_toy(const told_record *t, const ask_toy *toy)
{
    return t->color == (int)toy->color && t->shape == (int)toy->shape &&
           t->size == (int)toy->size && t->texture == (int)toy->texture;
}

static void check_event(const told_record *t, const ask_event *e, int until)
{
    int end = e->end < until ? e->end : until;
    assert_true(t->confidence == 1 && t->class_ == (int)e->kind);
    assert_true(is_toy(t, &scene.toys[e->toy]));
    assert_true(fabs(t->begin * until - e->begin) < 1e-3);
    assert_true(fabs(t->end * until - end) < 1e-3);
    assert_int_equal(t->other_color, e->other < 0 ? -1 : (int)scene.toys[e->other].color);
    assert_int_equal(t->other_shape, e->other < 0 ? -1 : (int)scene.toys[e->other].shape);
    assert_int_equal(t->later_color, e->kind == ASK_TURN ? (int)e->to_color : -1);
    if (e->kind != ASK_SLIDE) return;
    ask_pose from = ask_scene_pose(&scene, e->toy, e->begin - 1);
    int dx = e->to_x - from.x, dy = e->to_y - from.y;
    static const int ways[2][2] = {{3, 2}, {1, 0}}; // level, negative
    bool level = abs(dx) > abs(dy);
    assert_int_equal(t->way, ways[level][(level ? dx : dy) < 0]);
}

static void check_sure_events(const memory *m, int until)
{
    int n = 0;
    for (int i = 0; i < E; i++) {
        assert_true(i == 0 || m->records[i].begin >= m->records[i - 1].begin);
        if (m->events[i] < 0) {
            assert_true(m->records[i].confidence == 0);
            continue;
        }
        assert_int_equal(m->events[i], n);
        check_event(&m->records[i], &scene.events[n++], until);
    }
    int n_begun = 0;
    while (n_begun < scene.n_events && scene.events[n_begun].begin < until) n_begun++;
    assert_int_equal(n, n_begun);
}

/* The frames in which a third of a toy is seen. */
static void find_stay(int toy, int until, int *first, int *last)
{
    *first = *last = -1;
    for (int t = 0; t < until; t++) {
        const ask_toy_view *v = &views[t].toys[toy];
        if (v->n_px == 0 || 3 * v->n_px < v->n_full_px) continue;
        if (*first < 0) *first = t;
        *last = t;
    }
}

static void check_sure_toy(const memory *m, int toy, int until)
{
    const ask_toy *is = &scene.toys[toy];
    int pair = (int)is->color * ASK_N_SHAPES + (int)is->shape, n = 0, first, last;
    find_stay(toy, until, &first, &last);
    for (int i = 0; i < M; i++) {
        const told_record *t = &m->records[E + i];
        if (m->pairs[i] != pair || t->confidence < 1) continue;
        n++;
        if (!is_toy(t, is)) continue; // another toy that is called so
        ask_toy_color now = ask_scene_color_of(&scene, toy, until);
        assert_int_equal(t->later_color, now == is->color ? -1 : (int)now);
        assert_true(fabs(t->begin * until - first) < 1e-3);
        assert_true(fabs(t->end * until - (last + 1)) < 1e-3);
        const ask_toy_view *v = &views[last].toys[toy];
        assert_true(fabs(t->places[2] * ASK_WORLD_SIDE_PX - (v->x0 + v->x1) / 2.0) < 1e-3);
    }
    if (first >= 0) assert_int_equal(n, 1);
}

static void a_memory_without_noise_is_the_scene(void **state)
{
    (void)state;
    memory m;
    for (int i = 0; i < N_SCENES; i++) {
        play(i);
        int cut = scene.events[1].begin + 5;
        for (int k = 0; k < 2; k++) {
            int until = k ? cut : scene.n_frames;
            imagine(&m, until, NULL, (uint64_t)i);
            check_sure_events(&m, until);
            for (int toy = 0; toy < scene.n_toys; toy++) check_sure_toy(&m, toy, until);
        }
    }
}

/* ---- shares ---- */

typedef struct {
    int n, n_wrong;
} share;

static void count(share *s, bool wrong)
{
    s->n++;
    s->n_wrong += wrong;
}

/* Within a third of what is asked for: thousands are counted, and those of one toy and clip
 * depend on each other. */
static void check_share(const char *name, share s, double asked)
{
    double is = (double)s.n_wrong / s.n;
    if (fabs(is - asked) > asked / 3)
        fail_msg("%s: %d of %d, not %g", name, s.n_wrong, s.n, asked);
}

typedef struct {
    share drop, again, class_, color, shape, other, later, sure, empty;
} memory_shares;

static void count_records(memory_shares *n, const memory *m)
{
    int times[ASK_SCENE_MAX_EVENTS] = {0};
    for (int i = 0; i < E; i++) {
        const told_record *t = &m->records[i];
        if (m->events[i] < 0) {
            count(&n->empty, t->confidence > 0.5);
            continue;
        }
        const ask_event *e = &scene.events[m->events[i]];
        times[m->events[i]]++;
        count(&n->sure, t->confidence < 0.5);
        count(&n->class_, t->class_ != (int)e->kind);
        count(&n->color, t->color != (int)scene.toys[e->toy].color);
        count(&n->shape, t->shape != (int)scene.toys[e->toy].shape);
        if (t->class_ != (int)e->kind) continue;
        if (e->other >= 0)
            count(&n->other, t->other_color != (int)scene.toys[e->other].color);
        if (e->kind == ASK_TURN) count(&n->later, t->later_color != (int)e->to_color);
    }
    for (int i = 0; i < scene.n_events; i++) {
        count(&n->drop, times[i] == 0);
        if (times[i] > 0) count(&n->again, times[i] > 1);
    }
}

static void memories_err_as_often_as_asked(void **state)
{
    (void)state;
    const ask_memory_noise z = ask_memory_noise_usual(1);
    memory_shares n;
    memory m;
    memset(&n, 0, sizeof n);
    for (int i = 0; i < N_SCENES * ROUNDS; i++) {
        if (i % ROUNDS == 0) play(i / ROUNDS);
        imagine(&m, scene.n_frames, &z, (uint64_t)i);
        count_records(&n, &m);
    }
    check_share("drop", n.drop, z.drop);
    check_share("again", n.again, z.again);
    check_share("class", n.class_, z.class_);
    check_share("color", n.color, z.color);
    check_share("shape", n.shape, z.shape);
    check_share("other", n.other, z.other);
    check_share("later", n.later, z.later);
    assert_int_equal(n.sure.n_wrong, 0);
    // Of some seven empty slots half a one is invented, and half of these look likely.
    assert_true(n.empty.n_wrong > 0 && n.empty.n_wrong < n.empty.n / 20);
}

static void the_same_numbers_give_the_same_bits(void **state)
{
    (void)state;
    const ask_memory_noise z = ask_memory_noise_usual(1);
    memory a, b;
    play(3);
    imagine(&a, scene.n_frames, &z, 8);
    imagine(&b, scene.n_frames, &z, 8);
    assert_memory_equal(a.rows, b.rows, sizeof a.rows);
    assert_memory_equal(a.events, b.events, sizeof a.events);
    assert_memory_equal(a.pairs, b.pairs, sizeof a.pairs);
    imagine(&b, scene.n_frames, &z, 9);
    assert_true(memcmp(a.rows, b.rows, sizeof a.rows) != 0);
}

static void probabilities_sum_to_one(void **state)
{
    (void)state;
    static const ask_record_field whole[] = {ASK_RECORD_CLASS, ASK_RECORD_COLOR,
                                             ASK_RECORD_SHAPE, ASK_RECORD_SIZE,
                                             ASK_RECORD_TEXTURE};
    static const ask_record_field part[] = {ASK_RECORD_OTHER_COLOR, ASK_RECORD_OTHER_SHAPE,
                                            ASK_RECORD_LATER_COLOR, ASK_RECORD_WAY};
    const ask_memory_noise z = ask_memory_noise_usual(1);
    const ask_timeline_kinds k = ask_timeline_playroom_kinds();
    memory m;
    play(5);
    imagine(&m, scene.events[1].begin + 4, &z, 1);
    for (int i = 0; i < E + M; i++) {
        for (size_t f = 0; f < TEST_COUNT(whole) + TEST_COUNT(part); f++) {
            bool is_part = f >= TEST_COUNT(whole);
            ask_timeline_field at =
                ask_record_field_of(&k, is_part ? part[f - TEST_COUNT(whole)] : whole[f]);
            double sum = 0;
            for (int j = 0; j < at.n; j++) {
                float p = m.rows[i * ask_record_width(&k) + at.begin + j];
                assert_true(p >= 0);
                sum += p;
            }
            assert_true(is_part ? sum < 1 + 1e-5 : fabs(sum - 1) < 1e-5);
        }
    }
}

/* ---- sights ---- */

typedef struct {
    float rows[T * K * MOST_WIDTH];
    int toys[T * K];
} sights;

static sights seen;

static const float *sight(int at, ask_sight_field f)
{
    const ask_timeline_kinds k = ask_timeline_playroom_kinds();
    return seen.rows + at * ask_sight_width(&k) + ask_sight_field_of(&k, f).begin;
}

static void imagine_sights(const ask_sight_noise *z, uint64_t seed)
{
    ask_rng r = ask_rng_new(seed);
    ask_timeline_imagine_sights(seen.rows, seen.toys, &scene, looks, T, K, SIDE, STEP, z,
                                &r);
}

typedef struct {
    share miss, shape, texture, color, deed;
    share throughout; // toys whose shape is wrong in most of their sights
} sight_shares;

/* What looks of one toy say of its shape. */
typedef struct {
    int n, n_wrong;
} looks_at_toy;

static void count_sight(sight_shares *n, int at, int frame)
{
    const ask_toy *is = &scene.toys[seen.toys[at]];
    int texture = told_value(sight(at, ASK_SIGHT_TEXTURE), ASK_N_TEXTURES);
    int color = told_value(sight(at, ASK_SIGHT_COLOR), ASK_N_COLORS);
    int deed = told_value(sight(at, ASK_SIGHT_DEED), ASK_N_EVENTS + 2);
    int event = ask_scene_event_of(&scene, seen.toys[at], frame);
    count(&n->texture, texture != (int)is->texture);
    count(&n->deed, deed != (event < 0 ? 0 : 1 + (int)scene.events[event].kind));
    if (event >= 0 && scene.events[event].kind == ASK_TURN) return;
    count(&n->color, color != (int)ask_scene_color_of(&scene, seen.toys[at], frame));
}

static void count_sights(sight_shares *n)
{
    enum { LEAST_LOOKS = 8 };
    looks_at_toy of_toys[ASK_SCENE_MAX_TOYS] = {{0}};
    for (int t = 0; t < T; t++) {
        bool is_there[ASK_SCENE_MAX_TOYS] = {false};
        for (int at = t * K; at < (t + 1) * K; at++) {
            int toy = seen.toys[at];
            assert_true(at == t * K ||
                        *sight(at, ASK_SIGHT_SEEN) <= *sight(at - 1, ASK_SIGHT_SEEN));
            if (toy < 0) continue;
            is_there[toy] = true;
            int shape = told_value(sight(at, ASK_SIGHT_SHAPE), ASK_N_SHAPES);
            bool wrong = shape != (int)scene.toys[toy].shape;
            count(&n->shape, wrong);
            of_toys[toy].n++;
            of_toys[toy].n_wrong += wrong;
            count_sight(n, at, looks[t].frame);
        }
        for (int toy = 0; toy < scene.n_toys; toy++) {
            const ask_toy_view *v = &looks[t].toys[toy];
            if (v->n_px > 0 && 3 * v->n_px >= v->n_full_px) count(&n->miss, !is_there[toy]);
        }
    }
    for (int toy = 0; toy < scene.n_toys; toy++)
        if (of_toys[toy].n >= LEAST_LOOKS)
            count(&n->throughout, of_toys[toy].n_wrong * 2 > of_toys[toy].n);
}

static void sights_err_as_often_as_asked(void **state)
{
    (void)state;
    const ask_sight_noise z = ask_sight_noise_usual(1);
    sight_shares n;
    memset(&n, 0, sizeof n);
    for (int i = 0; i < N_SCENES * ROUNDS; i++) {
        if (i % ROUNDS == 0) play(i / ROUNDS);
        imagine_sights(&z, (uint64_t)i);
        count_sights(&n);
    }
    check_share("miss", n.miss, z.miss);
    check_share("color", n.color, z.color);
    check_share("shape", n.shape, z.shape);
    check_share("shape, throughout", n.throughout, z.shape / 2);
    check_share("texture", n.texture, z.texture);
    check_share("deed", n.deed, z.deed);
}

static void sights_without_errors_are_where_toys_are_seen(void **state)
{
    (void)state;
    const ask_sight_noise none = {0};
    for (int i = 0; i < N_SCENES; i++) {
        play(i);
        imagine_sights(&none, (uint64_t)i);
        for (int at = 0; at < T * K; at++) {
            if (seen.toys[at] < 0) continue;
            const ask_toy_view *v = &looks[at / K].toys[seen.toys[at]];
            const float *box = sight(at, ASK_SIGHT_BOX);
            double side = ASK_WORLD_SIDE_PX;
            assert_true(fabs((box[0] - box[2] / 2) * side - v->x0) < 1e-3);
            assert_true(fabs((box[1] + box[3] / 2) * side - v->y1) < 1e-3);
            assert_true(*sight(at, ASK_SIGHT_SEEN) > 0.5);
            assert_int_equal(told_value(sight(at, ASK_SIGHT_SHAPE), ASK_N_SHAPES),
                             scene.toys[seen.toys[at]].shape);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_memory_without_noise_is_the_scene),
        cmocka_unit_test(memories_err_as_often_as_asked),
        cmocka_unit_test(the_same_numbers_give_the_same_bits),
        cmocka_unit_test(probabilities_sum_to_one),
        cmocka_unit_test(sights_without_errors_are_where_toys_are_seen),
        cmocka_unit_test(sights_err_as_often_as_asked),
    };
    return cmocka_run_group_tests_name("timeline imagine", tests, open_views, close_views);
}
