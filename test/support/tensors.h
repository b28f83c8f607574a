/* tensors.h - graphs in a few lines. Whatever fails ends the test with the library's
 * message. */
#ifndef TEST_TENSORS_H
#define TEST_TENSORS_H

#include "support/testing.h"
#include "tensor/cpu/cpu.h"
#include "tensor/graph.h"
#include "tensor/ops.h"
#include "tensor/store.h"

/* An f32 input: INPUT(g, 2, 3). */
#define INPUT(g, ...) ask_input(g, ASK_F32, DIMS(__VA_ARGS__))
#define INPUT_I64(g, ...) ask_input(g, ASK_I64, DIMS(__VA_ARGS__))
#define DIMS(...)                                                                          \
    (int)TEST_COUNT(((int64_t[]){__VA_ARGS__})), (int64_t[])                               \
    {                                                                                      \
        __VA_ARGS__                                                                        \
    }

/* The backend of a program's tests, between open_cpu and close_cpu: group fixtures. */
extern ask_backend *the_cpu;
int open_cpu(void **state);
int close_cpu(void **state);

/* A cpu backend; a new graph. */
ask_backend *test_cpu(ask_isa isa, int n_threads);
ask_graph *test_graph(void);

/* A store tensor of zeros. */
ask_tensor *test_stored(ask_store *s, const char *name, int n_dims, const int64_t *shape);

void test_plan(ask_graph *g, ask_backend *b);
void test_run(ask_graph *g);

/* Writes all elements: given ones, one number (f32 or i64) everywhere, or normal random
 * ones. */
void test_put(ask_tensor *t, const void *data);
void test_put_all(ask_tensor *t, double value);
void test_put_random(ask_tensor *t, uint64_t seed, double deviation);

/* Copies all elements out; freed by the caller. */
void *test_get(const ask_tensor *t);

/* Fails the test unless every element is within tol (absolute and relative). */
void test_near(const char *what, const float *actual, const float *expected, int64_t n,
               double tol);

#endif
