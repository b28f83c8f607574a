/* Every entry of golden/ops: values and gradients of the reference implementation. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/golden.h"
#include "support/op_build.h"

/* ---- what is tested, and how ---- */

static ask_tensor *build_key_masked_attention(ask_graph *g, ask_tensor *const *in,
                                              const void *arg)
{
    ask_tensor *mask = ask_cast(g, in[3], ASK_BOOL); // i64 [B, Tk]
    int64_t shape[] = {ask_tensor_dim(mask, 0), 1, 1, ask_tensor_dim(mask, 1)};
    mask = ask_reshape(g, mask, 4, shape);
    return build_attention(g, (ask_tensor *[]){in[0], in[1], in[2], mask, NULL}, arg);
}

typedef struct {
    ask_rope_kind kind;
    double theta;
} rope_arg;

/* in: x, positions i64 [T]. Pair i of n turns by position * theta^(-i / n). */
static ask_tensor *build_turned(ask_graph *g, ask_tensor *const *in, const void *arg)
{
    const rope_arg *a = arg;
    float inverse[64];
    int64_t n = ask_tensor_dim(in[0], 3) / 2, n_places = ask_tensor_dim(in[1], 0);
    assert_true(n <= (int64_t)TEST_COUNT(inverse));
    for (int64_t i = 0; i < n; i++)
        inverse[i] = (float)pow(a->theta, -(double)i / (double)n);
    ask_tensor *at =
        ask_reshape(g, ask_cast(g, in[1], ASK_F32), 3, (int64_t[]){1, n_places, 1});
    ask_tensor *angles = ask_mul(g, at, ask_constant(g, ASK_F32, 1, &n, inverse));
    return build_rope(g, (ask_tensor *[]){in[0], angles}, &a->kind);
}

enum { MAX_IN = 5 };

// clang-format off
#define ARG(type, ...)  &(const type){__VA_ARGS__}
#define ARGS(type, ...) (const type[]){__VA_ARGS__}
#define RESIZE(h, w, ...) ARG(interpolate_arg, .height = h, .width = w, .opt = {__VA_ARGS__})
#define EACH_SMOOTH(word, k) \
    {"interpolate_" word "_up_align0", build_interpolate, {"x"}, RESIZE(14, 20, .kind = k)}, \
    {"interpolate_" word "_up_align1", build_interpolate, {"x"}, \
     RESIZE(14, 20, .kind = k, .align_corners = true)}, \
    {"interpolate_" word "_up_antialias", build_interpolate, {"x"}, \
     RESIZE(14, 20, .kind = k, .antialias = true)}, \
    {"interpolate_" word "_down_align0", build_interpolate, {"x"}, RESIZE(5, 6, .kind = k)}, \
    {"interpolate_" word "_down_align1", build_interpolate, {"x"}, \
     RESIZE(5, 6, .kind = k, .align_corners = true)}, \
    {"interpolate_" word "_down_antialias", build_interpolate, {"x"}, \
     RESIZE(4, 5, .kind = k, .antialias = true)}, \
    {"interpolate_" word "_mixed_align0", build_interpolate, {"x"}, RESIZE(16, 7, .kind = k)}, \
    {"interpolate_" word "_mixed_align1", build_interpolate, {"x"}, \
     RESIZE(16, 7, .kind = k, .align_corners = true)}, \
    {"interpolate_" word "_mixed_antialias", build_interpolate, {"x"}, \
     RESIZE(16, 7, .kind = k, .antialias = true)}, \
    {"interpolate_" word "_scale2.5", build_interpolate, {"x"}, \
     RESIZE(22, 32, .kind = k, .scale = {2.5, 2.5})}
// clang-format on

typedef struct {
    const char *name;
    op_build *build;
    const char *in[MAX_IN]; // names in the file, in the order of the builder
    const void *arg;
} golden_op;

static const golden_op tested[] = {
    {"relu", build_relu, {"x"}, NULL},
    {"sigmoid", build_sigmoid, {"x"}, NULL},
    {"silu", build_silu, {"x"}, NULL},
    {"tanh", build_tanh, {"x"}, NULL},
    {"gelu_exact", build_gelu, {"x"}, ARG(ask_gelu_kind, ASK_GELU_EXACT)},
    {"gelu_tanh", build_gelu, {"x"}, ARG(ask_gelu_kind, ASK_GELU_TANH)},
    {"gelu_quick", build_gelu, {"x"}, ARG(ask_gelu_kind, ASK_GELU_QUICK)},
    {"embedding", build_embedding, {"w", "i"}, NULL},
    {"linear", build_linear, {"x", "w", "b"}, NULL},
    {"conv1d_k3_pad1", build_conv1d, {"x", "w", "b"}, ARG(ask_conv_options, .pad = {1})},
    {"conv2d_k3_pad1", build_conv2d, {"x", "w", "b"}, ARG(ask_conv_options, .pad = {1, 1})},
    {"conv2d_k7_s4_pad3",
     build_conv2d,
     {"x", "w", "b"},
     ARG(ask_conv_options, .stride = {4, 4}, .pad = {3, 3})},
    {"conv2d_dilated",
     build_conv2d,
     {"x", "w", "b"},
     ARG(ask_conv_options, .pad = {2, 2}, .dilation = {2, 2})},
    {"conv2d_depthwise_k7",
     build_conv2d,
     {"x", "w", "b"},
     ARG(ask_conv_options, .pad = {3, 3}, .groups = 6)},
    {"patch_embed_2d",
     build_conv2d,
     {"x", "w", "b"},
     ARG(ask_conv_options, .stride = {4, 4})},
    {"conv3d_k3_pad1",
     build_conv3d,
     {"x", "w", "b"},
     ARG(ask_conv_options, .pad = {1, 1, 1})},
    {"conv3d_1x3x3",
     build_conv3d,
     {"x", "w"},
     ARG(ask_conv_options, .stride = {1, 2, 2}, .pad = {0, 1, 1})},
    {"conv3d_3x1x1", build_conv3d, {"x", "w"}, ARG(ask_conv_options, .pad = {1})},
    {"patch_embed_3d",
     build_conv3d,
     {"x", "w"},
     ARG(ask_conv_options, .stride = {2, 4, 4})},
    {"attention", build_attention, {"q", "k", "v"}, ARG(ask_attention_options, 0)},
    {"attention_causal",
     build_attention,
     {"q", "k", "v"},
     ARG(ask_attention_options, .causal = true)},
    {"attention_causal_cached",
     build_attention,
     {"q", "k", "v"},
     ARG(ask_attention_options, .causal = true)},
    {"attention_grouped",
     build_attention,
     {"q", "k", "v"},
     ARG(ask_attention_options, .causal = true)},
    {"attention_key_mask",
     build_key_masked_attention,
     {"q", "k", "v", "mask"},
     ARG(ask_attention_options, 0)},
    {"rope_half_split",
     build_turned,
     {"x", "pos"},
     ARG(rope_arg, .kind = ASK_ROPE_HALVES, .theta = 1e4)},
    {"rope_half_split_theta1e6",
     build_turned,
     {"x", "pos"},
     ARG(rope_arg, .kind = ASK_ROPE_HALVES, .theta = 1e6)},
    {"rope_interleaved",
     build_turned,
     {"x", "pos"},
     ARG(rope_arg, .kind = ASK_ROPE_PAIRS, .theta = 1e4)},
    {"layer_norm", build_layer_norm, {"x", "w", "b"}, ARG(double, 1e-5)},
    {"layer_norm_eps1e-12", build_layer_norm, {"x", "w", "b"}, ARG(double, 1e-12)},
    {"rms_norm", build_rms_norm, {"x", "w"}, ARG(double, 1e-6)},
    {"batch_norm_eval", build_batch_norm, {"x", "w", "b", "m", "v"}, ARG(double, 1e-5)},
    {"l2_normalize", build_l2_normalize, {"x"}, ARG(double, 1e-12)},
    {"softmax", build_softmax, {"x"}, NULL},
    {"log_softmax", build_log_softmax, {"x"}, NULL},
    {"max_pool2d_k2_s2", build_max_pool2d, {"x"}, ARG(ask_pool_options, .kernel = {2, 2})},
    {"max_pool2d_k3_s2_pad1",
     build_max_pool2d,
     {"x"},
     ARG(ask_pool_options, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1})},
    {"max_pool3d_1x3x3_s122_ceil",
     build_max_pool3d,
     {"x"},
     ARG(ask_pool_options, .kernel = {1, 3, 3}, .stride = {1, 2, 2}, .ceil_mode = true)},
    {"max_pool3d_k3_s1_pad1",
     build_max_pool3d,
     {"x"},
     ARG(ask_pool_options, .kernel = {3, 3, 3}, .stride = {1, 1, 1}, .pad = {1, 1, 1})},
    {"avg_pool2d_k2", build_avg_pool2d, {"x"}, ARG(ask_pool_options, .kernel = {2, 2})},
    {"adaptive_avg_pool2d_3x2", build_adaptive_avg_pool2d, {"x"}, ARGS(int64_t, 3, 2)},
    {"interpolate_nearest_up",
     build_interpolate,
     {"x"},
     RESIZE(15, 17, .kind = ASK_NEAREST)},
    {"interpolate_nearest_down",
     build_interpolate,
     {"x"},
     RESIZE(4, 5, .kind = ASK_NEAREST)},
    {"interpolate_nearest_scale2",
     build_interpolate,
     {"x"},
     RESIZE(18, 26, .kind = ASK_NEAREST, .scale = {2, 2})},
    EACH_SMOOTH("bilinear", ASK_BILINEAR),
    EACH_SMOOTH("bicubic", ASK_BICUBIC),
    {"cross_entropy", build_cross_entropy, {"x", "y"}, NULL},
    {"cross_entropy_none",
     build_cross_entropy,
     {"x", "y"},
     ARG(ask_cross_entropy_options, .reduction = ASK_REDUCE_NONE)},
    {"cross_entropy_ignore",
     build_cross_entropy,
     {"x", "y"},
     ARG(ask_cross_entropy_options, .ignore = true, .ignore_index = -100)},
    {"cross_entropy_weighted", build_cross_entropy, {"x", "y", "w"}, NULL},
    {"cross_entropy_smooth0.1",
     build_cross_entropy,
     {"x", "y"},
     ARG(ask_cross_entropy_options, .label_smoothing = 0.1)},
    {"bce_with_logits", build_bce_with_logits, {"x", "y"}, NULL},
    {"mse", build_mse, {"x", "y"}, NULL},
    {"cosine_similarity", build_cosine_similarity, {"a", "b"}, ARG(double, 1e-8)},
    {"clip_contrastive", build_clip_loss, {"x"}, NULL},
};

/* These land with the network that first needs them. */
static const char *const not_built[] = {
    "conv_transpose2d*", "group_norm*", "grid_sample*", "interpolate_area*",
    "kl_div*",           "l1",          "smooth_l1",    "rmse",
};

/* ---- testing ---- */

static golden file;
static ask_backend *backends[2];

static int open_all(void **state)
{
    (void)state;
    file = golden_open("ops");
    backends[0] = test_cpu(ASK_ISA_SCALAR, 1);
    backends[1] = test_cpu(ASK_ISA_AUTO, 2);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    golden_close(&file);
    for (int i = 0; i < 2; i++) ask_backend_close(backends[i]);
    return 0;
}

/* sum(out * grad_out), the scalar that the file's gradients are of. */
static ask_tensor *loss_of(ask_graph *g, const char *op, ask_tensor *out,
                           ask_tensor **weights)
{
    const ask_weights_entry *e = golden_find(&file, "%s.grad_out", op);
    if (!e) return out; // it is a scalar already
    *weights = golden_input(g, e);
    return ask_sum(g, ask_mul(g, out, *weights), 0, false);
}

static void check_on(const golden_op *op, ask_backend *b)
{
    const char *where = ask_isa_name(ask_cpu_isa(b));
    const ask_weights_entry *values[MAX_IN] = {NULL}, *expected[MAX_IN] = {NULL};
    ask_tensor *in[ASK_MAX_SRC] = {NULL}, *x[MAX_IN], *grad[MAX_IN], *weights = NULL;
    int place[MAX_IN], n_x = 0;
    ask_graph *g = test_graph();
    for (int i = 0; i < MAX_IN && op->in[i]; i++) {
        values[i] = golden_get(&file, "%s.in.%s", op->name, op->in[i]);
        in[i] = golden_input(g, values[i]);
        expected[i] = golden_find(&file, "%s.grad.%s", op->name, op->in[i]);
        if (!expected[i]) continue;
        place[n_x] = i;
        x[n_x++] = in[i];
    }
    ask_tensor *out = ask_keep(g, op->build(g, in, op->arg));
    ask_graph_gradients(g, loss_of(g, op->name, out, &weights), x, n_x, grad);
    for (int i = 0; i < n_x; i++) ask_keep(g, grad[i]);
    test_plan(g, b);

    for (int i = 0; i < MAX_IN && op->in[i]; i++) golden_put(in[i], values[i]);
    if (weights) golden_put(weights, golden_get(&file, "%s.grad_out", op->name));
    test_run(g);
    golden_check(where, out, golden_get(&file, "%s.out", op->name));
    for (int i = 0; i < n_x; i++) golden_check(where, grad[i], expected[place[i]]);
    assert_true(n_x > 0);
    ask_graph_free(g);
}

static void gives_the_reference_values(void **state)
{
    for (int i = 0; i < 2; i++) check_on(*state, backends[i]);
}

/* "conv3d_k3.in.x" -> "conv3d_k3" */
static void op_of(char *op, size_t size, const char *name)
{
    static const char *const parts[] = {".in.", ".grad.", ".grad_out", ".out"};
    const char *end = NULL;
    for (size_t i = 0; i < TEST_COUNT(parts) && !end; i++) end = strstr(name, parts[i]);
    if (!end) fail_msg("%s: a name of no known form", name);
    snprintf(op, size, "%.*s", (int)(end - name), name);
}

static void nothing_is_left_out_unsaid(void **state)
{
    bool met[TEST_COUNT(not_built)] = {false};
    char op[64], last[64] = "";
    (void)state;
    for (size_t i = 0; i < ask_weights_count(file.file); i++) {
        const char *name = ask_weights_at(file.file, i)->name;
        bool listed = false;
        if (file.used[i]) continue;
        op_of(op, sizeof op, name);
        for (size_t p = 0; p < TEST_COUNT(not_built); p++)
            if (ask_glob_match(not_built[p], op)) listed = met[p] = true;
        if (!listed) fail_msg("%s is neither compared nor listed as not built", name);
        if (strcmp(op, last) != 0) print_message("not built: %s\n", op);
        snprintf(last, sizeof last, "%s", op);
    }
    for (size_t p = 0; p < TEST_COUNT(not_built); p++)
        if (!met[p])
            fail_msg("%s is listed as not built, but nothing is called so", not_built[p]);
}

int main(void)
{
    enum { N_TESTED = TEST_COUNT(tested) };
    struct CMUnitTest tests[N_TESTED + 1];
    for (int i = 0; i < N_TESTED; i++)
        tests[i] = (struct CMUnitTest){.name = tested[i].name,
                                       .test_func = gives_the_reference_values,
                                       .initial_state = (void *)(uintptr_t)&tested[i]};
    tests[N_TESTED] = (struct CMUnitTest)cmocka_unit_test(nothing_is_left_out_unsaid);
    return cmocka_run_group_tests(tests, open_all, close_all);
}
