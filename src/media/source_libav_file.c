/* One regular file as libav's input. Everything libav reads goes through here, so a file
 * that names another file, or an address, cannot make it open anything. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "media/source_libav_priv.h"

enum { BUFFER_BYTES = 64 * 1024 };

static int read_bytes(void *opaque, uint8_t *out, int size)
{
    ask_libav_file *f = opaque;
    if (ask_cancel_signal(f->cancel)) return AVERROR_EXIT;
    ssize_t n;
    do n = pread(f->fd, out, (size_t)size, f->at);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        if (!f->reason) f->reason = errno;
        return AVERROR(errno);
    }
    f->at += n;
    return n > 0 ? (int)n : AVERROR_EOF;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    ask_libav_file *f = opaque;
    int64_t base = 0;
    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
        return f->n_bytes;
    case SEEK_SET:
        break;
    case SEEK_CUR:
        base = f->at;
        break;
    case SEEK_END:
        base = f->n_bytes;
        break;
    default:
        return AVERROR(EINVAL);
    }
    int64_t to;
    if (__builtin_add_overflow(base, offset, &to) || to < 0) return AVERROR(EINVAL);
    return f->at = to;
}

/* Opens a regular file and learns its size; other kinds could block, or have no end. */
static bool open_regular(ask_libav_file *f, const char *path, ask_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) return ask_fail_errno(err, errno, "cannot open");
    if (!S_ISREG(info.st_mode)) return ask_fail(err, ASK_ERR_IO, "is not a regular file");
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &info) != 0)
        return ask_fail_errno(err, errno, "cannot open");
    f->n_bytes = info.st_size;
    if (f->n_bytes == 0) return ask_fail(err, ASK_ERR_FORMAT, "is empty");
    return true;
}

ask_libav_file *ask_libav_file_open(const char *path, const ask_cancel *cancel,
                                    ask_error *err)
{
    ask_libav_file *f = calloc(1, sizeof *f);
    uint8_t *buffer = NULL;
    if (!f) {
        ask_fail_memory(err);
        return NULL;
    }
    f->fd = -1;
    f->cancel = cancel;
    if (!open_regular(f, path, err)) goto fail;
    buffer = av_malloc(BUFFER_BYTES);
    if (buffer)
        f->io =
            avio_alloc_context(buffer, BUFFER_BYTES, 0, f, read_bytes, NULL, seek_bytes);
    if (!f->io) {
        av_free(buffer);
        ask_fail_memory(err);
        goto fail;
    }
    return f;

fail:
    ask_libav_file_close(f);
    return NULL;
}

void ask_libav_file_close(ask_libav_file *f)
{
    if (!f) return;
    if (f->io) av_freep(&f->io->buffer);
    avio_context_free(&f->io);
    if (f->fd >= 0) close(f->fd);
    free(f);
}
