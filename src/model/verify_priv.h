/* model/verify_priv.h - one tensor against its reference. */
#ifndef ASK_MODEL_VERIFY_PRIV_H
#define ASK_MODEL_VERIFY_PRIV_H

#include "base/str.h"
#include "model/verify.h"
#include "tensor/graph.h"
#include "weights/weights.h"

/* Whether a type holds integers; and element i of `data` of such a type. */
bool verify_is_integer(ask_dtype type);
int64_t verify_integer_at(ask_dtype type, const void *data, int64_t i);

/* Which elements count: those for which flags[i0 * n + j] is set, with i0 the index along
 * axis 0 and j the one along `axis`. */
typedef struct {
    const uint8_t *flags; // [rows, n]; NULL: all elements count
    int64_t rows, n;
    int axis;
    int64_t before; // places of the axis that stand before these n, and count
} verify_mask;

/* Sets the row's tolerances: tol if it is not 0, else those of the kind of tensor. */
void verify_set_tolerance(ask_verify_row *row, const char *name, double tol);

/* The same for a gradient, whose size nothing tells but the reference: without tol, a share
 * of its largest value. Fails: ASK_ERR_NOMEM. */
bool verify_set_gradient_tolerance(ask_verify_row *row, const ask_weights_entry *reference,
                                   double tol, ask_error *err);

/* What we computed. */
typedef struct {
    ask_dtype type;
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    double *values; // owned; row-major; NULL: nothing was computed
} verify_numbers;

/* Of a tensor that has been computed. Fails: ASK_ERR_NOMEM, or as reading it does. */
bool verify_numbers_read(verify_numbers *out, const ask_tensor *t, ask_error *err);
void verify_numbers_free(verify_numbers *n); // leaves {0}

/* Fills the row from both values and adds its counts to *reason, which is empty at first
 * and stays so when the row passed. Fails: ASK_ERR_NOMEM. */
bool verify_compare(ask_verify_row *row, ask_str *reason, const verify_numbers *ours,
                    const ask_weights_entry *reference, const verify_mask *mask,
                    ask_error *err);

#endif
