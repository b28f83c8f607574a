#include "support/place.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/dir.h"
#include "base/path.h"

static void give_up(const char *why)
{
    fprintf(stderr, "bench: %s\n", why);
    exit(1);
}

char *bench_path(const char *dir, const char *name)
{
    ask_error err = {0};
    char *path = ask_path_join(dir, name, &err);
    if (!path) give_up(err.message);
    return path;
}

static char *under_tmp(const char *name)
{
    const char *tmp = getenv("TMPDIR");
    return bench_path(tmp && *tmp ? tmp : "/tmp", name);
}

char *bench_temp_dir(void)
{
    char *dir = under_tmp("askance-bench-XXXXXX");
    if (!mkdtemp(dir)) give_up("no temporary folder can be made");
    return dir;
}

static int remove_entry(const char *path, const struct stat *info, int type,
                        struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

void bench_temp_dir_remove(const char *dir)
{
    nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

char *bench_place(const char *name)
{
    ask_error err = {0};
    char *dir = under_tmp("askance-bench");
    char *path = ask_dir_make(dir, &err) ? ask_path_join(dir, name, &err) : NULL;
    if (!path) give_up(err.message);
    free(dir);
    return path;
}
