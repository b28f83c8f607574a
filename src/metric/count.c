#include "metric/count.h"

#include <math.h>
#include <string.h>

ask_count_range ask_count_any(void)
{
    return (ask_count_range){0, INT32_MAX};
}

ask_count_range ask_count_tgif(void)
{
    return (ask_count_range){1, 10};
}

ask_count_range ask_count_of_set(const char *set)
{
    return strcmp(set, "tgifqa-count") == 0 ? ask_count_tgif() : ask_count_any();
}

int64_t ask_count_round(double predicted, ask_count_range range)
{
    double rounded = floor(predicted + 0.5);
    if (!(rounded > (double)range.low)) return range.low;
    return rounded < (double)range.high ? (int64_t)rounded : range.high;
}
