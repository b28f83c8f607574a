#include "support/unlearned.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/str.h"
#include "model/init.h"
#include "support/place.h"
#include "weights/safetensors.h"

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench: %s\n", err->message);
    exit(1);
}

/* Unless it is there already, or is not in `from`. */
static void copy(const char *to_dir, const char *from_dir, const char *name)
{
    enum { MOST_BYTES = 16 << 20 };
    ask_error err = {0};
    char *bytes = NULL, *from = bench_path(from_dir, name), *to = bench_path(to_dir, name);
    size_t n_bytes;
    if (ask_file_exists(from) && !ask_file_exists(to) &&
        (!ask_file_read(&bytes, &n_bytes, from, MOST_BYTES, &err) ||
         !ask_file_write(to, bytes, n_bytes, &err)))
        give_up(&err);
    free(bytes);
    free(from);
    free(to);
}

void bench_unlearned_make(const char *to, const char *from)
{
    static const char *const beside[] = {"calibration.json", "answers.json",
                                         "denials.json"};
    ask_error err = {0};
    char *config = bench_path(from, "config.json");
    char *preprocess = bench_path(from, "preprocessor_config.json");
    const ask_model_init_options opt = {
        .struct_size = sizeof opt, .seed = 1, .tokenizer = from, .preprocess = preprocess};
    if (!ask_model_init(to, config, &opt, &err)) give_up(&err);
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) copy(to, from, beside[i]);
    free(config);
    free(preprocess);
}

static bool is_of(const char *tensor, const char *const *parts, int n)
{
    for (int i = 0; i < n; i++)
        if (ask_starts_with(tensor, parts[i])) return true;
    return false;
}

void bench_unlearned_teach(const char *to, const char *from, const char *const *but, int n)
{
    enum { MOST_TENSORS = 1024 };
    ask_weights_entry all[MOST_TENSORS];
    ask_error err = {0};
    char *path = bench_path(to, "model.safetensors");
    ask_weights *random = ask_weights_open(to, &err);
    ask_weights *learned = random ? ask_weights_open(from, &err) : NULL;
    if (!learned) give_up(&err);
    size_t n_all = ask_weights_count(learned);
    for (size_t i = 0; i < n_all && i < MOST_TENSORS; i++) {
        all[i] = *ask_weights_at(learned, i);
        const ask_weights_entry *other = ask_weights_find(random, all[i].name);
        if (other && is_of(all[i].name, but, n)) all[i] = *other;
    }
    if (n_all > MOST_TENSORS)
        ask_fail(&err, ASK_ERR_LIMIT, "%s: %zu tensors, and room for %d", from, n_all,
                 MOST_TENSORS);
    if (n_all > MOST_TENSORS || !ask_safetensors_write(path, all, n_all, NULL, 0, &err))
        give_up(&err);
    ask_weights_close(learned);
    ask_weights_close(random);
    free(path);
}
