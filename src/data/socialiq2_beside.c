/* socialiq2_beside.c - what lies beside the questions of Social-IQ 2.0.
 *
 *     original_split.json, current_split.json
 *                   {"subsets": {"youtubeclips": {"train": [VIDEO, ...], ...}, ...}}
 *     trims.json    {VIDEO: second, ...}
 *
 * The first says what kind of clip a video is and which split it belongs to; the second,
 * which the set's download tool writes, which videos could still be had; the third where in
 * the film of that name the clip of 60 s begins. */
#include <string.h>

#include "data/beside_priv.h"
#include "data/names_priv.h"

/* ---- splits ---- */

typedef struct {
    data_dictionary subset_of, split_of; // by video
} video_lists;

static void free_lists(video_lists *l)
{
    data_dictionary_free(&l->subset_of);
    data_dictionary_free(&l->split_of);
}

static bool read_videos(video_lists *l, data_build *b, const char *subset,
                        const char *split, ask_json_value videos, ask_error *err)
{
    if (!ask_json_get_array(&videos, videos, NULL, err)) return false;
    for (size_t i = 0; i < ask_json_count(videos); i++) {
        const char *video;
        if (!ask_json_get_string(&video, ask_json_item(videos, i), NULL, err)) return false;
        video = data_copy(b, video);
        if (!data_dictionary_put(&l->subset_of, video, subset, err) ||
            !data_dictionary_put(&l->split_of, video, split, err))
            return false;
    }
    return true;
}

static bool read_subset(video_lists *l, data_build *b, const char *name,
                        ask_json_value splits, ask_error *err)
{
    const char *subset = data_copy(b, name);
    if (!ask_json_get_object(&splits, splits, NULL, err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(splits, &m);)
        if (!read_videos(l, b, subset, data_copy(b, m.key), m.value, err)) return false;
    return true;
}

static bool read_lists(video_lists *l, data_build *b, const ask_json *doc, ask_error *err)
{
    ask_json_value subsets;
    bool ok = ask_json_get_object(&subsets, ask_json_root(doc), "subsets", err);
    for (ask_json_walk m = {0}; ok && ask_json_next(subsets, &m);)
        ok = read_subset(l, b, m.key, m.value, err);
    return ok && (!b->no_memory || ask_fail_memory(err));
}

typedef bool give_doc(data_build *b, const ask_json *doc, ask_error *err);

/* Nothing is given when the file is not there. */
static bool read_beside(data_build *b, const char *file, give_doc *give, ask_error *err)
{
    const char *path;
    if (!data_find_beside(b, &path, file, err)) return false;
    if (!path) return true;
    ask_json *doc = ask_json_read(path, NULL, err);
    bool ok = doc && give(b, doc, err);
    ask_json_free(doc);
    return ok;
}

/* What is to be said of a video that comes for the first time. */
typedef bool check_video(data_build *b, const ask_data_record *r, const video_lists *l,
                         ask_error *err);

static bool for_each_video(data_build *b, const video_lists *l, check_video *check,
                           ask_error *err)
{
    data_names seen = {0};
    bool ok = true;
    for (size_t i = 0; i < b->n_records && ok; i++) {
        size_t n = seen.n, index;
        ok = data_names_add(&seen, &index, b->records[i].video, err) &&
             (seen.n == n || check(b, &b->records[i], l, err));
    }
    data_names_free(&seen);
    return ok;
}

static bool check_split(data_build *b, const ask_data_record *r, const video_lists *l,
                        ask_error *err)
{
    const char *split = data_dictionary_get(&l->split_of, r->video);
    if (!split)
        return data_notice_at(b, ASK_DATA_MISMATCH, r, err,
                              "original_split.json does not have \"%s\"", r->video);
    return !b->split || strcmp(split, b->split) == 0 ||
           data_notice_at(b, ASK_DATA_MISMATCH, r, err,
                          "original_split.json has \"%s\" for %s", r->video, split);
}

bool data_socialiq2_give_subsets(data_build *b, const ask_json *doc, ask_error *err)
{
    video_lists l = {0};
    bool ok = read_lists(&l, b, doc, err);
    for (size_t i = 0; i < b->n_records && ok; i++)
        data_tag(b, &b->records[i], "subset",
                 data_dictionary_get(&l.subset_of, b->records[i].video));
    ok = ok && for_each_video(b, &l, check_split, err);
    free_lists(&l);
    return ok && (!b->no_memory || ask_fail_memory(err));
}

static bool check_available(data_build *b, const ask_data_record *r, const video_lists *l,
                            ask_error *err)
{
    return data_dictionary_get(&l->split_of, r->video) ||
           data_notice_at(b, ASK_DATA_MISSING_VIDEO, r, err,
                          "current_split.json does not have \"%s\"", r->video);
}

static bool check_downloads(data_build *b, const ask_json *doc, ask_error *err)
{
    video_lists l = {0};
    bool ok = read_lists(&l, b, doc, err) && for_each_video(b, &l, check_available, err);
    free_lists(&l);
    return ok;
}

/* ---- trims ---- */

static bool give_origin(ask_data_record *r, ask_json_value trims, ask_error *err)
{
    ask_json_value v = ask_json_member(trims, r->video);
    if (!ask_json_opt_double(&r->origin_s, v, NULL, 0, err)) return false;
    return r->origin_s >= 0 ||
           ask_json_fail(v, err, "expected a time, got %g", r->origin_s);
}

bool data_socialiq2_give_origins(data_build *b, const ask_json *doc, ask_error *err)
{
    ask_json_value trims;
    bool ok = ask_json_get_object(&trims, ask_json_root(doc), NULL, err);
    for (size_t i = 0; i < b->n_records && ok; i++)
        ok = give_origin(&b->records[i], trims, err);
    return ok;
}

/* Where the videos themselves were looked for, it is known better which are there. */
bool data_socialiq2_read_more(data_build *b, ask_error *err)
{
    return read_beside(b, "original_split.json", data_socialiq2_give_subsets, err) &&
           (b->videos || read_beside(b, "current_split.json", check_downloads, err)) &&
           read_beside(b, "trims.json", data_socialiq2_give_origins, err);
}
