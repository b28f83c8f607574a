#include "cli/training.h"

#include <inttypes.h>

static bool has_steps(const ask_train_result *r)
{
    return r->last_step >= r->first_step;
}

void cli_training_metrics_text(ask_str *out, const ask_train_metrics *m)
{
    for (int i = 0; i < m->n; i++)
        ask_str_printf(out, "%s%s %.4f", i ? ", " : "", m->items[i].name,
                       m->items[i].value);
    if (m->n) ask_str_append_char(out, '\n');
}

void cli_training_text(ask_str *out, const cli_training *t)
{
    const ask_train_result *r = t->run;
    if (has_steps(r))
        ask_str_printf(
            out, "%s: steps %" PRId64 " to %" PRId64 ", loss %.5f -> %.5f, %.0f s\n",
            t->out, r->first_step, r->last_step, r->first_loss, r->last_loss, r->seconds);
    else
        ask_str_printf(out, "%s: all steps are made\n", t->out);
    ask_str_printf(out, "%" PRId64 " parameters, %.0f MiB planned for a batch\n",
                   t->n_params, (double)t->planned_bytes / (1 << 20));
    cli_training_metrics_text(out, t->metrics);
    if (r->best_step)
        ask_str_printf(out, "best after step %" PRId64 ": %.4f\n", r->best_step, r->best);
}

void cli_training_put_run(ask_json_writer *w, const ask_train_result *r)
{
    ask_json_put_int(w, "first_step", r->first_step);
    ask_json_put_int(w, "last_step", r->last_step);
    if (has_steps(r)) {
        ask_json_put_double(w, "first_loss", r->first_loss);
        ask_json_put_double(w, "last_loss", r->last_loss);
    }
    ask_json_put_double(w, "seconds", r->seconds);
    if (!r->best_step) return;
    ask_json_put_int(w, "best_step", r->best_step);
    ask_json_put_double(w, "best", r->best);
}

void cli_training_put_metrics(ask_json_writer *w, const ask_train_metrics *m)
{
    ask_json_open_object(w, "metrics");
    for (int i = 0; i < m->n; i++)
        ask_json_put_double(w, m->items[i].name, m->items[i].value);
    ask_json_close(w);
}
