#include "cli/pace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/str.h"

/* One file for each model, number of threads and instruction set. Freed with free(). */
static char *path_of(const char *cache_dir, const ask_model_info *model)
{
    ask_str key = {0}, path = {0};
    ask_str_printf(&key, "%s %d %s", model->id, model->n_threads, model->isa);
    ask_str_printf(&path, "%s/pace-%016" PRIx64 ".json", cache_dir,
                   ask_hash64(ask_str_text(&key), key.length, 0));
    path.failed |= key.failed;
    ask_str_free(&key);
    return ask_str_take(&path, NULL);
}

static bool read_file(cli_pace *out, const char *path)
{
    ask_json *doc = ask_json_read(path, NULL, NULL);
    if (!doc) return false;
    ask_json_value root = ask_json_root(doc);
    cli_pace p;
    bool ok = ask_json_get_double(&p.frame_s, root, "frame_s", NULL) &&
              ask_json_get_double(&p.gflops, root, "gflops", NULL) &&
              ask_json_get_double(&p.peak_mib, root, "peak_mib", NULL) && p.frame_s >= 0 &&
              p.gflops > 0 && p.peak_mib > 0;
    if (ok) *out = p;
    ask_json_free(doc);
    return ok;
}

bool cli_pace_read(cli_pace *out, const char *cache_dir, const ask_model_info *model)
{
    char *path = cache_dir ? path_of(cache_dir, model) : NULL;
    bool ok = path && read_file(out, path);
    free(path);
    return ok;
}

void cli_pace_write(const cli_pace *pace, const char *cache_dir,
                    const ask_model_info *model)
{
    char *path = cache_dir ? path_of(cache_dir, model) : NULL;
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    ask_json_open_object(&w, NULL);
    ask_json_put_double(&w, "frame_s", pace->frame_s);
    ask_json_put_double(&w, "gflops", pace->gflops);
    ask_json_put_double(&w, "peak_mib", pace->peak_mib);
    ask_json_close(&w);
    if (path && !text.failed) ask_file_write(path, text.data, text.length, NULL);
    ask_str_free(&text);
    free(path);
}
