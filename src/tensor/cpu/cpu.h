/* tensor/cpu/cpu.h - the CPU backend: the definition of every op, and its fast form.
 *
 * Computes with a team of threads of its own; convolutions with as many of oneDNN's, which
 * are OpenMP's. One thread at a time uses a backend:
 * for opening and closing stores, planning and running alike, as all of them touch what it
 * keeps (packed weights, prepared convolutions). The same inputs, thread count and
 * instruction set give the same bits. */
#ifndef ASK_TENSOR_CPU_CPU_H
#define ASK_TENSOR_CPU_CPU_H

#include "base/version.h"
#include "tensor/backend.h"

typedef enum {
    ASK_ISA_AUTO,   // the best that this processor has
    ASK_ISA_SCALAR, // the definitions: plain C, no oneDNN
    ASK_ISA_AVX2,
    ASK_ISA_AVX512,
    ASK_ISA_NEON,
} ask_isa;

typedef struct {
    size_t struct_size;
    ask_isa isa;
    int n_threads; // 1 to 1024; 0: the physical cores that the process may use
} ask_cpu_options;

/* opt may be NULL. Fails with ASK_ERR_DEVICE for an instruction set this processor or build
 * lacks. */
ASK_API ask_backend *ask_cpu_open(const ask_cpu_options *opt, ask_error *err);

ASK_API const char *ask_isa_name(ask_isa isa);
ASK_API ask_isa ask_cpu_isa(const ask_backend *cpu); // what AUTO became
ASK_API int ask_cpu_n_threads(const ask_backend *cpu);

/* What convolutions are computed with: oneDNN. */
ASK_API ask_library ask_cpu_library(void);

#endif
