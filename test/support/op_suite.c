#include "support/op_suite.h"

#include <stdlib.h>

int op_suite_run(const op_suite *suite)
{
    int n = 0;
    struct CMUnitTest *tests =
        calloc((size_t)(suite->n_first + n_op_cases + suite->n_last), sizeof *tests);
    if (!tests) return 1;
    for (int i = 0; i < suite->n_first; i++) tests[n++] = suite->first[i];
    for (int i = 0; i < n_op_cases; i++)
        tests[n++] = (struct CMUnitTest){.name = op_cases[i].name,
                                         .test_func = suite->test,
                                         .initial_state = (void *)(uintptr_t)&op_cases[i]};
    for (int i = 0; i < suite->n_last; i++) tests[n++] = suite->last[i];
    int failed = _cmocka_run_group_tests("op cases", tests, (size_t)n, suite->setup,
                                         suite->teardown);
    free(tests);
    return failed;
}

void op_suite_compute(case_values *v, const op_case *c, case_layout layout,
                      const case_place *place, const char *where)
{
    ask_error err = {0};
    if (!case_compute(v, c, layout, place, &err))
        fail_msg("%s, %s inputs, %s: %s", c->name, case_layout_name(layout), where,
                 err.message);
}

void op_suite_compare(const case_values *actual, const case_values *expected,
                      const op_case *c, case_layout layout, const char *where)
{
    char text[CASE_TEXT];
    if (!case_values_agree(actual, expected, c->tol > 0 ? c->tol : CASE_TOL, text))
        fail_msg("%s, %s inputs, %s: %s", c->name, case_layout_name(layout), where, text);
}
