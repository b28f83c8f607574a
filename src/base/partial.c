#include "base/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/fd_priv.h"
#include "base/file.h"
#include "base/str.h"

struct ask_partial {
    int fd;
    char *path;
    int64_t n_bytes;
};

static bool open_file(ask_partial *p, ask_error *err)
{
    struct stat info;
    p->fd = ask_fd_open(p->path, O_RDWR | O_CREAT | O_APPEND, 0666);
    if (p->fd < 0) return ask_fail_errno(err, errno, "%s: cannot open", p->path);
    if (fstat(p->fd, &info) != 0)
        return ask_fail_errno(err, errno, "%s: cannot look at", p->path);
    p->n_bytes = info.st_size;
    return true;
}

ask_partial *ask_partial_open(const char *path, ask_error *err)
{
    ask_partial *p = malloc(sizeof *p);
    if (!p) {
        ask_fail_memory(err);
        return NULL;
    }
    *p = (ask_partial){.fd = -1, .path = ask_strdup(path, err)};
    if (p->path && ask_dir_make_above(path, err) && open_file(p, err)) return p;
    ask_partial_close(p);
    return NULL;
}

int64_t ask_partial_bytes(const ask_partial *p)
{
    return p->n_bytes;
}

bool ask_partial_read(size_t *n_read, ask_partial *p, void *out, size_t n_bytes,
                      int64_t offset, ask_error *err)
{
    ssize_t n;
    do n = pread(p->fd, out, n_bytes, offset);
    while (n < 0 && errno == EINTR);
    if (n < 0) return ask_fail_errno(err, errno, "%s: cannot read", p->path);
    *n_read = (size_t)n;
    return true;
}

bool ask_partial_append(ask_partial *p, const void *bytes, size_t n_bytes, ask_error *err)
{
    if (ask_fd_write_all(p->fd, bytes, n_bytes)) {
        p->n_bytes += (int64_t)n_bytes;
        return true;
    }
    int reason = errno;
    struct stat info; // some of it may have been written
    if (fstat(p->fd, &info) == 0 && S_ISREG(info.st_mode)) p->n_bytes = info.st_size;
    return ask_fail_errno(err, reason, "%s: cannot write", p->path);
}

bool ask_partial_clear(ask_partial *p, ask_error *err)
{
    if (p->n_bytes > 0 && ftruncate(p->fd, 0) != 0)
        return ask_fail_errno(err, errno, "%s: cannot be emptied", p->path);
    p->n_bytes = 0;
    return true;
}

bool ask_partial_commit(ask_partial *p, const char *path, ask_error *err)
{
    bool ok = ask_fd_sync(p->fd) ||
              ask_fail_errno(err, errno, "%s: cannot be put on the disk", p->path);
    ok = ok && (rename(p->path, path) == 0 ||
                ask_fail_errno(err, errno, "%s: cannot be moved to %s", p->path, path));
    if (ok) ask_fd_sync_dir_of(path);
    ask_partial_close(p);
    return ok;
}

void ask_partial_close(ask_partial *p)
{
    if (!p) return;
    if (p->fd >= 0) ask_fd_close(p->fd);
    free(p->path);
    free(p);
}

void ask_partial_remove(ask_partial *p)
{
    if (p) unlink(p->path);
    ask_partial_close(p);
}
