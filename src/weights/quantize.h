/* weights/quantize.h - the matrices of a checkpoint in few bits (tensor/quant.h).
 *
 * The source is read, and the new file written, piece by piece: memory is what one tensor
 * of the source takes, 16 MiB and a panel, and 32 rows in f32 for each thread: no more of
 * them work on a matrix than have room in 64 MiB, but one. So it does not grow with the
 * number of tensors, or of threads. */
#ifndef ASK_WEIGHTS_QUANTIZE_H
#define ASK_WEIGHTS_QUANTIZE_H

#include "base/log.h"
#include "weights/weights.h"

typedef struct {
    size_t struct_size;
    ask_dtype type; // ASK_Q8 or ASK_Q4
    /* Whether a matrix of real numbers may become one of few bits. It stays as it is when
     * it would not get smaller. All other tensors stay. */
    bool (*takes)(void *user, const ask_weights_entry *e);
    void *user;
    int n_threads; // 0: one
    const ask_cancel *cancel;
    const ask_progress *progress; // bytes of the source
} ask_weights_quantize_options;

/* Of the tensors alone, without headers. */
typedef struct {
    int64_t n_matrices;                // of few bits
    int64_t n_weights;                 // numbers in them
    int64_t coded_bytes;               // that they take, scales counted
    int64_t bytes_before, bytes_after; // of all tensors
} ask_weights_quantized;

/* What will come of it. */
ASK_API ask_weights_quantized ask_weights_quantized_of(
    const ask_weights *source, const ask_weights_quantize_options *opt);

/* Writes a safetensors file of all tensors and notes of the source, all or nothing. The
 * same source gives the same bytes with any number of threads. Fails: ASK_ERR_MODEL for a
 * number that is not finite or too large for its scale, named; ASK_ERR_IO,
 * ASK_ERR_CANCELLED, ASK_ERR_NOMEM, ASK_ERR_LIMIT without threads. */
ASK_API bool ask_weights_quantize(const char *path, const ask_weights *source,
                                  const ask_weights_quantize_options *opt, ask_error *err);

#endif
