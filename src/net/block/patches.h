/* net/block/patches.h - pictures as rows of numbers: one for each of their square patches.
 * After: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words". */
#ifndef ASK_NET_BLOCK_PATCHES_H
#define ASK_NET_BLOCK_PATCHES_H

#include "tensor/ops.h"

/* pixels: [B, K, H, W], w: [C, K, P, P], b: [C] or NULL -> [B, N, C], N patches in reading
 * order. What is left of a picture right and below the last whole patch is not seen. */
ASK_API ask_tensor *ask_patches_embed(ask_graph *g, ask_tensor *pixels, ask_tensor *w,
                                      ask_tensor *b);

#endif
