/* golden/optim: five steps of each optimiser on mse(gelu(x w1^T + b1) w2^T, y).
 *
 * The file's step0.grad.* are what the reference's gradients held when all steps were done:
 * those that step 4 used, after clipping. (They differ between optimisers, whose first
 * gradients are the same, and agree with the gradients at the weights after step 3.) */
#include <stdio.h>
#include <stdlib.h>

#include "support/golden.h"

enum { N_WEIGHTS = 3, N_STEPS = 5 };
static const char *const weight_names[N_WEIGHTS] = {"w1", "b1", "w2"};

typedef struct {
    const char *name;
    bool sgd;
    ask_adam_options adam;
    ask_sgd_options momentum;
    double clip; // largest joint norm of the gradients; 0: any
} optimiser;

/* The learning rates, also of the cosine schedule, are those of the file. */
static const optimiser optimisers[] = {
    {"adam", .adam = {0.9, 0.999, 1e-8, 0, false}},
    {"adam_l2", .adam = {0.9, 0.999, 1e-8, 0.05, false}},
    {"adamw", .adam = {0.9, 0.999, 1e-8, 0.01, true}},
    {"adamw_wd0.1_b2_0.95", .adam = {0.9, 0.95, 1e-6, 0.1, true}},
    {"adamw_cosine", .adam = {0.9, 0.999, 1e-8, 0.01, true}},
    {"adamw_clip0.5", .adam = {0.9, 0.999, 1e-8, 0.01, true}, .clip = 0.5},
    {"sgd_momentum", .sgd = true, .momentum = {0.9, 1e-3}},
};

static golden file;
static ask_backend *backends[2];

static int open_all(void **state)
{
    (void)state;
    file = golden_open("optim");
    backends[0] = test_cpu(ASK_ISA_SCALAR, 1);
    backends[1] = test_cpu(ASK_ISA_AUTO, 2);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    golden_close(&file);
    for (int i = 0; i < 2; i++) ask_backend_close(backends[i]);
    return 0;
}

typedef struct {
    ask_store *store;
    ask_graph *graph;
    ask_tensor *w[N_WEIGHTS], *grad[N_WEIGHTS], *lr, *step, *loss, *norm;
} trainer;

/* A store tensor like weight i; those of the optimiser begin as zeros. */
static ask_tensor *stored_like(ask_store *s, const char *prefix, int i)
{
    char name[16];
    const ask_weights_entry *e = golden_get(&file, "init.%s", weight_names[i]);
    snprintf(name, sizeof name, "%s%s", prefix, weight_names[i]);
    return test_stored(s, name, e->n_dims, e->shape);
}

static void add_steps(trainer *t, const optimiser *o)
{
    if (o->clip > 0) ask_clip_gradients(t->graph, t->grad, N_WEIGHTS, o->clip, &t->norm);
    for (int i = 0; i < N_WEIGHTS; i++) {
        ask_tensor *first = stored_like(t->store, "first.", i);
        ask_tensor *second = stored_like(t->store, "second.", i);
        if (o->sgd)
            ask_sgd_step(t->graph, t->w[i], first, t->grad[i], t->lr, &o->momentum);
        else
            ask_adam_step(t->graph, t->w[i], first, second, t->grad[i], t->lr, t->step,
                          &o->adam);
    }
}

static trainer trainer_open(const optimiser *o, ask_backend *b)
{
    ask_error err = {0};
    trainer t = {.graph = test_graph()};
    CHECK_OK(t.store = ask_store_new(b, &err), &err);
    const ask_weights_entry *x_values = golden_get(&file, "x"),
                            *y_values = golden_get(&file, "y");
    ask_tensor *x = golden_input(t.graph, x_values), *y = golden_input(t.graph, y_values);
    t.lr = INPUT(t.graph, 1);
    t.step = INPUT_I64(t.graph, 1);
    for (int i = 0; i < N_WEIGHTS; i++) t.w[i] = stored_like(t.store, "", i);

    ask_tensor *h =
        ask_gelu(t.graph, ask_linear(t.graph, x, t.w[0], t.w[1]), ASK_GELU_EXACT);
    t.loss = ask_keep(t.graph, ask_mse(t.graph, ask_linear(t.graph, h, t.w[2], NULL), y));
    ask_graph_gradients(t.graph, t.loss, t.w, N_WEIGHTS, t.grad);
    add_steps(&t, o);
    for (int i = 0; i < N_WEIGHTS; i++) ask_keep(t.graph, t.grad[i]);
    ask_keep(t.graph, t.norm);

    test_plan(t.graph, b);
    golden_put(x, x_values);
    golden_put(y, y_values);
    for (int i = 0; i < N_WEIGHTS; i++)
        golden_put(t.w[i], golden_get(&file, "init.%s", weight_names[i]));
    return t;
}

static void check_step(trainer *t, const char *name, const char *where, int step)
{
    const ask_weights_entry *e;
    float lr;
    e = golden_get(&file, "%s.step%d.lr", name, step);
    ask_dtype_to_f32(e->type, &lr, e->data, 1);
    test_put(t->lr, &lr);
    test_put_all(t->step, step + 1);
    test_run(t->graph);
    golden_check(where, t->loss, golden_get(&file, "%s.step%d.loss", name, step));
    e = golden_find(&file, "%s.step%d.grad_norm", name, step);
    if (e) golden_check(where, t->norm, e);
    for (int i = 0; i < N_WEIGHTS; i++)
        golden_check(where, t->w[i],
                     golden_get(&file, "%s.step%d.%s", name, step, weight_names[i]));
}

static void check_last_gradients(const trainer *t, const char *name, const char *where)
{
    for (int i = 0; i < N_WEIGHTS; i++)
        golden_check(where, t->grad[i],
                     golden_get(&file, "%s.step0.grad.%s", name, weight_names[i]));
}

static void walks_as_the_reference_does(void **state)
{
    const optimiser *o = *state;
    for (int b = 0; b < 2; b++) {
        const char *where = ask_isa_name(ask_cpu_isa(backends[b]));
        trainer t = trainer_open(o, backends[b]);
        for (int step = 0; step < N_STEPS; step++) check_step(&t, o->name, where, step);
        check_last_gradients(&t, o->name, where);
        ask_graph_free(t.graph);
        ask_store_free(t.store);
    }
}

static void every_tensor_of_the_file_was_used(void **state)
{
    (void)state;
    if (golden_unused(&file)) fail_msg("%s was not compared", golden_unused(&file));
}

int main(void)
{
    enum { N = TEST_COUNT(optimisers) };
    struct CMUnitTest tests[N + 1];
    for (int i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){.name = optimisers[i].name,
                                       .test_func = walks_as_the_reference_does,
                                       .initial_state = (void *)(uintptr_t)&optimisers[i]};
    tests[N] = (struct CMUnitTest)cmocka_unit_test(every_tensor_of_the_file_was_used);
    return cmocka_run_group_tests(tests, open_all, close_all);
}
