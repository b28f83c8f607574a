/* base/log.h - what leaves the library while it works: log lines, progress; and what comes
 * in: the wish to stop.
 *
 * All three are borrowed for the call they are given to, and NULL means "not wanted".
 * Callbacks may come from any thread the call uses, one at a time. */
#ifndef ASK_BASE_LOG_H
#define ASK_BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"

typedef enum { ASK_LOG_DEBUG, ASK_LOG_INFO, ASK_LOG_WARNING, ASK_LOG_ERROR } ask_log_level;

typedef struct {
    void (*fn)(void *user, ask_log_level level,
               const char *message); // one line, no newline
    void *user;
    ask_log_level least; // lines below this level are not made
} ask_logger;

typedef struct {
    /* total is 0 while unknown; unit ("frames") and label ("decoding clip.mp4") are
     * borrowed. */
    void (*fn)(void *user, int64_t done, int64_t total, const char *unit,
               const char *label);
    void *user;
} ask_progress;

/* Start with {0}. */
typedef struct {
    atomic_int signal; // 0, or why to stop: the number of a signal
} ask_cancel;

/* Sends one line, made safe to show and cut at 1023 bytes. */
ASK_API void ask_log_send(const ask_logger *log, ask_log_level level, const char *format,
                          ...) ASK_PRINTF(3, 4);

/* "debug", "info", "warning", "error". */
ASK_API const char *ask_log_level_name(ask_log_level level);

ASK_API void ask_progress_send(const ask_progress *progress, int64_t done, int64_t total,
                               const char *unit, const char *label);

/* Asks for a stop. May be called from a signal handler and from any thread; the first
 * signal stays. */
ASK_API void ask_cancel_raise(ask_cancel *cancel, int signal);

/* The signal that was raised; 0 for none and for NULL. */
ASK_API int ask_cancel_signal(const ask_cancel *cancel);

/* True to go on; false, with ASK_ERR_CANCELLED, when a stop was asked for. */
ASK_API bool ask_cancel_check(const ask_cancel *cancel, ask_error *err);

#endif
