/* focus/moments.h - from a curve of scores to the moments that stand out of it.
 *
 * Pure arithmetic on arrays. */
#ifndef ASK_FOCUS_MOMENTS_H
#define ASK_FOCUS_MOMENTS_H

#include "base/error.h"

typedef struct {
    double start_s, end_s;
    int best;     // the frame of it with the highest score
    double score; // of that frame
    int repeats;  // a better moment of the list that shows the same; -1
} ask_find_moment;

/* Frames in time order; all arrays are borrowed. */
typedef struct {
    const float *score; // [n], as focus/curve.h gives them
    const double
        *edge_s; // [n + 1], ascending: frame i stands for edge_s[i] .. edge_s[i + 1]
    const int *duplicate_of; // [n], as focus/curve.h gives them
    int n;                   // at least 1
} ask_moments_curve;

/* Gives at most n_top moments, best first, which do not overlap; *out is freed with free().
 *
 * A moment is a run of the lightly smoothed curve above the middle between its median and
 * its peak; a gap of one frame is bridged. A curve that is above 0 and hardly moves has
 * nothing to point at: then the middle is that of 0 and the peak, and the moment is all of
 * it. Each moment ends at the edges of its frames, so a single frame has the extent of its
 * sampling step. A moment whose best frame shows what a better moment shows comes after
 * those that do not, and names it. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_moments_find(ask_find_moment **out, int *n_out,
                              const ask_moments_curve *curve, int n_top, ask_error *err);

#endif
