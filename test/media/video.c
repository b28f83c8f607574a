/* What a video is, and when each of its frames is shown, for every case of
 * support/clips.h. */
#include "media/video.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/clips.h"
#include "support/testing.h"

/* Times come from dividing integers; containers keep durations in their own, coarser units.
 */
static const double TIME_TOL_S = 1e-9;
static const double CONTAINER_TOL_S = 0.0011;

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static bool near(double a, double b, double tol)
{
    return fabs(a - b) <= tol;
}

/* Where the encoder was told nothing, some containers say nothing and some say 1/1. */
static bool is_aspect_right(const clip *c, const ask_video_info *i)
{
    int64_t num = i->sample_aspect_num, den = i->sample_aspect_den;
    if (c->aspect_num > 0) return num == c->aspect_num && den == c->aspect_den;
    return den == 1 && (num == 0 || num == 1);
}

static void check_info(const clip *c, const ask_video_info *i)
{
    CHECK_CASE(c->name, strstr(i->container, c->container));
    CHECK_CASE(c->name, strcmp(i->codec, c->codec) == 0);
    CHECK_CASE(c->name, i->width == c->width);
    CHECK_CASE(c->name, i->height == c->height);
    CHECK_CASE(c->name, i->rotation == c->rotation);
    bool turned = c->rotation % 180 != 0;
    CHECK_CASE(c->name, i->coded_width == (turned ? c->height : c->width));
    CHECK_CASE(c->name, i->coded_height == (turned ? c->width : c->height));
    CHECK_CASE(c->name, i->time_base_num == c->time_base_num);
    CHECK_CASE(c->name, i->time_base_den == c->time_base_den);
    CHECK_CASE(c->name, is_aspect_right(c, i));
    CHECK_CASE(c->name, i->n_video_streams == 1);
    CHECK_CASE(c->name, i->n_audio_streams == c->n_audio_streams);
    CHECK_CASE(c->name, i->n_subtitle_streams == 0);
    CHECK_CASE(c->name, i->file_bytes > 0);
}

static void check_outline(const clip *c, const ask_time_table *t)
{
    CHECK_CASE(c->name, !t->full);
    CHECK_CASE(c->name, t->frames == NULL);
    CHECK_CASE(c->name, t->n_frames == -1 || t->n_frames > 0);
    CHECK_CASE(c->name, t->n_keys >= 0 && t->n_keys <= c->n_frames);
    if (t->duration_source == ASK_DURATION_UNKNOWN) {
        CHECK_CASE(c->name, !c->duration_known);
        CHECK_CASE(c->name, t->duration_s < 0);
    } else {
        CHECK_CASE(c->name, t->duration_source == ASK_DURATION_CONTAINER);
        CHECK_CASE(c->name, near(t->duration_s, c->duration_s, CONTAINER_TOL_S));
    }
}

static void check_frame(const clip *c, int i, const ask_frame_time *got)
{
    const clip_frame *want = &c->frames[i];
    if (got->pts == want->pts && near(got->t_s, want->t_s, TIME_TOL_S) &&
        near(got->duration_s, want->duration_s, TIME_TOL_S) && got->key == want->key)
        return;
    fail_msg("case \"%s\": frame %d: pts %lld, %.9f s for %.9f s%s; expected %lld, %.9f s "
             "for %.9f s%s",
             c->name, i, (long long)got->pts, got->t_s, got->duration_s,
             got->key ? ", key" : "", (long long)want->pts, want->t_s, want->duration_s,
             want->key ? ", key" : "");
}

static void check_table(const clip *c, const ask_time_table *t)
{
    CHECK_CASE(c->name, t->full);
    CHECK_CASE(c->name, t->duration_source != ASK_DURATION_UNKNOWN);
    CHECK_CASE(c->name, near(t->duration_s, c->duration_s, TIME_TOL_S));
    CHECK_CASE(c->name, near(t->fps, c->n_frames / c->duration_s, 1e-6 * t->fps));
    CHECK_CASE(c->name, t->vfr == c->vfr);
    CHECK_CASE(c->name, t->n_frames == c->n_frames);
    int n_keys = 0;
    for (int i = 0; i < c->n_frames; i++) {
        check_frame(c, i, &t->frames[i]);
        n_keys += c->frames[i].key;
    }
    CHECK_CASE(c->name, t->n_keys == n_keys);
}

static void check_good(const clip *c)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(c->path, NULL, &err);
    if (!v) fail_msg("case \"%s\": %s", c->name, err.message);
    check_info(c, ask_video_info_of(v));
    check_outline(c, ask_video_outline(v));

    const ask_time_table *t = ask_video_table(v, &err);
    if (!t) fail_msg("case \"%s\": %s", c->name, err.message);
    check_table(c, t);
    CHECK_CASE(c->name, ask_video_table(v, &err) == t);
    check_outline(c, ask_video_outline(v));
    ask_video_close(v);
}

static bool opens_and_has_a_table(const char *path, ask_error *err)
{
    ask_video *v = ask_video_open(path, NULL, err);
    bool ok = v && ask_video_table(v, err);
    ask_video_close(v);
    return ok;
}

static void check_bad(const clip *c)
{
    ask_error err = {0};
    CHECK_CASE(c->name, !opens_and_has_a_table(c->path, &err));
    if (err.code != c->code || !strstr(err.message, c->message))
        fail_msg("case \"%s\": %s, \"%s\"; expected %s, \"...%s...\"", c->name,
                 ask_error_name(err.code), err.message, ask_error_name(c->code),
                 c->message);
    CHECK_CASE(c->name, strncmp(err.message, c->path, strlen(c->path)) == 0);
}

static void a_clip_gives_its_table_or_its_error(void **state)
{
    clip c = clip_make(*state, dir);
    if (c.code == ASK_OK)
        check_good(&c);
    else
        check_bad(&c);
    clip_free(&c);
}

/* Each row changes one limit of an otherwise good clip. */
typedef struct {
    const char *name;
    int max_streams, max_side_px;
    int64_t max_pixels, max_packets;
    const char *message;
} limit_case;

static const limit_case limit_cases[] = {
    {.name = "streams", .max_streams = 1, .message = "streams"},
    {.name = "side", .max_side_px = 63, .message = "64 x 48"},
    {.name = "pixels", .max_pixels = 64 * 48 - 1, .message = "64 x 48"},
    {.name = "packets", .max_packets = 23, .message = "packets"},
};

static const clip_spec with_audio = {.file = "limits.mp4",
                                     .codec = "libx264",
                                     .width = 64,
                                     .height = 48,
                                     .n_frames = 24,
                                     .time_base_den = 24,
                                     .audio = true};

static void what_is_beyond_a_limit_is_refused_by_name(void **state)
{
    (void)state;
    clip c;
    clip_encode(&c, &with_audio, dir);
    for (size_t i = 0; i < TEST_COUNT(limit_cases); i++) {
        const limit_case *l = &limit_cases[i];
        ask_video_options options = ask_video_defaults();
        if (l->max_streams) options.max_streams = l->max_streams;
        if (l->max_side_px) options.max_side_px = l->max_side_px;
        if (l->max_pixels) options.max_pixels = l->max_pixels;
        if (l->max_packets) options.max_packets = l->max_packets;
        ask_error err = {0};
        ask_video *v = ask_video_open(c.path, &options, &err);
        CHECK_CASE(l->name, !v || !ask_video_table(v, &err));
        CHECK_CASE(l->name, err.code == ASK_ERR_LIMIT);
        if (!strstr(err.message, l->message))
            fail_msg("case \"%s\": %s", l->name, err.message);
        ask_video_close(v);
    }
    clip_free(&c);
}

static void get_quick_id(char out[17], const char *path)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(path, NULL, &err);
    CHECK_OK(v && ask_video_quick_id(v, out, &err), &err);
    ask_video_close(v);
    assert_int_equal(strlen(out), 16);
    assert_int_equal(strspn(out, "0123456789abcdef"), 16);
}

static void the_quick_id_follows_the_bytes_and_not_the_name(void **state)
{
    (void)state;
    clip c;
    clip_encode(&c, &with_audio, dir);
    size_t n_bytes;
    char *bytes = test_read(c.path, &n_bytes);
    const char *copy = test_path(dir, "copy.mp4"), *other = test_path(dir, "other.mp4");
    test_write(copy, bytes, n_bytes);
    bytes[n_bytes - 1] ^= 1;
    test_write(other, bytes, n_bytes);

    char id[17], id_of_copy[17], id_of_other[17];
    get_quick_id(id, c.path);
    get_quick_id(id_of_copy, copy);
    get_quick_id(id_of_other, other);
    assert_string_equal(id, id_of_copy);
    assert_string_not_equal(id, id_of_other);
    free(bytes);
    clip_free(&c);
}

/* An IVF file with two key frames of VP8 that are never decoded, at absurd times. */
static void write_absurd_times(const char *path)
{
    uint8_t file[32 + 2 * (12 + 50)] = "DKIF";
    const uint8_t header[] = {0, 0,  32, 0,  'V', 'P', '8', '0', 64,
                              0, 48, 0,  25, 0,   0,   0,   1};
    const uint8_t picture[] = {0x10, 2, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0};
    const int64_t pts[] = {-9000000000000000000, 9000000000000000000};
    memcpy(file + 4, header, sizeof header);
    file[24] = 2;
    for (int i = 0; i < 2; i++) {
        uint8_t *frame = file + 32 + i * (12 + 50);
        frame[0] = 50;
        for (int b = 0; b < 8; b++) frame[4 + b] = (uint8_t)((uint64_t)pts[i] >> 8 * b);
        memcpy(frame + 12, picture, sizeof picture);
    }
    test_write(path, file, sizeof file);
}

static void a_frame_at_an_absurd_time_is_none(void **state)
{
    (void)state;
    ask_error err = {0};
    const char *path = test_path(dir, "absurd.ivf");
    write_absurd_times(path);
    ask_video *v = ask_video_open(path, NULL, &err);
    assert_true(!v || !ask_video_table(v, &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(strstr(err.message, "the video stream has no frames"));
    ask_video_close(v);
}

/* One test for each clip, with its name; then the others. */
int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(what_is_beyond_a_limit_is_refused_by_name),
        cmocka_unit_test(the_quick_id_follows_the_bytes_and_not_the_name),
        cmocka_unit_test(a_frame_at_an_absurd_time_is_none),
    };
    size_t n_clips = (size_t)n_clip_cases, n = n_clips + TEST_COUNT(others);
    struct CMUnitTest *tests = calloc(n, sizeof *tests);
    if (!tests) return 1;
    for (size_t i = 0; i < n_clips; i++)
        tests[i] = (struct CMUnitTest){.name = clip_cases[i].name,
                                       .test_func = a_clip_gives_its_table_or_its_error,
                                       .initial_state = (void *)&clip_cases[i]};
    memcpy(tests + n_clips, others, sizeof others);
    int n_failed = _cmocka_run_group_tests("video", tests, n, make_dir, remove_dir);
    free(tests);
    return n_failed;
}
