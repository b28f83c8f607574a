/* metric/count.h - counts as sets score them: a predicted number is rounded, halves up, and
 * held within what can be an answer.
 *
 * After: Jang et al. 2017 (TGIF-QA), which has 1 to 10 and takes the mean of squared
 * differences. Here the mean of absolute ones is told too. */
#ifndef ASK_METRIC_COUNT_H
#define ASK_METRIC_COUNT_H

#include <stdint.h>

#include "base/api.h"

typedef struct {
    int64_t low, high; // both included
} ask_count_range;

ASK_API ask_count_range ask_count_any(void);  // 0 to INT32_MAX
ASK_API ask_count_range ask_count_tgif(void); // 1 to 10
/* That of a set of questions (data/dataset.h) by its name. */
ASK_API ask_count_range ask_count_of_set(const char *set);

/* NaN is the lowest. */
ASK_API int64_t ask_count_round(double predicted, ask_count_range range);

#endif
