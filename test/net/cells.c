/* Pictures as cells: configuration, size, and values, losses and gradients beside those of
 * tools/golden/cells.py. */
#include "net/tower/cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/joint/timeline_loss.h"
#include "support/golden.h"

/* ---- configuration ---- */

static bool read_config(ask_cells_config *out, const char *text, ask_error *err)
{
    ask_json *doc = ask_json_parse(text, strlen(text), "config.json", NULL, err);
    CHECK_OK(doc, err);
    bool ok = ask_cells_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static void sizes_are_read_and_have_usual_values(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_cells_config c = {.n_outputs = 7};
    CHECK_OK(read_config(&c, "{}", &err), &err);
    assert_int_equal(c.n_channels, 9);
    assert_int_equal(c.side_px, 128);
    assert_int_equal(c.widths[2], 96);
    assert_int_equal(c.n_outputs, 7);
    CHECK_OK(read_config(&c,
                         "{\"num_channels\": 3, \"image_size\": 48, \"widths\": [2, 4, 6]}",
                         &err),
             &err);
    assert_int_equal(c.n_channels, 3);
    assert_int_equal(c.side_px, 48);
    assert_int_equal(c.widths[0], 2);
    assert_int_equal(c.widths[1], 4);
    assert_int_equal(c.widths[2], 6);
    CHECK_OK(read_config(&c, "{\"widths\": [null, 4, 6]}", &err), &err);
    assert_int_equal(c.widths[0], 24);
    CHECK_OK(read_config(&c, "{\"widths\": null}", &err), &err);
    assert_int_equal(c.widths[1], 48);
}

static void impossible_sizes_are_refused(void **state)
{
    static const struct {
        const char *text, *names;
    } bad[] = {
        {"{\"image_size\": 40}", "image_size"}, {"{\"num_channels\": 0}", "num_channels"},
        {"{\"widths\": [8, 16]}", "widths"},    {"{\"widths\": [8, 16, 0]}", "widths"},
        {"{\"widths\": 8}", "widths"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        ask_error err = {0};
        ask_cells_config c = {.side_px = -1};
        if (read_config(&c, bad[i].text, &err)) fail_msg("%s was taken", bad[i].text);
        assert_int_equal(err.code, ASK_ERR_MODEL);
        if (!strstr(err.message, bad[i].names)) fail_msg("%s", err.message);
        assert_int_equal(c.side_px, -1);
    }
}

static void work_is_that_of_the_convolutions(void **state)
{
    (void)state;
    const ask_cells_config c = {3, 32, {4, 6, 8}, 21};
    const double per_place[] = {3 * 16 * 4 + 2 * 4 * 4 * 9,              // 8 x 8 places
                                4 * 4 * 6 + 2 * 6 * 6 * 9,               // 4 x 4
                                6 * 4 * 8 + 2 * 2 * 8 * 8 * 9 + 8 * 21}; // 2 x 2
    double products = 64 * per_place[0] + 16 * per_place[1] + 4 * per_place[2];
    assert_true(ask_cells_flops(&c) == 2 * products);
}

/* ---- beside the reference ---- */

static const ask_timeline_kinds kinds = {.n_values = {[ASK_KIND_OF_COLOR] = 3,
                                                      [ASK_KIND_OF_SHAPE] = 2,
                                                      [ASK_KIND_OF_SIZE] = 2,
                                                      [ASK_KIND_OF_TEXTURE] = 2,
                                                      [ASK_KIND_OF_EVENT] = 3,
                                                      [ASK_KIND_OF_WAY] = 4}};

enum { N = 3, SIDE_PX = 32, N_CELLS = 4, N_PLACES = N * N_CELLS };

typedef struct {
    golden inputs, outputs, grads;
    ask_weights *weights;
    ask_arena *room;
    ask_store *store;
    ask_cells net;
    ask_graph *g;
} opened;

static opened open_case(bool live)
{
    ask_error err = {0};
    opened o = {.inputs = golden_open_part("cells", "inputs"),
                .outputs = golden_open_part("cells", "outputs"),
                .grads = golden_open_part("cells", "grads"),
                .room = ask_arena_new(0),
                .g = test_graph()};
    const ask_cells_config config = {3, SIDE_PX, {4, 6, 8}, ask_sight_width(&kinds)};
    ask_params *p;
    CHECK_OK(o.weights =
                 ask_weights_open(test_fixture("golden/cells/model.safetensors"), &err),
             &err);
    CHECK_OK(o.store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_trainable(o.store, o.weights, o.room, &err), &err);
    ask_cells_bind(&o.net, p, "cells", &config, live);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    return o;
}

static void close_case(opened *o)
{
    golden_close(&o->inputs);
    golden_close(&o->outputs);
    golden_close(&o->grads);
    ask_graph_free(o->g);
    ask_store_free(o->store);
    ask_weights_close(o->weights);
    ask_arena_free(o->room);
}

static void put(opened *o, ask_tensor *t, const char *name)
{
    golden_put(t, golden_get(&o->inputs, "%s", name));
}

static void check(opened *o, const char *where, const ask_tensor *t, const char *format,
                  const char *name)
{
    const double TOL = 2e-5; // f32 sums of a few hundred terms, through eleven norms
    char full[96];
    snprintf(full, sizeof full, format, name);
    golden_check_within(where, t, golden_get(&o->outputs, "%s", full), TOL);
}

static void check_evaluation(bool live)
{
    opened o = open_case(live);
    ask_cells_seen seen;
    const char *where = live ? "live" : "folded";
    ask_tensor *x = golden_input(o.g, golden_get(&o.inputs, "pixels"));
    ask_cells_build(&seen, o.g, &o.net, x, ASK_NORM_RUNNING);
    ask_keep(o.g, seen.features);
    ask_keep(o.g, seen.outputs);
    test_plan(o.g, the_cpu);
    put(&o, x, "pixels");
    test_run(o.g);
    check(&o, where, seen.features, "eval.%s", "features");
    check(&o, where, seen.outputs, "eval.%s", "outputs");
    close_case(&o);
}

static void in_evaluation_cells_are_those_of_the_reference(void **state)
{
    (void)state;
    check_evaluation(false);
    check_evaluation(true);
}

/* Losses and how the reference calls them. */
typedef struct {
    const char *name;
    ask_tensor *loss;
} named_loss;

enum { N_LOSSES = 7, MOST_PARAMETERS = 64 };

static void list_losses(named_loss list[N_LOSSES], const ask_cells_losses *l)
{
    const named_loss all[N_LOSSES] = {{"seen", l->seen},         {"box", l->box},
                                      {"velocity", l->velocity}, {"color", l->color},
                                      {"shape", l->shape},       {"look", l->look},
                                      {"deed", l->deed}};
    memcpy(list, all, sizeof all);
}

static ask_tensor *sum_of(ask_graph *g, const named_loss list[N_LOSSES])
{
    ask_tensor *sum = list[0].loss;
    for (int i = 1; i < N_LOSSES; i++) sum = ask_add(g, sum, list[i].loss);
    return sum;
}

static void put_truth(opened *o, const ask_sight_truth *t)
{
    put(o, t->seen, "seen");
    put(o, t->seen_weight, "seen_weight");
    put(o, t->box, "box");
    put(o, t->velocity, "velocity");
    put(o, t->thing, "thing");
    put(o, t->color, "color");
    put(o, t->shape, "shape");
    put(o, t->size, "size");
    put(o, t->texture, "texture");
    put(o, t->deed, "deed");
}

static void check_gradients(opened *o, ask_tensor *const *grad)
{
    const double TOL = 1e-4; // of sums in which larger terms cancel
    for (size_t i = 0; i < ask_weights_count(o->grads.file); i++)
        golden_check_within("gradient", grad[i], ask_weights_at(o->grads.file, i), TOL);
}

static void check_statistics(opened *o)
{
    int n = 0;
    for (size_t i = 0; i < ask_weights_count(o->outputs.file); i++) {
        const ask_weights_entry *e = ask_weights_at(o->outputs.file, i);
        if (strncmp(e->name, "cells.", 6) != 0) continue;
        golden_check("moved", ask_store_find(o->store, e->name), e);
        n++;
    }
    assert_int_equal(n, 2 * (ASK_CELLS_N_LEVELS + 2 * ASK_CELLS_N_BLOCKS));
}

static void in_training_losses_gradients_and_statistics_are_those_too(void **state)
{
    (void)state;
    opened o = open_case(true);
    ask_graph *g = o.g;
    ask_cells_seen seen;
    ask_sight_truth truth;
    ask_cells_losses losses;
    named_loss list[N_LOSSES];
    ask_tensor *x = golden_input(g, golden_get(&o.inputs, "pixels"));
    ask_cells_build(&seen, g, &o.net, x, ASK_NORM_BATCH);
    ask_sight_truth_inputs(&truth, g, N_PLACES);
    const int64_t rows[] = {N_PLACES, ask_sight_width(&kinds)};
    ask_cells_loss_build(&losses, g, &kinds, ask_reshape(g, seen.outputs, 2, rows), &truth);
    list_losses(list, &losses);
    ask_tensor *total = ask_keep(g, sum_of(g, list));
    for (int i = 0; i < N_LOSSES; i++) ask_keep(g, list[i].loss);
    ask_keep(g, seen.features);
    ask_keep(g, seen.outputs);

    int n = (int)ask_weights_count(o.grads.file);
    ask_tensor *p[MOST_PARAMETERS], *grad[MOST_PARAMETERS];
    assert_true(n > 0 && n <= MOST_PARAMETERS);
    for (int i = 0; i < n; i++)
        p[i] = ask_store_find(o.store, ask_weights_at(o.grads.file, (size_t)i)->name);
    ask_graph_gradients(g, total, p, n, grad);
    for (int i = 0; i < n; i++) ask_keep(g, grad[i]);

    test_plan(g, the_cpu);
    put(&o, x, "pixels");
    put_truth(&o, &truth);
    test_run(g);
    check(&o, "batch", seen.features, "train.%s", "features");
    check(&o, "batch", seen.outputs, "train.%s", "outputs");
    for (int i = 0; i < N_LOSSES; i++) check(&o, "", list[i].loss, "loss.%s", list[i].name);
    check(&o, "sum", total, "%s", "loss");
    check_gradients(&o, grad);
    check_statistics(&o);
    close_case(&o);
}

/* ---- nothing told ---- */

static void where_nothing_is_told_losses_and_gradients_are_0(void **state)
{
    (void)state;
    ask_graph *g = test_graph();
    ask_tensor *outputs = INPUT(g, N_PLACES, ask_sight_width(&kinds)), *grad;
    ask_sight_truth truth;
    ask_cells_losses losses;
    named_loss list[N_LOSSES];
    ask_sight_truth_inputs(&truth, g, N_PLACES);
    ask_cells_loss_build(&losses, g, &kinds, outputs, &truth);
    list_losses(list, &losses);
    for (int i = 0; i < N_LOSSES; i++) ask_keep(g, list[i].loss);
    ask_graph_gradients(g, sum_of(g, list), &outputs, 1, &grad);
    ask_keep(g, grad);
    test_plan(g, the_cpu);
    test_put_random(outputs, 1, 3);
    ask_tensor *const labels[] = {truth.color, truth.shape, truth.size, truth.texture,
                                  truth.deed};
    for (size_t i = 0; i < TEST_COUNT(labels); i++) test_put_all(labels[i], -1);
    test_run(g);
    for (int i = 0; i < N_LOSSES; i++) {
        float *value = test_get(list[i].loss);
        if (*value != 0) fail_msg("%s is %g", list[i].name, (double)*value);
        free(value);
    }
    float *slopes = test_get(grad);
    for (int64_t i = 0; i < ask_tensor_count(grad); i++) assert_true(slopes[i] == 0);
    free(slopes);
    ask_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_read_and_have_usual_values),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(work_is_that_of_the_convolutions),
        cmocka_unit_test(in_evaluation_cells_are_those_of_the_reference),
        cmocka_unit_test(in_training_losses_gradients_and_statistics_are_those_too),
        cmocka_unit_test(where_nothing_is_told_losses_and_gradients_are_0),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
