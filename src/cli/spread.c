#include "cli/spread.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

cli_spread cli_spread_of(double *values, int64_t n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += values[i];
    return (cli_spread){
        .min = values[0],
        .median = (values[(n - 1) / 2] + values[n / 2]) / 2,
        .mean = sum / (double)n,
        .max = values[n - 1],
    };
}
