/* What the small files beside a vocabulary say: tokenizer_config.json,
 * special_tokens_map.json and added_tokens.json, read as transformers reads them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/path.h"
#include "text/grow_priv.h"
#include "text/recipe_priv.h"
#include "text/tokenizer_priv.h"

/* The tokens to be added, in their order; their texts are in the arena. */
typedef struct {
    ask_arena *arena;
    ask_added_token *items;
    size_t n, capacity;
    bool may_be_normalized; // else all are looked for in the text as it is
} token_list;

/* ---- added tokens ---- */

/* Adds a token, or gives new flags to the one of the same content. */
static bool put_token(token_list *list, ask_added_token t, ask_error *err)
{
    t.content = ask_arena_strdup(list->arena, t.content);
    if (!t.content) return ask_fail_memory(err);
    t.normalized &= list->may_be_normalized;
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

/* Adds tokens that the model itself knows. */
static bool add_known(token_list *list, const ask_added_token *known, size_t n,
                      ask_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!has_token(list, known[i].content) && !put_token(list, known[i], err))
            return false;
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

static bool read_flag(bool *out, const ask_roles *roles, const char *key, bool fallback,
                      ask_error *err)
{
    return ask_json_opt_bool(out, ask_roles_config(roles, key), NULL, fallback, err);
}

/* What tokenizer_config.json says; transformers has other defaults for each class. */
static bool read_flags_of_all(ask_recipe *r, const ask_roles *roles, ask_error *err)
{
    bool is_llama = r->kind == ASK_RECIPE_LLAMA, is_t5 = r->kind == ASK_RECIPE_T5;
    r->add_eos = is_t5;
    return read_flag(&r->add_prefix_space, roles, "add_prefix_space", is_llama || is_t5,
                     err) &&
           (is_t5 || read_flag(&r->add_bos, roles, "add_bos_token", is_llama, err)) &&
           (!is_llama || read_flag(&r->add_eos, roles, "add_eos_token", false, err)) &&
           ((!is_llama && !is_t5) || read_flag(&r->legacy, roles, "legacy", true, err));
}

/* BERT's: accents go where the text is put into lower case, unless the file says otherwise.
 */
static bool read_flags_of_bert(ask_recipe *r, const ask_roles *roles, ask_error *err)
{
    return read_flag(&r->lower_case, roles, "do_lower_case", true, err) &&
           read_flag(&r->space_ideographs, roles, "tokenize_chinese_chars", true, err) &&
           read_flag(&r->strip_accents, roles, "strip_accents", r->lower_case, err);
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

bool ask_recipe_read(ask_recipe *r, ask_arena *arena, const char *dir,
                     const ask_roles *roles, const ask_vocab *model,
                     const ask_added_token *known, size_t n_known, ask_error *err)
{
    // Sentencepiece's classes in transformers do not look at the flag.
    token_list list = {.arena = arena,
                       .may_be_normalized =
                           ask_recipe_source_of(r->kind) != ASK_RECIPE_OF_SENTENCEPIECE};
    ask_json *added = NULL;
    bool ok = read_roles(r, roles, err) &&
              (r->kind == ASK_RECIPE_BERT ? read_flags_of_bert(r, roles, err)
                                          : read_flags_of_all(r, roles, err)) &&
              (!dir || read_added(&added, dir, err)) &&
              list_tokens(&list, r, roles, added, err) &&
              add_known(&list, known, n_known, err);
    if (ok) give_ids(&list, r, model);
    ask_json_free(added);
    return ok;
}

/* ---- the pipeline ---- */

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

bool ask_tokenizer_read_recipe(ask_tokenizer *t, const ask_recipe *r,
                               const ask_roles *roles, ask_error *err)
{
    ask_json *doc = make_sections(r, err);
    if (!doc) return false;
    ask_json_value root = ask_json_root(doc);
    bool ok = ask_tokenizer_read_front(t, root, err) &&
              ask_word_model_read_options(&t->model, t->parts.arena,
                                          ask_json_member(root, "model"), err) &&
              ask_tokenizer_read_rest(t, root, roles, err);
    ask_json_free(doc);
    for (int i = 0; ok && i < ASK_N_ROLES; i++)
        t->roles[i] = r->roles[i].text ? ask_tokenizer_id(t, r->roles[i].text) : -1;
    return ok;
}
