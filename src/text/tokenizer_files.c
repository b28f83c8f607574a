/* vocab.json and merges.txt of a folder, or its vocab.txt, read as transformers converts
 * them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/utf8.h"
#include "text/recipe_priv.h"
#include "text/tokenizer_priv.h"

enum { MAX_TEXT_BYTES = 64 << 20 };

/* ---- vocab.json and merges.txt ---- */

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
    bool found;
    if (!ask_recipe_find(&found, out, ASK_RECIPE_OF_MERGES, "vocab.json", dir, roles, err))
        return false;
    if (!found) *out = kind_of_vocab(v);
    return true;
}

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

/* Reads a file of lines; *text is freed by the caller. */
static bool read_text(char **text, const char *path, ask_error *err)
{
    size_t n_bytes;
    *text = NULL;
    if (!ask_file_read(text, &n_bytes, path, MAX_TEXT_BYTES, err)) return false;
    return strlen(*text) == n_bytes ||
           ask_fail(err, ASK_ERR_FORMAT, "%s: holds a zero byte", path);
}

static bool read_merges(ask_tokenizer *t, const char *dir, ask_error *err)
{
    char *path = ask_path_join(dir, "merges.txt", err), *text = NULL;
    ask_bpe *b = &t->model.bpe;
    bool ok = path && read_text(&text, path, err) &&
              ask_bpe_reserve_merges(b, t->parts.arena, count_lines(text), err) &&
              read_lines(b, text, path, err);
    free(text);
    free(path);
    return ok;
}

static bool read_vocab(ask_tokenizer *t, const char *path, ask_error *err)
{
    ask_json *doc = ask_json_read(path, NULL, err);
    if (!doc) return false;
    ask_json_value vocab;
    bool ok = ask_json_get_object(&vocab, ask_json_root(doc), NULL, err) &&
              ask_vocab_read(&t->model.bpe.vocab, t->parts.arena, vocab, err);
    ask_json_free(doc);
    return ok;
}

static bool read_pairs(ask_tokenizer *t, const char *path, const char *dir,
                       const ask_roles *roles, ask_error *err)
{
    ask_recipe r = {0};
    ask_arena *arena = t->parts.arena;
    ask_bpe *b = &t->model.bpe;
    t->model.kind = ASK_WORD_MODEL_BPE;
    return read_vocab(t, path, err) && find_kind(&r.kind, &b->vocab, dir, roles, err) &&
           ask_recipe_read(&r, arena, dir, roles, &b->vocab, NULL, 0, err) &&
           ask_tokenizer_read_recipe(t, &r, roles, err) && read_merges(t, dir, err) &&
           ask_bpe_prepare(b, arena, err);
}

/* ---- vocab.txt ---- */

/* A token a line; its id is the line's number, from 0. */
static bool take_tokens(ask_vocab *v, ask_arena *arena, char *text, const char *path,
                        ask_error *err)
{
    size_t n = count_lines(text);
    if (n > ASK_VOCAB_MAX_ID)
        return ask_fail(err, ASK_ERR_LIMIT, "%s: has %zu lines; at most %d are read", path,
                        n, ASK_VOCAB_MAX_ID);
    if (!ask_vocab_init(v, arena, n, (int64_t)n - 1, err)) return false;
    for (int32_t id = 0; *text; id++) {
        size_t whole = strcspn(text, "\n");
        char *next = text + whole + (text[whole] == '\n');
        text[whole > 0 && text[whole - 1] == '\r' ? whole - 1 : whole] = '\0';
        if (!ask_vocab_add(v, arena, text, id, err)) return false;
        text = next;
    }
    return true;
}

static bool read_tokens(ask_tokenizer *t, const char *path, ask_error *err)
{
    char *text;
    bool ok = read_text(&text, path, err);
    if (ok && !ask_utf8_valid(text, strlen(text)))
        ok = ask_fail(err, ASK_ERR_FORMAT, "%s: is not UTF-8", path);
    ok = ok && take_tokens(&t->model.wordpiece.vocab, t->parts.arena, text, path, err);
    free(text);
    return ok;
}

static bool read_words(ask_tokenizer *t, const char *path, const char *dir,
                       const ask_roles *roles, ask_error *err)
{
    ask_recipe r = {0};
    ask_arena *arena = t->parts.arena;
    ask_wordpiece *w = &t->model.wordpiece;
    bool found;
    t->model.kind = ASK_WORD_MODEL_WORDPIECE;
    if (!read_tokens(t, path, err) || !ask_recipe_find(&found, &r.kind, ASK_RECIPE_OF_WORDS,
                                                       "vocab.txt", dir, roles, err))
        return false;
    if (!found) r.kind = ASK_RECIPE_BERT;
    return ask_recipe_read(&r, arena, dir, roles, &w->vocab, NULL, 0, err) &&
           ask_tokenizer_read_recipe(t, &r, roles, err) &&
           ask_wordpiece_prepare(w, arena, err);
}

/* ---- all of it ---- */

bool ask_tokenizer_read_files(ask_tokenizer *t, const char *dir, const ask_roles *roles,
                              ask_error *err)
{
    char *json = ask_path_join(dir, "vocab.json", err);
    char *text = json ? ask_path_join(dir, "vocab.txt", err) : NULL;
    bool ok = false;
    if (text && ask_file_exists(json))
        ok = read_pairs(t, json, dir, roles, err);
    else if (text && ask_file_exists(text))
        ok = read_words(t, text, dir, roles, err);
    else if (text)
        ask_fail(
            err, ASK_ERR_MODEL,
            "%s: none of tokenizer.json, tokenizer.model, spiece.model, vocab.json and "
            "vocab.txt is there",
            dir);
    free(text);
    free(json);
    return ok;
}
