/* Media files: an input is a file as it is. What opens must keep the promises of
 * media/video.h: times that ascend from 0, pictures of the size that was told. The limits
 * are small, so that an input is slow only when a limit does not hold. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/video.h"

enum { MAX_SIDE_PX = 512, MAX_PACKETS = 500 };

static void check(bool condition)
{
    if (!condition) abort();
}

static void check_error(const ask_error *err)
{
    check(err->code != ASK_OK && err->code != ASK_ERR_BUG && err->message[0]);
}

static void check_table(const ask_time_table *t)
{
    check(t->full && t->n_frames > 0 && t->n_keys <= t->n_frames);
    check(t->frames[0].t_s == 0);
    for (int64_t i = 0; i < t->n_frames; i++) {
        const ask_frame_time *f = &t->frames[i];
        check(f->duration_s >= 0);
        check(i == 0 || (f->t_s >= f[-1].t_s && f->pts > f[-1].pts));
    }
    check(t->duration_s >= t->frames[t->n_frames - 1].t_s);
}

/* The frames so far, of a request or a walk. */
typedef struct {
    const ask_video_info *info;
    int n;
    double last_s;
} watcher;

static bool watch(void *user, const ask_video_frame *frame, ask_error *err)
{
    watcher *w = user;
    const ask_image *i = frame->image;
    check(i->channels == 3 && i->width == w->info->width && i->height == w->info->height);
    check(frame->t_s >= w->last_s);
    volatile uint8_t last = i->pixels[(size_t)i->width * i->height * 3 - 1];
    (void)last;
    w->last_s = frame->t_s;
    return ++w->n < 20 || ask_fail(err, ASK_ERR_NOT_FOUND, "enough");
}

static void use(ask_video *v)
{
    ask_error err = {0};
    watcher w = {.info = ask_video_info_of(v)};
    const ask_frames_options seek = {sizeof seek, ASK_ACCESS_SEEK};
    const double times[] = {0, 0.1};
    if (!ask_video_frames_at(v, times, 2, &seek, watch, &w, &err)) check_error(&err);

    const ask_time_table *t = ask_video_table(v, &err);
    if (!t) {
        check_error(&err);
        return;
    }
    check_table(t);
    w = (watcher){.info = w.info};
    const int64_t ends[] = {0, t->n_frames - 1};
    if (!ask_video_frames(v, ends, 2, NULL, watch, &w, &err)) check_error(&err);
    w = (watcher){.info = w.info};
    if (!ask_video_walk(v, watch, &w, &err)) check_error(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", 0);
    check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);

    ask_video_options options = ask_video_defaults();
    options.max_side_px = MAX_SIDE_PX;
    options.max_pixels = MAX_SIDE_PX * MAX_SIDE_PX;
    options.max_packets = MAX_PACKETS;
    options.n_threads = 1;
    ask_error err = {0};
    ask_video *v = ask_video_open(path, &options, &err);
    if (v)
        use(v);
    else
        check_error(&err);
    ask_video_close(v);
    close(fd);
    return 0;
}
