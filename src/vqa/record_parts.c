#include "vqa/record_parts_priv.h"

#include <stdlib.h>

/* ---- checks ---- */

static ask_record_trial trial_of(const ask_check *c, bool words)
{
    ask_record_trial t = {.s = c->s, .n = c->n};
    if (words)
        t.same = ask_known_bool(c->answer == 0);
    else
        t.answer = ask_known_int(c->answer);
    return t;
}

bool record_set_checks(ask_record *r, const ask_checks *c, bool words, ask_error *err)
{
    ask_record_checks part = {0};
    ask_record_trial trials[ASK_N_CHECKS];
    const struct {
        const char *path;
        const ask_check *from;
        const ask_record_trial **to;
    } rows[ASK_N_CHECKS] = {
        {"checks.full", &c->full, &part.full},
        {"checks.blind", &c->blind, &part.blind},
        {"checks.shuffled", &c->shuffled, &part.shuffled},
        {"checks.evidence_only", &c->evidence_only, &part.evidence_only},
        {"checks.evidence_removed", &c->evidence_removed, &part.evidence_removed},
        {"checks.random_removed", &c->random_removed, &part.random_removed},
    };
    for (int i = 0; i < ASK_N_CHECKS; i++) {
        const ask_check *from = rows[i].from;
        if (from->why_not) {
            if (!ask_record_note(r, rows[i].path, from->why_not, err)) return false;
            continue;
        }
        trials[i] = trial_of(from, words);
        *rows[i].to = &trials[i];
    }
    return ask_record_set_checks(r, &part, err);
}

/* ---- the verdict ---- */

bool record_set_verdict(ask_record *r, const ask_answer_verdict *v, const char *note,
                        ask_error *err)
{
    static const ask_record_worth words[] = {
        [ASK_VERDICT_OUTSIDE] = ASK_WORTH_OUTSIDE,
        [ASK_VERDICT_NOT_IN_VIDEO] = ASK_WORTH_NOT_IN_VIDEO,
        [ASK_VERDICT_PRIOR_ONLY] = ASK_WORTH_PRIOR_ONLY,
        [ASK_VERDICT_GROUNDED] = ASK_WORTH_GROUNDED,
        [ASK_VERDICT_WEAK] = ASK_WORTH_WEAK,
    };
    if (!v->known) return ask_record_note(r, "verdict", v->why_not, err);
    ask_record_verdict part = {
        .value = words[v->verdict],
        .note = note,
        .tau_prior = v->limits.tau_prior,
        .tau_suff = v->limits.tau_suff,
        .tau_nec = v->limits.tau_nec,
        .new_word = v->new_word,
    };
    if (v->most_distance >= 0) {
        part.distance = ask_known_real(v->distance);
        part.most_distance = ask_known_real(v->most_distance);
    }
    return ask_record_set_verdict(r, &part, err);
}

/* ---- maps ---- */

static void list_map(ask_record_map *out, double *values, const ask_answer_map *m)
{
    int n = m->side * m->side;
    for (int k = 0; k < n; k++) values[k] = m->heat[k];
    *out = (ask_record_map){
        .frame = m->frame,
        .rows = m->side,
        .cols = m->side,
        .x = m->x,
        .y = m->y,
        .width = m->width,
        .height = m->height,
        .values = {values, (size_t)n},
    };
}

bool record_set_maps(ask_record *r, const ask_answer_map *maps, int n, const char *method,
                     const char *layer, ask_error *err)
{
    size_t n_maps = (size_t)n, n_cells = (size_t)maps[0].side * (size_t)maps[0].side;
    ask_record_map *part = malloc(n_maps * sizeof *part);
    double *values = malloc(n_maps * n_cells * sizeof *values);
    bool ok = (part && values) || ask_fail_memory(err);
    for (size_t i = 0; ok && i < n_maps; i++) {
        list_map(&part[i], values + i * n_cells, &maps[i]);
        part[i].method = method;
        part[i].layer = layer;
    }
    ok = ok && ask_record_set_saliency(r, part, n_maps, err);
    free(values);
    free(part);
    return ok;
}
