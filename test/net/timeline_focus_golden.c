/* The focus of Timeline beside a network written anew (tools/golden/timeline_focus.py):
 * slots, answers, what they look at, losses, and gradients of all parameters; with padding
 * and without. */
#include <stdio.h>
#include <stdlib.h>

#include "net/joint/timeline_loss.h"
#include "support/golden.h"

static const char NAME[] = "timeline_focus";
// Weights of losses beside that of options.
static const double OPEN = 0.7, POINTER = 0.4, COUNTED = 0.3;

enum { MOST_GRADIENTS = 200 };

typedef struct {
    golden inputs, outputs, grads;
    ask_weights *weights;
    ask_arena *room;
    ask_store *store;
    ask_timeline_focus net;
    ask_graph *g;
    int n_grads;
    ask_tensor *grad[MOST_GRADIENTS];
} opened;

static void open_network(opened *o)
{
    ask_error err = {0};
    ask_json *doc;
    ask_params *p;
    ask_timeline_config config;
    CHECK_OK(
        doc = ask_json_read(test_fixture("golden/timeline_focus/config.json"), NULL, &err),
        &err);
    CHECK_OK(ask_timeline_config_read(&config, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    CHECK_OK(o->weights = ask_weights_open(
                 test_fixture("golden/timeline_focus/model.safetensors"), &err),
             &err);
    CHECK_OK(o->store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_trainable(o->store, o->weights, o->room, &err), &err);
    ask_timeline_focus_bind(&o->net, p, &config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
}

static ask_tensor *input(opened *o, const char *name)
{
    return golden_input(o->g, golden_get(&o->inputs, "%s", name));
}

/* What goes in, by the names in the file. */
typedef struct {
    ask_timeline_asking asking;
    ask_timeline_texts answers;
    ask_focus_truth truth;
    ask_slot_truth slots;
} fed;

static fed make_inputs(opened *o, bool packed)
{
    enum { QUESTION_TOKENS = 26 + 6, ANSWER_TOKENS = 13 };
    fed in = {
        .asking = {.records = input(o, "records"),
                   .mask = input(o, "mask"),
                   .questions = {input(o, "ids"), input(o, "text_mask"),
                                 packed ? QUESTION_TOKENS : 0}},
        .answers = {input(o, "answer_ids"), input(o, "answer_mask"),
                    packed ? ANSWER_TOKENS : 0},
        .slots = {input(o, "slot_events"), input(o, "slot_pairs")},
    };
    const ask_weights_entry *options = golden_get(&o->inputs, "options"),
                            *rivals = golden_get(&o->inputs, "rivals");
    ask_focus_truth_inputs(&in.truth, o->g, options->shape[0], options->shape[1],
                           rivals->shape[1], golden_get(&o->inputs, "pairs")->shape[1]);
    return in;
}

static void put_inputs(opened *o, const fed *in)
{
    const ask_focus_truth *t = &in->truth;
    const struct {
        const char *name;
        ask_tensor *t;
    } rows[] = {{"records", in->asking.records},
                {"mask", in->asking.mask},
                {"ids", in->asking.questions.ids},
                {"text_mask", in->asking.questions.mask},
                {"answer_ids", in->answers.ids},
                {"answer_mask", in->answers.mask},
                {"slot_events", in->slots.events},
                {"slot_pairs", in->slots.pairs},
                {"options", t->options},
                {"right", t->right},
                {"open", t->open},
                {"rivals", t->rivals},
                {"weight", t->weight},
                {"events", t->events},
                {"pairs", t->pairs},
                {"told", t->told}};
    for (size_t i = 0; i < TEST_COUNT(rows); i++)
        golden_put(rows[i].t, golden_get(&o->inputs, "%s", rows[i].name));
    assert_null(golden_unused(&o->inputs));
}

/* -> the sum of all losses; outputs by the names in the file */
static ask_tensor *build(opened *o, fed *in)
{
    ask_graph *g = o->g;
    ask_timeline_answered out;
    ask_focus_losses losses;
    ask_graph_want(g, "*");
    in->asking.answers = ask_timeline_texts_build(g, &o->net, &in->answers, NULL);
    ask_timeline_focus_build(&out, g, &o->net, &in->asking, NULL);
    ask_timeline_focus_loss(&losses, g, &out, &in->truth, &in->slots);
    ask_name(g, in->asking.answers, "answers");
    ask_name(g, out.slots, "slots");
    ask_name(g, out.answer, "answer");
    ask_name(g, out.logits, "logits");
    ask_name(g, out.pointer, "pointer");
    ask_name(g, out.fits, "fits");
    ask_name(g, out.counted[0], "counted.0");
    ask_name(g, out.counted[1], "counted.1");
    ask_name(g, losses.options, "loss_options");
    ask_name(g, losses.open, "loss_open");
    ask_name(g, losses.pointer, "loss_pointer");
    ask_name(g, losses.counted, "loss_counted");
    ask_tensor *total = ask_add(g, losses.options, ask_scale(g, losses.open, OPEN));
    total = ask_add(g, total, ask_scale(g, losses.pointer, POINTER));
    total = ask_add(g, total, ask_scale(g, losses.counted, COUNTED));
    return ask_name(g, total, "loss_total");
}

static void add_gradients(opened *o, ask_tensor *total)
{
    ask_tensor *x[MOST_GRADIENTS];
    o->n_grads = (int)ask_weights_count(o->grads.file);
    assert_true(o->n_grads <= MOST_GRADIENTS);
    assert_int_equal(o->n_grads, ask_store_count(o->store));
    for (int i = 0; i < o->n_grads; i++) {
        const char *name = ask_weights_at(o->grads.file, (size_t)i)->name;
        x[i] = ask_store_find(o->store, name);
        if (!x[i]) fail_msg("there is no parameter %s", name);
    }
    ask_graph_gradients(o->g, total, x, o->n_grads, o->grad);
    for (int i = 0; i < o->n_grads; i++) ask_keep(o->g, o->grad[i]);
}

static void check(opened *o, const char *where)
{
    for (size_t i = 0; i < ask_weights_count(o->outputs.file); i++) {
        const ask_weights_entry *e = ask_weights_at(o->outputs.file, i);
        golden_check_within(where, ask_graph_find(o->g, e->name), e, 5e-5); // f32, 3 layers
    }
    for (int i = 0; i < o->n_grads; i++) {
        const ask_weights_entry *e = ask_weights_at(o->grads.file, (size_t)i);
        golden_check_within(where, o->grad[i], e, 5e-5);
    }
}

static void check_case(bool packed)
{
    opened o = {.inputs = golden_open_part(NAME, "inputs"),
                .outputs = golden_open_part(NAME, "outputs"),
                .grads = golden_open_part(NAME, "grads"),
                .room = ask_arena_new(0),
                .g = test_graph()};
    open_network(&o);
    fed in = make_inputs(&o, packed);
    add_gradients(&o, build(&o, &in));
    test_plan(o.g, the_cpu);
    put_inputs(&o, &in);
    test_run(o.g);
    check(&o, packed ? "without padding" : "with padding");
    golden_close(&o.inputs);
    golden_close(&o.outputs);
    golden_close(&o.grads);
    ask_graph_free(o.g);
    ask_store_free(o.store);
    ask_weights_close(o.weights);
    ask_arena_free(o.room);
}

static void values_losses_and_gradients_are_those_of_the_reference(void **state)
{
    (void)state;
    check_case(false);
    check_case(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_losses_and_gradients_are_those_of_the_reference),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
