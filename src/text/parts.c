#include "text/parts_priv.h"

#include <string.h>

#include "base/utf8.h"

struct ask_parts_regex {
    ask_regex *re;
    ask_parts_regex *next;
};

bool ask_parts_open(ask_parts *p, ask_error *err)
{
    *p = (ask_parts){.arena = ask_arena_new(0)};
    return p->arena || ask_fail_memory(err);
}

void ask_parts_close(ask_parts *p)
{
    for (ask_parts_regex *r = p->regexes; r; r = r->next) ask_regex_free(r->re);
    ask_arena_free(p->arena);
    *p = (ask_parts){0};
}

const ask_regex *ask_parts_regex_new(ask_parts *p, const char *pattern, bool literal,
                                     ask_error *err)
{
    ask_parts_regex *r = ask_arena_alloc(p->arena, sizeof *r);
    if (!r) {
        ask_fail_memory(err);
        return NULL;
    }
    r->re = ask_regex_new(pattern, literal, err);
    if (!r->re) return NULL;
    r->next = p->regexes;
    p->regexes = r;
    return r->re;
}

/* Puts the file and the key in front of what is wrong with a pattern. */
static void place_error(ask_json_value v, ask_error *err)
{
    ask_error inner = *err;
    if (inner.code != ASK_ERR_NOMEM) ask_json_fail(v, err, "%s", inner.message);
}

const ask_regex *ask_parts_read_pattern(ask_parts *p, ask_json_value component,
                                        ask_error *err)
{
    const char *pattern;
    ask_json_value literal = ask_json_find(component, "pattern.String");
    bool is_literal = ask_json_type_of(literal) != ASK_JSON_ABSENT;
    if (!ask_json_get_string(&pattern, component,
                             is_literal ? "pattern.String" : "pattern.Regex", err))
        return NULL;
    ask_error fault = {0};
    const ask_regex *re = ask_parts_regex_new(p, pattern, is_literal, &fault);
    if (!re) {
        place_error(ask_json_find(component, "pattern"), &fault);
        if (err) *err = fault;
    }
    return re;
}

bool ask_parts_read_text(const char **out, ask_parts *p, ask_json_value v, const char *path,
                         ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, path, err)) return false;
    text = ask_arena_strdup(p->arena, text);
    if (!text) return ask_fail_memory(err);
    *out = text;
    return true;
}

bool ask_parts_read_character(uint32_t *out, ask_json_value v, const char *key,
                              ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, key, err)) return false;
    size_t n = strlen(text);
    if (n > 0 && (size_t)ask_utf8_decode(out, text, n) == n) return true;
    return ask_json_fail(ask_json_member(v, key), err, "expected one character, got %s",
                         text);
}

bool ask_parts_read_type(size_t *row, ask_json_value component, const char *const *names,
                         size_t n_names, const char *what, ask_error *err)
{
    const char *name;
    if (!ask_json_get_string(&name, component, "type", err)) return false;
    for (size_t i = 0; i < n_names; i++) {
        if (strcmp(names[i], name) != 0) continue;
        *row = i;
        return true;
    }
    return ask_json_fail(ask_json_member(component, "type"), err,
                         "the %s %s is not supported", what, name);
}
