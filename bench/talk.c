/* bench/talk.c - two questions about one video to a language model of LLaVA-NeXT-Video's
 * shape, small and of random weights: what the first costs, and what the second does, of
 * which only the words are new. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "model/init.h"
#include "support/long_clip.h"
#include "support/model.h"
#include "support/place.h"
#include "support/table.h"
#include "support/timing.h"
#include "text/bpe_train.h"
#include "text/tokenizer.h"
#include "vqa/talk.h"

enum { N_ROUNDS = 5, WIDTH = 640, HEIGHT = 360, N_TOKENS = 300 };

static const char first_question[] = "What happens in this video?";
static const char second_question[] = "And what is the colour of it?";

static void give_up(const char *why)
{
    fprintf(stderr, "bench/talk: %s\n", why);
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
static void make_model(const char *dir)
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
        " \"hidden_size\": 512, \"intermediate_size\": 1376, \"num_hidden_layers\": 8,"
        " \"num_attention_heads\": 8, \"max_position_embeddings\": 4096, \"vocab_size\": "
        "%d},"
        " \"vision_config\": {\"hidden_size\": 384, \"intermediate_size\": 1536,"
        " \"num_hidden_layers\": 6, \"num_attention_heads\": 6, \"image_size\": 336,"
        " \"patch_size\": 14}}",
        (int)ask_tokenizer_id(t, "<image>"), (int)ask_tokenizer_id(t, "<video>"),
        ask_tokenizer_n_tokens(t));
    ask_tokenizer_close(t);
    const ask_model_init_options init = {.struct_size = sizeof init, .tokenizer = tokens};
    if (!ask_file_write(config, ask_str_text(&text), text.length, &err) ||
        !ask_model_init(dir, config, &init, &err))
        give_up(err.message);
    ask_str_free(&text);
    free(config);
    bench_temp_dir_remove(tokens);
    free(tokens);
}

/* ---- asking ---- */

typedef struct {
    double first_s; // from asking to the first token
    int n_prompt, n_reused;
} heard;

static heard say(ask_talk *t, const char *question)
{
    ask_generated said;
    ask_error err = {0};
    double start_s = ask_clock_s();
    if (!ask_talk_say(&said, t, question, NULL, &err)) give_up(err.message);
    double all_s = ask_clock_s() - start_s;
    heard h = {all_s - said.rest_s, said.n_prompt, said.n_reused};
    ask_generated_free(&said);
    return h;
}

/* Two questions in a row, each apart from the other. */
static void ask_twice(heard out[2], ask_model *m, const char *clip)
{
    ask_error err = {0};
    ask_talk_options o = ask_talk_defaults();
    o.max_tokens = 4;
    ask_video *v = ask_video_open(clip, NULL, &err);
    ask_session *s = v ? ask_session_open(m, &err) : NULL;
    ask_talk *t = s ? ask_talk_open(v, s, &o, &err) : NULL;
    if (!t) give_up(err.message);
    out[0] = say(t, first_question);
    ask_talk_forget(t);
    out[1] = say(t, second_question);
    ask_talk_close(t);
    ask_session_close(s);
    ask_video_close(v);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, compare);
    return x[n / 2];
}

static void measure(ask_model *m, const char *clip)
{
    double first[N_ROUNDS], second[N_ROUNDS], ratio[N_ROUNDS];
    heard h[2];
    ask_twice(h, m, clip); // packs the weights
    for (int i = 0; i < N_ROUNDS; i++) {
        ask_twice(h, m, clip);
        first[i] = h[0].first_s;
        second[i] = h[1].first_s;
        ratio[i] = second[i] / first[i];
    }
    bench_table_row("first question, to its first token", 1e3 * median(first, N_ROUNDS),
                    "ms", "%d tokens, 8 frames", h[0].n_prompt);
    bench_table_row("second question", 1e3 * median(second, N_ROUNDS), "ms",
                    "%d tokens, %d of them read before", h[1].n_prompt, h[1].n_reused);
    bench_table_row("second of first", median(ratio, N_ROUNDS), "", "at most 0.1");
}

int main(void)
{
    char *dir = bench_temp_dir(), *model = bench_path(dir, "model");
    char *seed = bench_path(dir, "seed.mp4"), *clip = bench_path(dir, "clip.mp4");
    ask_error err = {0};
    make_model(model);
    bench_seed_clip(seed, WIDTH, HEIGHT);
    bench_repeat_clip(clip, seed, 20);
    ask_model *m = ask_model_open(model, NULL, &err);
    if (!m) give_up(err.message);
    const bench_machine machine = bench_machine_measure();
    bench_table_open("Two questions about one video", &machine);
    measure(m, clip);
    ask_model_close(m);
    bench_temp_dir_remove(dir);
    free(dir);
    free(model);
    free(seed);
    free(clip);
    return 0;
}
