#include "hub/cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

enum { MOST_REF_BYTES = 256 };

char *ask_hub_cache_name(const ask_hub_id *id, ask_error *err)
{
    ask_str name = {0};
    ask_str_append(&name, "models--");
    for (const char *c = id->name; *c; c++)
        if (*c == '/')
            ask_str_append(&name, "--");
        else
            ask_str_append_char(&name, *c);
    return ask_str_take(&name, err);
}

/* A path of three parts. */
static char *join(const char *a, const char *b, const char *c, ask_error *err)
{
    char *ab = ask_path_join(a, b, err);
    char *abc = ab ? ask_path_join(ab, c, err) : NULL;
    free(ab);
    return abc;
}

/* Takes the folder of a commit when it is there. */
static bool take_snapshot(char **out, const char *model, const char *commit, ask_error *err)
{
    char *dir = join(model, "snapshots", commit, err);
    if (!dir) return false;
    if (ask_file_is_dir(dir))
        *out = dir;
    else
        free(dir);
    return true;
}

/* Cuts white space off the end; what then is a commit is one. */
static bool is_ref(char *text)
{
    size_t n = strlen(text);
    while (n > 0 && strchr(" \r\n\t", text[n - 1])) text[--n] = '\0';
    return ask_hub_is_commit(text);
}

static bool find_ref(char **out, const char *model, const char *ref, ask_error *err)
{
    char *path = join(model, "refs", ref, err);
    if (!path) return false;
    char *commit = NULL;
    size_t n;
    bool ok = true;
    if (ask_file_exists(path) && !ask_file_is_dir(path))
        ok = ask_file_read(&commit, &n, path, MOST_REF_BYTES, err);
    if (ok && commit && is_ref(commit)) ok = take_snapshot(out, model, commit, err);
    free(commit);
    free(path);
    return ok;
}

/* Of all snapshots the one that was made last. */
static bool find_newest(char **out, const char *model, ask_error *err)
{
    char *above = ask_path_join(model, "snapshots", err);
    ask_dir_names names = {0};
    bool ok = above && (!ask_file_is_dir(above) || ask_dir_list(&names, above, NULL, err));
    struct timespec best = {0};
    for (size_t i = 0; i < names.n && ok; i++) {
        struct stat info;
        char *dir = ask_path_join(above, names.names[i], err);
        ok = dir;
        bool newer =
            ok && ask_hub_is_commit(names.names[i]) && stat(dir, &info) == 0 &&
            S_ISDIR(info.st_mode) &&
            (!*out || info.st_mtim.tv_sec > best.tv_sec ||
             (info.st_mtim.tv_sec == best.tv_sec && info.st_mtim.tv_nsec > best.tv_nsec));
        if (newer) {
            best = info.st_mtim;
            free(*out);
            *out = dir;
        } else
            free(dir);
    }
    ask_dir_names_free(&names);
    free(above);
    return ok;
}

static bool find_in(char **out, const char *model, const char *revision, ask_error *err)
{
    const char *ref = *revision ? revision : "main";
    if (!find_ref(out, model, ref, err)) return false;
    if (!*out && ask_hub_is_commit(revision))
        return take_snapshot(out, model, revision, err);
    return *out || *revision || find_newest(out, model, err);
}

bool ask_hub_cache_find(char **out, const char *cache_dir, const ask_hub_id *id,
                        ask_error *err)
{
    char *name = ask_hub_cache_name(id, err);
    char *model = name ? ask_path_join(cache_dir, name, err) : NULL;
    free(name);
    char *dir = NULL;
    bool ok = model && find_in(&dir, model, id->revision, err);
    free(model);
    if (ok)
        *out = dir;
    else
        free(dir);
    return ok;
}
