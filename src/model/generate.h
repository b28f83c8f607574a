/* model/generate.h - a language model goes on with what it has read.
 *
 *     ask_generated said;
 *     if (!ask_generate(&said, context, places, n_places, &opt, err)) ...
 *     puts(said.text); ask_generated_free(&said);
 *
 * Token after token is drawn (model/sampler.h), or the best of several texts that are
 * followed at once is taken: beams, as transformers has them with early_stopping off. */
#ifndef ASK_MODEL_GENERATE_H
#define ASK_MODEL_GENERATE_H

#include "model/context.h"
#include "model/sampler.h"

/* What ended a text. */
typedef enum {
    ASK_END_TOKEN,   // a token that ends texts
    ASK_END_STOP,    // one of the stop strings, which is left out
    ASK_END_LENGTH,  // max_tokens
    ASK_END_CONTEXT, // the context is full
    ASK_END_CALLER,  // on_text said so
} ask_end;

enum { ASK_MOST_BEAMS = 64 };

typedef struct {
    size_t struct_size;
    int max_tokens; // 256
    ask_sampler_options sampler;
    uint64_t seed; // of what is drawn: the same gives the same text
    int n_beams; // 1: none. With more the sampler's temperature must be 0; they are fastest
                 // where the context has n_beams places for a token
    double length_penalty; // of beams: their sums of log-probabilities are divided by their
                           // length, the end counted, to the power of it
    /* [n_stops] texts, UTF-8, not empty, at which a text ends: wherever in it they begin.
     * Of beams, it is the best that ends there. They need a tokenizer. */
    const char *const *stops;
    int n_stops;
    /* Told of the text as it comes, in pieces of valid UTF-8 that are final: nothing that a
     * stop string, or the trimming of blanks, may take back. Together they are the text.
     * false ends the text with that piece. With beams it is called once, at the end. May be
     * NULL. */
    bool (*on_text)(void *user, const char *text, size_t n_bytes);
    void *user;
    const ask_cancel *cancel;
    const ask_progress *progress; // tokens of the prompt
} ask_generate_options;

/* 256 tokens and the likeliest first, where generation_config.json of the model does not
 * say else. */
ASK_API ask_generate_options ask_generate_defaults(const ask_model *m);

typedef struct {
    /* Owned; [n]: those of which the text is. A token that ends texts is not among them;
     * neither are those from the one on in which a stop string begins, though the text has
     * what stands before it in that one. */
    int64_t *ids;
    double *logprobs; // owned; [n], of each before temperature, penalty and the rest
    int n;
    char *text; // owned; without special tokens, trimmed of blanks (spaces, tabs, ends of
                // lines) at both ends; "" where the model has no tokenizer
    ask_end end;
    int n_prompt, n_reused; // places of the prompt, and those that need not be read
    double score;           // of the best beam: its sum, divided; 0 without beams
    double first_s, rest_s; // until the first token is known, and from then on
} ask_generated;

/* Reads the prompt and goes on with it. The context has then read the prompt and the ids,
 * perhaps but the last, so that a next prompt which begins with both reads only what is
 * new; an encoder-decoder reads less of the same prompt alone (model/context.h).
 * opt may be NULL. Fails: ASK_ERR_USAGE (options), ASK_ERR_MODEL for stop strings without a
 * tokenizer and for one that cannot be opened, or as ask_context_read does. After a
 * failure, and when it was cancelled, there is no result, *out is untouched, and the
 * context has read a part of what it would have. */
ASK_API bool ask_generate(ask_generated *out, ask_context *c, const ask_place *places,
                          int n, const ask_generate_options *opt, ask_error *err);
ASK_API void ask_generated_free(ask_generated *g); // leaves {0}

#endif
