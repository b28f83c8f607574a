/* Statements. */
#include <string.h>

#include "text/jinja_run_priv.h"

/* ---- scopes ---- */

ask_jscope *ask_jscope_open(ask_jinja *j, ask_jscope *around)
{
    ask_jscope *s = ask_jinja_alloc(j, 1, sizeof *s);
    if (s) s->around = around;
    return s;
}

bool ask_jscope_set(ask_jinja *j, ask_jscope *s, const char *name, ask_jvalue v)
{
    return ask_jdict_set(j, &s->names, ask_jv_text(name), v);
}

static bool assign_tuple(ask_jinja *j, const ask_jnode *target, ask_jvalue v)
{
    ask_jlist parts;
    size_t n = 0, i = 0;
    if (!ask_jv_items(j, &parts, v)) return false;
    for (const ask_jnode *t = target->first; t; t = t->next) n++;
    if (parts.n != n)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "%zu values cannot be given to %zu names",
                              parts.n, n);
    for (const ask_jnode *t = target->first; t; t = t->next)
        if (!ask_jinja_assign(j, t, parts.items[i++])) return false;
    return true;
}

static bool assign_member(ask_jinja *j, const ask_jnode *target, ask_jvalue v)
{
    ask_jvalue *found = NULL;
    for (const ask_jscope *s = j->scope; s && !found; s = s->around)
        found = ask_jdict_find_text(&s->names, target->name);
    if (!found || found->kind != ASK_JV_NAMESPACE)
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "cannot assign attribute on non-namespace object %s",
                              target->name);
    return ask_jdict_set(j, found->dict, target->value, v);
}

bool ask_jinja_assign(ask_jinja *j, const ask_jnode *target, ask_jvalue v)
{
    j->line = target->line;
    if (target->kind == ASK_JN_TUPLE) return assign_tuple(j, target, v);
    if (target->kind == ASK_JN_MEMBER) return assign_member(j, target, v);
    return ask_jscope_set(j, j->scope, target->name, v);
}

/* Statements in a scope of their own. */
static ask_jflow execute_inside(ask_jinja *j, ask_jbuffer *out, const ask_jnode *first)
{
    ask_jscope *around = j->scope;
    ask_jflow flow = ASK_JFLOW_FAILED;
    j->scope = ask_jscope_open(j, around);
    if (j->scope) flow = ask_jinja_execute(j, out, first);
    j->scope = around;
    return flow;
}

/* ---- loops ---- */

/* The items for which the loop's condition holds. */
static bool keep_items(ask_jinja *j, ask_jlist *kept, const ask_jlist *items,
                       const ask_jnode *n)
{
    ask_jscope *around = j->scope;
    bool ok = true;
    for (size_t i = 0; ok && i < items->n; i++) {
        ask_jvalue v;
        j->scope = ask_jscope_open(j, around);
        ok = j->scope && ask_jinja_assign(j, n->a, items->items[i]) &&
             ask_jinja_evaluate(j, &v, n->c) &&
             (!ask_jv_truth(v) || ask_jlist_add(j, kept, items->items[i]));
    }
    j->scope = around;
    return ok;
}

/* One round: a scope with the item and "loop". *done: the body was gone through to its
 * end. */
static ask_jflow round_of(ask_jinja *j, ask_jbuffer *out, const ask_jnode *n,
                          ask_jloop *loop, bool *done)
{
    ask_jvalue about = {.kind = ASK_JV_LOOP, .loop = loop};
    ask_jscope *around = j->scope;
    ask_jflow flow = ASK_JFLOW_FAILED;
    j->scope = ask_jscope_open(j, around);
    if (j->scope && ask_jinja_step(j) && ask_jscope_set(j, j->scope, "loop", about) &&
        ask_jinja_assign(j, n->a, loop->items->items[loop->index0]))
        flow = ask_jinja_execute(j, out, n->body);
    j->scope = around;
    *done |= flow == ASK_JFLOW_NEXT;
    return flow;
}

static ask_jflow loop(ask_jinja *j, ask_jbuffer *out, const ask_jnode *n)
{
    ask_jvalue over;
    ask_jlist *items = ask_jinja_alloc(j, 1, sizeof *items);
    ask_jloop *l = ask_jinja_alloc(j, 1, sizeof *l);
    if (!items || !l || !ask_jinja_evaluate(j, &over, n->b)) return ASK_JFLOW_FAILED;
    if (!ask_jv_items(j, items, over)) return ASK_JFLOW_FAILED;
    ask_jlist kept = {0};
    if (n->c) {
        if (!keep_items(j, &kept, items, n)) return ASK_JFLOW_FAILED;
        *items = kept;
    }
    l->items = items;
    bool done = false; // as in Jinja, a round that was left early does not count for else
    for (; l->index0 < items->n; l->index0++) {
        ask_jflow flow = round_of(j, out, n, l, &done);
        if (flow == ASK_JFLOW_FAILED) return flow;
        if (flow == ASK_JFLOW_BREAK) break;
    }
    return done || !n->orelse ? ASK_JFLOW_NEXT : execute_inside(j, out, n->orelse);
}

/* ---- blocks whose text becomes a value ---- */

static ask_jflow set_block(ask_jinja *j, const ask_jnode *n)
{
    ask_jbuffer b = {0};
    ask_jflow flow = execute_inside(j, &b, n->body);
    if (flow != ASK_JFLOW_NEXT) return flow;
    ask_jvalue v = ask_jbuffer_string(&b);
    if (n->b && !ask_jinja_filter(j, &v, n->b, v)) return ASK_JFLOW_FAILED;
    return ask_jinja_assign(j, n->a, v) ? ASK_JFLOW_NEXT : ASK_JFLOW_FAILED;
}

static ask_jflow filter_block(ask_jinja *j, ask_jbuffer *out, const ask_jnode *n)
{
    ask_jbuffer b = {0};
    ask_jflow flow = execute_inside(j, &b, n->body);
    if (flow != ASK_JFLOW_NEXT) return flow;
    ask_jvalue v = ask_jbuffer_string(&b);
    return ask_jinja_filter(j, &v, n->b, v) && ask_jv_print(j, out, v) ? ASK_JFLOW_NEXT
                                                                       : ASK_JFLOW_FAILED;
}

static ask_jflow with(ask_jinja *j, ask_jbuffer *out, const ask_jnode *n)
{
    ask_jscope *around = j->scope, *inside = ask_jscope_open(j, around);
    ask_jflow flow = ASK_JFLOW_FAILED;
    bool ok = inside != NULL;
    for (const ask_jnode *p = n->first; ok && p; p = p->next) {
        ask_jvalue v;
        ok = ask_jinja_evaluate(j, &v, p->b);
        j->scope = inside;
        ok = ok && ask_jinja_assign(j, p->a, v);
        j->scope = around;
    }
    j->scope = inside;
    if (ok) flow = ask_jinja_execute(j, out, n->body);
    j->scope = around;
    return flow;
}

/* ---- macros ---- */

static bool define_macro(ask_jinja *j, const ask_jnode *n)
{
    ask_jmacro *m = ask_jinja_alloc(j, 1, sizeof *m);
    if (!m) return false;
    *m = (ask_jmacro){.node = n, .scope = j->scope};
    return ask_jscope_set(j, j->scope, n->name,
                          (ask_jvalue){.kind = ASK_JV_MACRO, .macro = m});
}

static const ask_jvalue *find_named(const ask_jargs *args, const char *name)
{
    for (size_t i = 0; i < args->n_named; i++)
        if (ask_jv_is_text(args->named[i].key, name)) return &args->named[i].value;
    return NULL;
}

/* A parameter's value: given by place, by name, its default, or undefined. */
static bool parameter(ask_jinja *j, ask_jvalue *out, const ask_jnode *p, size_t place,
                      const ask_jargs *args)
{
    const ask_jvalue *named = find_named(args, p->name);
    if (place < args->n && named)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "the argument %s is given twice", p->name);
    if (place < args->n || named) {
        *out = named ? *named : args->items[place];
        return true;
    }
    return p->a ? ask_jinja_evaluate(j, out, p->a)
                : ask_jv_undefined(j, out, "parameter '%s' was not provided", p->name);
}

static bool is_parameter(const ask_jnode *macro, ask_jvalue name)
{
    for (const ask_jnode *p = macro->first; p; p = p->next)
        if (ask_jv_is_text(name, p->name)) return true;
    return false;
}

/* What has no parameter: varargs and kwargs where the body knows them, else an error. */
static bool bind_more(ask_jinja *j, const ask_jnode *n, size_t n_parameters,
                      const ask_jargs *args)
{
    ask_jvalue more, named;
    if (!ask_jv_list(j, &more, ASK_JV_TUPLE) || !ask_jv_dict(j, &named, ASK_JV_DICT))
        return false;
    for (size_t i = n_parameters; i < args->n; i++)
        if (!ask_jlist_add(j, more.list, args->items[i])) return false;
    for (size_t i = 0; i < args->n_named; i++)
        if (!is_parameter(n, args->named[i].key) &&
            !ask_jdict_set(j, named.dict, args->named[i].key, args->named[i].value))
            return false;
    if (more.list->n > 0 && !n->has_more_args)
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "macro '%s' takes not more than %zu argument(s)", n->name,
                              n_parameters);
    if (named.dict->n > 0 && !n->has_more_keywords)
        return ask_jinja_fail(
            j, ASK_ERR_FORMAT, "macro '%s' takes no keyword argument '%.*s'", n->name,
            (int)named.dict->entries[0].key.n_bytes, named.dict->entries[0].key.text);
    return (!n->has_more_args || ask_jscope_set(j, j->scope, "varargs", more)) &&
           (!n->has_more_keywords || ask_jscope_set(j, j->scope, "kwargs", named));
}

static bool bind(ask_jinja *j, const ask_jnode *n, const ask_jargs *args)
{
    size_t place = 0;
    for (const ask_jnode *p = n->first; p; p = p->next) {
        ask_jvalue v;
        if (!parameter(j, &v, p, place++, args) || !ask_jscope_set(j, j->scope, p->name, v))
            return false;
    }
    return bind_more(j, n, place, args);
}

bool ask_jinja_call_macro(ask_jinja *j, ask_jvalue *out, const ask_jmacro *m,
                          const ask_jargs *args)
{
    ask_jscope *around = j->scope;
    ask_jbuffer b = {0};
    if (!ask_jinja_enter(j)) return false;
    j->scope = ask_jscope_open(j, m->scope);
    bool ok = j->scope && bind(j, m->node, args) &&
              ask_jinja_execute(j, &b, m->node->body) != ASK_JFLOW_FAILED;
    j->scope = around;
    ask_jinja_leave(j);
    *out = ask_jbuffer_string(&b);
    return ok;
}

/* ---- any statement ---- */

static ask_jflow flow_of(bool ok)
{
    return ok ? ASK_JFLOW_NEXT : ASK_JFLOW_FAILED;
}

static ask_jflow condition(ask_jinja *j, ask_jbuffer *out, const ask_jnode *n)
{
    for (; n; n = n->d) {
        ask_jvalue v;
        if (!ask_jinja_evaluate(j, &v, n->a)) return ASK_JFLOW_FAILED;
        if (ask_jv_truth(v)) return ask_jinja_execute(j, out, n->body);
        if (!n->d) return ask_jinja_execute(j, out, n->orelse);
    }
    return ASK_JFLOW_NEXT;
}

static ask_jflow statement(ask_jinja *j, ask_jbuffer *out, const ask_jnode *n)
{
    ask_jvalue v;
    switch (n->kind) {
    case ASK_JN_TEXT:
        return flow_of(ask_jbuffer_add(j, out, n->value.text, n->value.n_bytes));
    case ASK_JN_PRINT:
        return flow_of(ask_jinja_evaluate(j, &v, n->a) && ask_jv_print(j, out, v));
    case ASK_JN_IF:
        return condition(j, out, n);
    case ASK_JN_FOR:
        return loop(j, out, n);
    case ASK_JN_SET:
        return flow_of(ask_jinja_evaluate(j, &v, n->b) && ask_jinja_assign(j, n->a, v));
    case ASK_JN_SET_BLOCK:
        return set_block(j, n);
    case ASK_JN_WITH:
        return with(j, out, n);
    case ASK_JN_MACRO:
        return flow_of(define_macro(j, n));
    case ASK_JN_FILTER_BLOCK:
        return filter_block(j, out, n);
    case ASK_JN_GENERATION:
        return execute_inside(j, out, n->body);
    case ASK_JN_BREAK:
        return ASK_JFLOW_BREAK;
    default:
        return ASK_JFLOW_CONTINUE;
    }
}

ask_jflow ask_jinja_execute(ask_jinja *j, ask_jbuffer *out, const ask_jnode *first)
{
    ask_jflow flow = ASK_JFLOW_NEXT;
    for (const ask_jnode *n = first; n && flow == ASK_JFLOW_NEXT; n = n->next) {
        if (!ask_jinja_enter(j)) return ASK_JFLOW_FAILED;
        j->line = n->line;
        flow = statement(j, out, n);
        ask_jinja_leave(j);
    }
    return flow;
}
