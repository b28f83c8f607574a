/* tensor/backend.h - where tensors live and who computes with them.
 *
 * A backend owns memory and runs nodes. Nobody but the backend itself may dereference what
 * is in its buffers: everyone else copies in with `upload` and out with `download`. The CPU
 * backend is in cpu/cpu.h; a graph may be planned over several backends, in order of
 * preference, and a node runs on the first one that supports it. */
#ifndef ASK_TENSOR_BACKEND_H
#define ASK_TENSOR_BACKEND_H

#include "base/error.h"
#include "tensor/dtype.h"

typedef struct ask_backend ask_backend;

/* A piece of a backend's memory. `handle` means something to that backend only. */
typedef struct {
    ask_backend *backend;
    void *handle;
    size_t bytes;
    bool constant; // never written after it was made: may be packed into another layout
    bool borrowed; // memory of somebody else, not freed here
    bool mapped; // pages of a mapped file: may be dropped, and come back when they are read
} ask_buffer;

/* A strided window into a buffer: what a node reads or writes. */
typedef struct {
    ask_buffer *buffer; // NULL: this optional source is absent
    size_t offset_bytes;
    ask_dtype type;
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    int64_t stride[ASK_MAX_DIMS]; // in elements
} ask_view;

enum { ASK_MAX_SRC = 8 };

/* One operation, ready to run. `op` and `params` are those of tensor/op_priv.h. */
typedef struct {
    int op;
    const void *params;
    int n_src;
    ask_view src[ASK_MAX_SRC];
    ask_view out;
    ask_view scratch; // scratch_bytes() bytes, contents undefined before and after
} ask_node;

/* Every function may be called from one thread at a time. */
struct ask_backend {
    const char *name;

    /* Fills *out with `bytes` bytes (0 is allowed), 64-byte aligned, contents undefined. */
    bool (*alloc)(ask_backend *b, size_t bytes, ask_buffer *out, ask_error *err);

    /* Makes a constant buffer over memory of the host that outlives it, without copying.
     * `mapped`: the pages are those of a mapped file and may be dropped and read again.
     * NULL: this backend cannot; the caller allocates and uploads instead. */
    bool (*borrow)(ask_backend *b, const void *data, size_t bytes, bool mapped,
                   ask_buffer *out, ask_error *err);

    void (*free)(ask_backend *b, ask_buffer *buffer);
    bool (*upload)(ask_buffer *dst, size_t offset, const void *src, size_t bytes,
                   ask_error *err);
    bool (*download)(const ask_buffer *src, size_t offset, void *dst, size_t bytes,
                     ask_error *err);

    bool (*supports)(ask_backend *b, const ask_node *node);
    size_t (*scratch_bytes)(ask_backend *b, const ask_node *node);
    bool (*run)(ask_backend *b, const ask_node *node, ask_error *err);
    bool (*synchronise)(ask_backend *b, ask_error *err);

    void (*close)(ask_backend *b);
};

/* Closes a backend. Its buffers must be freed before. NULL is allowed. */
ASK_API void ask_backend_close(ask_backend *b);

#endif
