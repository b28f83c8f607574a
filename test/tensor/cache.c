/* Decoding with a cache: keys and values are written into store tensors row by row, and one
 * planned graph serves every length. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_backend.h"
#include "support/tensors.h"

enum {
    H = 4,
    HK = 2,
    T = 11,
    ROOM = 16,
    D = 8
}; // query heads, key heads, tokens, rows, width

static void split_heads(float *dst, const float *src, int heads, int begin, int n)
{
    for (int h = 0; h < heads; h++)
        memcpy(dst + h * n * D, src + (h * T + begin) * D, sizeof(float) * (size_t)(n * D));
}

/* All tokens at once. */
static float *full_attention(ask_backend *cpu)
{
    ask_graph *g = test_graph();
    ask_tensor *q = INPUT(g, 1, H, T, D), *k = INPUT(g, 1, HK, T, D),
               *v = INPUT(g, 1, HK, T, D);
    ask_tensor *y =
        ask_keep(g, ask_attention(g, q, k, v, &(ask_attention_options){.causal = true}));
    test_plan(g, cpu);
    test_put_random(q, 1, 1.0);
    test_put_random(k, 2, 1.0);
    test_put_random(v, 3, 1.0);
    test_run(g);
    float *out = test_get(y);
    ask_graph_free(g);
    return out;
}

static float *random_heads(int heads, uint64_t seed)
{
    ask_backend *b = test_cpu(ASK_ISA_SCALAR, 1);
    ask_graph *g = test_graph();
    ask_tensor *x = ask_keep(g, INPUT(g, 1, heads, T, D));
    test_plan(g, b);
    test_put_random(x, seed, 1.0);
    float *v = test_get(x);
    ask_graph_free(g);
    ask_backend_close(b);
    return v;
}

/* A decoder that takes `chunk` tokens a run. */
typedef struct {
    ask_store *s;
    ask_graph *g;
    ask_tensor *q, *k, *v, *at, *n_valid, *out;
    int chunk;
} decoder;

static decoder decoder_open(ask_backend *const *backends, int n_backends, int chunk)
{
    ask_error err = {0};
    decoder d = {.g = test_graph(), .chunk = chunk};
    CHECK_OK(d.s = ask_store_new(backends[0], &err), &err);
    ask_tensor *keys = test_stored(d.s, "keys", 4, (int64_t[]){1, HK, ROOM, D});
    ask_tensor *values = test_stored(d.s, "values", 4, (int64_t[]){1, HK, ROOM, D});
    test_put_all(keys, NAN); // rows that were not written must not be looked at
    test_put_all(values, NAN);
    d.q = INPUT(d.g, 1, H, chunk, D);
    d.k = INPUT(d.g, 1, HK, chunk, D);
    d.v = INPUT(d.g, 1, HK, chunk, D);
    d.at = INPUT_I64(d.g, 1);
    d.n_valid = INPUT_I64(d.g, 1);
    ask_tensor *k = ask_write_rows(d.g, keys, d.k, d.at);
    ask_tensor *v = ask_write_rows(d.g, values, d.v, d.at);
    ask_attention_options opt = {.causal = true, .n_valid = d.n_valid};
    d.out = ask_keep(d.g, ask_attention(d.g, d.q, k, v, &opt));
    ask_plan_options plan = {
        .struct_size = sizeof plan, .backends = backends, .n_backends = n_backends};
    CHECK_OK(ask_graph_plan(d.g, &plan, &err), &err);
    return d;
}

static void put_chunk(ask_tensor *t, const float *all, int heads, int begin, int n)
{
    float part[H * T * D];
    split_heads(part, all, heads, begin, n);
    test_put(t, part);
}

static void check_decoding(ask_backend *const *backends, int n_backends,
                           const float *expected)
{
    float *q = random_heads(H, 1), *k = random_heads(HK, 2), *v = random_heads(HK, 3);
    for (int chunk = 1; chunk <= T; chunk++) {
        decoder d = decoder_open(backends, n_backends, chunk);
        for (int begin = 0; begin + chunk <= T; begin += chunk) {
            float rows[H * T * D];
            put_chunk(d.q, q, H, begin, chunk);
            put_chunk(d.k, k, HK, begin, chunk);
            put_chunk(d.v, v, HK, begin, chunk);
            test_put_all(d.at, begin);
            test_put_all(d.n_valid, begin + chunk);
            test_run(d.g);
            float *out = test_get(d.out);
            split_heads(rows, expected, H, begin, chunk);
            test_near("decoded rows", out, rows, H * chunk * D, 1e-5); // sums of 11 terms
            free(out);
        }
        ask_graph_free(d.g);
        ask_store_free(d.s);
    }
    free(q);
    free(k);
    free(v);
}

static void decoding_in_chunks_equals_attention_over_all(void **state)
{
    ask_error err = {0};
    ask_backend *scalar = test_cpu(ASK_ISA_SCALAR, 1), *best = test_cpu(ASK_ISA_AUTO, 2);
    float *expected = full_attention(scalar);
    (void)state;
    check_decoding(&scalar, 1, expected);
    check_decoding(&best, 1, expected);
    for (int lacks = 0; lacks < 3; lacks++) {
        ask_backend *fake;
        CHECK_OK(fake = fake_backend_open(lacks, &err), &err);
        check_decoding((ask_backend *[]){fake, best}, 2, expected);
        ask_backend_close(fake);
    }
    free(expected);
    ask_backend_close(scalar);
    ask_backend_close(best);
}

/* Of the last rows of many, in the middle of a cache, by their mask or their order. */
typedef struct {
    const char *name;
    int64_t width, n_queries, window;
    bool masked;
} few_case;

static float *attend(const few_case *c, ask_backend *cpu, bool cached)
{
    enum { N = 70, FREE = 6 }; // rows, and those of a cache behind them
    int64_t n = N + (cached ? FREE : 0);
    ask_graph *g = test_graph();
    ask_tensor *q = INPUT(g, 1, H, c->n_queries, c->width);
    ask_tensor *k = INPUT(g, 1, HK, n, c->width), *v = INPUT(g, 1, HK, n, c->width);
    ask_tensor *mask = ask_input(g, ASK_BOOL, DIMS(1, 1, c->n_queries, n));
    ask_tensor *n_valid = INPUT_I64(g, 1);
    ask_attention_options o = {.causal = !c->masked,
                               .window = c->window,
                               .mask = c->masked ? mask : NULL,
                               .n_valid = cached ? n_valid : NULL};
    ask_tensor *y = ask_keep(g, ask_attention(g, q, k, v, &o));
    test_plan(g, cpu);
    test_put_random(q, 1, 1.0);
    float *rows = malloc((size_t)(HK * n * c->width) * sizeof *rows);
    assert_non_null(rows);
    for (int of_values = 0; of_values < 2; of_values++) {
        for (int64_t i = 0; i < HK * n * c->width; i++) {
            int64_t h = i / (n * c->width), row = i / c->width % n, at = i % c->width;
            rows[i] =
                row < N
                    ? (float)sin((double)(h * 7919 + row * 131 + at * 17 + of_values * 29))
                    : NAN;
        }
        test_put(of_values ? v : k, rows);
    }
    if (c->masked) {
        bool *sees = malloc((size_t)(c->n_queries * n));
        assert_non_null(sees);
        for (int64_t i = 0; i < c->n_queries * n; i++) sees[i] = i % n % 3 != i / n % 3;
        test_put(mask, sees);
        free(sees);
    }
    if (cached) test_put_all(n_valid, N);
    test_run(g);
    float *out = test_get(y);
    free(rows);
    ask_graph_free(g);
    return out;
}

static void a_few_queries_see_what_many_would(void **state)
{
    static const few_case cases[] = {
        {"one", 8, 1, 0, false},
        {"one, wider than a vector", 64, 1, 0, false},
        {"two, an odd width", 80, 2, 0, false},
        {"four, wider still", 130, 4, 0, false},
        {"a window", 64, 3, 9, false},
        {"a mask", 64, 2, 0, true},
        {"a mask, an odd width", 130, 4, 0, true},
        {"more than a few", 64, 5, 0, false},
    };
    static const ask_isa isas[] = {ASK_ISA_SCALAR, ASK_ISA_AVX2, ASK_ISA_AUTO};
    ask_backend *scalar = test_cpu(ASK_ISA_SCALAR, 1);
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const few_case *c = &cases[i];
        float *expected = attend(c, scalar, false);
        for (size_t j = 0; j < TEST_COUNT(isas); j++) {
            ask_error err = {0};
            ask_cpu_options o = {.struct_size = sizeof o, .isa = isas[j], .n_threads = 2};
            ask_backend *cpu = ask_cpu_open(&o, &err);
            if (!cpu) continue; // not on this processor
            float *out = attend(c, cpu, true);
            test_near(c->name, out, expected, H * c->n_queries * c->width, 2e-5);
            free(out);
            ask_backend_close(cpu);
        }
        free(expected);
    }
    ask_backend_close(scalar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_in_chunks_equals_attention_over_all),
        cmocka_unit_test(a_few_queries_see_what_many_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
