/* What may be asked of a video, and what is refused: times, indexes, callbacks. */
#include <math.h>
#include <string.h>

#include "media/video.h"
#include "support/clips.h"
#include "support/seen.h"
#include "support/testing.h"

/* Two seconds, a key frame every half second. */
static const clip_spec spec = {.file = "requests.mp4",
                               .codec = "libx264",
                               .codec_options = "bf=2",
                               .width = 64,
                               .height = 48,
                               .n_frames = 48,
                               .time_base_den = 24};

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

static ask_video *open_source(void)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(source.path, NULL, &err);
    CHECK_OK(v, &err);
    return v;
}

enum { MAX_TIMES = 8 };

typedef struct {
    const char *name;
    double t_s[MAX_TIMES];
    int n;
    int frame[MAX_TIMES]; // what is given
    const char *message;  // or why nothing is
} time_case;

static const time_case time_cases[] = {
    {.name = "the first moment", .t_s = {0}, .n = 1, .frame = {0}},
    {.name = "a moment between frames", .t_s = {1.03}, .n = 1, .frame = {24}},
    {.name = "the last moment", .t_s = {1.9999}, .n = 1, .frame = {47}},
    {.name = "a time three times", .t_s = {1, 1, 1}, .n = 3, .frame = {24, 24, 24}},
    {.name = "two times in one frame", .t_s = {0.51, 0.52}, .n = 2, .frame = {12, 12}},
    {.name = "repeats among others",
     .t_s = {0, 0, 0.75, 0.75, 1.25},
     .n = 5,
     .frame = {0, 0, 18, 18, 30}},
    {.name = "descending times", .t_s = {1, 0.5}, .n = 2, .message = "ascend"},
    {.name = "the end", .t_s = {2.0}, .n = 1, .message = "past the end"},
    {.name = "past the end", .t_s = {0, 99}, .n = 2, .message = "past the end"},
    {.name = "before the beginning", .t_s = {-0.01}, .n = 1, .message = "before"},
    {.name = "not a number", .t_s = {NAN}, .n = 1, .message = "number"},
    {.name = "without end", .t_s = {INFINITY}, .n = 1, .message = ""},
    {.name = "nothing", .n = 0, .message = "no frames"},
};

static const ask_access accesses[] = {ASK_ACCESS_AUTO, ASK_ACCESS_SEEK,
                                      ASK_ACCESS_SEQUENTIAL};

static void check_given(const char *name, const seen *got, const int *frame, int n)
{
    CHECK_CASE(name, got->n == n);
    for (int i = 0; i < n; i++) {
        CHECK_CASE(name, got->items[i].request == i);
        CHECK_CASE(name, got->items[i].number == source.frames[frame[i]].number);
        CHECK_CASE(name, got->items[i].pts == source.frames[frame[i]].pts);
    }
}

static void check_refused(const char *name, const seen *got, const ask_error *err,
                          const char *message)
{
    CHECK_CASE(name, got->n == 0);
    CHECK_CASE(name, err->code == ASK_ERR_USAGE);
    if (!strstr(err->message, message))
        fail_msg("case \"%s\": \"%s\" does not say \"%s\"", name, err->message, message);
}

static void times_give_the_frame_on_display_or_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(time_cases) * TEST_COUNT(accesses); i++) {
        const time_case *c = &time_cases[i / TEST_COUNT(accesses)];
        const ask_frames_options options = {sizeof options,
                                            accesses[i % TEST_COUNT(accesses)]};
        ask_video *v = open_source();
        ask_error err = {0};
        seen got = {0};
        bool ok = ask_video_frames_at(v, c->t_s, c->n, &options, seen_add, &got, &err);
        CHECK_CASE(c->name, ok == !c->message);
        if (ok)
            check_given(c->name, &got, c->frame, c->n);
        else
            check_refused(c->name, &got, &err, c->message);
        seen_free(&got);
        ask_video_close(v);
    }
}

/* ---- the end ---- */

/* Times around the end of a clip whose container promises another one. */
typedef struct {
    const char *name;
    clip_spec spec;
    double promised_s;
    double given_s[3];   // the last frame is on display
    double refused_s[3]; // these are past the end
} end_case;

#define ONE_SECOND                                                                         \
    .width = 64, .height = 48, .n_frames = 24, .time_base_den = 24, .codec = "libx264"

static const end_case end_cases[] = {
    {.name = "the end as promised",
     .spec = {.file = "end.mp4", ONE_SECOND},
     .promised_s = 1,
     .given_s = {0.96, 0.98, 0.9999},
     .refused_s = {1, 1.001, 1.5}},
    {.name = "sound that is half a second longer",
     .spec = {.file = "end_sound.mkv", ONE_SECOND, .audio = true},
     .promised_s = 1.5,
     .given_s = {0.96, 1, 1.49},
     .refused_s = {1.6, 1.9, 2}},
    {.name = "half of the frames are cut off", // 1.0 s of 2.0: a second and no more
     .spec = {.file = "end_cut.mkv",
              .codec = "mpeg4",
              .width = 64,
              .height = 48,
              .n_frames = 60,
              .time_base_den = 24,
              .cut_frame = 24},
     .promised_s = 2.5,
     .given_s = {0.96, 1, 1.99},
     .refused_s = {2, 2.01, 2.49}},
    {.name = "no promise",
     .spec = {.file = "end_streamed.mkv", ONE_SECOND, .streamed = true},
     .promised_s = -1,
     .given_s = {0.96, 0.98, 0.998},
     .refused_s = {1, 1.001, 1.5}},
};

/* Asks a new handle for the frame on display at t. */
static bool ask_alone(const clip *c, double t_s, ask_access access, bool full, seen *got,
                      ask_error *err)
{
    const ask_frames_options options = {sizeof options, access};
    ask_video *v = ask_video_open(c->path, NULL, err);
    bool ok = v && (!full || ask_video_table(v, err)) &&
              ask_video_frames_at(v, &t_s, 1, &options, seen_add, got, err);
    ask_video_close(v);
    return ok;
}

static void check_end_at(const char *name, const clip *c, double t_s, bool is_given)
{
    for (size_t i = 0; i < 2 * TEST_COUNT(accesses); i++) {
        ask_error err = {0};
        seen got = {0};
        bool full = i % 2;
        bool ok = ask_alone(c, t_s, accesses[i / 2], full, &got, &err);
        bool right = is_given ? ok && got.n == 1 &&
                                    got.items[0].number == c->frames[c->n_frames - 1].number
                              : !ok && got.n == 0 && err.code == ASK_ERR_USAGE &&
                                    strstr(err.message, "past the end");
        if (!right)
            fail_msg("case \"%s\": %g s, access %d, full %d: %s", name, t_s,
                     (int)accesses[i / 2], full, ok ? "a frame" : err.message);
        seen_free(&got);
    }
}

static void check_promise(const end_case *e, const clip *c)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(c->path, NULL, &err);
    CHECK_OK(v, &err);
    double promised_s = ask_video_outline(v)->duration_s;
    CHECK_CASE(e->name,
               e->promised_s < 0 ? promised_s < 0 : fabs(promised_s - e->promised_s) < 0.1);
    const ask_time_table *table = ask_video_table(v, &err);
    CHECK_OK(table, &err);
    CHECK_CASE(e->name, fabs(table->duration_s - 1) < 0.002);
    ask_video_close(v);
}

static void the_last_frame_stays_until_the_promised_end_for_a_second_at_most(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(end_cases); i++) {
        const end_case *e = &end_cases[i];
        clip c;
        clip_encode(&c, &e->spec, dir);
        check_promise(e, &c);
        for (size_t k = 0; k < TEST_COUNT(e->given_s); k++)
            check_end_at(e->name, &c, e->given_s[k], true);
        for (size_t k = 0; k < TEST_COUNT(e->refused_s); k++)
            check_end_at(e->name, &c, e->refused_s[k], false);
        clip_free(&c);
    }
}

/* ---- indexes ---- */

typedef struct {
    const char *name;
    int64_t index[MAX_TIMES];
    int n;
    const char *message; // NULL: the frames of these numbers are given
} index_case;

static const index_case index_cases[] = {
    {.name = "first and last", .index = {0, 47}, .n = 2},
    {.name = "repeats", .index = {3, 3, 40, 40, 40}, .n = 5},
    {.name = "descending", .index = {3, 2}, .n = 2, .message = "ascend"},
    {.name = "one too many", .index = {47, 48}, .n = 2, .message = "48"},
    {.name = "negative", .index = {-1}, .n = 1, .message = "-1"},
    {.name = "huge", .index = {INT64_MAX}, .n = 1, .message = "48"},
    {.name = "nothing", .n = 0, .message = "no frames"},
};

static void indexes_give_their_frames_or_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(index_cases) * TEST_COUNT(accesses); i++) {
        const index_case *c = &index_cases[i / TEST_COUNT(accesses)];
        const ask_frames_options options = {sizeof options,
                                            accesses[i % TEST_COUNT(accesses)]};
        ask_video *v = open_source();
        ask_error err = {0};
        seen got = {0};
        bool ok = ask_video_frames(v, c->index, c->n, &options, seen_add, &got, &err);
        CHECK_CASE(c->name, ok == !c->message);
        int frame[MAX_TIMES] = {0};
        for (int k = 0; k < c->n; k++) frame[k] = (int)c->index[k];
        if (ok)
            check_given(c->name, &got, frame, c->n);
        else
            check_refused(c->name, &got, &err, c->message);
        for (int k = 0; k < got.n; k++)
            CHECK_CASE(c->name, got.items[k].index == c->index[k]);
        seen_free(&got);
        ask_video_close(v);
    }
}

static void an_index_is_given_once_the_table_is_full(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_video *v = open_source();
    seen got = {0};
    CHECK_OK(ask_video_table(v, &err), &err);
    CHECK_OK(ask_video_frames_at(v, (double[]){0.5, 1.5}, 2, NULL, seen_add, &got, &err),
             &err);
    assert_int_equal(got.items[0].index, 12);
    assert_int_equal(got.items[1].index, 36);
    seen_free(&got);
    ask_video_close(v);
}

/* Takes some frames, then has enough. */
typedef struct {
    int n_taken, n_wanted;
} taker;

static bool take(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)frame;
    taker *t = user;
    if (t->n_taken == t->n_wanted)
        return ask_fail(err, ASK_ERR_NOT_FOUND, "enough of frames");
    t->n_taken++;
    return true;
}

static void a_callback_that_refuses_ends_the_work_with_its_own_error(void **state)
{
    (void)state;
    ask_video *v = open_source();
    for (size_t i = 0; i < TEST_COUNT(accesses); i++) {
        const ask_frames_options options = {sizeof options, accesses[i]};
        taker t = {.n_wanted = 1};
        ask_error err = {0};
        assert_false(
            ask_video_frames_at(v, (double[]){0.1, 1, 1.5}, 3, &options, take, &t, &err));
        assert_int_equal(t.n_taken, 1);
        assert_int_equal(err.code, ASK_ERR_NOT_FOUND);
        assert_string_equal(err.message, "enough of frames");
    }
    taker t = {.n_wanted = 30};
    ask_error err = {0};
    assert_false(ask_video_walk(v, take, &t, &err));
    assert_int_equal(t.n_taken, 30);
    assert_string_equal(err.message, "enough of frames");

    seen all = seen_walk("after the refusals", v); // and the handle is as before
    assert_int_equal(all.n, source.n_frames);
    seen_free(&all);
    ask_video_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_give_the_frame_on_display_or_are_refused),
        cmocka_unit_test(the_last_frame_stays_until_the_promised_end_for_a_second_at_most),
        cmocka_unit_test(indexes_give_their_frames_or_are_refused),
        cmocka_unit_test(an_index_is_given_once_the_table_is_full),
        cmocka_unit_test(a_callback_that_refuses_ends_the_work_with_its_own_error),
    };
    return cmocka_run_group_tests(tests, make_clip, remove_clip);
}
