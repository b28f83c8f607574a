#include "support/op_suite.h"

#include <stdlib.h>

static int add_cases(struct CMUnitTest *tests, const op_case_list *list,
                     CMUnitTestFunction test)
{
    for (int i = 0; i < list->n; i++)
        tests[i] = (struct CMUnitTest){.name = list->cases[i].name,
                                       .test_func = test,
                                       .initial_state = (void *)(uintptr_t)&list->cases[i]};
    return list->n;
}

int op_suite_run(const op_suite *suite)
{
    int n = suite->n_first + suite->n_last;
    for (int i = 0; i < n_op_case_lists; i++) n += op_cases[i]->n;
    struct CMUnitTest *tests = calloc((size_t)n, sizeof *tests);
    if (!tests) return 1;
    n = 0;
    for (int i = 0; i < suite->n_first; i++) tests[n++] = suite->first[i];
    for (int i = 0; i < n_op_case_lists; i++)
        n += add_cases(tests + n, op_cases[i], suite->test);
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
