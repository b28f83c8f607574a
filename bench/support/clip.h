/* support/clip.h - CLIP checkpoints of the published sizes, with random weights. */
#ifndef BENCH_CLIP_H
#define BENCH_CLIP_H

#include "support/model.h"

typedef enum {
    BENCH_CLIP_B32, // ViT-B/32: 151 million parameters, 0.6 GB
    BENCH_CLIP_L14, // ViT-L/14: 428 million parameters, 1.7 GB
} bench_clip;

/* As bench_model_dir. */
void bench_clip_dir(char dir[BENCH_MODEL_DIR_BYTES], bench_clip clip);

#endif
