/* What answers of a dual encoder are held against. */
#include <math.h>
#include <stdlib.h>

#include "eval/calibrate_priv.h"
#include "eval/footage_priv.h"
#include "eval/language_priv.h"

/* What came of asking under a scale. */
typedef struct {
    double scale;
    double threshold; // of presence
    bool has_threshold;
    ask_fitted_limits limits;
    ask_answered_rows rows[ASK_N_SHOWN]; // owned
} asked;

static void asked_free(asked *a)
{
    for (int i = 0; i < ASK_N_SHOWN; i++) ask_answered_rows_free(&a->rows[i]);
    *a = (asked){0};
}

/* ---- asking ---- */

enum { N_SCALES = 4 };

static bool fit_scale(calibrate_job *j, ask_error *err)
{
    ask_answered_rows rows;
    double mean_s, *scale = &j->out.likeliest_scale;
    if (!ask_playroom_ask(&rows, j->playroom, ASK_SHOWN_OWN, err)) return false;
    bool ok = ask_fit_scale(scale, &mean_s, &rows, ask_ask_defaults().n_keep, err);
    ask_answered_rows_free(&rows);
    if (!ok || !isnan(*scale)) return ok;
    return ask_fail(err, ASK_ERR_USAGE,
                    "%s: these clips have no question that a frame can answer: take more "
                    "clips",
                    j->dir);
}

/* Where no answer is right, there is nothing to fit, and presence is judged as in a search.
 */
static bool fit_answered_threshold(asked *a, const calibrate_job *j, ask_error *err)
{
    if (!ask_fit_answered_threshold(&a->threshold, &a->rows[ASK_SHOWN_OWN],
                                    ASK_FIT_FALSE_REJECTION, err))
        return false;
    a->has_threshold = !isnan(a->threshold);
    if (!a->has_threshold) a->threshold = j->out.calibration.threshold;
    return true;
}

/* Asks all questions under the scale, and fits what stands on it. */
static bool ask_under(asked *out, calibrate_job *j, double scale, ask_error *err)
{
    asked a = {.scale = scale};
    j->out.standard.scale = scale;
    bool ok = true;
    for (int shown = 0; ok && shown < ASK_N_SHOWN; shown++)
        ok = ask_playroom_ask(&a.rows[shown], j->playroom, (ask_shown)shown, err);
    if (ok && fit_answered_threshold(&a, j, err)) {
        a.limits = ask_fit_limits(&a.rows[ASK_SHOWN_OWN], &a.rows[ASK_SHOWN_OTHER],
                                  &a.rows[ASK_SHOWN_GREY], a.threshold);
        *out = a;
        return true;
    }
    asked_free(&a);
    return false;
}

/* *best is freed by the caller, also after a failure. */
static bool choose_scale(asked *best, calibrate_job *j, ask_error *err)
{
    for (int i = 0; i < N_SCALES; i++) {
        asked a;
        if (!ask_under(&a, j, j->out.likeliest_scale / exp2(i / 2.0), err)) return false;
        bool is_best = i == 0 || ask_fit_is_better(&a.limits, &best->limits);
        asked_free(is_best ? best : &a);
        if (is_best) *best = a;
    }
    return true;
}

static void take_best(calibrate_job *j, const asked *a)
{
    ask_standard *s = &j->out.standard;
    s->scale = a->scale;
    s->threshold = a->threshold;
    s->has_threshold = a->has_threshold;
    s->limits = a->limits.limits;
    s->has_limits = true;
    j->out.limits = a->limits;
}

static void summarise(calibrate_job *j, const asked *a)
{
    ask_verdict_terms terms = {.threshold = j->out.standard.threshold,
                               .most_distance = INFINITY,
                               .limits = j->out.standard.limits};
    j->out.own = ask_answered_summarise(&a->rows[ASK_SHOWN_OWN], &terms);
    terms.threshold = -INFINITY; // as in the fit
    j->out.grey = ask_answered_summarise(&a->rows[ASK_SHOWN_GREY], &terms);
}

static bool fit_ask(calibrate_job *j, ask_error *err)
{
    asked best = {0};
    bool ok = fit_scale(j, err) && choose_scale(&best, j, err);
    if (ok) {
        take_best(j, &best);
        summarise(j, &best);
    }
    asked_free(&best);
    return ok;
}

/* ---- what is covered ---- */

/* A footage_fn. */
static bool frames_of(void *user, ask_pictures *out, int64_t clip, ask_error *err)
{
    (void)err;
    *out = ask_look_pictures(&ask_playroom_seen(user, clip)->look);
    return true;
}

static bool cover_footage(calibrate_job *j, ask_error *err)
{
    const footage f = {j->playroom, frames_of, j->out.n_clips, j->out.n_embed};
    return footage_cover(&j->out.standard, &j->out.median_distance, &f, j->out.arena, err);
}

/* Those of the questions that thresholds were fitted on. */
static bool add_asked(language_words *words, const calibrate_job *j, ask_error *err)
{
    for (int64_t i = 0; i < j->playroom->n_clips; i++) {
        const ask_world_clip *truth = &j->playroom->clips[i].truth;
        for (int k = 0; k < truth->n_questions; k++) {
            const ask_world_question *q = &truth->questions[k];
            if (playroom_is_visual(q) && !language_add_question(words, q, err))
                return false;
        }
    }
    return true;
}

static bool cover_words(calibrate_job *j, ask_error *err)
{
    language_words words = {.arena = j->out.arena};
    if (!language_add_trained(&words, false, err) || !add_asked(&words, j, err))
        return false;
    j->out.standard.words = words.items;
    j->out.standard.n_words = words.n;
    return true;
}

bool calibrate_by_frames(calibrate_job *j, ask_error *err)
{
    return fit_ask(j, err) && cover_footage(j, err) && cover_words(j, err);
}
