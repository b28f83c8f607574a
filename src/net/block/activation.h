/* net/block/activation.h - the functions between two linear layers, by the names that
 * config.json has for them. */
#ifndef ASK_NET_BLOCK_ACTIVATION_H
#define ASK_NET_BLOCK_ACTIVATION_H

#include "net/config.h"
#include "tensor/ops.h"

typedef enum {
    ASK_ACT_GELU,       // "gelu"
    ASK_ACT_GELU_TANH,  // "gelu_new", "gelu_fast", "gelu_pytorch_tanh"
    ASK_ACT_GELU_QUICK, // "quick_gelu"
    ASK_ACT_RELU,       // "relu"
    ASK_ACT_SILU,       // "silu", "swish"
    ASK_ACT_SIGMOID,    // "sigmoid"
    ASK_ACT_TANH,       // "tanh"
} ask_activation;

/* The activation of that name; false: there is none. */
ASK_API bool ask_activation_find(ask_activation *out, const char *name);

/* Reads a name at key; fallback when it is absent. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_config_activation(ask_activation *out, ask_json_value v, const char *key,
                                   ask_activation fallback, ask_error *err);

/* The first of its names. */
ASK_API const char *ask_activation_name(ask_activation kind);

ASK_API ask_tensor *ask_activate(ask_graph *g, ask_tensor *x, ask_activation kind);

#endif
