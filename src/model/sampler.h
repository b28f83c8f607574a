/* model/sampler.h - which token comes next, chosen from logits.
 *
 * What is done to the logits and in which order is what transformers does: the penalty on
 * what was said already, the temperature, then top-k, top-p and min-p, each on what the one
 * before has left. Of tokens equally likely at a border top-k and min-p keep all, top-p as
 * many as it needs, those of higher ids.
 * After: Fan et al. 2018 (top-k); Holtzman et al. 2020 (top-p); Nguyen et al. 2024 (min-p);
 * Keskar et al. 2019 (repetition penalty). */
#ifndef ASK_MODEL_SAMPLER_H
#define ASK_MODEL_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"

typedef struct {
    size_t struct_size;
    double temperature;        // 0: the likeliest token is taken
    int top_k;                 // the likeliest so many; 0: all
    double top_p;              // the likeliest that together reach it, at least one; 1: all
    double min_p;              // share of the likeliest one's probability; 0: all
    double repetition_penalty; // above 0; 1: none
} ask_sampler_options;

ASK_API ask_sampler_options ask_sampler_defaults(void); // the likeliest token

/* Fails: ASK_ERR_USAGE, with what may be given. */
ASK_API bool ask_sampler_check(const ask_sampler_options *opt, ask_error *err);

/* The probabilities with which tokens are drawn: 0 of those that are ruled out. With
 * temperature 0 all is on one token, of several that are likeliest the first. probs:
 * [n_vocab]; logits: [n_vocab], finite, or -infinity of some; said: the ids of prompt and
 * answer so far, for the penalty, of which those that are not in the vocabulary do not
 * count; may be NULL with n_said 0. opt may be NULL. Fails: ASK_ERR_USAGE (options,
 * logits), ASK_ERR_NOMEM. */
ASK_API bool ask_sampler_probs(double *probs, const float *logits, int64_t n_vocab,
                               const int64_t *said, int n_said,
                               const ask_sampler_options *opt, ask_error *err);

/* One token of these: takes one number of rng, which may be NULL with temperature 0. */
ASK_API bool ask_sampler_choose(int64_t *out, const float *logits, int64_t n_vocab,
                                const int64_t *said, int n_said,
                                const ask_sampler_options *opt, ask_rng *rng,
                                ask_error *err);

#endif
