/* bench/few_bits.c - a language model of LLaMA's shape and 1.1 billion random weights, of 8
 * and of 4 bits: reading a prompt, and writing one token after the other.
 *
 * Beside it in turns: llama.cpp on a model of the same shape, where it is installed
 * (support/llama_cpp.h), and the reading of as many bytes of memory as the weights are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "support/llama_cpp.h"
#include "support/model.h"
#include "support/reading.h"
#include "support/table.h"
#include "support/timing.h"
#include "tensor/cpu/cpu.h"
#include "tensor/cpu/peak.h"
#include "weights/weights.h"

enum { N_PROMPT = 512, N_DECODED = 32, N_ROUNDS = 3 };

static const char config[] =
    "{\"model_type\": \"llama\", \"hidden_size\": 2048, \"intermediate_size\": 5632,\n"
    " \"num_hidden_layers\": 22, \"num_attention_heads\": 32,\n"
    " \"num_key_value_heads\": 4, \"vocab_size\": 32000,\n"
    " \"max_position_embeddings\": 4096}\n";

static void give_up(const char *why)
{
    fprintf(stderr, "bench/few_bits: %s\n", why);
    exit(1);
}

static void *allocate(size_t count, size_t item_bytes)
{
    void *p = calloc(count, item_bytes);
    if (!p) give_up("out of memory");
    return p;
}

/* ---- ours ---- */

typedef struct {
    bench_reading reading;
    double read_bytes; // of weights, for each token
} reader;

/* All matrices but the table of tokens, of which a token reads one row. */
static double bytes_of_a_token(const char *dir)
{
    ask_error err = {0};
    double bytes = 0;
    ask_weights *w = ask_weights_open(dir, &err);
    if (!w) give_up(err.message);
    for (size_t i = 0; i < ask_weights_count(w); i++) {
        const ask_weights_entry *e = ask_weights_at(w, i);
        if (!strstr(e->name, "embed_tokens")) bytes += (double)e->bytes;
    }
    ask_weights_close(w);
    return bytes;
}

static reader reader_open(const char *name, ask_dtype type, int n_threads)
{
    char dir[BENCH_MODEL_DIR_BYTES];
    bench_model_dir_as(dir, name, config, type);
    return (reader){bench_reading_open(dir, n_threads, N_PROMPT + N_DECODED),
                    bytes_of_a_token(dir)};
}

/* ---- rounds ---- */

typedef enum { EIGHT, FOUR, N_WIDTHS } width;

/* The types of llama.cpp's that are compared with: the one that ours corresponds to, and
 * those that were fastest for prompts where it was tried. */
static const char *const peer_types[] = {"Q8_0", "Q5_K_M", "Q4_K_M"};
enum { N_PEERS = sizeof peer_types / sizeof *peer_types };

typedef struct {
    double prompt[N_ROUNDS], decoded[N_ROUNDS]; // tokens/s
} speeds;

typedef struct {
    speeds ours[N_WIDTHS], peers[N_PEERS];
    double read[N_ROUNDS]; // GB/s
} results;

static double median(const double x[N_ROUNDS])
{
    double sorted[N_ROUNDS];
    memcpy(sorted, x, sizeof sorted);
    return bench_median(sorted, N_ROUNDS);
}

/* The median of what two rows are to each other, round by round. */
static double ratio(const double x[N_ROUNDS], const double y[N_ROUNDS])
{
    double each[N_ROUNDS];
    for (int i = 0; i < N_ROUNDS; i++) each[i] = x[i] / y[i];
    return median(each);
}

/* The peer's models; NULL where it is not installed. */
typedef struct {
    bench_llama_cpp program;
    char *model[N_PEERS];
} peer;

static bool peer_open(peer *p)
{
    ask_error err = {0};
    if (!bench_llama_cpp_open(&p->program, &err)) {
        printf("    peer: %s\n", err.message);
        return false;
    }
    for (int i = 0; i < N_PEERS; i++) {
        p->model[i] = bench_llama_cpp_model(&p->program, peer_types[i], &err);
        if (!p->model[i]) give_up(err.message);
    }
    printf("    peer: %s\n", p->program.name);
    return true;
}

static void peer_close(peer *p)
{
    for (int i = 0; i < N_PEERS; i++) free(p->model[i]);
    bench_llama_cpp_close(&p->program);
}

static void run_peer(results *r, int round, const peer *p, int type, int n_threads)
{
    ask_error err = {0};
    bench_llama_cpp_speed s;
    if (!bench_llama_cpp_run(&s, &p->program, p->model[type], n_threads, N_PROMPT,
                             N_DECODED, &err))
        give_up(err.message);
    r->peers[type].prompt[round] = s.prompt_tokens_s;
    r->peers[type].decoded[round] = s.decode_tokens_s;
}

static void run_round(results *r, int round, reader readers[N_WIDTHS], const peer *p,
                      int n_threads)
{
    const ask_cpu_options opt = {.struct_size = sizeof opt, .n_threads = n_threads};
    ask_error err = {0};
    ask_backend *cpu = ask_cpu_open(&opt, &err);
    if (!cpu) give_up(err.message);
    size_t bytes = (size_t)readers[EIGHT].read_bytes;
    char *memory = allocate(bytes, 1);
    memset(memory, 1, bytes);
    for (width w = 0; w < N_WIDTHS; w++) {
        r->ours[w].prompt[round] =
            N_PROMPT / bench_reading_prompt(&readers[w].reading, N_PROMPT, round);
        r->ours[w].decoded[round] =
            N_DECODED / bench_reading_decode(&readers[w].reading, N_DECODED);
    }
    double start_s = ask_clock_s();
    ask_cpu_read(cpu, memory, bytes);
    r->read[round] = (double)bytes / (ask_clock_s() - start_s) / 1e9;
    free(memory);
    ask_backend_close(cpu);
    for (int i = 0; p && i < N_PEERS; i++) run_peer(r, round, p, i, n_threads);
}

/* ---- the table ---- */

static double fastest_prompt(const results *r, const char **type)
{
    int best = 0;
    for (int i = 1; i < N_PEERS; i++)
        if (median(r->peers[i].prompt) > median(r->peers[best].prompt)) best = i;
    *type = peer_types[best];
    return ratio(r->ours[EIGHT].prompt, r->peers[best].prompt);
}

static void print_prompt(const results *r, bool has_peer, double gops_of_a_token)
{
    const speeds *o = r->ours;
    double eight = median(o[EIGHT].prompt);
    bench_table_row("prompt, 8 bits", eight, "tokens/s", "%.0f GOP/s",
                    eight * gops_of_a_token);
    bench_table_row("prompt, 4 bits", median(o[FOUR].prompt), "tokens/s",
                    "%.2f of 8 bits (target: 0.9)", ratio(o[FOUR].prompt, o[EIGHT].prompt));
    if (!has_peer) return;
    const char *type;
    double fastest = fastest_prompt(r, &type);
    for (int i = 0; i < N_PEERS; i++)
        bench_table_row(peer_types[i], median(r->peers[i].prompt), "tokens/s",
                        "ours of 8 bits is %.2f times as fast%s",
                        ratio(o[EIGHT].prompt, r->peers[i].prompt),
                        i == 0 ? " (target: 3.0)" : "");
    printf("    8 bits to its fastest, %s: %.2f (target: 1.3)\n", type, fastest);
}

static void print_decoding(const results *r, bool has_peer, const reader readers[N_WIDTHS])
{
    const speeds *o = r->ours;
    double eight = readers[EIGHT].read_bytes, four = readers[FOUR].read_bytes;
    double read[N_ROUNDS];
    for (int i = 0; i < N_ROUNDS; i++) read[i] = r->read[i] * 1e9 / eight;
    bench_table_row("decoding, 8 bits", median(o[EIGHT].decoded), "tokens/s",
                    "%.1f GB/s of %.1f; %.2f of that (target: 0.90)",
                    median(o[EIGHT].decoded) * eight / 1e9, median(r->read),
                    ratio(o[EIGHT].decoded, read));
    bench_table_row("decoding, 4 bits", median(o[FOUR].decoded), "tokens/s",
                    "%.2f of 8 bits by the bytes (target: 0.92)",
                    ratio(o[FOUR].decoded, o[EIGHT].decoded) / (eight / four));
    for (int i = 0; has_peer && i < N_PEERS; i++)
        bench_table_row(peer_types[i], median(r->peers[i].decoded), "tokens/s",
                        "ours of 8 bits is %.2f times as fast%s",
                        ratio(o[EIGHT].decoded, r->peers[i].decoded),
                        i == 0 ? " (target: 1.0)" : "");
}

static void bench_threads(int n_threads, const peer *p)
{
    reader readers[N_WIDTHS] = {
        [EIGHT] = reader_open("llama-1.1b-q8", ASK_Q8, n_threads),
        [FOUR] = reader_open("llama-1.1b-q4", ASK_Q4, n_threads),
    };
    results r;
    ask_language_info info;
    ask_error err = {0};
    if (!ask_language_info_of(&info, readers[EIGHT].reading.model, &err))
        give_up(err.message);
    for (width w = 0; w < N_WIDTHS; w++) { // plans are made
        bench_reading_prompt(&readers[w].reading, N_PROMPT, N_ROUNDS);
        bench_reading_decode(&readers[w].reading, N_DECODED);
    }
    for (int round = 0; round < N_ROUNDS; round++)
        run_round(&r, round, readers, p, n_threads);
    printf("  %d thread%s\n", n_threads, n_threads == 1 ? "" : "s");
    print_prompt(&r, p, info.place_flops / 1e9);
    print_decoding(&r, p, readers);
    for (width w = 0; w < N_WIDTHS; w++) bench_reading_close(&readers[w].reading);
}

int main(void)
{
    bench_machine m = bench_machine_measure();
    bench_table_open("few bits: a language model of 1.1 billion weights, 512 tokens", &m);
    peer p = {0};
    bool has_peer = peer_open(&p);
    bench_threads(1, has_peer ? &p : NULL);
    if (m.n_threads > 1) bench_threads(m.n_threads, has_peer ? &p : NULL);
    if (has_peer) peer_close(&p);
    return 0;
}
