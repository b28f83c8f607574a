/* Which slot is the right answer where the answer is a moment. */
#include "train/glance_loss.h"
#include "support/testing.h"
#include "tensor/cpu/cpu.h"

enum { N = 4, SLOTS = 3, MOMENTS = 2 };

/* Centres and widths: slots come as 0.8, 0.2, 0.5; their ranks are 2, 0, 1. */
static const float spans[N][SLOTS][2] = {
    {{0.8f, 0.2f}, {0.2f, 0.2f}, {0.5f, 0.2f}},
    {{0.8f, 0.2f}, {0.2f, 0.2f}, {0.5f, 0.2f}},
    {{0.8f, 0.2f}, {0.2f, 0.2f}, {0.5f, 0.2f}},
    {{0.8f, 0.2f}, {0.2f, 0.2f}, {0.5f, 0.2f}},
};
/* The same as ends; of some the end comes first. */
static const float span_ends[N][SLOTS][2] = {
    {{0.7f, 0.9f}, {0.1f, 0.3f}, {0.4f, 0.6f}},
    {{0.7f, 0.9f}, {0.1f, 0.3f}, {0.6f, 0.4f}},
    {{0.9f, 0.7f}, {0.1f, 0.3f}, {0.4f, 0.6f}},
    {{0.7f, 0.9f}, {0.1f, 0.3f}, {0.4f, 0.6f}},
};
static const int64_t ranks[N][SLOTS] = {{2, 0, 1}, {2, 0, 1}, {2, 0, 1}, {2, 0, 1}};
static const float windows[N][MOMENTS][2] = {
    {{0.1f, 0.3f}, {-1, -1}},   // just the second slot
    {{0.62f, 0.66f}, {-1, -1}}, // none overlaps; the third is nearest
    {{0, 0.05f}, {0.7f, 0.9f}}, // the first, by the second moment
    {{-1, -1}, {-1, -1}},       // no moment
};
static const int64_t labels[N] = {0, 1, 2, -1};

static ask_tensor *constant(ask_graph *g, ask_dtype type, int64_t last, const void *values)
{
    return ask_constant(g, type, last ? 3 : 2, (int64_t[]){N, last ? last : SLOTS, 2},
                        values);
}

static void check_labels(const float *slots, bool are_ends)
{
    ask_error err = {0};
    ask_backend *backend = ask_cpu_open(NULL, &err);
    ask_graph *g = ask_graph_new(&err);
    assert_true(backend && g);
    const ask_glance glance = {.spans = constant(g, ASK_F32, SLOTS, slots),
                               .rank = constant(g, ASK_I64, 0, ranks)};
    const ask_glance_inputs in = {.windows = constant(g, ASK_F32, MOMENTS, windows),
                                  .ends = are_ends};
    ask_tensor *found = ask_keep(g, ask_glance_labels(g, &glance, &in));
    const ask_plan_options opt = {.backends = &backend, .n_backends = 1};
    CHECK_OK(ask_graph_plan(g, &opt, &err) && ask_graph_run(g, NULL, &err), &err);
    int64_t got[N];
    CHECK_OK(ask_tensor_read(found, got, sizeof got, &err), &err);
    for (int i = 0; i < N; i++) assert_int_equal(got[i], labels[i]);
    ask_graph_free(g);
    ask_backend_close(backend);
}

static void the_slot_that_fits_a_moment_best_is_the_answer(void **state)
{
    (void)state;
    check_labels(&spans[0][0][0], false);
    check_labels(&span_ends[0][0][0], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_slot_that_fits_a_moment_best_is_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
