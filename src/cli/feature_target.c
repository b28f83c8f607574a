#include "cli/feature_target.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/path.h"
#include "base/utf8.h"
#include "cli/last_name.h"

/* ---- the video ---- */

/* Found out before the work: it goes into the file. */
static bool check_name(const cli_feature_video *v, ask_error *err)
{
    return ask_utf8_valid(v->name, strlen(v->name)) ||
           ask_fail(err, ASK_ERR_USAGE,
                    "%s: its name is not UTF-8 text, which a file of features has to tell: "
                    "rename it",
                    v->path);
}

bool cli_feature_video_open(cli_feature_video *out, const char *path,
                            const ask_video_options *opt, ask_error *err)
{
    *out = (cli_feature_video){.path = path};
    out->name = cli_last_name(path, err);
    if (!out->name || !check_name(out, err)) return false;
    out->stem = cli_last_stem(path, err);
    out->video = out->stem ? ask_video_open(path, opt, err) : NULL;
    const ask_time_table *table = out->video ? ask_video_table(out->video, err) : NULL;
    if (!table || !ask_video_quick_id(out->video, out->id, err)) return false;
    out->duration_s = table->duration_s;
    return true;
}

void cli_feature_video_close(cli_feature_video *v)
{
    free(v->name);
    free(v->stem);
    ask_video_close(v->video);
    *v = (cli_feature_video){0};
}

/* ---- its file ---- */

bool cli_feature_is_file(const char *out)
{
    return ask_ends_with(out, ASK_FEATURES_EXTENSION);
}

static char *path_of(const cli_feature_wish *wish, const cli_feature_video *v,
                     const cli_feature_target *t, ask_error *err)
{
    if (cli_feature_is_file(wish->out)) return ask_strdup(wish->out, err);
    ask_str file = {0};
    ask_str_printf(&file, "%s/%s%s", t->model->name, v->stem, ASK_FEATURES_EXTENSION);
    char *within = ask_str_take(&file, err);
    char *path = within ? ask_path_join(wish->out, within, err) : NULL;
    free(within);
    return path;
}

static void put_some(ask_json_writer *w, const char *key, double value)
{
    if (value != 0 && isfinite(value)) ask_json_put_double(w, key, value);
}

/* What was asked for; what was not is not there. */
static char *asked_text(const cli_feature_wish *wish, const cli_feature_video *video,
                        const cli_feature_target *t, const char *why_changed,
                        ask_error *err)
{
    const cli_sampling_values *v = wish->sampling;
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    ask_json_open_object(&w, NULL);
    if (t->model->layout == ASK_FEATURES_FRAMES) {
        put_some(&w, "fps", v->fps);
        if (v->n_frames) ask_json_put_int(&w, "frames", v->n_frames);
        if (v->max_frames) ask_json_put_int(&w, "max_frames", v->max_frames);
    }
    put_some(&w, "start_s", v->start_s);
    put_some(&w, "end_s", v->end_s);
    if (ask_file_is_dir(video->path)) put_some(&w, "image_fps", wish->image_fps);
    if (*why_changed) ask_json_put_string(&w, "why_changed", why_changed);
    ask_json_close(&w);
    return ask_str_take(&text, err);
}

static char *planned_text(const ask_feature_plan *plan, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    ask_feature_plan_put(&w, NULL, plan);
    return ask_str_take(&text, err);
}

/* Frames are chosen as a search chooses them, with the video's end counted. */
static bool plan_frames(cli_feature_target *t, const cli_feature_wish *wish,
                        const cli_feature_video *v, ask_error *err)
{
    ask_sampling_options o = cli_sampling(wish->sampling);
    ask_sampling sampling;
    o.counted = true;
    if (!ask_sampling_resolve(&sampling, v->video, &o, err)) return false;
    const ask_feature_request r = {.struct_size = sizeof r,
                                   .t_s = sampling.t_s,
                                   .n = sampling.n,
                                   .start_s = sampling.start_s,
                                   .end_s = sampling.end_s};
    bool ok = ask_feature_plan_make(&t->plan, v->video, t->model->model, t->model->layout,
                                    &r, err);
    t->asked = ok ? asked_text(wish, v, t, sampling.why_changed, err) : NULL;
    if (ok && *sampling.why_changed)
        ask_log_send(wish->log, ASK_LOG_WARNING, "%s: %s", v->path, sampling.why_changed);
    ask_sampling_free(&sampling);
    return t->asked;
}

static bool plan_others(cli_feature_target *t, const cli_feature_wish *wish,
                        const cli_feature_video *v, ask_error *err)
{
    const ask_feature_request r = {.struct_size = sizeof r,
                                   .start_s = wish->sampling->start_s,
                                   .end_s = wish->sampling->end_s};
    if (!ask_feature_plan_make(&t->plan, v->video, t->model->model, t->model->layout, &r,
                               err))
        return false;
    t->asked = asked_text(wish, v, t, "", err);
    return t->asked;
}

/* What is there is no file of features. */
static bool fail_unknown(ask_error *err)
{
    if (err->code != ASK_ERR_MODEL) return false;
    ask_fail_in(err, "use --force to replace what is there");
    return ask_fail_as(err, ASK_ERR_FORMAT);
}

/* Whether the file is there already. One that is there and holds something else is only
 * replaced with --force. */
static bool look_for_file(cli_feature_target *t, bool force, ask_error *err)
{
    if (force || !ask_file_exists(t->path)) return true;
    if (!ask_feature_file_compare(&t->found, t->path, &t->origin, err))
        return fail_unknown(err);
    t->kept = !t->found.other;
    return t->kept || ask_fail(err, ASK_ERR_USAGE,
                               "%s holds something else: its %s is \"%s\", not \"%s\"; use "
                               "--force, or another --out",
                               t->path, t->found.other, t->found.there, t->found.wanted);
}

/* A folder that cannot be written to is found out before the work. */
static bool try_to_write(const char *path, ask_error *err)
{
    char *folder = ask_path_dirname(path, err);
    bool ok = folder && ask_dir_make(folder, err);
    free(folder);
    ask_file_writer *writer = ok ? ask_file_writer_open(path, err) : NULL;
    ask_file_writer_abort(writer);
    return writer;
}

bool cli_feature_target_plan(cli_feature_target *t, const cli_feature_wish *wish,
                             const cli_feature_model *model, const cli_feature_video *v,
                             ask_error *err)
{
    t->model = model;
    bool frames = model->layout == ASK_FEATURES_FRAMES;
    if (!(frames ? plan_frames(t, wish, v, err) : plan_others(t, wish, v, err)))
        return false;
    t->planned = planned_text(&t->plan, err);
    t->path = t->planned ? path_of(wish, v, t, err) : NULL;
    if (!t->path) return false;
    t->origin = (ask_feature_origin){
        .model_id = model->id,
        .network = ask_model_info_of(model->model).network,
        .layout = ask_feature_layout_name(model->layout),
        .video = v->name,
        .video_id = v->id,
        .video_s = v->duration_s,
        .asked = t->asked,
        .plan = t->planned,
    };
    return look_for_file(t, wish->force, err) && (t->kept || try_to_write(t->path, err));
}

bool cli_feature_target_write(const cli_feature_target *t, ask_error *err)
{
    const ask_features *f = &t->features;
    ask_feature_file file = {
        .origin = t->origin,
        .data = f->data,
        .n_dims = f->n_dims,
        .t_s = f->t_s,
        .n_times = f->n_times,
    };
    file.origin.unit = f->unit;
    memcpy(file.shape, f->shape, sizeof file.shape);
    return ask_feature_file_write(t->path, &file, err);
}

void cli_feature_target_free(cli_feature_target *t)
{
    ask_feature_plan_free(&t->plan);
    ask_features_free(&t->features);
    free(t->path);
    free(t->asked);
    free(t->planned);
    *t = (cli_feature_target){0};
}
