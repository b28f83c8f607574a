/* The time table that everybody sees, from what a source tells. */
#include <stdlib.h>

#include "base/checked.h"
#include "media/time_table_priv.h"

/* Containers round times to whole units, many of them to milliseconds, also on the way to
 * another container; durations that differ by no more than that are the same. */
static const double ROUNDING_S = 0.001001;

static double seconds_of(const ask_video_info *info, int64_t ticks)
{
    return (double)ticks * (double)info->time_base_num / (double)info->time_base_den;
}

double ask_source_seconds(const ask_source_head *head, int64_t pts)
{
    return seconds_of(&head->info, pts - head->first_pts);
}

void ask_time_table_outline(ask_time_table *out, const ask_source_head *head)
{
    bool is_known = head->duration >= 0;
    *out = (ask_time_table){
        .duration_s = is_known ? seconds_of(&head->info, head->duration) : -1,
        .duration_source = is_known ? ASK_DURATION_CONTAINER : ASK_DURATION_UNKNOWN,
        .fps = head->fps,
        .n_frames = head->n_frames,
        .n_keys = head->n_keys,
    };
}

/* From a frame to the next one, or to the end. */
static int64_t ticks_on_display(const ask_source_table *t, int64_t i)
{
    int64_t end_pts = i + 1 < t->n_frames ? t->frames[i + 1].pts : t->end_pts;
    return end_pts - t->frames[i].pts;
}

static bool is_vfr(const ask_source_table *t, const ask_source_head *head)
{
    int64_t n = head->has_delays ? t->n_frames : t->n_frames - 1;
    if (n < 2) return false;
    int64_t least = INT64_MAX, most = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t ticks = ticks_on_display(t, i);
        if (ticks < least) least = ticks;
        if (ticks > most) most = ticks;
    }
    return most - least > 1 && seconds_of(&head->info, most - least) > ROUNDING_S;
}

bool ask_time_table_full(ask_time_table *out, const ask_source_table *t,
                         const ask_source_head *head, ask_error *err)
{
    const ask_video_info *info = &head->info;
    size_t n_bytes;
    ask_frame_time *frames = NULL;
    if (ask_bytes_of(&n_bytes, t->n_frames, sizeof *frames)) frames = malloc(n_bytes);
    if (!frames) return ask_fail_memory(err);
    int64_t first_pts = t->frames[0].pts, n_keys = 0;
    for (int64_t i = 0; i < t->n_frames; i++) {
        const ask_source_frame *f = &t->frames[i];
        frames[i] = (ask_frame_time){.pts = f->pts,
                                     .t_s = seconds_of(info, f->pts - first_pts),
                                     .duration_s = seconds_of(info, ticks_on_display(t, i)),
                                     .key = f->key};
        n_keys += f->key;
    }
    double duration_s = seconds_of(info, t->end_pts - first_pts);
    *out = (ask_time_table){
        .full = true,
        .duration_s = duration_s,
        .duration_source = ASK_DURATION_PACKETS,
        .fps = duration_s > 0 ? (double)t->n_frames / duration_s : 0,
        .vfr = is_vfr(t, head),
        .n_frames = t->n_frames,
        .frames = frames,
        .n_keys = n_keys,
    };
    return true;
}
