#include "train/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

enum { MOST_BYTES = 1 << 30 };

struct ask_train_log {
    FILE *file;
    char *path;
};

/* Whether a line is that of a step that stays. One that was cut off does not. */
static bool stays(const char *line, size_t n_bytes, int64_t after)
{
    ask_json *doc = ask_json_parse(line, n_bytes, "log", NULL, NULL);
    int64_t step;
    bool kept = doc && ask_json_get_int(&step, ask_json_root(doc), "step", 0, after, NULL);
    ask_json_free(doc);
    return kept;
}

static void keep_lines(ask_str *out, const char *text, int64_t after)
{
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        size_t n_bytes = (size_t)(end - text);
        if (stays(text, n_bytes, after)) ask_str_append_bytes(out, text, n_bytes + 1);
    }
}

/* The file with the lines that stay. */
static bool begin(const char *path, int64_t after, ask_error *err)
{
    char *text = NULL;
    size_t n_bytes;
    ask_str kept = {0};
    bool ok = true;
    if (after > 0 && ask_file_exists(path)) {
        ok = ask_file_read(&text, &n_bytes, path, MOST_BYTES, err);
        if (ok) keep_lines(&kept, text, after);
    }
    if (ok && kept.failed) ok = ask_fail_memory(err);
    ok = ok && ask_file_write(path, ask_str_text(&kept), kept.length, err);
    free(text);
    ask_str_free(&kept);
    return ok;
}

ask_train_log *ask_train_log_open(const char *path, int64_t after, ask_error *err)
{
    if (!begin(path, after, err)) return NULL;
    ask_train_log *log = calloc(1, sizeof *log);
    if (!log) {
        ask_fail_memory(err);
        return NULL;
    }
    log->path = ask_strdup(path, err);
    if (log->path) {
        log->file = fopen(path, "a");
        if (!log->file) ask_fail_errno(err, errno, "%s: cannot open", path);
    }
    if (log->file) return log;
    ask_train_log_close(log);
    return NULL;
}

bool ask_train_log_add(ask_train_log *log, const ask_str *line, ask_error *err)
{
    if (line->failed) return ask_fail_memory(err);
    if (fwrite(line->data, 1, line->length, log->file) == line->length &&
        fflush(log->file) == 0)
        return true;
    return ask_fail_errno(err, errno, "%s: cannot write", log->path);
}

void ask_train_log_close(ask_train_log *log)
{
    if (!log) return;
    if (log->file) fclose(log->file);
    free(log->path);
    free(log);
}
