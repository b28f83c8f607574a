/* train/clip_loss.h - what a dual encoder of frames and texts is taught: which texts are
 * true of a frame, which of a piece of it, and when in a clip.
 *
 *     frames    binary cross-entropy of e^scale cos(frame, text) + bias    [F, T]
 *     patches   the same of every patch                                    [F N, T]
 *     moments   cross-entropy over the frames of a clip, for each text     [C, T, K]
 *     fits      the same with fits (model/pictures.h) in place of cosines  [C, T, K]
 *
 * Words begin as all alike, and a tower of words that nobody can see the use of stays so:
 * what it cannot tell apart, the other tower has no reason to. Texts may therefore have
 * codes (vectors of their own, random to begin with) in place of their words' embeddings.
 *
 * Independent yes-or-no questions, as many texts are true of one frame. After: Zhai et al.
 * 2023, "Sigmoid Loss for Language Image Pre-Training"; patches in the space of the texts:
 * Zhou et al. 2022, "Extract Free Dense Labels from CLIP". */
#ifndef ASK_TRAIN_CLIP_LOSS_H
#define ASK_TRAIN_CLIP_LOSS_H

#include "net/joint/clip.h"
#include "train/clip_batch.h"
#include "train/trainer.h"

/* What is taught: a network with a vector for each picture, for each of its patches, and
 * for each text. Vectors are of any length. */
typedef struct {
    const void *net;         // bound; outlives what is built with it
    int n_embed;             // P
    ask_tensor *logit_scale; // a scalar, a logarithm
    /* pixels: [F, channels, S, S] -> [F, P], and *patches [F N, P] (NULL: not wanted) */
    ask_tensor *(*images)(ask_graph *g, const void *net, ask_tensor *pixels,
                          ask_tensor **patches);
    /* ids: i64 [T, L] -> [T, P] */
    ask_tensor *(*texts)(ask_graph *g, const void *net, ask_tensor *ids);
} ask_clip_towers;

ASK_API ask_clip_towers ask_clip_towers_of(const ask_clip *clip);

/* How much each counts; a loss of 0 is not built. */
typedef struct {
    double frames, patches, moments, fits;
} ask_clip_loss_weights;

/* Trained beside the network and no part of it. */
typedef struct {
    ask_tensor *frame_bias, *patch_bias; // [1]: offsets of the logits
    ask_tensor *codes;                   // [n_coded, P]; NULL: all texts are words
} ask_clip_loss_params;

/* Adds "train.frame_bias" and "train.patch_bias", zeros, and "train.codes", normal. */
ASK_API bool ask_clip_loss_bind(ask_clip_loss_params *out, ask_store *store, int n_coded,
                                int n_embed, ask_error *err);

/* Adds the network and its losses, as parts of *out: those with a weight. frame_logits
 * (may be NULL) becomes the logits of frames [F, T]. */
ASK_API void ask_clip_loss_build(ask_graph *g, const ask_clip_towers *towers,
                                 const ask_clip_loss_params *params,
                                 const ask_clip_inputs *in,
                                 const ask_clip_loss_weights *weights, ask_train_loss *out,
                                 ask_tensor **frame_logits);

/* The network alone: fits of every frame and text, times e^scale.  -> [F, T] */
ASK_API ask_tensor *ask_clip_fits_build(ask_graph *g, const ask_clip_towers *towers,
                                        const ask_clip_inputs *in);

#endif
