#include "net/joint/glance_focus_priv.h"

static ask_tensor *drop(const glance_focus_build *b, ask_tensor *x)
{
    return ask_drop(b->g, x, b->net->config.dropout, b->dropping);
}

/* norm(x + dropped) */
static ask_tensor *add_and_norm(const glance_focus_build *b, ask_tensor *x,
                                ask_tensor *more, const ask_norm *norm)
{
    return ask_norm_build(b->g, norm, ask_add(b->g, x, drop(b, more)));
}

/* x: [B, T, C] -> [B, T, C] */
static ask_tensor *mlp(const glance_focus_build *b, const ask_dense *in,
                       const ask_dense *out, ask_tensor *x)
{
    ask_tensor *inner = ask_relu(b->g, ask_dense_build(b->g, in, x)); // [B, T, I]
    return ask_dense_build(b->g, out, drop(b, inner));
}

/* ---- looking ---- */

glance_focus_items glance_focus_part(ask_graph *g, const glance_focus_items *all,
                                     int64_t begin, int64_t end)
{
    glance_focus_items part = {.states = ask_slice(g, all->states, 1, begin, end)};
    if (all->mask) part.mask = ask_slice(g, all->mask, 1, begin, end);
    if (all->added) part.added = ask_slice(g, all->added, 1, begin, end);
    return part;
}

/* [B, N] -> [B, 1, 1, N] */
static ask_tensor *of_all_queries(ask_graph *g, ask_tensor *x)
{
    if (!x) return NULL;
    return ask_reshape(g, x, 4,
                       (int64_t[]){ask_tensor_dim(x, 0), 1, 1, ask_tensor_dim(x, 1)});
}

static ask_attention_view view_of(const glance_focus_build *b,
                                  const glance_focus_items *seen, const char *trace)
{
    return (ask_attention_view){.mask = of_all_queries(b->g, seen->mask),
                                .added = of_all_queries(b->g, seen->added),
                                .trace = trace,
                                .dropout = b->net->config.dropout,
                                .dropping = b->dropping};
}

ask_tensor *glance_focus_attend(const glance_focus_build *b, const ask_packed_attention *a,
                                ask_tensor *queries, const glance_focus_items *seen,
                                const char *trace)
{
    ask_attention_view view = view_of(b, seen, trace);
    return ask_packed_attention_build(b->g, a, queries, seen->states, seen->states, &view);
}

/* ---- the encoder ---- */

ask_tensor *glance_focus_encode(const glance_focus_build *b,
                                const glance_focus_items *items)
{
    glance_focus_items x = *items;
    for (int i = 0; i < b->net->config.n_layers; i++) {
        const ask_glance_encoder_layer *l = &b->net->encoder[i];
        ask_tensor *seen = glance_focus_attend(b, &l->attention, x.states, &x, NULL);
        x.states = add_and_norm(b, x.states, seen, &l->norm1);
        x.states = add_and_norm(b, x.states, mlp(b, &l->in, &l->out, x.states), &l->norm2);
    }
    return x.states;
}

/* ---- the decoder ---- */

glance_focus_asking glance_focus_ask(const glance_focus_build *b, int64_t batch)
{
    const ask_glance_focus_config *c = &b->net->config;
    ask_tensor *tables[] = {b->net->query_table, b->net->question_query};
    return (glance_focus_asking){
        .states = ask_full(b->g, 3, (int64_t[]){batch, c->n_queries + 1, c->width}, 0),
        .queries = ask_concat(b->g, tables, 2, 0),
    };
}

void glance_focus_consult(const glance_focus_build *b, glance_focus_asking *a,
                          const ask_glance_decoder_layer *l)
{
    ask_attention_view view = view_of(b, &(glance_focus_items){0}, NULL);
    ask_tensor *asking = ask_add(b->g, a->states, a->queries);
    ask_tensor *heard =
        ask_packed_attention_build(b->g, &l->own, asking, asking, a->states, &view);
    a->states = add_and_norm(b, a->states, heard, &l->norm[0]);
}

void glance_focus_look(const glance_focus_build *b, glance_focus_asking *a,
                       const ask_glance_decoder_layer *l, const glance_focus_items *seen,
                       const ask_norm *norm)
{
    ask_tensor *asking = ask_add(b->g, a->states, a->queries);
    ask_tensor *found = glance_focus_attend(b, &l->cross, asking, seen, NULL);
    a->states = add_and_norm(b, a->states, found, norm);
}

void glance_focus_think(const glance_focus_build *b, glance_focus_asking *a,
                        const ask_glance_decoder_layer *l)
{
    a->states = add_and_norm(b, a->states, mlp(b, &l->in, &l->out, a->states), &l->norm[3]);
}

void glance_focus_trace(ask_graph *g, ask_tensor *x, const char *name)
{
    if (x && ask_graph_wants(g, name)) ask_name(g, ask_transpose(g, x, 0, 1), "%s", name);
}
