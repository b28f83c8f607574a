/* base/file.h - whole files in, and files out that are complete or absent.
 *
 * Errors are ASK_ERR_IO with the path and the system's reason, ASK_ERR_LIMIT for a full
 * disk, ASK_ERR_NOMEM, or as written below. Interrupted system calls are taken up again. */
#ifndef ASK_BASE_FILE_H
#define ASK_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"

/* Follow symbolic links; false also when the answer cannot be found out. */
ASK_API bool ask_file_exists(const char *path);
ASK_API bool ask_file_is_dir(const char *path);

/* Reads all of a file (or pipe) into *out, which the caller frees with free(). *n_bytes is
 * its size; one NUL follows it. ASK_ERR_LIMIT when it holds more than max_bytes. */
ASK_API bool ask_file_read(char **out, size_t *n_bytes, const char *path, size_t max_bytes,
                           ask_error *err);

/* Replaces or makes a file with these bytes, all or nothing. */
ASK_API bool ask_file_write(const char *path, const void *bytes, size_t n_bytes,
                            ask_error *err);

/* A file being written. The bytes go to a temporary file in the same folder, which takes
 * the path's place at commit, so that a reader sees the old file or the whole new one.
 * Where the file system allows it, that file has no name before commit, and is gone with a
 * process that is killed before; else it is called .askance-*.tmp. A device or pipe is
 * written in place. An existing file keeps its permissions, and a symbolic link stays a
 * link. */
typedef struct ask_file_writer ask_file_writer;

ASK_API ask_file_writer *ask_file_writer_open(const char *path, ask_error *err);

/* After a failure every later call fails with the same message, so checking commit is
 * enough. */
ASK_API bool ask_file_writer_write(ask_file_writer *w, const void *bytes, size_t n_bytes,
                                   ask_error *err);

/* The next write goes to this place, counted from the beginning. */
ASK_API bool ask_file_writer_seek(ask_file_writer *w, int64_t offset, ask_error *err);

/* Hands what was written so far to the system: a disk that is full is told now, not by
 * commit. */
ASK_API bool ask_file_writer_flush(ask_file_writer *w, ask_error *err);

/* Puts the file on the disk and in its place. Frees w, also on failure; then nothing is
 * left of the new file and the old one is as it was. */
ASK_API bool ask_file_writer_commit(ask_file_writer *w, ask_error *err);

/* Gives up: removes what was written and frees w. NULL is allowed. */
ASK_API void ask_file_writer_abort(ask_file_writer *w);

/* ask_fail with the system's words for an errno value behind the message: "<message>:
 * <reason>". The code is ASK_ERR_NOMEM for ENOMEM, ASK_ERR_LIMIT when there is no room on
 * the disk (ENOSPC, EDQUOT) or for so large a file (EFBIG), else ASK_ERR_IO. Returns false.
 */
ASK_API bool ask_fail_errno(ask_error *err, int number, const char *format, ...)
    ASK_PRINTF(3, 4);

#endif
