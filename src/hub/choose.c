#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "hub/choose_priv.h"

/* What is read beside the weights, by name. */
static const char *const beside[] = {
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    "tokenizer.model",
    "spiece.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "chat_template.jinja",
    "chat_template.json",
    // of models that were made with askance, or answer with the words of a list
    "answers.json",
    "denials.json",
    "calibration.json",
    "action_mapping.txt",
    // in folders: how vectors are pooled, the tokenizer of a Q-Former, an adapter
    "1_Pooling/config.json",
    "qformer_tokenizer/tokenizer.json",
    "qformer_tokenizer/tokenizer_config.json",
    "qformer_tokenizer/special_tokens_map.json",
    "qformer_tokenizer/added_tokens.json",
    "qformer_tokenizer/vocab.txt",
    "adapter/adapter_config.json",
    "adapter/adapter_model.safetensors",
};

/* Ways to store weights, the best first. */
typedef struct {
    const char *patterns[5]; // of files that go together
    bool only;               // of these there may be but one
} form;

static const form forms[] = {
    {.patterns = {"model.safetensors"}},
    {.patterns = {"model.safetensors.index.json", "model-*-of-*.safetensors"}},
    {.patterns = {"*.safetensors"}, .only = true},
    {.patterns = {"pytorch_model.bin"}},
    {.patterns = {"pytorch_model.bin.index.json", "pytorch_model-*-of-*.bin"}},
    {.patterns = {"*.bin", "*.pth", "*.pt", "*.tar"}, .only = true},
    {.patterns = {"*.gguf"}, .only = true},
};

static bool is_beside(const char *path)
{
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if (strcmp(path, beside[i]) == 0) return true;
    return false;
}

static bool is_of_form(const char *path, const form *f)
{
    if (strchr(path, '/')) return false;
    for (int i = 0; i < 5 && f->patterns[i]; i++)
        if (ask_glob_match(f->patterns[i], path)) return true;
    return false;
}

static bool is_in(const char *path, const char *const *list, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(path, list[i]) == 0) return true;
    return false;
}

static bool is_matched(const char *path, const char *const *globs, int n)
{
    for (int i = 0; i < n; i++)
        if (ask_glob_match(globs[i], path)) return true;
    return false;
}

/* An index alone is no weights. */
static size_t count_weights(const hub_listing *l, const form *f)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        n += is_of_form(l->files[i].path, f) && !ask_ends_with(l->files[i].path, ".json");
    return n;
}

/* The names of a form, for a message. */
static void list_names(ask_str *out, const hub_listing *l, const form *f)
{
    enum { SHOWN = 4 };
    int n = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (!is_of_form(l->files[i].path, f)) continue;
        if (n < SHOWN) ask_str_printf(out, "%s%s", n ? ", " : "", l->files[i].path);
        if (n++ == SHOWN) ask_str_append(out, ", ...");
    }
}

static bool fail_many(const hub_listing *l, const form *f, const char *id, ask_error *err)
{
    ask_str names = {0};
    list_names(&names, l, f);
    ask_fail(err, ASK_ERR_MODEL,
             "%s has several files that may be its weights (%s): name the one to take "
             "with --file",
             id, ask_str_text(&names));
    ask_str_free(&names);
    return false;
}

static bool choose_form(const form **out, const hub_listing *l, const char *id,
                        ask_error *err)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t n = count_weights(l, &forms[i]);
        if (n == 0) continue;
        *out = &forms[i];
        return !forms[i].only || n == 1 || fail_many(l, &forms[i], id, err);
    }
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s has no weights that askance reads: neither safetensors, torch "
                    "archives nor GGUF; --include GLOB takes other files",
                    id);
}

static bool check_files(const hub_listing *l, const hub_wish *w, const char *id,
                        ask_error *err)
{
    for (int k = 0; k < w->n_files; k++) {
        bool found = false;
        for (size_t i = 0; i < l->n && !found; i++)
            found = strcmp(l->files[i].path, w->files[k]) == 0;
        if (!found)
            return ask_fail(err, ASK_ERR_MODEL, "%s has no file %.200s", id, w->files[k]);
    }
    return true;
}

/* Small files first: what is wrong with a model is found before its weights are here. */
static int compare_sizes(const void *a, const void *b)
{
    const hub_file *x = a, *y = b;
    if (x->n_bytes != y->n_bytes) return x->n_bytes < y->n_bytes ? -1 : 1;
    return strcmp(x->path, y->path);
}

bool hub_choose(hub_listing *l, const hub_wish *w, const char *id, ask_error *err)
{
    const form none = {0}, *weights = &none;
    ask_error without;
    if (!check_files(l, w, id, err)) return false;
    // Who asks for some files by pattern may do without weights.
    if (w->n_files == 0 && !choose_form(&weights, l, id, &without)) {
        if (w->n_globs == 0 || without.code != ASK_ERR_MODEL) {
            if (err) *err = without;
            return false;
        }
        weights = &none;
    }
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        const char *path = l->files[i].path;
        if (is_beside(path) || is_of_form(path, weights) ||
            is_in(path, w->files, w->n_files) || is_matched(path, w->globs, w->n_globs))
            l->files[n++] = l->files[i];
    }
    l->n = n;
    if (n > 1) qsort(l->files, n, sizeof *l->files, compare_sizes);
    return n > 0 || ask_fail(err, ASK_ERR_MODEL, "%s has none of the files asked for", id);
}
