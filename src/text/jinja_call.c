/* Arguments put to parameters. */
#include <string.h>

#include "text/jinja_call_priv.h"

const ask_jfunction *ask_jfunction_find(const ask_jfunction *table, const char *name,
                                        size_t n_bytes)
{
    for (; table->name; table++)
        if (strlen(table->name) == n_bytes && memcmp(table->name, name, n_bytes) == 0)
            return table;
    return NULL;
}

const ask_jfunction *ask_jfilter_find(const char *name, size_t n_bytes)
{
    const ask_jfunction *row = ask_jfunction_find(ask_jfilters_of_values, name, n_bytes);
    return row ? row : ask_jfunction_find(ask_jfilters_of_lists, name, n_bytes);
}

static int count_parameters(const char *parameters)
{
    int n = *parameters != '\0';
    for (const char *c = parameters; *c; c++) n += *c == ' ';
    return n;
}

/* The place of a parameter; -1: there is none of that name. */
static int find_parameter(const char *parameters, ask_jvalue name)
{
    const char *at = parameters;
    for (int i = 0; *at; i++) {
        size_t n = strcspn(at, " ");
        if (n == name.n_bytes && memcmp(at, name.text, n) == 0) return i;
        at += n + (at[n] == ' ');
    }
    return -1;
}

static bool put_named(ask_jinja *j, ask_jvalue *out, const ask_jfunction *row,
                      const ask_jentry *named)
{
    int i = find_parameter(row->parameters, named->key);
    if (i < 0 || out[i].kind != ASK_JV_MISSING)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s(): unexpected argument \"%.*s\"",
                              row->name, (int)named->key.n_bytes, named->key.text);
    out[i] = named->value;
    return true;
}

static bool bind(ask_jinja *j, ask_jvalue *out, const ask_jfunction *row,
                 const ask_jargs *args)
{
    size_t n_parameters = (size_t)count_parameters(row->parameters);
    if (args->n > n_parameters)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s(): %zu arguments are too many",
                              row->name, args->n);
    for (size_t i = 0; i < args->n; i++) out[i] = args->items[i];
    for (size_t i = 0; i < args->n_named; i++)
        if (!put_named(j, out, row, &args->named[i])) return false;
    for (int i = 0; i < row->n_needed; i++)
        if (out[i].kind == ASK_JV_MISSING)
            return ask_jinja_fail(j, ASK_ERR_FORMAT, "%s(): an argument is missing",
                                  row->name);
    return true;
}

bool ask_jfunction_run(ask_jinja *j, ask_jvalue *out, const ask_jfunction *row,
                       ask_jvalue self, const ask_jargs *args)
{
    ask_jvalue bound[ASK_JFUNCTION_MAX_PARAMETERS] = {0};
    if (strcmp(row->parameters, "*") == 0) return row->call(j, out, self, NULL, args);
    return bind(j, bound, row, args) && row->call(j, out, self, bound, args);
}

bool ask_jarg_int(ask_jinja *j, int64_t *out, ask_jvalue v, int64_t fallback,
                  const char *who)
{
    *out = fallback;
    return v.kind == ASK_JV_MISSING || ask_jv_to_int(out, v) ||
           ask_jinja_fail(j, ASK_ERR_FORMAT, "%s: expected a whole number, got a %s", who,
                          ask_jv_type(v));
}

bool ask_jarg_string(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const char *fallback,
                     const char *who)
{
    *out = v.kind == ASK_JV_MISSING ? ask_jv_text(fallback) : v;
    return out->kind == ASK_JV_STRING ||
           ask_jinja_fail(j, ASK_ERR_FORMAT, "%s: expected a string, got a %s", who,
                          ask_jv_type(v));
}
