#include "model/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/options.h"
#include "base/str.h"
#include "model/features_priv.h"
#include "model/inputs.h"
#include "model/video_vectors.h"

/* ---- the layouts ---- */

static const feature_layout *const layouts[ASK_FEATURES_N_LAYOUTS] = {
    [ASK_FEATURES_FRAMES] = &feature_layout_frames,
    [ASK_FEATURES_MIST] = &feature_layout_mist,
    [ASK_FEATURES_VIDEO_CHATGPT] = &feature_layout_video_chatgpt,
    [ASK_FEATURES_CLIPS] = &feature_layout_clips,
};

const char *ask_feature_layout_name(ask_feature_layout layout)
{
    return layouts[layout]->name;
}

bool ask_feature_layout_find(ask_feature_layout *out, const char *name, ask_error *err)
{
    char names[128];
    size_t n = 0;
    for (int i = 0; i < ASK_FEATURES_N_LAYOUTS; i++) {
        if (strcmp(layouts[i]->name, name) == 0) {
            *out = (ask_feature_layout)i;
            return true;
        }
        n += (size_t)ask_format(names + n, sizeof names - n, "%s%s", i ? ", " : "",
                                layouts[i]->name);
    }
    return ask_fail(err, ASK_ERR_USAGE, "there is no layout %s; there are %s", name, names);
}

bool ask_feature_layout_of(ask_feature_layout *out, const ask_model *m, ask_error *err)
{
    const ask_model_info info = ask_model_info_of(m);
    ask_video_sizes sizes;
    bool clips = ask_video_sizes_of(&sizes, m, NULL);
    if (!clips && !info.has_pictures)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "%s: %s sees neither pictures nor clips; features are made by "
                        "networks that do",
                        info.dir, info.network);
    *out = clips ? ASK_FEATURES_CLIPS : ASK_FEATURES_FRAMES;
    return true;
}

bool ask_feature_layout_check(ask_feature_layout layout, const ask_model *m, ask_error *err)
{
    return layouts[layout]->check(m, err);
}

bool ask_feature_layout_is_whole(ask_feature_layout layout)
{
    return layouts[layout]->whole_video;
}

bool feature_check_plain(const ask_model *m, const char *layout, ask_error *err)
{
    const ask_model_info info = ask_model_info_of(m);
    if (!ask_inputs_check(m, err)) return false;
    return info.n_views == 1 ||
           ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: the network sees %d pictures at once, and %s features are of "
                    "single ones; ask it for frames",
                    info.dir, info.n_views, layout);
}

/* ---- plans ---- */

bool feature_plan_reserve(ask_feature_plan *p, int n, ask_error *err)
{
    p->t_s = malloc((size_t)n * sizeof *p->t_s);
    if (!p->t_s) return ask_fail_memory(err);
    p->n = n;
    return true;
}

static bool find_window(ask_feature_plan *p, const ask_time_table *table,
                        const ask_feature_request *r, ask_error *err)
{
    const feature_layout *layout = layouts[p->layout];
    bool to_end = r->end_s == 0 || isinf(r->end_s);
    if (layout->whole_video && (r->start_s != 0 || !to_end))
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s features are of the whole video: leave the window out",
                        layout->name);
    p->start_s = r->start_s;
    p->end_s = to_end ? table->duration_s : fmin(r->end_s, table->duration_s);
    if (isnan(p->end_s) || !(p->start_s >= 0))
        return ask_fail(err, ASK_ERR_USAGE, "the window from %g s to %g s is none",
                        r->start_s, r->end_s);
    if (p->start_s > 0 && p->start_s >= table->duration_s)
        return ask_fail(err, ASK_ERR_USAGE,
                        "the window starts at %g s, past the end of the video (%.3f s)",
                        p->start_s, table->duration_s);
    if (p->start_s > 0 && p->start_s >= p->end_s)
        return ask_fail(err, ASK_ERR_USAGE, "the window from %g s to %g s is empty",
                        p->start_s, p->end_s);
    return true;
}

bool ask_feature_plan_make(ask_feature_plan *out, ask_video *v, const ask_model *m,
                           ask_feature_layout layout, const ask_feature_request *request,
                           ask_error *err)
{
    ask_feature_request r = {.struct_size = sizeof r};
    ask_options_take(&r, sizeof r, request);
    ask_feature_plan p = {.layout = layout, .n_frames_each = 1};
    if (!ask_feature_layout_check(layout, m, err)) return false;
    const ask_time_table *table = ask_video_table(v, err);
    if (!table || !find_window(&p, table, &r, err)) return false;
    if (!layouts[layout]->plan(&p, table, m, &r, err)) {
        ask_feature_plan_free(&p);
        return false;
    }
    if (p.fps == 0 && p.end_s > p.start_s) p.fps = p.n / (p.end_s - p.start_s);
    *out = p;
    return true;
}

void ask_feature_plan_free(ask_feature_plan *p)
{
    free(p->t_s);
    *p = (ask_feature_plan){0};
}

void ask_feature_plan_put(ask_json_writer *w, const char *key, const ask_feature_plan *p)
{
    ask_json_open_object(w, key);
    ask_json_put_int(w, "n", p->n);
    ask_json_put_int(w, "n_frames_each", p->n_frames_each);
    ask_json_put_double(w, "fps", p->fps);
    ask_json_put_double(w, "start_s", p->start_s);
    ask_json_put_double(w, "end_s", p->end_s);
    ask_json_close(w);
}

/* ---- making them ---- */

/* A job, and who looks at its frames on the way to it. */
typedef struct {
    feature_maker maker;
    const feature_layout *layout;
    ask_features features;
    int64_t damaged_pts; // of the last damaged frame
} work;

/* Counts what is damaged, each frame once. An ask_frame_fn. */
static bool pass_on(void *user, const ask_video_frame *frame, ask_error *err)
{
    work *w = user;
    if (frame->damaged && (w->features.n_damaged == 0 || w->damaged_pts != frame->pts)) {
        w->features.n_damaged++;
        w->damaged_pts = frame->pts;
    }
    return w->maker.viewer.fn(w->maker.viewer.user, frame, err);
}

static bool make_room(ask_features *f, ask_error *err)
{
    size_t n = 1, unused;
    for (int i = 0; i < f->n_dims; i++) {
        if (!ask_mul_size(&n, n, (size_t)f->shape[i]) ||
            !ask_mul_size(&unused, n, sizeof *f->data))
            return ask_fail_memory(err);
    }
    f->data = calloc(n, sizeof *f->data);
    f->t_s = calloc((size_t)f->n_times, sizeof *f->t_s);
    return (f->data && f->t_s) || ask_fail_memory(err);
}

static bool begin(work *w, const ask_feature_job *job, ask_video *v,
                  const ask_cancel *cancel, ask_error *err)
{
    w->layout = layouts[job->plan->layout];
    w->features.unit = w->layout->unit;
    w->features.n_times = job->plan->n;
    w->features.n_dims =
        w->layout->shape(w->features.shape, ask_session_model(job->session), job->plan);
    w->maker = (feature_maker){
        .session = job->session, .plan = job->plan, .cancel = cancel, .out = &w->features};
    return make_room(&w->features, err) && w->layout->begin(&w->maker, v, err);
}

static bool show(work *works, int n, ask_video *v, const ask_cancel *cancel, ask_error *err)
{
    ask_viewer *viewers = calloc((size_t)n, sizeof *viewers);
    if (!viewers) return ask_fail_memory(err);
    for (int i = 0; i < n; i++) {
        viewers[i] = works[i].maker.viewer;
        viewers[i].fn = pass_on;
        viewers[i].user = &works[i];
    }
    bool ok = ask_video_show(v, viewers, n, cancel, err);
    free(viewers);
    return ok;
}

bool ask_features_make(ask_features *out, ask_video *v, const ask_feature_job *jobs,
                       int n_jobs, const ask_cancel *cancel, ask_error *err)
{
    work *works = calloc((size_t)n_jobs + 1, sizeof *works);
    if (!works) return ask_fail_memory(err);
    bool ok = true;
    int n = 0; // begun, or half so
    while (ok && n < n_jobs) {
        ok = begin(&works[n], &jobs[n], v, cancel, err);
        n++;
    }
    ok = ok && show(works, n, v, cancel, err);
    for (int i = 0; ok && i < n; i++) ok = works[i].layout->end(&works[i].maker, err);
    for (int i = 0; i < n; i++) {
        works[i].layout->close(&works[i].maker);
        if (ok)
            out[i] = works[i].features;
        else
            ask_features_free(&works[i].features);
    }
    free(works);
    return ok;
}

void ask_features_free(ask_features *f)
{
    free(f->data);
    free(f->t_s);
    *f = (ask_features){0};
}
