#include "focus/sampled.h"

#include <math.h>
#include <stdlib.h>

#include "base/options.h"

/* ---- frames ---- */

bool ask_sampled_new(ask_sampled *out, int n_times, ask_error *err)
{
    const size_t n = (size_t)n_times;
    ask_sampled s = {
        .frames = calloc(n, sizeof *s.frames),
        .first = calloc(n, sizeof *s.first),
        .last = calloc(n, sizeof *s.last),
    };
    if (!s.frames || !s.first || !s.last) {
        ask_sampled_free(&s);
        return ask_fail_memory(err);
    }
    *out = s;
    return true;
}

bool ask_sampled_add(ask_sampled *s, const ask_input_frame *frame)
{
    if (!frame->pixels) {
        s->last[s->n - 1] = frame->time;
        return false;
    }
    s->first[s->n] = s->last[s->n] = frame->time;
    s->frames[s->n++] = (ask_find_frame){
        .index = frame->index,
        .pts = frame->pts,
        .t_s = frame->t_s,
        .duplicate_of = -1,
        .damaged = frame->damaged,
    };
    return true;
}

/* Where one frame's part of the video ends and the next one's begins. Where a frame was met
 * twice, times are denser than frames, so one frame gives way to the other. */
static double edge_between(const ask_sampled *s, const ask_sampling *sampling, int i)
{
    double next_s = s->frames[i + 1].t_s;
    bool is_dense = s->first[i] < s->last[i] || s->first[i + 1] < s->last[i + 1];
    if (is_dense) return next_s;
    const double *t_s = sampling->t_s;
    return fmin((t_s[s->last[i]] + t_s[s->first[i + 1]]) / 2, next_s);
}

void ask_sampled_end(ask_sampled *s, const ask_sampling *sampling)
{
    ask_find_frame *frames = s->frames;
    frames[0].start_s = fmin(sampling->start_s, frames[0].t_s);
    for (int i = 0; i + 1 < s->n; i++)
        frames[i].end_s = frames[i + 1].start_s = edge_between(s, sampling, i);
    frames[s->n - 1].end_s = sampling->end_s;
}

void ask_sampled_free(ask_sampled *s)
{
    free(s->frames);
    free(s->first);
    free(s->last);
    *s = (ask_sampled){0};
}

/* ---- how many ---- */

/* Frames that are on display at some of the times. */
static int count_on_display(const ask_time_table *table, const ask_sampling *s)
{
    int n = 0;
    int64_t last = -1, at = 0; // frames
    for (int i = 0; i < s->n; i++) {
        while (at + 1 < table->n_frames && table->frames[at + 1].t_s <= s->t_s[i]) at++;
        n += at != last;
        last = at;
    }
    return n;
}

bool ask_sampled_most(int *out, ask_video *v, const ask_sampling *sampling, ask_error *err)
{
    bool counted = sampling->counted;
    const ask_time_table *table = counted ? ask_video_table(v, err) : ask_video_outline(v);
    if (!table) return false;
    bool is_fewer = table->n_frames > 0 && table->n_frames < sampling->n;
    *out = counted    ? count_on_display(table, sampling)
           : is_fewer ? (int)table->n_frames
                      : sampling->n;
    return true;
}

/* ---- looking ---- */

static bool look_counted(ask_sampling *s, ask_video *v, const ask_sampling_options *opt,
                         ask_sampling_fn look, void *user, ask_error *err)
{
    ask_sampling_options options = ask_sampling_defaults();
    ask_options_take(&options, sizeof options, opt);
    options.counted = true;
    ask_sampling counted;
    if (!ask_sampling_resolve(&counted, v, &options, err)) return false;
    ask_sampling_free(s);
    *s = counted;
    return look(user, s, err);
}

/* That frames end too early is met only while looking. */
static bool look_again_if_cut_off(ask_sampling *s, ask_video *v,
                                  const ask_sampling_options *opt, ask_sampling_fn look,
                                  void *user, const ask_error *met, ask_error *err)
{
    const ask_time_table *table = NULL;
    if (met->code == ASK_ERR_USAGE) {
        table = ask_video_table(v, err);
        if (!table) return false;
    }
    if (!table || table->duration_s >= s->end_s)
        return ask_fail(err, met->code, "%s", met->message);
    return look_counted(s, v, opt, look, user, err);
}

bool ask_sampling_look(ask_sampling *out, ask_video *v, const ask_sampling_options *opt,
                       ask_sampling_fn look, void *user, ask_error *err)
{
    ask_sampling s;
    ask_error met = {0};
    if (!ask_sampling_resolve(&s, v, opt, err)) return false;
    if (look(user, &s, &met) || look_again_if_cut_off(&s, v, opt, look, user, &met, err)) {
        *out = s;
        return true;
    }
    ask_sampling_free(&s);
    return false;
}
