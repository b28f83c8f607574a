#include "eval/playroom.h"

#include <math.h>
#include <stdlib.h>

#include "base/options.h"
#include "eval/playroom_priv.h"
#include "world/truth_read.h"

/* ---- options ---- */

ask_playroom_options ask_playroom_defaults(void)
{
    return (ask_playroom_options){
        .struct_size = sizeof(ask_playroom_options),
        .sampling = ask_sampling_defaults(),
        .seed = 1,
    };
}

bool playroom_choose_clips(int64_t *out, const char *dir, const ask_world_info *world,
                           int64_t first, int64_t n, ask_error *err)
{
    const int64_t ready = world->n_ready;
    if (first < 0 || n < 0)
        return ask_fail(err, ASK_ERR_USAGE, "clips, and how many, are not below 0");
    if (first >= ready || n > ready - first)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s: %lld clips from number %lld on are asked for, and it has "
                        "%lld: make more with `askance world`",
                        dir, (long long)(n ? n : 1), (long long)first, (long long)ready);
    *out = n ? n : ready - first;
    return true;
}

/* ---- what a model is held against ---- */

static ask_model_info model_of(const ask_playroom *p)
{
    return ask_model_info_of(ask_session_model(p->session));
}

static bool take_calibration(ask_playroom *p, ask_error *err)
{
    const char *dir = model_of(p).dir;
    if (!p->opt.calibration) {
        if (!ask_calibration_read(&p->own_calibration, dir, err)) return false;
        p->opt.calibration = &p->own_calibration;
    }
    if (!p->opt.standard) {
        if (!ask_standard_read(&p->own_standard, dir, model_of(p).n_embed, err))
            return false;
        p->opt.standard = &p->own_standard;
    }
    return true;
}

static bool make_yardstick(ask_playroom *p, const ask_calibration *c, ask_error *err)
{
    ask_yardstick y;
    if (!ask_yardstick_make(&y, p->session, c, p->opt.cancel, err)) return false;
    if (!ask_yardstick_see_grey(&y, p->session, p->opt.cancel, err)) {
        ask_yardstick_free(&y);
        return false;
    }
    ask_yardstick_free(&p->yardstick);
    p->yardstick = y;
    return true;
}

bool ask_playroom_set_calibration(ask_playroom *p, const ask_calibration *c, ask_error *err)
{
    if (!make_yardstick(p, c, err)) return false;
    p->opt.calibration = c;
    for (int64_t i = 0; i < p->n_clips; i++)
        if (!ask_seen_measure(&p->clips[i].seen, &p->yardstick, p->opt.cancel, err))
            return false;
    return true;
}

/* ---- clips ---- */

bool playroom_read_truth(ask_world_clip *out, const char *dir, int64_t index,
                         ask_error *err)
{
    char *path = ask_world_truth_path(dir, index, err);
    bool ok = path && ask_world_clip_read(out, path, err);
    free(path);
    if (!ok) return false;
    free(out->views);
    out->views = NULL;
    return true;
}

static bool look_at(ask_seen *out, ask_playroom *p, const char *dir, int64_t index,
                    ask_error *err)
{
    ask_video_options options = ask_video_defaults();
    options.cancel = p->opt.cancel;
    char *path = ask_world_video_path(dir, index, err);
    ask_video *v = path ? ask_video_open(path, &options, err) : NULL;
    bool ok = v && ask_seen_make(out, v, p->session, &p->yardstick, &p->opt.sampling,
                                 p->opt.cancel, NULL, err);
    ask_video_close(v);
    free(path);
    return ok;
}

static bool open_clips(ask_playroom *p, const char *dir, ask_error *err)
{
    p->clips = calloc((size_t)p->n_clips, sizeof *p->clips);
    if (!p->clips) return ask_fail_memory(err);
    for (int64_t i = 0; i < p->n_clips; i++) {
        playroom_clip *c = &p->clips[i];
        c->index = p->opt.first + i;
        if (!ask_cancel_check(p->opt.cancel, err) ||
            !playroom_read_truth(&c->truth, dir, c->index, err) ||
            !look_at(&c->seen, p, dir, c->index, err))
            return false;
        ask_progress_send(p->opt.progress, i + 1, p->n_clips, "clips", "looking");
    }
    return true;
}

/* ---- all of it ---- */

ask_playroom *ask_playroom_open(const char *dir, ask_session *s,
                                const ask_playroom_options *opt, ask_error *err)
{
    ask_playroom *p = calloc(1, sizeof *p);
    if (!p) {
        ask_fail_memory(err);
        return NULL;
    }
    p->session = s;
    p->opt = ask_playroom_defaults();
    ask_options_take(&p->opt, sizeof p->opt, opt);
    if (ask_world_open(&p->world, dir, err) &&
        playroom_choose_clips(&p->n_clips, dir, &p->world, p->opt.first, p->opt.n_clips,
                              err) &&
        take_calibration(p, err) && make_yardstick(p, p->opt.calibration, err) &&
        open_clips(p, dir, err))
        return p;
    ask_playroom_close(p);
    return NULL;
}

void ask_playroom_close(ask_playroom *p)
{
    if (!p) return;
    for (int64_t i = 0; p->clips && i < p->n_clips; i++) {
        ask_world_clip_free(&p->clips[i].truth);
        ask_seen_free(&p->clips[i].seen);
    }
    free(p->clips);
    ask_yardstick_free(&p->yardstick);
    ask_calibration_free(&p->own_calibration);
    ask_standard_free(&p->own_standard);
    free(p);
}

int64_t ask_playroom_n_clips(const ask_playroom *p)
{
    return p->n_clips;
}

ask_world_info ask_playroom_world(const ask_playroom *p)
{
    return p->world;
}

const ask_seen *ask_playroom_seen(const ask_playroom *p, int64_t i)
{
    return &p->clips[i].seen;
}

/* ---- for finding and asking ---- */

bool playroom_is_in(ask_world_moment m, double t_s)
{
    double frame = floor(t_s * ASK_WORLD_FPS + 0.5);
    return frame >= m.begin && frame < m.end;
}
