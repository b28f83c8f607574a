#include "text/post_processor_priv.h"

#include <string.h>

#include "base/utf8.h"
#include "text/byte_level_priv.h"
#include "text/grow_priv.h"
#include "text/unicode_priv.h"
#include "text/vocab_priv.h"

/* ---- offsets without spaces ---- */

static bool is_space(uint32_t c)
{
    return c == ASK_BYTE_SPACE || ask_unicode_is_space(c);
}

/* How many characters of white space a token begins and ends with. */
static void count_spaces(const ask_encoded *t, int32_t *leading, int32_t *trailing)
{
    *leading = *trailing = 0;
    bool only_spaces = true;
    for (uint32_t at = 0, c; at < t->n_bytes;) {
        at += (uint32_t)ask_utf8_decode(&c, t->text + at, t->n_bytes - at);
        if (is_space(c)) {
            *leading += only_spaces;
            ++*trailing;
        } else {
            only_spaces = false;
            *trailing = 0;
        }
    }
}

static void trim_token(ask_encoded *t, bool is_first, bool add_prefix_space)
{
    int32_t leading, trailing;
    count_spaces(t, &leading, &trailing);
    int32_t *begin = &t->token.begin, *end = &t->token.end;
    bool was_added = (is_first || *begin == 0) && add_prefix_space && leading == 1;
    if (leading > 0 && !was_added) {
        *begin += leading;
        if (*begin > *end) *begin = *end;
    }
    if (trailing > 0 && *end >= trailing) {
        *end -= trailing;
        if (*end < *begin) *end = *begin;
    }
}

static void trim(const ask_post_processor *p, ask_encodings *list)
{
    if (!p->trim_offsets) return;
    for (size_t i = 0; i < list->n; i++)
        for (size_t k = 0; k < list->items[i].n; k++)
            trim_token(&list->items[i].items[k], k == 0, p->add_prefix_space);
}

static bool apply_byte_level(const ask_post_processor *p, ask_encodings *list, bool special,
                             ask_error *err)
{
    (void)special, (void)err;
    trim(p, list);
    return true;
}

/* ---- marks ---- */

static void set_type(ask_encoding *e, int32_t type)
{
    for (size_t i = 0; i < e->n; i++) e->items[i].token.type = type;
}

/* Puts marks around an encoding; NULL for none. */
static bool enclose(ask_encoding *e, ask_arena *arena, const ask_encoded *start,
                    const ask_encoded *end, int32_t type, ask_error *err)
{
    ask_encoding out = {0};
    if (start && !ask_encoding_add(&out, arena, *start, err)) return false;
    for (size_t i = 0; i < e->n; i++)
        if (!ask_encoding_add(&out, arena, e->items[i], err)) return false;
    if (!ask_encoding_add(&out, arena, *end, err)) return false;
    if (start) out.items[0].token.type = type;
    out.items[out.n - 1].token.type = type;
    *e = out;
    return true;
}

/* <s> A </s>, <s> A </s></s> B </s>; all of one type. */
static bool apply_roberta(const ask_post_processor *p, ask_encodings *list, bool special,
                          ask_error *err)
{
    trim(p, list);
    for (size_t i = 0; i < list->n; i++) {
        set_type(&list->items[i], 0);
        if (special && !enclose(&list->items[i], list->arena, i == 0 ? &p->start : &p->end,
                                &p->end, 0, err))
            return false;
    }
    return true;
}

/* [CLS] A [SEP], [CLS] A [SEP] B [SEP]; the second with its end is of type 1. */
static bool apply_bert(const ask_post_processor *p, ask_encodings *list, bool special,
                       ask_error *err)
{
    for (size_t i = 0; special && i < list->n; i++)
        if (!enclose(&list->items[i], list->arena, i == 0 ? &p->start : NULL, &p->end,
                     i != 0, err))
            return false;
    return true;
}

static bool add_marks(ask_encodings *out, const ask_template_part *part, ask_error *err)
{
    ask_encoding e = {0};
    for (size_t i = 0; i < part->n_marks; i++)
        if (!ask_encoding_add(&e, out->arena, part->marks[i], err)) return false;
    set_type(&e, part->type);
    return ask_encodings_add(out, e, err);
}

/* A text may stand in a template more than once, so each takes a copy. */
static bool add_text(ask_encodings *out, const ask_encoding *text, int32_t type,
                     ask_error *err)
{
    ask_encoding e = {0};
    for (size_t i = 0; i < text->n; i++)
        if (!ask_encoding_add(&e, out->arena, text->items[i], err)) return false;
    set_type(&e, type);
    return ask_encodings_add(out, e, err);
}

static bool apply_template(const ask_post_processor *p, ask_encodings *list, bool special,
                           ask_error *err)
{
    const ask_template *t = list->n == 1 ? &p->single : &p->pair;
    if (list->n > 2)
        return ask_fail(err, ASK_ERR_MODEL, "the tokenizer applies two templates in a row");
    ask_encodings out = {.arena = list->arena};
    for (size_t i = 0; i < t->n; i++) {
        const ask_template_part *part = &t->parts[i];
        if (part->text < 0 && !special) continue;
        if (part->text >= (int)list->n) continue;
        bool ok = part->text < 0
                      ? add_marks(&out, part, err)
                      : add_text(&out, &list->items[part->text], part->type, err);
        if (!ok) return false;
    }
    *list = out;
    return true;
}

bool ask_post_process(const ask_post_processors *p, ask_encodings *list, bool special,
                      ask_error *err)
{
    for (size_t i = 0; i < p->n; i++)
        if (!p->items[i].apply(&p->items[i], list, special, err)) return false;
    return true;
}

/* ---- how they are read ---- */

typedef enum { BYTE_LEVEL, ROBERTA, BERT, TEMPLATE, SEQUENCE, N_KINDS } kind;

static const char *const names[N_KINDS] = {
    [BYTE_LEVEL] = "ByteLevel", [ROBERTA] = "RobertaProcessing",
    [BERT] = "BertProcessing",  [TEMPLATE] = "TemplateProcessing",
    [SEQUENCE] = "Sequence",
};

/* A mark of one id; its text is copied. */
static bool make_mark(ask_encoded *out, ask_parts *parts, ask_json_value text,
                      ask_json_value id, ask_error *err)
{
    int64_t value;
    const char *copy;
    if (!ask_parts_read_text(&copy, parts, text, NULL, err) ||
        !ask_json_get_int(&value, id, NULL, 0, ASK_VOCAB_MAX_ID, err))
        return false;
    *out = (ask_encoded){{.id = value}, copy, (uint32_t)strlen(copy)};
    return true;
}

/* ["</s>", 2] */
static bool read_mark(ask_encoded *out, ask_parts *parts, ask_json_value v, const char *key,
                      ask_error *err)
{
    ask_json_value pair;
    if (!ask_json_get_array(&pair, v, key, err)) return false;
    if (ask_json_count(pair) != 2)
        return ask_json_fail(pair, err, "expected a token and its id");
    return make_mark(out, parts, ask_json_item(pair, 0), ask_json_item(pair, 1), err);
}

/* {"id": "A", "type_id": 0} of a template's "Sequence". */
static bool read_text_part(ask_template_part *out, ask_json_value v, int n_texts,
                           ask_error *err)
{
    const char *name;
    if (!ask_json_get_string(&name, v, "id", err)) return false;
    out->text = strcmp(name, "A") == 0 ? 0 : strcmp(name, "B") == 0 ? 1 : n_texts;
    return out->text < n_texts ||
           ask_json_fail(ask_json_member(v, "id"), err, "there is no text %s here", name);
}

/* {"id": "<s>", "type_id": 0} of a template's "SpecialToken", which names a row of the
 * processor's "special_tokens": {"ids": [1], "tokens": ["<s>"]}. */
static bool read_marks_part(ask_template_part *out, ask_parts *parts, ask_json_value v,
                            ask_json_value rows, ask_error *err)
{
    const char *name;
    ask_json_value ids, texts;
    if (!ask_json_get_string(&name, v, "id", err)) return false;
    ask_json_value row = ask_json_member(rows, name);
    if (ask_json_type_of(row) == ASK_JSON_ABSENT)
        return ask_json_fail(ask_json_member(v, "id"), err,
                             "%s is not among the special_tokens", name);
    if (!ask_json_get_array(&ids, row, "ids", err) ||
        !ask_json_get_array(&texts, row, "tokens", err))
        return false;
    size_t n = ask_json_count(ids);
    if (n != ask_json_count(texts))
        return ask_json_fail(row, err, "has not as many tokens as ids");
    ask_encoded *marks = ask_arena_array(parts->arena, n, sizeof *marks);
    if (!marks) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        if (!make_mark(&marks[i], parts, ask_json_item(texts, i), ask_json_item(ids, i),
                       err))
            return false;
    out->text = -1;
    out->marks = marks;
    out->n_marks = n;
    return true;
}

static bool read_part(ask_template_part *out, ask_parts *parts, ask_json_value v,
                      ask_json_value rows, int n_texts, ask_error *err)
{
    int64_t type;
    ask_json_value text = ask_json_member(v, "Sequence");
    ask_json_value marks = ask_json_member(v, "SpecialToken");
    bool is_text = ask_json_type_of(text) != ASK_JSON_ABSENT;
    if (!is_text && ask_json_type_of(marks) == ASK_JSON_ABSENT)
        return ask_json_fail(v, err, "expected a Sequence or a SpecialToken");
    if (!ask_json_opt_int(&type, is_text ? text : marks, "type_id", 0, INT32_MAX, 0, err))
        return false;
    out->type = (int32_t)type;
    return is_text ? read_text_part(out, text, n_texts, err)
                   : read_marks_part(out, parts, marks, rows, err);
}

static bool read_one_template(ask_template *out, ask_parts *parts, ask_json_value v,
                              const char *key, int n_texts, ask_error *err)
{
    ask_json_value list, rows = ask_json_member(v, "special_tokens");
    if (!ask_json_get_array(&list, v, key, err)) return false;
    out->n = ask_json_count(list);
    out->parts = ask_arena_array(parts->arena, out->n, sizeof *out->parts);
    if (!out->parts) return ask_fail_memory(err);
    for (size_t i = 0; i < out->n; i++)
        if (!read_part(&out->parts[i], parts, ask_json_item(list, i), rows, n_texts, err))
            return false;
    return true;
}

static bool read_trimming(ask_post_processor *p, ask_json_value v, ask_error *err)
{
    return ask_json_opt_bool(&p->trim_offsets, v, "trim_offsets", true, err) &&
           ask_json_opt_bool(&p->add_prefix_space, v, "add_prefix_space", true, err);
}

static bool read_fields(ask_post_processor *p, kind k, ask_parts *parts, ask_json_value v,
                        ask_error *err)
{
    switch (k) {
    case BYTE_LEVEL:
        p->apply = apply_byte_level;
        return read_trimming(p, v, err);
    case ROBERTA:
        p->apply = apply_roberta;
        return read_mark(&p->start, parts, v, "cls", err) &&
               read_mark(&p->end, parts, v, "sep", err) && read_trimming(p, v, err);
    case BERT:
        p->apply = apply_bert;
        return read_mark(&p->start, parts, v, "cls", err) &&
               read_mark(&p->end, parts, v, "sep", err);
    case TEMPLATE:
        p->apply = apply_template;
        return read_one_template(&p->single, parts, v, "single", 1, err) &&
               read_one_template(&p->pair, parts, v, "pair", 2, err);
    default:
        return false;
    }
}

static bool read_sequence(ask_post_processors *out, ask_parts *parts, ask_json_value v,
                          ask_error *err)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, v, "processors", err)) return false;
    for (size_t i = 0; i < ask_json_count(list); i++)
        if (!ask_post_processors_read(out, parts, ask_json_item(list, i), err))
            return false;
    return true;
}

bool ask_post_processors_read(ask_post_processors *out, ask_parts *parts, ask_json_value v,
                              ask_error *err)
{
    if (ask_json_type_of(v) <= ASK_JSON_NULL) return true;
    size_t row;
    if (!ask_parts_read_type(&row, v, names, N_KINDS, "post-processor", err)) return false;
    if (row == SEQUENCE) return read_sequence(out, parts, v, err);
    ask_post_processor p = {0};
    if (!read_fields(&p, (kind)row, parts, v, err)) return false;
    out->items = ask_grow(parts->arena, out->items, out->n, &out->capacity, out->n + 1,
                          sizeof *out->items);
    if (!out->items) return ask_fail_memory(err);
    out->items[out->n++] = p;
    return true;
}

/* ---- what they put around a text ---- */

static void marks_of_template(const ask_template *t, int64_t *start, int64_t *end)
{
    bool before = true;
    for (size_t i = 0; i < t->n; i++) {
        const ask_template_part *part = &t->parts[i];
        if (part->text >= 0) before = false;
        if (part->text >= 0 || part->n_marks == 0) continue;
        if (before && *start < 0) *start = part->marks[0].token.id;
        if (!before && *end < 0) *end = part->marks[0].token.id;
    }
}

void ask_post_processors_marks(const ask_post_processors *p, int64_t *start, int64_t *end)
{
    *start = *end = -1;
    for (size_t i = 0; i < p->n; i++) {
        const ask_post_processor *k = &p->items[i];
        marks_of_template(&k->single, start, end);
        if (k->start.text && *start < 0) *start = k->start.token.id;
        if (k->end.text && *end < 0) *end = k->end.token.id;
    }
}
