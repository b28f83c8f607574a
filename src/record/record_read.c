#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "record/record_fields_priv.h"

/* What is read goes to the arena of the record. */
typedef struct {
    ask_arena *arena;
    ask_error *err;
} reader;

static bool fail_memory(const reader *r)
{
    return ask_fail_memory(r->err);
}

static bool read_text(const reader *r, const char **out, ask_json_value v)
{
    const char *text;
    if (!ask_json_get_string(&text, v, NULL, r->err)) return false;
    *out = ask_arena_strdup(r->arena, text);
    return *out || fail_memory(r);
}

static bool read_int(const reader *r, int64_t *out, ask_json_value v)
{
    return ask_json_get_int(out, v, NULL, INT64_MIN, INT64_MAX, r->err);
}

static bool read_word(const reader *r, int *out, ask_json_value v, const char *const *words)
{
    const char *text;
    if (!ask_json_get_string(&text, v, NULL, r->err)) return false;
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], text) != 0) continue;
        *out = i;
        return true;
    }
    return ask_json_fail(v, r->err, "\"%s\" is no word that is known here", text);
}

static bool read_ratio(const reader *r, int64_t out[2], ask_json_value v)
{
    ask_json_value pair;
    if (!ask_json_get_array(&pair, v, NULL, r->err)) return false;
    if (ask_json_count(pair) != 2)
        return ask_json_fail(v, r->err, "expected a numerator and a denominator");
    return read_int(r, &out[0], ask_json_item(pair, 0)) &&
           read_int(r, &out[1], ask_json_item(pair, 1));
}

static bool read_texts(const reader *r, ask_record_texts *out, ask_json_value v)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, v, NULL, r->err)) return false;
    size_t n = ask_json_count(list);
    const char **items = ask_arena_array(r->arena, n, sizeof *items);
    if (!items) return fail_memory(r);
    for (size_t i = 0; i < n; i++) {
        if (!read_text(r, &items[i], ask_json_item(list, i))) return false;
    }
    *out = (ask_record_texts){items, n};
    return true;
}

static bool read_reals(const reader *r, ask_record_reals *out, ask_json_value v)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, v, NULL, r->err)) return false;
    size_t n = ask_json_count(list);
    double *items = ask_arena_array(r->arena, n, sizeof *items);
    if (!items) return fail_memory(r);
    for (size_t i = 0; i < n; i++) {
        if (!ask_json_get_double(&items[i], ask_json_item(list, i), NULL, r->err))
            return false;
    }
    *out = (ask_record_reals){items, n};
    return true;
}

static bool read_pairs(const reader *r, ask_record_pairs *out, ask_json_value v)
{
    ask_json_value object;
    if (!ask_json_get_object(&object, v, NULL, r->err)) return false;
    ask_record_pair *items =
        ask_arena_array(r->arena, ask_json_count(object), sizeof *items);
    if (!items) return fail_memory(r);
    size_t n = 0;
    for (ask_json_walk m = {0}; ask_json_next(object, &m); n++) {
        items[n].name = ask_arena_strdup(r->arena, m.key);
        if (!items[n].name) return fail_memory(r);
        if (!read_text(r, &items[n].text, m.value)) return false;
    }
    *out = (ask_record_pairs){items, n};
    return true;
}

static bool read_fields(const reader *r, void *object, const record_struct *s,
                        ask_json_value v);

static bool read_struct(const reader *r, void *out, const record_struct *s,
                        ask_json_value v)
{
    ask_json_value object;
    return ask_json_get_object(&object, v, NULL, r->err) && read_fields(r, out, s, object);
}

/* Points a member to what was read; its type is its struct's own. */
static void point(void *object, const record_field *f, const void *to)
{
    memcpy((char *)object + f->at, &to, sizeof to);
}

static bool read_part(const reader *r, void *object, const record_field *f,
                      ask_json_value v)
{
    void *part = ask_arena_alloc(r->arena, f->of->bytes);
    if (!part) return fail_memory(r);
    point(object, f, part);
    return read_struct(r, part, f->of, v);
}

static bool read_list(const reader *r, void *object, const record_field *f,
                      ask_json_value v)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, v, NULL, r->err)) return false;
    size_t n = ask_json_count(list);
    char *items = ask_arena_array(r->arena, n, f->of->bytes);
    if (!items) return fail_memory(r);
    for (size_t i = 0; i < n; i++) {
        if (!read_struct(r, items + i * f->of->bytes, f->of, ask_json_item(list, i)))
            return false;
    }
    point(object, f, items);
    memcpy((char *)object + f->n_at, &n, sizeof n);
    return true;
}

/* A field that is there. */
static bool read_field(const reader *r, void *object, const record_field *f,
                       ask_json_value v)
{
    void *at = (char *)object + f->at;
    switch (f->kind) {
    case FIELD_TEXT:
        return read_text(r, at, v);
    case FIELD_INT:
        return read_int(r, at, v);
    case FIELD_REAL:
        return ask_json_get_double(at, v, NULL, r->err);
    case FIELD_BOOL:
        return ask_json_get_bool(at, v, NULL, r->err);
    case FIELD_WORD:
        return read_word(r, at, v, f->words);
    case FIELD_RATIO:
        return read_ratio(r, at, v);
    case FIELD_MAYBE_INT:
        ((ask_maybe_int *)at)->known = true;
        return read_int(r, &((ask_maybe_int *)at)->value, v);
    case FIELD_MAYBE_REAL:
        ((ask_maybe_real *)at)->known = true;
        return ask_json_get_double(&((ask_maybe_real *)at)->value, v, NULL, r->err);
    case FIELD_MAYBE_BOOL:
        ((ask_maybe_bool *)at)->known = true;
        return ask_json_get_bool(&((ask_maybe_bool *)at)->value, v, NULL, r->err);
    case FIELD_STRUCT:
        return read_struct(r, at, f->of, v);
    case FIELD_PART:
        return read_part(r, object, f, v);
    case FIELD_LIST:
        return read_list(r, object, f, v);
    case FIELD_TEXTS:
        return read_texts(r, at, v);
    case FIELD_REALS:
        return read_reals(r, at, v);
    case FIELD_PAIRS:
        return read_pairs(r, at, v);
    }
    return ask_fail(r->err, ASK_ERR_BUG, "field %s has no kind", f->key);
}

/* The missing member's own error: "a.json: key "video.width" is missing". */
static bool fail_missing(const reader *r, ask_json_value object, const char *key)
{
    const char *unused;
    return ask_json_get_string(&unused, object, key, r->err);
}

static bool read_fields(const reader *r, void *object, const record_struct *s,
                        ask_json_value v)
{
    for (const record_field *f = s->fields; f->key; f++) {
        ask_json_value member = ask_json_member(v, f->key);
        if (ask_json_type_of(member) != ASK_JSON_ABSENT) {
            if (!read_field(r, object, f, member)) return false;
        } else if (f->absence == ABSENT_NEVER) {
            return fail_missing(r, v, f->key);
        } // the rest is for ask_record_check
    }
    return true;
}

static bool read_kind(ask_record_kind *out, ask_json_value root, const char *name,
                      ask_error *err)
{
    const char *schema;
    if (!ask_json_get_string(&schema, root, "schema", err)) return false;
    for (int k = 0; k < N_RECORD_KINDS; k++) {
        if (strcmp(record_kinds[k].schema, schema) != 0) continue;
        *out = (ask_record_kind)k;
        return true;
    }
    return ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: the schema \"%s\" is none that this version reads", name, schema);
}

static ask_record *from_json(const ask_json *doc, const char *name, ask_error *err)
{
    ask_json_value root;
    ask_record_kind kind = ASK_RECORD_FIND;
    if (!ask_json_get_object(&root, ask_json_root(doc), NULL, err) ||
        !read_kind(&kind, root, name, err))
        return NULL;
    ask_record *r = ask_record_new(kind, err);
    if (!r) return NULL;
    if (read_fields(&(reader){r->arena, err}, r, &record_fields, root) &&
        ask_record_check(r, name, err))
        return r;
    ask_record_free(r);
    return NULL;
}

ask_record *ask_record_parse(const char *text, size_t n_bytes, const char *name,
                             ask_error *err)
{
    ask_json *doc = ask_json_parse(text, n_bytes, name, NULL, err);
    ask_record *r = doc ? from_json(doc, name, err) : NULL;
    ask_json_free(doc);
    return r;
}

ask_record *ask_record_read(const char *path, ask_error *err)
{
    ask_json *doc = ask_json_read(path, NULL, err);
    ask_record *r = doc ? from_json(doc, path, err) : NULL;
    ask_json_free(doc);
    return r;
}
