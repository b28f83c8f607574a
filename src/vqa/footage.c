#include "vqa/footage.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/options.h"
#include "base/str.h"
#include "model/features.h"
#include "model/image_outputs.h"

enum { BATCH = 4 }; // frames that are encoded together

/* ---- the plan ---- */

static ask_sampling_options take_sampling(const ask_sampling_options *opt,
                                          const ask_rows_info *info)
{
    ask_sampling_options o = ask_sampling_defaults();
    ask_options_take(&o, sizeof o, opt);
    if (o.n_frames == 0 && o.fps == 0)
        o.n_frames = info->n_shown > 0 ? info->n_shown : ASK_FOOTAGE_DEFAULT_FRAMES;
    return o;
}

/* Of frames that become rows together. */
static bool check_number(const ask_footage *s, ask_error *err)
{
    const ask_rows_info *info = &s->info;
    const char *dir = ask_model_info_of(ask_session_model(s->session)).dir;
    if (s->n_frames < info->n_least)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%d frames: %s makes rows of %d or more together: take more frames",
                        s->n_frames, dir, info->n_least);
    return info->n_most == 0 || s->n_frames <= info->n_most ||
           ask_fail(err, ASK_ERR_LIMIT,
                    "%d frames: %s makes rows of %d at most together: take fewer frames",
                    s->n_frames, dir, info->n_most);
}

static bool plan_frames(ask_footage *s, ask_video *v, const ask_sampling_options *opt,
                        ask_error *err)
{
    s->options = take_sampling(opt, &s->info);
    s->n_rows = s->info.n_rows;
    if (!ask_sampling_resolve(&s->sampling, v, &s->options, err) ||
        !ask_sampled_most(&s->n_frames, v, &s->sampling, err))
        return false;
    if (!check_number(s, err)) return false;
    int each = ask_footage_n_shown(s, 1);
    if (s->n_frames > INT_MAX / each)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%d frames of %d tokens each: take fewer frames", s->n_frames,
                        each);
    s->n = ask_footage_n_shown(s, s->n_frames);
    return true;
}

/* The layout looks at the whole video, whatever else was asked for. */
static bool plan_features(ask_footage *s, ask_video *v, const ask_sampling_options *opt,
                          ask_error *err)
{
    ask_feature_plan plan;
    ask_sampling_options o = ask_sampling_defaults();
    ask_options_take(&o, sizeof o, opt);
    if (!ask_feature_plan_make(&plan, v, ask_session_model(s->eye),
                               ASK_FEATURES_VIDEO_CHATGPT, NULL, err))
        return false;
    s->sampling = (ask_sampling){.t_s = plan.t_s,
                                 .n = plan.n,
                                 .start_s = plan.start_s,
                                 .end_s = plan.end_s,
                                 .fps = plan.fps,
                                 .counted = true};
    plan.t_s = NULL;
    ask_feature_plan_free(&plan);
    if (o.n_frames > 0 || o.fps > 0 || o.max_frames > 0 || o.start_s > 0 ||
        (o.end_s > 0 && isfinite(o.end_s)))
        ask_format(s->sampling.why_changed, sizeof s->sampling.why_changed,
                   "the model always looks at %d frames of the whole video", s->sampling.n);
    int64_t states[2];
    ask_image_output_shape(states, ask_session_model(s->eye), ASK_IMAGE_PATCH_STATES);
    s->n = s->info.n_frames + (int)states[0];
    s->n_frames = s->sampling.n;
    return true;
}

/* The layout's features are of the eye's patches, those of single frames its vectors. */
static bool count_features(int64_t *out, const ask_footage *s, ask_error *err)
{
    const ask_model *eye = ask_session_model(s->eye);
    ask_image_output what = s->info.together ? ASK_IMAGE_FEATURES : ASK_IMAGE_PATCH_STATES;
    int64_t shape[2];
    if (s->info.together ? !ask_model_check_pictures(eye, err)
                         : !ask_feature_layout_check(ASK_FEATURES_VIDEO_CHATGPT, eye, err))
        return false;
    ask_image_output_shape(shape, eye, what);
    *out = shape[1];
    return true;
}

static bool check_eye(const ask_footage *s, ask_error *err)
{
    const ask_model_info model = ask_model_info_of(ask_session_model(s->session));
    if (s->info.sees_frames && s->eye)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s sees frames by itself: it takes no other "
                        "model for that",
                        model.dir);
    if (s->info.sees_frames) return true;
    if (!s->eye)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s is given features: name the CLIP model that makes them "
                        "(--vision)",
                        model.dir);
    const ask_model_info eye = ask_model_info_of(ask_session_model(s->eye));
    int64_t n;
    if (!count_features(&n, s, err)) return false;
    return n == s->info.n_features ||
           ask_fail(err, ASK_ERR_MODEL, "%s makes features of %lld numbers; %s takes %d",
                    eye.dir, (long long)n, model.dir, s->info.n_features);
}

/* Whether frames are chosen, and encoded one by one; else a layout does it. */
static bool has_frames(const ask_footage *s)
{
    return !s->eye || s->info.together;
}

bool ask_footage_plan(ask_footage *out, ask_video *v, ask_session *s, ask_session *eye,
                      const ask_sampling_options *opt, ask_error *err)
{
    const ask_video_info *video = ask_video_info_of(v);
    ask_footage footage = {
        .session = s, .eye = eye, .width_px = video->width, .height_px = video->height};
    bool ok = ask_sampling_check(opt, err) &&
              ask_rows_info_of(&footage.info, ask_session_model(s), err) &&
              check_eye(&footage, err) && ask_video_quick_id(v, footage.video_id, err) &&
              (has_frames(&footage) ? plan_frames(&footage, v, opt, err)
                                    : plan_features(&footage, v, opt, err));
    if (ok)
        *out = footage;
    else
        ask_footage_free(&footage);
    return ok;
}

/* ---- looking at frames ---- */

typedef struct {
    ask_footage *footage;
    ask_video *video;
    const ask_cancel *cancel;
    const ask_progress *progress;
    ask_session *looker;  // encodes frames
    ask_model_info model; // its
    size_t width;         // of a row
    size_t n_cells;       // numbers of its cells; 0: rows are cells
    size_t n_made;        // numbers that a frame becomes
    ask_sampled sampled;  // owned
    float *made;          // owned: of frames or of features
    float *cells;         // owned
    float *pixels;        // owned; [BATCH, ...], n_batch of them wait
    int n_batch;
    double encode_s;
} job;

static size_t input_floats(const job *j)
{
    size_t side = (size_t)j->model.image_px;
    return (size_t)j->model.n_channels * side * side;
}

static bool encode_batch(job *j, ask_error *err)
{
    if (j->n_batch == 0) return true;
    double start_s = ask_clock_s();
    size_t first = (size_t)(j->sampled.n - j->n_batch);
    float *out = j->made + first * j->n_made;
    const ask_rows_made to = {.rows = out,
                              .cells = j->cells ? j->cells + first * j->n_cells : NULL};
    bool ok =
        j->footage->eye ? ask_image_outputs(j->looker, ASK_IMAGE_FEATURES, out, j->pixels,
                                            j->n_batch, j->cancel, err)
        : j->footage->info.together
            ? ask_rows_look(j->looker, out, j->pixels, j->n_batch, j->cancel, err)
            : ask_rows_of_frames(j->looker, &to, j->pixels, j->n_batch, j->cancel, err);
    j->n_batch = 0;
    j->encode_s += ask_clock_s() - start_s;
    return ok;
}

/* An ask_input_fn. */
static bool take_input(void *user, const ask_input_frame *frame, ask_error *err)
{
    job *j = user;
    if (frame->pixels && j->n_batch == BATCH && !encode_batch(j, err)) return false;
    if (!ask_sampled_add(&j->sampled, frame)) return true;
    memcpy(j->pixels + (size_t)j->n_batch++ * input_floats(j), frame->pixels,
           input_floats(j) * sizeof *j->pixels);
    return true;
}

static void forget(job *j)
{
    ask_sampled_free(&j->sampled);
    free(j->made);
    free(j->cells);
    free(j->pixels);
    j->made = j->cells = j->pixels = NULL;
    j->n_batch = 0;
    j->encode_s = 0;
}

static bool make_room(job *j, int n_times, ask_error *err)
{
    size_t bytes, pixel_bytes;
    if (!ask_sampled_new(&j->sampled, n_times, err)) return false;
    if (!ask_mul_size(&bytes, (size_t)n_times, j->n_made * sizeof *j->made) ||
        !ask_mul_size(&pixel_bytes, BATCH * sizeof *j->pixels, input_floats(j)))
        return ask_fail_memory(err);
    j->made = malloc(bytes + 1);
    j->pixels = malloc(pixel_bytes + 1);
    if (j->n_cells > 0) j->cells = calloc((size_t)n_times, j->n_cells * sizeof *j->cells);
    return (j->made && j->pixels && (j->cells || j->n_cells == 0)) || ask_fail_memory(err);
}

/* An ask_sampling_fn. */
static bool look_at_times(void *user, const ask_sampling *sampling, ask_error *err)
{
    job *j = user;
    ask_inputs_run run = {.cancel = j->cancel, .progress = j->progress};
    forget(j);
    bool ok = make_room(j, sampling->n, err) &&
              ask_inputs_at(j->video, ask_session_model(j->looker), sampling->t_s,
                            sampling->n, &run, take_input, j, err) &&
              encode_batch(j, err);
    if (!ok) return false;
    ask_sampled_end(&j->sampled, sampling);
    j->encode_s += run.prepare_s;
    return true;
}

static void count_shown(ask_footage *s, int n_frames)
{
    s->n_frames = n_frames;
    s->n = ask_footage_n_shown(s, n_frames);
}

static bool look_at_frames(job *j, ask_error *err)
{
    ask_footage *s = j->footage;
    ask_sampling sampling;
    double start_s = ask_clock_s();
    if (!ask_sampling_look(&sampling, j->video, &s->options, look_at_times, j, err))
        return false;
    if (!sampling.why_changed[0]) // what was told of the plan holds of what came of it
        memcpy(sampling.why_changed, s->sampling.why_changed, sizeof sampling.why_changed);
    ask_sampling_free(&s->sampling);
    s->sampling = sampling;
    s->encode_s = j->encode_s;
    s->decode_s = ask_clock_s() - start_s - s->encode_s;
    count_shown(s, j->sampled.n);
    return true;
}

/* ---- looking through another model ---- */

/* The frames on display at the times, which the full table tells. */
static bool find_frames(ask_sampled *out, const ask_sampling *sampling, ask_video *v,
                        ask_error *err)
{
    const ask_time_table *table = ask_video_table(v, err);
    if (!table || !ask_sampled_new(out, sampling->n, err)) return false;
    static const float seen = 0; // where a frame's pixels would be
    int64_t at = 0;
    for (int i = 0; i < sampling->n; i++) {
        while (at + 1 < table->n_frames && table->frames[at + 1].t_s <= sampling->t_s[i])
            at++;
        bool repeats = out->n > 0 && out->frames[out->n - 1].index == at;
        const ask_input_frame frame = {.time = i,
                                       .pixels = repeats ? NULL : &seen,
                                       .index = at,
                                       .pts = table->frames[at].pts,
                                       .t_s = table->frames[at].t_s};
        ask_sampled_add(out, &frame);
    }
    ask_sampled_end(out, sampling);
    return true;
}

bool ask_footage_place(ask_footage *s, ask_video *v, ask_error *err)
{
    ask_sampled found = {0};
    if (s->sampled.n > 0) return true;
    if (!find_frames(&found, &s->sampling, v, err)) {
        ask_sampled_free(&found);
        return false;
    }
    s->sampled = found;
    if (has_frames(s)) count_shown(s, found.n);
    return true;
}

static bool take_features(job *j, const ask_features *f, ask_error *err)
{
    size_t n = (size_t)f->shape[0], bytes;
    double start_s = ask_clock_s();
    if (ask_mul_size(&bytes, n, j->width * sizeof *j->made)) j->made = malloc(bytes + 1);
    bool ok =
        (j->made || ask_fail_memory(err)) &&
        ask_rows_of_features(j->footage->session, j->made, f->data, (int)n, j->cancel, err);
    j->encode_s = ask_clock_s() - start_s;
    return ok;
}

static bool look_at_features(job *j, ask_error *err)
{
    ask_footage *s = j->footage;
    ask_video *v = j->video;
    ask_feature_plan plan;
    ask_features f;
    double start_s = ask_clock_s();
    if (!find_frames(&j->sampled, &s->sampling, v, err) ||
        !ask_feature_plan_make(&plan, v, ask_session_model(s->eye),
                               ASK_FEATURES_VIDEO_CHATGPT, NULL, err))
        return false;
    const ask_feature_job features = {s->eye, &plan};
    bool ok = ask_features_make(&f, v, &features, 1, j->cancel, err);
    ask_feature_plan_free(&plan);
    if (!ok) return false;
    double made_s = ask_clock_s() - start_s;
    ok = take_features(j, &f, err);
    if (ok) {
        s->n = (int)f.shape[0];
        s->decode_s = made_s; // the other model's work is in it
        s->encode_s = j->encode_s;
    }
    ask_features_free(&f);
    return ok;
}

/* ---- looking ---- */

bool ask_footage_is_seen(const ask_footage *s)
{
    return s->rows || s->kept;
}

bool ask_footage_look(ask_footage *s, ask_video *v, const ask_cancel *cancel,
                      const ask_progress *progress, ask_error *err)
{
    const ask_model *m = ask_session_model(s->session);
    ask_session *looker = s->eye ? s->eye : s->session;
    ask_language_info language;
    if (ask_footage_is_seen(s)) return true;
    if (!ask_language_info_of(&language, m, err)) return false;
    size_t width = (size_t)language.width;
    job j = {.footage = s,
             .video = v,
             .cancel = cancel,
             .progress = progress,
             .looker = looker,
             .model = ask_model_info_of(ask_session_model(looker)),
             .width = width,
             .n_made = s->info.together ? s->info.n_kept : (size_t)s->n_rows * width};
    if (s->info.looks && !s->info.together)
        j.n_cells = (size_t)s->n_rows * (size_t)s->info.side * (size_t)s->info.side;
    bool ok = has_frames(s) ? look_at_frames(&j, err) : look_at_features(&j, err);
    if (ok) {
        ask_sampled_free(&s->sampled);
        s->sampled = j.sampled;
        *(s->info.together ? &s->kept : &s->rows) = j.made;
        s->cells = j.cells;
        j.sampled = (ask_sampled){0};
        j.made = j.cells = NULL;
    }
    forget(&j);
    return ok;
}

static uint64_t hash_model(const ask_session *s, uint64_t seed)
{
    const ask_model_info model = ask_model_info_of(ask_session_model(s));
    return ask_hash64(model.id, strlen(model.id), seed);
}

static uint64_t hash_origin(const ask_footage *s)
{
    uint64_t seed = ask_hash64(s->video_id, strlen(s->video_id), 0);
    seed = hash_model(s->session, seed);
    return s->eye ? hash_model(s->eye, seed) : seed;
}

static uint64_t not_nought(uint64_t identity)
{
    return identity ? identity : 1;
}

uint64_t ask_footage_identity(const ask_footage *s, int row)
{
    struct {
        int64_t pts, cell;
    } of = {.cell = row};
    if (s->n_rows > 0) {
        of.pts = s->sampled.frames[row / s->n_rows].pts;
        of.cell = row % s->n_rows;
    }
    return not_nought(ask_hash64(&of, sizeof of, hash_origin(s)));
}

/* ---- scenes ---- */

int ask_footage_n_shown(const ask_footage *s, int n_frames)
{
    return s->info.together ? ask_rows_n_shown(ask_session_model(s->session), n_frames)
                            : n_frames * s->n_rows;
}

static int n_in_scene(const ask_footage *s, const ask_footage_scene *scene)
{
    return scene->frames ? scene->n_frames : s->n_frames;
}

static int frame_of_scene(const ask_footage_scene *scene, int i)
{
    return scene->frames ? scene->frames[i] : i;
}

uint64_t ask_footage_scene_identity(const ask_footage *s, const ask_footage_scene *scene,
                                    int row)
{
    const char *instruction = scene->instruction ? scene->instruction : "";
    uint64_t seed = hash_origin(s);
    for (int i = 0; i < n_in_scene(s, scene); i++) {
        int64_t pts = s->sampled.frames[frame_of_scene(scene, i)].pts;
        seed = ask_hash64(&pts, sizeof pts, seed);
    }
    if (s->info.instructed) seed = ask_hash64(instruction, strlen(instruction), seed);
    return not_nought(ask_hash64(&row, sizeof row, seed));
}

/* Shares of the frames of a scene as those of the frames of the footage. */
static void spread_origins(float *to, const float *from, const ask_footage *s,
                           const ask_footage_scene *scene, int n_rows)
{
    int n = n_in_scene(s, scene);
    for (int row = 0; row < n_rows; row++)
        for (int i = 0; i < n; i++)
            to[(size_t)row * (size_t)s->n_frames + (size_t)frame_of_scene(scene, i)] +=
                from[(size_t)row * (size_t)n + (size_t)i];
}

static bool show(ask_footage_view *v, float *origins, const float **kept,
                 const ask_footage *s, const ask_footage_scene *scene,
                 const ask_cancel *cancel, ask_error *err)
{
    int n = n_in_scene(s, scene);
    for (int i = 0; i < n; i++)
        kept[i] = s->kept + (size_t)frame_of_scene(scene, i) * s->info.n_kept;
    const ask_rows_scene rows = {.kept = kept, .n = n, .instruction = scene->instruction};
    const ask_rows_made to = {.rows = v->rows, .origins = origins, .cells = v->cells};
    if (!ask_rows_show(s->session, &to, &rows, cancel, err)) return false;
    spread_origins(v->origins, origins, s, scene, ask_footage_n_shown(s, n));
    return true;
}

bool ask_footage_show(ask_footage_view *out, const ask_footage *s,
                      const ask_footage_scene *scene, const ask_cancel *cancel,
                      ask_error *err)
{
    ask_language_info language;
    if (!ask_language_info_of(&language, ask_session_model(s->session), err)) return false;
    size_t n = (size_t)n_in_scene(s, scene),
           n_rows = (size_t)ask_footage_n_shown(s, (int)n);
    ask_footage_view v = {
        .rows = calloc(n_rows + 1, (size_t)language.width * sizeof *v.rows),
        .origins = calloc(n_rows + 1, (size_t)s->n_frames * sizeof *v.origins)};
    size_t side = (size_t)s->info.side;
    if (s->info.looks) v.cells = calloc(n_rows + 1, side * side * sizeof *v.cells);
    float *origins = calloc(n_rows + 1, n * sizeof *origins);
    const float **kept = calloc(n + 1, sizeof *kept);
    bool ok = (v.rows && v.origins && (v.cells || !s->info.looks) && origins && kept) ||
              ask_fail_memory(err);
    ok = ok && show(&v, origins, kept, s, scene, cancel, err);
    free(origins);
    free(kept);
    if (ok)
        *out = v;
    else
        ask_footage_view_free(&v);
    return ok;
}

void ask_footage_view_free(ask_footage_view *v)
{
    free(v->rows);
    free(v->origins);
    free(v->cells);
    *v = (ask_footage_view){0};
}

double ask_footage_gflop(const ask_footage *s)
{
    double own = s->n_frames * s->info.frame_gflop;
    if (!s->eye) return own;
    return own + s->sampling.n * ask_model_info_of(ask_session_model(s->eye)).image_gflop;
}

void ask_footage_free(ask_footage *s)
{
    if (!s) return;
    ask_sampling_free(&s->sampling);
    ask_sampled_free(&s->sampled);
    free(s->rows);
    free(s->kept);
    free(s->cells);
    *s = (ask_footage){0};
}
