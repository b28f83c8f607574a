#include "support/qformer_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/init.h"
#include "support/checkpoint.h"
#include "support/tensors.h"
#include "support/testing.h"

/* ---- configurations ---- */

#define QFORMER(kind, more)                                                                \
    "\"num_query_tokens\": 4, \"qformer_config\": {\"model_type\": \"" kind "\","          \
    " \"hidden_size\": 24, \"intermediate_size\": 48, \"num_hidden_layers\": 2,"           \
    " \"num_attention_heads\": 4, \"encoder_hidden_size\": 24,"                            \
    " \"max_position_embeddings\": 64, \"cross_attention_frequency\": 2" more "}"
#define VISION(kind)                                                                       \
    "\"vision_config\": {\"model_type\": \"" kind "\", \"hidden_size\": 24,"               \
    " \"image_size\": 28, \"intermediate_size\": 48, \"num_attention_heads\": 4,"          \
    " \"num_hidden_layers\": 2, \"patch_size\": 7}"

static const char blip2[] =
    "{\"model_type\": \"blip-2\", \"architectures\": [\"Blip2ForConditionalGeneration\"],"
    " \"use_decoder_only_language_model\": true, " QFORMER(
        "blip_2_qformer",
        "") ", " VISION("blip_2_vision_model") ","
                                               " \"text_config\": {\"model_type\": "
                                               "\"opt\", \"hidden_size\": 32, \"ffn_dim\": "
                                               "64,"
                                               " \"num_attention_heads\": 4, "
                                               "\"num_hidden_layers\": 2, \"vocab_size\": "
                                               "424,"
                                               " \"max_position_embeddings\": 512, "
                                               "\"word_embed_proj_dim\": 32}}\n";

#define INSTRUCT(text)                                                                     \
    "{\"model_type\": \"instructblip\","                                                   \
    " \"architectures\": [\"InstructBlipForConditionalGeneration\"], " QFORMER(            \
        "instructblip_qformer",                                                            \
        ", \"vocab_size\": 800") ", " VISION("instructblip_vision_model") ","              \
                                                                          " \"text_"       \
                                                                          "config\": "     \
                                                                          "{" text "}}\n"

static const char instruct[] =
    INSTRUCT("\"model_type\": \"llama\", \"hidden_size\": 40, \"intermediate_size\": 96,"
             " \"num_hidden_layers\": 2, \"num_attention_heads\": 4,"
             " \"max_position_embeddings\": 512, \"vocab_size\": 702, \"bos_token_id\": 1,"
             " \"eos_token_id\": 2, \"pad_token_id\": 0");

static const char flan[] =
    INSTRUCT("\"model_type\": \"t5\", \"d_model\": 40, \"d_ff\": 96, \"num_layers\": 2,"
             " \"num_heads\": 4, \"d_kv\": 8, \"feed_forward_proj\": \"gated-gelu\","
             " \"tie_word_embeddings\": false, \"vocab_size\": 282, \"eos_token_id\": 1,"
             " \"pad_token_id\": 0, \"decoder_start_token_id\": 0");

static const char gif_qa[] =
    "{\"model_type\": \"gif_qa\", \"frame_dim\": 24, \"context_length\": 2, " QFORMER(
        "blip_2_qformer",
        "") ","
            " \"text_config\": {\"model_type\": \"gpt2\", \"n_embd\": 32, \"n_layer\": 2,"
            " \"n_head\": 4, \"n_positions\": 512, \"vocab_size\": 420, \"bos_token_id\": "
            "418,"
            " \"eos_token_id\": 418}}\n";

static const struct {
    const char *config, *tokenizer;
} kinds[] = {
    [QFORMER_MODEL_BLIP2] = {blip2, "golden/tokenizer_opt"},
    [QFORMER_MODEL_INSTRUCT] = {instruct, "golden/tokenizer_llama"},
    [QFORMER_MODEL_FLAN] = {flan, "golden/tokenizer_t5"},
    [QFORMER_MODEL_GIF_QA] = {gif_qa, "golden/tokenizer_gpt2"},
};

/* ---- files ---- */

static void copy_file(const char *to_dir, const char *from_dir, const char *name)
{
    char from[128];
    size_t n;
    snprintf(from, sizeof from, "%s/%s", from_dir, name);
    char *text = test_read(test_fixture(from), &n);
    test_write(test_path(to_dir, name), text, n);
    free(text);
}

/* As it is drawn, patches of one colour are all alike, and queries look at them alike: here
 * places and queries differ. */
static void tell_places_apart(const char *path)
{
    static const char *const names[] = {"query_tokens",
                                        "vision_model.embeddings.position_embedding"};
    tensor_list list = tensors_read(path);
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        for (size_t i = 0; i < list.n; i++) {
            const ask_weights_entry *e = &list.entries[i];
            if (strcmp(e->name, names[n]) != 0) continue;
            float *values = tensors_floats(&list, e->name);
            for (size_t k = 0; k < e->bytes / sizeof *values; k++)
                values[k] = sinf((float)(7 * k));
        }
    tensors_write(&list, path);
    tensors_free(&list);
}

void qformer_model_write(const char *dir, qformer_model_kind kind)
{
    ask_error err = {0};
    char *parts = test_temp_dir_make();
    test_write_text(test_path(parts, "config.json"), kinds[kind].config);
    copy_file(parts, kinds[kind].tokenizer, "tokenizer.json");
    copy_file(parts, kinds[kind].tokenizer, "tokenizer_config.json");
    const ask_model_init_options init = {
        .struct_size = sizeof init, .seed = 3, .tokenizer = parts};
    CHECK_OK(ask_model_init(dir, test_path(parts, "config.json"), &init, &err), &err);
    char *weights = strdup(test_path(dir, "model.safetensors"));
    tell_places_apart(weights);
    free(weights);
    if (kind == QFORMER_MODEL_INSTRUCT || kind == QFORMER_MODEL_FLAN) {
        char *told = strdup(test_path(dir, "qformer_tokenizer"));
        if (mkdir(told, 0777) != 0) fail_msg("%s: cannot be made", told);
        copy_file(told, "golden/tokenizer_bert_uncased", "tokenizer.json");
        copy_file(told, "golden/tokenizer_bert_uncased", "tokenizer_config.json");
        free(told);
    }
    test_temp_dir_remove(parts);
}
