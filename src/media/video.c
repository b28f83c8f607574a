#include "media/video.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/options.h"
#include "base/str.h"
#include "media/image_header_priv.h"
#include "media/quick_id_priv.h"
#include "media/source_priv.h"
#include "media/table_cache_priv.h"
#include "media/time_table_priv.h"
#include "media/video_priv.h"

/* A container's duration may end later than the last frame does, by the end of its sound or
 * by rounding: that long, at most, the last frame stays on display. */
static const double SLACK_S = 1;

struct ask_video {
    char *path, *cache_dir; // owned
    ask_source *source;
    ask_time_table outline;
    ask_source_table packets; // {0} until it is needed
    ask_time_table full;      // the same, as it is shown
    bool asked_for_table;     // somebody may know frames by their index
};

/* ---- opening ---- */

ask_video_options ask_video_defaults(void)
{
    return (ask_video_options){
        .struct_size = sizeof(ask_video_options),
        .max_streams = 64,
        .max_side_px = 16384,
        .max_pixels = INT64_C(64) << 20,
        .max_packets = 20000000,
        .image_fps = 25,
    };
}

static bool take_options(ask_video_options *out, const ask_video_options *given,
                         ask_error *err)
{
    *out = ask_video_defaults();
    ask_options_take(out, sizeof *out, given);
    bool is_sensible = out->max_streams > 0 && out->max_side_px > 0 &&
                       out->max_pixels > 0 && out->max_packets > 0 && out->n_threads >= 0;
    return is_sensible ||
           ask_fail(err, ASK_ERR_USAGE, "limits of opening must be greater than 0");
}

/* Whether a PNG says that it is an animation; it must do so before the first picture. */
static bool is_animated_png(const uint8_t *head, size_t n_bytes)
{
    const uint8_t *control = memmem(head, n_bytes, "acTL", 4);
    const uint8_t *picture = memmem(head, n_bytes, "IDAT", 4);
    return control && (!picture || control < picture) && memcmp(head + 1, "PNG", 3) == 0;
}

/* Whether a file begins like a single picture. */
static bool is_picture(const char *path)
{
    enum { HEAD_BYTES = 64 * 1024 };
    uint8_t *head = malloc(HEAD_BYTES);
    int fd = head ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n = fd >= 0 ? read(fd, head, HEAD_BYTES) : -1;
    if (fd >= 0) close(fd);
    ask_picture_format format;
    bool is = n > 0 && ask_picture_format_of(&format, head, (size_t)n) &&
              !is_animated_png(head, (size_t)n);
    free(head);
    return is;
}

static ask_source *open_source(const char *path, const ask_video_options *options,
                               ask_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        ask_fail_errno(err, errno, "cannot open");
        return NULL;
    }
    if (S_ISDIR(info.st_mode) || (S_ISREG(info.st_mode) && is_picture(path)))
        return ask_source_folder_open(path, options, err);
    return ask_source_libav_open(path, options, err);
}

/* Says of which video an error is, except where the caller wanted to stop. */
static bool fail_in_video(const char *path, ask_error *err)
{
    return err && err->code == ASK_ERR_CANCELLED ? false : ask_fail_in(err, "%s", path);
}

ask_video *ask_video_open(const char *path, const ask_video_options *opt, ask_error *err)
{
    ask_video_options options;
    ask_video *v = calloc(1, sizeof *v);
    if (!v) {
        ask_fail_memory(err);
        goto fail;
    }
    if (!take_options(&options, opt, err) || !ask_cancel_check(options.cancel, err))
        goto fail;
    v->path = ask_strdup(path, err);
    if (!v->path) goto fail;
    if (options.cache_dir) {
        v->cache_dir = ask_strdup(options.cache_dir, err);
        if (!v->cache_dir) goto fail;
    }
    v->source = open_source(v->path, &options, err);
    if (!v->source) goto fail;
    ask_time_table_outline(&v->outline, &v->source->head);
    return v;

fail:
    ask_video_close(v);
    fail_in_video(path, err);
    return NULL;
}

void ask_video_close(ask_video *v)
{
    if (!v) return;
    if (v->source) v->source->kind->close(v->source);
    ask_source_table_free(&v->packets);
    free((void *)v->full.frames);
    free(v->cache_dir);
    free(v->path);
    free(v);
}

const ask_video_info *ask_video_info_of(const ask_video *v)
{
    return &v->source->head.info;
}

bool ask_video_quick_id(const ask_video *v, char out[17], ask_error *err)
{
    return ask_quick_id_of(out, v->path, err) || fail_in_video(v->path, err);
}

const ask_source *ask_video_source(const ask_video *v)
{
    return v->source;
}

/* ---- the time table ---- */

const ask_time_table *ask_video_outline(const ask_video *v)
{
    return &v->outline;
}

/* From the cache, or made and put there. */
static bool find_packets(ask_source_table *out, const ask_video *v, ask_error *err)
{
    const ask_source *s = v->source;
    char quick_id[ASK_QUICK_ID_CHARS];
    bool is_kept =
        v->cache_dir && s->kind->reads_slowly && ask_quick_id_of(quick_id, v->path, NULL);
    uint32_t version = s->head.table_version;
    if (is_kept && ask_table_cache_read(out, v->cache_dir, quick_id, version)) return true;
    if (!s->kind->table(v->source, out, err)) return false;
    if (is_kept) ask_table_cache_write(out, v->cache_dir, quick_id, version);
    return true;
}

static bool make_table(ask_video *v, ask_error *err)
{
    if (v->full.full) return true;
    if (!ask_cancel_check(v->source->options.cancel, err)) return false;
    ask_source_table packets;
    if (!find_packets(&packets, v, err)) return false;
    if (!ask_time_table_full(&v->full, &packets, &v->source->head, err)) {
        ask_source_table_free(&packets);
        return false;
    }
    v->packets = packets;
    return true;
}

static bool ask_for_table(ask_video *v, ask_error *err)
{
    if (!make_table(v, err)) return fail_in_video(v->path, err);
    v->asked_for_table = true;
    return true;
}

const ask_time_table *ask_video_table(ask_video *v, ask_error *err)
{
    return ask_for_table(v, err) ? &v->full : NULL;
}

/* ---- times to display times ---- */

static double seconds_of(const ask_video *v, int64_t ticks)
{
    const ask_video_info *info = &v->source->head.info;
    return (double)ticks * (double)info->time_base_num / (double)info->time_base_den;
}

/* The last tick at or before a time: the one whose seconds, computed as for everybody, are
 * not greater. */
static int64_t ticks_at(const ask_video *v, double t_s)
{
    const ask_video_info *info = &v->source->head.info;
    double exact = t_s * (double)info->time_base_den / (double)info->time_base_num;
    int64_t ticks = exact < 0x1p53 ? (int64_t)exact : INT64_C(1) << 53;
    while (ticks > 0 && seconds_of(v, ticks) > t_s) ticks--;
    while (ticks < INT64_C(1) << 53 && seconds_of(v, ticks + 1) <= t_s) ticks++;
    return ticks;
}

static int64_t pts_on_display(const ask_video *v, double t_s)
{
    int64_t first = v->full.full ? v->packets.frames[0].pts : v->source->head.first_pts;
    int64_t pts;
    if (!ask_add_i64(&pts, first, ticks_at(v, t_s))) pts = INT64_MAX;
    if (!v->full.full) return pts;
    int64_t i = ask_source_frame_at(&v->packets, pts);
    return v->packets.frames[i < 0 ? 0 : i].pts;
}

/* Where times end: of frames, or a little later where the container says so. */
static double end_s(const ask_video *v)
{
    double said = v->outline.duration_s < 0 ? INFINITY : v->outline.duration_s;
    if (!v->full.full) return said;
    double counted = v->full.duration_s;
    if (isinf(said) || said < counted) return counted;
    return said < counted + SLACK_S ? said : counted + SLACK_S;
}

/* ---- requests ---- */

/* What goes on while frames come. */
typedef struct {
    ask_video *video;
    ask_frame_fn fn;
    void *user;
    int n_total;
    int n_before; // given before the source was asked (again)
    bool fn_has_failed;
} job;

static bool pass_on(void *user, const ask_source_picture *picture, ask_error *err)
{
    job *j = user;
    const ask_video *v = j->video;
    int64_t first = v->full.full ? v->packets.frames[0].pts : v->source->head.first_pts;
    int request = j->n_before + picture->request;
    const ask_video_frame frame = {
        .image = picture->image,
        .index = v->asked_for_table ? ask_source_frame_at(&v->packets, picture->pts) : -1,
        .pts = picture->pts,
        .t_s = seconds_of(v, picture->pts - first),
        .key = picture->key,
        .damaged = picture->damaged,
        .request = request,
    };
    if (!ask_cancel_check(v->source->options.cancel, err)) return false;
    j->fn_has_failed = !j->fn(j->user, &frame, err);
    ask_progress_send(v->source->options.progress, request + 1, j->n_total, "frames",
                      "decoding");
    return !j->fn_has_failed;
}

static bool fail_request(const job *j, ask_error *err)
{
    return j->fn_has_failed ? false : fail_in_video(j->video->path, err);
}

/* Asks the source for n frames, from the job's n_before on. */
static ask_source_outcome ask_source_for(job *j, const int64_t *pts, int n,
                                         const ask_frames_options *opt, ask_error *err)
{
    const ask_video *v = j->video;
    bool ends_are_known = v->outline.duration_s >= 0;
    const ask_source_request request = {
        .table = v->full.full ? &v->packets : NULL,
        .pts = pts,
        .n = n,
        .access = opt ? opt->access : ASK_ACCESS_AUTO,
        .slack = ends_are_known ? ticks_at(v, SLACK_S) : 0,
    };
    int n_given = 0;
    ask_source_outcome outcome =
        v->source->kind->frames(v->source, &request, pass_on, j, &n_given, err);
    j->n_before += n_given;
    return outcome;
}

static bool check_times(const double *t_s, int n, ask_error *err)
{
    if (n <= 0) return ask_fail(err, ASK_ERR_USAGE, "no frames were asked for");
    for (int i = 0; i < n; i++) {
        if (isnan(t_s[i]))
            return ask_fail(err, ASK_ERR_USAGE, "time %d is not a number", i);
        if (t_s[i] < 0)
            return ask_fail(err, ASK_ERR_USAGE, "%g s is before the first frame", t_s[i]);
        if (i > 0 && t_s[i] < t_s[i - 1])
            return ask_fail(err, ASK_ERR_USAGE, "times must ascend: %g s after %g s",
                            t_s[i], t_s[i - 1]);
    }
    return true;
}

/* A container that names an end too early is not believed before the frames are counted. */
static bool check_end(ask_video *v, double t_s, ask_error *err)
{
    if (t_s < end_s(v)) return true;
    if (isfinite(t_s) && !make_table(v, err)) return false;
    if (t_s < end_s(v)) return true;
    return ask_fail(err, ASK_ERR_USAGE, "%g s is past the end of the video (%.3f s)", t_s,
                    end_s(v));
}

/* Asks for the frames at these times, from the job's n_before on, with what is known. */
static ask_source_outcome ask_for_times(job *j, int64_t *pts, const double *t_s, int n,
                                        const ask_frames_options *opt, ask_error *err)
{
    int n_left = n - j->n_before;
    for (int i = 0; i < n_left; i++)
        pts[i] = pts_on_display(j->video, t_s[j->n_before + i]);
    return ask_source_for(j, pts, n_left, opt, err);
}

bool ask_video_frames_at(ask_video *v, const double *t_s, int n,
                         const ask_frames_options *opt, ask_frame_fn fn, void *user,
                         ask_error *err)
{
    job j = {.video = v, .fn = fn, .user = user, .n_total = n};
    if (!check_times(t_s, n, err) || !check_end(v, t_s[n - 1], err))
        return fail_request(&j, err);
    int64_t *pts = malloc((size_t)n * sizeof *pts);
    if (!pts) return ask_fail_memory(err);
    ask_source_outcome outcome = ask_for_times(&j, pts, t_s, n, opt, err);
    if (outcome == ASK_SOURCE_NEEDS_TABLE) {
        outcome = ASK_SOURCE_FAILED;
        if (make_table(v, err) && check_end(v, t_s[n - 1], err))
            outcome = ask_for_times(&j, pts, t_s, n, opt, err);
    }
    free(pts);
    return outcome == ASK_SOURCE_DONE || fail_request(&j, err);
}

static bool check_indexes(const ask_video *v, const int64_t *index, int n, ask_error *err)
{
    int64_t n_frames = v->full.n_frames;
    if (n <= 0) return ask_fail(err, ASK_ERR_USAGE, "no frames were asked for");
    for (int i = 0; i < n; i++) {
        if (index[i] < 0 || index[i] >= n_frames)
            return ask_fail(err, ASK_ERR_USAGE, "no frame %lld: there are %lld, from 0 on",
                            (long long)index[i], (long long)n_frames);
        if (i > 0 && index[i] < index[i - 1])
            return ask_fail(err, ASK_ERR_USAGE, "frames must ascend: %lld after %lld",
                            (long long)index[i], (long long)index[i - 1]);
    }
    return true;
}

bool ask_video_frames(ask_video *v, const int64_t *index, int n,
                      const ask_frames_options *opt, ask_frame_fn fn, void *user,
                      ask_error *err)
{
    job j = {.video = v, .fn = fn, .user = user, .n_total = n};
    if (!ask_for_table(v, err)) return false;
    if (!check_indexes(v, index, n, err)) return fail_request(&j, err);
    int64_t *pts = malloc((size_t)n * sizeof *pts);
    if (!pts) return ask_fail_memory(err);
    for (int i = 0; i < n; i++) pts[i] = v->packets.frames[index[i]].pts;
    ask_source_outcome outcome = ask_source_for(&j, pts, n, opt, err);
    free(pts);
    return outcome == ASK_SOURCE_DONE || fail_request(&j, err);
}

bool ask_video_walk(ask_video *v, ask_frame_fn fn, void *user, ask_error *err)
{
    if (!ask_for_table(v, err)) return false;
    int64_t n = v->full.n_frames;
    size_t n_bytes;
    int64_t *index =
        n <= INT32_MAX && ask_bytes_of(&n_bytes, n, sizeof *index) ? malloc(n_bytes) : NULL;
    if (!index) return ask_fail_memory(err);
    for (int64_t i = 0; i < n; i++) index[i] = i;
    const ask_frames_options all = {sizeof all, ASK_ACCESS_SEQUENTIAL};
    bool ok = ask_video_frames(v, index, (int)n, &all, fn, user, err);
    free(index);
    return ok;
}
