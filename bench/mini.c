/* bench/mini.c - the default model on clips of a full world that it has not seen: what it
 * finds, what it answers, and whether the verdict sees through planted cheats.
 *
 * Clips of the test split, with its compositions that occur nowhere else, and clutter 0 to
 * 2; thresholds are those of the model's calibration.json, which was fitted on other seeds.
 * ASKANCE_MODEL names another model than models/mini.
 *
 * Answers are the numbers of `askance eval playroom` (docs/formats.md, "Evaluation runs").
 * Checks ask ten times more, so verdicts are of fewer clips. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "eval/by_memory.h"
#include "eval/remembered.h"
#include "eval/run.h"
#include "eval/summary.h"
#include "support/place.h"
#include "support/table.h"
#include "support/unlearned.h"

enum {
    SEED = 90001,
    N_CLIPS = 200,   // to find in, and to ask about
    N_CHECKED = 50,  // of these: verdicts, and cheats
    N_UNLEARNED = 20 // and cheats by models that learned nothing
};

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/mini: %s\n", err->message);
    exit(1);
}

/* ---- a model ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_calibration calibration;
    ask_standard standard;
} study;

static void study_open(study *s, const char *dir)
{
    ask_error err = {0};
    ask_memory_info memory;
    *s = (study){.model = ask_model_open(dir, NULL, &err)};
    s->session = s->model ? ask_session_open(s->model, &err) : NULL;
    if (!s->session || !ask_memory_info_of(&memory, s->model, &err) ||
        !ask_calibration_read(&s->calibration, dir, &err) ||
        !ask_standard_read(&s->standard, dir, memory.n_features, &err))
        give_up(&err);
    if (!s->standard.has_limits) {
        fprintf(stderr,
                "bench/mini: %s/calibration.json has no thresholds: `askance model "
                "calibrate` writes them\n",
                dir);
        exit(1);
    }
}

static void study_close(study *s)
{
    ask_session_close(s->session);
    ask_model_close(s->model);
    ask_standard_free(&s->standard);
    ask_calibration_free(&s->calibration);
}

/* Whether there is a model with a memory; else says so. */
static bool is_there(const char *dir)
{
    char *weights = bench_path(dir, "model.safetensors");
    bool has_weights = ask_file_exists(weights);
    ask_error err = {0};
    ask_memory_info memory;
    ask_model *m = has_weights ? ask_model_open(dir, NULL, &err) : NULL;
    if (has_weights && !m) give_up(&err);
    bool ok = m && ask_memory_info_of(&memory, m, NULL);
    if (!has_weights)
        printf("mini: skipped: %s has no weights (make -C models/mini train calibrate ship "
               "makes them)\n",
               dir);
    else if (!ok)
        printf("mini: skipped: %s has no memory of videos\n", dir);
    ask_model_close(m);
    free(weights);
    return ok;
}

/* ---- what it finds ---- */

static void tell_hits(const ask_found_summary *sum, const char *what, double target,
                      const ask_query_kind *kinds, int n_kinds)
{
    double n = 0, n_hit = 0, random = 0, centre = 0;
    for (int i = 0; i < n_kinds; i++) {
        const ask_hits *h = &sum->hits[kinds[i]];
        if (!h->n) continue;
        n += (double)h->n;
        n_hit += (double)h->n_hit;
        random += h->random * (double)h->n;
        centre += h->centre * (double)h->n;
    }
    bench_table_row(what, n_hit / n, "hit@1",
                    "target %.2f; %.1f of random (target 2.5): %.2f; centre %.2f; n %.0f",
                    target, n_hit / random, random / n, centre / n, n);
}

static ask_found_summary find(const study *s, const char *world)
{
    ask_error err = {0};
    ask_playroom_options o = ask_playroom_defaults();
    ask_found_rows rows;
    ask_found_summary sum;
    o.calibration = &s->calibration;
    o.standard = &s->standard;
    ask_playroom *p = ask_playroom_open(world, s->session, &o, &err);
    if (!p || !ask_playroom_find(&rows, p, &err) ||
        !ask_found_summarise(&sum, &rows, s->calibration.threshold, &err))
        give_up(&err);
    ask_playroom_close(p);
    free(rows.rows);
    return sum;
}

static void tell_found(const study *s, const char *world)
{
    static const ask_query_kind objects[] = {ASK_QUERY_OBJECT, ASK_QUERY_ATTRIBUTE};
    static const ask_query_kind events[] = {ASK_QUERY_EVENT};
    if (!ask_model_info_of(s->model).has_pictures) {
        puts("  find: this model has nothing to find texts with");
        return;
    }
    const ask_found_summary sum = find(s, world);
    tell_hits(&sum, "find: objects and attributes", 0.90, objects, 2);
    tell_hits(&sum, "find: events", 0.80, events, 1);
    bench_table_row("find: what is there is kept", 1 - sum.false_rejection, "of all",
                    "target 0.90, at the calibration's threshold; n %lld",
                    (long long)sum.n_there);
    const ask_rejections *foreign = &sum.rejected[ASK_QUERY_FOREIGN];
    const ask_rejections *near = &sum.rejected[ASK_QUERY_NEAR_MISS];
    bench_table_row("find: what is not there is rejected", foreign->at_threshold, "of all",
                    "target 0.80; %.2f where a tenth is wrongly rejected; n %lld",
                    foreign->at_tenth, (long long)foreign->n);
    bench_table_row("  the colour of one, the shape of another", near->at_threshold,
                    "of all", "%.2f where a tenth is wrongly rejected; n %lld",
                    near->at_tenth, (long long)near->n);
}

/* ---- what it answers ---- */

static ask_eval_run_result ask_all(const study *s, const char *world, const char *out)
{
    ask_error err = {0};
    ask_by_memory_options with = ask_by_memory_defaults();
    ask_eval_run_options o = {
        .struct_size = sizeof o,
        .task = "playroom",
        .baselines = {[ASK_BASELINE_BLIND] = true, [ASK_BASELINE_QUESTION_ONLY] = true},
        .seed = 1};
    ask_eval_run_result result;
    with.no_checks = true;
    ask_eval_set *set = ask_eval_set_open(o.task, world, NULL, NULL, &err);
    ask_by_memory *by = set ? ask_by_memory_open(s->session, &with, &err) : NULL;
    if (!by) give_up(&err);
    const ask_answerer a = ask_by_memory_answerer(by);
    if (!ask_eval_run(&result, out, set, &a, &o, &err)) give_up(&err);
    ask_by_memory_close(by);
    ask_eval_set_close(set);
    return result;
}

static void tell_number(const char *what, const ask_eval_number *n, const char *unit,
                        const char *target)
{
    bench_table_row(what, n->value, unit, "target %s; %.2f to %.2f; n %zu", target,
                    n->interval.low, n->interval.high, n->n);
}

/* Of nothing where no question has the tag. */
static ask_eval_number tagged(const ask_eval_tagged *tags, size_t n, const char *group,
                              const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(tags[i].group, group) == 0 && strcmp(tags[i].name, name) == 0)
            return tags[i].number;
    return (ask_eval_number){NAN, {NAN, NAN}, 0};
}

/* Types of which most questions are NExT-QA's temporal ones. */
static bool is_temporal(const char *type)
{
    return strcmp(type, ask_question_type_name(ASK_QUESTION_ORDER)) == 0 ||
           strcmp(type, ask_question_type_name(ASK_QUESTION_TRANSITION)) == 0;
}

static void tell_types(const ask_eval_table *t)
{
    for (size_t i = 0; i < t->n_types; i++) {
        const ask_eval_tagged *type = &t->by_type[i];
        char what[64];
        snprintf(what, sizeof what, "  %s", type->name);
        tell_number(what, &type->number, "right",
                    is_temporal(type->name) ? "0.82" : "0.70");
    }
    const ask_eval_number all = tagged(t->by_tag, t->n_tags, "reasoning", "temporal");
    tell_number("  all that is temporal", &all, "right", "0.82");
}

static void tell_held_out(const ask_eval_table *t)
{
    const ask_eval_number known = tagged(t->by_tag, t->n_tags, "held_out", "no");
    const ask_eval_number held_out = tagged(t->by_tag, t->n_tags, "held_out", "yes");
    bench_table_row("  less where something is held out", known.value - held_out.value,
                    "right", "target at most 0.07; %.2f to %.2f right; n %zu",
                    held_out.interval.low, held_out.interval.high, held_out.n);
}

static void tell_choices(const ask_eval_table *t)
{
    const ask_eval_number plain = tagged(t->by_tag, t->n_tags, "clutter", "0-1");
    tell_number("ask: of four choices, clutter 0 and 1", &plain, "right", "0.92");
    tell_number("ask: of four choices", &t->numbers[ASK_SCORE_ACCURACY_MC], "right",
                "0.85");
    tell_types(t);
    tell_held_out(t);
}

static void tell_open(const ask_eval_table *t)
{
    const ask_eval_number plain = tagged(t->open_by_tag, t->n_open_tags, "clutter", "0-1");
    tell_number("ask: open, clutter 0 and 1", &plain, "right", "0.85");
    tell_number("ask: open", &t->numbers[ASK_SCORE_ACCURACY_OPEN], "right", "0.77");
    tell_number("ask: how many, open", &t->numbers[ASK_SCORE_COUNT_MAE], "off",
                "at most 0.3");
}

static void tell_evidence(const ask_eval_table *t)
{
    static const struct {
        ask_eval_score score;
        const char *what, *target;
    } rows[] = {
        {ASK_SCORE_GROUNDED_ACCURACY, "right, and its moment lies in the true one",
         "0.75 (IoP 0.5)"},
        {ASK_SCORE_GROUNDED_ACCURACY_IOU, "right, and its moment is the true one",
         "0.65 (IoU 0.3)"},
        {ASK_SCORE_POINTING, "points at what is asked about", "0.90"},
        {ASK_SCORE_SPAN_MAP50, "events: mAP at IoU 0.5", "0.65"},
        {ASK_SCORE_ABSENT_REJECTED_AT05, "absent ones rejected, at 0.05 wrongly", "0.90"},
        {ASK_SCORE_ABSENT_REJECTED, "  with the model's own threshold", "none"},
        {ASK_SCORE_FALSE_REJECTED, "  then wrongly rejected", "none"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        tell_number(rows[i].what, &t->numbers[rows[i].score], "of all", rows[i].target);
}

/* Of all families the one that is farthest from chance. */
static void tell_baseline(const char *what, const ask_eval_table *t)
{
    const double chance = 1.0 / ASK_N_OPTIONS, most = 0.05;
    const ask_eval_tagged *worst = NULL;
    double far = -1;
    int n = 0, n_surely = 0;
    for (size_t i = 0; i < t->n_tags; i++) {
        const ask_eval_tagged *tag = &t->by_tag[i];
        const ask_eval_number *x = &tag->number;
        if (strcmp(tag->group, "family") != 0) continue;
        n++;
        n_surely += x->interval.low > chance + most || x->interval.high < chance - most;
        if (fabs(x->value - chance) <= far) continue;
        far = fabs(x->value - chance);
        worst = tag;
    }
    if (!worst) return;
    bench_table_row(what, worst->number.value, "right",
                    "target 0.20 to 0.30; %s: %.2f to %.2f; n %zu; %d of %d families "
                    "are surely out; all: %.2f",
                    worst->name, worst->number.interval.low, worst->number.interval.high,
                    worst->number.n, n_surely, n, t->numbers[ASK_SCORE_ACCURACY_MC].value);
}

static void tell_asked(const study *s, const char *world, const char *out)
{
    ask_eval_run_result r = ask_all(s, world, out);
    const ask_eval_compared *baselines = r.scores.baselines;
    tell_choices(&r.scores.own);
    tell_open(&r.scores.own);
    tell_evidence(&r.scores.own);
    tell_baseline("it sees nothing: the farthest family",
                  &baselines[ASK_BASELINE_BLIND].table);
    tell_baseline("learnt from words: the farthest family",
                  &baselines[ASK_BASELINE_QUESTION_ONLY].table);
    ask_eval_run_result_free(&r);
}

/* ---- verdicts ---- */

static ask_remembered *look(const study *s, const char *world, int n_clips)
{
    ask_error err = {0};
    ask_remembered_options o = ask_remembered_defaults();
    o.n_clips = n_clips;
    o.standard = &s->standard;
    ask_remembered *r = ask_remembered_open(world, s->session, &o, &err);
    if (!r) give_up(&err);
    return r;
}

static ask_answered_rows answers(const ask_remembered *r, ask_shown shown)
{
    ask_error err = {0};
    ask_answered_rows rows;
    if (!ask_remembered_ask(&rows, r, shown, false, &err)) give_up(&err);
    return rows;
}

static void tell_verdicts(const char *what, const ask_answers *a)
{
    bench_table_row(what, (double)a->n, "answers",
                    "outside %lld, not in video %lld, prior only %lld, grounded %lld, weak "
                    "%lld",
                    (long long)a->verdicts[ASK_VERDICT_OUTSIDE],
                    (long long)a->verdicts[ASK_VERDICT_NOT_IN_VIDEO],
                    (long long)a->verdicts[ASK_VERDICT_PRIOR_ONLY],
                    (long long)a->verdicts[ASK_VERDICT_GROUNDED],
                    (long long)a->verdicts[ASK_VERDICT_WEAK]);
}

static void tell_judged(const ask_remembered *r)
{
    ask_answered_rows rows = answers(r, ASK_SHOWN_OWN);
    ask_answered_summary sum = ask_answered_summarise(&rows, NULL);
    const ask_answers *a = &sum.judged;
    int64_t n_grounded = a->verdicts[ASK_VERDICT_GROUNDED];
    bench_table_row("verdict: grounded, of right answers",
                    ask_share(a->n_right_grounded, a->n_right), "of all",
                    "target 0.50; questions with a judged moment: %lld", (long long)a->n);
    bench_table_row("verdict: right and in the moment, of grounded",
                    ask_share(a->n_held, n_grounded), "of all", "target 0.90; n %lld",
                    (long long)n_grounded);
    tell_verdicts("  with a judged moment", a);
    tell_verdicts("  the others", &sum.others);
    ask_answered_rows_free(&rows);
}

/* ---- cheats ---- */

/* The footage counts as covered, so that nothing but the checks can tell. */
static void tell_cheat(const ask_remembered *r, const char *what, ask_shown shown,
                       ask_verdict verdict, const char *target,
                       const ask_standard *standard, double threshold)
{
    ask_answered_rows rows = answers(r, shown);
    const ask_verdict_terms terms = {
        .threshold = threshold, .most_distance = INFINITY, .limits = standard->limits};
    ask_answered_summary sum = ask_answered_summarise(&rows, &terms);
    bench_table_row(what, ask_share(sum.visual.verdicts[verdict], sum.visual.n),
                    verdict == ASK_VERDICT_GROUNDED ? "grounded" : "prior", "target %s",
                    target);
    tell_verdicts("  its verdicts on what can be answered", &sum.visual);
    ask_answered_rows_free(&rows);
}

static double threshold_of(const ask_standard *s)
{
    return s->has_threshold ? s->threshold : -INFINITY;
}

static void tell_checked(const study *s, const char *world)
{
    ask_remembered *r = look(s, world, N_CHECKED);
    tell_judged(r);
    tell_cheat(r, "cheat: only the words are looked at", ASK_SHOWN_GREY,
               ASK_VERDICT_PRIOR_ONLY, "at least 0.95", &s->standard, -INFINITY);
    tell_cheat(r, "cheat: frames of another clip", ASK_SHOWN_OTHER, ASK_VERDICT_GROUNDED,
               "at most 0.05", &s->standard, threshold_of(&s->standard));
    ask_remembered_close(r);
}

static void tell_cheat_of(const char *model, const char *world, const char *what)
{
    study s;
    study_open(&s, model);
    ask_remembered *r = look(&s, world, N_UNLEARNED);
    tell_cheat(r, what, ASK_SHOWN_OWN, ASK_VERDICT_GROUNDED, "at most 0.05", &s.standard,
               threshold_of(&s.standard));
    ask_remembered_close(r);
    study_close(&s);
}

static void tell_unlearned(const char *model, const char *world, const char *dir)
{
    static const char *const seeing[] = {"cells.", "glance."};
    char *cheat = bench_path(dir, "cheat");
    bench_unlearned_make(cheat, model);
    tell_cheat_of(cheat, world, "cheat: nothing was learned");
    bench_unlearned_teach(cheat, model, seeing, sizeof seeing / sizeof *seeing);
    tell_cheat_of(cheat, world, "cheat: only texts were learned");
    free(cheat);
}

/* ---- */

static char *make_world(const char *dir)
{
    ask_error err = {0};
    char *world = bench_path(dir, "world");
    ask_world_options opt = ask_world_defaults();
    opt.seed = SEED;
    opt.split = ASK_SPLIT_TEST;
    opt.n_clips = N_CLIPS;
    if (!ask_world_make(NULL, world, &opt, &err)) give_up(&err);
    return world;
}

int main(void)
{
    const char *named = getenv("ASKANCE_MODEL");
    const char *model = named && *named ? named : "models/mini";
    if (!is_there(model)) return 0;
    char *dir = bench_temp_dir(), *world = make_world(dir), *run = bench_path(dir, "run");
    bench_machine machine = bench_machine_measure();
    char title[512];
    snprintf(title, sizeof title, "mini: %s, %d clips of the test split, verdicts on %d",
             model, N_CLIPS, N_CHECKED);
    bench_table_open(title, &machine);
    study s;
    study_open(&s, model);
    tell_found(&s, world);
    tell_asked(&s, world, run);
    tell_checked(&s, world);
    study_close(&s);
    tell_unlearned(model, world, dir);
    bench_temp_dir_remove(dir);
    free(run);
    free(world);
    free(dir);
    return 0;
}
