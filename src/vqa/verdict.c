#include "vqa/verdict.h"

static bool is_done(const ask_check *c)
{
    return !c->why_not;
}

static bool is_prior(const ask_verdict_input *in, const ask_verdict_limits *l)
{
    const ask_checks *c = in->checks;
    return is_done(&c->blind) && c->blind.answer == in->answer &&
           c->full.s - c->blind.s < l->tau_prior;
}

static bool is_enough(const ask_verdict_input *in, const ask_verdict_limits *l)
{
    const ask_checks *c = in->checks;
    return is_done(&c->evidence_only) && c->evidence_only.answer == in->answer &&
           c->full.s - c->evidence_only.s < l->tau_suff;
}

static bool is_needed(const ask_checks *c, const ask_verdict_limits *l)
{
    return is_done(&c->random_removed) && is_done(&c->evidence_removed) &&
           c->random_removed.s - c->evidence_removed.s > l->tau_nec;
}

ask_verdict ask_verdict_of(bool *redundant, const ask_verdict_input *in,
                           const ask_verdict_limits *limits)
{
    *redundant = false;
    if (in->outside) return ASK_VERDICT_OUTSIDE;
    if (!in->present) return ASK_VERDICT_NOT_IN_VIDEO;
    if (is_prior(in, limits)) return ASK_VERDICT_PRIOR_ONLY;
    bool enough = is_enough(in, limits), needed = is_needed(in->checks, limits);
    if (enough && needed) return ASK_VERDICT_GROUNDED;
    *redundant = enough;
    return ASK_VERDICT_WEAK;
}
