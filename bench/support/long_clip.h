/* support/long_clip.h - long videos in little time: a few seconds are encoded once, and
 * their packets are written again and again. */
#ifndef BENCH_LONG_CLIP_H
#define BENCH_LONG_CLIP_H

enum { LONG_CLIP_FPS = 24, LONG_CLIP_GOP = 48, LONG_CLIP_SEED_FRAMES = 96 };

/* Encodes LONG_CLIP_SEED_FRAMES frames of shapes that move over a textured background, as
 * H.264 with B-frames in an MP4 file. */
void bench_seed_clip(const char *path, int width, int height);

/* Writes the packets of the seed as often as duration_s takes, with times that go on; the
 * ending of path chooses the container. */
void bench_repeat_clip(const char *path, const char *seed, int duration_s);

#endif
