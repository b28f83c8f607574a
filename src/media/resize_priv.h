/* media/resize_priv.h - what resampling is made of: weights, and sums weighted by them. */
#ifndef ASK_MEDIA_RESIZE_PRIV_H
#define ASK_MEDIA_RESIZE_PRIV_H

#include "media/resize.h"

/* The source pixels that each destination pixel of one axis is made from. */
typedef struct {
    int n;          // destination pixels
    int most;       // weights in a row of `weight`
    int *first;     // [n]: the first source pixel
    int *count;     // [n]: how many, 1..most
    double *weight; // [n, most]: their weights, which sum to 1; behind `count`, zeros
} ask_taps;

/* Weights for n_in pixels that become n_out, both in 1..65535; not for
 * ASK_RESIZE_NEAREST. Fails with ASK_ERR_NOMEM. */
bool ask_taps_new(ask_taps *out, ask_resize_filter filter, int n_in, int n_out,
                  ask_error *err);
void ask_taps_free(ask_taps *taps); // {0} is fine

/* The source pixel under the centre of each of n_out pixels. NULL, with ASK_ERR_NOMEM, or
 * freed by the caller. */
int *ask_taps_nearest(int n_in, int n_out, ask_error *err);

/* The weights in fixed point. Sums of 255 times their magnitudes fit into 32 bits. */
enum { ASK_WEIGHT_BITS = 22 };
int32_t *ask_taps_fixed(const ask_taps *taps, ask_error *err); // freed by the caller

/* dst[i] = the sum over t of weight[t] * src[t * stride + i], in fixed point, rounded and
 * clamped to 0..255, for i < n. */
typedef void ask_weigh_fn(uint8_t *dst, const uint8_t *src, size_t stride,
                          const int32_t *weight, int n_weights, size_t n);
ask_weigh_fn ask_weigh_scalar;      // the definition
ask_weigh_fn *ask_weigh_best(void); // the fastest here; the same bits

/* Whether a picture may have these sides. */
bool ask_resize_check(int width, int height, ask_error *err);

#endif
