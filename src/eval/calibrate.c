#include "eval/calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "base/options.h"
#include "eval/language_priv.h"
#include "eval/playroom_priv.h"

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

/* What one call works with. */
typedef struct {
    ask_calibrate_options opt;
    ask_session *session;
    ask_playroom *playroom;
    ask_found_rows found;
    asked best;
    ask_calibrated out;
} job;

ask_calibrate_options ask_calibrate_defaults(void)
{
    return (ask_calibrate_options){
        .struct_size = sizeof(ask_calibrate_options),
        .sampling = ask_sampling_defaults(),
        .seed = 1,
    };
}

static int n_embed_of(const job *j)
{
    return ask_model_info_of(ask_session_model(j->session)).n_embed;
}

/* ---- texts ---- */

static bool set_texts(job *j, ask_error *err)
{
    ask_calibration *c = &j->out.calibration;
    c->threshold_source = "calibration.json";
    c->background = language_background;
    c->sentences =
        language_sentences(j->out.arena, j->opt.seed, ASK_CALIBRATE_SENTENCES, err);
    c->n_sentences = ASK_CALIBRATE_SENTENCES;
    c->fps = j->opt.sampling.fps;
    return c->sentences;
}

static bool set_origin(job *j, ask_error *err)
{
    const ask_world_info world = ask_playroom_world(j->playroom);
    int64_t n = ask_playroom_n_clips(j->playroom), first = j->opt.first;
    ask_calibration *c = &j->out.calibration;
    j->out.n_clips = c->n = n;
    c->data = ask_arena_sprintf(j->out.arena, "playroom %s seed %llu, clips %lld-%lld",
                                ask_split_name(world.split), (unsigned long long)world.seed,
                                (long long)first, (long long)(first + n - 1));
    return c->data || ask_fail_memory(err);
}

static bool open_playroom(job *j, const char *dir, ask_error *err)
{
    ask_playroom_options o = ask_playroom_defaults();
    o.first = j->opt.first;
    o.n_clips = j->opt.n_clips;
    o.sampling = j->opt.sampling;
    o.seed = j->opt.seed;
    o.calibration = &j->out.calibration;
    o.standard = &j->out.standard;
    o.cancel = j->opt.cancel;
    o.progress = j->opt.progress;
    j->playroom = ask_playroom_open(dir, j->session, &o, err);
    return j->playroom && set_origin(j, err);
}

/* ---- finding ---- */

static bool find_with(job *j, int n_background, ask_error *err)
{
    j->out.calibration.n_background = n_background;
    free(j->found.rows);
    j->found = (ask_found_rows){0};
    return ask_playroom_set_calibration(j->playroom, &j->out.calibration, err) &&
           ask_playroom_find(&j->found, j->playroom, err);
}

static int64_t count_hits(const ask_found_rows *rows)
{
    int64_t n = 0;
    for (int64_t i = 0; i < rows->n; i++) n += rows->rows[i].judged && rows->rows[i].hit;
    return n;
}

/* With background prompts, or without: whichever finds more. */
static bool fit_background(job *j, ask_error *err)
{
    if (!find_with(j, LANGUAGE_N_BACKGROUND, err)) return false;
    int64_t n_with = count_hits(&j->found);
    if (!find_with(j, 0, err)) return false;
    return n_with <= count_hits(&j->found) || find_with(j, LANGUAGE_N_BACKGROUND, err);
}

static bool fit_find(job *j, const char *dir, ask_error *err)
{
    double *threshold = &j->out.calibration.threshold;
    if (!fit_background(j, err) || !ask_fit_found_threshold(threshold, &j->found, err))
        return false;
    if (isnan(*threshold))
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s: no query of these clips is of something that is there: take "
                        "more clips",
                        dir);
    return ask_found_summarise(&j->out.found, &j->found, *threshold, err);
}

/* ---- asking ---- */

enum { N_SCALES = 4 };

static bool fit_scale(job *j, const char *dir, ask_error *err)
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
                    dir);
}

/* Where no answer is right, there is nothing to fit, and presence is judged as in a search.
 */
static bool fit_answered_threshold(asked *a, const job *j, ask_error *err)
{
    if (!ask_fit_answered_threshold(&a->threshold, &a->rows[ASK_SHOWN_OWN], err))
        return false;
    a->has_threshold = !isnan(a->threshold);
    if (!a->has_threshold) a->threshold = j->out.calibration.threshold;
    return true;
}

/* Asks all questions under the scale, and fits what stands on it. */
static bool ask_under(asked *out, job *j, double scale, ask_error *err)
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

static bool choose_scale(job *j, ask_error *err)
{
    for (int i = 0; i < N_SCALES; i++) {
        asked a;
        if (!ask_under(&a, j, j->out.likeliest_scale / exp2(i / 2.0), err)) return false;
        bool is_best = i == 0 || ask_fit_is_better(&a.limits, &j->best.limits);
        asked_free(is_best ? &j->best : &a);
        if (is_best) j->best = a;
    }
    return true;
}

static void take_best(job *j)
{
    const asked *a = &j->best;
    ask_standard *s = &j->out.standard;
    s->scale = a->scale;
    s->threshold = a->threshold;
    s->has_threshold = a->has_threshold;
    s->limits = a->limits.limits;
    s->has_limits = true;
    j->out.limits = a->limits;
}

static void summarise(job *j)
{
    ask_verdict_terms terms = {.threshold = j->out.standard.threshold,
                               .most_distance = INFINITY,
                               .limits = j->out.standard.limits};
    j->out.own = ask_answered_summarise(&j->best.rows[ASK_SHOWN_OWN], &terms);
    terms.threshold = -INFINITY; // as in the fit
    j->out.grey = ask_answered_summarise(&j->best.rows[ASK_SHOWN_GREY], &terms);
}

static bool fit_ask(job *j, const char *dir, ask_error *err)
{
    if (!fit_scale(j, dir, err) || !choose_scale(j, err)) return false;
    take_best(j);
    summarise(j);
    return true;
}

/* ---- what is covered ---- */

/* A dimension that hardly changes says nothing about what is new. */
static const double LEAST_DEVIATION = 1e-4;

static void measure_frames(double *mean, double *deviation, const job *j, int n_embed)
{
    double n = 0;
    for (int64_t i = 0; i < ask_playroom_n_clips(j->playroom); i++) {
        const ask_pictures frames =
            ask_look_pictures(&ask_playroom_seen(j->playroom, i)->look);
        for (int f = 0; f < frames.n; f++) {
            const float *x = ask_picture_whole(&frames, f);
            n++;
            for (int k = 0; k < n_embed; k++) { // Welford
                double from = x[k] - mean[k];
                mean[k] += from / n;
                deviation[k] += from * (x[k] - mean[k]);
            }
        }
    }
    for (int k = 0; k < n_embed; k++)
        deviation[k] = fmax(sqrt(deviation[k] / n), LEAST_DEVIATION);
}

static bool measure_distances(job *j, ask_error *err)
{
    int64_t n = ask_playroom_n_clips(j->playroom);
    ask_standard *s = &j->out.standard;
    double *distance = malloc((size_t)n * sizeof *distance);
    if (!distance) return ask_fail_memory(err);
    for (int64_t i = 0; i < n; i++) {
        const ask_pictures frames =
            ask_look_pictures(&ask_playroom_seen(j->playroom, i)->look);
        distance[i] = ask_standard_distance(s, &frames);
    }
    j->out.median_distance = ask_quantile(distance, n, 0.5);
    s->most_distance =
        ASK_CALIBRATE_MARGIN * ask_quantile(distance, n, ASK_CALIBRATE_COVERED);
    free(distance);
    return true;
}

static bool cover_footage(job *j, ask_error *err)
{
    int n_embed = n_embed_of(j);
    double *mean = ask_arena_array(j->out.arena, (size_t)n_embed, sizeof *mean);
    double *deviation = ask_arena_array(j->out.arena, (size_t)n_embed, sizeof *deviation);
    if (!mean || !deviation) return ask_fail_memory(err);
    measure_frames(mean, deviation, j, n_embed);
    j->out.n_embed = n_embed;
    j->out.standard.mean = mean;
    j->out.standard.deviation = deviation;
    return measure_distances(j, err);
}

/* The words that training speaks with. */
static bool add_trained(language_words *words, ask_error *err)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++)
        if (!language_add(words, ask_denial(w), err)) return false;
    ask_str text = {0};
    ask_world_words(&text);
    bool ok =
        text.failed ? ask_fail_memory(err) : language_add(words, ask_str_text(&text), err);
    ask_str_free(&text);
    return ok;
}

/* Those of the questions that thresholds were fitted on. */
static bool add_asked(language_words *words, const job *j, ask_error *err)
{
    for (int64_t i = 0; i < j->playroom->n_clips; i++) {
        const ask_world_clip *truth = &j->playroom->clips[i].truth;
        for (int k = 0; k < truth->n_questions; k++) {
            const ask_world_question *q = &truth->questions[k];
            if (!playroom_is_visual(q)) continue;
            if (!language_add(words, q->text, err)) return false;
            for (int o = 0; o < ASK_N_OPTIONS; o++)
                if (!language_add(words, q->options[o].text, err)) return false;
        }
    }
    return true;
}

static bool cover_words(job *j, ask_error *err)
{
    language_words words = {.arena = j->out.arena};
    if (!add_trained(&words, err) || !add_asked(&words, j, err)) return false;
    j->out.standard.words = words.items;
    j->out.standard.n_words = words.n;
    return true;
}

static bool set_download(job *j, ask_error *err)
{
    if (!j->opt.download || !*j->opt.download) return true;
    j->out.standard.download = ask_arena_strdup(j->out.arena, j->opt.download);
    return j->out.standard.download || ask_fail_memory(err);
}

/* ---- all of it ---- */

static bool check_finite(const ask_calibrated *c, ask_error *err)
{
    const ask_standard *s = &c->standard;
    if (isfinite(c->calibration.threshold) && isfinite(s->threshold) &&
        isfinite(s->most_distance))
        return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "what was fitted is not finite: the model's weights are damaged");
}

static bool calibrate(job *j, const char *dir, ask_error *err)
{
    return set_texts(j, err) && open_playroom(j, dir, err) && fit_find(j, dir, err) &&
           fit_ask(j, dir, err) && cover_footage(j, err) && cover_words(j, err) &&
           set_download(j, err) && check_finite(&j->out, err);
}

bool ask_calibrate(ask_calibrated *out, const char *dir, ask_session *s,
                   const ask_calibrate_options *opt, ask_error *err)
{
    job j = {.opt = ask_calibrate_defaults(), .session = s};
    ask_options_take(&j.opt, sizeof j.opt, opt);
    j.out.arena = ask_arena_new(0);
    bool ok = (j.out.arena || ask_fail_memory(err)) && calibrate(&j, dir, err);
    ask_playroom_close(j.playroom);
    free(j.found.rows);
    asked_free(&j.best);
    if (ok)
        *out = j.out;
    else
        ask_calibrated_free(&j.out);
    return ok;
}

void ask_calibrated_free(ask_calibrated *c)
{
    if (!c) return;
    ask_arena_free(c->arena);
    *c = (ask_calibrated){0};
}
