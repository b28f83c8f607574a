#include "support/table.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cpu.h"

void bench_table_open(const char *title, const bench_machine *machine)
{
    ask_cpu_features cpu = ask_cpu_features_read();
    printf("%s\n", title);
    printf("  %s (%s)\n", cpu.model, cpu.isa);
    printf("  f32 peak %.0f GFLOP/s on 1 thread, %.0f on %d; memory read %.1f GB/s, %.1f\n",
           machine->one.peak_gflops, machine->all.peak_gflops, machine->n_threads,
           machine->one.read_gb_s, machine->all.read_gb_s);
}

void bench_table_row(const char *what, double value, const char *unit, const char *remark,
                     ...)
{
    printf("  %-44s %10.4g %-8s", what, value, unit);
    if (remark) {
        va_list args;
        va_start(args, remark);
        putchar(' ');
        vprintf(remark, args);
        va_end(args);
    }
    putchar('\n');
    fflush(stdout);
}
