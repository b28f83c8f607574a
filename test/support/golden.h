/* golden.h - the files of test/fixtures/golden: values of a reference implementation.
 *
 * A test asks for tensors by name; those it has asked for are marked, so that it can insist
 * on having used all of them. */
#ifndef TEST_GOLDEN_H
#define TEST_GOLDEN_H

#include "support/tensors.h"
#include "weights/weights.h"

/* Agreed for ops, optimisers and resizing: f32 sums in any order. Absolute and relative. */
#define GOLDEN_TOL 1e-5

typedef struct {
    ask_weights *file;
    bool *used;
} golden;

/* "ops" opens test/fixtures/golden/ops/ops.safetensors; of a case in several files, the
 * part "inputs" opens inputs.safetensors. */
golden golden_open(const char *name);
golden golden_open_part(const char *name, const char *part);
void golden_close(golden *f);

/* The tensor of that name, marked as used. find: NULL without one; get: the test fails. */
const ask_weights_entry *golden_find(golden *f, const char *format, ...) ASK_PRINTF(2, 3);
const ask_weights_entry *golden_get(golden *f, const char *format, ...) ASK_PRINTF(2, 3);

/* An input like the entry; copying its values in; comparing with its values. */
ask_tensor *golden_input(ask_graph *g, const ask_weights_entry *e);
void golden_put(ask_tensor *t, const ask_weights_entry *e);
void golden_check(const char *where, const ask_tensor *t, const ask_weights_entry *e);
void golden_check_within(const char *where, const ask_tensor *t, const ask_weights_entry *e,
                         double tol);

/* The first tensor that was never asked for, or NULL. */
const char *golden_unused(const golden *f);

#endif
