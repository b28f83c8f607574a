/* cli/spread.h - many numbers in four. */
#ifndef ASK_CLI_SPREAD_H
#define ASK_CLI_SPREAD_H

#include <stdint.h>

typedef struct {
    double min, median, mean, max;
} cli_spread;

/* Of n > 0 values, which are sorted by this. The median of an even number of values is the
 * mean of the two in the middle. */
cli_spread cli_spread_of(double *values, int64_t n);

#endif
