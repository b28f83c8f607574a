#include "base/file.h"

#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd_priv.h"
#include "base/locale_priv.h"
#include "base/str.h"

/* First guess for what does not tell its size: pipes, /proc. */
enum { UNKNOWN_SIZE = 4096 };

static ask_error_code code_of(int number)
{
    if (number == ENOMEM) return ASK_ERR_NOMEM;
    bool is_full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return is_full ? ASK_ERR_LIMIT : ASK_ERR_IO;
}

bool ask_fail_errno(ask_error *err, int number, const char *format, ...)
{
    char what[2 * ASK_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    ask_vformat(what, sizeof what, format, args);
    va_end(args);
    locale_t c = ask_locale_c();
    ask_fail(err, code_of(number), "%s", strerror_l(number, c));
    freelocale(c);
    return ask_fail_in(err, "%s", what);
}

bool ask_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool ask_file_is_dir(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool fail_too_large(const char *path, size_t max_bytes, ask_error *err)
{
    return ask_fail(err, ASK_ERR_LIMIT, "%s: larger than %zu bytes", path, max_bytes);
}

/* Bytes to make room for, from what the system says; a file may still be longer or shorter.
 */
static bool guess_size(size_t *out, int fd, const char *path, size_t max_bytes,
                       ask_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return ask_fail_errno(err, errno, "%s: cannot look at", path);
    if (!S_ISREG(info.st_mode) || info.st_size == 0)
        *out = max_bytes < UNKNOWN_SIZE ? max_bytes : UNKNOWN_SIZE;
    else if ((uintmax_t)info.st_size > max_bytes)
        return fail_too_large(path, max_bytes, err);
    else
        *out = (size_t)info.st_size;
    return true;
}

/* What was read so far. One byte is always left over, for the end to show itself and for
 * the NUL. */
typedef struct {
    char *data;
    size_t n_bytes;
    size_t capacity;
} content;

static bool set_capacity(content *c, size_t capacity, const char *path, ask_error *err)
{
    char *data = realloc(c->data, capacity);
    if (!data) return ask_fail(err, ASK_ERR_NOMEM, "%s: out of memory", path);
    c->data = data;
    c->capacity = capacity;
    return true;
}

static bool read_to_end(content *c, int fd, const char *path, size_t max_bytes,
                        ask_error *err)
{
    size_t guess = 0;
    if (!guess_size(&guess, fd, path, max_bytes, err)) return false;
    if (!set_capacity(c, guess + 1, path, err)) return false;
    for (;;) {
        ssize_t n = ask_fd_read(fd, c->data + c->n_bytes, c->capacity - c->n_bytes);
        if (n < 0) return ask_fail_errno(err, errno, "%s: cannot read", path);
        if (n == 0) return true;
        c->n_bytes += (size_t)n;
        if (c->n_bytes > max_bytes) return fail_too_large(path, max_bytes, err);
        if (c->n_bytes == c->capacity && !set_capacity(c, 2 * c->capacity, path, err))
            return false;
    }
}

bool ask_file_read(char **out, size_t *n_bytes, const char *path, size_t max_bytes,
                   ask_error *err)
{
    int fd = ask_fd_open_readable(path, err);
    if (fd < 0) return false;
    content c = {0};
    bool ok = read_to_end(&c, fd, path, max_bytes, err);
    ask_fd_close(fd);
    if (!ok) {
        free(c.data);
        return false;
    }
    c.data[c.n_bytes] = '\0';
    *out = c.data;
    *n_bytes = c.n_bytes;
    return true;
}

bool ask_file_write(const char *path, const void *bytes, size_t n_bytes, ask_error *err)
{
    ask_file_writer *w = ask_file_writer_open(path, err);
    if (!w) return false;
    ask_file_writer_write(w, bytes, n_bytes, NULL); // commit tells
    return ask_file_writer_commit(w, err);
}
