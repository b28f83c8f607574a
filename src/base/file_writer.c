#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd_priv.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

enum { BUFFER_BYTES = 64 * 1024, NAME_TRIES = 100 };

/* Here a file that is open can be linked, whether it has a name or not. */
#define OPEN_FILES "/proc/self/fd"

struct ask_file_writer {
    int fd;
    char *path;      // where the file will stand, symbolic links resolved
    char *temp;      // its name until it stands there; NULL: none
    bool unnamed;    // it gets that name only at commit
    ask_error error; // the first failure; ASK_OK until then
    size_t n_buffered;
    unsigned char buffer[BUFFER_BYTES];
};

static bool fail_write(ask_file_writer *w, int reason)
{
    return ask_fail_errno(&w->error, reason, "%s: cannot write", w->path);
}

static bool fail_place(ask_file_writer *w, int reason)
{
    return ask_fail_errno(&w->error, reason, "%s: cannot put the new file in place",
                          w->path);
}

/* Hands the sticky error to the caller. */
static bool report(const ask_file_writer *w, ask_error *err)
{
    if (w->error.code == ASK_OK) return true;
    if (err) *err = w->error;
    return false;
}

/* The path that rename should replace: the end of a chain of links, or the path itself when
 * nothing is there yet. */
static char *resolve(const char *path, ask_error *err)
{
    char *real = realpath(path, NULL);
    if (!real) return ask_strdup(path, err);
    char *copy = ask_strdup(real, err);
    free(real);
    return copy;
}

/* A name of its own beside w->path. */
static bool draw_temp(ask_file_writer *w, const char *dir, ask_error *err)
{
    free(w->temp);
    w->temp = ask_fd_draw_temp(dir, err);
    return w->temp;
}

/* A file without a name: whatever ends the process before commit, nothing is left of it.
 * Not every file system has such files; then w->fd stays -1. */
static void open_unnamed(ask_file_writer *w, const char *dir)
{
    if (access(OPEN_FILES, X_OK) != 0) return; // commit could not name it
    w->fd = ask_fd_open(dir, O_TMPFILE | O_WRONLY, 0666);
    w->unnamed = w->fd >= 0;
}

/* Gives it the name in w->temp. */
static bool name_it(ask_file_writer *w)
{
    char file[32];
    ask_format(file, sizeof file, OPEN_FILES "/%d", w->fd);
    w->unnamed = linkat(AT_FDCWD, file, AT_FDCWD, w->temp, AT_SYMLINK_FOLLOW) != 0;
    return !w->unnamed;
}

static bool open_named(ask_file_writer *w, const char *dir, ask_error *err)
{
    int reason = EEXIST;
    for (int i = 0; i < NAME_TRIES && reason == EEXIST; i++) {
        if (!draw_temp(w, dir, err)) return false;
        w->fd = ask_fd_open(w->temp, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (w->fd >= 0) return true;
        reason = errno;
    }
    free(w->temp); // nothing of this name was made
    w->temp = NULL;
    if (reason == ENOENT && !ask_file_is_dir(dir))
        return ask_fail(err, ASK_ERR_IO, "%s: the folder %s does not exist", w->path, dir);
    return ask_fail_errno(err, reason, "%s: cannot write in the folder %s", w->path, dir);
}

static bool open_temp(ask_file_writer *w, ask_error *err)
{
    char *dir = ask_path_dirname(w->path, err);
    if (!dir) return false;
    open_unnamed(w, dir);
    bool ok = w->unnamed ? draw_temp(w, dir, err) : open_named(w, dir, err);
    free(dir);
    return ok;
}

static bool open_in_place(ask_file_writer *w, ask_error *err)
{
    w->fd = ask_fd_open(w->path, O_WRONLY, 0);
    if (w->fd >= 0) return true;
    return ask_fail_errno(err, errno, "%s: cannot open for writing", w->path);
}

/* Opens what is written to; w->path is set and w->fd is -1. */
static bool open_target(ask_file_writer *w, ask_error *err)
{
    struct stat old;
    if (stat(w->path, &old) != 0) return open_temp(w, err);
    if (S_ISDIR(old.st_mode))
        return ask_fail(err, ASK_ERR_IO, "%s: is a folder, not a file", w->path);
    if (!S_ISREG(old.st_mode)) return open_in_place(w, err);
    if (access(w->path, W_OK) != 0)
        return ask_fail_errno(err, errno, "%s: cannot replace", w->path);
    if (!open_temp(w, err)) return false;
    if (fchmod(w->fd, old.st_mode & 0777) != 0)
        return ask_fail_errno(err, errno, "%s: cannot set permissions", w->path);
    return true;
}

ask_file_writer *ask_file_writer_open(const char *path, ask_error *err)
{
    ask_file_writer *w = malloc(sizeof *w);
    if (!w) {
        ask_fail_memory(err);
        goto fail;
    }
    w->fd = -1;
    w->temp = NULL;
    w->unnamed = false;
    w->error.code = ASK_OK;
    w->n_buffered = 0;
    w->path = resolve(path, err);
    if (!w->path || !open_target(w, err)) goto fail;
    return w;

fail:
    ask_file_writer_abort(w);
    return NULL;
}

static bool flush(ask_file_writer *w)
{
    if (w->error.code != ASK_OK) return false;
    if (!ask_fd_write_all(w->fd, w->buffer, w->n_buffered)) return fail_write(w, errno);
    w->n_buffered = 0;
    return true;
}

bool ask_file_writer_write(ask_file_writer *w, const void *bytes, size_t n_bytes,
                           ask_error *err)
{
    if (w->error.code != ASK_OK) return report(w, err);
    if (n_bytes > BUFFER_BYTES - w->n_buffered && !flush(w)) return report(w, err);
    if (n_bytes > BUFFER_BYTES) {
        if (!ask_fd_write_all(w->fd, bytes, n_bytes)) fail_write(w, errno);
    } else if (n_bytes > 0) {
        memcpy(w->buffer + w->n_buffered, bytes, n_bytes);
        w->n_buffered += n_bytes;
    }
    return report(w, err);
}

bool ask_file_writer_seek(ask_file_writer *w, int64_t offset, ask_error *err)
{
    if (flush(w) && lseek(w->fd, offset, SEEK_SET) < 0)
        ask_fail_errno(&w->error, errno, "%s: cannot seek", w->path);
    return report(w, err);
}

bool ask_file_writer_flush(ask_file_writer *w, ask_error *err)
{
    flush(w);
    return report(w, err);
}

/* Moves the temporary file to its place. */
static void replace(ask_file_writer *w)
{
    if (rename(w->temp, w->path) != 0) {
        fail_place(w, errno);
        return;
    }
    free(w->temp);
    w->temp = NULL;
    ask_fd_sync_dir_of(w->path);
}

bool ask_file_writer_commit(ask_file_writer *w, ask_error *err)
{
    if (flush(w) && w->temp && !ask_fd_sync(w->fd)) fail_write(w, errno);
    if (w->error.code == ASK_OK && w->unnamed && !name_it(w)) fail_place(w, errno);
    if (!ask_fd_close(w->fd) && w->error.code == ASK_OK) fail_write(w, errno);
    w->fd = -1;
    if (w->error.code == ASK_OK && w->temp) replace(w);
    bool ok = report(w, err);
    ask_file_writer_abort(w);
    return ok;
}

void ask_file_writer_abort(ask_file_writer *w)
{
    if (!w) return;
    if (w->fd >= 0) ask_fd_close(w->fd);
    if (w->temp && !w->unnamed) unlink(w->temp);
    free(w->temp);
    free(w->path);
    free(w);
}
