#include "train/loop.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/str.h"
#include "train/keeper_priv.h"
#include "train/pace_priv.h"
#include "train/report_priv.h"

enum { MOST_VALUES = ASK_TRAIN_MOST_METRICS + ASK_TRAIN_MOST_PARTS + 3 };

typedef struct {
    ask_trainer *trainer;
    ask_store *store;
    ask_backend *backend;
    ask_train_options opt;
    ask_train_watch watch;
    ask_train_evaluation evaluation; // {0}: none
    train_keeper keeper;
    train_state state;
    train_report report;
    double begin_s;
    int64_t told; // the step of the last line about one
    double told_s;
    int64_t saved; // the step of the last checkpoint; -1: none
    ask_train_result result;
} training;

/* ---- where it is ---- */

static int64_t schedule_end(const training *t)
{
    return ask_trainer_schedule(t->trainer)->n_steps;
}

static int64_t last_step(const training *t)
{
    int64_t n = schedule_end(t), until = t->opt.until;
    return until && until < n ? until : n;
}

static bool is_every(int64_t step, int64_t every)
{
    return every > 0 && step > 0 && step % every == 0;
}

static double epoch_of(const training *t, int64_t step)
{
    double each = t->opt.steps_per_epoch;
    return each > 0 ? (double)step / each : NAN;
}

/* ---- telling ---- */

/* Adds an entry to the history and to the files. */
static bool tell(training *t, train_entry *e, ask_error *err)
{
    bool is_step = !e->is_evaluation;
    e->epoch = epoch_of(t, e->step);
    e->seconds = ask_clock_s() - t->begin_s;
    return train_report_add(&t->report, e, is_step ? t->watch.tell : NULL, t->watch.user,
                            err) &&
           (!t->opt.keeper || train_history_add(&t->state.history, e, err));
}

static int list_values(train_value out[MOST_VALUES], const training *t,
                       const ask_train_step *s)
{
    int n = 0;
    out[n++] = (train_value){"loss", s->loss};
    for (int i = 0; i < ask_trainer_n_parts(t->trainer); i++)
        out[n++] = (train_value){ask_trainer_part(t->trainer, i), s->parts[i]};
    out[n++] = (train_value){"grad_norm", s->grad_norm};
    out[n++] = (train_value){"learning_rate", s->rate};
    return n;
}

static bool is_told(const training *t, int64_t step)
{
    int64_t every = t->opt.log_every ? t->opt.log_every : 1;
    return step == t->result.first_step || is_every(step, every) || step == last_step(t);
}

static bool tell_step(training *t, const ask_train_step *s, ask_error *err)
{
    if (!is_told(t, s->step)) return true;
    train_value values[MOST_VALUES];
    double now = ask_clock_s() - t->begin_s, took = now - t->told_s;
    double n = (double)(t->opt.examples * (s->step - t->told));
    train_entry e = {.step = s->step,
                     .n = list_values(values, t, s),
                     .values = values,
                     .examples_per_s = n > 0 && took > 0 ? n / took : NAN};
    t->told = s->step;
    t->told_s = now;
    return tell(t, &e, err);
}

static void tell_pace(const training *t, const ask_train_step *s)
{
    double took = ask_clock_s() - t->begin_s;
    int64_t made = s->step - t->result.first_step + 1;
    double each = took / (double)made;
    const ask_train_pace p = {
        .step = s->step,
        .n_steps = last_step(t),
        .epoch = epoch_of(t, s->step),
        .loss = s->loss,
        .grad_norm = s->grad_norm,
        .rate = s->rate,
        .examples_per_s = took > 0 ? (double)t->opt.examples / each : 0,
        .left_s = each * (double)(last_step(t) - s->step),
    };
    char text[TRAIN_PACE_BYTES];
    if (t->opt.pace) t->opt.pace(t->opt.pace_user, &p);
    ask_progress_send(t->opt.progress, p.step, p.n_steps, "steps",
                      train_pace_text(text, &p));
}

/* ---- evaluating ---- */

static const char *bare(const char *metric)
{
    return metric + (ask_starts_with(metric, "eval_") ? strlen("eval_") : 0);
}

/* The metric that the best is chosen by; NaN is worse than any. */
static bool find_best_by(double *out, const training *t, const ask_train_metrics *m,
                         ask_error *err)
{
    const char *name = t->evaluation.best_by;
    for (int i = 0; i < m->n; i++) {
        if (strcmp(m->items[i].name, bare(name)) != 0) continue;
        *out = m->items[i].value;
        return true;
    }
    return ask_fail(
        err, ASK_ERR_USAGE,
        "the best cannot be chosen by \"%.60s\": there is no such metric; one of "
        "%d is %s",
        name, m->n, m->n ? m->items[0].name : "none");
}

/* *better: whether these are better than all before. */
static bool judge(bool *better, training *t, int64_t step, const ask_train_metrics *m,
                  ask_error *err)
{
    double value = NAN, sign = t->evaluation.less_is_better ? -1 : 1;
    *better = false;
    if (!t->evaluation.best_by) return true;
    if (!find_best_by(&value, t, m, err)) return false;
    *better = t->state.best_step ? sign * value > sign * t->state.best : !isnan(value);
    if (*better) {
        t->state.best = value;
        t->state.best_step = step;
    }
    return true;
}

static bool tell_evaluation(training *t, int64_t step, const ask_train_metrics *m,
                            ask_error *err)
{
    train_value values[MOST_VALUES];
    for (int i = 0; i < m->n; i++)
        values[i] = (train_value){m->items[i].name, m->items[i].value};
    train_entry e = {.step = step,
                     .is_evaluation = true,
                     .n = m->n,
                     .values = values,
                     .examples_per_s = NAN};
    return tell(t, &e, err);
}

static bool evaluate(bool *better, training *t, int64_t step, ask_error *err)
{
    ask_train_metrics m = {0};
    if (!t->evaluation.evaluate(t->evaluation.user, step, &m, err) ||
        !judge(better, t, step, &m, err) || !tell_evaluation(t, step, &m, err))
        return false;
    t->result.metrics = m;
    return true;
}

static bool is_evaluated(const training *t, int64_t step)
{
    return t->evaluation.evaluate && step > 0 &&
           (is_every(step, t->evaluation.every) || step == schedule_end(t));
}

/* ---- keeping ---- */

static bool save_file(const training *t, int64_t step, ask_error *err)
{
    return ask_checkpoint_write(t->opt.checkpoint, t->store, t->backend, step,
                                &t->opt.settings, err) &&
           (!t->opt.save || t->opt.save(t->opt.save_user, step, err));
}

static bool save(training *t, int64_t step, ask_error *err)
{
    if (t->saved == step) return true;
    t->state.step = step;
    t->state.epoch = epoch_of(t, step);
    if (t->opt.keeper && !train_keeper_write(&t->keeper, &t->state, err)) return false;
    if (t->opt.checkpoint && !save_file(t, step, err)) return false;
    t->saved = step;
    return true;
}

static bool is_saved(const training *t, int64_t step)
{
    return step == last_step(t) || is_every(step, t->opt.save_every);
}

/* Keeps what was reached, and fails as a cancelled call does. */
static bool stop(training *t, int64_t step, ask_error *err)
{
    if (!save(t, step, err)) return false;
    bool is_kept = t->opt.checkpoint || t->opt.keeper;
    return ask_fail(err, ASK_ERR_CANCELLED, "interrupted after step %lld%s",
                    (long long)step, is_kept ? "; the checkpoint is written" : "");
}

/* ---- steps ---- */

/* Fails as `why` says; a wish to stop is one after that step. */
static bool fail_after(training *t, int64_t step, const ask_error *why, ask_error *err)
{
    if (why->code == ASK_ERR_CANCELLED) return stop(t, step, err);
    if (err) *err = *why;
    return false;
}

/* Evaluates, if it is time to, and keeps what is to be kept. */
static bool end_step(training *t, int64_t step, ask_error *err)
{
    bool better = false;
    ask_error why = {0};
    if (is_evaluated(t, step) && !evaluate(&better, t, step, &why))
        return fail_after(t, step, &why, err);
    return (!better && !is_saved(t, step)) || save(t, step, err);
}

static bool make_step(training *t, int64_t step, ask_error *err)
{
    ask_train_step s;
    ask_error why = {0};
    if (!ask_trainer_step(t->trainer, step, &s, &why))
        return fail_after(t, step - 1, &why, err);
    if (step == t->result.first_step) t->result.first_loss = s.loss;
    t->result.last_loss = s.loss;
    t->result.last_step = step;
    if (t->watch.look && !t->watch.look(t->watch.user, step, err)) return false;
    if (!tell_step(t, &s, err) || !end_step(t, step, err)) return false;
    tell_pace(t, &s);
    return true;
}

/* An evaluation that was interrupted, and the other file of a checkpoint that is the last.
 */
static bool make_up(training *t, int64_t done, ask_error *err)
{
    bool missing = t->opt.keeper && is_evaluated(t, done) &&
                   train_history_evaluated(&t->state.history) != done;
    if (missing) {
        t->saved = -1;
        if (!end_step(t, done, err)) return false;
    }
    return done != last_step(t) || !t->opt.save || t->opt.save(t->opt.save_user, done, err);
}

static bool run(training *t, int64_t done, ask_error *err)
{
    int64_t n_steps = last_step(t);
    if (!make_up(t, done, err)) return false;
    for (int64_t step = done + 1; step <= n_steps; step++) {
        if (ask_cancel_signal(t->opt.cancel)) return stop(t, step - 1, err);
        if (!make_step(t, step, err)) return false;
    }
    return !t->opt.keeper || train_keeper_finish(&t->keeper, &t->state, err);
}

/* ---- beginning ---- */

static bool resume(training *t, int64_t *done, ask_error *err)
{
    const ask_checkpoint_options how = {.allow_drift = t->opt.allow_drift};
    if (t->opt.resume)
        return ask_checkpoint_read(t->opt.checkpoint, t->store, t->backend,
                                   &t->opt.settings, &how, done, err);
    if (!train_keeper_read(&t->keeper, t->opt.resume_from, t->opt.allow_drift, &t->state,
                           err))
        return false;
    *done = t->state.step;
    return true;
}

static bool begin(training *t, int64_t *done, ask_error *err)
{
    bool resumed = t->opt.resume || t->opt.resume_from;
    if (t->opt.keeper && !train_keeper_begin(&t->keeper, resumed, err)) return false;
    if (resumed && !resume(t, done, err)) return false;
    t->saved = resumed ? *done : -1;
    t->state.n_steps = schedule_end(t);
    t->state.steps_per_epoch = t->opt.steps_per_epoch;
    t->state.evaluate_every = t->evaluation.every;
    t->state.log_every = t->opt.log_every;
    t->state.save_every = t->opt.save_every;
    t->result.first_step = *done + 1;
    t->result.last_step = t->told = *done;
    return train_report_open(&t->report, &t->opt.report, *done, err);
}

static bool check_options(const ask_train_options *o, ask_error *err)
{
    if ((o->resume && !o->checkpoint) || (o->resume_from && !o->keeper))
        return ask_fail(err, ASK_ERR_USAGE, "there is no checkpoint to resume from");
    return true;
}

static void take_options(training *t, const ask_train_options *opt)
{
    ask_options_take(&t->opt, sizeof t->opt, opt);
    if (t->opt.watch) t->watch = *t->opt.watch;
    if (t->opt.evaluation) t->evaluation = *t->opt.evaluation;
    if (t->opt.keeper)
        ask_options_take(&t->keeper.opt, sizeof t->keeper.opt, t->opt.keeper);
    t->keeper.store = t->store;
    t->keeper.backend = t->backend;
    t->keeper.settings = t->opt.settings;
}

bool ask_train_run(ask_trainer *trainer, ask_store *store, ask_backend *backend,
                   const ask_train_options *opt, ask_train_result *out, ask_error *err)
{
    training t = {
        .trainer = trainer, .store = store, .backend = backend, .begin_s = ask_clock_s()};
    take_options(&t, opt);
    int64_t done = 0;
    bool ok = check_options(&t.opt, err) && begin(&t, &done, err) && run(&t, done, err);
    train_report_close(&t.report);
    train_history_free(&t.state.history);
    if (!ok) return false;
    t.result.seconds = ask_clock_s() - t.begin_s;
    t.result.best_step = t.state.best_step;
    t.result.best = t.state.best;
    *out = t.result;
    return true;
}
