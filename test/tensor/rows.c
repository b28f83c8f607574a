/* A row of a linear layer has the same bits whatever rows stand beside it, and however the
 * work is cut for the threads: so a picture's embedding does not depend on its batch. And
 * neither does a clip of a convolution. */
#include <stdlib.h>
#include <string.h>

#include "support/tensors.h"

enum { MOST_ROWS = 30, N_OUT = 45 };

/* The product of the first n rows. */
static float *product_of(ask_backend *b, ask_tensor *w, const float *x, int n, int64_t n_in)
{
    ask_graph *g = test_graph();
    ask_tensor *in = INPUT(g, n, n_in);
    ask_tensor *y = ask_keep(g, ask_linear(g, in, w, NULL));
    test_plan(g, b);
    test_put(in, x);
    test_run(g);
    float *out = test_get(y);
    ask_graph_free(g);
    return out;
}

static void check_width(int n_threads, int64_t n_in)
{
    ask_error err = {0};
    ask_backend *b = test_cpu(ASK_ISA_AUTO, n_threads);
    size_t n_weights = (size_t)n_in * N_OUT, n_x = (size_t)n_in * MOST_ROWS;
    float *values = malloc((n_weights + n_x) * sizeof *values), *x = values + n_weights;
    assert_non_null(values);
    for (size_t i = 0; i < n_weights + n_x; i++)
        values[i] = (float)((i * 2654435761u >> 8) % 1000) / 500 - 1;
    ask_store *s;
    ask_tensor *w;
    CHECK_OK(s = ask_store_new(b, &err), &err);
    CHECK_OK(w = ask_store_borrow(s, "w", ASK_F32, 2, (int64_t[]){N_OUT, n_in}, values,
                                  false, &err),
             &err);
    float *all = product_of(b, w, x, MOST_ROWS, n_in);
    for (int n = 1; n < MOST_ROWS; n++) {
        float *some = product_of(b, w, x, n, n_in);
        if (memcmp(some, all, (size_t)n * N_OUT * sizeof *all) != 0)
            fail_msg("%d rows of %d numbers, %d threads: other bits", n, (int)n_in,
                     n_threads);
        free(some);
    }
    free(all);
    ask_store_free(s);
    ask_backend_close(b);
    free(values);
}

static void a_row_does_not_depend_on_those_beside_it(void **state)
{
    (void)state;
    static const int64_t widths[] = {7, 512, 513, 1030, 3072};
    for (int n_threads = 1; n_threads <= 3; n_threads++)
        for (size_t i = 0; i < TEST_COUNT(widths); i++) check_width(n_threads, widths[i]);
}

/* ---- convolutions ---- */

enum { N_CLIPS = 3, N_CHANNELS = 30, N_SIZE = 4 * 9 * 10 };

/* Of the first n clips. */
static float *convolution_of(ask_backend *b, const float *w, const float *x, int n)
{
    const ask_conv_options opt = {.pad = {1, 1, 1}, .relu = true};
    ask_graph *g = test_graph();
    ask_tensor *clips = INPUT(g, n, N_CHANNELS, 4, 9, 10);
    ask_tensor *kernel = INPUT(g, N_OUT, N_CHANNELS, 3, 3, 3);
    ask_tensor *y = ask_keep(g, ask_conv3d(g, clips, kernel, NULL, &opt));
    test_plan(g, b);
    test_put(clips, x);
    test_put(kernel, w);
    test_run(g);
    float *out = test_get(y);
    ask_graph_free(g);
    return out;
}

static void a_clip_does_not_depend_on_those_beside_it(void **state)
{
    (void)state;
    enum { N_WEIGHTS = N_OUT * N_CHANNELS * 27, N_X = N_CLIPS * N_CHANNELS * N_SIZE };
    float *values = malloc((N_WEIGHTS + N_X) * sizeof *values), *first = NULL;
    assert_non_null(values);
    for (size_t i = 0; i < N_WEIGHTS + N_X; i++)
        values[i] = (float)((i * 2654435761u >> 8) % 1000) / 500 - 1;
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        ask_backend *b = test_cpu(ASK_ISA_AUTO, n_threads);
        for (int n = N_CLIPS; n > 0; n--) {
            float *some = convolution_of(b, values, values + N_WEIGHTS, n);
            if (first && memcmp(some, first, sizeof *some * (size_t)n * N_OUT * N_SIZE))
                fail_msg("%d clips, %d threads: other bits", n, n_threads);
            if (first)
                free(some);
            else
                first = some;
        }
        ask_backend_close(b);
    }
    free(first);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_does_not_depend_on_those_beside_it),
        cmocka_unit_test(a_clip_does_not_depend_on_those_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
