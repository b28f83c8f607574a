#include "support/tiny_timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "model/init.h"
#include "support/checkpoint.h"
#include "support/testing.h"

const char tiny_timeline_config[] =
    "{\"model_type\": \"timeline\", \"architectures\": [\"Timeline\"],"
    "\"cells\": {\"num_channels\": 3, \"image_size\": 48, \"widths\": [4, 6, 8]},"
    "\"kinds\": {"
    "\"color\": [{\"name\": \"red\", \"token\": 7}, {\"name\": \"green\", \"token\": 8},"
    " {\"name\": \"blue\", \"token\": 21}],"
    "\"shape\": [{\"name\": \"ball\", \"token\": 9}, {\"name\": \"star\", \"token\": 10}],"
    "\"size\": [{\"name\": \"small\", \"token\": 11}, {\"name\": \"large\", \"token\": "
    "22}],"
    "\"texture\": [{\"name\": \"plain\", \"token\": 12}, "
    "{\"name\": \"dotted\", \"token\": 13}],"
    "\"event\": [{\"name\": \"jumps\", \"token\": 14},"
    " {\"name\": \"pushes\", \"token\": 15, \"moves_other\": true, "
    "\"goes_somewhere\": true},"
    " {\"name\": \"turns\", \"token\": 16, \"changes_color\": true}],"
    "\"way\": [{\"name\": \"left\", \"token\": 17}, {\"name\": \"right\", \"token\": 18},"
    " {\"name\": \"up\", \"token\": 19}, {\"name\": \"down\", \"token\": 20}]},"
    "\"num_frames\": 6, \"num_sights\": 3, \"hidden_size\": 16, \"intermediate_size\": 24,"
    "\"num_attention_heads\": 2, \"glance_layers\": 2, \"memory_layers\": 1, "
    "\"focus_layers\": 2, "
    "\"text_layers\": 2, \"num_event_slots\": 4, \"num_toy_slots\": 3, "
    "\"num_counters\": 2, \"vocab_size\": 423, \"max_position_embeddings\": 20, "
    "\"pad_token_id\": 1, \"eos_token_id\": 2, \"dropout\": 0.1}";

/* Variances stay positive. */
static void shake(tensor_list *weights)
{
    static const float DEVIATION = 0.2f;
    ask_rng rng = ask_rng_new(31);
    for (size_t i = 0; i < weights->n; i++) {
        float *x = tensors_floats(weights, weights->entries[i].name);
        bool is_positive = ask_ends_with(weights->entries[i].name, ".running_var");
        for (int64_t k = 0; k < weights->entries[i].n_elements; k++) {
            float off = DEVIATION * (2 * ask_rng_float(&rng) - 1);
            x[k] += is_positive && off < 0 ? -off : off;
        }
    }
}

void tiny_timeline_make_of(const char *dir, const char *text, const char *tokenizer)
{
    ask_error err = {0};
    char config[600], weights[600];
    snprintf(config, sizeof config, "%s.config.json", dir);
    snprintf(weights, sizeof weights, "%s/model.safetensors", dir);
    test_write_text(config, text);
    const ask_model_init_options opt = {.seed = 5, .tokenizer = tokenizer};
    CHECK_OK(ask_model_init(dir, config, &opt, &err), &err);
    remove(config);
    tensor_list list = tensors_read(weights);
    shake(&list);
    tensors_write(&list, weights);
    tensors_free(&list);
}

void tiny_timeline_make(const char *dir)
{
    tiny_timeline_make_of(dir, tiny_timeline_config,
                          test_fixture("golden/tokenizer_roberta"));
}

float *tiny_timeline_pixels(int n, uint64_t seed)
{
    float *pixels = malloc((size_t)n * TINY_PIXELS * sizeof *pixels);
    assert_non_null(pixels);
    ask_rng rng = ask_rng_new(seed);
    for (int i = 0; i < n * TINY_PIXELS; i++) pixels[i] = 4 * ask_rng_float(&rng) - 2;
    return pixels;
}
