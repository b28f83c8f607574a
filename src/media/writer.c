#include "media/writer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/options.h"
#include "base/path.h"
#include "base/str.h"
#include "media/writer_priv.h"

struct ask_video_writer {
    char *path;
    int width, height;
    const ask_writer_format *format;
    ask_writer_options opt;
    AVRational tick, time_base; // of the caller's times, and of the file's
    ask_file_writer *file;
    ask_track track;
    int64_t n_frames, first_tick, last_pts;
    ask_error error; // the first failure that cannot be mended; ASK_OK until then
};

ask_writer_options ask_writer_defaults(void)
{
    return (ask_writer_options){
        .struct_size = sizeof(ask_writer_options),
        .fps_num = 12,
        .fps_den = 1,
        .crf = 23,
        .gop = 48,
        .preset = "veryfast",
        .n_threads = 1,
        .dither = true,
    };
}

static ask_writer_options take_options(const ask_writer_options *given)
{
    ask_writer_options options = ask_writer_defaults();
    ask_options_take(&options, sizeof options, given);
    return options;
}

static const ask_writer_format *format_for(const char *path, ask_error *err)
{
    const ask_writer_format *const formats[] = {&ask_writer_mp4, &ask_writer_gif};
    const char *ending = ask_path_extension(path);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(ending, formats[i]->ending) == 0) return formats[i];
    ask_fail(err, ASK_ERR_USAGE, "the name must end in .mp4 or .gif");
    return NULL;
}

static bool check_rate(const ask_writer_options *o, ask_error *err)
{
    enum { MOST = 1000000 };
    if (o->fps_num < 1 || o->fps_den < 1 || o->fps_num > MOST || o->fps_den > MOST)
        return ask_fail(err, ASK_ERR_USAGE, "a rate of %d/%d; both parts are 1 to %d",
                        o->fps_num, o->fps_den, MOST);
    return true;
}

static bool check_size(const ask_writer_format *f, int width, int height, ask_error *err)
{
    if (width >= 1 && height >= 1 && width <= f->max_side_px && height <= f->max_side_px)
        return true;
    return ask_fail(err, ASK_ERR_LIMIT, "a video of %d x %d; sides are 1 to %d pixels here",
                    width, height, f->max_side_px);
}

static int even(int side)
{
    return side + (side & 1);
}

/* Says which file it was, unless the file has said so itself. */
static bool fail_in_file(const ask_video_writer *w, ask_error *err)
{
    return w->track.file_error.code == ASK_OK ? ask_fail_in(err, "%s", w->path) : false;
}

static bool open_parts(ask_video_writer *w, ask_error *err)
{
    w->format = format_for(w->path, err);
    if (!w->format || !check_rate(&w->opt, err) ||
        !check_size(w->format, w->width, w->height, err) ||
        (w->format->check && !w->format->check(&w->opt, err)))
        return ask_fail_in(err, "%s", w->path);
    w->tick = (AVRational){w->opt.fps_den, w->opt.fps_num};
    w->time_base = w->format->time_base.num ? w->format->time_base : w->tick;
    w->file = ask_file_writer_open(w->path, err);
    if (!w->file) return false;
    bool round = w->format->even_sides;
    return ask_track_open(&w->track, w->format, w->file, round ? even(w->width) : w->width,
                          round ? even(w->height) : w->height, w->time_base, &w->opt,
                          err) ||
           fail_in_file(w, err);
}

ask_video_writer *ask_video_writer_open(const char *path, int width, int height,
                                        const ask_writer_options *opt, ask_error *err)
{
    ask_video_writer *w = calloc(1, sizeof *w);
    if (!w) {
        ask_fail_memory(err);
        return NULL;
    }
    w->width = width;
    w->height = height;
    w->opt = take_options(opt);
    w->path = ask_strdup(path, err);
    if (w->path && open_parts(w, err)) return w;
    ask_video_writer_abort(w);
    return NULL;
}

/* The file's time of a tick, checked against what came before. */
static bool place(int64_t *pts, const ask_video_writer *w, int64_t ticks, ask_error *err)
{
    const ask_writer_format *f = w->format;
    *pts = av_rescale_q(ticks - w->first_tick, w->tick, w->time_base);
    int64_t step = *pts - w->last_pts;
    if (step >= f->min_step && step <= f->max_step) return true;
    double unit_s = av_q2d(w->time_base);
    return ask_fail(err, ASK_ERR_USAGE,
                    "%s: tick %lld is %g s after the frame before it; a frame of this file "
                    "is shown for %g to %g s",
                    w->path, (long long)ticks, (double)step * unit_s,
                    (double)f->min_step * unit_s, (double)f->max_step * unit_s);
}

static bool fail_for_good(ask_video_writer *w, ask_error *err)
{
    fail_in_file(w, &w->error);
    if (err) *err = w->error;
    return false;
}

bool ask_video_writer_add(ask_video_writer *w, const ask_image *frame, int64_t ticks,
                          ask_error *err)
{
    int64_t pts = 0;
    if (w->error.code != ASK_OK) {
        if (err) *err = w->error;
        return false;
    }
    if (frame->width != w->width || frame->height != w->height || frame->channels != 3)
        return ask_fail(err, ASK_ERR_SHAPE,
                        "%s: a frame of %d x %d with %d channels; the video has %d x %d "
                        "with 3",
                        w->path, frame->width, frame->height, frame->channels, w->width,
                        w->height);
    if (ticks < 0)
        return ask_fail(err, ASK_ERR_USAGE, "%s: tick %lld; ticks are 0 or more", w->path,
                        (long long)ticks);
    if (w->n_frames > 0 && !place(&pts, w, ticks, err)) return false;
    if (!w->format->paint(w->track.frame, frame, &w->opt, &w->error) ||
        !ask_track_send(&w->track, pts, &w->error))
        return fail_for_good(w, err);
    if (w->n_frames++ == 0) w->first_tick = ticks;
    w->last_pts = pts;
    return true;
}

static bool finish(ask_video_writer *w, int64_t end_ticks, ask_error *err)
{
    int64_t end_pts;
    if (w->error.code != ASK_OK) {
        if (err) *err = w->error;
        return false;
    }
    if (w->n_frames == 0)
        return ask_fail(err, ASK_ERR_USAGE, "%s: a video needs at least one frame",
                        w->path);
    return place(&end_pts, w, end_ticks < 0 ? 0 : end_ticks, err) &&
           (ask_track_finish(&w->track, w->format, w->last_pts, end_pts, &w->error) ||
            fail_for_good(w, err));
}

bool ask_video_writer_commit(ask_video_writer *w, int64_t end_ticks, ask_error *err)
{
    bool ok = finish(w, end_ticks, err);
    if (ok) {
        ok = ask_file_writer_commit(w->file, err);
        w->file = NULL;
    }
    ask_video_writer_abort(w);
    return ok;
}

void ask_video_writer_abort(ask_video_writer *w)
{
    if (!w) return;
    ask_track_close(&w->track);
    ask_file_writer_abort(w->file);
    free(w->path);
    free(w);
}
