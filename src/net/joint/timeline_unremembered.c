/* A video without a memory: every sight is a record by itself. */
#include "net/joint/timeline_priv.h"

/* What is looked at is of a frame, and does what it does in it. */
typedef struct {
    ask_graph *g;
    const ask_timeline_config *config;
    ask_tensor *rows; // [B, N, sight]
} unremembered;

static ask_tensor *field(const unremembered *u, ask_sight_field f)
{
    return timeline_field(u->g, u->rows, ask_sight_field_of(&u->config->kinds, f));
}

/* What it does; nothing, or being moved: that a toy is there.  -> [B, N, events + 1] */
static ask_tensor *class_of(const unremembered *u)
{
    ask_graph *g = u->g;
    const int n = u->config->kinds.n_values[ASK_KIND_OF_EVENT];
    ask_tensor *deed = field(u, ASK_SIGHT_DEED);
    ask_tensor *is_there =
        ask_add(g, ask_slice(g, deed, 2, 0, 1), ask_slice(g, deed, 2, n + 1, n + 2));
    ask_tensor *parts[] = {ask_slice(g, deed, 2, 1, n + 1), is_there};
    return ask_concat(g, parts, 2, 2);
}

/* Left, right, up and down, surely from half a cell on.  -> [B, N, 4] */
static ask_tensor *way_of(const unremembered *u)
{
    const double SURELY = 2; // of a cell
    ask_graph *g = u->g;
    ask_tensor *v = field(u, ASK_SIGHT_VELOCITY);
    ask_tensor *x = ask_slice(g, v, 2, 0, 1), *y = ask_slice(g, v, 2, 1, 2);
    ask_tensor *parts[] = {ask_scale(g, x, -1), x, ask_scale(g, y, -1), y};
    ask_tensor *ways = ask_relu(g, ask_scale(g, ask_concat(g, parts, 4, 2), SURELY));
    return ask_minimum(g, ways, ask_full(g, 0, NULL, 1));
}

/* Of its frame.  -> [B, N, 2] */
static ask_tensor *span_of(const unremembered *u, int64_t batch)
{
    ask_graph *g = u->g;
    const int64_t t = u->config->n_frames, k = u->config->n_sights;
    const int64_t grid[] = {t, k, 1}, all[] = {batch, t * k, 1}, rows[] = {1, t * k, 1};
    ask_tensor *frame =
        ask_reshape(g, ask_cast(g, ask_range(g, t), ASK_F32), 3, (int64_t[]){t, 1, 1});
    frame = ask_reshape(g, ask_expand(g, frame, 3, grid), 3, rows);
    ask_tensor *start = ask_expand(g, ask_scale(g, frame, 1.0 / (double)t), 3, all);
    ask_tensor *both[] = {start, ask_affine(g, start, 1, 1.0 / (double)t)};
    return ask_concat(g, both, 2, 2);
}

/* Zeros of what no sight has.  -> [B, N, n] */
static ask_tensor *none_of(const unremembered *u, ask_timeline_kind kind, int64_t batch)
{
    const ask_timeline_config *c = u->config;
    int64_t shape[] = {batch, (int64_t)c->n_frames * c->n_sights, c->kinds.n_values[kind]};
    return ask_full(u->g, 3, shape, 0);
}

void ask_timeline_unremembered(ask_timeline_memory *out, ask_graph *g,
                               const ask_timeline_config *config,
                               const ask_timeline_sights *sights)
{
    *out = (ask_timeline_memory){.mask = sights->mask};
    if (!sights->sights) return;
    const unremembered u = {g, config, sights->sights};
    const int64_t batch = ask_tensor_dim(u.rows, 0);
    ask_tensor *box = field(&u, ASK_SIGHT_BOX), *middle = ask_slice(g, box, 2, 0, 2);
    ask_tensor *fields[ASK_N_RECORD_FIELDS] = {
        [ASK_RECORD_CONFIDENCE] = field(&u, ASK_SIGHT_SEEN),
        [ASK_RECORD_CLASS] = class_of(&u),
        [ASK_RECORD_COLOR] = field(&u, ASK_SIGHT_COLOR),
        [ASK_RECORD_SHAPE] = field(&u, ASK_SIGHT_SHAPE),
        [ASK_RECORD_SIZE] = field(&u, ASK_SIGHT_SIZE),
        [ASK_RECORD_TEXTURE] = field(&u, ASK_SIGHT_TEXTURE),
        [ASK_RECORD_OTHER_COLOR] = none_of(&u, ASK_KIND_OF_COLOR, batch),
        [ASK_RECORD_OTHER_SHAPE] = none_of(&u, ASK_KIND_OF_SHAPE, batch),
        [ASK_RECORD_LATER_COLOR] = none_of(&u, ASK_KIND_OF_COLOR, batch),
        [ASK_RECORD_WAY] = way_of(&u),
        [ASK_RECORD_SPAN] = span_of(&u, batch),
        [ASK_RECORD_PLACES] = ask_concat(g, (ask_tensor *[]){middle, middle}, 2, 2),
    };
    out->records = ask_concat(g, fields, ASK_N_RECORD_FIELDS, 2);
}
