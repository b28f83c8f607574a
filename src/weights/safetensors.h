/* weights/safetensors.h - checkpoints written in the safetensors format.
 *
 * Reading is weights/weights.h.
 * After: the safetensors format, https://huggingface.co/docs/safetensors. */
#ifndef ASK_WEIGHTS_SAFETENSORS_H
#define ASK_WEIGHTS_SAFETENSORS_H

#include "weights/weights.h"

/* A file being written: its tensors are named first, then their data comes in
 * any order. The bytes of the file depend on the tensors and notes only, not on
 * the order in which the tensors are given; they are those of the format's own
 * library.
 *
 * Matrices of ASK_Q8 and ASK_Q4 are tensors like others here. The format has no
 * such types: in the file they are U8 [panels, bytes of one], and a note of the
 * tensor's name says which: "q8 4096 11008". They come first, at multiples of
 * 64 bytes. */
typedef struct ask_safetensors_writer ask_safetensors_writer;

/* Fails: ASK_ERR_SHAPE for a bad shape, ASK_ERR_USAGE for a bad type, name or
 * note or one that comes twice; ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API ask_safetensors_writer *
ask_safetensors_writer_open(const char *path, const ask_weights_entry *tensors, size_t n,
                            const ask_weights_note *notes, size_t n_notes, ask_error *err);

/* Writes the data of tensor i of those given to open: all its bytes, in C
 * order. Errors stay, so checking commit is enough. */
ASK_API bool ask_safetensors_writer_put(ask_safetensors_writer *w, size_t i,
                                        const void *data, ask_error *err);

/* The same piece by piece, for a tensor that is never whole in memory: writes
 * the next n_bytes of its data. Pieces of other tensors may come between.
 * Together they must not be more than the tensor has. */
ASK_API bool ask_safetensors_writer_put_part(ask_safetensors_writer *w, size_t i,
                                             const void *data, size_t n_bytes,
                                             ask_error *err);

/* Puts the file in its place, all or nothing, and frees w. ASK_ERR_BUG when the
 * data of a tensor never came, or not all of it. */
ASK_API bool ask_safetensors_writer_commit(ask_safetensors_writer *w, ask_error *err);

/* Gives up and frees w. NULL is fine. */
ASK_API void ask_safetensors_writer_abort(ask_safetensors_writer *w);

/* All of it at once: writes the tensors with their data. */
ASK_API bool ask_safetensors_write(const char *path, const ask_weights_entry *tensors,
                                   size_t n, const ask_weights_note *notes, size_t n_notes,
                                   ask_error *err);

#endif
