/* base/dir.h - folders: make one, list one. */
#ifndef ASK_BASE_DIR_H
#define ASK_BASE_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"

typedef struct {
    char **names; // owned; n of them, without the folder
    size_t n;
} ask_dir_names;

/* Lists what is in a folder in the order in which people count (frame2 before frame10),
 * without "." and "..". pattern (ask_glob_match) chooses among the names; NULL takes all.
 * The caller frees *out with ask_dir_names_free. */
ASK_API bool ask_dir_list(ask_dir_names *out, const char *path, const char *pattern,
                          ask_error *err);

/* Leaves *names {0}; {0} is allowed. */
ASK_API void ask_dir_names_free(ask_dir_names *names);

/* Makes a folder and the missing ones above it. A folder that is there already is fine. */
ASK_API bool ask_dir_make(const char *path, ask_error *err);

/* The same for the folder that a path is in. */
ASK_API bool ask_dir_make_above(const char *path, ask_error *err);

/* Makes a new folder in the folder `above`, which is made as well if it is not there, under
 * a name that nothing else has. The caller frees its path; NULL on failure. */
ASK_API char *ask_dir_make_temp(const char *above, ask_error *err);

/* Removes a folder and all that is in it; of a symbolic link the link. What is not there is
 * removed already. */
ASK_API bool ask_dir_remove(const char *path, ask_error *err);

/* Moves a folder to a place on the same file system, at once and to last; a folder that is
 * there goes. The files in it are on the disk already, as base/file.h leaves them. */
ASK_API bool ask_dir_move(const char *from, const char *to, ask_error *err);

/* Copies a file into a folder, under its name and all or nothing. */
ASK_API bool ask_dir_copy_in(const char *dir, const char *path, ask_error *err);

/* Bytes that may still be written on the file system of a folder, which need not be there
 * yet; INT64_MAX where the file system does not tell. */
ASK_API bool ask_dir_free_bytes(int64_t *out, const char *path, ask_error *err);

#endif
