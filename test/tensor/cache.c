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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_in_chunks_equals_attention_over_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
