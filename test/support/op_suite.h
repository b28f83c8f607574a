/* op_suite.h - a test program over the op cases. */
#ifndef TEST_OP_SUITE_H
#define TEST_OP_SUITE_H

#include "support/op_cases.h"
#include "support/testing.h"

typedef struct {
    CMUnitTestFunction test; // run on every case, under its name; *state: const op_case *
    const struct CMUnitTest *first, *last; // run before and after
    int n_first, n_last;
    CMFixtureFunction setup, teardown;
} op_suite;

/* Returns what main should. */
int op_suite_run(const op_suite *suite);

/* Computes a case in a place, or fails the test, saying which layout. */
void op_suite_compute(case_values *v, const op_case *c, case_layout layout,
                      const case_place *place, const char *where);

/* Fails the test unless the values agree within the tolerance of the case. */
void op_suite_compare(const case_values *actual, const case_values *expected,
                      const op_case *c, case_layout layout, const char *where);

#endif
