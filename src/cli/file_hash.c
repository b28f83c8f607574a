#include "cli/file_hash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"

enum { CHUNK_BYTES = 1 << 20, KEY_BYTES = 128, ENTRY_BYTES = 512 };

/* ---- what was found before ---- */

/* Tells the file and its state apart from all others. */
static void make_key(char key[KEY_BYTES], const struct stat *info)
{
    ask_format(key, KEY_BYTES, "%ju %ju %jd %jd.%09ld", (uintmax_t)info->st_dev,
               (uintmax_t)info->st_ino, (intmax_t)info->st_size,
               (intmax_t)info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
}

/* Freed with free(). */
static char *entry_path(const char *cache_dir, const char *key, ask_error *err)
{
    ask_str path = {0};
    ask_str_printf(&path, "%s/sha256-%016" PRIx64, cache_dir,
                   ask_hash64(key, strlen(key), 0));
    return ask_str_take(&path, err);
}

/* An entry is the key, a line end, the digits and a line end. */
static bool read_entry(char out[CLI_SHA256_TEXT_BYTES], const char *path, const char *key)
{
    char *text;
    size_t n_bytes, n_key = strlen(key);
    if (!ask_file_read(&text, &n_bytes, path, ENTRY_BYTES, NULL)) return false;
    const char *digits = text + n_key + 1;
    bool ok = n_bytes == n_key + CLI_SHA256_TEXT_BYTES + 1 && ask_starts_with(text, key) &&
              strspn(digits, "0123456789abcdef") == CLI_SHA256_TEXT_BYTES - 1;
    if (ok) ask_format(out, CLI_SHA256_TEXT_BYTES, "%s", digits);
    free(text);
    return ok;
}

/* Not being able to keep it is no failure. */
static void write_entry(const char *path, const char *key, const char *digits)
{
    char entry[ENTRY_BYTES];
    int n = ask_format(entry, sizeof entry, "%s\n%s\n", key, digits);
    ask_file_write(path, entry, (size_t)n, NULL);
}

/* ---- finding it ---- */

static bool hash_stream(uint8_t out[ASK_SHA256_BYTES], FILE *file, const char *path,
                        int64_t size, const ask_cancel *cancel,
                        const ask_progress *progress, ask_error *err)
{
    uint8_t *chunk = malloc(CHUNK_BYTES);
    if (!chunk) return ask_fail_memory(err);
    ask_sha256 state;
    ask_sha256_begin(&state);
    int64_t done = 0;
    size_t n = CHUNK_BYTES;
    bool ok = true;
    while (ok && n == CHUNK_BYTES) {
        n = fread(chunk, 1, CHUNK_BYTES, file);
        ask_sha256_update(&state, chunk, n);
        done += (int64_t)n;
        ask_progress_send(progress, done, size, "bytes", path);
        ok = ask_cancel_check(cancel, err);
    }
    if (ok && ferror(file)) ok = ask_fail_errno(err, errno, "%s: cannot read", path);
    if (ok) ask_sha256_end(&state, out);
    free(chunk);
    return ok;
}

static bool hash_file(char out[CLI_SHA256_TEXT_BYTES], const char *path, int64_t size,
                      const ask_cancel *cancel, const ask_progress *progress,
                      ask_error *err)
{
    FILE *file = fopen(path, "rbe");
    if (!file) return ask_fail_errno(err, errno, "%s: cannot open", path);
    uint8_t hash[ASK_SHA256_BYTES];
    bool ok = hash_stream(hash, file, path, size, cancel, progress, err);
    fclose(file);
    if (ok) ask_hex(out, hash, sizeof hash);
    return ok;
}

bool cli_file_sha256(char out[CLI_SHA256_TEXT_BYTES], const char *path,
                     const char *cache_dir, const ask_cancel *cancel,
                     const ask_progress *progress, ask_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) return ask_fail_errno(err, errno, "%s: cannot open", path);
    if (!cache_dir) return hash_file(out, path, info.st_size, cancel, progress, err);

    char key[KEY_BYTES];
    make_key(key, &info);
    char *entry = entry_path(cache_dir, key, err);
    if (!entry) return false;
    bool ok = read_entry(out, entry, key);
    if (!ok) {
        ok = hash_file(out, path, info.st_size, cancel, progress, err);
        if (ok) write_entry(entry, key, out);
    }
    free(entry);
    return ok;
}
