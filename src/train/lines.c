#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "train/lines_priv.h"

enum { MOST_BYTES = 1 << 30 };

struct train_lines {
    FILE *file;
    char *path, *first; // first: the first line, with its newline; NULL: none yet
};

static void keep_lines(ask_str *out, const char *text, int64_t after,
                       train_step_of_line step_of)
{
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        size_t n_bytes = (size_t)(end - text);
        int64_t step;
        if (step_of(&step, text, n_bytes) && step <= after)
            ask_str_append_bytes(out, text, n_bytes + 1);
    }
}

/* The lines of a file that stay. */
static bool read_kept(ask_str *out, const char *path, int64_t after,
                      train_step_of_line step_of, ask_error *err)
{
    char *text;
    size_t n_bytes;
    if (after <= 0 || !ask_file_exists(path)) return true;
    if (!ask_file_read(&text, &n_bytes, path, MOST_BYTES, err)) return false;
    keep_lines(out, text, after, step_of);
    free(text);
    return !out->failed || ask_fail_memory(err);
}

/* Keeps the first line, with its newline; nothing is kept of an empty text. */
static bool keep_first(train_lines *l, const char *text, ask_error *err)
{
    if (l->first || !*text) return true;
    l->first = ask_strdup(text, err);
    if (l->first) l->first[strcspn(text, "\n") + 1] = '\0';
    return l->first;
}

/* The file with the lines that stay, to be added to. */
static bool begin(train_lines *l, const ask_str *kept, ask_error *err)
{
    if (!keep_first(l, ask_str_text(kept), err) ||
        !ask_file_write(l->path, ask_str_text(kept), kept->length, err))
        return false;
    l->file = fopen(l->path, "a");
    return l->file || ask_fail_errno(err, errno, "%s: cannot open", l->path);
}

train_lines *train_lines_open(const char *path, int64_t after, train_step_of_line step_of,
                              ask_error *err)
{
    ask_str kept = {0};
    train_lines *l = calloc(1, sizeof *l);
    if (!l) ask_fail_memory(err);
    if (l) l->path = ask_strdup(path, err);
    bool ok =
        l && l->path && read_kept(&kept, path, after, step_of, err) && begin(l, &kept, err);
    ask_str_free(&kept);
    if (ok) return l;
    train_lines_close(l);
    return NULL;
}

bool train_lines_add(train_lines *l, const ask_str *text, ask_error *err)
{
    if (text->failed) return ask_fail_memory(err);
    if (!keep_first(l, ask_str_text(text), err)) return false;
    if (fwrite(text->data, 1, text->length, l->file) == text->length &&
        fflush(l->file) == 0)
        return true;
    return ask_fail_errno(err, errno, "%s: cannot write", l->path);
}

bool train_lines_head(train_lines *l, const ask_str *line, ask_error *err)
{
    if (line->failed) return ask_fail_memory(err);
    if (!l->first) return train_lines_add(l, line, err);
    if (strcmp(l->first, line->data) == 0) return true;
    return ask_fail(err, ASK_ERR_FORMAT, "%s: has the columns %.120s and not %.120s",
                    l->path, l->first, line->data);
}

void train_lines_close(train_lines *l)
{
    if (!l) return;
    if (l->file) fclose(l->file);
    free(l->path);
    free(l->first);
    free(l);
}
