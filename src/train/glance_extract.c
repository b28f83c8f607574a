#include "train/glance_extract.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/options.h"
#include "base/path.h"

typedef struct {
    ask_glance_extract_options opt;
    ask_model *model;
    ask_session *session;
    ask_glance_extract_result result;
} extraction;

/* ---- which videos ---- */

typedef struct {
    const char *path, *name; // name: behind the last '/'
} video_file;

static int compare_files(const void *a, const void *b)
{
    const video_file *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->path, y->path);
}

static size_t stem_length(const char *name)
{
    return strlen(name) - strlen(ask_path_extension(name));
}

/* Sorted files -> each once. Features are called by the video's name without its ending. */
static bool each_once(video_file *files, size_t *n, ask_error *err)
{
    size_t n_left = 0;
    for (size_t i = 0; i < *n; i++) {
        const video_file *last = n_left ? &files[n_left - 1] : NULL;
        if (last && strcmp(last->path, files[i].path) == 0) continue;
        if (last && stem_length(last->name) == stem_length(files[i].name) &&
            strncmp(last->name, files[i].name, stem_length(last->name)) == 0)
            return ask_fail(err, ASK_ERR_USAGE,
                            "%s and %s would have one file of features: rename one",
                            last->path, files[i].path);
        files[n_left++] = files[i];
    }
    *n = n_left;
    return true;
}

static bool list_set(video_file *files, size_t *n, const ask_dataset *set, ask_error *err)
{
    size_t n_records;
    const ask_data_record *r = ask_dataset_records(set, &n_records);
    for (size_t i = 0; i < n_records; i++) {
        if (!r[i].video_path)
            return ask_fail(err, ASK_ERR_IO,
                            "%s: the file of video \"%s\" (question \"%s\") is not known; "
                            "say in which folder videos are",
                            ask_dataset_file(set), r[i].video, r[i].id);
        files[(*n)++] = (video_file){r[i].video_path, ask_path_basename(r[i].video_path)};
    }
    return true;
}

/* Owned by the caller; NULL: failed. */
static video_file *list_files(size_t *n, const ask_dataset *const *sets, int n_sets,
                              ask_error *err)
{
    size_t most = 0, n_records;
    for (int i = 0; i < n_sets; i++) {
        ask_dataset_records(sets[i], &n_records);
        most += n_records;
    }
    video_file *files = calloc(most + 1, sizeof *files);
    bool ok = files || ask_fail_memory(err);
    *n = 0;
    for (int i = 0; ok && i < n_sets; i++) ok = list_set(files, n, sets[i], err);
    if (ok) qsort(files, *n, sizeof *files, compare_files);
    if (ok && each_once(files, n, err)) return files;
    free(files);
    return NULL;
}

/* ---- one video ---- */

typedef struct {
    ask_video *video;
    ask_feature_plan plan;
    char *path;            // of its features
    char *asked, *planned; // JSON
    char id[17];
    ask_feature_origin origin;
} showing;

/* In the middle of equal intervals. */
static double *frame_times(int *n, double duration_s, double fps, ask_error *err)
{
    double wanted = duration_s * fps;
    *n = wanted < 1 ? 1 : wanted > 1e6 ? 1000000 : (int)wanted;
    double *t_s = malloc((size_t)*n * sizeof *t_s);
    if (!t_s) ask_fail_memory(err);
    for (int i = 0; t_s && i < *n; i++) t_s[i] = (i + 0.5) / *n * duration_s;
    return t_s;
}

static bool plan(showing *s, const extraction *e, double duration_s, ask_error *err)
{
    ask_feature_request r = {.struct_size = sizeof r};
    double *t_s = NULL;
    if (e->result.layout == ASK_FEATURES_FRAMES) {
        t_s = frame_times(&r.n, duration_s, e->opt.fps, err);
        if (!t_s) return false;
        r.t_s = t_s;
    }
    bool ok =
        ask_feature_plan_make(&s->plan, s->video, e->model, e->result.layout, &r, err);
    free(t_s);
    return ok;
}

static bool tell_plan(showing *s, const extraction *e, ask_error *err)
{
    ask_str asked = {0}, planned = {0};
    ask_json_writer w = {.out = &asked}, v = {.out = &planned};
    ask_json_open_object(&w, NULL);
    if (e->result.layout == ASK_FEATURES_FRAMES) ask_json_put_double(&w, "fps", e->opt.fps);
    ask_json_close(&w);
    ask_feature_plan_put(&v, NULL, &s->plan);
    s->asked = ask_str_take(&asked, err);
    s->planned = ask_str_take(&planned, err);
    return s->asked && s->planned;
}

static bool open_showing(showing *s, const extraction *e, const video_file *file,
                         ask_error *err)
{
    ask_str name = {0};
    ask_video_options options = ask_video_defaults();
    options.cancel = e->opt.cancel;
    *s = (showing){.video = ask_video_open(file->path, &options, err)};
    const ask_time_table *table = s->video ? ask_video_table(s->video, err) : NULL;
    if (!table || !ask_video_quick_id(s->video, s->id, err) ||
        !plan(s, e, table->duration_s, err) || !tell_plan(s, e, err))
        return false;
    ask_str_printf(&name, "%s/%.*s%s", e->opt.dir, (int)stem_length(file->name), file->name,
                   ASK_FEATURES_EXTENSION);
    s->path = ask_str_take(&name, err);
    s->origin = (ask_feature_origin){
        .model_id = e->result.model_id,
        .network = ask_model_info_of(e->model).network,
        .layout = ask_feature_layout_name(e->result.layout),
        .video = file->name,
        .video_id = s->id,
        .video_s = table->duration_s,
        .asked = s->asked,
        .plan = s->planned,
    };
    return s->path;
}

static void close_showing(showing *s)
{
    ask_feature_plan_free(&s->plan);
    ask_video_close(s->video);
    free(s->path);
    free(s->asked);
    free(s->planned);
}

static bool is_there(bool *out, const showing *s, ask_error *err)
{
    ask_feature_find found;
    *out = false;
    if (!ask_file_exists(s->path)) return true;
    if (!ask_feature_file_compare(&found, s->path, &s->origin, err)) return false;
    *out = !found.other;
    return *out || ask_fail(err, ASK_ERR_USAGE,
                            "%s holds something else: its %s is \"%s\", not \"%s\"; remove "
                            "it",
                            s->path, found.other, found.there, found.wanted);
}

static bool make(const extraction *e, showing *s, ask_error *err)
{
    ask_features made;
    const ask_feature_job job = {e->session, &s->plan};
    if (!ask_features_make(&made, s->video, &job, 1, e->opt.cancel, err)) return false;
    ask_feature_file file = {.origin = s->origin,
                             .data = made.data,
                             .n_dims = made.n_dims,
                             .t_s = made.t_s,
                             .n_times = made.n_times};
    file.origin.unit = made.unit;
    memcpy(file.shape, made.shape, sizeof file.shape);
    bool ok = ask_feature_file_write(s->path, &file, err);
    ask_features_free(&made);
    return ok;
}

static bool do_video(extraction *e, const video_file *file, ask_error *err)
{
    showing s;
    bool there = false;
    bool ok = open_showing(&s, e, file, err) && is_there(&there, &s, err) &&
              (there || make(e, &s, err));
    if (ok && there) e->result.n_kept++;
    if (ok && !there) e->result.n_made++;
    close_showing(&s);
    return ok;
}

/* ---- all of it ---- */

static bool open_model(extraction *e, ask_error *err)
{
    const ask_model_options o = {.struct_size = sizeof o, .n_threads = e->opt.n_threads};
    e->model = ask_model_open(e->opt.model, &o, err);
    if (!e->model || !ask_feature_layout_of(&e->result.layout, e->model, err)) return false;
    memcpy(e->result.model_id, ask_model_info_of(e->model).id, sizeof e->result.model_id);
    e->session = ask_session_open(e->model, err);
    return e->session;
}

static bool do_videos(extraction *e, const video_file *files, size_t n, ask_error *err)
{
    for (size_t i = 0; i < n; i++) {
        ask_progress_send(e->opt.progress, (int64_t)i, (int64_t)n, "videos",
                          "making features");
        if (!ask_cancel_check(e->opt.cancel, err) || !do_video(e, &files[i], err))
            return false;
    }
    return true;
}

bool ask_glance_extract(const ask_dataset *const *sets, int n,
                        const ask_glance_extract_options *opt,
                        ask_glance_extract_result *out, ask_error *err)
{
    extraction e = {0};
    size_t n_files;
    ask_options_take(&e.opt, sizeof e.opt, opt);
    video_file *files = list_files(&n_files, sets, n, err);
    bool ok = files && open_model(&e, err) && ask_dir_make(e.opt.dir, err) &&
              do_videos(&e, files, n_files, err);
    free(files);
    ask_session_close(e.session);
    ask_model_close(e.model);
    if (ok) *out = e.result;
    return ok;
}
