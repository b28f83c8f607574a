#include "model/rows.h"

#include <string.h>

#include "model/session_priv.h"

enum { MOST_FRAMES = 4 }; // in a batch

bool ask_rows_info_of(ask_rows_info *out, const ask_model *m, ask_error *err)
{
    ask_language_info language;
    const network_visual *visual = m->network->visual;
    if (!ask_language_info_of(&language, m, err)) return false;
    if (!visual)
        return ask_fail(err, ASK_ERR_MODEL, "%s: %s sees no videos", m->dir,
                        m->network->name);
    network_visual_sizes s = visual->sizes(m->net);
    *out = (ask_rows_info){.sees_frames = s.image_px > 0,
                           .n_features = s.n_features,
                           .n_frames = s.n_frames,
                           .n_rows = s.n_rows,
                           .side = s.side,
                           .has_class = s.has_class,
                           .mark = s.mark,
                           .begin = s.begin,
                           .end = s.end,
                           .one_by_one = s.one_by_one,
                           .placeholder = s.placeholder,
                           .form = s.form,
                           .frame_gflop = s.frame_flops / 1e9};
    return true;
}

static void plan_frames(session_plan *p, const ask_model *m)
{
    int64_t side = m->info.image_px;
    p->in[0] = ask_input(p->graph, ASK_F32, 4,
                         (int64_t[]){p->batch, m->info.n_channels, side, side});
    p->out[0] = m->network->visual->rows(p->graph, m->net, p->in[0]);
}

static void plan_features(session_plan *p, const ask_model *m)
{
    int64_t width = m->network->visual->sizes(m->net).n_features;
    p->in[0] = ask_input(p->graph, ASK_F32, 2, (int64_t[]){p->length, width});
    p->out[0] = m->network->visual->rows(p->graph, m->net, p->in[0]);
}

/* in is read only. */
static bool compute(ask_session *s, float *out, session_build *build, int batch, int length,
                    const float *in, size_t n_out, const ask_cancel *cancel, ask_error *err)
{
    void *computed[SESSION_MAX_TENSORS] = {0};
    void *const inputs[SESSION_MAX_TENSORS] = {(void *)in};
    bool ok = session_compute(computed, s, build, batch, length, inputs, cancel, err);
    if (ok) memcpy(out, computed[0], n_out * sizeof *out);
    session_outputs_free(computed);
    return ok;
}

bool ask_rows_of_frames(ask_session *s, float *out, const float *pixels, int n,
                        const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = s->model;
    ask_rows_info rows;
    ask_language_info language;
    if (!ask_rows_info_of(&rows, m, err) || !ask_language_info_of(&language, m, err))
        return false;
    if (!rows.sees_frames)
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "%s: %s is given features, not frames",
                        m->dir, m->network->name);
    size_t size =
        (size_t)m->info.n_channels * (size_t)m->info.image_px * (size_t)m->info.image_px;
    size_t n_out = (size_t)rows.n_rows * (size_t)language.width;
    for (int i = 0; i < n; i += MOST_FRAMES) {
        int batch = n - i < MOST_FRAMES ? n - i : MOST_FRAMES;
        if (!compute(s, out + (size_t)i * n_out, plan_frames, batch, 0,
                     pixels + (size_t)i * size, (size_t)batch * n_out, cancel, err))
            return false;
    }
    return true;
}

bool ask_rows_of_features(ask_session *s, float *out, const float *features, int n,
                          const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = s->model;
    ask_rows_info rows;
    ask_language_info language;
    if (!ask_rows_info_of(&rows, m, err) || !ask_language_info_of(&language, m, err))
        return false;
    if (rows.sees_frames)
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "%s: %s sees frames, not features",
                        m->dir, m->network->name);
    return compute(s, out, plan_features, 1, n, features,
                   (size_t)n * (size_t)language.width, cancel, err);
}
