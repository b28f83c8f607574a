#include "eval/record_features.h"

#include <string.h>

#include "base/path.h"

/* The name of the video's file without its ending, in the arena; NULL: it is not known. */
static bool stem_of(const char **out, const char *path, ask_arena *room, ask_error *err)
{
    *out = NULL;
    if (!path) return true;
    const char *name = ask_path_basename(path);
    *out = ask_arena_strndup(room, name, strlen(name) - strlen(ask_path_extension(name)));
    return *out || ask_fail_memory(err);
}

bool ask_record_features_find(ask_record_features *out, const ask_feature_store *store,
                              const ask_data_record *r, ask_arena *room, ask_error *err)
{
    const char *stem;
    if (!stem_of(&stem, r->video_path, room, err)) return false;
    const char *names[] = {r->features, r->video, stem};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!names[i] || !ask_feature_store_has(store, names[i])) continue;
        bool is_own = i == 0 && strcmp(names[i], r->video) != 0;
        const char *key = ask_arena_strdup(room, names[i]);
        if (!key) return ask_fail_memory(err);
        *out = (ask_record_features){.key = key, .has_part = r->has_clip && !is_own};
        if (out->has_part) out->part = r->clip;
        return true;
    }
    const ask_feature_store_info info = ask_feature_store_info_of(store);
    return ask_fail(err, ASK_ERR_IO,
                    "%s: has no features of \"%s\", which question \"%s\" is about; it has "
                    "%zu, such as \"%s\"",
                    info.path, r->features ? r->features : r->video, r->id, info.n_keys,
                    ask_feature_store_key_at(store, 0));
}

int ask_record_features_compare(const ask_record_features *a, const ask_record_features *b)
{
    int order = strcmp(a->key, b->key);
    if (order) return order;
    if (a->has_part != b->has_part) return a->has_part - b->has_part;
    if (a->part.start_s != b->part.start_s)
        return a->part.start_s < b->part.start_s ? -1 : 1;
    return (a->part.end_s > b->part.end_s) - (a->part.end_s < b->part.end_s);
}

bool ask_record_features_cut(ask_feature_rows *rows, const ask_record_features *of)
{
    if (!of->has_part || rows->n == 0) return true;
    if (rows->n_times != rows->n) return false;
    int64_t begin = 0, end;
    while (begin < rows->n && rows->t_s[begin] < of->part.start_s) begin++;
    for (end = begin; end < rows->n && rows->t_s[end] < of->part.end_s; end++) continue;
    if (begin == end && begin > 0) begin--;
    rows->n = rows->n_times = end - begin;
    memmove(rows->data, rows->data + begin * rows->width,
            (size_t)(rows->n * rows->width) * sizeof *rows->data);
    memmove(rows->t_s, rows->t_s + begin, (size_t)rows->n * sizeof *rows->t_s);
    return true;
}
