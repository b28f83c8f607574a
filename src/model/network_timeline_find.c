/* Timeline's frames and texts in one space: of models that were made to find. */
#include "model/timeline_priv.h"

enum { SHORT_TEXT = 12 }; // tokens

static const timeline_model *model_of(const void *net)
{
    return net;
}

static const ask_timeline_config *config_of(const void *net)
{
    return &model_of(net)->net.config;
}

bool timeline_finds(const void *net)
{
    return config_of(net)->find.n_embed > 0;
}

/* ---- texts ---- */

static network_text_sizes text_sizes(const void *net)
{
    const ask_timeline_config *c = config_of(net);
    const int n = c->n_tokens < SHORT_TEXT ? c->n_tokens : SHORT_TEXT;
    return (network_text_sizes){
        .n_embed = c->find.n_embed,
        .n_context = c->n_tokens,
        .n_vocab = c->n_vocab,
        .end_id = -1,
        .pad_id = c->pad_id,
        .bare = true,
        .vocab_key = "vocab_size",
        .token_flops = ask_timeline_find_text_flops(c, n) / n,
    };
}

static ask_tensor *embed_text(ask_graph *g, const void *net, ask_tensor *ids)
{
    ask_tensor *x = ask_timeline_find_texts(g, &model_of(net)->find, ids, NULL);
    return ask_timeline_find_unit(g, x);
}

static int text_end(const void *net, const int64_t *ids, int n)
{
    while (n > 0 && ids[n - 1] == config_of(net)->pad_id) n--;
    return n - 1;
}

const network_text timeline_texts = {
    .sizes = text_sizes, .embed = embed_text, .end = text_end};

/* ---- frames ---- */

static network_dual_sizes dual_sizes(const void *net)
{
    const ask_timeline_config *c = config_of(net);
    const int side = c->cells.side_px / ASK_CELLS_PX;
    return (network_dual_sizes){
        .n_channels = c->cells.n_channels,
        .image_px = c->cells.side_px,
        .image_flops = ask_cells_flops(&c->cells) + ask_timeline_find_frame_flops(c),
        .heat_side = side,
        .n_vectors = 1 + side * side,
        .n_state = c->cells.widths[ASK_CELLS_N_LEVELS - 1],
    };
}

static const ask_tensor *logit_scale(const void *net)
{
    return model_of(net)->find.logit_scale;
}

static ask_cells_seen see(ask_graph *g, const void *net, ask_tensor *pixels)
{
    ask_cells_seen seen;
    ask_cells_build(&seen, g, &model_of(net)->net.cells, pixels, ASK_NORM_RUNNING);
    return seen;
}

static ask_tensor *embed_image(ask_graph *g, const void *net, ask_tensor *pixels)
{
    const ask_cells_seen seen = see(g, net, pixels);
    return ask_timeline_find_vectors(g, &model_of(net)->find, &seen);
}

static ask_tensor *image_features(ask_graph *g, const void *net, ask_tensor *pixels)
{
    const ask_cells_seen seen = see(g, net, pixels);
    ask_timeline_looks looks;
    ask_timeline_find_frames(&looks, g, &model_of(net)->find, &seen);
    return looks.whole;
}

static ask_tensor *patch_states(ask_graph *g, const void *net, ask_tensor *pixels)
{
    return see(g, net, pixels).features;
}

const network_dual timeline_dual = {
    .sizes = dual_sizes,
    .logit_scale = logit_scale,
    .image = embed_image,
    .features = image_features,
    .patch_states = patch_states,
};
