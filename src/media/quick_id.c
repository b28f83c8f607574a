#include "media/quick_id_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/str.h"

enum { PART_BYTES = 1 << 20 };

/* Adds n_bytes of the file from offset to the hash. */
static bool hash_part(uint64_t *hash, int fd, uint8_t *part, int64_t offset, size_t n_bytes,
                      ask_error *err)
{
    for (size_t done = 0; done < n_bytes;) {
        ssize_t n = pread(fd, part + done, n_bytes - done, offset + (int64_t)done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ask_fail_errno(err, errno, "cannot read");
        if (n == 0) return ask_fail(err, ASK_ERR_IO, "became shorter while it was read");
        done += (size_t)n;
    }
    *hash = ask_hash64(part, n_bytes, *hash);
    return true;
}

static bool hash_ends(uint64_t *hash, int fd, ask_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return ask_fail_errno(err, errno, "cannot read");
    int64_t n_bytes = info.st_size;
    size_t n = n_bytes < PART_BYTES ? (size_t)n_bytes : PART_BYTES;
    uint8_t *part = malloc(PART_BYTES);
    if (!part) return ask_fail_memory(err);
    *hash = ask_hash64(&n_bytes, sizeof n_bytes, 0);
    bool ok = hash_part(hash, fd, part, 0, n, err) &&
              hash_part(hash, fd, part, n_bytes - (int64_t)n, n, err);
    free(part);
    return ok;
}

static bool hash_file(uint64_t *hash, const char *path, ask_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ask_fail_errno(err, errno, "cannot open");
    bool ok = hash_ends(hash, fd, err);
    close(fd);
    return ok;
}

static bool hash_entry(uint64_t *hash, const char *dir, const char *name, ask_error *err)
{
    struct stat info;
    char *path = ask_path_join(dir, name, err);
    if (!path) return false;
    int64_t n_bytes = stat(path, &info) == 0 ? info.st_size : 0;
    free(path);
    *hash = ask_hash64(name, strlen(name) + 1, *hash);
    *hash = ask_hash64(&n_bytes, sizeof n_bytes, *hash);
    return true;
}

static bool hash_folder(uint64_t *hash, const char *path, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, path, NULL, err)) return false;
    bool ok = true;
    *hash = 0;
    for (size_t i = 0; ok && i < names.n; i++)
        ok = hash_entry(hash, path, names.names[i], err);
    ask_dir_names_free(&names);
    return ok;
}

bool ask_quick_id_of(char out[ASK_QUICK_ID_CHARS], const char *path, ask_error *err)
{
    uint64_t hash;
    bool ok =
        ask_file_is_dir(path) ? hash_folder(&hash, path, err) : hash_file(&hash, path, err);
    if (ok) ask_format(out, ASK_QUICK_ID_CHARS, "%016" PRIx64, hash);
    return ok;
}
