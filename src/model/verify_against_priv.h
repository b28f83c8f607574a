/* model/verify_against_priv.h - the parts of a verification against an original. */
#ifndef ASK_MODEL_VERIFY_AGAINST_PRIV_H
#define ASK_MODEL_VERIFY_AGAINST_PRIV_H

#include "base/arena.h"
#include "model/verify_against.h"
#include "tensor/backend.h"
#include "weights/weights.h"

/* ---- the reference ---- */

/* The numbers that remain of n numbers, a row, when it is stored in ggml's blocks of 32:
 *   ASK_Q8: Q8_0, scale = largest magnitude / 127, code = nearest
 *   ASK_Q4: Q4_0, scale = the number of the largest magnitude / -8, code = nearest, to 7
 * Scales are rounded to f16 behind that; where they are too large for it, what remains is
 * not finite. The numbers are finite. out and x may be the same. */
void verify_scalar_round(ask_dtype type, float *out, const float *x, int64_t n);

/* Bits for each weight of rows of k numbers, the last block filled up. */
double verify_scalar_bits(ask_dtype type, int64_t k);

/* ---- matrices ---- */

/* Fills all but the name. e, original: [n, k], e of few bits; file: of the original, for
 * messages. Fails: ASK_ERR_MODEL for a number of the original that has no code, named. */
bool verify_matrix_measure(ask_verify_matrix *out, ask_backend *backend,
                           const ask_weights_entry *e, const ask_weights_entry *original,
                           const char *file, uint64_t seed, ask_error *err);

/* ---- layers ---- */

/* Runs both models on the same inputs and adds their layers to the report; names go to
 * `texts`. No layers of networks that read neither texts nor pictures. */
bool verify_layers(ask_verify_against_report *r, ask_arena *texts, const char *dir,
                   const char *original, const ask_verify_against_options *opt,
                   ask_error *err);

#endif
