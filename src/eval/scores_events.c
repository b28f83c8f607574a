#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/scores_priv.h"

/* What is asked about: a video, or a part of one. Its events, and those that a memory
 * finds in it, are told with every question; they count once. */
typedef struct {
    const scores_view *first; // the first question about it
} unit;

static double compare_number(double a, double b)
{
    return (a > b) - (a < b);
}

static int by_unit(const void *a, const void *b)
{
    const scores_view *x = ((const unit *)a)->first, *y = ((const unit *)b)->first;
    const ask_data_record *p = &x->row->item.record, *q = &y->row->item.record;
    if (x->video != y->video) return x->video < y->video ? -1 : 1;
    if (p->has_clip != q->has_clip) return p->has_clip ? 1 : -1;
    if (!p->has_clip) return 0;
    double order = compare_number(p->clip.start_s, q->clip.start_s);
    if (order == 0) order = compare_number(p->clip.end_s, q->clip.end_s);
    return (int)order;
}

static int by_unit_and_place(const void *a, const void *b)
{
    int order = by_unit(a, b);
    const unit *x = a, *y = b;
    return order ? order
                 : (x->first->row > y->first->row) - (x->first->row < y->first->row);
}

/* Of what has events, and was looked at, once each. */
static size_t find_units(unit *units, const scores_views *all)
{
    size_t n = 0, n_all = 0;
    for (size_t i = 0; i < all->n; i++) {
        const ask_eval_row *row = all->views[i].row;
        if (row->item.n_events > 0 && all->views[i].answered)
            units[n_all++].first = &all->views[i];
    }
    if (n_all > 0) qsort(units, n_all, sizeof *units, by_unit_and_place);
    for (size_t i = 0; i < n_all; i++)
        if (n == 0 || by_unit(&units[n - 1], &units[i]) != 0) units[n++] = units[i];
    return n;
}

static bool add_unit(ask_event_ap *e, const ask_eval_row *row, ask_error *err)
{
    const ask_eval_given *g = &row->given;
    ask_named_span *found = calloc((size_t)g->n_moments + 1, sizeof *found);
    if (!found) return ask_fail_memory(err);
    size_t n = 0;
    for (int i = 0; i < g->n_moments; i++) {
        const ask_eval_moment *m = &g->moments[i];
        if (m->label)
            found[n++] = (ask_named_span){m->label, {m->start_s, m->end_s}, m->confidence};
    }
    bool ok =
        ask_event_ap_add(e, found, n, row->item.events, (size_t)row->item.n_events, err);
    free(found);
    return ok;
}

/* ---- the interval ---- */

typedef struct {
    ask_event_ap *events;
    const unit *units;
    size_t n;
    double *weights; // [n]
} drawn;

static double mean_of_draw(void *user, const double *videos)
{
    drawn *d = user;
    for (size_t i = 0; i < d->n; i++) d->weights[i] = videos[d->units[i].first->video];
    return ask_event_ap_mean(d->events, d->weights);
}

static bool grade_units(ask_eval_number *out, const unit *units, size_t n,
                        const scores_views *all, ask_error *err)
{
    drawn d = {.events = ask_event_ap_new(0.5, err),
               .units = units,
               .n = n,
               .weights = calloc(n + 1, sizeof *d.weights)};
    ask_interval interval = {NAN, NAN};
    bool ok = d.events && (d.weights || ask_fail_memory(err));
    for (size_t i = 0; i < n && ok; i++) ok = add_unit(d.events, units[i].first->row, err);
    ok = ok && ask_event_ap_finish(d.events, err) &&
         ask_bootstrap(&interval, mean_of_draw, &d, all->n_videos, all->bootstrap, err);
    if (ok)
        *out = (ask_eval_number){ask_event_ap_mean(d.events, NULL), interval,
                                 ask_event_ap_n_truths(d.events)};
    free(d.weights);
    ask_event_ap_free(d.events);
    return ok;
}

bool scores_of_events(ask_eval_number *out, const scores_views *all, ask_error *err)
{
    *out = (ask_eval_number){.value = NAN, .interval = {NAN, NAN}};
    if (!all->has_labels) return true;
    unit *units = calloc(all->n + 1, sizeof *units);
    if (!units) return ask_fail_memory(err);
    size_t n = find_units(units, all);
    bool ok = n == 0 || grade_units(out, units, n, all, err);
    free(units);
    return ok;
}
