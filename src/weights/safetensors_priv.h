/* weights/safetensors_priv.h - what reading and writing share: types and sizes.
 */
#ifndef ASK_WEIGHTS_SAFETENSORS_PRIV_H
#define ASK_WEIGHTS_SAFETENSORS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "weights/weights.h"

#define ASK_SAFETENSORS_NOTES "__metadata__" // the header's key that is no tensor

enum { ASK_SAFETENSORS_MAX_HEADER = 100000000 }; // bytes; the limit of the format's library

/* "F32", ...; NULL for a type that the format does not have. Panels are "U8". */
const char *ask_safetensors_type_name(ask_dtype type);

/* The type of this name; false when we do not know it. */
bool ask_safetensors_type_find(ask_dtype *out, const char *name);

/* Where tensors of a type stand in a written file: lower ranks first. */
int ask_safetensors_type_rank(ask_dtype type);

/* ---- matrices of few bits, which are bytes with a note ---- */

enum {
    ASK_SAFETENSORS_PANELS_ALIGNMENT = 64, // of their data in a written file
    ASK_SAFETENSORS_PANELS_NOTE = 64,      // bytes for a note with its NUL
};

bool ask_safetensors_type_is_panels(ask_dtype type);

/* Whether a note tells such a matrix; it may still be malformed. */
bool ask_safetensors_note_is_of_panels(const char *note);

/* Makes of a tensor of bytes the matrix that its note tells. Fails: ASK_ERR_MODEL, naming
 * tensor and note. */
bool ask_safetensors_read_panels(ask_weights_entry *e, const char *note, const char *path,
                                 ask_error *err);

/* As what a tensor is stored: such a matrix as bytes, any other as it is. */
ask_weights_entry ask_safetensors_stored(const ask_weights_entry *e);

/* The note of such a matrix. */
void ask_safetensors_tell_panels(char note[ASK_SAFETENSORS_PANELS_NOTE],
                                 const ask_weights_entry *e);

#endif
