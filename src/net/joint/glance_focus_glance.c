/* The glance: from the frames of a video to its memory prompts. */
#include "net/joint/glance_focus_priv.h"

/* features: [B, T, F] -> [B, T, C] */
static ask_tensor *project(const glance_focus_build *b, ask_tensor *features)
{
    const ask_feature_projection *p = &b->net->projection;
    const ask_glance_focus_config *c = &b->net->config;
    int64_t one = 1, row[2] = {1, (int64_t)c->width * c->n_features};
    ask_tensor *w = ask_weight_norm(b->g, ask_reshape(b->g, p->v, 2, row),
                                    ask_reshape(b->g, p->gain, 1, &one));
    w = ask_reshape(b->g, w, 2, (int64_t[]){c->width, c->n_features});
    return ask_relu(b->g, ask_linear(b->g, features, w, p->b));
}

/* More frames than there are waves for fail as a slice of them.  x: [B, T, C] */
static ask_tensor *add_places(const glance_focus_build *b, ask_tensor *x)
{
    const ask_glance_focus_config *c = &b->net->config;
    if (!x || c->places == ASK_FRAMES_BARE || !b->net->waves) return x;
    int64_t shape[2] = {c->n_frames, c->width};
    ask_tensor *waves = ask_constant(b->g, ASK_F32, 2, shape, b->net->waves);
    return ask_add(b->g, x, ask_slice(b->g, waves, 0, 0, ask_tensor_dim(x, 1)));
}

/* The decoder's slots after its last layer.  -> [B, Q, C] */
static ask_tensor *decode(const glance_focus_build *b, const glance_focus_items *memory,
                          int64_t batch)
{
    const ask_glance_focus_config *c = &b->net->config;
    glance_focus_asking a = glance_focus_ask(b, batch);
    for (int i = 0; i < c->n_layers; i++) {
        const ask_glance_decoder_layer *l = &b->net->decoder[i];
        glance_focus_consult(b, &a, l);
        glance_focus_look(b, &a, l, memory, &l->norm[2]);
        glance_focus_think(b, &a, l);
    }
    ask_tensor *slots = ask_slice(b->g, a.states, 1, 0, c->n_queries);
    return ask_norm_build(b->g, &b->net->decoder_norm, slots);
}

/* Without a memory the queries themselves.  -> [B, Q, C] */
static ask_tensor *find_slots(const glance_focus_build *b, const glance_focus_items *memory,
                              int64_t batch)
{
    const ask_glance_focus_config *c = &b->net->config;
    if (c->has_memory) return decode(b, memory, batch);
    return ask_expand(b->g, b->net->query_table, 3,
                      (int64_t[]){batch, c->n_queries, c->width});
}

/* slots: [B, Q, C] -> [B, Q, 2] */
static ask_tensor *find_spans(const glance_focus_build *b, ask_tensor *slots)
{
    const ask_dense *span = b->net->span;
    ask_tensor *x = ask_relu(b->g, ask_dense_build(b->g, &span[0], slots));
    x = ask_relu(b->g, ask_dense_build(b->g, &span[1], x));
    return ask_sigmoid(b->g, ask_dense_build(b->g, &span[2], x));
}

/* ---- the order ---- */

static ask_tensor *as_number(ask_graph *g, ask_tensor *x)
{
    return ask_cast(g, x, ASK_F32);
}

/* How many slots come before each: those of a smaller centre, and of equal ones those of a
 * smaller index.  centres: [B, Q] -> i64 [B, Q] */
static ask_tensor *rank_slots(const glance_focus_build *b, ask_tensor *centres)
{
    ask_graph *g = b->g;
    int64_t n = b->net->config.n_queries, batch = ask_tensor_dim(centres, 0);
    ask_tensor *mine = ask_reshape(g, centres, 3, (int64_t[]){batch, n, 1});
    ask_tensor *other = ask_reshape(g, centres, 3, (int64_t[]){batch, 1, n});
    ask_tensor *index = ask_range(g, n);
    ask_tensor *my_index = ask_reshape(g, index, 2, (int64_t[]){n, 1});
    ask_tensor *is_smaller = as_number(g, ask_less(g, other, mine)); // [B, Q, Q]
    ask_tensor *is_equal = as_number(g, ask_equal(g, other, mine));
    ask_tensor *is_first = as_number(g, ask_less(g, index, my_index)); // [Q, Q]
    ask_tensor *before = ask_add(g, is_smaller, ask_mul(g, is_equal, is_first));
    return ask_cast(g, ask_sum(g, before, 1u << 2, false), ASK_I64);
}

/* Which slot has each rank; some slot where none has, as with centres that are no numbers.
 * rank: i64 [B, Q] -> i64 [B, Q] */
static ask_tensor *order_slots(const glance_focus_build *b, ask_tensor *rank)
{
    ask_graph *g = b->g;
    if (!rank) return NULL;
    int64_t n = b->net->config.n_queries, batch = ask_tensor_dim(rank, 0);
    ask_tensor *place = ask_reshape(g, ask_range(g, n), 2, (int64_t[]){n, 1});
    ask_tensor *of_slot = ask_reshape(g, rank, 3, (int64_t[]){batch, 1, n});
    return ask_argmax(g, as_number(g, ask_equal(g, of_slot, place)), 2);
}

/* slots: [B, Q, C], order: i64 [B, Q] -> [B, Q, C] */
static ask_tensor *put_in_order(ask_graph *g, ask_tensor *slots, ask_tensor *order)
{
    if (!slots || !order) return NULL;
    int64_t shape[3] = {ask_tensor_dim(slots, 0), ask_tensor_dim(slots, 1),
                        ask_tensor_dim(slots, 2)};
    ask_tensor *index = ask_reshape(g, order, 3, (int64_t[]){shape[0], shape[1], 1});
    return ask_gather(g, slots, ask_expand(g, index, 3, shape), 1);
}

/* ---- all of it ---- */

void ask_glance_build(ask_glance *out, ask_graph *g, const ask_glance_focus *net,
                      ask_tensor *features, ask_tensor *mask, ask_dropping *dropping)
{
    *out = (ask_glance){0};
    if (!features) return;
    const glance_focus_build b = {g, net, dropping};
    int64_t batch = ask_tensor_dim(features, 0);

    // numbers that are the same for all frames change no attention
    glance_focus_items items = {.mask = net->config.compat.added_masks ? NULL : mask};
    out->mask = items.mask;
    out->frames = items.states = add_places(&b, project(&b, features)); // [B, T, C]
    out->memory = items.states = glance_focus_encode(&b, &items);
    glance_focus_trace(g, out->memory, "glance.encoder_memory");

    out->slots = ask_name(g, find_slots(&b, &items, batch), "memory_prompt"); // [B, Q, C]
    out->class_logits = ask_dense_build(g, &net->classes, out->slots);        // [B, Q, E]
    out->class_logits = ask_name(g, out->class_logits, "event_class_logits");
    out->spans = ask_name(g, find_spans(&b, out->slots), "pred_spans"); // [B, Q, 2]
    if (!out->spans) return;

    ask_tensor *centres = ask_slice(g, out->spans, 2, 0, 1);
    centres = ask_reshape(g, centres, 2, (int64_t[]){batch, net->config.n_queries});
    out->rank = rank_slots(&b, centres); // [B, Q]
    out->order = ask_name(g, order_slots(&b, out->rank), "sort_index");
    out->prompts = put_in_order(g, out->slots, out->order);
    out->prompts = ask_name(g, out->prompts, "sorted_prompt"); // [B, Q, C]
}
