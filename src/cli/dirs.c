#include "cli/dirs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"

/* Relative paths in the environment are to be ignored, says the specification. */
static const char *absolute_from(const char *variable)
{
    const char *path = getenv(variable);
    return path && path[0] == '/' ? path : NULL;
}

/* Makes a folder and the missing ones above it, for the user alone. */
static bool make_private(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700); // the last mkdir tells whether this one was needed
        *slash = '/';
    }
    mkdir(path, 0700);
    return ask_file_is_dir(path);
}

bool cli_cache_dir(char **out, ask_error *err)
{
    const char *cache = absolute_from("XDG_CACHE_HOME");
    const char *home = absolute_from("HOME");
    ask_str text = {0};
    if (cache)
        ask_str_printf(&text, "%s/askance", cache);
    else if (home)
        ask_str_printf(&text, "%s/.cache/askance", home);
    else {
        *out = NULL;
        return true;
    }
    char *path = ask_str_take(&text, err);
    if (!path) return false;
    if (!make_private(path)) {
        free(path);
        path = NULL;
    }
    *out = path;
    return true;
}
