/* text/jinja_parse_priv.h - what statements and expressions share when they are read. */
#ifndef ASK_TEXT_JINJA_PARSE_PRIV_H
#define ASK_TEXT_JINJA_PARSE_PRIV_H

#include "text/jinja_node_priv.h"

typedef struct {
    ask_arena *arena;
    const char *name;
    const ask_jtoken *at; // the token to be read next
    int depth;            // of rules within rules
    int loop_depth;       // loops that break would leave
    ask_jnode *macro;     // being read, or NULL
    ask_error *err;
} ask_jparser;

/* Functions return NULL (or false) after writing an error. */
bool ask_jparse_fail(ask_jparser *p, int line, ask_error_code code, const char *format, ...)
    ASK_PRINTF(4, 5);
bool ask_jparse_unexpected(ask_jparser *p, const char *wanted);

bool ask_jparse_enter(ask_jparser *p); // as ask_jinja_enter, for rules
void ask_jparse_leave(ask_jparser *p);

ask_jnode *ask_jparse_node(ask_jparser *p, ask_jnode_kind kind, int line);

/* A list of nodes that grows at its end. */
typedef struct {
    ask_jnode *first, *last;
} ask_jchain;
void ask_jchain_add(ask_jchain *c, ask_jnode *n);

bool ask_jparse_is_name(const ask_jparser *p, const char *name);
bool ask_jparse_is_op(const ask_jparser *p, int op);
bool ask_jparse_skip_name(ask_jparser *p, const char *name); // whether it was there
bool ask_jparse_skip_op(ask_jparser *p, int op);
bool ask_jparse_expect_op(ask_jparser *p, int op);
const char *ask_jparse_expect_name(ask_jparser *p); // any

ask_jnode *ask_jparse_expression(ask_jparser *p);

/* An expression, or several with commas between: a tuple. Without choices, "if" ends it;
 * end is a name that ends it, or NULL. */
ask_jnode *ask_jparse_tuple(ask_jparser *p, bool with_choice, const char *end);

/* What can be assigned to: a name, several, or the attribute of a namespace. */
ask_jnode *ask_jparse_target(ask_jparser *p, bool with_member, const char *end);

/* Filters behind a value (a may be NULL for what a block will give); the first one without
 * a bar in front where is_first. */
ask_jnode *ask_jparse_filters(ask_jparser *p, ask_jnode *a, bool is_first);

#endif
