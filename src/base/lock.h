/* base/lock.h - one process at a time: a lock on a file, which other programs that use
 * flock(2) obey too.
 *
 * It goes with the process that has it, however that ends. */
#ifndef ASK_BASE_LOCK_H
#define ASK_BASE_LOCK_H

#include "base/api.h"
#include "base/error.h"

typedef struct ask_lock ask_lock;

/* Takes the lock of a file, which is made, with the folders above it, if it is not there.
 * Does not wait. NULL on failure: ASK_ERR_IO, also when another process has it;
 * ASK_ERR_NOMEM. */
ASK_API ask_lock *ask_lock_take(const char *path, ask_error *err);

/* The file stays. NULL is fine. */
ASK_API void ask_lock_drop(ask_lock *l);

/* The file goes, for locks that no other program knows. NULL is fine. */
ASK_API void ask_lock_remove(ask_lock *l);

#endif
