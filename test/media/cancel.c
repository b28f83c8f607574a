/* Stopping half-way, and saying how far it is. */
#include "media/video.h"
#include "support/clips.h"
#include "support/testing.h"

static const clip_spec spec = {.file = "stopped.mp4",
                               .codec = "libx264",
                               .codec_options = "bf=2",
                               .width = 64,
                               .height = 48,
                               .n_frames = 60,
                               .time_base_den = 30};

static char *dir;
static clip source;

static int make_clip(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    clip_encode(&source, &spec, dir);
    return 0;
}

static int remove_clip(void **state)
{
    (void)state;
    clip_free(&source);
    test_temp_dir_remove(dir);
    return 0;
}

static ask_video *open_with(const ask_cancel *cancel, const ask_progress *progress)
{
    ask_video_options options = ask_video_defaults();
    options.cancel = cancel;
    options.progress = progress;
    ask_error err = {0};
    ask_video *v = ask_video_open(source.path, &options, &err);
    CHECK_OK(v, &err);
    return v;
}

/* Asks to stop at the n-th frame. */
typedef struct {
    ask_cancel cancel;
    int n, stop_at;
} stopper;

static bool stop(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)frame, (void)err;
    stopper *s = user;
    if (++s->n == s->stop_at) ask_cancel_raise(&s->cancel, 2);
    return true;
}

static void a_walk_stops_at_the_next_frame(void **state)
{
    (void)state;
    stopper s = {.stop_at = 10};
    ask_video *v = open_with(&s.cancel, NULL);
    ask_error err = {0};
    assert_false(ask_video_walk(v, stop, &s, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_string_equal(err.message, "interrupted");
    assert_int_equal(s.n, 10);
    ask_video_close(v);
}

static void a_request_stops_between_its_frames(void **state)
{
    (void)state;
    static const ask_access accesses[] = {ASK_ACCESS_SEEK, ASK_ACCESS_SEQUENTIAL};
    for (size_t i = 0; i < TEST_COUNT(accesses); i++) {
        stopper s = {.stop_at = 2};
        ask_video *v = open_with(&s.cancel, NULL);
        const ask_frames_options options = {sizeof options, accesses[i]};
        ask_error err = {0};
        assert_false(ask_video_frames_at(v, (double[]){0.1, 0.8, 1.2, 1.9}, 4, &options,
                                         stop, &s, &err));
        assert_int_equal(err.code, ASK_ERR_CANCELLED);
        assert_int_equal(s.n, 2);
        ask_video_close(v);
    }
}

static void opening_and_the_table_obey_a_stop(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_video *v = open_with(&cancel, NULL);
    ask_cancel_raise(&cancel, 2);
    ask_error err = {0};
    assert_null(ask_video_table(v, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_false(ask_video_outline(v)->full);
    ask_video_close(v);

    ask_video_options options = ask_video_defaults();
    options.cancel = &cancel;
    err = (ask_error){0};
    assert_null(ask_video_open(source.path, &options, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

/* Progress only grows, and says of how much. */
typedef struct {
    int n_calls;
    int64_t last;
} follower;

static void follow(void *user, int64_t done, int64_t total, const char *unit,
                   const char *label)
{
    follower *f = user;
    assert_true(done >= f->last);
    assert_true(total == 0 || done <= total);
    assert_true(unit[0] && label[0]);
    f->last = done;
    f->n_calls++;
}

static bool ignore(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)user, (void)frame, (void)err;
    return true;
}

static void progress_grows_to_the_end(void **state)
{
    (void)state;
    follower f = {0};
    const ask_progress progress = {follow, &f};
    ask_error err = {0};
    ask_video *v = open_with(NULL, &progress);
    CHECK_OK(ask_video_table(v, &err), &err);
    assert_true(f.n_calls > 0);
    f = (follower){0};
    CHECK_OK(ask_video_walk(v, ignore, NULL, &err), &err);
    assert_true(f.n_calls > 0);
    ask_video_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_stops_at_the_next_frame),
        cmocka_unit_test(a_request_stops_between_its_frames),
        cmocka_unit_test(opening_and_the_table_obey_a_stop),
        cmocka_unit_test(progress_grows_to_the_end),
    };
    return cmocka_run_group_tests(tests, make_clip, remove_clip);
}
