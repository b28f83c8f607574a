#include "data/videos_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "data/names_priv.h"

bool data_find_videos(data_build *b, const char *given, ask_error *err)
{
    if (given && !ask_file_is_dir(given))
        return ask_fail(err, ASK_ERR_IO, "%s: no such folder of videos", given);
    if (given) b->videos = data_copy(b, given);
    static const char *const usual[] = {"videos", "video", "gifs", "vision/raw"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual && !b->videos; i++) {
        const char *dir = data_printf(b, "%s/%s", b->dir, usual[i]);
        if (ask_file_is_dir(dir)) b->videos = dir;
    }
    return !b->no_memory || ask_fail_memory(err);
}

/* Whether a name from outside stays in the folder that it is put behind. */
static bool stays_inside(const char *name)
{
    if (!*name || *name == '/') return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        if (*part == '/') part++;
        size_t n = strcspn(part, "/");
        if (n == 2 && strncmp(part, "..", 2) == 0) return false;
    }
    return true;
}

/* The file of a video by its name with or without an ending; NULL: there is none. */
static const char *file_of_video(data_build *b, const char *name)
{
    static const char *const endings[] = {"",     ".mp4",  ".gif", ".avi",
                                          ".mkv", ".webm", ".mov"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings && stays_inside(name); i++) {
        ask_str path = {0};
        ask_str_printf(&path, "%s/%s%s", b->videos, name, endings[i]);
        const char *found = NULL;
        b->no_memory |= path.failed;
        if (!path.failed && ask_file_exists(path.data) && !ask_file_is_dir(path.data))
            found = data_copy(b, path.data);
        ask_str_free(&path);
        if (found) return found;
    }
    return NULL;
}

/* ---- maps: what the files of videos are called, without an ending ---- */

/* One object: video -> file. */
static bool parse_json_map(data_dictionary *m, data_build *b, data_text text,
                           ask_error *err)
{
    ask_json *doc = ask_json_parse(text.text, text.bytes, text.name, NULL, err);
    ask_json_value root;
    bool ok = doc && ask_json_get_object(&root, ask_json_root(doc), NULL, err);
    for (ask_json_walk w = {0}; ok && ask_json_next(root, &w);) {
        const char *file;
        ok = ask_json_get_string(&file, w.value, NULL, err) &&
             data_dictionary_put(m, data_copy(b, w.key), data_copy(b, file), err);
    }
    ask_json_free(doc);
    return ok;
}

/* A line of two words: "mv89psg6zh4_33_46 vid1". */
static bool read_map_line(data_dictionary *m, data_build *b, const data_lines *it,
                          ask_error *err)
{
    size_t n = strcspn(it->line, " \t");
    const char *video = it->line + n + strspn(it->line + n, " \t");
    if (!*video || video[strcspn(video, " \t")])
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s:%zu: expected the names of a file and a video, got \"%.80s\"",
                        it->text.name, it->row, it->line);
    const char *file = data_printf(b, "%.*s", (int)n, it->line);
    return data_dictionary_put(m, data_copy(b, video), file, err);
}

static bool parse_line_map(data_dictionary *m, data_build *b, data_text text,
                           ask_error *err)
{
    data_lines it = {.text = text};
    bool ok = true;
    while (ok && data_lines_next(&it, err)) ok = read_map_line(m, b, &it, err);
    return data_lines_end(&it);
}

bool data_parse_map(data_dictionary *m, data_build *b, data_text text, ask_error *err)
{
    bool ok = ask_ends_with(text.name, ".json") ? parse_json_map(m, b, text, err)
                                                : parse_line_map(m, b, text, err);
    return ok && (!b->no_memory || ask_fail_memory(err));
}

static bool read_map(data_dictionary *m, data_build *b, const data_set *set, ask_error *err)
{
    data_file f;
    if (!set->map) return true;
    bool ok = data_open_beside(b, &f, set->map, err) &&
              (!f.text.name || data_parse_map(m, b, f.text, err));
    data_file_close(&f);
    return ok;
}

/* ---- matching ---- */

/* Finds one video, by what the map or the set calls its file, or by its own name. */
static bool look_for(const char **out, data_build *b, const data_set *set,
                     const data_dictionary *map, const ask_data_record *r, ask_error *err)
{
    const char *name = data_dictionary_get(map, r->video);
    if (!name && set->video_file) name = data_fill_in(b, set->video_file, r->video);
    if (!name) name = r->video;
    *out = file_of_video(b, name);
    if (!*out && name != r->video) *out = file_of_video(b, r->video);
    if (b->no_memory) return ask_fail_memory(err);
    return *out || data_notice_at(b, ASK_DATA_MISSING_VIDEO, r, err,
                                  "no video \"%s\" in %s", r->video, b->videos);
}

/* Looks once for each video. */
static bool find_each(data_build *b, const data_set *set, const data_dictionary *map,
                      ask_error *err)
{
    data_names seen = {0};
    const char **paths = calloc(b->n_records, sizeof *paths);
    bool ok = paths || ask_fail_memory(err);
    for (size_t i = 0; i < b->n_records && ok; i++) {
        ask_data_record *r = &b->records[i];
        size_t n = seen.n, index = 0;
        ok = data_names_add(&seen, &index, r->video, err) &&
             (seen.n == n || look_for(&paths[index], b, set, map, r, err));
        if (ok) r->video_path = paths[index];
    }
    free(paths);
    data_names_free(&seen);
    return ok;
}

bool data_match_videos(data_build *b, const data_set *set, ask_error *err)
{
    if (!b->videos) return true;
    data_dictionary map = {0};
    bool ok = read_map(&map, b, set, err) && find_each(b, set, &map, err);
    data_dictionary_free(&map);
    return ok;
}

bool data_find_subtitles(data_build *b, const data_set *set, ask_error *err)
{
    for (size_t i = 0; i < b->n_records && set->subtitles; i++) {
        ask_data_record *r = &b->records[i];
        if (r->subtitles || !stays_inside(r->video)) continue;
        const char *name = data_fill_in(b, set->subtitles, r->video);
        if (!data_find_beside(b, &r->subtitles, name, err)) return false;
    }
    return true;
}
