/* Who a sight is of, and what else an event has to do with: the glance points at sights,
 * and the cells have said what those are. A thing of a colour and a shape that never came
 * together is so told as any other, where a layer that has learnt which come together takes
 * it for one of those. */
#include <math.h>

#include "net/block/heads.h"
#include "net/joint/timeline_priv.h"

/* A field of the glimpses, and that of the sights it is read from. */
typedef struct {
    ask_glimpse_field told;
    ask_sight_field read;
} pointed_field;

/* They lie behind one another in both. */
static const pointed_field pointed[ASK_TIMELINE_N_POINTED] = {
    {ASK_GLIMPSE_COLOR, ASK_SIGHT_COLOR},       {ASK_GLIMPSE_SHAPE, ASK_SIGHT_SHAPE},
    {ASK_GLIMPSE_SIZE, ASK_SIGHT_SIZE},         {ASK_GLIMPSE_TEXTURE, ASK_SIGHT_TEXTURE},
    {ASK_GLIMPSE_OTHER_COLOR, ASK_SIGHT_COLOR}, {ASK_GLIMPSE_OTHER_SHAPE, ASK_SIGHT_SHAPE},
    {ASK_GLIMPSE_LATER_COLOR, ASK_SIGHT_COLOR},
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
    ask_dense key = {.w = ask_add(g, of->net->query.w, of->net->difference.w)};
    ask_tensor *q = ask_heads_split(g, ask_dense_build(g, &of->net->query, states), n);
    ask_tensor *k = ask_heads_split(g, ask_dense_build(g, &key, states), n);
    ask_tensor *mask = of->sights->mask;
    ask_tensor *scores =
        ask_scale(g, ask_matmul_t(g, q, k), 1 / sqrt((double)c->width / c->n_heads));
    return ask_softmax(g, scores, mask ? ask_reshape(g, mask, 4, every) : NULL);
}

/* What all sights are said to be.  -> [B, 1, N, kinds] */
static ask_tensor *kinds_of(const timeline_glimpsed *of, int *begin)
{
    const ask_timeline_kinds *k = &of->net->config.kinds;
    ask_timeline_field all = ask_sight_field_of(k, ASK_SIGHT_COLOR),
                       last = ask_sight_field_of(k, ASK_SIGHT_TEXTURE);
    *begin = all.begin;
    all.n = last.begin + last.n - all.begin;
    ask_tensor *x = timeline_field(of->g, of->sights->sights, all);
    return ask_reshape(of->g, ask_contiguous(of->g, x), 4,
                       (int64_t[]){of->batch, 1, -1, all.n});
}

ask_tensor *timeline_point(const timeline_glimpsed *of, ask_tensor *states)
{
    ask_graph *g = of->g;
    int begin;
    ask_tensor *kinds = kinds_of(of, &begin);
    ask_tensor *told =
        ask_matmul(g, shares_of(of, states), kinds); // [B, POINTED, N, kinds]
    ask_tensor *parts[ASK_TIMELINE_N_POINTED];
    told = ask_log(g, ask_affine(g, told, 1, LEAST));
    for (int i = 0; i < ASK_TIMELINE_N_POINTED; i++) {
        ask_timeline_field at = ask_sight_field_of(&of->net->config.kinds, pointed[i].read);
        ask_tensor *x = ask_slice(g, told, 1, i, i + 1);
        x = ask_slice(g, x, 3, at.begin - begin, at.begin - begin + at.n);
        x = ask_reshape(g, ask_contiguous(g, x), 3, (int64_t[]){of->batch, -1, at.n});
        parts[i] = ask_mul(g, x, ask_slice(g, of->net->sharpness, 0, i, i + 1));
    }
    return ask_concat(g, parts, ASK_TIMELINE_N_POINTED, 2);
}
