/* text/jinja_run_priv.h - going through the tree of a template. */
#ifndef ASK_TEXT_JINJA_RUN_PRIV_H
#define ASK_TEXT_JINJA_RUN_PRIV_H

#include "text/jinja_call_priv.h"
#include "text/jinja_node_priv.h"

/* Names that were set here, over those of the scope around. */
struct ask_jscope {
    ask_jscope *around; // NULL: the variables of the rendering
    ask_jdict names;
};

/* Opens a scope inside another; NULL: no memory. */
ask_jscope *ask_jscope_open(ask_jinja *j, ask_jscope *around);
bool ask_jscope_set(ask_jinja *j, ask_jscope *s, const char *name, ask_jvalue v);

/* Gives a target its value: a name, several, a member of a namespace. */
bool ask_jinja_assign(ask_jinja *j, const ask_jnode *target, ask_jvalue v);

bool ask_jinja_evaluate(ask_jinja *j, ask_jvalue *out, const ask_jnode *n);

/* Puts a value through filters whose innermost has no value of its own. */
bool ask_jinja_filter(ask_jinja *j, ask_jvalue *out, const ask_jnode *filters,
                      ask_jvalue v);

/* How statements ended. */
typedef enum {
    ASK_JFLOW_FAILED = 0,
    ASK_JFLOW_NEXT,
    ASK_JFLOW_BREAK,
    ASK_JFLOW_CONTINUE,
} ask_jflow;

/* Writes what statements write to *out. */
ask_jflow ask_jinja_execute(ask_jinja *j, ask_jbuffer *out, const ask_jnode *first);

/* A macro's body as a string. */
bool ask_jinja_call_macro(ask_jinja *j, ask_jvalue *out, const ask_jmacro *m,
                          const ask_jargs *args);

#endif
