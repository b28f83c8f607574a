#include "cli/pace.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

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

/* The numbers of the file. */
typedef struct {
    const char *key;
    size_t at;
} number;

static const number numbers[] = {
    {"frame_s", offsetof(cli_pace, frame_s)},
    {"frame_fps", offsetof(cli_pace, frame_fps)},
    {"second_s", offsetof(cli_pace, second_s)},
    {"second_fps", offsetof(cli_pace, second_fps)},
    {"gflops", offsetof(cli_pace, gflops)},
    {"peak_mib", offsetof(cli_pace, peak_mib)},
};
enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

static double *number_in(cli_pace *pace, const number *n)
{
    return (double *)((char *)pace + n->at);
}

static bool read_file(cli_pace *out, const char *path)
{
    ask_json *doc = ask_json_read(path, NULL, NULL);
    if (!doc) return false;
    cli_pace p;
    bool ok = true;
    for (int i = 0; i < N_NUMBERS && ok; i++) {
        double *value = number_in(&p, &numbers[i]);
        ok = ask_json_get_double(value, ask_json_root(doc), numbers[i].key, NULL) &&
             *value > 0;
    }
    if (ok) *out = p;
    ask_json_free(doc);
    return ok;
}

static void write_file(const char *path, cli_pace pace)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    ask_json_open_object(&w, NULL);
    for (int i = 0; i < N_NUMBERS; i++)
        ask_json_put_double(&w, numbers[i].key, *number_in(&pace, &numbers[i]));
    ask_json_close(&w);
    if (!text.failed) ask_file_write(path, text.data, text.length, NULL);
    ask_str_free(&text);
}

/* before: NULL when nothing was known. */
static cli_pace add_run(const cli_pace *before, const cli_pace_run *run)
{
    double fps = (double)run->n_frames / run->window_s;
    cli_pace p = {
        .frame_s = run->decode_s / (double)run->n_frames,
        .frame_fps = fps,
        .second_s = run->decode_s / run->window_s,
        .second_fps = fps,
        .gflops = run->gflop / run->encode_s,
        .peak_mib = run->peak_mib,
    };
    if (before && before->frame_fps < fps) {
        p.frame_s = before->frame_s;
        p.frame_fps = before->frame_fps;
    }
    if (before && before->second_fps > fps) {
        p.second_s = before->second_s;
        p.second_fps = before->second_fps;
    }
    return p;
}

double cli_pace_decode_s(const cli_pace *pace, int64_t n_frames, double window_s)
{
    return fmin((double)n_frames * pace->frame_s, window_s * pace->second_s);
}

bool cli_pace_read(cli_pace *out, const char *cache_dir, const ask_model_info *model)
{
    char *path = cache_dir ? path_of(cache_dir, model) : NULL;
    bool ok = path && read_file(out, path);
    free(path);
    return ok;
}

void cli_pace_add(const cli_pace_run *run, const char *cache_dir,
                  const ask_model_info *model)
{
    char *path = cache_dir ? path_of(cache_dir, model) : NULL;
    cli_pace before;
    if (path) {
        bool is_known = read_file(&before, path);
        write_file(path, add_run(is_known ? &before : NULL, run));
    }
    free(path);
}
