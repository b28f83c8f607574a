/* text/jinja_value_priv.h - the values that a template works with, which are Python's.
 *
 * Everything lies in the arena of one rendering. Functions that return bool fail with the
 * rendering's error; what they write is then not to be used. */
#ifndef ASK_TEXT_JINJA_VALUE_PRIV_H
#define ASK_TEXT_JINJA_VALUE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "text/template.h"

typedef struct ask_jnode ask_jnode;   // text/jinja_node_priv.h
typedef struct ask_jscope ask_jscope; // text/jinja_run_priv.h
typedef struct ask_jvalue ask_jvalue;

typedef enum {
    ASK_JV_MISSING = 0, // an argument that was not given; never a value of a template
    ASK_JV_UNDEFINED,
    ASK_JV_NONE,
    ASK_JV_BOOL,
    ASK_JV_INT,
    ASK_JV_FLOAT,
    ASK_JV_STRING,
    ASK_JV_LIST,
    ASK_JV_TUPLE,
    ASK_JV_RANGE,
    ASK_JV_VIEW,     // a dictionary's keys, values or items
    ASK_JV_ITERATOR, // goes over its items once, as Python's generators
    ASK_JV_DICT,
    ASK_JV_NAMESPACE,
    ASK_JV_LOOP,
    ASK_JV_MACRO,
    ASK_JV_FUNCTION, // a function, or a method bound to a value
} ask_jkind;

/* A run of items: lists, tuples, ranges, views and iterators. */
typedef struct {
    ask_jvalue *items;
    size_t n, capacity;
    size_t at;                 // an iterator's next item
    const char *word;          // how a view is printed: "dict_items"
    int64_t start, stop, step; // of a range
} ask_jlist;

typedef struct ask_jentry ask_jentry;

/* Members in the order in which they were put. */
typedef struct {
    ask_jentry *entries;
    size_t n, capacity;
} ask_jdict;

typedef struct ask_jloop ask_jloop;

typedef struct {
    const ask_jnode *node;
    ask_jscope *scope; // where it was defined
} ask_jmacro;

typedef struct ask_jbound ask_jbound; // a row of a table of functions and its value

struct ask_jvalue {
    ask_jkind kind;
    union {
        bool truth;
        int64_t whole;
        double real;
        struct {
            const char *text; // UTF-8, without a NUL at its end; no NUL inside
            size_t n_bytes;
        };
        const char *why; // what to say when an undefined value is used
        ask_jlist *list;
        ask_jdict *dict; // of a namespace too
        ask_jloop *loop;
        ask_jmacro *macro;
        ask_jbound *bound;
    };
};

struct ask_jentry {
    ask_jvalue key, value;
};

struct ask_jloop {
    const ask_jlist *items;
    size_t index0;
    ask_jvalue changed; // what changed() was last asked of
};

/* One rendering. */
typedef struct {
    ask_arena *arena;
    const char *name; // of the template
    int line;         // being evaluated
    int depth;        // of all that calls itself
    int64_t steps_left;
    size_t max_bytes;
    int64_t now_unix_s;
    ask_jscope *scope;
    ask_error *err;
} ask_jinja;

/* Writes "name:line: <message>"; returns false. */
bool ask_jinja_fail(ask_jinja *j, ask_error_code code, const char *format, ...)
    ASK_PRINTF(3, 4);

void *ask_jinja_alloc(ask_jinja *j, size_t count, size_t item_bytes); // NULL: failed
bool ask_jinja_step(ask_jinja *j);                                    // counts one

/* Around what calls itself. enter counts a step too; leave only after an enter that
 * succeeded. */
bool ask_jinja_enter(ask_jinja *j);
void ask_jinja_leave(ask_jinja *j);

/* ---- text that grows ---- */

typedef struct {
    char *data;
    size_t n, capacity;
} ask_jbuffer;

bool ask_jbuffer_add(ask_jinja *j, ask_jbuffer *b, const char *text, size_t n_bytes);
bool ask_jbuffer_puts(ask_jinja *j, ask_jbuffer *b, const char *text);
ask_jvalue ask_jbuffer_string(const ask_jbuffer *b);

/* ---- making ---- */

static inline ask_jvalue ask_jv_none(void)
{
    return (ask_jvalue){.kind = ASK_JV_NONE};
}

static inline ask_jvalue ask_jv_bool(bool truth)
{
    return (ask_jvalue){.kind = ASK_JV_BOOL, .truth = truth};
}

static inline ask_jvalue ask_jv_int(int64_t whole)
{
    return (ask_jvalue){.kind = ASK_JV_INT, .whole = whole};
}

static inline ask_jvalue ask_jv_float(double real)
{
    return (ask_jvalue){.kind = ASK_JV_FLOAT, .real = real};
}

static inline ask_jvalue ask_jv_string(const char *text, size_t n_bytes)
{
    return (ask_jvalue){.kind = ASK_JV_STRING, .text = text, .n_bytes = n_bytes};
}

ask_jvalue ask_jv_text(const char *text); // a string that ends with a NUL

/* Undefined, with what to say of it (formatted into the arena). */
bool ask_jv_undefined(ask_jinja *j, ask_jvalue *out, const char *format, ...)
    ASK_PRINTF(3, 4);

/* An empty run of items of a kind. */
bool ask_jv_list(ask_jinja *j, ask_jvalue *out, ask_jkind kind);
bool ask_jlist_add(ask_jinja *j, ask_jlist *l, ask_jvalue v);
bool ask_jv_pair(ask_jinja *j, ask_jvalue *out, ask_jvalue first, ask_jvalue second);

bool ask_jv_dict(ask_jinja *j, ask_jvalue *out, ask_jkind kind);
bool ask_jdict_set(ask_jinja *j, ask_jdict *d, ask_jvalue key, ask_jvalue value);

/* *found is the value, or NULL; fails for a key that cannot be one (lists, dictionaries).
 */
bool ask_jdict_find(ask_jinja *j, ask_jvalue **found, const ask_jdict *d, ask_jvalue key);
ask_jvalue *ask_jdict_find_text(const ask_jdict *d, const char *key);

/* Keys ("dict_keys"), values or items (pairs) as a run of items. */
bool ask_jdict_view(ask_jinja *j, ask_jvalue *out, const ask_jdict *d, const char *word,
                    ask_jkind kind);

bool ask_jv_of_json(ask_jinja *j, ask_jvalue *out, ask_json_value v);

/* ---- asking ---- */

const char *ask_jv_type(ask_jvalue v); // "str", "NoneType", ...
bool ask_jv_is_text(ask_jvalue v, const char *text);
bool ask_jv_is_items(ask_jvalue v); // has a list
bool ask_jv_truth(ask_jvalue v);

/* Bools count as integers. */
bool ask_jv_to_int(int64_t *out, ask_jvalue v);
bool ask_jv_to_double(double *out, ask_jvalue v);

bool ask_jv_length(ask_jinja *j, int64_t *out, ask_jvalue v);
bool ask_jv_is_iterable(ask_jvalue v);

/* The items that iterating gives: characters, keys, items. The rest of an iterator, which
 * is then at its end. */
bool ask_jv_items(ask_jinja *j, ask_jlist *out, ask_jvalue v);

bool ask_jv_equal(ask_jinja *j, bool *out, ask_jvalue a, ask_jvalue b);

/* *out is less than, equal to or greater than 0; 2 where there is no order (NaN). */
bool ask_jv_compare(ask_jinja *j, int *out, ask_jvalue a, ask_jvalue b);
bool ask_jv_contains(ask_jinja *j, bool *out, ask_jvalue container, ask_jvalue item);

/* ---- text of values (jinja_print.c) ---- */

bool ask_jv_print(ask_jinja *j, ask_jbuffer *b, ask_jvalue v); // Python's str
bool ask_jv_repr(ask_jinja *j, ask_jbuffer *b, ask_jvalue v);
bool ask_jv_str(ask_jinja *j, ask_jvalue *out, ask_jvalue v); // the same as a string

typedef struct {
    bool ensure_ascii, sort_keys;
    bool is_indented;
    ask_jvalue indent;              // a string, put once for each level
    ask_jvalue item_mark, key_mark; // ", " and ": "
} ask_jjson;
bool ask_jv_json(ask_jinja *j, ask_jbuffer *b, const ask_jjson *how, ask_jvalue v);

#endif
