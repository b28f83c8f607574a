/* Functions that every template knows. */
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "text/jinja_call_priv.h"

enum { MAX_RANGE = 100000 }; // Jinja's sandbox has the same

/* ---- range ---- */

static bool fill_range(ask_jinja *j, ask_jlist *l)
{
    for (int64_t v = l->start; l->step > 0 ? v < l->stop : v > l->stop;) {
        if (l->n >= MAX_RANGE)
            return ask_jinja_fail(j, ASK_ERR_LIMIT, "a range has more than %d numbers",
                                  MAX_RANGE);
        if (!ask_jlist_add(j, l, ask_jv_int(v))) return false;
        if (__builtin_add_overflow(v, l->step, &v)) break;
    }
    return true;
}

static bool range(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)self, (void)all;
    int64_t given[3];
    for (int i = 0; i < 3; i++)
        if (!ask_jarg_int(j, &given[i], args[i], i == 2, "range")) return false;
    bool only_stop = args[1].kind == ASK_JV_MISSING;
    if (given[2] == 0) return ask_jinja_fail(j, ASK_ERR_FORMAT, "range: the step is zero");
    if (!ask_jv_list(j, out, ASK_JV_RANGE)) return false;
    out->list->start = only_stop ? 0 : given[0];
    out->list->stop = only_stop ? given[0] : given[1];
    out->list->step = given[2];
    return fill_range(j, out->list);
}

/* ---- dict and namespace ---- */

/* Adds what Python's dict takes: another dictionary, or pairs. */
static bool add_all(ask_jinja *j, ask_jdict *d, ask_jvalue from)
{
    ask_jlist pairs;
    ask_jvalue view;
    bool is_dict = from.kind == ASK_JV_DICT || from.kind == ASK_JV_NAMESPACE;
    if (is_dict && !ask_jdict_view(j, &view, from.dict, "dict_items", ASK_JV_LIST))
        return false;
    if (!ask_jv_items(j, &pairs, is_dict ? view : from)) return false;
    for (size_t i = 0; i < pairs.n; i++) {
        ask_jlist two;
        if (!ask_jv_items(j, &two, pairs.items[i])) return false;
        if (two.n != 2)
            return ask_jinja_fail(j, ASK_ERR_FORMAT, "dict: expected pairs, got %zu items",
                                  two.n);
        if (!ask_jdict_set(j, d, two.items[0], two.items[1])) return false;
    }
    return true;
}

static bool make_dict(ask_jinja *j, ask_jvalue *out, const ask_jargs *all, ask_jkind kind)
{
    if (all->n > 1)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "dict: %zu arguments are too many",
                              all->n);
    if (!ask_jv_dict(j, out, kind) ||
        (all->n == 1 && !add_all(j, out->dict, all->items[0])))
        return false;
    for (size_t i = 0; i < all->n_named; i++)
        if (!ask_jdict_set(j, out->dict, all->named[i].key, all->named[i].value))
            return false;
    return true;
}

static bool dict(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)self, (void)args;
    return make_dict(j, out, all, ASK_JV_DICT);
}

static bool namespace(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                      const ask_jvalue *args, const ask_jargs *all)
{
    (void)self, (void)args;
    return make_dict(j, out, all, ASK_JV_NAMESPACE);
}

/* ---- exceptions and the time ---- */

static bool raise_exception(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                            const ask_jvalue *args, const ask_jargs *all)
{
    (void)out, (void)self, (void)all;
    ask_jvalue s;
    return ask_jv_str(j, &s, args[0]) &&
           ask_jinja_fail(j, ASK_ERR_USAGE, "%.*s",
                          (int)(s.n_bytes > 400 ? 400 : s.n_bytes), s.text);
}

static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

/* A number in two places (or more), or without leading zeros. */
static void put_number(char out[64], bool is_short, int width, int v)
{
    ask_format(out, 64, "%0*d", is_short ? 1 : width, v);
}

/* What one letter of a format stands for; false: it is not known. */
static bool time_part(char out[64], const struct tm *t, char letter, bool is_short)
{
    int hour = t->tm_hour % 12 == 0 ? 12 : t->tm_hour % 12;
    switch (letter) {
    case 'Y':
        return ask_format(out, 64, "%d", t->tm_year + 1900) > 0;
    case 'y':
        return put_number(out, is_short, 2, t->tm_year % 100), true;
    case 'm':
        return put_number(out, is_short, 2, t->tm_mon + 1), true;
    case 'd':
        return put_number(out, is_short, 2, t->tm_mday), true;
    case 'e':
        return ask_format(out, 64, "%*d", is_short ? 1 : 2, t->tm_mday) > 0;
    case 'H':
        return put_number(out, is_short, 2, t->tm_hour), true;
    case 'I':
        return put_number(out, is_short, 2, hour), true;
    case 'M':
        return put_number(out, is_short, 2, t->tm_min), true;
    case 'S':
        return put_number(out, is_short, 2, t->tm_sec), true;
    case 'j':
        return put_number(out, is_short, 3, t->tm_yday + 1), true;
    case 'f':
        return ask_format(out, 64, "000000") > 0;
    case 'w':
        return put_number(out, true, 1, t->tm_wday), true;
    case 'u':
        return put_number(out, true, 1, t->tm_wday == 0 ? 7 : t->tm_wday), true;
    case 'p':
        return ask_format(out, 64, t->tm_hour < 12 ? "AM" : "PM") > 0;
    case 'A':
        return ask_format(out, 64, "%s", days[t->tm_wday]) > 0;
    case 'a':
        return ask_format(out, 64, "%.3s", days[t->tm_wday]) > 0;
    case 'B':
        return ask_format(out, 64, "%s", months[t->tm_mon]) > 0;
    case 'b':
    case 'h':
        return ask_format(out, 64, "%.3s", months[t->tm_mon]) > 0;
    case 'F':
        return ask_format(out, 64, "%d-%02d-%02d", t->tm_year + 1900, t->tm_mon + 1,
                          t->tm_mday) > 0;
    case 'T':
    case 'X':
        return ask_format(out, 64, "%02d:%02d:%02d", t->tm_hour, t->tm_min, t->tm_sec) > 0;
    case 'R':
        return ask_format(out, 64, "%02d:%02d", t->tm_hour, t->tm_min) > 0;
    case 'D':
    case 'x':
        return ask_format(out, 64, "%02d/%02d/%02d", t->tm_mon + 1, t->tm_mday,
                          t->tm_year % 100) > 0;
    case 'c':
        return ask_format(out, 64, "%.3s %.3s %2d %02d:%02d:%02d %d", days[t->tm_wday],
                          months[t->tm_mon], t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec,
                          t->tm_year + 1900) > 0;
    case 'Z': // of a time without a zone, as Python's now()
    case 'z':
        out[0] = '\0';
        return true;
    case 'n':
    case 't':
    case '%':
        return ask_format(out, 64, "%s",
                          letter == 'n'   ? "\n"
                          : letter == 't' ? "\t"
                                          : "%") > 0;
    default:
        return false;
    }
}

static bool strftime_now(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                         const ask_jvalue *args, const ask_jargs *all)
{
    (void)self, (void)all;
    ask_jvalue s;
    struct tm t;
    time_t now = (time_t)j->now_unix_s;
    ask_jbuffer b = {0};
    if (!ask_jarg_string(j, &s, args[0], "", "strftime_now")) return false;
    if (!localtime_r(&now, &t))
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "strftime_now: there is no such time");
    for (size_t i = 0; i < s.n_bytes; i++) {
        char text[64] = {s.text[i]};
        bool is_part = s.text[i] == '%' && i + 1 < s.n_bytes;
        bool is_short = is_part && i + 2 < s.n_bytes && s.text[i + 1] == '-';
        if (is_part) i += 1 + is_short;
        if (is_part && !time_part(text, &t, s.text[i], is_short))
            return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED,
                                  "strftime_now: %%%c is not supported", s.text[i]);
        if (!ask_jbuffer_puts(j, &b, text)) return false;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}

const ask_jfunction ask_jfunctions[] = {
    {"dict", "*", 0, dict},
    {"namespace", "*", 0, namespace},
    {"raise_exception", "message", 1, raise_exception},
    {"range", "start stop step", 1, range},
    {"strftime_now", "format", 1, strftime_now},
    {0},
};
