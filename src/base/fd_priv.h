/* base/fd_priv.h - system calls on files that go on when a signal interrupts them.
 *
 * Results and errno are those of the call itself. */
#ifndef ASK_BASE_FD_PRIV_H
#define ASK_BASE_FD_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* open with O_CLOEXEC; mode is for O_CREAT. */
int ask_fd_open(const char *path, int flags, mode_t mode);

/* Opens a file for reading; a folder is an error. -1 on failure. */
int ask_fd_open_readable(const char *path, ask_error *err);

ssize_t ask_fd_read(int fd, void *out, size_t n_bytes);

/* All bytes, in as many writes as it takes. */
bool ask_fd_write_all(int fd, const void *bytes, size_t n_bytes);

bool ask_fd_sync(int fd);

/* Makes what was renamed to this path last there. Some file systems cannot do it, and what
 * was renamed is whole whatever comes of it, so nobody is told. */
void ask_fd_sync_dir_of(const char *path);

/* A path in dir that nothing has, by all chances: ".askance-0123456789abcdef.tmp". The
 * caller frees it. */
char *ask_fd_draw_temp(const char *dir, ask_error *err);

/* The descriptor is gone afterwards, also on failure. */
bool ask_fd_close(int fd);

#endif
