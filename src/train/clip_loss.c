#include "train/clip_loss.h"

#include <stdlib.h>

#include "base/rng.h"

static const double MOST_SCALE = 4.605170185988092; // log 100, as CLIP has it

static bool add_codes(ask_tensor **out, ask_store *store, int n_coded, int n_embed,
                      ask_error *err)
{
    const int64_t shape[] = {n_coded, n_embed};
    size_t n = (size_t)n_coded * (size_t)n_embed;
    float *values = malloc(n * sizeof *values);
    if (!values) return ask_fail_memory(err);
    ask_rng rng = ask_rng_new(1);
    for (size_t i = 0; i < n; i++) values[i] = (float)ask_rng_normal(&rng);
    ask_tensor *t = ask_store_add(store, "train.codes", ASK_F32, 2, shape, err);
    bool ok = t && ask_tensor_write(t, values, n * sizeof *values, err);
    free(values);
    *out = t;
    return ok;
}

bool ask_clip_loss_bind(ask_clip_loss_params *out, ask_store *store, int n_coded,
                        int n_embed, ask_error *err)
{
    const int64_t one = 1;
    ask_clip_loss_params p = {0};
    p.frame_bias = ask_store_add(store, "train.frame_bias", ASK_F32, 1, &one, err);
    if (!p.frame_bias) return false;
    p.patch_bias = ask_store_add(store, "train.patch_bias", ASK_F32, 1, &one, err);
    if (!p.patch_bias) return false;
    if (n_coded && !add_codes(&p.codes, store, n_coded, n_embed, err)) return false;
    *out = p;
    return true;
}

/* ---- CLIP ---- */

static ask_tensor *clip_images(ask_graph *g, const void *net, ask_tensor *pixels,
                               ask_tensor **patches)
{
    return ask_clip_image_and_patches(g, net, pixels, patches);
}

static ask_tensor *clip_texts(ask_graph *g, const void *net, ask_tensor *ids)
{
    return ask_clip_text_features(g, net, ids, NULL);
}

ask_clip_towers ask_clip_towers_of(const ask_clip *clip)
{
    return (ask_clip_towers){.net = clip,
                             .n_embed = clip->config.n_embed,
                             .logit_scale = clip->logit_scale,
                             .images = clip_images,
                             .texts = clip_texts};
}

/* ---- cosines ---- */

/* [T, P]: the codes, and the words of the other texts. */
static ask_tensor *text_features(ask_graph *g, const ask_clip_towers *towers,
                                 ask_tensor *codes, ask_tensor *ids)
{
    if (!codes) return towers->texts(g, towers->net, ids);
    int64_t n_coded = ask_tensor_dim(codes, 0), n_texts = ask_tensor_dim(ids, 0);
    ask_tensor *rest = ask_slice(g, ids, 0, n_coded, n_texts);
    ask_tensor *words = towers->texts(g, towers->net, rest);
    return ask_concat(g, (ask_tensor *[]){codes, words}, 2, 0);
}

/* a: [A, P], b: [B, P], any lengths -> [A, B], cosines times e^scale */
static ask_tensor *scaled_cosines(ask_graph *g, const ask_clip_towers *towers,
                                  ask_tensor *a, ask_tensor *b)
{
    ask_tensor *limit = ask_full(g, 0, NULL, MOST_SCALE);
    ask_tensor *scale = ask_exp(g, ask_minimum(g, towers->logit_scale, limit));
    ask_tensor *cosines = ask_matmul_t(g, ask_clip_unit(g, a), ask_clip_unit(g, b));
    return ask_mul(g, cosines, scale);
}

/* As model/pictures.h has it.  wholes: [F, T], patches: [F N, T] -> [F, T] */
static ask_tensor *fits_of(ask_graph *g, ask_tensor *wholes, ask_tensor *patches)
{
    if (!wholes) return NULL;
    int64_t n_frames = ask_tensor_dim(wholes, 0), n_texts = ask_tensor_dim(wholes, 1);
    ask_tensor *x = ask_reshape(g, patches, 3, (int64_t[]){n_frames, -1, n_texts});
    return ask_scale(g, ask_add(g, wholes, ask_max(g, x, 1, false)), 0.5);
}

/* ---- losses ---- */

/* logits: [F N, T]; what is true of a patch is what is true of the thing it shows. */
static ask_tensor *patch_loss(ask_graph *g, const ask_clip_inputs *in, ask_tensor *logits)
{
    ask_tensor *labels = ask_embedding(g, in->thing_labels, in->patch_things);
    ask_tensor *weights = ask_embedding(g, in->thing_weights, in->patch_things);
    return ask_bce_with_logits(g, logits, labels, weights, ASK_REDUCE_SUM);
}

/* logits: [F, T], targets: [C, T, K]. Frames that are unclear get no share. */
static ask_tensor *moment_loss(ask_graph *g, const ask_clip_inputs *in, ask_tensor *logits)
{
    if (!logits || !in->moment_mask) return NULL;
    const double never = -1e4; // as a logit
    int64_t clips = ask_tensor_dim(in->moment_mask, 0);
    int64_t texts = ask_tensor_dim(in->moment_mask, 1);
    int64_t each = ask_tensor_dim(in->moment_mask, 2);
    ask_tensor *x = ask_reshape(g, logits, 3, (int64_t[]){clips, each, texts});
    x = ask_contiguous(g, ask_transpose(g, x, 1, 2)); // [C, T, K]
    x = ask_where(g, in->moment_mask, x, ask_full(g, 0, NULL, never));
    ask_tensor *shares = ask_mul(g, ask_log_softmax(g, x, NULL), in->moment_targets);
    return ask_scale(g, ask_sum(g, shares, 0, false), -1);
}

void ask_clip_loss_build(ask_graph *g, const ask_clip_towers *towers,
                         const ask_clip_loss_params *params, const ask_clip_inputs *in,
                         const ask_clip_loss_weights *weights, ask_train_loss *out,
                         ask_tensor **frame_logits)
{
    const bool wants_patches = weights->patches || weights->fits;
    ask_tensor *patches = NULL;
    ask_tensor *frames =
        towers->images(g, towers->net, in->pixels, wants_patches ? &patches : NULL);
    ask_tensor *texts = text_features(g, towers, params->codes, in->ids);
    ask_tensor *cosines = scaled_cosines(g, towers, frames, texts); // [F, T]
    ask_tensor *logits = ask_add(g, cosines, params->frame_bias);
    ask_tensor *of_patches =
        wants_patches ? scaled_cosines(g, towers, patches, texts) : NULL; // [F N, T]
    if (weights->frames)
        ask_train_loss_add(out, "frames", weights->frames,
                           ask_bce_with_logits(g, logits, in->frame_labels,
                                               in->frame_weights, ASK_REDUCE_SUM));
    if (weights->patches) {
        ask_tensor *x = ask_add(g, of_patches, params->patch_bias);
        ask_train_loss_add(out, "patches", weights->patches, patch_loss(g, in, x));
    }
    if (weights->moments)
        ask_train_loss_add(out, "moments", weights->moments, moment_loss(g, in, cosines));
    if (weights->fits)
        ask_train_loss_add(out, "fits", weights->fits,
                           moment_loss(g, in, fits_of(g, cosines, of_patches)));
    if (frame_logits) *frame_logits = logits;
}

ask_tensor *ask_clip_fits_build(ask_graph *g, const ask_clip_towers *towers,
                                const ask_clip_inputs *in)
{
    ask_tensor *patches = NULL;
    ask_tensor *frames = towers->images(g, towers->net, in->pixels, &patches);
    ask_tensor *texts = towers->texts(g, towers->net, in->ids);
    return fits_of(g, scaled_cosines(g, towers, frames, texts),
                   scaled_cosines(g, towers, patches, texts));
}
