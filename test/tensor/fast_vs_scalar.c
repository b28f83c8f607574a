/* Every op case, gradients included, on every instruction set that this machine has and on
 * one and two threads, against the scalar kernels on one thread, which are the definition.
 */
#include <stdio.h>

#include "support/op_suite.h"
#include "tensor/cpu/cpu.h"

enum { MAX_BACKENDS = 8 };
static ask_backend *definition, *others[MAX_BACKENDS];
static int n_others;

static ask_backend *open_cpu(ask_isa isa, int n_threads, ask_error *err)
{
    ask_cpu_options opt = {.struct_size = sizeof opt, .isa = isa, .n_threads = n_threads};
    return ask_cpu_open(&opt, err);
}

static int open_all(void **state)
{
    static const ask_isa isas[] = {ASK_ISA_SCALAR, ASK_ISA_AVX2, ASK_ISA_AVX512,
                                   ASK_ISA_NEON};
    ask_error err = {0};
    (void)state;
    CHECK_OK(definition = open_cpu(ASK_ISA_SCALAR, 1, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(isas); i++)
        for (int n_threads = 1; n_threads <= 2; n_threads++) {
            ask_backend *b = open_cpu(isas[i], n_threads, &err);
            if (b) others[n_others++] = b;
            if (!b && err.code != ASK_ERR_DEVICE) fail_msg("%s", err.message);
        }
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    for (int i = 0; i < n_others; i++) ask_backend_close(others[i]);
    ask_backend_close(definition);
    return 0;
}

static void the_best_set_is_one_of_those_compared(void **state)
{
    ask_error err = {0};
    ask_backend *best;
    bool found = false;
    (void)state;
    CHECK_OK(best = open_cpu(ASK_ISA_AUTO, 0, &err), &err);
    for (int i = 0; i < n_others; i++) found |= ask_cpu_isa(others[i]) == ask_cpu_isa(best);
    assert_true(found);
    assert_true(ask_cpu_n_threads(best) >= 1);
    ask_backend_close(best);
}

static void compare(const op_case *c, case_layout layout)
{
    case_values expected, actual;
    case_place place = {&definition, 1, definition, ALL_GRADIENTS};
    op_suite_compute(&expected, c, layout, &place, "scalar");
    for (int i = 0; i < n_others; i++) {
        char where[64];
        snprintf(where, sizeof where, "%s on %d threads",
                 ask_isa_name(ask_cpu_isa(others[i])), ask_cpu_n_threads(others[i]));
        place = (case_place){&others[i], 1, others[i], ALL_GRADIENTS};
        op_suite_compute(&actual, c, layout, &place, where);
        op_suite_compare(&actual, &expected, c, layout, where);
        case_values_free(&actual);
    }
    case_values_free(&expected);
}

static void gives_the_scalar_values(void **state)
{
    for (int layout = 0; layout < N_LAYOUTS; layout++)
        if (case_has_layout(*state, layout)) compare(*state, layout);
}

int main(void)
{
    const struct CMUnitTest first[] = {
        cmocka_unit_test(the_best_set_is_one_of_those_compared)};
    return op_suite_run(&(op_suite){.test = gives_the_scalar_values,
                                    .first = first,
                                    .n_first = TEST_COUNT(first),
                                    .setup = open_all,
                                    .teardown = close_all});
}
