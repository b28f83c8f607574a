#include "base/map.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd_priv.h"
#include "base/file.h"

static const uint8_t nothing[1];

/* Maps an open file of the size that it says it has. */
static bool map_file(ask_map *out, int fd, const char *path, ask_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return ask_fail_errno(err, errno, "%s: cannot look at", path);
    if (!S_ISREG(info.st_mode))
        return ask_fail(err, ASK_ERR_IO, "%s: is not a regular file", path);
    size_t n_bytes = (size_t)info.st_size;
    if (n_bytes == 0) {
        *out = (ask_map){.data = nothing};
        return true;
    }
    void *data = mmap(NULL, n_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) return ask_fail_errno(err, errno, "%s: cannot map", path);
    *out = (ask_map){.data = data, .n_bytes = n_bytes};
    return true;
}

bool ask_map_open(ask_map *out, const char *path, ask_error *err)
{
    int fd = ask_fd_open_readable(path, err);
    if (fd < 0) return false;
    bool ok = map_file(out, fd, path, err);
    ask_fd_close(fd);
    return ok;
}

void ask_map_release(const ask_map *map, size_t offset, size_t n_bytes)
{
    if (offset >= map->n_bytes) return;
    if (n_bytes > map->n_bytes - offset) n_bytes = map->n_bytes - offset;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t first = (offset + page - 1) / page * page; // the mapping begins at a page
    size_t end = (offset + n_bytes) / page * page;
    if (first < end) madvise((void *)(map->data + first), end - first, MADV_DONTNEED);
}

void ask_map_close(ask_map *map)
{
    if (map->n_bytes > 0) munmap((void *)map->data, map->n_bytes);
    *map = (ask_map){0};
}
