/* learn.c - a small network learns to tell two spirals apart.
 *
 * Shows the engine from end to end: weights in a store, a graph for training with its
 * gradients and optimiser steps, a graph for using what was learnt, and one way out.
 *
 *     cc learn.c $(pkg-config --cflags --libs askance) -lm */
#include <askance.h>
#include <math.h>
#include <stdio.h>

enum { N_POINTS = 256, N_HIDDEN = 32, N_STEPS = 800, N_WEIGHTS = 6 };

typedef struct {
    float xy[N_POINTS][2];
    int64_t label[N_POINTS]; // which spiral
} points;

/* Points along two spirals that wind around each other, a little off the line. */
static points draw_points(uint64_t seed)
{
    points p;
    ask_rng rng = ask_rng_new(seed);
    for (int i = 0; i < N_POINTS; i++) {
        double along = ask_rng_double(&rng);
        double angle = along * 6 + (i % 2) * 3.14159265;
        p.label[i] = i % 2;
        p.xy[i][0] = (float)(along * cos(angle) + 0.01 * ask_rng_normal(&rng));
        p.xy[i][1] = (float)(along * sin(angle) + 0.01 * ask_rng_normal(&rng));
    }
    return p;
}

/* A linear layer's weights in the store: w[n_out, n_in] random, b[n_out] zeros. */
static bool add_layer(ask_store *s, int layer, int64_t n_in, int64_t n_out, ask_rng *rng,
                      ask_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "w%d", layer);
    ask_tensor *w = ask_store_add(s, name, ASK_F32, 2, (int64_t[]){n_out, n_in}, err);
    snprintf(name, sizeof name, "b%d", layer);
    if (!w || !ask_store_add(s, name, ASK_F32, 1, (int64_t[]){n_out}, err)) return false;

    float values[N_HIDDEN * N_HIDDEN]; // the largest layer
    double deviation = sqrt(2.0 / (double)n_in);
    for (int64_t i = 0; i < n_out * n_in; i++)
        values[i] = (float)(deviation * ask_rng_normal(rng));
    return ask_tensor_write(w, values, (size_t)(n_out * n_in) * sizeof *values, err);
}

static bool add_weights(ask_store *s, ask_error *err)
{
    ask_rng rng = ask_rng_new(1);
    return add_layer(s, 0, 2, N_HIDDEN, &rng, err) &&
           add_layer(s, 1, N_HIDDEN, N_HIDDEN, &rng, err) &&
           add_layer(s, 2, N_HIDDEN, 2, &rng, err);
}

/* xy: [N, 2] -> [N, 2], how much each spiral is believed in. */
static ask_tensor *network(ask_graph *g, const ask_store *s, ask_tensor *xy)
{
    ask_tensor *x = ask_relu(
        g, ask_linear(g, xy, ask_store_find(s, "w0"), ask_store_find(s, "b0"))); // [N, H]
    x = ask_relu(g, ask_linear(g, x, ask_store_find(s, "w1"), ask_store_find(s, "b1")));
    return ask_linear(g, x, ask_store_find(s, "w2"), ask_store_find(s, "b2"));
}

static ask_tensor *constant_xy(ask_graph *g, const points *p)
{
    return ask_constant(g, ASK_F32, 2, (int64_t[]){N_POINTS, 2}, p->xy);
}

/* Adds one step of Adam on every weight; its moments are store tensors beside the weight.
 */
static bool add_steps(ask_graph *g, ask_store *s, ask_tensor *loss, ask_tensor *step,
                      ask_error *err)
{
    ask_tensor *weight[N_WEIGHTS], *grad[N_WEIGHTS];
    for (int i = 0; i < N_WEIGHTS; i++) weight[i] = ask_store_at(s, i);
    ask_graph_gradients(g, loss, weight, N_WEIGHTS, grad);

    const ask_adam_options adam = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
    ask_tensor *rate = ask_full(g, 1, (int64_t[]){1}, 0.01);
    for (int i = 0; i < N_WEIGHTS; i++) {
        int64_t shape[2];
        int n_dims = ask_tensor_n_dims(weight[i]);
        for (int d = 0; d < n_dims; d++) shape[d] = ask_tensor_dim(weight[i], d);
        ask_tensor *moments[2];
        for (int k = 0; k < 2; k++) {
            char name[48];
            snprintf(name, sizeof name, "%s.moment%d", ask_tensor_name(weight[i]), k + 1);
            moments[k] = ask_store_add(s, name, ASK_F32, n_dims, shape, err);
            if (!moments[k]) return false;
        }
        ask_adam_step(g, weight[i], moments[0], moments[1], grad[i], rate, step, &adam);
    }
    return true;
}

static bool plan(ask_graph *g, ask_backend *cpu, ask_error *err)
{
    const ask_plan_options opt = {sizeof opt, &cpu, 1};
    return ask_graph_plan(g, &opt, err);
}

/* Trains on the points; *first and *last become the loss of the first and the last step. */
static bool train(ask_backend *cpu, ask_store *s, const points *p, float *first,
                  float *last, ask_error *err)
{
    ask_graph *g = ask_graph_new(err);
    if (!g) return false;
    ask_tensor *labels = ask_constant(g, ASK_I64, 1, (int64_t[]){N_POINTS}, p->label);
    ask_tensor *loss = ask_keep(
        g, ask_cross_entropy(g, network(g, s, constant_xy(g, p)), labels, NULL)); // scalar
    ask_tensor *step = ask_input(g, ASK_I64, 1, (int64_t[]){1});
    bool ok = add_steps(g, s, loss, step, err) && plan(g, cpu, err);

    for (int64_t i = 1; ok && i <= N_STEPS; i++) {
        ok = ask_tensor_write(step, &i, sizeof i, err) && ask_graph_run(g, NULL, err) &&
             ask_tensor_read(loss, last, sizeof *last, err);
        if (i == 1) *first = *last;
        if (ok && (i == 1 || i % 100 == 0)) printf("step %4d  loss %.5f\n", (int)i, *last);
    }
    ask_graph_free(g);
    return ok;
}

/* Counts the points whose spiral the network tells. */
static bool count_right(ask_backend *cpu, const ask_store *s, const points *p, int *n_right,
                        ask_error *err)
{
    ask_graph *g = ask_graph_new(err);
    if (!g) return false;
    ask_tensor *guess =
        ask_keep(g, ask_argmax(g, network(g, s, constant_xy(g, p)), 1)); // [N]
    int64_t label[N_POINTS];
    bool ok = plan(g, cpu, err) && ask_graph_run(g, NULL, err) &&
              ask_tensor_read(guess, label, sizeof label, err);
    *n_right = 0;
    for (int i = 0; ok && i < N_POINTS; i++) *n_right += label[i] == p->label[i];
    ask_graph_free(g);
    return ok;
}

int main(void)
{
    ask_error err = {0};
    const points seen = draw_points(1), unseen = draw_points(2);
    float first = 0, last = 0;
    int n_right = 0;

    ask_backend *cpu = ask_cpu_open(NULL, &err);
    ask_store *s = cpu ? ask_store_new(cpu, &err) : NULL;
    bool ok = s && add_weights(s, &err) && train(cpu, s, &seen, &first, &last, &err) &&
              count_right(cpu, s, &unseen, &n_right, &err);
    ask_store_free(s);
    ask_backend_close(cpu);
    if (!ok) {
        fprintf(stderr, "learn: %s\n", err.message);
        return ask_error_exit_status(err.code);
    }
    printf("learn: loss %.3f -> %.5f in %d steps; %d of %d unseen points told right\n",
           first, last, N_STEPS, n_right, N_POINTS);
    return 0;
}
