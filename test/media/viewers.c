/* Several viewers of one video: each sees its own times, and the first failure ends it. */
#include "media/viewers.h"

#include <limits.h>
#include <math.h>

#include "support/testing.h"

typedef struct {
    double t_s[8];
    int n, stop_at; // stop_at: the frame at which it fails; -1: none
} witness;

static bool see(void *user, const ask_video_frame *frame, ask_error *err)
{
    witness *w = user;
    if (w->n == w->stop_at) return ask_fail(err, ASK_ERR_IO, "enough");
    assert_int_equal(frame->request, w->n);
    w->t_s[w->n++] = frame->t_s;
    return true;
}

static void each_viewer_sees_its_own_times(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_video *v = ask_video_open(test_fixture("features/frames"), NULL, &err);
    CHECK_OK(v, &err);
    witness a = {.stop_at = -1}, b = {.stop_at = -1}, none = {.stop_at = 0};
    static const double at_a[] = {0, 0.04, 0.04, 0.24}, at_b[] = {0.01, 0.04, 0.2};
    ask_viewer viewers[] = {{at_a, 4, see, &a}, {NULL, 0, see, &none}, {at_b, 3, see, &b}};
    CHECK_OK(ask_video_show(v, viewers, 3, NULL, &err), &err);
    assert_int_equal(a.n, 4);
    assert_int_equal(b.n, 3);
    static const double seen_a[] = {0, 0.04, 0.04, 0.24}, seen_b[] = {0, 0.04, 0.2};
    for (int i = 0; i < 4; i++) assert_true(fabs(a.t_s[i] - seen_a[i]) < 1e-9);
    for (int i = 0; i < 3; i++) assert_true(fabs(b.t_s[i] - seen_b[i]) < 1e-9);
    CHECK_OK(ask_video_show(v, &viewers[1], 1, NULL, &err), &err);

    b = (witness){.stop_at = 1};
    a.n = 0;
    assert_false(ask_video_show(v, viewers, 3, NULL, &err));
    assert_string_equal(err.message, "enough");
    ask_video_close(v);
}

static void a_stop_and_too_many_times_are_told(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_video *v = ask_video_open(test_fixture("features/frames"), NULL, &err);
    CHECK_OK(v, &err);
    static const double t_s[] = {0, 0.1};
    witness w = {.stop_at = -1};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_viewer viewers[] = {{t_s, 2, see, &w}, {t_s, INT_MAX, see, &w}};
    assert_false(ask_video_show(v, viewers, 1, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_false(ask_video_show(v, viewers, 2, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_int_equal(w.n, 0);
    ask_video_close(v);
}

static bool show_briefly(void *user, ask_error *err)
{
    static const double t_s[] = {0, 0.1};
    witness a = {.stop_at = -1}, b = {.stop_at = -1};
    const ask_viewer viewers[] = {{t_s, 2, see, &a}, {t_s, 2, see, &b}};
    return ask_video_show(user, viewers, 2, NULL, err);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_video *v = ask_video_open(test_fixture("features/frames"), NULL, &err);
    CHECK_OK(v, &err);
    assert_true(test_each_alloc_fails("viewers", show_briefly, v) >= 2);
    ask_video_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_viewer_sees_its_own_times),
        cmocka_unit_test(a_stop_and_too_many_times_are_told),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
