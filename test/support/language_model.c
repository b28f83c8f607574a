#include "support/language_model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json_write.h"
#include "model/init.h"
#include "support/testing.h"

enum { IMAGE_ID = LANGUAGE_MODEL_VOCABULARY - 2, VIDEO_ID = LANGUAGE_MODEL_VOCABULARY - 1 };

static void check_built(ask_str *text)
{
    assert_false(text->failed);
}

/* ---- the tokenizer, with the placeholders ---- */

static void put_added(ask_str *out, int id, const char *content)
{
    ask_str_printf(out,
                   ",{\"id\":%d,\"content\":\"%s\",\"single_word\":false,\"lstrip\":false,"
                   "\"rstrip\":false,\"normalized\":false,\"special\":true}",
                   id, content);
}

static void write_tokens(const char *dir, language_model_kind kind)
{
    size_t n;
    char *whole = test_read(test_fixture("golden/tokenizer_llama/tokenizer.json"), &n);
    char *list_end = strstr(whole, "],\"normalizer\"");
    assert_non_null(list_end);
    ask_str text = {0};
    ask_str_append_bytes(&text, whole, (size_t)(list_end - whole));
    if (kind == LANGUAGE_MODEL_VIDEO_CHATGPT) {
        put_added(&text, IMAGE_ID, "<vid_patch>");
        put_added(&text, IMAGE_ID + 1, "<vid_start>");
        put_added(&text, IMAGE_ID + 2, "<vid_end>");
    } else if (kind != LANGUAGE_MODEL_ST_LLM) {
        put_added(&text, IMAGE_ID, "<image>");
        put_added(&text, VIDEO_ID, "<video>");
    }
    ask_str_append(&text, list_end);
    check_built(&text);
    test_write_text(test_path(dir, "tokenizer.json"), ask_str_text(&text));
    ask_str_free(&text);
    free(whole);
}

static void write_tokenizer_config(const char *dir, const char *chat_template)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "tokenizer_class", "LlamaTokenizer");
    ask_json_put_string(&w, "bos_token", "<s>");
    ask_json_put_string(&w, "eos_token", "</s>");
    ask_json_put_string(&w, "unk_token", "<unk>");
    if (chat_template) ask_json_put_string(&w, "chat_template", chat_template);
    ask_json_close(&w);
    check_built(&text);
    test_write_text(test_path(dir, "tokenizer_config.json"), ask_str_text(&text));
    ask_str_free(&text);
}

/* ---- the network ---- */

/* Shapes of test/fixtures/golden/llava_next_video. */
static void put_llava(ask_str *out, bool next, int n_context)
{
    ask_str_printf(
        out,
        "{\"model_type\": \"%s\", \"architectures\": [\"%s\"],"
        " \"image_grid_pinpoints\": [[24, 48], [48, 24]], \"image_seq_length\": 36,"
        " \"video_seq_length\": 36, \"image_token_index\": %d, \"video_token_index\": %d,"
        " \"projector_hidden_act\": \"gelu\", \"spatial_pool_mode\": \"average\","
        " \"spatial_pool_stride\": 2, \"tie_word_embeddings\": false,"
        " \"vision_feature_layer\": -2, \"vision_feature_select_strategy\": \"default\","
        " \"text_config\": {\"model_type\": \"llama\", \"hidden_size\": 40,"
        " \"intermediate_size\": 96, \"num_hidden_layers\": 3, \"num_attention_heads\": 4,"
        " \"num_key_value_heads\": 4, \"head_dim\": 10, \"hidden_act\": \"silu\","
        " \"max_position_embeddings\": %d, \"vocab_size\": %d, \"rms_norm_eps\": 1e-06,"
        " \"rope_theta\": 10000.0, \"bos_token_id\": 1, \"eos_token_id\": 2,"
        " \"pad_token_id\": 0, \"tie_word_embeddings\": false},"
        " \"vision_config\": {\"model_type\": \"clip_vision_model\", \"hidden_size\": 40,"
        " \"intermediate_size\": 80, \"num_hidden_layers\": 3, \"num_attention_heads\": 4,"
        " \"image_size\": 24, \"patch_size\": 4, \"num_channels\": 3,"
        " \"hidden_act\": \"quick_gelu\", \"layer_norm_eps\": 1e-05}}\n",
        next ? "llava_next_video" : "llava",
        next ? "LlavaNextVideoForConditionalGeneration" : "LlavaForConditionalGeneration",
        IMAGE_ID, VIDEO_ID, n_context, LANGUAGE_MODEL_VOCABULARY);
}

static void put_video_chatgpt(ask_str *out, int n_context)
{
    ask_str_printf(
        out,
        "{\"model_type\": \"VideoChatGPT\","
        " \"architectures\": [\"VideoChatGPTLlamaForCausalLM\"],"
        " \"hidden_size\": 40, \"intermediate_size\": 96, \"num_hidden_layers\": 2,"
        " \"num_attention_heads\": 4, \"num_key_value_heads\": 4, \"head_dim\": 10,"
        " \"hidden_act\": \"silu\", \"max_position_embeddings\": %d, \"vocab_size\": %d,"
        " \"rms_norm_eps\": 1e-06, \"rope_theta\": 10000.0, \"bos_token_id\": 1,"
        " \"eos_token_id\": 2, \"pad_token_id\": 0, \"tie_word_embeddings\": false,"
        " \"use_mm_proj\": true, \"mm_hidden_size\": %d}\n",
        n_context, LANGUAGE_MODEL_VOCABULARY + 1, LANGUAGE_MODEL_FEATURES);
}

/* The shapes of test/fixtures/golden/st_llm_btadapter, joined as in st_llm_residual. */
static void put_st_llm(ask_str *out, int n_context)
{
    ask_str_printf(
        out,
        "{\"model_type\": \"st_llm_hf\", \"architectures\": [\"STLLMForCausalLM\"],"
        " \"hidden_size\": 32, \"intermediate_size\": 36, \"num_hidden_layers\": 2,"
        " \"num_attention_heads\": 2, \"max_position_embeddings\": %d, \"vocab_size\": %d,"
        " \"bos_token_id\": 1, \"eos_token_id\": 2, \"pad_token_id\": 0,"
        " \"vit_model\": \"eva_btadapter_g\", \"num_query_token\": 3,"
        " \"video_input\": \"residual\", \"residual_size\": 4, \"residual_hidden_size\": 8,"
        " \"qformer_text_input\": true, \"max_txt_len\": 16,"
        " \"vision_config\": {\"hidden_size\": 16, \"intermediate_size\": 69,"
        " \"num_hidden_layers\": 3, \"num_attention_heads\": 4, \"image_size\": 28,"
        " \"patch_size\": 7, \"btadapter_depth\": 2, \"initializer_range\": 0.2},"
        " \"qformer_config\": {\"hidden_size\": 18, \"intermediate_size\": 30,"
        " \"num_hidden_layers\": 2, \"num_attention_heads\": 3, \"vocab_size\": %d,"
        " \"max_position_embeddings\": 16, \"initializer_range\": 0.2}}\n",
        n_context, LANGUAGE_MODEL_VOCABULARY, LANGUAGE_MODEL_VOCABULARY);
}

static void write_config(const char *path, language_model_kind kind, int n_context)
{
    ask_str text = {0};
    if (kind == LANGUAGE_MODEL_VIDEO_CHATGPT)
        put_video_chatgpt(&text, n_context);
    else if (kind == LANGUAGE_MODEL_ST_LLM)
        put_st_llm(&text, n_context);
    else
        put_llava(&text, kind == LANGUAGE_MODEL_NEXT_VIDEO, n_context);
    check_built(&text);
    test_write_text(path, ask_str_text(&text));
    ask_str_free(&text);
}

/* The same words as the model's own tokenizer has. */
static void write_instructor(const char *dir)
{
    char folder[512];
    ask_format(folder, sizeof folder, "%s/qformer_tokenizer", dir);
    assert_int_equal(mkdir(folder, 0777), 0);
    write_tokens(folder, LANGUAGE_MODEL_ST_LLM);
    write_tokenizer_config(folder, NULL);
}

void language_model_write(const char *dir, const language_model_options *opt)
{
    static const language_model_options none = {0};
    ask_error err = {0};
    if (!opt) opt = &none;
    char *parts = test_temp_dir_make();
    write_tokens(parts, opt->kind);
    write_tokenizer_config(parts, opt->chat_template);
    write_config(test_path(parts, "config.json"), opt->kind,
                 opt->n_context > 0 ? opt->n_context : LANGUAGE_MODEL_CONTEXT);
    const ask_model_init_options init = {
        .struct_size = sizeof init, .seed = opt->seed, .tokenizer = parts};
    CHECK_OK(ask_model_init(dir, test_path(parts, "config.json"), &init, &err), &err);
    if (opt->kind == LANGUAGE_MODEL_ST_LLM) write_instructor(dir);
    test_temp_dir_remove(parts);
}
