/* base/error.h - the one way a function says what went wrong.
 *
 * A function that can fail returns bool or a pointer and takes an ask_error as its last
 * parameter. It writes the error only on failure, and leaves its outputs untouched. Whoever
 * detects the failure writes the message (what, where, what to do, in one line); a caller
 * may put where it was in front of it. A NULL error is allowed: the message is then
 * dropped. */
#ifndef ASK_BASE_ERROR_H
#define ASK_BASE_ERROR_H

#include <stdbool.h>

#include "base/api.h"

typedef enum {
    ASK_OK = 0,
    ASK_ERR_USAGE,       // wrong options or arguments
    ASK_ERR_NOT_FOUND,   // ran, and the answer is no
    ASK_ERR_IO,          // a file, socket or device failed
    ASK_ERR_FORMAT,      // outside data is malformed
    ASK_ERR_UNSUPPORTED, // well formed, but not something we read
    ASK_ERR_MODEL,       // a checkpoint is missing, corrupt or incompatible
    ASK_ERR_SHAPE,       // tensors or pictures do not fit together
    ASK_ERR_LIMIT,       // does not fit a budget (tokens, memory, time, the disk)
    ASK_ERR_NOMEM,       // allocation failed
    ASK_ERR_DEVICE,      // a backend is unavailable or failed
    ASK_ERR_CANCELLED,   // the caller asked to stop
    ASK_ERR_BUG,         // our own mistake, found at run time
} ask_error_code;

enum { ASK_ERROR_MESSAGE_BYTES = 512 };

typedef struct {
    ask_error_code code;
    char message[ASK_ERROR_MESSAGE_BYTES]; // UTF-8, one line, cut with "..." when too long
} ask_error;

/* Writes code and message to *err (which may be NULL). Returns false, so that a function
 * can `return ask_fail(...)`. Control characters in the message become '?'. */
ASK_API bool ask_fail(ask_error *err, ask_error_code code, const char *format, ...)
    ASK_PRINTF(3, 4);

/* The one message for an allocation that failed. Returns false. */
ASK_API bool ask_fail_memory(ask_error *err);

/* Puts "<where>: " in front of the message that is in *err already; the code stays.
 * Returns false. */
ASK_API bool ask_fail_in(ask_error *err, const char *format, ...) ASK_PRINTF(2, 3);

/* Gives the error that is in *err already another code, for a caller to whom it is
 * something else: a malformed file is a bad model. ASK_ERR_NOMEM stays. Returns false. */
ASK_API bool ask_fail_as(ask_error *err, ask_error_code code);

/* "usage", "io", ...: a stable word for an error code, for JSON. Never NULL. */
ASK_API const char *ask_error_name(ask_error_code code);

/* The exit status that the command gives for an error code (0, 1, 2, 3, 4, 5, 6, 70, 130).
 */
ASK_API int ask_error_exit_status(ask_error_code code);

#endif
