/* Every call of base/hdf5.h, for a build that has no libhdf5. */
#include "base/hdf5.h"

#ifndef ASK_HAVE_HDF5

static bool fail(const char *path, ask_error *err)
{
    return ask_fail(
        err, ASK_ERR_USAGE,
        "%s: this askance was built without HDF5; install libhdf5-dev and build "
        "it again",
        path);
}

bool ask_hdf5_library(ask_library *out)
{
    (void)out;
    return false;
}

ask_hdf5 *ask_hdf5_open(const char *path, ask_error *err)
{
    fail(path, err);
    return NULL;
}

void ask_hdf5_close(ask_hdf5 *file)
{
    (void)file;
}

bool ask_hdf5_list(const ask_hdf5_entry **out, size_t *n, ask_hdf5 *file, const char *group,
                   ask_arena *room, ask_error *err)
{
    (void)out, (void)n, (void)file, (void)room;
    return fail(group, err);
}

bool ask_hdf5_find(ask_hdf5_kind *out, ask_hdf5 *file, const char *path, ask_error *err)
{
    (void)out, (void)file;
    return fail(path, err);
}

bool ask_hdf5_describe(ask_hdf5_info *out, ask_hdf5 *file, const char *path, ask_error *err)
{
    (void)out, (void)file;
    return fail(path, err);
}

bool ask_hdf5_read(ask_npy *out, ask_hdf5 *file, const char *path, size_t max_bytes,
                   ask_error *err)
{
    (void)out, (void)file, (void)max_bytes;
    return fail(path, err);
}

bool ask_hdf5_read_rows(ask_npy *out, ask_hdf5 *file, const char *path, int64_t begin,
                        int64_t end, size_t max_bytes, ask_error *err)
{
    (void)out, (void)file, (void)begin, (void)end, (void)max_bytes;
    return fail(path, err);
}

bool ask_hdf5_read_texts(const char *const **out, size_t *n, ask_hdf5 *file,
                         const char *path, size_t max_bytes, ask_arena *room,
                         ask_error *err)
{
    (void)out, (void)n, (void)file, (void)max_bytes, (void)room;
    return fail(path, err);
}

bool ask_hdf5_read_attribute(ask_npy *out, ask_hdf5 *file, const char *path,
                             const char *attribute, size_t max_bytes, ask_error *err)
{
    (void)out, (void)file, (void)attribute, (void)max_bytes;
    return fail(path, err);
}

bool ask_hdf5_read_attribute_texts(const char *const **out, size_t *n, ask_hdf5 *file,
                                   const char *path, const char *attribute,
                                   size_t max_bytes, ask_arena *room, ask_error *err)
{
    (void)out, (void)n, (void)file, (void)attribute, (void)max_bytes, (void)room;
    return fail(path, err);
}

#endif
