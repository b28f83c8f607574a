/* layout_links.c - links to the clips of a world, each relative to where it stands, so that
 * folders can be moved together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/path.h"
#include "world/layout_priv.h"

/* What a link says; NULL: it is none, or failed. Freed with free(). */
static char *read_link(const char *path)
{
    enum { MOST = 4096 };
    char *said = malloc(MOST);
    ssize_t n = said ? readlink(path, said, MOST) : -1;
    if (n >= 0 && n < MOST) {
        said[n] = '\0';
        return said;
    }
    free(said);
    return NULL;
}

/* A link that is there already is left, if it says the same. */
static bool check_link(const char *path, const char *target, ask_error *err)
{
    char *said = read_link(path);
    bool same = said && strcmp(said, target) == 0;
    free(said);
    return same || ask_fail(err, ASK_ERR_USAGE,
                            "%s is there and is no link to %s: remove it, or name another "
                            "folder",
                            path, target);
}

static bool make_link(const char *path, const char *target, ask_error *err)
{
    if (symlink(target, path) == 0) return true;
    return errno == EEXIST
               ? check_link(path, target, err)
               : ask_fail_errno(err, errno, "%s: cannot make a link to %s", path, target);
}

/* ---- the way from one folder to another ---- */

static char *real_path(const char *path, ask_error *err)
{
    char *real = realpath(path, NULL);
    if (!real) ask_fail_errno(err, errno, "%s", path);
    return real;
}

/* "../../play", from absolute paths. */
static char *way_between(const char *from, const char *to, ask_error *err)
{
    size_t same = 0; // up to a '/' or the end of either
    for (size_t i = 0;; i++) {
        bool from_ends = from[i] == '/' || !from[i], to_ends = to[i] == '/' || !to[i];
        if (from_ends && to_ends) same = i;
        if (from[i] != to[i] || !from[i]) break;
    }
    ask_str way = {0};
    for (const char *at = from + same; *at; at++)
        if (*at == '/') ask_str_append(&way, "../");
    ask_str_append(&way, to + same + (to[same] == '/'));
    return ask_str_take(&way, err);
}

static char *find_way(const char *from, const char *to, ask_error *err)
{
    char *real_from = real_path(from, err),
         *real_to = real_from ? real_path(to, err) : NULL;
    char *way = real_to ? way_between(real_from, real_to, err) : NULL;
    free(real_from);
    free(real_to);
    return way;
}

/* ---- those of a layout ---- */

static bool make_one_more(const layout_run *r, ask_error *err)
{
    if (!r->kind->link[0]) return true;
    char *path = layout_path(r, err, "%s", r->kind->link[0]);
    bool ok = path && make_link(path, r->kind->link[1], err);
    free(path);
    return ok;
}

bool layout_links_open(layout_run *r, const char *world, ask_error *err)
{
    if (!r->kind->videos) return true;
    char *links = ask_path_join(r->dir, r->kind->videos, err);
    bool ok = links && ask_dir_make(links, err);
    if (ok) r->world = find_way(links, world, err);
    free(links);
    return ok && r->world && make_one_more(r, err);
}

bool layout_links_add(const layout_run *r, const ask_world_clip *c, ask_error *err)
{
    if (!r->kind->videos) return true;
    char video[LAYOUT_VIDEO_CHARS];
    layout_video(video, c);
    char *path = layout_path(r, err, "%s/%s.mp4", r->kind->videos, video);
    char *target = path ? ask_world_video_path(r->world, c->scene.index, err) : NULL;
    bool ok = target && make_link(path, target, err);
    free(path);
    free(target);
    return ok;
}
