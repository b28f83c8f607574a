/* Answers from a memory of who does what when. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "vqa/by_memory_priv.h"
#include "vqa/judge_priv.h"
#include "vqa/own_answers_priv.h"

/* ---- the answer ---- */

static void work_free(memory_work *w)
{
    ask_memory_free(&w->memory);
    ask_recalled_free(&w->recalled);
}

static bool recall(memory_work *w, ask_error *err)
{
    const ask_sampled *s = &w->seen->sampled;
    if (!memory_ask(&w->recalled, &w->memory, &w->job->asking, w->seen, NULL, err))
        return false;
    w->pointed = (pointed){.slots = w->memory.slots,
                           .is_there = w->memory.is_there,
                           .shares = w->memory.shares,
                           .pointer = w->recalled.pointer,
                           .n_slots = w->memory.n_slots,
                           .n_events = w->job->memory.n_events,
                           .n_times = w->seen->sampling.n,
                           .n_sights = w->job->memory.n_sights,
                           .first = s->first,
                           .last = s->last,
                           .n_frames = s->n};
    return true;
}

/* Whether there is an answer, asked without choices. */
static bool set_presence(ask_answer *a, const memory_work *w, ask_error *err)
{
    const memory_job *j = w->job;
    const ask_memory_info *m = &j->memory;
    ask_recalled own = {0};
    const double *scores = w->recalled.scores;
    if (j->has_own && j->call->n_choices > 0) {
        if (!ask_memory_recall(&own, j->call->session, &w->memory, j->call->question, NULL,
                               0, j->options->cancel, err))
            return false;
        scores = own.scores;
    }
    bool known = j->has_own && own_presence(&a->presence, scores, m->denies, m->n_answers);
    ask_recalled_free(&own);
    bool fitted = known && j->standard->has_threshold;
    a->level = NAN;
    a->threshold = fitted ? j->standard->threshold : 0;
    a->threshold_source = fitted ? "calibration.json" : known ? "default" : "none";
    a->present = a->presence >= a->threshold;
    return true;
}

/* ---- checks and options ---- */

static bool check(ask_answer *a, const memory_work *w, ask_error *err)
{
    if (w->job->options->no_checks) return true;
    a->is_checked = true;
    return memory_check(&a->checks, &w->job->asking, w->seen, &w->recalled,
                        w->recalled.best, a->evidence, a->n_evidence, w->job->options->seed,
                        err);
}

static bool take_options(ask_answer *a, const memory_work *w, ask_error *err)
{
    const ask_recalled *r = &w->recalled;
    const int n_choices = w->job->call->n_choices;
    ask_checks *checks = a->is_checked ? &a->checks : NULL;
    const answer_list l = n_choices ? answer_list_of(n_choices)
                                    : answer_list_best(r->scores, r->n_scores, checks);
    a->options = malloc((size_t)l.n * sizeof *a->options);
    if (!a->options) return ask_fail_memory(err);
    a->n_options = l.n;
    for (int i = 0; i < l.n; i++) {
        double s = r->scores[l.items[i]];
        a->options[i] = (ask_answer_option){w->job->candidates[l.items[i]], s, exp(s)};
    }
    a->choice = answer_list_find(&l, r->best);
    a->denies = n_choices == 0 && w->job->memory.denies[r->best];
    return true;
}

/* ---- what it is worth ---- */

static bool measure_distance(double *out, const memory_work *w, ask_error *err)
{
    const memory_job *j = w->job;
    if (!j->standard->mean) return true;
    size_t n = (size_t)w->seen->sampled.n * (size_t)j->memory.n_features;
    float *features = malloc(n * sizeof *features);
    if (!features) return ask_fail_memory(err);
    const ask_pictures frames = ask_sightings_features(features, w->seen);
    *out = ask_standard_distance(j->standard, &frames);
    free(features);
    return true;
}

static bool set_verdict(ask_answer *a, const memory_work *w, ask_error *err)
{
    const ask_call *c = w->job->call;
    const char *texts[1 + ASK_MOST_CHOICES] = {c->question};
    for (int i = 0; i < c->n_choices; i++) texts[1 + i] = c->choices[i];
    judging judged = {
        .standard = w->job->standard, .texts = texts, .n_texts = 1 + c->n_choices};
    return measure_distance(&judged.distance, w, err) && judge(a, &judged, err);
}

/* ---- all of it ---- */

static bool work_on(ask_answer *a, memory_work *w, ask_error *err)
{
    return recall(w, err) && memory_show(a, w, err) && set_presence(a, w, err) &&
           ask_tell_calibration(a, &w->job->calibration, err) && check(a, w, err) &&
           take_options(a, w, err) && set_verdict(a, w, err) && memory_show_maps(a, w, err);
}

static bool ask_seen_video(ask_answer *a, const memory_job *j, const ask_sightings *seen,
                           ask_error *err)
{
    double start_s = ask_clock_s();
    memory_work w = {.job = j, .seen = seen};
    bool ok = memory_plan_follow(&a->plan, j, seen, err) && work_on(a, &w, err);
    work_free(&w);
    a->answer_s = ask_clock_s() - start_s;
    return ok;
}

static bool ask(ask_answer *a, const memory_job *j, ask_error *err)
{
    const ask_ask_options *o = j->options;
    if (!memory_plan(&a->plan, j, err)) return false;
    if (o->sightings) return ask_seen_video(a, j, o->sightings, err);
    ask_sightings seen;
    if (!ask_sightings_make(&seen, j->call->video, j->call->session, &o->sampling,
                            o->cancel, o->progress, err))
        return false;
    bool ok = ask_seen_video(a, j, &seen, err);
    a->decode_s = seen.decode_s;
    a->encode_s = seen.encode_s;
    ask_sightings_free(&seen);
    return ok;
}

bool by_memory_plan(ask_find_plan *out, const ask_call *call, ask_error *err)
{
    memory_job j;
    bool ok = memory_job_open(&j, call, err) && memory_plan(out, &j, err);
    memory_job_close(&j);
    return ok;
}

bool by_memory_ask(ask_answer *out, const ask_call *call, ask_error *err)
{
    memory_job j;
    bool ok = memory_job_open(&j, call, err) && ask(out, &j, err);
    memory_job_close(&j);
    return ok;
}
