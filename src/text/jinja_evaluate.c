/* Expressions. */
#include <string.h>

#include "text/jinja_run_priv.h"

/* ---- names ---- */

static bool look_up(ask_jinja *j, ask_jvalue *out, const char *name)
{
    for (const ask_jscope *s = j->scope; s; s = s->around) {
        ask_jvalue *found = ask_jdict_find_text(&s->names, name);
        if (!found) continue;
        *out = *found;
        return true;
    }
    const ask_jfunction *row = ask_jfunction_find(ask_jfunctions, name, strlen(name));
    if (!row) return ask_jv_undefined(j, out, "'%s' is undefined", name);
    ask_jbound *bound = ask_jinja_alloc(j, 1, sizeof *bound);
    if (!bound) return false;
    bound->row = row;
    *out = (ask_jvalue){.kind = ASK_JV_FUNCTION, .bound = bound};
    return true;
}

/* ---- runs of items ---- */

static bool items(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    if (!ask_jv_list(j, out, n->kind == ASK_JN_TUPLE ? ASK_JV_TUPLE : ASK_JV_LIST))
        return false;
    for (const ask_jnode *i = n->first; i; i = i->next) {
        ask_jvalue v;
        if (!ask_jinja_evaluate(j, &v, i) || !ask_jlist_add(j, out->list, v)) return false;
    }
    return true;
}

static bool dict(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    if (!ask_jv_dict(j, out, ASK_JV_DICT)) return false;
    for (const ask_jnode *i = n->first; i; i = i->next) {
        ask_jvalue key, v;
        if (!ask_jinja_evaluate(j, &key, i->a) || !ask_jinja_evaluate(j, &v, i->b) ||
            !ask_jdict_set(j, out->dict, key, v))
            return false;
    }
    return true;
}

/* ---- calls ---- */

/* What was given so far: a list and a dictionary. */
typedef struct {
    ask_jlist items;
    ask_jdict named;
} given;

static bool spread_list(ask_jinja *j, given *g, ask_jvalue v)
{
    ask_jlist more;
    if (!ask_jv_items(j, &more, v)) return false;
    for (size_t i = 0; i < more.n; i++)
        if (!ask_jlist_add(j, &g->items, more.items[i])) return false;
    return true;
}

static bool spread_dict(ask_jinja *j, given *g, ask_jvalue v)
{
    if (v.kind != ASK_JV_DICT)
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "what stands behind ** is a %s, not a mapping",
                              ask_jv_type(v));
    for (size_t i = 0; i < v.dict->n; i++) {
        ask_jentry e = v.dict->entries[i];
        if (e.key.kind != ASK_JV_STRING)
            return ask_jinja_fail(j, ASK_ERR_FORMAT,
                                  "a name of an argument is not a string");
        ask_jvalue *before;
        if (!ask_jdict_find(j, &before, &g->named, e.key)) return false;
        if (before)
            return ask_jinja_fail(j, ASK_ERR_FORMAT, "the argument %.*s is given twice",
                                  (int)e.key.n_bytes, e.key.text);
        if (!ask_jdict_set(j, &g->named, e.key, e.value)) return false;
    }
    return true;
}

static bool add_argument(ask_jinja *j, given *g, const ask_jnode *n)
{
    ask_jvalue v;
    if (!ask_jinja_evaluate(j, &v, n->a)) return false;
    if (n->op == '*') return spread_list(j, g, v);
    if (n->op != 0) return spread_dict(j, g, v);
    if (!n->name) return ask_jlist_add(j, &g->items, v);
    if (ask_jdict_find_text(&g->named, n->name))
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "the argument %s is given twice", n->name);
    return ask_jdict_set(j, &g->named, ask_jv_text(n->name), v);
}

static bool arguments(ask_jinja *j, ask_jargs *out, const ask_jnode *first)
{
    given g = {0};
    for (const ask_jnode *n = first; n; n = n->next)
        if (!add_argument(j, &g, n)) return false;
    *out = (ask_jargs){g.items.items, g.items.n, g.named.entries, g.named.n};
    return true;
}

static bool call(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    ask_jvalue f;
    ask_jargs args;
    if (!ask_jinja_evaluate(j, &f, n->a) || !arguments(j, &args, n->first)) return false;
    j->line = n->line;
    if (f.kind == ASK_JV_FUNCTION)
        return ask_jfunction_run(j, out, f.bound->row, f.bound->self, &args);
    if (f.kind == ASK_JV_MACRO) return ask_jinja_call_macro(j, out, f.macro, &args);
    if (f.kind == ASK_JV_UNDEFINED)
        return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED, "%s: it cannot be called", f.why);
    if (f.kind == ASK_JV_LOOP)
        return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED, "recursive loops are not supported");
    return ask_jinja_fail(j, ASK_ERR_FORMAT, "'%s' object is not callable", ask_jv_type(f));
}

static bool run_row(ask_jinja *j, ask_jvalue *out, const ask_jnode *n, ask_jvalue v)
{
    ask_jargs args;
    if (!arguments(j, &args, n->first)) return false;
    j->line = n->line;
    return ask_jfunction_run(j, out, n->row, v, &args);
}

bool ask_jinja_filter(ask_jinja *j, ask_jvalue *out, const ask_jnode *filters, ask_jvalue v)
{
    if (!ask_jinja_enter(j)) return false;
    bool ok = !filters->a || ask_jinja_filter(j, &v, filters->a, v);
    ok = ok && run_row(j, out, filters, v);
    ask_jinja_leave(j);
    return ok;
}

/* ---- operators ---- */

static bool truth_of(ask_jinja *j, bool *out, const ask_jnode *n)
{
    ask_jvalue v;
    if (!ask_jinja_evaluate(j, &v, n)) return false;
    *out = ask_jv_truth(v);
    return true;
}

static bool and_or(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    if (!ask_jinja_evaluate(j, out, n->a)) return false;
    bool decided = ask_jv_truth(*out) == (n->kind == ASK_JN_OR);
    return decided || ask_jinja_evaluate(j, out, n->b);
}

static bool negation(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    bool truth;
    if (!truth_of(j, &truth, n->a)) return false;
    *out = ask_jv_bool(!truth);
    return true;
}

static bool compare(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    ask_jvalue left, right;
    bool truth = true;
    if (!ask_jinja_evaluate(j, &left, n->a)) return false;
    for (const ask_jnode *i = n->first; truth && i; i = i->next, left = right) {
        if (!ask_jinja_evaluate(j, &right, i->a)) return false;
        j->line = n->line;
        if (!ask_jop_compare(j, &truth, i->op, left, right)) return false;
    }
    *out = ask_jv_bool(truth);
    return true;
}

static bool concat(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    ask_jbuffer b = {0};
    for (const ask_jnode *i = n->first; i; i = i->next) {
        ask_jvalue v;
        if (!ask_jinja_evaluate(j, &v, i) || !ask_jv_print(j, &b, v)) return false;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}

static bool choice(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    bool truth;
    if (!truth_of(j, &truth, n->a)) return false;
    if (truth) return ask_jinja_evaluate(j, out, n->b);
    if (n->c) return ask_jinja_evaluate(j, out, n->c);
    return ask_jv_undefined(j, out, "the condition in line %d is false and has no else",
                            n->line);
}

static bool binary(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    ask_jvalue a, b;
    if (!ask_jinja_evaluate(j, &a, n->a) || !ask_jinja_evaluate(j, &b, n->b)) return false;
    j->line = n->line;
    return ask_jop_binary(j, out, n->op, a, b);
}

static bool slice(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    ask_jvalue v, bounds[3] = {{0}};
    const ask_jnode *const given_bounds[3] = {n->b, n->c, n->d};
    if (!ask_jinja_evaluate(j, &v, n->a)) return false;
    for (int i = 0; i < 3; i++)
        if (given_bounds[i] && !ask_jinja_evaluate(j, &bounds[i], given_bounds[i]))
            return false;
    j->line = n->line;
    return ask_jop_slice(j, out, v, bounds);
}

static bool index_(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    ask_jvalue v, key;
    if (!ask_jinja_evaluate(j, &v, n->a) || !ask_jinja_evaluate(j, &key, n->b))
        return false;
    j->line = n->line;
    return ask_jop_index(j, out, v, key);
}

static bool of_one(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    ask_jvalue v;
    if (!ask_jinja_evaluate(j, &v, n->a)) return false;
    j->line = n->line;
    if (n->kind == ASK_JN_ATTRIBUTE) return ask_jop_attribute(j, out, v, n->name);
    if (n->kind == ASK_JN_SIGN) return ask_jop_sign(j, out, n->op, v);
    return run_row(j, out, n, v);
}

static bool evaluate_inside(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    switch (n->kind) {
    case ASK_JN_CONST:
        *out = n->value;
        return true;
    case ASK_JN_NAME:
        return look_up(j, out, n->name);
    case ASK_JN_LIST:
    case ASK_JN_TUPLE:
        return items(j, out, n);
    case ASK_JN_DICT:
        return dict(j, out, n);
    case ASK_JN_INDEX:
        return index_(j, out, n);
    case ASK_JN_SLICE:
        return slice(j, out, n);
    case ASK_JN_CALL:
        return call(j, out, n);
    case ASK_JN_NOT:
        return negation(j, out, n);
    case ASK_JN_BINARY:
        return binary(j, out, n);
    case ASK_JN_AND:
    case ASK_JN_OR:
        return and_or(j, out, n);
    case ASK_JN_COMPARE:
        return compare(j, out, n);
    case ASK_JN_CONCAT:
        return concat(j, out, n);
    case ASK_JN_CHOICE:
        return choice(j, out, n);
    default: // attribute, sign, filter, test
        return of_one(j, out, n);
    }
}

bool ask_jinja_evaluate(ask_jinja *j, ask_jvalue *out, const ask_jnode *n)
{
    if (!ask_jinja_enter(j)) return false;
    j->line = n->line;
    bool ok = evaluate_inside(j, out, n);
    ask_jinja_leave(j);
    return ok;
}
