/* support/reader.h - a small language model of the fixtures that reads long texts.
 *
 *     reader r = reader_open("golden/llama_mha");
 *     ask_context *c = reader_context(&r, 100);
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef TEST_READER_H
#define TEST_READER_H

#include "model/context.h"

enum { READER_MOST = 512 }; // places that it reads

typedef struct {
    char *dir;
    ask_model *model;
    ask_session *session;
    ask_language_info info;
    int n_vocab;
} reader;

/* With one thread. */
reader reader_open(const char *fixture);
void reader_close(reader *r);

ask_context *reader_context(const reader *r, int n_rows);

/* Tokens that look like chance, the same for each seed. */
void reader_text(ask_place *places, int n, int n_vocab, int seed);

/* Reads, and gives the logits [n_vocab]; the latter are freed by the caller. */
float *reader_read(ask_context *c, const ask_place *places, int n);
float *reader_add(ask_context *c, int64_t id);

/* Fails the test unless all are within 2e-4, and 1e-4 of the expected: pieces of another
 * length are summed in another order. */
void reader_near(const char *what, const float *actual, const float *expected, int n);

#endif
