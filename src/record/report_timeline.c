/* The events of a memory, on one axis of time. */
#include <inttypes.h>
#include <math.h>

#include "record/html_priv.h"
#include "record/report_priv.h"

/* Percent from the left, of a time within the window. */
static double x_of(const ask_record *r, double t_s)
{
    const ask_record_sampling *s = &r->plan->resolved;
    double length = s->end_s - s->start_s;
    return length > 0 ? 100 * fmin(1, fmax(0, (t_s - s->start_s) / length)) : 0;
}

static bool is_earlier(const ask_record *r, size_t a, size_t b)
{
    double a_s = r->moments[a].start_s, b_s = r->moments[b].start_s;
    return a_s < b_s || (a_s == b_s && a < b);
}

/* The moment behind another one in time, the first of all behind n_moments; n_moments
 * behind the last. */
static size_t next_in_time(const ask_record *r, size_t behind)
{
    size_t next = r->n_moments;
    for (size_t i = 0; i < r->n_moments; i++) {
        if (behind < r->n_moments && !is_earlier(r, behind, i)) continue;
        if (next == r->n_moments || is_earlier(r, i, next)) next = i;
    }
    return next;
}

/* Wide enough to be seen, however short it is. */
static void put_bar(ask_str *out, const ask_record *r, const ask_record_moment *m)
{
    static const double LEAST_WIDTH = 1;
    double left = x_of(r, m->start_s), right = x_of(r, m->end_s);
    double width = fmax(right - left, LEAST_WIDTH);
    ask_str_append(out, "<svg class=\"bar span\" role=\"img\" aria-label=\"");
    html_span(out, m->start_s, m->end_s);
    ask_str_printf(out,
                   "\"><rect width=\"100%%\" height=\"100%%\"/><rect class=\"part\" "
                   "x=\"%.2f%%\" width=\"%.2f%%\" height=\"100%%\"/></svg>",
                   fmin(left, 100 - width), width);
}

bool report_is_pointed_at(const ask_record_moment *m)
{
    static const double LEAST_SHARE = 0.2; // as in vqa/pointed.c
    return !m->text || m->score >= LEAST_SHARE;
}

static void put_row(ask_str *out, const ask_record *r, size_t i)
{
    const ask_record_moment *m = &r->moments[i];
    ask_str_printf(out, "<tr%s><td>%zu</td><th scope=\"row\"><bdi>",
                   report_is_pointed_at(m) ? " class=\"chosen\"" : "", i + 1);
    html_text(out, m->text);
    ask_str_append(out, "</bdi></th><td>");
    html_span(out, m->start_s, m->end_s);
    ask_str_append(out, "</td><td class=\"wide\">");
    put_bar(out, r, m);
    ask_str_append(out, "</td><td class=\"n\">");
    if (m->confidence.known) html_number(out, m->confidence.value, 2);
    ask_str_append(out, "</td><td class=\"n\">");
    html_number(out, m->score, 2);
    ask_str_append(out, "</td></tr>\n");
}

void report_timeline(ask_str *out, const ask_record *r)
{
    const ask_record_sampling *s = &r->plan->resolved;
    ask_str_append(out,
                   "<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline"
                   "</h2>\n<div class=\"scroll\"><table class=\"options timeline\">\n"
                   "<thead><tr><th scope=\"col\">#</th><th scope=\"col\">what happens</th>"
                   "<th scope=\"col\">from \xE2\x80\x93 to</th><th scope=\"col\">");
    html_span(out, s->start_s, s->end_s);
    ask_str_append(out, "</th><th scope=\"col\" class=\"n\">sure</th>"
                        "<th scope=\"col\" class=\"n\">of the answer</th></tr></thead>\n"
                        "<tbody>\n");
    size_t i = r->n_moments;
    while ((i = next_in_time(r, i)) < r->n_moments)
        if (r->moments[i].text) put_row(out, r, i);
    ask_str_append(out, "</tbody></table></div>\n<p class=\"small soft\">What the model "
                        "remembers of the frames it looked at, how sure it is of that, and "
                        "how much of the answer is seen there.</p>\n</section>\n");
}
