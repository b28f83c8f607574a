#include "net/tower/clip_stack.h"

#include <math.h>

static const ask_layer_names names = {
    .attention = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                  "self_attn.out_proj"},
    .norm1 = "layer_norm1",
    .mlp = {"mlp.fc1", "mlp.fc2"},
    .norm2 = "layer_norm2",
};

/* Narrower at the beginning the more layers there are, so that their sum stays as wide. */
static void set_deviations(ask_stack_config *c, double factor)
{
    double sum = factor / sqrt((double)c->width * 2 * c->n_layers);
    c->init.attention_in = c->init.mlp_out = sum;
    c->init.attention_out = factor / sqrt(c->width);
    c->init.mlp_in = factor / sqrt(2.0 * c->width);
}

bool ask_clip_stack_config_read(ask_stack_config *out, double *factor, ask_json_value v,
                                const ask_clip_stack_defaults *defaults, ask_error *err)
{
    ask_stack_config c = {.names = &names};
    if (!ask_config_size(&c.width, v, "hidden_size", ASK_MAX_WIDTH, defaults->width, err) ||
        !ask_config_size(&c.inner, v, "intermediate_size", ASK_MAX_WIDTH, defaults->inner,
                         err) ||
        !ask_config_size(&c.n_layers, v, "num_hidden_layers", ASK_MAX_LAYERS, 12, err) ||
        !ask_config_size(&c.n_heads, v, "num_attention_heads", ASK_MAX_WIDTH,
                         defaults->n_heads, err) ||
        !ask_config_activation(&c.activation, v, "hidden_act", ASK_ACT_GELU_QUICK, err) ||
        !ask_config_positive(&c.eps, v, "layer_norm_eps", 1e-5, err) ||
        !ask_config_double(factor, v, "initializer_factor", 0, ASK_MAX_SCALE, 1, err))
        return false;
    if (!ask_config_shared(v, "hidden_size", c.width, c.n_heads, err)) return false;
    set_deviations(&c, *factor);
    *out = c;
    return true;
}
