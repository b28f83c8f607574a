/* media/codecs.h - which formats of pictures and videos this build reads and writes. */
#ifndef ASK_MEDIA_CODECS_H
#define ASK_MEDIA_CODECS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/version.h"

typedef struct {
    const char *format;  // "h264", "gif", ...
    const char *decoder; // what reads it: "libdav1d" for av1; NULL: nothing does
    const char *encoder; // what writes it; NULL: nothing does, or askance does not write it
} ask_codec;

/* The i-th format that askance knows of; false past the last. The texts are the library's
 * and live on. */
ASK_API bool ask_codec_at(ask_codec *out, size_t i);

/* The i-th library that opens, decodes or converts pictures and videos; false past the
 * last.
 */
ASK_API bool ask_media_library_at(ask_library *out, size_t i);

#endif
