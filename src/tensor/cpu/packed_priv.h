/* tensor/cpu/packed_priv.h - constant matrices, kept in the panels that the matrix product
 * reads.
 *
 * Packed at the second use, for the backend's kernel: new memory costs more than a product
 * that packs on its way, so what is used once is not packed at all. The bits are the same.
 * A matrix has one packed form: the one that was asked for first, so that a model that also
 * runs backwards is not held twice. The pages of a mapped file are given back once they
 * were packed. */
#ifndef ASK_TENSOR_CPU_PACKED_PRIV_H
#define ASK_TENSOR_CPU_PACKED_PRIV_H

#include "tensor/cpu/gemm_priv.h"

/* Sets g->panels for g->b, which is at the start of the view v, if v is constant, was used
 * before and has no other packed form. Without panels g is fine, too, and slower. Fails
 * with ASK_ERR_NOMEM.
 */
bool cpu_packed_use(cpu_backend *c, const ask_view *v, cpu_gemm *g, ask_error *err);

/* Gives the pages of a mapped file back that lie wholly in the first `bytes` bytes of v:
 * what was in them has been packed. Of other buffers: does nothing. */
void cpu_drop_pages(const ask_view *v, int64_t bytes);

/* Drops what was packed from a buffer. */
void cpu_packed_forget(cpu_packed *p, const ask_buffer *buffer);
void cpu_packed_close(cpu_packed *p);

#endif
