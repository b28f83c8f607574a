/* socialiq_folds.c - which videos of Social-IQ 1.0 are for training and which are not.
 *
 * The lists are two assignments in a file of Python,
 *
 *     standard_train_fold=['dACF-Mz-X8M', 'iiDmMdRzWyA', ...]
 *     standard_valid_fold=[...]
 *
 * which is read as a text: a name, a list of texts without escapes. Nothing is executed. */
#include <stdlib.h>
#include <string.h>

#include "data/socialiq_priv.h"

static const char lists_file[] = "socialiq_std_folds.py";

typedef struct {
    data_text text;
    size_t at;
} cursor;

static bool fail_at(const cursor *c, ask_error *err, const char *what)
{
    size_t line = 1;
    for (size_t i = 0; i < c->at; i++) line += c->text.text[i] == '\n';
    return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: %s", c->text.name, line, what);
}

static char peek(const cursor *c)
{
    return c->at < c->text.bytes ? c->text.text[c->at] : '\0';
}

static void skip_space(cursor *c)
{
    while (c->at < c->text.bytes && strchr(" \t\r\n", c->text.text[c->at])) c->at++;
}

static bool take(cursor *c, char wanted)
{
    skip_space(c);
    if (c->at == c->text.bytes || c->text.text[c->at] != wanted) return false;
    c->at++;
    return true;
}

/* Goes behind "name = [" where a line begins with it. */
static bool find_list(cursor *c, const char *name)
{
    size_t n = strlen(name);
    for (c->at = 0; c->at + n <= c->text.bytes;) {
        const char *line = c->text.text + c->at;
        if (memcmp(line, name, n) == 0) {
            c->at += n;
            if (take(c, '=') && take(c, '[')) return true;
        }
        const char *end = memchr(c->text.text + c->at, '\n', c->text.bytes - c->at);
        if (!end) return false;
        c->at = (size_t)(end - c->text.text) + 1;
    }
    return false;
}

static bool add_video(data_fold *fold, data_build *b, cursor *c, ask_error *err)
{
    char quote = peek(c);
    if (quote != '\'' && quote != '"') return fail_at(c, err, "expected a name in quotes");
    const char *begin = c->text.text + c->at + 1;
    const char *end = memchr(begin, quote, c->text.bytes - c->at - 1);
    if (!end || memchr(begin, '\n', (size_t)(end - begin)) ||
        memchr(begin, '\\', (size_t)(end - begin)) || end == begin)
        return fail_at(c, err, "expected a name that ends in the same line");
    size_t index;
    c->at = (size_t)(end - c->text.text) + 1;
    return data_names_add(&fold->videos, &index,
                          data_printf(b, "%.*s", (int)(end - begin), begin), err);
}

static bool take_list(data_fold *fold, data_build *b, cursor *c, ask_error *err)
{
    skip_space(c);
    while (!take(c, ']')) {
        if (!add_video(fold, b, c, err)) return false;
        if (take(c, ',')) {
            skip_space(c);
            continue;
        }
        if (take(c, ']')) break;
        return fail_at(c, err, "expected \",\" or \"]\"");
    }
    return true;
}

bool data_fold_parse(data_fold *fold, data_build *b, data_text text, ask_error *err)
{
    cursor c = {.text = text};
    if (!find_list(&c, fold->name))
        return ask_fail(err, ASK_ERR_FORMAT, "%s: no list \"%s\" in it", text.name,
                        fold->name);
    if (!take_list(fold, b, &c, err)) return false;
    if (b->no_memory) return ask_fail_memory(err);
    if (fold->videos.n == 0)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: \"%s\" has no videos", text.name,
                        fold->name);
    fold->seen = calloc(fold->videos.n, sizeof *fold->seen);
    return fold->seen || ask_fail_memory(err);
}

bool data_fold_read(data_fold *out, data_build *b, ask_error *err)
{
    data_file f;
    *out = (data_fold){.all = !b->split || strcmp(b->split, "all") == 0};
    if (out->all) return true;
    bool is_train = strcmp(b->split, "train") == 0;
    out->name = is_train ? "standard_train_fold" : "standard_valid_fold";
    if (!data_open_beside(b, &f, lists_file, err)) return false;
    if (!f.text.name)
        return ask_fail(err, ASK_ERR_IO,
                        "%s: no file %s in it, which says what is for %s; copy it from the "
                        "toolkit of the set, or read all",
                        b->dir, lists_file, b->split);
    bool ok = data_fold_parse(out, b, f.text, err);
    data_file_close(&f);
    return ok;
}

void data_fold_free(data_fold *fold)
{
    data_names_free(&fold->videos);
    free(fold->seen);
    *fold = (data_fold){0};
}

bool data_fold_has(data_fold *fold, const char *video)
{
    size_t index;
    if (fold->all) return true;
    if (!data_names_find(&fold->videos, &index, video)) return false;
    fold->seen[index] = true;
    return true;
}

bool data_fold_end(const data_fold *fold, data_build *b, ask_error *err)
{
    for (size_t i = 0; i < fold->videos.n; i++)
        if (!fold->seen[i] &&
            !data_notice(b, ASK_DATA_MISMATCH, err, "%s: no questions on \"%s\" of %s",
                         b->file, fold->videos.texts[i], fold->name))
            return false;
    return true;
}
