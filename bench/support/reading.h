/* support/reading.h - a language model that reads prompts and writes tokens, with the clock
 * beside it. What fails ends the program, with why. */
#ifndef BENCH_READING_H
#define BENCH_READING_H

#include "model/context.h"

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_context *context;
    int64_t n_vocab;
    float *logits; // [n_vocab]
} bench_reading;

/* With room for n_rows places. */
bench_reading bench_reading_open(const char *dir, int n_threads, int n_rows);
void bench_reading_close(bench_reading *r);

/* Seconds for a prompt of n places that has nothing in common with that of another round.
 */
double bench_reading_prompt(bench_reading *r, int n, int round);

/* Seconds for n tokens after each other, the first of them the first that there is. */
double bench_reading_decode(bench_reading *r, int n);

#endif
