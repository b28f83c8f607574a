#include "world/clip_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/options.h"
#include "base/path.h"
#include "base/thread.h"
#include "base/version.h"
#include "media/writer.h"
#include "world/truth_json.h"
#include "world/truth_read.h"

#define WORLD_SCHEMA "askance.world/1"

enum { CRF = 26, MOST_THREADS = 64 };

ask_world_options ask_world_defaults(void)
{
    return (ask_world_options){.struct_size = sizeof(ask_world_options),
                               .seed = 1,
                               .split = ASK_SPLIT_TRAIN,
                               .style = ask_scene_full(),
                               .n_clips = 100,
                               .n_threads = 2};
}

/* ---- paths ---- */

static char *path_of(const char *dir, const char *pattern, int64_t index, ask_error *err)
{
    ask_str name = {0};
    ask_str_printf(&name, pattern, (long long)index);
    char *text = ask_str_take(&name, err);
    char *path = text ? ask_path_join(dir, text, err) : NULL;
    free(text);
    return path;
}

char *ask_world_video_path(const char *dir, int64_t index, ask_error *err)
{
    return path_of(dir, "clips/%06lld.mp4", index, err);
}

char *ask_world_truth_path(const char *dir, int64_t index, ask_error *err)
{
    return path_of(dir, "truth/%06lld.json", index, err);
}

static bool is_there(bool *out, const char *dir, int64_t index, ask_error *err)
{
    char *path = ask_world_truth_path(dir, index, err);
    if (!path) return false;
    *out = ask_file_exists(path);
    free(path);
    return true;
}

/* ---- world.json ---- */

static bool same_style(ask_scene_style a, ask_scene_style b)
{
    return a.simple == b.simple && a.clutter_low == b.clutter_low &&
           a.clutter_high == b.clutter_high;
}

static const char *kind_name(ask_scene_style style)
{
    return style.simple ? "simple" : "full";
}

/* Worlds without a kind are of programs that made simple ones alone. */
static bool parse_style(ask_scene_style *out, ask_json_value root, ask_error *err)
{
    const char *kind = "simple";
    ask_json_value of_kind = ask_json_find(root, "kind"), clutter;
    *out = ask_scene_simple();
    if (ask_json_type_of(of_kind) == ASK_JSON_ABSENT) return true;
    if (!ask_json_get_string(&kind, root, "kind", err)) return false;
    if (strcmp(kind, "simple") == 0) return true;
    if (strcmp(kind, "full") != 0)
        return ask_json_fail(of_kind, err, "\"%s\" is neither simple nor full", kind);
    int64_t low, high;
    if (!ask_json_get_array(&clutter, root, "clutter", err) ||
        !ask_json_get_int(&low, root, "clutter.0", 0, ASK_MAX_CLUTTER, err) ||
        !ask_json_get_int(&high, root, "clutter.1", low, ASK_MAX_CLUTTER, err))
        return false;
    *out = (ask_scene_style){.clutter_low = (int)low, .clutter_high = (int)high};
    return true;
}

static void write_style(ask_json_writer *w, ask_scene_style style)
{
    ask_json_put_string(w, "kind", kind_name(style));
    if (style.simple) return;
    ask_json_open_array(w, "clutter");
    ask_json_put_int(w, NULL, style.clutter_low);
    ask_json_put_int(w, NULL, style.clutter_high);
    ask_json_close(w);
}

typedef struct {
    ask_world_info info;
    bool same_version; // of the program
} header;

static bool parse_header(header *out, ask_json_value root, ask_error *err)
{
    const char *schema, *version, *split;
    int64_t seed, n_clips;
    if (!ask_json_get_string(&schema, root, "schema", err)) return false;
    if (strcmp(schema, WORLD_SCHEMA) != 0) {
        ask_json_fail(ask_json_find(root, "schema"), err,
                      "\"%s\" is not read here, only " WORLD_SCHEMA, schema);
        return ask_fail_as(err, ASK_ERR_UNSUPPORTED);
    }
    ask_error why = {0};
    ask_split known;
    ask_scene_style style;
    if (!ask_json_get_string(&version, root, "version", err) ||
        !ask_json_get_int(&seed, root, "seed", 0, INT64_MAX, err) ||
        !ask_json_get_string(&split, root, "split", err) ||
        !ask_json_get_int(&n_clips, root, "n_clips", 1, ASK_WORLD_MOST_CLIPS, err) ||
        !parse_style(&style, root, err))
        return false;
    if (!ask_split_parse(&known, split, &why))
        return ask_json_fail(ask_json_find(root, "split"), err, "%s", why.message);
    *out = (header){
        {.seed = (uint64_t)seed, .split = known, .style = style, .n_clips = n_clips},
        strcmp(version, ask_version()) == 0};
    return true;
}

static bool read_header(header *out, const char *path, ask_error *err)
{
    const ask_json_limits limits = {.max_bytes = 1 << 16, .max_depth = 8};
    ask_json *doc = ask_json_read(path, &limits, err);
    bool ok = doc && parse_header(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static bool write_header(const char *path, const ask_world_options *o, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", WORLD_SCHEMA);
    ask_json_put_string(&w, "version", ask_version());
    ask_json_put_int(&w, "seed", (int64_t)o->seed);
    ask_json_put_string(&w, "split", ask_split_name(o->split));
    write_style(&w, o->style);
    ask_json_put_int(&w, "n_clips", o->n_clips);
    ask_json_put_int(&w, "width", ASK_WORLD_SIDE_PX);
    ask_json_put_int(&w, "height", ASK_WORLD_SIDE_PX);
    ask_json_put_int(&w, "fps", ASK_WORLD_FPS);
    ask_json_close(&w);
    ask_str_append_char(&text, '\n');
    bool ok = text.failed ? ask_fail_memory(err)
                          : ask_file_write(path, text.data, text.length, err);
    ask_str_free(&text);
    return ok;
}

bool ask_world_open(ask_world_info *out, const char *dir, ask_error *err)
{
    header h;
    char *path = ask_path_join(dir, "world.json", err);
    bool ok = path && read_header(&h, path, err);
    free(path);
    for (bool there = true; ok && there && h.info.n_ready < h.info.n_clips;) {
        ok = is_there(&there, dir, h.info.n_ready, err);
        h.info.n_ready += ok && there;
    }
    if (ok) *out = h.info;
    return ok;
}

static bool check_of_world(const ask_scene *s, const ask_world_info *info, int64_t index,
                           const char *path, ask_error *err)
{
    if (s->index != index)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: is that of clip %lld", path,
                        (long long)s->index);
    return (s->seed == info->seed && s->split == info->split &&
            s->full == !info->style.simple) ||
           ask_fail(err, ASK_ERR_FORMAT,
                    "%s: is of the %s world of seed %lld, split %s, and not of that in "
                    "world.json",
                    path, s->full ? "full" : "simple", (long long)s->seed,
                    ask_split_name(s->split));
}

bool ask_world_read_clip(ask_world_clip *out, const char *dir, const ask_world_info *info,
                         int64_t index, ask_error *err)
{
    ask_world_clip clip = {0};
    char *path = ask_world_truth_path(dir, index, err);
    bool ok = path && ask_world_clip_read(&clip, path, err) &&
              check_of_world(&clip.scene, info, index, path, err);
    free(path);
    if (ok)
        *out = clip;
    else
        ask_world_clip_free(&clip);
    return ok;
}

/* ---- the folder ---- */

static bool check_options(const ask_world_options *o, ask_error *err)
{
    if (o->n_clips < 1 || o->n_clips > ASK_WORLD_MOST_CLIPS)
        return ask_fail(err, ASK_ERR_USAGE, "a world has 1 to %d clips, not %lld",
                        ASK_WORLD_MOST_CLIPS, (long long)o->n_clips);
    if (o->seed > INT64_MAX)
        return ask_fail(err, ASK_ERR_USAGE, "a seed is at most %lld", (long long)INT64_MAX);
    if (o->n_threads < 1 || o->n_threads > MOST_THREADS)
        return ask_fail(err, ASK_ERR_USAGE, "n_threads is 1 to %d, not %d", MOST_THREADS,
                        o->n_threads);
    const ask_scene_style *s = &o->style;
    if (s->clutter_low < 0 || s->clutter_high > ASK_MAX_CLUTTER ||
        s->clutter_low > s->clutter_high)
        return ask_fail(err, ASK_ERR_USAGE,
                        "clutter goes from 0 to %d, and not from %d to %d", ASK_MAX_CLUTTER,
                        s->clutter_low, s->clutter_high);
    return true;
}

static bool check_same(const header *h, const ask_world_options *o, const char *dir,
                       ask_error *err)
{
    const ask_world_info *i = &h->info;
    if (i->seed != o->seed || i->split != o->split)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s holds the world of seed %lld, split %s: name another folder",
                        dir, (long long)i->seed, ask_split_name(i->split));
    if (!same_style(i->style, o->style))
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s holds a %s world with clutter %d to %d: name another folder",
                        dir, kind_name(i->style), i->style.clutter_low,
                        i->style.clutter_high);
    if (!h->same_version)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s holds a world of another version of this program, whose clips "
                        "may differ: name another folder",
                        dir);
    if (i->n_clips > o->n_clips)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s is to hold %lld clips: ask for as many, or name another folder",
                        dir, (long long)i->n_clips);
    return true;
}

static bool check_empty(const char *dir, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, dir, NULL, err)) return false;
    size_t n = names.n;
    ask_dir_names_free(&names);
    return n == 0 ||
           ask_fail(err, ASK_ERR_USAGE,
                    "%s is not empty and holds no world: name another folder", dir);
}

static bool make_subdir(const char *dir, const char *name, ask_error *err)
{
    char *path = ask_path_join(dir, name, err);
    bool ok = path && ask_dir_make(path, err);
    free(path);
    return ok;
}

static bool prepare(const char *dir, const ask_world_options *o, ask_error *err)
{
    if (!ask_dir_make(dir, err)) return false;
    char *path = ask_path_join(dir, "world.json", err);
    if (!path) return false;
    header h = {0};
    bool known = ask_file_exists(path);
    bool ok = known ? read_header(&h, path, err) && check_same(&h, o, dir, err)
                    : check_empty(dir, err);
    if (ok && h.info.n_clips < o->n_clips) ok = write_header(path, o, err);
    free(path);
    return ok && make_subdir(dir, "clips", err) && make_subdir(dir, "truth", err);
}

/* ---- a clip ---- */

static bool add_frames(ask_video_writer *w, ask_painter *painter, const ask_scene *s,
                       ask_error *err)
{
    ask_image image;
    if (!ask_image_new(&image, ASK_WORLD_SIDE_PX, ASK_WORLD_SIDE_PX, 3, err)) return false;
    bool ok = true;
    for (int t = 0; t < s->n_frames && ok; t++) {
        ask_paint(painter, s, t, &image, NULL);
        ok = ask_video_writer_add(w, &image, t, err);
    }
    ask_image_free(&image);
    return ok;
}

static bool write_video(const char *path, ask_painter *painter, const ask_scene *s,
                        ask_error *err)
{
    ask_writer_options opt = ask_writer_defaults();
    opt.fps_num = ASK_WORLD_FPS;
    opt.crf = CRF;
    ask_video_writer *w =
        ask_video_writer_open(path, ASK_WORLD_SIDE_PX, ASK_WORLD_SIDE_PX, &opt, err);
    if (!w) return false;
    if (add_frames(w, painter, s, err)) return ask_video_writer_commit(w, s->n_frames, err);
    ask_video_writer_abort(w);
    return false;
}

static bool write_truth(const char *path, const ask_world_clip *clip, ask_error *err)
{
    ask_str text = {0};
    bool ok = ask_world_clip_write(&text, clip, err) &&
              ask_file_write(path, text.data, text.length, err);
    ask_str_free(&text);
    return ok;
}

static bool make_clip(const char *dir, const ask_world_options *o, int64_t index,
                      ask_painter *painter, ask_error *err)
{
    ask_world_clip clip;
    if (!ask_world_clip_make(&clip, painter, o->seed, index, o->split, o->style, err))
        return false;
    char *video = ask_world_video_path(dir, index, err);
    char *truth = video ? ask_world_truth_path(dir, index, err) : NULL;
    bool ok = truth && write_video(video, painter, &clip.scene, err) &&
              write_truth(truth, &clip, err);
    free(video);
    free(truth);
    ask_world_clip_free(&clip);
    return ok;
}

/* ---- workers: each takes the next clip, and ends what it has begun ---- */

typedef struct {
    const char *dir;
    const ask_world_options *options;
    ask_mutex mutex; // for what follows
    int64_t next;
    ask_world_result result;
    bool failed;
    ask_error err; // of the first failure
} job;

static bool take_clip(job *j, int64_t *index)
{
    ask_mutex_lock(&j->mutex);
    bool goes_on = !j->failed && !ask_cancel_signal(j->options->cancel) &&
                   j->next < j->options->n_clips;
    if (goes_on) *index = j->next++;
    ask_mutex_unlock(&j->mutex);
    return goes_on;
}

static void tell_done(job *j, bool made)
{
    ask_mutex_lock(&j->mutex);
    *(made ? &j->result.n_made : &j->result.n_kept) += 1;
    ask_progress_send(j->options->progress, j->result.n_made + j->result.n_kept,
                      j->options->n_clips, "clips", "making clips");
    ask_mutex_unlock(&j->mutex);
}

static void tell_failed(job *j, const ask_error *err)
{
    ask_mutex_lock(&j->mutex);
    if (!j->failed) j->err = *err;
    j->failed = true;
    ask_mutex_unlock(&j->mutex);
}

static void work(void *user)
{
    job *j = user;
    ask_error err = {0};
    ask_painter *painter = ask_painter_new(&err);
    bool ok = painter;
    for (int64_t index; ok && take_clip(j, &index);) {
        bool there = false;
        ok = is_there(&there, j->dir, index, &err) &&
             (there || make_clip(j->dir, j->options, index, painter, &err));
        if (ok) tell_done(j, !there);
    }
    if (!ok) tell_failed(j, &err);
    ask_painter_free(painter);
}

/* This thread is one of them. */
static void work_together(job *j)
{
    ask_thread *others[MOST_THREADS] = {0};
    ask_error err = {0};
    int n_others = j->options->n_threads - 1;
    bool ok = true;
    for (int i = 0; i < n_others && ok; i++) {
        others[i] = ask_thread_start(work, j, &err);
        ok = others[i];
    }
    if (ok)
        work(j);
    else
        tell_failed(j, &err);
    for (int i = 0; i < n_others; i++) ask_thread_join(others[i]);
}

bool ask_world_make(ask_world_result *out, const char *dir, const ask_world_options *opt,
                    ask_error *err)
{
    ask_world_options o = ask_world_defaults();
    ask_options_take(&o, sizeof o, opt);
    job j = {.dir = dir, .options = &o};
    if (!check_options(&o, err) || !ask_cancel_check(o.cancel, err) ||
        !prepare(dir, &o, err) || !ask_mutex_open(&j.mutex, err))
        return false;
    work_together(&j);
    ask_mutex_close(&j.mutex);
    if (j.failed) {
        if (err) *err = j.err;
        return false;
    }
    if (j.result.n_made + j.result.n_kept < o.n_clips)
        return ask_cancel_check(o.cancel, err);
    if (out) *out = j.result;
    return true;
}
