/* What the glance tells of a thing is what some sight was said to be. */
#include <math.h>
#include <stdlib.h>

#include "net/joint/timeline.h"
#include "support/tensors.h"
#include "support/timeline_memory.h"

enum { T = 3, K = 2, N = T * K, BLUE = 5, RING = 4, ALONE = 3 };

/* A field of the glimpses, and that of the sights it is read from. */
static const struct {
    const char *name;
    ask_glimpse_field told;
    ask_sight_field read;
} fields[] = {
    {"color", ASK_GLIMPSE_COLOR, ASK_SIGHT_COLOR},
    {"shape", ASK_GLIMPSE_SHAPE, ASK_SIGHT_SHAPE},
    {"size", ASK_GLIMPSE_SIZE, ASK_SIGHT_SIZE},
    {"texture", ASK_GLIMPSE_TEXTURE, ASK_SIGHT_TEXTURE},
    {"other colour", ASK_GLIMPSE_OTHER_COLOR, ASK_SIGHT_COLOR},
    {"other shape", ASK_GLIMPSE_OTHER_SHAPE, ASK_SIGHT_SHAPE},
    {"later colour", ASK_GLIMPSE_LATER_COLOR, ASK_SIGHT_COLOR},
};

static ask_timeline_config a_config(void)
{
    ask_timeline_config c = told_config(2, 2);
    c.n_frames = T;
    c.n_sights = K;
    c.cells = (ask_cells_config){.n_channels = 3, .side_px = 64, .widths = {4, 4, 5}};
    c.width = 8;
    c.inner = 12;
    c.n_heads = 2;
    c.glance_layers = 2;
    return c;
}

/* Where the rows of sights lie that a glance is built over, and what it says of them. */
typedef struct {
    ask_timeline_config c;
    float *sights;  // [N, sight]
    bool mask[N];   // all false: none is given
    float *told[7]; // [N, n] of each field, as probabilities
} glancing;

static float *in_sight(const glancing *now, int i, ask_sight_field f)
{
    return now->sights + i * ask_sight_width(&now->c.kinds) +
           ask_sight_field_of(&now->c.kinds, f).begin;
}

/* Every sight says something of all that it may be, and is somewhere. */
static glancing begin(void)
{
    glancing now = {.c = a_config()};
    ask_rng r = ask_rng_new(4);
    now.sights = calloc((size_t)(N * ask_sight_width(&now.c.kinds)), sizeof *now.sights);
    assert_non_null(now.sights);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 4; k++) in_sight(&now, i, ASK_SIGHT_BOX)[k] = ask_rng_float(&r);
        for (int f = ASK_SIGHT_COLOR; f <= ASK_SIGHT_DEED; f++) {
            int n = ask_sight_field_of(&now.c.kinds, (ask_sight_field)f).n;
            float *p = in_sight(&now, i, (ask_sight_field)f), sum = 0;
            for (int k = 0; k < n; k++) sum += p[k] = ask_rng_float(&r);
            for (int k = 0; k < n; k++) p[k] /= sum;
        }
    }
    return now;
}

static void end(glancing *now)
{
    for (size_t f = 0; f < TEST_COUNT(fields); f++) free(now->told[f]);
    free(now->sights);
}

/* By a network that nobody has trained. */
static void glance(glancing *now, uint64_t seed)
{
    ask_error err = {0};
    ask_timeline_glance net;
    ask_arena *room = ask_arena_new(0);
    ask_store *store = ask_store_new(the_cpu, &err);
    CHECK_OK(store, &err);
    ask_params *p = ask_params_random(store, seed, room, &err);
    CHECK_OK(p, &err);
    ask_timeline_glance_bind(&net, p, &now->c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);

    ask_graph *g = test_graph();
    bool masked = now->mask[ALONE];
    const ask_timeline_sights sights = {
        .sights = INPUT(g, 1, N, ask_sight_width(&now->c.kinds)),
        .mask = masked ? ask_input(g, ASK_BOOL, DIMS(1, N)) : NULL};
    ask_timeline_memory m;
    ask_tensor *kept[TEST_COUNT(fields)];
    ask_timeline_glance_build(&m, g, &net, &sights, NULL);
    for (size_t f = 0; f < TEST_COUNT(fields); f++) {
        ask_timeline_field at = ask_glimpse_field_of(&now->c.kinds, fields[f].told);
        ask_tensor *x = ask_slice(g, m.glimpses, 2, at.begin, at.begin + at.n);
        kept[f] = ask_keep(g, ask_softmax(g, ask_contiguous(g, x), NULL));
    }
    test_plan(g, the_cpu);
    test_put(sights.sights, now->sights);
    if (masked) test_put(sights.mask, now->mask);
    test_run(g);
    for (size_t f = 0; f < TEST_COUNT(fields); f++) now->told[f] = test_get(kept[f]);
    ask_graph_free(g);
    ask_store_free(store);
    ask_arena_free(room);
}

static int width_of(const glancing *now, size_t field)
{
    return ask_sight_field_of(&now->c.kinds, fields[field].read).n;
}

/* Where one sight is all there is, every thing is what that is. */
static void a_sight_alone_is_told_as_it_is_seen(void **state)
{
    (void)state;
    glancing now = begin();
    now.mask[ALONE] = true;
    glance(&now, 1);
    for (size_t f = 0; f < TEST_COUNT(fields); f++) {
        const float *seen = in_sight(&now, ALONE, fields[f].read);
        int n = width_of(&now, f);
        for (int i = 0; i < N * n; i++)
            if (fabsf(now.told[f][i] - seen[i % n]) > 0.02F)
                fail_msg("%s: sight %d is told %.3f, and is %.3f", fields[f].name, i / n,
                         (double)now.told[f][i], (double)seen[i % n]);
    }
    end(&now);
}

/* Blue rings are told as blue and as rings, whatever else a network has learnt: it can
 * point at nothing else. */
static void what_no_sight_is_is_not_told(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        glancing now = begin();
        for (int i = 0; i < N; i++) {
            float *color = in_sight(&now, i, ASK_SIGHT_COLOR);
            float *shape = in_sight(&now, i, ASK_SIGHT_SHAPE);
            for (int k = 0; k < now.c.kinds.n_values[ASK_KIND_OF_COLOR]; k++)
                color[k] = k == BLUE;
            for (int k = 0; k < now.c.kinds.n_values[ASK_KIND_OF_SHAPE]; k++)
                shape[k] = k == RING;
        }
        glance(&now, seed);
        for (size_t f = 0; f < TEST_COUNT(fields); f++) {
            int n = width_of(&now, f), is = fields[f].read == ASK_SIGHT_COLOR ? BLUE : RING;
            if (fields[f].read > ASK_SIGHT_SHAPE) continue;
            for (int i = 0; i < N; i++)
                CHECK_CASE(fields[f].name, now.told[f][i * n + is] > 0.98F);
        }
        end(&now);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sight_alone_is_told_as_it_is_seen),
        cmocka_unit_test(what_no_sight_is_is_not_told),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
