#include "vqa/sightings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/options.h"
#include "base/rng.h"
#include "base/str.h"

enum { BATCH = 8 }; // inputs that are looked at together

/* ---- times ---- */

static ask_sampling_options take_options(const ask_sampling_options *opt)
{
    ask_sampling_options o = ask_sampling_defaults();
    ask_options_take(&o, sizeof o, opt);
    return o;
}

static ask_sampling_options fixed_options(const ask_sampling_options *opt, int n_frames)
{
    ask_sampling_options o = take_options(opt);
    o.n_frames = n_frames;
    o.fps = 0;
    o.max_frames = 0;
    return o;
}

/* Whether another number came of it than what was asked for. */
static bool is_other(const ask_sampling *s, const ask_sampling_options *o)
{
    double by_rate = fmax(1, floor(o->fps * (s->end_s - s->start_s) + 0.5));
    return (o->n_frames > 0 && o->n_frames != s->n) || (o->fps > 0 && by_rate != s->n) ||
           (o->max_frames > 0 && o->max_frames < s->n);
}

static void tell_if_other(ask_sampling *s, const ask_sampling_options *opt)
{
    const ask_sampling_options o = take_options(opt);
    size_t used = strlen(s->why_changed), size = sizeof s->why_changed;
    if (!is_other(s, &o)) return;
    ask_format(
        s->why_changed + used, size - used,
        "%sthe model always looks at %d frames, whatever number or rate is asked for",
        used ? "; " : "", s->n);
}

bool ask_sightings_plan(ask_sampling *out, ask_video *v, const ask_model *m,
                        const ask_sampling_options *opt, ask_error *err)
{
    ask_memory_info info;
    if (!ask_memory_info_of(&info, m, err) || !ask_sampling_check(opt, err)) return false;
    const ask_sampling_options o = fixed_options(opt, info.n_frames);
    if (!ask_sampling_resolve(out, v, &o, err)) return false;
    tell_if_other(out, opt);
    return true;
}

/* ---- looking ---- */

typedef struct {
    ask_video *video;
    ask_session *session;
    const ask_cancel *cancel;
    const ask_progress *progress;
    ask_model_info model;
    ask_sightings seen;
    ask_sights pictures; // owned; of each frame
    float *pixels; // owned; [BATCH, n_channels, image_px, image_px], n_batch of them wait
    int n_batch;
} job;

static size_t input_floats(const job *j)
{
    size_t side = (size_t)j->model.image_px;
    return (size_t)j->model.n_channels * side * side;
}

static bool see_batch(job *j, ask_error *err)
{
    double start_s = ask_clock_s();
    bool ok =
        ask_sights_add(&j->pictures, j->session, j->pixels, j->n_batch, j->cancel, err);
    j->n_batch = 0;
    j->seen.encode_s += ask_clock_s() - start_s;
    return ok;
}

/* An ask_input_fn. */
static bool take_input(void *user, const ask_input_frame *frame, ask_error *err)
{
    job *j = user;
    if (frame->pixels && j->n_batch == BATCH && !see_batch(j, err)) return false;
    if (!ask_sampled_add(&j->seen.sampled, frame)) return true;
    memcpy(j->pixels + (size_t)j->n_batch++ * input_floats(j), frame->pixels,
           input_floats(j) * sizeof *j->pixels);
    return true;
}

static void forget(job *j)
{
    ask_sampled_free(&j->seen.sampled);
    ask_sights_free(&j->seen.sights);
    ask_sights_free(&j->pictures);
    free(j->pixels);
    j->pixels = NULL;
    j->n_batch = 0;
    j->seen.encode_s = j->seen.decode_s = 0;
}

static bool make_room(job *j, int n_times, ask_error *err)
{
    size_t n_bytes;
    if (!ask_sampled_new(&j->seen.sampled, n_times, err)) return false;
    if (ask_mul_size(&n_bytes, BATCH * sizeof *j->pixels, input_floats(j)))
        j->pixels = malloc(n_bytes);
    return j->pixels || ask_fail_memory(err);
}

/* A row for each time from one for each frame. */
static bool spread(job *j, int n_times, ask_error *err)
{
    const ask_sampled *s = &j->seen.sampled;
    int *which = malloc((size_t)n_times * sizeof *which);
    if (!which) return ask_fail_memory(err);
    for (int i = 0; i < s->n; i++)
        for (int t = s->first[i]; t <= s->last[i]; t++) which[t] = i;
    bool ok = ask_sights_copy(&j->seen.sights, ask_session_model(j->session), &j->pictures,
                              which, n_times, err);
    free(which);
    return ok;
}

/* An ask_sampling_fn. */
static bool look(void *user, const ask_sampling *sampling, ask_error *err)
{
    job *j = user;
    ask_inputs_run run = {.cancel = j->cancel, .progress = j->progress};
    forget(j);
    double start_s = ask_clock_s();
    bool ok = make_room(j, sampling->n, err) &&
              ask_inputs_at(j->video, ask_session_model(j->session), sampling->t_s,
                            sampling->n, &run, take_input, j, err) &&
              see_batch(j, err) && spread(j, sampling->n, err);
    if (!ok) return false;
    ask_sampled_end(&j->seen.sampled, sampling);
    j->seen.encode_s += run.prepare_s;
    j->seen.decode_s = ask_clock_s() - start_s - j->seen.encode_s;
    return true;
}

bool ask_sightings_make(ask_sightings *out, ask_video *v, ask_session *s,
                        const ask_sampling_options *opt, const ask_cancel *cancel,
                        const ask_progress *progress, ask_error *err)
{
    const ask_model *m = ask_session_model(s);
    const ask_video_info *video = ask_video_info_of(v);
    ask_memory_info info;
    if (!ask_memory_info_of(&info, m, err) || !ask_sampling_check(opt, err)) return false;
    job j = {.video = v,
             .session = s,
             .cancel = cancel,
             .progress = progress,
             .model = ask_model_info_of(m),
             .seen = {.session = s, .width_px = video->width, .height_px = video->height}};
    const ask_sampling_options o = fixed_options(opt, info.n_frames);
    bool ok = ask_sampling_look(&j.seen.sampling, v, &o, look, &j, err);
    if (ok) {
        tell_if_other(&j.seen.sampling, opt);
        *out = j.seen;
        j.seen = (ask_sightings){0};
    }
    forget(&j);
    return ok;
}

/* ---- others at the same times ---- */

static bool copy_sampled(ask_sampled *out, const ask_sampled *s, int n_times,
                         ask_error *err)
{
    const size_t n = (size_t)s->n;
    if (!ask_sampled_new(out, n_times, err)) return false;
    memcpy(out->frames, s->frames, n * sizeof *s->frames);
    memcpy(out->first, s->first, n * sizeof *s->first);
    memcpy(out->last, s->last, n * sizeof *s->last);
    out->n = s->n;
    return true;
}

/* All but the sights: those are the ones of `from` that `which` says. Takes `which`, which
 * may be NULL without memory. */
static bool copy_with(ask_sightings *out, const ask_sightings *of, const ask_sights *from,
                      int *which, ask_error *err)
{
    const int n = of->sampling.n;
    ask_sightings s = {
        .session = of->session, .width_px = of->width_px, .height_px = of->height_px};
    bool ok =
        (which || ask_fail_memory(err)) &&
        ask_sampling_copy(&s.sampling, &of->sampling, err) &&
        copy_sampled(&s.sampled, &of->sampled, n, err) &&
        ask_sights_copy(&s.sights, ask_session_model(of->session), from, which, n, err);
    free(which);
    if (ok)
        *out = s;
    else
        ask_sightings_free(&s);
    return ok;
}

bool ask_sightings_make_grey(ask_sightings *out, const ask_sightings *of, ask_session *s,
                             const ask_cancel *cancel, ask_error *err)
{
    const ask_model_info model = ask_model_info_of(ask_session_model(s));
    size_t side = (size_t)model.image_px;
    float *pixels = calloc((size_t)model.n_channels * side * side, sizeof *pixels);
    ask_sights grey = {0};
    bool ok = (pixels || ask_fail_memory(err)) &&
              ask_sights_add(&grey, s, pixels, 1, cancel, err) &&
              copy_with(out, of, &grey, calloc((size_t)of->sampling.n, sizeof(int)), err);
    ask_sights_free(&grey);
    free(pixels);
    return ok;
}

bool ask_sightings_shuffle(ask_sightings *out, const ask_sightings *of, uint64_t seed,
                           ask_error *err)
{
    const int n = of->sampling.n;
    ask_rng rng = ask_rng_new(seed);
    int *which = malloc((size_t)n * sizeof *which);
    for (int i = 0; which && i < n; i++) which[i] = i;
    if (which) ask_rng_shuffle(&rng, which, (size_t)n, sizeof *which);
    return copy_with(out, of, &of->sights, which, err);
}

void ask_sightings_free(ask_sightings *s)
{
    if (!s) return;
    ask_sampling_free(&s->sampling);
    ask_sampled_free(&s->sampled);
    ask_sights_free(&s->sights);
    *s = (ask_sightings){0};
}

/* ---- how it looks ---- */

/* Of what is seen at one of the times. */
static void take_features(float *out, const ask_sightings *s, const ask_memory_info *info,
                          int time)
{
    const ask_model *m = ask_session_model(s->session);
    const size_t n = (size_t)info->n_features, n_sights = (size_t)info->n_sights;
    const float *rows = s->sights.features + (size_t)time * n_sights * n;
    double all = 0;
    memset(out, 0, n * sizeof *out);
    for (size_t k = 0; k < n_sights; k++)
        all += ask_sights_at(&s->sights, m, time, (int)k).seen;
    for (size_t k = 0; k < n_sights && all > 0; k++) {
        double share = ask_sights_at(&s->sights, m, time, (int)k).seen / all;
        for (size_t i = 0; i < n; i++) out[i] += (float)(share * rows[k * n + i]);
    }
}

ask_pictures ask_sightings_features(float *out, const ask_sightings *s)
{
    ask_memory_info info = {0};
    ask_memory_info_of(&info, ask_session_model(s->session), NULL);
    for (int i = 0; i < s->sampled.n; i++)
        take_features(out + (size_t)i * (size_t)info.n_features, s, &info,
                      s->sampled.first[i]);
    return (ask_pictures){out, s->sampled.n, 1, info.n_features};
}
