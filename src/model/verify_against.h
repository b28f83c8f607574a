/* model/verify_against.h - what few bits cost: a quantised model beside the one that it was
 * made of.
 *
 * Each matrix of few bits is held against its original, and so is what a plain encoding of
 * as many bits makes of it: ggml's Q8_0 beside ASK_Q8, Q4_0 beside ASK_Q4. Measured is
 *   weights   |W' - W| / |W|
 *   products  |y' - y| / |y| of each output y of W x over seeded x, and of these the root
 *             mean square: as the backend computes it, and with W and x both rounded by the
 *             reference (Q8_0 is what its products round x to). All tokens count alike,
 *             whatever their length, and so do all outputs
 *   outliers  the same for x in which six channels are 50 times as large, and one token 200
 *             times
 * Rows are filled up to 32, so a matrix of another number of them has more bits than its
 * blocks; of more than 1.02 times as many it is listed, and not judged.
 *
 * Of a small matrix a product is off by chance, by some hundredths more or less. So what
 * ours may not be is more than 1.02 times as far off as the reference in all judged
 * matrices together: the root mean square of each kind, by numbers in the matrices.
 *
 * Then both models are run on the same seeded inputs; the hidden states of each layer are
 * compared. For the reference's beside ours both are run once more with weights that were
 * rounded by each, and f32 products. */
#ifndef ASK_MODEL_VERIFY_AGAINST_H
#define ASK_MODEL_VERIFY_AGAINST_H

#include "base/log.h"
#include "tensor/dtype.h"

#define ASK_VERIFY_MOST_RATIO 1.02 // of errors, and of bits in what is judged

/* One kind of error: ours and the reference's. */
typedef struct {
    double ours, reference;
} ask_verify_error;

/* Ours in parts of the reference's; 1 where both are 0. */
ASK_API double ask_verify_ratio(ask_verify_error e);

typedef struct {
    const char *name; // of the tensor
    ask_dtype type;
    int64_t n, k;          // its rows and columns
    ask_verify_error bits; // stored for each weight, scales and filling counted
    bool has_more_bits;    // than the reference
    bool judged;           // they are not more than ASK_VERIFY_MOST_RATIO times as many
    ask_verify_error weights, products, outliers;
} ask_verify_matrix;

typedef struct {
    const char *name;         // "hidden_states.3"
    double error;             // |ours - original| / |original|, as the model runs
    ask_verify_error weights; // the same with nothing but the weights rounded
} ask_verify_layer;

typedef struct {
    ask_verify_matrix *matrices; // in the order of the file; owned, as the texts are
    int n_matrices, n_more_bits, n_judged;
    ask_verify_error bits, weights, products, outliers; // of all that are judged; {0}: none
    double worst_ratio; // of the products of one of them, with outliers or without
    double mean_ratio;
    bool passed; // some are judged, and no ratio of their errors together is above
                 // ASK_VERIFY_MOST_RATIO
    ask_verify_layer *layers; // owned
    int n_layers;
    const char *network;
    void *memory; // private to verify_against.c
} ask_verify_against_report;

typedef struct {
    size_t struct_size;
    const char *network; // as in ask_model_options
    int n_threads;       // as in ask_model_options
    uint64_t seed;       // of the inputs
    int n_tokens; // that the models read; 0: they are not run. Running takes the memory
                  // of the model in f32
    const ask_cancel *cancel;
    const ask_progress *progress; // matrices
} ask_verify_against_options;

ASK_API ask_verify_against_options ask_verify_against_defaults(void); // 32 tokens, seed 0

/* dir: the quantised model; original: what it was made of. opt may be NULL. Whether it
 * passed is in the report. Fails: ASK_ERR_MODEL for a model that does not open,
 * for one without few bits, and for an original without one of its matrices or
 * with a number in it that is not finite or too large for few bits; ASK_ERR_CANCELLED;
 * ASK_ERR_NOMEM. */
ASK_API bool ask_model_verify_against(ask_verify_against_report *out, const char *dir,
                                      const char *original,
                                      const ask_verify_against_options *opt,
                                      ask_error *err);
ASK_API void ask_verify_against_report_free(ask_verify_against_report *r); // leaves {0}

#endif
