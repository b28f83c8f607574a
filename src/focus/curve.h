/* focus/curve.h - how well each frame of a video fits a text, in units that mean something.
 *
 * Pure arithmetic on embeddings: with q.x_i the fit of the text to frame i
 * (model/pictures.h), b_k.x_i and r_j.x_i those of background prompts and of random
 * sentences, and means over indexes in brackets,
 *
 *     s_i  = q.x_i   - <b_k.x_i>_k            what the text fits better than "a photo" does
 *     u_ij = r_j.x_i - <b_k.x_i>_k            the same of a random sentence
 *     score_i  = (s_i - <u>) / deviation of all u_ij
 *     presence = (max_i s_i - <max_i u_ij>_j) / deviation over j of max_i u_ij
 *
 * A score is how far a frame stands out of what random sentences get on these frames.
 * Presence compares best frames with best frames, since a long video has a good frame for
 * anything. */
#ifndef ASK_FOCUS_CURVE_H
#define ASK_FOCUS_CURVE_H

#include "base/log.h"
#include "model/pictures.h"

/* Unit vectors of frames.n_embed numbers, row after row; borrowed. */
typedef struct {
    ask_pictures frames; // in time order; at least 1
    const float
        *background;     // [n_background, n_embed]; n_background 0: nothing is taken off
    const float *random; // [n_random, n_embed]; n_random at least 2
    int n_background, n_random;
} ask_curve_input;

/* What these frames have in common with any text: the unit that texts are measured in. */
typedef struct {
    double *background;     // [frames.n]: mean fit of the background prompts; owned
    double mean, deviation; // of all u_ij
    double best_mean, best_deviation; // over j, of max_i u_ij
} ask_curve_chance;

/* Fails: ASK_ERR_MODEL when all random sentences fit these frames alike, so that there is
 * no unit to measure in, and when embeddings are not finite; ASK_ERR_CANCELLED,
 * ASK_ERR_NOMEM. cancel may be NULL. */
ASK_API bool ask_curve_measure_chance(ask_curve_chance *out, const ask_curve_input *in,
                                      const ask_cancel *cancel, ask_error *err);
ASK_API void ask_curve_chance_free(ask_curve_chance *c); // leaves {0}; NULL is fine

/* How the text compares with chance. */
typedef struct {
    double presence;
    /* Of the best scores that random sentences reach; presence is the best score of the
     * text less that mean, over that deviation. */
    double chance_mean, chance_deviation;
} ask_curve_presence;

/* The curve of a text from how well it fits the n frames that chance was measured on
 * (ask_pictures_fit): score is [n], owned by the caller.
 * Fails: ASK_ERR_MODEL for fits that are not finite. */
ASK_API bool ask_curve_score(float *score, ask_curve_presence *presence, const double *fits,
                             int n, const ask_curve_chance *chance, ask_error *err);

/* Tells which frames show what an earlier one shows: duplicate_of [n] gets the first
 * earlier frame, itself no duplicate, with which it has as a whole a cosine of
 * near_duplicate or more; else -1. Fails: ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_curve_duplicates(int *duplicate_of, const ask_pictures *frames,
                                  double near_duplicate, const ask_cancel *cancel,
                                  ask_error *err);

#endif
