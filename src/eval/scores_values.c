#include <math.h>

#include "eval/scores_priv.h"
#include "metric/moments.h"

static double of(bool applies, double value)
{
    return applies ? value : NAN;
}

static bool is_marked(const scores_view *v, ask_data_kind kind)
{
    return v->row->item.record.kind == kind && v->mark.rule != ASK_RULE_NONE;
}

static double count_error(const scores_view *v)
{
    return fabs((double)v->mark.count - (double)v->row->item.record.count);
}

/* ---- moments ---- */

static ask_span truth_at(const ask_data_record *r, int i)
{
    return (ask_span){r->windows[i].start_s, r->windows[i].end_s};
}

typedef double measure(ask_span predicted, ask_span truth);

/* Of the best moment, with the true one that is best for the measure. */
static double best(measure *m, const ask_eval_row *row)
{
    const ask_data_record *r = &row->item.record;
    double most = 0;
    if (row->given.n_moments == 0) return 0;
    const ask_eval_moment *first = &row->given.moments[0];
    for (int i = 0; i < r->n_windows; i++)
        most = fmax(most, m((ask_span){first->start_s, first->end_s}, truth_at(r, i)));
    return most;
}

static double grounded(const scores_view *v, const scores_views *all, measure *m,
                       double least)
{
    const ask_eval_item *item = &v->row->item;
    bool applies = all->has_moments && item->judged && item->record.n_windows > 0 &&
                   v->mark.rule != ASK_RULE_NONE;
    return of(applies, v->mark.right && best(m, v->row) >= least);
}

static double overlap(const scores_view *v, const scores_views *all, measure *m)
{
    return of(all->has_moments && v->row->item.record.n_windows > 0, best(m, v->row));
}

/* Where moments are what is asked for; of a query without one, 0. */
static bool asks_moment(const scores_view *v, const scores_views *all)
{
    const ask_data_record *r = &v->row->item.record;
    return all->has_moments && r->kind == ASK_DATA_RETRIEVE && r->n_windows > 0;
}

/* ---- denials and points ---- */

static double rejected_at05(const scores_view *v, const scores_views *all)
{
    const ask_eval_row *row = v->row;
    bool applies = row->item.knows_denials && row->item.absent && row->given.has_presence;
    return of(applies && !isnan(all->presence_at05),
              row->given.presence < all->presence_at05);
}

static double denied(const scores_view *v, bool absent)
{
    const ask_eval_item *item = &v->row->item;
    return of(item->knows_denials && item->absent == absent, v->denies);
}

static double pointed(const scores_view *v, const scores_views *all)
{
    const ask_eval_row *row = v->row;
    if (!all->has_points || !row->item.has_targets) return NAN;
    if (row->n_pointed == 0) return 0;
    const ask_eval_pointed *p = &row->pointed[0];
    return ask_point_in(p->at.x, p->at.y, p->boxes, p->n_boxes);
}

double scores_value(ask_eval_score score, const scores_view *v, const scores_views *all)
{
    if (!v->answered) return NAN;
    switch (score) {
    case ASK_SCORE_ACCURACY_MC:
        return of(is_marked(v, ASK_DATA_CHOICE), v->mark.right);
    case ASK_SCORE_ACCURACY_OPEN:
        return of(is_marked(v, ASK_DATA_OPEN), v->mark.right);
    case ASK_SCORE_COUNT_ACCURACY:
        return of(is_marked(v, ASK_DATA_COUNT), v->mark.right);
    case ASK_SCORE_COUNT_MAE:
        return of(is_marked(v, ASK_DATA_COUNT), count_error(v));
    case ASK_SCORE_COUNT_MSE:
        return of(is_marked(v, ASK_DATA_COUNT), count_error(v) * count_error(v));
    case ASK_SCORE_GROUNDED_ACCURACY:
        return grounded(v, all, ask_span_iop, ASK_SPAN_GROUNDED_IOP);
    case ASK_SCORE_GROUNDED_ACCURACY_IOU:
        return grounded(v, all, ask_span_iou, ASK_SPAN_GROUNDED_IOU);
    case ASK_SCORE_GROUNDED_ACCURACY_IOU50:
        return grounded(v, all, ask_span_iou, 0.5);
    case ASK_SCORE_ABSENT_REJECTED_AT05:
        return rejected_at05(v, all);
    case ASK_SCORE_ABSENT_REJECTED:
        return denied(v, true);
    case ASK_SCORE_FALSE_REJECTED:
        return denied(v, false);
    case ASK_SCORE_POINTING:
        return pointed(v, all);
    case ASK_SCORE_MOMENT_IOU:
        return overlap(v, all, ask_span_iou);
    case ASK_SCORE_MOMENT_IOP:
        return overlap(v, all, ask_span_iop);
    case ASK_SCORE_MOMENT_R1_50:
        return of(asks_moment(v, all), best(ask_span_iou, v->row) >= 0.5);
    case ASK_SCORE_MOMENT_R1_70:
        return of(asks_moment(v, all), best(ask_span_iou, v->row) >= 0.7);
    case ASK_SCORE_MOMENT_MAP:
        return of(asks_moment(v, all), v->moment_map);
    default:
        return NAN; // SPAN_MAP50 is of more than a question
    }
}
