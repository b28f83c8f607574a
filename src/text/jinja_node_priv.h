/* text/jinja_node_priv.h - a template as a tree, and reading it. */
#ifndef ASK_TEXT_JINJA_NODE_PRIV_H
#define ASK_TEXT_JINJA_NODE_PRIV_H

#include "text/jinja_lex_priv.h"
#include "text/jinja_value_priv.h"

typedef enum {
    // expressions
    ASK_JN_CONST,     // value
    ASK_JN_NAME,      // name
    ASK_JN_LIST,      // first: items
    ASK_JN_TUPLE,     // first: items
    ASK_JN_DICT,      // first: pairs, each with a: key and b: value
    ASK_JN_PAIR,      //
    ASK_JN_ATTRIBUTE, // a.name
    ASK_JN_INDEX,     // a[b]
    ASK_JN_SLICE,     // a[b:c:d]
    ASK_JN_CALL,      // a(first: arguments)
    ASK_JN_ARGUMENT,  // a; name for a keyword; op: '*' or ASK_JOP('*', '*') to be spread
    ASK_JN_FILTER,    // a | row(first: arguments); a is NULL in a block
    ASK_JN_TEST,      // a is row(first: arguments)
    ASK_JN_NOT,       // a
    ASK_JN_SIGN,      // op a
    ASK_JN_BINARY,    // a op b
    ASK_JN_AND,
    ASK_JN_OR,
    ASK_JN_COMPARE, // a, first: operands, each with op and a
    ASK_JN_OPERAND, //
    ASK_JN_CONCAT,  // first: items
    ASK_JN_CHOICE,  // b if a else c; c may be NULL
    // statements
    ASK_JN_TEXT,  // value
    ASK_JN_PRINT, // a
    ASK_JN_IF,    // a: condition, body, orelse; d: the next one, of elif
    ASK_JN_FOR,   // a: target, b: what is gone through, c: condition or NULL, body, orelse
    ASK_JN_SET,   // a: target, b: value
    ASK_JN_SET_BLOCK,    // a: target, b: filters or NULL, body
    ASK_JN_WITH,         // first: pairs of target and value, body
    ASK_JN_MACRO,        // name, first: parameters (name, a: default or NULL), body
    ASK_JN_FILTER_BLOCK, // b: filters, body
    ASK_JN_GENERATION,   // body
    ASK_JN_BREAK,
    ASK_JN_CONTINUE,
    // targets beside names and tuples
    ASK_JN_MEMBER, // name of the namespace, value: the attribute
} ask_jnode_kind;

enum { ASK_JOP_IN = 1, ASK_JOP_NOT_IN = 2 }; // operators that are words

typedef struct ask_jfunction ask_jfunction; // text/jinja_call_priv.h

struct ask_jnode {
    ask_jnode_kind kind;
    int line;
    int op;
    bool has_more_args;     // of a macro: its body knows varargs
    bool has_more_keywords; // of a macro: its body knows kwargs
    ask_jvalue value;
    const char *name;
    const ask_jfunction *row;
    ask_jnode *a, *b, *c, *d;
    ask_jnode *first;         // a list of children
    ask_jnode *body, *orelse; // lists of statements
    ask_jnode *next;          // in the list that it is in
};

/* Reads tokens into a list of statements (NULL for an empty template). Fails as
 * ask_template_parse. */
bool ask_jinja_parse(ask_jnode **out, ask_arena *arena, const ask_jtokens *tokens,
                     const char *name, ask_error *err);

#endif
