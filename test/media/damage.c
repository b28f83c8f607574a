/* Damaged data: threads that decode at the same time must not change what is made of it.
 *
 * A decoder of many frames at a time may hand out a frame before it knows of its damage,
 * and let the next ones refer to what it has not filled in yet. That depends on who is
 * faster, so the same frames are asked for many times, beside threads that keep the
 * processor busy. */
#include <libavformat/avformat.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/thread.h"
#include "media/video.h"
#include "support/clips.h"
#include "support/seen.h"
#include "support/testing.h"

enum { N_BUSY = 3, N_REPEATS = 40, N_FRAMES = 24, GROUP = 12 };

/* Two groups of twelve frames; of the second, one packet is overwritten by half. */
typedef struct {
    clip_spec spec;
    int packet; // in the order of the file
} damage_case;

#define SMALL .width = 160, .height = 96, .n_frames = N_FRAMES, .time_base_den = 25

static const damage_case cases[] = {
    {{.file = "mpeg4.mp4", .codec = "mpeg4", SMALL}, 15},
    {{.file = "h264.mp4", .codec = "libx264", SMALL}, 15},
    {{.file = "h264_b.mp4",
      .codec = "libx264",
      .codec_options = "bf=2:b_strategy=0",
      SMALL},
     16},
    {{.file = "h264_key.mp4",
      .codec = "libx264",
      .codec_options = "bf=2:b_strategy=0",
      SMALL},
     12},
};

static void damage_packet(const char *path, int number)
{
    AVFormatContext *in = NULL;
    AVPacket *packet = av_packet_alloc();
    assert_non_null(packet);
    assert_true(avformat_open_input(&in, path, NULL, NULL) >= 0);
    for (int i = 0; i <= number; i++) {
        av_packet_unref(packet);
        assert_true(av_read_frame(in, packet) >= 0);
    }
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    int half = packet->size / 2;
    assert_int_equal(fseek(file, (long)packet->pos + half, SEEK_SET), 0);
    for (int i = half; i < packet->size; i++) putc((i * 37 + 11) & 255, file);
    assert_int_equal(fclose(file), 0);
    av_packet_free(&packet);
    avformat_close_input(&in);
}

/* ---- a busy processor ---- */

static atomic_bool stop;

static void be_busy(void *user)
{
    (void)user;
    while (!atomic_load(&stop)) continue;
}

static ask_thread *busy[N_BUSY];
static char *dir;

static int begin(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    ask_error err = {0};
    for (int i = 0; i < N_BUSY; i++) {
        busy[i] = ask_thread_start(be_busy, NULL, &err);
        if (!busy[i]) return 1;
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    atomic_store(&stop, true);
    for (int i = 0; i < N_BUSY; i++) ask_thread_join(busy[i]);
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- frames of a damaged clip ---- */

static ask_video *open_clip(const clip *c, int n_threads)
{
    ask_video_options options = ask_video_defaults();
    options.n_threads = n_threads;
    ask_error err = {0};
    ask_video *v = ask_video_open(c->path, &options, &err);
    if (!v) fail_msg("%s: %s", c->name, err.message);
    return v;
}

/* What is to be had of a frame that is asked for alone: its bits, or an error. */
typedef struct {
    bool given;
    bool damaged;
    uint64_t hash;
} outcome;

static bool look(void *user, const ask_video_frame *frame, ask_error *err)
{
    seen s = {0};
    bool ok = seen_add(&s, frame, err);
    *(outcome *)user = (outcome){true, frame->damaged, s.items[0].hash};
    seen_free(&s);
    return ok;
}

static outcome get(const clip *c, int frame, int n_threads, ask_access access)
{
    ask_video *v = open_clip(c, n_threads);
    const ask_frames_options options = {sizeof options, access};
    outcome o = {0};
    ask_error err = {0};
    const clip_frame *f = &c->frames[frame];
    double t_s = f->t_s + f->duration_s / 2;
    if (!ask_video_frames_at(v, &t_s, 1, &options, look, &o, &err) &&
        err.code != ASK_ERR_FORMAT)
        fail_msg("%s, frame %d: %s", c->name, frame, err.message);
    ask_video_close(v);
    return o;
}

static bool same(const outcome *a, const outcome *b)
{
    return a->given == b->given && a->damaged == b->damaged && a->hash == b->hash;
}

static void what_threads_make_of_damage_is_what_one_makes(void **state)
{
    const damage_case *d = *state;
    clip c;
    clip_encode(&c, &d->spec, dir);
    c.name = d->spec.file;
    damage_packet(c.path, d->packet);

    outcome alone[N_FRAMES];
    int n_harmed = 0;
    for (int i = 0; i < N_FRAMES; i++) {
        alone[i] = get(&c, i, 1, ASK_ACCESS_SEEK);
        n_harmed += !alone[i].given || alone[i].damaged;
    }
    CHECK_CASE(c.name, n_harmed > 0); // or there is nothing to test
    for (int i = 0; i < GROUP; i++) CHECK_CASE(c.name, alone[i].given && !alone[i].damaged);

    for (int k = 0; k < N_REPEATS; k++) {
        int i = GROUP + k % (N_FRAMES - GROUP), n_threads = 2 + k % 3;
        ask_access access = k % 2 ? ASK_ACCESS_SEEK : ASK_ACCESS_SEQUENTIAL;
        outcome o = get(&c, i, n_threads, access);
        if (!same(&o, &alone[i]))
            fail_msg(
                "%s, frame %d, %d threads, repeat %d: given %d, damaged %d; one thread: "
                "given %d, damaged %d%s",
                c.name, i, n_threads, k, o.given, o.damaged, alone[i].given,
                alone[i].damaged, o.hash != alone[i].hash ? "; other pixels" : "");
    }
    clip_free(&c);
}

/* One test for each clip, with its name. */
int main(void)
{
    struct CMUnitTest tests[TEST_COUNT(cases)];
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        tests[i] =
            (struct CMUnitTest){.name = cases[i].spec.file,
                                .test_func = what_threads_make_of_damage_is_what_one_makes,
                                .initial_state = (void *)&cases[i]};
    return _cmocka_run_group_tests("damage", tests, TEST_COUNT(cases), begin, end);
}
