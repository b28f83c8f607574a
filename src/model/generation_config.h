/* model/generation_config.h - how a checkpoint's authors have it write:
 * generation_config.json of a Hugging Face folder, and what config.json has of it. */
#ifndef ASK_MODEL_GENERATION_CONFIG_H
#define ASK_MODEL_GENERATION_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { ASK_MOST_END_IDS = 16 };

typedef struct {
    int64_t end_ids[ASK_MOST_END_IDS]; // each ends a text
    int n_end_ids;
    int64_t begin_id, pad_id; // -1: none; pad_id is then the first end, or 0
    int64_t start_id;         // "decoder_start_token_id", of an encoder-decoder; -1: none
    bool samples;             // "do_sample"
    double temperature, top_p, min_p, repetition_penalty, length_penalty;
    int top_k;   // 0: all
    int n_beams; // 1: none
} ask_generation_config;

/* The files, and what the ids are that none of them says. */
typedef struct {
    const char *generation;           // generation_config.json; NULL: there is none
    const char *config;               // config.json
    int64_t begin_id, end_id, pad_id; // -1: none
    const char *config_text; // what is in `config`, where that is no file; NULL: it is read
    int64_t start_id;        // as the others
} ask_generation_sources;

/* An id, of which a null says nothing, is that of generation_config.json, else of
 * config.json, else of the "text_config" in it, else the given one; -1 or an empty list
 * says that there is none. The other keys belong together: they are of
 * generation_config.json, or, where it is not there, of config.json; absent ones have the
 * defaults of transformers, but top_k, which is off. Fails: ASK_ERR_MODEL, ASK_ERR_NOMEM.
 */
ASK_API bool ask_generation_config_read(ask_generation_config *out,
                                        const ask_generation_sources *from, ask_error *err);

ASK_API bool ask_generation_ends(const ask_generation_config *c, int64_t id);

#endif
