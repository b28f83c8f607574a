/* base/partial.h - a file that comes in pieces, perhaps over several runs of a program.
 *
 *     ask_partial *p = ask_partial_open("model.bin.incomplete", err);
 *     ... ask_partial_bytes(p) are there; the rest is appended ...
 *     ok = ask_partial_commit(p, "model.bin", err);
 *
 * What came stays under the name that it has until the file is whole, however the program
 * ends, and is gone on with. Nobody may have the file open twice; base/lock.h sees to it.
 * Errors are ASK_ERR_IO with path and reason, ASK_ERR_LIMIT when the disk is full, or
 * ASK_ERR_NOMEM. */
#ifndef ASK_BASE_PARTIAL_H
#define ASK_BASE_PARTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"

typedef struct ask_partial ask_partial;

/* Opens the file, or makes an empty one and the folders above it. */
ASK_API ask_partial *ask_partial_open(const char *path, ask_error *err);

/* How many bytes are there. */
ASK_API int64_t ask_partial_bytes(const ask_partial *p);

/* Reads up to n_bytes from a place on; *n_read is 0 at the end. */
ASK_API bool ask_partial_read(size_t *n_read, ask_partial *p, void *out, size_t n_bytes,
                              int64_t offset, ask_error *err);

/* On failure what was written until then stays. */
ASK_API bool ask_partial_append(ask_partial *p, const void *bytes, size_t n_bytes,
                                ask_error *err);

/* Begins anew, with no byte. */
ASK_API bool ask_partial_clear(ask_partial *p, ask_error *err);

/* Puts the file on the disk and in its place, where it replaces what is there. Frees p,
 * also on failure; then the file stays where it was. */
ASK_API bool ask_partial_commit(ask_partial *p, const char *path, ask_error *err);

/* Frees p; the file stays, to be gone on with, or goes. NULL is fine. */
ASK_API void ask_partial_close(ask_partial *p);
ASK_API void ask_partial_remove(ask_partial *p);

#endif
