#include "net/block/layer.h"

#include "base/str.h"

static void bind_layer(ask_layer *out, ask_params *p, const char *name,
                       const ask_stack_config *c)
{
    const ask_layer_names *names = c->names;
    char part[256];
    ask_self_attention_bind(&out->attention, p, name, &names->attention, c->width,
                            c->n_heads, c->init.attention_in, c->init.attention_out);
    ask_format(part, sizeof part, "%s.%s", name, names->norm1);
    ask_norm_bind(&out->norm1, p, part, c->width, c->eps);
    ask_mlp_bind(&out->mlp, p, name, &names->mlp, c->width, c->inner, c->activation,
                 c->init.mlp_in, c->init.mlp_out);
    ask_format(part, sizeof part, "%s.%s", name, names->norm2);
    ask_norm_bind(&out->norm2, p, part, c->width, c->eps);
}

void ask_stack_bind(ask_stack *out, ask_params *p, const char *name,
                    const ask_stack_config *config)
{
    out->layers = ask_params_array(p, (size_t)config->n_layers, sizeof *out->layers);
    out->n_layers = out->layers ? config->n_layers : 0;
    out->post_norm = config->post_norm;
    out->dropout = config->dropout;
    out->attention_dropout = config->attention_dropout;
    for (int i = 0; i < out->n_layers; i++) {
        char layer[256];
        ask_format(layer, sizeof layer, "%s.%d", name, i);
        bind_layer(&out->layers[i], p, layer, config);
    }
}

/* x: [B, T, C] -> [B, T, C] */
static ask_tensor *build_pre_norm(ask_graph *g, const ask_layer *l, ask_tensor *x,
                                  const ask_attention_view *view, double dropout)
{
    ask_tensor *seen = ask_norm_build(g, &l->norm1, x);
    ask_tensor *mixed = ask_self_attention_build(g, &l->attention, seen, view);
    x = ask_add(g, x, ask_drop(g, mixed, dropout, view->dropping));
    ask_tensor *thought = ask_mlp_build(g, &l->mlp, ask_norm_build(g, &l->norm2, x));
    return ask_add(g, x, ask_drop(g, thought, dropout, view->dropping));
}

/* x: [B, T, C] -> [B, T, C] */
static ask_tensor *build_post_norm(ask_graph *g, const ask_layer *l, ask_tensor *x,
                                   const ask_attention_view *view, double dropout)
{
    ask_tensor *mixed = ask_self_attention_build(g, &l->attention, x, view);
    mixed = ask_drop(g, mixed, dropout, view->dropping);
    x = ask_norm_build(g, &l->norm1, ask_add(g, mixed, x));
    ask_tensor *thought = ask_mlp_build(g, &l->mlp, x);
    thought = ask_drop(g, thought, dropout, view->dropping);
    return ask_norm_build(g, &l->norm2, ask_add(g, thought, x));
}

ask_tensor *ask_stack_build(ask_graph *g, const ask_stack *s, ask_tensor *x,
                            const ask_stack_view *how)
{
    for (int i = 0; i < s->n_layers; i++) {
        char attention[256];
        ask_format(attention, sizeof attention, "%sattentions.%d", how->trace, i);
        ask_attention_view view = {.causal = how->causal,
                                   .mask = how->mask,
                                   .trace = attention,
                                   .dropout = s->attention_dropout,
                                   .dropping = how->dropping,
                                   .packing = how->packing};
        x = ask_name(g, x, "%shidden_states.%d", how->trace, i);
        x = s->post_norm ? build_post_norm(g, &s->layers[i], x, &view, s->dropout)
                         : build_pre_norm(g, &s->layers[i], x, &view, s->dropout);
    }
    return ask_name(g, x, "%shidden_states.%d", how->trace, s->n_layers);
}

double ask_stack_flops(const ask_stack_config *c, double n, double seen)
{
    double width = c->width, inner = c->inner;
    double products = 4 * width * width + 2 * width * inner; // for each token
    return 2 * c->n_layers * n * (products + 2 * seen * width);
}
