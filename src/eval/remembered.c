#include "eval/remembered.h"

#include <math.h>
#include <stdlib.h>

#include "base/options.h"
#include "eval/playroom_priv.h"
#include "metric/answer.h"

struct ask_remembered {
    ask_session *session;
    ask_remembered_options opt;
    ask_remembered_clip *clips; // owned; [n]
    int64_t n;
};

ask_remembered_options ask_remembered_defaults(void)
{
    return (ask_remembered_options){.struct_size = sizeof(ask_remembered_options),
                                    .seed = 1};
}

/* ---- looking ---- */

static bool look_at(ask_sightings *out, const ask_remembered *r, const char *dir,
                    int64_t index, ask_error *err)
{
    ask_video_options options = ask_video_defaults();
    options.cancel = r->opt.cancel;
    char *path = ask_world_video_path(dir, index, err);
    ask_video *v = path ? ask_video_open(path, &options, err) : NULL;
    bool ok = v && ask_sightings_make(out, v, r->session, NULL, r->opt.cancel, NULL, err);
    ask_video_close(v);
    free(path);
    return ok;
}

/* Adds the next of n clips. */
static bool add_clip(ask_remembered *r, const char *dir, int64_t n, ask_error *err)
{
    ask_remembered_clip *c = &r->clips[r->n];
    c->index = r->opt.first + r->n;
    if (!ask_cancel_check(r->opt.cancel, err) ||
        !playroom_read_truth(&c->truth, dir, c->index, err))
        return false;
    if (!look_at(&c->seen, r, dir, c->index, err)) {
        ask_world_clip_free(&c->truth);
        return false;
    }
    r->n++;
    ask_progress_send(r->opt.progress, r->n, n, "clips", "looking");
    return true;
}

static bool open_clips(ask_remembered *r, const char *dir, ask_error *err)
{
    ask_memory_info memory;
    ask_world_info world;
    int64_t n;
    if (!ask_memory_info_of(&memory, ask_session_model(r->session), err) ||
        !ask_world_open(&world, dir, err) ||
        !playroom_choose_clips(&n, dir, &world, r->opt.first, r->opt.n_clips, err))
        return false;
    r->clips = calloc((size_t)n, sizeof *r->clips);
    if (!r->clips) return ask_fail_memory(err);
    while (r->n < n)
        if (!add_clip(r, dir, n, err)) return false;
    return true;
}

ask_remembered *ask_remembered_open(const char *dir, ask_session *s,
                                    const ask_remembered_options *opt, ask_error *err)
{
    ask_remembered *r = calloc(1, sizeof *r);
    if (!r) {
        ask_fail_memory(err);
        return NULL;
    }
    r->session = s;
    r->opt = ask_remembered_defaults();
    ask_options_take(&r->opt, sizeof r->opt, opt);
    if (open_clips(r, dir, err)) return r;
    ask_remembered_close(r);
    return NULL;
}

void ask_remembered_close(ask_remembered *r)
{
    if (!r) return;
    for (int64_t i = 0; i < r->n; i++) {
        ask_world_clip_free(&r->clips[i].truth);
        ask_sightings_free(&r->clips[i].seen);
    }
    free(r->clips);
    free(r);
}

const ask_remembered_clip *ask_remembered_clips(const ask_remembered *r, int64_t *n)
{
    *n = r->n;
    return r->clips;
}

/* ---- frames of another clip ---- */

static bool occurs(const ask_scene *s, const ask_scene *of, const ask_world_question *q)
{
    for (int i = 0; i < q->n_objects; i++) {
        ask_phrase looks = ask_phrase_any();
        looks.color = (int8_t)of->toys[q->objects[i]].color;
        looks.shape = (int8_t)of->toys[q->objects[i]].shape;
        if (playroom_has_looks(s, looks)) return true;
    }
    return false;
}

/* -1: there is none. */
static int64_t find_other(const ask_remembered *r, int64_t i, const ask_world_question *q)
{
    if (q->n_objects == 0) return -1;
    for (int64_t k = 1; k < r->n; k++) {
        int64_t other = (i + k) % r->n;
        if (!occurs(&r->clips[other].truth.scene, &r->clips[i].truth.scene, q))
            return other;
    }
    return -1;
}

/* ---- rows ---- */

static bool is_denial(const ask_world_clip *c, const ask_world_question *q)
{
    return c->scene.full ? q->options[q->answer].denies : q->type == ASK_QUESTION_ABSENT;
}

static bool is_right(bool *out, const ask_answer *a, const ask_world_question *q, bool open,
                     ask_error *err)
{
    ask_match match = ASK_MATCH_NONE;
    *out = !open && a->choice == q->answer;
    if (!open) return true;
    if (!ask_answer_match(&match, a->options[a->choice].text, ask_question_open_answer(q),
                          err))
        return false;
    *out = match != ASK_MATCH_NONE;
    return true;
}

static ask_answered_row row_of(const ask_answer *a, const ask_world_clip *c,
                               const ask_world_question *q)
{
    return (ask_answered_row){
        .type = q->type,
        .judged = q->judged,
        .visual = !is_denial(c, q),
        .answer = a->choice,
        .presence = a->denies ? -INFINITY : a->presence,
        .checks = a->checks,
        .distance = a->verdict.distance,
        .unknown_words = a->verdict.new_word || a->plan.unknown_words,
        .in_moment = playroom_shows(a, q->moment),
        .has_verdict = a->verdict.known,
        .verdict = a->verdict.verdict,
        .right_option = q->answer,
    };
}

/* Question q of a clip, of which `seen` is shown. */
static bool ask(ask_answered_row *out, const ask_remembered *r, const ask_sightings *seen,
                const ask_world_clip *c, const ask_world_question *q, bool open,
                ask_error *err)
{
    ask_ask_options o = ask_ask_defaults();
    o.n_maps = 0;
    o.seed = r->opt.seed;
    o.cancel = r->opt.cancel;
    o.sightings = seen;
    o.standard = r->opt.standard;
    const char *choices[ASK_N_OPTIONS];
    for (int k = 0; k < ASK_N_OPTIONS; k++) choices[k] = q->options[k].text;
    ask_answer a;
    if (!ask_ask(&a, NULL, r->session, q->text, choices, open ? 0 : ASK_N_OPTIONS, &o, err))
        return false;
    *out = row_of(&a, c, q);
    bool ok = is_right(&out->right, &a, q, open, err);
    if (!open) out->s_right = a.options[q->answer].s;
    ask_answer_free(&a);
    return ok;
}

/* ---- clips ---- */

static bool is_asked(const ask_world_clip *c, const ask_world_question *q, bool open)
{
    const int n_frames = c->scene.n_frames;
    if (open) return ask_question_is_open(q, n_frames);
    return !c->scene.full || q->until >= n_frames;
}

static bool ask_about(ask_answered_rows *out, const ask_remembered *r, int64_t i,
                      ask_shown shown, bool open, ask_error *err)
{
    const ask_remembered_clip *c = &r->clips[i];
    ask_sightings grey = {0};
    const bool is_grey = shown == ASK_SHOWN_GREY;
    bool ok = !is_grey ||
              ask_sightings_make_grey(&grey, &c->seen, r->session, r->opt.cancel, err);
    for (int k = 0; ok && k < c->truth.n_questions; k++) {
        const ask_world_question *q = &c->truth.questions[k];
        if (!is_asked(&c->truth, q, open)) continue;
        int64_t from = shown == ASK_SHOWN_OTHER ? find_other(r, i, q) : i;
        if (from < 0) continue;
        ask_answered_row *row = &out->rows[out->n];
        const ask_sightings *seen = is_grey ? &grey : &r->clips[from].seen;
        ok = ask(row, r, seen, &c->truth, q, open, err);
        row->clip = c->index;
        row->shown = r->clips[from].index;
        row->in_moment = row->in_moment && shown == ASK_SHOWN_OWN;
        out->n += ok;
    }
    ask_sightings_free(&grey);
    return ok || ask_fail_in(err, "clip %lld", (long long)c->index);
}

static int64_t count(const ask_remembered *r)
{
    int64_t n = 0;
    for (int64_t i = 0; i < r->n; i++) n += r->clips[i].truth.n_questions;
    return n;
}

bool ask_remembered_ask(ask_answered_rows *out, const ask_remembered *r, ask_shown shown,
                        bool open, ask_error *err)
{
    static const char *const labels[ASK_N_SHOWN] = {"asking", "asking of other clips",
                                                    "asking of grey"};
    ask_answered_rows asked = {.rows = calloc((size_t)count(r) + 1, sizeof *asked.rows)};
    bool ok = asked.rows || ask_fail_memory(err);
    for (int64_t i = 0; ok && i < r->n; i++) {
        ok = ask_cancel_check(r->opt.cancel, err) &&
             ask_about(&asked, r, i, shown, open, err);
        if (ok) ask_progress_send(r->opt.progress, i + 1, r->n, "clips", labels[shown]);
    }
    if (ok)
        *out = asked;
    else
        ask_answered_rows_free(&asked);
    return ok;
}
