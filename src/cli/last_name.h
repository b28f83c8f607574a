/* cli/last_name.h - what a file or folder is called, however it was written. */
#ifndef ASK_CLI_LAST_NAME_H
#define ASK_CLI_LAST_NAME_H

#include "base/error.h"

/* "x" for "a/x", "a/x/" and, within it, for "."; "" only for the root. Owned by the
 * caller. Fails: ASK_ERR_NOMEM. */
char *cli_last_name(const char *path, ask_error *err);

/* The same without an extension, which a folder has not. */
char *cli_last_stem(const char *path, ask_error *err);

#endif
