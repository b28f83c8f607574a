/* base/npz.h - NumPy's file for several arrays (.npz): a .zip archive of .npy files, as
 * they are or deflated. */
#ifndef ASK_BASE_NPZ_H
#define ASK_BASE_NPZ_H

#include "base/npy.h"

typedef struct ask_npz ask_npz;

/* Opens a file, or one in memory that is borrowed until close, with a name for messages.
 * NULL on failure: as base/zip.h fails, and ASK_ERR_FORMAT for an archive that holds
 * anything but .npy files. */
ASK_API ask_npz *ask_npz_open(const char *path, ask_error *err);
ASK_API ask_npz *ask_npz_open_memory(const void *bytes, size_t n_bytes, const char *name,
                                     ask_error *err);

ASK_API void ask_npz_close(ask_npz *npz); // NULL is fine

/* Arrays in the order in which they were written, by the names that they were saved under
 * ("arr_0" for one without). Names are borrowed until close; i < count. */
ASK_API size_t ask_npz_count(const ask_npz *npz);
ASK_API const char *ask_npz_name(const ask_npz *npz, size_t i);

/* Which array has exactly this name; false, *out untouched, when none has. */
ASK_API bool ask_npz_find(size_t *out, const ask_npz *npz, const char *name);

/* Reads array i as ask_npy_parse does. Messages name the file and the array. Fails also
 * with ASK_ERR_LIMIT when its file is larger than max_bytes. */
ASK_API bool ask_npz_read(ask_npy *out, ask_npz *npz, size_t i, size_t max_bytes,
                          ask_error *err);

/* The same by name. Fails: ASK_ERR_NOT_FOUND when there is none. */
ASK_API bool ask_npz_read_named(ask_npy *out, ask_npz *npz, const char *name,
                                size_t max_bytes, ask_error *err);

#endif
