/* Expressions, from the loosest operator to the tightest. */
#include <string.h>

#include "base/number.h"
#include "text/jinja_call_priv.h"
#include "text/jinja_parse_priv.h"

/* ---- lists with commas ---- */

/* Items up to a closing bracket, which is passed over. */
static bool items_until(ask_jparser *p, ask_jchain *items, int close)
{
    while (!ask_jparse_is_op(p, close)) {
        if (items->first && !ask_jparse_expect_op(p, ',')) return false;
        if (ask_jparse_is_op(p, close)) break;
        ask_jnode *n = ask_jparse_expression(p);
        if (!n) return false;
        ask_jchain_add(items, n);
    }
    return ask_jparse_expect_op(p, close);
}

static ask_jnode *list(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_LIST, p->at++->line);
    ask_jchain items = {0};
    if (!n || !items_until(p, &items, ']')) return NULL;
    n->first = items.first;
    return n;
}

static ask_jnode *pair(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_PAIR, p->at->line);
    if (!n || !(n->a = ask_jparse_expression(p)) || !ask_jparse_expect_op(p, ':') ||
        !(n->b = ask_jparse_expression(p)))
        return NULL;
    return n;
}

static ask_jnode *dict(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_DICT, p->at++->line);
    ask_jchain pairs = {0};
    while (n && !ask_jparse_is_op(p, '}')) {
        if (pairs.first && !ask_jparse_expect_op(p, ',')) return NULL;
        if (ask_jparse_is_op(p, '}')) break;
        ask_jnode *entry = pair(p);
        if (!entry) return NULL;
        ask_jchain_add(&pairs, entry);
    }
    if (!n || !ask_jparse_expect_op(p, '}')) return NULL;
    n->first = pairs.first;
    return n;
}

/* (a), (a, b), () */
static ask_jnode *parentheses(ask_jparser *p)
{
    int line = p->at++->line;
    if (ask_jparse_skip_op(p, ')')) return ask_jparse_node(p, ASK_JN_TUPLE, line);
    ask_jnode *n = ask_jparse_tuple(p, true, NULL);
    return n && ask_jparse_expect_op(p, ')') ? n : NULL;
}

/* ---- values ---- */

static ask_jnode *constant(ask_jparser *p, ask_jvalue value, int line)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_CONST, line);
    if (n) n->value = value;
    return n;
}

static ask_jnode *number(ask_jparser *p)
{
    const ask_jtoken *t = p->at++;
    ask_jvalue v = {.kind = t->type == ASK_JT_INT ? ASK_JV_INT : ASK_JV_FLOAT};
    if (t->type == ASK_JT_INT ? ask_parse_i64(&v.whole, t->text)
                              : ask_parse_double(&v.real, t->text))
        return constant(p, v, t->line);
    ask_jparse_fail(p, t->line, ASK_ERR_UNSUPPORTED, "the number %s does not fit 64 bits",
                    t->text);
    return NULL;
}

/* Strings that follow each other are one. */
static ask_jnode *string(ask_jparser *p)
{
    const ask_jtoken *t = p->at++;
    ask_jvalue v = ask_jv_string(t->text, t->n_bytes);
    for (; p->at->type == ASK_JT_STRING; p->at++) {
        char *joined = ask_arena_alloc(p->arena, v.n_bytes + p->at->n_bytes + 1);
        if (!joined) {
            ask_fail_memory(p->err);
            return NULL;
        }
        memcpy(joined, v.text, v.n_bytes);
        memcpy(joined + v.n_bytes, p->at->text, p->at->n_bytes);
        v = ask_jv_string(joined, v.n_bytes + p->at->n_bytes);
    }
    return constant(p, v, t->line);
}

static ask_jnode *name(ask_jparser *p)
{
    const ask_jtoken *t = p->at++;
    const char *s = t->text;
    if (strcmp(s, "true") == 0 || strcmp(s, "True") == 0)
        return constant(p, ask_jv_bool(true), t->line);
    if (strcmp(s, "false") == 0 || strcmp(s, "False") == 0)
        return constant(p, ask_jv_bool(false), t->line);
    if (strcmp(s, "none") == 0 || strcmp(s, "None") == 0)
        return constant(p, ask_jv_none(), t->line);
    if (p->macro && strcmp(s, "varargs") == 0) p->macro->has_more_args = true;
    if (p->macro && strcmp(s, "kwargs") == 0) p->macro->has_more_keywords = true;
    ask_jnode *n = ask_jparse_node(p, ASK_JN_NAME, t->line);
    if (n) n->name = s;
    return n;
}

static ask_jnode *primary(ask_jparser *p)
{
    switch (p->at->type) {
    case ASK_JT_NAME:
        return name(p);
    case ASK_JT_STRING:
        return string(p);
    case ASK_JT_INT:
    case ASK_JT_FLOAT:
        return number(p);
    case ASK_JT_OPERATOR:
        if (p->at->op == '(') return parentheses(p);
        if (p->at->op == '[') return list(p);
        if (p->at->op == '{') return dict(p);
        break;
    default:
        break;
    }
    ask_jparse_unexpected(p, "an expression");
    return NULL;
}

/* ---- what stands behind a value ---- */

/* name=value, *list, **dict or a value */
static ask_jnode *argument(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_ARGUMENT, p->at->line);
    if (!n) return NULL;
    bool is_named = p->at->type == ASK_JT_NAME && p->at[1].type == ASK_JT_OPERATOR &&
                    p->at[1].op == '=';
    if (ask_jparse_is_op(p, '*') || ask_jparse_is_op(p, ASK_JOP('*', '*'))) {
        n->op = p->at++->op;
    } else if (is_named) {
        n->name = p->at->text;
        p->at += 2;
    }
    n->a = ask_jparse_expression(p);
    return n->a ? n : NULL;
}

/* Whether an argument may follow one: values, then names, then what is spread. */
static bool in_order(const ask_jnode *last, const ask_jnode *n)
{
    bool is_plain = !n->name && n->op == 0;
    return !last || !is_plain || (!last->name && last->op == 0);
}

static bool arguments(ask_jparser *p, ask_jnode **first)
{
    ask_jchain args = {0};
    int line = p->at++->line;
    while (!ask_jparse_is_op(p, ')')) {
        if (args.first && !ask_jparse_expect_op(p, ',')) return false;
        if (ask_jparse_is_op(p, ')')) break;
        ask_jnode *n = argument(p);
        if (!n) return false;
        if (!in_order(args.last, n))
            return ask_jparse_fail(p, line, ASK_ERR_FORMAT,
                                   "an argument without a name follows one that has one");
        ask_jchain_add(&args, n);
    }
    *first = args.first;
    return ask_jparse_expect_op(p, ')');
}

static ask_jnode *call(ask_jparser *p, ask_jnode *a)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_CALL, p->at->line);
    if (!n || !arguments(p, &n->first)) return NULL;
    n->a = a;
    return n;
}

static bool ends_bound(const ask_jparser *p)
{
    return ask_jparse_is_op(p, ':') || ask_jparse_is_op(p, ']');
}

/* From behind [: up to the closing bracket. Bounds that are not there stay NULL. */
static bool bounds(ask_jparser *p, ask_jnode *n)
{
    ask_jnode **all[] = {&n->b, &n->c, &n->d};
    for (int i = 0; i < 3; i++) {
        if (i > 0 && !ask_jparse_skip_op(p, ':')) break;
        if (!ends_bound(p) && !*all[i] && !(*all[i] = ask_jparse_expression(p)))
            return false;
    }
    return ask_jparse_expect_op(p, ']');
}

static ask_jnode *brackets(ask_jparser *p, ask_jnode *a)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_INDEX, p->at++->line);
    if (!n) return NULL;
    n->a = a;
    if (!ask_jparse_is_op(p, ':') && !(n->b = ask_jparse_expression(p))) return NULL;
    if (ask_jparse_is_op(p, ':')) {
        n->kind = ASK_JN_SLICE;
        return bounds(p, n) ? n : NULL;
    }
    return ask_jparse_expect_op(p, ']') ? n : NULL;
}

static ask_jnode *dot(ask_jparser *p, ask_jnode *a)
{
    int line = p->at++->line;
    bool is_index = p->at->type == ASK_JT_INT;
    ask_jnode *n = ask_jparse_node(p, is_index ? ASK_JN_INDEX : ASK_JN_ATTRIBUTE, line);
    if (!n) return NULL;
    n->a = a;
    if (is_index) {
        n->b = number(p);
        return n->b ? n : NULL;
    }
    n->name = ask_jparse_expect_name(p);
    return n->name ? n : NULL;
}

static ask_jnode *postfix(ask_jparser *p, ask_jnode *n)
{
    while (n && p->at->type == ASK_JT_OPERATOR) {
        if (p->at->op == '.')
            n = dot(p, n);
        else if (p->at->op == '[')
            n = brackets(p, n);
        else if (p->at->op == '(')
            n = call(p, n);
        else
            break;
    }
    return n;
}

/* The name of a filter or test, dots and all. */
static const char *row_name(ask_jparser *p)
{
    const char *whole = ask_jparse_expect_name(p);
    while (whole && ask_jparse_skip_op(p, '.')) {
        const char *more = ask_jparse_expect_name(p);
        whole = more ? ask_arena_sprintf(p->arena, "%s.%s", whole, more) : NULL;
        if (more && !whole) ask_fail_memory(p->err);
    }
    return whole;
}

static ask_jnode *filter(ask_jparser *p, ask_jnode *a)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_FILTER, p->at->line);
    const char *s = n ? row_name(p) : NULL;
    if (!s) return NULL;
    n->a = a;
    n->row = ask_jfilter_find(s, strlen(s));
    if (!n->row) {
        ask_jparse_fail(p, n->line, ASK_ERR_UNSUPPORTED, "the filter \"%s\" is not known",
                        s);
        return NULL;
    }
    if (ask_jparse_is_op(p, '(') && !arguments(p, &n->first)) return NULL;
    return n;
}

ask_jnode *ask_jparse_filters(ask_jparser *p, ask_jnode *a, bool is_first)
{
    ask_jnode *n = a;
    while (is_first || ask_jparse_skip_op(p, '|')) {
        n = filter(p, n);
        if (!n) return NULL;
        is_first = false;
    }
    return n;
}

/* Whether a test has one argument without parentheses: "is divisibleby 3". */
static bool has_bare_argument(const ask_jparser *p)
{
    if (p->at->type == ASK_JT_OPERATOR) return p->at->op == '[' || p->at->op == '{';
    if (p->at->type == ASK_JT_NAME)
        return !ask_jparse_is_name(p, "else") && !ask_jparse_is_name(p, "or") &&
               !ask_jparse_is_name(p, "and");
    return p->at->type == ASK_JT_STRING || p->at->type == ASK_JT_INT ||
           p->at->type == ASK_JT_FLOAT;
}

static bool test_arguments(ask_jparser *p, ask_jnode *n)
{
    if (ask_jparse_is_op(p, '(')) return arguments(p, &n->first);
    if (!has_bare_argument(p)) return true;
    if (ask_jparse_is_name(p, "is"))
        return ask_jparse_fail(p, p->at->line, ASK_ERR_FORMAT,
                               "two tests with \"is\" follow each other");
    n->first = ask_jparse_node(p, ASK_JN_ARGUMENT, p->at->line);
    if (!n->first) return false;
    ask_jnode *value = primary(p);
    n->first->a = value ? postfix(p, value) : NULL;
    return n->first->a != NULL;
}

static ask_jnode *test(ask_jparser *p, ask_jnode *a)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_TEST, p->at++->line);
    if (!n) return NULL;
    bool is_negated = ask_jparse_skip_name(p, "not");
    const char *s = row_name(p);
    if (!s) return NULL;
    n->a = a;
    n->row = ask_jfunction_find(ask_jtests, s, strlen(s));
    if (!n->row) {
        ask_jparse_fail(p, n->line, ASK_ERR_UNSUPPORTED, "the test \"%s\" is not known", s);
        return NULL;
    }
    if (!test_arguments(p, n)) return NULL;
    if (!is_negated) return n;
    ask_jnode *negated = ask_jparse_node(p, ASK_JN_NOT, n->line);
    if (negated) negated->a = n;
    return negated;
}

static ask_jnode *filters_and_tests(ask_jparser *p, ask_jnode *n)
{
    while (n) {
        if (ask_jparse_is_op(p, '|'))
            n = ask_jparse_filters(p, n, false);
        else if (ask_jparse_is_name(p, "is"))
            n = test(p, n);
        else if (ask_jparse_is_op(p, '('))
            n = call(p, n);
        else
            break;
    }
    return n;
}

/* ---- operators ---- */

static ask_jnode *unary(ask_jparser *p, bool with_filters);

static ask_jnode *sign(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_SIGN, p->at->line);
    if (!n || !ask_jparse_enter(p)) return NULL;
    n->op = p->at++->op;
    n->a = unary(p, false);
    ask_jparse_leave(p);
    return n->a ? n : NULL;
}

static ask_jnode *unary(ask_jparser *p, bool with_filters)
{
    bool has_sign = ask_jparse_is_op(p, '-') || ask_jparse_is_op(p, '+');
    ask_jnode *n = has_sign ? sign(p) : primary(p);
    if (n) n = postfix(p, n);
    return n && with_filters ? filters_and_tests(p, n) : n;
}

/* Operators of one strength, from left to right; below is the next stronger rule. */
static ask_jnode *binary(ask_jparser *p, const int ops[4], ask_jnode *below(ask_jparser *))
{
    ask_jnode *left = below(p);
    while (left && p->at->type == ASK_JT_OPERATOR) {
        int op = p->at->op, i = 0;
        while (i < 4 && ops[i] != op) i++;
        if (i == 4) break;
        ask_jnode *n = ask_jparse_node(p, ASK_JN_BINARY, p->at++->line);
        if (!n || !(n->b = below(p))) return NULL;
        n->op = op;
        n->a = left;
        left = n;
    }
    return left;
}

static ask_jnode *unary_with_filters(ask_jparser *p)
{
    return unary(p, true);
}

static ask_jnode *power(ask_jparser *p)
{
    static const int ops[4] = {ASK_JOP('*', '*')};
    return binary(p, ops, unary_with_filters);
}

static ask_jnode *product(ask_jparser *p)
{
    static const int ops[4] = {'*', '/', ASK_JOP('/', '/'), '%'};
    return binary(p, ops, power);
}

static ask_jnode *concat(ask_jparser *p)
{
    ask_jnode *first = product(p);
    if (!first || !ask_jparse_is_op(p, '~')) return first;
    ask_jnode *n = ask_jparse_node(p, ASK_JN_CONCAT, p->at->line);
    if (!n) return NULL;
    ask_jchain items = {0};
    ask_jchain_add(&items, first);
    while (ask_jparse_skip_op(p, '~')) {
        ask_jnode *item = product(p);
        if (!item) return NULL;
        ask_jchain_add(&items, item);
    }
    n->first = items.first;
    return n;
}

static ask_jnode *sum(ask_jparser *p)
{
    static const int ops[4] = {'+', '-'};
    return binary(p, ops, concat);
}

/* The comparison that stands next, passed over; 0: none. */
static int comparison(ask_jparser *p)
{
    if (p->at->type == ASK_JT_OPERATOR) {
        int op = p->at->op;
        bool compares = op == '<' || op == '>' || op == ASK_JOP('<', '=') ||
                        op == ASK_JOP('>', '=') || op == ASK_JOP('=', '=') ||
                        op == ASK_JOP('!', '=');
        p->at += compares;
        return compares ? op : 0;
    }
    if (ask_jparse_skip_name(p, "in")) return ASK_JOP_IN;
    if (!ask_jparse_is_name(p, "not") || p->at[1].type != ASK_JT_NAME ||
        strcmp(p->at[1].text, "in") != 0)
        return 0;
    p->at += 2;
    return ASK_JOP_NOT_IN;
}

static ask_jnode *compare(ask_jparser *p)
{
    int line = p->at->line, op;
    ask_jnode *left = sum(p);
    ask_jchain operands = {0};
    while (left && (op = comparison(p)) != 0) {
        ask_jnode *n = ask_jparse_node(p, ASK_JN_OPERAND, p->at->line);
        if (!n || !(n->a = sum(p))) return NULL;
        n->op = op;
        ask_jchain_add(&operands, n);
    }
    if (!left || !operands.first) return left;
    ask_jnode *n = ask_jparse_node(p, ASK_JN_COMPARE, line);
    if (!n) return NULL;
    n->a = left;
    n->first = operands.first;
    return n;
}

static ask_jnode *negation(ask_jparser *p)
{
    if (!ask_jparse_is_name(p, "not")) return compare(p);
    ask_jnode *n = ask_jparse_node(p, ASK_JN_NOT, p->at++->line);
    if (!n || !ask_jparse_enter(p)) return NULL;
    n->a = negation(p);
    ask_jparse_leave(p);
    return n->a ? n : NULL;
}

/* Conditions joined by one word. */
static ask_jnode *joined(ask_jparser *p, const char *word, ask_jnode_kind kind,
                         ask_jnode *below(ask_jparser *))
{
    ask_jnode *left = below(p);
    while (left && ask_jparse_is_name(p, word)) {
        ask_jnode *n = ask_jparse_node(p, kind, p->at++->line);
        if (!n || !(n->b = below(p))) return NULL;
        n->a = left;
        left = n;
    }
    return left;
}

static ask_jnode *conjunction(ask_jparser *p)
{
    return joined(p, "and", ASK_JN_AND, negation);
}

static ask_jnode *disjunction(ask_jparser *p)
{
    if (!ask_jparse_enter(p)) return NULL;
    ask_jnode *n = joined(p, "or", ASK_JN_OR, conjunction);
    ask_jparse_leave(p);
    return n;
}

/* value if condition else other */
static ask_jnode *choice(ask_jparser *p)
{
    ask_jnode *value = disjunction(p);
    while (value && ask_jparse_is_name(p, "if")) {
        ask_jnode *n = ask_jparse_node(p, ASK_JN_CHOICE, p->at++->line);
        if (!n || !(n->a = disjunction(p))) return NULL;
        n->b = value;
        if (ask_jparse_skip_name(p, "else") && !(n->c = ask_jparse_expression(p)))
            return NULL;
        value = n;
    }
    return value;
}

ask_jnode *ask_jparse_expression(ask_jparser *p)
{
    if (!ask_jparse_enter(p)) return NULL;
    ask_jnode *n = choice(p);
    ask_jparse_leave(p);
    return n;
}

/* ---- tuples and targets ---- */

static bool ends_tuple(const ask_jparser *p, const char *end)
{
    return p->at->type == ASK_JT_BLOCK_END || p->at->type == ASK_JT_PRINT_END ||
           ask_jparse_is_op(p, ')') || (end && ask_jparse_is_name(p, end));
}

/* Items, one or more, with commas between. */
static ask_jnode *tuple_of(ask_jparser *p, const char *end, ask_jnode *item(ask_jparser *))
{
    int line = p->at->line;
    ask_jnode *only = item(p);
    if (!only || !ask_jparse_is_op(p, ',')) return only;
    ask_jnode *n = ask_jparse_node(p, ASK_JN_TUPLE, line);
    if (!n) return NULL;
    ask_jchain items = {0};
    ask_jchain_add(&items, only);
    while (ask_jparse_skip_op(p, ',') && !ends_tuple(p, end)) {
        ask_jnode *next = item(p);
        if (!next) return NULL;
        ask_jchain_add(&items, next);
    }
    n->first = items.first;
    return n;
}

ask_jnode *ask_jparse_tuple(ask_jparser *p, bool with_choice, const char *end)
{
    return tuple_of(p, end, with_choice ? ask_jparse_expression : disjunction);
}

static ask_jnode *target_name(ask_jparser *p, bool with_member)
{
    int line = p->at->line;
    const char *s = ask_jparse_expect_name(p);
    if (!s) return NULL;
    bool is_member = with_member && ask_jparse_skip_op(p, '.');
    ask_jnode *n = ask_jparse_node(p, is_member ? ASK_JN_MEMBER : ASK_JN_NAME, line);
    if (!n) return NULL;
    n->name = s;
    const char *member = is_member ? ask_jparse_expect_name(p) : "";
    if (!member) return NULL;
    n->value = ask_jv_text(member);
    return n;
}

static ask_jnode *one_target(ask_jparser *p, bool with_member)
{
    if (!ask_jparse_is_op(p, '(')) return target_name(p, with_member);
    if (!ask_jparse_enter(p)) return NULL;
    p->at++;
    ask_jnode *n = ask_jparse_target(p, with_member, NULL);
    ask_jparse_leave(p);
    return n && ask_jparse_expect_op(p, ')') ? n : NULL;
}

static ask_jnode *plain_target(ask_jparser *p)
{
    return one_target(p, false);
}

static ask_jnode *member_target(ask_jparser *p)
{
    return one_target(p, true);
}

ask_jnode *ask_jparse_target(ask_jparser *p, bool with_member, const char *end)
{
    return tuple_of(p, end, with_member ? member_target : plain_target);
}
