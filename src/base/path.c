#include "base/path.h"

#include <string.h>

#include "base/str.h"

char *ask_path_join(const char *dir, const char *name, ask_error *err)
{
    if (!*dir || *name == '/') return ask_strdup(name, err);
    ask_str path = {0};
    ask_str_append(&path, dir);
    if (!ask_ends_with(dir, "/")) ask_str_append_char(&path, '/');
    ask_str_append(&path, name);
    return ask_str_take(&path, err);
}

char *ask_path_dirname(const char *path, ask_error *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return ask_strdup(".", err);
    while (slash > path && slash[-1] == '/') slash--;
    if (slash == path) return ask_strdup("/", err);
    ask_str dir = {0};
    ask_str_append_bytes(&dir, path, (size_t)(slash - path));
    return ask_str_take(&dir, err);
}

const char *ask_path_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *ask_path_extension(const char *path)
{
    const char *name = ask_path_basename(path);
    const char *stem = name + strspn(name, ".");
    const char *dot = strrchr(stem, '.');
    return dot ? dot : name + strlen(name);
}
