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

static ask_sampling_options take_sampling(const ask_sampling_options *opt)
{
    ask_sampling_options o = ask_sampling_defaults();
    ask_options_take(&o, sizeof o, opt);
    if (o.n_frames == 0 && o.fps == 0) o.n_frames = ASK_FOOTAGE_DEFAULT_FRAMES;
    return o;
}

static bool plan_frames(ask_footage *s, ask_video *v, const ask_sampling_options *opt,
                        ask_error *err)
{
    int n_frames;
    s->options = take_sampling(opt);
    s->n_rows = s->info.n_rows;
    if (!ask_sampling_resolve(&s->sampling, v, &s->options, err) ||
        !ask_sampled_most(&n_frames, v, &s->sampling, err))
        return false;
    if (n_frames > INT_MAX / s->n_rows)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%d frames of %d tokens each: take fewer frames", n_frames,
                        s->n_rows);
    s->n = n_frames * s->n_rows;
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
    int64_t states[2];
    if (!ask_feature_layout_check(ASK_FEATURES_VIDEO_CHATGPT, ask_session_model(s->eye),
                                  err))
        return false;
    ask_image_output_shape(states, ask_session_model(s->eye), ASK_IMAGE_PATCH_STATES);
    return states[1] == s->info.n_features ||
           ask_fail(err, ASK_ERR_MODEL, "%s makes features of %lld numbers; %s takes %d",
                    eye.dir, (long long)states[1], model.dir, s->info.n_features);
}

bool ask_footage_plan(ask_footage *out, ask_video *v, ask_session *s, ask_session *eye,
                      const ask_sampling_options *opt, ask_error *err)
{
    const ask_video_info *video = ask_video_info_of(v);
    ask_footage footage = {
        .session = s, .eye = eye, .width_px = video->width, .height_px = video->height};
    bool ok =
        ask_sampling_check(opt, err) &&
        ask_rows_info_of(&footage.info, ask_session_model(s), err) &&
        check_eye(&footage, err) && ask_video_quick_id(v, footage.video_id, err) &&
        (eye ? plan_features(&footage, v, opt, err) : plan_frames(&footage, v, opt, err));
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
    ask_model_info model;
    size_t width;        // of a row
    ask_sampled sampled; // owned
    float *rows;         // owned
    float *pixels;       // owned; [BATCH, ...], n_batch of them wait
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
    float *out = j->rows + first * (size_t)j->footage->n_rows * j->width;
    bool ok =
        ask_rows_of_frames(j->footage->session, out, j->pixels, j->n_batch, j->cancel, err);
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
    free(j->rows);
    free(j->pixels);
    j->rows = j->pixels = NULL;
    j->n_batch = 0;
    j->encode_s = 0;
}

static bool make_room(job *j, int n_times, ask_error *err)
{
    size_t bytes, pixel_bytes;
    if (!ask_sampled_new(&j->sampled, n_times, err)) return false;
    if (!ask_mul_size(&bytes, (size_t)n_times * (size_t)j->footage->n_rows,
                      j->width * sizeof *j->rows) ||
        !ask_mul_size(&pixel_bytes, BATCH * sizeof *j->pixels, input_floats(j)))
        return ask_fail_memory(err);
    j->rows = malloc(bytes + 1);
    j->pixels = malloc(pixel_bytes + 1);
    return (j->rows && j->pixels) || ask_fail_memory(err);
}

/* An ask_sampling_fn. */
static bool look_at_times(void *user, const ask_sampling *sampling, ask_error *err)
{
    job *j = user;
    ask_inputs_run run = {.cancel = j->cancel, .progress = j->progress};
    forget(j);
    bool ok = make_room(j, sampling->n, err) &&
              ask_inputs_at(j->video, ask_session_model(j->footage->session), sampling->t_s,
                            sampling->n, &run, take_input, j, err) &&
              encode_batch(j, err);
    if (!ok) return false;
    ask_sampled_end(&j->sampled, sampling);
    j->encode_s += run.prepare_s;
    return true;
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
    s->n = j->sampled.n * s->n_rows;
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
    if (s->n_rows > 0) s->n = found.n * s->n_rows;
    return true;
}

static bool take_features(job *j, const ask_features *f, ask_error *err)
{
    size_t n = (size_t)f->shape[0], bytes;
    double start_s = ask_clock_s();
    if (ask_mul_size(&bytes, n, j->width * sizeof *j->rows)) j->rows = malloc(bytes + 1);
    bool ok =
        (j->rows || ask_fail_memory(err)) &&
        ask_rows_of_features(j->footage->session, j->rows, f->data, (int)n, j->cancel, err);
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

bool ask_footage_look(ask_footage *s, ask_video *v, const ask_cancel *cancel,
                      const ask_progress *progress, ask_error *err)
{
    const ask_model *m = ask_session_model(s->session);
    ask_language_info language;
    if (s->rows) return true;
    if (!ask_language_info_of(&language, m, err)) return false;
    job j = {.footage = s,
             .video = v,
             .cancel = cancel,
             .progress = progress,
             .model = ask_model_info_of(m),
             .width = (size_t)language.width};
    bool ok = s->eye ? look_at_features(&j, err) : look_at_frames(&j, err);
    if (ok) {
        ask_sampled_free(&s->sampled);
        s->sampled = j.sampled;
        s->rows = j.rows;
        j.sampled = (ask_sampled){0};
        j.rows = NULL;
    }
    forget(&j);
    return ok;
}

static uint64_t hash_model(const ask_session *s, uint64_t seed)
{
    const ask_model_info model = ask_model_info_of(ask_session_model(s));
    return ask_hash64(model.id, strlen(model.id), seed);
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
    uint64_t seed = ask_hash64(s->video_id, strlen(s->video_id), 0);
    seed = hash_model(s->session, seed);
    if (s->eye) seed = hash_model(s->eye, seed);
    uint64_t identity = ask_hash64(&of, sizeof of, seed);
    return identity ? identity : 1;
}

double ask_footage_gflop(const ask_footage *s)
{
    if (!s->eye) return s->n / s->n_rows * s->info.frame_gflop;
    return s->sampling.n * ask_model_info_of(ask_session_model(s->eye)).image_gflop;
}

void ask_footage_free(ask_footage *s)
{
    if (!s) return;
    ask_sampling_free(&s->sampling);
    ask_sampled_free(&s->sampled);
    free(s->rows);
    *s = (ask_footage){0};
}
