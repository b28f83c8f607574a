#include "text/tokenizer_priv.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "text/encoding_priv.h"

enum { MAX_MODEL_BYTES = 64 << 20 };

/* ---- opening ---- */

ask_tokenizer *ask_tokenizer_new(ask_error *err)
{
    ask_tokenizer *t = calloc(1, sizeof *t);
    if (!t) {
        ask_fail_memory(err);
        return NULL;
    }
    if (!ask_parts_open(&t->parts, err)) {
        free(t);
        return NULL;
    }
    return t;
}

void ask_tokenizer_close(ask_tokenizer *t)
{
    if (!t) return;
    ask_parts_close(&t->parts);
    free(t);
}

bool ask_tokenizer_read_front(ask_tokenizer *t, ask_json_value root, ask_error *err)
{
    return ask_normalizers_read(&t->normalizers, &t->parts,
                                ask_json_member(root, "normalizer"), err) &&
           ask_pre_tokenizers_read(&t->pre_tokenizers, &t->parts,
                                   ask_json_member(root, "pre_tokenizer"), err);
}

/* The ids of the roles that the files name, and what is known without them. */
static bool find_roles(ask_tokenizer *t, const ask_roles *roles, ask_error *err)
{
    int64_t start, end;
    ask_post_processors_marks(&t->post_processors, &start, &end);
    for (int i = 0; i < ASK_N_ROLES; i++) {
        ask_json_value v = ask_roles_find(roles, (ask_role)i);
        const char *text;
        if (!ask_roles_text(&text, v, err)) return false;
        t->roles[i] = text ? ask_tokenizer_id(t, text) : -1;
        if (ask_json_type_of(v) != ASK_JSON_ABSENT) continue;
        if (i == ASK_ROLE_BOS) t->roles[i] = start;
        if (i == ASK_ROLE_EOS) t->roles[i] = end;
        if (i == ASK_ROLE_UNK) t->roles[i] = ask_word_model_unknown(&t->model);
    }
    return true;
}

bool ask_tokenizer_read_rest(ask_tokenizer *t, ask_json_value root, const ask_roles *roles,
                             ask_error *err)
{
    return ask_added_read(&t->added, t->parts.arena, ask_json_member(root, "added_tokens"),
                          ask_word_model_vocab(&t->model), &t->normalizers, err) &&
           ask_post_processors_read(&t->post_processors, &t->parts,
                                    ask_json_member(root, "post_processor"), err) &&
           ask_decoders_read(&t->decoders, &t->parts, ask_json_member(root, "decoder"),
                             err) &&
           find_roles(t, roles, err);
}

/* A whole tokenizer.json. */
static bool read_all(ask_tokenizer *t, ask_json_value root, const ask_roles *roles,
                     ask_error *err)
{
    ask_json_value object, model;
    return ask_json_get_object(&object, root, NULL, err) &&
           ask_json_get_object(&model, root, "model", err) &&
           ask_tokenizer_read_front(t, root, err) &&
           ask_word_model_read(&t->model, t->parts.arena, model, err) &&
           ask_tokenizer_read_rest(t, root, roles, err);
}

/* doc may be NULL: reading it has failed then. */
static bool read_doc(ask_tokenizer *t, const ask_json *doc, const char *name,
                     const ask_roles *roles, ask_error *err)
{
    if (!doc) return false;
    bool ok = read_all(t, ask_json_root(doc), roles, err);
    if (!ok && err->code == ASK_ERR_LIMIT) ask_fail_in(err, "%s", name);
    return ok;
}

static bool read_json(ask_tokenizer *t, const char *path, const ask_roles *roles,
                      ask_error *err)
{
    ask_json *doc = ask_json_read(path, NULL, err);
    bool ok = read_doc(t, doc, path, roles, err);
    ask_json_free(doc);
    return ok;
}

static bool read_model(ask_tokenizer *t, const char *path, const char *dir,
                       const ask_roles *roles, ask_error *err)
{
    char *bytes;
    size_t n;
    if (!ask_file_read(&bytes, &n, path, MAX_MODEL_BYTES, err)) return false;
    bool ok = ask_tokenizer_read_sentencepiece(t, bytes, n, path, dir, roles, err);
    free(bytes);
    return ok;
}

/* tokenizer.json where there is one, then a sentencepiece model, or else older files. */
static bool read_folder(ask_tokenizer *t, const char *dir, ask_error *err)
{
    char *json = ask_path_join(dir, "tokenizer.json", err);
    char *model = json ? ask_path_join(dir, "tokenizer.model", err) : NULL;
    char *spiece = model ? ask_path_join(dir, "spiece.model", err) : NULL;
    ask_roles roles = {0};
    bool ok = spiece && ask_roles_open(&roles, dir, err);
    if (ok && ask_file_exists(json))
        ok = read_json(t, json, &roles, err);
    else if (ok && ask_file_exists(model))
        ok = read_model(t, model, dir, &roles, err);
    else if (ok && ask_file_exists(spiece))
        ok = read_model(t, spiece, dir, &roles, err);
    else
        ok = ok && ask_tokenizer_read_files(t, dir, &roles, err);
    ask_roles_close(&roles);
    free(spiece);
    free(model);
    free(json);
    return ok;
}

static bool read_file(ask_tokenizer *t, const char *path, ask_error *err)
{
    const ask_roles none = {0};
    return ask_ends_with(path, ".model") ? read_model(t, path, NULL, &none, err)
                                         : read_json(t, path, &none, err);
}

/* What a failed opening gives: NULL, and what is wrong with the model. */
static ask_tokenizer *give_up(ask_tokenizer *t, ask_error fault, ask_error *err)
{
    ask_fail_as(&fault, ASK_ERR_MODEL);
    if (err) *err = fault;
    ask_tokenizer_close(t);
    return NULL;
}

const char *const ask_tokenizer_files[] = {
    "tokenizer.json",
    "tokenizer.model",
    "spiece.model",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    NULL,
};

ask_tokenizer *ask_tokenizer_open(const char *path, ask_error *err)
{
    ask_tokenizer *t = ask_tokenizer_new(err);
    if (!t) return NULL;
    ask_error fault = {0};
    bool ok =
        ask_file_is_dir(path) ? read_folder(t, path, &fault) : read_file(t, path, &fault);
    return ok ? t : give_up(t, fault, err);
}

ask_tokenizer *ask_tokenizer_parse(const char *json, size_t n_bytes, const char *name,
                                   ask_error *err)
{
    ask_tokenizer *t = ask_tokenizer_new(err);
    if (!t) return NULL;
    ask_error fault = {0};
    ask_json *doc = ask_json_parse(json, n_bytes, name, NULL, &fault);
    bool ok = read_doc(t, doc, name, &(ask_roles){0}, &fault);
    ask_json_free(doc);
    return ok ? t : give_up(t, fault, err);
}

/* ---- looking up ---- */

int ask_tokenizer_n_tokens(const ask_tokenizer *t)
{
    size_t n_model = ask_word_model_vocab(&t->model)->n_ids;
    int64_t id = (int64_t)(t->added.vocab.n_ids > n_model ? t->added.vocab.n_ids : n_model);
    while (id > 0 && !ask_tokenizer_token(t, id - 1)) id--;
    return (int)id;
}

const char *ask_tokenizer_token(const ask_tokenizer *t, int64_t id)
{
    const ask_added_token *added = ask_added_at(&t->added, id);
    if (added) return added->content;
    const ask_vocab_entry *entry = ask_vocab_at(ask_word_model_vocab(&t->model), id);
    return entry ? entry->text : NULL;
}

int64_t ask_tokenizer_id(const ask_tokenizer *t, const char *token)
{
    size_t n = strlen(token);
    int32_t id = ask_vocab_find(&t->added.vocab, token, n);
    return id >= 0 ? id : ask_vocab_find(ask_word_model_vocab(&t->model), token, n);
}

int64_t ask_tokenizer_special(const ask_tokenizer *t, const char *role)
{
    for (int i = 0; i < ASK_N_ROLES; i++)
        if (strcmp(role, ask_role_name((ask_role)i)) == 0) return t->roles[i];
    return -1;
}

/* ---- encoding ---- */

bool ask_tokenizer_cut(const ask_tokenizer *t, ask_pieces *out, const char *text,
                       size_t n_bytes, ask_error *err)
{
    ask_piece whole;
    return ask_piece_of_text(&whole, out->arena, text, n_bytes, err) &&
           ask_pieces_add(out, whole, err) &&
           ask_added_extract(&t->added, &t->normalizers, out, err) &&
           ask_pre_tokenize(&t->pre_tokenizers, out, err);
}

/* Which character of a text each of its bytes belongs to. */
typedef struct {
    const uint32_t *of_byte;
    uint32_t n_bytes;
} character_map;

static bool map_characters(character_map *out, ask_arena *arena, const char *text,
                           size_t n_bytes, ask_error *err)
{
    uint32_t *of_byte = ask_arena_array(arena, n_bytes, sizeof *of_byte);
    if (!of_byte) return ask_fail_memory(err);
    uint32_t n = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        if (i > 0 && ((unsigned char)text[i] & 0xC0) != 0x80) n++;
        of_byte[i] = n;
    }
    *out = (character_map){of_byte, (uint32_t)n_bytes};
    return true;
}

/* A range of bytes as one of characters. What begins behind the text stays as it is. */
static ask_range in_characters(const character_map *map, ask_range r)
{
    if (r.begin >= map->n_bytes) return r;
    uint32_t begin = map->of_byte[r.begin];
    if (r.end < map->n_bytes) return (ask_range){begin, map->of_byte[r.end]};
    bool is_end = r.end == map->n_bytes;
    return (ask_range){begin, is_end ? map->of_byte[r.end - 1] + 1 : begin + 2};
}

/* The part of the text that bytes of a piece stand for. Bytes behind the piece's end, which
 * tokens of single bytes may count, stand for themselves. */
static ask_range origin_of(const ask_piece *p, uint32_t begin, uint32_t end)
{
    if (end > p->n_bytes || begin >= end) return (ask_range){begin, end};
    return (ask_range){p->origin[begin].begin, p->origin[end - 1].end};
}

/* What one text's encoding needs. */
typedef struct {
    const ask_tokenizer *t;
    ask_arena *arena;
    ask_word_scratch *scratch;
    character_map characters;
    int32_t type;
    ask_encoding *out;
} encoder;

static bool add_token(const encoder *e, int32_t id, const char *text, uint32_t n_bytes,
                      ask_range origin, ask_error *err)
{
    ask_range r = in_characters(&e->characters, origin);
    ask_token token = {id, (int32_t)r.begin, (int32_t)r.end, e->type};
    return ask_encoding_add(e->out, e->arena, (ask_encoded){token, text, n_bytes}, err);
}

static bool encode_word(const encoder *e, const ask_piece *p, ask_error *err)
{
    const ask_word_tokens *tokens = &e->scratch->tokens;
    if (!ask_word_model_encode(&e->t->model, e->scratch, p->text, p->n_bytes, err))
        return false;
    for (size_t i = 0; i < tokens->n; i++) {
        const ask_word_token *k = &tokens->items[i];
        const ask_vocab_entry *entry =
            ask_vocab_at(ask_word_model_vocab(&e->t->model), k->id);
        if (!add_token(e, k->id, entry->text, entry->n_bytes,
                       origin_of(p, k->begin, k->end), err))
            return false;
    }
    return true;
}

static bool encode_text(encoder *e, const char *text, ask_error *err)
{
    size_t n_bytes = strlen(text);
    ask_pieces pieces = {.arena = e->arena};
    if (!ask_tokenizer_cut(e->t, &pieces, text, n_bytes, err) ||
        !map_characters(&e->characters, e->arena, text, n_bytes, err))
        return false;
    for (size_t i = 0; i < pieces.n; i++) {
        const ask_piece *p = &pieces.items[i];
        bool ok = p->token != ASK_NO_TOKEN
                      ? add_token(e, p->token, p->text, p->n_bytes, p->original, err)
                      : encode_word(e, p, err);
        if (!ok) return false;
    }
    return true;
}

/* Both texts, and what is put around them. */
static bool encode_all(const ask_tokenizer *t, ask_encodings *list,
                       ask_word_scratch *scratch, const char *const texts[2], bool special,
                       ask_error *err)
{
    for (int i = 0; i < 2 && texts[i]; i++) {
        ask_encoding encoding = {0};
        encoder e = {
            .t = t, .arena = list->arena, .scratch = scratch, .type = i, .out = &encoding};
        if (!encode_text(&e, texts[i], err) || !ask_encodings_add(list, encoding, err))
            return false;
    }
    return ask_post_process(&t->post_processors, list, special, err);
}

static bool write_tokens(ask_tokens *out, const ask_encodings *list, bool unknown,
                         ask_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) n += list->items[i].n;
    if (n > INT_MAX) return ask_fail(err, ASK_ERR_LIMIT, "the text has too many tokens");
    if (n > (size_t)out->capacity) {
        ask_token *tokens = malloc(n * sizeof *tokens);
        if (!tokens) return ask_fail_memory(err);
        free(out->tokens);
        out->tokens = tokens;
        out->capacity = (int)n;
    }
    out->n = 0;
    for (size_t i = 0; i < list->n; i++)
        for (size_t k = 0; k < list->items[i].n; k++)
            out->tokens[out->n++] = list->items[i].items[k].token;
    out->has_unknown = unknown;
    return true;
}

bool ask_tokenizer_encode(const ask_tokenizer *t, const char *text, const char *pair,
                          bool special, ask_tokens *out, ask_error *err)
{
    ask_arena *arena = ask_arena_new(0);
    if (!arena) return ask_fail_memory(err);
    ask_encodings list = {.arena = arena};
    ask_word_scratch scratch = {0};
    const char *const texts[2] = {text, pair};
    bool ok = encode_all(t, &list, &scratch, texts, special, err) &&
              write_tokens(out, &list, scratch.tokens.unknown, err);
    ask_word_scratch_free(&scratch);
    ask_arena_free(arena);
    return ok;
}

void ask_tokens_free(ask_tokens *t)
{
    free(t->tokens);
    *t = (ask_tokens){0};
}

/* ---- decoding ---- */

/* The text of an id, as decoders expect it; NULL for none. */
static const char *text_of(const ask_tokenizer *t, int64_t id, size_t *n_bytes)
{
    const ask_added_token *added = ask_added_at(&t->added, id);
    const ask_vocab_entry *entry = ask_vocab_at(ask_word_model_vocab(&t->model), id);
    if (!added && !entry) return NULL;
    const char *text = added ? ask_added_text(added) : entry->text;
    *n_bytes = added ? strlen(text) : entry->n_bytes;
    return text;
}

bool ask_tokenizer_decode_id(const ask_tokenizer *t, ask_decoding *d, int64_t id,
                             bool skip_special, ask_error *err)
{
    size_t n;
    const char *text = text_of(t, id, &n);
    if (!text || (skip_special && ask_added_is_special(&t->added, text, n))) return true;
    return ask_decoding_add(d, text, n, err);
}

char *ask_tokenizer_decode(const ask_tokenizer *t, const int64_t *ids, int n,
                           bool skip_special, ask_error *err)
{
    ask_decoding *d = ask_decoding_new(&t->decoders, err);
    if (!d) return NULL;
    bool ok = true;
    for (int i = 0; i < n && ok; i++)
        ok = ask_tokenizer_decode_id(t, d, ids[i], skip_special, err);
    ok = ok && ask_decoding_end(d, err);
    char *out = ok ? ask_str_take(ask_decoding_text(d), err) : NULL;
    ask_decoding_free(d);
    return out;
}
