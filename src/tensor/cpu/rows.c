/* Products of one row with many rows as they lie: the definition. */
#include "tensor/cpu/scalar_priv.h"

void dots__scalar(ask_real *y, const ask_real *x, const ask_real *rows, int64_t step,
                  double scale, int64_t n, int64_t k)
{
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int64_t j = 0; j < k; j++) sum += (double)x[j] * (double)rows[i * step + j];
        y[i] = (ask_real)(scale * sum);
    }
}

void mix__scalar(ask_real *y, const ask_real *p, const ask_real *rows, int64_t step,
                 int64_t n, int64_t k)
{
    for (int64_t j = 0; j < k; j++) {
        double sum = 0;
        for (int64_t i = 0; i < n; i++) sum += (double)p[i] * (double)rows[i * step + j];
        y[j] = (ask_real)sum;
    }
}
