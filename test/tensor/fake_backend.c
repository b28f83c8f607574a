/* The same values come out when a graph runs on two backends, of which the first hides its
 * memory and lacks every third op. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "support/fake_backend.h"
#include "support/op_suite.h"
#include "tensor/cpu/cpu.h"

enum { N_FAKES = 3 };
static ask_backend *cpu, *fakes[N_FAKES]; // fakes[i] lacks the ops i, i + 3, i + 6, ...

static int open_all(void **state)
{
    ask_error err = {0};
    ask_cpu_options opt = {
        .struct_size = sizeof opt, .isa = ASK_ISA_SCALAR, .n_threads = 1};
    (void)state;
    CHECK_OK(cpu = ask_cpu_open(&opt, &err), &err);
    for (int i = 0; i < N_FAKES; i++) CHECK_OK(fakes[i] = fake_backend_open(i, &err), &err);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    for (int i = 0; i < N_FAKES; i++) ask_backend_close(fakes[i]);
    ask_backend_close(cpu);
    return 0;
}

/* The kernel, asked to read the memory for us, refuses instead of crashing. */
static bool is_readable(const void *p)
{
    int pipe_fd[2];
    assert_int_equal(pipe(pipe_fd), 0);
    bool readable = write(pipe_fd[1], p, 1) == 1;
    assert_true(readable || errno == EFAULT);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
    return readable;
}

static void its_buffers_cannot_be_dereferenced(void **state)
{
    ask_backend *b = fakes[0];
    ask_buffer buffer;
    ask_error err = {0};
    char text[8] = "nothing";
    (void)state;
    CHECK_OK(b->alloc(b, 10000, &buffer, &err), &err);
    assert_false(is_readable(buffer.handle));
    CHECK_OK(b->upload(&buffer, 9990, "secret", 7, &err), &err);
    assert_false(is_readable((char *)buffer.handle + 9990));
    CHECK_OK(b->download(&buffer, 9990, text, 7, &err), &err);
    assert_string_equal(text, "secret");
    assert_false(is_readable((char *)buffer.handle + 9990));
    assert_false(b->upload(&buffer, 9995, "secret", 7, &err));
    b->free(b, &buffer);
}

/* The sums come out of the same scalar kernels, whose bits do not depend on where the
 * memory is. */
static void gives_the_values_of_the_cpu_alone(void **state)
{
    const op_case *c = *state;
    for (int layout = 0; layout < N_LAYOUTS; layout++) {
        case_values expected, actual;
        case_place place = {&cpu, 1, cpu, ALL_GRADIENTS};
        if (!case_has_layout(c, layout)) continue;
        op_suite_compute(&expected, c, layout, &place, "cpu alone");
        for (int i = 0; i < N_FAKES; i++) {
            ask_backend *both[] = {fakes[i], cpu};
            char where[32], text[CASE_TEXT];
            snprintf(where, sizeof where, "fake without op %d", i);
            place = (case_place){both, 2, fakes[i], ALL_GRADIENTS};
            op_suite_compute(&actual, c, layout, &place, where);
            if (!case_values_agree(&actual, &expected, 0, text))
                fail_msg("%s, %s inputs, %s: %s", c->name, case_layout_name(layout), where,
                         text);
            case_values_free(&actual);
        }
        case_values_free(&expected);
    }
}

/* So the list of cases covers every op, and every op has been on both backends. */
static void every_op_has_run_on_it_and_was_missing_once(void **state)
{
    (void)state;
    for (int op = OP_LEAF + 1; op < N_OPS; op++) {
        int n_run = 0, n_refused = 0;
        for (int i = 0; i < N_FAKES; i++) {
            n_run += fake_backend_n_run(fakes[i], op);
            n_refused += fake_backend_n_refused(fakes[i], op);
        }
        bool runs = !ask_op_rows[op]->view;
        if (runs != (n_run > 0) || runs != (n_refused > 0))
            fail_msg("%s: has run %d times, was missing %d times", ask_op_rows[op]->name,
                     n_run, n_refused);
    }
}

static void everything_is_given_back(void **state)
{
    (void)state;
    for (int i = 0; i < N_FAKES; i++) assert_int_equal(fake_backend_bytes(fakes[i]), 0);
}

int main(void)
{
    const struct CMUnitTest first[] = {
        cmocka_unit_test(its_buffers_cannot_be_dereferenced)};
    const struct CMUnitTest last[] = {
        cmocka_unit_test(every_op_has_run_on_it_and_was_missing_once),
        cmocka_unit_test(everything_is_given_back)};
    return op_suite_run(&(op_suite){.test = gives_the_values_of_the_cpu_alone,
                                    .first = first,
                                    .last = last,
                                    .n_first = TEST_COUNT(first),
                                    .n_last = TEST_COUNT(last),
                                    .setup = open_all,
                                    .teardown = close_all});
}
