/* focus/dot.h - the cosine of two unit vectors: a sum of products in double, in an
 * order that is the same on every machine. */
#ifndef ASK_FOCUS_DOT_H
#define ASK_FOCUS_DOT_H

static inline double ask_dot(const float *a, const float *b, int n)
{
    enum { LANES = 8 }; // sums that do not wait for one another
    double sum[LANES] = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int k = 0; k < LANES; k++) sum[k] += (double)a[i + k] * b[i + k];
    }
    for (int k = 0; i < n; i++, k++) sum[k] += (double)a[i] * b[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
           ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

#endif
