/* base/path.h - the parts of a path, as text; nothing here looks at the disk.
 *
 * Returned char * are freed by the caller with free(); NULL is ASK_ERR_NOMEM. Returned
 * const char * point into the argument. */
#ifndef ASK_BASE_PATH_H
#define ASK_BASE_PATH_H

#include "base/api.h"
#include "base/error.h"

/* "a" + "b" and "a/" + "b" are "a/b"; an absolute name stays as it is, and so does a name
 * joined to "". */
ASK_API char *ask_path_join(const char *dir, const char *name, ask_error *err);

/* What stands before the last '/': "." for "x", "/" for "/x", "a/b" for "a/b/". */
ASK_API char *ask_path_dirname(const char *path, ask_error *err);

/* What stands after the last '/': "x" for "a/x", "" for "a/". */
ASK_API const char *ask_path_basename(const char *path);

/* From the last '.' of the basename: ".gz" for "a.tar.gz"; "" for "a", ".profile" and "..".
 */
ASK_API const char *ask_path_extension(const char *path);

#endif
