#include "vqa/ask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/options.h"
#include "base/str.h"
#include "focus/survey.h"
#include "model/explain.h"
#include "vqa/maps_priv.h"
#include "vqa/question_priv.h"
#include "vqa/standard.h"

enum { DEFAULT_KEEP = 8, DEFAULT_MAPS = 3, MOST_MOMENTS = 5 };

/* What a call is about. */
typedef struct {
    ask_ask_options options;
    const char **texts; // owned: the question, then with each choice
    int n_choices;
    ask_calibration own_calibration; // {0} where what was seen before brings one
    ask_standard own_standard;       // {0} where the options bring one
    const ask_standard *standard;
    ask_survey_job survey; // borrows from the rest
    ask_model_info model;
} job;

/* ---- options ---- */

ask_ask_options ask_ask_defaults(void)
{
    return (ask_ask_options){
        .struct_size = sizeof(ask_ask_options),
        .sampling = ask_sampling_defaults(),
        .n_keep = DEFAULT_KEEP,
        .n_maps = DEFAULT_MAPS,
        .near_duplicate = ask_find_defaults().near_duplicate,
        .seed = 1,
    };
}

static ask_ask_options take_options(const ask_ask_options *opt)
{
    ask_ask_options o = ask_ask_defaults();
    ask_options_take(&o, sizeof o, opt);
    return o;
}

static bool check_options(const ask_ask_options *o, ask_error *err)
{
    if (o->n_keep < 1 || o->n_keep > ASK_MOST_RETRIEVED)
        return ask_fail(err, ASK_ERR_USAGE, "%d frames to keep: give 1 to %d", o->n_keep,
                        ASK_MOST_RETRIEVED);
    if (o->n_maps < 0 || o->n_maps > ASK_MOST_RETRIEVED)
        return ask_fail(err, ASK_ERR_USAGE, "%d frames to explain: give 0 to %d", o->n_maps,
                        ASK_MOST_RETRIEVED);
    if (!(o->near_duplicate > 0))
        return ask_fail(err, ASK_ERR_USAGE,
                        "near duplicates from a cosine of %g on: give a number above 0",
                        o->near_duplicate);
    return true;
}

bool ask_ask_check(const char *question, const char *const *choices, int n_choices,
                   const ask_ask_options *opt, ask_error *err)
{
    const ask_ask_options o = take_options(opt);
    return check_options(&o, err) && ask_sampling_check(&o.sampling, err) &&
           question_check(question, choices, n_choices, err);
}

/* ---- opening ---- */

static void job_close(job *j)
{
    free(j->texts);
    ask_calibration_free(&j->own_calibration);
    ask_standard_free(&j->own_standard);
}

/* Closed with job_close, also after a failure. *j must not move afterwards. */
static bool job_open(job *j, ask_video *v, ask_session *s, const char *question,
                     const char *const *choices, int n_choices, const ask_ask_options *opt,
                     ask_error *err)
{
    *j = (job){.options = take_options(opt), .n_choices = n_choices};
    j->model = ask_model_info_of(ask_session_model(s));
    const char *dir = j->model.dir;
    const ask_seen *seen = j->options.seen;
    j->standard = j->options.standard ? j->options.standard : &j->own_standard;
    if (!ask_ask_check(question, choices, n_choices, &j->options, err) ||
        !(j->texts = question_texts(question, choices, n_choices, err)) ||
        !(seen || ask_calibration_read(&j->own_calibration, dir, err)) ||
        !(j->options.standard ||
          ask_standard_read(&j->own_standard, dir, j->model.n_embed, err)))
        return false;
    j->survey = (ask_survey_job){
        .video = v,
        .session = s,
        .texts = j->texts,
        .n_texts = 1 + n_choices,
        .calibration = seen ? seen->yardstick->calibration : &j->own_calibration,
        .sampling = j->options.sampling,
        .cancel = j->options.cancel,
        .progress = j->options.progress,
        .seen = seen,
    };
    return true;
}

bool ask_ask_plan(ask_find_plan *out, ask_video *v, ask_session *s, const char *question,
                  const char *const *choices, int n_choices, const ask_ask_options *opt,
                  ask_error *err)
{
    job j;
    bool ok = job_open(&j, v, s, question, choices, n_choices, opt, err) &&
              ask_survey_plan(out, &j.survey, err);
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

static bool answer(ask_answer *a, const work *w, ask_error *err)
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
        a->options[o] = (ask_answer_option){.s = s[o], .p = exp(s[o])};
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
    a->calibration_n = c->n;
    if (!c->data) return true;
    a->calibration_data = ask_strdup(c->data, err);
    return a->calibration_data;
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

static bool set_new_word(ask_answer_verdict *v, const job *j, ask_error *err)
{
    char word[ASK_WORD_BYTES];
    for (int i = 0; j->standard->words && i <= j->n_choices; i++) {
        if (!ask_standard_new_word(word, j->standard, j->texts[i])) continue;
        v->new_word = ask_strdup(word, err);
        return v->new_word;
    }
    return true;
}

static bool set_verdict(ask_answer *a, const job *j, const ask_survey *seen, ask_error *err)
{
    const ask_standard *s = j->standard;
    const ask_pictures frames = ask_look_pictures(&seen->seen->look);
    ask_answer_verdict *v = &a->verdict;
    v->most_distance = -1;
    if (!a->is_checked || !s->has_limits) {
        v->why_not = a->is_checked ? "the model's calibration.json has no thresholds for "
                                     "answers (ask.tau_prior, tau_suff, tau_nec)"
                                   : "checks were not asked for";
        return true;
    }
    if (s->mean) {
        v->distance = ask_standard_distance(s, &frames);
        v->most_distance = s->most_distance;
    }
    if (!set_new_word(v, j, err)) return false;
    if (s->download && !(v->download = ask_strdup(s->download, err))) return false;
    const ask_verdict_input in = {
        .outside = (s->mean && !(v->distance <= v->most_distance)) || v->new_word ||
                   a->plan.unknown_words,
        .present = a->present,
        .answer = a->choice,
        .checks = &a->checks,
    };
    v->known = true;
    v->limits = s->limits;
    v->verdict = ask_verdict_of(&v->redundant, &in, &s->limits);
    return true;
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

/* The frames of the evidence with the highest scores, in time order. */
static int choose_maps(int *which, const ask_answer *a, int most)
{
    int n = 0;
    for (int i = 0; i < a->n_evidence; i++) {
        int better = 0;
        float score = a->frames[a->evidence[i]].score;
        for (int k = 0; k < a->n_evidence; k++) {
            float other = a->frames[a->evidence[k]].score;
            better += other > score || (other == score && k < i);
        }
        if (better < most) which[n++] = a->evidence[i];
    }
    return n;
}

static bool explain(ask_answer *a, const job *j, const ask_survey *seen, ask_error *err)
{
    int which[ASK_MOST_RETRIEVED];
    int n = choose_maps(which, a, j->options.n_maps);
    if (n == 0) return true;
    if (!maps_make(&a->maps, j->survey.video, j->survey.session, a->frames, which, n,
                   text_of(j, seen, a->choice), j->options.cancel, err))
        return false;
    a->n_maps = n;
    ask_explain_layer(ask_session_model(j->survey.session), a->layer, sizeof a->layer);
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
        !answer(a, w, err) || !set_presence(a, w, j, seen, err) ||
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

bool ask_ask(ask_answer *out, ask_video *v, ask_session *s, const char *question,
             const char *const *choices, int n_choices, const ask_ask_options *opt,
             ask_error *err)
{
    job j;
    ask_answer a = {0};
    bool ok =
        job_open(&j, v, s, question, choices, n_choices, opt, err) && ask(&a, &j, err);
    job_close(&j);
    if (ok)
        *out = a;
    else
        ask_answer_free(&a);
    return ok;
}

void ask_answer_free(ask_answer *a)
{
    if (!a) return;
    ask_find_plan_free(&a->plan);
    free(a->options);
    free(a->frames);
    free(a->cosines);
    free(a->moments);
    free(a->calibration_data);
    free(a->verdict.new_word);
    free(a->verdict.download);
    maps_free(a->maps, a->n_maps);
    *a = (ask_answer){0};
}
