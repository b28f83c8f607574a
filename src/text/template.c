#include "text/template_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text/jinja_run_priv.h"

enum { MAX_TEXT_BYTES = 4 << 20 };

struct ask_template {
    ask_arena *arena; // holds the tree
    const char *name;
    const ask_jnode *first;
};

static bool read_template(ask_template *t, const char *text, size_t n_bytes,
                          const char *name, ask_error *err)
{
    if (n_bytes > MAX_TEXT_BYTES)
        return ask_fail(err, ASK_ERR_LIMIT, "%s: a template of %zu bytes is too long", name,
                        n_bytes);
    if (!ask_utf8_valid(text, n_bytes) || memchr(text, '\0', n_bytes))
        return ask_fail(err, ASK_ERR_FORMAT, "%s: not text in UTF-8", name);
    ask_jtokens tokens = {0};
    ask_jnode *first;
    t->arena = ask_arena_new(0);
    t->name = t->arena ? ask_arena_strdup(t->arena, name) : NULL;
    if (!t->name) return ask_fail_memory(err);
    if (!ask_jinja_lex(&tokens, t->arena, text, n_bytes, t->name, err) ||
        !ask_jinja_parse(&first, t->arena, &tokens, t->name, err))
        return false;
    t->first = first;
    return true;
}

ask_template *ask_template_parse(const char *text, size_t n_bytes, const char *name,
                                 ask_error *err)
{
    ask_template *t = calloc(1, sizeof *t);
    if (!t) {
        ask_fail_memory(err);
        return NULL;
    }
    if (read_template(t, text, n_bytes, name, err)) return t;
    ask_template_free(t);
    return NULL;
}

void ask_template_free(ask_template *t)
{
    if (!t) return;
    ask_arena_free(t->arena);
    free(t);
}

ask_template_limits ask_template_default_limits(void)
{
    return (ask_template_limits){.max_steps = 20000000, .max_bytes = (size_t)512 << 20};
}

/* Sets the members of an object. */
static bool add_variables(ask_jinja *j, ask_json_value variables)
{
    if (ask_json_type_of(variables) == ASK_JSON_ABSENT) return true;
    ask_json_value object;
    ask_jvalue v;
    if (!ask_json_get_object(&object, variables, NULL, j->err) ||
        !ask_jv_of_json(j, &v, object))
        return false;
    for (size_t i = 0; i < v.dict->n; i++)
        if (!ask_jdict_set(j, &j->scope->names, v.dict->entries[i].key,
                           v.dict->entries[i].value))
            return false;
    return true;
}

static bool render(ask_jinja *j, ask_jbuffer *out, const ask_template *t,
                   const ask_json_value *objects, int n_objects)
{
    j->scope = ask_jscope_open(j, NULL);
    for (int i = 0; j->scope && i < n_objects; i++)
        if (!add_variables(j, objects[i])) return false;
    return j->scope && ask_jinja_execute(j, out, t->first) != ASK_JFLOW_FAILED;
}

static char *copy_out(const ask_jbuffer *b, ask_error *err)
{
    ask_str text = {0};
    ask_str_append_bytes(&text, ask_jbuffer_string(b).text, b->n);
    return ask_str_take(&text, err);
}

char *ask_template_render_all(const ask_template *t, const ask_json_value *objects,
                              int n_objects, const ask_template_limits *limits,
                              ask_error *err)
{
    ask_template_limits l = limits ? *limits : ask_template_default_limits();
    ask_jinja j = {.arena = ask_arena_new(0),
                   .name = t->name,
                   .line = 1,
                   .steps_left = l.max_steps,
                   .max_bytes = l.max_bytes,
                   .now_unix_s = l.now_unix_s ? l.now_unix_s : ask_clock_unix_s(),
                   .err = err};
    if (!j.arena) {
        ask_fail_memory(err);
        return NULL;
    }
    ask_jbuffer b = {0};
    char *text = render(&j, &b, t, objects, n_objects) ? copy_out(&b, err) : NULL;
    ask_arena_free(j.arena);
    return text;
}

char *ask_template_render(const ask_template *t, ask_json_value variables,
                          const ask_template_limits *limits, ask_error *err)
{
    return ask_template_render_all(t, &variables, 1, limits, err);
}
