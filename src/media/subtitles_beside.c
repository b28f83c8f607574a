/* The subtitle file that lies beside a video. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/path.h"
#include "media/subtitles_priv.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether it looks like a language: "en", "eng", "pt-BR", "zh_Hans". */
static bool is_language(const char *text, size_t n)
{
    size_t n_letters = 0;
    while (n_letters < n && is_letter(text[n_letters])) n_letters++;
    if (n_letters < 2 || n_letters > 3) return false;
    if (n_letters == n) return true;
    for (size_t i = n_letters + 1; i < n; i++)
        if (!is_letter(text[i])) return false;
    return strchr("-_", text[n_letters]) && n > n_letters + 1 && n - n_letters <= 9;
}

/* How good a file of that name is for a video of that stem: 0 is not at all, and more is
 * better. */
static int rank_of(const char *name, const char *stem, size_t stem_bytes,
                   const char *language)
{
    const char *ending = ask_path_extension(name);
    bool is_srt = strcasecmp(ending, ".srt") == 0;
    if (!is_srt && strcasecmp(ending, ".vtt") != 0) return 0;
    if (strncmp(name, stem, stem_bytes) != 0) return 0;
    const char *between = name + stem_bytes;
    if (between == ending) return language ? 0 : is_srt ? 3 : 2;
    if (*between++ != '.' || between > ending) return 0;
    size_t n = (size_t)(ending - between);
    bool is_wanted = !language || ask_language_fits(between, n, language);
    return is_wanted && is_language(between, n);
}

/* The best name in a folder, the first of those that are as good; NULL: none. */
static const char *choose(const ask_dir_names *names, const char *video,
                          const char *language)
{
    size_t stem_bytes = strlen(video) - strlen(ask_path_extension(video));
    const char *best = NULL;
    int best_rank = 0;
    for (size_t i = 0; i < names->n; i++) {
        int rank = rank_of(names->names[i], video, stem_bytes, language);
        if (rank <= best_rank) continue;
        best = names->names[i];
        best_rank = rank;
    }
    return best;
}

/* What lies beside a path; nothing where that cannot be seen. */
static bool list_folder_of(ask_dir_names *out, const char *path, ask_error *err)
{
    char *dir = ask_path_dirname(path, err);
    if (!dir) return false;
    ask_error reason = {0};
    bool ok = ask_dir_list(out, dir, NULL, &reason);
    free(dir);
    if (ok) return true;
    if (reason.code == ASK_ERR_NOMEM) return ask_fail_memory(err);
    *out = (ask_dir_names){0};
    return true;
}

/* A name in the folder of a path. */
static char *in_folder_of(const char *path, const char *name, ask_error *err)
{
    ask_str out = {0};
    ask_str_append_bytes(&out, path, (size_t)(ask_path_basename(path) - path));
    ask_str_append(&out, name);
    return ask_str_take(&out, err);
}

bool ask_subtitles_beside(char **out, const char *video_path, const char *language,
                          ask_error *err)
{
    if (ask_file_is_dir(video_path)) {
        *out = NULL;
        return true;
    }
    ask_dir_names names;
    if (!list_folder_of(&names, video_path, err)) return false;
    const char *name = choose(&names, ask_path_basename(video_path), language);
    char *path = name ? in_folder_of(video_path, name, err) : NULL;
    bool ok = path || !name;
    if (ok) *out = path;
    ask_dir_names_free(&names);
    return ok;
}
