#include "cli/ask_text.h"

#include "base/time_text.h"

static void put_span(ask_str *out, const ask_record_moment *m)
{
    char start[ASK_TIME_TEXT_BYTES], end[ASK_TIME_TEXT_BYTES];
    ask_str_printf(out, "%s-%s%s", ask_format_time(start, m->start_s),
                   ask_format_time(end, m->end_s), ask_time_unit(m->end_s));
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
        v ? v->value == ASK_WORTH_NOT_IN_VIDEO : r->presence && !r->presence->present;
    if (absent && r->presence && !r->answer->denies.value) {
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

void cli_ask_text(ask_str *out, const ask_record *r)
{
    put_answer(out, r);
    ask_str_append_char(out, '\n');
    put_verdict(out, r);
    put_timeline(out, r);
    put_options(out, r->answer);
}
