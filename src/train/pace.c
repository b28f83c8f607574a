#include <math.h>
#include <string.h>

#include "base/str.h"
#include "train/pace_priv.h"

static void add(char *out, const char *format, double value)
{
    size_t n = strlen(out);
    ask_format(out + n, TRAIN_PACE_BYTES - n, format, value);
}

const char *train_pace_text(char out[TRAIN_PACE_BYTES], const ask_train_pace *p)
{
    *out = '\0';
    add(out, "loss %.4g", p->loss);
    if (!isnan(p->epoch)) add(out, ", epoch %.2f", p->epoch);
    if (p->examples_per_s > 0) add(out, ", %.3g/s", p->examples_per_s);
    if (p->left_s >= 5400)
        add(out, ", %.1f h left", p->left_s / 3600);
    else if (p->left_s >= 90)
        add(out, ", %.0f min left", p->left_s / 60);
    else if (p->left_s > 0)
        add(out, ", %.0f s left", p->left_s);
    return out;
}
