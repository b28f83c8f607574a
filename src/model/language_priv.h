/* model/language_priv.h - what the rows of language models have in common: sizes that are
 * told, and the runs that a reference may hold. */
#ifndef ASK_MODEL_LANGUAGE_PRIV_H
#define ASK_MODEL_LANGUAGE_PRIV_H

#include "model/network_priv.h"

/* Size i; false past the last. */
bool language_size_at(const ask_language *m, size_t i, ask_model_size *out);
enum { LANGUAGE_N_SIZES = 9 };

/* ---- runs ----
 *
 * The first inputs of each are these; what a network sees follows. */

enum {
    LANGUAGE_IDS,
    LANGUAGE_MASK,
    LANGUAGE_POSITIONS,
    LANGUAGE_SAID = LANGUAGE_POSITIONS, // of runs of an encoder-decoder, which takes none
    LANGUAGE_SEEN,
    LANGUAGE_TOLD, // ids of what rows depend on
    LANGUAGE_TOLD_MASK,
};

#define LANGUAGE_INPUTS                                                                    \
    [LANGUAGE_IDS] = {"input_ids", ASK_I64},                                               \
    [LANGUAGE_MASK] = {"attention_mask", ASK_BOOL, .optional = true},                      \
    [LANGUAGE_POSITIONS] = {"position_ids", ASK_I64, .optional = true}

#define LANGUAGE_SAID_INPUTS                                                               \
    [LANGUAGE_IDS] = {"input_ids", ASK_I64},                                               \
    [LANGUAGE_MASK] = {"attention_mask", ASK_BOOL, .optional = true},                      \
    [LANGUAGE_SAID] = {"decoder_input_ids", ASK_I64}

/* The same of what the decoder reads: of a network that sees nothing. */
enum { LANGUAGE_SAID_MASK = LANGUAGE_SEEN };
#define LANGUAGE_SAID_MASK_INPUT                                                           \
    [LANGUAGE_SAID_MASK] = {"decoder_attention_mask", ASK_BOOL, .optional = true}

extern const network_mask language_encoder_masks[], language_said_masks[];

/* The last of them, {0}, is a list of none. */
extern const network_mask language_masks[];
enum { LANGUAGE_N_MASKS = 3 };

/* The first inputs, the same of an encoder-decoder, its LANGUAGE_SAID_MASK, and the ids
 * alone. Fail: ASK_ERR_MODEL. */
bool language_check(const ask_language *m, const network_value *in, ask_error *err);
bool language_check_said(const ask_language *m, const network_value *in, ask_error *err);
bool language_check_said_mask(const network_value *in, ask_error *err);
bool language_check_ids(const ask_language *m, const network_value *ids, ask_error *err);

/* Reads [B, T] ids, with rows [n, C] in the places of `mark`, in their order; with mark -1
 * rows [B, n, C] stand before each text, and position_ids are of both; rows may be NULL.
 * Names the traces and "logits" [B, T or n + T, V].
 * An encoder-decoder encodes all that, and reads LANGUAGE_SAID [B, T]; without it there are
 * no logits. */
void language_build(ask_graph *g, const ask_language *m, const network_value *in,
                    ask_tensor *rows, int64_t mark);

/* The same of an encoder-decoder that sees nothing, with LANGUAGE_SAID_MASK. */
void language_build_said(ask_graph *g, const ask_language *m, const network_value *in);

/* Positions that count what stands before a text and is no padding: bool [B, T] of the
 * texts, behind n_before rows -> i64 [B, n_before + T], -1 at padding. NULL without a mask.
 */
ask_tensor *language_masked_positions(ask_graph *g, ask_tensor *mask, int64_t n_before);

/* Whether as many places have that id as there are rows. Fails: ASK_ERR_MODEL. */
bool language_check_marks(const network_value *in, int64_t mark, int64_t n_rows,
                          ask_error *err);

/* Whether padding stands behind the tokens of what is told: rows of a session are made of
 * these alone. mask: bool [B, L], or absent. Fails: ASK_ERR_MODEL. */
bool language_check_padding(const char *name, const network_value *mask, ask_error *err);

#endif
