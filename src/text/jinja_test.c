/* Tests: what stands behind "is". */
#include <string.h>

#include "text/jinja_call_priv.h"
#include "text/jinja_lex_priv.h"
#include "text/jinja_node_priv.h"

static bool answer(ask_jvalue *out, bool truth)
{
    *out = ask_jv_bool(truth);
    return true;
}

static bool defined(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind != ASK_JV_UNDEFINED);
}

static bool undefined(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                      const ask_jvalue *args, const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_UNDEFINED);
}

static bool none(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_NONE);
}

static bool boolean(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_BOOL);
}

static bool true_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_BOOL && self.truth);
}

static bool false_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_BOOL && !self.truth);
}

static bool integer(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_INT);
}

static bool float_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_FLOAT);
}

static bool number(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    double v;
    return answer(out, ask_jv_to_double(&v, self));
}

static bool string(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_STRING);
}

static bool mapping(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_DICT);
}

static bool sequence(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_STRING || self.kind == ASK_JV_LIST ||
                           self.kind == ASK_JV_TUPLE || self.kind == ASK_JV_RANGE ||
                           self.kind == ASK_JV_DICT || self.kind == ASK_JV_UNDEFINED);
}

static bool iterable(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, ask_jv_is_iterable(self));
}

static bool callable(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    return answer(out, self.kind == ASK_JV_FUNCTION || self.kind == ASK_JV_MACRO ||
                           self.kind == ASK_JV_LOOP || self.kind == ASK_JV_UNDEFINED);
}

/* The remainder of a division is a certain one. */
static bool leaves(ask_jinja *j, ask_jvalue *out, ask_jvalue v, ask_jvalue by,
                   int64_t remainder)
{
    ask_jvalue rest;
    return ask_jop_binary(j, &rest, '%', v, by) &&
           ask_jop_compare(j, &out->truth, ASK_JOP('=', '='), rest,
                           ask_jv_int(remainder)) &&
           answer(out, out->truth);
}

static bool odd(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                const ask_jargs *all)
{
    (void)args, (void)all;
    return leaves(j, out, self, ask_jv_int(2), 1);
}

static bool even(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)args, (void)all;
    return leaves(j, out, self, ask_jv_int(2), 0);
}

static bool divisibleby(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                        const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    return leaves(j, out, self, args[0], 0);
}

/* A method of strings that asks something of the value's text. */
static bool ask_text(ask_jinja *j, ask_jvalue *out, const char *method, ask_jvalue v)
{
    ask_jvalue s;
    const ask_jfunction *row =
        ask_jfunction_find(ask_jmethods_of_strings, method, strlen(method));
    return ask_jv_str(j, &s, v) && row->call(j, out, s, NULL, NULL);
}

static bool lower(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args, (void)all;
    return ask_text(j, out, "islower", self);
}

static bool upper(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args, (void)all;
    return ask_text(j, out, "isupper", self);
}

/* The same object; of what has no identity of its own, the same value of the same kind. */
static bool sameas(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    bool same = self.kind == args[0].kind;
    if (same && self.kind >= ASK_JV_LIST) return answer(out, self.list == args[0].list);
    if (same && !ask_jv_equal(j, &same, self, args[0])) return false;
    return answer(out, same);
}

static bool compared(ask_jinja *j, ask_jvalue *out, int op, ask_jvalue a, ask_jvalue b)
{
    bool truth;
    return ask_jop_compare(j, &truth, op, a, b) && answer(out, truth);
}

static bool equal(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    return compared(j, out, ASK_JOP('=', '='), self, args[0]);
}

static bool unequal(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)all;
    return compared(j, out, ASK_JOP('!', '='), self, args[0]);
}

static bool greater(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)all;
    return compared(j, out, '>', self, args[0]);
}

static bool less(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)all;
    return compared(j, out, '<', self, args[0]);
}

static bool at_least(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)all;
    return compared(j, out, ASK_JOP('>', '='), self, args[0]);
}

static bool at_most(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)all;
    return compared(j, out, ASK_JOP('<', '='), self, args[0]);
}

static bool inside(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    return compared(j, out, ASK_JOP_IN, self, args[0]);
}

const ask_jfunction ask_jtests[] = {
    {"!=", "other", 1, unequal},
    {"<", "other", 1, less},
    {"<=", "other", 1, at_most},
    {"==", "other", 1, equal},
    {">", "other", 1, greater},
    {">=", "other", 1, at_least},
    {"boolean", "", 0, boolean},
    {"callable", "", 0, callable},
    {"defined", "", 0, defined},
    {"divisibleby", "num", 1, divisibleby},
    {"eq", "other", 1, equal},
    {"equalto", "other", 1, equal},
    {"even", "", 0, even},
    {"false", "", 0, false_},
    {"float", "", 0, float_},
    {"ge", "other", 1, at_least},
    {"greaterthan", "other", 1, greater},
    {"gt", "other", 1, greater},
    {"in", "seq", 1, inside},
    {"integer", "", 0, integer},
    {"iterable", "", 0, iterable},
    {"le", "other", 1, at_most},
    {"lessthan", "other", 1, less},
    {"lower", "", 0, lower},
    {"lt", "other", 1, less},
    {"mapping", "", 0, mapping},
    {"ne", "other", 1, unequal},
    {"none", "", 0, none},
    {"number", "", 0, number},
    {"odd", "", 0, odd},
    {"sameas", "other", 1, sameas},
    {"sequence", "", 0, sequence},
    {"string", "", 0, string},
    {"true", "", 0, true_},
    {"undefined", "", 0, undefined},
    {"upper", "", 0, upper},
    {0},
};
