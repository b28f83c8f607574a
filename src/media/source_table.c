/* The table of a source: put in order, and searched. */
#include <stdlib.h>

#include "base/checked.h"
#include "media/source_priv.h"

/* ---- order ---- */

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_frames(const void *a, const void *b)
{
    return compare(((const ask_source_frame *)a)->pts, ((const ask_source_frame *)b)->pts);
}

static int compare_starts(const void *a, const void *b)
{
    return compare(((const ask_source_start *)a)->pts, ((const ask_source_start *)b)->pts);
}

/* Of frames at one time only the last is ever seen. */
static void order_frames(ask_source_table *t)
{
    qsort(t->frames, (size_t)t->n_frames, sizeof *t->frames, compare_frames);
    int64_t n = 0;
    for (int64_t i = 0; i < t->n_frames; i++) {
        bool again = n > 0 && t->frames[n - 1].pts == t->frames[i].pts;
        if (again && t->frames[n - 1].key) t->frames[i].key = true;
        t->frames[again ? n - 1 : n++] = t->frames[i];
    }
    t->n_frames = n;
}

static void order_starts(ask_source_table *t)
{
    if (t->n_starts == 0) return;
    qsort(t->starts, (size_t)t->n_starts, sizeof *t->starts, compare_starts);
    int64_t n = 0;
    for (int64_t i = 0; i < t->n_starts; i++)
        if (n == 0 || t->starts[n - 1].pts != t->starts[i].pts)
            t->starts[n++] = t->starts[i];
    t->n_starts = n;
}

static int compare_tags(const void *a, const void *b, void *frames)
{
    const ask_source_frame *f = frames;
    return compare(f[*(const int64_t *)a].tag, f[*(const int64_t *)b].tag);
}

static bool tags_are_times(const ask_source_table *t)
{
    for (int64_t i = 0; i < t->n_frames; i++)
        if (t->frames[i].tag != t->frames[i].pts) return false;
    return true;
}

static bool order_tags(ask_source_table *t, ask_error *err)
{
    if (tags_are_times(t)) return true;
    size_t n_bytes;
    if (ask_bytes_of(&n_bytes, t->n_frames, sizeof *t->by_tag)) t->by_tag = malloc(n_bytes);
    if (!t->by_tag) return ask_fail_memory(err);
    for (int64_t i = 0; i < t->n_frames; i++) t->by_tag[i] = i;
    qsort_r(t->by_tag, (size_t)t->n_frames, sizeof *t->by_tag, compare_tags, t->frames);
    return true;
}

bool ask_source_table_order(ask_source_table *t, ask_error *err)
{
    if (t->n_frames == 0)
        return ask_fail(err, ASK_ERR_FORMAT, "the video stream has no frames");
    order_frames(t);
    order_starts(t);
    return order_tags(t, err);
}

/* ---- search ---- */

int64_t ask_source_frame_at(const ask_source_table *t, int64_t pts)
{
    int64_t low = 0, high = t->n_frames;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (t->frames[middle].pts <= pts)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

int64_t ask_source_start_at(const ask_source_table *t, int64_t pts)
{
    int64_t low = 0, high = t->n_starts;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (t->starts[middle].pts <= pts)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

const ask_source_frame *ask_source_find_tag(const ask_source_table *t, int64_t tag)
{
    int64_t low = 0, high = t->n_frames;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        const ask_source_frame *f = &t->frames[t->by_tag ? t->by_tag[middle] : middle];
        if (f->tag == tag) return f;
        if (f->tag < tag)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- the end ---- */

void ask_source_table_free(ask_source_table *t)
{
    free(t->frames);
    free(t->starts);
    free(t->by_tag);
    *t = (ask_source_table){0};
}
