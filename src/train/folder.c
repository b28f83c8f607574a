#include "train/folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/path.h"

static bool fail_taken(const char *dir, const char *what, ask_error *err)
{
    return ask_fail(err, ASK_ERR_USAGE,
                    "%s: holds %s already; go on from its checkpoint, or give a new folder",
                    dir, what);
}

bool ask_train_folder_check(const char *dir, bool resumes, ask_error *err)
{
    static const char *const taken[] = {"config.json", "model.safetensors"};
    if (!dir) return ask_fail(err, ASK_ERR_USAGE, "a training needs a folder to go to");
    if (resumes) return true;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        char *path = ask_path_join(dir, taken[i], err);
        if (!path) return false;
        bool there = ask_file_exists(path);
        free(path);
        if (there) return fail_taken(dir, taken[i], err);
    }
    ask_dir_names names = {0};
    bool ok = !ask_file_is_dir(dir) || ask_dir_list(&names, dir, "checkpoint-*", err);
    if (ok && names.n > 0) ok = fail_taken(dir, names.names[0], err);
    ask_dir_names_free(&names);
    return ok;
}

bool ask_train_folder_reports(ask_train_report_paths *out, const char *dir,
                              const char *list, ask_arena *room, ask_error *err)
{
    ask_train_report_kinds kinds;
    if (!ask_train_report_parse(&kinds, list, err)) return false;
    *out = (ask_train_report_paths){
        .jsonl = ask_arena_sprintf(room, "%s/log.jsonl", dir),
        .csv = ask_arena_sprintf(room, "%s/log.csv", dir),
        .eval_csv = ask_arena_sprintf(room, "%s/eval.csv", dir),
        .tensorboard = ask_arena_sprintf(room, "%s/tensorboard", dir),
    };
    if (!out->jsonl || !out->csv || !out->eval_csv || !out->tensorboard)
        return ask_fail_memory(err);
    if (!kinds.jsonl) out->jsonl = NULL;
    if (!kinds.csv) out->csv = out->eval_csv = NULL;
    if (!kinds.tensorboard) out->tensorboard = NULL;
    return true;
}

/* ---- files as they are ---- */

static bool take(ask_train_file *out, const char *path, const char *name, ask_arena *room,
                 ask_error *err)
{
    enum { MOST_BYTES = 1 << 28 };
    char *bytes;
    size_t n_bytes;
    if (!ask_file_read(&bytes, &n_bytes, path, MOST_BYTES, err)) return false;
    char *kept = ask_arena_alloc(room, n_bytes + 1);
    if (kept) memcpy(kept, bytes, n_bytes);
    free(bytes);
    if (!kept) return ask_fail_memory(err);
    *out = (ask_train_file){name, kept, n_bytes};
    return true;
}

bool ask_train_files_take(ask_train_files *out, const char *dir, const char *const *names,
                          ask_arena *room, ask_error *err)
{
    size_t n = 0;
    while (names[n]) n++;
    *out = (ask_train_files){ask_arena_array(room, n, sizeof *out->items), 0};
    bool ok = out->items || ask_fail_memory(err);
    for (size_t i = 0; ok && i < n; i++) {
        char *path = ask_path_join(dir, names[i], err);
        bool is_there = path && ask_file_exists(path);
        ok = path && (!is_there || take(&out->items[out->n], path, names[i], room, err));
        out->n += ok && is_there;
        free(path);
    }
    return ok;
}

static bool write_bytes(const char *dir, const char *name, const char *bytes, size_t n,
                        ask_error *err)
{
    char *path = ask_path_join(dir, name, err);
    bool ok = path && ask_file_write(path, bytes, n, err);
    free(path);
    return ok;
}

bool ask_train_files_write(const ask_train_files *files, const char *dir, ask_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < files->n; i++) {
        const ask_train_file *f = &files->items[i];
        ok = write_bytes(dir, f->name, f->bytes, f->n_bytes, err);
    }
    return ok;
}

bool ask_train_text_write(const ask_str *text, const char *dir, const char *name,
                          ask_error *err)
{
    if (text->failed) return ask_fail_memory(err);
    return write_bytes(dir, name, text->data, text->length, err);
}
