#include "hub/store_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "hub/cache.h"

/* In a folder, of all of its files. */
#define LOCK_NAME ".askance.lock"

bool hub_store_make(hub_store *out, const char *cache_dir, const char *dir,
                    const ask_hub_id *id, const char *commit, ask_arena *room,
                    ask_error *err)
{
    hub_store s = {.is_cache = !dir, .commit = commit};
    if (dir) {
        s.dir = ask_arena_strdup(room, dir);
    } else {
        char *name = ask_hub_cache_name(id, err);
        if (!name) return false;
        const char *ref = *id->revision ? id->revision : "main";
        s.model = ask_arena_sprintf(room, "%s/%s", cache_dir, name);
        s.locks = ask_arena_sprintf(room, "%s/.locks/%s", cache_dir, name);
        s.dir = ask_arena_sprintf(room, "%s/%s/snapshots/%s", cache_dir, name, commit);
        s.ref = ask_arena_sprintf(room, "%s/%s/refs/%s", cache_dir, name, ref);
        free(name);
        if (!s.model || !s.locks || !s.ref) return ask_fail_memory(err);
        if (strcmp(ref, commit) == 0) s.ref = NULL;
    }
    if (!s.dir) return ask_fail_memory(err);
    *out = s;
    return true;
}

static hub_place place_in_cache(const hub_store *s, const hub_file *file, ask_arena *room)
{
    return (hub_place){
        .place = ask_arena_sprintf(room, "%s/blobs/%s", s->model, file->hash),
        .partial = ask_arena_sprintf(room, "%s/blobs/%s.incomplete", s->model, file->hash),
        .lock = ask_arena_sprintf(room, "%s/%s.lock", s->locks, file->hash),
    };
}

/* What is not whole has a part of the hash in its name, so that it is gone on with as the
 * file that it was begun as. */
static hub_place place_in_folder(const hub_store *s, const hub_file *file, ask_arena *room)
{
    enum { HASH_CHARS = 12 };
    return (hub_place){
        .place = ask_arena_sprintf(room, "%s/%s", s->dir, file->path),
        .partial = ask_arena_sprintf(room, "%s/%s.%.*s.incomplete", s->dir, file->path,
                                     HASH_CHARS, file->hash[0] ? file->hash : s->commit),
        .lock = ask_arena_sprintf(room, "%s/" LOCK_NAME, s->dir),
    };
}

bool hub_store_place(hub_place *out, const hub_store *s, const hub_file *file,
                     ask_arena *room, ask_error *err)
{
    if (s->is_cache && !file->hash[0])
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: the hub tells no hash of it, by which the cache keeps files; "
                        "download into a folder with --output DIR",
                        file->path);
    if (!s->is_cache && strcmp(file->path, LOCK_NAME) == 0)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: the folder's lock is called so; leave this file out, or "
                        "download into the cache, without --output",
                        file->path);
    hub_place p =
        s->is_cache ? place_in_cache(s, file, room) : place_in_folder(s, file, room);
    if (!p.place || !p.partial || !p.lock) return ask_fail_memory(err);
    *out = p;
    return true;
}

/* ---- a snapshot ---- */

/* Out of the snapshot's folder, which a path below it is deeper than. */
static void link_target(ask_str *out, const hub_file *file)
{
    ask_str_append(out, "../../");
    for (const char *c = file->path; *c; c++)
        if (*c == '/') ask_str_append(out, "../");
    ask_str_printf(out, "blobs/%s", file->hash);
}

/* Whether a link leads there already. */
static bool leads_to(const char *link, const char *target)
{
    char old[512];
    ssize_t n = readlink(link, old, sizeof old);
    return n > 0 && (size_t)n == strlen(target) && memcmp(old, target, (size_t)n) == 0;
}

static bool make_link(const char *link, const char *target, ask_error *err)
{
    if (!ask_dir_make_above(link, err)) return false;
    return symlink(target, link) == 0 ||
           ask_fail_errno(err, errno,
                          "%s: cannot make the link; download into a folder with "
                          "--output DIR",
                          link);
}

/* The link of a file, in a folder that may be the snapshot, and where it leads. */
static bool name_link(ask_str *link, ask_str *target, const char *dir, const hub_file *file,
                      ask_error *err)
{
    ask_str_printf(link, "%s/%s", dir, file->path);
    link_target(target, file);
    return !(link->failed || target->failed) || ask_fail_memory(err);
}

static bool is_shown(bool *out, const hub_store *s, const hub_file *file, ask_error *err)
{
    ask_str link = {0}, target = {0};
    bool ok = name_link(&link, &target, s->dir, file, err);
    if (ok) *out = leads_to(ask_str_text(&link), ask_str_text(&target));
    ask_str_free(&link);
    ask_str_free(&target);
    return ok;
}

static bool are_shown(bool *out, const hub_store *s, const hub_listing *l, ask_error *err)
{
    *out = true;
    for (size_t i = 0; i < l->n && *out; i++)
        if (!is_shown(out, s, &l->files[i], err)) return false;
    return true;
}

static bool make_links(const char *dir, const hub_listing *l, ask_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < l->n && ok; i++) {
        ask_str link = {0}, target = {0};
        ok = name_link(&link, &target, dir, &l->files[i], err) &&
             make_link(ask_str_text(&link), ask_str_text(&target), err);
        ask_str_free(&link);
        ask_str_free(&target);
    }
    return ok;
}

static bool move_link(const char *from_dir, const char *to_dir, const hub_file *file,
                      ask_error *err)
{
    char *from = ask_path_join(from_dir, file->path, err);
    char *to = from ? ask_path_join(to_dir, file->path, err) : NULL;
    bool ok =
        to && ask_dir_make_above(to, err) &&
        (rename(from, to) == 0 || ask_fail_errno(err, errno, "%s: cannot be replaced", to));
    free(from);
    free(to);
    return ok;
}

/* Puts links that were made elsewhere in the place of the snapshot; into one that is there
 * they go one by one, each at once. */
static bool put_in_place(const char *made, const hub_store *s, const hub_listing *l,
                         ask_error *err)
{
    if (rename(made, s->dir) == 0) return true;
    if (errno != EEXIST && errno != ENOTEMPTY)
        return ask_fail_errno(err, errno, "%s: cannot be moved to %s", made, s->dir);
    for (size_t i = 0; i < l->n; i++)
        if (!move_link(made, s->dir, &l->files[i], err)) return false;
    return true;
}

/* The links are made beside the snapshot, under a name that is no commit's: whatever ends
 * the program, there is no half of one. */
static bool show_files(const hub_store *s, const hub_listing *l, ask_error *err)
{
    char *above = ask_path_dirname(s->dir, err);
    char *made = above ? ask_dir_make_temp(above, err) : NULL;
    bool ok = made && make_links(made, l, err) && put_in_place(made, s, l, err);
    if (made) ask_dir_remove(made, NULL);
    free(made);
    free(above);
    return ok;
}

bool hub_store_publish(const hub_store *s, const hub_listing *l, ask_error *err)
{
    if (!s->is_cache) return true;
    bool shown;
    if (!are_shown(&shown, s, l, err) || (!shown && !show_files(s, l, err))) return false;
    if (!s->ref) return true;
    return ask_dir_make_above(s->ref, err) &&
           ask_file_write(s->ref, s->commit, strlen(s->commit), err);
}

void hub_store_unlock(const hub_store *s, ask_lock *lock)
{
    s->is_cache ? ask_lock_drop(lock) : ask_lock_remove(lock);
}
