/* vocab.json and merges.txt of a folder, read as transformers converts them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "text/recipe_priv.h"
#include "text/tokenizer_priv.h"

enum { MAX_MERGES_BYTES = 64 << 20 };

/* ---- which kind it is ---- */

/* config.json beside the vocabulary may tell; it may also be missing. */
static bool kind_of_config(bool *found, ask_recipe_kind *out, const char *dir,
                           ask_error *err)
{
    *found = false;
    char *path = ask_path_join(dir, "config.json", err);
    if (!path) return false;
    bool ok = true;
    if (ask_file_exists(path)) {
        ask_json *doc = ask_json_read(path, NULL, err);
        const char *type;
        ok = doc && ask_json_opt_string(&type, ask_json_root(doc), "model_type", "", err);
        if (ok) *found = ask_recipe_of_model_type(out, type);
        ask_json_free(doc);
    }
    free(path);
    return ok;
}

/* CLIP's vocabularies mark the end of a word, GPT-2's do not. */
static ask_recipe_kind kind_of_vocab(const ask_vocab *v)
{
    return ask_vocab_find(v, "a</w>", 5) >= 0 || ask_vocab_find(v, "!</w>", 5) >= 0
               ? ASK_RECIPE_CLIP
               : ASK_RECIPE_GPT2;
}

static bool find_kind(ask_recipe_kind *out, const ask_vocab *v, const char *dir,
                      const ask_roles *roles, ask_error *err)
{
    ask_json_value name = ask_roles_config(roles, "tokenizer_class");
    if (ask_json_type_of(name) > ASK_JSON_NULL) {
        const char *class;
        if (!ask_json_get_string(&class, name, NULL, err)) return false;
        return (ask_recipe_of_class(out, class) && *out != ASK_RECIPE_LLAMA) ||
               ask_json_fail(name, err, "the tokenizer %s is not supported", class);
    }
    bool found;
    if (!kind_of_config(&found, out, dir, err)) return false;
    if (!found) *out = kind_of_vocab(v);
    return true;
}

/* ---- merges.txt ---- */

static size_t count_lines(const char *text)
{
    size_t n = 1;
    for (; *text; text++) n += *text == '\n';
    return n;
}

static bool fail_line(const char *path, size_t line, const char *what, ask_error *err)
{
    return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: %s", path, line, what);
}

/* "left right" */
static bool read_line(ask_bpe *b, const char *line, size_t n, uint32_t rank,
                      const char *path, size_t number, ask_error *err)
{
    const char *space = memchr(line, ' ', n);
    const char *right = space ? space + 1 : NULL;
    if (!space || memchr(right, ' ', n - (size_t)(right - line)))
        return fail_line(path, number, "expected two tokens with a space between", err);
    char *missing;
    if (ask_bpe_add_merge(b, line, (size_t)(space - line), right,
                          n - (size_t)(right - line), rank, &missing))
        return true;
    if (!missing) return ask_fail_memory(err);
    ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: the token %s is not in the vocabulary", path,
             number, missing);
    free(missing);
    return false;
}

static bool read_lines(ask_bpe *b, const char *text, const char *path, ask_error *err)
{
    uint32_t rank = 0;
    for (size_t number = 1; *text; number++) {
        size_t whole = strcspn(text, "\n");
        size_t n = whole > 0 && text[whole - 1] == '\r' ? whole - 1 : whole;
        bool is_header = number == 1 && ask_starts_with(text, "#version");
        if (n > 0 && !is_header && !read_line(b, text, n, rank++, path, number, err))
            return false;
        text += whole + (text[whole] == '\n');
    }
    return true;
}

static bool read_merges(ask_tokenizer *t, const char *dir, ask_error *err)
{
    char *path = ask_path_join(dir, "merges.txt", err), *text = NULL;
    size_t n_bytes;
    bool ok = path && ask_file_read(&text, &n_bytes, path, MAX_MERGES_BYTES, err);
    if (ok && strlen(text) != n_bytes)
        ok = ask_fail(err, ASK_ERR_FORMAT, "%s: holds a zero byte", path);
    ok = ok && ask_bpe_reserve_merges(&t->model, t->parts.arena, count_lines(text), err) &&
         read_lines(&t->model, text, path, err);
    free(text);
    free(path);
    return ok;
}

/* ---- all of it ---- */

static bool read_vocab(ask_tokenizer *t, const char *path, ask_error *err)
{
    ask_json *doc = ask_json_read(path, NULL, err);
    if (!doc) return false;
    ask_json_value vocab;
    bool ok = ask_json_get_object(&vocab, ask_json_root(doc), NULL, err) &&
              ask_bpe_read_vocab(&t->model, t->parts.arena, vocab, err);
    ask_json_free(doc);
    return ok;
}

static bool read_around(ask_tokenizer *t, const char *dir, const ask_roles *roles,
                        ask_error *err)
{
    ask_recipe r = {0};
    return find_kind(&r.kind, &t->model.vocab, dir, roles, err) &&
           ask_recipe_read(&r, t->parts.arena, dir, roles, &t->model.vocab, NULL, 0, err) &&
           ask_tokenizer_read_recipe(t, &r, roles, err) && read_merges(t, dir, err) &&
           ask_bpe_find_seams(&t->model, t->parts.arena, err);
}

bool ask_tokenizer_read_files(ask_tokenizer *t, const char *dir, const ask_roles *roles,
                              ask_error *err)
{
    char *path = ask_path_join(dir, "vocab.json", err);
    if (!path) return false;
    bool ok =
        ask_file_exists(path)
            ? read_vocab(t, path, err)
            : ask_fail(err, ASK_ERR_MODEL,
                       "%s: none of tokenizer.json, tokenizer.model and vocab.json is "
                       "there",
                       dir);
    free(path);
    return ok && read_around(t, dir, roles, err);
}
