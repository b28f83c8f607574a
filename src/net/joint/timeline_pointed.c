/* Who a sight is of, and what else an event has to do with: the glance points at sights,
 * and the cells have said what those are. A thing of a colour and a shape that never came
 * together is so told as any other, where a layer that has learnt which come together takes
 * it for one of those. */
#include <math.h>

#include "net/block/heads.h"
#include "net/joint/timeline_priv.h"

/* What is read for each of the fields COLOR to LATER_COLOR of a glimpse. */
static const ask_sight_field read_from[ASK_TIMELINE_N_POINTED] = {
    ASK_SIGHT_COLOR, ASK_SIGHT_SHAPE, ASK_SIGHT_SIZE, ASK_SIGHT_TEXTURE, // its own
    ASK_SIGHT_COLOR, ASK_SIGHT_SHAPE,                                    // the other's
    ASK_SIGHT_COLOR,                                                     // later
};

/* So that what no sight is said to be is possible all the same. */
static const double LEAST = 1e-3;

ask_timeline_field timeline_pointed_field(const ask_timeline_kinds *k)
{
    ask_timeline_field all = ask_glimpse_field_of(k, ASK_GLIMPSE_COLOR),
                       end = ask_glimpse_field_of(k, ASK_GLIMPSE_WAY);
    all.n = end.begin - all.begin;
    return all;
}

void timeline_pointed_bind(ask_timeline_glance *out, ask_params *p)
{
    const ask_timeline_config *c = &out->config;
    const int64_t n = ASK_TIMELINE_N_POINTED, all = n * (c->width / c->n_heads);
    ask_dense_bind_plain(&out->query, p, "glance.query", c->width, all,
                         ask_glorot(c->width, all));
    ask_dense_bind_plain(&out->difference, p, "glance.difference", c->width, all, 0);
    out->sharpness = ask_param(p, ask_init_value(1), 1, &n, "glance.sharpness");
}

/* How much of each sight is meant by each pointer of each.  states: [B, N, C] ->
 * [B, POINTED, N, N] */
static ask_tensor *shares_of(const timeline_glimpsed *of, ask_tensor *states)
{
    ask_graph *g = of->g;
    const ask_timeline_config *c = &of->net->config;
    const int64_t n = ASK_TIMELINE_N_POINTED, every[] = {of->batch, 1, 1, -1};
    ask_dense key = {.w = ask_add(g, ask_cast(g, of->net->query.w, ASK_F32),
                                  ask_cast(g, of->net->difference.w, ASK_F32))};
    ask_tensor *q = ask_heads_split(g, ask_dense_build(g, &of->net->query, states), n);
    ask_tensor *k = ask_heads_split(g, ask_dense_build(g, &key, states), n);
    ask_tensor *mask = of->sights->mask;
    ask_tensor *scores =
        ask_scale(g, ask_matmul_t(g, q, k), 1 / sqrt((double)c->width / c->n_heads));
    return ask_softmax(g, scores, mask ? ask_reshape(g, mask, 4, every) : NULL);
}

/* COLOR to TEXTURE of a sight, as one. */
static ask_timeline_field kinds_field(const ask_timeline_kinds *k)
{
    ask_timeline_field all = ask_sight_field_of(k, ASK_SIGHT_COLOR),
                       end = ask_sight_field_of(k, ASK_SIGHT_DEED);
    all.n = end.begin - all.begin;
    return all;
}

ask_tensor *timeline_point(const timeline_glimpsed *of, ask_tensor *states)
{
    ask_graph *g = of->g;
    const ask_timeline_kinds *k = &of->net->config.kinds;
    const ask_timeline_field all = kinds_field(k);
    ask_tensor *kinds = ask_contiguous(g, timeline_field(g, of->sights->sights, all));
    kinds = ask_reshape(g, kinds, 4, (int64_t[]){of->batch, 1, -1, all.n});
    ask_tensor *told = ask_matmul(g, shares_of(of, states), kinds); // [B, POINTED, N, all]
    ask_tensor *parts[ASK_TIMELINE_N_POINTED];
    told = ask_log(g, ask_affine(g, told, 1, LEAST));
    for (int i = 0; i < ASK_TIMELINE_N_POINTED; i++) {
        ask_timeline_field at = ask_sight_field_of(k, read_from[i]);
        at.begin -= all.begin;
        ask_tensor *x = timeline_field(g, ask_slice(g, told, 1, i, i + 1), at);
        x = ask_reshape(g, ask_contiguous(g, x), 3, (int64_t[]){of->batch, -1, at.n});
        parts[i] = ask_mul(g, x, ask_slice(g, of->net->sharpness, 0, i, i + 1));
    }
    return ask_concat(g, parts, ASK_TIMELINE_N_POINTED, 2);
}
