/* Statements. */
#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "text/jinja_parse_priv.h"

/* Rules within rules, and levels of the tree: what is evaluated must not be deeper than a
 * rendering may go. */
enum { MAX_DEPTH = 200, MAX_HEIGHT = 400 };

/* ---- what the rules share ---- */

bool ask_jparse_fail(ask_jparser *p, int line, ask_error_code code, const char *format, ...)
{
    char message[ASK_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    ask_vformat(message, sizeof message, format, args);
    va_end(args);
    return ask_fail(p->err, code, "%s:%d: %s", p->name, line, message);
}

static const char *describe(const ask_jtoken *t)
{
    switch (t->type) {
    case ASK_JT_END:
        return "the end of the template";
    case ASK_JT_DATA:
        return "text";
    case ASK_JT_BLOCK:
        return "{%";
    case ASK_JT_BLOCK_END:
        return "%}";
    case ASK_JT_PRINT:
        return "{{";
    case ASK_JT_PRINT_END:
        return "}}";
    case ASK_JT_STRING:
        return "a string";
    default:
        return t->text;
    }
}

bool ask_jparse_unexpected(ask_jparser *p, const char *wanted)
{
    bool is_op = p->at->type == ASK_JT_OPERATOR;
    const char *got = describe(p->at);
    return ask_jparse_fail(p, p->at->line, ASK_ERR_FORMAT, "expected %s, got %.*s", wanted,
                           is_op ? (int)p->at->n_bytes : (int)strlen(got), got);
}

bool ask_jparse_enter(ask_jparser *p)
{
    if (p->depth >= MAX_DEPTH)
        return ask_jparse_fail(p, p->at->line, ASK_ERR_LIMIT,
                               "nested deeper than %d levels", MAX_DEPTH);
    p->depth++;
    return true;
}

void ask_jparse_leave(ask_jparser *p)
{
    p->depth--;
}

ask_jnode *ask_jparse_node(ask_jparser *p, ask_jnode_kind kind, int line)
{
    ask_jnode *n = ask_arena_alloc(p->arena, sizeof *n);
    if (!n) {
        ask_fail_memory(p->err);
        return NULL;
    }
    n->kind = kind;
    n->line = line;
    return n;
}

void ask_jchain_add(ask_jchain *c, ask_jnode *n)
{
    if (c->last)
        c->last->next = n;
    else
        c->first = n;
    c->last = n;
}

bool ask_jparse_is_name(const ask_jparser *p, const char *name)
{
    return p->at->type == ASK_JT_NAME && strcmp(p->at->text, name) == 0;
}

bool ask_jparse_is_op(const ask_jparser *p, int op)
{
    return p->at->type == ASK_JT_OPERATOR && p->at->op == op;
}

bool ask_jparse_skip_name(ask_jparser *p, const char *name)
{
    bool is = ask_jparse_is_name(p, name);
    p->at += is;
    return is;
}

bool ask_jparse_skip_op(ask_jparser *p, int op)
{
    bool is = ask_jparse_is_op(p, op);
    p->at += is;
    return is;
}

bool ask_jparse_expect_op(ask_jparser *p, int op)
{
    char wanted[] = {'\'', (char)op, '\'', '\0'};
    return ask_jparse_skip_op(p, op) || ask_jparse_unexpected(p, wanted);
}

const char *ask_jparse_expect_name(ask_jparser *p)
{
    if (p->at->type == ASK_JT_NAME) return p->at++->text;
    ask_jparse_unexpected(p, "a name");
    return NULL;
}

static bool expect_type(ask_jparser *p, ask_jtoken_type type, const char *wanted)
{
    if (p->at->type != type) return ask_jparse_unexpected(p, wanted);
    p->at++;
    return true;
}

/* ---- statements ---- */

/* Statements up to {% ends[i] %}, of which p->at is then the name; an end of NULL is the
 * end of the template. */
static bool statements(ask_jparser *p, ask_jnode **out, const char *const ends[3]);

/* From the %} of a tag to behind the one word that ends its block. */
static bool body(ask_jparser *p, ask_jnode **out, const char *end)
{
    const char *const ends[3] = {end};
    ask_jparse_skip_op(p, ':');
    if (!expect_type(p, ASK_JT_BLOCK_END, "%}") || !statements(p, out, ends)) return false;
    p->at++;
    return true;
}

/* if and elif: from behind the word to behind endif. */
static ask_jnode *condition(ask_jparser *p)
{
    static const char *const ends[3] = {"elif", "else", "endif"};
    ask_jnode *whole = NULL, *last = NULL;
    for (;;) {
        ask_jnode *n = ask_jparse_node(p, ASK_JN_IF, p->at->line);
        if (!n || !(n->a = ask_jparse_tuple(p, false, NULL))) return NULL;
        ask_jparse_skip_op(p, ':');
        if (!expect_type(p, ASK_JT_BLOCK_END, "%}") || !statements(p, &n->body, ends))
            return NULL;
        if (last)
            last->d = n; // the next question of the same block
        else
            whole = n;
        last = n;
        if (ask_jparse_skip_name(p, "elif")) continue;
        if (ask_jparse_skip_name(p, "endif")) return whole;
        p->at++;
        return body(p, &n->orelse, "endif") ? whole : NULL;
    }
}

/* From behind the %} of a for tag to behind endfor. */
static bool loop_body(ask_jparser *p, ask_jnode *n)
{
    static const char *const ends[3] = {"endfor", "else"};
    p->loop_depth++;
    bool ok = expect_type(p, ASK_JT_BLOCK_END, "%}") && statements(p, &n->body, ends);
    p->loop_depth--;
    if (!ok) return false;
    if (ask_jparse_skip_name(p, "endfor")) return true;
    p->at++;
    return body(p, &n->orelse, "endfor");
}

static ask_jnode *loop(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_FOR, p->at[-1].line);
    if (!n || !(n->a = ask_jparse_target(p, false, "in"))) return NULL;
    if (!ask_jparse_skip_name(p, "in")) {
        ask_jparse_unexpected(p, "\"in\"");
        return NULL;
    }
    if (!(n->b = ask_jparse_tuple(p, false, "recursive"))) return NULL;
    if (ask_jparse_skip_name(p, "if") && !(n->c = ask_jparse_expression(p))) return NULL;
    if (ask_jparse_is_name(p, "recursive")) {
        ask_jparse_fail(p, p->at->line, ASK_ERR_UNSUPPORTED,
                        "recursive loops are not supported");
        return NULL;
    }
    ask_jparse_skip_op(p, ':');
    return loop_body(p, n) ? n : NULL;
}

static ask_jnode *set(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_SET, p->at[-1].line);
    if (!n || !(n->a = ask_jparse_target(p, true, NULL))) return NULL;
    if (ask_jparse_skip_op(p, '=')) {
        n->b = ask_jparse_tuple(p, true, NULL);
        return n->b ? n : NULL;
    }
    n->kind = ASK_JN_SET_BLOCK;
    if (ask_jparse_is_op(p, '|') && !(n->b = ask_jparse_filters(p, NULL, false)))
        return NULL;
    return body(p, &n->body, "endset") ? n : NULL;
}

static ask_jnode *with(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_WITH, p->at[-1].line);
    ask_jchain pairs = {0};
    while (n && p->at->type != ASK_JT_BLOCK_END) {
        if (pairs.first && !ask_jparse_expect_op(p, ',')) return NULL;
        ask_jnode *pair = ask_jparse_node(p, ASK_JN_PAIR, p->at->line);
        if (!pair || !(pair->a = ask_jparse_target(p, false, NULL)) ||
            !ask_jparse_expect_op(p, '=') || !(pair->b = ask_jparse_expression(p)))
            return NULL;
        ask_jchain_add(&pairs, pair);
    }
    if (!n) return NULL;
    n->first = pairs.first;
    return body(p, &n->body, "endwith") ? n : NULL;
}

static bool parameters(ask_jparser *p, ask_jnode *macro)
{
    ask_jchain all = {0};
    if (!ask_jparse_expect_op(p, '(')) return false;
    while (!ask_jparse_is_op(p, ')')) {
        if (all.first && !ask_jparse_expect_op(p, ',')) return false;
        ask_jnode *n = ask_jparse_node(p, ASK_JN_ARGUMENT, p->at->line);
        if (!n || !(n->name = ask_jparse_expect_name(p))) return false;
        if (ask_jparse_skip_op(p, '=') && !(n->a = ask_jparse_expression(p))) return false;
        if (!n->a && all.last && all.last->a)
            return ask_jparse_fail(
                p, n->line, ASK_ERR_FORMAT,
                "the parameter %s without a default follows one that has one", n->name);
        ask_jchain_add(&all, n);
    }
    macro->first = all.first;
    return ask_jparse_expect_op(p, ')');
}

/* What is read inside is not in the loops around it. */
static bool body_of_its_own(ask_jparser *p, ask_jnode *n, const char *end)
{
    int loops = p->loop_depth;
    p->loop_depth = 0;
    bool ok = body(p, &n->body, end);
    p->loop_depth = loops;
    return ok;
}

static ask_jnode *macro(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_MACRO, p->at[-1].line), *around = p->macro;
    if (!n || !(n->name = ask_jparse_expect_name(p))) return NULL;
    p->macro = n;
    bool ok = parameters(p, n) && body_of_its_own(p, n, "endmacro");
    p->macro = around;
    return ok ? n : NULL;
}

static ask_jnode *generation(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_GENERATION, p->at[-1].line);
    return n && body_of_its_own(p, n, "endgeneration") ? n : NULL;
}

static ask_jnode *filter_block(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_FILTER_BLOCK, p->at[-1].line);
    if (!n || !(n->b = ask_jparse_filters(p, NULL, true))) return NULL;
    return body(p, &n->body, "endfilter") ? n : NULL;
}

static ask_jnode *leave_loop(ask_jparser *p)
{
    const ask_jtoken *word = &p->at[-1];
    bool is_break = strcmp(word->text, "break") == 0;
    if (p->loop_depth > 0)
        return ask_jparse_node(p, is_break ? ASK_JN_BREAK : ASK_JN_CONTINUE, word->line);
    ask_jparse_fail(p, word->line, ASK_ERR_FORMAT, "{%% %s %%} stands outside of a loop",
                    word->text);
    return NULL;
}

/* The tag whose name p->at is, up to its last %}. */
static ask_jnode *statement(ask_jparser *p)
{
    static const struct {
        const char *word;
        ask_jnode *(*read)(ask_jparser *);
    } known[] = {
        {"if", condition},
        {"for", loop},
        {"set", set},
        {"macro", macro},
        {"with", with},
        {"filter", filter_block},
        {"break", leave_loop},
        {"continue", leave_loop},
        {"generation", generation},
    };
    static const char *const unsupported[] = {
        "include",    "extends", "import", "from",  "block",     "call",
        "autoescape", "print",   "do",     "trans", "pluralize", "debug",
    };
    int line = p->at->line;
    const char *word = ask_jparse_expect_name(p);
    if (!word) return NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].word, word) == 0) return known[i].read(p);
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
        if (strcmp(unsupported[i], word) == 0) {
            ask_jparse_fail(p, line, ASK_ERR_UNSUPPORTED, "{%% %s %%} is not supported",
                            word);
            return NULL;
        }
    bool is_end = ask_starts_with(word, "end") || strcmp(word, "else") == 0 ||
                  strcmp(word, "elif") == 0;
    ask_jparse_fail(
        p, line, is_end ? ASK_ERR_FORMAT : ASK_ERR_UNSUPPORTED,
        is_end ? "{%% %s %%} has nothing to end" : "the tag {%% %s %%} is not known", word);
    return NULL;
}

static ask_jnode *text(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_TEXT, p->at->line);
    if (n) n->value = ask_jv_string(p->at->text, p->at->n_bytes);
    p->at++;
    return n;
}

static ask_jnode *print(ask_jparser *p)
{
    ask_jnode *n = ask_jparse_node(p, ASK_JN_PRINT, p->at++->line);
    if (!n || !(n->a = ask_jparse_tuple(p, true, NULL))) return NULL;
    return expect_type(p, ASK_JT_PRINT_END, "}}") ? n : NULL;
}

static bool at_end(const ask_jparser *p, const char *const ends[3])
{
    for (int i = 0; i < 3; i++)
        if (ends[i] && ask_jparse_is_name(p, ends[i])) return true;
    return false;
}

/* One node, or none where {% end %} was found. */
static bool one(ask_jparser *p, ask_jnode **out, const char *const ends[3])
{
    *out = NULL;
    if (p->at->type == ASK_JT_DATA) return (*out = text(p)) != NULL;
    if (p->at->type == ASK_JT_PRINT) return (*out = print(p)) != NULL;
    p->at++; // {%
    if (at_end(p, ends)) return true;
    *out = statement(p);
    return *out && expect_type(p, ASK_JT_BLOCK_END, "%}");
}

static bool statements_inside(ask_jparser *p, ask_jnode **out, const char *const ends[3])
{
    ask_jchain all = {0};
    int line = p->at->line;
    while (p->at->type != ASK_JT_END) {
        ask_jnode *n;
        if (!one(p, &n, ends)) return false;
        if (!n) {
            *out = all.first;
            return true;
        }
        ask_jchain_add(&all, n);
    }
    *out = all.first;
    const char *last = ends[2] ? ends[2] : ends[0];
    return !last || ask_jparse_fail(p, line, ASK_ERR_FORMAT, "{%% %s %%} is missing", last);
}

static bool statements(ask_jparser *p, ask_jnode **out, const char *const ends[3])
{
    if (!ask_jparse_enter(p)) return false;
    bool ok = statements_inside(p, out, ends);
    ask_jparse_leave(p);
    return ok;
}

/* ---- height ---- */

/* Levels of the tree from a node on: rules within rules are limited, but a chain of
 * operators is deep to the left without being read so. Counts no further than it must. */
static int height_of(ask_jnode *n, int level);

static int higher(int a, int b)
{
    return a > b ? a : b;
}

static int height_of_list(ask_jnode *n, int level)
{
    int most = level;
    for (; n; n = n->next) most = higher(most, height_of(n, level));
    return most;
}

static int height_of(ask_jnode *n, int level)
{
    if (!n || level > MAX_HEIGHT) return level;
    int most = higher(height_of(n->a, level + 1), height_of(n->b, level + 1));
    most = higher(most, higher(height_of(n->c, level + 1), height_of(n->d, level + 1)));
    most = higher(most, height_of_list(n->first, level + 1));
    return higher(most, higher(height_of_list(n->body, level + 1),
                               height_of_list(n->orelse, level + 1)));
}

bool ask_jinja_parse(ask_jnode **out, ask_arena *arena, const ask_jtokens *tokens,
                     const char *name, ask_error *err)
{
    static const char *const ends[3] = {NULL};
    ask_jparser p = {.arena = arena, .name = name, .at = tokens->items, .err = err};
    if (!statements(&p, out, ends)) return false;
    return height_of_list(*out, 0) <= MAX_HEIGHT ||
           ask_jparse_fail(&p, 1, ASK_ERR_LIMIT, "nested deeper than %d levels",
                           MAX_HEIGHT);
}
