/* base/json.h - read JSON: documents, values, and getters that say what is wrong.
 *
 *     ask_json *config = ask_json_read("config.json", NULL, err);
 *     if (!config) goto fail;
 *     ask_json_value root = ask_json_root(config);
 *     int64_t width;
 *     if (!ask_json_get_int(&width, root, "vision_config.hidden_size", 1, 65536, err))
 *         goto fail; // config.json: key "vision_config.hidden_size": expected ..., got ...
 *
 * A path is keys joined by dots; a number steps into an array ("layers.0.kind"); NULL or ""
 * is the value itself. Keys that may hold dots are reached with ask_json_member and
 * ask_json_next.
 *
 * Accepted is RFC 8259 text in UTF-8, with or without a byte order mark. Refused are
 * repeated keys, NUL inside strings, and NaN or Infinity. An integer beyond 64 bits, which
 * Python's tokenizer files hold as "no limit", is read as a real number. Keys keep their
 * order.
 *
 * The only code that knows jansson. Writing is base/json_write.h. */
#ifndef ASK_BASE_JSON_H
#define ASK_BASE_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/version.h"

/* What reads JSON. */
ASK_API ask_library ask_json_library(void);

/* A parsed document: owns every value and string that the getters give. */
typedef struct ask_json ask_json;

/* One value of a document, or none. Copied freely; dies with the document. The fields are
 * private to json.c. */
typedef struct {
    const ask_json *doc;
    const void *node;   // NULL: there is no such value
    const void *parent; // the object or array that holds it; NULL for the root
    const char *key;    // its key in an object
    size_t index;       // its place in an array
} ask_json_value;

typedef enum {
    ASK_JSON_ABSENT = 0,
    ASK_JSON_NULL,
    ASK_JSON_BOOL,
    ASK_JSON_INT,  // a number without fraction and exponent, within int64_t
    ASK_JSON_REAL, // any other number
    ASK_JSON_STRING,
    ASK_JSON_ARRAY,
    ASK_JSON_OBJECT,
} ask_json_type;

typedef struct {
    size_t max_bytes; // longest text
    int max_depth;    // deepest nesting of objects and arrays
} ask_json_limits;

ASK_API ask_json_limits ask_json_default_limits(void); // 256 MiB, 128 levels

/* Parses a text of a number of bytes; a copy of name stands in front of every message.
 * limits may be NULL for the default. Freed with ask_json_free.
 * Fails: ASK_ERR_FORMAT with "name:line:column:", ASK_ERR_LIMIT, ASK_ERR_NOMEM. */
ASK_API ask_json *ask_json_parse(const char *text, size_t bytes, const char *name,
                                 const ask_json_limits *limits, ask_error *err);

/* Parses a file. Fails also with ASK_ERR_IO. */
ASK_API ask_json *ask_json_read(const char *path, const ask_json_limits *limits,
                                ask_error *err);

ASK_API void ask_json_free(ask_json *doc); // NULL is fine

ASK_API ask_json_value ask_json_root(const ask_json *doc);
ASK_API ask_json_type ask_json_type_of(ask_json_value v);

/* The value at a path; absent when any step of it is. */
ASK_API ask_json_value ask_json_find(ask_json_value v, const char *path);

/* The member of an object with exactly this key, dots and all; or absent. */
ASK_API ask_json_value ask_json_member(ask_json_value v, const char *key);

/* Items of an array or members of an object; 0 for every other value. */
ASK_API size_t ask_json_count(ask_json_value v);

/* An item of an array; absent when past its end. */
ASK_API ask_json_value ask_json_item(ask_json_value v, size_t i);

/* Walks the members of an object in the order of the text:
 *     for (ask_json_walk m = {0}; ask_json_next(object, &m);) use(m.key, m.value); */
typedef struct {
    const char *key; // borrowed from the document
    ask_json_value value;
    void *state; // private to json.c
} ask_json_walk;

ASK_API bool ask_json_next(ask_json_value object, ask_json_walk *walk);

/* The value at a path, which must be there and of the right type. Strings are borrowed from
 * the document. A real number is finite; an integer is accepted for it. Fails:
 * ASK_ERR_FORMAT; *out is untouched. */
ASK_API bool ask_json_get_int(int64_t *out, ask_json_value v, const char *path, int64_t min,
                              int64_t max, ask_error *err);
ASK_API bool ask_json_get_double(double *out, ask_json_value v, const char *path,
                                 ask_error *err);
ASK_API bool ask_json_get_bool(bool *out, ask_json_value v, const char *path,
                               ask_error *err);
ASK_API bool ask_json_get_string(const char **out, ask_json_value v, const char *path,
                                 ask_error *err);
ASK_API bool ask_json_get_array(ask_json_value *out, ask_json_value v, const char *path,
                                ask_error *err);
ASK_API bool ask_json_get_object(ask_json_value *out, ask_json_value v, const char *path,
                                 ask_error *err);

/* The same, but an absent value or a null gives the fallback. A value of the wrong type is
 * still an error. */
ASK_API bool ask_json_opt_int(int64_t *out, ask_json_value v, const char *path, int64_t min,
                              int64_t max, int64_t fallback, ask_error *err);
ASK_API bool ask_json_opt_double(double *out, ask_json_value v, const char *path,
                                 double fallback, ask_error *err);
ASK_API bool ask_json_opt_bool(bool *out, ask_json_value v, const char *path, bool fallback,
                               ask_error *err);
ASK_API bool ask_json_opt_string(const char **out, ask_json_value v, const char *path,
                                 const char *fallback, ask_error *err);

/* Reports a fault that the caller found in a value, with file and key in front:
 *     return ask_json_fail(v, err, "sums to %g, not to 1", sum);
 * Code ASK_ERR_FORMAT. Returns false. */
ASK_API bool ask_json_fail(ask_json_value v, ask_error *err, const char *format, ...)
    ASK_PRINTF(3, 4);

#endif
