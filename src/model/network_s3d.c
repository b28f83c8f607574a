/* The row of S3D. Its checkpoints have no config.json. */
#include "model/network_priv.h"
#include "net/tower/s3d.h"

static bool read_config(void *net, ask_json_value root, ask_error *err)
{
    (void)net;
    (void)root;
    (void)err;
    return true;
}

static void bind(void *net, ask_params *p)
{
    ask_s3d_bind(net, p);
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_s3d *s = net;
    const ask_model_size list[] = {
        {"clip.features", s->n_features},
        {"clip.logits", s->n_logits},
    };
    if (i >= sizeof list / sizeof *list) return false;
    *out = list[i];
    return true;
}

/* ---- clips to vectors ---- */

/* As the published features are made: a second at a time. */
enum { FPS = 16, N_FRAMES = 16, SIDE_PX = 224 };

static network_video_sizes sizes(const void *net)
{
    const ask_s3d *s = net;
    return (network_video_sizes){
        .fps = FPS,
        .n_frames = N_FRAMES,
        .side_px = SIDE_PX,
        .n_embed = (int)s->n_features,
        .clip_flops = ask_s3d_flops(s, N_FRAMES, SIDE_PX, SIDE_PX),
    };
}

static ask_tensor *embed(ask_graph *g, const void *net, ask_tensor *clips)
{
    return ask_s3d_features(g, net, clips);
}

static const network_video video = {.sizes = sizes, .embed = embed};

/* ---- verifying ---- */

enum { VIDEO };

static const network_input inputs[] = {[VIDEO] = {"video", ASK_F32}, {0}};

static const network_mask masks[] = {{0}};

static bool is_even(int64_t size)
{
    return size > 0 && size % 2 == 0;
}

static bool check_inputs(const void *net, const network_value *in, ask_error *err)
{
    (void)net;
    const network_value *v = &in[VIDEO];
    if (v->n_dims == 5 && v->shape[0] > 0 && v->shape[1] == 3 && is_even(v->shape[2]) &&
        is_even(v->shape[3]) && is_even(v->shape[4]))
        return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "video: the network takes [B, 3, T, H, W] with even T, H and W");
}

static void build_run(ask_graph *g, const void *net, const network_value *in)
{
    ask_s3d_logits(g, net, ask_s3d_features(g, net, in[VIDEO].tensor));
}

static const network_run run = {
    .inputs = inputs, .masks = masks, .check = check_inputs, .build = build_run};

const network network_s3d = {
    .name = "s3d",
    .model_type = "s3d",
    .architectures = (const char *const[]){"S3D", NULL},
    .tensors = (const char *const[]){"conv1.conv1.weight", "conv_2c.conv2.weight",
                                     "mixed_5c.gating_b3.fc.weight", "fc.weight", NULL},
    .bare = true,
    .ignored = ask_s3d_ignored,
    .net_bytes = sizeof(ask_s3d),
    .read_config = read_config,
    .bind = bind,
    .size_at = size_at,
    .video = &video,
    .runs = &run,
    .n_runs = 1,
};
