#include "net/block/rotary.h"

#include <math.h>
#include <string.h>

/* ---- the configuration ---- */

static bool read_llama3(ask_rotary *r, ask_json_value v, ask_error *err)
{
    if (!ask_config_positive(&r->low, v, "low_freq_factor", 1, err) ||
        !ask_config_positive(&r->high, v, "high_freq_factor", 4, err) ||
        !ask_config_positive(&r->n_original, v, "original_max_position_embeddings", 8192,
                             err))
        return false;
    return r->high > r->low ||
           ask_config_fail(v, "high_freq_factor", err,
                           "%g is not above low_freq_factor, %g", r->high, r->low);
}

/* v: "rope_scaling" or "rope_parameters". */
static bool read_scaling(ask_rotary *r, ask_json_value v, ask_error *err)
{
    const char *key = ask_json_type_of(ask_json_find(v, "rope_type")) == ASK_JSON_STRING
                          ? "rope_type"
                          : "type";
    const char *name;
    if (!ask_json_opt_string(&name, v, key, "default", err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    r->scaling = ASK_ROTARY_PLAIN;
    if (strcmp(name, "default") == 0) return true;
    if (strcmp(name, "factors") == 0) { // they are a tensor of the checkpoint
        r->scaling = ASK_ROTARY_FACTORS;
        return true;
    }
    bool linear = strcmp(name, "linear") == 0;
    if (!linear && strcmp(name, "llama3") != 0)
        return ask_config_fail(v, key, err,
                               "positions are not scaled as \"%.40s\"; there are: default, "
                               "linear, llama3",
                               name);
    r->scaling = linear ? ASK_ROTARY_LINEAR : ASK_ROTARY_LLAMA3;
    return ask_config_positive(&r->factor, v, "factor", 1, err) &&
           (linear || read_llama3(r, v, err));
}

bool ask_rotary_read(ask_rotary *out, ask_json_value v, double theta, ask_error *err)
{
    ask_rotary r = *out;
    ask_json_value scaling, parameters;
    if (!ask_config_object(&scaling, v, "rope_scaling", err) ||
        !ask_config_object(&parameters, v, "rope_parameters", err))
        return false;
    bool joined = ask_json_type_of(parameters) == ASK_JSON_OBJECT;
    // Bases of long contexts are larger than any other factor.
    if (!ask_config_double(&r.theta, joined ? parameters : v, "rope_theta", 1, 1e12, theta,
                           err) ||
        !read_scaling(&r, joined ? parameters : scaling, err))
        return false;
    *out = r;
    return true;
}

/* ---- angles ---- */

static double llama3_step(const ask_rotary *r, double step)
{
    static const double TURN = 6.283185307179586;
    double turns = r->n_original * step / TURN;
    if (turns > r->high) return step;
    if (turns < r->low) return step / r->factor;
    double share = (turns - r->low) / (r->high - r->low);
    return (1 - share) * step / r->factor + share * step;
}

static float rounded(float x, ask_dtype type)
{
    if (type == ASK_F16) return ask_f16_to_f32(ask_f32_to_f16(x));
    if (type == ASK_BF16) return ask_bf16_to_f32(ask_f32_to_bf16(x));
    return x;
}

double ask_rotary_step(const ask_rotary *r, int i)
{
    double step = pow(r->theta, -(double)i / r->n);
    if (r->scaling == ASK_ROTARY_LINEAR) step /= r->factor;
    if (r->scaling == ASK_ROTARY_FACTORS && r->factors) step /= r->factors[i];
    if (r->scaling == ASK_ROTARY_LLAMA3) step = llama3_step(r, step);
    return rounded((float)step, r->rounding);
}

ask_rotary_angles ask_rotary_build(ask_graph *g, const ask_rotary *r, ask_tensor *positions)
{
    if (!positions) return (ask_rotary_angles){0};
    int64_t n_items = ask_tensor_dim(positions, 0), n_places = ask_tensor_dim(positions, 1);
    float steps[ASK_ROTARY_MOST_PAIRS];
    for (int i = 0; i < r->n; i++) steps[i] = (float)ask_rotary_step(r, i);
    ask_tensor *at = ask_reshape(g, ask_cast(g, positions, ASK_F32), 3,
                                 (int64_t[]){n_items, n_places, 1});
    ask_tensor *angles =
        ask_mul(g, at, ask_constant(g, ASK_F32, 1, (int64_t[]){r->n}, steps)); // [B, T, n]
    return (ask_rotary_angles){ask_cos(g, angles), ask_sin(g, angles)};
}

ask_tensor *ask_rotary_turn(ask_graph *g, const ask_rotary *r, ask_tensor *x,
                            ask_rotary_angles angles)
{
    return ask_rope(g, x, angles.cos, angles.sin, r->kind);
}
