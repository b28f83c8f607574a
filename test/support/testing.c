#include "support/testing.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RING = 16 };

static const char *env_or(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

const char *test_path(const char *dir, const char *name)
{
    static char ring[RING][PATH_MAX];
    static int next;
    char *path = ring[next++ % RING];
    int n = snprintf(path, PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= PATH_MAX) fail_msg("path too long: %s/%s", dir, name);
    return path;
}

char *test_temp_dir_make(void)
{
    char *dir = strdup(test_path(env_or("TMPDIR", "/tmp"), "askance-test-XXXXXX"));
    if (!dir || !mkdtemp(dir)) fail_msg("no temporary folder: %s", strerror(errno));
    return dir;
}

static int remove_entry(const char *path, const struct stat *info, int type,
                        struct FTW *ftw)
{
    (void)info, (void)type, (void)ftw;
    return remove(path);
}

void test_temp_dir_remove(char *dir)
{
    if (nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fail_msg("cannot remove %s: %s", dir, strerror(errno));
    free(dir);
}

const char *test_fixture(const char *name)
{
    return test_path(env_or("ASKANCE_FIXTURES", "test/fixtures"), name);
}

const char *test_shared(const char *name)
{
    const char *path = test_path(env_or("ASKANCE_SHARED", "../shared"), name);
    struct stat info;
    return stat(path, &info) == 0 ? path : NULL;
}

static void make_dirs_above(const char *path)
{
    char part[PATH_MAX];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            fail_msg("cannot make %s: %s", part, strerror(errno));
    }
}

void test_write(const char *path, const void *bytes, size_t n_bytes)
{
    make_dirs_above(path);
    FILE *file = fopen(path, "wb");
    if (!file) fail_msg("cannot write %s: %s", path, strerror(errno));
    size_t n = n_bytes ? fwrite(bytes, 1, n_bytes, file) : 0;
    if (fclose(file) != 0 || n != n_bytes) fail_msg("cannot write %s", path);
}

void test_write_text(const char *path, const char *text)
{
    test_write(path, text, strlen(text));
}

char *test_read(const char *path, size_t *n_bytes)
{
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot read %s: %s", path, strerror(errno));
    struct stat info;
    if (fstat(fileno(file), &info) != 0) fail_msg("cannot look at %s", path);
    char *bytes = malloc((size_t)info.st_size + 1);
    if (!bytes) fail_msg("out of memory");
    *n_bytes = fread(bytes, 1, (size_t)info.st_size, file);
    bytes[*n_bytes] = '\0';
    fclose(file);
    return bytes;
}

int test_count_entries(const char *dir)
{
    DIR *stream = opendir(dir);
    if (!stream) fail_msg("cannot list %s: %s", dir, strerror(errno));
    int n = 0;
    while (readdir(stream)) n++;
    closedir(stream);
    return n - 2; // "." and ".."
}
