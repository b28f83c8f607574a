/* The glance of Timeline beside a network written anew (tools/golden/timeline.py): from
 * cells, and from sights that are told; what it finds, its losses, and gradients by
 * parameters and by what goes in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/joint/timeline_loss.h"
#include "support/golden.h"

typedef struct {
    const char *name; // the folder
    bool of_cells;
} golden_case;

static const golden_case cases[] = {
    {"timeline_glance", true},
    {"timeline_glance_told", false},
};

enum { MOST_GRADIENTS = 64 };

typedef struct {
    const golden_case *c;
    golden inputs, outputs, grads;
    ask_weights *weights;
    ask_arena *room;
    ask_store *store;
    ask_timeline_glance net;
    ask_graph *g;
    struct {
        const char *name;
        ask_tensor *t;
    } fed[24], leaves[2]; // inputs by name; those whose gradients are known
    int n_fed, n_leaves;
    int n_grads;
    ask_tensor *grad[MOST_GRADIENTS];
} opened;

/* ---- opening ---- */

static ask_timeline_config config_of(const char *name)
{
    char path[128];
    ask_error err = {0};
    ask_json *doc;
    ask_timeline_config c;
    snprintf(path, sizeof path, "golden/%s/config.json", name);
    CHECK_OK(doc = ask_json_read(test_fixture(path), NULL, &err), &err);
    CHECK_OK(ask_timeline_config_read(&c, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    return c;
}

static void open_case(opened *o, const golden_case *c)
{
    ask_error err = {0};
    ask_params *p;
    char path[128];
    ask_timeline_config config = config_of(c->name);
    *o = (opened){.c = c,
                  .inputs = golden_open_part(c->name, "inputs"),
                  .outputs = golden_open_part(c->name, "outputs"),
                  .grads = golden_open_part(c->name, "grads"),
                  .room = ask_arena_new(0),
                  .g = test_graph()};
    snprintf(path, sizeof path, "golden/%s/model.safetensors", c->name);
    CHECK_OK(o->weights = ask_weights_open(test_fixture(path), &err), &err);
    CHECK_OK(o->store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_trainable(o->store, o->weights, o->room, &err), &err);
    ask_timeline_glance_bind(&o->net, p, &config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
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

/* ---- inputs ---- */

static ask_tensor *feed(opened *o, const char *name, ask_tensor *t)
{
    assert_true(o->n_fed < (int)TEST_COUNT(o->fed));
    o->fed[o->n_fed].name = name;
    o->fed[o->n_fed++].t = t;
    return t;
}

static ask_tensor *feed_leaf(opened *o, const char *name)
{
    ask_tensor *t = feed(o, name, golden_input(o->g, golden_get(&o->inputs, "%s", name)));
    o->leaves[o->n_leaves].name = name;
    o->leaves[o->n_leaves++].t = t;
    return t;
}

static ask_glimpse_truth feed_truth(opened *o)
{
    ask_glimpse_truth t;
    const ask_weights_entry *event = golden_get(&o->inputs, "truth.event");
    ask_glimpse_truth_inputs(&t, o->g, &o->net.config.kinds, event->shape[0],
                             event->shape[1]);
    feed(o, "truth.event", t.event);
    feed(o, "truth.number", t.number);
    feed(o, "truth.span", t.span);
    feed(o, "truth.end", t.end);
    feed(o, "truth.color", t.color);
    feed(o, "truth.shape", t.shape);
    feed(o, "truth.size", t.size);
    feed(o, "truth.texture", t.texture);
    feed(o, "truth.other_color", t.other_color);
    feed(o, "truth.other_shape", t.other_shape);
    feed(o, "truth.later_color", t.later_color);
    feed(o, "truth.way", t.way);
    feed(o, "truth.deed", t.deed);
    feed(o, "truth.pairs", t.pairs);
    feed(o, "truth.pairs_weight", t.pairs_weight);
    return t;
}

/* Masks are i64 in the files. */
static void put_inputs(opened *o)
{
    for (int i = 0; i < o->n_fed; i++) {
        const ask_weights_entry *e = golden_get(&o->inputs, "%s", o->fed[i].name);
        if (ask_tensor_type(o->fed[i].t) != ASK_BOOL) {
            golden_put(o->fed[i].t, e);
            continue;
        }
        bool *mask = calloc((size_t)e->n_elements, sizeof *mask);
        assert_non_null(mask);
        for (int64_t j = 0; j < e->n_elements; j++)
            mask[j] = ((const char *)e->data)[j * 8] != 0;
        test_put(o->fed[i].t, mask);
        free(mask);
    }
    if (golden_unused(&o->inputs)) fail_msg("%s: not fed", golden_unused(&o->inputs));
}

/* ---- building ---- */

static ask_timeline_sights make_sights(opened *o, ask_glimpse_truth *truth)
{
    ask_timeline_sights s = {0};
    if (o->c->of_cells) {
        ask_tensor *outputs = feed_leaf(o, "outputs"), *features = feed_leaf(o, "features");
        int64_t batch = ask_tensor_dim(outputs, 0) / o->net.config.n_frames;
        ask_timeline_pick(&s, o->g, &o->net.config, outputs, features, batch);
        ask_glimpse_truth of_cells = *truth;
        ask_glimpse_truth_pick(truth, o->g, &of_cells, s.cells, ask_tensor_dim(outputs, 1));
        ask_name(o->g, s.cells, "cells");
        ask_name(o->g, s.sights, "picked.sights");
        ask_name(o->g, s.features, "picked.features");
    } else {
        const ask_weights_entry *mask = golden_get(&o->inputs, "mask");
        s.sights = feed_leaf(o, "sights");
        s.mask = feed(o, "mask", ask_input(o->g, ASK_BOOL, mask->n_dims, mask->shape));
    }
    return s;
}

static void name_memory(opened *o, const ask_timeline_memory *m)
{
    ask_name(o->g, m->states, "states");
    ask_name(o->g, m->glimpses, "glimpses");
    ask_name(o->g, m->events, "events");
    ask_name(o->g, m->pairs, "pairs");
    ask_name(o->g, m->toys, "toys");
    ask_name(o->g, m->toy_sights, "toy_sights");
    ask_name(o->g, m->records, "records");
    if (m->mask) ask_name(o->g, ask_cast(o->g, m->mask, ASK_I64), "mask");
}

/* -> the sum of all losses */
static ask_tensor *build_losses(opened *o, const ask_timeline_memory *m,
                                const ask_glimpse_truth *truth)
{
    ask_glance_losses l;
    ask_timeline_glance_loss(&l, o->g, &o->net.config, m, truth);
    const struct {
        const char *name;
        ask_tensor *loss;
    } all[] = {{"loss.event", l.event},       {"loss.span", l.span},
               {"loss.identity", l.identity}, {"loss.parts", l.parts},
               {"loss.end", l.end},           {"loss.deed", l.deed},
               {"loss.pairs", l.pairs}};
    ask_tensor *sum = NULL;
    for (size_t i = 0; i < TEST_COUNT(all); i++) {
        ask_name(o->g, all[i].loss, "%s", all[i].name);
        sum = sum ? ask_add(o->g, sum, all[i].loss) : all[i].loss;
    }
    return sum;
}

static void name_slot_truth(opened *o, const ask_timeline_memory *m,
                            const ask_glimpse_truth *truth)
{
    ask_slot_truth slots;
    ask_slot_truth_pick(&slots, o->g, &o->net.config.kinds, m, truth);
    ask_name(o->g, slots.events, "slots.events");
    ask_name(o->g, slots.pairs, "slots.pairs");
}

/* A gradient "in.<name>" is by an input, others are by parameters. */
static void build_gradients(opened *o, ask_tensor *total)
{
    ask_tensor *x[MOST_GRADIENTS];
    o->n_grads = (int)ask_weights_count(o->grads.file);
    assert_true(o->n_grads <= MOST_GRADIENTS);
    for (int i = 0; i < o->n_grads; i++) {
        const char *name = ask_weights_at(o->grads.file, (size_t)i)->name;
        x[i] = ask_store_find(o->store, name);
        for (int j = 0; j < o->n_leaves && !x[i]; j++)
            if (strncmp(name, "in.", 3) == 0 && strcmp(name + 3, o->leaves[j].name) == 0)
                x[i] = o->leaves[j].t;
        if (!x[i]) fail_msg("%s: there is no %s", o->c->name, name);
    }
    ask_graph_gradients(o->g, total, x, o->n_grads, o->grad);
    for (int i = 0; i < o->n_grads; i++) ask_keep(o->g, o->grad[i]);
}

static void build(opened *o)
{
    ask_timeline_memory memory;
    ask_graph_want(o->g, "*");
    ask_glimpse_truth truth = feed_truth(o);
    ask_timeline_sights sights = make_sights(o, &truth);
    ask_timeline_glance_build(&memory, o->g, &o->net, &sights, NULL);
    name_memory(o, &memory);
    name_slot_truth(o, &memory, &truth);
    ask_tensor *total = build_losses(o, &memory, &truth);
    ask_tensor *weights = feed(
        o, "record_weights", golden_input(o->g, golden_get(&o->inputs, "record_weights")));
    ask_tensor *weighted = ask_mul(o->g, memory.records, weights);
    total = ask_add(o->g, total, ask_sum(o->g, weighted, 0, false));
    build_gradients(o, ask_name(o->g, total, "loss_total"));
}

/* ---- comparing ---- */

static void check(const opened *o, const char *name, const ask_tensor *t,
                  const ask_weights_entry *e, double tol)
{
    char what[160];
    snprintf(what, sizeof what, "%s, %s", o->c->name, name);
    if (!t || ask_tensor_count(t) != e->n_elements) fail_msg("%s: another shape", what);
    void *actual = test_get(t), *expected = malloc(e->bytes);
    assert_non_null(expected);
    memcpy(expected, e->data, e->bytes);
    if (e->type != ASK_I64)
        test_near(what, actual, expected, e->n_elements, tol);
    else if (memcmp(actual, expected, e->bytes) != 0)
        fail_msg("%s: others are chosen", what);
    free(actual);
    free(expected);
}

static void check_case(const golden_case *c)
{
    // f32 beside f64, through two layers; gradients are sums of some dozen terms of up to
    // 10
    const double OUTPUTS = 2e-5, GRADIENTS = 1e-4;
    opened o;
    open_case(&o, c);
    build(&o);
    test_plan(o.g, the_cpu);
    put_inputs(&o);
    test_run(o.g);
    for (size_t i = 0; i < ask_weights_count(o.outputs.file); i++) {
        const ask_weights_entry *e = ask_weights_at(o.outputs.file, i);
        check(&o, e->name, ask_graph_find(o.g, e->name), e, OUTPUTS);
    }
    for (int i = 0; i < o.n_grads; i++) {
        const ask_weights_entry *e = ask_weights_at(o.grads.file, (size_t)i);
        check(&o, e->name, o.grad[i], e, GRADIENTS);
    }
    close_case(&o);
}

static void the_glance_is_that_of_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_case(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_glance_is_that_of_the_reference),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
