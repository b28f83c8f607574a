/* text/jinja_call_priv.h - functions, methods, filters and tests: rows of tables.
 *
 * A row names its parameters, as Python's signature does; what is given by place and by
 * name is put in their order before the row's function is called. */
#ifndef ASK_TEXT_JINJA_CALL_PRIV_H
#define ASK_TEXT_JINJA_CALL_PRIV_H

#include "text/jinja_value_priv.h"

/* What a call gives. */
typedef struct {
    const ask_jvalue *items; // by place
    size_t n;
    const ask_jentry *named; // keys are strings
    size_t n_named;
} ask_jargs;

enum { ASK_JFUNCTION_MAX_PARAMETERS = 5 };

/* self     the value before the bar, the dot or "is"; missing for plain functions
 * args     one for each parameter, missing where it was not given; NULL where the row's
 *          parameters are "*"
 * all      what was given, for those */
typedef bool ask_jfunction_call(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                                const ask_jvalue *args, const ask_jargs *all);

struct ask_jfunction {
    const char *name;
    const char *parameters; // "width first blank"; "*": any
    int n_needed;           // of them
    ask_jfunction_call *call;
};
typedef struct ask_jfunction ask_jfunction;

struct ask_jbound {
    const ask_jfunction *row;
    ask_jvalue self;
};

bool ask_jfunction_run(ask_jinja *j, ask_jvalue *out, const ask_jfunction *row,
                       ask_jvalue self, const ask_jargs *args);

/* The row of a name in a table that ends with {0}; NULL: none. */
const ask_jfunction *ask_jfunction_find(const ask_jfunction *table, const char *name,
                                        size_t n_bytes);

const ask_jfunction *ask_jfilter_find(const char *name, size_t n_bytes);
extern const ask_jfunction ask_jtests[], ask_jfunctions[];
extern const ask_jfunction ask_jfilters_of_values[], ask_jfilters_of_lists[];
extern const ask_jfunction ask_jmethods_of_strings[], ask_jmethods_of_lists[],
    ask_jmethods_of_dicts[], ask_jmethods_of_loops[];

/* ---- arguments ---- */

/* An argument as a whole number or a string; the fallback where it is missing. who is the
 * function's name, for the message. (As yes or no: ask_jv_truth, for which missing is no.)
 */
bool ask_jarg_int(ask_jinja *j, int64_t *out, ask_jvalue v, int64_t fallback,
                  const char *who);
bool ask_jarg_string(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const char *fallback,
                     const char *who);

/* ---- operators (jinja_operator.c) ---- */

bool ask_jop_binary(ask_jinja *j, ask_jvalue *out, int op, ask_jvalue a, ask_jvalue b);
bool ask_jop_sign(ask_jinja *j, ask_jvalue *out, int op, ask_jvalue v);
bool ask_jop_compare(ask_jinja *j, bool *out, int op, ask_jvalue a, ask_jvalue b);
bool ask_jop_attribute(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const char *name);
bool ask_jop_index(ask_jinja *j, ask_jvalue *out, ask_jvalue v, ask_jvalue key);

/* bounds: begin, end and step, each a whole number, none or missing. */
bool ask_jop_slice(ask_jinja *j, ask_jvalue *out, ask_jvalue v, const ask_jvalue bounds[3]);

/* ---- formatting (jinja_format.c) ---- */

bool ask_jformat_percent(ask_jinja *j, ask_jvalue *out, ask_jvalue format, ask_jvalue args);
bool ask_jformat_braces(ask_jinja *j, ask_jvalue *out, ask_jvalue format,
                        const ask_jargs *args);

#endif
