#include "cli/same_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"

static bool is_same_entry(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && !S_ISCHR(a->st_mode);
}

/* Whether the folders that the paths lie in are one. */
static bool find_same_folder(bool *same, const char *a, const char *b, ask_error *err)
{
    char *folder_a = ask_path_dirname(a, err);
    char *folder_b = folder_a ? ask_path_dirname(b, err) : NULL;
    bool ok = folder_b != NULL;
    struct stat info_a, info_b;
    if (ok)
        *same = stat(folder_a, &info_a) == 0 && stat(folder_b, &info_b) == 0 &&
                is_same_entry(&info_a, &info_b);
    free(folder_a);
    free(folder_b);
    return ok;
}

static bool is_path(const char *text)
{
    return text && strcmp(text, "-") != 0;
}

bool cli_same_file(bool *same, const char *a, const char *b, ask_error *err)
{
    struct stat info_a, info_b;
    bool both = is_path(a) && is_path(b);
    bool has_a = both && stat(a, &info_a) == 0, has_b = both && stat(b, &info_b) == 0;
    if (has_a && has_b) {
        *same = is_same_entry(&info_a, &info_b);
    } else if (!both || has_a || has_b ||
               strcmp(ask_path_basename(a), ask_path_basename(b)) != 0) {
        *same = false;
    } else {
        return find_same_folder(same, a, b, err);
    }
    return true;
}
