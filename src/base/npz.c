#include "base/npz.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/zip.h"

static const char suffix[] = ".npy";

typedef struct {
    const char *name; // without the suffix
    size_t i;         // its place in the archive
} array_name;

struct ask_npz {
    ask_zip *zip;
    ask_arena *room;     // what follows
    array_name *names;   // in the order of the archive
    array_name *by_name; // the same in the order of their names
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const array_name *)a)->name, ((const array_name *)b)->name);
}

/* Names the arrays of an archive. */
static bool take_names(ask_npz *npz, ask_error *err)
{
    size_t n = ask_zip_count(npz->zip);
    npz->room = ask_arena_new(0);
    if (!npz->room) return ask_fail_memory(err);
    npz->names = ask_arena_array(npz->room, n, sizeof *npz->names);
    npz->by_name = ask_arena_array(npz->room, n, sizeof *npz->by_name);
    if (!npz->names || !npz->by_name) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        const char *file = ask_zip_at(npz->zip, i)->name;
        if (!ask_ends_with(file, suffix)) {
            return ask_fail(err, ASK_ERR_FORMAT,
                            "%s: not a .npz file: holds what is no .npy: \"%s\"",
                            ask_zip_name(npz->zip), file);
        }
        char *name = ask_arena_strndup(npz->room, file, strlen(file) - strlen(suffix));
        if (!name) return ask_fail_memory(err);
        npz->names[i] = npz->by_name[i] = (array_name){name, i};
    }
    if (n > 0) qsort(npz->by_name, n, sizeof *npz->by_name, compare_names);
    return true;
}

/* Takes over an archive, which may be NULL for one that could not be opened. */
static ask_npz *open_archive(ask_zip *zip, ask_error *err)
{
    if (!zip) return NULL;
    ask_npz *npz = calloc(1, sizeof *npz);
    if (!npz) {
        ask_zip_close(zip);
        ask_fail_memory(err);
        return NULL;
    }
    npz->zip = zip;
    if (take_names(npz, err)) return npz;
    ask_npz_close(npz);
    return NULL;
}

ask_npz *ask_npz_open(const char *path, ask_error *err)
{
    return open_archive(ask_zip_open(path, err), err);
}

ask_npz *ask_npz_open_memory(const void *bytes, size_t n_bytes, const char *name,
                             ask_error *err)
{
    return open_archive(ask_zip_open_memory(bytes, n_bytes, name, err), err);
}

void ask_npz_close(ask_npz *npz)
{
    if (!npz) return;
    ask_zip_close(npz->zip);
    ask_arena_free(npz->room);
    free(npz);
}

size_t ask_npz_count(const ask_npz *npz)
{
    return ask_zip_count(npz->zip);
}

const char *ask_npz_name(const ask_npz *npz, size_t i)
{
    return npz->names[i].name;
}

bool ask_npz_find(size_t *out, const ask_npz *npz, const char *name)
{
    size_t n = ask_npz_count(npz);
    const array_name key = {.name = name};
    const array_name *found =
        n > 0 ? bsearch(&key, npz->by_name, n, sizeof key, compare_names) : NULL;
    if (found) *out = found->i;
    return found != NULL;
}

bool ask_npz_read(ask_npy *out, ask_npz *npz, size_t i, size_t max_bytes, ask_error *err)
{
    char *bytes;
    size_t n_bytes;
    if (!ask_zip_read(&bytes, &n_bytes, npz->zip, i, max_bytes, err)) return false;
    bool ok = ask_npy_parse(out, bytes, n_bytes, npz->names[i].name, err);
    if (!ok) ask_fail_in(err, "%s", ask_zip_name(npz->zip));
    free(bytes);
    return ok;
}

bool ask_npz_read_named(ask_npy *out, ask_npz *npz, const char *name, size_t max_bytes,
                        ask_error *err)
{
    size_t i;
    if (!ask_npz_find(&i, npz, name))
        return ask_fail(err, ASK_ERR_NOT_FOUND, "%s: no array \"%s\"",
                        ask_zip_name(npz->zip), name);
    return ask_npz_read(out, npz, i, max_bytes, err);
}
