/* media/quick_id_priv.h - a name for a video's content that is cheap to find out. */
#ifndef ASK_MEDIA_QUICK_ID_PRIV_H
#define ASK_MEDIA_QUICK_ID_PRIV_H

#include "base/error.h"

enum { ASK_QUICK_ID_CHARS = 17 };

/* Hashes the size of a file and its first and last MiB; of a folder, the names and sizes of
 * what is in it. 16 hex digits and a NUL. */
bool ask_quick_id_of(char out[ASK_QUICK_ID_CHARS], const char *path, ask_error *err);

#endif
