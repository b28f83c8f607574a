#include "base/log.h"

#include <stdarg.h>

#include "base/str.h"
#include "base/utf8.h"

enum { LINE_BYTES = 1024 };

void ask_log_send(const ask_logger *log, ask_log_level level, const char *format, ...)
{
    if (!log || !log->fn || level < log->least) return;
    char raw[4 * LINE_BYTES]; // cleaning can turn three bytes into one
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    int n = ask_vformat(raw, sizeof raw, format, args);
    va_end(args);
    ask_utf8_line(line, sizeof line, n < 0 ? format : raw);
    log->fn(log->user, level, line);
}

const char *ask_log_level_name(ask_log_level level)
{
    static const char *const names[] = {
        [ASK_LOG_DEBUG] = "debug",
        [ASK_LOG_INFO] = "info",
        [ASK_LOG_WARNING] = "warning",
        [ASK_LOG_ERROR] = "error",
    };
    return names[level];
}

void ask_progress_send(const ask_progress *progress, int64_t done, int64_t total,
                       const char *unit, const char *label)
{
    if (progress && progress->fn) progress->fn(progress->user, done, total, unit, label);
}

void ask_cancel_raise(ask_cancel *cancel, int signal)
{
    int none = 0;
    atomic_compare_exchange_strong(&cancel->signal, &none, signal);
}

int ask_cancel_signal(const ask_cancel *cancel)
{
    return cancel ? atomic_load(&cancel->signal) : 0;
}

bool ask_cancel_check(const ask_cancel *cancel, ask_error *err)
{
    if (ask_cancel_signal(cancel) == 0) return true;
    return ask_fail(err, ASK_ERR_CANCELLED, "interrupted");
}
