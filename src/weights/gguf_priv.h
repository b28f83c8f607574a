/* weights/gguf_priv.h - an open GGUF file, and how its header is walked. */
#ifndef ASK_WEIGHTS_GGUF_PRIV_H
#define ASK_WEIGHTS_GGUF_PRIV_H

#include "base/arena.h"
#include "base/map.h"
#include "weights/gguf.h"

struct ask_gguf {
    ask_arena *arena; // path, names, values, tensors
    const char *path;
    ask_map map; // {0} when the bytes are borrowed
    const uint8_t *bytes;
    size_t n_bytes, header_bytes;
    int version;
    ask_gguf_value *values;
    size_t n_values;
    ask_gguf_tensor *tensors;
    size_t n_tensors;
    const ask_gguf_value **values_by_key;    // sorted
    const ask_gguf_tensor **tensors_by_name; // sorted
};

/* The little-endian number in n_bytes bytes, at most 8. */
uint64_t gguf_number(const uint8_t *at, size_t n_bytes);

/* Bytes of a value of this type; 0 for strings, arrays and what is no type. */
size_t gguf_type_bytes(ask_gguf_type type);

/* The name of a number for elements of tensors, "Q4_K", ...; NULL for one that is no type.
 * The ask_dtype that it is; false for one that is not decoded. */
const char *gguf_element_name(uint64_t number);
bool gguf_element_type(ask_dtype *out, uint64_t number);

/* Takes type and number of an array's items from its bytes, and leaves `at` at the first.
 */
void gguf_enter_array(ask_gguf_value *array);

/* Reads the header: values, tensors and where their data is. */
bool gguf_read(ask_gguf *g, ask_error *err);

#endif
