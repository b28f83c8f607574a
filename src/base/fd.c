#include "base/fd_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

int ask_fd_open(const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

int ask_fd_open_readable(const char *path, ask_error *err)
{
    int fd = ask_fd_open(path, O_RDONLY, 0);
    if (fd < 0) {
        ask_fail_errno(err, errno, "%s: cannot open", path);
        return -1;
    }
    struct stat info;
    if (fstat(fd, &info) != 0)
        ask_fail_errno(err, errno, "%s: cannot look at", path);
    else if (S_ISDIR(info.st_mode))
        ask_fail(err, ASK_ERR_IO, "%s: is a folder, not a file", path);
    else
        return fd;
    ask_fd_close(fd);
    return -1;
}

ssize_t ask_fd_read(int fd, void *out, size_t n_bytes)
{
    ssize_t n;
    do {
        n = read(fd, out, n_bytes);
    } while (n < 0 && errno == EINTR);
    return n;
}

bool ask_fd_write_all(int fd, const void *bytes, size_t n_bytes)
{
    const char *p = bytes;
    while (n_bytes > 0) {
        ssize_t n = write(fd, p, n_bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        p += n;
        n_bytes -= (size_t)n;
    }
    return true;
}

bool ask_fd_sync(int fd)
{
    int result;
    do {
        result = fsync(fd);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Linux lets go of the descriptor even when close is interrupted; trying again could close
 * somebody else's. */
char *ask_fd_draw_temp(const char *dir, ask_error *err)
{
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) < 0)
        number = (uint64_t)getpid() + (uint64_t)(uintptr_t)&number;
    char name[64];
    ask_format(name, sizeof name, ".askance-%016" PRIx64 ".tmp", number);
    return ask_path_join(dir, name, err);
}

bool ask_fd_close(int fd)
{
    return close(fd) == 0 || errno == EINTR;
}

void ask_fd_sync_dir_of(const char *path)
{
    char *dir = ask_path_dirname(path, NULL);
    if (!dir) return;
    int fd = ask_fd_open(dir, O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0) {
        ask_fd_sync(fd);
        ask_fd_close(fd);
    }
    free(dir);
}
