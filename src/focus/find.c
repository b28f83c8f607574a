#include "focus/find.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/str.h"
#include "focus/survey.h"

enum { DEFAULT_TOP = 5 };

/* What a call is about. */
typedef struct {
    const char *text;
    ask_find_options options;
    ask_calibration own;   // {0} where what was seen before brings one
    ask_survey_job survey; // borrows from the rest
} job;

/* ---- options and texts ---- */

ask_find_options ask_find_defaults(void)
{
    return (ask_find_options){
        .struct_size = sizeof(ask_find_options),
        .sampling = ask_sampling_defaults(),
        .near_duplicate = 0.985,
    };
}

static bool check_options(const ask_find_options *o, ask_error *err)
{
    if (o->n_top < 0)
        return ask_fail(err, ASK_ERR_USAGE, "the best %d moments: give 1 or more",
                        o->n_top);
    if (!(o->near_duplicate > 0))
        return ask_fail(err, ASK_ERR_USAGE,
                        "near duplicates from a cosine of %g on: give a number above 0",
                        o->near_duplicate);
    return true;
}

static ask_find_options take_options(const ask_find_options *opt)
{
    ask_find_options o = ask_find_defaults();
    ask_options_take(&o, sizeof o, opt);
    return o;
}

bool ask_find_check(const char *text, const ask_find_options *opt, ask_error *err)
{
    const ask_find_options o = take_options(opt);
    return check_options(&o, err) && ask_sampling_check(&o.sampling, err) &&
           ask_survey_check_text(text, "the text", err);
}

static void job_close(job *j)
{
    ask_calibration_free(&j->own);
}

/* On failure nothing is left to close. *out must not move afterwards. */
static bool job_open(job *out, ask_video *v, ask_session *s, const char *text,
                     const ask_find_options *opt, ask_error *err)
{
    *out = (job){.text = text, .options = take_options(opt)};
    const char *dir = ask_model_info_of(ask_session_model(s)).dir;
    const ask_seen *seen = out->options.seen;
    if (!ask_find_check(text, &out->options, err) ||
        !(seen || ask_calibration_read(&out->own, dir, err)))
        return false;
    out->survey = (ask_survey_job){
        .video = v,
        .session = s,
        .texts = &out->text,
        .n_texts = 1,
        .calibration = seen ? seen->yardstick->calibration : &out->own,
        .sampling = out->options.sampling,
        .cancel = out->options.cancel,
        .progress = out->options.progress,
        .seen = seen,
    };
    return true;
}

/* ---- the plan ---- */

bool ask_find_plan_make(ask_find_plan *out, ask_video *v, ask_session *s, const char *text,
                        const ask_find_options *opt, ask_error *err)
{
    job j;
    if (!job_open(&j, v, s, text, opt, err)) return false;
    bool ok = ask_survey_plan(out, &j.survey, err);
    job_close(&j);
    return ok;
}

void ask_find_plan_free(ask_find_plan *p)
{
    if (!p) return;
    ask_sampling_free(&p->sampling);
    *p = (ask_find_plan){0};
}

/* ---- the curve ---- */

/* Room for what the arithmetic of focus/curve.h and focus/moments.h takes and gives. */
typedef struct {
    double *fits;
    float *score;
    int *duplicate_of;
    double *edge_s;
} curve;

static void curve_free(curve *c)
{
    free(c->fits);
    free(c->score);
    free(c->duplicate_of);
    free(c->edge_s);
}

static bool curve_new(curve *c, const ask_survey *seen, ask_error *err)
{
    size_t n = (size_t)seen->seen->look.n;
    *c = (curve){
        .fits = malloc(n * sizeof *c->fits),
        .score = malloc(n * sizeof *c->score),
        .duplicate_of = malloc(n * sizeof *c->duplicate_of),
    };
    if (!c->fits || !c->score || !c->duplicate_of) return ask_fail_memory(err);
    c->edge_s = ask_survey_copy_edges(seen, err);
    return c->edge_s;
}

static bool take_frames(ask_find_result *r, const curve *c, const ask_survey *seen,
                        ask_error *err)
{
    r->frames = ask_survey_copy_frames(seen, err);
    if (!r->frames) return false;
    r->n_frames = seen->seen->look.n;
    for (int i = 0; i < r->n_frames; i++) {
        r->frames[i].cosine = (float)c->fits[i];
        r->frames[i].score = c->score[i];
        r->frames[i].duplicate_of = c->duplicate_of[i];
    }
    return true;
}

/* Fills frames and moments of the result. */
static bool score(ask_find_result *r, ask_curve_presence *presence, const job *j,
                  const ask_survey *seen, ask_error *err)
{
    const ask_pictures frames = ask_look_pictures(&seen->seen->look);
    curve c;
    bool ok = curve_new(&c, seen, err);
    if (ok) ask_pictures_fit(c.fits, &frames, ask_survey_text(seen, 0));
    ok = ok &&
         ask_curve_score(c.score, presence, c.fits, frames.n, &seen->seen->chance, err) &&
         ask_curve_duplicates(c.duplicate_of, &frames, j->options.near_duplicate,
                              j->options.cancel, err);
    const ask_moments_curve found = {c.score, c.edge_s, c.duplicate_of, frames.n};
    int n_top = j->options.n_top ? j->options.n_top : DEFAULT_TOP;
    ok = ok && ask_moments_find(&r->moments, &r->n_moments, &found, n_top, err) &&
         take_frames(r, &c, seen, err);
    curve_free(&c);
    return ok;
}

/* Holds the text against chance. */
static bool judge(ask_find_result *r, const ask_curve_presence *p, const ask_calibration *c,
                  ask_error *err)
{
    r->presence = p->presence;
    r->threshold = c->threshold;
    r->level = p->chance_mean + c->threshold * p->chance_deviation;
    r->present = r->presence >= r->threshold;
    r->threshold_source = c->threshold_source;
    r->calibration_n = c->n;
    if (!c->data) return true;
    r->calibration_data = ask_strdup(c->data, err);
    return r->calibration_data;
}

static bool find(ask_find_result *r, const job *j, ask_error *err)
{
    ask_survey seen;
    if (!ask_survey_plan(&r->plan, &j->survey, err) ||
        !ask_survey_run(&seen, &r->plan, &j->survey, err))
        return false;
    double start_s = ask_clock_s();
    ask_curve_presence presence;
    bool ok = score(r, &presence, j, &seen, err) &&
              judge(r, &presence, j->survey.calibration, err);
    r->answer_s = seen.texts_s + ask_clock_s() - start_s;
    r->decode_s = seen.decode_s;
    r->encode_s = seen.encode_s;
    ask_survey_free(&seen);
    return ok;
}

bool ask_find(ask_find_result *out, ask_video *v, ask_session *s, const char *text,
              const ask_find_options *opt, ask_error *err)
{
    job j;
    if (!job_open(&j, v, s, text, opt, err)) return false;
    ask_find_result r = {0};
    bool ok = find(&r, &j, err);
    job_close(&j);
    if (ok)
        *out = r;
    else
        ask_find_result_free(&r);
    return ok;
}

void ask_find_result_free(ask_find_result *r)
{
    if (!r) return;
    ask_find_plan_free(&r->plan);
    free(r->frames);
    free(r->moments);
    free(r->calibration_data);
    *r = (ask_find_result){0};
}
