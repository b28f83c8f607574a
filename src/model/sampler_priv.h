/* model/sampler_priv.h - the parts of a sampler that beams have, too. */
#ifndef ASK_MODEL_SAMPLER_PRIV_H
#define ASK_MODEL_SAMPLER_PRIV_H

#include "model/sampler.h"

/* The penalty on what was said, on out [n_vocab], where the logits stand already: they are
 * divided by it where they are positive, else multiplied; once, however often the id was
 * said. logits is not out. */
void sampler_penalize(float *out, const float *logits, int64_t n_vocab, const int64_t *said,
                      int n_said, double penalty);

#endif
