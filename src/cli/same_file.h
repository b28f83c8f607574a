/* cli/same_file.h - whether two paths lead to one file. */
#ifndef ASK_CLI_SAME_FILE_H
#define ASK_CLI_SAME_FILE_H

#include <stdbool.h>

#include "base/error.h"

/* Also for files that do not exist yet: the same name in the same folder. A device is never
 * the same as itself, as writing to it twice does no harm. NULL leads nowhere, and "-" is
 * no path. Fails: ASK_ERR_NOMEM; *same is then untouched. */
bool cli_same_file(bool *same, const char *a, const char *b, ask_error *err);

#endif
