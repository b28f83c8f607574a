#include "eval/row.h"

#include <string.h>

#include "base/number.h"
#include "metric/answer.h"

const char *ask_eval_view_name(ask_eval_view view)
{
    static const char *const names[ASK_N_VIEWS] = {"video", "blind", "shuffled"};
    return names[view];
}

const char *ask_eval_baseline_name(ask_eval_baseline b)
{
    static const char *const names[ASK_N_BASELINES] = {"blind", "shuffled", "majority",
                                                       "question_only"};
    return names[b];
}

const char *ask_eval_rule_name(ask_eval_rule rule)
{
    static const char *const names[ASK_N_RULES] = {
        [ASK_RULE_NONE] = "none",   [ASK_RULE_INVALID] = "invalid",
        [ASK_RULE_INDEX] = "index", [ASK_RULE_EXACT] = "exact",
        [ASK_RULE_OTHER] = "other", [ASK_RULE_NORMALISED] = "normalised",
        [ASK_RULE_COUNT] = "count"};
    return names[rule];
}

/* ---- marking ---- */

static ask_eval_mark mark_choice(const ask_data_record *r, const ask_eval_decision *d)
{
    if (r->answer_index < 0) return (ask_eval_mark){.rule = ASK_RULE_NONE};
    if (d->choice < 0) return (ask_eval_mark){.rule = ASK_RULE_INVALID};
    return (ask_eval_mark){.rule = ASK_RULE_INDEX, .right = d->choice == r->answer_index};
}

static bool mark_open(ask_eval_mark *out, const ask_data_record *r,
                      const ask_eval_decision *d, ask_error *err)
{
    const char *truths[] = {r->answer, r->other_answer};
    ask_match best = ASK_MATCH_NONE;
    *out = (ask_eval_mark){.rule = ASK_RULE_NONE};
    if (!r->answer) return true;
    out->rule = ASK_RULE_INVALID;
    if (!d->text) return true;
    for (int i = 0; i < 2 && truths[i]; i++) {
        ask_match match;
        if (!ask_answer_match(&match, d->text, truths[i], err)) return false;
        if (match != ASK_MATCH_NONE && best != ASK_MATCH_EXACT) best = match;
    }
    out->right = best != ASK_MATCH_NONE;
    out->rule = best == ASK_MATCH_EXACT        ? ASK_RULE_EXACT
                : best == ASK_MATCH_NORMALISED ? ASK_RULE_NORMALISED
                                               : ASK_RULE_OTHER;
    return true;
}

/* A number, or words that are one. */
static bool count_of(double *out, const ask_eval_decision *d)
{
    if (!d->has_count) return d->text && ask_parse_double(out, d->text);
    *out = d->count;
    return true;
}

static ask_eval_mark mark_count(const ask_eval_item *item, const ask_eval_decision *d)
{
    double count;
    ask_eval_mark m = {.rule = ASK_RULE_NONE, .count = item->counts.low};
    if (!item->record.has_count) return m;
    m.rule = ASK_RULE_INVALID;
    if (!count_of(&count, d)) return m;
    m.rule = ASK_RULE_COUNT;
    m.count = ask_count_round(count, item->counts);
    m.right = m.count == item->record.count;
    return m;
}

bool ask_eval_mark_of(ask_eval_mark *out, const ask_eval_item *item,
                      const ask_eval_decision *d, ask_error *err)
{
    switch (item->record.kind) {
    case ASK_DATA_CHOICE:
        *out = mark_choice(&item->record, d);
        return true;
    case ASK_DATA_OPEN:
        return mark_open(out, &item->record, d, err);
    case ASK_DATA_COUNT:
        *out = mark_count(item, d);
        return true;
    default:
        *out = (ask_eval_mark){.rule = ASK_RULE_NONE};
        return true;
    }
}

bool ask_eval_denies(bool *out, const ask_eval_item *item, const ask_eval_decision *d,
                     ask_error *err)
{
    *out =
        d->rejects || (d->choice >= 0 && d->choice < 32 && (item->denies >> d->choice & 1));
    if (*out || d->choice >= 0 || !d->text || !item->denial) return true;
    ask_match match;
    if (!ask_answer_match(&match, d->text, item->denial, err)) return false;
    *out = match != ASK_MATCH_NONE;
    return true;
}

/* ---- making ---- */

/* What ends a run, rather than the one question. */
static bool is_grave(ask_error_code code)
{
    return code == ASK_ERR_CANCELLED || code == ASK_ERR_NOMEM || code == ASK_ERR_MODEL ||
           code == ASK_ERR_DEVICE || code == ASK_ERR_BUG;
}

/* Holds the points against the targets. */
static bool keep_points(ask_eval_row *row, const ask_eval_targets *t, ask_arena *room)
{
    const ask_eval_given *g = &row->given;
    if (g->n_points == 0 || !t) return true;
    ask_eval_pointed *pointed = ask_arena_array(room, (size_t)g->n_points, sizeof *pointed);
    if (!pointed) return false;
    for (int i = 0; i < g->n_points; i++) {
        ask_box *boxes = ask_arena_array(room, (size_t)t->n, sizeof *boxes);
        if (!boxes) return false;
        int n = ask_eval_boxes_at(boxes, t, g->points[i].t_s);
        pointed[i] = (ask_eval_pointed){g->points[i], boxes, n};
    }
    row->pointed = pointed;
    row->n_pointed = g->n_points;
    return true;
}

bool ask_eval_record(ask_eval_row *out, const ask_answerer *a, const ask_eval_item *item,
                     ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err)
{
    ask_error why = {0};
    ask_eval_row row = {.item = *item, .given.decision.choice = -1};
    row.item.targets = NULL;
    if (!a->answer(a->user, &row.given, item, view, seed, room, &why)) {
        if (is_grave(why.code)) {
            if (err) *err = why;
            return ask_fail_in(err, "question %s", item->record.id);
        }
        row.error = ask_arena_strdup(room, why.message);
        if (!row.error) return ask_fail_memory(err);
    }
    if (!keep_points(&row, item->targets, room)) return ask_fail_memory(err);
    row.given.points = NULL;
    row.given.n_points = 0;
    if (!ask_eval_mark_of(&row.mark, item, &row.given.decision, err)) return false;
    *out = row;
    return true;
}
