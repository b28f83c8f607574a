/* The source that reads a folder of pictures, or one picture. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/checked.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "media/source_priv.h"

typedef struct {
    ask_source base;
    ask_dir_names pictures; // names in the folder; of one picture, its path
    bool is_folder;
    ask_image image; // the last one given
    int64_t image_at;
} folder;

/* ---- which pictures ---- */

static bool is_picture(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".webp"};
    const char *ending = ask_path_extension(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(ending, endings[i]) == 0) return true;
    return false;
}

static const char *codec_of(const char *name)
{
    const char *ending = ask_path_extension(name);
    if (strcasecmp(ending, ".png") == 0) return "png";
    return strcasecmp(ending, ".webp") == 0 ? "webp" : "jpeg";
}

/* Keeps the names of pictures, in their order. */
static void keep_pictures(ask_dir_names *names)
{
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        if (is_picture(names->names[i]) && names->names[i][0] != '.')
            names->names[n++] = names->names[i];
        else
            free(names->names[i]);
    }
    names->n = n;
}

static bool list_folder(folder *f, ask_error *err)
{
    if (!ask_dir_list(&f->pictures, f->base.path, NULL, err)) return false;
    keep_pictures(&f->pictures);
    if (f->pictures.n > 0) return true;
    return ask_fail(err, ASK_ERR_IO,
                    "the folder has no pictures (.png, .jpg, .jpeg, .webp)");
}

static bool take_file(folder *f, ask_error *err)
{
    f->pictures.names = calloc(1, sizeof *f->pictures.names);
    if (!f->pictures.names) return ask_fail_memory(err);
    f->pictures.names[0] = ask_strdup(f->base.path, err);
    if (!f->pictures.names[0]) return false;
    f->pictures.n = 1;
    return true;
}

static char *path_of(const folder *f, int64_t i, ask_error *err)
{
    const char *name = f->pictures.names[i];
    return f->is_folder ? ask_path_join(f->base.path, name, err) : ask_strdup(name, err);
}

static bool measure(folder *f, ask_error *err)
{
    int64_t all = 0;
    for (size_t i = 0; i < f->pictures.n; i++) {
        struct stat info;
        char *path = path_of(f, (int64_t)i, err);
        if (!path) return false;
        bool ok = stat(path, &info) == 0 && ask_add_i64(&all, all, info.st_size);
        if (!ok) ask_fail_errno(err, errno, "%s", f->pictures.names[i]);
        free(path);
        if (!ok) return false;
    }
    f->base.head.info.file_bytes = all;
    return true;
}

/* ---- pictures ---- */

static bool check_sides(const folder *f, const ask_image *image, ask_error *err)
{
    int most = f->base.options.max_side_px;
    if (image->width <= most && image->height <= most) return true;
    return ask_fail(err, ASK_ERR_LIMIT, "a picture of %d x %d pixels; at most %d a side",
                    image->width, image->height, most);
}

/* All frames of a video have one size: which it should be in a folder of many sizes, and
 * whether to stretch, crop or pad, is for its owner to say. */
static bool check_fit(const folder *f, ask_error *err)
{
    const ask_video_info *info = &f->base.head.info;
    if (f->image.width == info->width && f->image.height == info->height) return true;
    return ask_fail(err, ASK_ERR_SHAPE,
                    "%s: %d x %d pixels, where the first picture (%s) has %d x %d; resize "
                    "it, or move it out of the folder",
                    f->pictures.names[f->image_at], f->image.width, f->image.height,
                    f->pictures.names[0], info->width, info->height);
}

/* Makes f->image the i-th picture. */
static bool read_picture(folder *f, int64_t i, ask_error *err)
{
    if (f->image.pixels && f->image_at == i) return true;
    ask_image_limits limits = ask_image_default_limits();
    limits.max_pixels = f->base.options.max_pixels;
    ask_image image = {0};
    char *path = path_of(f, i, err);
    bool ok =
        path && ask_image_read(&image, path, &limits, err) && check_sides(f, &image, err);
    free(path);
    if (!ok) {
        ask_image_free(&image);
        return false;
    }
    ask_image_free(&f->image);
    f->image = image;
    f->image_at = i;
    return true;
}

/* ---- messages ---- */

static bool folder_table(ask_source *source, ask_source_table *out, ask_error *err)
{
    folder *f = (folder *)source;
    size_t n = f->pictures.n;
    if ((int64_t)n > source->options.max_packets)
        return ask_fail(err, ASK_ERR_LIMIT, "more than %lld pictures",
                        (long long)source->options.max_packets);
    ask_source_table t = {.n_frames = (int64_t)n, .n_starts = (int64_t)n};
    t.end_pts = (int64_t)n;
    t.frames = calloc(n, sizeof *t.frames);
    t.starts = calloc(n, sizeof *t.starts);
    if (!t.frames || !t.starts) {
        ask_source_table_free(&t);
        return ask_fail_memory(err);
    }
    for (int64_t i = 0; i < (int64_t)n; i++) {
        t.frames[i] = (ask_source_frame){.pts = i, .tag = i, .key = true};
        t.starts[i] = (ask_source_start){.pts = i, .tag = i};
    }
    *out = t;
    return true;
}

static ask_source_outcome folder_frames(ask_source *source,
                                        const ask_source_request *request,
                                        ask_source_fn *fn, void *user, int *n_given,
                                        ask_error *err)
{
    folder *f = (folder *)source;
    int64_t last = (int64_t)f->pictures.n - 1;
    for (int i = 0; i < request->n; i++) {
        int64_t at = request->pts[i] < last ? request->pts[i] : last;
        if (!ask_cancel_check(source->options.cancel, err) || !read_picture(f, at, err) ||
            !check_fit(f, err))
            return ASK_SOURCE_FAILED;
        const ask_source_picture picture = {
            .image = &f->image, .pts = at, .key = true, .request = i};
        if (!fn(user, &picture, err)) return ASK_SOURCE_FAILED;
        ++*n_given;
    }
    return ASK_SOURCE_DONE;
}

static void folder_close(ask_source *source)
{
    folder *f = (folder *)source;
    ask_dir_names_free(&f->pictures);
    ask_image_free(&f->image);
    free(f);
}

/* ---- open ---- */

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Seconds a picture as a fraction: exact for rates in thousandths, and for the television
 * rates, which are a thousandth slower than whole numbers. */
static bool set_time_base(ask_video_info *info, double fps, ask_error *err)
{
    if (!(fps >= 0.001 && fps <= 1e6))
        return ask_fail(err, ASK_ERR_USAGE,
                        "%g pictures a second; give a rate between 0.001 and 1000000", fps);
    bool is_television =
        fabs(fps * 1.001 - round(fps * 1.001)) < 1e-6 && fabs(fps - round(fps)) > 1e-6;
    int64_t num = is_television ? 1001 : 1000, den = llround(fps * (double)num);
    int64_t common = common_divisor(num, den);
    info->time_base_num = num / common;
    info->time_base_den = den / common;
    return true;
}

static const ask_source_kind kind = {
    .table = folder_table, .frames = folder_frames, .close = folder_close};

static bool fill_head(folder *f, ask_error *err)
{
    ask_source_head *head = &f->base.head;
    int64_t n = (int64_t)f->pictures.n;
    ask_video_info *info = &head->info;
    info->container = "images";
    info->codec = codec_of(f->pictures.names[0]);
    info->n_video_streams = 1;
    info->width = info->coded_width = f->image.width;
    info->height = info->coded_height = f->image.height;
    info->sample_aspect_num = info->sample_aspect_den = 1;
    head->duration = head->n_frames = head->n_keys = n;
    if (!set_time_base(info, f->base.options.image_fps, err)) return false;
    head->fps = (double)info->time_base_den / (double)info->time_base_num;
    return measure(f, err);
}

ask_source *ask_source_folder_open(const char *path, const ask_video_options *options,
                                   ask_error *err)
{
    folder *f = calloc(1, sizeof *f);
    if (!f) {
        ask_fail_memory(err);
        return NULL;
    }
    f->base = (ask_source){.kind = &kind, .options = *options, .path = path};
    f->is_folder = ask_file_is_dir(path);
    if (!(f->is_folder ? list_folder(f, err) : take_file(f, err))) goto fail;
    if (!read_picture(f, 0, err) || !fill_head(f, err)) goto fail;
    return &f->base;

fail:
    folder_close(&f->base);
    return NULL;
}
