/* model/verify.h - does a checkpoint give the values that its reference gave?
 *
 * Beside the model lie inputs.safetensors, outputs.safetensors and perhaps
 * grads.safetensors. The network's table of runs says which inputs a run takes; every
 * tensor of the other two files is compared by name, or listed as not compared, with the
 * reason; so is an input that no run takes, for the reference may have. Not compared counts
 * as failed. Inputs whose names have a prefix that ends in a
 * point ("second.input_ids") are another run, and so are the outputs with that prefix. A
 * network may have runs with a file of their own ("token_type.safetensors"): its inputs
 * stand in for those of the others, and what else it holds is compared. grads.safetensors
 * holds the gradients of a run's loss by the names of the parameters.
 *
 * Some references were made by a program that turned a whole model, its table of rotary
 * steps too, into 16 bits. Where the weights have such a type and rows differ, these are
 * compared once more with it rounded likewise; the report says so. */
#ifndef ASK_MODEL_VERIFY_H
#define ASK_MODEL_VERIFY_H

#include "model/model.h"

typedef struct {
    const char *name; // of the tensor in the file
    const char *file; // "outputs.safetensors"; "inputs.safetensors": no run takes it
    bool compared, passed;
    double max_abs, rms;     // of the difference, where the mask counts
    double max_ref;          // largest |reference|
    double tol_abs, tol_rel; // what was asked: |ours - reference| <= abs + rel |reference|
    const char *reason; // why it was not compared, or where it differs; NULL when it passed
} ask_verify_row;

typedef struct {
    ask_verify_row *rows; // in the order of the files; owned, as their texts are
    int n_rows, n_passed, n_failed, n_not_compared; // n_rows is the sum of the three
    const char *network;                            // what was run: "clip"
    const char *narrowed; // the rows that had differed were computed once more with what
                          // is no parameter rounded to this type, "bf16", and agree; NULL
    void *memory;         // private to verify.c
} ask_verify_report;

typedef struct {
    size_t struct_size;
    const char *network; // as in ask_model_options
    double tol; // absolute and relative, for every tensor of real numbers; 0: those of the
                // kind of tensor
    int n_threads; // as in ask_model_options
    const ask_cancel *cancel;
    const ask_progress *progress; // steps of the computation
    const char *compat;           // as in ask_model_options
} ask_verify_options;

/* opt may be NULL. Whether everything agreed is in the report. Fails: ASK_ERR_MODEL for a
 * model that does not open, for missing or malformed files beside it, and for inputs that
 * the network cannot take (named, with what was expected); ASK_ERR_CANCELLED;
 * ASK_ERR_NOMEM. */
ASK_API bool ask_model_verify(ask_verify_report *out, const char *dir,
                              const ask_verify_options *opt, ask_error *err);
ASK_API void ask_verify_report_free(ask_verify_report *r); // leaves {0}

#endif
