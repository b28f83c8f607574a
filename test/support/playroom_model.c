#include "support/playroom_model.h"

#include <stdio.h>

#include "model/init.h"
#include "support/testing.h"
#include "text/bpe_train.h"
#include "text/lines.h"
#include "world/clip_files.h"

/* The vocabulary decides vocab_size and the marks. */
static const char config[] =
    "{\"model_type\": \"clip\", \"architectures\": [\"CLIPModel\"],\n"
    " \"projection_dim\": 24,\n"
    " \"text_config\": {\"hidden_size\": 32, \"intermediate_size\": 64,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"vocab_size\": %d,\n"
    "  \"max_position_embeddings\": 40, \"bos_token_id\": %d, \"eos_token_id\": %d},\n"
    " \"vision_config\": {\"hidden_size\": 32, \"intermediate_size\": 64,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"num_channels\": 9,\n"
    "  \"image_size\": 96, \"patch_size\": 32}}\n";

static int write_vocabulary(const char *dir)
{
    static const char *const paths[] = {"models/dual/words.txt"};
    ask_error err = {0};
    ask_lines *lines = ask_lines_open(paths, 1, NULL, &err);
    if (!lines) fail_msg("%s", err.message);
    ask_bpe_train_options o = ask_bpe_train_defaults();
    o.n_tokens = 4000;
    o.min_frequency = 1;
    ask_bpe_train_result made;
    CHECK_OK(ask_bpe_train(dir, (ask_text_source){ask_lines_next, lines}, &o, &made, &err),
             &err);
    ask_lines_close(lines);
    return made.n_tokens;
}

void playroom_model_write(const char *dir)
{
    ask_error err = {0};
    char text[sizeof config + 64];
    char *work = test_temp_dir_make();
    const char *tokenizer = test_path(work, "tokenizer");
    const char *config_json = test_path(work, "config.json");
    int n = write_vocabulary(tokenizer);
    snprintf(text, sizeof text, config, n, n - 2, n - 1);
    test_write_text(config_json, text);
    const ask_model_init_options opt = {.seed = 3,
                                        .tokenizer = tokenizer,
                                        .preprocess =
                                            "models/dual/preprocessor_config.json"};
    CHECK_OK(ask_model_init(dir, config_json, &opt, &err), &err);
    test_temp_dir_remove(work);
}

void playroom_world_write(const char *dir, uint64_t seed, int64_t n_clips)
{
    ask_error err = {0};
    ask_world_options o = ask_world_defaults();
    o.style = ask_scene_simple();
    o.seed = seed;
    o.split = ASK_SPLIT_VAL;
    o.n_clips = n_clips;
    CHECK_OK(ask_world_make(NULL, dir, &o, &err), &err);
}
