#include "cli/find_text.h"

#include <inttypes.h>

#include "base/csv.h"
#include "base/time_text.h"

static void put_span(ask_str *out, double start_s, double end_s)
{
    char start[ASK_TIME_TEXT_BYTES], end[ASK_TIME_TEXT_BYTES];
    ask_str_printf(out, "%s-%s%s", ask_format_time(start, start_s),
                   ask_format_time(end, end_s), ask_time_unit(end_s));
}

static void put_time(ask_str *out, double t_s)
{
    char text[ASK_TIME_TEXT_BYTES];
    ask_str_printf(out, "%s%s", ask_format_time(text, t_s), ask_time_unit(t_s));
}

/* ---- the outcome ---- */

static void put_moment(ask_str *out, const ask_record *r, size_t i)
{
    const ask_record_moment *m = &r->moments[i];
    put_span(out, m->start_s, m->end_s);
    ask_str_printf(out, "  score %.2f, best at ", m->score);
    put_time(out, m->best_s);
    if (m->repeats.known) {
        ask_str_append(out, ", shows the same as ");
        put_time(out, r->moments[m->repeats.value].best_s);
    }
    ask_str_append_char(out, '\n');
}

void cli_find_text(ask_str *out, const ask_record *r)
{
    const ask_record_presence *p = r->presence;
    if (p->present) {
        for (size_t i = 0; i < r->n_moments; i++) put_moment(out, r, i);
        return;
    }
    ask_str_printf(out, "not in this video (score %.2f under the threshold %.2f", p->score,
                   p->threshold);
    if (r->n_moments > 0) {
        ask_str_append(out, "; nearest at ");
        put_time(out, r->moments[0].best_s);
    }
    ask_str_append(out, ")\n");
}

/* ---- the plan ---- */

/* What only a run before could tell. */
static void put_expected(ask_str *out, const ask_record *r, const char *label,
                         const char *path, ask_maybe_real value, int n_decimals,
                         const char *unit)
{
    ask_str_printf(out, "%-14s", label);
    if (value.known)
        ask_str_printf(out, "about %.*f %s\n", n_decimals, value.value, unit);
    else
        ask_str_printf(out, "unknown: %s\n", ask_record_note_of(r, path));
}

/* What only a language model has: so many tokens. */
static void put_count(ask_str *out, const char *name, ask_maybe_int n)
{
    if (n.known) ask_str_printf(out, "%-14s%" PRId64 " tokens\n", name, n.value);
}

void cli_find_plan_text(ask_str *out, const ask_record *r)
{
    const ask_record_plan *p = r->plan;
    ask_str_printf(out, "%-14s%" PRId64 ", %.4g a second\n", "frames", p->resolved.n_frames,
                   p->resolved.fps);
    ask_str_printf(out, "%-14s", "window");
    put_span(out, p->resolved.start_s, p->resolved.end_s);
    ask_str_append_char(out, '\n');
    if (p->why_changed) ask_str_printf(out, "%-14s%s\n", "changed", p->why_changed);
    ask_str_printf(out, "%-14s%" PRId64 "\n", "images", p->work.images);
    ask_str_printf(out, "%-14s%" PRId64 ", of the text %" PRId64 "\n", "tokens", p->tokens,
                   r->query->n_tokens);
    put_count(out, "of frames", p->visual_tokens);
    put_count(out, "of the answer", p->answer_tokens);
    put_count(out, "room for", p->context);
    ask_str_printf(out, "%-14s%.4g GFLOP\n", "work", p->work.gflop);
    put_expected(out, r, "memory", "plan.peak_mib", p->peak_mib, 0, "MiB");
    put_expected(out, r, "time", "plan.expected_s", p->expected_s, 1, "s");
}

/* ---- the curve ---- */

static void put_maybe_int(ask_csv_writer *w, ask_maybe_int value)
{
    if (value.known)
        ask_csv_put_int(w, value.value);
    else
        ask_csv_put(w, "");
}

void cli_find_curve(ask_str *out, const ask_record *r)
{
    static const char *const names[] = {"t_s",   "pts",          "index",  "cosine",
                                        "score", "duplicate_of", "damaged"};
    ask_csv_writer w = {.out = out, .separator = ','};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) ask_csv_put(&w, names[i]);
    ask_csv_end_row(&w);
    for (size_t i = 0; i < r->n_frames; i++) {
        const ask_record_frame *f = &r->frames[i];
        ask_csv_put_double(&w, f->t_s);
        ask_csv_put_int(&w, f->pts);
        put_maybe_int(&w, f->index);
        if (f->cosine.known)
            ask_csv_put_double(&w, f->cosine.value);
        else
            ask_csv_put(&w, "");
        ask_csv_put_double(&w, f->score);
        put_maybe_int(&w, f->duplicate_of);
        ask_csv_put_int(&w, f->damaged);
        ask_csv_end_row(&w);
    }
}
