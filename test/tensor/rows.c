/* A row of a linear layer has the same bits whatever rows stand beside it, and however the
 * work is cut for the threads: so a picture's embedding does not depend on its batch. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_does_not_depend_on_those_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
