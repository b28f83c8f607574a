#include "net/block/dropout.h"

#include "base/rng.h"

uint64_t ask_dropping_next(ask_dropping *d)
{
    ask_rng root = ask_rng_new(d->seed), place = ask_rng_split_at(&root, d->n++);
    return ask_rng_u64(&place);
}

ask_tensor *ask_drop(ask_graph *g, ask_tensor *x, double p, ask_dropping *d)
{
    return d && p > 0 ? ask_dropout(g, x, p, ask_dropping_next(d), d->step) : x;
}
