#include "net/block/activation.h"

#include <string.h>

static const struct {
    const char *name;
    ask_activation kind;
} names[] = {
    {"gelu", ASK_ACT_GELU},
    {"gelu_new", ASK_ACT_GELU_TANH},
    {"gelu_fast", ASK_ACT_GELU_TANH},
    {"gelu_pytorch_tanh", ASK_ACT_GELU_TANH},
    {"quick_gelu", ASK_ACT_GELU_QUICK},
    {"relu", ASK_ACT_RELU},
    {"silu", ASK_ACT_SILU},
    {"swish", ASK_ACT_SILU},
    {"sigmoid", ASK_ACT_SIGMOID},
    {"tanh", ASK_ACT_TANH},
};

bool ask_activation_find(ask_activation *out, const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, name) != 0) continue;
        *out = names[i].kind;
        return true;
    }
    return false;
}

bool ask_config_activation(ask_activation *out, ask_json_value v, const char *key,
                           ask_activation fallback, ask_error *err)
{
    const char *name;
    if (!ask_json_opt_string(&name, v, key, NULL, err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    if (!name) {
        *out = fallback;
        return true;
    }
    if (ask_activation_find(out, name)) return true;
    return ask_config_fail(v, key, err, "no activation is called \"%.40s\"", name);
}

const char *ask_activation_name(ask_activation kind)
{
    for (size_t i = 0;; i++)
        if (names[i].kind == kind) return names[i].name;
}

ask_tensor *ask_activate(ask_graph *g, ask_tensor *x, ask_activation kind)
{
    switch (kind) {
    case ASK_ACT_GELU:
        return ask_gelu(g, x, ASK_GELU_EXACT);
    case ASK_ACT_GELU_TANH:
        return ask_gelu(g, x, ASK_GELU_TANH);
    case ASK_ACT_GELU_QUICK:
        return ask_gelu(g, x, ASK_GELU_QUICK);
    case ASK_ACT_RELU:
        return ask_relu(g, x);
    case ASK_ACT_SILU:
        return ask_silu(g, x);
    case ASK_ACT_SIGMOID:
        return ask_sigmoid(g, x);
    case ASK_ACT_TANH:
        return ask_tanh(g, x);
    }
    return NULL;
}
