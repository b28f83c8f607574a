/* GIFs, byte by byte: delays, frames that cover a part, transparency, disposal. The pixels
 * expected are worked out here by the rules of GIF89a, and where it leaves room as Pillow
 * does: what no frame covers has the background colour, or is transparent where the frame
 * that leaves it has a transparent colour. Transparent is shown on white. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "media/video.h"
#include "support/testing.h"

enum { WIDTH = 16, HEIGHT = 12, N_COLORS = 128, MAX_FRAMES = 6 };
enum { TRANSPARENT = 127 }; // the palette's entry, where a frame has one

enum { KEEP = 1, CLEAR = 2, RESTORE = 3 };

/* A rectangle of one colour; its left half is transparent where it has holes. */
typedef struct {
    int x, y, width, height;
    int color;
    int delay_cs;
    int disposal;
    bool holes;
} gif_frame;

typedef struct {
    const char *name;
    int background; // the palette's entry that the file calls background
    gif_frame frames[MAX_FRAMES];
    double t_s[MAX_FRAMES + 1]; // when each is shown, and the end
    bool vfr;
} gif_case;

static const gif_case cases[] = {
    {.name = "delays",
     .frames = {{0, 0, 16, 12, 1, 10, KEEP, false},
                {0, 0, 16, 12, 2, 25, KEEP, false},
                {0, 0, 16, 12, 3, 5, KEEP, false}},
     .t_s = {0, 0.10, 0.35, 0.40},
     .vfr = true},
    {.name = "a last delay that alone is longer",
     .frames = {{0, 0, 16, 12, 1, 10, KEEP, false},
                {0, 0, 16, 12, 2, 10, KEEP, false},
                {0, 0, 16, 12, 3, 50, KEEP, false}},
     .t_s = {0, 0.1, 0.2, 0.7},
     .vfr = true},
    {.name = "a last delay that alone is shorter",
     .frames = {{0, 0, 16, 12, 1, 10, KEEP, false}, {0, 0, 16, 12, 2, 3, KEEP, false}},
     .t_s = {0, 0.1, 0.13},
     .vfr = true},
    {.name = "a last delay that differs by rounding",
     .frames = {{0, 0, 16, 12, 1, 3, KEEP, false},
                {0, 0, 16, 12, 2, 3, KEEP, false},
                {0, 0, 16, 12, 3, 4, KEEP, false}},
     .t_s = {0, 0.03, 0.06, 0.10}},
    {.name = "without a delay a frame is shown for a tenth of a second",
     .frames = {{0, 0, 16, 12, 1, 0, KEEP, false},
                {0, 0, 16, 12, 2, 1, KEEP, false},
                {0, 0, 16, 12, 3, 0, KEEP, false}},
     .t_s = {0, 0.10, 0.11, 0.21},
     .vfr = true},
    {.name = "partial frames that stay",
     .frames = {{0, 0, 16, 12, 1, 10, KEEP, false},
                {2, 3, 5, 4, 2, 10, KEEP, false},
                {10, 8, 6, 4, 3, 10, 0, false}},
     .t_s = {0, 0.1, 0.2, 0.3}},
    {.name = "frames that are cleared away",
     .frames = {{0, 0, 16, 12, 1, 10, KEEP, true},
                {2, 3, 5, 4, 2, 10, CLEAR, true},
                {10, 8, 6, 4, 3, 10, CLEAR, true},
                {0, 0, 3, 3, 4, 10, KEEP, true}},
     .t_s = {0, 0.1, 0.2, 0.3, 0.4}},
    {.name = "frames that are cleared away, without a transparent colour",
     .background = 9,
     .frames = {{0, 0, 16, 12, 1, 10, KEEP, false},
                {2, 3, 5, 4, 2, 10, CLEAR, false},
                {10, 8, 6, 4, 3, 10, KEEP, false}},
     .t_s = {0, 0.1, 0.2, 0.3}},
    {.name = "what was there before comes back",
     .frames = {{0, 0, 16, 12, 1, 10, KEEP, false},
                {2, 3, 5, 4, 2, 10, RESTORE, false},
                {3, 4, 6, 4, 3, 10, RESTORE, true},
                {0, 0, 3, 3, 4, 10, KEEP, false}},
     .t_s = {0, 0.1, 0.2, 0.3, 0.4}},
    {.name = "holes show what is behind",
     .frames = {{0, 0, 16, 12, 1, 10, KEEP, false}, {2, 2, 8, 8, 2, 10, KEEP, true}},
     .t_s = {0, 0.1, 0.2}},
    {.name = "a first frame that covers a part, on transparent",
     .background = 5,
     .frames = {{4, 4, 4, 4, 1, 10, KEEP, true}, {6, 6, 4, 4, 2, 10, KEEP, false}},
     .t_s = {0, 0.1, 0.2}},
    {.name = "a first frame that covers a part",
     .background = 5,
     .frames = {{4, 4, 4, 4, 1, 10, KEEP, false}, {6, 6, 4, 4, 2, 10, KEEP, false}},
     .t_s = {0, 0.1, 0.2}},
    {.name = "one frame", .frames = {{0, 0, 16, 12, 1, 30, KEEP, false}}, .t_s = {0, 0.3}},
};

static int count_frames(const gif_case *c)
{
    int n = 0;
    while (n < MAX_FRAMES && c->frames[n].width) n++;
    return n;
}

static void color_of(uint8_t rgb[3], int color)
{
    rgb[0] = (uint8_t)(37 * color);
    rgb[1] = (uint8_t)(255 - 23 * color);
    rgb[2] = (uint8_t)(101 * color);
}

static bool is_hole(const gif_frame *f, int x)
{
    return f->holes && x < f->width / 2;
}

/* ---- writing ---- */

static void put16(ask_str *out, int value)
{
    ask_str_append_char(out, (char)(value & 255));
    ask_str_append_char(out, (char)(value >> 8));
}

static void put_header(ask_str *out, int background)
{
    ask_str_append(out, "GIF89a");
    put16(out, WIDTH);
    put16(out, HEIGHT);
    ask_str_append_char(out, (char)(0x80 | 6)); // a palette of 2^7 colours
    ask_str_append_char(out, (char)background);
    ask_str_append_char(out, 0);
    for (int i = 0; i < N_COLORS; i++) {
        uint8_t rgb[3];
        color_of(rgb, i);
        ask_str_append_bytes(out, rgb, 3);
    }
}

/* With 7-bit pixels a code of LZW is 8 bits until 126 codes have followed a clear code: so
 * blocks of a clear code and up to 100 pixels need no compressor. */
static void put_pixels(ask_str *out, const gif_frame *f)
{
    enum { CLEAR_CODE = 128, END_CODE = 129, RUN = 100 };
    ask_str_append_char(out, 7);
    int n_pixels = f->width * f->height;
    for (int begin = 0; begin < n_pixels; begin += RUN) {
        int n = n_pixels - begin < RUN ? n_pixels - begin : RUN;
        ask_str_append_char(out, (char)(n + 1));
        ask_str_append_char(out, (char)CLEAR_CODE);
        for (int i = begin; i < begin + n; i++)
            ask_str_append_char(out,
                                (char)(is_hole(f, i % f->width) ? TRANSPARENT : f->color));
    }
    ask_str_append_char(out, 1);
    ask_str_append_char(out, (char)END_CODE);
    ask_str_append_char(out, 0);
}

static void put_frame(ask_str *out, const gif_frame *f)
{
    ask_str_append_bytes(out, "\x21\xf9\x04", 3);
    ask_str_append_char(out, (char)(f->disposal << 2 | f->holes));
    put16(out, f->delay_cs);
    ask_str_append_char(out, (char)(f->holes ? TRANSPARENT : 0));
    ask_str_append_char(out, 0);
    ask_str_append_char(out, 0x2c);
    put16(out, f->x);
    put16(out, f->y);
    put16(out, f->width);
    put16(out, f->height);
    ask_str_append_char(out, 0);
    put_pixels(out, f);
}

static void write_gif(const char *path, const gif_case *c)
{
    ask_str out = {0};
    put_header(&out, c->background);
    for (int i = 0; i < count_frames(c); i++) put_frame(&out, &c->frames[i]);
    ask_str_append_char(&out, 0x3b);
    assert_false(out.failed);
    test_write(path, out.data, out.length);
    ask_str_free(&out);
}

/* ---- what is to be seen ---- */

/* The palette's entry of each pixel; -1 is transparent. */
typedef struct {
    int color[HEIGHT][WIDTH];
} canvas;

static void paint(canvas *c, const gif_frame *f)
{
    for (int y = 0; y < f->height; y++) {
        for (int x = 0; x < f->width; x++)
            if (!is_hole(f, x)) c->color[f->y + y][f->x + x] = f->color;
    }
}

/* What is left where a frame leaves nothing. */
static int nothing(const gif_case *c, const gif_frame *f)
{
    return f->holes ? -1 : c->background;
}

static void fill(canvas *c, int x, int y, int width, int height, int color)
{
    for (int i = y; i < y + height; i++)
        for (int k = x; k < x + width; k++) c->color[i][k] = color;
}

static void expected_frames(canvas *shown, const gif_case *c)
{
    canvas now;
    fill(&now, 0, 0, WIDTH, HEIGHT, nothing(c, &c->frames[0]));
    for (int i = 0; i < count_frames(c); i++) {
        const gif_frame *f = &c->frames[i];
        canvas before = now;
        paint(&now, f);
        shown[i] = now;
        if (f->disposal == CLEAR)
            fill(&now, f->x, f->y, f->width, f->height, nothing(c, f));
        if (f->disposal == RESTORE) now = before;
    }
}

/* Compares frames as they come. */
typedef struct {
    const gif_case *c;
    const canvas *shown;
    int n;
} watcher;

static bool compare(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)err;
    watcher *w = user;
    const char *name = w->c->name;
    CHECK_CASE(name, w->n < count_frames(w->c));
    CHECK_CASE(name, frame->image->width == WIDTH && frame->image->height == HEIGHT);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            uint8_t rgb[3] = {255, 255, 255};
            int color = w->shown[w->n].color[y][x];
            if (color >= 0) color_of(rgb, color);
            const uint8_t *got = frame->image->pixels + (y * WIDTH + x) * 3;
            if (memcmp(got, rgb, 3) != 0)
                fail_msg(
                    "case \"%s\": frame %d, pixel (%d, %d): %d %d %d, expected %d %d %d",
                    name, w->n, x, y, got[0], got[1], got[2], rgb[0], rgb[1], rgb[2]);
        }
    }
    w->n++;
    return true;
}

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

static ask_video *open_case(const gif_case *c)
{
    const char *path = test_path(dir, "case.gif");
    write_gif(path, c);
    ask_error err = {0};
    ask_video *v = ask_video_open(path, NULL, &err);
    if (!v) fail_msg("case \"%s\": %s", c->name, err.message);
    return v;
}

static void frames_are_shown_when_and_for_as_long_as_the_delays_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const gif_case *c = &cases[i];
        ask_video *v = open_case(c);
        ask_error err = {0};
        const ask_time_table *t = ask_video_table(v, &err);
        if (!t) fail_msg("case \"%s\": %s", c->name, err.message);
        int n = count_frames(c);
        CHECK_CASE(c->name, t->n_frames == n);
        CHECK_CASE(c->name, t->vfr == c->vfr);
        for (int k = 0; k < n; k++) {
            CHECK_CASE(c->name, t->frames[k].pts == (int64_t)(c->t_s[k] * 100 + 0.5));
            CHECK_CASE(c->name, t->frames[k].t_s > c->t_s[k] - 1e-9);
            CHECK_CASE(c->name, t->frames[k].t_s < c->t_s[k] + 1e-9);
        }
        CHECK_CASE(c->name, t->duration_s > c->t_s[n] - 1e-9);
        CHECK_CASE(c->name, t->duration_s < c->t_s[n] + 1e-9);
        ask_video_close(v);
    }
}

static void pixels_follow_the_rules_of_disposal(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        canvas shown[MAX_FRAMES];
        expected_frames(shown, &cases[i]);
        ask_video *v = open_case(&cases[i]);
        watcher w = {&cases[i], shown, 0};
        ask_error err = {0};
        if (!ask_video_walk(v, compare, &w, &err))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, w.n == count_frames(&cases[i]));
        ask_video_close(v);
    }
}

/* A frame depends on those before it: also when it is the only one asked for. */
static void a_single_frame_is_that_of_the_walk(void **state)
{
    (void)state;
    static const ask_access accesses[] = {ASK_ACCESS_SEEK, ASK_ACCESS_SEQUENTIAL};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const gif_case *c = &cases[i];
        canvas shown[MAX_FRAMES];
        expected_frames(shown, c);
        ask_video *v = open_case(c);
        for (int k = count_frames(c) - 1; k >= 0; k--) {
            for (size_t a = 0; a < TEST_COUNT(accesses); a++) {
                const ask_frames_options options = {sizeof options, accesses[a]};
                watcher w = {c, shown, k};
                ask_error err = {0};
                double t_s = (c->t_s[k] + c->t_s[k + 1]) / 2;
                if (!ask_video_frames_at(v, &t_s, 1, &options, compare, &w, &err))
                    fail_msg("case \"%s\": %s", c->name, err.message);
                CHECK_CASE(c->name, w.n == k + 1);
            }
        }
        ask_video_close(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_shown_when_and_for_as_long_as_the_delays_say),
        cmocka_unit_test(pixels_follow_the_rules_of_disposal),
        cmocka_unit_test(a_single_frame_is_that_of_the_walk),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
