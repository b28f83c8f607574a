#include "eval/dual.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/options.h"
#include "eval/told_priv.h"
#include "eval/watched_priv.h"

struct ask_dual {
    ask_session *session;
    ask_model_info model;
    ask_dual_options opt;
    ask_calibration calibration;
    ask_standard standard;
    ask_yardstick yardstick;
    watched watched;
    ask_seen seen, grey; // of it; grey {0} until it is asked for
};

ask_dual_options ask_dual_defaults(void)
{
    return (ask_dual_options){.struct_size = sizeof(ask_dual_options),
                              .sampling = ask_sampling_defaults(),
                              .seed = 1};
}

/* ---- looking ---- */

static void forget(void *user)
{
    ask_dual *d = user;
    ask_seen_free(&d->seen);
    ask_seen_free(&d->grey);
}

static bool look(void *user, ask_video *v, const ask_sampling_options *sampling,
                 ask_error *err)
{
    ask_dual *d = user;
    return ask_seen_make(&d->seen, v, d->session, &d->yardstick, sampling, d->opt.cancel,
                         NULL, err);
}

static watcher watcher_of(ask_dual *d)
{
    return (watcher){d, look, forget, d->opt.sampling, d->opt.cancel};
}

static bool see_grey(ask_dual *d, ask_error *err)
{
    return d->grey.look.n > 0 || ask_seen_make_grey(&d->grey, &d->seen, d->opt.cancel, err);
}

/* ---- answering ---- */

static void decide(ask_eval_decision *out, const ask_answer *a, const ask_data_record *r)
{
    bool rejects =
        a->verdict.known ? a->verdict.verdict == ASK_VERDICT_NOT_IN_VIDEO : !a->present;
    *out = (ask_eval_decision){
        .choice = a->choice, .text = r->options[a->choice], .rejects = rejects};
}

static bool choose(ask_dual *d, ask_eval_given *out, const ask_eval_item *item, bool blind,
                   ask_arena *room, ask_error *err)
{
    const ask_data_record *r = &item->record;
    ask_ask_options o = ask_ask_defaults();
    ask_answer a;
    o.n_maps = !blind && item->has_targets && !d->opt.no_points ? 1 : 0;
    o.no_checks = blind || d->opt.no_checks;
    o.sampling = d->watched.sampling;
    o.seed = d->opt.seed;
    o.cancel = d->opt.cancel;
    o.seen = blind ? &d->grey : &d->seen;
    o.standard = &d->standard;
    if (!ask_ask(&a, d->watched.video, d->session, r->question, r->options, r->n_options,
                 &o, err))
        return false;
    decide(&out->decision, &a, r);
    out->verdict = told_verdict(&a);
    told_presence(out, a.presence);
    bool ok = told_scores(out, &a, room) &&
              (blind || (told_moments(out, a.moments, NULL, a.n_moments, item, room) &&
                         told_evidence(out, &a, room) && told_point(out, &a, room)));
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

static bool retrieve(ask_dual *d, ask_eval_given *out, const ask_eval_item *item,
                     bool blind, ask_arena *room, ask_error *err)
{
    const ask_data_record *r = &item->record;
    ask_find_options o = ask_find_defaults();
    ask_find_result f;
    o.n_top = 10;
    o.sampling = d->watched.sampling;
    o.cancel = d->opt.cancel;
    o.seen = blind ? &d->grey : &d->seen;
    if (!ask_find(&f, d->watched.video, d->session, r->question, &o, err)) return false;
    out->decision = (ask_eval_decision){.choice = -1, .rejects = !f.present};
    told_presence(out, f.presence);
    bool ok = told_moments(out, f.moments, NULL, f.n_moments, item, room) &&
              take_clips(out, &f, r, room);
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
    const watcher who = watcher_of(d);
    if (!watched_see(&d->watched, &who, r, err) || (blind && !see_grey(d, err)))
        return false;
    double seen_s = ask_clock_s();
    bool ok = r->kind == ASK_DATA_RETRIEVE ? retrieve(d, &given, item, blind, room, err)
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
           (d->opt.finds_only ||
            ask_standard_read(&d->standard, d->model.dir, d->model.n_embed, err)) &&
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
    const watcher who = watcher_of(d);
    watched_forget(&d->watched, &who);
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
        .kinds = {[ASK_DATA_CHOICE] = !d->opt.finds_only, [ASK_DATA_RETRIEVE] = true},
        .no_shuffle = "the model sees frames in no order",
        .answer = answer,
        .needs_video = true,
    };
}
