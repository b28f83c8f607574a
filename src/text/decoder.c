#include "text/decoder_priv.h"

#include <string.h>

#include "base/utf8.h"
#include "text/byte_level_priv.h"
#include "text/grow_priv.h"
#include "text/vocab_priv.h"

static const char replacement[] = "\xEF\xBF\xBD"; // U+FFFD
enum { N_REPLACEMENT = sizeof replacement - 1 };

bool ask_texts_add(ask_texts *list, const char *bytes, size_t n, ask_error *err)
{
    ask_bytes *items = ask_grow(list->arena, list->items, list->n, &list->capacity,
                                list->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(err);
    list->items = items;
    items[list->n++] = (ask_bytes){bytes, n};
    return true;
}

/* Moves a text that was built into the arena and adds it. */
static bool add_built(ask_texts *list, ask_str *text, ask_error *err)
{
    char *copy = text->failed
                     ? NULL
                     : ask_arena_strndup(list->arena, ask_str_text(text), text->length);
    size_t n = text->length;
    ask_str_free(text);
    if (!copy) return ask_fail_memory(err);
    return ask_texts_add(list, copy, n, err);
}

/* ---- ByteLevel ---- */

/* The bytes that a token's characters stand for; false, with nothing added, when one of
 * them stands for none. */
static bool append_bytes(ask_str *out, ask_bytes token)
{
    size_t before = out->length;
    for (size_t at = 0; at < token.n;) {
        uint32_t c;
        at += (size_t)ask_utf8_decode(&c, token.bytes + at, token.n - at);
        int byte = ask_byte_of_character(c);
        if (byte < 0) {
            out->length = before;
            return false;
        }
        ask_str_append_char(out, (char)byte);
    }
    return true;
}

/* How many bytes of what is not UTF-8 are one fault: those that a character could begin
 * with, at least one (Unicode 15, section 3.9, U+FFFD substitution of maximal subparts). */
static size_t fault_length(const char *bytes, size_t n)
{
    size_t length = 1;
    for (; length < 3 && length < n; length++) {
        char trial[4] = {'\x80', '\x80', '\x80', '\x80'};
        memcpy(trial, bytes, length + 1);
        uint32_t c;
        if ((size_t)ask_utf8_decode(&c, trial, sizeof trial) <= length + 1) break;
    }
    return length;
}

/* Bytes as UTF-8; each fault becomes one U+FFFD, and so does a zero, which would end the
 * text. */
static void append_repaired(ask_str *out, const char *bytes, size_t n)
{
    for (size_t at = 0; at < n;) {
        uint32_t c;
        size_t length = (size_t)ask_utf8_decode(&c, bytes + at, n - at);
        if (length > 0 && c != 0) {
            ask_str_append_bytes(out, bytes + at, length);
        } else {
            ask_str_append_bytes(out, replacement, N_REPLACEMENT);
            length = fault_length(bytes + at, n - at);
        }
        at += length;
    }
}

static bool apply_byte_level(const ask_decoder *d, ask_texts *texts, ask_error *err)
{
    (void)d;
    ask_str bytes = {0}, text = {0};
    for (size_t i = 0; i < texts->n; i++)
        if (!append_bytes(&bytes, texts->items[i]))
            ask_str_append_bytes(&bytes, texts->items[i].bytes, texts->items[i].n);
    append_repaired(&text, ask_str_text(&bytes), bytes.length);
    text.failed |= bytes.failed;
    ask_str_free(&bytes);
    texts->n = 0;
    return add_built(texts, &text, err);
}

/* ---- the others ---- */

static bool apply_bpe(const ask_decoder *d, ask_texts *texts, ask_error *err)
{
    ask_texts out = {.arena = texts->arena};
    size_t n_suffix = strlen(d->content);
    for (size_t i = 0; i < texts->n; i++) {
        ask_bytes token = texts->items[i];
        const char *with = i + 1 == texts->n ? "" : " ";
        ask_str text = {0};
        for (size_t at = 0; at < token.n;) {
            bool found = n_suffix > 0 && token.n - at >= n_suffix &&
                         memcmp(token.bytes + at, d->content, n_suffix) == 0;
            if (found)
                ask_str_append(&text, with);
            else
                ask_str_append_char(&text, token.bytes[at]);
            at += found ? n_suffix : 1;
        }
        if (!add_built(&out, &text, err)) return false;
    }
    *texts = out;
    return true;
}

static bool replace_in(ask_texts *out, const ask_decoder *d, ask_bytes token,
                       ask_error *err)
{
    ask_matches m = {.arena = out->arena};
    if (!ask_matches_of_regex(&m, d->pattern, token.bytes, (uint32_t)token.n, err))
        return false;
    ask_str text = {0};
    for (size_t i = 0; i < m.n; i++) {
        const ask_match *k = &m.items[i];
        if (k->found)
            ask_str_append(&text, d->content);
        else
            ask_str_append_bytes(&text, token.bytes + k->begin, k->end - k->begin);
    }
    return add_built(out, &text, err);
}

static bool apply_replace(const ask_decoder *d, ask_texts *texts, ask_error *err)
{
    ask_texts out = {.arena = texts->arena};
    for (size_t i = 0; i < texts->n; i++) {
        ask_bytes token = texts->items[i];
        bool ok = token.n == 0 ? ask_texts_add(&out, token.bytes, 0, err)
                               : replace_in(&out, d, token, err);
        if (!ok) return false;
    }
    *texts = out;
    return true;
}

static bool apply_fuse(const ask_decoder *d, ask_texts *texts, ask_error *err)
{
    (void)d;
    ask_str text = {0};
    for (size_t i = 0; i < texts->n; i++)
        ask_str_append_bytes(&text, texts->items[i].bytes, texts->items[i].n);
    texts->n = 0;
    return add_built(texts, &text, err);
}

/* Whether a character of a text is d's. */
static bool is_wanted(const ask_decoder *d, const char *at, size_t n, size_t *length)
{
    uint32_t c = 0;
    *length = (size_t)ask_utf8_decode(&c, at, n);
    return *length > 0 && c == d->character;
}

static ask_bytes strip(const ask_decoder *d, ask_bytes t)
{
    size_t length, begin = 0, end = t.n;
    for (int64_t i = 0; i < d->start && begin < t.n; i++) {
        if (!is_wanted(d, t.bytes + begin, t.n - begin, &length)) break;
        begin += length;
    }
    for (int64_t i = 0; i < d->stop && end > 0; i++) {
        size_t last = end - 1;
        while (last > 0 && ((unsigned char)t.bytes[last] & 0xC0) == 0x80) last--;
        if (!is_wanted(d, t.bytes + last, end - last, &length)) break;
        end = last;
    }
    return begin < end ? (ask_bytes){t.bytes + begin, end - begin} : (ask_bytes){"", 0};
}

static bool apply_strip(const ask_decoder *d, ask_texts *texts, ask_error *err)
{
    (void)err;
    for (size_t i = 0; i < texts->n; i++) texts->items[i] = strip(d, texts->items[i]);
    return true;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of <0x41>; -1 for other tokens. */
static int byte_of_name(ask_bytes t)
{
    if (t.n != 6 || memcmp(t.bytes, "<0x", 3) != 0 || t.bytes[5] != '>') return -1;
    int high = digit_of(t.bytes[3]), low = digit_of(t.bytes[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Adds a run of bytes as one text, or, where it is not UTF-8 or holds a zero, a U+FFFD for
 * each. */
static bool flush(ask_texts *out, ask_str *run, ask_error *err)
{
    if (run->length == 0 && !run->failed) return true;
    bool is_text = !run->failed && ask_utf8_valid(run->data, run->length) &&
                   !memchr(run->data, 0, run->length);
    if (run->failed || is_text) return add_built(out, run, err);
    size_t n = run->length;
    ask_str_free(run);
    for (size_t i = 0; i < n; i++)
        if (!ask_texts_add(out, replacement, N_REPLACEMENT, err)) return false;
    return true;
}

static bool apply_byte_fallback(const ask_decoder *d, ask_texts *texts, ask_error *err)
{
    (void)d;
    ask_texts out = {.arena = texts->arena};
    ask_str run = {0};
    bool ok = true;
    for (size_t i = 0; i < texts->n && ok; i++) {
        int byte = byte_of_name(texts->items[i]);
        if (byte >= 0) {
            ask_str_append_char(&run, (char)byte);
        } else {
            ok = flush(&out, &run, err) &&
                 ask_texts_add(&out, texts->items[i].bytes, texts->items[i].n, err);
        }
    }
    ok = ok && flush(&out, &run, err);
    ask_str_free(&run);
    if (ok) *texts = out;
    return ok;
}

/* Marks become spaces; those of the first token go, as one was put in front of the text. */
static bool apply_metaspace(const ask_decoder *d, ask_texts *texts, ask_error *err)
{
    ask_texts out = {.arena = texts->arena};
    for (size_t i = 0; i < texts->n; i++) {
        ask_bytes t = texts->items[i];
        ask_str text = {0};
        for (size_t at = 0, length; at < t.n; at += length) {
            bool wanted = is_wanted(d, t.bytes + at, t.n - at, &length);
            if (!wanted)
                ask_str_append_bytes(&text, t.bytes + at, length);
            else if (i > 0 || d->prepend == ASK_PREPEND_NEVER)
                ask_str_append_char(&text, ' ');
        }
        if (!add_built(&out, &text, err)) return false;
    }
    *texts = out;
    return true;
}

char *ask_decode(const ask_decoders *d, ask_texts *texts, ask_error *err)
{
    for (size_t i = 0; i < d->n; i++)
        if (!d->items[i].apply(&d->items[i], texts, err)) return NULL;
    ask_str text = {0};
    for (size_t i = 0; i < texts->n; i++) {
        if (d->none && i > 0) ask_str_append_char(&text, ' ');
        ask_str_append_bytes(&text, texts->items[i].bytes, texts->items[i].n);
    }
    return ask_str_take(&text, err);
}

/* ---- how they are read ---- */

typedef enum {
    BYTE_LEVEL,
    BPE_DECODER,
    REPLACE,
    FUSE,
    STRIP,
    BYTE_FALLBACK,
    METASPACE,
    SEQUENCE,
    N_KINDS,
} kind;

static const char *const names[N_KINDS] = {
    [BYTE_LEVEL] = "ByteLevel", [BPE_DECODER] = "BPEDecoder",
    [REPLACE] = "Replace",      [FUSE] = "Fuse",
    [STRIP] = "Strip",          [BYTE_FALLBACK] = "ByteFallback",
    [METASPACE] = "Metaspace",  [SEQUENCE] = "Sequence",
};

static bool (*const appliers[N_KINDS])(const ask_decoder *, ask_texts *, ask_error *) = {
    [BYTE_LEVEL] = apply_byte_level, [BPE_DECODER] = apply_bpe,
    [REPLACE] = apply_replace,       [FUSE] = apply_fuse,
    [STRIP] = apply_strip,           [BYTE_FALLBACK] = apply_byte_fallback,
    [METASPACE] = apply_metaspace,
};

static bool read_fields(ask_decoder *d, kind k, ask_parts *parts, ask_json_value v,
                        ask_error *err)
{
    switch (k) {
    case BPE_DECODER:
        return ask_parts_read_text(&d->content, parts, v, "suffix", err);
    case REPLACE:
        d->pattern = ask_parts_read_pattern(parts, v, err);
        return d->pattern && ask_parts_read_text(&d->content, parts, v, "content", err);
    case STRIP:
        return ask_parts_read_character(&d->character, v, "content", err) &&
               ask_json_get_int(&d->start, v, "start", 0, INT32_MAX, err) &&
               ask_json_get_int(&d->stop, v, "stop", 0, INT32_MAX, err);
    case METASPACE:
        return ask_metaspace_read(&d->character, &d->prepend, v, err);
    default:
        return true;
    }
}

static bool read_sequence(ask_decoders *out, ask_parts *parts, ask_json_value v,
                          ask_error *err)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, v, "decoders", err)) return false;
    for (size_t i = 0; i < ask_json_count(list); i++)
        if (!ask_decoders_read(out, parts, ask_json_item(list, i), err)) return false;
    return true;
}

bool ask_decoders_read(ask_decoders *out, ask_parts *parts, ask_json_value v,
                       ask_error *err)
{
    out->none = ask_json_type_of(v) <= ASK_JSON_NULL && out->n == 0;
    if (ask_json_type_of(v) <= ASK_JSON_NULL) return true;
    size_t row;
    if (!ask_parts_read_type(&row, v, names, N_KINDS, "decoder", err)) return false;
    if (row == SEQUENCE) return read_sequence(out, parts, v, err);
    ask_decoder d = {.apply = appliers[row]};
    if (!read_fields(&d, (kind)row, parts, v, err)) return false;
    out->items = ask_grow(parts->arena, out->items, out->n, &out->capacity, out->n + 1,
                          sizeof *out->items);
    if (!out->items) return ask_fail_memory(err);
    out->items[out->n++] = d;
    return true;
}
