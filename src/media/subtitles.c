#include "media/subtitles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/options.h"
#include "base/utf8.h"
#include "media/subtitles_priv.h"
#include "media/video_priv.h"

/* ---- options and errors ---- */

ask_subtitle_options ask_subtitle_defaults(void)
{
    return (ask_subtitle_options){
        .struct_size = sizeof(ask_subtitle_options),
        .stream = -1,
        .max_bytes = (size_t)64 << 20,
        .max_cues = 500000,
        .max_cue_bytes = (size_t)64 << 10,
    };
}

bool ask_subtitle_options_take(ask_subtitle_options *out, const ask_subtitle_options *given,
                               ask_error *err)
{
    *out = ask_subtitle_defaults();
    ask_options_take(out, sizeof *out, given);
    bool is_sensible = out->stream >= -1 && out->max_bytes > 0 && out->max_cues > 0 &&
                       out->max_cue_bytes > 0;
    return is_sensible || ask_fail(err, ASK_ERR_USAGE,
                                   "limits of subtitles must be greater than 0, and a "
                                   "stream is -1 or its index");
}

bool ask_subtitles_fail_in(const char *name, ask_error *err)
{
    bool is_about_it = err && err->code != ASK_ERR_CANCELLED && err->code != ASK_ERR_NOMEM;
    return is_about_it ? ask_fail_in(err, "%s", name) : false;
}

/* ---- a list being made ---- */

bool ask_cue_list_begin(ask_cue_list *l, const ask_subtitle_options *options,
                        ask_error *err)
{
    *l = (ask_cue_list){.options = options, .room = ask_arena_new(0)};
    return l->room || ask_fail_memory(err);
}

void ask_cue_list_drop(ask_cue_list *l)
{
    ask_arena_free(l->room);
    free(l->cues);
    ask_str_free(&l->words);
    *l = (ask_cue_list){0};
}

static bool make_room(ask_cue_list *l, ask_error *err)
{
    if (l->n >= l->options->max_cues)
        return ask_fail(err, ASK_ERR_LIMIT, "more than %lld cues",
                        (long long)l->options->max_cues);
    if ((size_t)l->n < l->capacity) return true;
    size_t capacity = l->capacity ? 2 * l->capacity : 256, n_bytes;
    ask_numbered_cue *cues =
        ask_mul_size(&n_bytes, capacity, sizeof *cues) ? realloc(l->cues, n_bytes) : NULL;
    if (!cues) return ask_fail_memory(err);
    l->cues = cues;
    l->capacity = capacity;
    return true;
}

bool ask_cue_list_add(ask_cue_list *l, double start_s, double end_s, ask_markup markup,
                      const char *text, size_t n_bytes, ask_error *err)
{
    const double latest_s = 1e8;
    if (n_bytes > l->options->max_cue_bytes)
        return ask_fail(err, ASK_ERR_LIMIT, "the cue at %.3f s has more than %zu bytes",
                        start_s, l->options->max_cue_bytes);
    bool is_sane =
        fabs(start_s) <= latest_s && end_s > start_s && (isinf(end_s) || end_s <= latest_s);
    if (!is_sane || !ask_utf8_valid(text, n_bytes)) {
        l->n_dropped++;
        return true;
    }
    ask_str_clear(&l->words);
    ask_markup_words(&l->words, markup, text, n_bytes);
    if (l->words.failed) return ask_fail_memory(err);
    if (l->words.length == 0) return true;
    if (!make_room(l, err)) return false;
    const char *words = ask_arena_strdup(l->room, ask_str_text(&l->words));
    if (!words) return ask_fail_memory(err);
    l->cues[l->n] = (ask_numbered_cue){{start_s, end_s, words}, l->n};
    l->n++;
    return true;
}

static int compare_doubles(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_cues(const void *a, const void *b)
{
    const ask_numbered_cue *x = a, *y = b;
    int by_start = compare_doubles(x->cue.start_s, y->cue.start_s);
    if (by_start) return by_start;
    int by_end = compare_doubles(x->cue.end_s, y->cue.end_s);
    return by_end ? by_end : (x->number > y->number) - (x->number < y->number);
}

/* Gives an end to cues that have none: the next beginning. They are in order of starts. */
static void give_ends(ask_cue_list *l, double last_s)
{
    double next_s = last_s, start_s = INFINITY; // the later beginning; that of cue i + 1
    for (int64_t i = l->n - 1; i >= 0; i--) {
        ask_subtitle_cue *c = &l->cues[i].cue;
        if (isfinite(start_s) && c->start_s < start_s) next_s = start_s;
        start_s = c->start_s;
        if (isinf(c->end_s)) c->end_s = next_s;
    }
}

/* Drops what has no place on the time line; the others begin with the first frame or later.
 */
static void keep_placed(ask_cue_list *l)
{
    int64_t n = 0;
    for (int64_t i = 0; i < l->n; i++) {
        ask_numbered_cue c = l->cues[i];
        if (c.cue.start_s < 0) c.cue.start_s = 0;
        if (isfinite(c.cue.end_s) && c.cue.end_s > c.cue.start_s) l->cues[n++] = c;
    }
    l->n_dropped += l->n - n;
    l->n = n;
}

static void sort(ask_cue_list *l)
{
    if (l->n > 1) qsort(l->cues, (size_t)l->n, sizeof *l->cues, compare_cues);
}

static void put_in_place(ask_cue_list *l, double last_s)
{
    sort(l);
    give_ends(l, last_s);
    keep_placed(l);
    sort(l); // by the ends and beginnings that were changed
}

bool ask_cue_list_end(ask_cue_list *l, ask_subtitles *out, double last_s, const char *path,
                      ask_error *err)
{
    put_in_place(l, last_s);
    const char *own_path = path ? ask_arena_strdup(l->room, path) : NULL;
    ask_subtitle_cue *cues = ask_arena_array(l->room, (size_t)l->n, sizeof *cues);
    if (!cues || (path && !own_path)) {
        ask_cue_list_drop(l);
        return ask_fail_memory(err);
    }
    for (int64_t i = 0; i < l->n; i++) cues[i] = l->cues[i].cue;
    *out = (ask_subtitles){
        .kind = path ? ASK_SUBTITLES_FILE : ASK_SUBTITLES_TRACK,
        .path = own_path,
        .stream = -1,
        .cues = cues,
        .n_cues = l->n,
        .n_dropped = l->n_dropped,
        .room = l->room,
    };
    l->room = NULL;
    ask_cue_list_drop(l);
    return true;
}

void ask_subtitles_free(ask_subtitles *s)
{
    ask_arena_free(s->room);
    *s = (ask_subtitles){0};
}

/* ---- either ---- */

static bool is_none(const ask_error *err)
{
    return err->code == ASK_ERR_NOT_FOUND || err->code == ASK_ERR_UNSUPPORTED;
}

/* The track of a video, or none. */
static bool find_track(ask_subtitles *out, const ask_video *v,
                       const ask_subtitle_options *opt, ask_error *err)
{
    ask_error reason = {0};
    if (ask_subtitles_of_video(out, v, opt, &reason)) return true;
    if (!is_none(&reason)) {
        if (err) *err = reason;
        return false;
    }
    *out = (ask_subtitles){.stream = -1};
    return true;
}

bool ask_subtitles_find(ask_subtitles *out, const ask_video *v,
                        const ask_subtitle_options *opt, ask_error *err)
{
    ask_subtitle_options options;
    if (!ask_subtitle_options_take(&options, opt, err)) return false;
    if (options.stream >= 0) return ask_subtitles_of_video(out, v, opt, err);
    char *path;
    if (!ask_subtitles_beside(&path, ask_video_source(v)->path, options.language, err))
        return false;
    bool ok = path ? ask_subtitles_read(out, path, opt, err) : find_track(out, v, opt, err);
    free(path);
    return ok;
}

/* ---- between two times ---- */

static bool is_on_display(const ask_subtitle_cue *c, double start_s, double end_s)
{
    return c->end_s > start_s && (c->start_s < end_s || c->start_s <= start_s);
}

int64_t ask_subtitles_between(const ask_subtitles *s, double start_s, double end_s,
                              const ask_subtitle_cue **out, int64_t n_out)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s->n_cues; i++) {
        const ask_subtitle_cue *c = &s->cues[i];
        if (c->start_s > start_s && c->start_s >= end_s) break;
        if (!is_on_display(c, start_s, end_s)) continue;
        if (out && n < n_out) out[n] = c;
        n++;
    }
    return n;
}
