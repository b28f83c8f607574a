/* media/libav_priv.h - what all users of libav need: silence, and errors in our words. */
#ifndef ASK_MEDIA_LIBAV_PRIV_H
#define ASK_MEDIA_LIBAV_PRIV_H

#include "base/error.h"

/* libav writes to stderr by default, and the level of that belongs to the whole process.
 * The first call turns it off; a program that turns it on again later keeps it on. To be
 * called before anything else of libav. */
void ask_libav_quiet(void);

/* ask_fail with libav's words for its error number behind the message: "<message>:
 * <reason>". The code is NOMEM, IO for system errors, LIMIT for a full disk, UNSUPPORTED
 * where libav lacks something, else FORMAT. Returns false. */
bool ask_fail_libav(ask_error *err, int number, const char *format, ...) ASK_PRINTF(3, 4);

#endif
