#include <math.h>

#include "record/html_priv.h"
#include "record/report_priv.h"

/* A stretch of values along one side of the chart. */
typedef struct {
    double low, high;
    double step; // from label to label
} axis;

enum { MOST_TIME_TICKS = 10, MOST_SCORE_TICKS = 5 };

/* Above so many frames only the picked ones are dots of their own. */
enum { MOST_DOTS = 160 };

/* Where clock times begin to read better than seconds. */
static const double CLOCK_FROM_S = 120;

/* The smallest of 1, 2, 5, 10, 20, ... that cuts the span into at most n parts. */
static double round_step(double span, int n)
{
    double least = span / n;
    double power = pow(10, floor(log10(least)));
    static const double factors[] = {1, 2, 5};
    for (int i = 0; i < 3; i++) {
        if (factors[i] * power >= least) return factors[i] * power;
    }
    return 10 * power;
}

/* The same of the steps that a clock has. */
static double clock_step(double span_s, int n)
{
    static const double steps_s[] = {10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600};
    for (size_t i = 0; i < sizeof steps_s / sizeof *steps_s; i++) {
        if (steps_s[i] * n >= span_s) return steps_s[i];
    }
    return 3600 * round_step(span_s / 3600, n);
}

static axis time_axis(const ask_record *r)
{
    axis a = {.low = r->plan->resolved.start_s, .high = r->plan->resolved.end_s};
    a.low = fmin(a.low, r->frames[0].t_s);
    a.high = fmax(a.high, r->frames[r->n_frames - 1].t_s);
    if (a.high <= a.low) a.high = a.low + 1;
    double span = a.high - a.low;
    a.step = a.high > CLOCK_FROM_S && span >= 20 ? clock_step(span, MOST_TIME_TICKS)
                                                 : round_step(span, MOST_TIME_TICKS);
    return a;
}

/* Where the threshold lies among the scores; 0 where that is not known. */
static double threshold_of(const ask_record *r)
{
    return r->presence->level.known ? r->presence->level.value : 0;
}

/* All scores, the threshold, and 0, with some room above and below. */
static axis score_axis(const ask_record *r)
{
    axis a = {.low = fmin(0, threshold_of(r)), .high = fmax(0, threshold_of(r))};
    for (size_t i = 0; i < r->n_frames; i++) {
        a.low = fmin(a.low, r->frames[i].score);
        a.high = fmax(a.high, r->frames[i].score);
    }
    double room = a.high > a.low ? 0.1 * (a.high - a.low) : 1;
    a.low -= room;
    a.high += room;
    a.step = round_step(a.high - a.low, MOST_SCORE_TICKS);
    return a;
}

/* Percent from the left, of a time within the axis. */
static double x_of(const axis *time, double t_s)
{
    double share = (t_s - time->low) / (time->high - time->low);
    return 100 * fmin(1, fmax(0, share));
}

/* Percent from the top. */
static double y_of(const axis *score, double value)
{
    return 100 * (score->high - value) / (score->high - score->low);
}

/* ---- what stands behind the curve ---- */

/* What the labels of a time axis are made of. */
typedef enum { LABEL_SECONDS, LABEL_MINUTES, LABEL_HOURS } label_form;

static label_form form_of(const axis *time)
{
    if (time->high <= CLOCK_FROM_S || time->step < 1) return LABEL_SECONDS;
    return time->high < 3600 ? LABEL_MINUTES : LABEL_HOURS;
}

static void put_label(ask_str *out, label_form form, double t_s)
{
    long long s = llround(t_s);
    if (form == LABEL_SECONDS)
        ask_str_printf(out, "%.10g", t_s);
    else if (form == LABEL_MINUTES)
        ask_str_printf(out, "%lld:%02lld", s / 60, s % 60);
    else
        ask_str_printf(out, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
}

/* Every second label may give way on a narrow page. */
static void put_time_ticks(ask_str *out, const axis *time)
{
    static const char *const names[] = {"seconds", "minutes:seconds",
                                        "hours:minutes:seconds"};
    label_form form = form_of(time);
    double first = ceil(time->low / time->step - 1e-9);
    for (double i = first; i * time->step <= time->high + 1e-9 * time->step; i++) {
        double t_s = fmax(0, i * time->step), x = x_of(time, t_s);
        ask_str_printf(out,
                       "<rect class=\"tick\" x=\"%.2f%%\" y=\"100%%\" width=\"1\" "
                       "height=\"5\"/>",
                       x);
        ask_str_printf(out, "<text class=\"x%s\" x=\"%.2f%%\" y=\"100%%\" dy=\"20\">",
                       fmod(i - first, 2) != 0 ? " spare" : "", x);
        put_label(out, form, t_s);
        ask_str_append(out, "</text>\n");
    }
    ask_str_printf(out,
                   "<text class=\"x name\" x=\"50%%\" y=\"100%%\" dy=\"42\">time, %s"
                   "</text>\n",
                   names[form]);
}

static void put_score_ticks(ask_str *out, const axis *score)
{
    int n_decimals = (int)fmin(9, fmax(0, ceil(-log10(score->step) - 1e-9)));
    for (double i = ceil(score->low / score->step); i * score->step <= score->high; i++) {
        double value = i * score->step, y = y_of(score, value);
        ask_str_printf(out,
                       "<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"%.2f%%\" "
                       "y2=\"%.2f%%\"/>",
                       i == 0 ? "zero" : "grid", y, y);
        ask_str_printf(out, "<text class=\"y\" x=\"-8\" y=\"%.2f%%\" dy=\"4\">", y);
        html_number(out, value, n_decimals);
        ask_str_append(out, "</text>\n");
    }
    ask_str_append(out,
                   "<text class=\"y name\" x=\"-8\" y=\"0\" dy=\"-10\">score</text>\n");
}

static void put_moments(ask_str *out, const ask_record *r, const axis *time)
{
    for (size_t i = 0; i < r->n_moments; i++) {
        const ask_record_moment *m = &r->moments[i];
        if (!report_is_pointed_at(m)) continue;
        double left = x_of(time, m->start_s), right = x_of(time, m->end_s);
        ask_str_printf(out, "<g class=\"moment%s\"><title>moment %zu: ",
                       m->repeats.known ? " repeat" : "", i + 1);
        html_span(out, m->start_s, m->end_s);
        ask_str_append(out, ", score ");
        html_number(out, m->score, 2);
        ask_str_append(out, "</title>");
        ask_str_printf(out,
                       "<rect x=\"%.2f%%\" y=\"0\" width=\"%.2f%%\" height=\"100%%\"/>"
                       "<text x=\"%.2f%%\" y=\"-7\">%zu</text></g>\n",
                       left, right - left, (left + right) / 2, i + 1);
    }
}

static void put_threshold(ask_str *out, const ask_record *r, const axis *score)
{
    double y = y_of(score, r->presence->level.value);
    ask_str_printf(out,
                   "<line class=\"threshold\" x1=\"0\" x2=\"100%%\" y1=\"%.2f%%\" "
                   "y2=\"%.2f%%\"/>\n",
                   y, y);
}

/* The highest score of frames [begin, end). */
static double peak_of(const ask_record *r, size_t begin, size_t end)
{
    double peak = -INFINITY;
    for (size_t i = begin; i < end; i++) peak = fmax(peak, r->frames[i].score);
    return peak;
}

/* Written at the end of the line where the curve stays lower. */
static void put_threshold_label(ask_str *out, const ask_record *r, const axis *score)
{
    size_t n = r->n_frames, part = n / 5 + 1;
    bool left = peak_of(r, 0, part) < peak_of(r, n - part, n);
    ask_str_printf(out, "<text class=\"threshold %s\" x=\"%d%%\" y=\"%.2f%%\" dy=\"-6\">",
                   left ? "left" : "right", left ? 0 : 100,
                   y_of(score, r->presence->level.value));
    ask_str_append(out, "threshold</text>\n");
}

/* ---- the curve ---- */

/* Points cannot be percentages, so the line has a box of its own that is stretched. */
static void put_curve(ask_str *out, const ask_record *r, const axis *time,
                      const axis *score)
{
    ask_str_append(out, "<svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" "
                        "width=\"100%\" height=\"100%\">"
                        "<polyline class=\"curve\" vector-effect=\"non-scaling-stroke\" "
                        "points=\"");
    for (size_t i = 0; i < r->n_frames; i++)
        ask_str_printf(out, "%s%.3f,%.3f", i ? " " : "", x_of(time, r->frames[i].t_s),
                       y_of(score, r->frames[i].score));
    ask_str_append(out, "\"/></svg>\n");
}

static const char *dot_class(const ask_record_frame *f)
{
    if (f->role != ASK_ROLE_ANCHOR) return "picked";
    return f->duplicate_of.known ? "dot same" : "dot";
}

/* A frame: the strip of the chart that is nearer to it than to others, and its dot. */
static void put_frame(ask_str *out, const ask_record *r, size_t i, const axis *time,
                      const axis *score)
{
    const ask_record_frame *f = &r->frames[i];
    double x = x_of(time, f->t_s);
    double left = i > 0 ? (x_of(time, f[-1].t_s) + x) / 2 : 0;
    double right = i + 1 < r->n_frames ? (x_of(time, f[1].t_s) + x) / 2 : 100;
    ask_str_append(out, "<g class=\"frame\"><title>");
    html_time(out, f->t_s);
    ask_str_append(out, ", score ");
    html_number(out, f->score, 2);
    if (f->cosine.known) {
        ask_str_append(out, " (cosine ");
        html_number(out, f->cosine.value, 3);
        ask_str_append_char(out, ')');
    }
    if (f->duplicate_of.known) {
        ask_str_append(out, ", shows what is seen at ");
        html_time(out, r->frames[f->duplicate_of.value].t_s);
    }
    ask_str_append(out, "</title>");
    ask_str_printf(out,
                   "<rect class=\"hit\" x=\"%.3f%%\" y=\"0\" width=\"%.3f%%\" "
                   "height=\"100%%\"/>",
                   left, right - left);
    ask_str_printf(out, "<circle class=\"%s\" cx=\"%.3f%%\" cy=\"%.3f%%\" r=\"%s\"/></g>\n",
                   dot_class(f), x, y_of(score, f->score),
                   f->role == ASK_ROLE_ANCHOR ? "2.5" : "5");
}

void report_chart(ask_str *out, const ask_record *r)
{
    const axis time = time_axis(r), score = score_axis(r);
    ask_str_printf(out,
                   "<svg class=\"chart%s\" role=\"img\" aria-label=\"Score of %zu frames "
                   "over time; the frames are listed in a table below\">\n",
                   r->n_frames > MOST_DOTS ? " dense" : "", r->n_frames);
    put_moments(out, r, &time);
    put_score_ticks(out, &score);
    put_time_ticks(out, &time);
    if (r->presence->level.known) put_threshold(out, r, &score);
    put_curve(out, r, &time, &score);
    if (r->presence->level.known) put_threshold_label(out, r, &score);
    for (size_t i = 0; i < r->n_frames; i++) put_frame(out, r, i, &time, &score);
    ask_str_append(out, "</svg>\n");
}
