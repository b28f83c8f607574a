/* model/generation_config.h - how a checkpoint's authors have it write:
 * generation_config.json of a Hugging Face folder. */
#ifndef ASK_MODEL_GENERATION_CONFIG_H
#define ASK_MODEL_GENERATION_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { ASK_MOST_END_IDS = 16 };

typedef struct {
    int64_t end_ids[ASK_MOST_END_IDS]; // each ends a text
    int n_end_ids;
    int64_t begin_id, pad_id; // -1: not told; pad_id is then the first end, or 0
    bool samples;             // "do_sample"
    double temperature, top_p, min_p, repetition_penalty, length_penalty;
    int top_k;   // 0: all
    int n_beams; // 1: none
} ask_generation_config;

/* path: generation_config.json, or a config.json, whose "text_config" counts where the key
 * itself is not there. Absent keys have the defaults of transformers, but top_k, which is
 * off. Fails: ASK_ERR_MODEL, ASK_ERR_NOMEM. */
ASK_API bool ask_generation_config_read(ask_generation_config *out, const char *path,
                                        ask_error *err);

ASK_API bool ask_generation_ends(const ask_generation_config *c, int64_t id);

#endif
