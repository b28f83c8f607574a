/* bench/llava_7b.c - LLaVA-NeXT-Video-7B's shapes with random weights of 8 bits: the first
 * answer about a video, the memory it takes, and how fast such folders open. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/file.h"
#include "model/context.h"
#include "support/long_clip.h"
#include "support/model.h"
#include "support/place.h"
#include "support/table.h"
#include "support/talker.h"
#include "weights/safetensors.h"

enum { WIDTH = 640, HEIGHT = 360, N_OPENINGS = 5, N_SAID = 24 };

static const double MIB = 1 << 20, GB = 1e9;

static const bench_talker_sizes sizes = {.width = 4096,
                                         .inner = 11008,
                                         .n_layers = 32,
                                         .n_heads = 32,
                                         .n_vocab = 32064,
                                         .vision_width = 1024,
                                         .vision_inner = 4096,
                                         .vision_layers = 24,
                                         .vision_heads = 16,
                                         .matrices = ASK_Q8};

static const char question[] = "What happens in this video?";

static void give_up(const char *why)
{
    fprintf(stderr, "bench/llava_7b: %s\n", why);
    exit(1);
}

/* ---- an answer ---- */

static void print_heard(const bench_heard *h, const ask_model *m, const ask_talk_plan *plan)
{
    ask_language_info info;
    ask_error err = {0};
    if (!ask_language_info_of(&info, m, &err)) give_up(err.message);
    double n = h->n_prompt, seen = info.seen_flops * n * n / 2;
    double first_gop = (info.place_flops * n + seen) / 1e9;
    double frames_gop = plan->gflop - first_gop;
    bench_table_row("first answer, to its first token", h->first_s, "s",
                    "%d tokens of prompt, %d of %d frames; %.0f GOP/s", h->n_prompt,
                    plan->n_visual, plan->n_frames,
                    (first_gop + (frames_gop > 0 ? frames_gop : 0)) / h->first_s);
    double each_s = h->rest_s / (h->n_tokens - 1);
    bench_table_row("then", 1 / each_s, "tokens/s", "%.1f GB/s of weights",
                    (double)ask_model_info_of(m).weight_bytes / each_s / GB);
}

static void print_memory(const ask_model *m, const ask_talk_plan *plan)
{
    double weights = (double)ask_model_info_of(m).weight_bytes / MIB;
    double most = (double)ask_peak_resident_bytes() / MIB,
           cache = ask_context_bytes(m, plan->n_context) / MIB;
    bench_table_row("resident memory at its most", most, "MiB",
                    "weights %.0f, what was read %.0f, the rest %.0f (target: 600)",
                    weights, cache, most - weights - cache);
}

/* The first of two answers brings the weights into memory; of the second the numbers are
 * told. */
static void bench_answer(const char *dir, const char *clip, int n_threads)
{
    ask_error err = {0};
    const ask_model_options opt = {.struct_size = sizeof opt, .n_threads = n_threads};
    ask_talk_options o = ask_talk_defaults();
    o.max_tokens = N_SAID;
    ask_model *m = ask_model_open(dir, &opt, &err);
    if (!m) give_up(err.message);
    for (int round = 0; round < 2; round++) {
        ask_session *s = ask_session_open(m, &err);
        ask_video *v = s ? ask_video_open(clip, NULL, &err) : NULL;
        ask_talk *t = v ? ask_talk_open(v, s, &o, &err) : NULL;
        ask_talk_plan plan;
        if (!t || !ask_talk_plan_of(&plan, t, question, &err)) give_up(err.message);
        bench_heard h = bench_say(t, question);
        if (round == 1) print_heard(&h, m, &plan);
        if (round == 1) print_memory(m, &plan);
        ask_talk_close(t);
        ask_video_close(v);
        ask_session_close(s);
    }
    ask_model_close(m);
}

/* ---- opening ---- */

enum { BIG_WIDTH = 5120, BIG_INNER = 13824, BIG_LAYERS = 40, BIG_VOCAB = 32000 };

static const char big_config[] =
    "{\"model_type\": \"llama\", \"hidden_size\": 5120, \"intermediate_size\": 13824,"
    " \"num_hidden_layers\": 40, \"num_attention_heads\": 40, \"vocab_size\": 32000}\n";

enum { OF_LAYER = 9, MOST_ENTRIES = BIG_LAYERS * OF_LAYER + 3 };

typedef struct {
    ask_weights_entry list[MOST_ENTRIES];
    char names[MOST_ENTRIES][64];
    size_t n;
} entries;

static void add(entries *e, int64_t n, int64_t k, const char *format, int layer,
                const char *part)
{
    char *name = e->names[e->n];
    snprintf(name, sizeof e->names[0], format, layer, part);
    ask_weights_entry *one = &e->list[e->n++];
    *one = (ask_weights_entry){.name = name,
                               .type = k ? ASK_Q8 : ASK_F32,
                               .n_dims = k ? 2 : 1,
                               .shape = {n, k},
                               .n_elements = k ? n * k : n};
    if (!ask_dtype_bytes_of(&one->bytes, one->type, one->n_dims, one->shape))
        give_up("no such shape");
}

static void add_layer(entries *e, int i)
{
    static const struct {
        const char *name;
        int64_t n, k;
    } parts[OF_LAYER] = {
        {"self_attn.q_proj", BIG_WIDTH, BIG_WIDTH},
        {"self_attn.k_proj", BIG_WIDTH, BIG_WIDTH},
        {"self_attn.v_proj", BIG_WIDTH, BIG_WIDTH},
        {"self_attn.o_proj", BIG_WIDTH, BIG_WIDTH},
        {"mlp.gate_proj", BIG_INNER, BIG_WIDTH},
        {"mlp.up_proj", BIG_INNER, BIG_WIDTH},
        {"mlp.down_proj", BIG_WIDTH, BIG_INNER},
        {"input_layernorm", BIG_WIDTH, 0},
        {"post_attention_layernorm", BIG_WIDTH, 0},
    };
    for (int part = 0; part < OF_LAYER; part++)
        add(e, parts[part].n, parts[part].k, "model.layers.%d.%s.weight", i,
            parts[part].name);
}

/* Zeros: what opening costs does not depend on them. */
static void put_zeros(ask_safetensors_writer *w, size_t i, size_t n_bytes)
{
    enum { PIECE = 1 << 20 };
    static const char zeros[PIECE];
    ask_error err = {0};
    for (size_t done = 0; done < n_bytes; done += PIECE) {
        size_t piece = n_bytes - done < PIECE ? n_bytes - done : PIECE;
        if (!ask_safetensors_writer_put_part(w, i, zeros, piece, &err))
            give_up(err.message);
    }
}

static void make_big(const char *dir)
{
    static entries e;
    ask_error err = {0};
    char *path = bench_path(dir, "model.safetensors");
    char *config = bench_path(dir, "config.json");
    for (int i = 0; i < BIG_LAYERS; i++) add_layer(&e, i);
    add(&e, BIG_VOCAB, BIG_WIDTH, "model.embed_tokens.weight", 0, "");
    add(&e, BIG_VOCAB, BIG_WIDTH, "lm_head.weight", 0, "");
    add(&e, BIG_WIDTH, 0, "model.norm.weight", 0, "");
    ask_safetensors_writer *w =
        ask_safetensors_writer_open(path, e.list, e.n, NULL, 0, &err);
    if (!w) give_up(err.message);
    for (size_t i = 0; i < e.n; i++) put_zeros(w, i, e.list[i].bytes);
    if (!ask_safetensors_writer_commit(w, &err) ||
        !ask_file_write(config, big_config, strlen(big_config), &err))
        give_up(err.message);
    free(path);
    free(config);
}

static void bench_opening(const char *dir)
{
    double best = 1e9, bytes = 0;
    for (int i = 0; i < N_OPENINGS; i++) {
        ask_error err = {0};
        double start_s = ask_clock_s();
        ask_model *m = ask_model_open(dir, NULL, &err);
        double s = ask_clock_s() - start_s;
        if (!m) give_up(err.message);
        bytes = (double)ask_model_info_of(m).weight_bytes;
        ask_model_close(m);
        if (s < best) best = s;
    }
    bench_table_row("opening", 1e3 * best, "ms", "%.1f GB (target: 100 ms for 13 GB)",
                    bytes / GB);
}

/* ---- all ---- */

int main(void)
{
    char *dir = bench_place("llava-next-video-7b-q8"), *place = bench_temp_dir();
    char *seed = bench_path(place, "seed.mp4"), *clip = bench_path(place, "clip.mp4");
    char *big = bench_path(place, "big");
    ask_error err = {0};
    if (!bench_model_is_there(dir)) bench_talker_make(dir, &sizes);
    bench_seed_clip(seed, WIDTH, HEIGHT);
    bench_repeat_clip(clip, seed, 20);
    const bench_machine m = bench_machine_measure();
    bench_table_open("LLaVA-NeXT-Video-7B's shapes in 8 bits, 8 frames", &m);
    bench_answer(dir, clip, m.n_threads);
    if (!ask_dir_make(big, &err)) give_up(err.message);
    make_big(big);
    bench_opening(big);
    bench_temp_dir_remove(place);
    free(dir);
    free(place);
    free(seed);
    free(clip);
    free(big);
    return 0;
}
