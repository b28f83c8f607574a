#include "train/schedule.h"

#include <math.h>

static bool is_rate(double rate)
{
    return isfinite(rate) && rate >= 0;
}

bool ask_schedule_check(const ask_schedule *s, ask_error *err)
{
    if (s->n_steps < 1)
        return ask_fail(err, ASK_ERR_USAGE, "a training of %lld steps: give at least 1",
                        (long long)s->n_steps);
    if (s->n_warmup < 0 || s->n_warmup > s->n_steps)
        return ask_fail(err, ASK_ERR_USAGE, "a warm-up of %lld steps in a training of %lld",
                        (long long)s->n_warmup, (long long)s->n_steps);
    if (!is_rate(s->rate) || !is_rate(s->last_rate))
        return ask_fail(err, ASK_ERR_USAGE, "learning rates of %g to %g: must be 0 or more",
                        s->rate, s->last_rate);
    return true;
}

double ask_schedule_rate(const ask_schedule *s, int64_t step)
{
    const double pi = 3.14159265358979323846;
    if (step <= s->n_warmup) return s->rate * (double)step / (double)s->n_warmup;
    if (step >= s->n_steps) return s->last_rate;
    double done = (double)(step - s->n_warmup) / (double)(s->n_steps - s->n_warmup);
    return s->last_rate + (s->rate - s->last_rate) * 0.5 * (1 + cos(pi * done));
}
