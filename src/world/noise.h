/* world/noise.h - what video compression does to a picture, imitated, for training. */
#ifndef ASK_WORLD_NOISE_H
#define ASK_WORLD_NOISE_H

#include "media/image.h"

enum { ASK_NOISE_MAX = 31 };

/* Blocks of 8 x 8 through an integer cosine transform, quantised as H.264 does at about
 * that quantiser (0: nothing is done), chroma at half size. What has not changed since the
 * picture before stays as it was there. images: RGB, of one size, sides multiples of 16. */
ASK_API void ask_noise_compress(ask_image *images, int n_images, int strength);

#endif
