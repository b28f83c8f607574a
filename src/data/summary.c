#include "data/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/names_priv.h"
#include "data/notices.h"
#include "data/reader_priv.h"

static void count_record(ask_data_summary *s, const ask_data_record *r)
{
    s->n_kinds[r->kind]++;
    s->n_answered += data_is_answered(r);
    s->n_clips += r->has_clip;
    s->n_windows += r->n_windows > 0;
    s->n_saliency += r->n_saliency > 0;
    s->n_events += r->n_events > 0;
    s->n_situations += r->n_situations > 0;
    s->n_vectors += r->vectors != NULL;
    s->n_subtitles += r->subtitles != NULL;
}

static bool count_videos(ask_data_summary *s, const ask_data_record *records,
                         ask_error *err)
{
    data_names videos = {0};
    bool ok = true;
    for (size_t i = 0; i < s->n_questions && ok; i++) {
        size_t n = videos.n, index;
        ok = data_names_add(&videos, &index, records[i].video, err);
        s->n_videos_found += videos.n > n && records[i].video_path;
    }
    s->n_videos = videos.n;
    data_names_free(&videos);
    return ok;
}

/* ---- tags ---- */

static int compare_names(const void *a, const void *b)
{
    const ask_data_tag_count *x = a, *y = b;
    int order = strcmp(x->group, y->group);
    return order ? order : ask_compare_natural(x->name, y->name);
}

static int compare_counts(const void *a, const void *b)
{
    const ask_data_tag_count *x = a, *y = b;
    int order = strcmp(x->group, y->group);
    if (order) return order;
    if (x->n != y->n) return x->n < y->n ? 1 : -1;
    return ask_compare_natural(x->name, y->name);
}

/* Sorts all tags of all questions, and makes one of those that are alike. */
static void merge_tags(ask_data_summary *s, size_t n)
{
    qsort(s->tags, n, sizeof *s->tags, compare_names);
    for (size_t i = 0; i < n; i++) {
        ask_data_tag_count *last = s->n_tags > 0 ? &s->tags[s->n_tags - 1] : NULL;
        if (last && compare_names(last, &s->tags[i]) == 0)
            last->n++;
        else
            s->tags[s->n_tags++] = s->tags[i];
    }
    qsort(s->tags, s->n_tags, sizeof *s->tags, compare_counts);
}

static bool count_tags(ask_data_summary *s, const ask_data_record *records, ask_error *err)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < s->n_questions; i++) n += (size_t)records[i].n_tags;
    if (n == 0) return true;
    s->tags = calloc(n, sizeof *s->tags);
    if (!s->tags) return ask_fail_memory(err);
    for (size_t i = 0; i < s->n_questions; i++)
        for (int k = 0; k < records[i].n_tags; k++)
            s->tags[at++] = (ask_data_tag_count){
                .group = records[i].tags[k].group, .name = records[i].tags[k].name, .n = 1};
    merge_tags(s, n);
    return true;
}

bool ask_data_summary_of(ask_data_summary *out, const ask_dataset *d, ask_error *err)
{
    ask_data_summary s = {0};
    const ask_data_record *records = ask_dataset_records(d, &s.n_questions);
    for (size_t i = 0; i < s.n_questions; i++) count_record(&s, &records[i]);
    ask_data_count_notices(s.n_notices, d);
    if (!count_videos(&s, records, err) || !count_tags(&s, records, err)) {
        ask_data_summary_free(&s);
        return false;
    }
    *out = s;
    return true;
}

void ask_data_summary_free(ask_data_summary *s)
{
    free(s->tags);
    *s = (ask_data_summary){0};
}
