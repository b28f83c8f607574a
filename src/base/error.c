#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

/* Room for a message before it is cleaned and cut. Cleaning can turn three bytes into one,
 * so with four times the room a cut here is always followed by the cut with "...". */
enum { RAW_BYTES = 4 * ASK_ERROR_MESSAGE_BYTES };

/* Longest text put in front of a message: a long path must not push out the reason. */
enum { WHERE_BYTES = ASK_ERROR_MESSAGE_BYTES / 2 };

/* Formats one clean line of at most size - 1 bytes. */
static void format_line(char *out, size_t size, const char *format, va_list args)
{
    char raw[RAW_BYTES];
    int n = ask_vformat(raw, sizeof raw, format, args);
    ask_utf8_line(out, size, n < 0 ? format : raw);
}

bool ask_fail(ask_error *err, ask_error_code code, const char *format, ...)
{
    if (!err) return false;
    va_list args;
    va_start(args, format);
    format_line(err->message, sizeof err->message, format, args);
    va_end(args);
    err->code = code;
    return false;
}

bool ask_fail_memory(ask_error *err)
{
    return ask_fail(err, ASK_ERR_NOMEM, "out of memory");
}

bool ask_fail_in(ask_error *err, const char *format, ...)
{
    if (!err) return false;
    char where[WHERE_BYTES];
    va_list args;
    va_start(args, format);
    format_line(where, sizeof where, format, args);
    va_end(args);
    return ask_fail(err, err->code, "%s: %s", where, err->message);
}

bool ask_fail_as(ask_error *err, ask_error_code code)
{
    if (err && err->code != ASK_ERR_NOMEM) err->code = code;
    return false;
}

const char *ask_error_name(ask_error_code code)
{
    switch (code) {
    case ASK_OK:
        return "ok";
    case ASK_ERR_USAGE:
        return "usage";
    case ASK_ERR_NOT_FOUND:
        return "not_found";
    case ASK_ERR_IO:
        return "io";
    case ASK_ERR_FORMAT:
        return "format";
    case ASK_ERR_UNSUPPORTED:
        return "unsupported";
    case ASK_ERR_MODEL:
        return "model";
    case ASK_ERR_SHAPE:
        return "shape";
    case ASK_ERR_LIMIT:
        return "limit";
    case ASK_ERR_NOMEM:
        return "nomem";
    case ASK_ERR_DEVICE:
        return "device";
    case ASK_ERR_CANCELLED:
        return "cancelled";
    case ASK_ERR_BUG:
        return "bug";
    }
    return "unknown";
}

int ask_error_exit_status(ask_error_code code)
{
    switch (code) {
    case ASK_OK:
        return 0;
    case ASK_ERR_NOT_FOUND:
        return 1;
    case ASK_ERR_USAGE:
        return 2;
    case ASK_ERR_IO:
    case ASK_ERR_FORMAT:
    case ASK_ERR_UNSUPPORTED:
    case ASK_ERR_SHAPE:
        return 3;
    case ASK_ERR_MODEL:
        return 4;
    case ASK_ERR_LIMIT:
    case ASK_ERR_NOMEM:
        return 5;
    case ASK_ERR_DEVICE:
        return 6;
    case ASK_ERR_CANCELLED:
        return 130;
    case ASK_ERR_BUG:
        break;
    }
    return 70;
}
