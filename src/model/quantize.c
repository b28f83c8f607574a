#include "model/quantize.h"

#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/options.h"
#include "base/path.h"
#include "base/str.h"
#include "model/matrices_priv.h"
#include "model/model_priv.h"

ask_model_quantize_options ask_model_quantize_defaults(void)
{
    return (ask_model_quantize_options){.type = ASK_Q8};
}

/* All that the work holds. */
typedef struct {
    ask_model_quantize_options opt;
    const char *from;
    char *dir, *above; // owned; the new folder and the one that it will stand in
    char *partial;     // owned; takes the place of dir when all is in it
    ask_weights *weights;
    model_matrices matrices;
    ask_weights_quantize_options how; // of the weights
    ask_weights_quantized sizes;
} job;

/* ---- before anything is written ---- */

static bool check_type(const job *j, ask_error *err)
{
    if (j->opt.type == ASK_Q8 || j->opt.type == ASK_Q4) return true;
    return ask_fail(err, ASK_ERR_USAGE,
                    "matrices cannot become %s; the types are q8 and q4",
                    ask_dtype_name(j->opt.type));
}

/* Nothing can be moved to "", "/", "." and "..". */
static bool check_name(const job *j, ask_error *err)
{
    const char *name = ask_path_basename(j->dir);
    if (name[0] && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) return true;
    return ask_fail(err, ASK_ERR_USAGE,
                    "\"%s\" is not the name of a new folder; give one that is", j->dir);
}

/* The place of the new folder. */
static bool set_paths(job *j, const char *dir, ask_error *err)
{
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/') n--;
    ask_str text = {0};
    ask_str_append_bytes(&text, dir, n);
    j->dir = ask_str_take(&text, err);
    return j->dir && check_name(j, err) && (j->above = ask_path_dirname(j->dir, err));
}

static bool check_dir(const job *j, ask_error *err)
{
    if (!ask_file_exists(j->dir)) return true;
    if (!ask_file_is_dir(j->dir))
        return ask_fail(err, ASK_ERR_USAGE, "%s: a file; give a new folder", j->dir);
    ask_dir_names names = {0};
    if (!ask_dir_list(&names, j->dir, NULL, err)) return false;
    bool ok = names.n == 0;
    if (!ok)
        ask_fail(err, ASK_ERR_USAGE, "%s: holds %s already; give a new folder", j->dir,
                 names.names[0]);
    ask_dir_names_free(&names);
    return ok;
}

static bool check_source(const job *j, ask_error *err)
{
    for (size_t i = 0; i < ask_weights_count(j->weights); i++) {
        const ask_weights_entry *e = ask_weights_at(j->weights, i);
        if (ask_dtype_is_coded(e->type))
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: tensor \"%s\" is %s already; give the model that it was "
                            "made of",
                            j->from, e->name, ask_dtype_name(e->type));
    }
    return true;
}

static bool is_matrix(void *user, const ask_weights_entry *e)
{
    return model_matrices_have(user, e->name);
}

static bool set_up(job *j, ask_error *err)
{
    int n_threads = j->opt.n_threads > 0 ? j->opt.n_threads : ask_cpu_count();
    j->how = (ask_weights_quantize_options){.type = j->opt.type,
                                            .takes = is_matrix,
                                            .user = &j->matrices,
                                            .n_threads = n_threads,
                                            .cancel = j->opt.cancel,
                                            .progress = j->opt.progress};
    j->sizes = ask_weights_quantized_of(j->weights, &j->how);
    if (j->sizes.n_matrices > 0) return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: has no matrix that would be smaller in %s: nothing to do", j->from,
                    ask_dtype_name(j->opt.type));
}

static bool check_room(const job *j, ask_error *err)
{
    int64_t room;
    if (!ask_dir_free_bytes(&room, j->above, err)) return false;
    if (j->sizes.bytes_after <= room) return true;
    const double gib = (double)(1 << 30);
    return ask_fail(err, ASK_ERR_LIMIT,
                    "%s: " MODEL_WEIGHTS_FILE
                    " would be %.2f GiB, there are %.2f GiB free; make room or give "
                    "another disk",
                    j->dir, (double)j->sizes.bytes_after / gib, (double)room / gib);
}

/* ---- the folder ---- */

/* Whether a file that lies beside weights goes with them. */
static bool goes_along(const char *name)
{
    static const char *const kinds[] = {"*.json",   "*.txt",   "*.model",
                                        "*.jinja",  "*.md",    "LICENSE*",
                                        "LICENCE*", "NOTICE*", NULL};
    if (ask_glob_match("*.index.json", name)) return false; // tells files of the weights
    for (int i = 0; kinds[i]; i++)
        if (ask_glob_match(kinds[i], name)) return true;
    return false;
}

/* Copies the files of a folder that go along. */
static bool copy_files(const char *to, const char *from, ask_error *err)
{
    ask_dir_names names = {0};
    if (!ask_dir_list(&names, from, NULL, err)) return false;
    bool ok = true;
    for (size_t i = 0; i < names.n && ok; i++) {
        if (!goes_along(names.names[i])) continue;
        char *path = ask_path_join(from, names.names[i], err);
        ok = path && (ask_file_is_dir(path) || ask_dir_copy_in(to, path, err));
        free(path);
    }
    ask_dir_names_free(&names);
    return ok;
}

/* The folder of a text encoder that says how its vectors are made. */
static bool copy_pooling(const job *j, ask_error *err)
{
    char *file = ask_path_join(j->from, MODEL_POOLING_FILE, err);
    char *from = file ? ask_path_dirname(file, err) : NULL;
    bool there = from && ask_file_exists(file), ok = from;
    char *to = there ? ask_path_join(j->partial, ask_path_basename(from), err) : NULL;
    if (there) ok = to && ask_dir_make(to, err) && copy_files(to, from, err);
    free(to);
    free(from);
    free(file);
    return ok;
}

/* What is beside the weights of a network that takes an adapter: it stays as it is. */
static bool copy_adapter(const job *j, ask_error *err)
{
    static const char *const files[] = {MODEL_ADAPTER_FILE, MODEL_ADAPTER_CONFIG_FILE};
    bool ok = true;
    for (int i = 0; i < 2 && ok; i++) {
        char *from = ask_path_join(j->from, files[i], err);
        char *to = from ? ask_path_join(j->partial, files[i], err) : NULL;
        char *dir = to ? ask_path_dirname(to, err) : NULL;
        ok = dir && (!ask_file_exists(from) ||
                     (ask_dir_make(dir, err) && ask_dir_copy_in(dir, from, err)));
        free(dir);
        free(to);
        free(from);
    }
    return ok;
}

static bool fill_folder(const job *j, ask_error *err)
{
    char *path = ask_path_join(j->partial, MODEL_WEIGHTS_FILE, err);
    bool ok = path && copy_files(j->partial, j->from, err) && copy_pooling(j, err) &&
              copy_adapter(j, err) && ask_weights_quantize(path, j->weights, &j->how, err);
    free(path);
    return ok;
}

/* Others may have made the folder by now. */
static bool make_folder(job *j, ask_error *err)
{
    if (!(j->partial = ask_dir_make_temp(j->above, err))) return false;
    if (fill_folder(j, err) && check_dir(j, err) && ask_dir_move(j->partial, j->dir, err))
        return true;
    ask_dir_remove(j->partial, NULL);
    return false;
}

/* ---- all of it ---- */

static bool open_source(job *j, ask_error *err)
{
    return (j->weights = ask_weights_open(j->from, err)) &&
           model_matrices_check_file(j->weights, err) && check_source(j, err) &&
           model_matrices_find(&j->matrices, j->from, j->opt.network, j->weights, err);
}

bool ask_model_quantize(ask_weights_quantized *out, const char *dir, const char *from,
                        const ask_model_quantize_options *opt, ask_error *err)
{
    job j = {.opt = ask_model_quantize_defaults(), .from = from};
    ask_options_take(&j.opt, sizeof j.opt, opt);
    bool ok = check_type(&j, err) && set_paths(&j, dir, err) && check_dir(&j, err) &&
              open_source(&j, err) && set_up(&j, err) && check_room(&j, err) &&
              make_folder(&j, err);
    if (ok) *out = j.sizes;
    model_matrices_free(&j.matrices);
    ask_weights_close(j.weights);
    free(j.partial);
    free(j.above);
    free(j.dir);
    return ok;
}
