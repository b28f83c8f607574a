#include "text/sentencepiece_priv.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "text/grow_priv.h"
#include "text/vocab_priv.h"

/* A piece of n characters may be made in n - 1 ways, and each is looked for. Published
 * ones have at most 48 characters. */
enum { MAX_PIECE_BYTES = 512 };

/* ---- protobuf ---- */

/* The fields of a message, one after the other. */
typedef struct {
    const char *bytes;
    size_t n, at;
    const char *fault; // what is wrong with them; NULL: nothing
} message;

typedef enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 } wire_type;

typedef struct {
    uint64_t number;
    wire_type type;
    uint64_t value; // VARINT, FIXED64, FIXED32
    message inner;  // BYTES
} field;

static uint64_t read_varint(message *m)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        if (m->at >= m->n) break;
        unsigned char byte = (unsigned char)m->bytes[m->at++];
        if (shift < 64) value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
    m->fault = "ends within a number";
    return 0;
}

static uint64_t read_fixed(message *m, size_t n_bytes)
{
    uint64_t value = 0;
    if (m->n - m->at < n_bytes) {
        m->fault = "ends within a number";
        return 0;
    }
    for (size_t i = 0; i < n_bytes; i++)
        value |= (uint64_t)(unsigned char)m->bytes[m->at++] << 8 * i;
    return value;
}

static message read_inner(message *m)
{
    uint64_t n = read_varint(m);
    if (m->fault || n > m->n - m->at) {
        m->fault = "has a part that goes beyond its end";
        return (message){0};
    }
    message inner = {.bytes = m->bytes + m->at, .n = (size_t)n};
    m->at += (size_t)n;
    return inner;
}

/* The next field; false at the end and at a fault, which stays in the message. */
static bool next_field(message *m, field *f)
{
    if (m->fault || m->at == m->n) return false;
    uint64_t key = read_varint(m);
    *f = (field){.number = key >> 3, .type = (wire_type)(key & 7)};
    switch (f->type) {
    case VARINT:
        f->value = read_varint(m);
        break;
    case FIXED64:
        f->value = read_fixed(m, 8);
        break;
    case BYTES:
        f->inner = read_inner(m);
        break;
    case FIXED32:
        f->value = read_fixed(m, 4);
        break;
    default:
        m->fault = "has a field of no known type";
    }
    return !m->fault;
}

static bool is_field(const field *f, uint64_t number, wire_type type)
{
    return f->number == number && f->type == type;
}

static float float_of(uint64_t value)
{
    uint32_t bits = (uint32_t)value;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- the messages of sentencepiece ---- */

/* What reading needs, and the arrays that grow. */
typedef struct {
    ask_sentencepiece *out;
    ask_arena *arena;
    const char *name;
    size_t capacity;
} reader;

static bool fail(const reader *r, const char *what, ask_error *err)
{
    return ask_fail(err, ASK_ERR_FORMAT, "%s: the sentencepiece model %s", r->name, what);
}

static bool fail_piece(const reader *r, const char *what, ask_error *err)
{
    return ask_fail(err, ASK_ERR_FORMAT, "%s: piece %zu %s", r->name, r->out->n, what);
}

static bool check_piece(const reader *r, const message *text, float score, uint64_t type,
                        ask_error *err)
{
    if (text->n == 0) return fail_piece(r, "is empty", err);
    if (text->n > MAX_PIECE_BYTES) {
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%s: piece %zu has %zu bytes; at most %d are read", r->name,
                        r->out->n, text->n, MAX_PIECE_BYTES);
    }
    if (!ask_utf8_valid(text->bytes, text->n) || memchr(text->bytes, 0, text->n))
        return fail_piece(r, "is not UTF-8, or holds a zero", err);
    if (isnan(score)) return fail_piece(r, "has no number as its score", err);
    if (type == ASK_PIECE_UNUSED) {
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "%s: piece %zu is of the type UNUSED, which is not supported",
                        r->name, r->out->n);
    }
    if (type < ASK_PIECE_NORMAL || type > ASK_PIECE_BYTE)
        return fail_piece(r, "is of no known type", err);
    return true;
}

/* SentencePiece: piece 1, score 2, type 3. */
static bool read_piece(reader *r, message m, ask_error *err)
{
    field f;
    message text = {0};
    float score = 0;
    uint64_t type = ASK_PIECE_NORMAL;
    while (next_field(&m, &f)) {
        if (is_field(&f, 1, BYTES)) text = f.inner;
        if (is_field(&f, 2, FIXED32)) score = float_of(f.value);
        if (is_field(&f, 3, VARINT)) type = f.value;
    }
    if (m.fault) return fail_piece(r, m.fault, err);
    if (!check_piece(r, &text, score, type, err)) return false;
    ask_sentencepiece *out = r->out;
    if (out->n > ASK_VOCAB_MAX_ID) return fail(r, "has too many pieces", err);
    char *copy = ask_arena_strndup(r->arena, text.bytes, text.n);
    ask_scored_piece *pieces =
        ask_grow(r->arena, out->pieces, out->n, &r->capacity, out->n + 1, sizeof *pieces);
    if (!copy || !pieces) return ask_fail_memory(err);
    out->pieces = pieces;
    pieces[out->n++] =
        (ask_scored_piece){copy, (uint32_t)text.n, score, (ask_piece_type)type};
    return true;
}

/* TrainerSpec: model_type 3, treat_whitespace_as_suffix 24, byte_fallback 35. */
static bool read_trainer(reader *r, message m, ask_error *err)
{
    field f;
    while (next_field(&m, &f)) {
        if (is_field(&f, 3, VARINT)) r->out->kind = (ask_sentencepiece_kind)f.value;
        if (is_field(&f, 24, VARINT)) r->out->space_behind = f.value != 0;
        if (is_field(&f, 35, VARINT)) r->out->byte_fallback = f.value != 0;
    }
    return !m.fault || fail(r, m.fault, err);
}

/* NormalizerSpec: precompiled_charsmap 2, add_dummy_prefix 3, remove_extra_whitespaces 4,
 * escape_whitespaces 5. */
static bool read_normalizer(reader *r, message m, ask_error *err)
{
    field f;
    message map = {0};
    while (next_field(&m, &f)) {
        if (is_field(&f, 2, BYTES)) map = f.inner;
        if (is_field(&f, 3, VARINT)) r->out->dummy_space = f.value != 0;
        if (is_field(&f, 4, VARINT)) r->out->remove_spaces = f.value != 0;
        if (is_field(&f, 5, VARINT)) r->out->mark_spaces = f.value != 0;
    }
    if (m.fault) return fail(r, m.fault, err);
    if (map.n == 0) return true;
    char *copy = ask_arena_alloc(r->arena, map.n);
    if (!copy) return ask_fail_memory(err);
    memcpy(copy, map.bytes, map.n);
    r->out->charsmap = copy;
    r->out->n_charsmap = map.n;
    return true;
}

/* A denormalizer that does something changes what decoding gives. */
static bool check_denormalizer(const reader *r, message m, ask_error *err)
{
    field f;
    while (next_field(&m, &f)) {
        if (!is_field(&f, 2, BYTES) || f.inner.n == 0) continue;
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "%s: the sentencepiece model has a denormalizer, which is not "
                        "supported",
                        r->name);
    }
    return !m.fault || fail(r, m.fault, err);
}

/* ModelProto: pieces 1, trainer_spec 2, normalizer_spec 3, denormalizer_spec 5. */
static bool read_model(reader *r, message m, ask_error *err)
{
    field f;
    bool ok = true;
    while (ok && next_field(&m, &f)) {
        if (is_field(&f, 1, BYTES)) ok = read_piece(r, f.inner, err);
        if (is_field(&f, 2, BYTES)) ok = read_trainer(r, f.inner, err);
        if (is_field(&f, 3, BYTES)) ok = read_normalizer(r, f.inner, err);
        if (is_field(&f, 5, BYTES)) ok = check_denormalizer(r, f.inner, err);
    }
    return ok && (!m.fault || fail(r, m.fault, err));
}

/* There must be one unknown piece. */
static bool find_unknown(const reader *r, ask_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < r->out->n; i++) {
        if (r->out->pieces[i].type != ASK_PIECE_UNKNOWN) continue;
        r->out->unknown = i;
        n++;
    }
    return n == 1 || fail(r, "has not one piece of the type UNKNOWN", err);
}

bool ask_sentencepiece_read(ask_sentencepiece *out, ask_arena *arena, const char *bytes,
                            size_t n_bytes, const char *name, ask_error *err)
{
    ask_sentencepiece model = {.kind = ASK_SENTENCEPIECE_UNIGRAM,
                               .dummy_space = true,
                               .remove_spaces = true,
                               .mark_spaces = true};
    reader r = {.out = &model, .arena = arena, .name = name};
    if (!read_model(&r, (message){.bytes = bytes, .n = n_bytes}, err) ||
        !find_unknown(&r, err))
        return false;
    *out = model;
    return true;
}
