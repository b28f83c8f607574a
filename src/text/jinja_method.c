/* Methods of strings, lists, dictionaries and loops. */
#include <string.h>

#include "base/utf8.h"
#include "text/jinja_call_priv.h"
#include "text/jinja_space_priv.h"
#include "text/unicode_priv.h"

/* ---- characters ---- */

/* Reads the character at a place of a string; returns its bytes. */
static size_t next(uint32_t *c, ask_jvalue s, size_t at)
{
    *c = 0xFFFD;
    int n = ask_utf8_decode(c, s.text + at, s.n_bytes - at);
    return n > 0 ? (size_t)n : 1;
}

static bool put(ask_jinja *j, ask_jbuffer *b, const uint32_t *characters, int n)
{
    for (int i = 0; i < n; i++) {
        char text[4];
        int n_bytes = ask_utf8_encode(text, characters[i]);
        if (!ask_jbuffer_add(j, b, text, (size_t)n_bytes)) return false;
    }
    return true;
}

static ask_jvalue part(ask_jvalue s, size_t begin, size_t end)
{
    return ask_jv_string(s.text + begin, end - begin);
}

/* ---- case ---- */

static bool is_cased(uint32_t c)
{
    return ask_unicode_case_of(c) != ASK_UNICODE_NO_CASE;
}

/* Whether the letter before (or after) a place, marks aside, has a case. */
static bool cased_beside(ask_jvalue s, size_t at, bool after)
{
    while (after ? at < s.n_bytes : at > 0) {
        size_t n = after ? 0 : ask_py_last_bytes(s.text, at);
        uint32_t c;
        size_t read = next(&c, s, at - n);
        if (!ask_unicode_is_mark(c) && c != '\'' && c != 0xAD && c != 0x2019)
            return is_cased(c);
        at = after ? at + read : at - n;
    }
    return false;
}

static bool put_lower(ask_jinja *j, ask_jbuffer *b, ask_jvalue s, size_t at, uint32_t c)
{
    uint32_t lower[2];
    int n = ask_unicode_lower(lower, c);
    bool ends_word =
        c == 0x3A3 && cased_beside(s, at, false) && !cased_beside(s, at + 2, true);
    if (ends_word) lower[0] = 0x3C2; // the sigma at the end of a word
    return put(j, b, lower, n);
}

typedef enum { UPPER, LOWER, CAPITALIZE, TITLE, SWAP } change;

static bool put_changed(ask_jinja *j, ask_jbuffer *b, ask_jvalue s, size_t at, uint32_t c,
                        change how, bool begins)
{
    uint32_t changed[3];
    bool titles = begins && (how == CAPITALIZE || how == TITLE);
    bool raises =
        how == UPPER || (how == SWAP && ask_unicode_case_of(c) == ASK_UNICODE_LOWER);
    if (titles) return put(j, b, changed, ask_unicode_title(changed, c));
    if (raises) return put(j, b, changed, ask_unicode_upper(changed, c));
    return put_lower(j, b, s, at, c);
}

static bool change_case(ask_jinja *j, ask_jvalue *out, ask_jvalue s, change how)
{
    ask_jbuffer b = {0};
    bool begins = true;
    for (size_t at = 0; at < s.n_bytes;) {
        uint32_t c;
        size_t n = next(&c, s, at);
        if (!put_changed(j, &b, s, at, c, how, begins)) return false;
        begins = how == TITLE && !is_cased(c);
        at += n;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}

static bool upper(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args, (void)all;
    return change_case(j, out, self, UPPER);
}

static bool lower(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args, (void)all;
    return change_case(j, out, self, LOWER);
}

static bool capitalize(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)args, (void)all;
    return change_case(j, out, self, CAPITALIZE);
}

static bool title(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args, (void)all;
    return change_case(j, out, self, TITLE);
}

static bool swapcase(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)args, (void)all;
    return change_case(j, out, self, SWAP);
}

/* ---- strip ---- */

/* Whether a character goes: it is in the set, or white space where there is no set. */
static bool goes(ask_jvalue set, const char *text, size_t n)
{
    uint32_t c = 0xFFFD;
    if (set.kind == ASK_JV_STRING) return memmem(set.text, set.n_bytes, text, n) != NULL;
    return ask_utf8_decode(&c, text, n) > 0 && ask_py_is_space(c);
}

static bool strip_sides(ask_jinja *j, ask_jvalue *out, ask_jvalue s, ask_jvalue set,
                        bool left, bool right)
{
    if (set.kind != ASK_JV_MISSING && set.kind != ASK_JV_NONE && set.kind != ASK_JV_STRING)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "strip: expected a string, got a %s",
                              ask_jv_type(set));
    size_t begin = 0, end = s.n_bytes;
    while (left && begin < end) {
        uint32_t c;
        size_t n = next(&c, s, begin);
        if (!goes(set, s.text + begin, n)) break;
        begin += n;
    }
    while (right && end > begin) {
        size_t n = ask_py_last_bytes(s.text, end);
        if (!goes(set, s.text + end - n, n)) break;
        end -= n;
    }
    *out = part(s, begin, end);
    return true;
}

static bool strip(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    return strip_sides(j, out, self, args[0], true, true);
}

static bool lstrip(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    return strip_sides(j, out, self, args[0], true, false);
}

static bool rstrip(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    return strip_sides(j, out, self, args[0], false, true);
}

/* ---- finding ---- */

enum { NOWHERE = -1 };

/* The first (or last) place of a text in s[begin..end), in bytes; NOWHERE. */
static int64_t find_in(ask_jvalue s, size_t begin, size_t end, ask_jvalue what, bool last)
{
    if (what.n_bytes > end - begin) return NOWHERE;
    if (!last) {
        const char *found = memmem(s.text + begin, end - begin, what.text, what.n_bytes);
        return found ? found - s.text : NOWHERE;
    }
    for (size_t at = end - what.n_bytes + 1; at-- > begin;)
        if (memcmp(s.text + at, what.text, what.n_bytes) == 0) return (int64_t)at;
    return NOWHERE;
}

/* The place of the i-th character, in bytes; negative ones count from the end. */
static size_t byte_of(ask_jvalue s, int64_t i)
{
    int64_t n = (int64_t)ask_utf8_length(s.text, s.n_bytes);
    if (i < 0) i = i < -n ? 0 : i + n;
    size_t at = 0;
    for (; i > 0 && at < s.n_bytes; i--) {
        uint32_t c;
        at += next(&c, s, at);
    }
    return at;
}

/* Begin and end of what is looked at, from two arguments. */
static bool range_of(ask_jinja *j, size_t *begin, size_t *end, ask_jvalue s,
                     const ask_jvalue *args)
{
    int64_t from, to;
    if (!ask_jarg_int(j, &from, args[0].kind == ASK_JV_NONE ? (ask_jvalue){0} : args[0], 0,
                      "start") ||
        !ask_jarg_int(j, &to, args[1].kind == ASK_JV_NONE ? (ask_jvalue){0} : args[1],
                      INT64_MAX, "end"))
        return false;
    *begin = byte_of(s, from);
    *end = to == INT64_MAX ? s.n_bytes : byte_of(s, to);
    return true;
}

static bool find_either(ask_jinja *j, ask_jvalue *out, ask_jvalue s, const ask_jvalue *args,
                        bool last)
{
    ask_jvalue what;
    size_t begin, end;
    if (!ask_jarg_string(j, &what, args[0], "", "find") ||
        !range_of(j, &begin, &end, s, args + 1))
        return false;
    int64_t at = begin <= end ? find_in(s, begin, end, what, last) : NOWHERE;
    *out = ask_jv_int(at < 0 ? at : (int64_t)ask_utf8_length(s.text, (size_t)at));
    return true;
}

static bool find(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)all;
    return find_either(j, out, self, args, false);
}

static bool rfind(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    return find_either(j, out, self, args, true);
}

static bool index_of(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)all;
    return find_either(j, out, self, args, false) &&
           (out->whole >= 0 ||
            ask_jinja_fail(j, ASK_ERR_FORMAT, "index: substring not found"));
}

static bool rindex_of(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                      const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    return find_either(j, out, self, args, true) &&
           (out->whole >= 0 ||
            ask_jinja_fail(j, ASK_ERR_FORMAT, "rindex: substring not found"));
}

static bool count(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    ask_jvalue what;
    size_t begin, end;
    if (!ask_jarg_string(j, &what, args[0], "", "count") ||
        !range_of(j, &begin, &end, self, args + 1))
        return false;
    *out = ask_jv_int(0);
    if (what.n_bytes == 0) {
        *out = ask_jv_int(
            begin > end ? 0 : (int64_t)ask_utf8_length(self.text + begin, end - begin) + 1);
        return true;
    }
    while (begin <= end) {
        int64_t at = find_in(self, begin, end, what, false);
        if (at < 0) break;
        out->whole++;
        begin = (size_t)at + what.n_bytes;
    }
    return true;
}

/* Whether s begins or ends with a string, or with one of a tuple. */
static bool has_affix(ask_jinja *j, bool *out, ask_jvalue s, ask_jvalue affix, bool at_end)
{
    if (affix.kind == ASK_JV_TUPLE) {
        *out = false;
        for (size_t i = 0; !*out && i < affix.list->n; i++) {
            if (affix.list->items[i].kind == ASK_JV_TUPLE)
                return ask_jinja_fail(j, ASK_ERR_FORMAT,
                                      "startswith: expected a string, got a tuple");
            if (!has_affix(j, out, s, affix.list->items[i], at_end)) return false;
        }
        return true;
    }
    ask_jvalue a;
    if (!ask_jarg_string(j, &a, affix, "", at_end ? "endswith" : "startswith"))
        return false;
    *out = a.n_bytes <= s.n_bytes &&
           memcmp(at_end ? s.text + s.n_bytes - a.n_bytes : s.text, a.text, a.n_bytes) == 0;
    return true;
}

static bool affix_within(ask_jinja *j, ask_jvalue *out, ask_jvalue s,
                         const ask_jvalue *args, bool at_end)
{
    size_t begin, end;
    if (!range_of(j, &begin, &end, s, args + 1)) return false;
    *out = ask_jv_bool(false);
    return begin > end || has_affix(j, &out->truth, part(s, begin, end), args[0], at_end);
}

static bool startswith(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    return affix_within(j, out, self, args, false);
}

static bool endswith(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)all;
    return affix_within(j, out, self, args, true);
}

static bool remove_affix(ask_jinja *j, ask_jvalue *out, ask_jvalue s, ask_jvalue affix,
                         bool at_end)
{
    bool has;
    if (affix.kind != ASK_JV_STRING)
        return ask_jinja_fail(j, ASK_ERR_FORMAT,
                              "removeprefix: expected a string, got a %s",
                              ask_jv_type(affix));
    if (!has_affix(j, &has, s, affix, at_end)) return false;
    size_t n = has ? affix.n_bytes : 0;
    *out = part(s, at_end ? 0 : n, at_end ? s.n_bytes - n : s.n_bytes);
    return true;
}

static bool removeprefix(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                         const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    return remove_affix(j, out, self, args[0], false);
}

static bool removesuffix(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                         const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    return remove_affix(j, out, self, args[0], true);
}

/* ---- replacing ---- */

/* The new text between all characters, and around them. */
static bool replace_nothing(ask_jinja *j, ask_jbuffer *b, ask_jvalue s, ask_jvalue to,
                            int64_t most)
{
    size_t at = 0;
    for (int64_t i = 0; i < most; i++) {
        if (!ask_jbuffer_add(j, b, to.text, to.n_bytes)) return false;
        if (at >= s.n_bytes) return true;
        uint32_t c;
        size_t n = next(&c, s, at);
        if (!ask_jbuffer_add(j, b, s.text + at, n)) return false;
        at += n;
    }
    return ask_jbuffer_add(j, b, s.text + at, s.n_bytes - at);
}

static bool replace_some(ask_jinja *j, ask_jbuffer *b, ask_jvalue s, ask_jvalue from,
                         ask_jvalue to, int64_t most)
{
    size_t at = 0;
    for (int64_t i = 0; i < most; i++) {
        int64_t found = find_in(s, at, s.n_bytes, from, false);
        if (found < 0) break;
        if (!ask_jinja_step(j) || !ask_jbuffer_add(j, b, s.text + at, (size_t)found - at) ||
            !ask_jbuffer_add(j, b, to.text, to.n_bytes))
            return false;
        at = (size_t)found + from.n_bytes;
    }
    return ask_jbuffer_add(j, b, s.text + at, s.n_bytes - at);
}

static bool replace(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)all;
    ask_jvalue from, to;
    int64_t most;
    ask_jbuffer b = {0};
    if (!ask_jarg_string(j, &from, args[0], "", "replace") ||
        !ask_jarg_string(j, &to, args[1], "", "replace") ||
        !ask_jarg_int(j, &most, args[2], -1, "replace"))
        return false;
    if (most < 0) most = INT64_MAX;
    if (from.n_bytes == 0 ? !replace_nothing(j, &b, self, to, most)
                          : !replace_some(j, &b, self, from, to, most))
        return false;
    *out = ask_jbuffer_string(&b);
    return true;
}

/* ---- splitting ---- */

static bool add_part(ask_jinja *j, ask_jvalue list, ask_jvalue s, size_t begin, size_t end)
{
    return ask_jinja_step(j) && ask_jlist_add(j, list.list, part(s, begin, end));
}

static bool split_at(ask_jinja *j, ask_jvalue list, ask_jvalue s, ask_jvalue mark,
                     int64_t most)
{
    size_t at = 0;
    for (int64_t i = 0; i < most; i++) {
        int64_t found = find_in(s, at, s.n_bytes, mark, false);
        if (found < 0) break;
        if (!add_part(j, list, s, at, (size_t)found)) return false;
        at = (size_t)found + mark.n_bytes;
    }
    return add_part(j, list, s, at, s.n_bytes);
}

static bool split_space(ask_jinja *j, ask_jvalue list, ask_jvalue s, int64_t most)
{
    size_t at = ask_py_leading_space(s.text, s.n_bytes);
    for (int64_t i = 0; at < s.n_bytes; i++) {
        size_t end = at;
        uint32_t c = 0;
        while (end < s.n_bytes) {
            size_t n = next(&c, s, end);
            if (ask_py_is_space(c)) break;
            end += n;
        }
        if (i >= most) end = s.n_bytes; // the rest, whatever is in it
        if (!add_part(j, list, s, at, end)) return false;
        at = end + ask_py_leading_space(s.text + end, s.n_bytes - end);
    }
    return true;
}

/* From the end; the parts come in reverse. */
static bool rsplit_at(ask_jinja *j, ask_jvalue list, ask_jvalue s, ask_jvalue mark,
                      int64_t most)
{
    size_t end = s.n_bytes;
    for (int64_t i = 0; i < most; i++) {
        int64_t found = find_in(s, 0, end, mark, true);
        if (found < 0) break;
        if (!add_part(j, list, s, (size_t)found + mark.n_bytes, end)) return false;
        end = (size_t)found;
    }
    return add_part(j, list, s, 0, end);
}

static bool rsplit_space(ask_jinja *j, ask_jvalue list, ask_jvalue s, int64_t most)
{
    size_t end = s.n_bytes - ask_py_trailing_space(s.text, s.n_bytes);
    for (int64_t i = 0; end > 0; i++) {
        size_t begin = end;
        while (begin > 0) {
            size_t n = ask_py_last_bytes(s.text, begin);
            if (goes((ask_jvalue){0}, s.text + begin - n, n)) break;
            begin -= n;
        }
        if (i >= most) begin = 0;
        if (!add_part(j, list, s, begin, end)) return false;
        end = begin - ask_py_trailing_space(s.text, begin);
    }
    return true;
}

static void turn_around(ask_jlist *l)
{
    for (size_t i = 0; i < l->n / 2; i++) {
        ask_jvalue v = l->items[i];
        l->items[i] = l->items[l->n - 1 - i];
        l->items[l->n - 1 - i] = v;
    }
}

static bool split_either(ask_jinja *j, ask_jvalue *out, ask_jvalue s,
                         const ask_jvalue *args, bool last)
{
    int64_t most;
    ask_jvalue mark = args[0];
    bool by_space = mark.kind == ASK_JV_MISSING || mark.kind == ASK_JV_NONE;
    if (!ask_jarg_int(j, &most, args[1], -1, "split") || !ask_jv_list(j, out, ASK_JV_LIST))
        return false;
    if (most < 0) most = INT64_MAX;
    if (!by_space && (!ask_jarg_string(j, &mark, mark, "", "split") || mark.n_bytes == 0))
        return mark.kind == ASK_JV_STRING
                   ? ask_jinja_fail(j, ASK_ERR_FORMAT, "split: empty separator")
                   : false;
    if (!last)
        return by_space ? split_space(j, *out, s, most) : split_at(j, *out, s, mark, most);
    bool ok = by_space ? rsplit_space(j, *out, s, most) : rsplit_at(j, *out, s, mark, most);
    turn_around(out->list);
    return ok;
}

static bool split(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    return split_either(j, out, self, args, false);
}

static bool rsplit(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    return split_either(j, out, self, args, true);
}

/* Bytes of the end of a line at a place; 0: there is none. */
static size_t line_end(ask_jvalue s, size_t at)
{
    uint32_t c;
    size_t n = next(&c, s, at);
    if (c == '\r' && at + 1 < s.n_bytes && s.text[at + 1] == '\n') return 2;
    bool ends = (c >= '\n' && c <= '\r') || (c >= 0x1C && c <= 0x1E) || c == 0x85 ||
                c == 0x2028 || c == 0x2029;
    return ends ? n : 0;
}

static bool splitlines(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    bool keeps_ends = ask_jv_truth(args[0]);
    size_t begin = 0;
    if (!ask_jv_list(j, out, ASK_JV_LIST)) return false;
    for (size_t at = 0; at < self.n_bytes;) {
        uint32_t c;
        size_t end = line_end(self, at);
        if (end > 0) {
            if (!add_part(j, *out, self, begin, keeps_ends ? at + end : at)) return false;
            begin = at + end;
        }
        at += end > 0 ? end : next(&c, self, at);
    }
    return begin == self.n_bytes || add_part(j, *out, self, begin, self.n_bytes);
}

static bool partition_either(ask_jinja *j, ask_jvalue *out, ask_jvalue s, ask_jvalue mark,
                             bool last)
{
    if (mark.kind != ASK_JV_STRING || mark.n_bytes == 0)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "partition: expected a separator");
    int64_t at = find_in(s, 0, s.n_bytes, mark, last);
    size_t begin = at >= 0 ? (size_t)at : last ? 0 : s.n_bytes;
    size_t end = at >= 0 ? begin + mark.n_bytes : begin;
    return ask_jv_list(j, out, ASK_JV_TUPLE) && add_part(j, *out, s, 0, begin) &&
           add_part(j, *out, s, begin, end) && add_part(j, *out, s, end, s.n_bytes);
}

static bool partition(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                      const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    return partition_either(j, out, self, args[0], false);
}

static bool rpartition(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    return partition_either(j, out, self, args[0], true);
}

static bool join(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                 const ask_jargs *all)
{
    (void)all;
    ask_jlist items;
    ask_jbuffer b = {0};
    if (!ask_jv_items(j, &items, args[0])) return false;
    for (size_t i = 0; i < items.n; i++) {
        ask_jvalue s;
        if (!ask_jarg_string(j, &s, items.items[i], "", "join") ||
            (i > 0 && !ask_jbuffer_add(j, &b, self.text, self.n_bytes)) ||
            !ask_jbuffer_add(j, &b, s.text, s.n_bytes))
            return false;
    }
    *out = ask_jbuffer_string(&b);
    return true;
}

/* ---- filling up ---- */

static bool fill(ask_jinja *j, ask_jbuffer *b, ask_jvalue with, int64_t times)
{
    for (int64_t i = 0; i < times; i++)
        if (!ask_jbuffer_add(j, b, with.text, with.n_bytes)) return false;
    return true;
}

/* Fill characters on the left, the text, fill characters on the right. */
static bool between(ask_jinja *j, ask_jvalue *out, ask_jvalue s, const ask_jvalue *args,
                    int side)
{
    int64_t width;
    ask_jvalue with;
    if (!ask_jarg_int(j, &width, args[0], 0, "width") ||
        !ask_jarg_string(j, &with, args[1], " ", "fill"))
        return false;
    if (ask_utf8_length(with.text, with.n_bytes) != 1)
        return ask_jinja_fail(j, ASK_ERR_FORMAT, "the fill is not one character");
    int64_t n = (int64_t)ask_utf8_length(s.text, s.n_bytes),
            more = width > n ? width - n : 0;
    // Where an odd number is shared, Python looks whether the width is odd too.
    int64_t left = side < 0 ? 0 : side > 0 ? more : more / 2 + (more & width & 1);
    ask_jbuffer b = {0};
    if (!fill(j, &b, with, left) || !ask_jbuffer_add(j, &b, s.text, s.n_bytes) ||
        !fill(j, &b, with, more - left))
        return false;
    *out = ask_jbuffer_string(&b);
    return true;
}

static bool ljust(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    return between(j, out, self, args, -1);
}

static bool rjust(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    return between(j, out, self, args, 1);
}

static bool center(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)all;
    return between(j, out, self, args, 0);
}

static bool zfill(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)all;
    int64_t width, n = (int64_t)ask_utf8_length(self.text, self.n_bytes);
    if (!ask_jarg_int(j, &width, args[0], 0, "zfill")) return false;
    size_t sign = self.n_bytes > 0 && (self.text[0] == '-' || self.text[0] == '+');
    ask_jbuffer b = {0};
    if (!ask_jbuffer_add(j, &b, self.text, sign) ||
        !fill(j, &b, ask_jv_text("0"), width - n) ||
        !ask_jbuffer_add(j, &b, self.text + sign, self.n_bytes - sign))
        return false;
    *out = ask_jbuffer_string(&b);
    return true;
}

/* ---- kinds of characters ---- */

static bool is_alnum(uint32_t c)
{
    return ask_unicode_is_letter(c) || ask_unicode_is_number(c);
}

static ask_jvalue all_are(ask_jvalue s, bool is(uint32_t))
{
    for (size_t at = 0; at < s.n_bytes;) {
        uint32_t c;
        at += next(&c, s, at);
        if (!is(c)) return ask_jv_bool(false);
    }
    return ask_jv_bool(s.n_bytes > 0);
}

static bool isdigit_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = all_are(self, ask_unicode_is_digit);
    return true;
}

static bool isnumeric(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                      const ask_jvalue *args, const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = all_are(self, ask_unicode_is_number);
    return true;
}

static bool isalpha_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = all_are(self, ask_unicode_is_letter);
    return true;
}

static bool isalnum_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = all_are(self, is_alnum);
    return true;
}

static bool isspace_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = all_are(self, ask_py_is_space);
    return true;
}

/* Letters with a case there are, and all of them have this one. */
static ask_jvalue only_case(ask_jvalue s, ask_unicode_case wanted)
{
    bool any = false;
    for (size_t at = 0; at < s.n_bytes;) {
        uint32_t c;
        at += next(&c, s, at);
        if (!is_cased(c)) continue;
        if (ask_unicode_case_of(c) != wanted) return ask_jv_bool(false);
        any = true;
    }
    return ask_jv_bool(any);
}

static bool islower_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = only_case(self, ASK_UNICODE_LOWER);
    return true;
}

static bool isupper_(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = only_case(self, ASK_UNICODE_UPPER);
    return true;
}

static bool format(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)args;
    return ask_jformat_braces(j, out, self, all);
}

const ask_jfunction ask_jmethods_of_strings[] = {
    {"capitalize", "", 0, capitalize},
    {"center", "width fillchar", 1, center},
    {"count", "sub start end", 1, count},
    {"endswith", "suffix start end", 1, endswith},
    {"find", "sub start end", 1, find},
    {"format", "*", 0, format},
    {"index", "sub start end", 1, index_of},
    {"isalnum", "", 0, isalnum_},
    {"isalpha", "", 0, isalpha_},
    {"isdecimal", "", 0, isdigit_},
    {"isdigit", "", 0, isdigit_},
    {"islower", "", 0, islower_},
    {"isnumeric", "", 0, isnumeric},
    {"isspace", "", 0, isspace_},
    {"isupper", "", 0, isupper_},
    {"join", "iterable", 1, join},
    {"ljust", "width fillchar", 1, ljust},
    {"lower", "", 0, lower},
    {"lstrip", "chars", 0, lstrip},
    {"partition", "sep", 1, partition},
    {"removeprefix", "prefix", 1, removeprefix},
    {"removesuffix", "suffix", 1, removesuffix},
    {"replace", "old new count", 2, replace},
    {"rfind", "sub start end", 1, rfind},
    {"rindex", "sub start end", 1, rindex_of},
    {"rjust", "width fillchar", 1, rjust},
    {"rpartition", "sep", 1, rpartition},
    {"rsplit", "sep maxsplit", 0, rsplit},
    {"rstrip", "chars", 0, rstrip},
    {"split", "sep maxsplit", 0, split},
    {"splitlines", "keepends", 0, splitlines},
    {"startswith", "prefix start end", 1, startswith},
    {"strip", "chars", 0, strip},
    {"swapcase", "", 0, swapcase},
    {"title", "", 0, title},
    {"upper", "", 0, upper},
    {"zfill", "width", 1, zfill},
    {0},
};

/* ---- lists and dictionaries ---- */

/* The rendering's values are not to be changed, as in transformers' sandbox. */
static bool refuse(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                   const ask_jargs *all)
{
    (void)out, (void)args, (void)all;
    return ask_jinja_fail(j, ASK_ERR_UNSUPPORTED,
                          "a method that changes a %s in place is called",
                          ask_jv_type(self));
}

static bool list_index(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    for (size_t i = 0; i < self.list->n; i++) {
        bool equal;
        if (!ask_jv_equal(j, &equal, self.list->items[i], args[0])) return false;
        *out = ask_jv_int((int64_t)i);
        if (equal) return true;
    }
    return ask_jinja_fail(j, ASK_ERR_FORMAT, "index: the value is not in the list");
}

static bool list_count(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)all;
    int64_t n = 0;
    for (size_t i = 0; i < self.list->n; i++) {
        bool equal;
        if (!ask_jv_equal(j, &equal, self.list->items[i], args[0])) return false;
        n += equal;
    }
    *out = ask_jv_int(n);
    return true;
}

static bool list_copy(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                      const ask_jvalue *args, const ask_jargs *all)
{
    (void)j, (void)args, (void)all;
    *out = self; // nothing changes it
    return true;
}

const ask_jfunction ask_jmethods_of_lists[] = {
    {"append", "*", 0, refuse}, {"clear", "*", 0, refuse},
    {"copy", "", 0, list_copy}, {"count", "value", 1, list_count},
    {"extend", "*", 0, refuse}, {"index", "value", 1, list_index},
    {"insert", "*", 0, refuse}, {"pop", "*", 0, refuse},
    {"remove", "*", 0, refuse}, {"reverse", "*", 0, refuse},
    {"sort", "*", 0, refuse},   {0},
};

static bool dict_get(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                     const ask_jargs *all)
{
    (void)all;
    ask_jvalue *found;
    if (!ask_jdict_find(j, &found, self.dict, args[0])) return false;
    *out = found ? *found : args[1].kind == ASK_JV_MISSING ? ask_jv_none() : args[1];
    return true;
}

static bool dict_items(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                       const ask_jvalue *args, const ask_jargs *all)
{
    (void)args, (void)all;
    return ask_jdict_view(j, out, self.dict, "dict_items", ASK_JV_VIEW);
}

static bool dict_keys(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                      const ask_jvalue *args, const ask_jargs *all)
{
    (void)args, (void)all;
    return ask_jdict_view(j, out, self.dict, "dict_keys", ASK_JV_VIEW);
}

static bool dict_values(ask_jinja *j, ask_jvalue *out, ask_jvalue self,
                        const ask_jvalue *args, const ask_jargs *all)
{
    (void)args, (void)all;
    return ask_jdict_view(j, out, self.dict, "dict_values", ASK_JV_VIEW);
}

const ask_jfunction ask_jmethods_of_dicts[] = {
    {"clear", "*", 0, refuse},
    {"copy", "", 0, list_copy},
    {"get", "key default", 1, dict_get},
    {"items", "", 0, dict_items},
    {"keys", "", 0, dict_keys},
    {"pop", "*", 0, refuse},
    {"popitem", "*", 0, refuse},
    {"setdefault", "*", 0, refuse},
    {"update", "*", 0, refuse},
    {"values", "", 0, dict_values},
    {0},
};

/* ---- loops ---- */

static bool cycle(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                  const ask_jargs *all)
{
    (void)args;
    if (all->n == 0) return ask_jinja_fail(j, ASK_ERR_FORMAT, "cycle: no items are given");
    *out = all->items[self.loop->index0 % all->n];
    return true;
}

static bool changed(ask_jinja *j, ask_jvalue *out, ask_jvalue self, const ask_jvalue *args,
                    const ask_jargs *all)
{
    (void)args;
    ask_jvalue now;
    bool equal = false;
    if (!ask_jv_list(j, &now, ASK_JV_TUPLE)) return false;
    for (size_t i = 0; i < all->n; i++)
        if (!ask_jlist_add(j, now.list, all->items[i])) return false;
    if (self.loop->changed.kind != ASK_JV_MISSING &&
        !ask_jv_equal(j, &equal, self.loop->changed, now))
        return false;
    self.loop->changed = now;
    *out = ask_jv_bool(!equal);
    return true;
}

const ask_jfunction ask_jmethods_of_loops[] = {
    {"changed", "*", 0, changed},
    {"cycle", "*", 0, cycle},
    {0},
};
