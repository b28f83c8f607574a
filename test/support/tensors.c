#include "support/tensors.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

ask_backend *test_cpu(ask_isa isa, int n_threads)
{
    ask_error err = {0};
    ask_cpu_options opt = {.struct_size = sizeof opt, .isa = isa, .n_threads = n_threads};
    ask_backend *b;
    CHECK_OK(b = ask_cpu_open(&opt, &err), &err);
    return b;
}

ask_backend *the_cpu;

int open_cpu(void **state)
{
    (void)state;
    the_cpu = test_cpu(ASK_ISA_AUTO, 1);
    return 0;
}

int close_cpu(void **state)
{
    (void)state;
    ask_backend_close(the_cpu);
    return 0;
}

ask_graph *test_graph(void)
{
    ask_error err = {0};
    ask_graph *g;
    CHECK_OK(g = ask_graph_new(&err), &err);
    return g;
}

ask_tensor *test_stored(ask_store *s, const char *name, int n_dims, const int64_t *shape)
{
    ask_error err = {0};
    ask_tensor *t;
    CHECK_OK(t = ask_store_add(s, name, ASK_F32, n_dims, shape, &err), &err);
    return t;
}

void test_plan(ask_graph *g, ask_backend *b)
{
    ask_error err = {0};
    ask_plan_options opt = {.struct_size = sizeof opt, .backends = &b, .n_backends = 1};
    CHECK_OK(ask_graph_plan(g, &opt, &err), &err);
}

void test_run(ask_graph *g)
{
    ask_error err = {0};
    CHECK_OK(ask_graph_run(g, NULL, &err), &err);
}

void test_put(ask_tensor *t, const void *data)
{
    ask_error err = {0};
    CHECK_OK(ask_tensor_write(t, data, ask_tensor_bytes(t), &err), &err);
}

static void *room_for(const ask_tensor *t)
{
    void *data = malloc(ask_tensor_bytes(t) + 1);
    if (!data) fail_msg("out of memory");
    return data;
}

void test_put_all(ask_tensor *t, double value)
{
    void *data = room_for(t);
    for (int64_t i = 0; i < ask_tensor_count(t); i++)
        if (ask_tensor_type(t) == ASK_I64)
            ((int64_t *)data)[i] = (int64_t)value;
        else
            ((float *)data)[i] = (float)value;
    test_put(t, data);
    free(data);
}

void test_put_random(ask_tensor *t, uint64_t seed, double deviation)
{
    ask_rng rng = ask_rng_new(seed);
    float *data = room_for(t);
    for (int64_t i = 0; i < ask_tensor_count(t); i++)
        data[i] = (float)(deviation * ask_rng_normal(&rng));
    test_put(t, data);
    free(data);
}

void *test_get(const ask_tensor *t)
{
    ask_error err = {0};
    void *data = room_for(t);
    CHECK_OK(ask_tensor_read(t, data, ask_tensor_bytes(t), &err), &err);
    return data;
}

void test_near(const char *what, const float *actual, const float *expected, int64_t n,
               double tol)
{
    for (int64_t i = 0; i < n; i++) {
        double a = (double)actual[i], b = (double)expected[i];
        if (!(fabs(a - b) <= tol + tol * fabs(b)))
            fail_msg("%s, element %lld of %lld: %.9g, not %.9g", what, (long long)i,
                     (long long)n, a, b);
    }
}
