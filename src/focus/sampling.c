#include "focus/sampling.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/str.h"

static const double DEFAULT_FPS = 2;

ask_sampling_options ask_sampling_defaults(void)
{
    return (ask_sampling_options){.struct_size = sizeof(ask_sampling_options)};
}

static double default_rate(const ask_sampling_options *o)
{
    return o->default_fps > 0 ? o->default_fps : DEFAULT_FPS;
}

static ask_sampling_options take_options(const ask_sampling_options *opt)
{
    ask_sampling_options o = ask_sampling_defaults();
    ask_options_take(&o, sizeof o, opt);
    return o;
}

bool ask_sampling_check(const ask_sampling_options *opt, ask_error *err)
{
    const ask_sampling_options given = take_options(opt), *o = &given;
    if (o->n_frames < 0)
        return ask_fail(err, ASK_ERR_USAGE, "%d frames: give 1 or more", o->n_frames);
    double fps = o->fps != 0 ? o->fps : o->default_fps;
    if (!isfinite(fps) || fps < 0)
        return ask_fail(err, ASK_ERR_USAGE, "%g frames a second: give a number above 0",
                        fps);
    if (o->max_frames < 0)
        return ask_fail(err, ASK_ERR_USAGE, "at most %d frames: give 1 or more",
                        o->max_frames);
    if (!isfinite(o->start_s) || o->start_s < 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "the window starts at %g s: give a time from 0 s on", o->start_s);
    if (isnan(o->end_s) || o->end_s < 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "the window ends at %g s: give a time after its start", o->end_s);
    if (o->end_s != 0 && o->end_s <= o->start_s)
        return ask_fail(
            err, ASK_ERR_USAGE,
            "the window from %g s to %g s is empty: it must end after it starts",
            o->start_s, o->end_s);
    return true;
}

/* Whether all that is asked for lies before an end that the container promises. */
static bool is_within(const ask_sampling_options *o, double promised_s)
{
    return promised_s > o->start_s && (isinf(o->end_s) || o->end_s <= promised_s);
}

/* Where the video ends. The container is asked first; where it does not know, or promises
 * less than is asked for, the frames are. */
static bool find_end(double *end_s, bool *counted, ask_video *v,
                     const ask_sampling_options *o, ask_error *err)
{
    double promised_s = ask_video_outline(v)->duration_s;
    *counted = o->counted || !is_within(o, promised_s);
    if (!*counted) {
        *end_s = promised_s;
        return true;
    }
    const ask_time_table *table = ask_video_table(v, err);
    if (!table) return false;
    *end_s = table->duration_s;
    return true;
}

/* Adds a reason why something is not as it was asked. */
static void ASK_PRINTF(2, 3) tell(ask_sampling *s, const char *format, ...)
{
    char *why = s->why_changed;
    size_t used = strlen(why), size = sizeof s->why_changed;
    if (used > 0) used += (size_t)ask_format(why + used, size - used, "; ");
    if (used >= size) return;
    va_list args;
    va_start(args, format);
    ask_vformat(why + used, size - used, format, args);
    va_end(args);
}

/* Where the window ends: where it should, or with the video. */
static void end_window(ask_sampling *out, const ask_sampling_options *o, double end_s,
                       double promised_s)
{
    static const double SLACK_S = 1; // sound may end later than pictures do
    out->end_s = fmin(o->end_s, end_s);
    if (o->end_s <= end_s) return;
    if (promised_s > end_s + SLACK_S)
        tell(out, "the frames end at %.3f s of the promised %.3f s", end_s, promised_s);
    else if (isfinite(o->end_s))
        tell(out, "the video ends at %.3f s", end_s);
}

static bool find_window(ask_sampling *out, ask_video *v, const ask_sampling_options *o,
                        ask_error *err)
{
    double end_s;
    if (!find_end(&end_s, &out->counted, v, o, err)) return false;
    if (o->start_s >= end_s)
        return ask_fail(err, ASK_ERR_USAGE,
                        "the window starts at %g s, past the end of the video (%.3f s)",
                        o->start_s, end_s);
    out->start_s = o->start_s;
    end_window(out, o, end_s, ask_video_outline(v)->duration_s);
    return true;
}

/* How many frames a rate gives in so many seconds: at least one. */
static double count_at(double fps, double length_s)
{
    return fmax(1, floor(fps * length_s + 0.5));
}

/* The fewest of what a rate, a count and a cap allow; INFINITY is what was not asked. */
static double find_fewest(ask_sampling *out, const ask_sampling_options *o, double length_s)
{
    bool is_default = o->fps == 0 && o->n_frames == 0;
    double fps = is_default ? default_rate(o) : o->fps;
    double by_rate = fps > 0 ? count_at(fps, length_s) : INFINITY;
    double by_count = o->n_frames > 0 ? o->n_frames : INFINITY;
    double most = o->max_frames > 0 ? o->max_frames
                  : is_default      ? ASK_SAMPLING_DEFAULT_FRAMES
                                    : INFINITY;
    double n = fmin(by_rate, by_count);
    if (by_rate < by_count && isfinite(by_count))
        tell(out, "%g frames/s of %.3f s are %.10g, fewer than %.10g", fps, length_s,
             by_rate, by_count);
    if (by_count < by_rate && isfinite(by_rate))
        tell(out, "%.10g frames are fewer than the %.10g of %g frames/s", by_count, by_rate,
             fps);
    if (most < n)
        tell(out, "%.10g frames are more than the most%s, %.10g", n,
             o->max_frames > 0 ? "" : " by default", most);
    return fmin(n, most);
}

/* The largest number of four digits that is not above x. */
static double round_down(double x)
{
    double unit = pow(10, floor(log10(x)) - 3);
    return floor(x / unit) * unit;
}

/* Says how much would fit. */
static bool fail_too_many(double n, const ask_sampling_options *o, double length_s,
                          ask_error *err)
{
    if (o->n_frames > ASK_SAMPLING_MOST_FRAMES)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%.10g frames are asked for: ask for %d or fewer", n,
                        ASK_SAMPLING_MOST_FRAMES);
    return ask_fail(err, ASK_ERR_LIMIT,
                    "%g frames/s of %.3f s are %.10g, and %d can be looked at: lower the "
                    "rate to %.4g frames/s, or choose a shorter window",
                    o->fps > 0 ? o->fps : default_rate(o), length_s, n,
                    ASK_SAMPLING_MOST_FRAMES,
                    round_down(ASK_SAMPLING_MOST_FRAMES / length_s));
}

static bool find_count(ask_sampling *out, const ask_sampling_options *o, ask_error *err)
{
    double length_s = out->end_s - out->start_s;
    double n = find_fewest(out, o, length_s);
    if (n > ASK_SAMPLING_MOST_FRAMES) return fail_too_many(n, o, length_s, err);
    out->n = (int)n;
    out->fps = n / length_s;
    return true;
}

/* The middle of part i of n, never rounded out of the window. */
static double middle_of(const ask_sampling *s, int i)
{
    double t_s = s->start_s + (s->end_s - s->start_s) * ((i + 0.5) / s->n);
    return t_s < s->end_s ? t_s : nextafter(s->end_s, s->start_s);
}

bool ask_sampling_resolve(ask_sampling *out, ask_video *v, const ask_sampling_options *opt,
                          ask_error *err)
{
    ask_sampling_options o = take_options(opt);
    if (!ask_sampling_check(&o, err)) return false;
    if (o.end_s == 0) o.end_s = INFINITY;

    ask_sampling s = {0};
    if (!find_window(&s, v, &o, err) || !find_count(&s, &o, err)) return false;
    s.t_s = malloc((size_t)s.n * sizeof *s.t_s);
    if (!s.t_s) return ask_fail_memory(err);
    for (int i = 0; i < s.n; i++) s.t_s[i] = middle_of(&s, i);
    *out = s;
    return true;
}

bool ask_sampling_copy(ask_sampling *out, const ask_sampling *s, ask_error *err)
{
    size_t n_bytes = (size_t)s->n * sizeof *s->t_s;
    double *t_s = malloc(n_bytes);
    if (!t_s) return ask_fail_memory(err);
    memcpy(t_s, s->t_s, n_bytes);
    *out = *s;
    out->t_s = t_s;
    return true;
}

bool ask_sampling_is_same(const ask_sampling *a, const ask_sampling *b)
{
    if (a->n != b->n) return false;
    for (int i = 0; i < a->n; i++)
        if (a->t_s[i] != b->t_s[i]) return false;
    return true;
}

void ask_sampling_free(ask_sampling *s)
{
    if (!s) return;
    free(s->t_s);
    *s = (ask_sampling){0};
}
