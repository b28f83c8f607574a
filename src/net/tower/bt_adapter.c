#include "net/tower/bt_adapter.h"

#include "base/str.h"

/* ---- parameters ---- */

static void bind_layer(ask_bt_adapter_layer *out, ask_params *p, const char *name, int i,
                       const ask_eva_names *names, const ask_eva_config *c)
{
    static const double SPACE_EPS = 1e-5; // theirs, whatever the tower's is
    ask_eva_config space = *c;
    char time[256], part[256];
    ask_format(time, sizeof time, "%s.BTAdapter_T.%d", name, i);
    ask_format(part, sizeof part, "%s.%s", time, names->norm1);
    ask_norm_bind(&out->norm, p, part, c->width, c->eps);
    ask_fused_attention_bind(&out->attention, p, time, &names->attention, c->width,
                             c->n_heads, c->qkv_bias, c->init);
    ask_format(part, sizeof part, "%s.temporal_fc", time);
    ask_dense_bind(&out->out, p, part, c->width, c->width, 0);
    ask_format(part, sizeof part, "%s.BTAdapter_S.%d", name, i);
    space.eps = SPACE_EPS;
    ask_eva_layer_bind(&out->space, p, part, names, &space);
}

void ask_bt_adapter_bind(ask_bt_adapter *out, ask_params *p, const char *name,
                         const ask_eva_names *names, const ask_bt_adapter_config *config)
{
    const ask_eva_config *c = &config->tower;
    const ask_init init = ask_init_normal(c->init);
    *out = (ask_bt_adapter){.config = *config};
    out->class_token =
        ask_param(p, init, 3, (int64_t[]){1, 1, c->width}, "%s.BTAdapter_cls", name);
    out->frame_table = ask_param(p, init, 2, (int64_t[]){ASK_BT_ADAPTER_FRAMES, c->width},
                                 "%s.BTAdapter_position.weight", name);
    out->layers = ask_params_array(p, (size_t)config->depth, sizeof *out->layers);
    for (int i = 0; out->layers && i < config->depth; i++)
        bind_layer(&out->layers[i], p, name, i, names, c);
}

/* ---- building ---- */

/* The branch on its way. B videos, T frames, N patches. */
typedef struct {
    ask_graph *g;
    int64_t n_videos, n_frames, n_patches, width;
    ask_tensor *first;   // [B, 1, C]
    ask_tensor *patches; // [B, T, N, C]
} branch;

/* The class rows of x [B, T, 1 + N, C], their mean over the frames: [B, 1, C]. */
static ask_tensor *mean_first(const branch *b, ask_tensor *x)
{
    enum { FRAMES = 1u << 1 };
    ask_tensor *rows = ask_contiguous(b->g, ask_slice(b->g, x, 2, 0, 1)); // [B, T, 1, C]
    return ask_mean(b->g, rows, FRAMES, false);
}

static ask_tensor *patches_of(const branch *b, ask_tensor *x)
{
    return ask_contiguous(b->g, ask_slice(b->g, x, 2, 1, 1 + b->n_patches));
}

/* The class row of the branch stands in each frame: [B, T, 1 + N, C]. */
static ask_tensor *in_frames(const branch *b)
{
    const int64_t one[4] = {b->n_videos, 1, 1, b->width},
                  all[4] = {b->n_videos, b->n_frames, 1, b->width};
    ask_tensor *first = ask_expand(b->g, ask_reshape(b->g, b->first, 4, one), 4, all);
    return ask_concat(b->g, (ask_tensor *[]){ask_contiguous(b->g, first), b->patches}, 2,
                      2);
}

static void begin(branch *b, const ask_bt_adapter *a, ask_tensor *x, ask_tensor *positions)
{
    ask_graph *g = b->g;
    const int64_t frames[3] = {b->n_frames, 1, b->width};
    ask_tensor *here = ask_slice(g, positions, 1, 1, 1 + b->n_patches); // [1, N, C]
    ask_tensor *now = ask_slice(g, a->frame_table, 0, 0, b->n_frames);
    now = ask_reshape(g, ask_contiguous(g, now), 3, frames);
    ask_tensor *class = ask_add(g, a->class_token, ask_slice(g, positions, 1, 0, 1));
    b->patches = ask_add(g, ask_add(g, patches_of(b, x), here), now);
    b->first = ask_affine(g, ask_add(g, mean_first(b, x), class), 0.5, 0);
}

static void add_layer(branch *b, ask_tensor *x)
{
    b->patches = ask_add(b->g, b->patches, patches_of(b, x));
    b->first = ask_add(b->g, b->first, mean_first(b, x));
}

/* Each patch in all frames: [B, T, N, C] -> [B N, T, C], and back. */
static ask_tensor *along_time(const branch *b, ask_tensor *x)
{
    const int64_t shape[3] = {b->n_videos * b->n_patches, b->n_frames, b->width};
    x = ask_contiguous(b->g, ask_transpose(b->g, x, 1, 2));
    return ask_reshape(b->g, x, 3, shape);
}

static ask_tensor *along_space(const branch *b, ask_tensor *x)
{
    const int64_t shape[4] = {b->n_videos, b->n_patches, b->n_frames, b->width};
    return ask_contiguous(b->g, ask_transpose(b->g, ask_reshape(b->g, x, 4, shape), 1, 2));
}

static void look_along_time(branch *b, const ask_bt_adapter_layer *l)
{
    const ask_attention_view view = {0};
    ask_graph *g = b->g;
    ask_tensor *x = ask_norm_build(g, &l->norm, along_time(b, b->patches));
    x = ask_dense_build(g, &l->out, ask_fused_attention_build(g, &l->attention, x, &view));
    b->patches = ask_add(g, b->patches, along_space(b, x));
}

/* What the class row becomes is the mean over frames. */
static void look_within_frames(branch *b, const ask_eva_layer *l)
{
    const ask_attention_view view = {0};
    const int64_t rows[3] = {b->n_videos * b->n_frames, 1 + b->n_patches, b->width};
    const int64_t frames[4] = {b->n_videos, b->n_frames, 1 + b->n_patches, b->width};
    ask_graph *g = b->g;
    ask_tensor *x = ask_reshape(g, in_frames(b), 3, rows);
    x = ask_fused_attention_build(g, &l->attention, ask_norm_build(g, &l->norm1, x), &view);
    add_layer(b, ask_reshape(g, x, 4, frames));
}

static ask_tensor *think(const branch *b, const ask_eva_layer *l, ask_tensor *x)
{
    ask_tensor *seen = ask_norm_build(b->g, &l->norm2, x);
    return ask_add(b->g, x, ask_mlp_build(b->g, &l->mlp, seen));
}

ask_tensor *ask_bt_adapter_build(ask_graph *g, const ask_bt_adapter *a,
                                 ask_tensor *const *states, ask_tensor *positions)
{
    ask_tensor *last = states[a->config.depth - 1];
    if (!a->layers || !last || !states[0]) return NULL;
    branch b = {.g = g,
                .n_videos = ask_tensor_dim(last, 0),
                .n_frames = ask_tensor_dim(last, 1),
                .n_patches = ask_tensor_dim(last, 2) - 1,
                .width = ask_tensor_dim(last, 3)};
    begin(&b, a, states[0], positions);
    for (int i = 0; i < a->config.depth; i++) {
        const ask_bt_adapter_layer *l = &a->layers[i];
        if (i > 0) add_layer(&b, states[i]);
        look_along_time(&b, l);
        look_within_frames(&b, &l->space);
        b.first = think(&b, &l->space, b.first);
        b.patches = think(&b, &l->space, b.patches);
    }
    return ask_affine(g, ask_add(g, last, in_frames(&b)), 0.5, 0);
}

double ask_bt_adapter_flops(const ask_bt_adapter_config *c, int n_frames)
{
    const ask_eva_config *tower = &c->tower;
    double n = (double)ask_eva_n_patches(tower), width = tower->width;
    double time = n * (5 * width * width + 2 * n_frames * width);
    double space = (1 + n) * (4 * width * width + 2 * width * tower->inner) +
                   2 * (1 + n) * (1 + n) * width;
    return 2 * c->depth * (time + space);
}
