#include "net/tower/s3d.h"

#include <math.h>

#include "base/str.h"

/* The widths of a block as published: out of the four points, and of the two wide ones. */
typedef struct {
    const char *name;
    int64_t point[4], wide[2];
} block_row;

static const block_row rows[ASK_S3D_N_BLOCKS] = {
    {"mixed_3b", {64, 96, 16, 32}, {128, 32}},
    {"mixed_3c", {128, 128, 32, 64}, {192, 96}},
    {"mixed_4b", {192, 96, 16, 64}, {208, 48}},
    {"mixed_4c", {160, 112, 24, 64}, {224, 64}},
    {"mixed_4d", {128, 128, 24, 64}, {256, 64}},
    {"mixed_4e", {112, 144, 32, 64}, {288, 64}},
    {"mixed_4f", {256, 160, 32, 128}, {320, 128}},
    {"mixed_5b", {256, 160, 32, 128}, {320, 128}},
    {"mixed_5c", {384, 192, 48, 128}, {384, 128}},
};

/* A pooling before the block of that index. */
typedef struct {
    const char *name;
    int before;
    int64_t kernel[3], stride[3];
} pool_row;

static const pool_row pools[] = {
    {"maxpool_3a", 0, {1, 3, 3}, {1, 2, 2}},
    {"maxpool_4a", 2, {3, 3, 3}, {2, 2, 2}},
    {"maxpool_5a", 7, {2, 2, 2}, {2, 2, 2}},
};

enum { N_POOLS = sizeof pools / sizeof *pools, N_CHANNELS = 3, SIDE = 2 };

const char *const ask_s3d_ignored[] = {"*.num_batches_tracked", "text_module.*", NULL};

/* ---- binding ---- */

/* "<name>.conv<index>" and "<name>.bn<index>", with padding that keeps the size where the
 * kernel is odd; n: the published width. Returns the width. */
static int64_t bind_conv(ask_conv_norm *out, ask_params *p, const char *name, int index,
                         int64_t n_in, int64_t n, const ask_conv_norm_config *like)
{
    char conv[128], norm[128];
    ask_format(conv, sizeof conv, "%s.conv%d", name, index);
    ask_format(norm, sizeof norm, "%s.bn%d", name, index);
    ask_conv_norm_config c = *like;
    c.n_in = n_in;
    c.n_out = ask_params_size(p, 0, n, "%s.weight", conv);
    c.n_axes = 3;
    c.relu = true;
    c.eps = 1e-5;
    ask_conv_norm_bind(out, p, conv, norm, &c);
    return c.n_out;
}

static int64_t bind_point(ask_conv_norm *out, ask_params *p, const char *name, int64_t n_in,
                          int64_t n)
{
    static const ask_conv_norm_config point = {.kernel = {1, 1, 1}};
    return bind_conv(out, p, name, 1, n_in, n, &point);
}

static int64_t bind_separable(ask_s3d_separable *out, ask_params *p, const char *name,
                              int64_t n_in, int64_t n)
{
    static const ask_conv_norm_config space = {.kernel = {1, 3, 3}, .opt.pad = {0, 1, 1}},
                                      time = {.kernel = {3, 1, 1}, .opt.pad = {1, 0, 0}};
    n = bind_conv(&out->space, p, name, 1, n_in, n, &space);
    return bind_conv(&out->time, p, name, 2, n, n, &time);
}

static void bind_gate(ask_dense *out, ask_params *p, const char *name, int64_t n)
{
    ask_dense_bind(out, p, name, n, n, 1 / sqrt((double)n));
}

/* Returns the width of the block. */
static int64_t bind_block(ask_s3d_block *out, ask_params *p, const block_row *row,
                          int64_t n_in)
{
    static const char *const points[4] = {"conv_b0", "conv_b1_a", "conv_b2_a", "conv_b3_b"};
    int64_t n_all = 0;
    for (int i = 0; i < 4; i++) {
        char name[64];
        ask_format(name, sizeof name, "%s.%s", row->name, points[i]);
        int64_t n = bind_point(&out->point[i], p, name, n_in, row->point[i]);
        ask_format(name, sizeof name, "%s.conv_b%d_b", row->name, i);
        if (i == 1 || i == 2)
            n = bind_separable(&out->wide[i - 1], p, name, n, row->wide[i - 1]);
        ask_format(name, sizeof name, "%s.gating_b%d.fc", row->name, i);
        bind_gate(&out->gate[i], p, name, n);
        n_all += n;
    }
    return n_all;
}

/* The first convolution is published with padding of 1, 2, 2 on both sides and drops the
 * first of its results along each axis: the padding before is one less. */
void ask_s3d_bind(ask_s3d *out, ask_params *p)
{
    static const ask_conv_norm_config first = {
        .kernel = {2, 4, 4}, .opt = {.pad = {0, 1, 1}, .pad_end = {1, 1, 1}}};
    int64_t n = N_CHANNELS * SIDE * SIDE * SIDE;
    n = bind_conv(&out->conv1, p, "conv1", 1, n, 64, &first);
    n = bind_point(&out->conv_2b, p, "conv_2b", n, 64);
    n = bind_separable(&out->conv_2c, p, "conv_2c", n, 192);
    bind_gate(&out->gate, p, "gating.fc", n);
    for (int i = 0; i < ASK_S3D_N_BLOCKS; i++)
        n = bind_block(&out->blocks[i], p, &rows[i], n);
    out->n_features = n;
    out->n_logits = ask_params_size(p, 0, 512, "fc.weight");
    ask_dense_bind(&out->head, p, "fc", n, out->n_logits, 1 / sqrt((double)n));
}

/* ---- building ---- */

/* [B, C, T, H, W] -> [B, 8 C, T/2, H/2, W/2]: channel ((t * 2 + h) * 2 + w) * C + c holds
 * what stood at (t, h, w) of each 2 x 2 x 2. In two steps, for want of axes. */
static ask_tensor *to_depth(ask_graph *g, ask_tensor *x)
{
    if (!x) return NULL;
    int64_t b = ask_tensor_dim(x, 0), c = ask_tensor_dim(x, 1);
    int64_t t = ask_tensor_dim(x, 2) / SIDE, h = ask_tensor_dim(x, 3) / SIDE,
            w = ask_tensor_dim(x, 4) / SIDE;
    x = ask_reshape(g, x, 6, (int64_t[]){b, c * t * SIDE, h, SIDE, w, SIDE});
    x = ask_contiguous(g, ask_permute(g, x, (int[]){0, 3, 5, 1, 2, 4}));
    x = ask_reshape(g, x, 6, (int64_t[]){b, SIDE * SIDE, c, t, SIDE, h * w});
    x = ask_contiguous(g, ask_permute(g, x, (int[]){0, 4, 1, 2, 3, 5}));
    return ask_reshape(g, x, 5, (int64_t[]){b, SIDE * SIDE * SIDE * c, t, h, w});
}

static ask_tensor *conv(ask_graph *g, const ask_conv_norm *c, ask_tensor *x)
{
    return ask_conv_norm_build(g, c, x, ASK_NORM_RUNNING);
}

static ask_tensor *separable(ask_graph *g, const ask_s3d_separable *s, ask_tensor *x)
{
    return conv(g, &s->time, conv(g, &s->space, x));
}

/* x: [B, C, T, H, W] -> [B, C] */
static ask_tensor *mean_of(ask_graph *g, ask_tensor *x)
{
    return ask_mean(g, x, 1u << 2 | 1u << 3 | 1u << 4, false);
}

static ask_tensor *gated(ask_graph *g, const ask_dense *gate, ask_tensor *x)
{
    ask_tensor *share = ask_sigmoid(g, ask_dense_build(g, gate, mean_of(g, x))); // [B, C]
    if (!share) return NULL;
    share = ask_reshape(
        g, share, 5,
        (int64_t[]){ask_tensor_dim(share, 0), ask_tensor_dim(share, 1), 1, 1, 1});
    return ask_mul(g, x, share);
}

/* Pools as TensorFlow does with padding "same", which begins at the end. It pads with
 * zeros, but here nothing is below 0 and so they change nothing. */
static ask_tensor *pooled(ask_graph *g, ask_tensor *x, const int64_t kernel[3],
                          const int64_t stride[3])
{
    ask_pool_options opt = {.ceil_mode = true};
    for (int i = 0; i < 3; i++) {
        int64_t missing = kernel[i] > stride[i] ? kernel[i] - stride[i] : 0;
        opt.kernel[i] = kernel[i];
        opt.stride[i] = stride[i];
        opt.pad[i] = missing / 2;
        opt.pad_end[i] = missing % 2;
    }
    return ask_max_pool3d(g, x, &opt);
}

/* x: [B, C, T, H, W] -> [B, C', T, H, W] */
static ask_tensor *build_block(ask_graph *g, const ask_s3d_block *b, ask_tensor *x)
{
    static const int64_t three[3] = {3, 3, 3}, one[3] = {1, 1, 1};
    ask_tensor *branch[4];
    for (int i = 0; i < 4; i++) {
        branch[i] = i == 3 ? pooled(g, x, three, one) : x;
        branch[i] = conv(g, &b->point[i], branch[i]);
        if (i == 1 || i == 2) branch[i] = separable(g, &b->wide[i - 1], branch[i]);
        branch[i] = gated(g, &b->gate[i], branch[i]);
    }
    return ask_concat(g, branch, 4, 1);
}

ask_tensor *ask_s3d_features(ask_graph *g, const ask_s3d *s, ask_tensor *clips)
{
    static const int64_t kernel_2a[3] = {1, 3, 3}, stride_2a[3] = {1, 2, 2};
    ask_tensor *x = conv(g, &s->conv1, to_depth(g, clips));
    x = ask_name(g, x, "tap.conv1"); // [B, 64, T/2, H/2, W/2]
    x = ask_name(g, pooled(g, x, kernel_2a, stride_2a), "tap.maxpool_2a");
    x = ask_name(g, conv(g, &s->conv_2b, x), "tap.conv_2b");
    x = ask_name(g, separable(g, &s->conv_2c, x), "tap.conv_2c");
    x = ask_name(g, gated(g, &s->gate, x), "tap.gating"); // [B, 192, T/2, H/4, W/4]
    for (int i = 0, pool = 0; i < ASK_S3D_N_BLOCKS; i++) {
        if (pool < N_POOLS && pools[pool].before == i) {
            x = pooled(g, x, pools[pool].kernel, pools[pool].stride);
            x = ask_name(g, x, "tap.%s", pools[pool++].name);
        }
        x = ask_name(g, build_block(g, &s->blocks[i], x), "tap.%s", rows[i].name);
    }
    return ask_name(g, mean_of(g, x), "features"); // [B, 1024]
}

ask_tensor *ask_s3d_logits(ask_graph *g, const ask_s3d *s, ask_tensor *features)
{
    return ask_name(g, ask_dense_build(g, &s->head, features), "logits");
}

/* ---- work ---- */

/* All convolutions leave clips of the size that they take. */
typedef struct {
    void (*visit)(void *user, const ask_conv_norm *conv, const int64_t size[3]);
    void *user;
    int64_t size[3];
} tour;

static void visit(const tour *t, const ask_conv_norm *conv)
{
    t->visit(t->user, conv, t->size);
}

static void visit_separable(const tour *t, const ask_s3d_separable *s)
{
    visit(t, &s->space);
    visit(t, &s->time);
}

static void shrink(tour *t, const int64_t stride[3])
{
    for (int i = 0; i < 3; i++) t->size[i] = (t->size[i] + stride[i] - 1) / stride[i];
}

void ask_s3d_visit(const ask_s3d *s, int64_t n_frames, int64_t height, int64_t width,
                   void (*fn)(void *user, const ask_conv_norm *conv, const int64_t size[3]),
                   void *user)
{
    tour t = {fn, user, {n_frames / SIDE, height / SIDE, width / SIDE}};
    visit(&t, &s->conv1);
    shrink(&t, (int64_t[]){1, 2, 2});
    visit(&t, &s->conv_2b);
    visit_separable(&t, &s->conv_2c);
    for (int i = 0, pool = 0; i < ASK_S3D_N_BLOCKS; i++) {
        if (pool < N_POOLS && pools[pool].before == i) shrink(&t, pools[pool++].stride);
        for (int k = 0; k < 4; k++) visit(&t, &s->blocks[i].point[k]);
        for (int k = 0; k < 2; k++) visit_separable(&t, &s->blocks[i].wide[k]);
    }
}

static void add_flops(void *user, const ask_conv_norm *conv, const int64_t size[3])
{
    double weights = (double)ask_tensor_count(conv->w);
    *(double *)user += 2 * weights * (double)(size[0] * size[1] * size[2]);
}

double ask_s3d_flops(const ask_s3d *s, int64_t n_frames, int64_t height, int64_t width)
{
    double flops = 0;
    ask_s3d_visit(s, n_frames, height, width, add_flops, &flops);
    return flops;
}
