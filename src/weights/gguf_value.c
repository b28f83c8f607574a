/* Values of the metadata. That they lie in the file was checked when it was opened. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "weights/gguf_priv.h"

static const struct {
    const char *name;
    size_t bytes;
} types[ASK_GGUF_N_TYPES] = {
    [ASK_GGUF_U8] = {"u8", 1},         [ASK_GGUF_I8] = {"i8", 1},
    [ASK_GGUF_U16] = {"u16", 2},       [ASK_GGUF_I16] = {"i16", 2},
    [ASK_GGUF_U32] = {"u32", 4},       [ASK_GGUF_I32] = {"i32", 4},
    [ASK_GGUF_F32] = {"f32", 4},       [ASK_GGUF_BOOL] = {"bool", 1},
    [ASK_GGUF_STRING] = {"string", 0}, [ASK_GGUF_ARRAY] = {"array", 0},
    [ASK_GGUF_U64] = {"u64", 8},       [ASK_GGUF_I64] = {"i64", 8},
    [ASK_GGUF_F64] = {"f64", 8},
};

const char *ask_gguf_type_name(ask_gguf_type type)
{
    return (unsigned)type < ASK_GGUF_N_TYPES ? types[type].name : "?";
}

size_t gguf_type_bytes(ask_gguf_type type)
{
    return (unsigned)type < ASK_GGUF_N_TYPES ? types[type].bytes : 0;
}

uint64_t gguf_number(const uint8_t *at, size_t n_bytes)
{
    uint64_t n = 0;
    for (size_t i = n_bytes; i > 0; i--) n = n << 8 | at[i - 1];
    return n;
}

/* ---- one value ---- */

/* Puts file, key and index in front of what is wrong with a value. */
static bool fail_value(const ask_gguf_value *v, const char *fault, ask_error *err)
{
    const char *path = ask_gguf_path(v->file);
    if (v->index < 0)
        return ask_fail(err, ASK_ERR_MODEL, "%s: key \"%s\": %s", path, v->key, fault);
    return ask_fail(err, ASK_ERR_MODEL, "%s: key \"%s\", item %" PRId64 ": %s", path,
                    v->key, v->index, fault);
}

static bool fail_type(const ask_gguf_value *v, const char *expected, ask_error *err)
{
    ask_error fault;
    ask_fail(&fault, ASK_ERR_MODEL, "expected %s, got a value of type %s", expected,
             ask_gguf_type_name(v->type));
    return fail_value(v, fault.message, err);
}

static bool is_unsigned(ask_gguf_type type)
{
    return type == ASK_GGUF_U8 || type == ASK_GGUF_U16 || type == ASK_GGUF_U32 ||
           type == ASK_GGUF_U64;
}

static bool is_signed(ask_gguf_type type)
{
    return type == ASK_GGUF_I8 || type == ASK_GGUF_I16 || type == ASK_GGUF_I32 ||
           type == ASK_GGUF_I64;
}

/* The integer; of a u64 the bits. */
static int64_t signed_number(const ask_gguf_value *v)
{
    uint64_t bits = gguf_number(v->at, types[v->type].bytes);
    switch (v->type) {
    case ASK_GGUF_I8:
        return (int8_t)bits;
    case ASK_GGUF_I16:
        return (int16_t)bits;
    case ASK_GGUF_I32:
        return (int32_t)bits;
    default:
        return (int64_t)bits;
    }
}

bool ask_gguf_to_int(int64_t *out, const ask_gguf_value *v, int64_t min, int64_t max,
                     ask_error *err)
{
    if (!is_unsigned(v->type) && !is_signed(v->type))
        return fail_type(v, "an integer", err);
    int64_t n = signed_number(v);
    bool is_too_large = v->type == ASK_GGUF_U64 && n < 0; // over 63 bits
    if (is_too_large || n < min || n > max) {
        bool is_negative = n < 0 && !is_too_large;
        uint64_t magnitude = is_negative ? 0 - (uint64_t)n : (uint64_t)n;
        ask_error fault;
        ask_fail(&fault, ASK_ERR_MODEL,
                 "expected an integer from %" PRId64 " to %" PRId64 ", got %s%" PRIu64, min,
                 max, is_negative ? "-" : "", magnitude);
        return fail_value(v, fault.message, err);
    }
    *out = n;
    return true;
}

bool ask_gguf_to_double(double *out, const ask_gguf_value *v, ask_error *err)
{
    double number;
    if (v->type == ASK_GGUF_F32) {
        uint32_t bits = (uint32_t)gguf_number(v->at, sizeof bits);
        float f;
        memcpy(&f, &bits, sizeof f);
        number = (double)f;
    } else if (v->type == ASK_GGUF_F64) {
        uint64_t bits = gguf_number(v->at, sizeof bits);
        memcpy(&number, &bits, sizeof number);
    } else if (is_unsigned(v->type)) {
        number = (double)gguf_number(v->at, types[v->type].bytes);
    } else if (is_signed(v->type)) {
        number = (double)signed_number(v);
    } else {
        return fail_type(v, "a number", err);
    }
    if (!isfinite(number)) return fail_value(v, "the number is not finite", err);
    *out = number;
    return true;
}

bool ask_gguf_to_bool(bool *out, const ask_gguf_value *v, ask_error *err)
{
    if (v->type != ASK_GGUF_BOOL) return fail_type(v, "a truth value", err);
    *out = *v->at != 0;
    return true;
}

bool ask_gguf_to_text(ask_gguf_text *out, const ask_gguf_value *v, ask_error *err)
{
    if (v->type != ASK_GGUF_STRING) return fail_type(v, "a text", err);
    *out = (ask_gguf_text){(const char *)v->at + 8, (size_t)gguf_number(v->at, 8)};
    return true;
}

char *ask_gguf_to_string(const ask_gguf_value *v, ask_error *err)
{
    ask_gguf_text text;
    if (!ask_gguf_to_text(&text, v, err)) return NULL;
    if (memchr(text.data, '\0', text.n_bytes)) {
        fail_value(v, "the text has a NUL in it", err);
        return NULL;
    }
    ask_str copy = {0};
    ask_str_append_bytes(&copy, text.data, text.n_bytes);
    return ask_str_take(&copy, err);
}

bool ask_gguf_text_is(ask_gguf_text text, const char *expected)
{
    return text.n_bytes == strlen(expected) &&
           memcmp(text.data, expected, text.n_bytes) == 0;
}

/* ---- arrays ---- */

void gguf_enter_array(ask_gguf_value *array)
{
    array->item_type = (ask_gguf_type)gguf_number(array->at, 4);
    array->n_items = gguf_number(array->at + 4, 8);
    array->at += 12;
}

/* Bytes of the items of an array, from its first on. The reader allows little nesting. */
static size_t items_bytes(ask_gguf_type type, uint64_t n, const uint8_t *at)
{
    if (types[type].bytes > 0) return (size_t)n * types[type].bytes;
    const uint8_t *next = at;
    for (uint64_t i = 0; i < n; i++) {
        if (type == ASK_GGUF_STRING) {
            next += 8 + gguf_number(next, 8);
        } else {
            ask_gguf_type inner = (ask_gguf_type)gguf_number(next, 4);
            uint64_t n_inner = gguf_number(next + 4, 8);
            next += 12 + items_bytes(inner, n_inner, next + 12);
        }
    }
    return (size_t)(next - at);
}

bool ask_gguf_next(const ask_gguf_value *array, ask_gguf_walk *walk)
{
    if (array->type != ASK_GGUF_ARRAY || walk->n_done >= array->n_items) return false;
    const uint8_t *at = walk->n_done == 0 ? array->at : walk->next;
    ask_gguf_value *item = &walk->item;
    *item = (ask_gguf_value){.file = array->file,
                             .key = array->key,
                             .index = (int64_t)walk->n_done++,
                             .type = array->item_type,
                             .at = at};
    walk->next = at + items_bytes(item->type, 1, at);
    if (item->type == ASK_GGUF_ARRAY) gguf_enter_array(item);
    return true;
}
