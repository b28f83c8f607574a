/* support/clip.h - CLIP checkpoints of the published sizes, with random weights. They are
 * made once, in $TMPDIR or /tmp, and stay there for later runs. */
#ifndef BENCH_CLIP_H
#define BENCH_CLIP_H

enum { BENCH_CLIP_DIR_BYTES = 512 };

typedef enum {
    BENCH_CLIP_B32, // ViT-B/32: 151 million parameters, 0.6 GB
    BENCH_CLIP_L14, // ViT-L/14: 428 million parameters, 1.7 GB
} bench_clip;

/* The folder, which is made if it is not there. Ends the program when that fails. */
void bench_clip_dir(char dir[BENCH_CLIP_DIR_BYTES], bench_clip clip);

#endif
