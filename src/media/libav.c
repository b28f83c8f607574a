#include <errno.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <pthread.h>
#include <stdarg.h>

#include "base/str.h"
#include "media/libav_priv.h"

static void turn_off_log(void)
{
    av_log_set_level(AV_LOG_QUIET);
}

void ask_libav_quiet(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, turn_off_log);
}

static ask_error_code code_of(int number)
{
    switch (number) {
    case AVERROR(ENOMEM):
        return ASK_ERR_NOMEM;
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_ENCODER_NOT_FOUND:
    case AVERROR_MUXER_NOT_FOUND:
    case AVERROR_STREAM_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
    case AVERROR(ENOSYS):
        return ASK_ERR_UNSUPPORTED;
    case AVERROR(EIO):
    case AVERROR(ENOENT):
    case AVERROR(EACCES):
    case AVERROR(EISDIR):
        return ASK_ERR_IO;
    case AVERROR(ENOSPC):
    case AVERROR(EDQUOT):
    case AVERROR(EFBIG):
        return ASK_ERR_LIMIT;
    default:
        return ASK_ERR_FORMAT;
    }
}

bool ask_fail_libav(ask_error *err, int number, const char *format, ...)
{
    if (!err) return false;
    char what[ASK_ERROR_MESSAGE_BYTES], reason[AV_ERROR_MAX_STRING_SIZE];
    va_list args;
    va_start(args, format);
    ask_vformat(what, sizeof what, format, args);
    va_end(args);
    av_strerror(number, reason, sizeof reason);
    return ask_fail(err, code_of(number), "%s: %s", what, reason);
}
