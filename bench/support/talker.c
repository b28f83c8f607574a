#include "support/talker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "model/init.h"
#include "support/place.h"
#include "text/bpe_train.h"
#include "text/tokenizer.h"

enum { N_TOKENS = 300 };

static void give_up(const char *why)
{
    fprintf(stderr, "bench: %s\n", why);
    exit(1);
}

/* ---- the model ---- */

/* An ask_text_source of one text. */
static bool next_text(void *user, const char **text, size_t *n_bytes, ask_error *err)
{
    const char **left = user;
    (void)err;
    *text = *left;
    *n_bytes = *left ? strlen(*left) : 0;
    *left = NULL;
    return true;
}

static void make_tokens(const char *dir)
{
    static const char *const special[] = {"<image>", "<video>"};
    const char *text = "What happens in this video? And what is the colour of it? USER: "
                       "ASSISTANT: ";
    ask_bpe_train_options o = ask_bpe_train_defaults();
    ask_bpe_train_result made;
    ask_error err = {0};
    o.kind = ASK_BPE_GPT2;
    o.n_tokens = N_TOKENS;
    o.special = special;
    o.n_special = 2;
    if (!ask_bpe_train(dir, (ask_text_source){next_text, &text}, &o, &made, &err))
        give_up(err.message);
}

/* The place of a special token is known once there are tokens. */
void bench_talker_make(const char *dir, const bench_talker_sizes *s)
{
    char *tokens = bench_temp_dir(), *config = bench_path(tokens, "config.json");
    ask_str text = {0};
    ask_error err = {0};
    make_tokens(tokens);
    ask_tokenizer *t = ask_tokenizer_open(tokens, &err);
    if (!t) give_up(err.message);
    ask_str_printf(
        &text,
        "{\"model_type\": \"llava_next_video\", \"image_token_index\": %d,"
        " \"video_token_index\": %d, \"text_config\": {\"model_type\": \"llama\","
        " \"hidden_size\": %d, \"intermediate_size\": %d, \"num_hidden_layers\": %d,"
        " \"num_attention_heads\": %d, \"max_position_embeddings\": 4096, \"vocab_size\": "
        "%d},"
        " \"vision_config\": {\"hidden_size\": %d, \"intermediate_size\": %d,"
        " \"num_hidden_layers\": %d, \"num_attention_heads\": %d, \"image_size\": 336,"
        " \"patch_size\": 14}}",
        (int)ask_tokenizer_id(t, "<image>"), (int)ask_tokenizer_id(t, "<video>"), s->width,
        s->inner, s->n_layers, s->n_heads,
        s->n_vocab ? s->n_vocab : ask_tokenizer_n_tokens(t), s->vision_width,
        s->vision_inner, s->vision_layers, s->vision_heads);
    ask_tokenizer_close(t);
    const ask_model_init_options init = {
        .struct_size = sizeof init, .tokenizer = tokens, .matrices = s->matrices};
    if (!ask_file_write(config, ask_str_text(&text), text.length, &err) ||
        !ask_model_init(dir, config, &init, &err))
        give_up(err.message);
    ask_str_free(&text);
    free(config);
    bench_temp_dir_remove(tokens);
    free(tokens);
}

/* ---- asking ---- */

bench_heard bench_say(ask_talk *t, const char *text)
{
    ask_generated said;
    ask_error err = {0};
    double start_s = ask_clock_s();
    if (!ask_talk_say(&said, t, text, NULL, &err)) give_up(err.message);
    double all_s = ask_clock_s() - start_s;
    bench_heard h = {all_s - said.rest_s, said.rest_s, said.n_prompt, said.n_reused,
                     said.n};
    ask_generated_free(&said);
    return h;
}
