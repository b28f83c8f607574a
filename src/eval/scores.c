#include "eval/scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/fit.h"
#include "eval/scores_priv.h"

const char *ask_eval_score_name(ask_eval_score s)
{
    static const char *const names[ASK_N_SCORES] = {
        [ASK_SCORE_ACCURACY_MC] = "accuracy_mc",
        [ASK_SCORE_ACCURACY_OPEN] = "accuracy_open",
        [ASK_SCORE_COUNT_MAE] = "count_mae",
        [ASK_SCORE_GROUNDED_ACCURACY] = "grounded_accuracy",
        [ASK_SCORE_GROUNDED_ACCURACY_IOU] = "grounded_accuracy_iou",
        [ASK_SCORE_ABSENT_REJECTED] = "absent_rejected",
        [ASK_SCORE_FALSE_REJECTED] = "false_rejected",
        [ASK_SCORE_POINTING] = "pointing",
        [ASK_SCORE_SPAN_MAP50] = "span_map50",
        [ASK_SCORE_COUNT_ACCURACY] = "count_accuracy",
        [ASK_SCORE_COUNT_MSE] = "count_mse",
        [ASK_SCORE_MOMENT_IOU] = "moment_iou",
        [ASK_SCORE_MOMENT_IOP] = "moment_iop",
        [ASK_SCORE_MOMENT_MAP] = "moment_map",
        [ASK_SCORE_MOMENT_R1_50] = "moment_r1_50",
        [ASK_SCORE_MOMENT_R1_70] = "moment_r1_70",
        [ASK_SCORE_GROUNDED_ACCURACY_IOU50] = "grounded_accuracy_iou50",
        [ASK_SCORE_ABSENT_REJECTED_AT05] = "absent_rejected_at05",
    };
    return names[s];
}

/* ---- videos ---- */

static int by_video(const void *a, const void *b)
{
    const scores_view *const *x = a, *const *y = b;
    return strcmp((*x)->row->item.record.video, (*y)->row->item.record.video);
}

/* Numbers them, so that rows of one video have one number. */
static bool number_videos(scores_views *all, ask_error *err)
{
    scores_view **sorted = malloc((all->n + 1) * sizeof *sorted);
    if (!sorted) return ask_fail_memory(err);
    for (size_t i = 0; i < all->n; i++) sorted[i] = &all->views[i];
    if (all->n > 0) qsort(sorted, all->n, sizeof *sorted, by_video);
    all->n_videos = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (i == 0 || by_video(&sorted[i - 1], &sorted[i]) != 0) all->n_videos++;
        sorted[i]->video = all->n_videos - 1;
    }
    for (size_t i = 0; i < all->n; i++) all->videos[i] = all->views[i].video;
    free(sorted);
    return true;
}

/* ---- views ---- */

static bool views_new(scores_views *all, const ask_eval_row *rows, size_t n,
                      const ask_bootstrap_options *opt, ask_error *err)
{
    *all = (scores_views){
        .views = calloc(n + 1, sizeof *all->views),
        .n = n,
        .videos = calloc(n + 1, sizeof *all->videos),
        .values = calloc(n + 1, sizeof *all->values),
        .bootstrap = opt,
    };
    if (!all->views || !all->videos || !all->values) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) all->views[i].row = &rows[i];
    return number_videos(all, err);
}

static void views_free(scores_views *all)
{
    free(all->views);
    free(all->videos);
    free(all->values);
}

static bool view_of(scores_view *v, const ask_eval_decision *d, ask_error *err)
{
    v->answered = true;
    v->denies = false;
    const ask_eval_item *item = &v->row->item;
    return ask_eval_mark_of(&v->mark, item, d, err) &&
           (!item->knows_denials || ask_eval_denies(&v->denies, item, d, err));
}

static bool has_label(const ask_eval_given *g)
{
    for (int i = 0; i < g->n_moments; i++)
        if (g->moments[i].label) return true;
    return false;
}

/* Of questions that do have an answer a share of 0.05 lies below it. */
static void measure_presence(scores_views *all)
{
    const double FALSE_REJECTION = 0.05;
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        const ask_eval_row *row = all->views[i].row;
        bool is_there = row->item.knows_denials && !row->item.absent;
        if (is_there && row->given.has_presence) all->values[n++] = row->given.presence;
    }
    all->presence_at05 = ask_quantile(all->values, (int64_t)n, FALSE_REJECTION);
}

/* As the model answered. */
static bool take_own(scores_views *all, ask_error *err)
{
    for (size_t i = 0; i < all->n; i++) {
        const ask_eval_row *row = all->views[i].row;
        if (!view_of(&all->views[i], &row->given.decision, err) ||
            !scores_moment_map(&all->views[i].moment_map, row, err))
            return false;
        all->has_moments |= row->given.n_moments > 0;
        all->has_points |= row->n_pointed > 0;
        all->has_labels |= has_label(&row->given);
    }
    measure_presence(all);
    return true;
}

/* As a baseline did; *any: of some row it is known. */
static bool take_baseline(bool *any, scores_views *all, ask_eval_baseline b, ask_error *err)
{
    *any = false;
    all->has_moments = all->has_points = all->has_labels = false;
    all->presence_at05 = NAN;
    for (size_t i = 0; i < all->n; i++) {
        scores_view *v = &all->views[i];
        v->answered = v->row->has_baseline[b];
        *any |= v->answered;
        if (v->answered && !view_of(v, &v->row->baselines[b], err)) return false;
    }
    return true;
}

/* ---- numbers ---- */

bool scores_number(ask_eval_number *out, const scores_views *all, ask_error *err)
{
    ask_eval_number number = {0};
    for (size_t i = 0; i < all->n; i++) number.n += !isnan(all->values[i]);
    if (!ask_mean_of(&number.value, &number.interval, all->values, NULL, all->videos,
                     all->n, all->n_videos, all->bootstrap, err))
        return false;
    *out = number;
    return true;
}

static void tagged_free(ask_eval_tagged *tags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(tags[i].group);
        free(tags[i].name);
    }
    free(tags);
}

static void table_free(ask_eval_table *t)
{
    tagged_free(t->by_type, t->n_types);
    tagged_free(t->by_tag, t->n_tags);
    tagged_free(t->open_by_type, t->n_open_types);
    tagged_free(t->open_by_tag, t->n_open_tags);
    free(t->official);
    *t = (ask_eval_table){0};
}

/* On failure *out is to be freed. */
static bool grade_views(ask_eval_table *out, scores_views *all, ask_error *err)
{
    for (int s = 0; s < ASK_N_SCORES; s++) {
        for (size_t i = 0; i < all->n; i++)
            all->values[i] = scores_value((ask_eval_score)s, &all->views[i], all);
        if (!scores_number(&out->numbers[s], all, err)) return false;
    }
    return scores_of_events(&out->numbers[ASK_SCORE_SPAN_MAP50], all, err) &&
           scores_of_tags(out, all, err) && scores_official(out, all, err);
}

static void count_rows(ask_eval_scores *out, const scores_views *all)
{
    out->n_rows = all->n;
    out->n_videos = all->n_videos;
    for (size_t i = 0; i < all->n; i++) {
        bool failed = all->views[i].row->error;
        out->n_errors += failed;
        out->n_invalid += !failed && all->views[i].mark.rule == ASK_RULE_INVALID;
    }
}

/* How much better the model is at choices; own: [n], of what it answered. */
static bool compare_mc(ask_eval_number *out, const scores_views *all, const double *own,
                       ask_error *err)
{
    for (size_t i = 0; i < all->n; i++)
        all->values[i] = scores_value(ASK_SCORE_ACCURACY_MC, &all->views[i], all);
    *out = (ask_eval_number){0};
    for (size_t i = 0; i < all->n; i++) out->n += !isnan(own[i] - all->values[i]);
    return ask_mean_difference(&out->value, &out->interval, own, all->values, all->videos,
                               all->n, all->n_videos, all->bootstrap, err);
}

static bool grade_baselines(ask_eval_scores *out, scores_views *all, ask_error *err)
{
    double *own = malloc((all->n + 1) * sizeof *own);
    if (!own) return ask_fail_memory(err);
    for (size_t i = 0; i < all->n; i++)
        own[i] = scores_value(ASK_SCORE_ACCURACY_MC, &all->views[i], all);
    bool ok = true;
    for (int b = 0; b < ASK_N_BASELINES && ok; b++) {
        ask_eval_compared *c = &out->baselines[b];
        ok = take_baseline(&c->known, all, (ask_eval_baseline)b, err) &&
             (!c->known || (grade_views(&c->table, all, err) &&
                            compare_mc(&c->better_mc, all, own, err)));
    }
    free(own);
    return ok;
}

bool ask_eval_grade(ask_eval_scores *out, const ask_eval_row *rows, size_t n,
                    const ask_bootstrap_options *opt, ask_error *err)
{
    ask_eval_scores s = {0};
    scores_views all = {0};
    bool ok = views_new(&all, rows, n, opt, err) && take_own(&all, err);
    if (ok) count_rows(&s, &all);
    ok = ok && grade_views(&s.own, &all, err) && grade_baselines(&s, &all, err);
    views_free(&all);
    if (ok)
        *out = s;
    else
        ask_eval_scores_free(&s);
    return ok;
}

void ask_eval_scores_free(ask_eval_scores *s)
{
    if (!s) return;
    table_free(&s->own);
    for (int b = 0; b < ASK_N_BASELINES; b++) table_free(&s->baselines[b].table);
    *s = (ask_eval_scores){0};
}
