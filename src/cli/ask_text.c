#include "cli/ask_text.h"

#include "base/time_text.h"

/* The first moment that a frame of the evidence lies in is where the answer is seen. */
static void put_place(ask_str *out, const ask_record *r)
{
    char start[ASK_TIME_TEXT_BYTES], end[ASK_TIME_TEXT_BYTES];
    if (r->n_moments == 0) return;
    const ask_record_moment *m = &r->moments[0];
    ask_str_printf(out, "%s-%s%s", ask_format_time(start, m->start_s),
                   ask_format_time(end, m->end_s), ask_time_unit(m->end_s));
}

static void put_answer(ask_str *out, const ask_record *r)
{
    const ask_record_verdict *v = r->verdict;
    bool absent = v ? v->value == ASK_WORTH_NOT_IN_VIDEO : !r->presence->present;
    if (absent)
        ask_str_printf(out,
                       "not in this video (score %.2f under the threshold %.2f; "
                       "nearest: %s, p=%.2f, at ",
                       r->presence->score, r->presence->threshold, r->answer->text,
                       r->answer->confidence);
    else
        ask_str_printf(out, "%s (p=%.2f) at ", r->answer->text, r->answer->confidence);
    put_place(out, r);
    ask_str_append(out, absent ? ")" : "");
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

void cli_ask_text(ask_str *out, const ask_record *r)
{
    put_answer(out, r);
    ask_str_append_char(out, '\n');
    put_verdict(out, r);
    put_options(out, r->answer);
}
