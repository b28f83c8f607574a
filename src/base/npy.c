#include "base/npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/map.h"
#include "base/npy_priv.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "base/npy.c writes arrays as they lie in memory, which must be little-endian"
#endif

static const struct {
    const char *name;
    char kind; // the letter and the size in a file's type code
    int bytes;
} types[ASK_NPY_N_TYPES] = {
    [ASK_NPY_BOOL] = {"bool", 'b', 1}, [ASK_NPY_I1] = {"i1", 'i', 1},
    [ASK_NPY_I2] = {"i2", 'i', 2},     [ASK_NPY_I4] = {"i4", 'i', 4},
    [ASK_NPY_I8] = {"i8", 'i', 8},     [ASK_NPY_U1] = {"u1", 'u', 1},
    [ASK_NPY_U2] = {"u2", 'u', 2},     [ASK_NPY_U4] = {"u4", 'u', 4},
    [ASK_NPY_U8] = {"u8", 'u', 8},     [ASK_NPY_F2] = {"f2", 'f', 2},
    [ASK_NPY_F4] = {"f4", 'f', 4},     [ASK_NPY_F8] = {"f8", 'f', 8},
};

static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

const char *ask_npy_type_name(ask_npy_type type)
{
    return types[type].name;
}

size_t ask_npy_type_bytes(ask_npy_type type)
{
    return (size_t)types[type].bytes;
}

void ask_npy_free(ask_npy *array)
{
    free(array->data);
    *array = (ask_npy){0};
}

bool ask_npy_begins(const void *bytes, size_t n_bytes)
{
    return n_bytes >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

bool npy_array_bytes(size_t *out, ask_npy_type type, int n_dims, const int64_t *shape)
{
    size_t bytes = ask_npy_type_bytes(type);
    bool is_empty = false;
    for (int i = 0; i < n_dims; i++) {
        if (shape[i] < 0) return false;
        if (shape[i] == 0) {
            is_empty = true;
        } else if (!ask_mul_size(&bytes, bytes, (size_t)shape[i])) {
            return false;
        }
    }
    if (bytes > INT64_MAX) return false;
    *out = is_empty ? 0 : bytes;
    return true;
}

/* ---- the header: a Python dictionary of three entries ---- */

typedef struct {
    char descr[32]; // the type code
    bool fortran_order;
    int n_dims;
    int64_t shape[ASK_NPY_MAX_DIMS];
    bool has_descr, has_fortran_order, has_shape;
} header;

/* What is left of the dictionary's text, and for whom. */
typedef struct {
    const char *at, *end;
    const char *name;
    ask_error *err;
} scanner;

static bool malformed(scanner *s, const char *expected)
{
    return ask_fail(s->err, ASK_ERR_FORMAT, "%s: malformed .npy header: expected %s",
                    s->name, expected);
}

static void skip_space(scanner *s)
{
    while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at) s->at++;
}

/* Takes a character, after spaces, if it comes next. */
static bool take(scanner *s, char c)
{
    skip_space(s);
    if (s->at == s->end || *s->at != c) return false;
    s->at++;
    return true;
}

static bool take_word(scanner *s, const char *word)
{
    skip_space(s);
    size_t n = strlen(word);
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0) return false;
    s->at += n;
    return true;
}

/* Takes a quoted text of fewer than size characters without escapes. */
static bool take_string(scanner *s, char *out, size_t size)
{
    char quote = '\'';
    if (!take(s, quote)) {
        quote = '"';
        if (!take(s, quote)) return false;
    }
    const char *begin = s->at;
    const char *close = memchr(begin, quote, (size_t)(s->end - begin));
    if (!close || (size_t)(close - begin) >= size ||
        memchr(begin, '\\', (size_t)(close - begin)))
        return false;
    memcpy(out, begin, (size_t)(close - begin));
    out[close - begin] = '\0';
    s->at = close + 1;
    return true;
}

static bool take_size(scanner *s, int64_t *out)
{
    skip_space(s);
    const char *begin = s->at;
    int64_t value = 0;
    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
        if (!ask_mul_i64(&value, value, 10) || !ask_add_i64(&value, value, *s->at - '0'))
            return false;
    }
    if (s->at == begin) return false;
    take(s, 'L'); // Python 2 wrote long integers so
    *out = value;
    return true;
}

/* Takes "(3, 4)", "(3,)" or "()". */
static bool take_shape(scanner *s, header *h)
{
    if (!take(s, '(')) return malformed(s, "a shape in parentheses");
    h->n_dims = 0;
    while (!take(s, ')')) {
        if (h->n_dims == ASK_NPY_MAX_DIMS) {
            return ask_fail(s->err, ASK_ERR_UNSUPPORTED, "%s: more than %d dimensions",
                            s->name, ASK_NPY_MAX_DIMS);
        }
        if (!take_size(s, &h->shape[h->n_dims]))
            return malformed(s, "a size within 63 bits");
        h->n_dims++;
        if (take(s, ',')) continue;
        if (!take(s, ')')) return malformed(s, "',' or ')' in the shape");
        break;
    }
    h->has_shape = true;
    return true;
}

static bool take_entry(scanner *s, header *h)
{
    char key[32];
    if (!take_string(s, key, sizeof key)) return malformed(s, "a key in quotes");
    if (!take(s, ':')) return malformed(s, "':' behind a key");
    if (strcmp(key, "shape") == 0)
        return h->has_shape ? malformed(s, "each key once") : take_shape(s, h);
    if (strcmp(key, "descr") == 0) {
        if (h->has_descr) return malformed(s, "each key once");
        if (take(s, '[')) {
            return ask_fail(s->err, ASK_ERR_UNSUPPORTED,
                            "%s: an array of records; save one field at a time", s->name);
        }
        h->has_descr = take_string(s, h->descr, sizeof h->descr);
        return h->has_descr || malformed(s, "a type code in quotes");
    }
    if (strcmp(key, "fortran_order") == 0) {
        if (h->has_fortran_order) return malformed(s, "each key once");
        h->fortran_order = take_word(s, "True");
        h->has_fortran_order = h->fortran_order || take_word(s, "False");
        return h->has_fortran_order || malformed(s, "True or False");
    }
    return malformed(s, "descr, fortran_order or shape");
}

static bool parse_dictionary(scanner *s, header *h)
{
    if (!take(s, '{')) return malformed(s, "'{'");
    while (!take(s, '}')) {
        if (!take_entry(s, h)) return false;
        if (take(s, ',')) continue;
        if (!take(s, '}')) return malformed(s, "',' or '}'");
        break;
    }
    skip_space(s);
    if (s->at < s->end) return malformed(s, "nothing behind '}'");
    if (!h->has_descr) return malformed(s, "descr");
    if (!h->has_fortran_order) return malformed(s, "fortran_order");
    return h->has_shape || malformed(s, "shape");
}

bool npy_parse_descr(ask_npy_type *type, bool *is_big_endian, const char *descr,
                     const char *name, ask_error *err)
{
    bool has_order = descr[0] && strchr("<>=|", descr[0]);
    const char *code = has_order ? descr + 1 : descr;
    for (int t = 0; t < ASK_NPY_N_TYPES; t++) {
        if (code[0] == types[t].kind && code[1] == '0' + types[t].bytes &&
            code[2] == '\0') {
            *type = (ask_npy_type)t;
            *is_big_endian = descr[0] == '>';
            return true;
        }
    }
    const char *what = code[0] == 'O'                     ? "Python objects"
                       : code[0] == 'U' || code[0] == 'S' ? "text"
                       : code[0] == 'c'                   ? "complex numbers"
                                                          : "another type";
    return ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: holds %s (type '%s'); numbers of 1 to 8 bytes and bool are read",
                    name, what, descr);
}

/* ---- the data ---- */

static void swap_bytes(uint8_t *data, size_t n, size_t element_bytes)
{
    for (size_t i = 0; i < n; i++, data += element_bytes) {
        for (size_t b = 0; b < element_bytes / 2; b++) {
            uint8_t low = data[b];
            data[b] = data[element_bytes - 1 - b];
            data[element_bytes - 1 - b] = low;
        }
    }
}

/* Copies an array whose first index runs fastest to one whose last index does. Counts
 * through the target in order, keeping the place of the same element in the source. */
static void copy_from_fortran(uint8_t *to, const uint8_t *from, const ask_npy *array)
{
    size_t element = ask_npy_type_bytes(array->type);
    size_t stride[ASK_NPY_MAX_DIMS]; // bytes of a step along each index in the source
    int64_t index[ASK_NPY_MAX_DIMS] = {0};
    size_t step = element;
    for (int d = 0; d < array->n_dims; d++) {
        stride[d] = step;
        step *= (size_t)array->shape[d];
    }
    for (size_t done = 0; done < array->bytes; done += element) {
        memcpy(to + done, from, element);
        for (int d = array->n_dims - 1; d >= 0; d--) {
            from += stride[d];
            if (++index[d] < array->shape[d]) break;
            from -= stride[d] * (size_t)array->shape[d];
            index[d] = 0;
        }
    }
}

void npy_copy_elements(const ask_npy *array, const void *from, bool fortran_order,
                       bool is_big_endian)
{
    if (fortran_order) {
        copy_from_fortran(array->data, from, array);
    } else {
        memcpy(array->data, from, array->bytes);
    }
    size_t element = ask_npy_type_bytes(array->type);
    if (is_big_endian) swap_bytes(array->data, array->bytes / element, element);
    if (array->type == ASK_NPY_BOOL) {
        for (uint8_t *b = array->data, *end = b + array->bytes; b < end; b++) *b = *b != 0;
    }
}

/* Splits a file into the dictionary's text and the data behind it. */
static bool find_parts(scanner *dictionary, const uint8_t **data, const uint8_t *file,
                       size_t n_bytes, const char *name, ask_error *err)
{
    if (!ask_npy_begins(file, n_bytes))
        return ask_fail(err, ASK_ERR_FORMAT, "%s: not a .npy file", name);
    if (n_bytes < 10)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: truncated in the header", name);
    int version = file[6];
    if (version < 1 || version > 3) {
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "%s: .npy version %d.%d; 1 to 3 are read",
                        name, version, file[7]);
    }
    size_t begin = version == 1 ? 10 : 12;
    size_t length = (size_t)file[8] | (size_t)file[9] << 8;
    if (version > 1 && n_bytes >= begin)
        length |= (size_t)file[10] << 16 | (size_t)file[11] << 24;
    if (n_bytes < begin || length > n_bytes - begin)
        return ask_fail(err, ASK_ERR_FORMAT, "%s: truncated in the header", name);
    const char *text = (const char *)file + begin;
    *dictionary = (scanner){.at = text, .end = text + length, .name = name, .err = err};
    *data = file + begin + length;
    return true;
}

/* Fills array->data from the there bytes of a file. */
static bool load_data(ask_npy *array, const uint8_t *data, size_t there, const header *h,
                      bool is_big_endian, const char *name, ask_error *err)
{
    if (!npy_array_bytes(&array->bytes, array->type, array->n_dims, array->shape) ||
        array->bytes > there) {
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: truncated: the shape needs more than the %zu bytes of data",
                        name, there);
    }
    if (array->bytes < there) {
        return ask_fail(err, ASK_ERR_FORMAT, "%s: %zu bytes of data, the shape needs %zu",
                        name, there, array->bytes);
    }
    array->data = malloc(array->bytes + 1); // never of size 0
    if (!array->data) return ask_fail_memory(err);
    npy_copy_elements(array, data, h->fortran_order, is_big_endian);
    return true;
}

bool ask_npy_parse(ask_npy *out, const void *bytes, size_t n_bytes, const char *name,
                   ask_error *err)
{
    scanner dictionary;
    const uint8_t *data = NULL;
    if (!find_parts(&dictionary, &data, bytes, n_bytes, name, err)) return false;
    header h = {0};
    if (!parse_dictionary(&dictionary, &h)) return false;

    ask_npy array = {.n_dims = h.n_dims};
    memcpy(array.shape, h.shape, sizeof array.shape);
    bool is_big_endian = false;
    if (!npy_parse_descr(&array.type, &is_big_endian, h.descr, name, err)) return false;
    size_t there = n_bytes - (size_t)(data - (const uint8_t *)bytes);
    if (!load_data(&array, data, there, &h, is_big_endian, name, err)) return false;
    *out = array;
    return true;
}

bool ask_npy_read(ask_npy *out, const char *path, ask_error *err)
{
    ask_map map;
    if (!ask_map_open(&map, path, err)) return false;
    bool ok = ask_npy_parse(out, map.data, map.n_bytes, path, err);
    ask_map_close(&map);
    return ok;
}

/* ---- writing ---- */

void ask_npy_append_header(ask_str *out, ask_npy_type type, int n_dims,
                           const int64_t *shape)
{
    ask_str text = {0};
    char order = types[type].bytes == 1 ? '|' : '<';
    ask_str_printf(&text, "{'descr': '%c%c%d', 'fortran_order': False, 'shape': (", order,
                   types[type].kind, types[type].bytes);
    for (int i = 0; i < n_dims; i++) {
        ask_str_printf(&text, "%s%lld", i > 0 ? ", " : "", (long long)shape[i]);
    }
    ask_str_append(&text, n_dims == 1 ? ",), }" : "), }");
    // NumPy leaves room for the first size to grow to 20 digits.
    int digits = n_dims > 0 ? ask_format(NULL, 0, "%lld", (long long)shape[0]) : 21;
    for (int i = digits; i < 21; i++) ask_str_append_char(&text, ' ');
    while ((10 + text.length + 1) % 64 != 0 && !text.failed)
        ask_str_append_char(&text, ' ');
    ask_str_append_char(&text, '\n');

    uint8_t fixed[10] = {
        [6] = 1, [8] = (uint8_t)text.length, [9] = (uint8_t)(text.length >> 8)};
    memcpy(fixed, magic, sizeof magic);
    ask_str_append_bytes(out, fixed, sizeof fixed);
    ask_str_append(out, ask_str_text(&text));
    out->failed |= text.failed;
    ask_str_free(&text);
}

bool ask_npy_write(const char *path, ask_npy_type type, int n_dims, const int64_t *shape,
                   const void *data, ask_error *err)
{
    size_t bytes;
    if (n_dims < 0 || n_dims > ASK_NPY_MAX_DIMS ||
        !npy_array_bytes(&bytes, type, n_dims, shape))
        return ask_fail(err, ASK_ERR_SHAPE, "%s: not a shape for a .npy file", path);
    ask_str header_text = {0};
    ask_npy_append_header(&header_text, type, n_dims, shape);
    size_t header_bytes = header_text.length;
    char *head = ask_str_take(&header_text, err);
    if (!head) return false;
    ask_file_writer *w = ask_file_writer_open(path, err);
    bool ok = w != NULL;
    if (w) {
        ask_file_writer_write(w, head, header_bytes, err);
        ask_file_writer_write(w, data, bytes, err);
        ok = ask_file_writer_commit(w, err);
    }
    free(head);
    return ok;
}
