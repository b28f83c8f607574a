#include "net/block/lora.h"

#include <math.h>
#include <string.h>

/* ---- the configuration ---- */

static bool read_text(const char **out, ask_json_value v, const char *key,
                      const char *fallback, ask_error *err)
{
    return ask_json_opt_string(out, v, key, fallback, err) ||
           ask_fail_as(err, ASK_ERR_MODEL);
}

/* What would change more than the products of two matrices. */
static bool check_kind(ask_json_value v, ask_error *err)
{
    const char *kind, *bias;
    bool dora;
    if (!read_text(&kind, v, "peft_type", "LORA", err) ||
        !read_text(&bias, v, "bias", "none", err) ||
        !ask_config_bool(&dora, v, "use_dora", false, err))
        return false;
    if (strcmp(kind, "LORA") != 0)
        return ask_config_fail(v, "peft_type", err,
                               "an adapter of type \"%.40s\" is not supported, only LORA",
                               kind);
    if (strcmp(bias, "none") != 0)
        return ask_config_fail(v, "bias", err,
                               "biases of an adapter (\"%.40s\") are not supported, only "
                               "\"none\"",
                               bias);
    return !dora || ask_config_fail(v, "use_dora", err, "is not supported");
}

/* Ranks and factors that differ from layer to layer. */
static bool check_patterns(ask_json_value v, ask_error *err)
{
    static const char *const keys[] = {"rank_pattern", "alpha_pattern"};
    for (int i = 0; i < 2; i++) {
        ask_json_value pattern;
        if (!ask_config_object(&pattern, v, keys[i], err)) return false;
        if (ask_json_type_of(pattern) == ASK_JSON_OBJECT && ask_json_count(pattern) > 0)
            return ask_config_fail(v, keys[i], err, "is not supported");
    }
    return true;
}

bool ask_lora_config_read(ask_lora_config *out, ask_json_value v, ask_error *err)
{
    ask_lora_config c;
    double alpha;
    bool by_root;
    if (!check_kind(v, err) || !check_patterns(v, err) ||
        !ask_config_size(&c.rank, v, "r", ASK_MAX_WIDTH, 8, err) ||
        !ask_config_double(&alpha, v, "lora_alpha", -ASK_MAX_SCALE, ASK_MAX_SCALE, 8,
                           err) ||
        !ask_config_bool(&by_root, v, "use_rslora", false, err))
        return false;
    c.scale = alpha / (by_root ? sqrt(c.rank) : c.rank);
    *out = c;
    return true;
}

/* ---- parameters ---- */

/* One of the two matrices, as a constant of another name. */
static ask_tensor *bind_matrix(ask_params *p, const char *layer, const char *name,
                               const char *which, int64_t n, int64_t k)
{
    const int64_t shape[2] = {n, k};
    const float *values = ask_param_values(p, ask_init_value(0), 2, shape,
                                           "base_model.model.%s.%s.weight", layer, which);
    return values ? ask_params_lend(p, values, 2, shape, "%s.%s.weight", name, which)
                  : NULL;
}

void ask_lora_bind(ask_lora *out, ask_params *p, const char *layer, const char *name,
                   int64_t n_in, int64_t n_out)
{
    enum { NO_CHECKPOINT = 0 };
    int64_t rank =
        ask_params_size(p, 0, NO_CHECKPOINT, "base_model.model.%s.lora_A.weight", layer);
    *out = (ask_lora){.scale = 1};
    if (rank < 1) return;
    out->a = bind_matrix(p, layer, name, "lora_A", rank, n_in);
    out->b = bind_matrix(p, layer, name, "lora_B", n_out, rank);
}

bool ask_lora_scale(ask_lora *l, const ask_lora_config *config)
{
    if (!l->a) return true;
    l->scale = config->scale;
    return ask_tensor_dim(l->a, 0) == config->rank;
}

/* ---- building ---- */

ask_tensor *ask_lora_add(ask_graph *g, const ask_lora *l, ask_tensor *y, ask_tensor *x)
{
    if (!l->a) return y;
    ask_tensor *narrow = ask_linear(g, x, l->a, NULL); // [..., r]
    return ask_add(g, y, ask_scale(g, ask_linear(g, narrow, l->b, NULL), l->scale));
}
