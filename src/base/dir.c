#include "base/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/fd_priv.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"

enum { NAME_TRIES = 100 };

static bool is_wanted(const char *name, const char *pattern)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return false;
    return !pattern || ask_glob_match(pattern, name);
}

/* Adds a copy of name; *capacity counts the places in names->names. */
static bool add_name(ask_dir_names *names, size_t *capacity, const char *name,
                     ask_error *err)
{
    if (names->n == *capacity) {
        size_t more = *capacity ? *capacity : 8;
        size_t n_bytes;
        char **grown = NULL;
        if (ask_mul_size(&more, more, 2) && ask_mul_size(&n_bytes, more, sizeof *grown))
            grown = realloc(names->names, n_bytes);
        if (!grown) return ask_fail_memory(err);
        names->names = grown;
        *capacity = more;
    }
    char *copy = ask_strdup(name, err);
    if (!copy) return false;
    names->names[names->n++] = copy;
    return true;
}

static bool read_names(ask_dir_names *names, DIR *dir, const char *path,
                       const char *pattern, ask_error *err)
{
    size_t capacity = 0;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry && errno) return ask_fail_errno(err, errno, "%s: cannot list", path);
        if (!entry) return true;
        if (is_wanted(entry->d_name, pattern) &&
            !add_name(names, &capacity, entry->d_name, err))
            return false;
    }
}

static int compare_names(const void *a, const void *b)
{
    return ask_compare_natural(*(char *const *)a, *(char *const *)b);
}

bool ask_dir_list(ask_dir_names *out, const char *path, const char *pattern, ask_error *err)
{
    DIR *dir = opendir(path);
    if (!dir) return ask_fail_errno(err, errno, "%s: cannot list", path);
    ask_dir_names names = {0};
    bool ok = read_names(&names, dir, path, pattern, err);
    closedir(dir);
    if (!ok) {
        ask_dir_names_free(&names);
        return false;
    }
    if (names.n > 1) qsort(names.names, names.n, sizeof *names.names, compare_names);
    *out = names;
    return true;
}

void ask_dir_names_free(ask_dir_names *names)
{
    for (size_t i = 0; i < names->n; i++) free(names->names[i]);
    free(names->names);
    *names = (ask_dir_names){0};
}

static bool make_one(const char *path, ask_error *err)
{
    if (mkdir(path, 0777) == 0) return true;
    int reason = errno;
    if (ask_file_is_dir(path)) return true;
    if (reason == EEXIST || reason == ENOTDIR)
        return ask_fail(err, ASK_ERR_IO, "%s: a file is in the way of the folder", path);
    return ask_fail_errno(err, reason, "%s: cannot make the folder", path);
}

bool ask_dir_make(const char *path, ask_error *err)
{
    if (ask_file_is_dir(path)) return true;
    char *part = ask_strdup(path, err);
    if (!part) return false;
    bool ok = true;
    for (char *slash = strchr(part + (*part == '/'), '/'); ok && slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ok = make_one(part, err);
        *slash = '/';
    }
    free(part);
    return ok && make_one(path, err);
}

bool ask_dir_make_above(const char *path, ask_error *err)
{
    char *dir = ask_path_dirname(path, err);
    bool ok = dir && ask_dir_make(dir, err);
    free(dir);
    return ok;
}

char *ask_dir_make_temp(const char *above, ask_error *err)
{
    if (!ask_dir_make(above, err)) return NULL;
    char *path = NULL;
    int reason = EEXIST;
    for (int i = 0; i < NAME_TRIES && reason == EEXIST; i++) {
        free(path);
        if (!(path = ask_fd_draw_temp(above, err))) return NULL;
        if (mkdir(path, 0777) == 0) return path;
        reason = errno;
    }
    ask_fail_errno(err, reason, "%s: cannot make the folder", path);
    free(path);
    return NULL;
}

/* ---- removing, moving, copying ---- */

static bool fail_remove(const char *path, ask_error *err)
{
    return errno == ENOENT || ask_fail_errno(err, errno, "%s: cannot remove", path);
}

static bool remove_all_in(const char *path, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, path, NULL, err)) return false;
    bool ok = true;
    for (size_t i = 0; i < names.n && ok; i++) {
        char *inner = ask_path_join(path, names.names[i], err);
        ok = inner && ask_dir_remove(inner, err);
        free(inner);
    }
    ask_dir_names_free(&names);
    return ok;
}

bool ask_dir_remove(const char *path, ask_error *err)
{
    struct stat found;
    if (lstat(path, &found) != 0) return fail_remove(path, err);
    if (S_ISDIR(found.st_mode) && !remove_all_in(path, err)) return false;
    return remove(path) == 0 || fail_remove(path, err);
}

/* The old folder goes first where the file system cannot exchange two. */
static bool replace_dir(const char *from, const char *to, ask_error *err)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0)
        return ask_dir_remove(from, err);
    return ask_dir_remove(to, err) &&
           (rename(from, to) == 0 ||
            ask_fail_errno(err, errno, "%s: cannot be moved to %s", from, to));
}

bool ask_dir_move(const char *from, const char *to, ask_error *err)
{
    if (rename(from, to) != 0) {
        if (errno != EEXIST && errno != ENOTEMPTY)
            return ask_fail_errno(err, errno, "%s: cannot be moved to %s", from, to);
        if (!replace_dir(from, to, err)) return false;
    }
    ask_fd_sync_dir_of(to);
    return true;
}

bool ask_dir_copy_in(const char *dir, const char *path, ask_error *err)
{
    ask_map map = {0};
    char *to = ask_path_join(dir, ask_path_basename(path), err);
    bool ok = to && ask_map_open(&map, path, err) &&
              ask_file_write(to, map.data, map.n_bytes, err);
    ask_map_close(&map);
    free(to);
    return ok;
}

/* ---- room ---- */

/* The folder itself, or the nearest one above it that is there. Freed by the caller. */
static char *nearest_dir(const char *path, ask_error *err)
{
    char *dir = ask_strdup(path, err);
    while (dir && !ask_file_exists(dir)) {
        char *above = ask_path_dirname(dir, err);
        bool is_top = above && strcmp(above, dir) == 0;
        free(dir);
        dir = above;
        if (is_top) break;
    }
    return dir;
}

bool ask_dir_free_bytes(int64_t *out, const char *path, ask_error *err)
{
    char *dir = nearest_dir(path, err);
    if (!dir) return false;
    struct statvfs found;
    int result;
    do result = statvfs(dir, &found);
    while (result != 0 && errno == EINTR);
    int reason = errno;
    free(dir);
    if (result != 0)
        return ask_fail_errno(err, reason, "%s: cannot find out the free space", path);
    bool told = found.f_blocks > 0 && found.f_bavail <= INT64_MAX;
    if (!told || !ask_mul_i64(out, (int64_t)found.f_bavail, (int64_t)found.f_frsize))
        *out = INT64_MAX;
    return true;
}
