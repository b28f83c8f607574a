/* The glance: a transformer over all sights of a video, and the memory that it makes. */
#include "base/str.h"
#include "net/joint/timeline_priv.h"

enum { WHERE = 3 }; // x, y, time

/* ---- binding ---- */

static void bind_inputs(ask_timeline_glance *out, ask_params *p)
{
    const ask_timeline_config *c = &out->config;
    int64_t n_sight = ask_sight_width(&c->kinds), n_bumps = WHERE * ASK_TIMELINE_N_BUMPS;
    int64_t n_features = c->cells.widths[ASK_CELLS_N_LEVELS - 1];
    ask_dense_bind(&out->sight, p, "glance.sight", n_sight, c->width,
                   ask_glorot(n_sight, c->width));
    ask_dense_bind_plain(&out->features, p, "glance.features", n_features, c->width, 0);
    ask_dense_bind(&out->place, p, "glance.place", n_bumps, c->width,
                   ask_glorot(n_bumps, c->width));
    out->frames = ask_param(p, ask_init_normal(ask_glorot(c->n_frames, c->width)), 2,
                            (int64_t[]){c->n_frames, c->width}, "glance.frames");
}

void ask_timeline_glance_bind(ask_timeline_glance *out, ask_params *p,
                              const ask_timeline_config *config)
{
    // so that what is hardly a pair begins far below a half, and what surely is one above
    const double SEEN_SCALE = 2;
    const int64_t n_scale = 2;
    *out = (ask_timeline_glance){.config = *config};
    const ask_timeline_config *c = &out->config;
    const ask_stack_config stack = timeline_stack_config(c, c->glance_layers);
    const ask_timeline_field pointed = timeline_pointed_field(&c->kinds);
    int64_t n_out = ask_glimpse_width(&c->kinds) - pointed.n;
    bind_inputs(out, p);
    ask_stack_bind(&out->layers, p, "glance.layers", &stack);
    ask_norm_bind(&out->norm, p, "glance.norm", c->width, TIMELINE_NORM_EPS);
    ask_dense_bind(&out->out, p, "glance.out", c->width, n_out,
                   ask_glorot(c->width, n_out));
    timeline_pointed_bind(out, p);
    out->seen_scale =
        ask_param(p, ask_init_value(SEEN_SCALE), 1, &n_scale, "glance.seen_scale");
}

/* ---- what goes in ---- */

ask_tensor *ask_timeline_bumps(ask_graph *g, ask_tensor *x)
{
    enum { N = ASK_TIMELINE_N_BUMPS };
    const int64_t n = N;
    float centres[N];
    for (int i = 0; i < N; i++) centres[i] = (float)i / (N - 1);
    ask_tensor *away = ask_sub(g, x, ask_constant(g, ASK_F32, 1, &n, centres));
    away = ask_scale(g, away, N - 1); // in distances of two centres
    return ask_exp(g, ask_scale(g, ask_mul(g, away, away), -1));
}

/* Which frame each sight is in.  -> [N, 1] */
static ask_tensor *frame_numbers(ask_graph *g, const ask_timeline_config *c)
{
    ask_tensor *frames = ask_cast(g, ask_range(g, c->n_frames), ASK_F32);
    frames = ask_reshape(g, frames, 2, (int64_t[]){c->n_frames, 1});
    frames = ask_expand(g, frames, 2, (int64_t[]){c->n_frames, c->n_sights});
    return ask_reshape(g, frames, 2, (int64_t[]){(int64_t)c->n_frames * c->n_sights, 1});
}

/* Where and when each sight is, as bumps.  -> [B, N, 3 * bumps] */
static ask_tensor *bumps_of(const timeline_glimpsed *of)
{
    ask_graph *g = of->g;
    const ask_timeline_config *c = &of->net->config;
    const int64_t n = (int64_t)c->n_frames * c->n_sights;
    ask_timeline_field middle = ask_sight_field_of(&c->kinds, ASK_SIGHT_BOX);
    middle.n = 2;
    ask_tensor *when = ask_affine(g, of->frames, 1.0 / c->n_frames, 0.5 / c->n_frames);
    ask_tensor *where[] = {
        timeline_field(g, of->sights->sights, middle),
        ask_expand(g, when, 3, (int64_t[]){of->batch, n, 1}),
    };
    ask_tensor *x = ask_concat(g, where, 2, 2); // [B, N, 3]
    x = ask_reshape(g, x, 4, (int64_t[]){of->batch, n, WHERE, 1});
    return ask_reshape(g, ask_timeline_bumps(g, x), 3,
                       (int64_t[]){of->batch, n, WHERE * ASK_TIMELINE_N_BUMPS});
}

/* The row of its frame for each sight.  -> [N, C] */
static ask_tensor *rows_of_frames(ask_graph *g, const ask_timeline_glance *net)
{
    const ask_timeline_config *c = &net->config;
    int64_t t = c->n_frames, k = c->n_sights, width = c->width;
    ask_tensor *rows = ask_reshape(g, net->frames, 3, (int64_t[]){t, 1, width});
    rows = ask_expand(g, rows, 3, (int64_t[]){t, k, width});
    return ask_reshape(g, rows, 2, (int64_t[]){t * k, width});
}

/* -> [B, N, C] */
static ask_tensor *vectors_of(const timeline_glimpsed *of)
{
    ask_graph *g = of->g;
    const ask_timeline_glance *net = of->net;
    ask_tensor *x = ask_dense_build(g, &net->sight, of->sights->sights);
    if (of->sights->features)
        x = ask_add(g, x, ask_dense_build(g, &net->features, of->sights->features));
    x = ask_add(g, x, ask_dense_build(g, &net->place, bumps_of(of)));
    return ask_add(g, x, rows_of_frames(g, net));
}

/* -> [B, N, C] */
static ask_tensor *look(const timeline_glimpsed *of, ask_dropping *dropping)
{
    const ask_timeline_config *c = &of->net->config;
    const int64_t shape[] = {of->batch, 1, 1, (int64_t)c->n_frames * c->n_sights};
    ask_tensor *mask = of->sights->mask;
    const ask_stack_view view = {.trace = "glance.",
                                 .mask = mask ? ask_reshape(of->g, mask, 4, shape) : NULL,
                                 .dropping = dropping};
    ask_tensor *x = ask_stack_build(of->g, &of->net->layers, vectors_of(of), &view);
    return ask_norm_build(of->g, &of->net->norm, x);
}

/* ---- what comes out ---- */

/* -> [B, N, glimpse] */
static ask_tensor *tell(const timeline_glimpsed *of, ask_tensor *states)
{
    ask_graph *g = of->g;
    int64_t begin = timeline_pointed_field(&of->net->config.kinds).begin;
    ask_tensor *x = ask_dense_build(g, &of->net->out, states);
    if (!x) return NULL;
    ask_tensor *parts[] = {
        ask_slice(g, x, 2, 0, begin),
        timeline_point(of, states),
        ask_slice(g, x, 2, begin, ask_tensor_dim(x, 2)),
    };
    return ask_concat(g, parts, 3, 2);
}

ask_tensor *timeline_glimpsed_kind(const timeline_glimpsed *of, ask_glimpse_field f)
{
    ask_timeline_field at = ask_glimpse_field_of(&of->net->config.kinds, f);
    return ask_softmax(of->g, timeline_field(of->g, of->glimpses, at), NULL);
}

/* Event slots are where their sights are, toy slots where any sight is.  -> bool [B, S] */
static ask_tensor *mask_slots(const ask_timeline_memory *memory,
                              const timeline_glimpsed *of)
{
    ask_graph *g = of->g;
    if (!of->sights->mask) return NULL;
    int64_t toys[] = {of->batch, of->net->config.n_toy_slots};
    ask_tensor *any = ask_max(g, ask_cast(g, of->sights->mask, ASK_F32), 1, true); // [B, 1]
    ask_tensor *parts[] = {
        ask_gather(g, of->sights->mask, memory->events, 1),
        ask_expand(g, ask_cast(g, any, ASK_BOOL), 2, toys),
    };
    return ask_concat(g, parts, 2, 1);
}

void ask_timeline_glance_build(ask_timeline_memory *out, ask_graph *g,
                               const ask_timeline_glance *net,
                               const ask_timeline_sights *sights, ask_dropping *dropping)
{
    *out = (ask_timeline_memory){0};
    if (!sights->sights) return;
    timeline_glimpsed of = {.g = g,
                            .net = net,
                            .sights = sights,
                            .frames = frame_numbers(g, &net->config),
                            .batch = ask_tensor_dim(sights->sights, 0)};
    out->states = look(&of, dropping);                    // [B, N, C]
    out->glimpses = of.glimpses = tell(&of, out->states); // [B, N, glimpse]
    ask_tensor *records[] = {timeline_remember_events(out, &of),
                             timeline_remember_toys(out, &of)};
    out->records = ask_concat(g, records, 2, 1); // [B, S, record]
    out->mask = mask_slots(out, &of);
}
