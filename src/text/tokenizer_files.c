/* vocab.json and merges.txt, with what tokenizer_config.json, special_tokens_map.json and
 * added_tokens.json say beside them: read as transformers converts them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/path.h"
#include "text/grow_priv.h"
#include "text/recipe_priv.h"
#include "text/tokenizer_priv.h"

enum { MAX_MERGES_BYTES = 64 << 20 };

/* The tokens to be added, in their order; their texts are borrowed from the files. */
typedef struct {
    ask_arena *arena;
    ask_added_token *items;
    size_t n, capacity;
} token_list;

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
        return ask_json_get_string(&class, name, NULL, err) &&
               (ask_recipe_of_class(out, class) ||
                ask_json_fail(name, err, "the tokenizer %s is not supported", class));
    }
    bool found;
    if (!kind_of_config(&found, out, dir, err)) return false;
    if (!found) *out = kind_of_vocab(v);
    return true;
}

/* ---- added tokens ---- */

/* Adds a token, or gives new flags to the one of the same content. */
static bool put_token(token_list *list, ask_added_token t, ask_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->items[i].content, t.content) != 0) continue;
        list->items[i] = t;
        return true;
    }
    ask_added_token *items = ask_grow(list->arena, list->items, list->n, &list->capacity,
                                      list->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(err);
    list->items = items;
    items[list->n++] = t;
    return true;
}

/* {"content": ..., flags}; t has what holds where a flag is missing. */
static bool read_flags(ask_added_token *t, ask_json_value v, ask_error *err)
{
    return ask_json_get_string(&t->content, v, "content", err) &&
           ask_json_opt_bool(&t->single_word, v, "single_word", t->single_word, err) &&
           ask_json_opt_bool(&t->lstrip, v, "lstrip", t->lstrip, err) &&
           ask_json_opt_bool(&t->rstrip, v, "rstrip", t->rstrip, err) &&
           ask_json_opt_bool(&t->normalized, v, "normalized", t->normalized, err) &&
           ask_json_opt_bool(&t->special, v, "special", t->special, err);
}

static int compare_ids(const void *a, const void *b)
{
    int32_t left = ((const ask_added_token *)a)->id,
            right = ((const ask_added_token *)b)->id;
    return (left > right) - (left < right);
}

/* tokenizer_config.json's "added_tokens_decoder": {"415": {"content": ..., flags}}. */
static bool read_decoder_list(token_list *list, ask_json_value v, ask_error *err)
{
    ask_json_value object;
    if (!ask_json_get_object(&object, v, NULL, err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(v, &m);) {
        int64_t id;
        if (!ask_parse_i64(&id, m.key) || id < 0 || id > ASK_VOCAB_MAX_ID)
            return ask_json_fail(m.value, err, "%s is no token id", m.key);
        ask_added_token t = {.id = (int32_t)id, .normalized = true};
        if (!read_flags(&t, m.value, err) || !put_token(list, t, err)) return false;
    }
    if (list->n > 1) qsort(list->items, list->n, sizeof *list->items, compare_ids);
    return true;
}

/* added_tokens.json: {"<video>": 415}; flags follow from whether a token has a role. */
static bool read_added_file(token_list *list, const ask_recipe *r, ask_json_value v,
                            ask_error *err)
{
    ask_json_value object;
    if (!ask_json_get_object(&object, v, NULL, err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(v, &m);) {
        int64_t id;
        if (!ask_json_get_int(&id, m.value, NULL, 0, ASK_VOCAB_MAX_ID, err)) return false;
        ask_added_token t = {.content = m.key, .id = (int32_t)id};
        for (int i = 0; i < ASK_N_ROLES; i++)
            t.special |= r->roles[i].text && strcmp(r->roles[i].text, m.key) == 0;
        t.normalized = !t.special;
        if (!put_token(list, t, err)) return false;
    }
    if (list->n > 1) qsort(list->items, list->n, sizeof *list->items, compare_ids);
    return true;
}

static bool has_token(const token_list *list, const char *content)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].content, content) == 0) return true;
    return false;
}

/* The texts of the roles: what the files say, or what the kind has without them. */
static bool read_roles(ask_recipe *r, const ask_roles *roles, ask_error *err)
{
    for (int i = 0; i < ASK_N_ROLES; i++) {
        ask_json_value v = ask_roles_find(roles, (ask_role)i);
        if (!ask_roles_text(&r->roles[i].text, v, err)) return false;
        if (ask_json_type_of(v) == ASK_JSON_ABSENT)
            r->roles[i].text = ask_recipe_default(r->kind, (ask_role)i);
    }
    return true;
}

/* Adds the tokens of the roles that are not listed yet. Where two roles share a token, the
 * flags of the later one hold. */
static bool add_roles(token_list *list, const ask_recipe *r, const ask_roles *roles,
                      ask_error *err)
{
    token_list listed = *list;
    for (int i = 0; i < ASK_N_ROLES; i++) {
        const char *text = r->roles[i].text;
        if (!text || *text == '\0' || has_token(&listed, text)) continue;
        ask_added_token t = ask_recipe_token(r->kind, (ask_role)i, text);
        ask_json_value v = ask_roles_find(roles, (ask_role)i);
        if (ask_json_type_of(v) == ASK_JSON_OBJECT) {
            t = (ask_added_token){.normalized = true};
            if (!read_flags(&t, v, err)) return false;
            t.special = true;
        }
        if (!put_token(list, t, err)) return false;
    }
    return true;
}

/* "additional_special_tokens": strings, or objects with flags. */
static bool add_more(token_list *list, const ask_roles *roles, ask_error *err)
{
    ask_json_value more = ask_roles_config(roles, "additional_special_tokens");
    if (ask_json_type_of(more) <= ASK_JSON_NULL && roles->map)
        more = ask_json_member(ask_json_root(roles->map), "additional_special_tokens");
    for (size_t i = 0; i < ask_json_count(more); i++) {
        ask_json_value v = ask_json_item(more, i);
        ask_added_token t = {0};
        bool is_object = ask_json_type_of(v) == ASK_JSON_OBJECT;
        if (is_object ? !read_flags(&t, v, err)
                      : !ask_json_get_string(&t.content, v, NULL, err))
            return false;
        t.special = true;
        if (!has_token(list, t.content) && !put_token(list, t, err)) return false;
    }
    return true;
}

/* Gives ids as ask_added_read will: the model's, or the next. */
static void give_ids(token_list *list, ask_recipe *r, const ask_vocab *model)
{
    int32_t next = (int32_t)model->n;
    for (size_t i = 0; i < list->n; i++) {
        ask_added_token *t = &list->items[i];
        int32_t id = ask_vocab_find(model, t->content, strlen(t->content));
        t->id = id >= 0 ? id : next++;
        for (int k = 0; k < ASK_N_ROLES; k++)
            if (r->roles[k].text && strcmp(r->roles[k].text, t->content) == 0)
                r->roles[k].id = t->id;
    }
    r->tokens = list->items;
    r->n_tokens = list->n;
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

static ask_json *make_sections(const ask_recipe *r, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    ask_json_open_object(&w, NULL);
    ask_recipe_write_sections(&w, r);
    ask_json_open_object(&w, "model");
    ask_recipe_write_model(&w, r);
    ask_json_close(&w);
    ask_json_close(&w);
    char *json = ask_str_take(&text, err);
    if (!json) return NULL;
    ask_json *doc =
        ask_json_parse(json, strlen(json), ask_recipe_class(r->kind), NULL, err);
    free(json);
    return doc;
}

static bool read_sections(ask_tokenizer *t, const ask_recipe *r, const ask_roles *roles,
                          ask_error *err)
{
    ask_json *doc = make_sections(r, err);
    if (!doc) return false;
    ask_json_value root = ask_json_root(doc);
    bool ok = ask_tokenizer_read_front(t, root, err) &&
              ask_bpe_read_options(&t->model, t->parts.arena,
                                   ask_json_member(root, "model"), err);
    if (ok) ask_bpe_find_unknown(&t->model);
    ok = ok && ask_tokenizer_read_rest(t, root, roles, err);
    ask_json_free(doc);
    for (int i = 0; ok && i < ASK_N_ROLES; i++)
        t->roles[i] = r->roles[i].text ? ask_tokenizer_id(t, r->roles[i].text) : -1;
    return ok;
}

/* The tokens to be added, from whichever file lists them. */
static bool list_tokens(token_list *list, const ask_recipe *r, const ask_roles *roles,
                        const ask_json *added, ask_error *err)
{
    ask_json_value decoder = ask_roles_config(roles, "added_tokens_decoder");
    bool ok = true;
    if (ask_json_type_of(decoder) > ASK_JSON_NULL)
        ok = read_decoder_list(list, decoder, err);
    else if (added)
        ok = read_added_file(list, r, ask_json_root(added), err);
    return ok && add_roles(list, r, roles, err) && add_more(list, roles, err);
}

static bool read_config_bool(bool *out, const ask_roles *roles, const char *key,
                             ask_error *err)
{
    return ask_json_opt_bool(out, ask_roles_config(roles, key), NULL, false, err);
}

static bool read_around(ask_tokenizer *t, const char *dir, const ask_roles *roles,
                        const ask_json *added, ask_error *err)
{
    ask_recipe r = {0};
    token_list list = {.arena = t->parts.arena};
    if (!find_kind(&r.kind, &t->model.vocab, dir, roles, err) ||
        !read_roles(&r, roles, err) ||
        !read_config_bool(&r.add_prefix_space, roles, "add_prefix_space", err) ||
        !read_config_bool(&r.add_bos, roles, "add_bos_token", err) ||
        !list_tokens(&list, &r, roles, added, err))
        return false;
    give_ids(&list, &r, &t->model.vocab);
    return read_sections(t, &r, roles, err) && read_merges(t, dir, err);
}

static bool read_added(ask_json **out, const char *dir, ask_error *err)
{
    char *path = ask_path_join(dir, "added_tokens.json", err);
    if (!path) return false;
    *out = NULL;
    bool ok = !ask_file_exists(path) || (*out = ask_json_read(path, NULL, err)) != NULL;
    free(path);
    return ok;
}

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

bool ask_tokenizer_read_files(ask_tokenizer *t, const char *dir, const ask_roles *roles,
                              ask_error *err)
{
    char *path = ask_path_join(dir, "vocab.json", err);
    if (!path) return false;
    bool ok = ask_file_exists(path)
                  ? read_vocab(t, path, err)
                  : ask_fail(err, ASK_ERR_MODEL,
                             "%s: neither tokenizer.json nor vocab.json is there", dir);
    free(path);
    ask_json *added = NULL;
    ok = ok && read_added(&added, dir, err) && read_around(t, dir, roles, added, err);
    ask_json_free(added);
    return ok;
}
