/* base/npy.h - NumPy's file for one array (.npy, versions 1 to 3).
 *
 * Reading gives native byte order and C order (the last index runs fastest), whatever the
 * file has. Arrays of objects, records, text, dates and complex numbers are refused by
 * name. */
#ifndef ASK_BASE_NPY_H
#define ASK_BASE_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "base/str.h"

typedef enum {
    ASK_NPY_BOOL, // one byte, 0 or 1
    ASK_NPY_I1,
    ASK_NPY_I2,
    ASK_NPY_I4,
    ASK_NPY_I8,
    ASK_NPY_U1,
    ASK_NPY_U2,
    ASK_NPY_U4,
    ASK_NPY_U8,
    ASK_NPY_F2, // IEEE half, as its 16 bits
    ASK_NPY_F4,
    ASK_NPY_F8,
    ASK_NPY_N_TYPES,
} ask_npy_type;

enum { ASK_NPY_MAX_DIMS = 8 };

typedef struct {
    ask_npy_type type;
    int n_dims; // 0 for a single value
    int64_t shape[ASK_NPY_MAX_DIMS];
    void *data; // owned; never NULL
    size_t bytes;
} ask_npy;

/* "f4", "bool", ... as in NumPy. */
ASK_API const char *ask_npy_type_name(ask_npy_type type);
ASK_API size_t ask_npy_type_bytes(ask_npy_type type);

/* Whether a file's bytes begin as such a file does. */
ASK_API bool ask_npy_begins(const void *bytes, size_t n_bytes);

/* Reads the array that a file's bytes hold; name stands in front of messages. *out is
 * written only on success and freed with ask_npy_free. Fails: ASK_ERR_FORMAT,
 * ASK_ERR_UNSUPPORTED (element type, more than 8 dimensions, a later version),
 * ASK_ERR_NOMEM. */
ASK_API bool ask_npy_parse(ask_npy *out, const void *bytes, size_t n_bytes,
                           const char *name, ask_error *err);

/* The same for a file. Fails also with ASK_ERR_IO. */
ASK_API bool ask_npy_read(ask_npy *out, const char *path, ask_error *err);

/* Leaves *array {0}; {0} is allowed. */
ASK_API void ask_npy_free(ask_npy *array);

/* Appends to a text of bytes what stands before the data in a version 1 file:
 * little-endian, C order, a multiple of 64 bytes, the same bytes that NumPy writes. */
ASK_API void ask_npy_append_header(ask_str *out, ask_npy_type type, int n_dims,
                                   const int64_t *shape);

/* Writes an array in C order to a file, all or nothing. shape is [n_dims], data holds its
 * product of elements. Fails: ASK_ERR_IO, ASK_ERR_NOMEM, ASK_ERR_SHAPE for a bad shape. */
ASK_API bool ask_npy_write(const char *path, ask_npy_type type, int n_dims,
                           const int64_t *shape, const void *data, ask_error *err);

#endif
