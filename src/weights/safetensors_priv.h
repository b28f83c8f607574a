/* weights/safetensors_priv.h - what reading and writing share: types and sizes.
 */
#ifndef ASK_WEIGHTS_SAFETENSORS_PRIV_H
#define ASK_WEIGHTS_SAFETENSORS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "tensor/dtype.h"

#define ASK_SAFETENSORS_NOTES "__metadata__" // the header's key that is no tensor

enum { ASK_SAFETENSORS_MAX_HEADER = 100000000 }; // bytes; the limit of the format's library

/* "F32", ...; NULL for a type that the format does not have. */
const char *ask_safetensors_type_name(ask_dtype type);

/* The type of this name; false when we do not know it. */
bool ask_safetensors_type_find(ask_dtype *out, const char *name);

/* Where tensors of a type stand in a written file: lower ranks first. */
int ask_safetensors_type_rank(ask_dtype type);

#endif
