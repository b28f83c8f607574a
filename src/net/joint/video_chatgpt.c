#include "net/joint/video_chatgpt.h"

enum { N_MARKS = 3 };

bool ask_video_chatgpt_config_read(ask_video_chatgpt_config *out, ask_json_value root,
                                   ask_error *err)
{
    ask_video_chatgpt_config c;
    if (!ask_llama_config_read(&c.text, ASK_LLAMA, root, err) ||
        !ask_config_size(&c.n_features, root, "mm_hidden_size", ASK_MAX_WIDTH, 1024, err))
        return false;
    if (c.text.n_vocab <= N_MARKS)
        return ask_config_fail(root, "vocab_size", err,
                               "%d tokens have no room for the marks of a video",
                               c.text.n_vocab);
    *out = c;
    return true;
}

/* LLaVA-1.5 in its authors' format has the same type and architecture. */
static void refuse_llava(ask_params *p)
{
    static const char projector[] = "model.mm_projector";
    if (ask_params_has(p, "%s.0.weight", projector) &&
        !ask_params_has(p, "%s.weight", projector))
        ask_params_refuse(p,
                          "%s.0.weight: this is LLaVA's own format, with a projector of "
                          "two layers; what is read is its Hugging Face conversion "
                          "(llava-hf/...)",
                          projector);
}

void ask_video_chatgpt_bind(ask_video_chatgpt *out, ask_params *p,
                            const ask_video_chatgpt_config *config)
{
    static const char table[] = "model.embed_tokens.weight";
    ask_llama_config text = config->text;
    out->config = *config;
    refuse_llava(p);
    // The marks are in the table that comes with the projector, not in the configuration.
    int64_t n_rows = ask_params_size(p, 0, text.n_vocab, "%s", table);
    if (n_rows > N_MARKS && n_rows <= ASK_MAX_VOCAB) text.n_vocab = (int)n_rows;
    out->config.text.n_vocab = text.n_vocab;
    out->text.kind = ASK_LANGUAGE_LLAMA;
    ask_llama_bind(&out->text.llama, p, "model", "lm_head", &text);
    ask_dense_bind(&out->projector, p, "model.mm_projector", config->n_features,
                   config->text.width, config->text.init);
}

void ask_video_chatgpt_marks(int64_t ids[3], const ask_video_chatgpt_config *c)
{
    for (int i = 0; i < N_MARKS; i++) ids[i] = c->text.n_vocab - N_MARKS + i;
}

ask_tensor *ask_video_chatgpt_rows(ask_graph *g, const ask_video_chatgpt *m,
                                   ask_tensor *features)
{
    return ask_dense_build(g, &m->projector, features);
}

ask_tensor *ask_video_chatgpt_pool(ask_graph *g, ask_tensor *states)
{
    if (!states) return NULL;
    int64_t n = ask_tensor_dim(states, 0);
    int64_t missing = n < ASK_VIDEO_CHATGPT_FRAMES ? ASK_VIDEO_CHATGPT_FRAMES - n : 0;
    ask_tensor *frames = ask_pad(g, ask_mean(g, states, 1u << 1, false), 0, 0, missing, 0);
    ask_tensor *patches = ask_mean(g, states, 1u << 0, false); // [M, W]
    return ask_concat(g, (ask_tensor *[]){frames, patches}, 2, 0);
}
