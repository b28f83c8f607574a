/* tensor/cpu/team_priv.h - the threads that compute together.
 *
 * Unlike those of OpenMP they are of use on a busy machine: whoever is awake takes the
 * parts that nobody has begun, and who waits longer than a moment sleeps, so that its core
 * is free for the one it waits for. */
#ifndef ASK_TENSOR_CPU_TEAM_PRIV_H
#define ASK_TENSOR_CPU_TEAM_PRIV_H

#include "base/error.h"

typedef struct cpu_team cpu_team;

enum { CPU_TEAM_MOST_PARTS = 65535 };

/* The calling thread counts as one of n_threads; the others start when they are first
 * needed, and where the system gives fewer, the work is done by those. */
cpu_team *cpu_team_open(int n_threads, ask_error *err);
void cpu_team_close(cpu_team *t); // NULL is fine

/* Calls part(ctx, i) once for every i in [0, n_parts), on any of the threads at the same
 * time, and returns when all have returned. Within a part, and while another thread is in
 * a call, the caller does all of it alone. */
typedef void (*cpu_team_part)(void *ctx, int i);
void cpu_team_run(cpu_team *t, int n_parts, cpu_team_part part, void *ctx);

#endif
