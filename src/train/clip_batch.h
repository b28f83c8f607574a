/* train/clip_batch.h - what one step of training a dual encoder takes: frames, texts, and
 * which text is true of which frame, and of which piece of it.
 *
 * F = n_clips * n_frames frames, those of a clip one after the other; T texts of L tokens;
 * N patches in a frame. What a patch shows is one of a few things: the background, a toy,
 * or nothing clearly; truth is kept for each thing of a frame, and patches refer to it. */
#ifndef ASK_TRAIN_CLIP_BATCH_H
#define ASK_TRAIN_CLIP_BATCH_H

#include <stddef.h>

#include "tensor/ops.h"
#include "world/scene.h"

enum {
    ASK_THING_BACKGROUND,
    ASK_THING_UNCLEAR,
    ASK_THING_TOY, // the first toy; the others follow
    ASK_N_THINGS = ASK_THING_TOY + ASK_SCENE_MAX_TOYS,
};

typedef struct {
    int n_clips, n_frames; // of each clip
    int n_texts, n_tokens;
    int n_coded;  // texts at the front that a trained vector stands for, not their words
    int n_denied; // texts at the end that deny their phrase: see train/clip_labels.h
    int n_channels, side_px, patch_px;
    bool by_middle; // a patch shows the toy whose middle is in it, and no other
} ask_clip_batch_size;

ASK_API int64_t ask_clip_batch_n_patches(const ask_clip_batch_size *s); // of a frame

/* Fails with ASK_ERR_USAGE for sizes below 1, fewer than two frames of a clip, or together
 * absurd ones. */
ASK_API bool ask_clip_batch_size_check(const ask_clip_batch_size *s, ask_error *err);

/* What a text can be about: the log tells the kinds apart. Events come one by one, from
 * ASK_KIND_EVENT on. */
typedef enum {
    ASK_KIND_COLOR,
    ASK_KIND_SHAPE,
    ASK_KIND_SIZE,
    ASK_KIND_TEXTURE,
    ASK_KIND_PLACE,
    ASK_KIND_EVENT,
    ASK_N_CLIP_KINDS = ASK_KIND_EVENT + ASK_N_EVENTS,
} ask_clip_kind;

/* A weight of 0 leaves a pair out; the weights of a loss add up to about 1. */
typedef struct {
    ask_clip_batch_size size;
    float *pixels;                       // [F, channels, side, side]
    int64_t *ids;                        // [T, L], each row with its end token
    float *frame_labels, *frame_weights; // [F, T]: 1 true, 0 false
    int64_t *patch_things;               // [F * N]: rows of the next two
    float *thing_labels, *thing_weights; // [F * ASK_N_THINGS, T]
    int *n_patches;                      // [F * ASK_N_THINGS]: that show the thing
    float *moment_targets;               // [C, T, K]: how the true frames of a clip share a
                                         // text; zeros where a clip has none, or only such
    bool *moment_mask;                   // [C, T, K]: frames that are clear
    unsigned *kinds; // [T]: bits (1u << ask_clip_kind), what it is about
} ask_clip_batch;

ASK_API ask_clip_batch *ask_clip_batch_new(const ask_clip_batch_size *size, ask_error *err);
ASK_API void ask_clip_batch_free(ask_clip_batch *b); // NULL is fine

/* The same in a graph. */
typedef struct {
    ask_tensor *pixels, *ids, *frame_labels, *frame_weights, *patch_things, *thing_labels,
        *thing_weights, *moment_targets, *moment_mask;
} ask_clip_inputs;

ASK_API void ask_clip_inputs_add(ask_clip_inputs *out, ask_graph *g,
                                 const ask_clip_batch_size *size);
ASK_API bool ask_clip_inputs_write(const ask_clip_inputs *in, const ask_clip_batch *b,
                                   ask_error *err);

#endif
