/* The transforms of kernels, with
 *
 *     G = 1    0    0
 *         1/2  1/2  1/2
 *         1/2  -1/2 1/2
 *         0    0    1 */
#include "tensor/cpu/winograd_priv.h"

void cpu_winograd_weights(ask_real *u, int64_t step, const ask_real *g, bool turned)
{
    ask_real half[4][3];
    for (int i = 0; i < 3; i++) {
        ask_real a = turned ? g[8 - i] : g[i], b = turned ? g[5 - i] : g[3 + i];
        ask_real c = turned ? g[2 - i] : g[6 + i];
        half[0][i] = a;
        half[1][i] = (a + b + c) / 2;
        half[2][i] = (a - b + c) / 2;
        half[3][i] = c;
    }
    for (int i = 0; i < 4; i++, u += 4 * step) {
        const ask_real *h = half[i];
        u[0] = h[0];
        u[step] = (h[0] + h[1] + h[2]) / 2;
        u[2 * step] = (h[0] - h[1] + h[2]) / 2;
        u[3 * step] = h[2];
    }
}

void cpu_winograd_gather_weights(ask_real *g, const double u[WINOGRAD_PARTS])
{
    double half[3][4];
    for (int i = 0; i < 4; i++) {
        double a = u[i], b = u[4 + i], c = u[8 + i], d = u[12 + i];
        half[0][i] = a + (b + c) / 2;
        half[1][i] = (b - c) / 2;
        half[2][i] = (b + c) / 2 + d;
    }
    for (int i = 0; i < 3; i++, g += 3) {
        const double *h = half[i];
        g[0] = (ask_real)(h[0] + (h[1] + h[2]) / 2);
        g[1] = (ask_real)((h[1] - h[2]) / 2);
        g[2] = (ask_real)((h[1] + h[2]) / 2 + h[3]);
    }
}
