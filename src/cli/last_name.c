#include "cli/last_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

static void cut_slashes(char *path)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/') path[--n] = '\0';
}

/* The last part of a path tells nothing: only the whole one knows the name. */
static bool is_relative_part(const char *name)
{
    return !*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

char *cli_last_name(const char *path, ask_error *err)
{
    char *cut = ask_strdup(path, err);
    if (!cut) return NULL;
    cut_slashes(cut);
    if (is_relative_part(ask_path_basename(cut))) {
        char *whole = realpath(path, NULL);
        if (!whole && errno == ENOMEM) {
            free(cut);
            ask_fail_memory(err);
            return NULL;
        }
        if (whole) {
            free(cut);
            cut = whole;
        }
    }
    char *name = ask_strdup(ask_path_basename(cut), err);
    free(cut);
    return name;
}

char *cli_last_stem(const char *path, ask_error *err)
{
    char *name = cli_last_name(path, err);
    if (name && !ask_file_is_dir(path))
        name[strlen(name) - strlen(ask_path_extension(name))] = '\0';
    return name;
}
