/* Files that cameras and editors made, where they are there. */
#include <math.h>

#include "media/video.h"
#include "support/seen.h"
#include "support/testing.h"

typedef struct {
    const char *file;
    int width, height;
    int64_t n_frames;
    double fps;
} real_case;

static const real_case cases[] = {
    {"media/bedroom.mp4", 960, 540, 200, 30},
    {"media/default_juggle.mp4", 1280, 720, 247, 24},
    {"media/dog.mp4", 1280, 720, 289, 30000.0 / 1001},
};

static void check_table(const real_case *c, ask_video *v)
{
    ask_error err = {0};
    const ask_video_info *info = ask_video_info_of(v);
    CHECK_CASE(c->file, info->width == c->width && info->height == c->height);
    CHECK_CASE(c->file, info->rotation == 0);
    const ask_time_table *t = ask_video_outline(v);
    CHECK_CASE(c->file, fabs(t->fps - c->fps) < 0.1);
    CHECK_CASE(c->file, fabs(t->duration_s - (double)c->n_frames / c->fps) < 0.05);

    t = ask_video_table(v, &err);
    if (!t) fail_msg("%s: %s", c->file, err.message);
    CHECK_CASE(c->file, t->n_frames == c->n_frames);
    CHECK_CASE(c->file, fabs(t->fps - c->fps) < 1e-3);
    CHECK_CASE(c->file, !t->vfr);
    CHECK_CASE(c->file, t->frames[0].t_s == 0 && t->frames[0].key);
    for (int64_t i = 0; i < t->n_frames; i++)
        CHECK_CASE(c->file, fabs(t->frames[i].t_s - (double)i / c->fps) < 1e-3);
}

/* Eight frames over the clip, by seeking, are those of the walk. */
static void check_frames(const real_case *c, ask_video *v)
{
    ask_error err = {0};
    const ask_time_table *t = ask_video_table(v, &err);
    seen all = seen_walk(c->file, v), got = {0};
    CHECK_CASE(c->file, all.n == c->n_frames);
    double times[8];
    for (int i = 0; i < 8; i++) times[i] = (i + 0.5) * t->duration_s / 8;
    const ask_frames_options seek = {sizeof seek, ASK_ACCESS_SEEK};
    CHECK_OK(ask_video_frames_at(v, times, 8, &seek, seen_add, &got, &err), &err);
    CHECK_CASE(c->file, got.n == 8);
    for (int i = 0; i < 8; i++) {
        CHECK_CASE(c->file, got.items[i].t_s <= times[i]);
        CHECK_CASE(c->file, got.items[i].hash == all.items[got.items[i].index].hash);
    }
    seen_free(&all);
    seen_free(&got);
}

static void real_clips_have_their_frames_and_rates(void **state)
{
    (void)state;
    int n_found = 0;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *path = test_shared(cases[i].file);
        if (!path) continue;
        n_found++;
        ask_error err = {0};
        ask_video *v = ask_video_open(path, NULL, &err);
        if (!v) fail_msg("%s", err.message);
        check_table(&cases[i], v);
        check_frames(&cases[i], v);
        ask_video_close(v);
    }
    if (n_found == 0) {
        print_message("no media/*.mp4 in $ASKANCE_SHARED (../shared)\n");
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_clips_have_their_frames_and_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
