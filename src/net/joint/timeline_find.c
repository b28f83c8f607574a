#include "net/joint/timeline_find.h"

#include <math.h>

#include "net/joint/timeline_priv.h"

static const double FIRST_SCALE = 10;    // of cosines
static const double LEAST_LENGTH = 1e-6; // of a vector that is divided by its own

enum { WHERE = 2 };             // x, y
enum { STILL, MOVED, N_DEEDS }; // what a thing does where it does none of the events

/* ---- binding ---- */

void ask_timeline_find_bind(ask_timeline_find *out, ask_params *p,
                            const ask_timeline_config *config)
{
    *out = (ask_timeline_find){.config = *config};
    const ask_timeline_config *c = &out->config;
    const int64_t width = c->width, n_embed = c->find.n_embed;
    const int64_t n_features = c->cells.widths[ASK_CELLS_N_LEVELS - 1];
    out->words =
        timeline_vectors_bind(p, "find.words", c->n_vocab, width, TIMELINE_WORD_DEVIATION);
    out->nothing =
        timeline_vectors_bind(p, "find.nothing", 1, width, TIMELINE_WORD_DEVIATION);
    out->deeds =
        timeline_vectors_bind(p, "find.deeds", N_DEEDS, width, TIMELINE_PLACE_DEVIATION);
    ask_dense_bind_plain(&out->place, p, "find.place", WHERE * ASK_TIMELINE_N_BUMPS, width,
                         TIMELINE_PLACE_DEVIATION);
    ask_dense_bind(&out->sight, p, "find.sight", ask_sight_width(&c->kinds), width,
                   TIMELINE_PLACE_DEVIATION);
    ask_dense_bind_plain(&out->features, p, "find.features", n_features, width, 0);
    timeline_reader_bind(&out->text, p, "find.text", c, c->find.text_layers);
    ask_dense_bind(&out->head, p, "find.head", width, n_embed, ask_glorot(width, n_embed));
    ask_dense_bind_plain(&out->cell, p, "find.cell", width, n_embed, 0);
    ask_dense_bind_plain(&out->whole, p, "find.whole", width, n_embed, 0);
    out->logit_scale =
        ask_param(p, ask_init_value(log(FIRST_SCALE)), 0, NULL, "find.logit_scale");
}

ask_tensor *ask_timeline_find_unit(ask_graph *g, ask_tensor *x)
{
    return ask_l2_normalize(g, x, LEAST_LENGTH);
}

/* ---- frames ---- */

/* The words of the attributes from colour to deed, in their order.  -> [n, C] */
static ask_tensor *name_table(ask_graph *g, const ask_timeline_find *net)
{
    static const ask_timeline_kind kinds[] = {ASK_KIND_OF_COLOR, ASK_KIND_OF_SHAPE,
                                              ASK_KIND_OF_SIZE, ASK_KIND_OF_TEXTURE,
                                              ASK_KIND_OF_EVENT};
    enum { N_KINDS = sizeof kinds / sizeof *kinds };
    const ask_timeline_config *c = &net->config;
    int64_t begin[ASK_N_TIMELINE_KINDS];
    ask_tensor *names = timeline_names(g, c, net->words, begin);
    ask_tensor *parts[N_KINDS + N_DEEDS];
    int n = 0;
    for (int i = 0; i < N_KINDS; i++) {
        int64_t first = begin[kinds[i]], end = first + c->kinds.n_values[kinds[i]];
        if (kinds[i] == ASK_KIND_OF_EVENT)
            parts[n++] = ask_slice(g, net->deeds, 0, STILL, STILL + 1);
        parts[n++] = ask_slice(g, names, 0, first, end);
    }
    parts[n++] = ask_slice(g, net->deeds, 0, MOVED, MOVED + 1);
    return ask_concat(g, parts, n, 0);
}

/* What the words of a thing are, and where it is.  sights: [B, N, sight] -> [B, N, C] */
static ask_tensor *things_of(ask_graph *g, const ask_timeline_find *net, ask_tensor *sights)
{
    const ask_timeline_kinds *k = &net->config.kinds;
    ask_timeline_field said = ask_sight_field_of(k, ASK_SIGHT_COLOR),
                       last = ask_sight_field_of(k, ASK_SIGHT_DEED),
                       middle = ask_sight_field_of(k, ASK_SIGHT_BOX);
    said.n = last.begin + last.n - said.begin;
    middle.n = WHERE;
    const int64_t batch = ask_tensor_dim(sights, 0), n = ask_tensor_dim(sights, 1);
    ask_tensor *where = ask_contiguous(g, timeline_field(g, sights, middle));
    where = ask_reshape(g, where, 4, (int64_t[]){batch, n, WHERE, 1});
    where = ask_reshape(g, ask_timeline_bumps(g, where), 3,
                        (int64_t[]){batch, n, WHERE * ASK_TIMELINE_N_BUMPS});
    ask_tensor *words = ask_matmul(g, ask_contiguous(g, timeline_field(g, sights, said)),
                                   name_table(g, net));
    return ask_add(g, words, ask_dense_build(g, &net->place, where));
}

/* sure: [B, N, 1], how surely something is seen -> [B, N, C] */
static ask_tensor *vectors_of(ask_graph *g, const ask_timeline_find *net,
                              ask_tensor *sights, ask_tensor *features, ask_tensor *sure)
{
    ask_tensor *thing = ask_mul(g, things_of(g, net, sights), sure);
    ask_tensor *nothing = ask_mul(g, ask_affine(g, sure, -1, 1), net->nothing);
    ask_tensor *rest = ask_dense_build(g, &net->sight, sights);
    rest = ask_add(g, rest, ask_dense_build(g, &net->features, features));
    return ask_add(g, ask_add(g, thing, nothing), rest);
}

/* x: [B, N, C], sure: [B, N, 1] -> [B, 1, C] */
static ask_tensor *mean_of_seen(ask_graph *g, ask_tensor *x, ask_tensor *sure)
{
    const int64_t batch = ask_tensor_dim(sure, 0), n = ask_tensor_dim(sure, 1);
    ask_tensor *weights = ask_affine(g, sure, 1, 1 / (double)n);
    weights = ask_div(g, weights, ask_sum(g, weights, 1u << 1, true));
    return ask_matmul(g, ask_reshape(g, weights, 3, (int64_t[]){batch, 1, n}), x);
}

/* The head, and what is done beside it.  x: [.., C] -> [.., P] */
static ask_tensor *project(ask_graph *g, const ask_timeline_find *net,
                           const ask_dense *more, ask_tensor *x)
{
    return ask_add(g, ask_dense_build(g, &net->head, x), ask_dense_build(g, more, x));
}

void ask_timeline_find_frames(ask_timeline_looks *out, ask_graph *g,
                              const ask_timeline_find *net, const ask_cells_seen *seen)
{
    *out = (ask_timeline_looks){0};
    if (!seen->outputs) return;
    const ask_timeline_config *c = &net->config;
    const int64_t shape[] = {ask_tensor_dim(seen->outputs, 0), c->find.n_embed};
    ask_timeline_field at = ask_sight_field_of(&c->kinds, ASK_SIGHT_SEEN);
    ask_tensor *sights = timeline_sights(g, c, seen->outputs, timeline_cell_middles(g, c));
    if (!sights) return;
    ask_tensor *sure = ask_contiguous(g, timeline_field(g, sights, at)); // [B, G G, 1]
    ask_tensor *x = vectors_of(g, net, sights, seen->features, sure);    // [B, G G, C]
    ask_tensor *whole = project(g, net, &net->whole, mean_of_seen(g, x, sure));
    out->whole = ask_reshape(g, whole, 2, shape);
    out->cells = project(g, net, &net->cell, x);
}

ask_tensor *ask_timeline_find_vectors(ask_graph *g, const ask_timeline_find *net,
                                      const ask_cells_seen *seen)
{
    ask_timeline_looks looks;
    ask_timeline_find_frames(&looks, g, net, seen);
    if (!looks.whole) return NULL;
    const int64_t shape[] = {ask_tensor_dim(looks.whole, 0), 1, net->config.find.n_embed};
    ask_tensor *all[] = {ask_reshape(g, looks.whole, 3, shape), looks.cells};
    return ask_timeline_find_unit(g, ask_concat(g, all, 2, 1));
}

/* ---- texts ---- */

/* What is no padding. -> bool [T, L] */
static ask_tensor *mask_of(ask_graph *g, const ask_timeline_find *net, ask_tensor *ids)
{
    ask_tensor *pad = ask_constant(g, ASK_I64, 0, NULL, &net->config.pad_id);
    ask_tensor *is_pad = ask_cast(g, ask_equal(g, ids, pad), ASK_F32);
    return ask_cast(g, ask_affine(g, is_pad, -1, 1), ASK_BOOL);
}

ask_tensor *ask_timeline_find_texts(ask_graph *g, const ask_timeline_find *net,
                                    ask_tensor *ids, ask_dropping *dropping)
{
    const ask_timeline_texts texts = {.ids = ids, .mask = mask_of(g, net, ids)};
    ask_tensor *x =
        timeline_reader_build(g, &net->text, net->words, &texts, "find.text.", dropping);
    return ask_dense_build(g, &net->head, x);
}

/* ---- work ---- */

double ask_timeline_find_frame_flops(const ask_timeline_config *c)
{
    const double side = (double)c->cells.side_px / ASK_CELLS_PX;
    const double n = side * side, n_sight = ask_sight_width(&c->kinds);
    const double n_features = c->cells.widths[ASK_CELLS_N_LEVELS - 1];
    const double width = c->width, n_embed = c->find.n_embed;
    return 2 * n * (2 * n_sight + n_features + WHERE * ASK_TIMELINE_N_BUMPS) * width +
           2 * 2 * (n + 1) * width * n_embed;
}

double ask_timeline_find_text_flops(const ask_timeline_config *c, int n_tokens)
{
    const ask_stack_config stack = timeline_stack_config(c, c->find.text_layers);
    const double width = c->width;
    return ask_stack_flops(&stack, n_tokens, n_tokens) +
           2 * width * (width + c->find.n_embed);
}
