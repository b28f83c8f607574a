/* weights/weights.h - the tensors of a checkpoint, whatever files it is in.
 *
 *     ask_weights *w = ask_weights_open("models/clip", err);
 *     if (!w) goto fail;
 *     const ask_weights_entry *e = ask_weights_find(w, "logit_scale");
 *     if (e) ask_dtype_to_f32(e->type, &scale, e->data, 1);
 *
 * Read are, told apart by their content:
 *   - safetensors, https://huggingface.co/docs/safetensors, in which we keep matrices of
 * few bits, too (weights/safetensors.h)
 *   - torch archives (.pt .pth .bin .tar): the zip that torch.save writes
 * since 1.6, and the stream of before; nothing in their pickle is imported or
 * executed (base/pickle.h)
 *   - pickled NumPy arrays (.pkl)
 *   - GGUF of the architectures llama and qwen2; tensors that are known have the names of
 * Hugging Face's classes, others their own (rows of keys and queries lie as in the file,
 * which is another order: weights/gguf_config.h)
 * Files are mapped, so opening costs the reading of the headers, whatever the
 * size of the data. Copied is only what does not lie in C order, and, of archives
 * that were compressed after torch.save wrote them, what the tensors refer to;
 * both are bounded by the size of the file. Everything is checked before it can
 * be used: sizes against shapes and types, and places against the file.
 *
 * What is pickled may be any tree of dictionaries and lists. Of these, the
 * tensors are found so: if the root is a dictionary with one of the keys
 * state_dict, model_state_dict, model, net, module (the first that is there)
 * and a dictionary with tensors under it, that one is the checkpoint; else the
 * whole tree is. A tensor is named by the keys and indices on the way to it,
 * joined by '.'; a tree that is one tensor or array names it "tensor" or
 * "array". Everything else in the tree is passed over. */
#ifndef ASK_WEIGHTS_WEIGHTS_H
#define ASK_WEIGHTS_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "tensor/dtype.h"
#include "weights/gguf.h"

/* One tensor. For writing, only name, type, n_dims, shape and data count. */
typedef struct {
    const char *name; // borrowed, as data is
    ask_dtype type;
    int n_dims; // 0 for a single value
    int64_t shape[ASK_MAX_DIMS];
    const void *data; // C order, or panels of rows (tensor/quant.h); at any address: copy
                      // elements out, do not dereference
    int64_t n_elements;
    size_t bytes;
    int file; // which of several files holds it, for ask_weights_file
} ask_weights_entry;

/* A text that a file's author left in it ("format": "pt"); what tells a tensor's type is
 * none. */
typedef struct {
    const char *key, *value;
} ask_weights_note;

/* Open files; read-only, so threads may share it. */
typedef struct ask_weights ask_weights;

/* Opens a file, or a folder: its model.safetensors, else the files that
 * model.safetensors.index.json names, else pytorch_model.bin, else the files
 * that pytorch_model.bin.index.json names, else the only .tar, else the only
 * .gguf, else the only .safetensors, else the only .bin, .pth or .pt (weights/folder.h).
 * Names in an index that lead out of the folder are refused, and so is a
 * tensor that is not in the file where the index has it, or in two. Fails:
 * ASK_ERR_MODEL for whatever is missing or malformed, with file and tensor;
 * ASK_ERR_NOMEM. */
ASK_API ask_weights *ask_weights_open(const char *path, ask_error *err);

/* Whether a folder has what the above would open. Fails: ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API bool ask_weights_are_in(bool *out, const char *dir, ask_error *err);

/* ask_weights_open with only the tensors under these keys of a pickled tree, joined
 * by '.' and not in their names; "" is the whole tree. NULL is ask_weights_open. Files
 * of other kinds have no tree: under must be NULL or "". */
ASK_API ask_weights *ask_weights_open_under(const char *path, const char *under,
                                            ask_error *err);

/* The same for a file in memory, which is borrowed until close. */
ASK_API ask_weights *ask_weights_parse(const void *bytes, size_t n_bytes, const char *name,
                                       ask_error *err);

/* Adds the tensors of one more file; those with a name that is there already take the place
 * of the older ones. Entries from before are no longer valid. Fails as opening does; w can
 * then only be closed. */
ASK_API bool ask_weights_put_over(ask_weights *w, const char *path, ask_error *err);

/* Ends the life of all entries and their data. NULL is fine. */
ASK_API void ask_weights_close(ask_weights *w);

/* The tensors, file after file in the order of their names, each in the order
 * of its data (safetensors) or of its tree. Of those that share memory each is
 * one of its own. */
ASK_API size_t ask_weights_count(const ask_weights *w);
ASK_API const ask_weights_entry *ask_weights_at(const ask_weights *w, size_t i);

/* The tensor of this name, or NULL. */
ASK_API const ask_weights_entry *ask_weights_find(const ask_weights *w, const char *name);

/* The GGUF file that was opened, for its metadata; NULL: the files are of another kind.
 * Borrowed until close. */
ASK_API const ask_gguf *ask_weights_gguf(const ask_weights *w);

/* What the file calls a tensor that has this name here, and whether that is another name:
 * GGUF files have their own. What is no tensor of the file may be asked for too. */
ASK_API bool ask_weights_own_name(char *out, size_t out_bytes, const ask_weights *w,
                                  const char *name);

/* The path of a file (entry->file). */
ASK_API const char *ask_weights_file(const ask_weights *w, int file);

/* The notes of all safetensors files; one that several repeat comes once for
 * each. */
ASK_API size_t ask_weights_n_notes(const ask_weights *w);
ASK_API ask_weights_note ask_weights_note_at(const ask_weights *w, size_t i);

/* The text of the first note of this key, or NULL. */
ASK_API const char *ask_weights_find_note(const ask_weights *w, const char *key);

/* Lets the system take back the memory of a tensor's data after it was packed
 * elsewhere. */
ASK_API void ask_weights_release(const ask_weights *w, const ask_weights_entry *entry);

#endif
