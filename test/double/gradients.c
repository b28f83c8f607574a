/* The gradient of every differentiable op case against central differences.
 *
 * Built with the variant of the library whose f32 elements are doubles: with steps of 1e-5,
 * both the truncation (h^2 f''' / 6) and the rounding (1e-16 |f| / h) stay
 * near 1e-10, and far below the tolerance even where small variances amplify them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/op_suite.h"
#include "tensor/cpu/cpu.h"

static const double step = 1e-5;
static const double tol = 1e-6; // of the gradient or the loss, whichever is larger, or 1
enum { SAMPLES = 16, FEW_SAMPLES = 3, MANY = 10000 };

static ask_backend *cpu;

static int open_cpu(void **state)
{
    ask_error err = {0};
    ask_cpu_options opt = {
        .struct_size = sizeof opt, .isa = ASK_ISA_SCALAR, .n_threads = 1};
    (void)state;
    CHECK_OK(cpu = ask_cpu_open(&opt, &err), &err);
    return 0;
}

static int close_cpu(void **state)
{
    (void)state;
    ask_backend_close(cpu);
    return 0;
}

static void open_case(case_run *r, const op_case *c, case_layout layout, unsigned gradients)
{
    ask_error err = {0};
    case_place place = {&cpu, 1, cpu, gradients};
    if (!case_open(r, c, layout, &place, &err))
        fail_msg("%s, %s inputs: %s", c->name, case_layout_name(layout), err.message);
}

static double *values_of(const ask_tensor *t)
{
    ask_error err = {0};
    double *v;
    CHECK_OK(v = case_read(t, &err), &err);
    return v;
}

static double loss_of(const case_run *r)
{
    ask_error err = {0};
    CHECK_OK(ask_graph_run(r->graph, NULL, &err), &err);
    double *v = values_of(r->loss), loss = v[0];
    free(v);
    return loss;
}

/* The loss with element i of x moved by d. */
static double loss_near(const case_run *r, ask_tensor *x, double *v, int64_t i, double d)
{
    ask_error err = {0};
    double before = v[i];
    v[i] += d;
    CHECK_OK(ask_tensor_write(x, v, ask_tensor_bytes(x), &err), &err);
    v[i] = before;
    double loss = loss_of(r);
    CHECK_OK(ask_tensor_write(x, v, ask_tensor_bytes(x), &err), &err);
    return loss;
}

/* Element i of input k. What a window does not show is NaN: it must get no gradient. */
static void check_element(const case_run *r, case_layout layout, int k, double *v,
                          int64_t i, double grad)
{
    double above = isnan(v[i]) ? 0 : loss_near(r, r->leaf[k], v, i, step);
    double below = isnan(v[i]) ? 0 : loss_near(r, r->leaf[k], v, i, -step);
    double expected = (above - below) / (2 * step);
    double scale = fmax(1, fmax(fabs(above), fabs(expected)));
    if (!(fabs(grad - expected) <= tol * scale))
        fail_msg("%s, %s inputs, input %d, element %lld: gradient %.12g, differences %.12g",
                 r->c->name, case_layout_name(layout), k, (long long)i, grad, expected);
}

/* How many elements of an input are tried, spread over it. */
static int64_t samples_of(int64_t n)
{
    return n > MANY ? FEW_SAMPLES : n > SAMPLES ? SAMPLES : n;
}

static void check_layout(const op_case *c, case_layout layout)
{
    case_run with_gradients, forward;
    open_case(&with_gradients, c, layout, ALL_GRADIENTS);
    open_case(&forward, c, layout, 0);
    loss_of(&with_gradients);
    for (int k = 0; k < CASE_MAX_INPUTS; k++) {
        if (!c->in[k].grad) continue;
        int64_t n = ask_tensor_count(forward.leaf[k]);
        int64_t n_samples = samples_of(n);
        double *grad = values_of(with_gradients.grad[k]), *v = values_of(forward.leaf[k]);
        assert_int_equal(ask_tensor_count(with_gradients.grad[k]), n);
        for (int64_t s = 0; s < n_samples; s++) {
            int64_t i = s * n / n_samples;
            check_element(&forward, layout, k, v, i, grad[i]);
        }
        free(grad);
        free(v);
    }
    case_close(&forward);
    case_close(&with_gradients);
}

static void has_the_gradient_of_differences(void **state)
{
    const op_case *c = *state;
    bool any = false;
    for (int k = 0; k < CASE_MAX_INPUTS; k++) any |= c->in[k].grad;
    for (int layout = 0; layout < N_LAYOUTS && any && !c->steps; layout++)
        if (case_has_layout(c, layout)) check_layout(c, layout);
}

int main(void)
{
    return op_suite_run(&(op_suite){
        .test = has_the_gradient_of_differences, .setup = open_cpu, .teardown = close_cpu});
}
