/* weights/gguf.h - GGUF files: tensors in blocks of few bits, with all that belongs to
 * them.
 *
 *     ask_gguf *g = ask_gguf_open("model.gguf", err);
 *     if (!g) goto fail;
 *     int64_t n_layers;
 *     const ask_gguf_value *v = ask_gguf_need(g, "llama.block_count", err);
 *     if (!v || !ask_gguf_to_int(&n_layers, v, 1, 1000, err)) goto fail;
 *
 * Read are versions 2 and 3, little-endian. The file is mapped: opening costs the reading
 * of its header, whatever the size of the data. All of the header is checked before it can
 * be used: lengths and places against the file, sizes of tensors against their types.
 * After: the GGUF format, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. */
#ifndef ASK_WEIGHTS_GGUF_H
#define ASK_WEIGHTS_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "tensor/dtype.h"

/* An open file; read-only, so threads may share it. */
typedef struct ask_gguf ask_gguf;

/* Opens a file. Fails: ASK_ERR_MODEL for one that is missing, malformed, or has tensors of
 * a type that is not decoded; ASK_ERR_NOMEM. */
ASK_API ask_gguf *ask_gguf_open(const char *path, ask_error *err);

/* The same for a file in memory, which is borrowed until close. */
ASK_API ask_gguf *ask_gguf_parse(const void *bytes, size_t n_bytes, const char *name,
                                 ask_error *err);

/* Whether a file begins as one. Fails: ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API bool ask_gguf_sniff(bool *out, const char *path, ask_error *err);

/* Ends the life of all values, tensors and their data. NULL is fine. */
ASK_API void ask_gguf_close(ask_gguf *g);

ASK_API const char *ask_gguf_path(const ask_gguf *g);
ASK_API int ask_gguf_version(const ask_gguf *g);

/* All that stands before the data: metadata, names, types and shapes. */
ASK_API const void *ask_gguf_header(const ask_gguf *g, size_t *n_bytes);

/* ---- metadata ---- */

/* The numbers that files have. */
typedef enum {
    ASK_GGUF_U8 = 0,
    ASK_GGUF_I8,
    ASK_GGUF_U16,
    ASK_GGUF_I16,
    ASK_GGUF_U32,
    ASK_GGUF_I32,
    ASK_GGUF_F32,
    ASK_GGUF_BOOL,
    ASK_GGUF_STRING,
    ASK_GGUF_ARRAY,
    ASK_GGUF_U64,
    ASK_GGUF_I64,
    ASK_GGUF_F64,
    ASK_GGUF_N_TYPES,
} ask_gguf_type;

/* A value of the metadata, or an item of an array. It points into the file. */
typedef struct {
    const ask_gguf *file;
    const char *key; // of an item: the array's
    int64_t index;   // of an item; -1 for the value of a key
    ask_gguf_type type;
    ask_gguf_type item_type; // of an array
    uint64_t n_items;        // of an array
    const uint8_t *at;       // its bytes; a string's begin with their length
} ask_gguf_value;

/* A text as it is in the file: UTF-8 by agreement, which is not checked; no NUL behind it.
 */
typedef struct {
    const char *data;
    size_t n_bytes;
} ask_gguf_text;

/* "u32", "string", ... */
ASK_API const char *ask_gguf_type_name(ask_gguf_type type);

/* The values in the order of the file. */
ASK_API size_t ask_gguf_n_values(const ask_gguf *g);
ASK_API const ask_gguf_value *ask_gguf_value_at(const ask_gguf *g, size_t i);

/* The value of a key. find: NULL without one; need: fails, ASK_ERR_MODEL. */
ASK_API const ask_gguf_value *ask_gguf_find(const ask_gguf *g, const char *key);
ASK_API const ask_gguf_value *ask_gguf_need(const ask_gguf *g, const char *key,
                                            ask_error *err);

/* A value as what the caller expects: an integer of any type within limits, a finite real
 * number or an integer, a truth value, a text. Fails: ASK_ERR_MODEL, with file and key. */
ASK_API bool ask_gguf_to_int(int64_t *out, const ask_gguf_value *v, int64_t min,
                             int64_t max, ask_error *err);
ASK_API bool ask_gguf_to_double(double *out, const ask_gguf_value *v, ask_error *err);
ASK_API bool ask_gguf_to_bool(bool *out, const ask_gguf_value *v, ask_error *err);
ASK_API bool ask_gguf_to_text(ask_gguf_text *out, const ask_gguf_value *v, ask_error *err);

/* A text with a NUL behind it, freed with free(). Fails: ASK_ERR_MODEL also for one with a
 * NUL in it; ASK_ERR_NOMEM. */
ASK_API char *ask_gguf_to_string(const ask_gguf_value *v, ask_error *err);

/* Whether a text is this one. */
ASK_API bool ask_gguf_text_is(ask_gguf_text text, const char *expected);

/* Walks the items of an array in order; any other value has none:
 *     for (ask_gguf_walk w = {0}; ask_gguf_next(array, &w);) use(&w.item); */
typedef struct {
    ask_gguf_value item;
    uint64_t n_done;
    const uint8_t *next;
} ask_gguf_walk;

ASK_API bool ask_gguf_next(const ask_gguf_value *array, ask_gguf_walk *walk);

/* ---- tensors ---- */

typedef struct {
    const char *name;
    ask_dtype type;              // one that is decoded
    int n_dims;                  // 0 for a single value
    int64_t shape[ASK_MAX_DIMS]; // outermost first, the reverse of the file's order
    const void *data; // rows of the innermost dimension are whole blocks; at any address
    int64_t n_elements;
    size_t bytes;
} ask_gguf_tensor;

/* The tensors in the order of the file; the one of a name, or NULL. */
ASK_API size_t ask_gguf_n_tensors(const ask_gguf *g);
ASK_API const ask_gguf_tensor *ask_gguf_tensor_at(const ask_gguf *g, size_t i);
ASK_API const ask_gguf_tensor *ask_gguf_find_tensor(const ask_gguf *g, const char *name);

/* Decodes all n_elements of a tensor, in C order. */
ASK_API void ask_gguf_decode(float *dst, const ask_gguf_tensor *tensor);

/* Lets the system take back the memory of a tensor's data after it was packed elsewhere. */
ASK_API void ask_gguf_release(const ask_gguf *g, const ask_gguf_tensor *tensor);

#endif
