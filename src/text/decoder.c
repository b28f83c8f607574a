#include "text/decoder_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/byte_level_priv.h"
#include "text/grow_priv.h"

static const char replacement[] = "\xEF\xBF\xBD"; // U+FFFD
enum { N_REPLACEMENT = sizeof replacement - 1 };

/* A text, or a part of one: decoders that join all texts give the one text that they make
 * part by part. Parts are whole characters. */
typedef struct {
    const char *bytes;
    size_t n;
    bool begins, ends;
} part;

/* A decoder at work. */
typedef struct ask_decoder_stage {
    const ask_decoder *decoder; // NULL: what the last decoder gives becomes the text
    ask_str gathered;           // the parts of a text that has not ended
    ask_str held;               // ByteLevel, ByteFallback: bytes; BPEDecoder: the last text
    ask_str made;               // memory for what is given on
    int64_t n_texts;            // that have begun
    int64_t n_left, n_held;     // Strip: how many more may go at the beginning; how many
                                // would go if the text ended here
} stage;

struct ask_decoding {
    const ask_decoders *decoders;
    ask_arena *scratch;
    stage *stages; // one for each decoder, and one more
    ask_str text;
    ask_error fault; // the first one stays
};

static void take(ask_decoding *d, size_t place, part p);

/* ---- what they share ---- */

static void fail_memory(ask_decoding *d)
{
    if (d->fault.code == ASK_OK) ask_fail_memory(&d->fault);
}

static void give(ask_decoding *d, size_t place, part p)
{
    if (d->fault.code == ASK_OK) take(d, place + 1, p);
}

/* Gives what was made as a part, and empties it. */
static void give_made(ask_decoding *d, size_t place, bool begins, bool ends)
{
    stage *s = &d->stages[place];
    if (s->made.failed) fail_memory(d);
    give(d, place, (part){ask_str_text(&s->made), s->made.length, begins, ends});
    ask_str_clear(&s->made);
}

/* Gives what was made as the next part of the one text that a decoder makes. */
static void give_joined(ask_decoding *d, size_t place, bool ends)
{
    stage *s = &d->stages[place];
    bool begins = s->n_texts == 0;
    if (!begins && !ends && s->made.length == 0) return;
    s->n_texts = 1;
    give_made(d, place, begins, ends);
}

/* Whether a text is whole; *p is then all of it. */
static bool gather(ask_decoding *d, stage *s, part *p)
{
    if (p->begins && p->ends) return true;
    if (p->begins) ask_str_clear(&s->gathered);
    ask_str_append_bytes(&s->gathered, p->bytes, p->n);
    if (s->gathered.failed) fail_memory(d);
    if (!p->ends || s->gathered.failed) return false;
    *p = (part){ask_str_text(&s->gathered), s->gathered.length, true, true};
    return true;
}

/* Whether the character at a place is the decoder's. */
static bool is_wanted(const ask_decoder *d, const char *at, size_t n, size_t *length)
{
    uint32_t c = 0;
    *length = (size_t)ask_utf8_decode(&c, at, n);
    return *length > 0 && c == d->character;
}

/* ---- ByteLevel ---- */

/* The bytes that a token's characters stand for; false, with nothing added, when one of
 * them stands for none. */
static bool append_bytes(ask_str *out, part token)
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

/* Whether bytes are the beginning of a character that is not there whole. */
static bool is_beginning(const char *bytes, size_t n)
{
    uint32_t c;
    char trial[4] = {'\x80', '\x80', '\x80', '\x80'};
    if (n == 0 || n > 3) return false;
    if (n == 1) return (unsigned char)*bytes >= 0xC2 && (unsigned char)*bytes <= 0xF4;
    memcpy(trial, bytes, n);
    return (size_t)ask_utf8_decode(&c, trial, sizeof trial) > n;
}

/* Appends bytes as UTF-8, up to the beginning of a character that may yet come, unless all
 * is wanted. Each fault becomes one U+FFFD, and so does a zero, which would end the text.
 * Returns how many bytes were taken. */
static size_t append_repaired(ask_str *out, const char *bytes, size_t n, bool all)
{
    size_t at = 0;
    while (at < n) {
        uint32_t c;
        size_t length = (size_t)ask_utf8_decode(&c, bytes + at, n - at);
        if (length > 0 && c != 0) {
            ask_str_append_bytes(out, bytes + at, length);
        } else {
            if (!all && is_beginning(bytes + at, n - at)) break;
            ask_str_append_bytes(out, replacement, N_REPLACEMENT);
            length = fault_length(bytes + at, n - at);
        }
        at += length;
    }
    return at;
}

static void give_characters(ask_decoding *d, size_t place, bool ends)
{
    stage *s = &d->stages[place];
    ask_str *held = &s->held;
    if (held->failed) fail_memory(d);
    size_t n = append_repaired(&s->made, ask_str_text(held), held->length, ends);
    if (n > 0) {
        memmove(held->data, held->data + n, held->length - n);
        held->length -= n;
        held->data[held->length] = '\0';
    }
    give_joined(d, place, ends);
}

static void take_byte_level(ask_decoding *d, size_t place, part p)
{
    stage *s = &d->stages[place];
    if (!gather(d, s, &p)) return;
    if (!append_bytes(&s->held, p)) ask_str_append_bytes(&s->held, p.bytes, p.n);
    give_characters(d, place, false);
}

static void end_byte_level(ask_decoding *d, size_t place)
{
    give_characters(d, place, true);
}

/* ---- BPEDecoder ---- */

/* The text before the one that comes, its suffixes replaced. */
static void give_word(ask_decoding *d, size_t place, const char *with)
{
    stage *s = &d->stages[place];
    const char *suffix = s->decoder->content, *text = ask_str_text(&s->held);
    size_t n_suffix = strlen(suffix), n = s->held.length;
    for (size_t at = 0; at < n;) {
        bool found =
            n_suffix > 0 && n - at >= n_suffix && memcmp(text + at, suffix, n_suffix) == 0;
        if (found)
            ask_str_append(&s->made, with);
        else
            ask_str_append_char(&s->made, text[at]);
        at += found ? n_suffix : 1;
    }
    give_made(d, place, true, true);
}

static void take_bpe(ask_decoding *d, size_t place, part p)
{
    stage *s = &d->stages[place];
    if (!gather(d, s, &p)) return;
    if (s->n_texts++ > 0) give_word(d, place, " ");
    ask_str_clear(&s->held);
    ask_str_append_bytes(&s->held, p.bytes, p.n);
    if (s->held.failed) fail_memory(d);
}

static void end_bpe(ask_decoding *d, size_t place)
{
    if (d->stages[place].n_texts > 0) give_word(d, place, "");
}

/* ---- Replace ---- */

static void take_replace(ask_decoding *d, size_t place, part p)
{
    stage *s = &d->stages[place];
    if (!gather(d, s, &p)) return;
    ask_arena_reset(d->scratch);
    ask_matches m = {.arena = d->scratch};
    if (p.n > 0 &&
        !ask_matches_of_regex(&m, s->decoder->pattern, p.bytes, (uint32_t)p.n, &d->fault))
        return;
    for (size_t i = 0; i < m.n; i++) {
        const ask_match *k = &m.items[i];
        if (k->found)
            ask_str_append(&s->made, s->decoder->content);
        else
            ask_str_append_bytes(&s->made, p.bytes + k->begin, k->end - k->begin);
    }
    give_made(d, place, true, true);
}

/* ---- Fuse ---- */

static void take_fuse(ask_decoding *d, size_t place, part p)
{
    ask_str_append_bytes(&d->stages[place].made, p.bytes, p.n);
    give_joined(d, place, false);
}

static void end_fuse(ask_decoding *d, size_t place)
{
    give_joined(d, place, true);
}

/* ---- Strip ---- */

static void append_held(stage *s, const char *c, size_t length)
{
    for (; s->n_held > 0; s->n_held--) ask_str_append_bytes(&s->made, c, length);
}

static void take_strip(ask_decoding *d, size_t place, part p)
{
    stage *s = &d->stages[place];
    const ask_decoder *k = s->decoder;
    char wanted[4];
    size_t n_wanted = (size_t)ask_utf8_encode(wanted, k->character);
    if (p.begins) {
        s->n_left = k->start;
        s->n_held = 0;
    }
    for (size_t at = 0, length; at < p.n; at += length) {
        if (is_wanted(k, p.bytes + at, p.n - at, &length)) {
            if (s->n_left > 0)
                s->n_left--;
            else if (s->n_held < k->stop)
                s->n_held++;
            else
                ask_str_append_bytes(&s->made, wanted, n_wanted);
        } else {
            s->n_left = 0;
            append_held(s, wanted, n_wanted);
            ask_str_append_bytes(&s->made, p.bytes + at, length);
        }
    }
    give_made(d, place, p.begins, p.ends);
}

/* ---- ByteFallback ---- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of <0x41>; -1 for other tokens. */
static int byte_of_name(part t)
{
    if (t.n != 6 || memcmp(t.bytes, "<0x", 3) != 0 || t.bytes[5] != '>') return -1;
    int high = digit_of(t.bytes[3]), low = digit_of(t.bytes[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Gives a run of bytes as one text, or, where it is not UTF-8, a U+FFFD for each: so
 * nothing of a run can be given before its end. */
static void end_byte_fallback(ask_decoding *d, size_t place)
{
    stage *s = &d->stages[place];
    const char *run = ask_str_text(&s->held);
    size_t n = s->held.length;
    if (s->held.failed) fail_memory(d);
    if (n == 0) return;
    if (ask_utf8_valid(run, n)) {
        append_repaired(&s->made, run, n, true);
        give_made(d, place, true, true);
    } else {
        for (size_t i = 0; i < n; i++)
            give(d, place, (part){replacement, N_REPLACEMENT, true, true});
    }
    ask_str_clear(&s->held);
}

static void take_byte_fallback(ask_decoding *d, size_t place, part p)
{
    stage *s = &d->stages[place];
    if (!gather(d, s, &p)) return;
    int byte = byte_of_name(p);
    if (byte >= 0) {
        ask_str_append_char(&s->held, (char)byte);
    } else {
        end_byte_fallback(d, place);
        give(d, place, p);
    }
}

/* ---- Metaspace ---- */

/* Marks become spaces; those of the first text go, as one was put in front of the text. */
static void take_metaspace(ask_decoding *d, size_t place, part p)
{
    stage *s = &d->stages[place];
    s->n_texts += p.begins;
    for (size_t at = 0, length; at < p.n; at += length) {
        bool wanted = is_wanted(s->decoder, p.bytes + at, p.n - at, &length);
        if (!wanted)
            ask_str_append_bytes(&s->made, p.bytes + at, length);
        else if (s->n_texts > 1 || s->decoder->prepend == ASK_PREPEND_NEVER)
            ask_str_append_char(&s->made, ' ');
    }
    give_made(d, place, p.begins, p.ends);
}

/* ---- WordPiece ---- */

/* What stands with spaces because it was cut, and what it becomes; one after the other. */
static const char *const cleanups[][2] = {
    {" .", "."},   {" ?", "?"},     {" !", "!"},     {" ,", ","},
    {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
    {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
};

static void append_replaced(ask_str *out, const char *text, const char *what,
                            const char *with)
{
    const char *found;
    for (; (found = strstr(text, what)); text = found + strlen(what)) {
        ask_str_append_bytes(out, text, (size_t)(found - text));
        ask_str_append(out, with);
    }
    ask_str_append(out, text);
}

/* Cleans what was made. */
static void clean_up(stage *s)
{
    for (size_t i = 0; i < sizeof cleanups / sizeof *cleanups; i++) {
        if (!strstr(ask_str_text(&s->made), cleanups[i][0])) continue;
        ask_str_clear(&s->held);
        append_replaced(&s->held, ask_str_text(&s->made), cleanups[i][0], cleanups[i][1]);
        ask_str other = s->made;
        s->made = s->held;
        s->held = other;
    }
}

/* A token goes on the word before it where it begins with the prefix. */
static void take_wordpiece(ask_decoding *d, size_t place, part p)
{
    stage *s = &d->stages[place];
    const char *prefix = s->decoder->content;
    size_t n_prefix = strlen(prefix);
    if (!gather(d, s, &p)) return;
    if (s->n_texts++ > 0) {
        if (p.n >= n_prefix && memcmp(p.bytes, prefix, n_prefix) == 0) {
            p.bytes += n_prefix;
            p.n -= n_prefix;
        } else {
            ask_str_append_char(&s->made, ' ');
        }
    }
    ask_str_append_bytes(&s->made, p.bytes, p.n);
    if (s->decoder->cleanup) clean_up(s);
    give_made(d, place, true, true);
}

/* ---- all of them ---- */

static void end_nothing(ask_decoding *d, size_t place)
{
    (void)d, (void)place;
}

static const struct {
    const char *name;
    void (*take)(ask_decoding *d, size_t place, part p);
    void (*end)(ask_decoding *d, size_t place); // gives what is held back
} kinds[ASK_N_DECODERS] = {
    [ASK_DECODER_BYTE_LEVEL] = {"ByteLevel", take_byte_level, end_byte_level},
    [ASK_DECODER_BPE] = {"BPEDecoder", take_bpe, end_bpe},
    [ASK_DECODER_REPLACE] = {"Replace", take_replace, end_nothing},
    [ASK_DECODER_FUSE] = {"Fuse", take_fuse, end_fuse},
    [ASK_DECODER_STRIP] = {"Strip", take_strip, end_nothing},
    [ASK_DECODER_BYTE_FALLBACK] = {"ByteFallback", take_byte_fallback, end_byte_fallback},
    [ASK_DECODER_METASPACE] = {"Metaspace", take_metaspace, end_nothing},
    [ASK_DECODER_WORDPIECE] = {"WordPiece", take_wordpiece, end_nothing},
};

/* Hands a part to a decoder, or, behind the last, to the text. */
static void take(ask_decoding *d, size_t place, part p)
{
    stage *s = &d->stages[place];
    if (s->decoder) {
        kinds[s->decoder->kind].take(d, place, p);
        return;
    }
    if (d->decoders->none && p.begins && s->n_texts++ > 0)
        ask_str_append_char(&d->text, ' ');
    ask_str_append_bytes(&d->text, p.bytes, p.n);
    if (d->text.failed) fail_memory(d);
}

ask_decoding *ask_decoding_new(const ask_decoders *decoders, ask_error *err)
{
    ask_decoding *d = calloc(1, sizeof *d);
    if (d) {
        d->decoders = decoders;
        d->scratch = ask_arena_new(0);
        d->stages = calloc(decoders->n + 1, sizeof *d->stages);
    }
    if (!d || !d->scratch || !d->stages) {
        ask_decoding_free(d);
        ask_fail_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < decoders->n; i++) d->stages[i].decoder = &decoders->items[i];
    return d;
}

void ask_decoding_free(ask_decoding *d)
{
    if (!d) return;
    for (size_t i = 0; d->stages && i <= d->decoders->n; i++) {
        ask_str_free(&d->stages[i].gathered);
        ask_str_free(&d->stages[i].held);
        ask_str_free(&d->stages[i].made);
    }
    free(d->stages);
    ask_arena_free(d->scratch);
    ask_str_free(&d->text);
    free(d);
}

static bool report(const ask_decoding *d, ask_error *err)
{
    if (d->fault.code != ASK_OK && err) *err = d->fault;
    return d->fault.code == ASK_OK;
}

bool ask_decoding_add(ask_decoding *d, const char *token, size_t n_bytes, ask_error *err)
{
    if (d->fault.code == ASK_OK) take(d, 0, (part){token, n_bytes, true, true});
    return report(d, err);
}

bool ask_decoding_end(ask_decoding *d, ask_error *err)
{
    for (size_t i = 0; i < d->decoders->n && d->fault.code == ASK_OK; i++)
        kinds[d->stages[i].decoder->kind].end(d, i);
    for (size_t i = 0; i <= d->decoders->n; i++) {
        stage *s = &d->stages[i];
        ask_str_clear(&s->held);
        s->n_texts = 0;
    }
    return report(d, err);
}

ask_str *ask_decoding_text(ask_decoding *d)
{
    return &d->text;
}

/* ---- how they are read ---- */

static bool read_fields(ask_decoder *d, ask_decoder_kind k, ask_parts *parts,
                        ask_json_value v, ask_error *err)
{
    switch (k) {
    case ASK_DECODER_BPE:
        return ask_parts_read_text(&d->content, parts, v, "suffix", err);
    case ASK_DECODER_REPLACE:
        d->pattern = ask_parts_read_pattern(parts, v, err);
        return d->pattern && ask_parts_read_text(&d->content, parts, v, "content", err);
    case ASK_DECODER_STRIP:
        return ask_parts_read_character(&d->character, v, "content", err) &&
               ask_json_get_int(&d->start, v, "start", 0, INT32_MAX, err) &&
               ask_json_get_int(&d->stop, v, "stop", 0, INT32_MAX, err);
    case ASK_DECODER_METASPACE:
        return ask_metaspace_read(&d->character, &d->prepend, v, err);
    case ASK_DECODER_WORDPIECE:
        return ask_parts_read_text(&d->content, parts, v, "prefix", err) &&
               ask_json_get_bool(&d->cleanup, v, "cleanup", err);
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
    const char *names[ASK_N_DECODERS + 1] = {[ASK_N_DECODERS] = "Sequence"};
    for (size_t i = 0; i < ASK_N_DECODERS; i++) names[i] = kinds[i].name;
    if (!ask_parts_read_type(&row, v, names, ASK_N_DECODERS + 1, "decoder", err))
        return false;
    if (row == ASK_N_DECODERS) return read_sequence(out, parts, v, err);
    ask_decoder d = {.kind = (ask_decoder_kind)row};
    if (!read_fields(&d, d.kind, parts, v, err)) return false;
    out->items = ask_grow(parts->arena, out->items, out->n, &out->capacity, out->n + 1,
                          sizeof *out->items);
    if (!out->items) return ask_fail_memory(err);
    out->items[out->n++] = d;
    return true;
}
