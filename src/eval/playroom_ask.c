#include <math.h>
#include <stdlib.h>

#include "eval/playroom_priv.h"

bool playroom_is_visual(const ask_world_question *q)
{
    return q->options[q->answer].has_phrase;
}

/* ---- frames of another clip ---- */

static bool is_any_or(int8_t demanded, int value)
{
    return demanded == ASK_ANY || demanded == value;
}

bool playroom_has_looks(const ask_scene *s, ask_phrase p)
{
    for (int i = 0; i < s->n_toys; i++) {
        const ask_toy *t = &s->toys[i];
        if (is_any_or(p.color, (int)t->color) && is_any_or(p.shape, (int)t->shape) &&
            is_any_or(p.size, (int)t->size) && is_any_or(p.texture, (int)t->texture))
            return true;
    }
    return false;
}

static bool demands_looks(ask_phrase p)
{
    return p.color != ASK_ANY || p.shape != ASK_ANY || p.size != ASK_ANY ||
           p.texture != ASK_ANY;
}

/* Whether what a question is about occurs in a scene: a toy that looks like its subject,
 * or, where the subject may look like anything, like any of the options. */
static bool occurs(const ask_scene *s, const ask_world_question *q)
{
    if (demands_looks(q->subject)) return playroom_has_looks(s, q->subject);
    for (int o = 0; o < ASK_N_OPTIONS; o++)
        if (q->options[o].has_phrase && playroom_has_looks(s, q->options[o].phrase))
            return true;
    return false;
}

/* -1: there is none. */
static int64_t find_other(const ask_playroom *p, int64_t i, const ask_world_question *q)
{
    if (!playroom_is_visual(q)) return -1;
    for (int64_t k = 1; k < p->n_clips; k++) {
        int64_t other = (i + k) % p->n_clips;
        if (!occurs(&p->clips[other].truth.scene, q)) return other;
    }
    return -1;
}

/* ---- rows ---- */

bool playroom_shows(const ask_answer *a, ask_world_moment m)
{
    for (int i = 0; i < a->n_evidence; i++)
        if (playroom_is_in(m, a->frames[a->evidence[i]].t_s)) return true;
    return false;
}

/* Takes the cosines out of the answer. */
static bool take_row(ask_answered_row *out, ask_answer *a, const ask_world_question *q,
                     ask_error *err)
{
    int *duplicate_of = malloc((size_t)a->n_frames * sizeof *duplicate_of);
    if (!duplicate_of) return ask_fail_memory(err);
    for (int i = 0; i < a->n_frames; i++) duplicate_of[i] = a->frames[i].duplicate_of;
    *out = (ask_answered_row){
        .type = q->type,
        .judged = q->judged,
        .visual = playroom_is_visual(q),
        .answer = a->choice,
        .right = a->choice == q->answer,
        .s_right = a->options[q->answer].s,
        .presence = a->presence,
        .checks = a->checks,
        .distance = a->verdict.distance,
        .unknown_words = a->verdict.new_word || a->plan.unknown_words,
        .in_moment = playroom_shows(a, q->moment),
        .has_verdict = a->verdict.known,
        .verdict = a->verdict.verdict,
        .cosines = a->cosines,
        .duplicate_of = duplicate_of,
        .n_frames = a->n_frames,
        .right_option = q->answer,
    };
    a->cosines = NULL;
    return true;
}

static bool ask(ask_answered_row *out, ask_playroom *p, const ask_seen *seen,
                const ask_world_question *q, ask_error *err)
{
    ask_ask_options o = ask_ask_defaults();
    o.sampling = p->opt.sampling;
    o.n_maps = 0;
    o.seed = p->opt.seed;
    o.cancel = p->opt.cancel;
    o.seen = seen;
    o.standard = p->opt.standard;
    const char *choices[ASK_N_OPTIONS];
    for (int k = 0; k < ASK_N_OPTIONS; k++) choices[k] = q->options[k].text;
    ask_answer a;
    if (!ask_ask(&a, NULL, p->session, q->text, choices, ASK_N_OPTIONS, &o, err))
        return false;
    bool ok = take_row(out, &a, q, err);
    ask_answer_free(&a);
    return ok;
}

/* ---- clips ---- */

/* Adds the row of question q of clip i, which is shown what clip `from` is or what is in
 * `grey`. */
static bool add_row(ask_answered_rows *out, ask_playroom *p, int64_t i, int64_t from,
                    const ask_seen *grey, const ask_world_question *q, ask_error *err)
{
    ask_answered_row *row = &out->rows[out->n];
    if (!ask(row, p, grey ? grey : &p->clips[from].seen, q, err))
        return ask_fail_in(err, "clip %lld", (long long)p->clips[i].index);
    row->clip = p->clips[i].index;
    row->shown = p->clips[from].index;
    row->in_moment = row->in_moment && from == i && !grey;
    out->n++;
    return true;
}

static bool ask_about(ask_answered_rows *out, ask_playroom *p, int64_t i, ask_shown shown,
                      ask_error *err)
{
    const ask_world_clip *truth = &p->clips[i].truth;
    ask_seen grey = {0};
    bool is_grey = shown == ASK_SHOWN_GREY;
    bool ok = !is_grey || ask_seen_make_grey(&grey, &p->clips[i].seen, p->opt.cancel, err);
    for (int k = 0; ok && k < truth->n_questions; k++) {
        const ask_world_question *q = &truth->questions[k];
        int64_t from = shown == ASK_SHOWN_OTHER ? find_other(p, i, q) : i;
        ok = from < 0 || add_row(out, p, i, from, is_grey ? &grey : NULL, q, err);
    }
    ask_seen_free(&grey);
    return ok;
}

static int64_t count(const ask_playroom *p)
{
    int64_t n = 0;
    for (int64_t i = 0; i < p->n_clips; i++) n += p->clips[i].truth.n_questions;
    return n;
}

bool ask_playroom_ask(ask_answered_rows *out, ask_playroom *p, ask_shown shown,
                      ask_error *err)
{
    static const char *const labels[ASK_N_SHOWN] = {"asking", "asking of other clips",
                                                    "asking of grey"};
    ask_answered_rows asked = {.rows = calloc((size_t)count(p) + 1, sizeof *asked.rows)};
    bool ok = asked.rows || ask_fail_memory(err);
    for (int64_t i = 0; ok && i < p->n_clips; i++) {
        ok = ask_cancel_check(p->opt.cancel, err) && ask_about(&asked, p, i, shown, err);
        if (ok)
            ask_progress_send(p->opt.progress, i + 1, p->n_clips, "clips", labels[shown]);
    }
    if (ok)
        *out = asked;
    else
        ask_answered_rows_free(&asked);
    return ok;
}

void ask_answered_rows_free(ask_answered_rows *r)
{
    if (!r) return;
    for (int64_t i = 0; i < r->n; i++) {
        free(r->rows[i].cosines);
        free(r->rows[i].duplicate_of);
    }
    free(r->rows);
    *r = (ask_answered_rows){0};
}

/* ---- verdicts ---- */

ask_verdict ask_answered_verdict(const ask_answered_row *row, const ask_verdict_terms *t)
{
    bool redundant;
    const ask_verdict_input in = {
        .outside = row->unknown_words || !(row->distance <= t->most_distance),
        .present = row->presence >= t->threshold,
        .answer = row->answer,
        .checks = &row->checks,
    };
    return ask_verdict_of(&redundant, &in, &t->limits);
}
