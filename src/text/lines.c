#include "text/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "text/piece_priv.h"

enum { CHUNK_BYTES = 64 << 10, WAIT_MS = 100, NONE = -1 };

struct ask_lines {
    const char *const *paths;
    int n_paths, next;
    const ask_cancel *cancel;
    int fd; // NONE: none is open
    int64_t line;
    char *buffer;
    size_t begin, end, capacity; // what is read and not given yet
    bool at_end;                 // of the file
};

ask_lines *ask_lines_open(const char *const *paths, int n_paths, const ask_cancel *cancel,
                          ask_error *err)
{
    ask_lines *l = calloc(1, sizeof *l);
    if (!l) {
        ask_fail_memory(err);
        return NULL;
    }
    l->paths = paths;
    l->n_paths = n_paths;
    l->cancel = cancel;
    l->fd = NONE;
    return l;
}

static void close_file(ask_lines *l)
{
    if (l->fd > STDIN_FILENO) close(l->fd);
    l->fd = NONE;
}

void ask_lines_close(ask_lines *l)
{
    if (!l) return;
    close_file(l);
    free(l->buffer);
    free(l);
}

static const char *path_of(const ask_lines *l)
{
    return l->paths[l->next - 1];
}

/* Without waiting: a named pipe may have no writer yet, which wait_for_more waits for. */
static int open_path(const char *path)
{
    return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Opens the next file. */
static bool open_next(ask_lines *l, ask_error *err)
{
    const char *path = l->paths[l->next++];
    bool is_stdin = strcmp(path, "-") == 0;
    if (!is_stdin && ask_file_is_dir(path))
        return ask_fail(err, ASK_ERR_IO, "%s: is a folder, not a file", path);
    l->fd = is_stdin ? STDIN_FILENO : open_path(path);
    if (l->fd < 0) return ask_fail_errno(err, errno, "%s: cannot open", path);
    l->line = 0;
    l->begin = l->end = 0;
    l->at_end = false;
    return true;
}

/* Until there is something to read. A pipe may be silent for long, and a wish to stop must
 * not wait for it. */
static bool wait_for_more(const ask_lines *l, ask_error *err)
{
    struct pollfd source = {.fd = l->fd, .events = POLLIN};
    int n = 0;
    while (n == 0 || (n < 0 && errno == EINTR)) {
        if (!ask_cancel_check(l->cancel, err)) return false;
        n = poll(&source, 1, WAIT_MS);
    }
    return true; // what is wrong is told by reading
}

/* Reads more behind what is there; l->at_end when there is no more. */
static bool fill(ask_lines *l, ask_error *err)
{
    if (l->end > l->begin) memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
    l->end -= l->begin;
    l->begin = 0;
    if (l->end > ASK_TEXT_MAX_BYTES)
        return ask_fail(err, ASK_ERR_LIMIT, "%s:%lld: a line of more than %d bytes",
                        path_of(l), (long long)l->line + 1, ASK_TEXT_MAX_BYTES);
    if (l->capacity - l->end < CHUNK_BYTES) {
        size_t capacity = 2 * l->capacity + CHUNK_BYTES;
        char *buffer = realloc(l->buffer, capacity);
        if (!buffer) return ask_fail_memory(err);
        l->buffer = buffer;
        l->capacity = capacity;
    }
    ssize_t n;
    do {
        if (!wait_for_more(l, err)) return false;
        n = read(l->fd, l->buffer + l->end, CHUNK_BYTES);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n < 0) return ask_fail_errno(err, errno, "%s: cannot read", path_of(l));
    l->at_end = n == 0;
    l->end += (size_t)n;
    return true;
}

static bool check(const ask_lines *l, const char *text, size_t n, ask_error *err)
{
    return ask_utf8_valid(text, n) || ask_fail(err, ASK_ERR_FORMAT, "%s:%lld: is not UTF-8",
                                               path_of(l), (long long)l->line);
}

/* A line of the open file; *text is NULL when there is none. */
static bool next_of_file(ask_lines *l, const char **text, size_t *n_bytes, ask_error *err)
{
    size_t seen = 0;
    const char *feed = NULL;
    while (!feed && !l->at_end) {
        size_t n = l->end - l->begin;
        if (n > seen) feed = memchr(l->buffer + l->begin + seen, '\n', n - seen);
        seen = n;
        if (!feed && !fill(l, err)) return false;
    }
    const char *line = l->buffer + l->begin;
    size_t n = feed ? (size_t)(feed + 1 - line) : l->end - l->begin;
    *text = n > 0 ? line : NULL;
    *n_bytes = n;
    if (n == 0) return true;
    l->begin += n;
    l->line++;
    if (l->line == 1 && n >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
        *text += 3;
        *n_bytes -= 3;
    }
    return check(l, *text, *n_bytes, err);
}

bool ask_lines_next(void *lines, const char **text, size_t *n_bytes, ask_error *err)
{
    ask_lines *l = lines;
    for (;;) {
        if (l->fd < 0) {
            if (l->next == l->n_paths) break;
            if (!open_next(l, err)) return false;
        }
        if (!next_of_file(l, text, n_bytes, err)) return false;
        if (*text) return true;
        close_file(l);
    }
    *text = NULL;
    *n_bytes = 0;
    return true;
}
