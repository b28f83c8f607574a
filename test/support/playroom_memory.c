#include "support/playroom_memory.h"

#include <stdio.h>

#include "support/memory_model.h"
#include "support/playroom_words.h"
#include "support/testing.h"
#include "support/tiny_timeline.h"
#include "text/tokenizer.h"
#include "world/clip_files.h"

const char *const playroom_memory_answers[PLAYROOM_MEMORY_ANSWERS] = {
    "0",        "1",    "two",   "3",       "red",           "ball", "the red ball",
    "it jumps", "left", "small", "nothing", "there is none",
};

/* The vocabulary decides vocab_size. */
static const char config[] =
    "{\"model_type\": \"timeline\","
    "\"cells\": {\"num_channels\": 3, \"image_size\": 48, \"widths\": [4, 6, 8]},"
    "\"kinds\": {"
    "\"color\": [{\"name\": \"red\", \"token\": 7}, {\"name\": \"blue\", \"token\": 8}],"
    "\"shape\": [{\"name\": \"ball\", \"token\": 9}, {\"name\": \"star\", \"token\": 10}],"
    "\"size\": [{\"name\": \"small\", \"token\": 11}],"
    "\"texture\": [{\"name\": \"plain\", \"token\": 12}],"
    "\"event\": [{\"name\": \"jumps\", \"token\": 14},"
    " {\"name\": \"hits\", \"token\": 15, \"moves_other\": true}],"
    "\"way\": [{\"name\": \"left\", \"token\": 17}, {\"name\": \"right\", \"token\": 18},"
    " {\"name\": \"up\", \"token\": 19}, {\"name\": \"down\", \"token\": 20}]},"
    "\"num_frames\": 6, \"num_sights\": 3, \"hidden_size\": 16, \"intermediate_size\": 24,"
    "\"num_attention_heads\": 2, \"glance_layers\": 1, \"memory_layers\": 1, "
    "\"focus_layers\": 2, "
    "\"text_layers\": 1, \"num_event_slots\": 4, \"num_toy_slots\": 3, "
    "\"num_counters\": 2, \"vocab_size\": %d, \"max_position_embeddings\": 40%s}";

void playroom_memory_write_answers(const char *dir)
{
    enum { N_DENIALS = 2 };
    memory_model_write_answers(
        dir, playroom_memory_answers, PLAYROOM_MEMORY_ANSWERS,
        playroom_memory_answers + PLAYROOM_MEMORY_ANSWERS - N_DENIALS, N_DENIALS);
}

static void write_model(const char *dir, const char *find)
{
    ask_error err = {0};
    char text[sizeof config + 128], tokenizer[256];
    char *work = test_temp_dir_make();
    snprintf(tokenizer, sizeof tokenizer, "%s", test_path(work, "tokenizer"));
    playroom_words_write(tokenizer);
    ask_tokenizer *t = ask_tokenizer_open(tokenizer, &err);
    CHECK_OK(t, &err);
    snprintf(text, sizeof text, config, ask_tokenizer_n_tokens(t), find);
    ask_tokenizer_close(t);
    tiny_timeline_make_of(dir, text, tokenizer);
    test_temp_dir_remove(work);
    playroom_memory_write_answers(dir);
}

void playroom_memory_write(const char *dir)
{
    write_model(dir, "");
}

void playroom_memory_write_finding(const char *dir)
{
    write_model(dir, ", \"find\": {\"projection_dim\": 8, \"text_layers\": 1}");
}

void playroom_full_world_write(const char *dir, uint64_t seed, int64_t n_clips)
{
    ask_error err = {0};
    ask_world_options o = ask_world_defaults();
    o.seed = seed;
    o.split = ASK_SPLIT_VAL;
    o.n_clips = n_clips;
    CHECK_OK(ask_world_make(NULL, dir, &o, &err), &err);
}
