#include "train/schedule.h"

#include <math.h>
#include <string.h>

static const char *const names[ASK_N_SCHEDULES] = {
    [ASK_SCHEDULE_COSINE] = "cosine",
    [ASK_SCHEDULE_LINEAR] = "linear",
    [ASK_SCHEDULE_CONSTANT] = "constant",
    [ASK_SCHEDULE_CONSTANT_WITH_WARMUP] = "constant_with_warmup",
};

const char *ask_schedule_name(ask_schedule_kind kind)
{
    return names[kind];
}

bool ask_schedule_find(ask_schedule_kind *out, const char *name, ask_error *err)
{
    for (int i = 0; i < ASK_N_SCHEDULES; i++) {
        if (strcmp(names[i], name) != 0) continue;
        *out = (ask_schedule_kind)i;
        return true;
    }
    return ask_fail(err, ASK_ERR_USAGE,
                    "there is no schedule \"%.60s\"; there are: %s, %s, %s, %s", name,
                    names[0], names[1], names[2], names[3]);
}

int64_t ask_schedule_warmup(double share, int64_t n_steps)
{
    return (int64_t)ceil(share * (double)n_steps);
}

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
    if (s->n_warmup > 0 && s->kind == ASK_SCHEDULE_CONSTANT)
        return ask_fail(err, ASK_ERR_USAGE,
                        "the schedule %s has no warm-up; the one of %lld steps needs %s",
                        names[s->kind], (long long)s->n_warmup,
                        names[ASK_SCHEDULE_CONSTANT_WITH_WARMUP]);
    if (!is_rate(s->rate) || !is_rate(s->last_rate))
        return ask_fail(err, ASK_ERR_USAGE, "learning rates of %g to %g: must be 0 or more",
                        s->rate, s->last_rate);
    return true;
}

/* How much of the way from the highest rate to the last is left, with that share of the
 * steps behind the warm-up done. */
static double left(ask_schedule_kind kind, double done)
{
    const double pi = 3.14159265358979323846;
    switch (kind) {
    case ASK_SCHEDULE_COSINE:
        return 0.5 * (1 + cos(pi * done));
    case ASK_SCHEDULE_LINEAR:
        return 1 - done;
    default:
        return 1;
    }
}

double ask_schedule_rate(const ask_schedule *s, int64_t step)
{
    if (step <= s->n_warmup) return s->rate * (double)step / (double)s->n_warmup;
    if (step > s->n_steps) step = s->n_steps;
    int64_t n = s->n_steps - s->n_warmup;
    double done = n ? (double)(step - s->n_warmup) / (double)n : 1;
    return s->last_rate + (s->rate - s->last_rate) * left(s->kind, done);
}
