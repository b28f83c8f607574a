/* support/llama_cpp.h - llama.cpp on the same model file as ours, to be timed in turns.
 *
 * Its programs llama-bench and llama-quantize are found in the folder ASKANCE_LLAMA_CPP. To
 * make them for this processor, from its sources in llama.cpp/:
 *
 *     cmake -S llama.cpp -B llama -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON
 *     cmake --build llama --target llama-bench llama-quantize
 *     ASKANCE_LLAMA_CPP=llama/bin ASKANCE_PEERS=peers make bench ROWS=...
 *
 * Failures are ASK_ERR_IO or ASK_ERR_FORMAT, with what the program said last. */
#ifndef BENCH_LLAMA_CPP_H
#define BENCH_LLAMA_CPP_H

#include <stdbool.h>

#include "base/error.h"

typedef struct {
    char *bench, *quantize; // the two programs
    char name[160];         // "llama.cpp 0.5.0-dev (build 1, commit 0123456)"
} bench_llama_cpp;

/* Finds the programs and asks for their version. Fails also when ASKANCE_LLAMA_CPP is not
 * set: ASK_ERR_NOT_FOUND. */
bool bench_llama_cpp_open(bench_llama_cpp *out, ask_error *err);
void bench_llama_cpp_close(bench_llama_cpp *l);

/* The path of a model of LLaMA's shape with random weights (1.1 billion, see
 * tools/bench/llama_gguf.py), in one of llama.cpp's types: "F16", "Q8_0", "Q4_K_M". It is
 * made once, under bench_place, and stays there for later runs; the first also makes F16 by
 * the Python of ASKANCE_PEERS. Freed by the caller. */
char *bench_llama_cpp_model(const bench_llama_cpp *l, const char *type, ask_error *err);

typedef struct {
    double prompt_tokens_s; // in batches of 512; only the last token's scores are computed
    double decode_tokens_s; // one after the other, from an empty cache
} bench_llama_cpp_speed;

/* Reads a prompt of n_prompt tokens, then generates n_generated from nothing, each once
 * behind a run of llama-bench's own that warms up; of a count of 0 the speed is 0. With
 * flash attention; with weights as they lie in the file and repacked, of which the faster
 * one counts. It is a process that opens the model, which the speeds leave out: to compare
 * with ours, call it between our own runs, several times, and take the same statistic of
 * both. */
bool bench_llama_cpp_run(bench_llama_cpp_speed *out, const bench_llama_cpp *l,
                         const char *model, int n_threads, int n_prompt, int n_generated,
                         ask_error *err);

#endif
