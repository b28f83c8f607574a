#include "eval/calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "base/options.h"
#include "eval/calibrate_priv.h"
#include "eval/language_priv.h"

ask_calibrate_options ask_calibrate_defaults(void)
{
    return (ask_calibrate_options){
        .struct_size = sizeof(ask_calibrate_options),
        .sampling = ask_sampling_defaults(),
        .seed = 1,
    };
}

/* ---- texts ---- */

static bool set_texts(calibrate_job *j, ask_error *err)
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

/* Which clips, and what is told of them. */
static bool set_origin(calibrate_job *j, ask_error *err)
{
    ask_world_info world;
    int64_t n, first = j->opt.first;
    ask_calibration *c = &j->out.calibration;
    if (!ask_world_open(&world, j->dir, err) ||
        !playroom_choose_clips(&n, j->dir, &world, first, j->opt.n_clips, err))
        return false;
    j->out.n_clips = c->n = n;
    c->data = ask_arena_sprintf(j->out.arena, "playroom %s seed %llu, clips %lld-%lld",
                                ask_split_name(world.split), (unsigned long long)world.seed,
                                (long long)first, (long long)(first + n - 1));
    return c->data || ask_fail_memory(err);
}

static bool open_playroom(calibrate_job *j, ask_error *err)
{
    ask_playroom_options o = ask_playroom_defaults();
    o.first = j->opt.first;
    o.n_clips = j->out.n_clips;
    o.sampling = j->opt.sampling;
    o.seed = j->opt.seed;
    o.calibration = &j->out.calibration;
    o.standard = &j->out.standard;
    o.cancel = j->opt.cancel;
    o.progress = j->opt.progress;
    j->playroom = ask_playroom_open(j->dir, j->session, &o, err);
    return j->playroom;
}

/* ---- finding ---- */

static bool find_with(calibrate_job *j, int n_background, ask_error *err)
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
static bool fit_background(calibrate_job *j, ask_error *err)
{
    if (!find_with(j, LANGUAGE_N_BACKGROUND, err)) return false;
    int64_t n_with = count_hits(&j->found);
    if (!find_with(j, 0, err)) return false;
    return n_with <= count_hits(&j->found) || find_with(j, LANGUAGE_N_BACKGROUND, err);
}

static bool fit_find(calibrate_job *j, ask_error *err)
{
    double *threshold = &j->out.calibration.threshold;
    if (!set_texts(j, err) || !open_playroom(j, err) || !fit_background(j, err) ||
        !ask_fit_found_threshold(threshold, &j->found, ASK_FIT_FALSE_REJECTION, err))
        return false;
    if (isnan(*threshold))
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s: no query of these clips is of something that is there: take "
                        "more clips",
                        j->dir);
    return ask_found_summarise(&j->out.found, &j->found, *threshold, err);
}

/* ---- all of it ---- */

static bool set_download(calibrate_job *j, ask_error *err)
{
    if (!j->opt.download || !*j->opt.download) return true;
    j->out.standard.download = ask_arena_strdup(j->out.arena, j->opt.download);
    return j->out.standard.download || ask_fail_memory(err);
}

static bool check_finite(const ask_calibrated *c, ask_error *err)
{
    const ask_standard *s = &c->standard;
    if ((!c->can_find || isfinite(c->calibration.threshold)) &&
        (!s->has_threshold || isfinite(s->threshold)) && isfinite(s->most_distance))
        return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "what was fitted is not finite: the model's weights are damaged");
}

/* What it can do. */
static bool look_into(calibrate_job *j, ask_error *err)
{
    const ask_model *m = ask_session_model(j->session);
    ask_memory_info memory;
    j->out.can_find = ask_model_info_of(m).has_pictures;
    j->out.has_memory = ask_memory_info_of(&memory, m, NULL);
    j->out.n_embed = j->out.has_memory ? memory.n_features : ask_model_info_of(m).n_embed;
    return j->out.has_memory || ask_model_check_pictures(m, err);
}

static bool calibrate(calibrate_job *j, ask_error *err)
{
    return look_into(j, err) && set_origin(j, err) &&
           (!j->out.can_find || fit_find(j, err)) &&
           (j->out.has_memory ? calibrate_by_memory(j, err)
                              : calibrate_by_frames(j, err)) &&
           set_download(j, err) && check_finite(&j->out, err);
}

bool ask_calibrate(ask_calibrated *out, const char *dir, ask_session *s,
                   const ask_calibrate_options *opt, ask_error *err)
{
    calibrate_job j = {.dir = dir, .opt = ask_calibrate_defaults(), .session = s};
    ask_options_take(&j.opt, sizeof j.opt, opt);
    j.out.arena = ask_arena_new(0);
    bool ok = (j.out.arena || ask_fail_memory(err)) && calibrate(&j, err);
    ask_playroom_close(j.playroom);
    free(j.found.rows);
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
