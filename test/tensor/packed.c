/* Constant weights, which kernels may pack into another layout: whatever becomes of the
 * pages they came from, every graph that uses them computes the same. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rng.h"
#include "support/tensors.h"

enum { N_OUT = 301, N_IN = 257, N_ROWS = 9 };

/* A file of random weights, mapped. */
typedef struct {
    char *dir;
    size_t bytes;
    float *weights;
} mapped_file;

static mapped_file map_weights(void)
{
    mapped_file f = {.dir = test_temp_dir_make(), .bytes = sizeof(float) * N_OUT * N_IN};
    float *values = malloc(f.bytes);
    ask_rng rng = ask_rng_new(3);
    assert_non_null(values);
    for (int i = 0; i < N_OUT * N_IN; i++) values[i] = (float)ask_rng_normal(&rng);
    const char *path = test_path(f.dir, "weights");
    test_write(path, values, f.bytes);
    free(values);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    f.weights = mmap(NULL, f.bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(f.weights != MAP_FAILED);
    close(fd);
    return f;
}

static void unmap_weights(mapped_file *f)
{
    munmap(f->weights, f->bytes);
    test_temp_dir_remove(f->dir);
}

/* x w^T, whose kernel packs w, and a sum over w itself, whose kernel does not. */
typedef struct {
    float *product, sum;
} results;

static results compute(ask_backend *b, ask_tensor *w)
{
    ask_graph *g = test_graph();
    ask_tensor *x = INPUT(g, N_ROWS, N_IN);
    ask_tensor *y = ask_keep(g, ask_linear(g, x, w, NULL));
    ask_tensor *sum = ask_keep(g, ask_sum(g, ask_mul(g, w, w), 0, false));
    test_plan(g, b);
    test_put_random(x, 4, 1.0);
    test_run(g);
    float *v = test_get(sum);
    results r = {.product = test_get(y), .sum = v[0]};
    free(v);
    ask_graph_free(g);
    return r;
}

static results check_near(const char *what, ask_backend *b, ask_tensor *w,
                          const results *expected)
{
    results r = compute(b, w);
    test_near(what, r.product, expected->product, N_ROWS * N_OUT,
              1e-4); // sums of 257 terms
    test_near(what, &r.sum, &expected->sum, 1, 1e-5);
    return r;
}

/* A weight is packed at its second use: the bits stay. */
static void check_uses(ask_backend *b, ask_tensor *w, const results *expected)
{
    static const char *const uses[] = {"being packed", "packed before"};
    results first = check_near("as it lies", b, w, expected);
    for (size_t i = 0; i < TEST_COUNT(uses); i++) {
        results r = check_near(uses[i], b, w, expected);
        CHECK_CASE(uses[i], memcmp(r.product, first.product,
                                   sizeof *r.product * N_ROWS * N_OUT) == 0);
        free(r.product);
    }
    free(first.product);
}

static void a_weight_may_be_packed_once_and_used_everywhere(void **state)
{
    ask_error err = {0};
    ask_backend *scalar = test_cpu(ASK_ISA_SCALAR, 1), *best = test_cpu(ASK_ISA_AUTO, 2);
    ask_store *plain, *s;
    ask_tensor *w;
    mapped_file f = map_weights();
    (void)state;
    CHECK_OK(plain = ask_store_new(scalar, &err), &err);
    CHECK_OK(w = ask_store_borrow(plain, "w", ASK_F32, DIMS(N_OUT, N_IN), f.weights, false,
                                  &err),
             &err);
    results expected = compute(scalar, w);

    for (int mapped = 0; mapped < 2; mapped++) {
        CHECK_OK(s = ask_store_new(best, &err), &err);
        CHECK_OK(w = ask_store_borrow(s, "w", ASK_F32, DIMS(N_OUT, N_IN), f.weights, mapped,
                                      &err),
                 &err);
        check_uses(best, w, &expected);
        ask_store_free(s);
    }
    free(expected.product);
    ask_store_free(plain);
    ask_backend_close(scalar);
    ask_backend_close(best);
    unmap_weights(&f);
}

/* A new weight may come to lie where an old one was: nothing of the old one may be left. */
static void a_weight_that_is_gone_is_forgotten(void **state)
{
    ask_error err = {0};
    ask_backend *best = test_cpu(ASK_ISA_AUTO, 1);
    float *memory = malloc(sizeof(float) * N_OUT * N_IN), first = 0;
    (void)state;
    assert_non_null(memory);
    for (int round = 1; round <= 3; round++) {
        ask_store *s;
        ask_tensor *w;
        for (int i = 0; i < N_OUT * N_IN; i++) memory[i] = (float)round;
        CHECK_OK(s = ask_store_new(best, &err), &err);
        CHECK_OK(
            w = ask_store_borrow(s, "w", ASK_F32, DIMS(N_OUT, N_IN), memory, false, &err),
            &err);
        results r = compute(best, w);
        float expected = (float)(round * round) * N_OUT * N_IN;
        test_near("sum of squares", &r.sum, &expected, 1, 1e-5);
        // All rows of w are alike, and round times those of the first round.
        if (round == 1) first = r.product[0];
        expected = first * (float)round;
        test_near("product", &r.product[0], &expected, 1, 1e-4);
        test_near("product", &r.product[N_OUT - 1], &expected, 1, 1e-4);
        free(r.product);
        ask_store_free(s);
    }
    free(memory);
    ask_backend_close(best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weight_may_be_packed_once_and_used_everywhere),
        cmocka_unit_test(a_weight_that_is_gone_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
