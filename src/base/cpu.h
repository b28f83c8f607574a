/* base/cpu.h - what the processor offers to this process. */
#ifndef ASK_BASE_CPU_H
#define ASK_BASE_CPU_H

#include <stdbool.h>

#include "base/api.h"

/* Physical cores this process may use, at least 1: the cores behind its affinity mask
 * (hardware threads of one core count once), no more than its cgroup quota (v1 or v2,
 * rounded up). */
ASK_API int ask_cpu_count(void);

typedef struct {
    bool avx2, fma, f16c; // x86-64, and the system saves the registers
    bool avx512f, avx512bw, avx512dq, avx512vl, avx512vnni; // x86-64, likewise
    bool neon;                                              // AArch64
    char isa[64];   // what is true above, "avx2 fma f16c"; "scalar" when nothing is
    char model[64]; // the maker's name for the processor, or "unknown"
} ask_cpu_features;

/* Asks the processor; slow in a virtual machine, so ask once and keep the answer. */
ASK_API ask_cpu_features ask_cpu_features_read(void);

#endif
