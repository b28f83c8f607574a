#include "support/machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cpu.h"

void bench_peak_run(void *peak)
{
    ask_peak_run(peak);
}

bench_machine bench_machine_measure(void)
{
    ask_error err = {0};
    ask_cpu_speed speeds[2];
    const int n_threads[2] = {1, ask_cpu_count()};
    if (!ask_cpu_measure(speeds, n_threads, 2, NULL, NULL, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    return (bench_machine){n_threads[1], speeds[0], speeds[1]};
}
