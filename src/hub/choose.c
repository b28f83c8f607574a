#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "hub/choose_priv.h"
#include "weights/folder.h"

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

static bool is_beside(const char *path)
{
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if (strcmp(path, beside[i]) == 0) return true;
    return false;
}

/* Of the weights, or their index. */
static bool is_of_form(const char *path, const ask_weights_form *f)
{
    return !strchr(path, '/') &&
           ((f->index && strcmp(path, f->index) == 0) || ask_weights_are_called(f, path));
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

/* An index alone is no weights, and nor are parts alone. */
static size_t count_weights(const hub_listing *l, const ask_weights_form *f)
{
    size_t n = 0;
    bool indexed = !f->index;
    for (size_t i = 0; i < l->n; i++) {
        const char *path = l->files[i].path;
        if (f->index && strcmp(path, f->index) == 0)
            indexed = true;
        else
            n += is_of_form(path, f);
    }
    return indexed ? n : 0;
}

/* The names of a form, for a message. */
static void list_names(ask_str *out, const hub_listing *l, const ask_weights_form *f)
{
    enum { SHOWN = 4 };
    int n = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (!is_of_form(l->files[i].path, f)) continue;
        if (n < SHOWN) ask_str_printf(out, "%s%s", n ? ", " : "", l->files[i].path);
        if (n++ == SHOWN) ask_str_append(out, ", ...");
    }
}

static bool fail_many(const hub_listing *l, const ask_weights_form *f, const char *id,
                      ask_error *err)
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

/* Whether the wish itself says which files of a form are taken. */
static bool is_form_matched(const hub_listing *l, const ask_weights_form *f,
                            const hub_wish *w)
{
    for (size_t i = 0; i < l->n; i++)
        if (is_of_form(l->files[i].path, f) &&
            is_matched(l->files[i].path, w->globs, w->n_globs))
            return true;
    return false;
}

/* *out: the weights that are taken whether or not the wish names them; NULL: none. */
static bool choose_form(const ask_weights_form **out, const hub_listing *l,
                        const hub_wish *w, const char *id, ask_error *err)
{
    *out = NULL;
    if (w->n_files > 0) return true;
    for (const ask_weights_form *f = ask_weights_forms; f->patterns[0]; f++) {
        size_t n = count_weights(l, f);
        if (n == 0) continue;
        if (f->only && n > 1) return is_form_matched(l, f, w) || fail_many(l, f, id, err);
        *out = f;
        return true;
    }
    // Who asks for some files by pattern may do without weights.
    return w->n_globs > 0 ||
           ask_fail(err, ASK_ERR_MODEL,
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
    const ask_weights_form *weights;
    if (!check_files(l, w, id, err) || !choose_form(&weights, l, w, id, err)) return false;
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        const char *path = l->files[i].path;
        if (is_beside(path) || (weights && is_of_form(path, weights)) ||
            is_in(path, w->files, w->n_files) || is_matched(path, w->globs, w->n_globs))
            l->files[n++] = l->files[i];
    }
    l->n = n;
    if (n > 1) qsort(l->files, n, sizeof *l->files, compare_sizes);
    return n > 0 || ask_fail(err, ASK_ERR_MODEL, "%s has none of the files asked for", id);
}
