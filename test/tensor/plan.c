/* Plans: memory is shared by tensors that are not alive together, and nothing else changes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/fake_backend.h"
#include "support/tensors.h"

static void check_packed(const char *what, ask_plan_info info)
{
    print_message("%s: %d nodes, peak %zu bytes, widest %zu\n", what, info.n_nodes,
                  info.peak_bytes, info.widest_bytes);
    assert_true(info.peak_bytes >= info.widest_bytes);
    if ((double)info.peak_bytes > 1.3 * (double)info.widest_bytes)
        fail_msg("%s: the arena is more than 1.3 times what is alive", what);
}

/* ---- a deep chain ---- */

static void a_deep_chain_needs_two_tensors(void **state)
{
    enum { DEPTH = 100, N = 1000 };
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *x = INPUT(g, N), *y = x;
    for (int i = 0; i < DEPTH; i++) y = ask_affine(g, y, 1, 1);
    ask_keep(g, y);
    test_plan(g, the_cpu);
    ask_plan_info info = ask_graph_info(g);
    check_packed("chain", info);
    assert_int_equal(info.n_nodes, DEPTH);
    assert_int_equal(info.n_copies, 0);
    assert_true(info.peak_bytes <= 2 * (N * sizeof(float) + 64));
    assert_int_equal(info.leaf_bytes, N * sizeof(float));
    test_put_all(x, 0.5);
    test_run(g);
    float *v = test_get(y);
    for (int i = 0; i < N; i++) assert_true(v[i] == DEPTH + 0.5f);
    free(v);
    ask_graph_free(g);
}

static void kept_tensors_survive_the_reuse(void **state)
{
    enum { DEPTH = 60, EVERY = 7, N = 333 };
    ask_graph *g = test_graph();
    ask_tensor *kept[DEPTH];
    int n_kept = 0;
    (void)state;
    ask_tensor *x = INPUT(g, N), *y = x;
    for (int i = 0; i < DEPTH; i++) {
        y = ask_affine(g, y, 1, 1);
        if (i % EVERY == 0) kept[n_kept++] = ask_keep(g, y);
    }
    ask_keep(g, y);
    test_plan(g, the_cpu);
    for (int run = 0; run < 2; run++) {
        test_put_all(x, run);
        test_run(g);
        for (int i = 0; i < n_kept; i++) {
            float *v = test_get(kept[i]);
            for (int j = 0; j < N; j++) assert_true(v[j] == (float)(run + i * EVERY + 1));
            free(v);
        }
    }
    ask_graph_free(g);
}

/* ---- a training graph ---- */

/* Blocks as in a transformer, with their gradients and SGD. */
static void build_blocks(ask_graph *g, ask_store *s, int n_blocks, ask_tensor **x_out)
{
    enum { B = 2, T = 12, H = 4, D = 8, C = H * D, N_WEIGHTS = 4 };
    static const int64_t shapes[N_WEIGHTS][2] = {
        {3 * C, C}, {C, C}, {4 * C, C}, {C, 4 * C}};
    ask_tensor *w[64], *grad[64], *x = *x_out = INPUT(g, B, T, C);
    ask_tensor *lr = INPUT(g, 1);
    int n = 0;
    for (int block = 0; block < n_blocks; block++) {
        char name[32];
        for (int i = 0; i < N_WEIGHTS; i++) {
            snprintf(name, sizeof name, "%d.%d", block, i);
            w[n + i] = test_stored(s, name, 2, shapes[i]);
        }
        ask_tensor *h = ask_linear(g, ask_layer_norm(g, x, NULL, NULL, 1e-5), w[n], NULL);
        ask_tensor *qkv = ask_permute(g, ask_reshape(g, h, DIMS(B, T, 3, H, D)),
                                      (int[]){2, 0, 3, 1, 4}); // [3, B, H, T, D]
        ask_tensor *part[3];
        for (int i = 0; i < 3; i++)
            part[i] = ask_reshape(g, ask_slice(g, qkv, 0, i, i + 1), DIMS(B, H, T, D));
        ask_tensor *a =
            ask_attention(g, part[0], part[1], part[2], &(ask_attention_options){0});
        a = ask_reshape(g, ask_transpose(g, a, 1, 2), DIMS(B, T, C));
        x = ask_add(g, x, ask_linear(g, a, w[n + 1], NULL));
        h = ask_linear(g, ask_rms_norm(g, x, NULL, 1e-5), w[n + 2], NULL);
        x = ask_add(g, x, ask_linear(g, ask_gelu(g, h, ASK_GELU_TANH), w[n + 3], NULL));
        n += N_WEIGHTS;
    }
    ask_tensor *loss = ask_mean(g, ask_mul(g, x, x), 0, false);
    ask_graph_gradients(g, loss, w, n, grad);
    ask_clip_gradients(g, grad, n, 1.0, NULL);
    for (int i = 0; i < n; i++)
        ask_sgd_step(g, w[i], NULL, grad[i], lr, &(ask_sgd_options){0});
    ask_keep(g, loss);
}

static void a_training_graph_is_packed_within_a_third(void **state)
{
    ask_error err = {0};
    ask_store *s;
    ask_tensor *x;
    ask_graph *g = test_graph();
    (void)state;
    CHECK_OK(s = ask_store_new(the_cpu, &err), &err);
    build_blocks(g, s, 6, &x);
    test_plan(g, the_cpu);
    check_packed("training", ask_graph_info(g));
    test_put_random(x, 1, 1.0);
    test_run(g);
    ask_graph_free(g);
    ask_store_free(s);
}

/* ---- several backends ---- */

static void a_graph_needs_a_backend_for_each_op(void **state)
{
    ask_error err = {0};
    (void)state;
    for (int lacks = 0; lacks < 3; lacks++) {
        ask_backend *fake;
        CHECK_OK(fake = fake_backend_open(lacks, &err), &err);
        ask_graph *g = test_graph();
        ask_tensor *y = ask_softmax(g, ask_exp(g, INPUT(g, 2, 3)), NULL);
        ask_keep(g, ask_concat(g, (ask_tensor *[]){y, INPUT(g, 2, 1)}, 2, 1));
        ask_plan_options opt = {
            .struct_size = sizeof opt, .backends = &fake, .n_backends = 1};
        bool missing =
            OP_SOFTMAX % 3 == lacks || OP_UNARY % 3 == lacks || OP_CONCAT % 3 == lacks;
        assert_int_equal(ask_graph_plan(g, &opt, &err), !missing);
        if (missing) assert_int_equal(err.code, ASK_ERR_DEVICE);
        ask_graph_free(g);
        assert_int_equal(fake_backend_bytes(fake), 0);
        ask_backend_close(fake);
    }
}

static void a_tensor_is_copied_once_for_all_its_readers(void **state)
{
    ask_error err = {0};
    ask_backend *fake;
    (void)state;
    CHECK_OK(fake = fake_backend_open(OP_UNARY % 3, &err), &err);
    ask_backend *both[] = {fake, the_cpu};
    ask_graph *g = test_graph();
    ask_tensor *x = INPUT(g, 5);
    for (int i = 0; i < 4; i++) ask_keep(g, ask_affine(g, x, i, 1)); // all on the CPU
    ask_plan_options opt = {.struct_size = sizeof opt, .backends = both, .n_backends = 2};
    CHECK_OK(ask_graph_plan(g, &opt, &err), &err);
    assert_int_equal(ask_graph_info(g).n_copies, 1);
    assert_int_equal(ask_graph_info(g).n_nodes, 5);
    ask_graph_free(g);
    ask_backend_close(fake);
}

/* ---- memory that runs out ---- */

typedef struct {
    ask_backend *b;
    ask_store *s;
    ask_graph *g;
} everything;

static bool train_once(everything *e, ask_error *err)
{
    ask_cpu_options cpu_opt = {.struct_size = sizeof cpu_opt, .n_threads = 1};
    if (!(e->b = ask_cpu_open(&cpu_opt, err))) return false;
    if (!(e->s = ask_store_new(e->b, err)) || !(e->g = ask_graph_new(err))) return false;
    ask_tensor *w = ask_store_add(e->s, "w", ASK_F32, DIMS(3, 4), err);
    ask_tensor *m = w ? ask_store_add(e->s, "m", ASK_F32, DIMS(3, 4), err) : NULL;
    ask_tensor *v = m ? ask_store_add(e->s, "v", ASK_F32, DIMS(3, 4), err) : NULL;
    if (!v) return false;
    ask_graph_want(e->g, "out");
    ask_tensor *x = INPUT(e->g, 5, 4), *lr = INPUT(e->g, 1), *step = INPUT_I64(e->g, 1),
               *grad;
    ask_tensor *y = ask_name(e->g, ask_linear(e->g, x, w, NULL), "out");
    y = ask_transpose(e->g, ask_softmax(e->g, y, NULL), 0, 1);
    ask_tensor *loss = ask_sum(e->g, ask_mul(e->g, y, y), 0, false);
    ask_graph_gradients(e->g, loss, &w, 1, &grad);
    ask_adam_step(e->g, w, m, v, grad, lr, step,
                  &(ask_adam_options){.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8});
    ask_plan_options opt = {.struct_size = sizeof opt, .backends = &e->b, .n_backends = 1};
    float data[20] = {1, 2, 3}, out[15], rate = 0.1f;
    return ask_graph_plan(e->g, &opt, err) && ask_tensor_write(x, data, sizeof data, err) &&
           ask_tensor_write(lr, &rate, sizeof rate, err) &&
           ask_tensor_write(step, &(int64_t){1}, sizeof(int64_t), err) &&
           ask_graph_run(e->g, NULL, err) &&
           ask_tensor_read(ask_graph_find(e->g, "out"), out, sizeof out, err);
}

static bool attempt(void *user, ask_error *err)
{
    everything e = {0};
    (void)user;
    bool ok = train_once(&e, err);
    ask_graph_free(e.g);
    ask_store_free(e.s);
    ask_backend_close(e.b);
    return ok;
}

typedef struct {
    ask_backend *here, *there;
    ask_store *s;
    ask_graph *g;
} two_places;

/* A convolution by the one backend of what the other has: nothing but copies comes first.
 */
static bool convolve_once(two_places *p, ask_error *err)
{
    const ask_cpu_options opt = {.struct_size = sizeof opt, .n_threads = 1};
    if (!(p->here = ask_cpu_open(&opt, err)) || !(p->there = ask_cpu_open(&opt, err)) ||
        !(p->s = ask_store_new(p->there, err)) || !(p->g = ask_graph_new(err)))
        return false;
    ask_tensor *x = ask_store_add(p->s, "x", ASK_F32, DIMS(1, 5, 9, 9), err);
    ask_tensor *w = x ? ask_store_add(p->s, "w", ASK_F32, DIMS(7, 5, 3, 3), err) : NULL;
    if (!w) return false;
    ask_keep(p->g, ask_conv2d(p->g, x, w, NULL, &(ask_conv_options){.pad = {1, 1}}));
    ask_plan_options plan = {
        .struct_size = sizeof plan, .backends = &p->here, .n_backends = 1};
    return ask_graph_plan(p->g, &plan, err) && ask_graph_run(p->g, NULL, err);
}

static bool attempt_in_two_places(void *user, ask_error *err)
{
    two_places p = {0};
    (void)user;
    bool ok = convolve_once(&p, err);
    ask_graph_free(p.g);
    ask_store_free(p.s);
    ask_backend_close(p.here);
    ask_backend_close(p.there);
    return ok;
}

/* Each tensor could be, but their sum wraps around a size_t. */
static void more_than_can_be_counted_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_graph *g = test_graph();
    for (int i = 0; i < 16; i++)
        ask_keep(g, ask_affine(g, INPUT(g, INT64_C(1) << 58), 1, 1));
    ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
    assert_false(ask_graph_plan(g, &opt, &err));
    assert_int_equal(err.code, ASK_ERR_NOMEM);
    ask_graph_free(g);
}

static void running_out_of_memory_is_an_error_and_no_leak(void **state)
{
    (void)state;
    int n = test_each_alloc_fails("build, plan and run", attempt, NULL);
    n += test_each_alloc_fails("two backends", attempt_in_two_places, NULL);
    print_message("%d allocations made to fail\n", n);
    assert_in_range(n, 10, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deep_chain_needs_two_tensors),
        cmocka_unit_test(kept_tensors_survive_the_reuse),
        cmocka_unit_test(a_training_graph_is_packed_within_a_third),
        cmocka_unit_test(a_graph_needs_a_backend_for_each_op),
        cmocka_unit_test(a_tensor_is_copied_once_for_all_its_readers),
        cmocka_unit_test(more_than_can_be_counted_is_refused),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
