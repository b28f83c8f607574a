/* support/regression.h - a small network that learns a function of a few numbers: for tests
 * of training that are over in a moment.
 *
 * Two layers, 61 numbers. Every row of the data is a function of its place in them, so a
 * batch of 12 has the rows of four batches of 3. Some rows have no label. The loss has two
 * parts: "square", over rows with a label, and "size", over others.
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef SUPPORT_REGRESSION_H
#define SUPPORT_REGRESSION_H

#include "train/loop.h"

typedef struct {
    int64_t n_steps;
    double rate;       // 0: 0.01
    int64_t n_batches; // of a step; 0: one
    int n_rows;        // of a batch; 0: 4
    bool means;        // each batch gives means, not sums and counts
    double dropout;    // of the hidden layer
    bool at_random;    // labels have nothing to do with the rows
    bool forgetful;    // batches depend on how many were fed, not on their number
    bool one_batch;
    int64_t bad_batch; // whose first number is not finite; 0: none
    const char *const *frozen;
    const ask_cancel *cancel; // of a step that is under way
} regression_options;

typedef struct {
    regression_options opt;
    ask_backend *backend;
    ask_store *store;
    ask_trainer *trainer;
    ask_tensor *x, *y, *labelled, *others; // of the graph that was built last
    int64_t n_fed;
} regression;

/* opt is copied. False, with *err, without memory; close is due anyway. */
bool regression_open(regression *r, const regression_options *opt, ask_error *err);
void regression_close(regression *r);

/* All values of the store, one after the other; freed by the caller. */
char *regression_state(const regression *r, size_t *n_bytes);

/* A measure that is a function of the store: the mean square of rows beyond those of
 * training. */
double regression_measure(const regression *r);

#endif
