#include "model/rows_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

enum { MOST_FRAMES = 4 }; // in a batch

static const network_visual *visual_of(const ask_model *m)
{
    return m->network->visual;
}

/* Numbers that are kept of a frame where rows are made of all that are shown; 0: each has
 * its own. */
static size_t count_kept(const ask_model *m, const network_visual_sizes *s)
{
    if (!visual_of(m)->n_joined && s->n_instruction == 0) return 0;
    return s->image_px > 0 ? (size_t)s->n_kept * (size_t)s->kept : (size_t)s->n_features;
}

static bool sees(const network *n)
{
    return n->visual;
}

bool ask_rows_info_of(ask_rows_info *out, const ask_model *m, ask_error *err)
{
    ask_language_info language;
    if (!ask_language_info_of(&language, m, err)) return false;
    if (!visual_of(m)) {
        char names[256];
        network_list(names, sizeof names, sees);
        return ask_fail(
            err, ASK_ERR_MODEL,
            "%s: %s sees no videos; networks that write of what they see are %s", m->dir,
            m->network->name, names);
    }
    network_visual_sizes s = visual_of(m)->sizes(m->net);
    size_t n_kept = count_kept(m, &s);
    *out = (ask_rows_info){.sees_frames = s.image_px > 0,
                           .n_features = s.n_features,
                           .n_frames = s.n_frames,
                           .n_rows = n_kept > 0 ? 0 : s.n_rows,
                           .side = s.side,
                           .looks = visual_of(m)->cells,
                           .has_class = s.has_class,
                           .mark = s.mark,
                           .begin = s.begin,
                           .end = s.end,
                           .one_by_one = s.one_by_one,
                           .placeholder = s.placeholder,
                           .form = s.form,
                           .leads = s.leads,
                           .seam = s.seam,
                           .opens = s.opens,
                           .stop = s.stop,
                           .frame_gflop = s.frame_flops / 1e9,
                           .n_shown = s.n_shown,
                           .n_least = s.n_least > 0 ? s.n_least : 1,
                           .n_most = s.n_most,
                           .together = n_kept > 0,
                           .instructed = s.n_instruction > 0,
                           .n_kept = n_kept};
    return true;
}

/* ---- graphs ---- */

enum { ROWS, CELLS, ORIGINS }; // what comes out; the last two where there are some

static ask_tensor *frames_input(session_plan *p, const ask_model *m)
{
    int64_t side = m->info.image_px;
    return ask_input(p->graph, ASK_F32, 4,
                     (int64_t[]){p->batch, m->info.n_channels, side, side});
}

static void plan_frames(session_plan *p, const ask_model *m)
{
    const network_visual *visual = visual_of(m);
    ask_tensor *x = p->in[0] = frames_input(p, m);
    if (visual->traced) ask_graph_want(p->graph, visual->traced);
    if (visual->look) x = visual->look(p->graph, m->net, x);
    p->out[ROWS] = visual->rows(p->graph, m->net, x, NULL);
    if (visual->cells) p->out[CELLS] = visual->cells(p->graph, m->net, p->batch);
}

static void plan_features(session_plan *p, const ask_model *m)
{
    int64_t width = visual_of(m)->sizes(m->net).n_features;
    p->in[0] = ask_input(p->graph, ASK_F32, 2, (int64_t[]){p->length, width});
    p->out[0] = visual_of(m)->rows(p->graph, m->net, p->in[0], NULL);
}

static void plan_look(session_plan *p, const ask_model *m)
{
    p->in[0] = frames_input(p, m);
    p->out[0] = visual_of(m)->look(p->graph, m->net, p->in[0]);
}

/* What is kept of p->batch frames: [F, N, W], or of features [F, W]. */
static ask_tensor *kept_input(session_plan *p, const network_visual_sizes *s)
{
    int64_t frames[3] = {p->batch, s->n_kept, s->kept},
            features[2] = {p->batch, s->n_features};
    return s->image_px > 0 ? ask_input(p->graph, ASK_F32, 3, frames)
                           : ask_input(p->graph, ASK_F32, 2, features);
}

/* An instruction of p->length tokens. */
static void plan_show(session_plan *p, const ask_model *m)
{
    ask_graph *g = p->graph;
    const network_visual *visual = visual_of(m);
    const network_visual_sizes s = visual->sizes(m->net);
    network_instruction told = {NULL};
    if (visual->traced) ask_graph_want(g, visual->traced);
    p->in[0] = kept_input(p, &s);
    if (s.n_instruction > 0)
        told.ids = p->in[1] = ask_input(g, ASK_I64, 2, (int64_t[]){1, p->length});
    ask_tensor *x = visual->rows(g, m->net, p->in[0], told.ids ? &told : NULL);
    p->out[ROWS] = visual->join ? visual->join(g, m->net, x) : x;
    if (visual->cells) p->out[CELLS] = visual->cells(g, m->net, p->batch);
    if (visual->origins) p->out[ORIGINS] = visual->origins(g, m->net, p->batch);
}

/* in is read only. cells: [n_cells]; NULL: not wanted. */
static bool compute(ask_session *s, const ask_rows_made *out, session_build *build,
                    int batch, int length, const float *in, size_t n_out, size_t n_cells,
                    const ask_cancel *cancel, ask_error *err)
{
    void *computed[SESSION_MAX_TENSORS] = {0};
    void *const inputs[SESSION_MAX_TENSORS] = {(void *)in};
    bool ok = session_compute(computed, s, build, batch, length, inputs, cancel, err);
    if (ok) memcpy(out->rows, computed[ROWS], n_out * sizeof(float));
    if (ok && out->cells && computed[CELLS])
        memcpy(out->cells, computed[CELLS], n_cells * sizeof(float));
    session_outputs_free(computed);
    return ok;
}

/* ---- rows of each frame ---- */

/* Frames in batches, each of which becomes n_out numbers, and n_cells of its cells. */
static bool compute_frames(ask_session *s, const ask_rows_made *out, session_build *build,
                           const float *pixels, int n, size_t n_out, size_t n_cells,
                           const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = s->model;
    size_t size =
        (size_t)m->info.n_channels * (size_t)m->info.image_px * (size_t)m->info.image_px;
    for (int i = 0; i < n; i += MOST_FRAMES) {
        size_t first = (size_t)i;
        int batch = n - i < MOST_FRAMES ? n - i : MOST_FRAMES;
        const ask_rows_made to = {.rows = out->rows + first * n_out,
                                  .cells =
                                      out->cells ? out->cells + first * n_cells : NULL};
        if (!compute(s, &to, build, batch, 0, pixels + first * size, (size_t)batch * n_out,
                     (size_t)batch * n_cells, cancel, err))
            return false;
    }
    return true;
}

static bool check_together(const ask_model *m, const ask_rows_info *rows, bool together,
                           ask_error *err)
{
    return rows->together == together ||
           ask_fail(err, ASK_ERR_UNSUPPORTED,
                    together ? "%s: %s makes rows of each frame by itself"
                             : "%s: %s makes rows of all frames together",
                    m->dir, m->network->name);
}

static bool check_frames(const ask_model *m, const ask_rows_info *rows, ask_error *err)
{
    return rows->sees_frames ||
           ask_fail(err, ASK_ERR_UNSUPPORTED, "%s: %s is given features, not frames",
                    m->dir, m->network->name);
}

static size_t cells_of_frame(const ask_rows_info *rows)
{
    return (size_t)rows->side * (size_t)rows->side;
}

bool ask_rows_of_frames(ask_session *s, const ask_rows_made *out, const float *pixels,
                        int n, const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = s->model;
    ask_rows_info rows;
    ask_language_info language;
    return ask_rows_info_of(&rows, m, err) && ask_language_info_of(&language, m, err) &&
           check_frames(m, &rows, err) && check_together(m, &rows, false, err) &&
           compute_frames(s, out, plan_frames, pixels, n,
                          (size_t)rows.n_rows * (size_t)language.width,
                          (size_t)rows.n_rows * cells_of_frame(&rows), cancel, err);
}

bool ask_rows_of_features(ask_session *s, float *out, const float *features, int n,
                          const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = s->model;
    ask_rows_info rows;
    ask_language_info language;
    if (!ask_rows_info_of(&rows, m, err) || !ask_language_info_of(&language, m, err) ||
        !check_together(m, &rows, false, err))
        return false;
    if (rows.sees_frames)
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "%s: %s sees frames, not features",
                        m->dir, m->network->name);
    const ask_rows_made to = {.rows = out};
    return compute(s, &to, plan_features, 1, n, features,
                   (size_t)n * (size_t)language.width, 0, cancel, err);
}

/* ---- rows of all frames that are shown ---- */

int ask_rows_n_shown(const ask_model *m, int n)
{
    const network_visual *visual = visual_of(m);
    return visual->n_joined ? visual->n_joined(m->net, n)
                            : ask_mul_count(n, visual->sizes(m->net).n_rows);
}

bool ask_rows_look(ask_session *s, float *out, const float *pixels, int n,
                   const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = s->model;
    ask_rows_info rows;
    const ask_rows_made to = {.rows = out};
    return ask_rows_info_of(&rows, m, err) && check_frames(m, &rows, err) &&
           check_together(m, &rows, true, err) &&
           compute_frames(s, &to, plan_look, pixels, n, rows.n_kept, 0, cancel, err);
}

static bool check_number(const ask_model *m, const ask_rows_info *rows, int n,
                         ask_error *err)
{
    if (n < 1) return ask_fail(err, ASK_ERR_USAGE, "no frames are shown");
    if (n < rows->n_least)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s: %d frames are too few: %s makes rows of %d or more", m->dir, n,
                        m->network->name, rows->n_least);
    return rows->n_most == 0 || n <= rows->n_most ||
           ask_fail(err, ASK_ERR_USAGE,
                    "%s: %d frames are too many: %s makes rows of %d at most", m->dir, n,
                    m->network->name, rows->n_most);
}

/* A scene as the inputs of its graph. */
typedef struct {
    float *kept;  // owned; [n, n_kept]
    int64_t *ids; // owned; [n_ids]
    int n_ids;
} scene_input;

static void free_input(scene_input *in)
{
    free(in->kept);
    free(in->ids);
}

static bool take_kept(scene_input *in, const ask_rows_scene *scene, size_t n_kept,
                      ask_error *err)
{
    in->kept = calloc((size_t)scene->n, n_kept * sizeof *in->kept);
    if (!in->kept) return ask_fail_memory(err);
    for (int i = 0; i < scene->n; i++)
        memcpy(in->kept + (size_t)i * n_kept, scene->kept[i], n_kept * sizeof *in->kept);
    return true;
}

/* A tokenizer that begins and ends texts keeps these where they are cut. */
static bool take_instruction(scene_input *in, ask_model *m, const char *text,
                             ask_error *err)
{
    const network_visual_sizes sizes = visual_of(m)->sizes(m->net);
    int most = sizes.n_instruction;
    ask_tokens tokens = {0};
    if (most == 0) return true;
    const ask_tokenizer *t = model_instructor(m, err);
    if (!t || !ask_tokenizer_encode(t, text ? text : "", NULL, true, &tokens, err))
        return false;
    in->n_ids = tokens.n < most ? tokens.n : most;
    in->ids = calloc((size_t)in->n_ids + 1, sizeof *in->ids);
    int cut = tokens.n - in->n_ids, at = sizes.keeps_end ? 1 : most - 1; // is left out at
    for (int i = 0; i < in->n_ids && in->ids; i++)
        in->ids[i] = tokens.tokens[i < at ? i : i + cut].id;
    ask_tokens_free(&tokens);
    return in->ids || ask_fail_memory(err);
}

/* Where nothing else is told, each frame has the rows that stand at its place. */
static void tell_origins(float *origins, const float *computed, int n_rows, int n_frames)
{
    size_t n = (size_t)n_rows * (size_t)n_frames;
    if (computed) {
        memcpy(origins, computed, n * sizeof *origins);
        return;
    }
    memset(origins, 0, n * sizeof *origins);
    for (int i = 0; i < n_rows; i++)
        origins[(size_t)i * (size_t)n_frames + (size_t)(i / (n_rows / n_frames))] = 1;
}

bool rows_show(ask_session *s, const ask_rows_made *out, const rows_scene *scene,
               const ask_cancel *cancel, ask_error *err)
{
    ask_rows_info info;
    ask_language_info language;
    size_t n_rows = (size_t)ask_rows_n_shown(s->model, scene->n);
    void *computed[SESSION_MAX_TENSORS] = {0};
    void *const inputs[SESSION_MAX_TENSORS] = {(void *)scene->kept, (void *)scene->ids};
    bool ok = ask_language_info_of(&language, s->model, err) &&
              ask_rows_info_of(&info, s->model, err) &&
              session_compute(computed, s, plan_show, scene->n, scene->n_ids, inputs,
                              cancel, err);
    size_t n = ok ? n_rows * (size_t)language.width : 0;
    if (ok) memcpy(out->rows, computed[ROWS], n * sizeof(float));
    if (ok && out->origins)
        tell_origins(out->origins, computed[ORIGINS], (int)n_rows, scene->n);
    if (ok && out->cells && computed[CELLS])
        memcpy(out->cells, computed[CELLS], n_rows * cells_of_frame(&info) * sizeof(float));
    session_outputs_free(computed);
    return ok;
}

bool ask_rows_show(ask_session *s, const ask_rows_made *out, const ask_rows_scene *scene,
                   const ask_cancel *cancel, ask_error *err)
{
    ask_model *m = s->model;
    ask_rows_info info;
    scene_input in = {0};
    if (!ask_rows_info_of(&info, m, err) || !check_together(m, &info, true, err))
        return false;
    if (!check_number(m, &info, scene->n, err)) return false;
    bool ok = take_kept(&in, scene, info.n_kept, err) &&
              take_instruction(&in, m, scene->instruction, err);
    const rows_scene shown = {in.kept, scene->n, in.ids, in.n_ids};
    ok = ok && rows_show(s, out, &shown, cancel, err);
    free_input(&in);
    return ok;
}
