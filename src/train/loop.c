#include "train/loop.h"

#include "base/clock.h"
#include "base/options.h"
#include "train/log.h"

typedef struct {
    ask_trainer *trainer;
    ask_store *store;
    ask_backend *backend;
    ask_train_options opt;
    ask_train_watch watch;
    ask_train_log *log;
    ask_str line;
    double begin_s;
    int64_t told; // the step of the last line
    double told_s;
    ask_train_result result;
} training;

static int64_t last_step(const training *t)
{
    int64_t n = ask_trainer_schedule(t->trainer)->n_steps, until = t->opt.until;
    return until && until < n ? until : n;
}

/* ---- the log ---- */

static void write_line(training *t, const ask_train_step *s)
{
    double now = ask_clock_s() - t->begin_s, took = now - t->told_s;
    double n = (double)(t->opt.examples * (s->step - t->told));
    ask_json_writer w = {.out = &t->line};
    ask_str_clear(&t->line);
    ask_json_open_object(&w, NULL);
    ask_json_put_int(&w, "step", s->step);
    ask_json_put_double(&w, "loss", s->loss);
    for (int i = 0; i < ask_trainer_n_parts(t->trainer); i++)
        ask_json_put_double(&w, ask_trainer_part(t->trainer, i), s->parts[i]);
    ask_json_put_double(&w, "grad_norm", s->grad_norm);
    ask_json_put_double(&w, "rate", s->rate);
    ask_json_put_double(&w, "seconds", now);
    if (n > 0 && took > 0) ask_json_put_double(&w, "examples_per_s", n / took);
    if (t->watch.tell) t->watch.tell(t->watch.user, &w);
    ask_json_close(&w);
    ask_str_append_char(&t->line, '\n');
    t->told = s->step;
    t->told_s = now;
}

static bool is_told(const training *t, int64_t step)
{
    int64_t every = t->opt.log_every ? t->opt.log_every : 1;
    return step == t->result.first_step || step % every == 0 || step == last_step(t);
}

static bool tell(training *t, const ask_train_step *s, ask_error *err)
{
    if (!t->log || !is_told(t, s->step)) return true;
    write_line(t, s);
    return ask_train_log_add(t->log, &t->line, err);
}

/* ---- steps ---- */

static bool save(const training *t, int64_t step, ask_error *err)
{
    if (!t->opt.checkpoint) return true;
    return ask_checkpoint_write(t->opt.checkpoint, t->store, t->backend, step,
                                &t->opt.settings, err) &&
           (!t->opt.save || t->opt.save(t->opt.save_user, step, err));
}

static bool is_saved(const training *t, int64_t step)
{
    return step == last_step(t) ||
           (t->opt.save_every && step > 0 && step % t->opt.save_every == 0);
}

/* Keeps what was reached, and fails as a cancelled call does. */
static bool stop(const training *t, int64_t step, ask_error *err)
{
    if (!is_saved(t, step) && !save(t, step, err)) return false;
    return ask_fail(err, ASK_ERR_CANCELLED, "interrupted after step %lld%s",
                    (long long)step,
                    t->opt.checkpoint ? "; the checkpoint is written" : "");
}

static bool make_step(training *t, int64_t step, ask_error *err)
{
    ask_train_step s;
    ask_error why = {0};
    if (!ask_trainer_step(t->trainer, step, &s, &why)) {
        if (why.code == ASK_ERR_CANCELLED) return stop(t, step - 1, err);
        if (err) *err = why;
        return false;
    }
    if (step == t->result.first_step) t->result.first_loss = s.loss;
    t->result.last_loss = s.loss;
    t->result.last_step = step;
    if (t->watch.look && !t->watch.look(t->watch.user, step, err)) return false;
    return tell(t, &s, err) && (!is_saved(t, step) || save(t, step, err));
}

static bool run(training *t, int64_t done, ask_error *err)
{
    int64_t n_steps = last_step(t);
    if (done == n_steps && t->opt.save && !t->opt.save(t->opt.save_user, done, err))
        return false; // the one that was interrupted
    for (int64_t step = done + 1; step <= n_steps; step++) {
        if (ask_cancel_signal(t->opt.cancel)) return stop(t, step - 1, err);
        if (!make_step(t, step, err)) return false;
        ask_progress_send(t->opt.progress, step, n_steps, "steps", "training");
    }
    return true;
}

static bool begin(training *t, int64_t *done, ask_error *err)
{
    const ask_checkpoint_options how = {.allow_drift = t->opt.allow_drift};
    if (t->opt.resume && !ask_checkpoint_read(t->opt.checkpoint, t->store, t->backend,
                                              &t->opt.settings, &how, done, err))
        return false;
    t->result.first_step = *done + 1;
    t->result.last_step = t->told = *done;
    if (!t->opt.log) return true;
    t->log = ask_train_log_open(t->opt.log, *done, err);
    return t->log;
}

bool ask_train_run(ask_trainer *trainer, ask_store *store, ask_backend *backend,
                   const ask_train_options *opt, ask_train_result *out, ask_error *err)
{
    training t = {
        .trainer = trainer, .store = store, .backend = backend, .begin_s = ask_clock_s()};
    ask_options_take(&t.opt, sizeof t.opt, opt);
    if (t.opt.watch) t.watch = *t.opt.watch;
    if (t.opt.resume && !t.opt.checkpoint)
        return ask_fail(err, ASK_ERR_USAGE, "there is no checkpoint to resume from");
    int64_t done = 0;
    bool ok = begin(&t, &done, err) && run(&t, done, err);
    ask_train_log_close(t.log);
    ask_str_free(&t.line);
    if (!ok) return false;
    t.result.seconds = ask_clock_s() - t.begin_s;
    *out = t.result;
    return true;
}
