#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "hub/id.h"
#include "hub/listing_priv.h"

enum { MOST_DEPTH = 32, PATH_BYTES = 1024, PART_BYTES = 200 };

/* One name of a path. */
static bool is_safe_part(const char *part, size_t n)
{
    return n > 0 && n <= PART_BYTES && !(n == 1 && part[0] == '.') &&
           !(n == 2 && part[0] == '.' && part[1] == '.');
}

/* Paths come from outside and become names of files: nothing may lead out of the folder,
 * nor be what a terminal or another program takes for something else. */
static bool is_safe_path(const char *path)
{
    size_t n = strlen(path);
    if (n == 0 || n > PATH_BYTES || !ask_utf8_valid(path, n)) return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)path[i] < ' ' || path[i] == 0x7f || path[i] == '\\')
            return false;
    for (const char *part = path;; part++) {
        size_t length = strcspn(part, "/");
        if (!is_safe_part(part, length)) return false;
        part += length;
        if (!*part) return true;
    }
}

/* A file of LFS has its own hash; else the blob's name in git is one. */
static bool read_hash(hub_file *f, ask_json_value v, ask_error *err)
{
    const char *sha256, *blob;
    if (!ask_json_opt_string(&sha256, v, "lfs.sha256", "", err) ||
        !ask_json_opt_string(&blob, v, "blobId", "", err))
        return false;
    bool is_lfs = ask_json_type_of(ask_json_find(v, "lfs")) == ASK_JSON_OBJECT;
    const char *hash = is_lfs ? sha256 : blob;
    size_t expected = is_lfs ? HUB_HASH_CHARS : 40;
    if (*hash && (!hub_is_hash(hash) || strlen(hash) != expected))
        return ask_json_fail(v, err, "its hash is not %zu hexadecimal digits", expected);
    memcpy(f->hash, hash, strlen(hash) + 1);
    return true;
}

static bool read_size(hub_file *f, ask_json_value v, ask_error *err)
{
    int64_t size, lfs;
    if (!ask_json_opt_int(&size, v, "size", 0, HUB_FILE_BYTES, -1, err) ||
        !ask_json_opt_int(&lfs, v, "lfs.size", 0, HUB_FILE_BYTES, -1, err))
        return false;
    if (size >= 0 && lfs >= 0 && size != lfs) return ask_json_fail(v, err, "has two sizes");
    f->n_bytes = lfs >= 0 ? lfs : size;
    return true;
}

static bool read_file(hub_file *f, ask_json_value v, ask_arena *room, ask_error *err)
{
    const char *path;
    if (!ask_json_get_string(&path, v, "rfilename", err)) return false;
    if (!is_safe_path(path))
        return ask_json_fail(v, err, "\"%.80s\" is not the name of a file in a folder",
                             path);
    f->path = ask_arena_strdup(room, path);
    if (!f->path) return ask_fail_memory(err);
    return read_size(f, v, err) && read_hash(f, v, err);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp((*(hub_file *const *)a)->path, (*(hub_file *const *)b)->path);
}

static bool check_repeats(const hub_listing *l, const char *what, ask_arena *room,
                          ask_error *err)
{
    const hub_file **sorted = ask_arena_array(room, l->n, sizeof *sorted);
    if (!sorted) return ask_fail_memory(err);
    for (size_t i = 0; i < l->n; i++) sorted[i] = &l->files[i];
    if (l->n > 1) qsort(sorted, l->n, sizeof *sorted, compare_paths);
    for (size_t i = 1; i < l->n; i++)
        if (strcmp(sorted[i - 1]->path, sorted[i]->path) == 0)
            return ask_fail(err, ASK_ERR_FORMAT, "%s: %.80s is listed twice", what,
                            sorted[i]->path);
    return true;
}

static bool read_listing(hub_listing *l, ask_json_value root, ask_arena *room,
                         ask_error *err)
{
    const char *commit;
    ask_json_value files;
    if (!ask_json_get_string(&commit, root, "sha", err) ||
        !ask_json_get_array(&files, root, "siblings", err))
        return false;
    if (!ask_hub_is_commit(commit))
        return ask_json_fail(ask_json_find(root, "sha"), err, "is not a commit");
    memcpy(l->commit, commit, strlen(commit) + 1);
    l->n = ask_json_count(files);
    l->files = ask_arena_array(room, l->n, sizeof *l->files);
    if (!l->files) return ask_fail_memory(err);
    for (size_t i = 0; i < l->n; i++)
        if (!read_file(&l->files[i], ask_json_item(files, i), room, err)) return false;
    return true;
}

bool hub_listing_parse(hub_listing *out, const char *text, size_t n_bytes, const char *what,
                       ask_arena *room, ask_error *err)
{
    const ask_json_limits limits = {.max_bytes = HUB_LISTING_BYTES,
                                    .max_depth = MOST_DEPTH};
    ask_json *doc = ask_json_parse(text, n_bytes, what, &limits, err);
    if (!doc) return false;
    hub_listing l = {0};
    bool ok = read_listing(&l, ask_json_root(doc), room, err) &&
              check_repeats(&l, what, room, err);
    ask_json_free(doc);
    if (ok) *out = l;
    return ok;
}
