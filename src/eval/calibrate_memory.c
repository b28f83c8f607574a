/* What answers from a memory are held against. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/calibrate_priv.h"
#include "eval/footage_priv.h"
#include "eval/language_priv.h"
#include "eval/remembered.h"

/* What one call works with. */
typedef struct {
    calibrate_job *job;
    ask_memory_info info;
    ask_remembered *clips;               // owned
    ask_answered_rows rows[ASK_N_SHOWN]; // owned; choices, then open questions
    int64_t n_choices[ASK_N_SHOWN];      // of them
    float *features;                     // owned; of one clip
} work;

/* ---- asking ---- */

/* Takes the rows of b, also after a failure. */
static bool append(ask_answered_rows *a, ask_answered_rows *b, ask_error *err)
{
    ask_answered_row *rows = realloc(a->rows, (size_t)(a->n + b->n + 1) * sizeof *a->rows);
    if (!rows) {
        ask_answered_rows_free(b);
        return ask_fail_memory(err);
    }
    if (b->n > 0) memcpy(rows + a->n, b->rows, (size_t)b->n * sizeof *rows);
    a->rows = rows;
    a->n += b->n;
    free(b->rows);
    return true;
}

static bool ask_all(work *w, ask_error *err)
{
    const bool says = w->info.n_answers > 1;
    for (int shown = 0; shown < ASK_N_SHOWN; shown++) {
        ask_answered_rows *rows = &w->rows[shown], open;
        if (!ask_remembered_ask(rows, w->clips, (ask_shown)shown, false, err)) return false;
        w->n_choices[shown] = rows->n;
        if (says && (!ask_remembered_ask(&open, w->clips, (ask_shown)shown, true, err) ||
                     !append(rows, &open, err)))
            return false;
    }
    return w->n_choices[ASK_SHOWN_OWN] > 0 ||
           ask_fail(err, ASK_ERR_USAGE,
                    "%s: these clips have no question about a whole clip: take more clips",
                    w->job->dir);
}

static ask_answered_rows choices_of(const work *w, ask_shown shown)
{
    return (ask_answered_rows){w->rows[shown].rows, w->n_choices[shown]};
}

static ask_answered_rows open_of(const work *w, ask_shown shown)
{
    const int64_t n = w->n_choices[shown];
    return (ask_answered_rows){w->rows[shown].rows + n, w->rows[shown].n - n};
}

/* ---- fitting ---- */

static bool can_deny(const ask_memory_info *info)
{
    int n = 0;
    for (int i = 0; i < info->n_answers; i++) n += info->denies[i];
    return n > 0 && n < info->n_answers;
}

/* What the model says of its own decides, so with options or without is the same. */
static bool fit_threshold(work *w, ask_error *err)
{
    ask_standard *s = &w->job->out.standard;
    const ask_answered_rows rows = choices_of(w, ASK_SHOWN_OWN);
    s->has_threshold = can_deny(&w->info);
    if (!s->has_threshold) return true;
    if (!ask_fit_asked_threshold(&s->threshold, &rows, ASK_FIT_ASKED_REJECTION, err))
        return false;
    return !isnan(s->threshold) ||
           ask_fail(err, ASK_ERR_USAGE,
                    "%s: no question of these clips has an answer: take more clips",
                    w->job->dir);
}

static ask_asked_rejections count_rejections(const ask_answered_rows *rows,
                                             double threshold)
{
    int64_t n[2] = {0}, n_rejected[2] = {0};
    for (int64_t i = 0; i < rows->n; i++) {
        const bool there = rows->rows[i].visual;
        n[there]++;
        n_rejected[there] += rows->rows[i].presence < threshold;
    }
    return (ask_asked_rejections){.n_absent = n[false],
                                  .n_there = n[true],
                                  .absent = ask_share(n_rejected[false], n[false]),
                                  .there = ask_share(n_rejected[true], n[true])};
}

static void fit_limits(work *w)
{
    ask_calibrated *out = &w->job->out;
    const double threshold =
        out->standard.has_threshold ? out->standard.threshold : -INFINITY;
    const ask_answered_rows own = choices_of(w, ASK_SHOWN_OWN),
                            own_open = open_of(w, ASK_SHOWN_OWN),
                            grey = choices_of(w, ASK_SHOWN_GREY);
    out->limits = ask_fit_limits(&w->rows[ASK_SHOWN_OWN], &w->rows[ASK_SHOWN_OTHER],
                                 &w->rows[ASK_SHOWN_GREY], threshold);
    out->standard.limits = out->limits.limits;
    out->standard.has_limits = true;
    ask_verdict_terms terms = {
        .threshold = threshold, .most_distance = INFINITY, .limits = out->standard.limits};
    out->own = ask_answered_summarise(&own, &terms);
    out->own_open = ask_answered_summarise(&own_open, &terms);
    out->rejections = count_rejections(&own, threshold);
    terms.threshold = -INFINITY; // as in the fit
    out->grey = ask_answered_summarise(&grey, &terms);
}

/* ---- what is covered ---- */

/* A footage_fn. */
static bool features_of(void *user, ask_pictures *out, int64_t clip, ask_error *err)
{
    work *w = user;
    int64_t n;
    const ask_remembered_clip *clips = ask_remembered_clips(w->clips, &n);
    (void)err;
    *out = ask_sightings_features(w->features, &clips[clip].seen);
    return true;
}

static bool cover_footage(work *w, ask_error *err)
{
    ask_calibrated *out = &w->job->out;
    const ask_memory_info *info = &w->info;
    const footage f = {w, features_of, out->n_clips, info->n_features};
    w->features =
        calloc((size_t)info->n_frames * (size_t)info->n_features + 1, sizeof *w->features);
    if (!w->features) return ask_fail_memory(err);
    return footage_cover(&out->standard, &out->median_distance, &f, out->arena, err);
}

static bool cover_words(work *w, ask_error *err)
{
    ask_calibrated *out = &w->job->out;
    language_words words = {.arena = out->arena};
    int64_t n;
    const ask_remembered_clip *clips = ask_remembered_clips(w->clips, &n);
    if (!language_add_trained(&words, true, err)) return false;
    for (int64_t i = 0; i < n; i++) {
        const ask_world_clip *truth = &clips[i].truth;
        for (int k = 0; k < truth->n_questions; k++)
            if (!language_add_question(&words, &truth->questions[k], err)) return false;
    }
    out->standard.words = words.items;
    out->standard.n_words = words.n;
    return true;
}

/* ---- all of it ---- */

static bool look(work *w, ask_error *err)
{
    const calibrate_job *j = w->job;
    ask_remembered_options o = ask_remembered_defaults();
    o.first = j->opt.first;
    o.n_clips = j->out.n_clips;
    o.standard = &j->out.standard; // so far: nothing to hold against
    o.seed = j->opt.seed;
    o.cancel = j->opt.cancel;
    o.progress = j->opt.progress;
    w->clips = ask_remembered_open(j->dir, j->session, &o, err);
    return w->clips;
}

bool calibrate_by_memory(calibrate_job *j, ask_error *err)
{
    work w = {.job = j};
    bool ok = ask_memory_info_of(&w.info, ask_session_model(j->session), err) &&
              look(&w, err) && ask_all(&w, err) && fit_threshold(&w, err);
    if (ok) fit_limits(&w);
    ok = ok && cover_footage(&w, err) && cover_words(&w, err);
    ask_remembered_close(w.clips);
    for (int i = 0; i < ASK_N_SHOWN; i++) ask_answered_rows_free(&w.rows[i]);
    free(w.features);
    return ok;
}
