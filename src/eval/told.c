#include <math.h>

#include "eval/told_priv.h"

bool told_scores(ask_eval_given *out, const ask_answer *a, ask_arena *room)
{
    double *scores = ask_arena_array(room, (size_t)a->n_options, sizeof *scores);
    if (!scores) return false;
    for (int i = 0; i < a->n_options; i++) scores[i] = a->options[i].s;
    out->scores = scores;
    out->n_scores = a->n_options;
    return true;
}

/* ---- moments ---- */

const char *told_label(const char *event, const ask_eval_item *item, ask_arena *room)
{
    return ask_arena_strdup(room, item->event_name ? item->event_name(event) : event);
}

bool told_moments(ask_eval_given *out, const ask_find_moment *moments,
                  const ask_answer_event *events, int n, const ask_eval_item *item,
                  ask_arena *room)
{
    ask_eval_moment *all = ask_arena_array(room, (size_t)n, sizeof *all);
    if (!all) return false;
    for (int i = 0; i < n; i++) {
        const ask_answer_event *e = events ? &events[i] : NULL;
        all[i] = (ask_eval_moment){.start_s = moments[i].start_s,
                                   .end_s = moments[i].end_s,
                                   .score = moments[i].score,
                                   .confidence = e ? e->confidence : 0,
                                   .slot = e ? e->slot : -1};
        if (e && e->event && !(all[i].label = told_label(e->event, item, room)))
            return false;
    }
    out->moments = all;
    out->n_moments = n;
    return true;
}

/* ---- frames ---- */

bool told_evidence(ask_eval_given *out, const ask_answer *a, ask_arena *room)
{
    ask_eval_frame *frames = ask_arena_array(room, (size_t)a->n_evidence, sizeof *frames);
    if (!frames) return false;
    for (int i = 0; i < a->n_evidence; i++) {
        const ask_find_frame *f = &a->frames[a->evidence[i]];
        frames[i] = (ask_eval_frame){f->t_s, f->score};
    }
    out->frames = frames;
    out->n_frames = a->n_evidence;
    return true;
}

static int hottest(const ask_answer_map *m)
{
    int best = 0;
    for (int i = 1; i < m->side * m->side; i++)
        if (m->heat[i] > m->heat[best]) best = i;
    return best;
}

bool told_point(ask_eval_given *out, const ask_answer *a, ask_arena *room)
{
    if (a->n_maps == 0) return true;
    const ask_answer_map *best = &a->maps[0];
    for (int i = 1; i < a->n_maps; i++)
        if (a->frames[a->maps[i].frame].score > a->frames[best->frame].score)
            best = &a->maps[i];
    ask_eval_point *point = ask_arena_alloc(room, sizeof *point);
    if (!point) return false;
    int at = hottest(best);
    *point = (ask_eval_point){
        .t_s = a->frames[best->frame].t_s,
        .x = best->x + best->width * (at % best->side + 0.5) / best->side,
        .y = best->y + best->height * (at / best->side + 0.5) / best->side};
    out->points = point;
    out->n_points = 1;
    return true;
}

/* ---- what it is worth ---- */

void told_presence(ask_eval_given *out, double presence)
{
    out->has_presence = isfinite(presence);
    out->presence = out->has_presence ? presence : 0;
}

const char *told_verdict(const ask_answer *a)
{
    static const char *const names[] = {
        [ASK_VERDICT_OUTSIDE] = "outside",
        [ASK_VERDICT_NOT_IN_VIDEO] = "not_in_video",
        [ASK_VERDICT_PRIOR_ONLY] = "prior_only",
        [ASK_VERDICT_GROUNDED] = "grounded",
        [ASK_VERDICT_WEAK] = "weak",
    };
    return a->verdict.known ? names[a->verdict.verdict] : NULL;
}
