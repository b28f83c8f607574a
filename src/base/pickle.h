/* base/pickle.h - what Python's pickle wrote, read as data.
 *
 *     ask_pickle *p = ask_pickle_read("features.pkl", NULL, err);
 *     if (!p) goto fail;
 *     const ask_pickle_value *fps = ask_pickle_find(ask_pickle_root(p), "fps");
 *
 * A pickle is a program for a small machine with a stack and a memo, and in Python it can
 * do anything. Here nothing is imported and nothing is executed: the machine makes values,
 * and a name that it meets must be one of a fixed table (ordered dictionaries, sets,
 * NumPy's arrays, scalars and types, plain namespaces) or one that the caller understands.
 * Protocols 0 to 5.
 *
 * Values are plain and read-only. A value may occur in several places, as in Python, but
 * not inside itself. After: Python's pickletools, which lists the opcodes. */
#ifndef ASK_BASE_PICKLE_H
#define ASK_BASE_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "base/npy.h"

typedef enum {
    ASK_PICKLE_NONE,
    ASK_PICKLE_BOOL,    // truth
    ASK_PICKLE_INT,     // integer
    ASK_PICKLE_BIG_INT, // text: an integer beyond 64 bits; little-endian two's complement
    ASK_PICKLE_FLOAT,   // real
    ASK_PICKLE_STRING,  // text: UTF-8; Python 2's byte strings too where they are UTF-8
    ASK_PICKLE_BYTES,   // text: bytes, bytearray, and the other strings of Python 2
    ASK_PICKLE_TUPLE,   // items
    ASK_PICKLE_LIST,    // items
    ASK_PICKLE_SET,     // items in the order of the file
    ASK_PICKLE_DICT,    // items: key, value, key, value, ... in the order of the file
    ASK_PICKLE_ARRAY,   // array; a NumPy scalar is one of no dimensions
    ASK_PICKLE_DTYPE,   // text: a NumPy type as in .npy files, "<f4"
    ASK_PICKLE_NAME,    // text: a class or function, "torch.FloatStorage"
    ASK_PICKLE_CALL,    // items: a NAME of the caller's and the arguments
    ASK_PICKLE_PERSISTENT, // items: the one value by which the caller knows what it means
} ask_pickle_kind;

typedef struct ask_pickle_value ask_pickle_value;
struct ask_pickle_value {
    ask_pickle_kind kind;
    union {
        bool truth;
        int64_t integer;
        double real;
        struct {
            const char *data; // a STRING, DTYPE or NAME ends with a NUL; it may hold others
            size_t n_bytes;
        } text;
        const ask_npy
            *array; // C order, native, aligned; not the caller's to free or change
        struct {
            const ask_pickle_value **at;
            size_t n;
        } items;
    };
};

typedef struct {
    size_t struct_size; // set by ask_pickle_defaults; lets fields be added later
    bool (*knows)(
        const char *name); // whether "module.name" is one of the caller's; NULL: none
    bool persistent;       // whether there may be PERSISTENT values
    int max_depth;         // of values in values
    size_t max_values;     // below 2^32; one that occurs twice counts twice
    size_t max_bytes;      // memory beyond the size of the pickle
} ask_pickle_options;

ASK_API ask_pickle_options ask_pickle_defaults(void); // none, none, 100, 2^25, 2 GiB

/* A pickle that was read: owns all values. Read-only, so threads may share it. */
typedef struct ask_pickle ask_pickle;

/* Reads the pickle at the beginning of these bytes, which are borrowed until
 * ask_pickle_free; name stands in front of messages. *n_used is how long it is; with
 * n_used NULL it must take all bytes. options may be NULL for the defaults.
 * Fails: ASK_ERR_FORMAT with the byte's place, ASK_ERR_UNSUPPORTED (a name or an opcode
 * that is not read, arrays of anything but numbers), ASK_ERR_LIMIT, ASK_ERR_NOMEM. */
ASK_API ask_pickle *ask_pickle_parse(const void *bytes, size_t n_bytes, size_t *n_used,
                                     const char *name, const ask_pickle_options *options,
                                     ask_error *err);

/* The same for a file that is one pickle. It is mapped, not copied. Fails also with
 * ASK_ERR_IO. */
ASK_API ask_pickle *ask_pickle_read(const char *path, const ask_pickle_options *options,
                                    ask_error *err);

ASK_API void ask_pickle_free(ask_pickle *p); // NULL is fine

ASK_API const ask_pickle_value *ask_pickle_root(const ask_pickle *p);

/* Every PERSISTENT value of the pickle, in the order of the file, also of parts that did
 * not come into the root. */
ASK_API size_t ask_pickle_n_persistent(const ask_pickle *p);
ASK_API const ask_pickle_value *ask_pickle_persistent_at(const ask_pickle *p, size_t i);

/* ---- looking; NULL stands for a value that is not there ---- */

/* "a list", "the string", ...: what a value is, for messages. */
ASK_API const char *ask_pickle_kind_name(ask_pickle_kind kind);

/* Whether it is a value of this kind; false for NULL. */
ASK_API bool ask_pickle_is(const ask_pickle_value *v, ask_pickle_kind kind);

/* Whether it is this text, as a STRING, DTYPE or NAME. */
ASK_API bool ask_pickle_is_text(const ask_pickle_value *v, const char *text);

/* The value of a string key of a DICT: as in Python the last one, where it comes twice.
 * NULL when there is none, or v is no DICT. */
ASK_API const ask_pickle_value *ask_pickle_find(const ask_pickle_value *v, const char *key);

/* An item of a TUPLE, LIST, SET, CALL or PERSISTENT; NULL past the end and for others. */
ASK_API const ask_pickle_value *ask_pickle_item(const ask_pickle_value *v, size_t i);

#endif
