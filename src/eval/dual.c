#include "eval/dual.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/str.h"
#include "vqa/ask.h"

struct ask_dual {
    ask_session *session;
    ask_model_info model;
    ask_dual_options opt;
    ask_calibration calibration;
    ask_standard standard;
    ask_yardstick yardstick;
    // What was looked at last.
    char *path; // owned; NULL: nothing
    bool has_clip;
    ask_data_span clip;
    ask_sampling_options sampling; // of it
    ask_error failure;             // why it could not be; ASK_OK
    ask_video *video;
    ask_seen seen, grey; // grey {0} until it is asked for
};

ask_dual_options ask_dual_defaults(void)
{
    return (ask_dual_options){.struct_size = sizeof(ask_dual_options),
                              .sampling = ask_sampling_defaults(),
                              .seed = 1};
}

/* ---- looking ---- */

static void forget(ask_dual *d)
{
    ask_seen_free(&d->seen);
    ask_seen_free(&d->grey);
    ask_video_close(d->video);
    free(d->path);
    d->video = NULL;
    d->path = NULL;
    d->failure = (ask_error){0};
}

static bool is_seen(const ask_dual *d, const ask_data_record *r)
{
    return d->path && strcmp(d->path, r->video_path) == 0 && d->has_clip == r->has_clip &&
           (!r->has_clip ||
            (d->clip.start_s == r->clip.start_s && d->clip.end_s == r->clip.end_s));
}

static bool look(ask_dual *d, const ask_data_record *r, ask_error *err)
{
    ask_video_options options = ask_video_defaults();
    d->sampling = d->opt.sampling;
    options.cancel = d->opt.cancel;
    if (r->has_clip) {
        d->sampling.start_s = r->clip.start_s;
        d->sampling.end_s = r->clip.end_s;
    }
    d->video = ask_video_open(r->video_path, &options, err);
    return d->video && ask_seen_make(&d->seen, d->video, d->session, &d->yardstick,
                                     &d->sampling, d->opt.cancel, NULL, err);
}

/* The video of a question, unless it was looked at just now. That it cannot be looked at is
 * kept too. */
static bool see(ask_dual *d, const ask_data_record *r, ask_error *err)
{
    if (!is_seen(d, r)) {
        forget(d);
        d->path = ask_strdup(r->video_path, err);
        if (!d->path) return false;
        d->has_clip = r->has_clip;
        d->clip = r->clip;
        look(d, r, &d->failure);
    }
    if (d->failure.code == ASK_OK) return true;
    if (err) *err = d->failure;
    if (d->failure.code == ASK_ERR_CANCELLED || d->failure.code == ASK_ERR_NOMEM) forget(d);
    return false;
}

static bool see_grey(ask_dual *d, ask_error *err)
{
    return d->grey.look.n > 0 || ask_seen_make_grey(&d->grey, &d->seen, d->opt.cancel, err);
}

/* ---- what an answer tells ---- */

static bool take_scores(ask_eval_given *out, const ask_answer *a, ask_arena *room)
{
    double *scores = ask_arena_array(room, (size_t)a->n_options, sizeof *scores);
    if (!scores) return false;
    for (int i = 0; i < a->n_options; i++) scores[i] = a->options[i].s;
    out->scores = scores;
    out->n_scores = a->n_options;
    return true;
}

static bool take_moments(ask_eval_given *out, const ask_find_moment *moments, int n,
                         ask_arena *room)
{
    ask_eval_moment *all = ask_arena_array(room, (size_t)n, sizeof *all);
    if (!all) return false;
    for (int i = 0; i < n; i++)
        all[i] = (ask_eval_moment){.start_s = moments[i].start_s,
                                   .end_s = moments[i].end_s,
                                   .score = moments[i].score,
                                   .slot = -1};
    out->moments = all;
    out->n_moments = n;
    return true;
}

static bool take_evidence(ask_eval_given *out, const ask_answer *a, ask_arena *room)
{
    ask_eval_frame *frames = ask_arena_array(room, (size_t)a->n_evidence, sizeof *frames);
    if (!frames) return false;
    for (int i = 0; i < a->n_evidence; i++) {
        const ask_find_frame *f = &a->frames[a->evidence[i]];
        frames[i] = (ask_eval_frame){f->t_s, f->score};
    }
    out->frames = frames;
    out->n_frames = a->n_evidence;
    return true;
}

static int hottest(const ask_answer_map *m)
{
    int best = 0;
    for (int i = 1; i < m->side * m->side; i++)
        if (m->heat[i] > m->heat[best]) best = i;
    return best;
}

/* In the map of the frame that fits the answer best. */
static bool take_point(ask_eval_given *out, const ask_answer *a, ask_arena *room)
{
    if (a->n_maps == 0) return true;
    const ask_answer_map *best = &a->maps[0];
    for (int i = 1; i < a->n_maps; i++)
        if (a->frames[a->maps[i].frame].score > a->frames[best->frame].score)
            best = &a->maps[i];
    ask_eval_point *point = ask_arena_alloc(room, sizeof *point);
    if (!point) return false;
    int at = hottest(best);
    *point = (ask_eval_point){
        .t_s = a->frames[best->frame].t_s,
        .x = best->x + best->width * (at % best->side + 0.5) / best->side,
        .y = best->y + best->height * (at / best->side + 0.5) / best->side};
    out->points = point;
    out->n_points = 1;
    return true;
}

static const char *verdict_name(const ask_answer *a)
{
    static const char *const names[] = {
        [ASK_VERDICT_OUTSIDE] = "outside",
        [ASK_VERDICT_NOT_IN_VIDEO] = "not_in_video",
        [ASK_VERDICT_PRIOR_ONLY] = "prior_only",
        [ASK_VERDICT_GROUNDED] = "grounded",
        [ASK_VERDICT_WEAK] = "weak",
    };
    return a->verdict.known ? names[a->verdict.verdict] : NULL;
}

static void decide(ask_eval_decision *out, const ask_answer *a, const ask_data_record *r)
{
    bool rejects =
        a->verdict.known ? a->verdict.verdict == ASK_VERDICT_NOT_IN_VIDEO : !a->present;
    *out = (ask_eval_decision){
        .choice = a->choice, .text = r->options[a->choice], .rejects = rejects};
}

/* ---- answering ---- */

static bool choose(ask_dual *d, ask_eval_given *out, const ask_eval_item *item, bool blind,
                   ask_arena *room, ask_error *err)
{
    const ask_data_record *r = &item->record;
    ask_ask_options o = ask_ask_defaults();
    ask_answer a;
    o.n_maps = !blind && item->has_targets && !d->opt.no_points ? 1 : 0;
    o.no_checks = blind;
    o.sampling = d->sampling;
    o.seed = d->opt.seed;
    o.cancel = d->opt.cancel;
    o.seen = blind ? &d->grey : &d->seen;
    o.standard = &d->standard;
    if (!ask_ask(&a, d->video, d->session, r->question, r->options, r->n_options, &o, err))
        return false;
    decide(&out->decision, &a, r);
    out->verdict = verdict_name(&a);
    bool ok = take_scores(out, &a, room) &&
              (blind || (take_moments(out, a.moments, a.n_moments, room) &&
                         take_evidence(out, &a, room) && take_point(out, &a, room)));
    ask_answer_free(&a);
    return ok || ask_fail_memory(err);
}

/* Clips without a frame of their own score as the frame that stands for them. */
static bool take_clips(ask_eval_given *out, const ask_find_result *f,
                       const ask_data_record *r, ask_arena *room)
{
    double length = r->clip_s > 0 ? floor(r->video_s / r->clip_s) : 0;
    if (!(length >= 1) || length > 1e6) return true;
    int n = (int)length;
    double *scores = ask_arena_array(room, (size_t)n, sizeof *scores);
    if (!scores) return false;
    for (int k = 0; k < n; k++) {
        scores[k] = -INFINITY;
        for (int i = 0; i < f->n_frames; i++) {
            const ask_find_frame *frame = &f->frames[i];
            bool shows = frame->start_s < (k + 1) * r->clip_s &&
                         (frame->end_s > k * r->clip_s || i == f->n_frames - 1);
            if (shows && frame->score > scores[k]) scores[k] = frame->score;
        }
        if (isinf(scores[k])) scores[k] = f->frames[0].score;
    }
    out->clip_scores = scores;
    out->n_clip_scores = n;
    return true;
}

static bool retrieve(ask_dual *d, ask_eval_given *out, const ask_data_record *r, bool blind,
                     ask_arena *room, ask_error *err)
{
    ask_find_options o = ask_find_defaults();
    ask_find_result f;
    o.n_top = 10;
    o.sampling = d->sampling;
    o.cancel = d->opt.cancel;
    o.seen = blind ? &d->grey : &d->seen;
    if (!ask_find(&f, d->video, d->session, r->question, &o, err)) return false;
    out->decision = (ask_eval_decision){.choice = -1, .rejects = !f.present};
    bool ok =
        take_moments(out, f.moments, f.n_moments, room) && take_clips(out, &f, r, room);
    ask_find_result_free(&f);
    return ok || ask_fail_memory(err);
}

static bool answer(void *user, ask_eval_given *out, const ask_eval_item *item,
                   ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err)
{
    (void)seed;
    ask_dual *d = user;
    const ask_data_record *r = &item->record;
    bool blind = view == ASK_VIEW_BLIND;
    ask_eval_given given = {.decision.choice = -1};
    double begin_s = ask_clock_s();
    if (!r->video_path)
        return ask_fail(err, ASK_ERR_IO, "no file of the video %s", r->video);
    if (!see(d, r, err) || (blind && !see_grey(d, err))) return false;
    double seen_s = ask_clock_s();
    bool ok = r->kind == ASK_DATA_RETRIEVE ? retrieve(d, &given, r, blind, room, err)
                                           : choose(d, &given, item, blind, room, err);
    if (!ok) return false;
    given.look_s = seen_s - begin_s;
    given.answer_s = ask_clock_s() - seen_s;
    *out = given;
    return true;
}

/* ---- all of it ---- */

static bool prepare(ask_dual *d, ask_error *err)
{
    const ask_model *m = ask_session_model(d->session);
    d->model = ask_model_info_of(m);
    return ask_model_check_pictures(m, err) &&
           ask_calibration_read(&d->calibration, d->model.dir, err) &&
           ask_standard_read(&d->standard, d->model.dir, d->model.n_embed, err) &&
           ask_yardstick_make(&d->yardstick, d->session, &d->calibration, d->opt.cancel,
                              err) &&
           ask_yardstick_see_grey(&d->yardstick, d->session, d->opt.cancel, err);
}

ask_dual *ask_dual_open(ask_session *s, const ask_dual_options *opt, ask_error *err)
{
    ask_dual *d = calloc(1, sizeof *d);
    if (!d) {
        ask_fail_memory(err);
        return NULL;
    }
    d->session = s;
    d->opt = ask_dual_defaults();
    ask_options_take(&d->opt, sizeof d->opt, opt);
    if (prepare(d, err)) {
        d->opt.sampling = ask_calibration_sampling(&d->calibration, &d->opt.sampling);
        return d;
    }
    ask_dual_close(d);
    return NULL;
}

void ask_dual_close(ask_dual *d)
{
    if (!d) return;
    forget(d);
    ask_yardstick_free(&d->yardstick);
    ask_standard_free(&d->standard);
    ask_calibration_free(&d->calibration);
    free(d);
}

ask_answerer ask_dual_answerer(ask_dual *d)
{
    return (ask_answerer){
        .user = d,
        .name = "dual encoder",
        .model_id = d->model.id,
        .kinds = {[ASK_DATA_CHOICE] = true, [ASK_DATA_RETRIEVE] = true},
        .no_shuffle = "the model sees frames in no order",
        .answer = answer,
        .needs_video = true,
    };
}
