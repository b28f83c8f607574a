/* bench/gguf.c - GGUF files of a language model of LLaMA's shape and 1.1 billion random
 * weights, type by type: reading a prompt, and writing one token after the other.
 *
 * Beside it in turns llama.cpp on the same files, as fast as it gets with weights as they
 * lie or repacked (support/llama_cpp.h). Without it there are no files, and nothing is
 * measured. */
#include <stdio.h>
#include <stdlib.h>

#include "support/llama_cpp.h"
#include "support/reading.h"
#include "support/table.h"
#include "support/timing.h"

enum { N_PROMPT = 128, N_DECODED = 24, N_ROUNDS = 3 };

static const char *const types[] = {"Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0"};

static void give_up(const char *why)
{
    fprintf(stderr, "bench/gguf: %s\n", why);
    exit(1);
}

/* The median of what ours is to theirs, round by round. */
static double ratio(const double ours[N_ROUNDS], const double theirs[N_ROUNDS])
{
    double each[N_ROUNDS];
    for (int i = 0; i < N_ROUNDS; i++) each[i] = ours[i] / theirs[i];
    return bench_median(each, N_ROUNDS);
}

static void bench_type(const bench_llama_cpp *l, const char *type, int n_threads)
{
    ask_error err = {0};
    double prompt[N_ROUNDS], decoded[N_ROUNDS], their_prompt[N_ROUNDS], theirs[N_ROUNDS];
    char *path = bench_llama_cpp_model(l, type, &err), what[64];
    if (!path) give_up(err.message);
    bench_reading r = bench_reading_open(path, n_threads, N_PROMPT + N_DECODED);
    bench_reading_prompt(&r, N_PROMPT, N_ROUNDS); // plans are made
    bench_reading_decode(&r, 2);
    for (int i = 0; i < N_ROUNDS; i++) {
        bench_llama_cpp_speed s;
        prompt[i] = N_PROMPT / bench_reading_prompt(&r, N_PROMPT, i);
        decoded[i] = N_DECODED / bench_reading_decode(&r, N_DECODED);
        if (!bench_llama_cpp_run(&s, l, path, n_threads, N_PROMPT, N_DECODED, &err))
            give_up(err.message);
        their_prompt[i] = s.prompt_tokens_s;
        theirs[i] = s.decode_tokens_s;
    }
    double of_prompt = ratio(prompt, their_prompt), of_decoding = ratio(decoded, theirs);
    snprintf(what, sizeof what, "%s, prompt", type);
    bench_table_row(what, bench_median(prompt, N_ROUNDS), "tokens/s",
                    "%.2f times llama.cpp", of_prompt);
    snprintf(what, sizeof what, "%s, decoding", type);
    bench_table_row(what, bench_median(decoded, N_ROUNDS), "tokens/s",
                    "%.2f times llama.cpp", of_decoding);
    bench_reading_close(&r);
    free(path);
}

int main(void)
{
    ask_error err = {0};
    bench_llama_cpp l;
    bench_machine m = bench_machine_measure();
    bench_table_open("gguf: a language model of 1.1 billion weights, 1 thread", &m);
    if (!bench_llama_cpp_open(&l, &err)) {
        printf("    peer: %s\n", err.message);
        return 0;
    }
    printf("    peer: %s\n", l.name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) bench_type(&l, types[i], 1);
    bench_llama_cpp_close(&l);
    return 0;
}
