#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/fd_priv.h"
#include "base/file.h"
#include "base/str.h"

struct ask_lock {
    int fd;
    char *path;
};

/* Whether what is open still is what the path names: who had the lock before may have
 * removed the file. */
static bool is_current(const ask_lock *l)
{
    struct stat open, named;
    return fstat(l->fd, &open) == 0 && stat(l->path, &named) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

static bool take(ask_lock *l, ask_error *err)
{
    do {
        if (l->fd >= 0) ask_fd_close(l->fd);
        l->fd = ask_fd_open(l->path, O_RDWR | O_CREAT, 0666);
        if (l->fd < 0) return ask_fail_errno(err, errno, "%s: cannot make", l->path);
        int result;
        do result = flock(l->fd, LOCK_EX | LOCK_NB);
        while (result != 0 && errno == EINTR);
        if (result != 0 && errno == EWOULDBLOCK)
            return ask_fail(err, ASK_ERR_IO,
                            "%s: another program has this lock; wait for it to end",
                            l->path);
        if (result != 0) return ask_fail_errno(err, errno, "%s: cannot lock", l->path);
    } while (!is_current(l));
    return true;
}

ask_lock *ask_lock_take(const char *path, ask_error *err)
{
    ask_lock *l = malloc(sizeof *l);
    if (!l) {
        ask_fail_memory(err);
        return NULL;
    }
    *l = (ask_lock){.fd = -1, .path = ask_strdup(path, err)};
    if (l->path && ask_dir_make_above(path, err) && take(l, err)) return l;
    ask_lock_drop(l);
    return NULL;
}

void ask_lock_drop(ask_lock *l)
{
    if (!l) return;
    if (l->fd >= 0) ask_fd_close(l->fd);
    free(l->path);
    free(l);
}

void ask_lock_remove(ask_lock *l)
{
    if (l) unlink(l->path);
    ask_lock_drop(l);
}
