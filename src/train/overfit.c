#include <math.h>
#include <string.h>

#include "base/options.h"
#include "train/selftest.h"

ask_overfit_options ask_overfit_defaults(void)
{
    return (ask_overfit_options){.struct_size = sizeof(ask_overfit_options),
                                 .n_steps = 200,
                                 .share = 0.1,
                                 .bound = 0.01};
}

/* The index of a part; -1 for the loss. */
static bool find_part(int *out, const ask_trainer *t, const char *name, ask_error *err)
{
    *out = -1;
    if (!name) return true;
    for (int i = 0; i < ask_trainer_n_parts(t); i++) {
        if (strcmp(ask_trainer_part(t, i), name) != 0) continue;
        *out = i;
        return true;
    }
    return ask_fail(err, ASK_ERR_USAGE, "the loss has no part \"%.60s\"", name);
}

static bool fail(const ask_overfit_options *o, const ask_overfit_result *r, ask_error *err)
{
    return ask_fail(
        err, ASK_ERR_NOT_FOUND,
        "one batch was not learnt by heart: in %lld steps the %s went from %.4g "
        "to %.4g, and should fall to %.4g: look at inputs, labels and rate",
        (long long)r->n_steps, o->part ? o->part : "loss", r->first, r->last,
        fmax(o->share * r->first, o->bound));
}

bool ask_train_overfit(ask_trainer *t, const ask_overfit_options *opt,
                       ask_overfit_result *out, ask_error *err)
{
    int part;
    ask_overfit_options o = ask_overfit_defaults();
    ask_options_take(&o, sizeof o, opt);
    if (!find_part(&part, t, o.part, err)) return false;
    int64_t n = ask_trainer_schedule(t)->n_steps;
    if (o.n_steps < n) n = o.n_steps;
    ask_overfit_result r = {0};
    bool passed = false;
    for (int64_t step = 1; step <= n && !passed; step++) {
        ask_train_step s;
        if (!ask_cancel_check(o.cancel, err) || !ask_trainer_step(t, step, &s, err))
            return false;
        r.n_steps = step;
        r.last = part < 0 ? s.loss : s.parts[part];
        if (step == 1) r.first = r.last;
        passed = r.last <= o.bound || (r.first > 0 && r.last <= o.share * r.first);
        ask_progress_send(o.progress, step, n, "steps", "learning one batch by heart");
    }
    *out = r;
    return passed || fail(&o, &r, err);
}
