/* A two-layer network learns a function it can represent until the loss is gone, wherever
 * it runs. */
#include <math.h>
#include <stdlib.h>

#include "support/fake_backend.h"
#include "support/tensors.h"

enum { N = 16, N_IN = 4, N_HIDDEN = 64, N_OUT = 2, N_WEIGHTS = 4, N_STEPS = 1000 };

static const int64_t shapes[N_WEIGHTS][2] = {
    {N_HIDDEN, N_IN}, {N_HIDDEN}, {N_OUT, N_HIDDEN}, {N_OUT}};
static const int n_dims[N_WEIGHTS] = {2, 1, 2, 1};

static ask_tensor *two_layers(ask_graph *g, ask_tensor *x, ask_tensor *const *w)
{
    ask_tensor *hidden = ask_gelu(g, ask_linear(g, x, w[0], w[1]), ASK_GELU_TANH);
    return ask_linear(g, hidden, w[2], w[3]);
}

typedef struct {
    ask_store *store;
    ask_graph *graph;
    ask_tensor *w[N_WEIGHTS], *x, *y, *lr, *step, *loss;
} trainer;

static trainer trainer_open(ask_backend *const *backends, int n_backends)
{
    static const char *const names[3][N_WEIGHTS] = {{"w1", "b1", "w2", "b2"},
                                                    {"w1.m", "b1.m", "w2.m", "b2.m"},
                                                    {"w1.v", "b1.v", "w2.v", "b2.v"}};
    ask_error err = {0};
    trainer t = {.graph = test_graph()};
    ask_tensor *state[3][N_WEIGHTS], *grad[N_WEIGHTS];
    CHECK_OK(t.store = ask_store_new(backends[0], &err), &err);
    for (int kind = 0; kind < 3; kind++)
        for (int i = 0; i < N_WEIGHTS; i++)
            state[kind][i] = test_stored(t.store, names[kind][i], n_dims[i], shapes[i]);
    for (int i = 0; i < N_WEIGHTS; i++) t.w[i] = state[0][i];

    t.x = INPUT(t.graph, N, N_IN);
    t.y = INPUT(t.graph, N, N_OUT);
    t.lr = INPUT(t.graph, 1);
    t.step = INPUT_I64(t.graph, 1);
    t.loss = ask_keep(t.graph, ask_mse(t.graph, two_layers(t.graph, t.x, t.w), t.y));
    ask_graph_gradients(t.graph, t.loss, t.w, N_WEIGHTS, grad);
    const ask_adam_options adam = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
    for (int i = 0; i < N_WEIGHTS; i++)
        ask_adam_step(t.graph, state[0][i], state[1][i], state[2][i], grad[i], t.lr, t.step,
                      &adam);
    ask_plan_options opt = {
        .struct_size = sizeof opt, .backends = backends, .n_backends = n_backends};
    CHECK_OK(ask_graph_plan(t.graph, &opt, &err), &err);
    return t;
}

static void trainer_close(trainer *t)
{
    ask_graph_free(t->graph);
    ask_store_free(t->store);
}

/* The function to learn is a network of the same form, with other weights. */
static float *outputs_of_a_teacher(void)
{
    ask_backend *b = test_cpu(ASK_ISA_SCALAR, 1);
    ask_graph *g = test_graph();
    ask_tensor *w[N_WEIGHTS], *x = INPUT(g, N, N_IN);
    for (int i = 0; i < N_WEIGHTS; i++) w[i] = ask_input(g, ASK_F32, n_dims[i], shapes[i]);
    ask_tensor *y = ask_keep(g, two_layers(g, x, w));
    test_plan(g, b);
    test_put_random(x, 1, 1.0);
    for (int i = 0; i < N_WEIGHTS; i++) test_put_random(w[i], 10 + (uint64_t)i, 0.5);
    test_run(g);
    float *out = test_get(y);
    ask_graph_free(g);
    ask_backend_close(b);
    return out;
}

static double loss_of_step(trainer *t, int step)
{
    test_put_all(t->lr, 0.05 * 0.5 * (1 + cos(3.14159265 * step / N_STEPS)));
    test_put_all(t->step, step + 1);
    test_run(t->graph);
    float *v = test_get(t->loss);
    double loss = (double)v[0];
    free(v);
    return loss;
}

static void check_learning(const char *where, ask_backend *const *backends, int n_backends)
{
    trainer t = trainer_open(backends, n_backends);
    float *y = outputs_of_a_teacher();
    test_put_random(t.x, 1, 1.0);
    test_put(t.y, y);
    for (int i = 0; i < N_WEIGHTS; i++) test_put_random(t.w[i], 20 + (uint64_t)i, 0.3);
    double first = loss_of_step(&t, 0), last = first;
    for (int step = 1; step < N_STEPS; step++) last = loss_of_step(&t, step);
    print_message("%s: loss %.3g, after %d steps %.3g\n", where, first, N_STEPS, last);
    if (!(first > 0.5 && last < 1e-6))
        fail_msg("%s: loss %g became %g", where, first, last);
    free(y);
    trainer_close(&t);
}

static void two_layers_learn_on_the_cpu(void **state)
{
    ask_backend *scalar = test_cpu(ASK_ISA_SCALAR, 1), *best = test_cpu(ASK_ISA_AUTO, 2);
    (void)state;
    check_learning("scalar kernels", &scalar, 1);
    check_learning("best kernels", &best, 1);
    ask_backend_close(scalar);
    ask_backend_close(best);
}

static void two_layers_learn_on_a_backend_that_hides_its_memory(void **state)
{
    ask_backend *cpu = test_cpu(ASK_ISA_AUTO, 1);
    (void)state;
    for (int lacks = 0; lacks < 3; lacks++) {
        ask_error err = {0};
        ask_backend *fake;
        CHECK_OK(fake = fake_backend_open(lacks, &err), &err);
        check_learning("fake and cpu", (ask_backend *[]){fake, cpu}, 2);
        assert_int_equal(fake_backend_bytes(fake), 0);
        ask_backend_close(fake);
    }
    ask_backend_close(cpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_layers_learn_on_the_cpu),
        cmocka_unit_test(two_layers_learn_on_a_backend_that_hides_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
