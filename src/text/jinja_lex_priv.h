/* text/jinja_lex_priv.h - a template cut into tokens, with Jinja's rules of white space. */
#ifndef ASK_TEXT_JINJA_LEX_PRIV_H
#define ASK_TEXT_JINJA_LEX_PRIV_H

#include "base/arena.h"
#include "base/error.h"

typedef enum {
    ASK_JT_END = 0,
    ASK_JT_DATA,      // text between tags, as it is written out
    ASK_JT_BLOCK,     // {%
    ASK_JT_BLOCK_END, // %}
    ASK_JT_PRINT,     // {{
    ASK_JT_PRINT_END, // }}
    ASK_JT_NAME,
    ASK_JT_STRING, // without quotes, escapes resolved
    ASK_JT_INT,
    ASK_JT_FLOAT,
    ASK_JT_OPERATOR,
} ask_jtoken_type;

/* An operator of one or two characters as a number. */
#define ASK_JOP(first, second) ((first) | (second) << 8)

typedef struct {
    ask_jtoken_type type;
    int line;
    int op;           // of ASK_JT_OPERATOR: '+', or ASK_JOP('*', '*')
    const char *text; // in the arena, with a NUL behind it except for data
    size_t n_bytes;
} ask_jtoken;

typedef struct {
    ask_jtoken *items; // the last is ASK_JT_END
    size_t n, capacity;
} ask_jtokens;

/* Fails: ASK_ERR_FORMAT with "name:line:", ASK_ERR_UNSUPPORTED, ASK_ERR_NOMEM. */
bool ask_jinja_lex(ask_jtokens *out, ask_arena *arena, const char *text, size_t n_bytes,
                   const char *name, ask_error *err);

#endif
