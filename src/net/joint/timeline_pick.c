/* Which cells of a frame are sights, and what the cells say as attributes. */
#include "net/joint/timeline_priv.h"

ask_tensor *timeline_cell_middles(ask_graph *g, const ask_timeline_config *c)
{
    const int64_t side = c->cells.side_px / ASK_CELLS_PX;
    const int64_t shape[] = {side, side, 1}, all[] = {side * side, 2};
    ask_tensor *middle = ask_cast(g, ask_range(g, side), ASK_F32);
    middle = ask_affine(g, middle, 1.0 / (double)side, 0.5 / (double)side); // [G]
    ask_tensor *x = ask_reshape(g, middle, 3, (int64_t[]){1, side, 1});
    ask_tensor *y = ask_reshape(g, middle, 3, (int64_t[]){side, 1, 1});
    ask_tensor *both[] = {ask_expand(g, x, 3, shape), ask_expand(g, y, 3, shape)};
    return ask_reshape(g, ask_concat(g, both, 2, 2), 2, all);
}

/* In cells, from the middle of its own -> in shares of the picture.  [R, N, 4] */
static ask_tensor *boxes_of(ask_graph *g, ask_tensor *box, ask_tensor *middles,
                            int64_t side)
{
    ask_tensor *share = ask_scale(g, box, 1.0 / (double)side);
    ask_tensor *parts[] = {
        ask_add(g, ask_slice(g, share, 2, 0, 2), middles),
        ask_slice(g, share, 2, 2, 4),
    };
    return ask_concat(g, parts, 2, 2);
}

ask_tensor *timeline_sights(ask_graph *g, const ask_timeline_config *c, ask_tensor *rows,
                            ask_tensor *middles)
{
    ask_tensor *fields[ASK_N_SIGHT_FIELDS];
    for (int i = 0; i < ASK_N_SIGHT_FIELDS; i++) {
        ask_timeline_field at = ask_sight_field_of(&c->kinds, (ask_sight_field)i);
        ask_tensor *x = timeline_field(g, rows, at);
        switch ((ask_sight_field)i) {
        case ASK_SIGHT_SEEN:
            fields[i] = ask_sigmoid(g, x);
            break;
        case ASK_SIGHT_BOX:
            fields[i] = boxes_of(g, x, middles, c->cells.side_px / ASK_CELLS_PX);
            break;
        case ASK_SIGHT_VELOCITY:
            fields[i] = x;
            break;
        default:
            fields[i] = ask_softmax(g, x, NULL);
        }
    }
    return ask_concat(g, fields, ASK_N_SIGHT_FIELDS, 2);
}

void ask_timeline_pick(ask_timeline_sights *out, ask_graph *g, const ask_timeline_config *c,
                       ask_tensor *outputs, ask_tensor *features, int64_t batch)
{
    *out = (ask_timeline_sights){0};
    if (!outputs) return;
    const int64_t t = c->n_frames, k = c->n_sights;
    ask_timeline_field seen = ask_sight_field_of(&c->kinds, ASK_SIGHT_SEEN);
    ask_tensor *scores = timeline_field(g, outputs, seen); // [B T, G G, 1]
    if (!scores) return;
    const int64_t flat[] = {ask_tensor_dim(outputs, 0), ask_tensor_dim(outputs, 1)};
    ask_tensor *cells = ask_top_k(g, ask_reshape(g, scores, 2, flat), k); // [B T, K]
    ask_tensor *middles = ask_embedding(g, timeline_cell_middles(g, c), cells);
    ask_tensor *rows = timeline_sights(g, c, timeline_rows(g, outputs, cells), middles);

    out->cells = ask_reshape(g, cells, 3, (int64_t[]){batch, t, k});
    out->sights =
        ask_reshape(g, rows, 3, (int64_t[]){batch, t * k, ask_sight_width(&c->kinds)});
    if (!features) return;
    out->features = ask_reshape(g, timeline_rows(g, features, cells), 3,
                                (int64_t[]){batch, t * k, ask_tensor_dim(features, 2)});
}
