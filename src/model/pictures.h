/* model/pictures.h - pictures as a model embeds them, and how well they fit a text.
 *
 * Each picture has one unit vector for the whole. A model that was trained for it has more,
 * one for each patch, in the same space: then a small thing need not be heard through
 * everything else that the picture shows, and
 *
 *     fit = (text . whole  +  max over patches of text . patch) / 2
 *
 * With one vector a fit is its cosine. After: Radford et al. 2021 (CLIP); Yao et al. 2022,
 * "FILIP", whose late interaction this is with one vector on the side of the text. */
#ifndef ASK_MODEL_PICTURES_H
#define ASK_MODEL_PICTURES_H

#include <math.h>
#include <stddef.h>

typedef struct {
    const float *vectors; // [n, n_vectors, n_embed], unit length: the whole, then patches;
                          // borrowed
    int n, n_vectors, n_embed;
} ask_pictures;

/* A sum of products in double, in an order that is the same on every machine. */
static inline double ask_dot(const float *a, const float *b, int n)
{
    enum { LANES = 8 }; // sums that do not wait for one another
    double sum[LANES] = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int k = 0; k < LANES; k++) sum[k] += (double)a[i + k] * b[i + k];
    }
    for (; i < n; i++) sum[i % LANES] += (double)a[i] * b[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
           ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/* The vector of picture i as a whole: [n_embed]. */
static inline const float *ask_picture_whole(const ask_pictures *p, int i)
{
    return p->vectors + (size_t)i * (size_t)p->n_vectors * (size_t)p->n_embed;
}

/* How well picture i fits a text ([n_embed], unit length): from -1 to 1. */
static inline double ask_picture_fit(const ask_pictures *p, int i, const float *text)
{
    const float *whole = ask_picture_whole(p, i);
    double fit = ask_dot(whole, text, p->n_embed), best = -INFINITY;
    if (p->n_vectors == 1) return fit;
    for (int k = 1; k < p->n_vectors; k++)
        best =
            fmax(best, ask_dot(whole + (size_t)k * (size_t)p->n_embed, text, p->n_embed));
    return (fit + best) / 2;
}

/* The same of all pictures: out [n]. */
static inline void ask_pictures_fit(double *out, const ask_pictures *p, const float *text)
{
    for (int i = 0; i < p->n; i++) out[i] = ask_picture_fit(p, i, text);
}

#endif
