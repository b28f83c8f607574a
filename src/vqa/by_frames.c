/* Answers of dual encoders: frames and texts in one embedding space. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "focus/survey.h"
#include "model/explain.h"
#include "vqa/ask_priv.h"
#include "vqa/judge_priv.h"
#include "vqa/maps_priv.h"
#include "vqa/question_priv.h"

enum { MOST_MOMENTS = 5 };

/* What a call is about. */
typedef struct {
    ask_ask_options options;
    const char **texts; // owned: the question, then with each choice
    int n_choices;
    ask_calibration own_calibration; // {0} where what was seen before brings one
    ask_standard own_standard;       // {0} where the options bring one
    const ask_standard *standard;
    const char *const *choices;
    ask_survey_job survey; // borrows from the rest
    ask_model_info model;
} job;

/* ---- opening ---- */

static void job_close(job *j)
{
    free(j->texts);
    ask_calibration_free(&j->own_calibration);
    ask_standard_free(&j->own_standard);
}

/* Closed with job_close, also after a failure. *j must not move afterwards. */
static bool job_open(job *j, const ask_call *c, ask_error *err)
{
    *j = (job){.options = c->options, .n_choices = c->n_choices, .choices = c->choices};
    j->model = ask_model_info_of(ask_session_model(c->session));
    const char *dir = j->model.dir;
    const ask_seen *seen = j->options.seen;
    j->standard = j->options.standard ? j->options.standard : &j->own_standard;
    if (!ask_model_check_pictures(ask_session_model(c->session), err) ||
        !ask_check_choices(c, err) ||
        !(j->texts = question_texts(c->question, c->choices, c->n_choices, err)) ||
        !(seen || ask_calibration_read(&j->own_calibration, dir, err)) ||
        !(j->options.standard ||
          ask_standard_read(&j->own_standard, dir, j->model.n_embed, err)))
        return false;
    j->survey = (ask_survey_job){
        .video = c->video,
        .session = c->session,
        .texts = j->texts,
        .n_texts = 1 + c->n_choices,
        .calibration = seen ? seen->yardstick->calibration : &j->own_calibration,
        .sampling = j->options.sampling,
        .cancel = j->options.cancel,
        .progress = j->options.progress,
        .seen = seen,
    };
    return true;
}

bool by_frames_plan(ask_find_plan *out, const ask_call *call, ask_error *err)
{
    job j;
    bool ok = job_open(&j, call, err) && ask_survey_plan(out, &j.survey, err);
    job_close(&j);
    return ok;
}

/* ---- the curves ---- */

/* Everything that arithmetic on the embeddings takes and gives. */
typedef struct {
    double *cosine;                 // [n_choices + 1, n_frames]: fits; the question's last
    double blind[ASK_MOST_CHOICES]; // fits to a grey picture
    int *duplicate_of;              // [n_frames]
    double *edge_s;                 // [n_frames + 1]
    float *score;        // [n_frames]: of the answer, as ask_curve_score gives it
    ask_contest contest; // borrows from this
    ask_moments_curve curve;
} work;

static void work_free(work *w)
{
    free(w->cosine);
    free(w->duplicate_of);
    free(w->edge_s);
    free(w->score);
}

static bool work_new(work *w, const job *j, const ask_survey *seen, ask_error *err)
{
    size_t n = (size_t)seen->seen->look.n, n_cosines;
    *w = (work){
        .duplicate_of = malloc(n * sizeof *w->duplicate_of),
        .score = malloc(n * sizeof *w->score),
    };
    if (ask_mul_size(&n_cosines, n * sizeof *w->cosine, 1 + (size_t)j->n_choices))
        w->cosine = malloc(n_cosines);
    if (!w->cosine || !w->duplicate_of || !w->score) return ask_fail_memory(err);
    w->edge_s = ask_survey_copy_edges(seen, err);
    w->contest = (ask_contest){
        .cosine = w->cosine,
        .duplicate_of = w->duplicate_of,
        .n_choices = j->n_choices,
        .n_frames = (int)n,
        .scale = j->standard->scale > 0 ? j->standard->scale : j->model.logit_scale,
        .n_keep = j->options.n_keep,
    };
    w->curve = (ask_moments_curve){w->score, w->edge_s, w->duplicate_of, (int)n};
    return w->edge_s;
}

/* Of choice o; of the question with o = n_choices. */
static const float *text_of(const job *j, const ask_survey *seen, int o)
{
    return ask_survey_text(seen, o == j->n_choices ? 0 : 1 + o);
}

/* How well the frames fit it: [n_frames]. */
static const double *fits_of(const work *w, int o)
{
    return w->cosine + (size_t)o * (size_t)w->contest.n_frames;
}

static void set_cosines(work *w, const job *j, const ask_survey *seen)
{
    const ask_pictures frames = ask_look_pictures(&seen->seen->look);
    for (int o = 0; o <= j->n_choices; o++) {
        ask_pictures_fit(w->cosine + (size_t)o * (size_t)frames.n, &frames,
                         text_of(j, seen, o));
    }
}

static bool set_blind(work *w, const job *j, const ask_survey *seen, ask_error *err)
{
    size_t n_vectors = (size_t)j->model.n_vectors, n_embed = (size_t)j->model.n_embed;
    const float *grey = seen->seen->yardstick->grey;
    float *own = grey ? NULL : malloc(n_vectors * n_embed * sizeof *own);
    bool ok = grey || ((own || ask_fail_memory(err)) &&
                       ask_embed_grey(own, j->survey.session, j->options.cancel, err));
    const ask_pictures picture = {grey ? grey : own, 1, j->model.n_vectors,
                                  j->model.n_embed};
    for (int o = 0; ok && o < j->n_choices; o++)
        w->blind[o] = ask_picture_fit(&picture, 0, text_of(j, seen, o));
    free(own);
    return ok;
}

/* ---- the answer ---- */

static bool answer(ask_answer *a, const work *w, const job *j, ask_error *err)
{
    int n = w->contest.n_frames, n_choices = w->contest.n_choices;
    double s[ASK_MOST_CHOICES];
    int *all = malloc((size_t)n * sizeof *all);
    a->options = calloc((size_t)n_choices, sizeof *a->options);
    a->n_options = n_choices;
    bool ok = (all && a->options) || ask_fail_memory(err);
    for (int i = 0; ok && i < n; i++) all[i] = i;
    if (ok) ask_contest_score(s, &w->contest, all, n);
    for (int o = 0; ok && o < n_choices; o++)
        a->options[o] = (ask_answer_option){j->choices[o], s[o], exp(s[o])};
    if (ok) a->choice = ask_contest_best(s, n_choices);
    free(all);
    return ok;
}

/* The best choice against chance. The curve of the answer comes last, and stays in w. */
static bool set_presence(ask_answer *a, work *w, const job *j, const ask_survey *seen,
                         ask_error *err)
{
    ask_curve_presence p = {0}; // what is of chance in it is the same for all texts
    a->presence = -INFINITY;
    for (int k = 0; k < j->n_choices; k++) {
        int o = (a->choice + 1 + k) % j->n_choices;
        if (!ask_curve_score(w->score, &p, fits_of(w, o), w->contest.n_frames,
                             &seen->seen->chance, err))
            return false;
        a->presence = fmax(a->presence, p.presence);
    }
    const ask_calibration *c = j->survey.calibration;
    bool own = j->standard->has_threshold;
    a->threshold = own ? j->standard->threshold : c->threshold;
    a->threshold_source = own ? "calibration.json" : c->threshold_source;
    a->level = p.chance_mean + a->threshold * p.chance_deviation;
    a->present = a->presence >= a->threshold;
    return ask_tell_calibration(a, c, err);
}

/* The frames as they fit the answer. */
static bool take_frames(ask_answer *a, const work *w, const ask_survey *seen,
                        ask_error *err)
{
    a->frames = ask_survey_copy_frames(seen, err);
    if (!a->frames) return false;
    a->n_frames = seen->seen->look.n;
    for (int i = 0; i < a->n_frames; i++) {
        ask_find_frame *f = &a->frames[i];
        f->cosine = (float)fits_of(w, a->choice)[i];
        f->score = w->score[i];
        f->duplicate_of = w->duplicate_of[i];
    }
    return true;
}

/* ---- what it is worth ---- */

static bool set_verdict(ask_answer *a, const job *j, const ask_survey *seen, ask_error *err)
{
    const ask_pictures frames = ask_look_pictures(&seen->seen->look);
    judging judged = {
        .standard = j->standard, .texts = j->texts, .n_texts = 1 + j->n_choices};
    if (j->standard->mean) judged.distance = ask_standard_distance(j->standard, &frames);
    return judge(a, &judged, err);
}

static bool check(ask_answer *a, work *w, const job *j, const ask_survey *seen,
                  ask_error *err)
{
    if (j->options.no_checks) return true;
    a->is_checked = true;
    return set_blind(w, j, seen, err) &&
           ask_checks_run(&a->checks, &w->contest, a->choice, w->blind, a->evidence,
                          a->n_evidence, j->options.seed, err);
}

/* ---- where it is seen ---- */

static bool explain(ask_answer *a, const job *j, const ask_survey *seen, ask_error *err)
{
    int which[ASK_MOST_RETRIEVED];
    int n = maps_choose(which, a, j->options.n_maps);
    if (n == 0) return true;
    if (!maps_make(&a->maps, j->survey.video, j->survey.session, a->frames, which, n,
                   text_of(j, seen, a->choice), j->options.cancel, err))
        return false;
    a->n_maps = n;
    const ask_model *m = ask_session_model(j->survey.session);
    a->method = ask_explain_method(m);
    ask_explain_layer(m, a->layer, sizeof a->layer);
    return true;
}

/* ---- all of it ---- */

static bool work_on(ask_answer *a, work *w, const job *j, const ask_survey *seen,
                    ask_error *err)
{
    const ask_pictures frames = ask_look_pictures(&seen->seen->look);
    set_cosines(w, j, seen);
    if (!ask_curve_duplicates(w->duplicate_of, &frames, j->options.near_duplicate,
                              j->options.cancel, err) ||
        !answer(a, w, j, err) || !set_presence(a, w, j, seen, err) ||
        !ask_moments_find(&a->moments, &a->n_moments, &w->curve, MOST_MOMENTS, err))
        return false;
    a->n_evidence = ask_checks_evidence(a->evidence, &w->contest, a->choice, &w->curve,
                                        a->moments, a->n_moments);
    if (!take_frames(a, w, seen, err) || !check(a, w, j, seen, err) ||
        !set_verdict(a, j, seen, err) || !explain(a, j, seen, err))
        return false;
    a->cosines = w->cosine;
    w->cosine = NULL;
    return true;
}

static bool ask(ask_answer *a, const job *j, ask_error *err)
{
    ask_survey seen;
    if (!ask_survey_plan(&a->plan, &j->survey, err) ||
        !ask_survey_run(&seen, &a->plan, &j->survey, err))
        return false;
    double start_s = ask_clock_s();
    work w;
    bool ok = work_new(&w, j, &seen, err) && work_on(a, &w, j, &seen, err);
    work_free(&w);
    a->answer_s = seen.texts_s + ask_clock_s() - start_s;
    a->decode_s = seen.decode_s;
    a->encode_s = seen.encode_s;
    ask_survey_free(&seen);
    return ok;
}

bool by_frames_ask(ask_answer *out, const ask_call *call, ask_error *err)
{
    job j;
    bool ok = job_open(&j, call, err) && ask(out, &j, err);
    job_close(&j);
    return ok;
}
