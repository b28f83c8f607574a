#include "cli/ask_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time_text.h"

static void put_times(ask_str *out, double start_s, double end_s)
{
    char start[ASK_TIME_TEXT_BYTES], end[ASK_TIME_TEXT_BYTES];
    ask_str_printf(out, "%s-%s%s", ask_format_time(start, start_s),
                   ask_format_time(end, end_s), ask_time_unit(end_s));
}

static void put_span(ask_str *out, const ask_record_moment *m)
{
    put_times(out, m->start_s, m->end_s);
}

/* The first moment is where the answer is seen, unless it is seen in none that a memory
 * has. */
static void put_place(ask_str *out, const ask_record *r, const char *joint)
{
    if (r->n_moments == 0 || (r->moments[0].text && r->moments[0].score == 0)) return;
    ask_str_append(out, joint);
    put_span(out, &r->moments[0]);
}

static void put_absent(ask_str *out, const ask_record *r)
{
    ask_str_printf(out,
                   "not in this video (score %.2f under the threshold %.2f; nearest: %s, "
                   "p=%.2f",
                   r->presence->score, r->presence->threshold, r->answer->text,
                   r->answer->confidence);
    put_place(out, r, ", at ");
    ask_str_append_char(out, ')');
}

static void put_answer(ask_str *out, const ask_record *r)
{
    const ask_record_verdict *v = r->verdict;
    bool absent =
        r->presence && (v ? v->value == ASK_WORTH_NOT_IN_VIDEO : !r->presence->present);
    if (absent && !r->answer->denies.value) {
        put_absent(out, r);
        return;
    }
    ask_str_printf(out, "%s (p=%.2f)", r->answer->text, r->answer->confidence);
    if (!r->answer->denies.value) put_place(out, r, " at ");
}

static void put_verdict(ask_str *out, const ask_record *r)
{
    if (!r->verdict) {
        ask_str_printf(out, "no verdict: %s\n", ask_record_note_of(r, "verdict"));
        return;
    }
    ask_str_printf(out, "verdict %s", ask_record_worth_word(r->verdict->value));
    if (r->verdict->note) ask_str_printf(out, ": %s", r->verdict->note);
    ask_str_append_char(out, '\n');
}

/* How many options come before one: the better ones, and equals in front of it. */
static size_t rank_of(const ask_record_answer *a, size_t i)
{
    size_t rank = 0;
    for (size_t k = 0; k < a->n_options; k++) {
        double other = a->options[k].logprob, own = a->options[i].logprob;
        rank += other > own || (other == own && k < i);
    }
    return rank;
}

static void put_options(ask_str *out, const ask_record_answer *a)
{
    for (size_t rank = 0; rank < a->n_options; rank++) {
        size_t i = 0;
        while (rank_of(a, i) != rank) i++;
        ask_str_printf(out, "  %.2f  %s\n", a->options[i].prob, a->options[i].text);
    }
}

/* How many moments begin before one, or with it and stand in front of it. */
static size_t place_in_time(const ask_record *r, size_t i)
{
    size_t place = 0;
    for (size_t k = 0; k < r->n_moments; k++) {
        double other = r->moments[k].start_s, own = r->moments[i].start_s;
        place += other < own || (other == own && k < i);
    }
    return place;
}

static void put_timeline(ask_str *out, const ask_record *r)
{
    for (size_t place = 0; place < r->n_moments; place++) {
        size_t i = 0;
        while (place_in_time(r, i) != place) i++;
        const ask_record_moment *m = &r->moments[i];
        if (!m->text) continue;
        put_span(out, m);
        ask_str_printf(out, "  %s", m->text);
        if (m->confidence.known) ask_str_printf(out, " (%.2f)", m->confidence.value);
        ask_str_append_char(out, '\n');
    }
}

/* ---- an answer in words ---- */

enum { BAR_WIDTH = 20, MOST_CUES = 20 };

static double greatest_share(const ask_record *r)
{
    double most = 0;
    for (size_t i = 0; i < r->n_frames; i++)
        most = fmax(most, ask_record_frame_share(r, i).value);
    return most;
}

static void put_percent(ask_str *out, const char *name, double share)
{
    ask_str_printf(out, "  %12s  %5.1f %%", name, 100 * share);
}

/* Where the model looked, frame by frame; the frame that it looked at most has the longest
 * bar. */
static void put_shares(ask_str *out, const ask_record *r)
{
    double most = greatest_share(r);
    for (size_t i = 0; i < r->n_frames; i++) {
        double share = ask_record_frame_share(r, i).value;
        char name[ASK_TIME_TEXT_BYTES + 2], time[ASK_TIME_TEXT_BYTES];
        snprintf(name, sizeof name, "%s%s", ask_format_time(time, r->frames[i].t_s),
                 ask_time_unit(r->frames[i].t_s));
        put_percent(out, name, share);
        int width = most > 0 ? (int)lround(BAR_WIDTH * share / most) : 0;
        if (width > 0) ask_str_append(out, "  ");
        for (int k = 0; k < width; k++) ask_str_append_char(out, '#');
        ask_str_append_char(out, '\n');
    }
    put_percent(out, "text", ask_record_text_share(r).value);
    ask_str_append_char(out, '\n');
}

static void put_attention(ask_str *out, const ask_record *r)
{
    const char *why = ask_record_note_of(r, "answer.tokens.frames");
    if (ask_record_text_share(r).known) {
        ask_str_append(out, "attention\n");
        put_shares(out, r);
    } else if (why) {
        ask_str_printf(out, "attention not read: %s\n", why);
    }
}

static void put_cues(ask_str *out, const ask_record_subtitles *s)
{
    ask_str_printf(out, "subtitles of %s\n", s->source);
    for (size_t i = 0; i < s->n_cues && i < MOST_CUES; i++) {
        const ask_record_cue *cue = &s->cues[i];
        ask_str_append(out, "  ");
        put_times(out, cue->start_s, cue->end_s);
        ask_str_printf(out, "  %s\n", cue->text);
    }
    if (s->n_cues > MOST_CUES)
        ask_str_printf(out, "  and %zu more: see --json\n", s->n_cues - MOST_CUES);
    if (s->left_out.known && s->left_out.value > 0)
        ask_str_printf(out, "  no room for %" PRId64 " more\n", s->left_out.value);
}

static void put_check(ask_str *out, const ask_record *r, const char *path,
                      const ask_record_trial *t)
{
    const char *name = strchr(path, '.') + 1, *why = ask_record_note_of(r, path);
    if (!t)
        ask_str_printf(out, "  %-16s  not done: %s\n", name, why);
    else
        ask_str_printf(out, "  %-16s  p=%.2f  %s words\n", name, exp(t->s),
                       t->same.value ? "the same" : "other");
}

static void put_checks(ask_str *out, const ask_record *r)
{
    const ask_record_checks *c = r->checks;
    if (!c) {
        ask_str_printf(out, "no checks: %s\n", ask_record_note_of(r, "checks"));
        return;
    }
    ask_str_append(out, "checks\n");
    put_check(out, r, "checks.full", c->full);
    put_check(out, r, "checks.blind", c->blind);
    put_check(out, r, "checks.shuffled", c->shuffled);
    put_check(out, r, "checks.evidence_only", c->evidence_only);
    put_check(out, r, "checks.evidence_removed", c->evidence_removed);
    put_check(out, r, "checks.random_removed", c->random_removed);
}

/* Words that were cut off are told apart from those that end. */
static void put_words(ask_str *out, const ask_record_answer *a)
{
    static const char *const cuts[][2] = {
        {"length", "cut off: as long as was allowed"},
        {"context", "cut off: no more room for tokens"},
        {"caller", "cut off"},
    };
    ask_str_printf(out, "%s (p=%.2f a token", *a->text ? a->text : "no words",
                   a->confidence);
    for (size_t i = 0; a->ended_by && i < sizeof cuts / sizeof *cuts; i++)
        if (strcmp(cuts[i][0], a->ended_by) == 0) ask_str_printf(out, "; %s", cuts[i][1]);
    ask_str_append(out, ")\n");
}

static void put_all_in_words(ask_str *out, const ask_record *r)
{
    const char *subtitles = ask_record_note_of(r, "subtitles");
    put_words(out, r->answer);
    put_verdict(out, r);
    put_attention(out, r);
    if (r->subtitles)
        put_cues(out, r->subtitles);
    else if (subtitles)
        ask_str_printf(out, "no subtitles: %s\n", subtitles);
    put_checks(out, r);
}

/* ---- all of it ---- */

void cli_ask_text(ask_str *out, const ask_record *r)
{
    if (ask_record_in_words(r)) {
        put_all_in_words(out, r);
        return;
    }
    put_answer(out, r);
    ask_str_append_char(out, '\n');
    put_verdict(out, r);
    put_timeline(out, r);
    put_options(out, r->answer);
}
