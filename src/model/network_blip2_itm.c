/* The row of BLIP-2's retrieval: pictures against texts. */
#include "model/blip2_priv.h"

static bool read_config(void *net, ask_json_value root, ask_error *err)
{
    return ask_blip2_retrieval_config_read(&((ask_blip2_retrieval *)net)->config, root,
                                           err);
}

static void bind(void *net, ask_params *p)
{
    ask_blip2_retrieval *m = net;
    ask_blip2_retrieval_config config = m->config;
    ask_blip2_retrieval_bind(m, p, &config);
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_blip2_retrieval_config *c = &((const ask_blip2_retrieval *)net)->config;
    const ask_model_size list[] = {
        {"text.context", c->sight.qformer.n_positions},
        {"text.vocabulary", c->sight.qformer.n_vocab},
        {"embedding", c->n_embed},
    };
    if (i < BLIP2_N_SIZES) return blip2_size_at(&c->sight, i, out);
    i -= BLIP2_N_SIZES;
    if (i >= sizeof list / sizeof *list) return false;
    *out = list[i];
    return true;
}

enum { PIXELS, IDS, MASK };

static const network_input inputs[] = {
    [PIXELS] = {"pixel_values", ASK_F32},
    [IDS] = {"input_ids", ASK_I64},
    [MASK] = {"attention_mask", ASK_BOOL, .optional = true},
    {0},
};

static bool check(const void *net, const network_value *in, ask_error *err)
{
    const ask_blip2_sight_config *c = &((const ask_blip2_retrieval *)net)->config.sight;
    return blip2_check_pixels(c, &in[PIXELS], false, err) &&
           network_check_ids("input_ids", &in[IDS], c->qformer.n_positions,
                             c->qformer.n_vocab, err) &&
           network_check_beside("attention_mask", &in[MASK], "input_ids", &in[IDS], err);
}

static void build(ask_graph *g, const void *net, const network_value *in)
{
    const ask_blip2_retrieval *m = net;
    const ask_blip2_told text = {.ids = in[IDS].tensor, .mask = in[MASK].tensor};
    ask_tensor *seen = ask_blip2_see(g, &m->sight, in[PIXELS].tensor);
    ask_tensor *image = ask_name(g, ask_blip2_image(g, m, seen), "image_embeds");
    ask_tensor *words = ask_name(g, ask_blip2_text(g, m, &text), "text_embeds");
    ask_tensor *logits = ask_blip2_similarity(g, image, words); // [Bi, Bt]
    ask_name(g, logits, "logits_per_image");
    ask_name(g, ask_contiguous(g, ask_transpose(g, logits, 0, 1)), "logits_per_text");
}

/* Each text beside the picture of its number. */
static bool check_match(const void *net, const network_value *in, ask_error *err)
{
    if (!check(net, in, err)) return false;
    return in[PIXELS].shape[0] == in[IDS].shape[0] ||
           ask_fail(err, ASK_ERR_MODEL, "pixel_values: %lld for %lld texts of input_ids",
                    (long long)in[PIXELS].shape[0], (long long)in[IDS].shape[0]);
}

static void build_match(ask_graph *g, const void *net, const network_value *in)
{
    const ask_blip2_retrieval *m = net;
    const ask_blip2_told text = {.ids = in[IDS].tensor, .mask = in[MASK].tensor};
    ask_tensor *seen = ask_blip2_see(g, &m->sight, in[PIXELS].tensor);
    ask_tensor *logits = ask_blip2_match(g, m, seen, &text); // [B, 2]
    ask_name(g, logits, "logits_per_image");
    ask_name(g, ask_contiguous(g, ask_transpose(g, logits, 0, 1)), "logits_per_text");
}

static const network_mask no_masks[] = {{0}};

static const network_run runs[] = {
    {.inputs = inputs,
     .outputs = "itc.",
     .masks = no_masks,
     .check = check,
     .build = build},
    {.inputs = inputs,
     .outputs = "itm.",
     .masks = no_masks,
     .check = check_match,
     .build = build_match},
};

const network network_blip2_itm = {
    .name = "blip2_itm",
    .model_type = "blip2_itm",
    .shared_type = "blip-2",
    .architectures = (const char *const[]){"Blip2ForImageTextRetrieval", NULL},
    .tensors = (const char *const[]){"itm_head.weight", "qformer.layernorm.weight", NULL},
    .ignored = ask_blip2_ignored,
    .net_bytes = sizeof(ask_blip2_retrieval),
    .read_config = read_config,
    .bind = bind,
    .size_at = size_at,
    .processor = ASK_PROCESSOR_BLIP,
    .runs = runs,
    .n_runs = sizeof runs / sizeof *runs,
};
