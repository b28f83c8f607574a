#include "model/network_priv.h"

#include <string.h>

#include "base/str.h"

static const network *const networks[] = {&network_clip,
                                          &network_bert,
                                          &network_roberta,
                                          &network_s3d,
                                          &network_glance_focus,
                                          &network_timeline,
                                          &network_video_chatgpt,
                                          &network_qwen2,
                                          &network_llama,
                                          &network_mistral,
                                          &network_opt,
                                          &network_gpt2,
                                          &network_t5,
                                          &network_mt5,
                                          &network_llava,
                                          &network_llava_next_video,
                                          &network_blip2,
                                          &network_instructblip,
                                          &network_blip2_itm,
                                          &network_gif_qa,
                                          &network_st_llm,
                                          &network_instructblip_video};

enum { N_NETWORKS = sizeof networks / sizeof *networks };

static bool embeds(const network *n, const void *net)
{
    return !n->embeds || n->embeds(net);
}

const network_text *network_text_of(const network *n, const void *net)
{
    return embeds(n, net) ? n->text : NULL;
}

const network_dual *network_dual_of(const network *n, const void *net)
{
    return embeds(n, net) ? n->dual : NULL;
}

/* Of a short text. */
static network_text_sizes text_sizes_of_language(const network_language *l, const void *net)
{
    ask_language_sizes s = ask_language_sizes_of(l->of(net));
    return (network_text_sizes){.n_context = s.n_most,
                                .n_vocab = s.n_vocab,
                                .end_id = -1,
                                .vocab_key = l->vocab_key,
                                .token_flops = s.token_flops};
}

bool network_text_sizes_of(network_text_sizes *out, const network *n, const void *net)
{
    const network_text *text = network_text_of(n, net);
    if (text)
        *out = text->sizes(net);
    else if (n->qa)
        *out = n->qa->rules(net).text;
    else if (n->memory)
        *out = n->memory->sizes(net).text;
    else if (n->language)
        *out = text_sizes_of_language(n->language, net);
    return text || n->qa || n->memory || n->language;
}

bool network_picture_sizes_of(network_picture_sizes *out, const network *n, const void *net)
{
    const network_dual *dual = network_dual_of(n, net);
    if (dual) {
        network_dual_sizes s = dual->sizes(net);
        *out = (network_picture_sizes){s.n_channels, s.image_px};
    } else if (n->memory) {
        network_memory_sizes s = n->memory->sizes(net);
        *out = (network_picture_sizes){s.n_channels, s.image_px};
    } else if (n->visual) {
        network_visual_sizes s = n->visual->sizes(net);
        *out = (network_picture_sizes){s.n_channels, s.image_px};
    }
    return dual || n->memory || n->visual;
}

const network *network_at(size_t i)
{
    return i < N_NETWORKS ? networks[i] : NULL;
}

void network_list(char *out, size_t size, network_is *which)
{
    size_t length = 0;
    out[0] = 0;
    for (int i = 0; i < N_NETWORKS && length < size; i++)
        if (!which || which(networks[i]))
            length += (size_t)ask_format(out + length, size - length, "%s%s",
                                         length ? ", " : "", networks[i]->name);
}

static const network *find_by_name(const char *name, ask_error *err)
{
    for (int i = 0; i < N_NETWORKS; i++)
        if (strcmp(networks[i]->name, name) == 0) return networks[i];
    char names[512];
    network_list(names, sizeof names, NULL);
    ask_fail(err, ASK_ERR_USAGE, "there is no network \"%.60s\"; there are: %s", name,
             names);
    return NULL;
}

static bool is_listed(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(*list, text) == 0) return true;
    return false;
}

/* The text of a member, or NULL where there is none. */
static const char *text_of(ask_json_value v, const char *path)
{
    const char *text = NULL;
    if (ask_json_type_of(ask_json_find(v, path)) == ASK_JSON_STRING)
        ask_json_get_string(&text, v, path, NULL);
    return text;
}

static bool has_type(const network *n, const char *type)
{
    return strcmp(type, n->model_type) == 0 ||
           (n->shared_type && strcmp(type, n->shared_type) == 0);
}

/* The row that a configuration names: by type and architecture, else by its type, else,
 * without one, by its architecture. */
static const network *find_configured(const char *type, const char *architecture)
{
    for (int i = 0; architecture && i < N_NETWORKS; i++)
        if (is_listed(architecture, networks[i]->architectures) &&
            (!type || has_type(networks[i], type)))
            return networks[i];
    for (int i = 0; type && i < N_NETWORKS; i++)
        if (strcmp(type, networks[i]->model_type) == 0) return networks[i];
    return NULL;
}

static bool has_tensors(const network *n, const ask_weights *weights)
{
    for (const char *const *name = n->tensors; *name; name++)
        if (!ask_weights_find(weights, *name)) return false;
    return true;
}

const network *network_find(const char *name, ask_json_value config,
                            const ask_weights *weights, ask_error *err)
{
    if (name) return find_by_name(name, err);
    const char *type = text_of(config, "model_type");
    const char *architecture = text_of(config, "architectures.0");
    const network *configured = find_configured(type, architecture);
    if (configured) return configured;
    bool unnamed = !type && !architecture;
    for (int i = 0; i < N_NETWORKS && unnamed && weights; i++)
        if (has_tensors(networks[i], weights)) return networks[i];

    char names[512];
    network_list(names, sizeof names, NULL);
    if (unnamed)
        ask_json_fail(
            config, err,
            "neither \"model_type\" nor \"architectures\" tells the network, nor do "
            "the tensors; there are: %s",
            names);
    else
        ask_json_fail(config, err, "no network for %s \"%.60s\"; there are: %s",
                      type ? "model_type" : "the architecture", type ? type : architecture,
                      names);
    ask_fail_as(err, ASK_ERR_MODEL);
    return NULL;
}
