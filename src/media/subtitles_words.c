/* Mark-up to words. */
#include <string.h>

#include "base/utf8.h"
#include "media/subtitles_priv.h"

/* Words on one line, being written. */
typedef struct {
    ask_str *out;
    bool gap;                      // there were blanks behind what is written
    size_t voice_begin, voice_end; // of the last name of a voice
} line;

static bool is_blank(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

/* Marks of direction and of places to break; not those that join letters. */
static bool is_unseen(uint32_t c)
{
    return c == 0xad || c == 0x200b || c == 0x200e || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2064) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void put(line *l, uint32_t c)
{
    if (is_unseen(c)) return;
    if (is_blank(c)) {
        l->gap = true;
        return;
    }
    char bytes[4];
    int n = ask_utf8_encode(bytes, c);
    if (l->gap && l->out->length > 0) ask_str_append_char(l->out, ' ');
    l->gap = false;
    ask_str_append_bytes(l->out, bytes, (size_t)n);
}

/* Puts the character that stands at `at`; its size. */
static size_t put_next(line *l, const char *at, const char *end)
{
    uint32_t c = 0;
    int n = ask_utf8_decode(&c, at, (size_t)(end - at));
    put(l, c);
    return n > 0 ? (size_t)n : 1;
}

/* ---- character references ---- */

/* The value of a digit; 16 for what is none. */
static uint32_t digit_value(char c)
{
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f') return (uint32_t)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return (uint32_t)(c - 'A') + 10;
    return 16;
}

/* &#65; and &#x41; without what is around them; 0: none. */
static uint32_t numbered_character(const char *at, size_t n)
{
    bool is_hex = n > 0 && (*at == 'x' || *at == 'X');
    uint32_t base = is_hex ? 16 : 10, c = 0;
    if (n == is_hex || n > 7) return 0;
    for (size_t i = is_hex; i < n; i++) {
        uint32_t digit = digit_value(at[i]);
        if (digit >= base) return 0;
        c = c * base + digit;
    }
    char bytes[4];
    return ask_utf8_encode(bytes, c) > 0 ? c : 0;
}

static uint32_t named_character(const char *at, size_t n)
{
    static const struct {
        const char *name;
        uint32_t c;
    } names[] = {
        {"amp", '&'},   {"lt", '<'},    {"gt", '>'},     {"quot", '"'},
        {"apos", '\''}, {"nbsp", 0xa0}, {"lrm", 0x200e}, {"rlm", 0x200f},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == n && memcmp(names[i].name, at, n) == 0)
            return names[i].c;
    return 0;
}

/* Puts what a reference at `at` means; its size, 0 when there is none. */
static size_t put_reference(line *l, const char *at, const char *end)
{
    enum { LONGEST = 10 };
    size_t n = (size_t)(end - at) < LONGEST ? (size_t)(end - at) : LONGEST;
    const char *stop = memchr(at, ';', n);
    if (!stop) return 0;
    const char *name = at + 1;
    size_t name_bytes = (size_t)(stop - name);
    uint32_t c = name_bytes > 0 && *name == '#'
                     ? numbered_character(name + 1, name_bytes - 1)
                     : named_character(name, name_bytes);
    if (c == 0) return 0;
    put(l, c);
    return name_bytes + 2;
}

/* ---- tags ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(const char *at, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!name[i] || (at[i] | 0x20) != name[i]) return false;
    return name[n] == '\0';
}

static size_t name_bytes_of(const char *at, const char *end)
{
    const char *p = at;
    while (p < end && is_letter(*p)) p++;
    return (size_t)(p - at);
}

/* Whether these are the names of tags that SubRip files have; others may be words. */
static bool is_known_tag(const char *at, size_t n)
{
    static const char *const names[] = {"b",    "i",  "u",    "s",      "font",
                                        "c",    "v",  "lang", "p",      "br",
                                        "ruby", "rt", "em",   "strong", "span"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_name(at, n, names[i])) return true;
    return false;
}

/* <00:01.500>, between its brackets. */
static bool is_time_mark(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr("0123456789:.", at[i]) || at[i] == '\0') return false;
    return n > 0 && memchr(at, ':', n);
}

/* The bytes of a tag at `at`, which is a '<'; 0: it is none. */
static size_t tag_bytes(const char *at, const char *end, ask_markup markup)
{
    const char *inner = at + 1, *stop = inner;
    while (stop < end && *stop != '<' && *stop != '>') stop++;
    if (stop == end || *stop == '<') return 0;
    size_t n = (size_t)(stop - inner);
    const char *name = inner + (n > 0 && *inner == '/');
    size_t name_bytes = name_bytes_of(name, stop);
    bool is =
        is_time_mark(inner, n) ||
        (name_bytes > 0 ? markup == ASK_MARKUP_WEBVTT || is_known_tag(name, name_bytes)
                        : markup == ASK_MARKUP_WEBVTT && n < 2);
    return is ? n + 2 : 0;
}

/* A voice that says nothing is left out. */
static void end_voice(line *l)
{
    if (l->voice_end == 0 || l->out->length != l->voice_end) return;
    l->out->length = l->voice_begin;
    l->out->data[l->voice_begin] = '\0';
}

/* The voice of <v.class Name>, as "Name:". */
static void put_voice(line *l, const char *at, const char *end)
{
    while (at < end && !is_blank((uint8_t)*at)) at++; // "v" and classes
    while (at < end && is_blank((uint8_t)*at)) at++;
    if (at == end) return;
    end_voice(l);
    l->voice_begin = l->out->length;
    l->gap = true;
    while (at < end) {
        size_t n = *at == '&' ? put_reference(l, at, end) : 0;
        at += n ? n : put_next(l, at, end);
    }
    l->gap = false;
    put(l, ':');
    l->voice_end = l->out->length;
    l->gap = true;
}

/* What a tag of that many bytes adds to the words. */
static void put_tag(line *l, const char *at, size_t n)
{
    const char *name = at + 1, *end = at + n - 1;
    size_t name_bytes = name_bytes_of(name, end);
    if (is_name(name, name_bytes, "v")) put_voice(l, name, end);
    if (is_name(name, name_bytes, "br") || is_name(name, name_bytes, "p")) l->gap = true;
}

/* ---- a text ---- */

/* The last '}' of a text, or its beginning: no block ends behind it. */
static const char *last_block_end(const char *text, const char *end)
{
    const char *last = memrchr(text, '}', (size_t)(end - text));
    return last ? last : text;
}

/* The bytes of the mark-up at `at`, whose meaning is put; 0: there is none. */
static size_t put_markup(line *l, ask_markup markup, const char *at, const char *end,
                         const char *last_block)
{
    size_t n = 0;
    if (*at == '<' && (n = tag_bytes(at, end, markup)) > 0) put_tag(l, at, n);
    if (*at == '&') n = put_reference(l, at, end);
    if (*at == '{' && at < last_block && at[1] == '\\')
        n = (size_t)((const char *)memchr(at, '}', (size_t)(end - at)) - at) + 1;
    return n;
}

static void put_tagged(line *l, ask_markup markup, const char *at, const char *end)
{
    const char *last_block = last_block_end(at, end);
    while (at < end) {
        size_t n = put_markup(l, markup, at, end, last_block);
        at += n ? n : put_next(l, at, end);
    }
}

static void put_plain(line *l, const char *at, const char *end)
{
    while (at < end) at += put_next(l, at, end);
}

/* Whether behind an override block shapes are drawn, when they were before: the last \p and
 * a number in it tells. */
static bool draws(const char *at, const char *end, bool before)
{
    for (; end - at > 2; at++)
        if (at[0] == '\\' && at[1] == 'p' && at[2] >= '0' && at[2] <= '9')
            before = at[2] != '0';
    return before;
}

/* \N, \n and \h: line breaks and a blank. */
static bool is_ass_blank(const char *at, const char *end)
{
    return end - at > 1 && at[0] == '\\' && (at[1] == 'N' || at[1] == 'n' || at[1] == 'h');
}

static void put_ass(line *l, const char *at, const char *end)
{
    const char *last_block = last_block_end(at, end);
    bool is_drawing = false;
    while (at < end) {
        if (*at == '{' && at < last_block) {
            const char *stop = memchr(at, '}', (size_t)(end - at));
            is_drawing = draws(at, stop, is_drawing);
            at = stop + 1;
        } else if (is_drawing) {
            at++;
        } else if (is_ass_blank(at, end)) {
            l->gap = true;
            at += 2;
        } else {
            at += put_next(l, at, end);
        }
    }
}

void ask_markup_words(ask_str *out, ask_markup markup, const char *text, size_t n_bytes)
{
    line l = {.out = out};
    const char *end = text + n_bytes;
    switch (markup) {
    case ASK_MARKUP_SUBRIP:
    case ASK_MARKUP_WEBVTT:
        put_tagged(&l, markup, text, end);
        end_voice(&l);
        break;
    case ASK_MARKUP_ASS:
        put_ass(&l, text, end);
        break;
    default:
        put_plain(&l, text, end);
    }
}
