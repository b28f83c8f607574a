/* weights/safetensors.h - checkpoints in files of the safetensors format.
 *
 *     ask_safetensors *w = ask_safetensors_open("models/clip", err);
 *     if (!w) goto fail;
 *     const ask_safetensors_entry *e = ask_safetensors_find(w, "logit_scale");
 *     if (e) ask_dtype_to_f32(e->type, &scale, e->data, 1);
 *
 * A file is the length of a header (8 bytes), the header (a JSON object: name -> dtype,
 * shape, data_offsets) and the data, little-endian and packed. Files are mapped, so opening
 * costs the reading of the headers, whatever the size of the data. Everything is checked
 * before it can be used: sizes against shapes and types, places against the file, and that
 * the tensors cover the data without overlap and without holes, as the format demands.
 * After: the safetensors format, https://huggingface.co/docs/safetensors. */
#ifndef ASK_WEIGHTS_SAFETENSORS_H
#define ASK_WEIGHTS_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "tensor/dtype.h"

/* One tensor. For writing, only name, type, n_dims, shape and data count. */
typedef struct {
    const char *name; // borrowed, as data is
    ask_dtype type;
    int n_dims; // 0 for a single value
    int64_t shape[ASK_MAX_DIMS];
    const void *data; // C order, at any address: copy elements out, do not dereference
    int64_t n_elements;
    size_t bytes;
    int file; // which of several files holds it, for ask_safetensors_file
} ask_safetensors_entry;

/* A text that a file's author left in it ("format": "pt"). */
typedef struct {
    const char *key, *value;
} ask_safetensors_note;

/* ---- reading ---- */

/* Open files; read-only, so threads may share it. */
typedef struct ask_safetensors ask_safetensors;

/* Opens a file, or a folder with model.safetensors or else with the files that
 * model.safetensors.index.json names. Names in the index that lead out of the folder are
 * refused, and so is a tensor that is not in the file where the index has it, or in two.
 * Fails: ASK_ERR_MODEL for whatever is missing or malformed, with file and tensor;
 * ASK_ERR_NOMEM. */
ASK_API ask_safetensors *ask_safetensors_open(const char *path, ask_error *err);

/* The same for a file in memory, which is borrowed until close. */
ASK_API ask_safetensors *ask_safetensors_parse(const void *bytes, size_t n_bytes,
                                               const char *name, ask_error *err);

/* Ends the life of all entries and their data. NULL is fine. */
ASK_API void ask_safetensors_close(ask_safetensors *s);

/* The tensors, in the order of the data, file after file in the order of their names. */
ASK_API size_t ask_safetensors_count(const ask_safetensors *s);
ASK_API const ask_safetensors_entry *ask_safetensors_at(const ask_safetensors *s, size_t i);

/* The tensor of this name, or NULL. */
ASK_API const ask_safetensors_entry *ask_safetensors_find(const ask_safetensors *s,
                                                          const char *name);

/* The path of a file (entry->file). */
ASK_API const char *ask_safetensors_file(const ask_safetensors *s, int file);

/* The notes of all files; one that several files repeat comes once for each. */
ASK_API size_t ask_safetensors_n_notes(const ask_safetensors *s);
ASK_API ask_safetensors_note ask_safetensors_note_at(const ask_safetensors *s, size_t i);

/* Lets the system take back the memory of a tensor's data after it was packed elsewhere. */
ASK_API void ask_safetensors_release(const ask_safetensors *s,
                                     const ask_safetensors_entry *entry);

/* ---- writing ---- */

/* A file being written: its tensors are named first, then their data comes in any order.
 * The bytes of the file depend on the tensors and notes only, not on the order in which the
 * tensors are given; they are those of the format's own library. */
typedef struct ask_safetensors_writer ask_safetensors_writer;

/* Fails: ASK_ERR_SHAPE for a bad shape, ASK_ERR_USAGE for a bad type, name or note or one
 * that comes twice; ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API ask_safetensors_writer *
ask_safetensors_writer_open(const char *path, const ask_safetensors_entry *tensors,
                            size_t n, const ask_safetensors_note *notes, size_t n_notes,
                            ask_error *err);

/* Writes the data of tensor i of those given to open: all its bytes, in C order. Errors
 * stay, so checking commit is enough. */
ASK_API bool ask_safetensors_writer_put(ask_safetensors_writer *w, size_t i,
                                        const void *data, ask_error *err);

/* The same piece by piece, for a tensor that is never whole in memory: writes the next
 * n_bytes of its data. Pieces of other tensors may come between. Together they must not be
 * more than the tensor has. */
ASK_API bool ask_safetensors_writer_put_part(ask_safetensors_writer *w, size_t i,
                                             const void *data, size_t n_bytes,
                                             ask_error *err);

/* Puts the file in its place, all or nothing, and frees w. ASK_ERR_BUG when the data of a
 * tensor never came, or not all of it. */
ASK_API bool ask_safetensors_writer_commit(ask_safetensors_writer *w, ask_error *err);

/* Gives up and frees w. NULL is fine. */
ASK_API void ask_safetensors_writer_abort(ask_safetensors_writer *w);

/* All of it at once: writes the tensors with their data. */
ASK_API bool ask_safetensors_write(const char *path, const ask_safetensors_entry *tensors,
                                   size_t n, const ask_safetensors_note *notes,
                                   size_t n_notes, ask_error *err);

#endif
