/* cli/dirs.h - the user's folders, where the XDG Base Directory Specification puts them. */
#ifndef ASK_CLI_DIRS_H
#define ASK_CLI_DIRS_H

#include <stdbool.h>

#include "base/error.h"

/* The folder for what can be made again: $XDG_CACHE_HOME/askance, or ~/.cache/askance. It
 * is made when it is not there, readable by the user alone. *out is freed by the caller
 * with free(); it is NULL when the user has no such folder or it cannot be made, which is
 * no failure: the work is then done each time. Fails: ASK_ERR_NOMEM. */
bool cli_cache_dir(char **out, ask_error *err);

#endif
