/* model/generate.h - a language model goes on with what it has read.
 *
 *     ask_generated said;
 *     if (!ask_generate(&said, context, places, n_places, &opt, err)) ...
 *     puts(said.text); ask_generated_free(&said);
 */
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

typedef struct {
    size_t struct_size;
    int max_tokens; // 256
    ask_sampler_options sampler;
    uint64_t seed;         // of what is drawn
    int n_beams;           // 1: none; more than one: the sampler must take the likeliest
    double length_penalty; // of beams: their sums are divided by length to the power of it
    const char *const *stops; // [n_stops] strings at which a text ends
    int n_stops;
    /* Told of the text as it comes, in pieces of valid UTF-8 that are final: nothing that a
     * stop string may take back. false ends the text. Not called with beams before the end.
     * May be NULL. */
    bool (*on_text)(void *user, const char *text, size_t n_bytes);
    void *user;
    const ask_cancel *cancel;
    const ask_progress *progress; // tokens of the prompt
} ask_generate_options;

/* 256 tokens, likeliest first, as generation_config.json of the model says else. */
ASK_API ask_generate_options ask_generate_defaults(const ask_model *m);

typedef struct {
    int64_t *ids;     // owned; [n], those that ended it not among them
    double *logprobs; // owned; [n], of each before temperature, penalty and the rest
    int n;
    char *text; // owned; without special tokens, trimmed of blanks at both ends
    ask_end end;
    int n_prompt, n_reused; // places of the prompt, and those that need not be read
    double first_s, rest_s; // until the first token is known, and from then on
} ask_generated;

/* Reads the prompt and goes on with it. The context has then read the prompt and the text,
 * so that a next prompt which begins with both reads only what is new. opt may be NULL.
 * Fails: ASK_ERR_USAGE (options), or as ask_context_read; a cancelled call has no result.
 */
ASK_API bool ask_generate(ask_generated *out, ask_context *c, const ask_place *places,
                          int n, const ask_generate_options *opt, ask_error *err);
ASK_API void ask_generated_free(ask_generated *g); // leaves {0}

#endif
