/* net/tower/s3d.h - S3D-G: a network of convolutions over space and time, for the features
 * of short clips.
 *
 *     clip -> 2 x 2 x 2 to depth -> conv -> pool -> conv -> separable conv -> gate -> pool
 *          -> two blocks -> pool -> five blocks -> pool -> two blocks
 *          -> mean: the features -> linear: the logits
 *
 * A separable convolution is one over space and one over time behind it; a block has four
 * branches side by side, each gated: scaled, per channel, by what a linear layer makes of
 * its means. Norms are folded into the convolutions (block/conv_norm.h).
 *
 * Parameters have the names of the published checkpoint. No configuration belongs to it:
 * the widths are those of the tensors. After: Xie et al. 2018, "Rethinking Spatiotemporal
 * Feature Learning"; weights as trained by Miech et al. 2020, "End-to-End Learning of
 * Visual Representations from Uncurated Instructional Videos" (MIL-NCE). */
#ifndef ASK_NET_TOWER_S3D_H
#define ASK_NET_TOWER_S3D_H

#include "net/block/conv_norm.h"
#include "net/block/dense.h"

typedef struct {
    ask_conv_norm space, time; // 1 x 3 x 3, 3 x 1 x 1
} ask_s3d_separable;

/* Branch 0 is a convolution 1 x 1 x 1; 1 and 2 are one and a separable one; 3 is a pooling
 * and one. */
typedef struct {
    ask_conv_norm point[4];
    ask_s3d_separable wide[2]; // of the branches 1 and 2
    ask_dense gate[4];
} ask_s3d_block;

enum { ASK_S3D_N_BLOCKS = 9 };

typedef struct {
    ask_conv_norm conv1, conv_2b;
    ask_s3d_separable conv_2c;
    ask_dense gate;
    ask_s3d_block blocks[ASK_S3D_N_BLOCKS];
    ask_dense head;
    int64_t n_features, n_logits;
} ask_s3d;

/* Globs of tensors that a checkpoint may hold besides: counters, and the side of the texts.
 */
extern const char *const ask_s3d_ignored[];

/* Without a checkpoint the widths are the published ones. */
ASK_API void ask_s3d_bind(ask_s3d *out, ask_params *p);

/* clips: [B, 3, T, H, W] in 0..1, sizes even -> features [B, n_features].  Names
 * "tap.<part>" [B, C, T', H', W'] for "conv1", "maxpool_2a", "conv_2b", "conv_2c",
 * "gating", "maxpool_3a", "mixed_3b", ... "mixed_5c", "maxpool_4a", "maxpool_5a"; and
 * "features". */
ASK_API ask_tensor *ask_s3d_features(ask_graph *g, const ask_s3d *s, ask_tensor *clips);

/* features [B, n_features] -> [B, n_logits], "logits" */
ASK_API ask_tensor *ask_s3d_logits(ask_graph *g, const ask_s3d *s, ask_tensor *features);

/* Tells each convolution for a clip of that size, in no particular order, and the size of
 * what it takes: frames, rows, columns. */
ASK_API void
ask_s3d_visit(const ask_s3d *s, int64_t n_frames, int64_t height, int64_t width,
              void (*visit)(void *user, const ask_conv_norm *conv, const int64_t size[3]),
              void *user);

/* Work of the convolutions for one clip; multiply and add are counted as two. */
ASK_API double ask_s3d_flops(const ask_s3d *s, int64_t n_frames, int64_t height,
                             int64_t width);

#endif
