/* Matrices of few bits: their codes, and products with them, which every kernel and every
 * cut computes with the same bits. */
#include "tensor/quant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/tensors.h"
#include "tensor/blocks.h"
#include "tensor/widen.h"

static const ask_dtype panels[] = {ASK_Q8, ASK_Q4};

/* Normal numbers, with a row and a column that stick out. */
static float *random_rows(int64_t n, int64_t k, uint64_t seed)
{
    float *x = malloc((size_t)(n * k + 1) * sizeof *x);
    ask_rng rng = ask_rng_new(seed);
    assert_non_null(x);
    for (int64_t i = 0; i < n * k; i++) {
        double grown = i / k == n / 2 ? 200 : i % k == k / 3 ? 50 : 1;
        x[i] = (float)(ask_rng_normal(&rng) * grown);
    }
    return x;
}

static void *encode(ask_dtype type, const float *x, int64_t n, int64_t k)
{
    size_t bytes, panel = ask_quant_panel_bytes(type, k);
    assert_true(ask_quant_bytes(&bytes, type, n, k));
    char *matrix = aligned_alloc(64, bytes + 64);
    assert_non_null(matrix);
    for (int64_t i = 0; i < ask_quant_n_panels(n); i++) {
        int64_t first = i * ASK_QUANT_ROWS, bad;
        int64_t rows = n - first < ASK_QUANT_ROWS ? n - first : ASK_QUANT_ROWS;
        assert_true(ask_quant_encode(type, matrix + (size_t)i * panel, x + first * k, rows,
                                     k, &bad));
    }
    return matrix;
}

static float *decode(ask_dtype type, const void *matrix, int64_t n, int64_t k)
{
    float *x = malloc((size_t)(n * k + 1) * sizeof *x);
    assert_non_null(x);
    ask_widen_rows(type, x, matrix, 0, n, k);
    return x;
}

/* ggml's types, and where their blocks have numbers of 16 bits. */
static const struct {
    ask_dtype type;
    int halves[2]; // -1: none
} block_types[] = {
    {ASK_Q8_0, {0, -1}}, {ASK_Q4_0, {0, -1}},   {ASK_Q4_1, {0, 2}}, {ASK_Q5_0, {0, -1}},
    {ASK_Q5_1, {0, 2}},  {ASK_Q2_K, {80, 82}},  {ASK_Q4_K, {0, 2}}, {ASK_Q3_K, {108, -1}},
    {ASK_Q5_K, {0, 2}},  {ASK_Q6_K, {208, -1}},
};

enum { ANY = -1 };

/* Blocks of bytes of a value, or of any bits, with scales of a sensible size. */
static void *random_blocks(size_t t, int64_t n, int64_t k, int value)
{
    ask_dtype type = block_types[t].type;
    size_t block = ask_dtype_block_bytes(type);
    size_t n_blocks = (size_t)(n * k / ask_dtype_block_elements(type));
    uint8_t *matrix = malloc(n_blocks * block + 1);
    ask_rng rng = ask_rng_new(6);
    assert_non_null(matrix);
    for (size_t i = 0; i < n_blocks * block; i++)
        matrix[i] = (uint8_t)(value == ANY ? ask_rng_u32(&rng) : (uint32_t)value);
    for (size_t i = 0; i < n_blocks; i++) {
        for (int h = 0; h < 2 && block_types[t].halves[h] >= 0; h++) {
            uint16_t half = ask_f32_to_f16((float)ask_rng_normal(&rng));
            memcpy(matrix + i * block + block_types[t].halves[h], &half, sizeof half);
        }
    }
    return matrix;
}

/* ---- codes ---- */

static void codes_are_near_what_they_stand_for(void **state)
{
    enum { N = 37, K = 71 };
    (void)state;
    float *x = random_rows(N, K, 1);
    memset(x + 5 * K, 0, K * sizeof *x);
    for (size_t t = 0; t < TEST_COUNT(panels); t++) {
        void *matrix = encode(panels[t], x, N, K);
        float *y = decode(panels[t], matrix, N, K);
        for (int64_t r = 0; r < N; r++) {
            for (int64_t k = 0; k < K; k++) {
                float largest = 0; // of the group
                for (int64_t i = k / 32 * 32; i < K && i < k / 32 * 32 + 32; i++)
                    largest = fmaxf(largest, fabsf(x[r * K + i]));
                float most = largest / (panels[t] == ASK_Q8 ? 126 : 5); // a step
                assert_true(fabsf(y[r * K + k] - x[r * K + k]) <= most);
            }
        }
        free(matrix);
        free(y);
    }
    free(x);
}

static void numbers_without_a_code_are_told(void **state)
{
    static const float wrong[] = {NAN, INFINITY, -INFINITY, 1e30f};
    enum { K = 40 };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
        float x[2 * K] = {1};
        char panel[4096];
        int64_t bad = -1;
        x[K + 7] = wrong[i];
        assert_true(ask_quant_panel_bytes(ASK_Q8, K) <= sizeof panel);
        assert_false(ask_quant_encode(ASK_Q8, panel, x, 2, K, &bad));
        assert_int_equal(bad, K + 7);
    }
}

/* The largest numbers that a scale of 16 bits reaches, and what is above them. */
static void large_numbers_have_codes_up_to_the_largest_scale(void **state)
{
    static const float most[] = {65504.0f * 127, 65504.0f * 8};
    (void)state;
    for (size_t t = 0; t < TEST_COUNT(panels); t++) {
        float x[32] = {most[t]}, y[32];
        char panel[2048];
        int64_t bad = -1;
        assert_true(ask_quant_encode(panels[t], panel, x, 1, 32, &bad));
        ask_quant_decode(panels[t], y, panel, 0, 32);
        assert_true(fabsf(y[0] - x[0]) <= most[t] / 8 && y[1] == 0);
        x[0] *= 1.001f;
        assert_false(ask_quant_encode(panels[t], panel, x, 1, 32, &bad));
        assert_int_equal(bad, 0);
    }
}

/* ---- products ---- */

typedef struct {
    ask_dtype type;
    int64_t m, n, k;
    bool bias;
    float *x, *b;
    void *w;
} product;

static product product_of(ask_dtype type, int64_t m, int64_t n, int64_t k, bool bias)
{
    product p = {.type = type, .m = m, .n = n, .k = k, .bias = bias};
    float *w = random_rows(n, k, 2);
    p.x = random_rows(m, k, 3);
    p.b = random_rows(1, n, 4);
    p.w = encode(type, w, n, k);
    free(w);
    return p;
}

static void product_free(product *p)
{
    free(p->x);
    free(p->b);
    free(p->w);
}

/* NULL where the processor lacks the instruction set. */
static float *multiply(const product *p, ask_isa isa, int n_threads)
{
    ask_error err = {0};
    ask_cpu_options how = {.struct_size = sizeof how, .isa = isa, .n_threads = n_threads};
    ask_backend *cpu = ask_cpu_open(&how, &err);
    if (!cpu) {
        assert_int_equal(err.code, ASK_ERR_DEVICE);
        return NULL;
    }
    ask_store *s;
    ask_tensor *w;
    CHECK_OK(s = ask_store_new(cpu, &err), &err);
    CHECK_OK(w = ask_store_borrow(s, "w", p->type, DIMS(p->n, p->k), p->w, false, &err),
             &err);
    ask_graph *g = test_graph();
    ask_tensor *x = INPUT(g, p->m, p->k), *b = p->bias ? INPUT(g, p->n) : NULL;
    ask_tensor *y = ask_keep(g, ask_linear(g, x, w, b));
    test_plan(g, cpu);
    test_put(x, p->x);
    if (b) test_put(b, p->b);
    test_run(g);
    float *out = test_get(y);
    ask_graph_free(g);
    ask_store_free(s);
    ask_backend_close(cpu);
    return out;
}

/* The definition in double: numbers of x rounded by groups, times what the codes of w stand
 * for. */
static void check_definition(const char *what, const product *p, const float *y)
{
    float *w = decode(p->type, p->w, p->n, p->k);
    int64_t group = ask_dtype_block_elements(p->type) ? ask_block_group(p->type) : 32;
    double *rounded = malloc((size_t)(p->m * p->k) * sizeof *rounded);
    assert_non_null(rounded);
    for (int64_t i = 0; i < p->m; i++) {
        for (int64_t k0 = 0; k0 < p->k; k0 += group) {
            int64_t end = k0 + group < p->k ? k0 + group : p->k;
            float largest = 0;
            for (int64_t k = k0; k < end; k++)
                largest = fmaxf(largest, fabsf(p->x[i * p->k + k]));
            for (int64_t k = k0; k < end; k++)
                rounded[i * p->k + k] =
                    rintf(p->x[i * p->k + k] * (127 / largest)) * (double)(largest / 127);
        }
    }
    for (int64_t i = 0; i < p->m; i++) {
        for (int64_t j = 0; j < p->n; j++) {
            double sum = p->bias ? p->b[j] : 0, size = fabs(sum);
            for (int64_t k = 0; k < p->k; k++) {
                double one = rounded[i * p->k + k] * w[j * p->k + k];
                sum += one;
                size += fabs(one);
            }
            if (!(fabs(y[i * p->n + j] - sum) <= 1e-6 * size))
                fail_msg("%s: y[%lld, %lld] is %g, not %g", what, (long long)i,
                         (long long)j, (double)y[i * p->n + j], sum);
        }
    }
    free(rounded);
    free(w);
}

static const struct {
    const char *name;
    int64_t m, n, k;
    bool bias;
} sizes[] = {
    {"one of everything", 1, 1, 1, true},
    {"one row", 1, 100, 96, false},
    {"two rows", 2, 32, 64, true},
    {"three rows, a part of a group", 3, 33, 70, true},
    {"a whole tile", 7, 64, 128, false},
    {"one more than a tile", 8, 31, 33, true},
    {"several tiles", 20, 95, 160, true},
    {"several blocks of columns", 9, 40, 1100, true},
    {"many columns, one row", 1, 70, 2080, false},
    {"several panels, one row, a part of a block", 1, 97, 1120, true},
    {"no rows", 0, 5, 32, false},
    {"no columns", 2, 3, 0, true},
};

/* Every kernel against the scalar one, and that against the definition. */
static void check_kernels(const char *name, const product *p)
{
    static const struct {
        const char *name;
        ask_isa isa;
        int n_threads;
    } ways[] = {
        {"scalar, 3 threads", ASK_ISA_SCALAR, 3},
        {"avx2", ASK_ISA_AVX2, 1},
        {"avx512", ASK_ISA_AVX512, 1},
        {"best, 2 threads", ASK_ISA_AUTO, 2},
    };
    float *expected = multiply(p, ASK_ISA_SCALAR, 1);
    check_definition(name, p, expected);
    for (size_t j = 0; j < TEST_COUNT(ways); j++) {
        float *y = multiply(p, ways[j].isa, ways[j].n_threads);
        if (y && memcmp(y, expected, (size_t)(p->m * p->n) * sizeof *y) != 0)
            fail_msg("%s, %s, %s: other bits than the scalar kernel's",
                     ask_dtype_name(p->type), name, ways[j].name);
        free(y);
    }
    free(expected);
}

static void all_kernels_compute_the_same_bits(void **state)
{
    (void)state;
    for (size_t t = 0; t < TEST_COUNT(panels); t++) {
        for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
            product p =
                product_of(panels[t], sizes[i].m, sizes[i].n, sizes[i].k, sizes[i].bias);
            check_kernels(sizes[i].name, &p);
            product_free(&p);
        }
    }
}

static void blocks_of_ggml_are_multiplied_as_they_are(void **state)
{
    (void)state;
    for (size_t t = 0; t < TEST_COUNT(block_types); t++) {
        for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
            int64_t unit = ask_dtype_block_elements(block_types[t].type);
            int64_t k = (sizes[i].k + unit - 1) / unit * unit;
            product p = {.type = block_types[t].type,
                         .m = sizes[i].m,
                         .n = sizes[i].n,
                         .k = k,
                         .bias = sizes[i].bias,
                         .x = random_rows(sizes[i].m, k, 3),
                         .b = random_rows(1, sizes[i].n, 4),
                         .w = random_blocks(t, sizes[i].n, k, ANY)};
            check_kernels(sizes[i].name, &p);
            product_free(&p);
        }
    }
}

/* All numbers at the ends of their range: sums of 16 bits would be cut. */
static void sums_of_the_largest_codes_are_exact(void **state)
{
    enum { M = 3, N = 33, C = 64 };
    (void)state;
    for (size_t t = 0; t < TEST_COUNT(panels); t++) {
        float w[N * C];
        for (int i = 0; i < N * C; i++) w[i] = i % C % 3 == i / C % 3 ? -8 : 8;
        product p = {.type = panels[t],
                     .m = M,
                     .n = N,
                     .k = C,
                     .x = random_rows(M, C, 3),
                     .b = random_rows(1, N, 4),
                     .w = encode(panels[t], w, N, C)};
        for (int i = 0; i < M * C; i++) p.x[i] = i / C == 2 || i % 2 ? 127 : -127;
        check_kernels("the largest codes", &p);
        product_free(&p);
    }
}

/* The same of blocks whose bits are all of one kind, for one row and for several. */
static void sums_of_the_largest_codes_of_blocks_are_exact(void **state)
{
    static const int fillings[] = {0xff, 0x80, 0x00, 0x7f};
    enum { M = 3, N = 33, C = 256 };
    (void)state;
    for (size_t t = 0; t < TEST_COUNT(block_types) * TEST_COUNT(fillings); t++) {
        size_t type = t / TEST_COUNT(fillings);
        product p = {.type = block_types[type].type,
                     .n = N,
                     .k = C,
                     .x = random_rows(M, C, 3),
                     .b = random_rows(1, N, 4),
                     .w = random_blocks(type, N, C, fillings[t % TEST_COUNT(fillings)])};
        for (int i = 0; i < M * C; i++) p.x[i] = i / C == 2 || i % 2 ? 127 : -127;
        for (p.m = 1; p.m <= M; p.m += 2) check_kernels("the largest codes", &p);
        for (int i = 0; i < C; i++) p.x[i] = 127;
        p.m = 1;
        check_kernels("the largest codes of one sign", &p);
        product_free(&p);
    }
}

static void a_wrong_number_spoils_its_row_alone(void **state)
{
    static const ask_isa isas[] = {ASK_ISA_SCALAR, ASK_ISA_AVX2, ASK_ISA_AUTO};
    static const float wrong[] = {NAN, INFINITY};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(isas) * TEST_COUNT(wrong); i++) {
        ask_isa isa = isas[i % TEST_COUNT(isas)];
        product p = product_of(ASK_Q8, 9, 40, 64, true);
        float *clean = multiply(&p, isa, 1);
        p.x[4 * 64 + 40] = wrong[i / TEST_COUNT(isas)];
        float *y = multiply(&p, isa, 1);
        for (int64_t j = 0; y && j < 9 * 40; j++)
            assert_true(j / 40 == 4 ? isnan(y[j]) : y[j] == clean[j]);
        free(clean);
        free(y);
        product_free(&p);
    }
}

static void a_wrong_number_spoils_its_row_alone_with_blocks_too(void **state)
{
    static const ask_isa isas[] = {ASK_ISA_SCALAR, ASK_ISA_AVX2, ASK_ISA_AUTO};
    enum { M = 9, N = 40, C = 512, WRONG = 4 };
    (void)state;
    for (size_t t = 0; t < TEST_COUNT(block_types) * TEST_COUNT(isas); t++) {
        size_t type = t / TEST_COUNT(isas);
        ask_isa isa = isas[t % TEST_COUNT(isas)];
        product p = {.type = block_types[type].type,
                     .m = M,
                     .n = N,
                     .k = C,
                     .x = random_rows(M, C, 3),
                     .w = random_blocks(type, N, C, ANY)};
        float *clean = multiply(&p, isa, 1);
        p.x[WRONG * C + 300] = NAN;
        float *y = multiply(&p, isa, 1);
        for (int64_t j = 0; y && j < M * N; j++)
            assert_true(j / N == WRONG ? isnan(y[j]) : y[j] == clean[j]);
        free(y);
        p.m = 1; // by the sums of whole rows
        p.x[0] = INFINITY;
        y = multiply(&p, isa, 1);
        for (int64_t j = 0; y && j < N; j++) assert_true(isnan(y[j]));
        free(y);
        free(clean);
        product_free(&p);
    }
}

/* ---- in graphs ---- */

enum { V = 70, C = 72 };

typedef struct {
    ask_backend *cpu;
    ask_store *store;
    float *values;
    void *matrix;
    ask_tensor *w;
} table;

static table table_of(ask_dtype type)
{
    ask_error err = {0};
    float *x = random_rows(V, C, 5);
    table t = {.cpu = test_cpu(ASK_ISA_AUTO, 2), .matrix = encode(type, x, V, C)};
    free(x);
    t.values = decode(type, t.matrix, V, C);
    CHECK_OK(t.store = ask_store_new(t.cpu, &err), &err);
    CHECK_OK(t.w = ask_store_borrow(t.store, "w", type, DIMS(V, C), t.matrix, false, &err),
             &err);
    return t;
}

static void table_free(table *t)
{
    ask_store_free(t->store);
    ask_backend_close(t->cpu);
    free(t->matrix);
    free(t->values);
}

static void look_ups_and_casts_give_what_the_codes_stand_for(void **state)
{
    static const int64_t ids[] = {69, 0, 33, 33};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(panels); i++) {
        table t = table_of(panels[i]);
        ask_graph *g = test_graph();
        ask_tensor *in = INPUT_I64(g, 4);
        ask_tensor *rows = ask_keep(g, ask_embedding(g, t.w, in));
        ask_tensor *all = ask_keep(g, ask_cast(g, t.w, ASK_F32));
        test_plan(g, t.cpu);
        test_put(in, ids);
        test_run(g);
        float *y = test_get(rows), *whole = test_get(all);
        for (size_t j = 0; j < TEST_COUNT(ids); j++)
            assert_memory_equal(y + j * C, t.values + ids[j] * C, C * sizeof *y);
        assert_memory_equal(whole, t.values, sizeof *whole * V * C);
        free(y);
        free(whole);
        ask_graph_free(g);
        table_free(&t);
    }
}

static void gradients_flow_to_the_rows(void **state)
{
    enum { M = 3 };
    (void)state;
    table t = table_of(ASK_Q4);
    float *dx[2];
    for (int coded = 0; coded < 2; coded++) {
        ask_graph *g = test_graph();
        ask_tensor *x = INPUT(g, M, C), *weight = INPUT(g, M, V);
        ask_tensor *plain = INPUT(g, V, C);
        ask_tensor *y = ask_linear(g, x, coded ? t.w : plain, NULL);
        ask_tensor *loss = ask_sum(g, ask_mul(g, y, weight), 3, false), *d[1] = {NULL};
        ask_graph_gradients(g, loss, &x, 1, d);
        ask_keep(g, d[0]);
        test_plan(g, t.cpu);
        test_put_random(x, 6, 1);
        test_put_random(weight, 7, 1);
        test_put(plain, t.values);
        test_run(g);
        dx[coded] = test_get(d[0]);
        ask_graph_free(g);
    }
    test_near("dx", dx[1], dx[0], M * C, 1e-5);
    free(dx[0]);
    free(dx[1]);
    table_free(&t);
}

static void other_ops_refuse_a_matrix_of_few_bits(void **state)
{
    (void)state;
    table t = table_of(ASK_Q8);
    for (int i = 0; i < 3; i++) {
        ask_graph *g = test_graph();
        ask_error err = {0};
        ask_tensor *x = INPUT(g, V, C);
        ask_tensor *y = i == 0   ? ask_add(g, x, t.w)
                        : i == 1 ? ask_linear(g, t.w, x, NULL)
                                 : ask_slice(g, t.w, 0, 0, 1);
        assert_null(y);
        assert_false(
            ask_graph_plan(g,
                           &(ask_plan_options){.struct_size = sizeof(ask_plan_options),
                                               .backends = &t.cpu,
                                               .n_backends = 1},
                           &err));
        assert_int_equal(err.code, ASK_ERR_SHAPE);
        assert_non_null(strstr(err.message, "takes no matrix of type q8"));
        ask_graph_free(g);
    }
    table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_near_what_they_stand_for),
        cmocka_unit_test(numbers_without_a_code_are_told),
        cmocka_unit_test(large_numbers_have_codes_up_to_the_largest_scale),
        cmocka_unit_test(sums_of_the_largest_codes_are_exact),
        cmocka_unit_test(sums_of_the_largest_codes_of_blocks_are_exact),
        cmocka_unit_test(all_kernels_compute_the_same_bits),
        cmocka_unit_test(blocks_of_ggml_are_multiplied_as_they_are),
        cmocka_unit_test(a_wrong_number_spoils_its_row_alone),
        cmocka_unit_test(a_wrong_number_spoils_its_row_alone_with_blocks_too),
        cmocka_unit_test(look_ups_and_casts_give_what_the_codes_stand_for),
        cmocka_unit_test(gradients_flow_to_the_rows),
        cmocka_unit_test(other_ops_refuse_a_matrix_of_few_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
